import { list, nothing, oneOf, optional, shape, text, truth, whole, type Check, type Checked } from './check.ts';
import {
  CONFLICT_RULES,
  LARGE_UPLOADS,
  NAME_RULES,
  VERIFY_LEVELS,
  phonePath,
  type DeviceKey,
  type FirstCheck,
  type ItemId,
  type LocalPath,
  type PhonePath,
  type StorageKey,
  type TransferId,
} from './domain.ts';
import { CATALOGUE_COMMANDS, SEARCH_ARGUMENT, type CatalogueReplies } from './catalogue-contract.ts';
import type { CatalogueSnapshot, SearchSnapshot } from './catalogue.ts';
import type { Problem } from './errors.ts';
import type { CopiesSnapshot, CopyId, LookSnapshot } from './opening.ts';
import { PHOTO_COMMANDS, type PhotoReplies } from './photos-contract.ts';
import type { PhotosSnapshot } from './photos.ts';
import { SYNC_COMMANDS, type SyncReplies } from './sync-contract.ts';
import type { SyncSnapshot } from './sync.ts';
import type {
  DevicesSnapshot,
  FolderSnapshot,
  HostInfo,
  ItemsSnapshot,
  ItemView,
  LocalEntry,
  QuestionId,
  ReportLine,
  Settings,
  TransfersSnapshot,
  TransferView,
} from './snapshots.ts';
import { MOST_COPIES, type VerificationSnapshot } from './verify.ts';
import { LANGUAGE_CHOICES } from './words/languages.ts';

/**
 * Everything a window and the engine send each other, over Electron IPC and the loopback WebSocket alike: commands
 * (request → reply) and streams (the current snapshot first, then newer ones). Each argument's check is beside its
 * type, and the host runs it before the engine sees anything.
 */

const device = text<DeviceKey>({ max: 1024, min: 1 });
const storage = text<StorageKey>({ max: 2048, min: 1 });
const transfer = text<TransferId>({ max: 64, min: 1 });
const item = whole<ItemId>({ min: 1 });
const question = text<QuestionId>({ max: 64, min: 1 });
const local = text<LocalPath>({ min: 1 });
const copy = text<CopyId>({ max: 64, min: 1 });
/** Number of a comparison, as the window made it. */
const verification = text({ max: 64, min: 1 });
/** A path as the window built it; must be in canonical form. */
const path: Check<PhonePath> = (value, at) => phonePath(text({ min: 1 })(value, at));
const place = shape({ device, storage, path });
const name = text({ min: 1, max: 4096 });

const options = shape({
  onConflict: optional(oneOf(...CONFLICT_RULES)),
  onName: optional(oneOf(...NAME_RULES)),
  verify: optional(oneOf(...VERIFY_LEVELS)),
  large: optional(oneOf(...LARGE_UPLOADS)),
  move: optional(truth),
});

const settings = shape({
  onConflict: optional(oneOf(...CONFLICT_RULES)),
  onName: optional(oneOf(...NAME_RULES)),
  verify: optional(oneOf(...VERIFY_LEVELS)),
  large: optional(oneOf(...LARGE_UPLOADS)),
  downloadFolder: optional(local),
  showHidden: optional(truth),
  notifications: optional(truth),
  preventSleep: optional(truth),
  appearance: optional(oneOf('system', 'light', 'dark')),
  language: optional(oneOf(...LANGUAGE_CHOICES)),
  catalogue: optional(truth),
});

