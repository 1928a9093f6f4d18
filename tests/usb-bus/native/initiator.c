/* usbfs, as libusb and android-file-transfer use it, and what libusb takes from libudev. */
#define _GNU_SOURCE
#include "bus.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * The descriptor is an eventfd whose counter is full, so not writable, while there is nothing to reap: poll, select and
 * epoll work unchanged, and exactly. android-file-transfer takes one vain wake-up for a timeout.
 */
static const uint64_t FULL = 0xfffffffffffffffeu;
#define ANSWERED_BY_RESPONDER 0x10000

static int refuse(int problem) {
  errno = problem;
  return -1;
}

/* This process holds the device's file open as well, so that others find it as its holder in /proc. */
static int node_of[HANDLES];

int initiator_open(const char *path) {
  int number, device, index = 0;
  if (sscanf(path, "/dev/bus/usb/%d/%d", &number, &device) != 2 || bus_attach() != 0) return refuse(ENOENT);
  lock();
  if (!bus->attached || device != bus->device) return unlock(), refuse(ENODEV);
  while (index < HANDLES && bus->handle[index].is_open && !handle_is_dead(index)) index += 1;
  if (index == HANDLES) return unlock(), refuse(EMFILE);
  handle_clear(index);
  struct handle *h = &bus->handle[index];
  int fd = own_event(&h->event, 0, 0);
  if (real.write(fd, &FULL, 8) != 8) die("eventfd");
  h->device = device;
  h->is_open = 1;
  unlock();
  node_of[index] = real.open(path, O_RDONLY | O_CLOEXEC);
  return fd;
}

void initiator_close(int fd, int index) {
  struct handle *h = &bus->handle[index];
  /* a forked child closes its copy of the descriptor only */
  if (h->event.pid != getpid() || h->event.fd != fd) return;
  lock();
  handle_clear(index);
  unlock();
  if (node_of[index] >= 0) real.close(node_of[index]);
}

/* The device's descriptors. */
ssize_t initiator_read(int fd, void *bytes, size_t length, off_t at) {
  static __thread off_t place;
  uint8_t all[sizeof bus->descriptor + sizeof bus->config];
  off_t total = 18 + (off_t)bus->config_length, from = at >= 0 ? at : place;
  (void)fd;
  memcpy(all, bus->descriptor, 18);
  memcpy(all + 18, bus->config, bus->config_length);
  size_t n = from >= total ? 0 : (size_t)(total - from) < length ? (size_t)(total - from) : length;
  memcpy(bytes, all + from, n);
  if (at < 0) place = n == 0 ? 0 : from + (off_t)n;
  return (ssize_t)n;
}

/* ---- memory of the device, which transfers use without a copy ---- */

static uint8_t *mapped[MAPS];

void *initiator_map(size_t length, int protection) {
  int index = 0;
  if (length > MAP_BYTES) return errno = ENOMEM, MAP_FAILED;
  lock();
  while (index < MAPS && bus->map[index].pid != 0) index += 1;
  if (index < MAPS) bus->map[index].pid = getpid();
  unlock();
  if (index == MAPS) return errno = ENOMEM, MAP_FAILED;
  void *memory = mmap(NULL, length, protection, MAP_SHARED, bus_fd, (off_t)(MAPS_OFFSET + (uint64_t)index * MAP_BYTES));
  mapped[index] = memory == MAP_FAILED ? NULL : memory;
  return memory;
}

void initiator_unmap(void *at) {
  for (int i = 0; i < MAPS; i += 1)
    if (mapped[i] == at && at != NULL) mapped[i] = NULL, bus->map[i].pid = 0;
}

static void find_mapped(struct slot *s, uint8_t *buffer) {
  for (int i = 0; i < MAPS; i += 1)
    if (mapped[i] != NULL && buffer >= mapped[i] && buffer < mapped[i] + MAP_BYTES) {
      s->is_mapped = 1;
      s->offset = MAPS_OFFSET + (uint64_t)i * MAP_BYTES + (uint64_t)(buffer - mapped[i]);
    }
}

/* ---- transfers ---- */

static int number_of(int address) {
  for (int i = 1; i < ENDPOINTS; i += 1)
    if (bus->endpoint[i].exists && bus->endpoint[i].address == address) return i;
  return -ENOENT;
}

static int clear_halt(int address) {
  int number = number_of(address);
  if (number < 0) return number;
  bus->endpoint[number].is_halted = 0;
  endpoint_changed(number);
  return 0;
}

