/*
 * A USB bus in memory: one file, mapped by every process that takes part. No process of its own moves data. FunctionFS
 * reads and writes are synchronous, so the responder's thread carries a transfer out, waits as long as the bus takes
 * and completes it. The initiator pays what usbfs makes it pay: one copy for each transfer.
 *
 * Every queue is a scan of the slots by state and ticket, so a process that is killed leaves no list half changed.
 */
#ifndef USB_BUS_H
#define USB_BUS_H
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define BUS_FILE "/dev/usb-bus"
#define FFS_FOLDERS "/dev/ffs-mtp/", "/dev/usb-ffs/mtp/"

#define SLOTS 128
#define HANDLES 16
#define NOBODY HANDLES /* the handle of a transfer whose initiator has gone */
#define ENDPOINTS 8
#define MONITORS 16
#define OPERATIONS 96
#define EVENTS 16
/* The kernel's usbfs_memory_mb; so no transfer is longer. */
#define USBFS_MEMORY (16u << 20)
#define MAPS 32
#define MAP_BYTES (4u << 20)

/* TAKEN: in the hands of the initiator's thread, which fills or empties it. */
enum state { FREE, TAKEN, QUEUED, ACTIVE, DONE };

struct slot {
  volatile uint32_t state; /* also what a synchronous transfer's owner waits for */
  uint8_t endpoint, handle, is_sync, is_cancelled, wants_empty_packet, is_mapped;
  uint8_t setup[8];
  int32_t status;
  uint32_t length, actual;
  uint64_t ticket; /* order of submission, then of completion */
  uint64_t offset; /* of its bytes in the file */
  uint64_t urb, buffer; /* addresses in the initiator */
  uint64_t submitted; /* ns */
};

struct endpoint {
  uint8_t address, type, exists, is_halted;
  uint8_t is_busy, owes_shutdown; /* a read or write is under way; the next one is told that the cable was pulled */
  uint32_t packet;
  volatile uint32_t changes; /* what waiters wait for */
  volatile int waiters;
};

/* An event file of another process: eventfd FD of process PID; `generation` tells a new one in the same place. */
struct remote { int pid, fd, generation; };

struct handle {
  int is_open, device, is_ready;
  struct remote event;
  uint32_t bytes, claimed; /* interfaces, as bits */
};

struct operation {
  uint16_t code;
  uint64_t count, initiator_ns, responder_ns, bytes_out, bytes_in;
};

/* How far the containers of one direction have been followed. */
struct stream { uint64_t left; uint8_t head[12]; int have, type, code, is_endless; };

struct bus {
  pthread_mutex_t lock, plugging; /* the second is taken first, for long: files are written meanwhile */
  uint64_t tickets;
  int top; /* slots from here on are free */
  struct slot slot[SLOTS];
  struct handle handle[HANDLES + 1];
  struct { int pid; } map[MAPS];

  /* the device */
  volatile uint32_t cable, ready, attached;
  int device; /* its address; another one at each plug */
  uint32_t generation; /* of the configuration: changes with each plug, unplug and reset */
  int speed; /* Mbit/s */
  struct endpoint endpoint[ENDPOINTS];
  uint8_t descriptor[18], config[1024];
  uint32_t config_length;
  uint16_t vendor, product;
  char strings[16][128]; /* 1 to 3: maker, product, serial number; then the responder's own */

  /* FunctionFS's ep0 */
  struct remote ep0;
  uint8_t event[EVENTS];
  int events, setup_slot;

  /* hotplug */
  struct remote monitor[MONITORS];
  struct { int device, is_added; } news[256];
  uint32_t news_count;

  /* time; 0: as fast as it goes */
  uint64_t rate, latency_ns, operation_ns, busy_until;
  struct { uint16_t code; uint64_t ns; } special[16];

  /* what went over it */
  struct operation operation[OPERATIONS];
  int operations, current;
  uint64_t command_at, response_at, first_at, last_at, refused;
  uint64_t transfers[ENDPOINTS], bytes[ENDPOINTS], empty_packets[ENDPOINTS], cancelled;
  struct stream out, in;
};

#define AREAS ((sizeof(struct bus) + 4095) & ~4095ul)
#define MAPS_OFFSET (AREAS + (uint64_t)SLOTS * USBFS_MEMORY)
#define BUS_BYTES (MAPS_OFFSET + (uint64_t)MAPS * MAP_BYTES)

extern struct bus *bus;
extern uint8_t *bus_memory; /* the same, for offsets */
extern int bus_fd;

/* The C library's own, behind what preload.c puts in front. */
struct real {
  int (*open)(const char *, int, ...);
  int (*close)(int);
  ssize_t (*read)(int, void *, size_t);
  ssize_t (*write)(int, const void *, size_t);
  long (*syscall)(long, ...);
};
extern struct real real;

/* bus.c */
int bus_attach(void);
void bus_create(void);
void die(const char *what);
uint64_t now(void);
void lock(void);
void unlock(void);
long futex_wait(volatile uint32_t *word, uint32_t value, uint64_t ns);
void futex_wake(volatile uint32_t *word);
int own_event(struct remote *where, unsigned initial, int flags);
void event_add(struct remote *where);
void event_take(struct remote *where);
struct slot *slot_take(int handle, int endpoint, uint32_t length);
void slot_give(struct slot *slot);
struct slot *slot_next(int endpoint);
struct slot *slot_done(int handle);
void slot_finish(struct slot *slot, int status);
void slot_cancel(struct slot *slot);
void handle_clear(int handle);
int handle_is_dead(int handle);
int endpoint_touch(int endpoint);
void endpoint_changed(int endpoint);
void endpoint_fail(int endpoint, int status);
void ffs_event(int type);
void device_update(void);
void device_reset(void);

/* sysfs.c */
void sysfs_appear(void);
void sysfs_vanish(int device);

/* traffic.c */
int traffic_follow(struct stream *stream, const uint8_t *bytes, size_t length, uint64_t submitted);
void traffic_short(struct stream *stream);
void traffic_forget(void);
void traffic_print(void);
uint64_t time_on_bus(uint64_t bytes);
void time_wait(uint64_t until, int completes);
void time_think(int code);

/* responder.c */
int responder_open(const char *path, int flags);
ssize_t responder_read(int number, void *bytes, size_t length, int flags);
ssize_t responder_write(int number, const void *bytes, size_t length, int flags);
int responder_ioctl(int number, unsigned long request, void *argument);
void responder_close(int number);

/* aio.c */
long aio_submit(long count, void **blocks, int (*endpoint_of)(int fd));
long aio_cancel(void *block);
long aio_events(long least, long most, void *events, const struct timespec *timeout);

/* initiator.c */
int initiator_open(const char *path);
void initiator_close(int fd, int handle);
int initiator_ioctl(int fd, int handle, unsigned long request, void *argument);
ssize_t initiator_read(int fd, void *bytes, size_t length, off_t at);
void *initiator_map(size_t length, int protection);
void initiator_unmap(void *at);
#endif
