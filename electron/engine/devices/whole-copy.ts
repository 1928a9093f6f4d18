import type { CallOptions, PhoneObject } from '../../mtp/index.ts';
import { removeEmptyFolder } from './copied-folder.ts';
import type { Connection } from './device-connection.ts';
import { destroyOnPhone, publishOnPhone, type PhoneDestruction } from './destroy-on-phone.ts';
import type { ListedFolder } from './listed-folder.ts';
import { lookAgain } from './look-again.ts';
import type { ObjectPlace } from './phone-evidence.ts';
import { numberedOnPhone } from './temporary-name.ts';

/** Names tried for a folder whose own is taken. */
const MOST_NAMES = 100;

/**
 * A whole copy under a temporary name that was to replace what has its `name`, when the phone went. The old one may be gone
 * already: if nothing has its name, the copy gets it; else a file goes. So does what is left of a folder that was being deleted
 * for the copy, if no file is: else a folder gets another name. So does a file once the phone was told to delete the old one and
 * what has the name is another one: `isOld` is given then, and tells whether it is. Answers as `destroyOnPhone`, `done` either way.
 */
export async function settleWholeCopy(
  connection: Connection,
  copy: ObjectPlace,
  name: string,
  isOld?: (there: PhoneObject) => Promise<boolean>,
  options?: CallOptions,
): Promise<PhoneDestruction> {
  let given = await giveFreeName(connection, copy, name, options);
  const place = { storage: copy.storage, folder: copy.folder, name };
  if (!given.isGiven && given.object?.kind === 'folder' && (await removeEmptyFolder(connection, place, options)))
    given = await giveFreeName(connection, copy, name, options);
  const { isGiven, folder, object } = given;
  if (isGiven) return 'done';
  // what is whole is not thrown away for its name: what had it was being deleted for it
  const stays =
    object?.kind === 'folder' ||
    (object !== undefined &&
      isOld !== undefined &&
      (await isAnother(connection, folder, { name, object, isOld }, options)));
  for (let number = 2; stays && number <= MOST_NAMES; number += 1) {
    const other = numberedOnPhone(name, number);
    if ((await lookAgain(connection, folder, other, object.handle, options)) !== undefined) continue;
    return publishOnPhone(connection, folder, object, other, { kind: 'nothing' }, options);
  }
  return destroyOnPhone(connection, copy, { kind: 'temporary' }, options);
}

async function isAnother(
  connection: Connection,
  folder: ListedFolder,
  how: {
    readonly name: string;
    readonly object: PhoneObject;
    readonly isOld: (there: PhoneObject) => Promise<boolean>;
  },
  options: CallOptions | undefined,
): Promise<boolean> {
  const there = await lookAgain(connection, folder, how.name, how.object.handle, options);
  return there?.kind !== 'file' || !(await how.isOld(there));
}

/**
 * Gives a whole copy its `name` if nothing has it: what it was to replace may have gone when the phone did. Answers whether it
 * has it now, and where it was looked for.
 */
export async function giveFreeName(
  connection: Connection,
  copy: Omit<ObjectPlace, 'handle'>,
  name: string,
  options?: CallOptions,
): Promise<{
  readonly isGiven: boolean;
  readonly folder: ListedFolder;
  readonly object: PhoneObject | undefined;
}> {
  const folder = await connection.tree.folder(copy.storage, copy.folder, { ...options, fresh: true });
  const object = folder.exactly(copy.name);
  if (object === undefined || (await lookAgain(connection, folder, name, object.handle, options)) !== undefined)
    return { isGiven: false, folder, object };
  const answer = await publishOnPhone(connection, folder, object, name, { kind: 'nothing' }, options);
  return { isGiven: answer === 'done', folder, object };
}
