import type { CopyHold, SyncPair } from '../../shared/sync.ts';
import type { Listing } from './endpoint.ts';
import type { SyncDisk, SyncRow } from './sync-store.ts';

/**
 * Whether a side is there at all. An empty mount point looks like a folder whose files were all deleted: copying
 * everything again into it, or deleting all copies after it, is what nobody wants. Pure.
 */

/** What is looked at to tell a target that is away from one that was tidied up. */
export interface CopiesFound {
  /** Copies that the pair has made. */
  readonly known: number;
  /** Those of them that are not there. */
  readonly missing: number;
  /** Copies that are missing are not made again: culling most of them is nothing to ask about. */
  readonly staysAway: boolean;
  /** On this computer: whether nothing at all is in the folder. */
  readonly isEmpty: boolean;
  /** On this computer: whether the folder is not the one of the last run. */
  readonly isOtherDisk: boolean;
  /** As `isOtherDisk`, by the folder's number alone: a stick gets another device number each time it is plugged in. */
  readonly isOtherFolder: boolean;
}

/** Which copies are missing from which folder: what a person is shown before they are made again. */
export interface MissingCopies {
  /** Identity of the local folder; `undefined` where it was not there. */
  readonly root: string | undefined;
  readonly targets: ReadonlySet<string>;
}

/** Whether the pair has made its copy. */
export const isCopied = ({ targetSize }: SyncRow): boolean => targetSize !== undefined;

/** The copies that are not there. */
export const missingAmong = (rows: readonly SyncRow[], isThere: (target: string) => boolean): ReadonlySet<string> =>
  new Set(rows.filter((row) => isCopied(row) && !isThere(row.target)).map(({ target }) => target));

/** Whether what a person agreed to covers what is missing now. */
export const coversMissing = (agreed: boolean | MissingCopies, now: MissingCopies): boolean =>
  typeof agreed === 'boolean'
    ? agreed
    : agreed.root === now.root && [...now.targets].every((target) => agreed.targets.has(target));

/** Of a folder that is the one of the last run, more than this share of the copies has to be missing. */
const NEARLY_ALL = 0.75;
/** One copy that is missing was deleted by somebody; it is made again. */
const SOME = 2;

/** Whether so many copies are missing that a person has to say whether they are to be made again. */
export function copyHoldOf({ known, missing, staysAway, isEmpty, isOtherDisk, isOtherFolder }: CopiesFound): CopyHold {
  const ask =
    (missing >= SOME && (staysAway ? missing === known : missing > NEARLY_ALL * known)) ||
    (isOtherDisk && missing > 0 && (isEmpty || missing * 2 > known)) ||
    // a pair that has copied nothing yet knows its disk all the same
    (isOtherFolder && isEmpty && known === 0);
  return ask ? { kind: 'ask', missing, known } : { kind: 'none' };
}

/** Folders of the source that were other disks at the last run and are not now: nothing is known of what lies in them. */
export const disksAway = (pair: SyncPair, disk: SyncDisk | undefined, listing: Listing): readonly string[] =>
  pair.direction === 'to-phone' ? (disk?.mounts ?? []).filter((mount) => !listing.mounts.includes(mount)) : [];
