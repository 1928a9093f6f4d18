#include "server.h"

/* IPortableDeviceContent and its neighbours: objects by name, properties, streams. */

typedef struct Content Content;
typedef struct Properties Properties;
typedef struct Resources Resources;
typedef struct Enumeration Enumeration;

/* One small object for each interface: its table, a count, and which device it belongs to. */
#define OBJECT(name) struct name { const void *table; LONG references; uint32_t device; }
OBJECT(Content);
OBJECT(Properties);
OBJECT(Resources);
struct Enumeration { const void *table; LONG references; WCHAR **names; ULONG count, at; };
typedef struct {
  IStreamVtbl *table;
  LONG references;
  uint32_t device, transfer;
  BOOL writes, committed, reverted;
  WCHAR *name;
} Stream;

static HRESULT WINAPI query(Content *self, REFIID iid, void **out) {
  (void)iid;
  InterlockedIncrement(&self->references);
  *out = self;
  return S_OK;
}
static ULONG WINAPI add_ref(Content *self) { return InterlockedIncrement(&self->references); }
static ULONG WINAPI release(Content *self) {
  LONG left = InterlockedDecrement(&self->references);
  if (left > 0) return left;
  InterlockedDecrement(&live_objects);
  memset(self, 0, sizeof *self);
  free(self);
  return 0;
}
static void *make(const void *table, uint32_t device) {
  Content *object = calloc(1, sizeof *object);
  object->table = table;
  object->references = 1;
  object->device = device;
  InterlockedIncrement(&live_objects);
  return object;
}

/* --- IEnumPortableDeviceObjectIDs --- */
static ULONG WINAPI enum_release(Enumeration *self) {
  LONG left = InterlockedDecrement(&self->references);
  if (left > 0) return left;
  for (ULONG i = 0; i < self->count; i++) free(self->names[i]);
  free(self->names);
  InterlockedDecrement(&live_objects);
  memset(self, 0, sizeof *self);
  free(self);
  return 0;
}
static HRESULT WINAPI enum_next(Enumeration *self, ULONG wanted, LPWSTR *names, ULONG *fetched) {
  if (!names || !fetched || !wanted) return violation("Next: room for names and for their count");
  *fetched = 0;
  while (*fetched < wanted && self->at < self->count) names[(*fetched)++] = task_text(self->names[self->at++]);
  return *fetched == wanted ? S_OK : S_FALSE;
}
static HRESULT WINAPI unused(void *self) { (void)self; return E_NOTIMPL; }
static const void *const enum_table[] = { query, add_ref, enum_release, enum_next, unused, unused, unused, unused };

/* --- IPortableDeviceProperties --- */
static HRESULT WINAPI prop_get(Properties *self, LPCWSTR id, IPortableDeviceKeyCollection *keys, IPortableDeviceValues **out) {
  *out = NULL;
  if (!id || !keys) return violation("GetValues: a name and keys");
  Buffer body = { 0 }, reply = { 0 };
  put_u32(&body, self->device);
  put_text(&body, id);
  HRESULT hr = ask('p', &body, &reply);
  if (FAILED(hr)) return free_buffer(&reply), hr;
  IPortableDeviceValues *values;
  make_values(&values);
  for (uint32_t n = get_u32(&reply); n > 0 && !reply.bad; n--) {
    PROPERTYKEY key;
    const uint8_t *set = get_bytes(&reply, 16);
    if (!set) break;
    memcpy(&key.fmtid, set, 16);
    key.pid = get_u32(&reply);
    PROPVARIANT value;
    memset(&value, 0, sizeof value);
    GUID guid;
    WCHAR *text = NULL;
    value.vt = (VARTYPE)get_u32(&reply);
    switch (value.vt) {
      case VT_UI4: value.ulVal = get_u32(&reply); break;
      case VT_UI8: value.uhVal.QuadPart = get_u64(&reply); break;
      case VT_DATE: value.date = get_f64(&reply); break;
      case VT_LPWSTR: value.pwszVal = text = get_text(&reply); break;
      case VT_CLSID: {
        const uint8_t *bytes = get_bytes(&reply, 16);
        if (bytes) memcpy(&guid, bytes, 16);
        value.puuid = &guid;
        break;
      }
    }
    BOOL wanted = FALSE;
    for (ULONG i = 0; i < key_count(keys); i++)
      wanted |= key_at(keys, i)->pid == key.pid && IsEqualGUID(&key_at(keys, i)->fmtid, &key.fmtid);
    if (wanted) store_value(values, &key, &value);
    free(text);
  }
  free_buffer(&reply);
  *out = values;
  return S_OK;
}
static const PROPERTYKEY FILE_NAME = { GUID_OBJECT, 12 }, NAME = { GUID_OBJECT, 4 }, PARENT = { GUID_OBJECT, 3 }, TYPE = { GUID_OBJECT, 7 },
                         SIZE_KEY = { GUID_OBJECT, 11 }, MODIFIED = { GUID_OBJECT, 19 }, FORMAT = { GUID_OBJECT, 6 };
