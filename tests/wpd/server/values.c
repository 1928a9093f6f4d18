#include "server.h"

/* IPortableDeviceValues and the two collections: what portabledevicetypes.h demands. Values are kept as PROPVARIANTs. */

typedef struct { PROPERTYKEY key; PROPVARIANT value; } Entry;
typedef struct {
  IPortableDeviceValues face;
  LONG references;
  Entry *entries;
  ULONG count, room;
} Bag;
typedef struct {
  IPortableDevicePropVariantCollection face;
  LONG references;
  PROPVARIANT *items;
  ULONG count, room;
} Collection;
typedef struct {
  IPortableDeviceKeyCollection face;
  LONG references;
  PROPERTYKEY *items;
  ULONG count, room;
} Keys;

static IPortableDeviceValuesVtbl bag_table;
static IPortableDevicePropVariantCollectionVtbl collection_table;
static IPortableDeviceKeyCollectionVtbl keys_table;

BOOL is_values(void *object) { return object && *(void **)object == &bag_table; }
BOOL is_collection(void *object) { return object && *(void **)object == &collection_table; }

static BOOL same_key(const PROPERTYKEY *a, const PROPERTYKEY *b) {
  return a->pid == b->pid && IsEqualGUID(&a->fmtid, &b->fmtid);
}
static Entry *find(Bag *bag, const PROPERTYKEY *key) {
  for (ULONG i = 0; i < bag->count; i++)
    if (same_key(&bag->entries[i].key, key)) return &bag->entries[i];
  return NULL;
}
const PROPVARIANT *peek_value(IPortableDeviceValues *values, const PROPERTYKEY *key) {
  Entry *entry = find((Bag *)values, key);
  return entry ? &entry->value : NULL;
}

/* Copies of our own memory: the task allocator is for what is handed out. */
static void copy_value(PROPVARIANT *to, const PROPVARIANT *from) {
  *to = *from;
  switch (from->vt) {
    case VT_LPWSTR:
      to->pwszVal = _wcsdup(from->pwszVal);
      break;
    case VT_CLSID:
      to->puuid = malloc(sizeof(GUID));
      *to->puuid = *from->puuid;
      break;
    case VT_VECTOR | VT_UI1:
      to->caub.pElems = malloc(from->caub.cElems ? from->caub.cElems : 1);
      memcpy(to->caub.pElems, from->caub.pElems, from->caub.cElems);
      break;
    case VT_UNKNOWN:
      IUnknown_AddRef(from->punkVal);
      break;
  }
}
static void clear_value(PROPVARIANT *value) {
  switch (value->vt) {
    case VT_LPWSTR:
      free(value->pwszVal);
      break;
    case VT_CLSID:
      free(value->puuid);
      break;
    case VT_VECTOR | VT_UI1:
      free(value->caub.pElems);
      break;
    case VT_UNKNOWN:
      IUnknown_Release(value->punkVal);
      break;
  }
  memset(value, 0, sizeof *value);
}
/* For whoever gets a PROPVARIANT: its memory is the task allocator's. */
static void give_value(PROPVARIANT *to, const PROPVARIANT *from) {
  *to = *from;
  if (from->vt == VT_LPWSTR) to->pwszVal = task_text(from->pwszVal);
  else if (from->vt == VT_CLSID) to->puuid = task_copy(from->puuid, sizeof(GUID));
  else if (from->vt == (VT_VECTOR | VT_UI1)) to->caub.pElems = task_copy(from->caub.pElems, from->caub.cElems);
  else if (from->vt == VT_UNKNOWN) IUnknown_AddRef(from->punkVal);
}
static BOOL known_type(VARTYPE vt) {
  return vt == VT_UI4 || vt == VT_I4 || vt == VT_UI8 || vt == VT_I8 || vt == VT_R4 || vt == VT_BOOL || vt == VT_ERROR || vt == VT_LPWSTR ||
         vt == VT_CLSID || vt == VT_DATE || vt == (VT_VECTOR | VT_UI1) || vt == VT_UNKNOWN;
}

HRESULT store_value(IPortableDeviceValues *values, const PROPERTYKEY *key, const PROPVARIANT *value) {
  Bag *bag = (Bag *)values;
  if (!key) return violation("a key is missing");
  Entry *entry = find(bag, key);
  if (entry) clear_value(&entry->value);
  else {
    if (bag->count == bag->room) {
      bag->room = bag->room ? bag->room * 2 : 8;
      bag->entries = realloc(bag->entries, bag->room * sizeof(Entry));
    }
    entry = &bag->entries[bag->count++];
    entry->key = *key;
  }
  copy_value(&entry->value, value);
  return S_OK;
}

