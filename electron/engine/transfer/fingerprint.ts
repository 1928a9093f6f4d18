import { createHash } from 'node:crypto';
import { baseNameOf, type PhonePath, type StorageKey, type TargetExpectation } from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { Phone, PhoneObject } from '../../mtp/index.ts';
import type { ReadProof } from '../devices/phone-evidence.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { Disk } from '../local/disk.ts';
import { local, readFully } from '../local/local-files.ts';
import { readableEnd, readRange } from './compare-bytes.ts';
import { PassingDigest } from './digest.ts';

/** Bytes of each of the three samples. */
const SAMPLE = 16 * 1024;
/** Below this the whole file is read. */
const WHOLE_BELOW = 128 * 1024;

/** Whether a fingerprint of a file of `size` bytes is over all of it. */
export const isSampledWhole = (size: number): boolean => size < WHOLE_BELOW;

/** The ranges that identify a file of `size` bytes: first, middle and last 16 KiB, or all of a small one. */
function fingerprintRanges(
  size: number,
  wholeBelow = WHOLE_BELOW,
): readonly { readonly offset: number; readonly length: number }[] {
  if (size < wholeBelow) return size === 0 ? [] : [{ offset: 0, length: size }];
  const middle = Math.floor((size - SAMPLE) / 2);
  return [
    { offset: 0, length: SAMPLE },
    { offset: middle, length: SAMPLE },
    { offset: size - SAMPLE, length: SAMPLE },
  ];
}

/** SHA-256, hex, over salt, size and the samples. The salt keeps fingerprints of different transfers incomparable. */
function fingerprintOf(size: number, samples: readonly Uint8Array[], salt: string): string {
  const hash = createHash('sha256').update(`${salt}\n${size}\n`);
  for (const sample of samples) hash.update(sample);
  return hash.digest('hex');
}

/** Sampled identity of a local file. Rejects with `source-missing`, `source-unreadable`. */
export async function fingerprintFile(
  disk: Disk,
  path: string,
  salt: string,
  wholeBelow = WHOLE_BELOW,
): Promise<string> {
  return local('source', 'fingerprint', path, async () => {
    const file = await disk.open(path, 'read');
    try {
      const { size } = await file.stat();
      const samples: Uint8Array[] = [];
      for (const { offset, length } of fingerprintRanges(size, wholeBelow)) {
        const buffer = Buffer.allocUnsafe(length);
        samples.push(buffer.subarray(0, await readFully(file, buffer, offset)));
      }
      return fingerprintOf(size, samples, salt);
    } finally {
      await file.close();
    }
  });
}

/**
 * An object with the size that it has. Some phones tell every file as empty (`zero-sizes`): what is told so is read, which shows
 * it. Rejects as reading does.
 */
async function sized(phone: Phone, object: PhoneObject): Promise<PhoneObject> {
  if (object.size > 0) return object;
  return { ...object, size: await phone.readWhole(object, () => undefined) };
}

/**
 * Sampled identity of a phone's file; the same for the same bytes as `fingerprintFile` gives. Rejects with `missing`, and
 * with what reading rejects with.
 */
export async function fingerprintPhone(
  { phone, tree }: Connection,
  key: StorageKey,
  path: PhonePath,
  salt: string,
): Promise<string> {
  const object = await tree.object(key, path);
  if (object.kind !== 'file') throw fail('missing', 'fingerprint', 'a folder', { subject: baseNameOf(path) });
  return fingerprintObject(phone, object, salt);
}

/** The salt of fingerprints that say what a phone's file without a date holds: sync's, the same in all runs. */
export const CONTENT_SALT = 'replug-sync';

/** The salt of the samples by which photos are known, of the same kind on both sides and for ever. */
const PHOTO_SALT = 'replug-photo';

/** Sampled identity of a local file by at most 48 KiB of it. Rejects as `fingerprintFile`. */
export const sampleFile = (disk: Disk, path: string): Promise<string> =>
  fingerprintFile(disk, path, PHOTO_SALT, SAMPLE * 3);

/** Whether such samples of a file of `size` bytes are all of it. */
export const isPhotoSampledWhole = (size: number): boolean => size < SAMPLE * 3;

/** The same of a phone's file. Rejects with `missing`, `unsupported` where its end cannot be read in ranges, and as reading does. */
export async function samplePhone({ phone, tree }: Connection, key: StorageKey, path: PhonePath): Promise<string> {
  const listed = await tree.object(key, path);
  if (listed.kind !== 'file') throw fail('missing', 'sample', 'a folder', { subject: baseNameOf(path) });
  const object = await sized(phone, listed);
  if (object.size > readableEnd(phone)) throw fail('unsupported', 'sample', '', { subject: baseNameOf(path) });
  const samples: Uint8Array[] = [];
  for (const range of fingerprintRanges(object.size, SAMPLE * 3))
    samples.push(...(await readRange(phone, object, range)));
  return fingerprintOf(object.size, samples, PHOTO_SALT);
}