static const PROPVARIANT *typed(IPortableDeviceValues *values, const PROPERTYKEY *key, VARTYPE vt) {
  const PROPVARIANT *value = peek_value(values, key);
  return value && value->vt == vt ? value : NULL;
}
static HRESULT WINAPI prop_set(Properties *self, LPCWSTR id, IPortableDeviceValues *values, IPortableDeviceValues **out) {
  if (out) *out = NULL;
  if (!id || !is_values(values) || !out) return violation("SetValues: a name, values, room for the results");
  const PROPVARIANT *name = typed(values, &FILE_NAME, VT_LPWSTR);
  if (!name) return violation("SetValues: only the file name can be set, VT_LPWSTR");
  Buffer body = { 0 }, reply = { 0 };
  put_u32(&body, self->device);
  put_text(&body, id);
  put_text(&body, name->pwszVal);
  HRESULT hr = ask('n', &body, &reply);
  free_buffer(&reply);
  make_values(out);
  IPortableDeviceValues_SetErrorValue(*out, &FILE_NAME, hr);
  return FAILED(hr) ? S_FALSE : S_OK;
}
static const void *const properties_table[] = { query, add_ref, release, unused, unused, prop_get, prop_set, unused, unused };

/* --- IStream --- */
static HRESULT WINAPI st_query(Stream *self, REFIID iid, void **out) {
  if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IStream) && !IsEqualIID(iid, &IID_DataStream)) {
    *out = NULL;
    return E_NOINTERFACE;
  }
  return query((Content *)self, iid, out);
}
static HRESULT finish(Stream *self, char kind, Buffer *reply) {
  Buffer body = { 0 };
  put_u32(&body, self->device);
  put_u32(&body, self->transfer);
  return ask(kind, &body, reply);
}
static ULONG WINAPI st_release(Stream *self) {
  LONG left = InterlockedDecrement(&self->references);
  if (left > 0) return left;
  if (!self->committed && !self->reverted) {
    Buffer reply = { 0 };
    finish(self, 'Z', &reply);
    free_buffer(&reply);
  }
  free(self->name);
  InterlockedDecrement(&live_objects);
  memset(self, 0, sizeof *self);
  free(self);
  return 0;
}
static HRESULT WINAPI st_read(Stream *self, void *into, ULONG size, ULONG *count) {
  if (self->writes || !into || !count) return violation("Read: a buffer, a count, and a stream for reading");
  Buffer body = { 0 }, reply = { 0 };
  put_u32(&body, self->device);
  put_u32(&body, self->transfer);
  put_u32(&body, size);
  HRESULT hr = ask('r', &body, &reply);
  if (SUCCEEDED(hr)) {
    *count = get_u32(&reply);
    uint32_t length = get_u32(&reply);
    const uint8_t *bytes = get_bytes(&reply, length);
    if (bytes) memcpy(into, bytes, length < size ? length : size);
  }
  free_buffer(&reply);
  return hr;
}
static HRESULT WINAPI st_write(Stream *self, const void *from, ULONG size, ULONG *count) {
  if (!self->writes || !from || !count) return violation("Write: bytes, a count, and a stream for writing");
  Buffer body = { 0 }, reply = { 0 };
  put_u32(&body, self->device);
  put_u32(&body, self->transfer);
  put_bytes(&body, from, size);
  HRESULT hr = ask('w', &body, &reply);
  if (SUCCEEDED(hr)) *count = get_u32(&reply);
  free_buffer(&reply);
  return hr;
}
static HRESULT WINAPI st_commit(Stream *self, DWORD flags) {
  if (flags || !self->writes || self->committed) return violation("Commit: once, with no flags");
  Buffer reply = { 0 };
  HRESULT hr = finish(self, 'T', &reply);
  if (hr != HRESULT_FROM_WIN32(ERROR_BUSY)) self->committed = TRUE;
  if (SUCCEEDED(hr)) self->name = get_text(&reply);
  free_buffer(&reply);
  return hr;
}
static HRESULT WINAPI st_revert(Stream *self) {
  if (self->committed) return S_OK;
  Buffer reply = { 0 };
  finish(self, 'Z', &reply);
  free_buffer(&reply);
  self->reverted = TRUE;
  return S_OK;
}
static HRESULT WINAPI st_name(Stream *self, LPWSTR *name) {
  *name = NULL;
  if (!self->name) return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
  *name = task_text(self->name);
  return S_OK;
}
static const void *const stream_table[] = {
  st_query, add_ref, st_release, st_read, st_write, unused, unused, unused, st_commit, st_revert, unused, unused, unused, unused, st_name, unused,
};
static Stream *make_stream(uint32_t device, uint32_t transfer, BOOL writes) {
  Stream *stream = calloc(1, sizeof *stream);
  stream->table = (IStreamVtbl *)stream_table;
  stream->references = 1;
  stream->device = device;
  stream->transfer = transfer;
  stream->writes = writes;
  InterlockedIncrement(&live_objects);
  return stream;
}

