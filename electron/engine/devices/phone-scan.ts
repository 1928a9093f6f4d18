import {
  foldName,
  joinPhonePath,
  segmentOf,
  segmentsOf,
  type Entry,
  type PhonePath,
  type StorageKey,
} from '../../../shared/domain.ts';
import { endsConnection, fail, problemOf, type PhoneErrorKind, type Problem } from '../../../shared/errors.ts';
import type { FolderRef, PhoneStorage } from '../../mtp/index.ts';
import type { Connection } from './device-connection.ts';
import { MAX_DEPTH } from './phone-tree.ts';

/**
 * Whole trees of a phone, fresh, for callers that compare them with a record. Handles are passed down from listing to
 * listing, so that a folder costs one listing however many there are: the tree of the lane keeps 32 folders and would
 * list the parents again and again.
 */

export interface ScannedFolder {
  readonly path: PhonePath;
  /** Empty when it could not be listed. */
  readonly entries: readonly Entry[];
  /** Objects the phone names and cannot describe. */
  readonly unreadable: number;
  readonly problem: Problem | undefined;
}

/** Limits of a scan: `signal` ends it, `enter` leaves out folders. */
export interface ScanOptions {
  readonly signal?: AbortSignal | undefined;
  /** Whether a folder is to be looked into; those left out cost nothing. */
  readonly enter?: (path: PhonePath) => boolean;
}

/**
 * The folder and all below it. Rejects when `path` is not there, when the connection ends, and with `storage-missing`
 * when the storage goes meanwhile, also if it is back under another id: what was listed by then says nothing of it.
 */
export async function* scanPhone(
  connection: Connection,
  key: StorageKey,
  path: PhonePath,
  options: ScanOptions = {},
): AsyncGenerator<ScannedFolder> {
  const { phone, tree } = connection;
  const storage = tree.storage(key);
  // what follows from this look must not meet an older one: not every phone tells of every change
  tree.forget();
  const call = options.signal === undefined ? {} : { signal: options.signal };
  const first = await resolve(connection, storage, path, call).catch(async (error: unknown) => {
    if (MAY_BE_STORAGE.has(problemOf(error, 'scan').kind)) await requireStorage(connection, key, storage);
    throw error;
  });
  const stack: { readonly ref: FolderRef; readonly path: PhonePath; readonly depth: number }[] = [
    { ref: first.ref, path: first.path, depth: 0 },
  ];
  const entered = new Set<FolderRef>();
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (options.signal?.aborted === true) throw fail('cancelled', 'scan');
    let unreadable = 0;
    let objects;
    try {
      if (next.depth >= MAX_DEPTH)
        throw fail('refused', 'scan', `folders deeper than ${MAX_DEPTH}`, { subject: next.path });
      // a tree that lists its own parents has no end otherwise
      if (entered.has(next.ref)) throw fail('refused', 'scan', 'listed inside itself or twice', { subject: next.path });
      entered.add(next.ref);
      objects = await phone.list(storage.id, next.ref, {
        ...call,
        folderDates: false,
        onSkipped: () => (unreadable += 1),
      });
    } catch (error) {
      const problem = problemOf(error, 'scan');
      if (endsConnection(problem.kind) || problem.kind === 'cancelled' || problem.kind === 'internal') throw error;
      if (MAY_BE_STORAGE.has(problem.kind)) await requireStorage(connection, key, storage);
      yield { path: next.path, entries: [], unreadable: 0, problem: { ...problem, subject: next.path } };
      continue;
    }
    for (const object of objects) {
      if (object.kind !== 'folder') continue;
      const below = joinPhonePath(next.path, object.name);
      if (options.enter?.(below) !== false) stack.push({ ref: object.handle, path: below, depth: next.depth + 1 });
    }
    yield {
      path: next.path,
      entries: objects.map(({ name, kind, size, modified }) => ({ name, kind, size, modified })),
      unreadable,
      problem: undefined,
    };
  }
  // some phones show an empty storage while it goes
  if (tree.has(key) && tree.storage(key).id === storage.id) return;
  throw storageWent(storage);
}

/** What a phone answers for a storage that went; `missing` where it shows one without anything. */
const MAY_BE_STORAGE: ReadonlySet<PhoneErrorKind> = new Set(['stale', 'locked', 'missing']);

/** Rejects with `storage-missing` where the storage is not there any more under the id it had. */
async function requireStorage(connection: Connection, key: StorageKey, storage: PhoneStorage): Promise<void> {
  await connection.lookAgain();
  const { alive, tree } = connection;
  if (!alive || !tree.has(key) || tree.storage(key).id !== storage.id) throw storageWent(storage);
}

const storageWent = ({ description }: PhoneStorage): Error =>
  fail('storage-missing', 'scan', 'it went, or is back under another id', { subject: description });

/** The way to a folder, with names alone: what else lies in the folders above it is of no interest. */
async function resolve(
  { phone }: Connection,
  storage: PhoneStorage,
  path: PhonePath,
  call: { readonly signal?: AbortSignal },
): Promise<{ readonly ref: FolderRef; readonly path: PhonePath }> {
  let ref: FolderRef = 'root';
  for (const segment of segmentsOf(path)) {
    const objects = await phone.list(storage.id, ref, { ...call, namesOnly: true });
    // as the storage finds it: in whatever spelling
    const found =
      objects.find((object) => segmentOf(object.name) === segment) ??
      objects.find((object) => foldName(segmentOf(object.name)) === foldName(segment));
    if (found === undefined) throw fail('missing', 'scan', '', { subject: path });
    if (found.kind !== 'folder') throw fail('not-a-folder', 'scan', '', { subject: path });
    ref = found.handle;
  }
  return { ref, path };
}
