import { joinPhonePath, type PhonePath, type StorageKey } from '../../../shared/domain.ts';
import { isPhoneError } from '../../../shared/errors.ts';
import type { CallOptions, PhoneObject } from '../../mtp/index.ts';
import { objectReader } from './beginning-of-source.ts';
import { destroyOnPhone, type PhoneDestruction } from './destroy-on-phone.ts';
import type { Connection } from './device-connection.ts';
import type { ObjectPlace } from './phone-evidence.ts';
import { isTemporaryName } from './temporary-name.ts';

/** Where the originals are, on the same phone. */
export interface Originals {
  readonly storage: StorageKey;
  readonly path: PhonePath;
}

/**
 * Removes what Replug made under a temporary name as a copy of what is at `originals`, and has given up: a file only while it
 * is its original or a beginning of it, a folder only once it is empty. Answers as `destroyOnPhone`; with anything but `done`
 * and `gone` something stays, which somebody may have put there. Rejects as the phone does.
 */
export async function removeCopies(
  connection: Connection,
  copy: ObjectPlace,
  originals: Originals | undefined,
  options?: CallOptions,
): Promise<PhoneDestruction> {
  const { storage, name } = copy;
  const parent = await connection.tree.folder(storage, copy.folder, { ...options, fresh: true });
  const there = parent.exactly(name);
  if (there === undefined) return 'gone';
  const place = { ...copy, handle: there.handle };
  if (there.kind === 'file') {
    if (isTemporaryName(name)) return destroyOnPhone(connection, place, { kind: 'temporary' }, options);
    const original = originals && (await originalAt(connection, originals, options));
    if (original === undefined) return 'unproved';
    const source = objectReader(connection, original, options);
    return destroyOnPhone(connection, place, { kind: 'beginning-of', source, whole: true }, options);
  }
  const path = joinPhonePath(copy.folder, name);
  const { objects } = await connection.tree.folder(storage, path, { ...options, fresh: true });
  let kept: PhoneDestruction | undefined;
  for (const child of [...objects]) {
    const its = originals && { ...originals, path: joinPhonePath(originals.path, child.name) };
    const answer = await removeCopies(connection, { storage, folder: path, name: child.name }, its, options);
    if (answer !== 'done' && answer !== 'gone') kept ??= answer;
  }
  if (kept !== undefined) return kept;
  // as it is right before: a folder goes with all that is in it
  const left = await connection.tree.folder(storage, path, { ...options, fresh: true });
  if (left.size > 0) return 'changed';
  return destroyOnPhone(connection, place, { kind: 'chosen', object: there }, options);
}

/**
 * Removes a folder in which there is no file, at any depth. Answers whether it is gone; one with a file in it stays, and so does
 * what holds it. Rejects as the phone does.
 */
export async function removeEmptyFolder(
  connection: Connection,
  { storage, folder, name }: Omit<ObjectPlace, 'handle'>,
  options?: CallOptions,
): Promise<boolean> {
  const { tree } = connection;
  const object = (await tree.folder(storage, folder, { ...options, fresh: true })).exactly(name);
  if (object === undefined) return true;
  if (object.kind === 'file') return false;
  const path = joinPhonePath(folder, name);
  const { objects } = await tree.folder(storage, path, { ...options, fresh: true });
  for (const child of [...objects])
    if (!(await removeEmptyFolder(connection, { storage, folder: path, name: child.name }, options))) return false;
  // as it is right before: a folder goes with all that is in it
  if ((await tree.folder(storage, path, { ...options, fresh: true })).size > 0) return false;
  const place = { storage, folder, name, handle: object.handle };
  const answer = await destroyOnPhone(connection, place, { kind: 'chosen', object }, options);
  return answer === 'done' || answer === 'gone';
}

async function originalAt(
  { tree }: Connection,
  { storage, path }: Originals,
  options: CallOptions | undefined,
): Promise<PhoneObject | undefined> {
  try {
    const found = await tree.object(storage, path, options);
    return found.kind === 'file' ? found : undefined;
  } catch (error) {
    if (isPhoneError(error) && ['missing', 'not-a-folder', 'storage-missing'].includes(error.kind)) return undefined;
    throw error;
  }
}
