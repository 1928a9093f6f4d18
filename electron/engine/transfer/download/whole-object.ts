import { fail, isPhoneError } from '../../../../shared/errors.ts';
import type { Phone } from '../../../mtp/index.ts';
import type { ItemRun } from '../../model/item-run.ts';
import { compareRange } from '../compare-bytes.ts';
import { PassingDigest, digestOf, digestOfDigests } from '../digest.ts';
import { SMALL } from '../sample.ts';
import type { DownloadSource } from './download-source.ts';
import type { PartFile } from './part-file.ts';

/**
 * A whole object in one transaction (GetObject): for small files, for phones without partial reads, for sizes that
 * partial reads cannot reach or the phone does not tell, and for files whose chunks fail. Not resumable.
 */

export interface WholeFetch {
  readonly phone: Phone;
  readonly source: DownloadSource;
  readonly part: PartFile;
  readonly run: ItemRun;
}

/** As `fetchWhole`, unless all of it is here already. */
export async function moveWhole(fetch: WholeFetch): Promise<void> {
  const { confirmed, size } = fetch.run.row;
  if (confirmed !== size || size === 0 || !fetch.part.isFilled) await fetchWhole(fetch);
}

/**
 * Fetches it from the start and confirms it as one chunk. Rejects with `source-changed` where other bytes came than
 * announced, unless the announcement was wrong: a size of 0 says nothing, and transcoded films are listed with twice theirs.
 */
export async function fetchWhole(fetch: WholeFetch): Promise<void> {
  const { run, source, part, phone } = fetch;
  const { object } = source;
  const announced = object.size;
  run.update({ reached: announced });
  const { received, sha256 } =
    announced > 0 && announced <= SMALL ? await receiveSmall(fetch) : await receiveLarge(fetch);
  if (received !== announced) {
    await part.onDisk();
    const isAll = announced === 0 || (phone.capabilities.partialRead !== 'none' && (await endsThere(fetch, received)));
    if (!isAll) throw source.changed(`${received} of ${announced} bytes came`);
    run.update({ size: received });
  }
  if (received === 0) return;
  run.confirmChunk(
    { offset: 0, length: received, digest: sha256 },
    { sha256, chunkDigest: digestOfDigests([sha256]), reached: received },
  );
}

/** What came: how many bytes, and their digest. */
interface Received {
  readonly received: number;
  readonly sha256: string;
}

/** Kept in memory until all of it is there; written later, unless an earlier reading is in the part file already. */
async function receiveSmall({ phone, source, part, run }: WholeFetch): Promise<Received> {
  const { object } = source;
  const pieces: Uint8Array[] = [];
  let at = 0;
  const received = await phone.readWhole(object, (piece) => {
    requireAnnounced(source, at + piece.byteLength);
    pieces.push(piece);
    at += piece.byteLength;
    run.inFlight = at;
  });
  let written: Promise<void> | undefined;
  if (part.isOpen) {
    await part.empty();
    written = part.write(pieces, 0);
    written.catch(() => undefined);
  } else part.hold(pieces, received);
  const sha256 = digestOf(pieces);
  await written;
  phone.giveBack(pieces);
  return { received, sha256 };
}

async function receiveLarge({ phone, source, part, run }: WholeFetch): Promise<Received> {
  const { object } = source;
  await part.open();
  const digest = new PassingDigest();
  await part.empty();
  let at = 0;
  const received = await phone.readWhole(object, async (piece) => {
    if (object.size > 0) requireAnnounced(source, at + piece.byteLength);
    await part.write([piece], at);
    digest.update(at, [piece]);
    at += piece.byteLength;
    run.inFlight = at;
  });
  const sha256 = digest.finish(received);
  if (sha256 === undefined) throw fail('internal', 'download', 'a pass with a gap');
  return { received, sha256 };
}

/** A phone that goes on beyond the size it gave is stopped there. */
function requireAnnounced(source: DownloadSource, bytes: number): void {
  const { size } = source.object;
  if (bytes > size) throw source.changed(`more than ${size} bytes came`);
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
