import type { VerifyLevel } from '../../../../shared/domain.ts';
import { endsConnection, problemOf } from '../../../../shared/errors.ts';
import { isUntold } from '../../devices/phone-evidence.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import { SMALL } from '../sample.ts';
import type { UploadParts } from './decide-conflict.ts';
import { UploadVerification, type UploadVerified } from './verify-upload.ts';

/** How the check of an uploaded copy ended; a mismatch with where it begins, in bytes, and what was seen. */
export type CheckedCopy =
  | Exclude<UploadVerified, { readonly kind: 'mismatch' }>
  | { readonly kind: 'mismatch'; readonly at: number; readonly detail: string };

/**
 * Compares an uploaded copy with its source before it counts: its size always, its contents as closely as the transfer
 * asks for. When this answers `same` the source still is what was sent. The size of a small file is told with those of
 * its folder (`FolderSizes`), which may take as long as the folder. Rejects with `source-changed`, and as the phone does.
 */
export async function checkCopy(parts: UploadParts): Promise<CheckedCopy> {
  const { context, source, target } = parts;
  const { run, sample } = context;
  const { phone } = context.connection;
  const { row } = run;
  const check = new UploadVerification(phone, { ...target.made, size: row.size }, source, run);
  const wanted = wantedLevel(context);
  // what was compared in full to find out that it need not be sent again is not compared once more
  const isCompared = target.isCompared && wanted !== 'full';
  let found = isCompared ? undefined : await check.allAtOnce(wanted);
  const waits = found === undefined && mayWaitForSize(parts);
  if (found === undefined && !waits) {
    const size = await phone.sizeOf(target.made.handle);
    if (isUntold(size, row.size)) {
      found = await check.run(wanted === 'full' ? wanted : 'sampled');
      if (found.kind === 'mismatch') return wrongSize(parts, size);
    } else if (size !== row.size) return wrongSize(parts, size);
  }
  if (isCompared) found = { kind: 'same', level: 'sampled', bytes: row.size };
  try {
    found ??= await check.run(wanted);
  } catch (error) {
    if (!waits || endsConnection(problemOf(error).kind)) throw error;
    // where the copy is too short, this is what a read beyond its end looks like
    const size = await phone.sizeOf(target.made.handle);
    if (size === row.size) throw error;
    return wrongSize(parts, size);
  }
  if (check.differed) await sample.widen();
  if (found.kind === 'stopped') return found;
  if (found.kind === 'mismatch') return { ...found, detail: 'bytes read back differ' };
  await source.requireUnchanged();
  if (waits) {
    const size = await sizeFromFolder(parts);
    if (isUntold(size, row.size)) return found.level === 'size' ? readInstead(parts, size) : found;
    if (size !== row.size) return wrongSize(parts, size);
  }
  return found;
}

/** What was to be told by its size alone, and has been let go of since. */
async function readInstead(parts: UploadParts, size: number): Promise<CheckedCopy> {
  const { context, source, target } = parts;
  const { run } = context;
  await source.open();
  const { phone } = context.connection;
  const found = await new UploadVerification(phone, { ...target.made, size: run.row.size }, source, run).run('sampled');
  if (found.kind === 'mismatch') return wrongSize(parts, size);
  await source.requireUnchanged();
  return found;
}

/** Samples are enough to call a copy good, not to delete its original; of the small files only some are read back. */
function wantedLevel({ run, sample }: ItemTransferContext): VerifyLevel {
  const { row, transfer } = run;
  const { move, verify } = transfer.options;
  if (move) return 'full';
  if (verify !== 'sampled' || row.size === 0 || row.size > SMALL) return verify;
  return sample.includes(row, run.metRetry) ? verify : 'size';
}

/** Not where anything is destroyed on the ground of it: a file that is replaced, an original that goes. */
function mayWaitForSize({ context, target }: UploadParts): boolean {
  const { row, transfer } = context.run;
  return row.mode === 'whole' && target.made.name === target.name && !transfer.options.move && context.sizes.isUseful;
}

/** Lets go of the source and of the place in the lane until the folder's list was asked for. */
async function sizeFromFolder({ context, source, target }: UploadParts): Promise<number> {
  source.forgetSent();
  await source.close();
  const told = context.sizes.confirm(context.run, target.folder.ref, target.made.handle);
  context.park();
  return told;
}

/** The source may have been closed meanwhile, and is to be sent again. */
async function wrongSize({ context, source }: UploadParts, size: number): Promise<CheckedCopy> {
  const { row } = context.run;
  await context.sample.widen();
  await source.open();
  await source.requireUnchanged();
  return { kind: 'mismatch', at: Math.min(size, row.size), detail: `the phone has ${size} of ${row.size} bytes` };
}
