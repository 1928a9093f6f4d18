import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { CallOptions, ChangeOptions, Phone, PhoneObject } from '../../mtp/index.ts';
import type { Connection } from './device-connection.ts';
import type { ListedFolder } from './listed-folder.ts';
import { lookAgain, statOrGone } from './look-again.ts';
import { isInFolder } from './phone-evidence.ts';

/**
 * MoveObject and CopyObject. Neither is believed: some phones answer OK and do nothing (Ubuntu Touch's server renames a file
 * to the path it has). Both look whether the name is free in `target`, in the turn of the session in which it is given, since a
 * copy onto an existing name overwrites it without truncating on Android. Whoever calls is alone among those that give the
 * name (`PhoneTree.alone`).
 */

/** `onlyIf` of what gives an object's name to something in `target`; `onBegin` hears that it is about to. */
const whereFree = (
  { tree }: Connection,
  target: ListedFolder,
  name: string,
  onBegin: (() => void) | undefined,
): Required<Pick<ChangeOptions, 'onlyIf'>> => ({
  onlyIf: async (phone) => {
    if ((await lookAgain({ phone, tree }, target, name)) !== undefined) return false;
    onBegin?.();
    return true;
  },
});

/**
 * Moves an object to a folder where nothing has its name, and looks whether it is there and nothing is left in `source`: three
 * or four transactions. Answers `false`, and has done nothing, where the name is taken. Rejects as the phone does, with
 * `unsupported` where it answered OK and moved nothing, with `refused` where it copied to another storage and kept the
 * original, and with `mismatch` where fewer than the `size` bytes of a file arrived there: what it had right before, which
 * nobody can ask for afterwards. `onBegin` is called right before the phone is told to.
 */
export async function moveOnPhone(
  connection: Connection,
  object: PhoneObject,
  source: ListedFolder,
  target: ListedFolder,
  options: CallOptions,
  { size = 0, onBegin }: { readonly size?: number; readonly onBegin?: () => void } = {},
): Promise<boolean> {
  const { name, handle } = object;
  const isFar = target.storage.id !== source.storage.id;
  const where = whereFree(connection, target, name, onBegin);
  if (!(await connection.phone.move(handle, target.storage.id, target.ref, { ...options, ...where }))) return false;
  const now = await statOrGone(connection, handle, options);
  const place = { storage: target.storage.key, folder: target.path, name };
  const look = (folder: ListedFolder): Promise<PhoneObject | undefined> =>
    lookAgain(connection, folder, name, undefined, options);
  // where the handle is gone, it may have another one since
  const isThere =
    now === undefined
      ? (await look(target)) !== undefined
      : await isInFolder(connection, place, now, target.ref, options);
  if (!isThere && (!isFar || (await look(target)) === undefined))
    throw fail('unsupported', 'MoveObject', 'answered OK, and it is not there', { subject: name });
  if (!isFar) return true;
  const left = await look(source);
  if (left !== undefined && left.kind === object.kind && left.size === object.size)
    throw fail('refused', 'MoveObject', 'answered OK, and the original is still there', { subject: name });
  if (size > 0) await requireSize(connection, await look(target), { name, size }, options);
  return true;
}

/** Rejects with `mismatch` where what has arrived is shorter. Some phones tell no size for what they have just made. */
async function requireSize(
  { phone }: Connection,
  arrived: PhoneObject | undefined,
  { name, size }: { readonly name: string; readonly size: number },
  options: CallOptions,
): Promise<void> {
  const told = arrived === undefined ? 0 : await phone.sizeOf(arrived.handle, options);
  if (told >= size) return;
  const isWhole = arrived !== undefined && told === 0 && (await hasByte(phone, { ...arrived, size }, options));
  if (!isWhole)
    throw fail('mismatch', 'MoveObject', `answered OK, and ${told} of ${size} bytes are there`, { subject: name });
}

/** Whether the last byte of a file is there, as far as the phone can be asked for it. */
async function hasByte(phone: Phone, file: PhoneObject, options: CallOptions): Promise<boolean> {
  if (phone.capabilities.partialRead === 'none') return true;
  try {
    const pieces = await phone.readChunk(file, file.size - 1, 1, options);
    const isThere = pieces.some((piece) => piece.byteLength > 0);
    phone.giveBack(pieces);
    return isThere;
  } catch (error) {
    if (isPhoneError(error) && error.kind !== 'disconnected') return false;
    throw error;
  }
}

/**
 * Copies an object to a folder where nothing has its name, and looks whether all of a file is there: about four transactions.
 * Answers and tells `onBegin` as `moveOnPhone` does. Rejects as the phone does, with `unsupported` where it answered OK and
 * copied nothing, and with `refused` where it copied a part.
 */
export async function copyOnPhone(
  connection: Connection,
  object: PhoneObject,
  target: ListedFolder,
  options: CallOptions,
  onBegin: () => void,
): Promise<boolean> {
  const { name, handle } = object;
  const where = whereFree(connection, target, name, onBegin);
  if (!(await connection.phone.copy(handle, target.storage.id, target.ref, { ...options, ...where }))) return false;
  const there = await lookAgain(connection, target, name, undefined, options);
  if (there === undefined)
    throw fail('unsupported', 'CopyObject', 'answered OK, and nothing is there', { subject: name });
  if (object.kind === 'folder' || there.size === object.size) return true;
  // it may have grown since it was listed
  const now = await statOrGone(connection, handle, options);
  if (now !== undefined && now.size !== there.size)
    throw fail('refused', 'CopyObject', `${there.size} of ${now.size} bytes are there`, { subject: name });
  return true;
}
