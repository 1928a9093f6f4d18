/* FunctionFS: ep0 with its descriptors, strings and events, and the endpoints' reads and writes. */
#define _GNU_SOURCE
#include "bus.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/ch9.h>
#include <linux/usb/functionfs.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* USB_BUS_TRACE in its environment: the responder's calls on standard error, with the time in ms. */
#define trace(...) \
  if (is_traced()) fprintf(stderr, "usb-bus: %.3f ", (double)(now() % 1000000000000u) / 1e6), fprintf(stderr, __VA_ARGS__), fputc('\n', stderr)
static int is_traced(void) {
  static int answer = -1;
  if (answer < 0) answer = getenv("USB_BUS_TRACE") != NULL;
  return answer;
}

static int refuse(int problem) {
  errno = problem;
  return -1;
}
static uint32_t le32(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }

/* Which of the responder's three writes to ep0 has come. Of the one process that has it open. */
static enum { DESCRIPTORS, STRINGS, ACTIVE_EP0 } stage;
static int ep0_fd = -1;

int responder_open(const char *path, int flags) {
  int number = path[0] - '0';
  trace("open ep%s, flags %x", path, flags);
  if (bus_attach() != 0) return refuse(ENODEV);
  if (number < 0 || number >= ENDPOINTS || path[1] != 0) return refuse(ENOENT);
  if (number == 0) {
    lock();
    stage = DESCRIPTORS;
    bus->ready = 0;
    unlock();
    device_update();
    lock();
    bus->events = 0;
    ep0_fd = own_event(&bus->ep0, 0, 0);
    unlock();
    return ep0_fd;
  }
  if (stage != ACTIVE_EP0 || !bus->endpoint[number].exists) return refuse(ENOENT);
  return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
}

/* The gadget goes with the last descriptor of ep0. */
void responder_close(int number) {
  trace("close ep%d", number);
  if (number != 0) return;
  lock();
  bus->ready = 0;
  memset(&bus->ep0, 0, sizeof bus->ep0);
  unlock();
  device_update();
  ep0_fd = -1;
}

/* ---- descriptors and strings ---- */

static void endpoint_from(int number, const uint8_t *d) {
  struct endpoint *e = &bus->endpoint[number];
  e->address = d[2], e->type = d[3] & 3, e->packet = d[4] | (d[5] & 7u) << 8, e->exists = 1, e->is_halted = 0;
}

/* Builds the configuration out of those that the responder has for the speed of the bus. */
static ssize_t take_descriptors(const uint8_t *bytes, size_t length) {
  uint32_t flags = FUNCTIONFS_HAS_FS_DESC | FUNCTIONFS_HAS_HS_DESC, counts[3] = {0};
  size_t at = 8, n = 9;
  int faces = 0, endpoints = 0;
  if (length < 12 || le32(bytes + 4) != length) return refuse(EINVAL);
  if (le32(bytes) == FUNCTIONFS_DESCRIPTORS_MAGIC_V2) flags = le32(bytes + 8), at = 12;
  if (flags & FUNCTIONFS_EVENTFD) at += 4;
  for (int i = 0; i < 3; i += 1)
    if (flags & (1u << i)) counts[i] = le32(bytes + at), at += 4;
  if (flags & FUNCTIONFS_HAS_MS_OS_DESC) at += 4;
  int wanted = bus->speed >= 5000 && counts[2] > 0 ? 2 : counts[1] > 0 ? 1 : 0;
  bus->speed = wanted == 2 ? 5000 : wanted == 1 ? 480 : 12;
  memset(bus->endpoint, 0, sizeof bus->endpoint);
  bus->endpoint[0].exists = 1, bus->endpoint[0].packet = 64;
  for (int i = 0; i < 3; i += 1)
    for (uint32_t k = 0; k < counts[i]; k += 1) {
      const uint8_t *d = bytes + at;
      if (at + 2 > length || d[0] < 2 || at + d[0] > length) return refuse(EINVAL);
      at += d[0];
      if (i != wanted) continue;
      if (n + d[0] > sizeof bus->config) return refuse(EINVAL);
      size_t size = d[1] == USB_DT_ENDPOINT ? 7 : d[0]; /* the two bytes of an audio endpoint do not go over the bus */
      memcpy(bus->config + n, d, size);
      if (d[1] == USB_DT_INTERFACE && d[3] == 0) faces += 1;
      /* strings 1 to 3 are the device's */
      if (d[1] == USB_DT_INTERFACE && d[8] != 0) bus->config[n + 8] = (uint8_t)(d[8] + 3);
      if (d[1] == USB_DT_ENDPOINT && endpoints + 1 < ENDPOINTS) endpoint_from(++endpoints, d);
      bus->config[n] = (uint8_t)size;
      n += size;
    }
  const uint8_t head[9] = {9, 2, n & 255, (uint8_t)(n >> 8), (uint8_t)faces, 1, 0, 0xc0, 60};
  memcpy(bus->config, head, 9);
  bus->config_length = (uint32_t)n;
  const uint8_t device[18] = {18, 1, 0, wanted == 2 ? 3 : 2, 0, 0, 0, wanted == 2 ? 9 : 64, bus->vendor & 255, (uint8_t)(bus->vendor >> 8), bus->product & 255, (uint8_t)(bus->product >> 8),
                              1, 0, bus->strings[1][0] != 0, bus->strings[2][0] != 0 ? 2 : 0, bus->strings[3][0] != 0 ? 3 : 0, 1};
  memcpy(bus->descriptor, device, 18);
  return (ssize_t)length;
}

