import { baseNameOf, joinPhonePath, parentOf, type PhonePath, type PhonePlace } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import { publishOnPhone } from '../devices/destroy-on-phone.ts';
import type { Connection } from '../devices/device-connection.ts';
import { listBranch, type Branch } from '../devices/phone-branch.ts';
import type { PhoneBrowser } from '../devices/phone-browser.ts';
import { isAsSeen } from '../devices/phone-evidence.ts';
import { temporaryName } from '../devices/temporary-name.ts';
import type { Reading } from '../reading/reading.ts';
import { entryOf, type PhoneEntry } from './entry.ts';
import type { Strays } from './strays.ts';

const BROWSE = { priority: 'browse' } as const;

/** A folder, or a file in the way of one, that a copy is to replace. */
export interface Replacement {
  readonly browser: PhoneBrowser;
  readonly reading: Reading;
  readonly strays: Strays;
  readonly unique: () => string;
  readonly from: PhonePlace;
  readonly to: PhonePlace;
  /** What is to be replaced, on the connection on which it was found. */
  readonly there: PhoneObject;
  /** Makes the copy at a place of a temporary name. */
  readonly copyTo: (aside: PhonePlace) => Promise<void>;
  /** Deletes what is to be replaced, if it still is this. */
  readonly makeWay: (there: PhoneEntry) => Promise<void>;
}

/**
 * Replaces a folder by a copy that grows beside it under a temporary name: the old one stays until the new one is whole. The
 * name is noted before it is made, so that what a kill leaves behind is removed, or gets its name where the old one was being
 * deleted already and no file is left in it. Answers the place at which the copy was made. Rejects with `exists` where what is there has changed, and
 * as copying and deleting do; then the copy is thrown away.
 */
export async function replaceFolder(how: Replacement): Promise<PhonePlace> {
  const { browser, reading, strays, from, to, there } = how;
  const own = baseNameOf(to.path);
  const folder = parentOf(to.path);
  const name = temporaryName(own, how.unique());
  const aside = { ...to, path: joinPhonePath(folder, name) };
  const before = await reading.whenThere(to, () =>
    listBranch(browser.connection(to.device), to.storage, to.path, there),
  );
  let stray = strays.begin({ device: to.device, storage: to.storage, folder, name, copyOf: from });
  try {
    await how.copyTo(aside);
    const now = await reading.whenThere(to, () => asBefore(browser.connection(to.device), to, before));
    // from here on it may be all that is left
    stray = strays.replaces(stray, own);
    await how.makeWay(now);
    await giveName(how, name);
  } catch (error) {
    await strays.abandon(stray);
    throw error;
  } finally {
    browser.changed(to.device, folder);
  }
  strays.end(stray);
  return aside;
}

/** What is to be replaced, as it is now. Rejects with `exists` where anything in it is another than when it was decided upon. */
async function asBefore(connection: Connection, to: PhonePlace, before: Branch): Promise<PhoneEntry> {
  const object = await connection.tree.object(to.storage, to.path, { ...BROWSE, fresh: true });
  const now = await listBranch(connection, to.storage, to.path, object, { fresh: true });
  if (!isAlike(now, before)) throw fail('exists', 'copy', 'it has changed meanwhile', { subject: object.name });
  return entryOf(connection, object);
}

/** By names, since handles are of one connection. Without a date a file of the same size is taken for the same on one only. */
function isAlike(now: Branch, before: Branch): boolean {
  const [one, other] = [now.object, before.object];
  if (one === undefined || other === undefined || one.kind !== other.kind) return false;
  if (one.kind === 'file' && !isAsSeen(one, other)) return false;
  if (one.kind === 'file' && one.modified === undefined && one.handle !== other.handle) return false;
  const children = new Map((before.children ?? []).map((child) => [child.object?.name, child]));
  return (
    (now.children ?? []).length === children.size &&
    (now.children ?? []).every((child) => {
      const same = children.get(child.object?.name);
      return same !== undefined && isAlike(child, same);
    })
  );
}

async function giveName({ browser, reading, to }: Replacement, name: string): Promise<void> {
  const own = baseNameOf(to.path);
  let isAsked = false;
  await reading.whenThere(to, async () => {
    const connection = browser.connection(to.device);
    const folder = await connection.tree.folder(to.storage, parentOf(to.path), { ...BROWSE, fresh: true });
    const copy = folder.exactly(name);
    if (copy === undefined) {
      // the answer was lost
      if (isAsked && folder.exactly(own) !== undefined) return;
      throw fail('missing', 'copy', 'the copy has gone', { subject: own });
    }
    isAsked = true;
    const answer = await publishOnPhone(connection, folder, copy, own, { kind: 'nothing' }, BROWSE);
    if (answer !== 'done') throw fail('exists', 'copy', answer, { subject: own });
    // what was listed below it has another way now
    connection.tree.forget();
  });
}

/** Where something that was copied aside is in the end. */
export const movedFrom = (aside: PhonePlace, to: PhonePlace, place: PhonePlace): PhonePlace => ({
  ...place,
  path: `${to.path}${place.path.slice(aside.path.length)}` as PhonePath,
});