/* --- IPortableDeviceResources --- */
static HRESULT WINAPI res_stream(Resources *self, LPCWSTR id, const PROPERTYKEY *key, DWORD mode, DWORD *size, Stream **out) {
  static const GUID DEFAULT_RESOURCE = { 0xe81e79be, 0x34f0, 0x41bf, { 0xb5, 0x3f, 0xf1, 0xa0, 0x6a, 0xe8, 0x78, 0x42 } };
  *out = NULL;
  if (!id || !key || mode != STGM_READ || !size) return violation("GetStream: a name, a resource, STGM_READ, room for a size");
  if (!IsEqualGUID(&key->fmtid, &DEFAULT_RESOURCE) || key->pid) return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
  Buffer body = { 0 }, reply = { 0 };
  put_u32(&body, self->device);
  put_text(&body, id);
  HRESULT hr = ask('s', &body, &reply);
  if (SUCCEEDED(hr)) {
    uint32_t transfer = get_u32(&reply);
    *size = get_u32(&reply);
    *out = make_stream(self->device, transfer, FALSE);
  }
  free_buffer(&reply);
  return hr;
}
static const void *const resources_table[] = { query, add_ref, release, unused, unused, res_stream, unused, unused, unused };

/* --- IPortableDeviceContent --- */
static HRESULT WINAPI con_enum(Content *self, DWORD flags, LPCWSTR parent, IPortableDeviceValues *filter, Enumeration **out) {
  *out = NULL;
  if (flags || filter || !parent) return violation("EnumObjects: flags 0, a parent, no filter");
  Buffer body = { 0 }, reply = { 0 };
  put_u32(&body, self->device);
  put_text(&body, parent);
  HRESULT hr = ask('k', &body, &reply);
  if (SUCCEEDED(hr)) {
    Enumeration *e = calloc(1, sizeof *e);
    e->table = enum_table;
    e->references = 1;
    e->count = get_u32(&reply);
    e->names = calloc(e->count + 1, sizeof(WCHAR *));
    for (ULONG i = 0; i < e->count; i++) e->names[i] = get_text(&reply);
    InterlockedIncrement(&live_objects);
    *out = e;
  }
  free_buffer(&reply);
  return hr;
}
static HRESULT WINAPI con_properties(Content *self, void **out) { *out = make(properties_table, self->device); return S_OK; }
static HRESULT WINAPI con_transfer(Content *self, void **out) { *out = make(resources_table, self->device); return S_OK; }

