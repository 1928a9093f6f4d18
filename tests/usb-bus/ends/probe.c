/* An initiator that calls usbfs itself: what libusb hides. Ends with 0 where all of it is as the kernel has it. `probe DEVICE`. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

enum { IN = 0x81, OUT = 0x02 };
static int phone;

static void check(int holds, const char *what) {
  printf("%s %s\n", holds ? "ok" : "FAILED", what);
  if (!holds) exit(1);
}
static int writable(int wait_ms) {
  struct pollfd p = {phone, POLLOUT, 0};
  return poll(&p, 1, wait_ms);
}
static struct usbdevfs_urb *urb_of(int endpoint, void *buffer, int length) {
  struct usbdevfs_urb *urb = calloc(1, sizeof *urb);
  urb->type = USBDEVFS_URB_TYPE_BULK, urb->endpoint = endpoint, urb->buffer = buffer, urb->buffer_length = length;
  return urb;
}
static int submit(struct usbdevfs_urb *urb) { return ioctl(phone, USBDEVFS_SUBMITURB, urb); }
static struct usbdevfs_urb *reap(void) {
  struct usbdevfs_urb *urb = NULL;
  return ioctl(phone, USBDEVFS_REAPURBNDELAY, &urb) == 0 ? urb : NULL;
}
/* The responder at the other end sends back what it gets. */
static void ask(void *bytes, int length, unsigned flags) {
  struct usbdevfs_urb *urb = urb_of(OUT, bytes, length);
  urb->flags = flags;
  check(submit(urb) == 0, "an OUT transfer is queued");
  while (writable(5000) == 1 && reap() != urb) {}
  check(urb->status == 0 && urb->actual_length == length, "and carried out whole");
}

int main(int argc, char **argv) {
  static uint8_t text[4096], got[8192];
  unsigned interface = 0;
  for (unsigned i = 0; i < sizeof text; i += 1) text[i] = i * 7;
  phone = argc > 1 ? open(argv[1], O_RDWR) : -1;
  check(phone >= 0, "the device opens");
  int other = open(argv[1], O_RDWR);
  check(ioctl(phone, USBDEVFS_CLAIMINTERFACE, &interface) == 0, "its interface can be claimed");
  check(ioctl(other, USBDEVFS_CLAIMINTERFACE, &interface) < 0 && errno == EBUSY, "by one only");
  interface = 5;
  check(ioctl(phone, USBDEVFS_CLAIMINTERFACE, &interface) < 0 && errno == ENOENT, "there is no interface 5");
  interface = 0;
  close(other);

  /* poll tells exactly what can be reaped */
  check(writable(0) == 0 && reap() == NULL && errno == EAGAIN, "nothing to reap, not writable");
  struct usbdevfs_urb *in = urb_of(IN, got, 1024);
  check(submit(in) == 0 && writable(50) == 0, "a transfer under way does not make it writable");
  ask(text, 100, 0);
  check(writable(5000) == 1 && reap() == in && in->actual_length == 100 && memcmp(got, text, 100) == 0, "a completed one does, and carries its bytes");
  check(writable(0) == 0, "reaped, it does not any more");

  /* cancelled */
  check(submit(in) == 0 && ioctl(phone, USBDEVFS_DISCARDURB, in) == 0, "a waiting transfer can be cancelled");
  check(writable(5000) == 1 && reap() == in && in->status == -ENOENT && in->actual_length == 0, "and comes back empty");
  check(ioctl(phone, USBDEVFS_DISCARDURB, in) < 0 && errno == EINVAL, "once");

  /* the flag that asks for the empty packet */
  in->buffer_length = 2048;
  check(submit(in) == 0, "an IN transfer is queued");
  ask(text, 1024, USBDEVFS_URB_ZERO_PACKET);
  check(writable(5000) == 1 && reap() == in && in->actual_length == 1024, "an empty packet after whole ones ends it");

  /* synchronous ones */
  struct usbdevfs_bulktransfer late = {IN, 512, 50, got};
  check(ioctl(phone, USBDEVFS_BULK, &late) < 0 && errno == ETIMEDOUT, "a synchronous transfer runs out of time");
  struct usbdevfs_bulktransfer out = {OUT, 10, 5000, text}, back = {IN, 512, 5000, got};
  check(ioctl(phone, USBDEVFS_BULK, &out) == 10 && ioctl(phone, USBDEVFS_BULK, &back) == 10 && memcmp(got, text, 10) == 0, "and gives its length");

  /* memory of the device */
  uint8_t *memory = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, phone, 0);
  check(memory != MAP_FAILED, "it has memory to map");
  memcpy(memory, text, 300);
  in = urb_of(IN, memory + 4096, 4096);
  check(submit(in) == 0, "which transfers use");
  ask(memory, 300, 0);
  check(writable(5000) == 1 && reap() == in && memcmp(memory + 4096, text, 300) == 0, "without a copy");
  munmap(memory, 8192);

  /* the kernel's limit */
  void *large = malloc(9 << 20);
  check(submit(urb_of(IN, large, 9 << 20)) == 0 && submit(urb_of(IN, large, 9 << 20)) < 0 && errno == ENOMEM, "sixteen megabytes are its limit");
  return 0;
}
