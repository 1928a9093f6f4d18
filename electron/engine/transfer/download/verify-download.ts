import type { VerifyLevel } from '../../../../shared/domain.ts';
import { fail } from '../../../../shared/errors.ts';
import type { Phone } from '../../../mtp/index.ts';
import { local, readFully } from '../../local/local-files.ts';
import type { ItemRun } from '../../model/item-run.ts';
import type { Checkpoint } from '../../model/transfer-store.ts';
import { compareRange, compareWhole, jointRanges, readRange, type Range } from '../compare-bytes.ts';
import { digestChunk, digestOfDigests } from '../digest.ts';
import { SMALL, verifiedRanges, type Sample } from '../sample.ts';
import type { DownloadSource } from './download-source.ts';
import type { PartFile } from './part-file.ts';
import { fetchWhole } from './whole-object.ts';

/** Chunks of one file that are fetched again before it is given up: more is no accident of the cable. */
const MOST_REPAIRS = 8;
/** The same of files that come in one piece. */
const MOST_WHOLE_REPAIRS = 2;

/** The two files that are compared, and the item they belong to. */
interface DownloadComparison {
  readonly run: ItemRun;
  readonly phone: Phone;
  readonly source: DownloadSource;
  readonly part: PartFile;
}

/** What is compared, and which of the transfer's small files are. */
export interface DownloadCheck extends DownloadComparison {
  readonly sample: Sample;
}

/** How a copy was checked; `doubted`: a part of it differed at first, so the source is looked at once more at the end. */
export interface DownloadVerified {
  readonly level: VerifyLevel;
  /** Bytes that were read from the phone a second time. */
  readonly bytes: number;
  readonly doubted: boolean;
}

/**
 * The level at which a download is verified: as asked for, after a resume at least by samples and joints. Every byte is
 * compared with a second reading of the phone before an original is deleted, and after a resume where the phone tells no
 * date: what was written over in between, at the same size, would be mixed with what had come before.
 */
export function askedLevel({ row, transfer }: ItemRun): VerifyLevel {
  const { verify, move } = transfer.options;
  if (move || (row.resumed && row.modified === undefined && row.mode !== 'whole')) return 'full';
  return verify === 'size' && row.resumed ? 'sampled' : verify;
}

/** The same for this file: of the small ones of a transfer only some are read back. */
function levelOf({ run, sample }: DownloadCheck): VerifyLevel {
  const level = askedLevel(run);
  if (level !== 'sampled' || run.row.size > SMALL) return level;
  return sample.includes(run.row, run.metRetry) ? level : 'size';
}

/**
 * Compares the part file with a second reading of the phone. A difference means that the source changed until proved
 * otherwise: the phone is asked for size and date, the chunk is fetched again, and from then on every chunk is compared.
 * Answers `stopped` at a chunk boundary. Rejects with `source-changed`, and with `mismatch` where chunks go on differing.
 */
export async function verifyDownload(check: DownloadCheck): Promise<DownloadVerified | 'stopped'> {
  const { run, source, sample } = check;
  const { row } = run;
  // its one transaction has shown that nothing is in it
  if (row.size === 0) return { level: askedLevel(run), bytes: 0, doubted: false };
  const level = source.isDoubted ? 'full' : levelOf(check);
  if (level === 'size') return { level, bytes: 0, doubted: false };
  if (row.mode === 'whole') {
    // a second reading of all of a large file is for whoever wants every byte compared
    if (level === 'sampled' && row.size > SMALL) return { level: 'size', bytes: 0, doubted: false };
    return await compareAsWhole(check, level);
  }
  const joints = row.resumed ? jointRanges(run.checkpoints(), row.size) : [];
  const ranges = level === 'full' ? chunksOf(run) : [...verifiedRanges(row.size), ...joints];
  const first = await compareAll(check, ranges, 'stop at a difference');
  if (first === 'stopped') return first;
  if (first.same) return { level, bytes: first.bytes, doubted: false };
  await source.requireUnchanged();
  await sample.widen();
  const second = await compareAll(check, chunksOf(run), 'repair');
  if (second === 'stopped') return second;
  run.update({ sha256: undefined, chunkDigest: digestOfDigests(chunksOf(run).map((chunk) => chunk.digest)) });
  return { level: 'full', bytes: first.bytes + second.bytes, doubted: true };
}

/**
 * A file that came in one piece is read a second time in one piece: one transaction, and whatever made it come so (a
 * phone that refuses ranges, or tells another size than it sends) holds for the second reading as well.
 */
async function compareAsWhole(check: DownloadCheck, level: VerifyLevel): Promise<DownloadVerified> {
  const { run, phone, source, sample, part } = check;
  await part.onDisk();
  for (let bytes = run.row.size, repairs = 0; ; bytes += run.row.size) {
    const { size } = run.row;
    const { received, bad } = await compareWhole(phone, { handle: source.object.handle, size }, part.file);
    if (bad === undefined && received === size)
      return repairs === 0 ? { level, bytes, doubted: false } : { level: 'full', bytes, doubted: true };
    await source.requireUnchanged();
    await sample.widen();
    if (repairs === MOST_WHOLE_REPAIRS)
      throw fail('mismatch', 'verify', `bytes at ${bad ?? received} differ again`, { subject: run.row.phone });
    repairs += 1;
    run.beginMove();
    run.update({ mismatches: run.row.mismatches + 1 });
    await fetchWhole(check);
  }
}

const chunksOf = (run: ItemRun): readonly Checkpoint[] => run.checkpoints();

async function compareAll(
  { run, phone, source, part }: DownloadComparison,
  ranges: readonly (Range | Checkpoint)[],
  onDifference: 'stop at a difference' | 'repair',
): Promise<{ readonly same: boolean; readonly bytes: number } | 'stopped'> {
  const object = { handle: source.object.handle, size: run.row.size };
  let bytes = 0;
  let repairs = 0;
  for (const range of ranges) {
    if (run.stopRequested) return 'stopped';
    bytes += range.length;
    if ((await compareRange(phone, object, part.file, range)) === undefined) continue;
    if (onDifference === 'stop at a difference') return { same: false, bytes };
    repairs += 1;
    await repair({ run, phone, source, part }, range);
    if (repairs > MOST_REPAIRS || (await compareRange(phone, object, part.file, range)) !== undefined)
      throw fail('mismatch', 'verify', `bytes at ${range.offset} differ again`, { subject: run.row.phone });
    bytes += range.length;
  }
  return { same: true, bytes };
}

/** Fetches one chunk again; its checkpoint gets the digest of what came. */
async function repair({ run, phone, source, part }: DownloadComparison, { offset, length }: Range): Promise<void> {
  const object = { handle: source.object.handle, size: run.row.size };
  const pieces = await readRange(phone, object, { offset, length });
  await part.write(pieces, offset);
  phone.giveBack(pieces);
  const bytes = Buffer.allocUnsafe(length);
  await local('target', 'read', run.row.local, () => readFully(part.file, bytes, offset));
  run.beginMove();
  run.update({ mismatches: run.row.mismatches + 1 });
  run.confirmChunk({ offset, length, digest: await digestChunk([bytes]) });
}
