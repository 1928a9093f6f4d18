import {
  decodeDeviceInfo,
  decodeObjectInfo,
  decodeStorageInfo,
  encodeObjectInfo,
  Format,
  formatDate,
  join,
  ObjectProp,
  Operation,
  parseDate,
  Reader,
  Response,
  ROOT_WHEN_LISTING,
  SIZE_UNKNOWN,
  Writer,
} from '../../electron/mtp/wire/index.ts';
import { guidBytes } from '../../electron/wpd/com.ts';
import type { PacketReader, PacketWriter } from './packets.ts';
import type { PhoneSession } from './phone-session.ts';

/** WPD's content interface over the phone's own operations, as Windows' driver has it. */

const OK = 0;
const NOT_FOUND = 0x8007_0490;
const FAIL = 0x8000_4005;
const EXISTS = 0x8007_00b7;
const FULL = 0x8007_0070;

const OBJECT = guidBytes('ef6b490d-5cd8-437a-affc-da8b60ee4a3c');
const STORAGE = guidBytes('01a3057a-74d6-4e80-bea7-dc4c212ce50a');
const DEVICE = guidBytes('26d4979a-e643-4626-9e2b-736dc0c92fdc');
const FUNCTIONAL = guidBytes('8f052d93-abca-4fc5-a5ac-b01df4dbe598');
const STORAGE_CATEGORY = guidBytes('23f05bbc-15de-4c2a-a55b-a9af5ce412ef');
const FOLDER = guidBytes('27e2e392-a111-48e0-ab0c-e17705a05f85');
const FILE = guidBytes('0085e0a6-8d34-45d7-bc5c-447e59c73d48');
const FUNCTIONAL_TYPE = guidBytes('99ed0160-17ff-4c44-9d98-1d7a6f941921');

const VT = { date: 7, u32: 19, u64: 21, text: 31, guid: 72 } as const;
type Value = readonly [set: Uint8Array, number: number, type: keyof typeof VT, value: number | string | Uint8Array];

/** Days from 1899-12-30, in local time. */
const days = (instant: number): number =>
  (instant - new Date(instant).getTimezoneOffset() * 60_000) / 86_400_000 + 25_569;
const instantOf = (count: number): number => {
  const local = Math.round((count - 25_569) * 86_400_000);
  return local + new Date(local).getTimezoneOffset() * 60_000;
};

/** A response other than OK. */
class Refused extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`0x${code.toString(16)}`);
    this.code = code;
  }
}

/** Of one open device. */
export class ContentService {
  readonly #session: PhoneSession;
  #reading = false;
  #writing = false;
  #left = 0;
  /** The number of the object whose bytes are being written. */
  #made = 0;
  #transfer = 0;

  constructor(session: PhoneSession) {
    this.#session = session;
  }

  get isReading(): boolean {
    return this.#reading;
  }
  get isWriting(): boolean {
    return this.#writing;
  }
  read(size: number): Promise<Uint8Array> {
    return this.#session.read(size);
  }
  write(bytes: Uint8Array): Promise<void> {
    this.#left -= bytes.byteLength;
    return this.#session.write(bytes);
  }

  async call(kind: string, reader: PacketReader, writer: PacketWriter, optimal: number): Promise<number> {
    try {
      return await this.#call(kind, reader, writer, optimal);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.code === Response.InvalidObjectHandle) return NOT_FOUND;
      return error.code === Response.StoreFull ? FULL : FAIL;
    }
  }

