#include "server.h"

/* IPortableDeviceManager, and the door of the library. */

typedef struct Manager Manager;
typedef struct {
  HRESULT(WINAPI *QueryInterface)(Manager *, REFIID, void **);
  ULONG(WINAPI *AddRef)(Manager *);
  ULONG(WINAPI *Release)(Manager *);
  HRESULT(WINAPI *GetDevices)(Manager *, LPWSTR *, DWORD *);
  HRESULT(WINAPI *RefreshDeviceList)(Manager *);
  HRESULT(WINAPI *GetDeviceFriendlyName)(Manager *, LPCWSTR, WCHAR *, DWORD *);
  HRESULT(WINAPI *GetDeviceDescription)(Manager *, LPCWSTR, WCHAR *, DWORD *);
  HRESULT(WINAPI *GetDeviceManufacturer)(Manager *, LPCWSTR, WCHAR *, DWORD *);
  HRESULT(WINAPI *GetDeviceProperty)(Manager *, LPCWSTR, LPCWSTR, BYTE *, DWORD *, DWORD *);
  HRESULT(WINAPI *GetPrivateDevices)(Manager *, LPWSTR *, DWORD *);
} ManagerTable;
typedef struct { WCHAR *id, *name, *description, *maker; } Listed;
struct Manager {
  const ManagerTable *table;
  LONG references;
  Listed *devices;
  DWORD count;
};

static void forget(Manager *self) {
  for (DWORD i = 0; i < self->count; i++) {
    free(self->devices[i].id);
    free(self->devices[i].name);
    free(self->devices[i].description);
    free(self->devices[i].maker);
  }
  free(self->devices);
  self->devices = NULL;
  self->count = 0;
}
static HRESULT WINAPI refresh(Manager *self) {
  forget(self);
  Buffer body = { 0 }, reply = { 0 };
  HRESULT hr = ask('L', &body, &reply);
  if (SUCCEEDED(hr)) {
    self->count = get_u32(&reply);
    self->devices = calloc(self->count + 1, sizeof(Listed));
    for (DWORD i = 0; i < self->count; i++) {
      self->devices[i].id = get_text(&reply);
      self->devices[i].name = get_text(&reply);
      self->devices[i].description = get_text(&reply);
      self->devices[i].maker = get_text(&reply);
    }
  }
  free_buffer(&reply);
  return hr;
}
static const GUID MANAGER_FACE = { 0xa1567595, 0x4c2f, 0x4574, { 0xa6, 0xfa, 0xec, 0xef, 0x91, 0x7b, 0x9a, 0x40 } };
static HRESULT WINAPI man_query(Manager *self, REFIID iid, void **out) {
  *out = NULL;
  if (!IsEqualIID(iid, &MANAGER_FACE) && !IsEqualIID(iid, &IID_IUnknown)) return E_NOINTERFACE;
  InterlockedIncrement(&self->references);
  *out = self;
  return S_OK;
}
static ULONG WINAPI man_add(Manager *self) { return InterlockedIncrement(&self->references); }
static ULONG WINAPI man_release(Manager *self) {
  LONG left = InterlockedDecrement(&self->references);
  if (left > 0) return left;
  forget(self);
  InterlockedDecrement(&live_objects);
  memset(self, 0, sizeof *self);
  free(self);
  return 0;
}
static HRESULT WINAPI devices(Manager *self, LPWSTR *ids, DWORD *count) {
  if (!count) return violation("GetDevices: a count is needed");
  if (!ids) {
    *count = self->count;
    return S_OK;
  }
  DWORD given = *count < self->count ? *count : self->count;
  for (DWORD i = 0; i < given; i++) ids[i] = task_text(self->devices[i].id);
  *count = given;
  return given < self->count ? S_FALSE : S_OK;
}
static HRESULT text(const WCHAR *from, WCHAR *into, DWORD *count) {
  if (!count) return violation("a count of characters is needed");
  DWORD needed = (DWORD)wcslen(from) + 1;
  if (into && *count < needed) return HRESULT_FROM_WIN32(ERROR_INSUFFICIENT_BUFFER);
  if (into) wcscpy(into, from);
  *count = needed;
  return S_OK;
}
static const Listed *listed(Manager *self, LPCWSTR id) {
  for (DWORD i = 0; id && i < self->count; i++)
    if (!wcscmp(self->devices[i].id, id)) return &self->devices[i];
  return NULL;
}
#define WORDS(name, field)                                                                  \
  static HRESULT WINAPI name(Manager *self, LPCWSTR id, WCHAR *into, DWORD *count) {       \
    const Listed *found = listed(self, id);                                                 \
    return found ? text(found->field, into, count) : violation("a device that is not there"); \
  }