/* --- IPortableDeviceValues --- */
static HRESULT WINAPI bag_query(IPortableDeviceValues *self, REFIID iid, void **out) {
  if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IPortableDeviceValues)) {
    *out = NULL;
    return E_NOINTERFACE;
  }
  InterlockedIncrement(&((Bag *)self)->references);
  *out = self;
  return S_OK;
}
static ULONG WINAPI bag_add(IPortableDeviceValues *self) { return InterlockedIncrement(&((Bag *)self)->references); }
static HRESULT WINAPI bag_clear(IPortableDeviceValues *self) {
  Bag *bag = (Bag *)self;
  for (ULONG i = 0; i < bag->count; i++) clear_value(&bag->entries[i].value);
  bag->count = 0;
  return S_OK;
}
static ULONG WINAPI bag_release(IPortableDeviceValues *self) {
  Bag *bag = (Bag *)self;
  LONG left = InterlockedDecrement(&bag->references);
  if (left > 0) return left;
  bag_clear(self);
  free(bag->entries);
  InterlockedDecrement(&live_objects);
  /* whoever uses it again meets no vtable */
  memset(bag, 0, sizeof *bag);
  free(bag);
  return 0;
}
static HRESULT WINAPI bag_count(IPortableDeviceValues *self, DWORD *count) { *count = ((Bag *)self)->count; return S_OK; }
static HRESULT WINAPI bag_at(IPortableDeviceValues *self, DWORD index, PROPERTYKEY *key, PROPVARIANT *value) {
  Bag *bag = (Bag *)self;
  if (index >= bag->count) return violation("an index beyond the end");
  if (key) *key = bag->entries[index].key;
  if (value) give_value(value, &bag->entries[index].value);
  return S_OK;
}
static HRESULT WINAPI bag_set(IPortableDeviceValues *self, REFPROPERTYKEY key, const PROPVARIANT *value) {
  if (!value || !known_type(value->vt)) return violation("SetValue with a type that has no meaning here");
  return store_value(self, key, value);
}
static HRESULT WINAPI bag_get(IPortableDeviceValues *self, REFPROPERTYKEY key, PROPVARIANT *value) {
  const PROPVARIANT *kept = peek_value(self, key);
  if (!kept) return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
  if (kept->vt == VT_ERROR) {
    give_value(value, kept);
    return kept->scode;
  }
  give_value(value, kept);
  return S_OK;
}

#define SETTER(name, ctype, type, field)                                                          \
  static HRESULT WINAPI name(IPortableDeviceValues *self, REFPROPERTYKEY key, ctype value) {     \
    PROPVARIANT v;                                                                                \
    memset(&v, 0, sizeof v);                                                                      \
    v.vt = type;                                                                                  \
    v.field = value;                                                                              \
    return store_value(self, key, &v);                                                            \
  }
#define GETTER(name, ctype, type, field)                                                          \
  static HRESULT WINAPI name(IPortableDeviceValues *self, REFPROPERTYKEY key, ctype *value) {    \
    const PROPVARIANT *v = peek_value(self, key);                                                 \
    if (!v) return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);                                           \
    if (v->vt != (type)) return DISP_E_TYPEMISMATCH;                                              \
    *value = v->field;                                                                            \
    return S_OK;                                                                                  \
  }
SETTER(set_u32, ULONG, VT_UI4, ulVal)
GETTER(get_u32_value, ULONG, VT_UI4, ulVal)
SETTER(set_i32, LONG, VT_I4, lVal)
GETTER(get_i32_value, LONG, VT_I4, lVal)
GETTER(get_u64_value, ULONGLONG, VT_UI8, uhVal.QuadPart)
GETTER(get_i64_value, LONGLONG, VT_I8, hVal.QuadPart)
SETTER(set_r4, FLOAT, VT_R4, fltVal)
GETTER(get_r4_value, FLOAT, VT_R4, fltVal)
SETTER(set_error, HRESULT, VT_ERROR, scode)
GETTER(get_error_value, HRESULT, VT_ERROR, scode)

