import {
  SEARCH_ORDERS,
  type Compared,
  type FolderSum,
  type ProvenSum,
  type SameSize,
  type SpaceSummary,
  type SpaceView,
} from './catalogue.ts';
import { list, oneOf, optional, shape, text, truth, whole, type Check } from './check.ts';
import { phonePath, type DeviceKey, type PhonePath, type StorageKey } from './domain.ts';

/** The commands and streams of the catalogue, part of the one contract. Each check is beside its type, as there. */

const device = text<DeviceKey>({ max: 1024, min: 1 });
const storage = text<StorageKey>({ max: 2048, min: 1 });
const path: Check<PhonePath> = (value, at) => phonePath(text({ min: 1 })(value, at));
const place = shape({ device, storage, path });

/** The argument of each command of the catalogue, as its run-time check. */
export const CATALOGUE_COMMANDS = {
  /** Where the space of a folder goes, `depth` levels down (1 by default), with at most `most` nodes (500 by default). */
  catalogueSpace: shape({
    place,
    depth: optional(whole({ min: 1, max: 4 })),
    most: optional(whole({ min: 10, max: 5000 })),
  }),
  /** Sums of the folders in a folder, for its list; those of which nothing is known are left out. */
  catalogueSums: shape({ place }),
  /** By kind, by age, the largest files; of one storage, or of the whole phone. */
  catalogueSummary: shape({ device, storage: optional(storage) }),
  /** Groups of files of one size, those that take the most space first. */
  catalogueSameSize: shape({
    device,
    /** Bytes; smaller files are left out. 1 MiB by default. */
    least: optional(whole({ min: 1 })),
    offset: whole(),
    limit: whole({ min: 1, max: 200 }),
  }),
  /** Reads samples, or all, of files that the catalogue says have one size, and tells which are the same. */
  catalogueCompare: shape({ places: list(place, { min: 2, max: 200 }), whole: optional(truth) }),
  /** Counts what is to be deleted, and what of it is proven to be on this computer. */
  catalogueProven: shape({ sources: list(place, { min: 1 }) }),
  /** Lists everything of the phone again, at the lowest priority. */
  catalogueRescan: shape({ device }),
  /** Forgets this phone: its catalogue is deleted from this computer. */
  catalogueForget: shape({ device }),
} as const satisfies Readonly<Record<string, Check<unknown>>>;

/** What a window can ask of the catalogue: the keys of `CATALOGUE_COMMANDS`. */
export type CatalogueCommandName = keyof typeof CATALOGUE_COMMANDS;

/** What each command of the catalogue replies with if it succeeds. */
export interface CatalogueReplies {
  catalogueSpace: SpaceView;
  catalogueSums: readonly FolderSum[];
  catalogueSummary: SpaceSummary;
  catalogueSameSize: { readonly total: number; readonly groups: readonly SameSize[] };
  catalogueCompare: Compared;
  catalogueProven: ProvenSum;
  catalogueRescan: void;
  catalogueForget: void;
}

/** The argument of the stream `search`: a query as typed, of one phone or of all. */
export const SEARCH_ARGUMENT = shape({
  text: text({ max: 1024 }),
  device: optional(device),
  order: optional(oneOf(...SEARCH_ORDERS)),
  offset: whole(),
  limit: whole({ min: 1, max: 500 }),
});
