#include "server.h"

LONG live_objects, violations, task_blocks, task_given;
LONGLONG task_bytes;

/* Each thread has a line of its own, so that a call that hangs holds up no other: the socket plus one. */
static DWORD line_slot;
static LONG ready;

static void room_for(Buffer *b, size_t more) {
  if (b->size + more <= b->room) return;
  while (b->size + more > b->room) b->room = b->room ? b->room * 2 : 256;
  b->data = realloc(b->data, b->room);
}

void put_bytes(Buffer *b, const void *data, size_t size) {
  room_for(b, size);
  memcpy(b->data + b->size, data, size);
  b->size += size;
}
void put_u8(Buffer *b, uint8_t v) { put_bytes(b, &v, 1); }
void put_u32(Buffer *b, uint32_t v) { put_bytes(b, &v, 4); }
void put_u64(Buffer *b, uint64_t v) { put_bytes(b, &v, 8); }
void put_f64(Buffer *b, double v) { put_bytes(b, &v, 8); }
void put_text(Buffer *b, const WCHAR *text) {
  put_u32(b, (uint32_t)wcslen(text));
  put_bytes(b, text, wcslen(text) * 2);
}

const uint8_t *get_bytes(Buffer *b, size_t size) {
  if (b->bad || size > b->size - b->at) {
    b->bad = TRUE;
    return NULL;
  }
  b->at += size;
  return b->data + b->at - size;
}
static void get(Buffer *b, void *into, size_t size) {
  const uint8_t *from = get_bytes(b, size);
  if (from) memcpy(into, from, size);
  else memset(into, 0, size);
}
uint8_t get_u8(Buffer *b) { uint8_t v; get(b, &v, 1); return v; }
uint32_t get_u32(Buffer *b) { uint32_t v; get(b, &v, 4); return v; }
uint64_t get_u64(Buffer *b) { uint64_t v; get(b, &v, 8); return v; }
double get_f64(Buffer *b) { double v; get(b, &v, 8); return v; }
WCHAR *get_text(Buffer *b) {
  uint32_t length = get_u32(b);
  const uint8_t *from = get_bytes(b, (size_t)length * 2);
  WCHAR *text = calloc((from ? length : 0) + 1, 2);
  if (from) memcpy(text, from, (size_t)length * 2);
  return text;
}
void free_buffer(Buffer *b) {
  free(b->data);
  memset(b, 0, sizeof *b);
}

BOOL send_all(SOCKET s, const void *data, size_t size) {
  const char *at = data;
  while (size > 0) {
    int n = send(s, at, size > 1 << 20 ? 1 << 20 : (int)size, 0);
    if (n <= 0) return FALSE;
    at += n;
    size -= n;
  }
  return TRUE;
}
BOOL receive_all(SOCKET s, void *data, size_t size) {
  char *at = data;
  while (size > 0) {
    int n = recv(s, at, size > 1 << 20 ? 1 << 20 : (int)size, 0);
    if (n <= 0) return FALSE;
    at += n;
    size -= n;
  }
  return TRUE;
}

SOCKET connect_to_test(void) {
  char text[16] = "";
  if (!GetEnvironmentVariableA("REPLUG_TEST_PORT", text, sizeof text)) return INVALID_SOCKET;
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((u_short)atoi(text)) };
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  SOCKET s = socket(AF_INET, SOCK_STREAM, 0);
  int one = 1;
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, (const char *)&one, sizeof one);
  if (connect(s, (struct sockaddr *)&to, sizeof to) == 0) return s;
  closesocket(s);
  return INVALID_SOCKET;
}

static void prepare(void) {
  if (InterlockedCompareExchange(&ready, 1, 0) == 0) {
    WSADATA data;
    WSAStartup(MAKEWORD(2, 2), &data);
    line_slot = TlsAlloc();
    ready = 2;
  }
  while (ready != 2) Sleep(0);
}

HRESULT ask(char kind, Buffer *body, Buffer *reply) {
  prepare();
  Buffer head = { 0 };
  put_u32(&head, (uint32_t)(body->size + 1 + 4 + 4 + 4 + 8 + 4));
  put_u8(&head, (uint8_t)kind);
  put_u32(&head, (uint32_t)live_objects);
  put_u32(&head, (uint32_t)violations);
  put_u32(&head, (uint32_t)task_blocks);
  put_u64(&head, (uint64_t)task_bytes);
  put_u32(&head, (uint32_t)task_given);
  put_bytes(&head, body->data, body->size);
  free_buffer(body);
  memset(reply, 0, sizeof *reply);
  SOCKET line = (SOCKET)TlsGetValue(line_slot) - 1;
  if (line == INVALID_SOCKET && (line = connect_to_test()) != INVALID_SOCKET) TlsSetValue(line_slot, (void *)(line + 1));
  uint32_t length = 0;
  BOOL ok = line != INVALID_SOCKET && send_all(line, head.data, head.size) && receive_all(line, &length, 4);
  if (ok) {
    reply->data = malloc(length ? length : 1);
    reply->size = reply->room = length;
    ok = receive_all(line, reply->data, length);
  }
  free_buffer(&head);
  if (!ok) return HRESULT_FROM_WIN32(ERROR_DEVICE_NOT_CONNECTED);
  return (HRESULT)get_u32(reply);
}

