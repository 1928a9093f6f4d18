import type { CallOptions, PhoneObject } from '../../mtp/index.ts';
import { readWhile, type SourceReader } from './beginning-of-source.ts';
import type { Connection } from './device-connection.ts';

/** Bytes in which damage is counted byte by byte. */
const BLOCK_BYTES = 4096;
/** One byte in so many may differ: what somebody else has written differs in nearly all. */
const DAMAGED_SHARE = 8;

/**
 * Whether a file of a phone has as many bytes as `source`, and but for a few the same ones: those are a fault of the way
 * there, and the file can be made again. A phone that cannot read ranges sends all of it at once; `unproved`: the source
 * would have to be read meanwhile. Rejects as the phone does.
 */
export async function isDamagedCopy(
  { phone }: Connection,
  object: PhoneObject,
  source: SourceReader,
  options: CallOptions | undefined,
): Promise<'proved' | 'changed' | 'unproved'> {
  if (object.size === 0 || object.size !== source.size) return 'changed';
  if (phone.capabilities.partialRead === 'none' && source.isOnPhone === true) return 'unproved';
  const most = Math.floor(object.size / DAMAGED_SHARE);
  let bad = 0;
  let at = 0;
  const compare = async (piece: Uint8Array): Promise<void> => {
    if (bad <= most) {
      const ours = await source.read(at, piece.byteLength);
      bad += ours.byteLength === piece.byteLength ? differing(ours, piece) : object.size;
    }
    at += piece.byteLength;
  };
  await readWhile(phone, object, compare, () => bad <= most, options);
  if (at !== object.size || bad > most) return 'changed';
  // somebody may have written to it while it was read
  return (await phone.sizeOf(object.handle, options)) === object.size ? 'proved' : 'changed';
}

/** How many bytes of two pieces of one length differ. */
function differing(one: Uint8Array, other: Uint8Array): number {
  let count = 0;
  for (let from = 0; from < one.byteLength; from += BLOCK_BYTES) {
    const end = Math.min(from + BLOCK_BYTES, one.byteLength);
    if (Buffer.compare(one.subarray(from, end), other.subarray(from, end)) === 0) continue;
    for (let at = from; at < end; at += 1) if (one[at] !== other[at]) count += 1;
  }
  return count;
}
