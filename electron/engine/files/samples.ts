import { fail } from '../../../shared/errors.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import { readRange } from '../reading/read-range.ts';

/** Bytes of each sample: what goes wrong with a whole file (shifted, cut, zeroed, a lost joint) shows in so many. */
const SAMPLE = 64 * 1024;
/** Joints beyond this many are not looked at. */
const MOST_SAMPLES = 16;

interface Sample {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Parts of what was sent, kept to be compared with what the phone has in the end. */
export class Samples {
  #first: Sample | undefined;
  #last: Sample | undefined;
  readonly #joints: Sample[] = [];

  /** What was sent at `offset`. */
  saw(offset: number, bytes: Uint8Array): void {
    if (bytes.byteLength === 0) return;
    if (offset === 0) this.#first = { offset, bytes: bytes.slice(0, SAMPLE) };
    const from = Math.max(0, bytes.byteLength - SAMPLE);
    this.#last = { offset: offset + from, bytes: bytes.slice(from) };
  }

  /** What is there at `offset`, and is to be there later. */
  keep(offset: number, bytes: Uint8Array): void {
    this.#joints.push({ offset, bytes });
  }

  /** The connection broke behind what was sent last: there something may be missing, or twice. */
  joint(): void {
    if (this.#last !== undefined && this.#joints.length < MOST_SAMPLES) this.#joints.push(this.#last);
  }

  /** Rejects with `mismatch` where the phone has other bytes, and as reading does. */
  async compare(connection: Connection, object: PhoneObject): Promise<void> {
    for (const sample of [this.#first, ...this.#joints, this.#last]) {
      if (sample === undefined) continue;
      const { offset, bytes } = sample;
      const there = await readRange(connection, object, { offset, length: bytes.byteLength }, { priority: 'bulk' });
      if (Buffer.compare(there, bytes) !== 0)
        throw fail('mismatch', 'verify', `other bytes at ${offset}`, { subject: object.name });
    }
  }

  /** As `compare`, where the phone tells the file as empty: all of it is read, which shows whether it has `size` bytes. */
  async compareAll({ phone }: Connection, object: PhoneObject, size: number): Promise<void> {
    let at = 0;
    let bad: number | undefined;
    const compare = (piece: Uint8Array): void => {
      for (const sample of [this.#first, ...this.#joints, this.#last]) {
        if (sample === undefined) continue;
        const from = Math.max(at, sample.offset);
        const to = Math.min(at + piece.byteLength, sample.offset + sample.bytes.byteLength);
        if (from >= to) continue;
        const mine = sample.bytes.subarray(from - sample.offset, to - sample.offset);
        if (Buffer.compare(piece.subarray(from - at, to - at), mine) !== 0) bad ??= from;
      }
      at += piece.byteLength;
    };
    const received = await phone.readWhole(object, compare, { priority: 'bulk' });
    const { name } = object;
    if (received !== size)
      throw fail('mismatch', 'verify', `${received} of ${size} bytes are there`, { subject: name });
    if (bad !== undefined) throw fail('mismatch', 'verify', `other bytes at ${bad}`, { subject: name });
  }
}

/**
 * What proves a file that tells no date: parts of it, kept to be compared with what lies there later, on whichever
 * connection. Of a phone that reads no parts nothing is kept. Rejects as reading does.
 */
export async function samplesOf(connection: Connection, object: PhoneObject): Promise<Samples | undefined> {
  if (connection.phone.capabilities.partialRead === 'none') return undefined;
  const samples = new Samples();
  const last = Math.max(0, object.size - SAMPLE);
  for (const offset of new Set([0, Math.floor(last / 2), last])) {
    const length = Math.min(SAMPLE, object.size - offset);
    samples.keep(offset, await readRange(connection, object, { offset, length }, { priority: 'browse' }));
  }
  return samples;
}
