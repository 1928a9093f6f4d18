#include "server.h"
#include <stdio.h>

/* IPortableDevice: opening, the commands for MTP operations, events. */

typedef struct Device Device;
typedef struct {
  HRESULT(WINAPI *QueryInterface)(Device *, REFIID, void **);
  ULONG(WINAPI *AddRef)(Device *);
  ULONG(WINAPI *Release)(Device *);
  HRESULT(WINAPI *Open)(Device *, LPCWSTR, IPortableDeviceValues *);
  HRESULT(WINAPI *SendCommand)(Device *, DWORD, IPortableDeviceValues *, IPortableDeviceValues **);
  HRESULT(WINAPI *Content)(Device *, void **);
  HRESULT(WINAPI *Capabilities)(Device *, void **);
  HRESULT(WINAPI *Cancel)(Device *);
  HRESULT(WINAPI *Close)(Device *);
  HRESULT(WINAPI *Advise)(Device *, DWORD, IUnknown *, IPortableDeviceValues *, LPWSTR *);
  HRESULT(WINAPI *Unadvise)(Device *, LPCWSTR);
  HRESULT(WINAPI *GetPnPDeviceID)(Device *, LPWSTR *);
} DeviceTable;

/* The callback's one method beyond IUnknown. */
typedef struct Callback Callback;
struct Callback {
  struct {
    HRESULT(WINAPI *QueryInterface)(Callback *, REFIID, void **);
    ULONG(WINAPI *AddRef)(Callback *);
    ULONG(WINAPI *Release)(Callback *);
    HRESULT(WINAPI *OnEvent)(Callback *, IPortableDeviceValues *);
  } *table;
};

/* The line that events come on, and the thread that tells them; the thread may outlive the device. */
typedef struct {
  SOCKET line;
  Callback *callback;
  /* Whether it is inside the callback. */
  volatile LONG tells;
} Events;

struct Device {
  const DeviceTable *table;
  LONG references;
  BOOL open;
  uint32_t number;
  /* The one transfer that may be open, and what is known of it. */
  WCHAR context[32];
  uint32_t transfer;
  BOOL to_phone;
  uint64_t total, moved;
  LONG next;
  HANDLE thread;
  Events *events;
};

static const GUID MTP = GUID_MTP;
static const PROPERTYKEY CATEGORY = { GUID_COMMON, 1001 }, COMMAND = { GUID_COMMON, 1002 }, RESULT = { GUID_COMMON, 1003 };
static const PROPERTYKEY OP_CODE = { GUID_MTP, 1001 }, OP_PARAMS = { GUID_MTP, 1002 }, RESPONSE_CODE = { GUID_MTP, 1003 },
                         RESPONSE_PARAMS = { GUID_MTP, 1004 }, VENDOR_OPS = { GUID_MTP, 1005 }, TRANSFER_CONTEXT = { GUID_MTP, 1006 },
                         TOTAL = { GUID_MTP, 1007 }, TO_READ = { GUID_MTP, 1008 }, READ = { GUID_MTP, 1009 }, TO_WRITE = { GUID_MTP, 1010 },
                         WRITTEN = { GUID_MTP, 1011 }, DATA = { GUID_MTP, 1012 }, OPTIMAL = { GUID_MTP, 1013 };

static const PROPVARIANT *typed(IPortableDeviceValues *values, const PROPERTYKEY *key, VARTYPE vt) {
  const PROPVARIANT *value = peek_value(values, key);
  return value && value->vt == vt ? value : NULL;
}
static void answer_u32(IPortableDeviceValues *results, const PROPERTYKEY *key, ULONG value) {
  IPortableDeviceValues_SetUnsignedIntegerValue(results, key, value);
}
static HRESULT numbers_from(Buffer *reply, IPortableDeviceValues *results, const PROPERTYKEY *key) {
  IPortableDevicePropVariantCollection *collection;
  make_collection(&collection);
  for (uint32_t n = get_u32(reply); n > 0 && !reply->bad; n--) {
    PROPVARIANT value = { .vt = VT_UI4 };
    value.ulVal = get_u32(reply);
    IPortableDevicePropVariantCollection_Add(collection, &value);
  }
  IPortableDeviceValues_SetIPortableDevicePropVariantCollectionValue(results, key, collection);
  IPortableDevicePropVariantCollection_Release(collection);
  return S_OK;
}
static void response_from(Buffer *reply, IPortableDeviceValues *results) {
  uint32_t code = get_u32(reply);
  /* a driver that has none says none */
  if (code) answer_u32(results, &RESPONSE_CODE, code);
  numbers_from(reply, results, &RESPONSE_PARAMS);
}

