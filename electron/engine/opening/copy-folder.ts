import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import { localPath, type Instant, type LocalPath, type PhonePlace, type TransferId } from '../../../shared/domain.ts';
import type { CopyId } from '../../../shared/opening.ts';
import { deleteLocal, isOwnName, removeEmptyFolder } from '../local/destroy-local.ts';
import type { Disk } from '../local/disk.ts';
import { local, lookAt, modifiedOf, readFully, writeFully } from '../local/local-files.ts';

/** Copies on disk: one folder for each, with the copy under its own name and a record beside it. */

/** A complete copy of a phone's file that programs may open. */
export interface Copy {
  readonly id: CopyId;
  readonly path: LocalPath;
  /** The file on the phone, as it was when it was copied or last saved back. */
  readonly place: PhonePlace;
  readonly name: string;
  readonly size: number;
  readonly modified: Instant | undefined;
  /** What both held then (`CONTENT_SALT`). */
  readonly fingerprint: string;
  /** SHA-256, hex, of all of it, where no date tells whether the phone's file still is that one. */
  readonly sha256?: string | undefined;
  readonly editable: boolean;
  /** The copy as Replug made it or last saved it back: anything else is an edit. */
  readonly written: { readonly size: number; readonly modified: Instant };
  /** The transfer that saves it back, or did so last. */
  readonly sentBy: TransferId | undefined;
  /** It is to be saved back once more when that transfer has ended, if it is another file by then. */
  readonly again?: boolean | undefined;
}

/** Whether what lies there is the copy as Replug left it. */
export const isAsWritten = (there: Copy['written'], { written }: Copy): boolean =>
  there.size === written.size && there.modified === written.modified;

/** A copy that was found, and when it was last opened. */
export interface FoundCopy {
  readonly copy: Copy;
  readonly usedAt: Instant;
}

const SUFFIX = '.replug-copy';
const RECORD = /^record\.replug-(\d+)$/;
const LONGEST_RECORD = 64 * 1024;
/** The record's form; others are of another version, and their copies stay as they are. */
const FORM = 1;

const folderOf = (base: string, id: CopyId): string => join(base, `${id}${SUFFIX}`);

/** Makes the folder for a new copy, which nobody else may read. Rejects with kinds of the computer's side. */
export async function makeCopyFolder(
  disk: Disk,
  base: string,
): Promise<{ readonly id: CopyId; readonly folder: string }> {
  const id = randomBytes(8).toString('hex') as CopyId;
  const folder = folderOf(base, id);
  await local('target', 'mkdir', base, async () => {
    await disk.mkdir(base, { recursive: true, mode: 0o700 });
    // also where it was there before
    await disk.chmod(base, 0o700);
    await disk.mkdir(folder, { mode: 0o700 });
  });
  return { id, folder };
}

/** Writes the record anew; the one before stays until the new one is complete. */
export async function writeRecord(disk: Disk, base: string, copy: Copy): Promise<void> {
  const folder = folderOf(base, copy.id);
  const before = await recordsIn(disk, folder);
  const path = join(folder, `record.replug-${(before[0] ?? 0) + 1}`);
  await local('target', 'write', path, async () => {
    const file = await disk.open(path, 'create', 0o600);
    try {
      await writeFully(file, [Buffer.from(JSON.stringify({ form: FORM, ...copy, path: basename(copy.path) }))], 0);
      await file.datasync().catch(() => undefined);
    } finally {
      await file.close();
    }
  });
  for (const number of before) await deleteLocal(disk, join(folder, `record.replug-${number}`), { kind: 'own-name' });
}

/** Notes that the copy was opened now, for `usedAt`. Never rejects: without it the copy is cleaned earlier. */
export async function noteUse(disk: Disk, base: string, copy: Copy, now: Instant): Promise<void> {
  const folder = folderOf(base, copy.id);
  const [number] = await recordsIn(disk, folder);
  const when = new Date(now);
  if (number !== undefined)
    await disk.utimes(join(folder, `record.replug-${number}`), when, when).catch(() => undefined);
}

