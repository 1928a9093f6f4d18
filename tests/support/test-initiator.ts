import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { problemOf } from '../../shared/errors.ts';
import type { Transport } from '../../electron/mtp/ports.ts';
import {
  HEADER_SIZE,
  Operation,
  Response,
  decodeU32Array,
  encodeCommand,
  encodeDataHeader,
  encodeObjectInfo,
} from '../../electron/mtp/wire/index.ts';
import { VirtualPhone } from '../../electron/virtual/phone.ts';
import type { VirtualPhoneOptions } from '../../electron/virtual/options.ts';

/** A simple host for tests: reads and writes containers directly, tolerates nothing and repairs nothing. */
export const ROOT = 0xffffffff;
/** Milliseconds for an expected response; long enough for a busy machine. */
const PATIENT = 20_000;
/** Milliseconds after which no response is expected. */
export const SOON = 60;

export interface Container {
  readonly type: number;
  readonly code: number;
  readonly id: number;
  readonly body: Uint8Array;
  readonly params: readonly number[];
}

export interface Result {
  readonly code: number;
  readonly id: number;
  readonly params: readonly number[];
  readonly data: Uint8Array | undefined;
}

export class TestHost {
  readonly transport: Transport;
  #id = 0;
  /** Bytes after the end of a container: the start of the next one. */
  #surplus: Uint8Array = new Uint8Array(0);
  constructor(transport: Transport) {
    this.transport = transport;
  }

  get lastId(): number {
    return this.#id;
  }
  command(code: number, params: readonly number[] = [], limitMs = PATIENT): Promise<void> {
    this.#id += 1;
    return this.transport.write([encodeCommand(code, this.#id, params)], { last: true, limitMs });
  }
  payload(code: number, payload: Uint8Array, limitMs = PATIENT): Promise<void> {
    return this.transport.write([encodeDataHeader(code, this.#id, payload.byteLength), payload], {
      last: true,
      limitMs,
    });
  }

  /** Reads one container, in any number of pieces. */
  async container(limitMs = PATIENT): Promise<Container> {
    let bytes = this.#surplus;
    while (bytes.byteLength < HEADER_SIZE || bytes.byteLength < length(bytes)) {
      const want = bytes.byteLength < HEADER_SIZE ? 1024 * 1024 : length(bytes) - bytes.byteLength;
      const piece = await this.transport.read(want, { limitMs });
      const joined = new Uint8Array(bytes.byteLength + piece.bytes.byteLength);
      joined.set(bytes);
      joined.set(piece.bytes, bytes.byteLength);
      bytes = joined;
    }
    this.#surplus = bytes.slice(length(bytes));
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const body = bytes.subarray(HEADER_SIZE, length(bytes));
    const params = Array.from({ length: Math.min(5, Math.floor(body.byteLength / 4)) }, (_, index) =>
      view.getUint32(12 + index * 4, true),
    );
    return { type: view.getUint16(4, true), code: view.getUint16(6, true), id: view.getUint32(8, true), body, params };
  }

  async answer(limitMs = PATIENT): Promise<Result> {
    let data: Uint8Array | undefined;
    for (;;) {
      const container = await this.container(limitMs);
      if (container.type === 3) return { code: container.code, id: container.id, params: container.params, data };
      data = container.body;
    }
  }

  async ask(code: number, params: readonly number[] = []): Promise<Result> {
    await this.command(code, params);
    return await this.answer();
  }
  async give(code: number, params: readonly number[], payload: Uint8Array): Promise<Result> {
    await this.command(code, params);
    await this.payload(code, payload);
    return await this.answer();
  }

  async open(): Promise<this> {
    await this.ask(Operation.OpenSession, [1]);
    return this;
  }
  async storages(): Promise<number[]> {
    return decodeU32Array((await this.ask(Operation.GetStorageIDs)).data ?? new Uint8Array(4), 'storages');
  }
  async handles(parent = ROOT, storage = ROOT): Promise<number[]> {
    return decodeU32Array(
      (await this.ask(Operation.GetObjectHandles, [storage, 0, parent])).data ?? new Uint8Array(4),
      'handles',
    );
  }

  announce(
    storage: number,
    name: string,
    size: number,
    options: { readonly parent?: number; readonly folder?: boolean; readonly date?: string } = {},
  ): Promise<Result> {
    return this.give(Operation.SendObjectInfo, [storage, options.parent ?? ROOT], info(name, size, options));
  }
  async upload(
    storage: number,
    name: string,
    bytes: Uint8Array,
    options: { readonly parent?: number; readonly date?: string } = {},
  ): Promise<{ readonly handle: number; readonly result: Result }> {
    const announced = await this.announce(storage, name, bytes.byteLength, options);
    if (announced.code !== Response.OK) return { handle: 0, result: announced };
    return { handle: announced.params[2] ?? 0, result: await this.give(Operation.SendObject, [], bytes) };
  }

  /** The kind of error with which a call fails, or `fine`. */
  static async kindOf(work: Promise<unknown>): Promise<string> {
    try {
      await work;
      return 'fine';
    } catch (error) {
      return problemOf(error).kind;
    }
  }
}

const length = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);

export const info = (
  name: string,
  size: number,
  options: { readonly folder?: boolean; readonly date?: string } = {},
): Uint8Array =>
  encodeObjectInfo({
    storageId: 0,
    format: options.folder === true ? 0x3001 : 0x3000,
    protection: 0,
    compressedSize: size,
    thumbFormat: 0,
    thumbSize: 0,
    parent: 0,
    associationType: 0,
    filename: name,
    dateCreated: '',
    dateModified: options.date ?? '',
  });

/** A phone in a folder of its own; both are removed when the test ends. */
export async function makePhone(
  test: TestContext,
  options: Omit<VirtualPhoneOptions, 'directory'> & { readonly sd?: boolean } = {},
): Promise<{ readonly phone: VirtualPhone; readonly folder: string; readonly sd: string; readonly base: string }> {
  const base = await mkdtemp(join(tmpdir(), 'replug-virtual-'));
  const folder = join(base, 'phone');
  const sd = join(base, 'card');
  const phone = new VirtualPhone({ directory: folder, ...(options.sd === true && { sdDirectory: sd }), ...options });
  test.after(async () => {
    await phone.dispose();
    await rm(base, { recursive: true, force: true });
  });
  return { phone, folder, sd, base };
}

export const connect = async (phone: VirtualPhone): Promise<TestHost> => await new TestHost(phone.open()).open();

/** Bytes without repetition. */
export function pattern(size: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(size);
  let state = seed >>> 0 || 1;
  for (let index = 0; index < size; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
}