/* Operation code and parameters, checked, into the request. */
static HRESULT put_operation(Device *self, IPortableDeviceValues *params, Buffer *body) {
  const PROPVARIANT *code = typed(params, &OP_CODE, VT_UI4);
  const PROPVARIANT *list = typed(params, &OP_PARAMS, VT_UNKNOWN);
  if (!code || code->ulVal > 0xffff) return violation("operation code: VT_UI4 of 16 bits");
  if (!list || !is_collection(list->punkVal)) return violation("operation parameters: a collection, empty where there are none");
  IPortableDevicePropVariantCollection *collection = (IPortableDevicePropVariantCollection *)list->punkVal;
  ULONG count = collection_size(collection);
  if (count > 5) return violation("more than five parameters");
  put_u32(body, self->number);
  put_u32(body, code->ulVal);
  put_u32(body, count);
  for (ULONG i = 0; i < count; i++) {
    const PROPVARIANT *value = collection_at(collection, i);
    if (value->vt != VT_UI4) return violation("a parameter that is not VT_UI4");
    put_u32(body, value->ulVal);
  }
  if (self->context[0]) return violation("an operation while a transfer is open");
  return S_OK;
}

static HRESULT execute(Device *self, IPortableDeviceValues *params, IPortableDeviceValues *results) {
  Buffer body = { 0 }, reply = { 0 };
  HRESULT hr = put_operation(self, params, &body);
  if (FAILED(hr)) return free_buffer(&body), hr;
  hr = ask('X', &body, &reply);
  if (SUCCEEDED(hr)) response_from(&reply, results);
  free_buffer(&reply);
  return hr;
}

static HRESULT begin(Device *self, IPortableDeviceValues *params, IPortableDeviceValues *results, BOOL to_phone) {
  Buffer body = { 0 }, reply = { 0 };
  HRESULT hr = put_operation(self, params, &body);
  if (FAILED(hr)) return free_buffer(&body), hr;
  uint64_t total = 0;
  if (to_phone) {
    const PROPVARIANT *size = typed(params, &TOTAL, VT_UI8);
    if (!size) return free_buffer(&body), violation("total size of data to write: VT_UI8");
    total = size->uhVal.QuadPart;
    put_u64(&body, total);
  }
  hr = ask(to_phone ? 'W' : 'R', &body, &reply);
  if (FAILED(hr)) return free_buffer(&reply), hr;
  if (get_u8(&reply)) {
    self->transfer = get_u32(&reply);
    uint64_t announced = get_u64(&reply);
    uint32_t optimal = get_u32(&reply);
    self->to_phone = to_phone;
    self->total = to_phone ? total : announced;
    self->moved = 0;
    swprintf(self->context, 32, L"transfer-%u-%ld", self->number, ++self->next);
    IPortableDeviceValues_SetStringValue(results, &TRANSFER_CONTEXT, self->context);
    if (!to_phone) IPortableDeviceValues_SetUnsignedLargeIntegerValue(results, &TOTAL, announced);
    answer_u32(results, &OPTIMAL, optimal);
  } else {
    response_from(&reply, results);
  }
  free_buffer(&reply);
  return S_OK;
}

static HRESULT in_transfer(Device *self, IPortableDeviceValues *params) {
  const PROPVARIANT *context = typed(params, &TRANSFER_CONTEXT, VT_LPWSTR);
  if (!context) return violation("transfer context: VT_LPWSTR");
  if (!self->context[0]) return violation("a context after its transfer has ended");
  if (wcscmp(context->pwszVal, self->context)) return violation("a context of another transfer");
  return S_OK;
}

static HRESULT read_data(Device *self, IPortableDeviceValues *params, IPortableDeviceValues *results) {
  HRESULT hr = in_transfer(self, params);
  if (FAILED(hr)) return hr;
  const PROPVARIANT *size = typed(params, &TO_READ, VT_UI4), *data = typed(params, &DATA, VT_VECTOR | VT_UI1);
  if (self->to_phone) return violation("reading from a transfer to the phone");
  if (!size || !size->ulVal) return violation("bytes to read: VT_UI4, at least one");
  if (!data || data->caub.cElems < size->ulVal) return violation("a buffer for what is to be read, of that size");
  if (size->ulVal > 1 << 24) return violation("more than 16 MiB in one call");
  Buffer body = { 0 }, reply = { 0 };
  put_u32(&body, self->number);
  put_u32(&body, self->transfer);
  put_u32(&body, size->ulVal);
  hr = ask('r', &body, &reply);
  if (SUCCEEDED(hr)) {
    /* the count is told apart from the bytes, so that the two can differ */
    uint32_t count = get_u32(&reply), length = get_u32(&reply);
    const uint8_t *bytes = get_bytes(&reply, length);
    self->moved += length;
    answer_u32(results, &READ, count);
    if (bytes) IPortableDeviceValues_SetBufferValue(results, &DATA, (BYTE *)bytes, length);
  }
  free_buffer(&reply);
  return hr;
}