static ssize_t take_strings(const uint8_t *bytes, size_t length) {
  if (length < 16 || le32(bytes) != FUNCTIONFS_STRINGS_MAGIC || le32(bytes + 4) != length) return refuse(EINVAL);
  size_t at = 18;
  for (uint32_t i = 0; i < le32(bytes + 8) && i < 12 && at < length; i += 1) {
    size_t n = strnlen((const char *)bytes + at, length - at);
    snprintf(bus->strings[4 + i], sizeof bus->strings[0], "%.*s", (int)n, (const char *)bytes + at);
    at += n + 1;
  }
  return (ssize_t)length;
}

/* ---- ep0 ---- */

/* Ends the control transfer that the responder was asked about. The lock is held. */
static ssize_t answer_setup(int is_in, uint8_t *bytes, size_t length, int is_write) {
  struct slot *s = &bus->slot[bus->setup_slot];
  size_t n = length < s->length ? length : s->length;
  int agrees = is_in == is_write;
  bus->setup_slot = -1;
  if (agrees && is_in) memcpy(bus_memory + s->offset, bytes, n);
  if (agrees && !is_in) memcpy(bytes, bus_memory + s->offset, n);
  s->actual = agrees ? (uint32_t)n : 0;
  /* in the wrong direction: the responder's way to stall */
  slot_finish(s, agrees ? 0 : -EPIPE);
  return agrees ? (ssize_t)n : refuse(EL2HLT);
}

static ssize_t ep0_write(const uint8_t *bytes, size_t length) {
  ssize_t done;
  int is_new = 0;
  lock();
  if (stage == DESCRIPTORS) {
    done = take_descriptors(bytes, length);
    if (done >= 0) stage = STRINGS;
  } else if (stage == STRINGS) {
    done = take_strings(bytes, length);
    if (done >= 0) {
      stage = ACTIVE_EP0;
      bus->ready = 1;
      is_new = 1;
    }
  } else if (bus->setup_slot < 0) done = refuse(EIDRM);
  else done = answer_setup(bus->slot[bus->setup_slot].setup[0] & USB_DIR_IN, (uint8_t *)(uintptr_t)bytes, length, USB_DIR_IN);
  unlock();
  if (is_new) device_update();
  return done;
}

/* The next event; a control transfer comes after the others. The lock is held. */
static int next_event(struct usb_functionfs_event *event) {
  memset(event, 0, sizeof *event);
  if (bus->events > 0) {
    event->type = bus->event[0];
    memmove(bus->event, bus->event + 1, (size_t)(bus->events -= 1));
    trace("event %d", event->type);
    return 1;
  }
  struct slot *s = bus->setup_slot < 0 ? slot_next(0) : NULL;
  if (s == NULL) return 0;
  s->state = ACTIVE;
  bus->setup_slot = (int)(s - bus->slot);
  event->type = FUNCTIONFS_SETUP;
  memcpy(&event->u.setup, s->setup, 8);
  return 1;
}