/** The argument of each command, as its run-time check. */
export const COMMANDS = {
  /** Copies local files and folders to a phone folder. */
  upload: shape({ sources: list(local, { min: 1 }), to: place, options: optional(options) }),
  /** Copies objects of a phone to a local folder. */
  download: shape({ sources: list(place, { min: 1 }), to: optional(local), options: optional(options) }),
  pause: shape({ transfer }),
  resume: shape({ transfer }),
  cancel: shape({ transfer }),
  pauseAll: nothing,
  resumeAll: nothing,
  /** Queues the failed items of a transfer again, or one of them. */
  retry: shape({ transfer, item: optional(item) }),
  /** Removes a finished transfer from the list; it stays in the history. */
  remove: shape({ transfer }),
  removeFinished: nothing,
  /** Moves a transfer before another, or to the end. */
  reorder: shape({ transfer, before: optional(transfer) }),
  /** Answers the question that was shown; one that the item does not ask any more is refused, and nothing is changed. */
  answer: shape({
    transfer,
    item,
    question,
    choice: oneOf('skip', 'replace', 'keep-both', 'use-legal-name', 'cancel'),
    applyToAll: truth,
  }),
  /** New location of a missing source: a file, or a folder that is searched for all missing ones by fingerprint. */
  locate: shape({ transfer, path: local }),
  makeFolder: shape({ place, name }),
  rename: shape({ place, name }),
  /** Moves objects to another folder of the same phone. */
  moveOnPhone: shape({ sources: list(place, { min: 1 }), to: place }),
  copyOnPhone: shape({ sources: list(place, { min: 1 }), to: place }),
  /** With `agreement` of `measure` only what was counted then goes: what is new or has changed since stays. */
  delete: shape({ sources: list(place, { min: 1 }), agreement: optional(text({ max: 64 })) }),
  /** Counts and sizes a folder with all in it; `agreement` stands for what was counted. */
  measure: shape({ sources: list(place, { min: 1 }) }),
  thumbnail: shape({ place }),
  /** A larger picture of one file. A newer request cancels an older one of the same phone. */
  preview: shape({ place }),
  /** Picture of an item on this computer: its source, or the existing file at its target. */
  localPicture: shape({ transfer, item }),
  /** Size of the thumbnail cache on this computer. */
  keptPictures: nothing,
  clearPictures: nothing,
  /** What Replug itself has copied to or from this place and how it was verified, newest first. */
  copies: shape({ place }),
  /** Lists the folder again. */
  refresh: shape({ place }),
  /** Tries to open the phone again, after it was unlocked or the holder was closed. */
  retryDevice: shape({ device }),
  /** Stops trying to reach an unresponsive phone, until `retryDevice` or a replug. */
  restDevice: shape({ device }),
  /**
   * Answers an `IdentityQuestion`: `device` is the phone previously known as `as`, and everything that waited for it
   * continues with this one. Without `as` it is none of them, and the question is not repeated until the next plug.
   */
  identifyDevice: shape({ device, as: optional(device) }),
  /**
   * Answers a `StorageQuestion`: what waited for `storage` continues with the present storage `as`. Without `as` it is none
   * of those there are, and they are not asked about again until the next plug.
   */
  identifyStorage: shape({ device, storage, as: optional(storage) }),
  /** Asks the program that holds the phone to release it. */
  releaseDevice: shape({ device }),
  /** What on this computer would keep a phone from being opened, for a window that shows none. */
  firstChecks: nothing,
  /** Makes a `releasable` program of `firstChecks` quit. */
  quitProgram: shape({ program: text({ max: 200, min: 1 }) }),
  getSettings: nothing,
  setSettings: settings,
  hostInfo: nothing,
  /** Folders and files of the host, for *Save to…* in a browser. */
  listLocal: shape({ path: optional(local), filesToo: optional(truth) }),
  /** The system's file chooser, if the host has one (`HostInfo.canPick`); otherwise the window uses `listLocal`. */
  pickLocal: shape({ kind: oneOf('folder', 'file'), title: optional(text({ max: 200 })) }),
  /**
   * Copies to a temporary folder and verifies there, so that the files can be dragged out of the window. Replies when
   * they are complete. It is an ordinary transfer, so its progress is visible.
   */
  prepareDrag: shape({ sources: list(place, { min: 1, max: 1000 }) }),
  /**
   * Fetches a copy of a phone's file for programs to open, and replies once it is complete and compared with it; see
   * stream `copies`. Ends with `cancelled` after `stopCopy`.
   */
  fetchCopy: shape({ place, edit: optional(truth) }),
  stopCopy: shape({ copy }),
  /**
   * Opens a copy with the system's program for it, or with one that is asked for, or shows it in its folder. Programs and
   * scripts are only ever shown. In a browser the reply is an address for a tab.
   */
  openCopy: shape({ copy, how: oneOf('open', 'with', 'show') }),
  /** Queues the transfer that replaces the phone's file by its edited copy. */
  saveBack: shape({ copy }),
  /** Gives up the changes to a copy and deletes it. */
  discardCopy: shape({ copy }),
  /** Stops a comparison of the stream `verification`; what it has found so far stays. */
  stopVerification: shape({ id: verification }),
  /** Size of the copies on this computer that are only read. */
  keptCopies: nothing,
  clearCopies: nothing,
  /** Shows a local file in the system's file manager. */
  reveal: shape({ path: local }),
  /** Makes the phones a drive for other programs, and opens this one's folder in the file manager if the system mounts it. */
  showDrive: shape({ device }),
  history: shape({
    search: optional(text({ max: 1024 })),
    offset: optional(whole()),
    limit: optional(whole({ min: 1, max: 1000 })),
  }),
  report: shape({ transfer, format: oneOf('json', 'csv', 'lines') }),
  /** Starts a virtual phone: a folder that behaves like an Android phone. */
  startVirtual: shape({ folder: optional(local) }),
  /** Unplugs or plugs in the virtual phone. */
  plugVirtual: shape({ device, plugged: truth }),
  diagnostics: nothing,
  /**
   * The report of a phone, for *Report this phone*, or without one of this computer alone. Replug lets go of the phone
   * meanwhile, asks it a few harmless questions, and takes it back.
   */
  phoneReport: shape({ device: optional(device) }),
  ...SYNC_COMMANDS,
  ...CATALOGUE_COMMANDS,
  ...PHOTO_COMMANDS,
} as const satisfies Readonly<Record<string, Check<unknown>>>;