/** Numbers of the records, newest first. */
async function recordsIn(disk: Disk, folder: string): Promise<readonly number[]> {
  const names = await disk.readdir(folder).catch(() => []);
  return names
    .flatMap((name) => Number(RECORD.exec(name)?.[1] ?? []))
    .filter((one) => one > 0)
    .sort((one, other) => other - one);
}

/** The copies of earlier runs, in no order. What was not complete is removed; a file that is not Replug's stays. */
export async function loadCopies(disk: Disk, base: string): Promise<readonly FoundCopy[]> {
  const found: FoundCopy[] = [];
  for (const name of await disk.readdir(base).catch(() => [])) {
    if (!/^[0-9a-f]{16}$/.test(name.slice(0, -SUFFIX.length)) || !name.endsWith(SUFFIX)) continue;
    const folder = join(base, name);
    if ((await lookAt(disk, folder).catch(() => undefined))?.isDirectory() !== true) continue;
    const one = await load(disk, folder, name.slice(0, -SUFFIX.length) as CopyId).catch(() => 'unknown' as const);
    if (one === undefined) await removeUnfinished(disk, folder).catch(() => undefined);
    else if (one !== 'unknown') found.push(one);
  }
  return found;
}

/**
 * `undefined` where nothing in the folder is worth keeping, `unknown` where that cannot be told now: a record of another
 * version, or a file that a program has put aside while it saves. Rejects where the disk refuses.
 */
async function load(disk: Disk, folder: string, id: CopyId): Promise<FoundCopy | 'unknown' | undefined> {
  // a newer one that was cut short has an older one beside it
  for (const number of await recordsIn(disk, folder)) {
    const path = join(folder, `record.replug-${number}`);
    const record = await readRecord(disk, path);
    if (record === undefined) continue;
    if (record.form !== FORM) return 'unknown';
    const file = localPath(join(folder, basename(record.path)));
    if ((await lookAt(disk, file))?.isFile() !== true)
      return (await disk.readdir(folder)).every(isOwnName) ? undefined : 'unknown';
    const { form: _, ...copy } = record;
    return { copy: { ...copy, id, path: file }, usedAt: modifiedOf(await disk.lstat(path)) };
  }
  return undefined;
}

/**
 * What is in it was written by `writeRecord`, in a folder that only this user may write to; `undefined` where the writing was
 * cut short.
 */
async function readRecord(disk: Disk, path: string): Promise<(Copy & { readonly form: number }) | undefined> {
  const file = await disk.open(path, 'read');
  try {
    const { size } = await file.stat();
    if (size > LONGEST_RECORD) return undefined;
    const bytes = new Uint8Array(size);
    await readFully(file, bytes, 0);
    const text = new TextDecoder().decode(bytes);
    return text.endsWith('}') ? (JSON.parse(text) as Copy & { readonly form: number }) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  } finally {
    await file.close();
  }
}

async function removeUnfinished(disk: Disk, folder: string): Promise<void> {
  for (const name of await disk.readdir(folder))
    if (isOwnName(name)) await deleteLocal(disk, join(folder, name), { kind: 'own-name' });
  await removeEmptyFolder(disk, folder);
}

/**
 * Removes a copy, if it is still the file `as` describes; answers whether it went. Whatever else was put beside it, by a
 * program's *Save as* for example, stays with its folder. Rejects where the system refuses: a program has it open.
 */
export async function removeCopy(
  disk: Disk,
  base: string,
  { id, path }: Pick<Copy, 'id' | 'path'>,
  as: Copy['written'],
): Promise<boolean> {
  // Windows deletes nothing that is marked as read-only
  await disk.chmod(path, 0o600).catch(() => undefined);
  const answer = await deleteLocal(disk, path, { kind: 'file', ...as });
  if (answer.kind === 'kept') return false;
  await removeUnfinished(disk, folderOf(base, id));
  return true;
}