static ssize_t ep0_read(uint8_t *bytes, size_t length, int flags) {
  struct usb_functionfs_event event;
  for (;;) {
    size_t n = 0;
    lock();
    if (bus->setup_slot >= 0 && bus->events == 0) {
      ssize_t done = answer_setup(bus->slot[bus->setup_slot].setup[0] & USB_DIR_IN, bytes, length, 0);
      unlock();
      return done;
    }
    while (n + sizeof event <= length && next_event(&event)) {
      memcpy(bytes + n, &event, sizeof event);
      n += sizeof event;
      if (event.type == FUNCTIONFS_SETUP) break;
    }
    /* readable exactly while there is something more */
    if (bus->events == 0 && (bus->setup_slot >= 0 || slot_next(0) == NULL)) event_take(&bus->ep0);
    unlock();
    if (n > 0) return (ssize_t)n;
    if (flags & O_NONBLOCK) return refuse(EAGAIN);
    struct pollfd p = {ep0_fd, POLLIN, 0};
    if (poll(&p, 1, -1) < 0) return -1;
  }
}

/* ---- endpoints ---- */

/* Set while a Linux AIO request is carried out: becomes 1 when that is to be given up. */
__thread volatile int *aio_given_up;

/* Waits for a change of the endpoint, interruptible and cancellable as a read is. The lock is held before and after. */
static int wait_change(struct endpoint *e) {
  uint32_t seen = e->changes;
  int before;
  e->waiters += 1;
  unlock();
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &before);
  long problem = futex_wait(&e->changes, seen, 0);
  pthread_setcanceltype(before, NULL);
  lock();
  e->waiters -= 1;
  if (aio_given_up != NULL && *aio_given_up) return ECONNRESET;
  return problem == EINTR ? EINTR : 0;
}

/* Waits until the host has configured the device; gives that configuration's number, or 0 with errno. */
static uint32_t configuration(struct endpoint *e, int flags) {
  while (!bus->attached) {
    if (flags & O_NONBLOCK) return errno = EAGAIN, 0;
    int problem = wait_change(e);
    if (problem != 0) return errno = problem, 0;
  }
  return bus->generation;
}

/* The transfer to go on with; NULL with errno where this one ends. The lock is held. */
static struct slot *transfer(int number, uint32_t generation) {
  struct endpoint *e = &bus->endpoint[number];
  for (;;) {
    if (bus->generation != generation) return errno = ESHUTDOWN, NULL;
    struct slot *s = e->is_halted ? NULL : slot_next(number);
    if (s != NULL) {
      s->state = ACTIVE;
      return s;
    }
    int problem = wait_change(e);
    if (problem != 0) return errno = problem, NULL;
  }
}

/* After a part of it has been moved. Gives 0 where the cable was pulled meanwhile. The lock is held. */
static int settle(struct slot *s, int is_done, int status, uint32_t generation) {
  if (bus->generation != generation) {
    slot_finish(s, -ESHUTDOWN);
    return errno = ESHUTDOWN, 0;
  }
  if (is_done) slot_finish(s, status);
  else if (s->is_cancelled) slot_finish(s, -ENOENT);
  else s->state = QUEUED;
  return 1;
}

static ssize_t wrong_direction(int number) {
  bus->endpoint[number].is_halted = 1;
  endpoint_fail(number, -EPIPE);
  unlock();
  return refuse(EBADMSG);
}

static ssize_t send_in(int number, const uint8_t *bytes, size_t length, int flags) {
  struct endpoint *e = &bus->endpoint[number];
  size_t sent = 0;
  lock();
  if (!(e->address & USB_DIR_IN)) return wrong_direction(number);
  uint32_t generation = configuration(e, flags);
  if (generation == 0) return unlock(), -1;
  if (length == 0) bus->empty_packets[number] += 1;
  if (e->type == USB_ENDPOINT_XFER_BULK) traffic_follow(&bus->in, bytes, length, 0);
  do {
    struct slot *s = transfer(number, generation);
    if (s == NULL) return unlock(), -1;
    size_t room = s->length - s->actual, part = length - sent < room ? length - sent : room;
    int is_last = sent + part == length, is_short = is_last && (length % e->packet != 0 || length == 0);
    int is_too_long = !is_last && part % e->packet != 0; /* the packet does not fit into what is left */
    int is_done = is_short || part == room;
    uint64_t until = time_on_bus(part);
    unlock();
    memcpy(bus_memory + s->offset + s->actual, bytes + sent, part);
    time_wait(until, is_done);
    lock();
    s->actual += (uint32_t)part;
    sent += part;
    if (is_too_long) sent += e->packet - part % e->packet;
    if (!settle(s, is_done, is_too_long ? -EOVERFLOW : 0, generation)) return unlock(), -1;
  } while (sent < length);
  unlock();
  return (ssize_t)length;
}

