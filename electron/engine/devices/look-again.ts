import type { StorageKey } from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { CallOptions, Looking, ObjectHandle, PhoneObject } from '../../mtp/index.ts';
import type { Connection } from './device-connection.ts';
import type { ListedFolder } from './listed-folder.ts';

/** What is on the phone now, not what was listed: asked right before anything is decided or destroyed. */

/** More strangers in a folder than this and it is listed again instead of asking for each. */
const MOST_STRANGERS = 16;

/** A phone, or a turn of one that is held, and the listings of it that are kept. */
interface Looker {
  readonly phone: Looking;
  readonly tree: Connection['tree'];
}

/**
 * What is under `name` now, not what was listed: the folder's handles are asked for, those not seen before are looked
 * at, and so is the object found. `folder` is brought up to date. `except`: an object of our own that does not count.
 */
export async function lookAgain(
  connection: Looker,
  folder: ListedFolder,
  name: string,
  except?: ObjectHandle,
  options?: CallOptions,
): Promise<PhoneObject | undefined> {
  await bringUpToDate(connection, folder, options);
  const found = folder.find(name, except);
  if (found === undefined) return undefined;
  const now = await statOrGone(connection, found.handle, options);
  if (now !== undefined) return { ...now, name: found.name };
  folder.remove(found.name);
  return undefined;
}

/**
 * Brings a listing up to date with what has come and gone since: not every phone tells of it. One transaction, and one for each
 * object that was not seen before; what an object that stays holds by now is not asked. Rejects as the phone does.
 */
export async function bringUpToDate(connection: Looker, folder: ListedFolder, options?: CallOptions): Promise<void> {
  const { phone, tree } = connection;
  const at = tree.time;
  const handles = await phone.handles(folder.storage.id, folder.ref, options);
  const listed = new Map([...folder.objects].map((object) => [object.handle, object]));
  // also what another listing of this folder has given its name: a handle stays
  const isRenamed = ({ handle, name: before }: PhoneObject): boolean => (tree.nameOf(handle) ?? before) !== before;
  const strangers = handles?.filter((handle) => {
    const object = listed.get(handle);
    return object === undefined || isRenamed(object);
  });
  if (handles === undefined || strangers === undefined || strangers.length > MOST_STRANGERS) {
    folder.replaceAll(await phone.list(folder.storage.id, folder.ref, options));
  } else {
    const present = new Set(handles);
    for (const object of listed.values())
      if (!present.has(object.handle) || isRenamed(object)) folder.remove(object.name);
    for (const handle of strangers) {
      const object = await statOrGone(connection, handle, options);
      if (object !== undefined) folder.add(object);
    }
  }
  folder.lookedAt = at;
}

/** How long a listing that is used again and again holds, milliseconds. */
const HOLDS_MS = 3_000;
/** Of several that use one listing at the same time one asks. */
const asked = new WeakMap<ListedFolder, Promise<void>>();

/** As `bringUpToDate`, unless the phone was asked after `since`, of the tree's clock, and a moment ago. */
export async function bringUpToDateSince(since: number, connection: Connection, folder: ListedFolder): Promise<void> {
  if (folder.lookedAt >= since && connection.tree.time - folder.lookedAt < HOLDS_MS) return;
  const asking = asked.get(folder) ?? bringUpToDate(connection, folder).finally(() => asked.delete(folder));
  asked.set(folder, asking);
  await asking;
}

/** What a handle stands for now; `undefined` where the phone does not know it any more. */
export async function statOrGone(
  { phone }: Pick<Looker, 'phone'>,
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

/** Whether a phone answered that there is no such object. */
export const isGone = (error: unknown): boolean =>
  isPhoneError(error) && (error.kind === 'stale' || error.kind === 'missing');

/**
 * Does something by the listings that are kept; where the phone does not know a folder or file of them any more, once more
 * by new ones. What was deleted and made anew has another handle, and not every phone tells of it; some give everything
 * another one while they are locked. `tree` is asked for where listings are to be given up, and may throw instead.
 */
export async function asItIs<T>(tree: () => Connection['tree'], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isPhoneError(error) || error.kind !== 'stale') throw error;
    tree().forget();
    return await work();
  }
}

/** What is asked of a folder; `undefined` where that is not there any more, or is a file by now. */
export async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isPhoneError(error) && (error.kind === 'missing' || error.kind === 'not-a-folder')) return undefined;
    throw error;
  }
}

/**
 * What `look` finds, looked for once more where it was not there and its storage is: a phone that is locked for a moment has
 * nothing, and all of it again a moment later. Rejects as `look` and `requireStorage` do.
 */
export async function lookTwice<T>(
  connection: Connection,
  storage: StorageKey,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const found = await look();
  if (found !== undefined) return found;
  await requireStorage(connection, storage);
  connection.tree.forget();
  return look();
}

/**
 * Looks whether a storage is still there, for whoever was told that something on it is not. Rejects with
 * `storage-missing`, and with `disconnected` where the phone shows no storage any more.
 */
export async function requireStorage(connection: Connection, storage: StorageKey): Promise<void> {
  await connection.lookAgain();
  if (!connection.alive) throw fail('disconnected', 'find storage', 'no storage is left');
  connection.tree.storage(storage);
}