/** Sampled identity of an object; read whole where the phone cannot read its end in ranges. Rejects as reading does. */
export async function fingerprintObject(phone: Phone, told: PhoneObject, salt: string): Promise<string> {
  const object = await sized(phone, told);
  const { size } = object;
  const ranges = fingerprintRanges(size);
  const samples: Uint8Array[] = [];
  if (size > readableEnd(phone)) {
    let at = 0;
    await phone.readWhole(object, (piece) => {
      for (const { offset, length } of ranges) {
        const from = Math.max(offset - at, 0);
        const to = Math.min(offset + length - at, piece.byteLength);
        if (from < to) samples.push(Uint8Array.from(piece.subarray(from, to)));
      }
      at += piece.byteLength;
    });
  } else for (const range of ranges) samples.push(...(await readRange(phone, object, range)));
  return fingerprintOf(size, samples, salt);
}

/** Bytes read at once for a digest of all of a file. */
const READ_BYTES = 4 * 1024 * 1024;

/** SHA-256, hex, of a local file, all of it. Rejects with `source-missing`, `source-unreadable`. */
export async function digestFile(disk: Disk, path: string): Promise<string> {
  return local('source', 'digest', path, async () => {
    const file = await disk.open(path, 'read');
    try {
      const digest = new PassingDigest();
      const buffer = Buffer.allocUnsafe(READ_BYTES);
      let at = 0;
      for (;;) {
        const filled = await readFully(file, buffer, at);
        await digest.updateInTurns(at, [buffer.subarray(0, filled)]);
        at += filled;
        if (filled < buffer.byteLength) break;
      }
      return ended(digest, at);
    } finally {
      await file.close();
    }
  });
}

function ended(digest: PassingDigest, size: number): string {
  const sha256 = digest.finish(size);
  if (sha256 === undefined) throw fail('internal', 'digest', 'a pass with a gap');
  return sha256;
}

/**
 * The same of an object; in one transaction where the phone cannot read its end in ranges, or tells it as empty. Rejects as
 * reading does.
 */
async function digestObject(phone: Phone, object: PhoneObject): Promise<string> {
  const digest = new PassingDigest();
  let at = 0;
  if (object.size === 0 || object.size > readableEnd(phone))
    await phone.readWhole(object, async (piece) => {
      await digest.updateInTurns(at, [piece]);
      at += piece.byteLength;
    });
  else
    while (at < object.size) {
      const length = Math.min(READ_BYTES, object.size - at);
      const pieces = await readRange(phone, object, { offset: at, length });
      await digest.updateInTurns(at, pieces);
      phone.giveBack(pieces);
      at += length;
    }
  return ended(digest, at);
}

/** SHA-256, hex, of all of a phone's file. Rejects with `missing`, and with what reading rejects with. */
export async function digestPhone({ phone, tree }: Connection, key: StorageKey, path: PhonePath): Promise<string> {
  const object = await tree.object(key, path);
  if (object.kind !== 'file') throw fail('missing', 'digest', 'a folder', { subject: baseNameOf(path) });
  return digestObject(phone, object);
}

/** What of an expectation says what the file held. */
export type Content = Pick<Extract<TargetExpectation, { readonly kind: 'file' }>, 'fingerprint' | 'sha256'>;

/**
 * Proof that an object holds what is expected, for the moment before it is destroyed: all of it where that is known, else
 * its samples; `undefined` where neither is.
 */
export function proofOf(phone: Phone, { fingerprint, sha256 }: Content): ReadProof | undefined {
  if (sha256 === undefined) return samplesOf(phone, { fingerprint });
  return readable(
    async (object) =>
      (await digestObject(phone, object)) === sha256 &&
      // somebody may have written to it while it was read
      (await phone.sizeOf(object.handle)) === object.size,
  );
}

/** An object that was announced and never sent is told as empty and cannot be read: nothing proves what it holds. */
const readable =
  (proof: ReadProof): ReadProof =>
  async (object) => {
    try {
      return await proof(object);
    } catch (error) {
      if (object.size === 0 && isPhoneError(error) && error.kind === 'refused') return false;
      throw error;
    }
  };

/** As `proofOf`, for a decision that is proved again before anything is destroyed: samples will do where they are known. */
export const samplesOf = (phone: Phone, { fingerprint, sha256 }: Content): ReadProof | undefined =>
  fingerprint !== undefined
    ? readable(async (object) => (await fingerprintObject(phone, object, CONTENT_SALT)) === fingerprint)
    : sha256 !== undefined
      ? readable(async (object) => (await digestObject(phone, object)) === sha256)
      : undefined;