static HRESULT write_data(Device *self, IPortableDeviceValues *params, IPortableDeviceValues *results) {
  HRESULT hr = in_transfer(self, params);
  if (FAILED(hr)) return hr;
  const PROPVARIANT *size = typed(params, &TO_WRITE, VT_UI4), *data = typed(params, &DATA, VT_VECTOR | VT_UI1);
  if (!self->to_phone) return violation("writing to a transfer from the phone");
  if (!size || !size->ulVal) return violation("bytes to write: VT_UI4, at least one");
  if (!data || data->caub.cElems < size->ulVal) return violation("fewer bytes than are to be written");
  if (self->moved + size->ulVal > self->total) return violation("more bytes than were announced");
  Buffer body = { 0 }, reply = { 0 };
  put_u32(&body, self->number);
  put_u32(&body, self->transfer);
  put_bytes(&body, data->caub.pElems, size->ulVal);
  hr = ask('w', &body, &reply);
  if (SUCCEEDED(hr)) {
    uint32_t taken = get_u32(&reply);
    if (taken <= size->ulVal) self->moved += taken;
    answer_u32(results, &WRITTEN, taken);
  }
  free_buffer(&reply);
  return hr;
}

static HRESULT end_transfer(Device *self, IPortableDeviceValues *params, IPortableDeviceValues *results) {
  HRESULT hr = in_transfer(self, params);
  if (FAILED(hr)) return hr;
  Buffer body = { 0 }, reply = { 0 };
  put_u32(&body, self->number);
  put_u32(&body, self->transfer);
  hr = ask('E', &body, &reply);
  /* busy: the transfer is still open */
  if (hr != HRESULT_FROM_WIN32(ERROR_BUSY)) self->context[0] = 0;
  if (SUCCEEDED(hr)) response_from(&reply, results);
  free_buffer(&reply);
  return hr;
}

static HRESULT vendor_operations(Device *self, IPortableDeviceValues *results) {
  Buffer body = { 0 }, reply = { 0 };
  put_u32(&body, self->number);
  HRESULT hr = ask('V', &body, &reply);
  if (SUCCEEDED(hr)) numbers_from(&reply, results, &VENDOR_OPS);
  free_buffer(&reply);
  return hr;
}

static HRESULT WINAPI dev_send(Device *self, DWORD flags, IPortableDeviceValues *params, IPortableDeviceValues **out) {
  if (!out) return E_POINTER;
  *out = NULL;
  if (flags) return violation("SendCommand: flags must be 0");
  if (!is_values(params)) return violation("SendCommand: parameters must be IPortableDeviceValues");
  if (!self->open) return E_WPD_DEVICE_NOT_OPEN;
  const PROPVARIANT *category = typed(params, &CATEGORY, VT_CLSID), *command = typed(params, &COMMAND, VT_UI4);
  if (!category || !command) return violation("a command has a category (VT_CLSID) and an id (VT_UI4)");
  if (!IsEqualGUID(category->puuid, &MTP)) return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
  IPortableDeviceValues *results;
  make_values(&results);
  HRESULT hr;
  switch (command->ulVal) {
    case 11: hr = vendor_operations(self, results); break;
    case 12: hr = execute(self, params, results); break;
    case 13: hr = begin(self, params, results, FALSE); break;
    case 14: hr = begin(self, params, results, TRUE); break;
    case 15: hr = read_data(self, params, results); break;
    case 16: hr = write_data(self, params, results); break;
    case 17: hr = end_transfer(self, params, results); break;
    default: hr = HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
  }
  if (hr == E_INVALIDARG) {
    IPortableDeviceValues_Release(results);
    return hr;
  }
  /* what became of it in the driver is told among the results, as the driver does; the call itself went well */
  IPortableDeviceValues_SetErrorValue(results, &RESULT, hr);
  *out = results;
  return S_OK;
}

