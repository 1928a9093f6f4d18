/*
 * The least that any correct initiator has to do, on libusb: one session, the handles of a folder, and for each file
 * GetObjectInfo and GetObject, or SendObjectInfo and SendObject. It checks response codes and nothing else.
 *
 *   floor list FOLDER | get FOLDER LOCAL | put FOLDER LOCAL
 *
 * FOLDER lies in the root of the first storage. "begin" and "end" frame the work on standard output.
 */
#include <dirent.h>
#include <fcntl.h>
#include <libusb.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { IN = 0x81, OUT = 0x02, PIECE = 1 << 20, FLYING = 3, HEADER = 12, PACKET = 512, LIMIT_MS = 20000 };
enum { OPEN_SESSION = 0x1002, CLOSE_SESSION, GET_STORAGE_IDS, GET_HANDLES = 0x1007, GET_INFO, GET_OBJECT, SEND_INFO = 0x100c, SEND_OBJECT };

static libusb_context *context;
static libusb_device_handle *phone;
static uint32_t transaction;
static uint8_t memory[PIECE];

static void fail(const char *what, int code) {
  fprintf(stderr, "floor: %s: %x\n", what, code);
  exit(1);
}
static uint32_t get32(const uint8_t *p) { return p[0] | p[1] << 8 | p[2] << 16 | (uint32_t)p[3] << 24; }
static void put32(uint8_t *p, uint32_t v) { p[0] = v, p[1] = v >> 8, p[2] = v >> 16, p[3] = v >> 24; }

static int bulk(int endpoint, uint8_t *bytes, int length) {
  int moved = 0, problem = libusb_bulk_transfer(phone, endpoint, bytes, length, &moved, LIMIT_MS);
  if (problem != 0) fail("transfer", -problem);
  return moved;
}

static void header(uint8_t *p, uint32_t length, int type, int code) {
  put32(p, length), p[4] = type, p[5] = 0, p[6] = code, p[7] = code >> 8, put32(p + 8, transaction);
}

static void command(int code, int count, const uint32_t *parameters) {
  uint8_t bytes[32];
  transaction = code == OPEN_SESSION ? 0 : transaction + 1;
  header(bytes, HEADER + 4 * count, 1, code);
  for (int i = 0; i < count; i += 1) put32(bytes + HEADER + 4 * i, parameters[i]);
  bulk(OUT, bytes, HEADER + 4 * count);
}

static void response(void) {
  uint8_t bytes[PACKET];
  int n = bulk(IN, bytes, PACKET);
  if (n == 0) n = bulk(IN, bytes, PACKET); /* the empty packet after a data phase of whole packets */
  if (n < HEADER || bytes[4] != 3 || (bytes[6] | bytes[7] << 8) != 0x2001) fail("response", bytes[6] | bytes[7] << 8);
}

/* A data phase that fits into the memory, and its response. */
static const uint8_t *small_data(void) {
  int n = bulk(IN, memory, PIECE);
  if (n < HEADER || memory[4] != 2) fail("no data", n < 8 ? 0 : memory[6] | memory[7] << 8);
  response();
  return memory + HEADER;
}

/* ---- a data phase of any length, several transfers in flight ---- */

struct piece { struct libusb_transfer *transfer; int is_done; };
static struct piece pieces[FLYING];
static void on_done(struct libusb_transfer *t) { ((struct piece *)t->user_data)->is_done = 1; }

static struct piece *post(uint64_t number, int endpoint, int length) {
  struct piece *p = &pieces[number % FLYING];
  p->is_done = 0;
  libusb_fill_bulk_transfer(p->transfer, phone, endpoint, p->transfer->buffer, length, on_done, p, LIMIT_MS);
  if (libusb_submit_transfer(p->transfer) != 0) fail("submit", 0);
  return p;
}
static uint8_t *buffer_of(uint64_t number) {
  struct piece *p = &pieces[number % FLYING];
  if (p->transfer == NULL) p->transfer = libusb_alloc_transfer(0), p->transfer->buffer = malloc(PIECE);
  return p->transfer->buffer;
}
static int wait_for(uint64_t number) {
  struct piece *p = &pieces[number % FLYING];
  while (!p->is_done) libusb_handle_events_completed(context, &p->is_done);
  if (p->transfer->status != LIBUSB_TRANSFER_COMPLETED) fail("transfer", p->transfer->status);
  return p->transfer->actual_length;
}

static void object_to(int fd) {
  uint64_t total = PIECE, had = 0, asked = 0, posted = 0, done = 0;
  while (had < total) {
    /* how much there is stands in the first one */
    while (posted < done + (done == 0 ? 1 : FLYING) && asked < total) {
      uint64_t left = total - asked, whole = (left + PACKET - 1) / PACKET * PACKET;
      buffer_of(posted);
      post(posted++, IN, whole < PIECE ? whole : PIECE);
      asked += whole < PIECE ? whole : PIECE;
    }
    int n = wait_for(done), skip = done == 0 ? HEADER : 0;
    uint8_t *bytes = buffer_of(done++);
    if (skip) {
      if (n < HEADER || bytes[4] != 2) fail("no data", bytes[6] | bytes[7] << 8);
      total = get32(bytes);
    }
    if (write(fd, bytes + skip, n - skip) != n - skip) fail("write", 0);
    had += n;
  }
  response();
}

