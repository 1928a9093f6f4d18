import { fail, isPhoneError } from '../../../shared/errors.ts';
import { legalPhoneName, type ObjectHandle } from '../../mtp/index.ts';
import type { Connection } from './device-connection.ts';
import { destroyOnPhone } from './destroy-on-phone.ts';
import type { ListedFolder } from './listed-folder.ts';
import { isTemporaryName, temporaryName } from './temporary-name.ts';

/**
 * Whether a storage takes names that FAT cannot hold. Android 11 and later refuses `: ? *` on its internal storage, of a file
 * only at SendObject; AOSP then takes the rest of the bytes for commands (field notes §1.6). So an empty file is sent first.
 */

/** AOSP reads so much at once, with the header: of a file that small nothing is left when it answers. */
const READ_AT_ONCE = 16 * 1024 - 12;

/** By storage and letters: whether they are taken. */
const answers = new WeakMap<Connection, Map<string, boolean>>();

/** The letters of a name that some storages refuse, each once. */
const oddLetters = (name: string): string =>
  [...new Set(name)].filter((letter) => legalPhoneName(`a${letter}a`) !== `a${letter}a`).join('');

const keyOf = ({ storage }: ListedFolder, name: string): string => `${storage.id} ${oddLetters(name)}`;

/** Whether it has to be asked before a file of `size` bytes is sent under this name in one piece. */
const isDoubtful = (connection: Connection, folder: ListedFolder, name: string, size: number): boolean =>
  size > READ_AT_ONCE && oddLetters(name) !== '' && answers.get(connection)?.get(keyOf(folder, name)) !== true;

/** A temporary name with the letters of `name` that are in doubt. */
const likeIt = (name: string, unique: string): string =>
  isTemporaryName(name) ? name : temporaryName(oddLetters(name), unique);

/**
 * Called before a file of `size` bytes is sent in one piece under `name`: where nobody knows whether the storage takes it, an
 * empty file of the same letters is sent, and removed. `note` is told its name, which is a temporary one, before it is made.
 * Rejects with `bad-name`, and as sending and deleting do.
 */
export async function requireTaken(
  connection: Connection,
  folder: ListedFolder,
  { name, size }: { readonly name: string; readonly size: number },
  unique: () => string,
  note: (temporary: string) => Promise<void> | void = () => undefined,
): Promise<void> {
  if (!isDoubtful(connection, folder, name, size)) return;
  const of = answers.get(connection) ?? new Map<string, boolean>();
  answers.set(connection, of);
  const key = keyOf(folder, name);
  if (of.get(key) === false)
    throw fail('bad-name', 'SendObject', 'refused before', { subject: name, fix: legalPhoneName(name) });
  const temporary = likeIt(name, unique());
  await note(temporary);
  let handle: ObjectHandle;
  try {
    const { storage, ref } = folder;
    handle = await connection.phone.createEmpty(storage.id, ref, { name: temporary, modified: undefined });
  } catch (error) {
    if (isPhoneError(error) && error.kind === 'bad-name') of.set(key, false);
    throw error;
  }
  connection.tree.own(handle);
  const place = { storage: folder.storage.key, folder: folder.path, name: temporary, handle };
  // known before it is removed, which may fail: another one each time would be left
  of.set(key, true);
  await destroyOnPhone(connection, place, { kind: 'temporary' });
}
