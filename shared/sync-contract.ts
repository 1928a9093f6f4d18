import { list, oneOf, optional, shape, text, truth, whole, type Check } from './check.ts';
import { VERIFY_LEVELS, phonePath, type DeviceKey, type LocalPath, type PhonePath, type StorageKey } from './domain.ts';
import {
  SYNC_CONFLICTS,
  SYNC_DELETIONS,
  SYNC_DIRECTIONS,
  SYNC_KINDS,
  SYNC_LAYOUTS,
  SYNC_REMOVED,
  SYNC_STATUSES,
  type PairId,
  type PresetPair,
  type PreviewId,
  type ShownPreview,
  type SyncAction,
  type SyncFile,
  type SyncPair,
  type SyncRun,
} from './sync.ts';

/** The commands of folder sync, part of the one contract. Each check is beside its type, as there. */

const pair = text<PairId>({ max: 64, min: 1 });
const preview = text<PreviewId>({ max: 64, min: 1 });
const path: Check<PhonePath> = (value, at) => phonePath(text({ min: 1 })(value, at));
const place = shape({
  device: text<DeviceKey>({ max: 1024, min: 1 }),
  storage: text<StorageKey>({ max: 2048, min: 1 }),
  path,
});
const pattern = text({ min: 1, max: 4096 });
const share: Check<number> = (value, at) => {
  // a percentage would be a whole number; a share is not
  if (typeof value === 'number' && value >= 0 && value <= 1) return value;
  return whole({ min: 0, max: 1 })(value, at);
};
const filters = shape({
  include: optional(list(pattern, { max: 1000 })),
  exclude: optional(list(pattern, { max: 1000 })),
  kinds: optional(list(oneOf(...SYNC_KINDS), { max: SYNC_KINDS.length })),
  newerThan: optional(whole()),
  largerThan: optional(whole()),
});
/** Options of a new pair, which can be changed later. */
const choices = {
  name: optional(text({ min: 1, max: 200 })),
  filters: optional(filters),
  deletions: optional(oneOf(...SYNC_DELETIONS)),
  deletionLimit: optional(share),
  conflicts: optional(oneOf(...SYNC_CONFLICTS)),
  removed: optional(oneOf(...SYNC_REMOVED)),
  verify: optional(oneOf(...VERIFY_LEVELS)),
  layout: optional(oneOf(...SYNC_LAYOUTS)),
  automatic: optional(truth),
};
const page = { offset: whole(), limit: whole({ min: 1, max: 1000 }) };

/** The argument of each command of folder sync, as its run-time check. */
export const SYNC_COMMANDS = {
  syncAdd: shape({
    place,
    local: text<LocalPath>({ min: 1 }),
    direction: oneOf(...SYNC_DIRECTIONS),
    ...choices,
  }),
  /** `local`: the folder that has the copies now, or will have from now on. */
  syncChange: shape({ pair, local: optional(text<LocalPath>({ min: 1 })), ...choices }),
  /** The files are not deleted. */
  syncRemove: shape({ pair }),
  /** Suggested pairs for this phone. */
  syncPresets: shape({ device: text<DeviceKey>({ max: 1024, min: 1 }) }),
  /** Scans both sides and returns what a run would do; `syncActions` returns the details. */
  syncPreview: shape({ pair }),
  /** A page of a preview; empty for one that is no longer kept. */
  syncActions: shape({ preview, ...page, only: optional(oneOf('copy', 'skip', 'rename', 'delete')) }),
  /**
   * Starts a run; follow it in the stream `sync`. `confirmDeletions`: the preview whose deletions the user has agreed to, which
   * covers what it listed and nothing else. `confirmMissing`: the preview of which the user wants the missing copies made
   * again, and no others.
   */
  syncRun: shape({ pair, confirmDeletions: optional(preview), confirmMissing: optional(preview) }),
  /** Cancels an automatic run that is about to start, or stops a running one. */
  syncStop: shape({ pair }),
  syncHistory: shape({ pair, ...page }),
  syncFiles: shape({
    pair,
    search: optional(text({ max: 1024 })),
    status: optional(oneOf(...SYNC_STATUSES)),
    ...page,
  }),
  /**
   * `pending`: decided again at the next run. `skipped`: left out until it changes. Without paths: all failed and
   * skipped files.
   */
  syncMark: shape({
    pair,
    status: oneOf('pending', 'skipped'),
    paths: optional(list(text({ min: 1 }), { max: 10_000 })),
  }),
  /** Entries of a phone's folder that are backed up on this computer. */
  syncBackedUp: shape({ place }),
} as const satisfies Readonly<Record<string, Check<unknown>>>;

/** What a window can ask about pairs: the keys of `SYNC_COMMANDS`. */
export type SyncCommandName = keyof typeof SYNC_COMMANDS;

/** A file as it was when it was backed up. If it differs now, it is not backed up. */
export interface BackedUp {
  readonly name: string;
  readonly size: number;
  readonly modified: number | undefined;
}

/** What each command of folder sync replies with if it succeeds. */
export interface SyncReplies {
  syncAdd: SyncPair;
  syncChange: SyncPair;
  syncRemove: void;
  syncPresets: readonly PresetPair[];
  syncPreview: ShownPreview;
  syncActions: { readonly total: number; readonly actions: readonly SyncAction[] };
  syncRun: void;
  syncStop: void;
  syncHistory: readonly SyncRun[];
  syncFiles: { readonly total: number; readonly files: readonly SyncFile[] };
  syncMark: { readonly changed: number };
  syncBackedUp: readonly BackedUp[];
}
