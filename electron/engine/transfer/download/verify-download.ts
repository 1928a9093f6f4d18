import type { VerifyLevel } from '../../../../shared/domain.ts';
import { fail } from '../../../../shared/errors.ts';
import type { Phone } from '../../../mtp/index.ts';
import { local, readFully } from '../../local/local-files.ts';
import type { ItemRun } from '../../model/item-run.ts';
import type { Checkpoint } from '../../model/transfer-store.ts';
import { compareRange, jointRanges, readRange, sampleRanges, type Range } from '../compare-bytes.ts';
import { digestBeside, digestOfDigests } from '../digest.ts';
import type { DownloadSource } from './download-source.ts';
import type { PartFile } from './part-file.ts';
import { compareWhole } from './whole-object.ts';

/** Chunks of one file that are fetched again before it is given up: more is no accident of the cable. */
const MOST_REPAIRS = 8;

/** The two files that are compared, and the item they belong to. */
export interface DownloadComparison {
  readonly run: ItemRun;
  readonly phone: Phone;
  readonly source: DownloadSource;
  readonly part: PartFile;
}

/** How a copy was checked; `doubted`: a part of it differed at first, so the source is looked at once more at the end. */
export interface DownloadVerified {
  readonly level: VerifyLevel;
  /** Bytes that were read from the phone a second time. */
  readonly bytes: number;
  readonly doubted: boolean;
}

/**
 * The level at which a download is verified: as asked for, after a resume at least by samples and joints. Before an
 * original is deleted every byte is compared with a second reading of the phone.
 */
export function levelOf({ row, transfer }: ItemRun): VerifyLevel {
  const { verify, move } = transfer.options;
  if (move) return 'full';
  return verify === 'size' && row.resumed ? 'sampled' : verify;
}

/**
 * Compares the part file with a second reading of the phone. A difference means that the source changed until proved
 * otherwise: the phone is asked for size and date, the chunk is fetched again, and from then on every chunk is compared.
 * Answers `stopped` at a chunk boundary. Rejects with `source-changed`, and with `mismatch` where chunks go on differing.
 */
export async function verifyDownload(check: DownloadComparison): Promise<DownloadVerified | 'stopped'> {
  const { run, source } = check;
  const { row } = run;
  const level = levelOf(run);
  if (row.size === 0) return { level, bytes: 0, doubted: false };
  if (row.mode === 'whole') {
    if (level !== 'full') return { level: 'size', bytes: 0, doubted: false };
    await compareWhole(check);
    return { level, bytes: row.size, doubted: false };
  }
  if (level === 'size') return { level, bytes: 0, doubted: false };
  const joints = row.resumed ? jointRanges(run.checkpoints(), row.size) : [];
  const ranges = level === 'full' ? chunksOf(run) : [...sampleRanges(row.size), ...joints];
  const first = await compareAll(check, ranges, 'stop at a difference');
  if (first === 'stopped') return first;
  if (first.same) return { level, bytes: first.bytes, doubted: false };
  await source.requireUnchanged();
  const second = await compareAll(check, chunksOf(run), 'repair');
  if (second === 'stopped') return second;
  run.update({ sha256: undefined, chunkDigest: digestOfDigests(chunksOf(run).map((chunk) => chunk.digest)) });
  return { level: 'full', bytes: first.bytes + second.bytes, doubted: true };
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
  run.confirmChunk({ offset, length, digest: await digestBeside(bytes) });
}
