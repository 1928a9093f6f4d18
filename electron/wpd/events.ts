import type Koffi from 'koffi';
import { ContainerType, encodeParameters, Event } from '../mtp/wire/index.ts';
import type { ComObject, Pointer } from './com.ts';
import { ComObject as OwnedObject } from './com.ts';
import { failed } from './hresults.ts';
import { EventId, Key, VENDOR_EVENT_TAIL } from './keys.ts';
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
  const callback = new EventCallback(com.koffi, (parameters) => {
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

/** An `IPortableDeviceEventCallback` in memory that lives as long as this object. */
class EventCallback {
  readonly #koffi: typeof Koffi;
  readonly #functions: readonly bigint[];
  /** The vtable, and the object, which is a pointer to it: memory that stays where it is. */
  readonly #table: Pointer;
  readonly #object: Pointer;

  constructor(koffi: typeof Koffi, onEvent: (parameters: Pointer) => void) {
    this.#koffi = koffi;
    const count = koffi.pointer(koffi.proto('uint32', ['void *']));
    const query = koffi.pointer(koffi.proto('int32', ['void *', 'void *', 'void *']));
    const event = koffi.pointer(koffi.proto('int32', ['void *', 'void *']));
    this.#functions = [
      koffi.register((self: Pointer, _id: Pointer, out: Pointer) => {
        koffi.encode(out, 'void *', self);
        return S_OK;
      }, query),
      // counting would only say when the last one lets go, and this object outlives them all
      koffi.register(() => 2, count),
      koffi.register(() => 1, count),
      koffi.register((_self: Pointer, parameters: Pointer) => {
        onEvent(parameters);
        return S_OK;
      }, event),
    ];
    this.#table = koffi.alloc('void *', this.#functions.length) as Pointer;
    koffi.encode(this.#table, 'void *', this.#functions, this.#functions.length);
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