static int descriptor(int type, int index, uint8_t *bytes) {
  static const uint8_t languages[] = {4, 3, 9, 4}, qualifier[] = {10, 6, 0, 2, 0, 0, 0, 64, 1, 0};
  int n = 2;
  switch (type) {
  case 1: memcpy(bytes, bus->descriptor, 18); return 18;
  case 2: memcpy(bytes, bus->config, bus->config_length); return (int)bus->config_length;
  case 3:
    if (index == 0) return memcpy(bytes, languages, 4), 4;
    if (index >= 16 || bus->strings[index][0] == 0) return -EPIPE;
    for (const char *p = bus->strings[index]; *p != 0; p += 1) bytes[n++] = (uint8_t)*p, bytes[n++] = 0;
    bytes[0] = (uint8_t)n, bytes[1] = 3;
    return n;
  case 6: return memcpy(bytes, qualifier, 10), 10;
  default: return -EPIPE;
  }
}

/* Standard requests are answered by the device's own software (composite.c), class requests by the responder. Gives a length, a negative errno or ANSWERED_BY_RESPONDER. */
static int standard(const uint8_t *setup, uint8_t *bytes) {
  int index = setup[4] | setup[5] << 8;
  if ((setup[0] & 0x60) == 0x40) return -EPIPE; /* a vendor's request to the device */
  if ((setup[0] & 0x60) != 0) return ANSWERED_BY_RESPONDER;
  switch (setup[1]) {
  case 0: {
    int number = (setup[0] & 31) == 2 ? number_of(index) : -1;
    return bytes[0] = number > 0 && bus->endpoint[number].is_halted, bytes[1] = 0, 2;
  }
  case 1: return (setup[0] & 31) == 2 ? clear_halt(index) : 0;
  case 3: case 5: case 9: case 11: return 0;
  case 6: return descriptor(setup[3], setup[2], bytes);
  case 8: return bytes[0] = 1, 1;
  case 10: return bytes[0] = 0, 1;
  default: return -EPIPE;
  }
}

/* The lock is held. */
static void control(struct slot *s, const uint8_t *setup, const uint8_t *data) {
  uint8_t answer[sizeof bus->config + 64];
  int n = standard(setup, answer);
  memcpy(s->setup, setup, 8);
  if (n == ANSWERED_BY_RESPONDER) {
    if (!(setup[0] & 0x80)) memcpy(bus_memory + s->offset, data, s->length);
    s->state = QUEUED;
    event_add(&bus->ep0);
    return;
  }
  s->actual = n < 0 ? 0 : !(setup[0] & 0x80) ? s->length : (uint32_t)n < s->length ? (uint32_t)n : s->length;
  if (setup[0] & 0x80) memcpy(bus_memory + s->offset, answer, s->actual);
  slot_finish(s, n < 0 ? n : 0);
}

struct wish { int address; uint32_t flags, length; void *buffer; const uint8_t *setup; uint64_t urb; int is_sync; };

/* Queues a transfer; gives its slot, or NULL with errno. */
static struct slot *submit(int index, const struct wish *wish) {
  struct handle *h = &bus->handle[index];
  int is_in = (wish->setup != NULL ? wish->setup[0] : wish->address) & 0x80;
  lock();
  int number = wish->setup != NULL ? 0 : number_of(wish->address);
  int problem = !bus->attached || h->device != bus->device ? ENODEV : number < 0 ? ENOENT : h->bytes + wish->length > USBFS_MEMORY ? ENOMEM : 0;
  struct slot *s = problem == 0 ? slot_take(index, number, wish->length) : NULL;
  if (s == NULL) {
    unlock();
    return errno = problem == 0 ? ENOMEM : problem, NULL;
  }
  h->bytes += wish->length;
  s->is_sync = (uint8_t)wish->is_sync;
  s->wants_empty_packet = !is_in && (wish->flags & USBDEVFS_URB_ZERO_PACKET) && wish->length > 0 && wish->length % bus->endpoint[number].packet == 0;
  s->urb = wish->urb, s->buffer = (uint64_t)(uintptr_t)wish->buffer;
  s->submitted = now();
  if (number == 0) {
    control(s, wish->setup, wish->buffer);
    unlock();
    return s;
  }
  find_mapped(s, wish->buffer);
  if (!is_in && !s->is_mapped && wish->length > 0) {
    uint32_t generation = bus->generation;
    s->state = TAKEN;
    unlock();
    memcpy(bus_memory + s->offset, wish->buffer, wish->length);
    lock();
    if (bus->generation != generation) problem = ENODEV;
  }
  int has_waiter = 0;
  if (problem != 0) slot_finish(s, -problem);
  else if (bus->endpoint[number].is_halted) slot_finish(s, -EPIPE);
  else {
    s->state = QUEUED;
    has_waiter = endpoint_touch(number);
  }
  unlock();
  if (has_waiter) futex_wake(&bus->endpoint[number].changes);
  return s;
}

