import { segmentOf, type TargetExpectation } from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { CallOptions, Looking, ObjectHandle, PhoneObject } from '../../mtp/index.ts';
import { isApartFrom } from '../local/local-names.ts';
import type { Connection } from './device-connection.ts';
import type { ListedFolder } from './listed-folder.ts';
import { isGone, lookAgain, requireStorage, statOrGone, unlessGone } from './look-again.ts';
import {
  isProved,
  judge,
  judgeAtOnce,
  mayHold,
  type ContentProof,
  type ObjectPlace,
  type PhoneEvidence,
} from './phone-evidence.ts';
import { isTemporaryName } from './temporary-name.ts';

/**
 * The one place where an object on a phone is deleted, replaced or renamed over. Nothing here trusts what was listed
 * earlier: the object is looked at again right before, and goes only if it is proved to be what the decision was about.
 * A lint rule refuses `Phone.delete` and `Phone.rename` anywhere else.
 */

/**
 * `done`: it was there, was what it should be, and is gone, which was looked at. Otherwise nothing was touched: `gone`, nothing is there;
 * `changed`, another object or other content; `is-folder`, a folder where a file was expected; `unproved`, its
 * content would have to be compared with a file on the same phone, which cannot be read in ranges; `phantom`, an announced object without a file, which AOSP
 * refuses to delete until the connection ends (0x2012, field notes §3.2).
 */
export type PhoneDestruction = 'done' | 'gone' | 'changed' | 'is-folder' | 'unproved' | 'phantom';

const PARTIAL_DELETION = 0x2012;

/** How a deletion is asked of the phone. */
export interface DestroyOptions extends CallOptions {
  /** Called right before the phone is told to delete: until then nothing can have been deleted. */
  readonly onDelete?: (() => void) | undefined;
}

/**
 * Deletes one object, if `evidence` still holds. One transaction to look, one to delete and one to see that it is gone, in
 * one turn of the session, in which a folder is asked for what it holds too; two to look without a handle, and one more after
 * its content was read; what is not there is looked for twice. Rejects as the phone does (`disconnected`, `read-only`, …;
 * `refused` also where it answers OK and deletes nothing); what has vanished is an answer, not an error. With its storage
 * nothing vanishes: then this rejects with `storage-missing`, or `disconnected` where no storage is left.
 */
export async function destroyOnPhone(
  connection: Connection,
  target: ObjectPlace,
  evidence: PhoneEvidence,
  options?: DestroyOptions,
): Promise<PhoneDestruction> {
  const answer = await destroy(connection, target, evidence, options);
  if (answer !== 'gone') return answer;
  await requireStorage(connection, target.storage);
  // a phone that is locked for a moment has nothing, and some give everything another handle then
  if (!KNOWN_BY_NAME.has(evidence.kind)) return destroy(connection, target, evidence, options);
  connection.tree.forget();
  // with its folder it has gone
  return (await unlessGone(destroy(connection, { ...target, handle: undefined }, evidence, options))) ?? 'gone';
}

/** Evidence for which no handle counts: what a folder has under the name is looked at. */
const KNOWN_BY_NAME: ReadonlySet<PhoneEvidence['kind']> = new Set(['temporary', 'beginning-of', 'taken-for-content']);

/** As `destroyOnPhone`; `gone` also where it was not seen because its storage was away just now. */
async function destroy(
  connection: Connection,
  target: ObjectPlace,
  evidence: PhoneEvidence,
  options: DestroyOptions | undefined,
): Promise<PhoneDestruction> {
  const { handle } = target;
  const how = { ...options, holds: mayHold(evidence) };
  const isMeant = (seen: PhoneObject): boolean =>
    isListedAs(seen.name, target.name) && judgeAtOnce(connection, handle, seen, evidence) === 'proved';
  if (handle !== undefined) {
    const quick = await deleteIf(connection, target, handle, isMeant, how);
    if (quick === 'done' || quick === 'phantom') return quick;
    // why it was not, or whether its content or its folder proves it
  }
  const now = await objectNow(connection, target, options);
  if (now === undefined) return (await isRenamed(connection, target, options)) ? 'changed' : 'gone';
  const verdict = await judge(connection, target, now, evidence, options);
  if (verdict !== 'proved') return verdict;
  // an edit that broke off is ended right before: only then its object tells the size that it has
  return await deleteIf(connection, target, now.handle, (again) => isSame(again, now) || isMeant(again), how);
}

