import type { Instant, PhonePath, StorageKey } from '../../../shared/domain.ts';
import type { CallOptions, FolderRef, ObjectHandle, PhoneObject, StorageId } from '../../mtp/index.ts';
import { isBeginning, isTaken, mayBeTaken, type SourceReader } from './beginning-of-source.ts';
import { isDamagedCopy } from './damaged-copy.ts';
import type { Connection } from './device-connection.ts';
import { isTemporaryName } from './temporary-name.ts';

/** What proves that an object on a phone is what a decision was about, and whether it still does. */

/** Where the object is. */
export interface ObjectPlace {
  readonly storage: StorageKey;
  readonly folder: PhonePath;
  /** As listed: exactly this name, no other spelling of it. */
  readonly name: string;
  /** From a listing of this connection, or from the answer that created the object; without it the folder is looked at. */
  readonly handle?: ObjectHandle | undefined;
}

/**
 * Whether an object holds what the decision was about: asked where one side tells no date, since a size alone proves
 * nothing. `compared`: its bytes were compared right before.
 */
export type ContentProof = 'compared' | ReadProof;
/** Reads the object, and answers whether it holds what the decision was about. Rejects as the phone does. */
export type ReadProof = (object: PhoneObject) => Promise<boolean>;

/** Why it may be destroyed. */
export type PhoneEvidence =
  /**
   * A file whose size and date were those when it was decided upon; without a date, its content. By its handle it is found
   * wherever it is: with `parent`, the folder as it was told then, one that lies elsewhere by now is another.
   */
  | {
      readonly kind: 'as-seen';
      readonly size: number;
      readonly modified: Instant | undefined;
      readonly parent?: FolderRef;
      readonly content?: ContentProof | undefined;
    }
  /** A file under a temporary name, which nobody but Replug gives (`isTemporaryName`). */
  | { readonly kind: 'temporary' }
  /**
   * A file that Replug created on this connection, by the handle it was answered with, still of this size and of the
   * date that was sent with it, which is given if no later writer can have left it: nobody has written to it since. Where the
   * phone gave it a date of its own, or none, its content has to be what was sent; where that is not known it stays. Needs
   * the handle.
   */
  | {
      readonly kind: 'made';
      readonly size: number;
      readonly modified: Instant | undefined;
      readonly content?: ReadProof | undefined;
    }
  /** A folder that Replug made on this connection in `parent`, while nothing is in it. Needs the handle it was answered with. */
  | { readonly kind: 'made-folder'; readonly parent: FolderRef }
  /**
   * A file that holds a beginning of this source, or nothing yet, or what a phone that was cut off took for content
   * (`takenForContent`): it can be made again, so nothing is lost with it. All of the source is no leftover but a copy,
   * which somebody may have made by other means; with `whole` it goes too.
   */
  | { readonly kind: 'beginning-of'; readonly source: SourceReader; readonly whole?: boolean }
  /**
   * A file that Replug created on this connection, by the handle it was answered with, still of this size and date, which
   * holds what was sent but for a few bytes (`isDamagedCopy`). Needs the handle.
   */
  | {
      readonly kind: 'damaged-copy';
      readonly source: SourceReader;
      readonly size: number;
      readonly modified: Instant | undefined;
    }
  /**
   * A file that holds what a phone that was cut off took for content, and nothing else, whatever became of its source.
   * `announced`: bytes that it was to have.
   */
  | { readonly kind: 'taken-for-content'; readonly announced: number }
  /**
   * What a person pointed at, as it was shown. The only evidence on which a folder goes with what is in it: that is what it
   * `holds`, by the handles, and nothing else.
   */
  | {
      readonly kind: 'chosen';
      readonly object: Pick<PhoneObject, 'handle' | 'kind' | 'size' | 'modified' | 'parent'>;
      readonly holds?: ReadonlySet<ObjectHandle>;
    };

/** What evidence is worth against what is there: it may go, or why not. */
export type Verdict = 'proved' | 'changed' | 'is-folder' | 'unproved';

/** What a look alone tells, without another transaction; `undefined` where its content or its folder has to be read. */
export function judgeAtOnce(
  connection: Connection,
  handle: ObjectHandle | undefined,
  now: PhoneObject,
  evidence: PhoneEvidence,
): Verdict | undefined {
  if (evidence.kind === 'chosen') {
    const { object } = evidence;
    if (now.handle !== object.handle || now.kind !== object.kind) return 'changed';
    if (now.kind === 'file' && !isAsSeen(now, object)) return 'changed';
    return isToldInFolder(connection, now, object.parent) ? 'proved' : undefined;
  }
  if (evidence.kind === 'made-folder') return now.kind === 'folder' && handle === now.handle ? undefined : 'changed';
  if (now.kind === 'folder') return 'is-folder';
  switch (evidence.kind) {
    case 'as-seen': {
      if (!isAsSeen(now, evidence)) return 'changed';
      const isKnown = isDated(now, evidence) || isTakenForEmpty(now, evidence) || evidence.content === 'compared';
      if (!isKnown && evidence.content === undefined) return 'changed';
      const isThere = evidence.parent === undefined || isToldInFolder(connection, now, evidence.parent);
      return isKnown && isThere ? 'proved' : undefined;
    }
    case 'made':
      if (handle !== now.handle || now.size !== evidence.size) return 'changed';
      if (isAsMade(now, evidence) && (isDated(now, evidence) || now.size === 0)) return 'proved';
      return evidence.content === undefined ? 'changed' : undefined;
    case 'damaged-copy':
      return handle === now.handle && isAsSeen(now, evidence) ? undefined : 'changed';
    case 'temporary':
      return isTemporaryName(now.name) ? 'proved' : 'changed';
    case 'beginning-of':
      return undefined;
    case 'taken-for-content':
      return mayBeTaken(now, evidence.announced) ? undefined : 'changed';
  }
}

