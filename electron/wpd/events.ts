import { ContainerType, encodeParameters, Event } from '../mtp/wire/index.ts';
import type { Com, ComObject, Pointer } from './com.ts';
import { ComObject as OwnedObject } from './com.ts';
import { failed } from './hresults.ts';
import { EventId, Hresult, InterfaceId, Key, VENDOR_EVENT_TAIL } from './keys.ts';
import { handleOf, storageIdOf } from './object-ids.ts';
import { Values } from './values.ts';

/**
 * Events: `IPortableDevice::Advise` with a callback of ours. Windows calls it from a thread of its own; koffi hands the
 * call over to this one, where it runs between two requests.
 */

const ADVISE = 9;
const UNADVISE = 10;
const S_OK = 0;
/** Milliseconds after which no call of a callback is under way any more. */
const CALLS_UNDER_WAY = 5_000;

/** Hears a device's events as containers, and its removal. */
export interface Subscriber {
  readonly event: (container: Uint8Array) => void;
  readonly removed: () => void;
}

/** Gives the function that ends it. A device that does not offer events is used without them. */
export function subscribe(device: ComObject, subscriber: Subscriber): () => void {
  const { com } = device;
  const callback = new EventCallback(com, (parameters) => {
    // the values are the caller's: they are read, not released
    const values = new Values(new OwnedObject(com, parameters));
    const id = values.guid(Key.eventId);
    if (id === undefined) return;
    if (id === EventId.deviceRemoved) {
      subscriber.removed();
      return;
    }
    const container = containerOf(id, values);
    if (container !== undefined) subscriber.event(container);
  });
  const cookie: (Pointer | null)[] = [null];
  const kinds = ['u32', 'pointer', 'pointer', 'out pointer'] as const;
  const hresult = com.call(device.pointer, ADVISE, kinds, 0, callback.pointer, null, cookie);
  if (failed(hresult)) {
    callback.dispose();
    return () => undefined;
  }
  const text = com.takeText(cookie[0]);
  return () => {
    com.call(device.pointer, UNADVISE, ['text'], text);
    // a call that was under way waits for this very thread, and must find the callback still there
    setTimeout(() => {
      callback.dispose();
    }, CALLS_UNDER_WAY).unref();
  };
}

/** An event of the phone's, or what Windows made of one, as the container the phone sent. */
function containerOf(id: string, values: Values): Uint8Array | undefined {
  if (id.endsWith(VENDOR_EVENT_TAIL)) {
    const code = Number.parseInt(id.slice(0, 4), 16);
    return encodeParameters(ContainerType.event, code, 0, (values.numbers(Key.eventParameters) ?? []).slice(0, 3));
  }
  const object = values.text(Key.objectId) ?? '';
  const storage = storageIdOf(object);
  const number = storage ?? handleOf(object);
  const code = (storage === undefined ? CODES : STORAGE_CODES).get(id);
  return code === undefined || number === undefined
    ? undefined
    : encodeParameters(ContainerType.event, code, 0, [number]);
}

const CODES: ReadonlyMap<string, number> = new Map([
  [EventId.objectAdded, Event.ObjectAdded],
  [EventId.objectRemoved, Event.ObjectRemoved],
  [EventId.objectUpdated, Event.ObjectInfoChanged],
]);

/** The same of an object that is a storage. */
const STORAGE_CODES: ReadonlyMap<string, number> = new Map([
  [EventId.objectAdded, Event.StoreAdded],
  [EventId.objectRemoved, Event.StoreRemoved],
  [EventId.objectUpdated, Event.StorageInfoChanged],
]);

/**
 * `AddRef` and `Release`: the callback outlives whoever counts, so nothing is to be counted. They are called by any thread of
 * Windows', also while this one is inside the call that waits for that thread, and so may not be JavaScript's. This function
 * reads none of its arguments and gives a number that is never 0.
 */
const harmlessCount = (koffi: Com['koffi']): bigint =>
  koffi.load('kernel32.dll').symbol('GetCurrentProcessId') as bigint;

/** What the callback is. Whoever asks for more, such as the marshaller, must be told no: there are four methods. */
const INTERFACES: ReadonlySet<string> = new Set([InterfaceId.unknown, InterfaceId.eventCallback]);

/** An `IPortableDeviceEventCallback` in memory that lives as long as this object. */
class EventCallback {
  readonly #koffi: Com['koffi'];
  readonly #functions: readonly bigint[];
  /** The vtable, and the object, which is a pointer to it: memory that stays where it is. */
  readonly #table: Pointer;
  readonly #object: Pointer;

  constructor(com: Com, onEvent: (parameters: Pointer) => void) {
    const { koffi } = com;
    this.#koffi = koffi;
    const query = koffi.pointer(koffi.proto('int32', ['void *', 'void *', 'void *']));
    const event = koffi.pointer(koffi.proto('int32', ['void *', 'void *']));
    const [asked, told] = (this.#functions = [
      koffi.register((self: Pointer, id: Pointer, out: Pointer) => {
        const isKnown = INTERFACES.has(com.guidAt(id));
        koffi.encode(out, 'void *', isKnown ? self : null);
        return isKnown ? S_OK : Hresult.noInterface | 0;
      }, query),
      koffi.register((_self: Pointer, parameters: Pointer) => {
        onEvent(parameters);
        return S_OK;
      }, event),
    ]);
    const count = harmlessCount(koffi);
    const methods = [asked, count, count, told];
    this.#table = koffi.alloc('void *', methods.length) as Pointer;
    koffi.encode(this.#table, 'void *', methods, methods.length);
    this.#object = koffi.alloc('void *', 1) as Pointer;
    koffi.encode(this.#object, 'void *', this.#table);
  }

  get pointer(): Pointer {
    return this.#object;
  }

  dispose(): void {
    for (const registered of this.#functions) this.#koffi.unregister(registered);
    this.#koffi.free(this.#object);
    this.#koffi.free(this.#table);
  }
}
