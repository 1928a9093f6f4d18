/* The memory of the bus: slots, handles, plugging, and how one process wakes another. */
#define _GNU_SOURCE
#include "bus.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <linux/usb/functionfs.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#if defined __x86_64__ || defined __i386__
#define cpu_relax() __builtin_ia32_pause()
#else
#define cpu_relax() __asm__ volatile("" ::: "memory")
#endif

struct bus *bus;
uint8_t *bus_memory;
int bus_fd = -1;

void die(const char *what) {
  fprintf(stderr, "usb-bus: %s: %s\n", what, strerror(errno));
  abort();
}

static void map_bus(void) {
  void *memory = (void *)real.syscall(SYS_mmap, NULL, BUS_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, bus_fd, 0L);
  if (memory == MAP_FAILED) die("mmap of " BUS_FILE);
  bus_memory = memory;
  bus = memory;
}

/* 0, or -1 where there is no bus. */
int bus_attach(void) {
  struct stat info;
  if (bus != NULL) return 0;
  int fd = real.open(BUS_FILE, O_RDWR | O_CLOEXEC);
  if (fd < 0) return -1;
  if (fstat(fd, &info) != 0 || (uint64_t)info.st_size != BUS_BYTES) {
    real.close(fd);
    return -1;
  }
  bus_fd = fd;
  map_bus();
  return 0;
}

void bus_create(void) {
  pthread_mutexattr_t kind;
  unlink(BUS_FILE);
  bus_fd = real.open(BUS_FILE, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (bus_fd < 0 || ftruncate(bus_fd, BUS_BYTES) != 0) die(BUS_FILE);
  map_bus();
  pthread_mutexattr_init(&kind);
  pthread_mutexattr_setpshared(&kind, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&kind, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&bus->lock, &kind);
  pthread_mutex_init(&bus->plugging, &kind);
  bus->setup_slot = -1;
  bus->device = 1;
  bus->speed = 480;
}

uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* 0 or an errno. `ns` 0: without a limit. */
long futex_wait(volatile uint32_t *word, uint32_t value, uint64_t ns) {
  struct timespec limit = {(time_t)(ns / 1000000000u), (long)(ns % 1000000000u)};
  return real.syscall(SYS_futex, word, FUTEX_WAIT, value, ns == 0 ? NULL : &limit, NULL, 0) == 0 ? 0 : errno;
}
void futex_wake(volatile uint32_t *word) { real.syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, NULL, NULL, 0); }

static void take(pthread_mutex_t *mutex) {
  int problem = EBUSY;
  for (int i = 0; i < 200 && problem == EBUSY; i += 1) {
    problem = pthread_mutex_trylock(mutex);
    if (problem == EBUSY) cpu_relax();
  }
  if (problem == EBUSY) problem = pthread_mutex_lock(mutex);
  /* Its owner was killed. Slots are whole at every moment. */
  if (problem == EOWNERDEAD) pthread_mutex_consistent(mutex);
}
/* Held for about a microsecond, often by whoever has just woken this thread: so it is tried for a while first. */
void lock(void) { take(&bus->lock); }
void unlock(void) { pthread_mutex_unlock(&bus->lock); }

/* ---- event files of other processes ---- */

/* Makes this process's eventfd and says in `where` where others find it. */
int own_event(struct remote *where, unsigned initial, int flags) {
  static int generations;
  int fd = eventfd(initial, EFD_NONBLOCK | EFD_CLOEXEC | flags);
  if (fd < 0) die("eventfd");
  where->pid = getpid();
  where->fd = fd;
  where->generation = (int)(now() >> 10) + __sync_add_and_fetch(&generations, 1);
  return fd;
}

