import {
  segmentOf,
  type Instant,
  type PhonePath,
  type StorageKey,
  type TargetExpectation,
} from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { CallOptions, FolderRef, ObjectHandle, PhoneObject } from '../../mtp/index.ts';
import { isApartFrom } from '../local/local-names.ts';
import type { Connection } from './device-connection.ts';
import type { ListedFolder } from './listed-folder.ts';
import { isBeginning, type SourceReader } from './beginning-of-source.ts';
import { isTemporaryName } from './temporary-name.ts';

/**
 * The one place where an object on a phone is deleted, replaced or renamed over. Nothing here trusts what was listed
 * earlier: the object is looked at again right before, and goes only if it is proved to be what the decision was about.
 * A lint rule refuses `Phone.delete` and `Phone.rename` anywhere else.
 */

/** Where the object is. */
export interface ObjectPlace {
  readonly storage: StorageKey;
  readonly folder: PhonePath;
  /** As listed: exactly this name, no other spelling of it. */
  readonly name: string;
  /** From a listing of this connection, or from the answer that created the object; without it the folder is looked at. */
  readonly handle?: ObjectHandle | undefined;
}

/**
 * Whether an object holds what the decision was about: asked where one side tells no date, since a size alone proves
 * nothing. `compared`: its bytes were compared right before.
 */
export type ContentProof = 'compared' | ((object: PhoneObject) => Promise<boolean>);

/** Why it may be destroyed. */
export type PhoneEvidence =
  /** A file whose size and date were those when it was decided upon; without a date, its content. */
  | {
      readonly kind: 'as-seen';
      readonly size: number;
      readonly modified: Instant | undefined;
      readonly content?: ContentProof | undefined;
    }
  /** A file under a temporary name, which nobody but Replug gives (`isTemporaryName`). */
  | { readonly kind: 'temporary' }
  /**
   * A file that Replug created on this connection, by the handle it was answered with, still of this size and of the
   * date that was sent with it: nobody has written to it since. Needs the handle.
   */
  | { readonly kind: 'made'; readonly size: number; readonly modified: Instant | undefined }
  /**
   * A file that holds a beginning of this source, or nothing yet, or what a phone that was cut off took for content
   * (`takenForContent`): it can be made again, so nothing is lost with it. All of the source is no leftover but a copy,
   * which somebody may have made by other means; with `whole` it goes too.
   */
  | { readonly kind: 'beginning-of'; readonly source: SourceReader; readonly whole?: boolean }
  /** What a person pointed at, as it was shown. The only evidence on which a folder goes, with all that is in it. */
  | { readonly kind: 'chosen'; readonly object: Pick<PhoneObject, 'handle' | 'kind' | 'size' | 'modified' | 'parent'> };

/**
 * `done`: it was there, was what it should be, and is gone. Otherwise nothing was touched: `gone`, nothing is there;
 * `changed`, another object or other content; `is-folder`, a folder where a file was expected; `unproved`, the phone
 * cannot be read in ranges, so its content proves nothing; `phantom`, an announced object without a file, which AOSP
 * refuses to delete until the connection ends (0x2012, field notes §3.2).
 */
export type PhoneDestruction = 'done' | 'gone' | 'changed' | 'is-folder' | 'unproved' | 'phantom';

const PARTIAL_DELETION = 0x2012;
/** More strangers in a folder than this and it is listed again instead of asking for each. */
const MOST_STRANGERS = 16;

/**
 * Deletes one object, if `evidence` still holds. One transaction to look (two without a handle), one to delete. Rejects
 * as the phone does (`disconnected`, `read-only`, `refused`, …); what has vanished is an answer, not an error.
 */
export async function destroyOnPhone(
  connection: Connection,
  target: ObjectPlace,
  evidence: PhoneEvidence,
  options?: CallOptions,
): Promise<PhoneDestruction> {
  const now = await objectNow(connection, target, options);
  if (now === undefined) return (await isRenamed(connection, target, evidence, options)) ? 'changed' : 'gone';
  const verdict = await judge(connection, target, now, evidence, options);
  if (verdict !== 'proved') return verdict;
  try {
    await connection.phone.delete(now.handle, options);
  } catch (error) {
    if (isGone(error)) {
      forget(connection, target, now);
      return 'gone';
    }
    if (isPhantom(error, now)) return 'phantom';
    throw error;
  }
  forget(connection, target, now);
  return 'done';
}

