import type { Com, ComObject, Pointer } from './com.ts';
import { ComError, ComObject as OwnedObject } from './com.ts';
import { failed } from './hresults.ts';
import { InterfaceId, Key, type PropertyKey } from './keys.ts';
import { keyCollection, PropVariants, Values } from './values.ts';

/** WPD's content interface: objects by their names, their properties, their bytes. Blocks; for the worker thread. */

/** The object that stands for the device, above its storages. */
export const DEVICE_OBJECT = 'DEVICE';

const DEVICE_CONTENT = 5;
const Content = {
  enumerate: 3,
  properties: 4,
  transfer: 5,
  createFolder: 6,
  createFile: 7,
  delete: 8,
  move: 11,
} as const;
const Properties = { getValues: 5, setValues: 6 } as const;
const RESOURCES_GET_STREAM = 5;
const ENUMERATION_NEXT = 3;
const Stream = { read: 3, write: 4, commit: 8, revert: 9 } as const;
const DATA_STREAM_GET_OBJECT_ID = 14;

const WITH_RECURSION = 1;
const STGM_READ = 0;
const S_FALSE = 1;
/** Names asked for at once. */
const BATCH = 64;

/** Objects of one open device. */
export class ContentObjects {
  readonly #com: Com;
  readonly #device: ComObject;
  #content: ComObject | undefined;
  #properties: ComObject | undefined;
  #resources: ComObject | undefined;

  constructor(device: ComObject) {
    this.#com = device.com;
    this.#device = device;
  }

  get com(): Com {
    return this.#com;
  }

  release(): void {
    this.#resources?.release();
    this.#properties?.release();
    this.#content?.release();
  }

