import type { CatalogueKind } from './catalogue-kinds.ts';
import type { DeviceKey, Entry, Instant, PhonePlace, StorageKey } from './domain.ts';

/**
 * What Replug remembers of what is on a phone: the catalogue. Everything here is told from memory, also while the phone
 * is away, so everything says as of when (`Freshness`).
 */

/** How far what is told from memory can be relied on. */
export interface Freshness {
  /** When the oldest of it was seen on the phone; `undefined` where nothing was seen yet. */
  readonly asOf: Instant | undefined;
  /** Every folder concerned has been listed once; without it sums are too small and a search may find too little. */
  readonly complete: boolean;
  /** Something concerned has changed, or may have, since it was seen. */
  readonly stale: boolean;
}

/** What the catalogue does with a phone now. `waiting`: the phone is here, and something else has its turn. */
export type CatalogueActivity = 'away' | 'scanning' | 'waiting' | 'idle';

/** The catalogue of one phone. */
export interface PhoneCatalogue extends Freshness {
  readonly device: DeviceKey;
  /** The phone's name when it was last seen. */
  readonly name: string;
  readonly activity: CatalogueActivity;
  readonly storages: readonly { readonly key: StorageKey; readonly name: string }[];
  readonly files: number;
  readonly folders: number;
  /** Folders that were not listed yet, as far as is known: more may be found in them. */
  readonly foldersLeft: number;
  /** Sum of the sizes of all files, in bytes. */
  readonly bytes: number;
}

/** All catalogues on this computer, those of phones that are away too. */
export interface CatalogueSnapshot {
  /** The setting `catalogue`; without it `phones` is empty and every question is answered with nothing. */
  readonly enabled: boolean;
  readonly phones: readonly PhoneCatalogue[];
  /** Changes whenever an answer may have changed; what a window has asked for is asked for again then. */
  readonly revision: number;
}

/** An entry told from memory, with its place. */
export interface FoundEntry extends Entry {
  readonly place: PhonePlace;
}

/** Orders of search results; `best`: names that begin with the first word, then the newest. */
export const SEARCH_ORDERS = ['best', 'name', 'size', 'date'] as const;
/** One of `SEARCH_ORDERS`. */
export type SearchOrder = (typeof SEARCH_ORDERS)[number];

/**
 * Results of a search, a page of them. They stream: the first snapshot comes within a moment, perhaps with `searching`,
 * newer ones as more is found and whenever the catalogue changes.
 */
export interface SearchSnapshot extends Freshness {
  readonly state: 'searching' | 'complete';
  /** Found so far. */
  readonly total: number;
  readonly offset: number;
  readonly results: readonly FoundEntry[];
  /** Parts of the query that are not understood, as typed: `size>`, `kind:unknown`. They are looked for as words. */
  readonly misread: readonly string[];
}

/** A folder or file as a rectangle of the treemap, or what is too small for one of its own. */
export interface SpaceNode {
  /** Empty for what is folded together. */
  readonly name: string;
  readonly kind: CatalogueKind;
  /** Bytes, with all below it. */
  readonly bytes: number;
  /** Files in it; 1 for a file. */
  readonly files: number;
  /** Largest first; only for folders, to the depth that was asked for. */
  readonly children: readonly SpaceNode[];
  /** Entries that this node stands for together, where they were too many or too small; 0 for a node of its own. */
  readonly folded: number;
}

/** Where the space of one folder goes. */
export interface SpaceView extends Freshness {
  readonly place: PhonePlace;
  readonly tree: SpaceNode;
}

/** What is in a folder with all below it. */
export interface FolderSum extends Freshness {
  readonly name: string;
  readonly bytes: number;
  readonly files: number;
}

/** Files of one kind. */
export interface KindSum {
  readonly kind: Exclude<CatalogueKind, 'folder'>;
  readonly files: number;
  readonly bytes: number;
}

/** Files by when they were last changed. `year` and older than it: `undefined` is for files without a date. */
export interface AgeSum {
  readonly year: number | undefined;
  readonly files: number;
  readonly bytes: number;
}

/** A phone's space, or one storage's, added up in three ways. */
export interface SpaceSummary extends Freshness {
  /** Largest sum first; kinds without a file are left out. */
  readonly kinds: readonly KindSum[];
  /** Newest year first, undated last. */
  readonly ages: readonly AgeSum[];
  /** The largest 100 files. */
  readonly largest: readonly FoundEntry[];
}

/** Files of one size. Nothing is said of their content before `catalogueCompare`. */
export interface SameSize {
  /** Bytes of each. */
  readonly size: number;
  readonly files: readonly FoundEntry[];
}

/** How files were compared: three samples of 16 KiB, or every byte. */
export type CompareDepth = 'sampled' | 'whole';

/** Files of one size after a look at their content. */
export interface Compared {
  readonly depth: CompareDepth;
  /** Places with the same content, two and more each. A file that is on its own is in none. */
  readonly groups: readonly (readonly PhonePlace[])[];
  /** Could not be read, or were not any more what the catalogue remembers. */
  readonly unread: readonly PhonePlace[];
}

/** What is known to be on this computer of what is about to be deleted. */
export interface ProvenSum extends Freshness {
  readonly files: number;
  readonly folders: number;
  readonly bytes: number;
  /** Of these, files of which a verified copy of this size and date is recorded and still there. */
  readonly proven: { readonly files: number; readonly bytes: number };
  /** Files of which there are such copies only where a mirroring pair deletes them when the file goes; not in `proven`. */
  readonly mirrored: { readonly files: number; readonly bytes: number };
}

/** Bytes that a file adds to sums: what no storage can hold is a lie, and would hide everything else. */
export const countedSize = (size: number): number => (size > 2 ** 48 ? 0 : size);
