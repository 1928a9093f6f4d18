/*
 * A stand-in for Windows' portable-device classes, written from Microsoft's documentation (WpdMtpExtensions.h,
 * PortableDevice.h, PortableDeviceApi.idl) and apart from the client it is a partner to. Every operation goes over
 * loopback to a phone that the test runs. It checks what it is given as strictly as it can, answers E_INVALIDARG to
 * whatever is wrong, and reports each such thing to the test.
 */
#ifndef SERVER_H
#define SERVER_H

#define COBJMACROS
#define WIN32_LEAN_AND_MEAN
#include <winsock2.h>
#include <windows.h>
#include <initguid.h>
#include <objbase.h>
#include <oleauto.h>
#include <propidl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#ifndef PROPERTYKEY_DEFINED
#define PROPERTYKEY_DEFINED
typedef struct { GUID fmtid; DWORD pid; } PROPERTYKEY;
#endif
#ifndef REFPROPERTYKEY
#define REFPROPERTYKEY const PROPERTYKEY *
#endif
#include <portabledevicetypes.h>

/* --- what is alive, counted here and sent along with every request --- */
extern LONG live_objects;
extern LONG violations;
/* Blocks and bytes of the task allocator that nobody has freed, and all blocks that were ever given out. */
extern LONG task_blocks, task_given;
extern LONGLONG task_bytes;

/* Counts and reports something that Windows would refuse; gives E_INVALIDARG. */
HRESULT violation(const char *what);
void *task_copy(const void *data, size_t size);
WCHAR *task_text(const WCHAR *text);
void watch_task_memory(void);

/* --- the line to the test: one request at a time, little-endian --- */
typedef struct {
  uint8_t *data;
  size_t size, room, at;
  BOOL bad;
} Buffer;

void put_u8(Buffer *b, uint8_t v);
void put_u32(Buffer *b, uint32_t v);
void put_u64(Buffer *b, uint64_t v);
void put_f64(Buffer *b, double v);
void put_bytes(Buffer *b, const void *data, size_t size);
void put_text(Buffer *b, const WCHAR *text);
uint8_t get_u8(Buffer *b);
uint32_t get_u32(Buffer *b);
uint64_t get_u64(Buffer *b);
double get_f64(Buffer *b);
/* Inside the buffer; NULL where it is shorter. */
const uint8_t *get_bytes(Buffer *b, size_t size);
/* Allocated with malloc. */
WCHAR *get_text(Buffer *b);
void free_buffer(Buffer *b);

/* Sends `kind` and the body, which it frees, and waits for the answer: its HRESULT, and the rest in `reply`. */
HRESULT ask(char kind, Buffer *body, Buffer *reply);
SOCKET connect_to_test(void);
BOOL send_all(SOCKET s, const void *data, size_t size);
BOOL receive_all(SOCKET s, void *data, size_t size);

/* --- classes --- */
HRESULT make_values(IPortableDeviceValues **out);
HRESULT make_collection(IPortableDevicePropVariantCollection **out);
HRESULT make_keys(IPortableDeviceKeyCollection **out);
HRESULT make_manager(REFIID iid, void **out);
HRESULT make_device(REFIID iid, void **out);

/* An entry of a property bag as it is, without the type checks of its getters; NULL where there is none. */
const PROPVARIANT *peek_value(IPortableDeviceValues *values, const PROPERTYKEY *key);
/* Whether an object is a bag or a collection of ours. */
BOOL is_values(void *object);
BOOL is_collection(void *object);
ULONG collection_size(IPortableDevicePropVariantCollection *collection);
const PROPVARIANT *collection_at(IPortableDevicePropVariantCollection *collection, ULONG index);
ULONG key_count(IPortableDeviceKeyCollection *keys);
const PROPERTYKEY *key_at(IPortableDeviceKeyCollection *keys, ULONG index);
HRESULT store_value(IPortableDeviceValues *values, const PROPERTYKEY *key, const PROPVARIANT *value);

/* The content interface of an open device; the device's number names it to the test. */
HRESULT make_content(uint32_t device, void **out);

/* --- keys, by the names of the documentation --- */
#define GUID_MTP { 0x4d545058, 0x1a2e, 0x4106, { 0xa3, 0x57, 0x77, 0x1e, 0x08, 0x19, 0xfc, 0x56 } }
#define GUID_COMMON { 0xf0422a9c, 0x5dc8, 0x4440, { 0xb5, 0xbd, 0x5d, 0xf2, 0x88, 0x35, 0x65, 0x8a } }
#define GUID_CLIENT { 0x204d9f0c, 0x2292, 0x4080, { 0x9f, 0x42, 0x40, 0x66, 0x4e, 0x70, 0xf8, 0x59 } }
#define GUID_EVENT { 0x15ab1953, 0xf817, 0x4fef, { 0xa9, 0x21, 0x56, 0x76, 0xe8, 0x38, 0xf6, 0xe0 } }
#define GUID_OBJECT { 0xef6b490d, 0x5cd8, 0x437a, { 0xaf, 0xfc, 0xda, 0x8b, 0x60, 0xee, 0x4a, 0x3c } }

#define E_WPD_DEVICE_ALREADY_OPENED ((HRESULT)0x802A0001)
#define E_WPD_DEVICE_NOT_OPEN ((HRESULT)0x802A0002)

/* IStream's neighbour, which tells the name of what was made. */
DEFINE_GUID(IID_DataStream, 0x88e04db3, 0x1012, 0x4d64, 0x99, 0x96, 0xf7, 0x03, 0xa9, 0x50, 0xd3, 0xf4);

#endif
