import { createHash } from 'node:crypto';
import { baseNameOf, type PhonePath, type StorageKey } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { Phone, PhoneObject } from '../../mtp/index.ts';
import type { ContentProof } from '../devices/destroy-on-phone.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { Disk } from '../local/disk.ts';
import { local, readFully } from '../local/local-files.ts';
import { readableEnd, readRange } from './compare-bytes.ts';

/** Bytes of each of the three samples. */
const SAMPLE = 16 * 1024;
/** Below this the whole file is read. */
const WHOLE_BELOW = 128 * 1024;

/** The ranges that identify a file of `size` bytes: first, middle and last 16 KiB, or all of a small one. */
function fingerprintRanges(size: number): readonly { readonly offset: number; readonly length: number }[] {
  if (size < WHOLE_BELOW) return size === 0 ? [] : [{ offset: 0, length: size }];
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
export async function fingerprintFile(disk: Disk, path: string, salt: string): Promise<string> {
  return local('source', 'fingerprint', path, async () => {
    const file = await disk.open(path, 'read');
    try {
      const { size } = await file.stat();
      const samples: Uint8Array[] = [];
      for (const { offset, length } of fingerprintRanges(size)) {
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

/** Sampled identity of an object; read whole where the phone cannot read its end in ranges. Rejects as reading does. */
export async function fingerprintObject(phone: Phone, object: PhoneObject, salt: string): Promise<string> {
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

/** Proof that an object holds what was fingerprinted with `CONTENT_SALT`; `undefined` without a fingerprint. */
export const proofOf = (phone: Phone, fingerprint: string | undefined): ContentProof | undefined =>
  fingerprint === undefined
    ? undefined
    : async (object) => (await fingerprintObject(phone, object, CONTENT_SALT)) === fingerprint;
