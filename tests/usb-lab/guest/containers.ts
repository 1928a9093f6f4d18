import type { Transport } from '../../../electron/mtp/ports.ts';

/**
 * A few MTP containers by hand, on purpose without the product's encoder: what proves the transport must not depend
 * on what it carries.
 */

export interface Answer {
  readonly data: Buffer | undefined;
  readonly code: number;
  readonly transaction: number;
  readonly parameters: readonly number[];
}

export const OPERATION = {
  getDeviceInfo: 0x1001,
  openSession: 0x1002,
  closeSession: 0x1003,
  getStorageIds: 0x1004,
  getObjectHandles: 0x1007,
  getObject: 0x1009,
  deleteObject: 0x100b,
  sendObjectInfo: 0x100c,
  sendObject: 0x100d,
  getPartialObject64: 0x95c1,
} as const;

export function header(type: number, code: number, transaction: number, payload: number): Buffer {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32LE(12 + payload, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(code, 6);
  bytes.writeUInt32LE(transaction, 8);
  return bytes;
}

export function command(code: number, transaction: number, parameters: readonly number[]): Buffer {
  const body = Buffer.alloc(parameters.length * 4);
  parameters.forEach((value, index) => body.writeUInt32LE(value, index * 4));
  return Buffer.concat([header(1, code, transaction, body.length), body]);
}

/** Speaks over a transport, one transaction after the other. */
export class Hand {
  readonly #transport: Transport;
  #left: Buffer = Buffer.alloc(0);
  #transaction = 0;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  async transact(code: number, parameters: readonly number[] = [], data?: Uint8Array): Promise<Answer> {
    const id = code === OPERATION.openSession || code === OPERATION.getDeviceInfo ? 0 : (this.#transaction += 1);
    await this.#transport.write([command(code, id, parameters)], { last: true, limitMs: 10_000 });
    if (data !== undefined)
      await this.#transport.write([header(2, code, id, data.length), data], { last: true, limitMs: 30_000 });
    return this.answer();
  }

  async answer(): Promise<Answer> {
    let first = await this.#container();
    let body: Buffer | undefined;
    if (first.readUInt16LE(4) === 2) {
      body = first.subarray(12);
      first = await this.#container();
    }
    const parameters: number[] = [];
    for (let at = 12; at + 4 <= first.length; at += 4) parameters.push(first.readUInt32LE(at));
    return { data: body, code: first.readUInt16LE(6), transaction: first.readUInt32LE(8), parameters };
  }

  async #container(): Promise<Buffer> {
    const pieces: Buffer[] = [this.#left];
    let have = this.#left.length;
    let total = have >= 4 ? this.#left.readUInt32LE(0) : undefined;
    while (total === undefined || have < total) {
      const piece = await this.#transport.read(total === undefined ? 512 : total - have, { limitMs: 30_000 });
      pieces.push(Buffer.from(piece.bytes.buffer, piece.bytes.byteOffset, piece.bytes.length));
      have += piece.bytes.length;
      if (total === undefined && have >= 4) total = Buffer.concat(pieces).readUInt32LE(0);
    }
    const all = Buffer.concat(pieces);
    this.#left = all.subarray(total);
    return all.subarray(0, total);
  }
}