/** What a folder may hold that goes on this evidence; `undefined` where it is about a file. */
export function mayHold(evidence: PhoneEvidence): ReadonlySet<ObjectHandle> | undefined {
  if (evidence.kind === 'made-folder') return new Set();
  if (evidence.kind !== 'chosen' || evidence.object.kind !== 'folder') return undefined;
  return evidence.holds ?? new Set();
}

/** Whether `evidence` holds of what is there now; reads it where only its content or its folder tells. Rejects as the phone does. */
export async function judge(
  connection: Connection,
  target: ObjectPlace,
  now: PhoneObject,
  evidence: PhoneEvidence,
  options: CallOptions | undefined,
): Promise<Verdict> {
  const verdict = judgeAtOnce(connection, target.handle, now, evidence);
  if (verdict !== undefined) return verdict;
  if (evidence.kind === 'beginning-of') return isBeginning(connection, now, evidence, options);
  if (evidence.kind === 'damaged-copy') return isDamagedCopy(connection, now, evidence.source, options);
  if (evidence.kind === 'taken-for-content') return isTaken(connection, now, evidence.announced, options);
  return (await isMeant(connection, target, now, evidence, options)) ? 'proved' : 'changed';
}

async function isMeant(
  connection: Connection,
  target: ObjectPlace,
  now: PhoneObject,
  evidence: PhoneEvidence,
  options: CallOptions | undefined,
): Promise<boolean> {
  switch (evidence.kind) {
    case 'chosen':
      return isInFolder(connection, target, now, evidence.object.parent, options);
    case 'as-seen': {
      const { parent } = evidence;
      if (parent !== undefined && !(await isInFolder(connection, target, now, parent, options))) return false;
      return isProved(now, evidence);
    }
    case 'made':
      return (await evidence.content?.(now)) ?? false;
    case 'made-folder':
      return isInFolder(connection, target, now, evidence.parent, options);
    default:
      return false;
  }
}

/** Whether a file's size and date are those of `seen`. A date that one side does not tell decides nothing. */
export const isAsSeen = (
  now: Pick<PhoneObject, 'size' | 'modified'>,
  seen: { readonly size: number; readonly modified: Instant | undefined },
): boolean =>
  now.size === seen.size &&
  (now.modified === undefined || seen.modified === undefined || now.modified === seen.modified);

/** Whether a file is the one that was seen: by size and date, and by its content where one side tells no date. */
export async function isProved(
  now: PhoneObject,
  seen: {
    readonly size: number;
    readonly modified: Instant | undefined;
    readonly content?: ContentProof | undefined;
  },
): Promise<boolean> {
  if (!isAsSeen(now, seen)) return false;
  if (isDated(now, seen) || isTakenForEmpty(now, seen)) return true;
  return seen.content === 'compared' || ((await seen.content?.(now)) ?? false);
}

/** Whether both sides tell a date, so that size and date tell. */
const isDated = (now: PhoneObject, seen: { readonly modified: Instant | undefined }): boolean =>
  now.modified !== undefined && seen.modified !== undefined;

/**
 * Whether a file that holds `size` bytes is told as empty, as some phones say of every file (players with an unfinished media
 * scan): then its bytes have to tell.
 */
export const isUntold = (told: number, size: number): boolean => told === 0 && size > 0;

/** What is told as empty counts as that, unless it is known what it has to hold: some phones tell every file so, and it is read. */
const isTakenForEmpty = (now: PhoneObject, { content }: { readonly content?: ContentProof | undefined }): boolean =>
  now.size === 0 && content === undefined;

/** A phone keeps whole seconds, a card even ones. */
const SENT_DATE_MS = 2_000;

const isAsMade = (
  now: Pick<PhoneObject, 'size' | 'modified'>,
  sent: { readonly size: number; readonly modified: Instant | undefined },
): boolean =>
  now.size === sent.size &&
  (now.modified === undefined || sent.modified === undefined || Math.abs(now.modified - sent.modified) <= SENT_DATE_MS);

/**
 * Whether an object lies in the folder in which it was listed (`parent` as it was told then): MoveObject may leave it its
 * handle and name. Where the parent is told another way now, the folder itself is asked; it is also asked at the root
 * of a phone with several storages, which are all told alike.
 */
export async function isInFolder(
  connection: Connection,
  { storage, folder: path }: ObjectPlace,
  now: PhoneObject,
  parent: FolderRef,
  options: CallOptions | undefined,
): Promise<boolean> {
  if (isToldInFolder(connection, now, parent)) return true;
  const { tree } = connection;
  const folder = tree.kept(storage, path) ?? (await tree.folder(storage, path, options));
  return (await handlesIn(connection, folder.storage.id, folder.ref, options)).includes(now.handle);
}

/** What is in a folder now. */
const handlesIn = async (
  { phone }: Connection,
  storage: StorageId,
  folder: FolderRef,
  options: CallOptions | undefined,
): Promise<readonly ObjectHandle[]> =>
  (await phone.handles(storage, folder, options)) ??
  (await phone.list(storage, folder, options)).map(({ handle }) => handle);

const isToldInFolder = ({ tree }: Connection, now: PhoneObject, parent: FolderRef): boolean =>
  now.parent === parent && (parent !== 'root' || tree.storages.length < 2);