static void object_from(int fd, uint64_t size) {
  uint64_t total = size + HEADER, sent = 0, posted = 0, done = 0;
  while (sent < total || done < posted) {
    while (posted < done + FLYING && sent < total) {
      int n = total - sent < PIECE ? total - sent : PIECE, skip = sent == 0 ? HEADER : 0;
      uint8_t *bytes = buffer_of(posted);
      if (skip) header(bytes, total, 2, SEND_OBJECT);
      if (read(fd, bytes + skip, n - skip) != n - skip) fail("read", 0);
      post(posted++, OUT, n);
      sent += n;
    }
    wait_for(done++);
  }
  if (total % PACKET == 0) bulk(OUT, memory, 0);
  response();
}

/* ---- the work ---- */

static int info(uint32_t handle, char *name) {
  command(GET_INFO, 1, &handle);
  const uint8_t *p = small_data();
  int i = 0;
  for (; i < p[52] - 1; i += 1) name[i] = p[53 + 2 * i]; /* names here are plain letters */
  name[i] = 0;
  return p[4] | p[5] << 8;
}

static uint32_t *handles(uint32_t storage, uint32_t parent, uint32_t *count) {
  command(GET_HANDLES, 3, (uint32_t[]){storage, 0, parent});
  const uint8_t *p = small_data();
  uint32_t *found = malloc(4 * (*count = get32(p)) + 1);
  for (uint32_t i = 0; i < *count; i += 1) found[i] = get32(p + 4 + 4 * i);
  return found;
}

static uint32_t folder_named(uint32_t storage, const char *wanted) {
  char name[256];
  uint32_t count, *root = handles(storage, 0xffffffff, &count);
  for (uint32_t i = 0; i < count; i += 1)
    if (info(root[i], name) == 0x3001 && strcmp(name, wanted) == 0) return root[i];
  fail("no such folder", 0);
  return 0;
}

static void send_file(uint32_t storage, uint32_t parent, const char *name, const char *path) {
  struct stat about;
  uint8_t set[HEADER + 52 + 1 + 2 * 256 + 3] = {0};
  int fd = open(path, O_RDONLY), letters = strlen(name) + 1, n = HEADER + 53;
  if (fd < 0 || fstat(fd, &about) != 0) fail(path, 0);
  command(SEND_INFO, 2, (uint32_t[]){storage, parent});
  put32(set + HEADER, storage), set[HEADER + 5] = 0x30, put32(set + HEADER + 8, about.st_size), put32(set + HEADER + 38, parent);
  set[HEADER + 52] = letters;
  for (int i = 0; i < letters; i += 1, n += 2) set[n] = name[i];
  header(set, n + 3, 2, SEND_INFO);
  bulk(OUT, set, n + 3);
  if ((n + 3) % PACKET == 0) bulk(OUT, set, 0);
  response();
  command(SEND_OBJECT, 0, NULL);
  object_from(fd, about.st_size);
  close(fd);
}

int main(int argc, char **argv) {
  char name[256], path[4096];
  uint32_t count = 0;
  if (argc < 3) fail("list|get|put FOLDER [LOCAL]", 0);
  libusb_init(&context);
  phone = libusb_open_device_with_vid_pid(context, 0x1d6b, 0x0100);
  if (phone == NULL || libusb_claim_interface(phone, 0) != 0) fail("no phone", 0);
  command(OPEN_SESSION, 1, (uint32_t[]){1}), response();
  command(GET_STORAGE_IDS, 0, NULL);
  uint32_t storage = get32(small_data() + 4);
  puts("begin"), fflush(stdout);
  uint32_t folder = folder_named(storage, argv[2]);
  if (strcmp(argv[1], "put") == 0) {
    struct dirent *entry;
    DIR *local = opendir(argv[3]);
    while (local != NULL && (entry = readdir(local)) != NULL) {
      if (entry->d_name[0] == '.') continue;
      snprintf(path, sizeof path, "%s/%s", argv[3], entry->d_name);
      send_file(storage, folder, entry->d_name, path);
      count += 1;
    }
  } else {
    uint32_t *found = handles(storage, folder, &count);
    for (uint32_t i = 0; i < count; i += 1) {
      info(found[i], name);
      if (strcmp(argv[1], "get") != 0) continue;
      snprintf(path, sizeof path, "%s/%s", argv[3], name);
      int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
      if (fd < 0) fail(path, 0);
      command(GET_OBJECT, 1, &found[i]);
      object_to(fd);
      close(fd);
    }
  }
  puts("end");
  printf("%u files\n", count);
  command(CLOSE_SESSION, 0, NULL), response();
  libusb_release_interface(phone, 0);
  libusb_close(phone);
  return 0;
}
