/* What programs call: sends it to usbfs, to FunctionFS or on to the C library. */
#define _GNU_SOURCE
#include "bus.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define DESCRIPTORS 65536
enum { OTHERS, USBFS, ENDPOINT };
static uint8_t kind[DESCRIPTORS], number[DESCRIPTORS]; /* of the handle or the endpoint */
static int flags_of[DESCRIPTORS];

struct real real;
static ssize_t (*real_writev)(int, const struct iovec *, int);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_ioctl)(int, unsigned long, ...);
static void *(*real_mmap)(void *, size_t, int, int, int, off_t);
static int (*real_munmap)(void *, size_t);

static void *symbol(const char *name) { return dlsym(RTLD_NEXT, name); }

/* May be called before this library's own beginning, by those of others. */
__attribute__((constructor)) static void begin(void) {
  if (real.open != NULL) return;
  real_openat = symbol("openat"), real_ioctl = symbol("ioctl"), real_mmap = symbol("mmap"), real_munmap = symbol("munmap"), real_writev = symbol("writev");
  real.close = symbol("close"), real.read = symbol("read"), real.write = symbol("write"), real.syscall = symbol("syscall");
  real.open = symbol("open");
}

static inline int is(int fd) { return fd >= 0 && fd < DESCRIPTORS ? kind[fd] : OTHERS; }

/* A descriptor, -1 with errno, or -2 where the path is not ours. */
static int opened(const char *path, int flags) {
  static const char *const folders[] = {FFS_FOLDERS};
  int fd = -2;
  if (path == NULL || strncmp(path, "/dev/", 5) != 0) return fd;
  if (strncmp(path, "/dev/bus/usb/", 13) == 0) {
    fd = initiator_open(path);
    if (fd < 0) return fd;
    kind[fd] = USBFS;
    for (int i = 0; i < HANDLES; i += 1)
      if (bus->handle[i].event.fd == fd && bus->handle[i].event.pid == getpid()) number[fd] = (uint8_t)i;
    return fd;
  }
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i += 1) {
    size_t n = strlen(folders[i]);
    if (strncmp(path, folders[i], n) != 0 || strncmp(path + n, "ep", 2) != 0) continue;
    fd = responder_open(path + n + 2, flags);
    if (fd < 0) return fd;
    kind[fd] = ENDPOINT, number[fd] = (uint8_t)(path[n + 2] - '0'), flags_of[fd] = flags;
  }
  return fd;
}

#define MODE(flags) \
  mode_t mode = 0; \
  if (flags & (O_CREAT | __O_TMPFILE)) { va_list list; va_start(list, flags); mode = va_arg(list, mode_t); va_end(list); }
#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    MODE(flags) \
    begin(); \
    int fd = opened(path, flags); \
    return fd != -2 ? fd : real.open(path, flags, mode); \
  }
#define OPENAT(name) \
  int name(int at, const char *path, int flags, ...) { \
    MODE(flags) \
    begin(); \
    int fd = opened(path, flags); \
    return fd != -2 ? fd : real_openat(at, path, flags, mode); \
  }
OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)
int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags) { return open(path, flags); }
int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags) { return open(path, flags); }

int close(int fd) {
  begin();
  int what = is(fd);
  if (what != OTHERS) kind[fd] = OTHERS;
  if (what == USBFS) initiator_close(fd, number[fd]);
  if (what == ENDPOINT && bus->ep0.pid == getpid()) responder_close(number[fd]);
  return real.close(fd);
}

int ioctl(int fd, unsigned long request, ...) {
  va_list list;
  va_start(list, request);
  void *argument = va_arg(list, void *);
  va_end(list);
  begin();
  switch (is(fd)) {
  case USBFS: return initiator_ioctl(fd, number[fd], request, argument);
  case ENDPOINT: return responder_ioctl(number[fd], request, argument);
  default: return real_ioctl(fd, request, argument);
  }
}

int fcntl(int fd, int command, ...);

ssize_t read(int fd, void *bytes, size_t length) {
  begin();
  switch (is(fd)) {
  case USBFS: return initiator_read(fd, bytes, length, -1);
  case ENDPOINT: return responder_read(number[fd], bytes, length, flags_of[fd]);
  default: return real.read(fd, bytes, length);
  }
}

ssize_t write(int fd, const void *bytes, size_t length) {
  begin();
  return is(fd) == ENDPOINT ? responder_write(number[fd], bytes, length, flags_of[fd]) : real.write(fd, bytes, length);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  begin();
  if (is(fd) != ENDPOINT) return real_writev(fd, parts, count);
  size_t total = 0;
  for (int i = 0; i < count; i += 1) total += parts[i].iov_len;
  uint8_t *all = malloc(total + 1), *end = all;
  for (int i = 0; i < count; end += parts[i].iov_len, i += 1) memcpy(end, parts[i].iov_base, parts[i].iov_len);
  ssize_t done = responder_write(number[fd], all, total, flags_of[fd]);
  free(all);
  return done;
}

void *mmap(void *at, size_t length, int protection, int flags, int fd, off_t offset) {
  begin();
  return is(fd) == USBFS ? initiator_map(length, protection) : real_mmap(at, length, protection, flags, fd, offset);
}
void *mmap64(void *at, size_t length, int protection, int flags, int fd, off_t offset) { return mmap(at, length, protection, flags, fd, offset); }
int munmap(void *at, size_t length) {
  begin();
  initiator_unmap(at);
  return real_munmap(at, length);
}

static int endpoint_of(int fd) { return is(fd) == ENDPOINT ? number[fd] : -1; }

/* Linux AIO has no functions in the C library. */
long syscall(long call, ...) {
  va_list list;
  long a[6];
  va_start(list, call);
  for (int i = 0; i < 6; i += 1) a[i] = va_arg(list, long);
  va_end(list);
  begin();
  if (bus != NULL && bus->ep0.pid == getpid()) switch (call) {
    case SYS_io_setup: *(unsigned long *)a[1] = 1; return 0;
    case SYS_io_destroy: return 0;
    case SYS_io_submit: return aio_submit(a[1], (void **)a[2], endpoint_of);
    case SYS_io_cancel: return aio_cancel((void *)a[1]);
    case SYS_io_getevents: return aio_events(a[1], a[2], (void *)a[3], (const struct timespec *)a[4]);
    }
  return real.syscall(call, a[0], a[1], a[2], a[3], a[4], a[5]);
}