static ssize_t receive_out(int number, uint8_t *bytes, size_t length, int flags) {
  struct endpoint *e = &bus->endpoint[number];
  size_t got = 0;
  int command = 0, has_ended = 0;
  lock();
  if (e->address & USB_DIR_IN) return wrong_direction(number);
  uint32_t generation = configuration(e, flags);
  if (generation == 0) return unlock(), -1;
  while (!has_ended) {
    struct slot *s = transfer(number, generation);
    if (s == NULL) return unlock(), -1;
    size_t left = s->length - s->actual, part = length - got < left ? length - got : left;
    int is_done = part == left, is_short = is_done && (s->length % e->packet != 0 || s->length == 0);
    int is_followed = is_done && !is_short && s->wants_empty_packet;
    uint64_t until = time_on_bus(part), submitted = s->submitted;
    unlock();
    memcpy(bytes + got, bus_memory + s->offset + s->actual, part);
    time_wait(until, is_done);
    lock();
    int code = traffic_follow(&bus->out, bytes + got, part, submitted);
    if (code != 0) command = code;
    got += part;
    s->actual += (uint32_t)part;
    if (is_short || is_followed) traffic_short(&bus->out);
    if (is_followed || s->length == 0) bus->empty_packets[number] += 1;
    has_ended = is_short || got == length;
    if (is_followed && got == length && bus->generation == generation && !s->is_cancelled) {
      /* no room for the empty packet: it is the next read's */
      s->length = s->actual = 0;
      s->wants_empty_packet = 0;
      s->state = QUEUED;
      break;
    }
    if (is_followed) has_ended = 1;
    if (!settle(s, is_done, 0, generation)) return unlock(), -1;
  }
  unlock();
  if (command != 0) time_think(command);
  return (ssize_t)got;
}

/* Whether the endpoint's next transfer may begin. */
static int begins(int number) {
  lock();
  struct endpoint *e = &bus->endpoint[number];
  int may = !e->owes_shutdown;
  e->is_busy = (uint8_t)may;
  e->owes_shutdown = 0;
  unlock();
  return may;
}
static ssize_t ends(int number, ssize_t done) {
  bus->endpoint[number].is_busy = 0;
  return done;
}

ssize_t responder_read(int number, void *bytes, size_t length, int flags) {
  trace("read ep%d of %zu", number, length);
  ssize_t done = number == 0 ? ep0_read(bytes, length, flags) : !begins(number) ? refuse(ESHUTDOWN) : ends(number, receive_out(number, bytes, length, flags));
  trace("read ep%d: %zd %s", number, done, done < 0 ? strerror(errno) : "");
  return done;
}
ssize_t responder_write(int number, const void *bytes, size_t length, int flags) {
  trace("write ep%d of %zu", number, length);
  ssize_t done = number == 0 ? ep0_write(bytes, length) : !begins(number) ? refuse(ESHUTDOWN) : ends(number, send_in(number, bytes, length, flags));
  trace("write ep%d: %zd %s", number, done, done < 0 ? strerror(errno) : "");
  return done;
}

int responder_ioctl(int number, unsigned long request, void *argument) {
  struct endpoint *e = &bus->endpoint[number];
  switch (request) {
  case FUNCTIONFS_CLEAR_HALT:
    lock();
    e->is_halted = 0;
    endpoint_changed(number);
    unlock();
    return 0;
  case FUNCTIONFS_FIFO_FLUSH: case FUNCTIONFS_FIFO_STATUS: case FUNCTIONFS_INTERFACE_REVMAP: return 0;
  case FUNCTIONFS_ENDPOINT_REVMAP: return e->address;
  case FUNCTIONFS_ENDPOINT_DESC: {
    struct usb_endpoint_descriptor *d = argument;
    memset(d, 0, sizeof *d);
    d->bLength = 7, d->bDescriptorType = USB_DT_ENDPOINT, d->bEndpointAddress = e->address, d->bmAttributes = e->type, d->wMaxPacketSize = (uint16_t)e->packet;
    return 0;
  }
  default: return refuse(ENOTTY);
  }
}