static HRESULT WINAPI set_u64(IPortableDeviceValues *self, REFPROPERTYKEY key, const ULONGLONG value) {
  PROPVARIANT v = { .vt = VT_UI8 };
  v.uhVal.QuadPart = value;
  return store_value(self, key, &v);
}
static HRESULT WINAPI set_i64(IPortableDeviceValues *self, REFPROPERTYKEY key, const LONGLONG value) {
  PROPVARIANT v = { .vt = VT_I8 };
  v.hVal.QuadPart = value;
  return store_value(self, key, &v);
}
static HRESULT WINAPI set_text(IPortableDeviceValues *self, REFPROPERTYKEY key, LPCWSTR value) {
  if (!value) return violation("SetStringValue without a string");
  PROPVARIANT v = { .vt = VT_LPWSTR };
  v.pwszVal = (WCHAR *)value;
  return store_value(self, key, &v);
}
static HRESULT WINAPI get_text_value(IPortableDeviceValues *self, REFPROPERTYKEY key, LPWSTR *value) {
  const PROPVARIANT *v = peek_value(self, key);
  *value = NULL;
  if (!v) return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
  if (v->vt != VT_LPWSTR) return DISP_E_TYPEMISMATCH;
  *value = task_text(v->pwszVal);
  return S_OK;
}
static HRESULT WINAPI set_guid(IPortableDeviceValues *self, REFPROPERTYKEY key, REFGUID value) {
  if (!value) return violation("SetGuidValue without a GUID");
  PROPVARIANT v = { .vt = VT_CLSID };
  v.puuid = (GUID *)value;
  return store_value(self, key, &v);
}
static HRESULT WINAPI get_guid_value(IPortableDeviceValues *self, REFPROPERTYKEY key, GUID *value) {
  const PROPVARIANT *v = peek_value(self, key);
  if (!v) return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
  if (v->vt != VT_CLSID) return DISP_E_TYPEMISMATCH;
  *value = *v->puuid;
  return S_OK;
}
static HRESULT WINAPI set_buffer(IPortableDeviceValues *self, REFPROPERTYKEY key, BYTE *value, DWORD size) {
  if (!value && size) return violation("SetBufferValue without a buffer");
  PROPVARIANT v = { .vt = VT_VECTOR | VT_UI1 };
  v.caub.cElems = size;
  v.caub.pElems = value;
  return store_value(self, key, &v);
}
static HRESULT WINAPI get_buffer(IPortableDeviceValues *self, REFPROPERTYKEY key, BYTE **value, DWORD *size) {
  const PROPVARIANT *v = peek_value(self, key);
  *value = NULL;
  if (!v) return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
  if (v->vt != (VT_VECTOR | VT_UI1)) return DISP_E_TYPEMISMATCH;
  *value = task_copy(v->caub.pElems, v->caub.cElems);
  *size = v->caub.cElems;
  return S_OK;
}
static HRESULT put_object(IPortableDeviceValues *self, REFPROPERTYKEY key, void *object) {
  if (!object) return violation("an interface is missing");
  PROPVARIANT v = { .vt = VT_UNKNOWN };
  v.punkVal = object;
  return store_value(self, key, &v);
}
static HRESULT take_object(IPortableDeviceValues *self, REFPROPERTYKEY key, REFIID iid, void **out) {
  const PROPVARIANT *v = peek_value(self, key);
  *out = NULL;
  if (!v) return HRESULT_FROM_WIN32(ERROR_NOT_FOUND);
  if (v->vt != VT_UNKNOWN) return DISP_E_TYPEMISMATCH;
  return IUnknown_QueryInterface(v->punkVal, iid, out);
}
#define OBJECTS(set, get, type, iid)                                                              \
  static HRESULT WINAPI set(IPortableDeviceValues *self, REFPROPERTYKEY key, type *value) {      \
    return put_object(self, key, value);                                                          \
  }                                                                                               \
  static HRESULT WINAPI get(IPortableDeviceValues *self, REFPROPERTYKEY key, type **value) {     \
    return take_object(self, key, iid, (void **)value);                                           \
  }
OBJECTS(set_unknown, get_unknown, IUnknown, &IID_IUnknown)
OBJECTS(set_values, get_values, IPortableDeviceValues, &IID_IPortableDeviceValues)
OBJECTS(set_collection, get_collection, IPortableDevicePropVariantCollection, &IID_IPortableDevicePropVariantCollection)
OBJECTS(set_keys, get_keys, IPortableDeviceKeyCollection, &IID_IPortableDeviceKeyCollection)
OBJECTS(set_many, get_many, IPortableDeviceValuesCollection, &IID_IPortableDeviceValuesCollection)