static void copy_back(const struct slot *s, uint8_t *to) {
  int is_in = (s->endpoint == 0 ? s->setup[0] : bus->endpoint[s->endpoint].address) & 0x80;
  if (is_in && s->actual > 0 && !s->is_mapped) memcpy(to, bus_memory + s->offset, s->actual);
}

/* USBDEVFS_BULK and USBDEVFS_CONTROL: gives the length, or a negative errno. */
static int wait_for(struct slot *s, uint32_t timeout_ms) {
  uint64_t end = timeout_ms == 0 ? 0 : now() + timeout_ms * 1000000ull;
  int is_late = 0;
  for (uint32_t state = s->state; state != DONE; state = s->state) {
    uint64_t t = now();
    if (end != 0 && t >= end && !is_late) {
      is_late = 1;
      lock();
      slot_cancel(s);
      unlock();
    } else futex_wait(&s->state, state, end == 0 || is_late ? 1000000000u : end - t);
  }
  int result = s->status < 0 ? s->status : (int)s->actual;
  if (is_late && s->status == -ENOENT) result = s->actual > 0 ? (int)s->actual : -ETIMEDOUT;
  copy_back(s, (uint8_t *)(uintptr_t)s->buffer);
  lock();
  bus->handle[s->handle].bytes -= s->length;
  slot_give(s);
  unlock();
  return result;
}

static int reap(int fd, int index, void **out) {
  struct handle *h = &bus->handle[index];
  lock();
  struct slot *s = slot_done(index);
  if (s == NULL) {
    int is_gone = h->device != bus->device || !bus->attached;
    unlock();
    return refuse(is_gone ? ENODEV : EAGAIN);
  }
  s->state = TAKEN; /* another thread may close the handle meanwhile */
  h->bytes -= s->length;
  if (slot_done(index) == NULL) {
    h->is_ready = 0;
    if (real.write(fd, &FULL, 8) < 0) {}
  }
  unlock();
  struct usbdevfs_urb *urb = (struct usbdevfs_urb *)(uintptr_t)s->urb;
  copy_back(s, (uint8_t *)(uintptr_t)s->buffer);
  urb->status = s->status;
  urb->actual_length = (int)s->actual;
  urb->error_count = 0;
  *out = urb;
  lock();
  slot_give(s);
  unlock();
  return 0;
}

static int submit_urb(int index, struct usbdevfs_urb *urb) {
  struct wish wish = {urb->endpoint, urb->flags, (uint32_t)urb->buffer_length, urb->buffer, NULL, (uint64_t)(uintptr_t)urb, 0};
  if (urb->type == USBDEVFS_URB_TYPE_CONTROL) {
    if (urb->buffer_length < 8) return refuse(EINVAL);
    wish.setup = urb->buffer;
    wish.buffer = (uint8_t *)urb->buffer + 8;
    wish.length = wish.setup[6] | (uint32_t)wish.setup[7] << 8;
    if (wish.length + 8 > (uint32_t)urb->buffer_length) return refuse(EINVAL);
  }
  return submit(index, &wish) == NULL ? -1 : 0;
}

static int discard(int index, uint64_t urb) {
  lock();
  for (int i = 0; i < bus->top; i += 1) {
    struct slot *s = &bus->slot[i];
    if (s->handle != index || s->urb != urb || (s->state != QUEUED && s->state != ACTIVE)) continue;
    slot_cancel(s);
    unlock();
    return 0;
  }
  unlock();
  return refuse(EINVAL);
}

static int claim(int index, unsigned interface) {
  int problem = 0;
  lock();
  if (interface > 31 || interface >= bus->config[4]) problem = ENOENT;
  for (int i = 0; i < HANDLES && problem == 0; i += 1)
    if (i != index && bus->handle[i].is_open && (bus->handle[i].claimed & 1u << interface) && !handle_is_dead(i)) problem = EBUSY;
  if (problem == 0) bus->handle[index].claimed |= 1u << interface;
  unlock();
  return problem == 0 ? 0 : refuse(problem);
}