WORDS(friendly, name)
WORDS(description, description)
WORDS(maker, maker)
static HRESULT WINAPI property(Manager *m, LPCWSTR id, LPCWSTR n, BYTE *d, DWORD *c, DWORD *t) {
  (void)m; (void)id; (void)n; (void)d; (void)c; (void)t;
  return E_NOTIMPL;
}
static HRESULT WINAPI private_devices(Manager *m, LPWSTR *ids, DWORD *count) { (void)m; (void)ids; (void)count; return E_NOTIMPL; }

static const ManagerTable table = {
  man_query, man_add, man_release, devices, refresh, friendly, description, maker, property, private_devices,
};
HRESULT make_manager(REFIID iid, void **out) {
  if (!IsEqualIID(iid, &MANAGER_FACE) && !IsEqualIID(iid, &IID_IUnknown)) return E_NOINTERFACE;
  Manager *manager = calloc(1, sizeof *manager);
  manager->table = &table;
  manager->references = 1;
  InterlockedIncrement(&live_objects);
  refresh(manager);
  *out = manager;
  return S_OK;
}

/* --- the library --- */
typedef struct {
  IClassFactory face;
  GUID id;
} Factory;
static const GUID MANAGER = { 0x0af10cec, 0x2ecd, 0x4b92, { 0x95, 0x81, 0x34, 0xf6, 0xae, 0x06, 0x37, 0xf3 } };
static const GUID DEVICE_FTM = { 0xf7c0039a, 0x4762, 0x488a, { 0xb4, 0xb3, 0x76, 0x0e, 0xf9, 0xa1, 0xba, 0x9b } };
static const GUID VALUES = { 0x0c15d503, 0xd017, 0x47ce, { 0x90, 0x16, 0x7b, 0x3f, 0x97, 0x87, 0x21, 0xcc } };
static const GUID COLLECTION = { 0x08a99e2f, 0x6d6d, 0x4b80, { 0xaf, 0x5a, 0xba, 0xf2, 0xbc, 0xbe, 0x4c, 0xb9 } };
static const GUID KEYS = { 0xde2d022d, 0x2480, 0x43be, { 0x97, 0xf0, 0xd1, 0xfa, 0x2c, 0xf9, 0x8f, 0x4f } };

/* COM asks a factory for much that it may be, such as a marshaller, and believes the answer. */
static HRESULT WINAPI fac_query(IClassFactory *self, REFIID iid, void **out) {
  *out = NULL;
  if (!IsEqualIID(iid, &IID_IClassFactory) && !IsEqualIID(iid, &IID_IUnknown)) return E_NOINTERFACE;
  *out = self;
  return S_OK;
}
static ULONG WINAPI fac_count(IClassFactory *self) { (void)self; return 1; }
static HRESULT WINAPI fac_create(IClassFactory *self, IUnknown *outer, REFIID iid, void **out) {
  const GUID *id = &((Factory *)self)->id;
  if (outer) return CLASS_E_NOAGGREGATION;
  watch_task_memory();
  if (IsEqualGUID(id, &MANAGER)) return make_manager(iid, out);
  if (IsEqualGUID(id, &DEVICE_FTM)) return make_device(iid, out);
  if (IsEqualGUID(id, &VALUES)) return make_values((IPortableDeviceValues **)out);
  if (IsEqualGUID(id, &COLLECTION)) return make_collection((IPortableDevicePropVariantCollection **)out);
  return make_keys((IPortableDeviceKeyCollection **)out);
}
static HRESULT WINAPI fac_lock(IClassFactory *self, BOOL lock) { (void)self; (void)lock; return S_OK; }
static IClassFactoryVtbl factory_table = { fac_query, fac_count, fac_count, fac_create, fac_lock };
static Factory factories[5];

HRESULT WINAPI DllGetClassObject(REFCLSID id, REFIID iid, void **out) {
  static const GUID *const known[] = { &MANAGER, &DEVICE_FTM, &VALUES, &COLLECTION, &KEYS };
  for (int i = 0; i < 5; i++)
    if (IsEqualGUID(id, known[i])) {
      factories[i].face.lpVtbl = &factory_table;
      factories[i].id = *known[i];
      return fac_query(&factories[i].face, iid, out);
    }
  *out = NULL;
  return CLASS_E_CLASSNOTAVAILABLE;
}
HRESULT WINAPI DllCanUnloadNow(void) { return S_FALSE; }