/** Deletes what `isMeant` holds of, in the turn in which it was looked at; a folder that may hold nothing but `holds`. */
async function deleteIf(
  connection: Connection,
  place: ObjectPlace,
  handle: ObjectHandle,
  isMeant: (seen: PhoneObject) => boolean,
  options: (DestroyOptions & { readonly holds?: ReadonlySet<ObjectHandle> | undefined }) | undefined,
): Promise<'done' | 'changed' | 'gone' | 'phantom'> {
  const holds = options?.holds;
  const nothingBut = holds && { storage: connection.tree.storage(place.storage).id, handles: holds };
  let seen: PhoneObject | undefined;
  const look = (now: PhoneObject): boolean => {
    seen = now;
    if (!isMeant(now)) return false;
    options?.onDelete?.();
    return true;
  };
  let answer: 'done' | 'gone' = 'done';
  try {
    if (!(await connection.phone.delete(handle, look, { ...options, nothingBut }))) return 'changed';
  } catch (error) {
    if (seen !== undefined && isPhantom(error, seen)) return 'phantom';
    if (!isGone(error)) throw error;
    await requireStorage(connection, place.storage);
    answer = 'gone';
  }
  if (seen !== undefined) forget(connection, place, seen);
  return answer;
}

/**
 * Gives a complete copy its name, after removing what `expected` says may be there. Whatever else is under that name,
 * or under one that a case-insensitive storage takes for it, stays, and so does the copy under its temporary name: then
 * the answer says why, and `folder` lists what is there now. Rejects as the phone does; `exists` where it refuses the
 * name although nothing under it is listed, `unsupported` where it answers OK and is seen to have renamed nothing.
 */
export function publishOnPhone(
  connection: Connection,
  folder: ListedFolder,
  copy: PhoneObject,
  name: string,
  expected: Published,
  options?: DestroyOptions,
): Promise<'done' | 'changed' | 'is-folder'> {
  // two that get one name: the second one looks at what the first has left there
  return connection.tree.alone(folder, name, () => publish(connection, folder, copy, name, expected, options));
}

/** What may be there. */
type Published = TargetExpectation & { readonly content?: ContentProof | undefined };

async function publish(
  connection: Connection,
  folder: ListedFolder,
  copy: PhoneObject,
  name: string,
  expected: Published,
  options: DestroyOptions | undefined,
): Promise<'done' | 'changed' | 'is-folder'> {
  const { phone, tree } = connection;
  let found: PhoneObject | undefined;
  // what another program asks of the phone through this one may take seconds: nothing comes between this look and the name
  const onlyIf = async (within: Looking): Promise<boolean> => {
    found = await lookAgain({ phone: within, tree }, folder, name, copy.handle);
    return found === undefined;
  };
  for (let hasDeleted = false; ; hasDeleted = true) {
    if (await phone.rename(copy.handle, name, { ...options, was: copy.name, onlyIf })) break;
    const there = found;
    if (there === undefined) throw fail('internal', 'rename', 'neither free nor taken', { subject: name });
    if (there.kind === 'folder') return 'is-folder';
    if (hasDeleted || expected.kind === 'nothing' || !(await isProved(there, expected))) return 'changed';
    const place = { storage: folder.storage.key, folder: folder.path, name: there.name };
    const deleted = await deleteIf(connection, place, there.handle, (again) => isSame(again, there), options);
    if (deleted === 'changed' || deleted === 'phantom') return 'changed';
    folder.remove(there.name);
  }
  tree.renamed(copy.handle, name);
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

/** What has another name now is there, and whoever gave it that must decide on it again. */
const isRenamed = async (
  connection: Connection,
  { handle }: ObjectPlace,
  options: CallOptions | undefined,
): Promise<boolean> => handle !== undefined && (await statOrGone(connection, handle, options)) !== undefined;

/** A listing gives a second object of one name a number of its own (`apart`). */
const isListedAs = (name: string, listed: string): boolean =>
  segmentOf(name) === segmentOf(listed) || isApartFrom(segmentOf(listed), segmentOf(name));

const isSame = (again: PhoneObject, before: PhoneObject): boolean =>
  isListedAs(again.name, before.name) &&
  again.kind === before.kind &&
  again.size === before.size &&
  again.modified === before.modified;

const isPhantom = (error: unknown, object: PhoneObject): boolean =>
  isPhoneError(error) && error.problem.code === PARTIAL_DELETION && object.kind === 'file' && object.size === 0;

function forget({ tree }: Connection, { storage, folder, name }: ObjectPlace, object: PhoneObject): void {
  // listings below a folder that went would still be kept
  if (object.kind === 'folder') tree.forget();
  else tree.kept(storage, folder)?.remove(name);
}
