import { baseNameOf, ROOT, segmentOf, segmentsOf, joinPhonePath, type PhonePlace } from '../../../shared/domain.ts';
import { fail, failRequest } from '../../../shared/errors.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { ObjectHandle } from '../../mtp/index.ts';
import { isAsSeen } from '../devices/phone-evidence.ts';
import { sessionOf, type PhoneEntry } from './entry.ts';

/** Whether what lies at a place is still what another program saw there when it decided to replace or delete it. */

/** What another program was shown at a place; `undefined` where it takes whatever is there. */
export type Shown = PhoneEntry | 'nothing' | undefined;

const BROWSE = { priority: 'browse' } as const;

/** Whether a name is spelled as listed: storages compare without case, but who writes `A` does not mean to replace `a`. */
const isSpelled = (listed: string, name: string): boolean =>
  segmentOf(listed).normalize('NFC') === segmentOf(name).normalize('NFC');

/** Rejects with `exists` where another name that the storage takes for this one is listed. */
export function requireSpelled(there: PhoneObject | undefined, name: string): void {
  if (there !== undefined && !isSpelled(there.name, name))
    throw fail('exists', 'find', `listed as ${there.name}`, { subject: there.name });
}

/**
 * Rejects with `exists` where something else is there than was shown. What is gone needs no proof. On another connection
 * handles prove nothing: a file is known by size and date, and a folder not at all.
 */
export function requireShown(connection: Connection, there: PhoneObject | undefined, shown: Shown): void {
  if (there === undefined || shown === undefined) return;
  if (shown !== 'nothing' && there.kind === shown.kind) {
    const isNow = shown.session === sessionOf(connection);
    const isOne = isNow ? shown.handle === there.handle : there.kind === 'file' && there.modified !== undefined;
    if (isOne && (there.kind === 'folder' || isAsSeen(there, shown))) return;
  }
  throw fail('exists', 'find', 'it is not what was shown', { subject: there.name });
}

/**
 * Rejects with `bad-request` where one place leads through the other, however they are spelled: a folder does not come into
 * itself, and what is replaced must not hold what replaces it. `connection`: of both.
 */
export async function requireApart(
  connection: Connection,
  from: { readonly place: PhonePlace; readonly object: PhoneObject },
  to: { readonly place: PhonePlace; readonly there: PhoneObject | undefined },
  isMove: boolean,
): Promise<void> {
  const { object } = from;
  const { there } = to;
  const isItself = there?.handle === object.handle;
  const isNamed = isMove && isItself && baseNameOf(from.place.path) !== baseNameOf(to.place.path);
  const isApart =
    (!isItself || isNamed) &&
    !(await foldersAbove(connection, to.place)).has(object.handle) &&
    (there === undefined || !(await foldersAbove(connection, from.place)).has(there.handle));
  if (!isApart) throw failRequest('move', { id: 'into-itself' });
}

/** The folders that a place leads through, but not what lies there. */
async function foldersAbove({ tree }: Connection, { storage, path }: PhonePlace): Promise<ReadonlySet<ObjectHandle>> {
  const handles = new Set<ObjectHandle>();
  let at = ROOT;
  for (const segment of segmentsOf(path).slice(0, -1)) {
    const object = await tree.object(storage, joinPhonePath(at, segment), BROWSE);
    handles.add(object.handle);
    at = joinPhonePath(at, object.name);
  }
  return handles;
}