HRESULT violation(const char *what) {
  InterlockedIncrement(&violations);
  Buffer body = { 0 }, reply;
  put_u32(&body, (uint32_t)strlen(what));
  put_bytes(&body, what, strlen(what));
  ask('!', &body, &reply);
  free_buffer(&reply);
  return E_INVALIDARG;
}

void *task_copy(const void *data, size_t size) {
  void *copy = CoTaskMemAlloc(size ? size : 1);
  memcpy(copy, data, size);
  return copy;
}
WCHAR *task_text(const WCHAR *text) { return task_copy(text, (wcslen(text) + 1) * 2); }

/* --- the task allocator, watched: whoever is given memory frees it, and here it shows --- */
static SIZE_T asked;
/* Sizes of the blocks that are out, by address: open addressing, with room for far more than are ever out at once. */
#define SLOTS (1 << 18)
static struct { void *block; SIZE_T size; } out[SLOTS];
static unsigned slot_of(void *block) { return (unsigned)(((uintptr_t)block >> 4) * 2654435761u) % SLOTS; }

static void note(void *block, SIZE_T size) {
  unsigned at = slot_of(block);
  while (out[at].block) at = (at + 1) % SLOTS;
  out[at].block = block;
  out[at].size = size;
  InterlockedIncrement(&task_blocks);
  InterlockedIncrement(&task_given);
  InterlockedAdd64(&task_bytes, (LONGLONG)size);
}
static void forget(void *block) {
  unsigned at = slot_of(block);
  while (out[at].block != block) {
    /* a block from before the watch began */
    if (!out[at].block) return;
    at = (at + 1) % SLOTS;
  }
  InterlockedDecrement(&task_blocks);
  InterlockedAdd64(&task_bytes, -(LONGLONG)out[at].size);
  out[at].block = NULL;
  for (unsigned next = (at + 1) % SLOTS; out[next].block; next = (next + 1) % SLOTS) {
    unsigned home = slot_of(out[next].block);
    if ((next > at && (home <= at || home > next)) || (next < at && home <= at && home > next)) {
      out[at] = out[next];
      out[next].block = NULL;
      at = next;
    }
  }
}
static HRESULT WINAPI spy_query(IMallocSpy *self, REFIID iid, void **face) {
  (void)iid;
  *face = self;
  return S_OK;
}
static ULONG WINAPI spy_count(IMallocSpy *self) { (void)self; return 1; }
static SIZE_T WINAPI pre_alloc(IMallocSpy *self, SIZE_T size) { (void)self; return asked = size; }
static void *WINAPI post_alloc(IMallocSpy *self, void *block) {
  (void)self;
  if (block) note(block, asked);
  return block;
}
static void *WINAPI pre_free(IMallocSpy *self, void *block, BOOL spied) {
  (void)self;
  (void)spied;
  if (block) forget(block);
  return block;
}
static void WINAPI post_free(IMallocSpy *self, BOOL spied) { (void)self; (void)spied; }
static SIZE_T WINAPI pre_realloc(IMallocSpy *self, void *block, SIZE_T size, void **actual, BOOL spied) {
  (void)self;
  (void)spied;
  if (block) forget(block);
  *actual = block;
  return asked = size;
}
static void *WINAPI post_realloc(IMallocSpy *self, void *block, BOOL spied) { (void)spied; return post_alloc(self, block); }
static void *WINAPI same(IMallocSpy *self, void *block, BOOL spied) { (void)self; (void)spied; return block; }
static SIZE_T WINAPI post_size(IMallocSpy *self, SIZE_T size, BOOL spied) { (void)self; (void)spied; return size; }
static int WINAPI post_did(IMallocSpy *self, void *block, BOOL spied, int did) { (void)self; (void)block; (void)spied; return did; }
static void WINAPI nothing(IMallocSpy *self) { (void)self; }

static IMallocSpyVtbl spy_table = {
  spy_query, spy_count, spy_count, pre_alloc, post_alloc, pre_free, post_free, pre_realloc, post_realloc,
  same, post_size, same, post_did, nothing, nothing,
};
static IMallocSpy spy = { &spy_table };
static LONG watching;

void watch_task_memory(void) {
  if (InterlockedCompareExchange(&watching, 1, 0) == 0) CoRegisterMallocSpy(&spy);
}
