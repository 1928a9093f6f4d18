import { list, oneOf, optional, shape, text, truth, whole, type Check } from './check.ts';
import type { DeviceKey, LocalPath, TransferId } from './domain.ts';
import {
  PHOTO_KINDS,
  PHOTO_STATES,
  type Freeable,
  type FreeReport,
  type PhotoCounts,
  type PhotoDay,
  type PhotoSettings,
  type PhotoShot,
  type ShotId,
} from './photos.ts';

/** The commands of photos, part of the one contract. Each check is beside its type, as there. */

const device = text<DeviceKey>({ max: 1024, min: 1 });
const local = text<LocalPath>({ min: 1 });
const shots = list(text<ShotId>({ max: 64, min: 1 }), { max: 200_000 });
const template = text({ max: 400 });
const page = { offset: whole(), limit: whole({ min: 1, max: 1000 }) };
const filter = shape({
  states: optional(list(oneOf(...PHOTO_STATES), { max: PHOTO_STATES.length })),
  kinds: optional(list(oneOf(...PHOTO_KINDS), { max: PHOTO_KINDS.length })),
  largerThan: optional(whole()),
});
/** Without a limit all that have a proven copy; at least one is named by whoever frees. */
const limits = {
  takenBefore: optional(whole()),
  largerThan: optional(whole()),
};

/** The argument of each command of photos, as its run-time check. */
export const PHOTO_COMMANDS = {
  /** Looks at the phone's photos, or looks again; follow it in the stream `photos`. Replies when the shots can be asked for. */
  photosLook: shape({ device }),
  /** Days with their events, newest first. */
  photosDays: shape({ device, filter: optional(filter) }),
  /** A page of the shots, newest first; in the order of `photosDays` with the same filter. */
  photosShots: shape({ device, filter: optional(filter), ...page }),
  /** Ids of all shots, for *select all*. */
  photosIds: shape({ device, filter: optional(filter) }),
  /** Queues the import of these shots, or of all new ones; what is left out comes from the settings. */
  photosImport: shape({
    device,
    shots: optional(shots),
    to: optional(local),
    folders: optional(template),
    names: optional(template),
    /** Takes what was imported before, too. */
    again: optional(truth),
  }),
  /** Where a shot would go. Without one, where a made-up one would, for the settings. */
  photosExample: shape({ device: optional(device), folders: template, names: template }),
  /** Changes what is given, and replies with the whole. */
  photosSettings: shape({
    /** An empty text: the usual folder. */
    to: optional(text<LocalPath>()),
    /** Where second copies go, a folder that is there. An empty text: there are none. */
    also: optional(text<LocalPath>()),
    folders: optional(template),
    names: optional(template),
    library: optional(list(local, { max: 100 })),
    messengers: optional(truth),
  }),
  /** Whether new photos of a phone are imported whenever it is plugged in; `bad-request` for one that nothing identifies. */
  photosAutomatic: shape({ device, on: truth }),
  /** An import at the plug that was announced (`PhonePhotos.soon`) does not begin; the next plug announces it again. */
  photosNotNow: shape({ device }),
  /** Shots that could be freed: looks at every copy, and changes nothing. */
  photosFreeable: shape({ device, ...limits }),
  /** Deletes these shots on the phone, one by one, each only if its copies are proved right before. Never all by default. */
  photosFree: shape({ device, shots }),
} as const satisfies Readonly<Record<string, Check<unknown>>>;

/** What a window can ask about photos: the keys of `PHOTO_COMMANDS`. */
export type PhotoCommandName = keyof typeof PHOTO_COMMANDS;

/** What each command of photos replies with if it succeeds. */
export interface PhotoReplies {
  photosLook: void;
  photosDays: { readonly days: readonly PhotoDay[]; readonly counts: PhotoCounts };
  photosShots: { readonly total: number; readonly shots: readonly PhotoShot[] };
  photosIds: { readonly ids: readonly ShotId[] };
  /** `transfer` is `undefined` where there is nothing to import. */
  photosImport: {
    readonly transfer: TransferId | undefined;
    /** The transfer of the second copies. */
    readonly second: TransferId | undefined;
    readonly counts: PhotoCounts;
  };
  /** A path below the destination, with `/`. */
  photosExample: { readonly path: string };
  photosSettings: PhotoSettings;
  photosAutomatic: void;
  photosNotNow: void;
  photosFreeable: { readonly counts: PhotoCounts; readonly shots: readonly Freeable[] };
  photosFree: FreeReport;
}