/** What a window can ask of the engine: the keys of `COMMANDS`. */
export type CommandName = keyof typeof COMMANDS;
/** The argument of one command, as its check returns it. */
export type CommandArgument<N extends CommandName> = Checked<(typeof COMMANDS)[N]>;

/** What each command replies with if it succeeds; `void` where success is all there is to tell. */
export interface Replies extends SyncReplies, CatalogueReplies, PhotoReplies {
  upload: { readonly transfer: TransferId };
  download: { readonly transfer: TransferId };
  pause: void;
  resume: void;
  cancel: void;
  pauseAll: void;
  resumeAll: void;
  retry: void;
  remove: void;
  removeFinished: void;
  reorder: void;
  answer: void;
  locate: { readonly found: number; readonly missing: readonly string[] };
  makeFolder: void;
  rename: void;
  moveOnPhone: void;
  copyOnPhone: void;
  delete: { readonly deleted: number };
  measure: {
    readonly files: number;
    readonly folders: number;
    readonly bytes: number;
    readonly agreement: string;
  };
  /** A `data:` URL of an image, if there is one. */
  thumbnail: { readonly url: string | undefined };
  preview: { readonly url: string | undefined };
  localPicture: { readonly url: string | undefined };
  keptPictures: { readonly bytes: number };
  clearPictures: void;
  copies: { readonly copies: readonly ItemView[] };
  refresh: void;
  retryDevice: void;
  restDevice: void;
  identifyDevice: void;
  identifyStorage: void;
  releaseDevice: { readonly released: boolean };
  firstChecks: { readonly found: readonly FirstCheck[] };
  quitProgram: { readonly told: boolean };
  getSettings: Settings;
  setSettings: Settings;
  hostInfo: HostInfo;
  listLocal: {
    readonly path: LocalPath;
    readonly parent: LocalPath | undefined;
    readonly entries: readonly LocalEntry[];
  };
  /** `undefined` if the user chose nothing. */
  pickLocal: { readonly path: LocalPath | undefined };
  prepareDrag: { readonly paths: readonly LocalPath[] };
  fetchCopy: { readonly copy: CopyId; readonly name: string; readonly isProgram: boolean };
  stopCopy: void;
  /** `address`: for a new tab, relative to the window's page. `shown`: it was shown in its folder instead of opened. */
  openCopy: { readonly address: string | undefined; readonly shown: boolean };
  saveBack: { readonly transfer: TransferId };
  discardCopy: { readonly discarded: boolean };
  stopVerification: void;
  keptCopies: { readonly bytes: number };
  clearCopies: void;
  reveal: void;
  /** `url`: its address, for programs that open one. `mounted`: the file manager shows it. */
  showDrive: { readonly url: string; readonly mounted: boolean };
  history: { readonly total: number; readonly transfers: readonly TransferView[] };
  report: { readonly text: string; readonly lines: readonly ReportLine[] };
  startVirtual: { readonly device: DeviceKey; readonly folder: LocalPath };
  plugVirtual: void;
  diagnostics: { readonly text: string };
  /** `name`: for the file. Not `complete` if something ended the questions early; the report says what. */
  phoneReport: { readonly text: string; readonly name: string; readonly complete: boolean };
}
/** The reply to one command. */
export type CommandReply<N extends CommandName> = Replies[N];