static const GUID DEVICE_FACE = { 0x625e2df8, 0x6392, 0x4cf0, { 0x9a, 0xd1, 0x3c, 0xfa, 0x5f, 0x17, 0x77, 0x5c } };
static HRESULT WINAPI dev_query(Device *self, REFIID iid, void **out) {
  *out = NULL;
  if (!IsEqualIID(iid, &DEVICE_FACE) && !IsEqualIID(iid, &IID_IUnknown)) return E_NOINTERFACE;
  InterlockedIncrement(&self->references);
  *out = self;
  return S_OK;
}
static ULONG WINAPI dev_add(Device *self) { return InterlockedIncrement(&self->references); }

static HRESULT WINAPI dev_open(Device *self, LPCWSTR id, IPortableDeviceValues *client) {
  static const PROPERTYKEY NAME = { GUID_CLIENT, 2 }, MAJOR = { GUID_CLIENT, 3 }, SECURITY = { GUID_CLIENT, 8 };
  if (!id || !is_values(client)) return violation("Open: an id and client information");
  if (!typed(client, &NAME, VT_LPWSTR) || !typed(client, &MAJOR, VT_UI4) || !typed(client, &SECURITY, VT_UI4))
    return violation("Open: client name (VT_LPWSTR), version and security quality of service (VT_UI4)");
  if (self->open) return E_WPD_DEVICE_ALREADY_OPENED;
  Buffer body = { 0 }, reply = { 0 };
  put_text(&body, id);
  HRESULT hr = ask('O', &body, &reply);
  if (SUCCEEDED(hr)) {
    self->number = get_u32(&reply);
    self->open = TRUE;
  }
  free_buffer(&reply);
  return hr;
}

/* --- events --- */
static const GUID ADDED = { 0xa726da95, 0xe207, 0x4b02, { 0x8d, 0x44, 0xbe, 0xf2, 0xe8, 0x6c, 0xbf, 0xfc } };
static const GUID REMOVED = { 0xbe82ab88, 0xa52c, 0x4823, { 0x96, 0xe5, 0xd0, 0x27, 0x26, 0x71, 0xfc, 0x38 } };
static const GUID UPDATED = { 0x1445a759, 0x2e01, 0x485d, { 0x9f, 0x27, 0xff, 0x07, 0xda, 0xe6, 0x97, 0xab } };
static const GUID GONE = { 0xe4cbca1b, 0x6918, 0x48b9, { 0x85, 0xee, 0x02, 0xbe, 0x7c, 0x85, 0x0a, 0xf9 } };
static const GUID VENDOR = { 0, 0x5738, 0x4ff2, { 0x84, 0x45, 0xbe, 0x31, 0x26, 0x69, 0x10, 0x59 } };
static const PROPERTYKEY EVENT_ID = { GUID_EVENT, 3 }, OBJECT_ID = { GUID_OBJECT, 2 };
static const PROPERTYKEY EVENT_PARAMS = { { 0x4d545058, 0xef88, 0x4e4d, { 0x95, 0xc3, 0x4f, 0x32, 0x7f, 0x72, 0x8a, 0x96 } }, 1011 };

static DWORD WINAPI tell_events(void *argument) {
  Events *self = argument;
  for (;;) {
    uint32_t length;
    if (!receive_all(self->line, &length, 4)) break;
    Buffer frame = { .data = malloc(length ? length : 1), .size = length, .room = length };
    if (!receive_all(self->line, frame.data, length)) {
      free_buffer(&frame);
      break;
    }
    uint32_t code = get_u32(&frame), first = length >= 12 ? *(uint32_t *)(frame.data + 8) : 0;
    IPortableDeviceValues *values;
    make_values(&values);
    GUID id = VENDOR;
    WCHAR object[16];
    BOOL named = TRUE;
    swprintf(object, 16, L"%c%X", code == 0x4004 || code == 0x4005 ? L's' : L'o', first);
    switch (code) {
      case 0: id = GONE; named = FALSE; break;
      case 0x4002: case 0x4004: id = ADDED; break;
      case 0x4003: case 0x4005: id = REMOVED; break;
      case 0x4007: id = UPDATED; break;
      default: id.Data1 = code << 16; named = FALSE;
    }
    IPortableDeviceValues_SetGuidValue(values, &EVENT_ID, &id);
    if (named) IPortableDeviceValues_SetStringValue(values, &OBJECT_ID, object);
    else if (code) numbers_from(&frame, values, &EVENT_PARAMS);
    InterlockedExchange(&self->tells, 1);
    self->callback->table->OnEvent(self->callback, values);
    InterlockedExchange(&self->tells, 0);
    IPortableDeviceValues_Release(values);
    free_buffer(&frame);
  }
  /* whoever called it lets go of it */
  self->callback->table->Release(self->callback);
  return 0;
}