/**
 * Gives a complete copy its name, after removing what `expected` says may be there. Whatever else is under that name,
 * or under one that a case-insensitive storage takes for it, stays, and so does the copy under its temporary name: then
 * the answer says why, and `folder` lists what is there now. Rejects as the phone does; `exists` where it refuses the
 * name although nothing under it is listed.
 */
export async function publishOnPhone(
  connection: Connection,
  folder: ListedFolder,
  copy: PhoneObject,
  name: string,
  expected: TargetExpectation & { readonly content?: ContentProof | undefined },
  options?: CallOptions,
): Promise<'done' | 'changed' | 'is-folder'> {
  const there = await lookAgain(connection, folder, name, copy.handle, options);
  if (there !== undefined) {
    if (there.kind === 'folder') return 'is-folder';
    if (expected.kind === 'nothing' || !(await isProved(there, expected))) return 'changed';
    try {
      await connection.phone.delete(there.handle, options);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    folder.remove(there.name);
  }
  await connection.phone.rename(copy.handle, name, options);
  folder.remove(copy.name);
  folder.add({ ...copy, name });
  return 'done';
}

/**
 * Shortens an object that has a temporary name and an open edit, to `size` bytes. Rejects with `internal` for any other,
 * and as the phone does.
 */
export async function truncateOnPhone(
  { phone }: Connection,
  object: Pick<PhoneObject, 'handle' | 'name'>,
  size: number,
): Promise<void> {
  if (!isTemporaryName(object.name)) throw fail('internal', 'truncate', 'not a temporary', { subject: object.name });
  await phone.truncate(object.handle, size);
}

/**
 * What is under `name` now, not what was listed: the folder's handles are asked for, those not seen before are looked
 * at, and so is the object found. `folder` is brought up to date. `except`: an object of our own that does not count.
 */
export async function lookAgain(
  connection: Connection,
  folder: ListedFolder,
  name: string,
  except?: ObjectHandle,
  options?: CallOptions,
): Promise<PhoneObject | undefined> {
  const { phone } = connection;
  const handles = await phone.handles(folder.storage.id, folder.ref, options);
  const listed = new Map([...folder.objects].map((object) => [object.handle, object]));
  const strangers = handles?.filter((handle) => !listed.has(handle));
  if (handles === undefined || strangers === undefined || strangers.length > MOST_STRANGERS) {
    folder.replaceAll(await phone.list(folder.storage.id, folder.ref, options));
  } else {
    const present = new Set(handles);
    for (const object of listed.values()) if (!present.has(object.handle)) folder.remove(object.name);
    for (const handle of strangers) {
      const object = await statOrGone(connection, handle, options);
      if (object !== undefined) folder.add(object);
    }
  }
  const found = folder.find(name, except);
  if (found === undefined) return undefined;
  const now = await statOrGone(connection, found.handle, options);
  if (now !== undefined) return { ...now, name: found.name };
  folder.remove(found.name);
  return undefined;
}

/** Whether a file's size and date are those of `seen`. A date that one side does not tell decides nothing. */
export const isAsSeen = (
  now: Pick<PhoneObject, 'size' | 'modified'>,
  seen: { readonly size: number; readonly modified: Instant | undefined },
): boolean =>
  now.size === seen.size &&
  (now.modified === undefined || seen.modified === undefined || now.modified === seen.modified);

/** Whether a file is the one that was seen: by size and date, and by its content where one side tells no date. */
export async function isProved(
  now: PhoneObject,
  seen: {
    readonly size: number;
    readonly modified: Instant | undefined;
    readonly content?: ContentProof | undefined;
  },
): Promise<boolean> {
  if (!isAsSeen(now, seen)) return false;
  if ((now.modified !== undefined && seen.modified !== undefined) || now.size === 0) return true;
  return seen.content === 'compared' || ((await seen.content?.(now)) ?? false);
}

/** A phone keeps whole seconds, a card even ones. */
const SENT_DATE_MS = 2_000;

const isAsMade = (
  now: Pick<PhoneObject, 'size' | 'modified'>,
  sent: { readonly size: number; readonly modified: Instant | undefined },
): boolean =>
  now.size === sent.size &&
  (now.modified === undefined || sent.modified === undefined || Math.abs(now.modified - sent.modified) <= SENT_DATE_MS);

async function objectNow(
  connection: Connection,
  target: ObjectPlace,
  options: CallOptions | undefined,
): Promise<PhoneObject | undefined> {
  if (target.handle !== undefined) {
    const now = await statOrGone(connection, target.handle, options);
    return now !== undefined && isListedAs(now.name, target.name) ? now : undefined;
  }
  const { tree } = connection;
  const kept = tree.kept(target.storage, target.folder);
  const folder = kept ?? (await tree.folder(target.storage, target.folder, options));
  if (kept === undefined) {
    const found = folder.exactly(target.name);
    return found && (await statOrGone(connection, found.handle, options));
  }
  const now = await lookAgain(connection, folder, target.name, undefined, options);
  return now?.name === target.name ? now : undefined;
}

/** What a person pointed at and has another name now is there, and theirs to decide on again. */
const isRenamed = async (
  connection: Connection,
  { handle }: ObjectPlace,
  evidence: PhoneEvidence,
  options: CallOptions | undefined,
): Promise<boolean> =>
  evidence.kind === 'chosen' && handle !== undefined && (await statOrGone(connection, handle, options)) !== undefined;

async function judge(
  connection: Connection,
  target: ObjectPlace,
  now: PhoneObject,
  evidence: PhoneEvidence,
  options: CallOptions | undefined,
): Promise<'proved' | Exclude<PhoneDestruction, 'done' | 'gone' | 'phantom'>> {
  if (evidence.kind === 'chosen') {
    const { object } = evidence;
    if (now.handle !== object.handle || now.kind !== object.kind) return 'changed';
    if (now.kind === 'file' && !isAsSeen(now, object)) return 'changed';
    return (await isInFolder(connection, target, now, object.parent, options)) ? 'proved' : 'changed';
  }
  if (now.kind === 'folder') return 'is-folder';
  switch (evidence.kind) {
    case 'as-seen':
      return (await isProved(now, evidence)) ? 'proved' : 'changed';
    case 'made':
      return target.handle === now.handle && isAsMade(now, evidence) ? 'proved' : 'changed';
    case 'temporary':
      return isTemporaryName(now.name) ? 'proved' : 'changed';
    case 'beginning-of':
      return isBeginning(connection, now, evidence, options);
  }
}

/**
 * Whether an object lies in the folder in which it was listed (`parent` as it was told then): MoveObject may leave it its
 * handle and name. Where the parent is told another way now, the folder itself is asked; it is also asked at the root
 * of a phone with several storages, which are all told alike.
 */
export async function isInFolder(
  { phone, tree }: Connection,
  { storage, folder: path }: ObjectPlace,
  now: PhoneObject,
  parent: FolderRef,
  options: CallOptions | undefined,
): Promise<boolean> {
  if (now.parent === parent && (parent !== 'root' || tree.storages.length < 2)) return true;
  const folder = tree.kept(storage, path) ?? (await tree.folder(storage, path, options));
  const handles =
    (await phone.handles(folder.storage.id, folder.ref, options)) ??
    (await phone.list(folder.storage.id, folder.ref, options)).map(({ handle }) => handle);
  return handles.includes(now.handle);
}

async function statOrGone(
  { phone }: Connection,
  handle: ObjectHandle,
  options: CallOptions | undefined,
): Promise<PhoneObject | undefined> {
  try {
    return await phone.stat(handle, options);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** A listing gives a second object of one name a number of its own (`apart`). */
const isListedAs = (name: string, listed: string): boolean =>
  segmentOf(name) === segmentOf(listed) || isApartFrom(segmentOf(listed), segmentOf(name));

const isGone = (error: unknown): boolean => isPhoneError(error) && (error.kind === 'stale' || error.kind === 'missing');

const isPhantom = (error: unknown, object: PhoneObject): boolean =>
  isPhoneError(error) && error.problem.code === PARTIAL_DELETION && object.kind === 'file' && object.size === 0;

function forget({ tree }: Connection, target: ObjectPlace, object: PhoneObject): void {
  // listings below a folder that went would still be kept
  if (object.kind === 'folder') tree.forget();
  else tree.kept(target.storage, target.folder)?.remove(target.name);
}