  async #call(kind: string, reader: PacketReader, writer: PacketWriter, optimal: number): Promise<number> {
    switch (kind) {
      case 'k': {
        const ids = await this.#children(reader.text());
        writer.u32(ids.length);
        for (const id of ids) writer.text(id);
        return OK;
      }
      case 'p': {
        const values = await this.#properties(reader.text());
        writer.u32(values.length);
        for (const [set, number, type, value] of values) {
          writer.bytes(set).u32(number).u32(VT[type]);
          if (type === 'u32') writer.u32(value as number);
          else if (type === 'u64') writer.u64(value as number);
          else if (type === 'date') writer.f64(value as number);
          else if (type === 'text') writer.text(value as string);
          else writer.bytes(value as Uint8Array);
        }
        return OK;
      }
      case 'n': {
        const handle = numberIn(reader.text());
        const name = new Writer().string(reader.text()).done();
        await this.#send(Operation.SetObjectPropValue, [handle, ObjectProp.ObjectFileName], name);
        return OK;
      }
      case 'd': {
        const { code } = await this.#session.execute(Operation.DeleteObject, [numberIn(reader.text())]);
        if (code === Response.PartialDeletion) return 1;
        return check(code);
      }
      case 'm': {
        const handle = numberIn(reader.text());
        const target = reader.text();
        const storage = target.startsWith('s') ? numberIn(target) : (await this.#info(numberIn(target))).storageId;
        const parent = target.startsWith('s') ? 0 : numberIn(target);
        return check((await this.#session.execute(Operation.MoveObject, [handle, storage, parent])).code);
      }
      case 'f': {
        const [parent, name] = [reader.text(), reader.text()];
        writer.text(`o${(await this.#announce(parent, name, Format.Association, 0, 0)).toString(16).toUpperCase()}`);
        return OK;
      }
      case 'c': {
        const [parent, name, size, date] = [reader.text(), reader.text(), reader.u64(), reader.f64()];
        for (const id of await this.#children(parent))
          if ((await this.#info(numberIn(id))).filename === name) return EXISTS;
        this.#made = await this.#announce(parent, name, Format.Undefined, size, date === 0 ? 0 : instantOf(date));
        await this.#session.beginWrite(Operation.SendObject, [], size);
        this.#left = size;
        this.#writing = true;
        writer.u32((this.#transfer += 1)).u32(optimal);
        return OK;
      }
      case 's': {
        const phase = await this.#session.beginRead(Operation.GetObject, [numberIn(reader.text())]);
        if ('code' in phase) return check(phase.code);
        this.#reading = true;
        writer.u32((this.#transfer += 1)).u32(optimal);
        return OK;
      }
      case 'T': {
        this.#writing = false;
        if (this.#left > 0) return FAIL;
        const answer = check((await this.#session.end()).code);
        writer.text(`o${this.#made.toString(16).toUpperCase()}`);
        return answer;
      }
      case 'Z': {
        if (this.#reading || this.#writing) await this.#session.end();
        // what was announced and not sent goes, as the driver has it
        if (this.#writing) await this.#session.execute(Operation.DeleteObject, [this.#made]);
        this.#reading = this.#writing = false;
        return OK;
      }
      default:
        return 0x8000_4001;
    }
  }

  async #children(parent: string): Promise<readonly string[]> {
    if (parent === 'DEVICE') {
      const ids = new Reader(await this.#fetch(Operation.GetStorageIDs, []), 'StorageIDs').u32Array();
      return ids.map((id) => `s${id.toString(16).toUpperCase()}`);
    }
    const isRoot = parent.startsWith('s');
    const storage = isRoot ? numberIn(parent) : 0xffff_ffff;
    const parameters = [storage, 0, isRoot ? ROOT_WHEN_LISTING : numberIn(parent)];
    const handles = new Reader(await this.#fetch(Operation.GetObjectHandles, parameters), 'Handles').u32Array();
    return handles.map((handle) => `o${handle.toString(16).toUpperCase()}`);
  }

  async #properties(id: string): Promise<readonly Value[]> {
    if (id === 'DEVICE') {
      const info = decodeDeviceInfo(await this.#fetch(Operation.GetDeviceInfo, []));
      return [
        [DEVICE, 3, 'text', info.deviceVersion],
        [DEVICE, 7, 'text', info.manufacturer],
        [DEVICE, 8, 'text', info.model],
        [DEVICE, 9, 'text', info.serial],
      ];
    }
    if (id.startsWith('s')) {
      const info = decodeStorageInfo(await this.#fetch(Operation.GetStorageInfo, [numberIn(id)]));
      return [
        [OBJECT, 7, 'guid', FUNCTIONAL_TYPE],
        [FUNCTIONAL, 2, 'guid', STORAGE_CATEGORY],
        [STORAGE, 2, 'u32', info.storageType],
        [STORAGE, 4, 'u64', info.maxCapacity],
        [STORAGE, 5, 'u64', info.freeSpace],
        [STORAGE, 7, 'text', info.description],
        [STORAGE, 8, 'text', info.volumeIdentifier],
        [STORAGE, 11, 'u32', info.access],
      ];
    }
    const handle = numberIn(id);
    const info = await this.#info(handle);
    const isFolder = info.format === Format.Association;
    let size = info.compressedSize;
    if (size === SIZE_UNKNOWN) {
      const value = await this.#fetch(Operation.GetObjectPropValue, [handle, ObjectProp.ObjectSize]);
      size = Number(new DataView(value.buffer, value.byteOffset).getBigUint64(0, true));
    }
    const storage = `s${info.storageId.toString(16).toUpperCase()}`;
    const modified = parseDate(info.dateModified);
    return [
      [OBJECT, 3, 'text', info.parent === 0 ? storage : `o${info.parent.toString(16).toUpperCase()}`],
      [OBJECT, 4, 'text', info.filename],
      [OBJECT, 12, 'text', info.filename],
      [OBJECT, 7, 'guid', isFolder ? FOLDER : FILE],
      [OBJECT, 6, 'guid', guidBytes(`${info.format.toString(16).padStart(4, '0')}0000-ae6c-4804-98ba-c57b46965fe7`)],
      [OBJECT, 11, 'u64', size],
      [OBJECT, 23, 'text', storage],
      ...(modified === undefined ? [] : ([[OBJECT, 19, 'date', days(modified)]] as const)),
    ];
  }

  async #info(handle: number): Promise<ReturnType<typeof decodeObjectInfo>> {
    return decodeObjectInfo(await this.#fetch(Operation.GetObjectInfo, [handle]));
  }

  async #announce(parent: string, name: string, format: number, size: number, date: number): Promise<number> {
    const isRoot = parent.startsWith('s');
    const storage = isRoot ? numberIn(parent) : (await this.#info(numberIn(parent))).storageId;
    const folder = isRoot ? ROOT_WHEN_LISTING : numberIn(parent);
    const text = date === 0 ? '' : formatDate(date);
    const info = encodeObjectInfo({
      storageId: storage,
      format,
      protection: 0,
      compressedSize: Math.min(size, SIZE_UNKNOWN),
      thumbFormat: 0,
      thumbSize: 0,
      parent: folder,
      associationType: format === Format.Association ? 1 : 0,
      filename: name,
      dateCreated: text,
      dateModified: text,
    });
    return (await this.#send(Operation.SendObjectInfo, [storage, folder], info)).parameters[2] ?? 0;
  }

  async #send(
    operation: number,
    parameters: readonly number[],
    data: Uint8Array,
  ): Promise<{ readonly parameters: readonly number[] }> {
    await this.#session.beginWrite(operation, parameters, data.byteLength);
    await this.#session.write(data);
    const { code, parameters: results } = await this.#session.end();
    check(code);
    return { parameters: results };
  }

  async #fetch(operation: number, parameters: readonly number[]): Promise<Uint8Array> {
    const phase = await this.#session.beginRead(operation, parameters);
    if ('code' in phase) throw new Refused(phase.code);
    const parts: Uint8Array[] = [];
    for (;;) {
      const bytes = await this.#session.read(65_536);
      if (bytes.byteLength === 0) break;
      parts.push(bytes);
    }
    check((await this.#session.end()).code);
    return join(parts);
  }
}

const numberIn = (id: string): number => Number.parseInt(id.slice(1), 16);

function check(code: number): number {
  if (code !== Response.OK) throw new Refused(code);
  return OK;
}