static HRESULT WINAPI dev_advise(Device *self, DWORD flags, IUnknown *callback, IPortableDeviceValues *params, LPWSTR *cookie) {
  static const GUID CALLBACK_ID = { 0xa8792a31, 0xf385, 0x493c, { 0xa8, 0x93, 0x40, 0xf6, 0x4e, 0xb4, 0x5f, 0x6e } };
  if (!self->open) return E_WPD_DEVICE_NOT_OPEN;
  if (flags || params || !callback || !cookie) return violation("Advise: flags 0, no parameters, a callback, room for the cookie");
  if (self->events) return E_NOTIMPL;
  /* before it carries a callback to another thread, COM asks what it can: whoever says yes is called so */
  void *other = NULL;
  if (SUCCEEDED(IUnknown_QueryInterface(callback, &IID_IMarshal, &other)) || other)
    return violation("Advise: a callback that claims an interface it does not have");
  Callback *face = NULL;
  if (FAILED(IUnknown_QueryInterface(callback, &CALLBACK_ID, (void **)&face))) return violation("Advise: no event callback");
  self->events = calloc(1, sizeof *self->events);
  self->events->callback = face;
  self->events->line = connect_to_test();
  Buffer head = { 0 };
  put_u32(&head, 1 + 4 + 4 + 4 + 8 + 4 + 4);
  put_u8(&head, 'A');
  for (int i = 0; i < 6; i++) put_u32(&head, 0);
  put_u32(&head, self->number);
  send_all(self->events->line, head.data, head.size);
  free_buffer(&head);
  self->thread = CreateThread(NULL, 0, tell_events, self->events, 0, NULL);
  *cookie = task_text(L"cookie");
  return S_OK;
}
static HRESULT WINAPI dev_unadvise(Device *self, LPCWSTR cookie) {
  Events *events = self->events;
  if (!cookie || wcscmp(cookie, L"cookie") || !events) return violation("Unadvise: the cookie of Advise");
  shutdown(events->line, SD_BOTH);
  closesocket(events->line);
  /* an event under way may wait for the very thread that calls this; letting go of the callback may not */
  DWORD waited = WaitForSingleObject(self->thread, 200);
  if (waited == WAIT_TIMEOUT && !events->tells) waited = WaitForSingleObject(self->thread, 5000);
  if (waited == WAIT_OBJECT_0) free(events);
  else if (!events->tells) violation("Unadvise: Release of the callback waits for the thread that calls this");
  CloseHandle(self->thread);
  self->events = NULL;
  return S_OK;
}

static HRESULT WINAPI dev_close(Device *self) {
  if (!self->open) return E_WPD_DEVICE_NOT_OPEN;
  Buffer body = { 0 }, reply = { 0 };
  put_u32(&body, self->number);
  ask('C', &body, &reply);
  free_buffer(&reply);
  self->open = FALSE;
  self->context[0] = 0;
  return S_OK;
}
static ULONG WINAPI dev_release(Device *self) {
  LONG left = InterlockedDecrement(&self->references);
  if (left > 0) return left;
  if (self->events) violation("a device is released while events are subscribed to");
  dev_close(self);
  InterlockedDecrement(&live_objects);
  memset(self, 0, sizeof *self);
  free(self);
  return 0;
}
static HRESULT WINAPI dev_content(Device *self, void **out) {
  if (!self->open) return E_WPD_DEVICE_NOT_OPEN;
  return make_content(self->number, out);
}
static HRESULT WINAPI dev_capabilities(Device *self, void **out) { (void)self; *out = NULL; return E_NOTIMPL; }
/* From a thread that is not inside a call: ends what is pending. */
static HRESULT WINAPI dev_cancel(Device *self) {
  if (!self->open) return E_WPD_DEVICE_NOT_OPEN;
  Buffer body = { 0 }, reply = { 0 };
  put_u32(&body, self->number);
  HRESULT hr = ask('K', &body, &reply);
  free_buffer(&reply);
  return hr;
}
static HRESULT WINAPI dev_name(Device *self, LPWSTR *id) { (void)self; *id = NULL; return E_NOTIMPL; }

static const DeviceTable table = {
  dev_query, dev_add, dev_release, dev_open, dev_send, dev_content, dev_capabilities, dev_cancel, dev_close, dev_advise, dev_unadvise, dev_name,
};

HRESULT make_device(REFIID iid, void **out) {
  if (!IsEqualIID(iid, &DEVICE_FACE) && !IsEqualIID(iid, &IID_IUnknown)) return E_NOINTERFACE;
  Device *device = calloc(1, sizeof *device);
  device->table = &table;
  device->references = 1;
  InterlockedIncrement(&live_objects);
  *out = device;
  return S_OK;
}