int initiator_ioctl(int fd, int index, unsigned long request, void *argument) {
  struct handle *h = &bus->handle[index];
  struct slot *s;
  int result = 0;
  if (request == USBDEVFS_REAPURBNDELAY) return reap(fd, index, argument);
  if (request == USBDEVFS_REAPURB) {
    struct pollfd p = {fd, POLLOUT, 0};
    while (reap(fd, index, argument) != 0)
      if (errno != EAGAIN || poll(&p, 1, -1) < 0) return -1;
    return 0;
  }
  if (request == USBDEVFS_DISCARDURB) return discard(index, (uint64_t)(uintptr_t)argument);
  if (!bus->attached || h->device != bus->device) return refuse(ENODEV);
  switch (request) {
  case USBDEVFS_SUBMITURB: return submit_urb(index, argument);
  case USBDEVFS_BULK: {
    struct usbdevfs_bulktransfer *b = argument;
    s = submit(index, &(struct wish){(int)b->ep, 0, b->len, b->data, NULL, 0, 1});
    result = s == NULL ? -errno : wait_for(s, b->timeout);
    break;
  }
  case USBDEVFS_CONTROL: {
    struct usbdevfs_ctrltransfer *c = argument;
    const uint8_t setup[8] = {c->bRequestType, c->bRequest, c->wValue & 255, (uint8_t)(c->wValue >> 8), c->wIndex & 255, (uint8_t)(c->wIndex >> 8), c->wLength & 255, (uint8_t)(c->wLength >> 8)};
    s = submit(index, &(struct wish){0, 0, c->wLength, c->data, setup, 0, 1});
    result = s == NULL ? -errno : wait_for(s, c->timeout);
    break;
  }
  case USBDEVFS_GET_CAPABILITIES:
    *(uint32_t *)argument = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM | USBDEVFS_CAP_BULK_SCATTER_GATHER | USBDEVFS_CAP_REAP_AFTER_DISCONNECT | USBDEVFS_CAP_MMAP |
                            USBDEVFS_CAP_DROP_PRIVILEGES | USBDEVFS_CAP_CONNINFO_EX | USBDEVFS_CAP_SUSPEND;
    break;
  case USBDEVFS_GET_SPEED: result = bus->speed >= 5000 ? 5 : bus->speed >= 480 ? 3 : 2; break;
  case USBDEVFS_CONNECTINFO: *(struct usbdevfs_connectinfo *)argument = (struct usbdevfs_connectinfo){(unsigned)bus->device, 0}; break;
  case USBDEVFS_CLAIMINTERFACE: return claim(index, *(unsigned *)argument);
  case USBDEVFS_DISCONNECT_CLAIM: return claim(index, ((struct usbdevfs_disconnect_claim *)argument)->interface);
  case USBDEVFS_RELEASEINTERFACE: {
    unsigned interface = *(unsigned *)argument;
    if (interface > 31 || !(h->claimed & 1u << interface)) result = -EINVAL;
    else h->claimed &= ~(1u << interface);
    break;
  }
  case USBDEVFS_CLEAR_HALT: case USBDEVFS_RESETEP:
    lock();
    result = clear_halt((int)*(unsigned *)argument);
    unlock();
    break;
  case USBDEVFS_RESET:
    lock();
    device_reset();
    unlock();
    break;
  case USBDEVFS_GETDRIVER: case USBDEVFS_IOCTL: result = -ENODATA; break;
  case USBDEVFS_SETINTERFACE: case USBDEVFS_SETCONFIGURATION: case USBDEVFS_DROP_PRIVILEGES:
  case USBDEVFS_FORBID_SUSPEND: case USBDEVFS_ALLOW_SUSPEND: case USBDEVFS_WAIT_FOR_RESUME: break;
  default:
    fprintf(stderr, "usb-bus: unknown ioctl %lx\n", request);
    result = -ENOTTY;
  }
  return result < 0 ? refuse(-result) : result;
}

/* ---- libudev, as far as libusb uses it ---- */

/* A device in the hands of libusb: its address, and what has happened to it. */
struct udev_thing { int device; const char *action; char name[32], node[32], path[64]; struct udev_thing *next; };