static HRESULT put_new(Content *self, IPortableDeviceValues *values, Buffer *body) {
  if (!is_values(values)) return violation("a new object: values");
  const PROPVARIANT *parent = typed(values, &PARENT, VT_LPWSTR), *name = typed(values, &NAME, VT_LPWSTR), *file = typed(values, &FILE_NAME, VT_LPWSTR);
  if (!parent || !name || !file || !typed(values, &TYPE, VT_CLSID)) return violation("a new object: parent, names (VT_LPWSTR), content type (VT_CLSID)");
  put_u32(body, self->device);
  put_text(body, parent->pwszVal);
  put_text(body, file->pwszVal);
  return S_OK;
}
static HRESULT WINAPI con_folder(Content *self, IPortableDeviceValues *values, LPWSTR *id) {
  static const GUID FOLDER = { 0x27e2e392, 0xa111, 0x48e0, { 0xab, 0x0c, 0xe1, 0x77, 0x05, 0xa0, 0x5f, 0x85 } };
  Buffer body = { 0 }, reply = { 0 };
  HRESULT hr = put_new(self, values, &body);
  if (FAILED(hr)) return free_buffer(&body), hr;
  if (!IsEqualGUID(typed(values, &TYPE, VT_CLSID)->puuid, &FOLDER)) return free_buffer(&body), violation("without data only a folder is made");
  hr = ask('f', &body, &reply);
  if (SUCCEEDED(hr)) {
    WCHAR *name = get_text(&reply);
    if (id) *id = task_text(name);
    free(name);
  }
  free_buffer(&reply);
  return hr;
}
static HRESULT WINAPI con_file(Content *self, IPortableDeviceValues *values, Stream **out, DWORD *size, LPWSTR *cookie) {
  if (!out) return E_POINTER;
  *out = NULL;
  Buffer body = { 0 }, reply = { 0 };
  HRESULT hr = put_new(self, values, &body);
  if (FAILED(hr)) return free_buffer(&body), hr;
  const PROPVARIANT *length = typed(values, &SIZE_KEY, VT_UI8), *date = typed(values, &MODIFIED, VT_DATE);
  if (!length || cookie) return free_buffer(&body), violation("a new file: its size (VT_UI8), and no cookie");
  if (!typed(values, &FORMAT, VT_CLSID)) return free_buffer(&body), violation("a new file: its format (VT_CLSID)");
  if (peek_value(values, &MODIFIED) && !date) return free_buffer(&body), violation("a date is VT_DATE");
  put_u64(&body, length->uhVal.QuadPart);
  put_f64(&body, date ? date->date : 0);
  hr = ask('c', &body, &reply);
  if (SUCCEEDED(hr)) {
    uint32_t transfer = get_u32(&reply), optimal = get_u32(&reply);
    if (size) *size = optimal;
    *out = make_stream(self->device, transfer, TRUE);
  }
  free_buffer(&reply);
  return hr;
}
static HRESULT one_name(Content *self, IPortableDevicePropVariantCollection *ids, Buffer *body) {
  if (!is_collection(ids) || collection_size(ids) != 1 || collection_at(ids, 0)->vt != VT_LPWSTR) return violation("names of objects: VT_LPWSTR");
  put_u32(body, self->device);
  put_text(body, collection_at(ids, 0)->pwszVal);
  return S_OK;
}
static HRESULT WINAPI con_delete(Content *self, DWORD options, IPortableDevicePropVariantCollection *ids, void **results) {
  Buffer body = { 0 }, reply = { 0 };
  if (options > 1 || results) return violation("Delete: options 0 or 1, no results");
  HRESULT hr = one_name(self, ids, &body);
  if (FAILED(hr)) return free_buffer(&body), hr;
  hr = ask('d', &body, &reply);
  free_buffer(&reply);
  return hr;
}
static HRESULT WINAPI con_move(Content *self, IPortableDevicePropVariantCollection *ids, LPCWSTR to, void **results) {
  Buffer body = { 0 }, reply = { 0 };
  if (!to || results) return violation("Move: a target, no results");
  HRESULT hr = one_name(self, ids, &body);
  if (FAILED(hr)) return free_buffer(&body), hr;
  put_text(&body, to);
  hr = ask('m', &body, &reply);
  free_buffer(&reply);
  return hr;
}
static const void *const content_table[] = {
  query, add_ref, release, con_enum, con_properties, con_transfer, con_folder, con_file, con_delete, unused, unused, con_move, unused,
};
HRESULT make_content(uint32_t device, void **out) {
  *out = make(content_table, device);
  return S_OK;
}
