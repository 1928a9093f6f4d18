import type { Brand, Device, DeviceKey, Instant, LocalPath, PhonePath, StorageKey } from './domain.ts';
import type { Problem } from './errors.ts';

/** Photos: what is on a phone, what of it is new, what was imported, and what can be freed. */

/** Identity of a shot on one phone: stays the same from look to look as long as the file has its path. */
export type ShotId = Brand<string, 'ShotId'>;
/** Takes a string that is already known to be a shot's id; checks nothing. */
export const shotId = (text: string): ShotId => text as ShotId;

/** What a shot is, as the filters of the page have it. */
export type PhotoKind = 'photo' | 'video' | 'screenshot';
/** All values of `PhotoKind`, for checks and forms. */
export const PHOTO_KINDS: readonly PhotoKind[] = ['photo', 'video', 'screenshot'];

/**
 * What is known of a shot: nothing (`new`); it was imported from this phone, whatever became of the copy; its content is
 * in the library; an import that has not ended has it.
 */
export type PhotoState = 'new' | 'imported' | 'in-library' | 'under-way';
/** All values of `PhotoState`, for checks and forms. */
export const PHOTO_STATES: readonly PhotoState[] = ['new', 'imported', 'in-library', 'under-way'];

/** Where a date comes from: the picture or the video itself, its name, or what the phone says of the file. */
export type DateSource = 'picture' | 'name' | 'phone';

/** One file of a shot. */
export interface PhotoPart {
  readonly storage: StorageKey;
  readonly path: PhonePath;
  /** Bytes. */
  readonly size: number;
  readonly modified: Instant | undefined;
  readonly state: PhotoState;
}

/** What was taken with one press of the button: RAW and JPEG, a moving picture, with the files that belong to it. */
export interface PhotoShot {
  readonly id: ShotId;
  readonly kind: PhotoKind;
  /** The first is the one to be shown. */
  readonly parts: readonly [PhotoPart, ...PhotoPart[]];
  /** Bytes of all parts. */
  readonly bytes: number;
  /** `undefined` where neither the file nor the phone tells. */
  readonly taken: Instant | undefined;
  readonly takenFrom: DateSource;
  /** `new` where any of its parts is. */
  readonly state: PhotoState;
  /** Shots with the same text are one burst. */
  readonly burst: string | undefined;
}

/** A run of shots without a gap of hours. */
export interface PhotoEvent {
  /** Place of its first shot among those of the query, and how many there are. */
  readonly offset: number;
  readonly shots: number;
  readonly from: Instant;
  readonly to: Instant;
}

/** A day of the computer's time zone; `day` is `2026-05-02`, or `undefined` for shots without a date. */
export interface PhotoDay {
  readonly day: string | undefined;
  readonly offset: number;
  readonly shots: number;
  readonly new: number;
  readonly bytes: number;
  /** Newest first, as the shots. */
  readonly events: readonly PhotoEvent[];
}

/** Which shots; what is left out lets all through. */
export interface PhotoFilter {
  readonly states?: readonly PhotoState[] | undefined;
  readonly kinds?: readonly PhotoKind[] | undefined;
  /** Bytes of all parts; shots of this size and smaller are left out. */
  readonly largerThan?: number | undefined;
}

/** Figures of a set of shots. */
export interface PhotoCounts {
  readonly shots: number;
  readonly files: number;
  readonly bytes: number;
}

/** How a look at a phone's photos goes. */
export type PhotoLook =
  /** Nobody has asked for it yet. */
  | { readonly kind: 'none' }
  | { readonly kind: 'listing'; readonly folders: number; readonly files: number }
  /** The folders of the library. */
  | { readonly kind: 'indexing'; readonly files: number }
  /** Files whose size meets a known one. */
  | { readonly kind: 'comparing'; readonly done: number; readonly all: number }
  /** Dates of new files; the shots can be asked for already. */
  | { readonly kind: 'dating'; readonly done: number; readonly all: number }
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly problem: Problem };

