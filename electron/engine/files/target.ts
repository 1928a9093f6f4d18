import { baseNameOf, parentOf, type PhonePlace } from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import { isLegalPhoneName, legalPhoneName, type PhoneObject } from '../../mtp/index.ts';
import type { publishOnPhone } from '../devices/destroy-on-phone.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { ListedFolder } from '../devices/listed-folder.ts';
import { lookAgain } from '../devices/look-again.ts';
import type { ContentProof } from '../devices/phone-evidence.ts';
import { isTemporaryName } from '../devices/temporary-name.ts';
import { contentOf } from './same-files.ts';
import { samplesOf } from './samples.ts';

/** Where a file is to go, and what may be replaced there. */

/** What may lie there in the end. */
export type Expected = Parameters<typeof publishOnPhone>[4];

/** A place that something is to go to. */
export interface Target {
  readonly folder: ListedFolder;
  /** What lies there now. */
  readonly there: PhoneObject | undefined;
}

const BROWSE = { priority: 'browse' } as const;

/** Looks at a place again; `isOwn`: the name is Replug's own, a temporary one. Rejects with `missing` (no such folder), `read-only` and `bad-name`. */
export async function targetAt(connection: Connection, place: PhonePlace, isOwn = false): Promise<Target> {
  const folder = await connection.tree.folder(place.storage, parentOf(place.path), BROWSE);
  requireWritable(connection, folder);
  const name = baseNameOf(place.path);
  requireName(folder, name, isOwn);
  return { folder, there: await lookAgain(connection, folder, name, undefined, BROWSE) };
}

/** Rejects with `read-only` where the phone takes no files there. */
export function requireWritable({ phone }: Connection, folder: ListedFolder): void {
  if (folder.storage.readOnly || !phone.capabilities.write)
    throw fail('read-only', 'write', '', { subject: folder.storage.description });
}

/** Rejects with `bad-name` where no file can have this name there, or only one that Replug is writing. */
export function requireName(folder: ListedFolder, name: string, isOwn = false): void {
  if (!isLegalPhoneName(name, { strict: folder.storage.removable }))
    throw fail('bad-name', 'write', '', { subject: name, fix: legalPhoneName(name) });
  if (isTemporaryName(name) && !isOwn)
    throw fail('bad-name', 'write', 'a temporary name', { subject: name, fix: name.replace(/\.(?=replug-)/, '-') });
}

/**
 * What may be replaced: what was there when another program asked for it. Where the phone tells no date, parts of it are
 * read, since neither its size nor its handle tells whether it was written to; all of it where it is told as empty, as some
 * phones say of every file. `current`: the connection by then.
 */
export async function expectationOf(
  connection: Connection,
  there: PhoneObject | undefined,
  current: () => Connection,
): Promise<Expected> {
  if (there === undefined) return { kind: 'nothing' };
  const { size, modified } = there;
  const seen = { kind: 'file', size, modified } as const;
  if (modified !== undefined) return seen;
  if (size === 0) {
    const before = await contentOf({ connection, object: there }, BROWSE);
    return {
      ...seen,
      content: async (object) => (await contentOf({ connection: current(), object }, BROWSE)) === before,
    };
  }
  const samples = await samplesOf(connection, there);
  const content: ContentProof = async (object) => {
    if (samples === undefined) return connection.alive && object.handle === there.handle;
    return samples.compare(current(), object).then(
      () => true,
      (error: unknown) => {
        if (isPhoneError(error) && error.kind === 'mismatch') return false;
        throw error;
      },
    );
  };
  return { ...seen, content };
}