static HRESULT WINAPI set_key(IPortableDeviceValues *s, REFPROPERTYKEY k, REFPROPERTYKEY v) { (void)s; (void)k; (void)v; return E_NOTIMPL; }
static HRESULT WINAPI get_key(IPortableDeviceValues *s, REFPROPERTYKEY k, PROPERTYKEY *v) { (void)s; (void)k; (void)v; return E_NOTIMPL; }
static HRESULT WINAPI set_bool(IPortableDeviceValues *s, REFPROPERTYKEY k, BOOL v) { (void)s; (void)k; (void)v; return E_NOTIMPL; }
static HRESULT WINAPI get_bool(IPortableDeviceValues *s, REFPROPERTYKEY k, BOOL *v) { (void)s; (void)k; (void)v; return E_NOTIMPL; }
static HRESULT WINAPI bag_remove(IPortableDeviceValues *s, REFPROPERTYKEY k) { (void)s; (void)k; return E_NOTIMPL; }
static HRESULT WINAPI bag_store(IPortableDeviceValues *s, IPropertyStore *p) { (void)s; (void)p; return E_NOTIMPL; }

static IPortableDeviceValuesVtbl bag_table = {
  bag_query, bag_add, bag_release, bag_count, bag_at, bag_set, bag_get, set_text, get_text_value, set_u32, get_u32_value, set_i32,
  get_i32_value, set_u64, get_u64_value, set_i64, get_i64_value, set_r4, get_r4_value, set_error, get_error_value, set_key, get_key,
  set_bool, get_bool, set_unknown, get_unknown, set_guid, get_guid_value, set_buffer, get_buffer, set_values, get_values,
  set_collection, get_collection, set_keys, get_keys, set_many, get_many, bag_remove, bag_store, bag_store, bag_clear,
};

HRESULT make_values(IPortableDeviceValues **out) {
  Bag *bag = calloc(1, sizeof *bag);
  bag->face.lpVtbl = &bag_table;
  bag->references = 1;
  InterlockedIncrement(&live_objects);
  *out = &bag->face;
  return S_OK;
}

/* --- IPortableDevicePropVariantCollection --- */
static HRESULT WINAPI col_query(IPortableDevicePropVariantCollection *self, REFIID iid, void **out) {
  if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IPortableDevicePropVariantCollection)) {
    *out = NULL;
    return E_NOINTERFACE;
  }
  InterlockedIncrement(&((Collection *)self)->references);
  *out = self;
  return S_OK;
}
static ULONG WINAPI col_add_ref(IPortableDevicePropVariantCollection *self) { return InterlockedIncrement(&((Collection *)self)->references); }
static HRESULT WINAPI col_clear(IPortableDevicePropVariantCollection *self) {
  Collection *c = (Collection *)self;
  for (ULONG i = 0; i < c->count; i++) clear_value(&c->items[i]);
  c->count = 0;
  return S_OK;
}
static ULONG WINAPI col_release(IPortableDevicePropVariantCollection *self) {
  Collection *c = (Collection *)self;
  LONG left = InterlockedDecrement(&c->references);
  if (left > 0) return left;
  col_clear(self);
  free(c->items);
  InterlockedDecrement(&live_objects);
  memset(c, 0, sizeof *c);
  free(c);
  return 0;
}
static HRESULT WINAPI col_count(IPortableDevicePropVariantCollection *self, DWORD *count) { *count = ((Collection *)self)->count; return S_OK; }
static HRESULT WINAPI col_at(IPortableDevicePropVariantCollection *self, DWORD index, PROPVARIANT *value) {
  Collection *c = (Collection *)self;
  if (index >= c->count) return violation("an index beyond the end of a collection");
  give_value(value, &c->items[index]);
  return S_OK;
}
static HRESULT WINAPI col_add(IPortableDevicePropVariantCollection *self, const PROPVARIANT *value) {
  Collection *c = (Collection *)self;
  if (!value || !known_type(value->vt)) return violation("Add with a type that has no meaning here");
  if (c->count > 0 && c->items[0].vt != value->vt) return violation("a collection of two types");
  if (c->count == c->room) {
    c->room = c->room ? c->room * 2 : 8;
    c->items = realloc(c->items, c->room * sizeof(PROPVARIANT));
  }
  copy_value(&c->items[c->count++], value);
  return S_OK;
}
static HRESULT WINAPI col_type(IPortableDevicePropVariantCollection *self, VARTYPE *type) {
  Collection *c = (Collection *)self;
  *type = c->count ? c->items[0].vt : VT_EMPTY;
  return S_OK;
}
static HRESULT WINAPI col_change(IPortableDevicePropVariantCollection *self, const VARTYPE type) { (void)self; (void)type; return E_NOTIMPL; }
static HRESULT WINAPI col_remove(IPortableDevicePropVariantCollection *self, DWORD index) { (void)self; (void)index; return E_NOTIMPL; }

