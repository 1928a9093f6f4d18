import { ClassId, InterfaceId, type PropertyKey } from './keys.ts';
import { ComError, ComObject, guidText, type Com, type Pointer } from './com.ts';
import { failed } from './hresults.ts';

/** `IPortableDeviceValues` and the collections beside it. Places in the vtables: `portabledevicetypes.h`. */

/** Methods of `IPortableDeviceValues`. */
const Method = {
  setValue: 5,
  getValue: 6,
  setString: 7,
  getString: 8,
  setU32: 9,
  getU32: 10,
  setU64: 13,
  getU64: 14,
  getError: 20,
  setGuid: 27,
  getGuid: 28,
  setBuffer: 29,
  getBuffer: 30,
  setCollection: 33,
  getCollection: 34,
} as const;

/** Methods of the two collections: their beginnings are alike. */
const CollectionMethod = { getCount: 3, getAt: 4, add: 5 } as const;

const PROPVARIANT_SIZE = 24;
const VT_DATE = 7;
const VT_UI4 = 19;
const VT_LPWSTR = 31;

/** A property bag. */
export class Values {
  readonly object: ComObject;

  constructor(object: ComObject) {
    this.object = object;
  }

  static make(com: Com): Values {
    return new Values(com.create(ClassId.values, InterfaceId.values));
  }

  get pointer(): Pointer {
    return this.object.pointer;
  }
  release(): void {
    this.object.release();
  }

  setU32(key: PropertyKey, value: number): this {
    return this.#set('SetUnsignedIntegerValue', Method.setU32, 'u32', key, value);
  }
  setU64(key: PropertyKey, value: number): this {
    return this.#set('SetUnsignedLargeIntegerValue', Method.setU64, 'u64', key, BigInt(value));
  }
  setText(key: PropertyKey, value: string): this {
    return this.#set('SetStringValue', Method.setString, 'text', key, value);
  }
  setGuid(key: PropertyKey, value: string): this {
    return this.#set('SetGuidValue', Method.setGuid, 'pointer', key, this.object.com.guid(value));
  }
  setCollection(key: PropertyKey, value: PropVariants): this {
    return this.#set(
      'SetIPortableDevicePropVariantCollectionValue',
      Method.setCollection,
      'pointer',
      key,
      value.pointer,
    );
  }
  /** The bytes are copied. */
  setBytes(key: PropertyKey, value: Uint8Array): this {
    const { com, pointer } = this.object;
    com.must(
      'SetBufferValue',
      pointer,
      Method.setBuffer,
      ['pointer', 'pointer', 'u32'],
      com.key(key),
      value,
      value.byteLength,
    );
    return this;
  }
  /** Days since 1899-12-30, in local time. */
  setDate(key: PropertyKey, days: number): this {
    const variant = new Uint8Array(PROPVARIANT_SIZE);
    const view = new DataView(variant.buffer);
    view.setUint16(0, VT_DATE, true);
    view.setFloat64(8, days, true);
    return this.#set('SetValue', Method.setValue, 'pointer', key, variant);
  }

  u32(key: PropertyKey): number | undefined {
    const out = [0];
    return this.#get(Method.getU32, 'out u32', key, out) ? out[0] : undefined;
  }
  /** Some drivers say in 32 bits what should have 64. */
  u64(key: PropertyKey): number | undefined {
    const out: (number | bigint)[] = [0];
    return this.#get(Method.getU64, 'out u64', key, out) ? Number(out[0]) : this.u32(key);
  }
  /** A VT_ERROR as an unsigned number. */
  error(key: PropertyKey): number | undefined {
    const out = [0];
    return this.#get(Method.getError, 'out u32', key, out) ? (out[0] ?? 0) >>> 0 : undefined;
  }
  text(key: PropertyKey): string | undefined {
    const out: (Pointer | null)[] = [null];
    return this.#get(Method.getString, 'out pointer', key, out) ? this.object.com.takeText(out[0]) : undefined;
  }
  guid(key: PropertyKey): string | undefined {
    const bytes = new Uint8Array(16);
    return this.#get(Method.getGuid, 'pointer', key, bytes) ? guidText(bytes) : undefined;
  }
  bytes(key: PropertyKey): Uint8Array | undefined {
    const { com, pointer } = this.object;
    const memory: (Pointer | null)[] = [null];
    const size = [0];
    const kinds = ['pointer', 'out pointer', 'out u32'] as const;
    const hresult = com.call(pointer, Method.getBuffer, kinds, com.key(key), memory, size);
    return failed(hresult) ? undefined : com.takeBytes(memory[0], size[0] ?? 0);
  }
  /** Days since 1899-12-30, in local time. */
  date(key: PropertyKey): number | undefined {
    const variant = new Uint8Array(PROPVARIANT_SIZE);
    if (!this.#get(Method.getValue, 'pointer', key, variant)) return undefined;
    const view = new DataView(variant.buffer);
    return view.getUint16(0, true) === VT_DATE ? view.getFloat64(8, true) : undefined;
  }
  /** The numbers of a collection. */
  numbers(key: PropertyKey): readonly number[] | undefined {
    const out: (Pointer | null)[] = [null];
    if (!this.#get(Method.getCollection, 'out pointer', key, out)) return undefined;
    const [pointer] = out;
    if (pointer === null || pointer === undefined) return undefined;
    const collection = new PropVariants(new ComObject(this.object.com, pointer));
    try {
      return collection.numbers();
    } finally {
      collection.release();
    }
  }

  #set(what: string, method: number, kind: 'u32' | 'u64' | 'text' | 'pointer', key: PropertyKey, value: unknown): this {
    const { com, pointer } = this.object;
    com.must(what, pointer, method, ['pointer', kind], com.key(key), value);
    return this;
  }

  #get(
    method: number,
    kind: 'out u32' | 'out u64' | 'out pointer' | 'pointer',
    key: PropertyKey,
    out: unknown,
  ): boolean {
    const { com, pointer } = this.object;
    return !failed(com.call(pointer, method, ['pointer', kind], com.key(key), out));
  }
}