/* That file in this process. The lock is held. */
static int borrowed(const struct remote *where) {
  static struct { struct remote what; int fd; } known[64];
  static unsigned next;
  if (where->pid == getpid()) return where->fd;
  for (int i = 0; i < 64; i += 1)
    if (known[i].what.generation == where->generation && known[i].what.pid == where->pid) return known[i].fd;
  unsigned at = next++ % 64;
  int process = (int)real.syscall(SYS_pidfd_open, where->pid, 0);
  if (known[at].what.pid != 0 && known[at].fd >= 0) real.close(known[at].fd);
  known[at].what = *where;
  known[at].fd = process < 0 ? -1 : (int)real.syscall(SYS_pidfd_getfd, process, where->fd, 0);
  if (process >= 0) real.close(process);
  return known[at].fd;
}

void event_add(struct remote *where) {
  uint64_t one = 1;
  int fd = where->pid == 0 ? -1 : borrowed(where);
  if (fd >= 0 && real.write(fd, &one, 8) < 0) {}
}
void event_take(struct remote *where) {
  uint64_t value;
  int fd = where->pid == 0 ? -1 : borrowed(where);
  if (fd >= 0 && real.read(fd, &value, 8) < 0) {}
}

/* ---- slots; the lock is held ---- */

struct slot *slot_take(int handle, int endpoint, uint32_t length) {
  for (int i = 0; i < SLOTS; i += 1) {
    struct slot *s = &bus->slot[i];
    if (s->state != FREE) continue;
    memset(s, 0, sizeof *s);
    s->handle = (uint8_t)handle, s->endpoint = (uint8_t)endpoint, s->length = length;
    s->offset = AREAS + (uint64_t)i * USBFS_MEMORY;
    s->ticket = bus->tickets++;
    if (i >= bus->top) bus->top = i + 1;
    return s;
  }
  return NULL;
}

void slot_give(struct slot *slot) {
  slot->state = FREE;
  while (bus->top > 0 && bus->slot[bus->top - 1].state == FREE) bus->top -= 1;
}

/* The oldest that waits for the responder. What a dead initiator left is dropped, as the kernel does when it dies. */
struct slot *slot_next(int endpoint) {
  for (;;) {
    struct slot *found = NULL;
    for (int i = 0; i < bus->top; i += 1) {
      struct slot *s = &bus->slot[i];
      if (s->endpoint == endpoint && (s->state == QUEUED || s->state == ACTIVE) && (found == NULL || s->ticket < found->ticket)) found = s;
    }
    if (found == NULL || found->handle == NOBODY || !handle_is_dead(found->handle)) return found;
    handle_clear(found->handle);
  }
}

/* The one that was completed first, of those to be reaped. */
struct slot *slot_done(int handle) {
  struct slot *found = NULL;
  for (int i = 0; i < bus->top; i += 1) {
    struct slot *s = &bus->slot[i];
    if (s->state == DONE && s->handle == handle && !s->is_sync && (found == NULL || s->ticket < found->ticket)) found = s;
  }
  return found;
}

void slot_finish(struct slot *slot, int status) {
  struct handle *h = &bus->handle[slot->handle];
  bus->transfers[slot->endpoint] += 1;
  bus->bytes[slot->endpoint] += slot->actual;
  if (slot->handle == NOBODY) {
    slot_give(slot);
    return;
  }
  slot->status = status;
  slot->ticket = bus->tickets++;
  slot->state = DONE;
  if (slot->is_sync) futex_wake(&slot->state);
  else if (!h->is_ready) {
    h->is_ready = 1;
    event_take(&h->event);
  }
}

void slot_cancel(struct slot *slot) {
  if (slot->state == ACTIVE) slot->is_cancelled = 1;
  if (slot->state != QUEUED) return;
  bus->cancelled += 1;
  slot_finish(slot, -ENOENT);
}

/* ---- handles; the lock is held ---- */

int handle_is_dead(int handle) {
  struct handle *h = &bus->handle[handle];
  return !h->is_open || (h->event.pid != getpid() && kill(h->event.pid, 0) != 0 && errno == ESRCH);
}

