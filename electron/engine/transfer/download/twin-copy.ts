import { dirname, join } from 'node:path';
import type { VerifyLevel } from '../../../../shared/domain.ts';
import { fail } from '../../../../shared/errors.ts';
import type { PhoneObject } from '../../../mtp/index.ts';
import type { OpenFile } from '../../local/disk.ts';
import { local, lookAt, modifiedOf, readFully } from '../../local/local-files.ts';
import { areTwins, mayHaveTwin, type ItemRow } from '../../model/transfer-store.ts';
import { PassingDigest, digestChunk, digestOf, digestOfDigests } from '../digest.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import { SMALL } from '../sample.ts';
import type { PartFile } from './part-file.ts';

/**
 * A file that is saved in two places is read from the phone once: whichever of both transfers comes second takes it from the
 * verified copy of the first. That copy counts only while it has the size and date with which it was published, and what is
 * taken from it must have the digest of what came from the phone.
 */

/** A published copy of the phone's file as it is now, made by the other transfer of two. */
export interface TwinCopy {
  readonly path: string;
  /** How it was compared with the phone's file. */
  readonly level: VerifyLevel;
  /** SHA-256, hex, of all that came from the phone. */
  readonly sha256: string;
}

/** Done items of one path that are looked at, newest first. */
const MOST_LOOKS = 8;
const CHUNK = 4 * 1024 * 1024;

/** The copy that the other transfer has of this file, if there is one that proves itself. Never rejects for the copy's sake. */
export async function findTwinCopy(
  { run, store, disk }: ItemTransferContext,
  object: PhoneObject,
): Promise<TwinCopy | undefined> {
  const { row, transfer } = run;
  if (!mayHaveTwin(transfer) || transfer.options.move) return undefined;
  // nothing but its bytes tells that a file without a date is the same as before
  if (object.size === 0 || object.modified === undefined) return undefined;
  for (const done of store.doneAt(transfer.device, row.storage, row.phone, MOST_LOOKS)) {
    const other = done.transfer === transfer.id ? undefined : store.transfer(done.transfer);
    if (other === undefined || !areTwins(transfer, other)) continue;
    if (done.size !== object.size || done.modified !== object.modified) continue;
    if (done.state.kind !== 'done' || done.state.outcome.kind !== 'moved') continue;
    const { verification, copyModified } = done.state.outcome;
    // one that was resumed has no digest of all of it: it is read again
    if (verification.sha256 === undefined) continue;
    const path = savedAt(done);
    const there = await lookAt(disk, path).catch(() => undefined);
    if (there?.isFile() !== true || there.size !== done.size || modifiedOf(there) !== copyModified) continue;
    return { path, level: verification.level, sha256: verification.sha256 };
  }
  return undefined;
}

const savedAt = ({ local: path, savedAs }: ItemRow): string =>
  savedAs === undefined ? path : join(dirname(path), savedAs);

/**
 * Fills the part file from the copy, from the last confirmed byte on. `other`: the copy cannot be read, or is not what came
 * from the phone; the phone is read then. Rejects as writing does.
 */
export async function fetchFromTwin(
  context: ItemTransferContext,
  twin: TwinCopy,
  part: PartFile,
): Promise<'all' | 'stopped' | 'other'> {
  const file = await context.disk.open(twin.path, 'read').catch(() => undefined);
  if (file === undefined) return 'other';
  try {
    return await (context.run.row.size <= SMALL ? fetchSmall : fetchLarge)(context, twin, part, file);
  } finally {
    await file.close().catch(() => undefined);
  }
}

async function fetchSmall(
  { run }: ItemTransferContext,
  { sha256 }: TwinCopy,
  part: PartFile,
  file: OpenFile,
): Promise<'all' | 'other'> {
  const { size } = run.row;
  const bytes = Buffer.allocUnsafeSlow(size);
  if ((await readFully(file, bytes, 0).catch(() => 0)) !== size || digestOf([bytes]) !== sha256) return 'other';
  if (part.isOpen) {
    await part.empty();
    await part.write([bytes], 0);
  } else part.hold([bytes], size);
  run.confirmChunk(
    { offset: 0, length: size, digest: sha256 },
    { sha256, chunkDigest: digestOfDigests([sha256]), reached: size },
  );
  return 'all';
}

async function fetchLarge(
  { run }: ItemTransferContext,
  { sha256 }: TwinCopy,
  part: PartFile,
  file: OpenFile,
): Promise<'all' | 'stopped' | 'other'> {
  const { size, confirmed } = run.row;
  await part.open();
  const passing = new PassingDigest();
  if (confirmed > 0) passing.abandon();
  const buffer = Buffer.allocUnsafeSlow(CHUNK);
  for (let offset = confirmed; offset < size;) {
    if (run.stopRequested) return 'stopped';
    const bytes = buffer.subarray(0, Math.min(CHUNK, size - offset));
    if ((await readFully(file, bytes, offset).catch(() => 0)) !== bytes.byteLength) return 'other';
    const digest = await digestChunk([bytes], { digest: passing, offset });
    await part.write([bytes], offset);
    run.confirmChunk({ offset, length: bytes.byteLength, digest });
    offset += bytes.byteLength;
  }
  if (confirmed === 0 && passing.finish(size) !== sha256) return 'other';
  run.update({ chunkDigest: digestOfDigests(run.checkpoints().map((checkpoint) => checkpoint.digest)) });
  return 'all';
}

/**
 * Compares what is in the part file with what came from the phone, by its digest. Answers the level at which the first copy
 * was compared, which holds for this one as well. Rejects with `mismatch` where the disk gives other bytes back.
 */
export async function verifyFromTwin(
  { run }: ItemTransferContext,
  { level, sha256 }: TwinCopy,
  part: PartFile,
): Promise<{ readonly level: VerifyLevel; readonly bytes: number }> {
  const { size } = run.row;
  // of such a file none is read back: it was compared in memory
  if (level === 'size' && size <= SMALL) return { level, bytes: 0 };
  await part.onDisk();
  const passing = new PassingDigest();
  const buffer = Buffer.allocUnsafeSlow(Math.min(CHUNK, size));
  for (let offset = 0; offset < size;) {
    const bytes = buffer.subarray(0, Math.min(CHUNK, size - offset));
    const filled = await local('target', 'read', run.row.local, () => readFully(part.file, bytes, offset));
    if (filled !== bytes.byteLength) break;
    await passing.updateInTurns(offset, [bytes]);
    offset += filled;
  }
  if (passing.finish(size) !== sha256)
    throw fail('mismatch', 'verify', 'the second copy differs from what came from the phone', {
      subject: run.row.phone,
    });
  run.update({ sha256 });
  return { level, bytes: size };
}
