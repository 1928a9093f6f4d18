/* Linux AIO on the endpoints, as Android's responder uses it: a thread for each endpoint carries the requests out in order. */
#define _GNU_SOURCE
#include "bus.h"
#include <errno.h>
#include <linux/aio_abi.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct request { struct iocb *block; struct iocb copy; volatile int is_given_up; struct request *next; };

#define ENDED 1024
static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t has_work = PTHREAD_COND_INITIALIZER, has_ended = PTHREAD_COND_INITIALIZER;
static struct request *first[ENDPOINTS]; /* the first is being carried out */
static int is_started[ENDPOINTS];
static struct io_event ended[ENDED];
static int ended_from, ended_count;

extern __thread volatile int *aio_given_up;

/* The guard is held. */
static void end(struct request *r, long result) {
  struct io_event *e = &ended[(ended_from + ended_count++) % ENDED];
  e->data = r->copy.aio_data, e->obj = (uint64_t)(uintptr_t)r->block, e->res = result, e->res2 = 0;
  if (r->copy.aio_flags & IOCB_FLAG_RESFD) {
    uint64_t one = 1;
    if (real.write((int)r->copy.aio_resfd, &one, 8) < 0) {}
  }
  pthread_cond_broadcast(&has_ended);
  free(r);
}

static void *work(void *argument) {
  int number = (int)(intptr_t)argument;
  for (;;) {
    pthread_mutex_lock(&guard);
    while (first[number] == NULL) pthread_cond_wait(&has_work, &guard);
    struct request *r = first[number];
    pthread_mutex_unlock(&guard);
    void *bytes = (void *)(uintptr_t)r->copy.aio_buf;
    aio_given_up = &r->is_given_up;
    long result = r->copy.aio_lio_opcode == IOCB_CMD_PWRITE ? responder_write(number, bytes, r->copy.aio_nbytes, 0) : responder_read(number, bytes, r->copy.aio_nbytes, 0);
    if (result < 0) result = -errno;
    pthread_mutex_lock(&guard);
    first[number] = r->next;
    end(r, result);
    pthread_mutex_unlock(&guard);
  }
  return NULL;
}

long aio_submit(long count, void **blocks, int (*endpoint_of)(int fd)) {
  for (long i = 0; i < count; i += 1) {
    struct iocb *block = blocks[i];
    int number = endpoint_of((int)block->aio_fildes);
    if (number <= 0 || (block->aio_lio_opcode != IOCB_CMD_PREAD && block->aio_lio_opcode != IOCB_CMD_PWRITE)) {
      errno = EINVAL;
      return i > 0 ? i : -1;
    }
    struct request *r = calloc(1, sizeof *r), **last = &first[number];
    r->block = block, r->copy = *block;
    pthread_mutex_lock(&guard);
    while (*last != NULL) last = &(*last)->next;
    *last = r;
    if (!is_started[number]) {
      pthread_t thread;
      is_started[number] = 1;
      if (pthread_create(&thread, NULL, work, (void *)(intptr_t)number) != 0) die("thread");
    }
    pthread_cond_broadcast(&has_work);
    pthread_mutex_unlock(&guard);
  }
  return count;
}

/* As the kernel: it is told as an event, and this answers that it is under way. */
long aio_cancel(void *block) {
  int found = 0;
  pthread_mutex_lock(&guard);
  for (int i = 1; i < ENDPOINTS && !found; i += 1)
    for (struct request **at = &first[i]; *at != NULL && !found; at = &(*at)->next) {
      struct request *r = *at;
      if (r->block != block) continue;
      found = i;
      r->is_given_up = 1;
      if (r == first[i]) break;
      *at = r->next;
      end(r, -ECONNRESET);
      break;
    }
  pthread_mutex_unlock(&guard);
  if (found) {
    lock();
    endpoint_changed(found);
    unlock();
  }
  errno = found ? EINPROGRESS : EINVAL;
  return -1;
}

long aio_events(long least, long most, void *events, const struct timespec *timeout) {
  struct io_event *out = events;
  struct timespec until = {0, 0};
  long got = 0;
  if (timeout != NULL) {
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout->tv_sec + (until.tv_nsec + timeout->tv_nsec) / 1000000000;
    until.tv_nsec = (until.tv_nsec + timeout->tv_nsec) % 1000000000;
  }
  pthread_mutex_lock(&guard);
  for (;;) {
    for (; ended_count > 0 && got < most; ended_count -= 1, ended_from = (ended_from + 1) % ENDED) out[got++] = ended[ended_from];
    if (got >= least) break;
    if (timeout == NULL) pthread_cond_wait(&has_ended, &guard);
    else if (pthread_cond_timedwait(&has_ended, &guard, &until) == ETIMEDOUT) break;
  }
  pthread_mutex_unlock(&guard);
  return got;
}