/** The argument of each stream. */
export const STREAMS = {
  devices: nothing,
  transfers: nothing,
  items: shape({
    transfer,
    offset: whole(),
    limit: whole({ min: 1, max: 500 }),
    only: optional(oneOf('all', 'failed', 'unfinished')),
  }),
  folder: shape({ place }),
  settings: nothing,
  /** Copies that are being fetched to be opened, and those that can be edited. */
  copies: nothing,
  /** One file of a phone, to be looked at. It is open for as long as the subscription lasts. */
  look: shape({ place }),
  /** The folder pairs and their activity. */
  sync: nothing,
  /** What is remembered of which phone, and how far that is. */
  catalogue: nothing,
  /** Searches what is remembered. The search lasts as long as the subscription. */
  search: SEARCH_ARGUMENT,
  /** What is known of the photos of each phone. */
  photos: nothing,
  /**
   * Compares a folder or file of this computer with one of a phone, and changes nothing. It begins with the first
   * subscription of its `id`, and is the same for each. Without any it goes on for some minutes, in which a window that is
   * loaded again finds it. `most`: differences to be listed. `join`: only one that is there; refused as `missing` where
   * none is.
   */
  verification: shape({
    id: verification,
    local,
    place,
    level: oneOf(...VERIFY_LEVELS),
    most: whole({ max: MOST_COPIES }),
    join: optional(truth),
  }),
} as const satisfies Readonly<Record<string, Check<unknown>>>;

/** What a window can subscribe to: the keys of `STREAMS`. */
export type StreamName = keyof typeof STREAMS;
/** The argument of one stream, as its check returns it. */
export type StreamArgument<N extends StreamName> = Checked<(typeof STREAMS)[N]>;

/** What each stream sends: whole snapshots, except `folder`, whose entries arrive in batches. */
export interface Snapshots {
  devices: DevicesSnapshot;
  transfers: TransfersSnapshot;
  items: ItemsSnapshot;
  folder: FolderSnapshot;
  settings: Settings;
  copies: CopiesSnapshot;
  look: LookSnapshot;
  sync: SyncSnapshot;
  catalogue: CatalogueSnapshot;
  search: SearchSnapshot;
  photos: PhotosSnapshot;
  verification: VerificationSnapshot;
}

/** Errors are sent as data, because a thrown one would lose everything but its message. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Problem };

/** A snapshot of a stream with its number: 1, 2, 3 … within one subscription. */
export interface Numbered<T> {
  readonly number: number;
  readonly snapshot: T;
}

/**
 * The engine as a window sees it. Two implementations: Electron IPC and the loopback WebSocket.
 */
export interface Bridge {
  command<N extends CommandName>(name: N, argument: CommandArgument<N>): Promise<Reply<CommandReply<N>>>;
  /**
   * Calls `listener` with the current snapshot, then with newer ones, or `refused` if the host denies the
   * subscription. Returns the unsubscribe function.
   */
  subscribe<N extends StreamName>(
    name: N,
    argument: StreamArgument<N>,
    listener: (update: Numbered<Snapshots[N]>) => void,
    refused?: (problem: Problem) => void,
  ): () => void;
  /**
   * Converts files dropped on the window to paths the engine can read: directly in Electron; in a browser by
   * uploading them to the host's spool folder first (`onProgress` in bytes). A file that cannot be read is reported
   * to `onProblem`; the others continue.
   */
  acceptDrop(
    files: readonly DroppedFile[],
    onProgress?: (sent: number, total: number) => void,
    onProblem?: (problem: Problem) => void,
  ): Promise<Reply<readonly LocalPath[]>>;
  /** Reports whether the host answers, for the window to show. */
  onConnection(listener: (state: 'connected' | 'lost') => void): () => void;
}

/**
 * A dropped or picked file; `path` is relative to the dropped folder, with `/`. `file` is a DOM `File`, or
 * `undefined` for an empty folder.
 */
export interface DroppedFile {
  readonly path: string;
  readonly file: unknown;
}

/** Messages of the loopback WebSocket and of Electron's channel `replug`. */
export type ToHost =
  | { readonly kind: 'command'; readonly id: number; readonly name: string; readonly argument?: unknown }
  | { readonly kind: 'subscribe'; readonly id: number; readonly name: string; readonly argument?: unknown }
  | { readonly kind: 'unsubscribe'; readonly id: number };
/** What the host sends back; `id` is that of the message that asked for it. */
export type FromHost =
  | { readonly kind: 'reply'; readonly id: number; readonly reply: Reply<unknown> }
  | { readonly kind: 'snapshot'; readonly id: number; readonly number: number; readonly snapshot: unknown }
  | { readonly kind: 'refused'; readonly id: number; readonly error: Problem };
