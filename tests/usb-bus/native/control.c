/*
 * usb-bus create [KEY=VALUE…]   a new, empty bus: maker product serial (words) ids=VENDOR:PRODUCT (hexadecimal) speed=480|5000
 * usb-bus plug | unplug         the cable
 * usb-bus gone                  the responder's process has ended
 * usb-bus set [KEY=VALUE…]      rate=BYTES/S latency-us=N op-us=N op-us:CODE=N (hexadecimal); nothing: as fast as it goes
 * usb-bus forget                the counts so far
 * usb-bus stats                 the counts, as JSON
 * usb-bus run FILE COMMAND…     a program on the bus; its processor time goes to FILE: user and system seconds, KiB resident
 * usb-bus awake                 keeps every processor from halting, at idle priority, until its parent ends
 */
#define _GNU_SOURCE
#include "bus.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct real real = {open, close, read, write, syscall};

static int unknown(const char *word) {
  fprintf(stderr, "usb-bus: %s?\n", word);
  return 2;
}

/* The value where the word begins with this key. */
static const char *value_of(const char *word, const char *key) {
  size_t n = strlen(key);
  return strncmp(word, key, n) == 0 && word[n] == '=' ? word + n + 1 : NULL;
}

static int create(int count, char **words) {
  static const char *const keys[] = {NULL, "maker", "product", "serial"};
  bus_create();
  bus->vendor = 0x1d6b, bus->product = 0x0100;
  for (int i = 0; i < count; i += 1) {
    const char *value = NULL;
    unsigned vendor, product;
    for (int k = 1; k <= 3 && value == NULL; k += 1)
      if ((value = value_of(words[i], keys[k])) != NULL) snprintf(bus->strings[k], sizeof bus->strings[k], "%s", value);
    if (value != NULL) continue;
    if ((value = value_of(words[i], "speed")) != NULL) bus->speed = atoi(value);
    else if ((value = value_of(words[i], "ids")) != NULL && sscanf(value, "%x:%x", &vendor, &product) == 2) bus->vendor = (uint16_t)vendor, bus->product = (uint16_t)product;
    else return unknown(words[i]);
  }
  return 0;
}

static int set(int count, char **words) {
  int special = 0;
  memset(bus->special, 0, sizeof bus->special);
  bus->rate = bus->latency_ns = bus->operation_ns = 0;
  for (int i = 0; i < count; i += 1) {
    unsigned code, us;
    const char *value;
    if (sscanf(words[i], "op-us:%x=%u", &code, &us) == 2 && special < 16) bus->special[special].code = (uint16_t)code, bus->special[special++].ns = us * 1000ull;
    else if ((value = value_of(words[i], "rate")) != NULL) bus->rate = strtoull(value, NULL, 10);
    else if ((value = value_of(words[i], "latency-us")) != NULL) bus->latency_ns = strtoull(value, NULL, 10) * 1000;
    else if ((value = value_of(words[i], "op-us")) != NULL) bus->operation_ns = strtoull(value, NULL, 10) * 1000;
    else return unknown(words[i]);
  }
  return 0;
}

/* In a virtual machine a halted processor takes 50 us and more to wake, which a slower initiator would pay more often. */
static int awake(void) {
  long count = sysconf(_SC_NPROCESSORS_ONLN);
  pid_t parent = getppid();
  for (int cpu = 1; cpu < count; cpu += 1)
    if (fork() == 0) {
      parent = getppid();
      break;
    }
  struct sched_param lowest = {0};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  setpriority(PRIO_PROCESS, 0, 19);
  sched_setscheduler(0, SCHED_IDLE, &lowest);
  for (volatile unsigned long i = 1;; i += 1)
    if (i % 100000000 == 0 && getppid() != parent) return 0;
}

static int run(const char *result, char **command) {
  struct rusage used;
  int status;
  pid_t child = fork();
  if (child == 0) {
    char library[4096];
    ssize_t n = readlink("/proc/self/exe", library, sizeof library - 4);
    if (n < 0) die("/proc/self/exe");
    strcpy(library + n, ".so");
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setenv("LD_PRELOAD", library, 1);
    execvp(command[0], command);
    die(command[0]);
  }
  if (wait4(child, &status, 0, &used) < 0) die("wait4");
  FILE *out = fopen(result, "w");
  if (out == NULL) die(result);
  fprintf(out, "%.6f %.6f %ld\n", (double)used.ru_utime.tv_sec + (double)used.ru_utime.tv_usec / 1e6, (double)used.ru_stime.tv_sec + (double)used.ru_stime.tv_usec / 1e6, used.ru_maxrss);
  fclose(out);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int cable(int is_in) {
  lock();
  bus->cable = (uint32_t)is_in;
  unlock();
  device_update();
  return 0;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "";
  /* behind the bus it would find itself */
  if (getenv("LD_PRELOAD") != NULL) unsetenv("LD_PRELOAD"), execv("/proc/self/exe", argv);
  if (strcmp(what, "create") == 0) return create(argc - 2, argv + 2);
  if (strcmp(what, "awake") == 0) return awake();
  if (strcmp(what, "run") == 0 && argc > 3) return run(argv[2], argv + 3);
  if (bus_attach() != 0) die(BUS_FILE);
  if (strcmp(what, "plug") == 0) return cable(1);
  if (strcmp(what, "unplug") == 0) return cable(0);
  if (strcmp(what, "set") == 0) return set(argc - 2, argv + 2);
  if (strcmp(what, "stats") == 0) return traffic_print(), 0;
  if (strcmp(what, "forget") != 0 && strcmp(what, "gone") != 0) return unknown(what);
  lock();
  if (strcmp(what, "forget") == 0) traffic_forget();
  else bus->ready = 0, memset(&bus->ep0, 0, sizeof bus->ep0);
  unlock();
  device_update();
  return 0;
}
