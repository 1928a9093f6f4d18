import { fail, isPhoneError } from '../../../../shared/errors.ts';
import type { Phone } from '../../../mtp/index.ts';
import { readFully } from '../../local/local-files.ts';
import type { ItemRun } from '../../model/item-run.ts';
import { compareRange, sameBytes } from '../compare-bytes.ts';
import { PassingDigest, digestOfDigests } from '../digest.ts';
import type { DownloadSource } from './download-source.ts';
import type { PartFile } from './part-file.ts';

/**
 * A whole object in one transaction (GetObject): for phones without partial reads, for sizes that partial reads cannot
 * reach or the phone does not tell, and for files whose chunks fail. Not resumable.
 */

export interface WholeFetch {
  readonly phone: Phone;
  readonly source: DownloadSource;
  readonly part: PartFile;
  readonly run: ItemRun;
}

/**
 * Fetches it from the start and confirms it as one chunk. Rejects with `source-changed` where other bytes came than
 * announced, unless the announcement was wrong: a size of 0 says nothing, and transcoded films are listed with twice theirs.
 */
export async function moveWhole(fetch: WholeFetch): Promise<void> {
  const { run, source, phone } = fetch;
  const { object } = source;
  const announced = object.size;
  if (run.row.confirmed === run.row.size && run.row.size > 0) return;
  run.update({ reached: announced });
  const digest = new PassingDigest();
  const received = await receive(fetch, digest);
  if (received !== announced) {
    const isAll = announced === 0 || (phone.capabilities.partialRead !== 'none' && (await endsThere(fetch, received)));
    if (!isAll) throw source.changed(`${received} of ${announced} bytes came`);
    run.update({ size: received });
  }
  if (received === 0) return;
  const sha256 = digest.finish(received);
  if (sha256 === undefined) throw fail('internal', 'download', 'a pass with a gap');
  run.confirmChunk(
    { offset: 0, length: received, digest: sha256 },
    { sha256, chunkDigest: digestOfDigests([sha256]), reached: received },
  );
}

/** Resolves with the bytes that came; a phone that goes on beyond the size it gave is stopped there. */
async function receive({ phone, source, part, run }: WholeFetch, digest: PassingDigest): Promise<number> {
  const { object } = source;
  await part.empty();
  let at = 0;
  return phone.readWhole(object, async (piece) => {
    if (object.size > 0 && at + piece.byteLength > object.size)
      throw source.changed(`more than ${object.size} bytes came`);
    await part.write([piece], at);
    digest.update(at, [piece]);
    at += piece.byteLength;
    run.inFlight = at;
  });
}

const TAIL = 64 * 1024;

/**
 * Whether the file really ends at `received`, short of the size the phone gives: the last bytes can be read in a chunk
 * as well, and are the same; the byte behind them cannot.
 */
async function endsThere({ phone, source, part }: WholeFetch, received: number): Promise<boolean> {
  const { object } = source;
  if (received === 0 || received >= object.size) return false;
  const length = Math.min(TAIL, received);
  try {
    if ((await compareRange(phone, object, part.file, { offset: received - length, length })) !== undefined)
      return false;
    await phone.readChunk(object, received, 1);
    return false;
  } catch (error) {
    if (isPhoneError(error) && (error.kind === 'refused' || error.kind === 'stalled')) return true;
    throw error;
  }
}

/** Reads it whole a second time and compares each piece. Rejects with `source-changed` where any byte differs: it is fetched anew. */
export async function compareWhole({ phone, source, part, run }: WholeFetch): Promise<void> {
  const { size } = run.row;
  let at = 0;
  let isSame = true;
  await phone.readWhole(source.object, async (piece) => {
    if (!isSame) return;
    const ours = Buffer.allocUnsafe(piece.byteLength);
    const filled = await readFully(part.file, ours, at);
    isSame = filled === piece.byteLength && sameBytes([piece], ours);
    at += piece.byteLength;
  });
  if (!isSame || at !== size) throw source.changed(`a second reading differs within its first ${at} bytes`);
}