/* Closes it. A transfer that a living thread is busy with is given back by that thread. */
void handle_clear(int handle) {
  int is_own = bus->handle[handle].event.pid == getpid();
  for (int i = 0; i < SLOTS; i += 1) {
    struct slot *s = &bus->slot[i];
    if (s->handle != handle) continue;
    if (s->state == ACTIVE) s->is_cancelled = 1, s->handle = NOBODY;
    else if (s->state != FREE && !(s->state == TAKEN && is_own)) slot_give(s);
  }
  memset(&bus->handle[handle], 0, sizeof bus->handle[handle]);
}

/* ---- endpoints; the lock is held ---- */

/* Whether somebody waits for it and has to be woken; better without the lock. */
int endpoint_touch(int endpoint) {
  bus->endpoint[endpoint].changes += 1;
  return bus->endpoint[endpoint].waiters > 0;
}
void endpoint_changed(int endpoint) {
  if (endpoint_touch(endpoint)) futex_wake(&bus->endpoint[endpoint].changes);
}

/* Completes all that is there; what the responder's thread is busy with is completed by that thread, if there is one. */
void endpoint_fail(int endpoint, int status) {
  for (int i = 0; i < SLOTS; i += 1) {
    struct slot *s = &bus->slot[i];
    if (s->endpoint != endpoint || (s->state != QUEUED && s->state != ACTIVE)) continue;
    if (s->state == ACTIVE && bus->ready) s->is_cancelled = 1;
    else slot_finish(s, status);
  }
}

/* ---- the device; the lock is held ---- */

void ffs_event(int type) {
  if (bus->events == EVENTS) return;
  bus->event[bus->events++] = (uint8_t)type;
  event_add(&bus->ep0);
}

static void tell_monitors(int is_added) {
  bus->news[bus->news_count % 256].device = bus->device;
  bus->news[bus->news_count % 256].is_added = is_added;
  bus->news_count += 1;
  for (int i = 0; i < MONITORS; i += 1) event_add(&bus->monitor[i]);
}

static void stop_transfers(void) {
  bus->generation += 1;
  for (int i = 0; i < ENDPOINTS; i += 1) {
    bus->endpoint[i].is_halted = 0;
    endpoint_fail(i, -ESHUTDOWN);
    endpoint_changed(i);
  }
  memset(&bus->in, 0, sizeof bus->in);
  memset(&bus->out, 0, sizeof bus->out);
  bus->setup_slot = -1;
}

/* Attaches or detaches the device, after the cable or the responder has changed. Without the lock. */
void device_update(void) {
  take(&bus->plugging);
  lock();
  uint32_t attached = bus->cable && bus->ready;
  if (attached && !bus->attached) {
    bus->device = bus->device % 127 + 1; /* addresses on a USB bus; libusb takes none above 255 */
    unlock();
    sysfs_appear();
    lock();
    bus->attached = 1;
    stop_transfers();
    for (int i = 1; i < ENDPOINTS; i += 1) bus->endpoint[i].owes_shutdown = 0;
    ffs_event(FUNCTIONFS_BIND);
    ffs_event(FUNCTIONFS_ENABLE);
    tell_monitors(1);
  } else if (!attached && bus->attached) {
    bus->attached = 0;
    stop_transfers();
    /* A responder that is just between two transfers has one with a real controller, which queues the next meanwhile. */
    for (int i = 1; i < ENDPOINTS; i += 1) bus->endpoint[i].owes_shutdown = !bus->endpoint[i].is_busy;
    if (bus->ready) ffs_event(FUNCTIONFS_DISABLE), ffs_event(FUNCTIONFS_UNBIND);
    unlock();
    sysfs_vanish(bus->device);
    lock();
    tell_monitors(0);
  }
  unlock();
  pthread_mutex_unlock(&bus->plugging);
}

/* As the initiator asks for it: same device, everything under way is lost, and so are claims. */
void device_reset(void) {
  stop_transfers();
  for (int i = 0; i < HANDLES; i += 1) bus->handle[i].claimed = 0;
  ffs_event(FUNCTIONFS_DISABLE);
  ffs_event(FUNCTIONFS_ENABLE);
}
