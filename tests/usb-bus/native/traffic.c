/* What goes over the bus: transactions by operation, and the time that it takes. */
#define _GNU_SOURCE
#include "bus.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

enum { COMMAND = 1, DATA = 2, RESPONSE = 3 };
enum { OK = 0x2001, CLOSE_SESSION = 0x1003 };

static uint32_t le32(const uint8_t *p) { return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24; }

static struct operation *operation_of(int code) {
  int i = 0;
  while (i < bus->operations && bus->operation[i].code != code) i += 1;
  if (i == OPERATIONS) return &bus->operation[OPERATIONS - 1];
  if (i == bus->operations) bus->operation[bus->operations++].code = (uint16_t)code;
  return &bus->operation[i];
}

/* What every initiator asks before the work: the device, its session, its storages and what it can do. */
static int is_opening(int code) {
  return code <= 0x1005 || code == 0x1014 || code == 0x1015 || code == 0x9801 || code == 0x9802;
}

static void begin_container(struct stream *s, uint64_t submitted) {
  int is_out = s == &bus->out;
  uint64_t t = now();
  s->type = s->head[4] | s->head[5] << 8;
  s->code = s->head[6] | s->head[7] << 8;
  s->is_endless = le32(s->head) == 0xffffffffu;
  s->left = le32(s->head) < 12 ? 0 : le32(s->head) - 12;
  if (s->type == COMMAND && is_out) {
    struct operation *o = operation_of(s->code);
    o->count += 1;
    if (bus->response_at != 0 && submitted > bus->response_at) o->initiator_ns += submitted - bus->response_at;
    bus->current = s->code;
    bus->command_at = t;
    bus->response_at = 0;
    if (bus->first_at == 0 && !is_opening(s->code)) bus->first_at = submitted;
  } else if (s->type == DATA && !s->is_endless) {
    struct operation *o = operation_of(s->code);
    if (is_out) o->bytes_out += s->left;
    else o->bytes_in += s->left;
  } else if (s->type == RESPONSE && !is_out) {
    operation_of(bus->current)->responder_ns += t - bus->command_at;
    if (s->code != OK) bus->refused += 1;
    bus->response_at = t;
    if (bus->current != CLOSE_SESSION) bus->last_at = t;
  }
}

/* Follows the containers; gives the code of a command that begins in these bytes, else 0. The lock is held. */
int traffic_follow(struct stream *s, const uint8_t *bytes, size_t length, uint64_t submitted) {
  int command = 0;
  while (length > 0) {
    size_t n;
    if (s->is_endless) return command;
    if (s->left > 0) {
      n = length < s->left ? length : s->left;
      s->left -= n;
    } else {
      n = length < (size_t)(12 - s->have) ? length : (size_t)(12 - s->have);
      memcpy(s->head + s->have, bytes, n);
      s->have += (int)n;
      if (s->have == 12) {
        s->have = 0;
        begin_container(s, submitted);
        if (s->type == COMMAND) command = s->code;
      }
    }
    bytes += n, length -= n;
  }
  return command;
}

/* A short packet: the end of a container that did not say how long it is. */
void traffic_short(struct stream *s) { s->is_endless = 0; }

void traffic_forget(void) {
  memset(bus->operation, 0, sizeof bus->operation);
  memset(bus->transfers, 0, sizeof bus->transfers);
  memset(bus->bytes, 0, sizeof bus->bytes);
  memset(bus->empty_packets, 0, sizeof bus->empty_packets);
  bus->operations = 0;
  bus->response_at = bus->first_at = bus->last_at = bus->refused = bus->cancelled = 0;
}

/* As JSON. Times are means in microseconds, but `wireUs`: from the first command after opening to the last response. */
void traffic_print(void) {
  const char *comma = "";
  printf("{\"operations\":[");
  for (int i = 0; i < bus->operations; i += 1) {
    struct operation *o = &bus->operation[i];
    if (o->count == 0) continue;
    printf("%s{\"code\":%d,\"count\":%lu,\"initiatorUs\":%.1f,\"responderUs\":%.1f,\"bytesOut\":%lu,\"bytesIn\":%lu}", comma, o->code, o->count, (double)o->initiator_ns / 1e3 / (double)o->count,
           (double)o->responder_ns / 1e3 / (double)o->count, o->bytes_out, o->bytes_in);
    comma = ",";
  }
  comma = "";
  printf("],\"endpoints\":[");
  for (int i = 0; i < ENDPOINTS && bus->endpoint[i].exists; i += 1) {
    printf("%s{\"address\":%d,\"transfers\":%lu,\"bytes\":%lu,\"emptyPackets\":%lu}", comma, bus->endpoint[i].address, bus->transfers[i], bus->bytes[i], bus->empty_packets[i]);
    comma = ",";
  }
  printf("],\"wireUs\":%lu,\"refused\":%lu,\"cancelled\":%lu,\"ready\":%s,\"events\":%d,\"attached\":%s,\"device\":%d}\n", bus->last_at > bus->first_at && bus->first_at != 0 ? (bus->last_at - bus->first_at) / 1000 : 0, bus->refused,
         bus->cancelled, bus->ready ? "true" : "false", bus->events, bus->attached ? "true" : "false", bus->device);
}

/* How late this thread woke last: the bus itself would not have been idle for so long. */
static __thread uint64_t overslept;

static void sleep_until(uint64_t at) {
  static __thread int is_exact;
  struct timespec t = {(time_t)(at / 1000000000u), (long)(at % 1000000000u)};
  if (!is_exact) prctl(PR_SET_TIMERSLACK, 1000, 0, 0, 0), is_exact = 1;
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {}
}

/* When so many bytes more have gone over it; 0 where they take no time. The lock is held. */
uint64_t time_on_bus(uint64_t bytes) {
  if (bus->rate == 0) return 0;
  uint64_t t = now() - overslept;
  overslept = 0;
  if (bus->busy_until > t) t = bus->busy_until;
  return bus->busy_until = t + bytes * 1000000000u / bus->rate;
}

/* Waits for that; a transfer that is completed takes its own time as well. */
void time_wait(uint64_t until, int completes) {
  if (completes && bus->latency_ns != 0) until = (until == 0 ? now() : until) + bus->latency_ns;
  uint64_t t = until == 0 ? 0 : now();
  if (until <= t) return;
  sleep_until(until);
  t = now();
  overslept = t > until ? t - until : 0;
}

/* The phone's own time for an operation. */
void time_think(int code) {
  uint64_t ns = bus->operation_ns;
  for (size_t i = 0; i < sizeof bus->special / sizeof *bus->special; i += 1)
    if (bus->special[i].code == code) ns = bus->special[i].ns;
  if (ns != 0) sleep_until(now() + ns);
}