static IPortableDevicePropVariantCollectionVtbl collection_table = {
  col_query, col_add_ref, col_release, col_count, col_at, col_add, col_type, col_change, col_clear, col_remove,
};
HRESULT make_collection(IPortableDevicePropVariantCollection **out) {
  Collection *c = calloc(1, sizeof *c);
  c->face.lpVtbl = &collection_table;
  c->references = 1;
  InterlockedIncrement(&live_objects);
  *out = &c->face;
  return S_OK;
}
ULONG collection_size(IPortableDevicePropVariantCollection *collection) { return ((Collection *)collection)->count; }
const PROPVARIANT *collection_at(IPortableDevicePropVariantCollection *collection, ULONG index) { return &((Collection *)collection)->items[index]; }

/* --- IPortableDeviceKeyCollection --- */
static HRESULT WINAPI keys_query(IPortableDeviceKeyCollection *self, REFIID iid, void **out) {
  if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IPortableDeviceKeyCollection)) {
    *out = NULL;
    return E_NOINTERFACE;
  }
  InterlockedIncrement(&((Keys *)self)->references);
  *out = self;
  return S_OK;
}
static ULONG WINAPI keys_add_ref(IPortableDeviceKeyCollection *self) { return InterlockedIncrement(&((Keys *)self)->references); }
static ULONG WINAPI keys_release(IPortableDeviceKeyCollection *self) {
  Keys *k = (Keys *)self;
  LONG left = InterlockedDecrement(&k->references);
  if (left > 0) return left;
  free(k->items);
  InterlockedDecrement(&live_objects);
  memset(k, 0, sizeof *k);
  free(k);
  return 0;
}
static HRESULT WINAPI keys_count(IPortableDeviceKeyCollection *self, DWORD *count) { *count = ((Keys *)self)->count; return S_OK; }
static HRESULT WINAPI keys_at(IPortableDeviceKeyCollection *self, DWORD index, PROPERTYKEY *key) {
  Keys *k = (Keys *)self;
  if (index >= k->count) return violation("an index beyond the end of the keys");
  *key = k->items[index];
  return S_OK;
}
static HRESULT WINAPI keys_add(IPortableDeviceKeyCollection *self, REFPROPERTYKEY key) {
  Keys *k = (Keys *)self;
  if (!key) return violation("a key is missing");
  if (k->count == k->room) {
    k->room = k->room ? k->room * 2 : 8;
    k->items = realloc(k->items, k->room * sizeof(PROPERTYKEY));
  }
  k->items[k->count++] = *key;
  return S_OK;
}
static HRESULT WINAPI keys_clear(IPortableDeviceKeyCollection *self) { ((Keys *)self)->count = 0; return S_OK; }
static HRESULT WINAPI keys_remove(IPortableDeviceKeyCollection *self, DWORD index) { (void)self; (void)index; return E_NOTIMPL; }

static IPortableDeviceKeyCollectionVtbl keys_table = {
  keys_query, keys_add_ref, keys_release, keys_count, keys_at, keys_add, keys_clear, keys_remove,
};
HRESULT make_keys(IPortableDeviceKeyCollection **out) {
  Keys *k = calloc(1, sizeof *k);
  k->face.lpVtbl = &keys_table;
  k->references = 1;
  InterlockedIncrement(&live_objects);
  *out = &k->face;
  return S_OK;
}
ULONG key_count(IPortableDeviceKeyCollection *keys) { return ((Keys *)keys)->count; }
const PROPERTYKEY *key_at(IPortableDeviceKeyCollection *keys, ULONG index) { return &((Keys *)keys)->items[index]; }