  /** Names of what is directly in an object. */
  children(parent: string): readonly string[] {
    const com = this.#com;
    const kinds = ['u32', 'text', 'pointer'] as const;
    const enumeration = com.get('EnumObjects', this.#contents(), Content.enumerate, kinds, 0, parent, null);
    try {
      const names: string[] = [];
      for (;;) {
        const pointers = new BigUint64Array(BATCH);
        const fetched = [0];
        const next = ['u32', 'pointer', 'out u32'] as const;
        const hresult = com.call(enumeration.pointer, ENUMERATION_NEXT, next, BATCH, pointers, fetched);
        if (failed(hresult)) throw new ComError('Next', hresult);
        for (const pointer of pointers.subarray(0, fetched[0] ?? 0)) names.push(com.takeText(pointer));
        if (hresult === S_FALSE || (fetched[0] ?? 0) === 0) return names;
      }
    } finally {
      enumeration.release();
    }
  }

  /** Some properties of an object; whoever asks releases them. */
  values(id: string, keys: readonly PropertyKey[]): Values {
    const collection = keyCollection(this.#com, keys);
    try {
      const kinds = ['text', 'pointer'] as const;
      const propertiesOf = this.#propertiesOf();
      return new Values(this.#com.get('GetValues', propertiesOf, Properties.getValues, kinds, id, collection.pointer));
    } finally {
      collection.release();
    }
  }

  /** Renames. Throws the error of the property, which the call itself does not report. */
  rename(id: string, name: string): void {
    const values = Values.make(this.#com).setText(Key.fileName, name);
    try {
      const kinds = ['text', 'pointer'] as const;
      const results = new Values(
        this.#com.get('SetValues', this.#propertiesOf(), Properties.setValues, kinds, id, values.pointer),
      );
      const hresult = results.error(Key.fileName) ?? 0;
      results.release();
      if (failed(hresult)) throw new ComError('SetValues', hresult);
    } finally {
      values.release();
    }
  }

  /** Deletes with all in it. `false` where something stayed. */
  delete(id: string): boolean {
    const ids = PropVariants.ofText(this.#com, id);
    try {
      const kinds = ['u32', 'pointer', 'pointer'] as const;
      const hresult = this.#com.call(this.#contents(), Content.delete, kinds, WITH_RECURSION, ids.pointer, null);
      if (failed(hresult)) throw new ComError('Delete', hresult);
      return hresult !== S_FALSE;
    } finally {
      ids.release();
    }
  }

  move(id: string, folder: string): void {
    const ids = PropVariants.ofText(this.#com, id);
    try {
      const kinds = ['pointer', 'text', 'pointer'] as const;
      const hresult = this.#com.call(this.#contents(), Content.move, kinds, ids.pointer, folder, null);
      if (failed(hresult) || hresult === S_FALSE) throw new ComError('Move', hresult);
    } finally {
      ids.release();
    }
  }

  /** Gives the name of the new object. */
  createFolder(values: Values): string {
    const id: (Pointer | null)[] = [null];
    const kinds = ['pointer', 'out pointer'] as const;
    this.#com.must('CreateObjectWithPropertiesOnly', this.#contents(), Content.createFolder, kinds, values.pointer, id);
    return this.#com.takeText(id[0]);
  }

  /** The bytes of a new file go into the stream. */
  createFile(values: Values): ContentStream {
    const stream: (Pointer | null)[] = [null];
    const size = [0];
    const kinds = ['pointer', 'out pointer', 'out u32', 'pointer'] as const;
    const what = 'CreateObjectWithPropertiesAndData';
    this.#com.must(what, this.#contents(), Content.createFile, kinds, values.pointer, stream, size, null);
    return new ContentStream(this.#owned(what, stream[0]), size[0]);
  }

  /** The bytes of a file. */
  openFile(id: string): ContentStream {
    const size = [0];
    const kinds = ['text', 'pointer', 'u32', 'out u32'] as const;
    const key = this.#com.key(Key.resourceDefault);
    this.#resources ??= this.#com.get('Transfer', this.#contents(), Content.transfer, []);
    const { pointer } = this.#resources;
    const stream = this.#com.get('GetStream', pointer, RESOURCES_GET_STREAM, kinds, id, key, STGM_READ, size);
    return new ContentStream(stream, size[0]);
  }

  #owned(what: string, pointer: Pointer | null | undefined): ComObject {
    if (pointer === null || pointer === undefined) throw new ComError(`${what} gave nothing`, 0);
    return new OwnedObject(this.#com, pointer);
  }

  #contents(): Pointer {
    this.#content ??= this.#com.get('Content', this.#device.pointer, DEVICE_CONTENT, []);
    return this.#content.pointer;
  }

  #propertiesOf(): Pointer {
    this.#properties ??= this.#com.get('Properties', this.#contents(), Content.properties, []);
    return this.#properties.pointer;
  }
}

/** The bytes of one object. */
export class ContentStream {
  readonly #stream: ComObject;
  /** Bytes the driver likes best in one call. */
  readonly optimal: number | undefined;

  constructor(stream: ComObject, optimal: number | undefined) {
    this.#stream = stream;
    this.optimal = optimal === 0 ? undefined : optimal;
  }

  release(): void {
    this.#stream.release();
  }

  /** Fewer bytes than asked for, or none, at the end. */
  read(size: number): Uint8Array {
    const bytes = new Uint8Array(size);
    const count = [0];
    const { com, pointer } = this.#stream;
    com.must('IStream::Read', pointer, Stream.read, ['pointer', 'u32', 'out u32'], bytes, size, count);
    if ((count[0] ?? 0) > size) throw new ComError('IStream::Read counts more than there is', 0x8007_000d);
    return bytes.slice(0, count[0] ?? 0);
  }

  write(bytes: Uint8Array): number {
    const count = [0];
    const { com, pointer } = this.#stream;
    com.must('IStream::Write', pointer, Stream.write, ['pointer', 'u32', 'out u32'], bytes, bytes.byteLength, count);
    return count[0] ?? 0;
  }

  /** Makes the object and gives its name: only then is it on the phone. */
  commit(): string {
    const { com, pointer } = this.#stream;
    com.must('IStream::Commit', pointer, Stream.commit, ['u32'], 0);
    const data = com.query(pointer, InterfaceId.dataStream);
    try {
      const id: (Pointer | null)[] = [null];
      com.must('GetObjectID', data.pointer, DATA_STREAM_GET_OBJECT_ID, ['out pointer'], id);
      return com.takeText(id[0]);
    } finally {
      data.release();
    }
  }

  /** Nothing of it stays on the phone. */
  revert(): void {
    this.#stream.com.call(this.#stream.pointer, Stream.revert, []);
  }
}