/** `IPortableDevicePropVariantCollection`. */
export class PropVariants {
  readonly object: ComObject;

  constructor(object: ComObject) {
    this.object = object;
  }

  static make(com: Com): PropVariants {
    return new PropVariants(com.create(ClassId.propVariants, InterfaceId.propVariants));
  }

  /** Of VT_UI4. */
  static ofNumbers(com: Com, numbers: readonly number[]): PropVariants {
    const collection = PropVariants.make(com);
    try {
      for (const number of numbers) {
        const variant = new Uint8Array(PROPVARIANT_SIZE);
        const view = new DataView(variant.buffer);
        view.setUint16(0, VT_UI4, true);
        view.setUint32(8, number, true);
        collection.#add(variant);
      }
      return collection;
    } catch (error) {
      collection.release();
      throw error;
    }
  }

  /** Of VT_LPWSTR with one string. The collection makes a copy of its own. */
  static ofText(com: Com, text: string): PropVariants {
    const collection = PropVariants.make(com);
    try {
      const characters = Buffer.from(`${text}\0`, 'utf16le');
      const variant = new Uint8Array(PROPVARIANT_SIZE);
      const view = new DataView(variant.buffer);
      view.setUint16(0, VT_LPWSTR, true);
      view.setBigUint64(8, com.koffi.address(characters), true);
      collection.#add(variant);
      return collection;
    } catch (error) {
      collection.release();
      throw error;
    }
  }

  get pointer(): Pointer {
    return this.object.pointer;
  }
  release(): void {
    this.object.release();
  }

  /** Elements of another type than VT_UI4 are left out. */
  numbers(): readonly number[] {
    const { com, pointer } = this.object;
    const count = [0];
    com.must('GetCount', pointer, CollectionMethod.getCount, ['out u32'], count);
    const numbers: number[] = [];
    for (let index = 0; index < (count[0] ?? 0); index += 1) {
      const variant = new Uint8Array(PROPVARIANT_SIZE);
      com.must('GetAt', pointer, CollectionMethod.getAt, ['u32', 'pointer'], index, variant);
      const view = new DataView(variant.buffer);
      if (view.getUint16(0, true) === VT_UI4) numbers.push(view.getUint32(8, true));
      else if (view.getUint16(0, true) === VT_LPWSTR) com.free(view.getBigUint64(8, true));
    }
    return numbers;
  }

  #add(variant: Uint8Array): void {
    const { com, pointer } = this.object;
    com.must('Add', pointer, CollectionMethod.add, ['pointer'], variant);
  }
}

/** `IPortableDeviceKeyCollection` of these keys. */
export function keyCollection(com: Com, keys: readonly PropertyKey[]): ComObject {
  const collection = com.create(ClassId.keys, InterfaceId.keys);
  try {
    for (const key of keys) com.must('Add', collection.pointer, CollectionMethod.add, ['pointer'], com.key(key));
    return collection;
  } catch (error) {
    collection.release();
    throw error;
  }
}

/** The HRESULT of a thrown value; throws what is no `ComError` again. */
export function hresultOf(error: unknown): number {
  if (error instanceof ComError) return error.hresult;
  throw error;
}
