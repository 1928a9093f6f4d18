/*
 * A responder that sends back what it gets, on FunctionFS with Linux AIO, as Android's does: several reads queued, their
 * completions through an eventfd. `echo sync` does the same with read and write.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/usb/ch9.h>
#include <linux/usb/functionfs.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FOLDER "/dev/ffs-mtp/"
enum { DEPTH = 4, LENGTH = 16384 };

#define ENDPOINT(address, kind, size) \
  {.bLength = 7, .bDescriptorType = USB_DT_ENDPOINT, .bEndpointAddress = address, .bmAttributes = kind, .wMaxPacketSize = size, .bInterval = 6}
struct one { struct usb_interface_descriptor face; struct usb_endpoint_descriptor_no_audio in, out, events; } __attribute__((packed));
static const struct one FACE = {{.bLength = 9, .bDescriptorType = USB_DT_INTERFACE, .bNumEndpoints = 3, .bInterfaceClass = 6, .bInterfaceSubClass = 1, .bInterfaceProtocol = 1, .iInterface = 1},
                                ENDPOINT(0x81, 2, 512), ENDPOINT(0x02, 2, 512), ENDPOINT(0x83, 3, 28)};

static void must(int holds, const char *what) {
  if (holds) return;
  perror(what);
  exit(1);
}

static int begin(void) {
  struct { struct usb_functionfs_descs_head_v2 head; uint32_t count; struct one one; } __attribute__((packed)) descriptors = {
      {FUNCTIONFS_DESCRIPTORS_MAGIC_V2, sizeof descriptors, FUNCTIONFS_HAS_HS_DESC}, 4, FACE};
  struct { struct usb_functionfs_strings_head head; uint16_t language; char text[4]; } __attribute__((packed)) strings = {
      {FUNCTIONFS_STRINGS_MAGIC, sizeof strings, 1, 1}, 0x409, "MTP"};
  int ep0 = open(FOLDER "ep0", O_RDWR);
  must(ep0 >= 0, "ep0");
  must(write(ep0, &descriptors, sizeof descriptors) == sizeof descriptors, "descriptors");
  must(write(ep0, &strings, sizeof strings) == sizeof strings, "strings");
  return ep0;
}

/* Until `type` has come; a class request is answered: with its value where data is wanted, else refused. */
static void events_until(int ep0, int type) {
  struct usb_functionfs_event event;
  do {
    must(read(ep0, &event, sizeof event) == sizeof event, "event");
    if (event.type == FUNCTIONFS_SETUP) {
      if (event.u.setup.bRequestType & USB_DIR_IN) must(write(ep0, &event.u.setup.wValue, 2) == 2, "answer");
      else must(write(ep0, NULL, 0) < 0 && errno == EL2HLT, "refusal");
    }
    printf("event %d\n", event.type), fflush(stdout);
  } while (event.type != type);
}

/* Each data phase that is whole packets is ended by an empty one. */
static void echo_sync(int in, int out, int ep0) {
  uint8_t bytes[LENGTH];
  for (;;) {
    struct pollfd p = {ep0, POLLIN, 0};
    ssize_t n = read(out, bytes, sizeof bytes);
    if (n < 0) {
      printf("read: %s\n", strerror(errno)), fflush(stdout);
      /* nothing is left to do but to hear why */
      events_until(ep0, FUNCTIONFS_ENABLE);
      continue;
    }
    if (n == 4 && memcmp(bytes, "halt", 4) == 0) {
      must(read(in, bytes, 1) < 0 && errno == EBADMSG, "halt");
      continue;
    }
    if (n == 5 && memcmp(bytes, "setup", 5) == 0) {
      while (poll(&p, 1, 5000) == 1) events_until(ep0, FUNCTIONFS_SETUP);
      continue;
    }
    if (write(in, bytes, n) != n || (n % 512 == 0 && write(in, bytes, 0) != 0)) printf("write: %s\n", strerror(errno)), fflush(stdout);
  }
}

static void echo_aio(int in, int out) {
  static uint8_t bytes[DEPTH][LENGTH];
  static struct iocb blocks[DEPTH + 1];
  aio_context_t context = 0;
  int told = eventfd(0, 0);
  must(syscall(SYS_io_setup, 16, &context) == 0, "io_setup");
  for (int i = 0; i <= DEPTH; i += 1) {
    struct iocb *b = &blocks[i];
    b->aio_fildes = i < DEPTH ? out : in, b->aio_lio_opcode = i < DEPTH ? IOCB_CMD_PREAD : IOCB_CMD_PWRITE;
    b->aio_flags = IOCB_FLAG_RESFD, b->aio_resfd = told, b->aio_data = i;
    if (i == DEPTH) continue;
    b->aio_buf = (uintptr_t)bytes[i], b->aio_nbytes = LENGTH;
    must(syscall(SYS_io_submit, context, 1L, &b) == 1, "io_submit");
  }
  for (;;) {
    uint64_t count;
    struct io_event ended;
    must(read(told, &count, 8) == 8, "eventfd");
    for (; count > 0; count -= 1) {
      must(syscall(SYS_io_getevents, context, 1L, 1L, &ended, NULL) == 1, "io_getevents");
      struct iocb *block = (struct iocb *)(uintptr_t)ended.obj;
      if (ended.res < 0) {
        printf("%s: %s\n", ended.data < DEPTH ? "read" : "write", strerror((int)-ended.res)), fflush(stdout);
        continue;
      }
      if (ended.data == DEPTH) continue;
      if (ended.res == 6 && memcmp(bytes[ended.data], "cancel", 6) == 0) {
        /* the last of those queued */
        struct iocb *last = &blocks[(ended.data + DEPTH - 1) % DEPTH];
        must(syscall(SYS_io_cancel, context, last, &ended) < 0 && errno == EINPROGRESS, "io_cancel");
        continue;
      }
      struct iocb *answer = &blocks[DEPTH];
      answer->aio_buf = block->aio_buf, answer->aio_nbytes = ended.res;
      must(syscall(SYS_io_submit, context, 1L, &answer) == 1, "io_submit");
      if (ended.res % 512 == 0) answer->aio_nbytes = 0, must(syscall(SYS_io_submit, context, 1L, &answer) == 1, "io_submit");
      must(syscall(SYS_io_submit, context, 1L, &block) == 1, "io_submit");
    }
  }
}

int main(int argc, char **argv) {
  int ep0 = begin();
  events_until(ep0, FUNCTIONFS_ENABLE);
  int in = open(FOLDER "ep1", O_RDWR), out = open(FOLDER "ep2", O_RDWR);
  must(in >= 0 && out >= 0, "endpoints");
  puts("ready"), fflush(stdout);
  if (argc > 1 && strcmp(argv[1], "sync") == 0) echo_sync(in, out, ep0);
  else echo_aio(in, out);
  return 0;
}