static struct udev_thing *thing(int device, const char *action) {
  struct udev_thing *t = calloc(1, sizeof *t);
  t->device = device, t->action = action;
  snprintf(t->name, sizeof t->name, "%s", device == 1 ? "usb1" : "1-1");
  snprintf(t->node, sizeof t->node, "/dev/bus/usb/001/%03d", device);
  snprintf(t->path, sizeof t->path, "/sys/bus/usb/devices/%s", t->name);
  return t;
}

static struct { int is_open, slot; uint32_t told; } monitor;
static char any[1];

#define UDEV(type, name, ...) type udev_##name(__VA_ARGS__); type udev_##name(__VA_ARGS__)
UDEV(void *, new, void) { return any; }
UDEV(void *, unref, void *u) { return (void)u, NULL; }
UDEV(void *, monitor_new_from_netlink, void *u, const char *n) { return (void)u, (void)n, any; }
UDEV(int, monitor_filter_add_match_subsystem_devtype, void *m, const char *s, const char *t) { return (void)m, (void)s, (void)t, 0; }
UDEV(int, monitor_enable_receiving, void *m) {
  (void)m;
  if (bus_attach() != 0) return -ENOENT;
  lock();
  for (monitor.slot = 0; monitor.slot < MONITORS; monitor.slot += 1) {
    struct remote *r = &bus->monitor[monitor.slot];
    if (r->pid == 0 || (kill(r->pid, 0) != 0 && errno == ESRCH)) break;
  }
  if (monitor.slot < MONITORS) own_event(&bus->monitor[monitor.slot], 0, EFD_SEMAPHORE), monitor.told = bus->news_count, monitor.is_open = 1;
  unlock();
  return monitor.is_open ? 0 : -EMFILE;
}
UDEV(int, monitor_get_fd, void *m) { return (void)m, bus->monitor[monitor.slot].fd; }
UDEV(void *, monitor_receive_device, void *m) {
  struct udev_thing *t = NULL;
  uint64_t one;
  (void)m;
  lock();
  if (real.read(bus->monitor[monitor.slot].fd, &one, 8) == 8 && monitor.told != bus->news_count) {
    t = thing(bus->news[monitor.told % 256].device, bus->news[monitor.told % 256].is_added ? "add" : "remove");
    monitor.told += 1;
  }
  unlock();
  return t;
}
UDEV(void *, monitor_unref, void *m) {
  (void)m;
  if (!monitor.is_open) return NULL;
  lock();
  real.close(bus->monitor[monitor.slot].fd);
  memset(&bus->monitor[monitor.slot], 0, sizeof bus->monitor[0]);
  monitor.is_open = 0;
  unlock();
  return NULL;
}
UDEV(void *, enumerate_new, void *u) { return (void)u, any; }
UDEV(int, enumerate_add_match_subsystem, void *e, const char *s) { return (void)e, (void)s, 0; }
UDEV(int, enumerate_add_match_property, void *e, const char *k, const char *v) { return (void)e, (void)k, (void)v, 0; }
UDEV(int, enumerate_scan_devices, void *e) { return (void)e, 0; }
/* The hub, and the phone where it is attached. */
static struct udev_thing *listed;
UDEV(void *, enumerate_unref, void *e) {
  (void)e;
  while (listed != NULL) {
    struct udev_thing *next = listed->next;
    free(listed);
    listed = next;
  }
  return NULL;
}
UDEV(void *, enumerate_get_list_entry, void *e) {
  udev_enumerate_unref(e);
  if (bus_attach() != 0) return NULL;
  listed = thing(1, NULL);
  if (bus->attached) listed->next = thing(bus->device, NULL);
  return listed;
}
UDEV(void *, list_entry_get_next, void *l) { return ((struct udev_thing *)l)->next; }
UDEV(const char *, list_entry_get_name, void *l) { return ((struct udev_thing *)l)->path; }
UDEV(void *, device_new_from_syspath, void *u, const char *p) { return (void)u, thing(strstr(p, "usb1") != NULL ? 1 : bus->device, NULL); }
UDEV(const char *, device_get_devnode, void *d) { return ((struct udev_thing *)d)->node; }
UDEV(const char *, device_get_sysname, void *d) { return ((struct udev_thing *)d)->name; }
UDEV(const char *, device_get_action, void *d) { return ((struct udev_thing *)d)->action; }
UDEV(void *, device_unref, void *d) { return free(d), NULL; }
