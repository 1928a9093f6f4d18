import type Koffi from 'koffi';
import { failed, hexOf } from './hresults.ts';
import type { PropertyKey } from './keys.ts';

/**
 * COM from JavaScript: pointers, vtables, strings, and who frees what. Everything here blocks, so it runs in the worker
 * thread alone (`worker.ts`).
 *
 * Ownership: an interface that a method gives out is the caller's, as a `ComObject` that is released once; a string or a
 * buffer that one gives out is copied and freed with `CoTaskMemFree` at once; what is handed in stays the caller's.
 */

type KoffiModule = typeof Koffi;
type Type = NonNullable<Parameters<KoffiModule['array']>[0]>;
/** The address of an interface. */
export type Pointer = bigint;

const RELEASE = 2;
const QUERY_INTERFACE = 0;
const CLSCTX_INPROC_SERVER = 1;
const COINIT_MULTITHREADED = 0;
const POINTER_SIZE = 8;

/** A method failed; `hresult` as an unsigned number. */
export class ComError extends Error {
  override readonly name = 'ComError';
  readonly hresult: number;
  constructor(what: string, hresult: number) {
    super(`${what}: ${hexOf(hresult)}`);
    this.hresult = hresult;
  }
}

/** 16 bytes of a GUID written as text. */
export function guidBytes(text: string): Uint8Array {
  const hex = text.replaceAll('-', '');
  const bytes = Uint8Array.from({ length: 16 }, (_, index) => Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16));
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** A GUID as text, from its 16 bytes. */
export function guidText(bytes: Uint8Array): string {
  const order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
  const hex = order.map((index) => (bytes[index] ?? 0).toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** How an argument is passed: a pointer, a 16-bit string, numbers, or where a result of that kind is put. */
export type Kind =
  'pointer' | 'text' | 'u32' | 'u64' | 'f64' | 'out pointer' | 'out u32' | 'out u64' | 'inout u32' | 'guid';

/** COM in this thread. */
export class Com {
  readonly #koffi: KoffiModule;
  readonly #prototypes = new Map<string, ReturnType<KoffiModule['proto']>>();
  readonly #createInstance: (...args: unknown[]) => number;
  readonly #free: (memory: unknown) => void;
  readonly #copy: (to: Uint8Array, from: Pointer, length: number) => void;
  readonly #guids = new Map<string, Uint8Array>();
  readonly #keys = new Map<PropertyKey, Uint8Array>();

  constructor(koffi: KoffiModule) {
    this.#koffi = koffi;
    const ole = koffi.load('ole32.dll');
    const initialize = ole.func('CoInitializeEx', 'int32', ['void *', 'uint32']);
    const hresult = (initialize as (...args: unknown[]) => number)(null, COINIT_MULTITHREADED) >>> 0;
    if (failed(hresult)) throw new ComError('CoInitializeEx', hresult);
    this.#createInstance = ole.func('CoCreateInstance', 'int32', [
      'void *',
      'void *',
      'uint32',
      'void *',
      koffi.out(koffi.pointer('void *')),
    ]) as (...args: unknown[]) => number;
    this.#free = ole.func('CoTaskMemFree', 'void', ['void *']) as (memory: unknown) => void;
    // not `koffi.view`, which Electron refuses, and not `koffi.decode`, which keeps a name for each call with a length
    const ntdll = koffi.load('ntdll.dll');
    this.#copy = ntdll.func('RtlMoveMemory', 'void', ['void *', 'void *', 'size_t']) as (
      to: Uint8Array,
      from: Pointer,
      length: number,
    ) => void;
  }

  get koffi(): KoffiModule {
    return this.#koffi;
  }

  /** A new object of a class. Throws `ComError`. */
  create(classId: string, interfaceId: string): ComObject {
    const out: (Pointer | null)[] = [null];
    const hresult = this.#createInstance(this.guid(classId), null, CLSCTX_INPROC_SERVER, this.guid(interfaceId), out);
    return this.#given(`CoCreateInstance {${classId}}`, hresult >>> 0, out[0]);
  }

  guid(text: string): Uint8Array {
    let bytes = this.#guids.get(text);
    if (bytes === undefined) this.#guids.set(text, (bytes = guidBytes(text)));
    return bytes;
  }

  /** A PROPERTYKEY in memory. */
  key(key: PropertyKey): Uint8Array {
    let bytes = this.#keys.get(key);
    if (bytes === undefined) {
      bytes = new Uint8Array(20);
      bytes.set(guidBytes(key.set));
      new DataView(bytes.buffer).setUint32(16, key.number, true);
      this.#keys.set(key, bytes);
    }
    return bytes;
  }

  /** Calls a method by its place in the vtable; gives the HRESULT. Results are put into the arrays handed in. */
  call(self: Pointer, method: number, kinds: readonly Kind[], ...args: readonly unknown[]): number {
    const table = this.#koffi.decode(self, 'void *') as Pointer;
    const address = this.#koffi.decode(table, method * POINTER_SIZE, 'void *') as Pointer;
    return (this.#koffi.call(address, this.#prototype(kinds), self, ...args) as number) >>> 0;
  }

  /** As `call`; throws where it fails. */
  must(what: string, self: Pointer, method: number, kinds: readonly Kind[], ...args: readonly unknown[]): void {
    const hresult = this.call(self, method, kinds, ...args);
    if (failed(hresult)) throw new ComError(what, hresult);
  }

  /** The interface that a method puts into its last argument. */
  get(what: string, self: Pointer, method: number, kinds: readonly Kind[], ...args: readonly unknown[]): ComObject {
    const out: (Pointer | null)[] = [null];
    const hresult = this.call(self, method, [...kinds, 'out pointer'], ...args, out);
    return this.#given(what, hresult, out[0]);
  }

  /** Another interface of the same object. */
  query(self: Pointer, interfaceId: string): ComObject {
    return this.get('QueryInterface', self, QUERY_INTERFACE, ['pointer'], this.guid(interfaceId));
  }

  release(self: Pointer): void {
    this.call(self, RELEASE, []);
  }

  /** Copies a string that a method gave out, and frees it. */
  takeText(memory: Pointer | null | undefined): string {
    if (memory === null || memory === undefined) return '';
    const text = this.#koffi.decode(memory, 'char16', -1) as string;
    this.#free(memory);
    return text;
  }

  /** Copies bytes that a method gave out, and frees them. */
  takeBytes(memory: Pointer | null | undefined, length: number): Uint8Array {
    if (memory === null || memory === undefined) return new Uint8Array(0);
    const bytes = new Uint8Array(length);
    if (length > 0) this.#copy(bytes, memory, length);
    this.#free(memory);
    return bytes;
  }

  /** The GUID that a caller hands in as an address. */
  guidAt(memory: Pointer): string {
    const bytes = new Uint8Array(16);
    this.#copy(bytes, memory, bytes.byteLength);
    return guidText(bytes);
  }

  free(memory: Pointer): void {
    this.#free(memory);
  }

  #given(what: string, hresult: number, pointer: Pointer | null | undefined): ComObject {
    if (failed(hresult)) throw new ComError(what, hresult);
    if (pointer === null || pointer === undefined) throw new ComError(`${what} gave nothing`, hresult);
    return new ComObject(this, pointer);
  }

  #prototype(kinds: readonly Kind[]): ReturnType<KoffiModule['proto']> {
    const name = kinds.join();
    let prototype = this.#prototypes.get(name);
    if (prototype === undefined) {
      prototype = this.#koffi.proto('int32', ['void *', ...kinds.map((kind) => this.#type(kind))]);
      this.#prototypes.set(name, prototype);
    }
    return prototype;
  }

  #type(kind: Kind): Type {
    const { out, inout, pointer } = this.#koffi;
    switch (kind) {
      case 'pointer':
      case 'guid':
        return 'void *';
      case 'text':
        return 'str16';
      case 'u32':
        return 'uint32';
      case 'u64':
        return 'uint64';
      case 'f64':
        return 'double';
      case 'out pointer':
        return out(pointer('void *'));
      case 'out u32':
        return out(pointer('uint32'));
      case 'out u64':
        return out(pointer('uint64'));
      case 'inout u32':
        return inout(pointer('uint32'));
    }
  }
}

/** An interface that is ours: released once. */
export class ComObject {
  readonly com: Com;
  readonly #pointer: Pointer;
  #released = false;

  constructor(com: Com, pointer: Pointer) {
    this.com = com;
    this.#pointer = pointer;
  }

  get pointer(): Pointer {
    if (this.#released) throw new Error('a released COM object is used');
    return this.#pointer;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.com.release(this.#pointer);
  }
}
