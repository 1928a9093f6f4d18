import type { FileHandle } from 'node:fs/promises';
import { fail, isPhoneError } from '../../../../shared/errors.ts';
import type { Phone, PhoneObject } from '../../../mtp/index.ts';
import { compareRange } from '../compare-bytes.ts';
import type { PassingDigest } from '../digest.ts';
import { local, writeFully } from '../../local/local-files.ts';
import type { ItemRun } from '../../model/item-run.ts';

/** A whole object in one transaction: for phones without partial reads, and for files whose chunks fail. */

export interface WholeFetch {
  readonly phone: Phone;
  readonly object: PhoneObject;
  readonly part: FileHandle;
  /** For error messages. */
  readonly target: string;
  readonly digest: PassingDigest;
  readonly run: ItemRun;
}

/** Resolves with the bytes that came; a phone that goes on beyond the size it gave is stopped there. */
export async function fetchWhole({ phone, object, part, target, digest, run }: WholeFetch): Promise<number> {
  await local('target', 'truncate', target, () => part.truncate(0));
  let at = 0;
  return phone.readWhole(object, async (piece) => {
    if (at + piece.byteLength > object.size)
      throw fail('source-changed', 'download', `more than ${object.size} bytes came`, { subject: run.row.phone });
    await local('target', 'write', target, () => writeFully(part, [piece], at));
    digest.update(at, [piece]);
    at += piece.byteLength;
    run.inFlight = at;
  });
}

const TAIL = 64 * 1024;

/**
 * Whether the file really ends at `received`, short of the size the phone gives (transcoded films are listed with twice
 * their size): the last bytes can be read in a chunk as well, and are the same; the byte behind them cannot.
 */
export async function endsThere({ phone, object, part }: WholeFetch, received: number): Promise<boolean> {
  if (received === 0 || received >= object.size) return false;
  const length = Math.min(TAIL, received);
  try {
    if ((await compareRange(phone, object, part, { offset: received - length, length })) !== undefined) return false;
    await phone.readChunk(object, received, 1);
    return false;
  } catch (error) {
    if (isPhoneError(error) && (error.kind === 'refused' || error.kind === 'stalled')) return true;
    throw error;
  }
}
