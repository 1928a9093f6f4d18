/* What libusb, android-file-transfer and Replug read in sysfs, as files: the hub, the device, its interface, its endpoints. */
#define _GNU_SOURCE
#include "bus.h"
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROOT "/sys/bus/"
#define HUB ROOT "lab/usb1"
#define DEVICE HUB "/1-1"
#define FACE DEVICE "/1-1:1.0"
#define NODE "/dev/bus/usb/001/%03d"

static void folder(const char *path) {
  if (mkdir(path, 0755) != 0 && errno != EEXIST) die(path);
}

static void file(const char *in, const char *name, const void *bytes, size_t length) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s", in, name);
  int fd = real.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0 || real.write(fd, bytes, length) != (ssize_t)length) die(path);
  real.close(fd);
}

__attribute__((format(printf, 3, 4))) static void text(const char *in, const char *name, const char *format, ...) {
  char line[256];
  va_list list;
  va_start(list, format);
  int n = vsnprintf(line, sizeof line, format, list);
  va_end(list);
  file(in, name, line, (size_t)n);
}

/* The kernel has links here, and android-file-transfer looks at links only. */
static void linked(const char *name, const char *to) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, ROOT "usb/devices/%s", name);
  if (symlink(to, path) != 0 && errno != EEXIST) die(path);
}

static void hub(void) {
  static const uint8_t descriptors[] = {18, 1, 0, 2, 9, 0, 1, 64, 0x6b, 0x1d, 2, 0, 1, 6, 0, 0, 0, 1,
                                        9, 2, 25, 0, 1, 1, 0, 0xe0, 0, 9, 4, 0, 0, 1, 9, 0, 0, 0, 7, 5, 0x81, 3, 4, 0, 12};
  static const char *const folders[] = {ROOT "usb", ROOT "usb/devices", ROOT "usb/drivers", ROOT "lab", HUB, "/dev/bus", "/dev/bus/usb", "/dev/bus/usb/001"};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i += 1) folder(folders[i]);
  linked("usb1", "../../lab/usb1");
  file(HUB, "descriptors", descriptors, sizeof descriptors);
  text(HUB, "busnum", "1\n"), text(HUB, "devnum", "1\n"), text(HUB, "speed", "480\n"), text(HUB, "bConfigurationValue", "1\n");
  text(HUB, "idVendor", "1d6b\n"), text(HUB, "idProduct", "0002\n"), text(HUB, "bDeviceClass", "09\n");
  file("/dev/bus/usb/001", "001", "", 0);
}

static void endpoints(void) {
  static const char *const types[] = {"Control", "Isoc", "Bulk", "Interrupt"};
  for (int i = 0; i < ENDPOINTS && bus->endpoint[i].exists; i += 1) {
    struct endpoint *e = &bus->endpoint[i];
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/ep_%02x", i == 0 ? DEVICE : FACE, e->address);
    folder(path);
    text(path, "bEndpointAddress", "%02x\n", e->address), text(path, "type", "%s\n", types[e->type]);
    text(path, "direction", "%s\n", i == 0 ? "both" : e->address & 0x80 ? "in" : "out"), text(path, "wMaxPacketSize", "%04x\n", e->packet);
  }
}

void sysfs_appear(void) {
  static const char *const words[] = {NULL, "manufacturer", "product", "serial"};
  uint8_t all[sizeof bus->descriptor + sizeof bus->config];
  char node[64];
  hub();
  folder(DEVICE), folder(FACE);
  memcpy(all, bus->descriptor, 18);
  memcpy(all + 18, bus->config, bus->config_length);
  file(DEVICE, "descriptors", all, 18 + bus->config_length);
  text(DEVICE, "busnum", "1\n"), text(DEVICE, "devnum", "%d\n", bus->device), text(DEVICE, "devpath", "1\n");
  text(DEVICE, "speed", "%d\n", bus->speed), text(DEVICE, "bConfigurationValue", "1\n"), text(DEVICE, "bNumConfigurations", "1\n");
  text(DEVICE, "bDeviceClass", "00\n"), text(DEVICE, "bMaxPacketSize0", "64\n");
  text(DEVICE, "idVendor", "%04x\n", bus->vendor), text(DEVICE, "idProduct", "%04x\n", bus->product);
  for (int i = 1; i <= 3; i += 1)
    if (bus->strings[i][0] != 0) text(DEVICE, words[i], "%s\n", bus->strings[i]);
  text(DEVICE, "uevent", "MAJOR=189\nMINOR=%d\nDEVNAME=bus/usb/001/%03d\nDEVTYPE=usb_device\nDRIVER=usb\nBUSNUM=001\nDEVNUM=%03d\n", bus->device - 1, bus->device, bus->device);
  const uint8_t *f = bus->config + 9;
  text(FACE, "bInterfaceClass", "%02x\n", f[5]), text(FACE, "bInterfaceSubClass", "%02x\n", f[6]), text(FACE, "bInterfaceProtocol", "%02x\n", f[7]);
  text(FACE, "bInterfaceNumber", "%02x\n", f[2]), text(FACE, "bAlternateSetting", "%2d\n", f[3]), text(FACE, "bNumEndpoints", "%02x\n", f[4]);
  if (f[8] < 16 && bus->strings[f[8]][0] != 0) text(FACE, "interface", "%s\n", bus->strings[f[8]]);
  endpoints();
  snprintf(node, sizeof node, NODE, bus->device);
  file("/dev/bus/usb/001", node + sizeof "/dev/bus/usb/001", "", 0);
  linked("1-1", "../../lab/usb1/1-1"), linked("1-1:1.0", "../../lab/usb1/1-1/1-1:1.0");
}

static int drop(const char *path, const struct stat *info, int type, struct FTW *at) {
  (void)info, (void)type, (void)at;
  return remove(path);
}

void sysfs_vanish(int device) {
  char node[64];
  snprintf(node, sizeof node, NODE, device);
  unlink(node);
  unlink(ROOT "usb/devices/1-1"), unlink(ROOT "usb/devices/1-1:1.0");
  nftw(DEVICE, drop, 8, FTW_DEPTH | FTW_PHYS);
}
