import { createHash } from 'node:crypto';
import { fail } from '../../../shared/errors.ts';
import type { CallOptions, PhoneObject } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import { readRange, readUntold } from '../reading/read-range.ts';

/** Bytes compared at once. */
const PIECE = 1024 * 1024;

/** A file on a phone as it was looked at a moment ago. */
export interface LookedAt {
  readonly connection: Connection;
  readonly object: PhoneObject;
}

/**
 * Reads two files of phones and compares every byte; the phones are asked, not what was read before, and what one tells as
 * empty is read whole. Rejects with `mismatch` where they differ, and as reading does: `unsupported` where a phone cannot be
 * read in ranges.
 */
export async function requireSame(one: LookedAt, other: LookedAt, options: CallOptions): Promise<void> {
  const { size, name } = one.object;
  if (size === 0 || other.object.size === 0) {
    if ((await contentOf(one, options)) === (await contentOf(other, options))) return;
    throw fail('mismatch', 'verify', 'other bytes', { subject: name });
  }
  if (other.object.size !== size)
    throw fail('mismatch', 'verify', `${other.object.size} of ${size} bytes are there`, { subject: name });
  for (let offset = 0; offset < size; offset += PIECE) {
    const range = { offset, length: Math.min(PIECE, size - offset) };
    const [mine, theirs] = [
      await readRange(one.connection, one.object, range, options),
      await readRange(other.connection, other.object, range, options),
    ];
    if (Buffer.compare(mine, theirs) !== 0)
      throw fail('mismatch', 'verify', `other bytes at ${offset}`, { subject: name });
  }
}

/**
 * A digest of what a file holds that is told as empty. Rejects as `readUntold` does.
 */
export async function contentOf({ connection, object }: LookedAt, options: CallOptions): Promise<string> {
  const hash = createHash('sha256');
  await readUntold(connection, object, (piece) => void hash.update(piece), options);
  return hash.digest('hex');
}