/** What is known of one phone's photos. */
export interface PhonePhotos {
  readonly device: DeviceKey;
  readonly look: PhotoLook;
  /** Grows with every change of the shots: then pages are asked for anew. */
  readonly version: number;
  readonly all: PhotoCounts;
  readonly new: PhotoCounts;
  /** Folders of the phone that could not be listed, folders of the library that are away. */
  readonly problems: readonly Problem[];
  /** Of a freeing under way. */
  readonly freeing: { readonly done: number; readonly all: number } | undefined;
  /** What is new is imported by itself at that time, unless somebody stops it. */
  readonly soon: { readonly at: Instant; readonly counts: PhotoCounts } | undefined;
}

/** All phones whose photos were looked at. */
export interface PhotosSnapshot {
  readonly phones: readonly PhonePhotos[];
  readonly settings: PhotoSettings;
}

/** What is kept from import to import. */
export interface PhotoSettings {
  /** Where copies go; `undefined`: a folder of the phone's name below Pictures. */
  readonly to: LocalPath | undefined;
  /** Where second copies go, and where the disk of that folder is mounted; `undefined`: there are none. */
  readonly second: { readonly folder: LocalPath; readonly mount: string } | undefined;
  /** Folders below it, and names: text with `{year}` and the other words of `TEMPLATE_WORDS`. */
  readonly folders: string;
  readonly names: string;
  /** Folders of the computer that hold photos already; the destination counts without being named. */
  readonly library: readonly LocalPath[];
  /** Whether media of WhatsApp and Telegram count. */
  readonly messengers: boolean;
  /** Phones whose new photos are imported whenever they are plugged in. */
  readonly automatic: readonly DeviceKey[];
}

/** Until a person says otherwise. */
export const DEFAULT_PHOTO_SETTINGS: PhotoSettings = {
  to: undefined,
  second: undefined,
  folders: '{year}/{month}',
  names: '{name}',
  library: [],
  messengers: false,
  automatic: [],
};

/**
 * Words of a template. `date` is `2026-05-02`, `time` `201531`; `camera` is what the picture says, else the phone's model;
 * `name` is the file's own without its ending; `counter` is the first free number of the folder, with four digits.
 */
export type TemplateWord = 'year' | 'month' | 'day' | 'date' | 'time' | 'camera' | 'name' | 'counter';
/** All words of templates, for forms and messages. */
export const TEMPLATE_WORDS: readonly TemplateWord[] = [
  'year',
  'month',
  'day',
  'date',
  'time',
  'camera',
  'name',
  'counter',
];

/** Why a shot was not freed. */
export type NotFreed =
  /** It is not as it was imported. */
  | 'phone-changed'
  /** It is not where it was: somebody deleted, moved or renamed it. */
  | 'gone'
  /** No copy is where it was saved: it was moved, renamed or deleted, or its disk is away. */
  | 'copy-missing'
  /** The copy has another size, date or content. */
  | 'copy-changed'
  /** It was never imported, or not all of it. */
  | 'not-imported'
  /** The phone cannot be read in parts, refuses to delete it, or the like; with the problem. */
  | 'failed';

/** A shot that can be freed: all of its parts have copies that are there and unchanged. */
export interface Freeable {
  readonly shot: PhotoShot;
  /** The copies on this computer, part by part. */
  readonly copies: readonly LocalPath[];
}

/** What became of one shot that was to be freed. */
export interface FreedShot {
  /** As it was before. */
  readonly shot: PhotoShot;
  /** All of its parts were deleted. */
  readonly freed: boolean;
  /** The parts that were deleted; of a shot that stays, it may be some. */
  readonly deleted: readonly PhotoPart[];
  /** The parts that were not there any more when they were to be deleted. */
  readonly gone: readonly PhotoPart[];
  readonly why: NotFreed | undefined;
  /** The part it is about: of a shot that stays, the one that did not go. */
  readonly path: PhonePath;
  readonly problem: Problem | undefined;
}

/**
 * What a freeing did. A shot of which a part is left is kept, one of which nothing is left and not all was deleted is gone;
 * files and bytes are counted as what became of each.
 */
export interface FreeReport {
  readonly freed: PhotoCounts;
  readonly gone: PhotoCounts;
  readonly kept: PhotoCounts;
  readonly shots: readonly FreedShot[];
}

/** Told with nobody asking: an import begins at `at` unless somebody stops it; one has begun. */
export type PhotoNotice =
  | { readonly kind: 'soon'; readonly device: Device; readonly counts: PhotoCounts; readonly at: Instant }
  | { readonly kind: 'importing'; readonly device: Device; readonly counts: PhotoCounts };
