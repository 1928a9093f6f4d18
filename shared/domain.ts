import type { Advice, Fault } from './sentences.ts';

/**
 * The terms of Replug, shared by the engine and the window. Pure types and total functions: nothing here touches a
 * file, a cable or a clock.
 */

declare const brand: unique symbol;
/** A string that only its own constructor returns, so that a `DeviceKey` is never mistaken for a `StorageKey`. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/**
 * Identity of a phone across unplugs, ports and USB modes: maker and serial number. The product id is left out,
 * because it differs between "charging only" and "file transfer". A phone whose serial number is not unique gets a
 * key for one plug (`anonymousKey`).
 */
export type DeviceKey = Brand<string, 'DeviceKey'>;
/**
 * Which storage of a phone: type, description and capacity. Storage ids live for one connection only
 * (Android 9 and later), so they are never stored.
 */
export type StorageKey = Brand<string, 'StorageKey'>;
/** An absolute path inside one storage: `/` for its root, `/DCIM/Camera` below it. Only the root ends in `/`. */
export type PhonePath = Brand<string, 'PhonePath'>;
/** Identity of a transfer; stays the same when the program is started again. */
export type TransferId = Brand<string, 'TransferId'>;
/** Number of an item in the store, from 1. */
export type ItemId = Brand<number, 'ItemId'>;
/** An absolute path on the computer, in its system's notation. */
export type LocalPath = Brand<string, 'LocalPath'>;
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

/** The key of a phone that its maker and serial number identify; case of the maker and outer spaces do not count. */
export const deviceKey = (maker: string, serial: string): DeviceKey =>
  `${maker.trim().toLowerCase()}#${serial.trim()}` as DeviceKey;

/** Serial numbers used as placeholders. Runs of digits and repeated characters are recognised by their form. */
const PLACEHOLDER_SERIALS: ReadonlySet<string> = new Set(
  (
    'unknown none null nil na undefined default serial serialnumber noserial sn nosn invalid notavailable notset ' +
    // Allwinner's gadget; MediaTek's, Rockchip's and the kernel's own count up or down
    'unspecified empty tobefilledbyoem android mtp mtpdevice usb device phone test 20080411'
  ).split(' '),
);
const HEX = '0123456789abcdef';

/**
 * Whether a serial number distinguishes one phone from another. Cheap phones of many makers all report
 * `0123456789ABCDEF`, zeros or nothing; two of those are never treated as the same phone.
 */
export function identifies(serial: string): boolean {
  const text = serial.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
  if (text === '' || PLACEHOLDER_SERIALS.has(text)) return false;
  // one character repeated; zeros followed by one character
  if (/^(.)\1*$/u.test(text) || /^0{6,}.$/u.test(text)) return false;
  return !(text.length >= 5 && (counts(text, 1) || counts(text, -1)));
}
/** `01234567`, `1234567890`, `0123456789ABCDEF`, `fedcba9876543210`: each character follows the one before it. */
const counts = (text: string, step: 1 | -1): boolean =>
  [...text].every((character, index) => {
    const before = text[index - 1];
    if (before === undefined) return HEX.includes(character);
    const [from, to] = step === 1 ? [before, character] : [character, before];
    const value = HEX.indexOf(from);
    return value >= 0 && (HEX[(value + 1) % 16] === to || ['90', '0a'].includes(from + to));
  });

/** Key for one plug of a phone that nothing identifies; `random` must never be reused. */
export const anonymousKey = (maker: string, random: string): DeviceKey => deviceKey(maker, `?${random}`);
/** Whether data stored under this key can be assigned to a phone only by asking the user. */
export function isAnonymous(key: DeviceKey): boolean {
  const serial = key.slice(key.lastIndexOf('#') + 1);
  // `unnamed-…`: keys of earlier versions for phones without a serial number
  return serial.startsWith('?') || serial.startsWith('unnamed-') || !identifies(serial);
}

/**
 * Key of a phone that only its USB descriptor identifies: over MTP it reports a placeholder. The descriptor's serial number
 * may name the port (QEMU's does), so a phone under a new such key may be one that is known under another.
 */
export const busKey = (maker: string, serial: string): DeviceKey => deviceKey(maker, `~${serial}`);
/** Whether a key comes from the USB descriptor alone (`busKey`). */
export const isBusKey = (key: DeviceKey): boolean => key.slice(key.lastIndexOf('#') + 1).startsWith('~');

/** The key of a storage without what tells identical ones apart; `type` is PTP's StorageType, `capacity` in bytes. */
export const storageKey = (type: number, description: string, capacity: number): StorageKey =>
  `${type}|${description.trim()}|${capacity}` as StorageKey;
/** Takes a string that is already known to be a transfer's id; checks nothing. */
export const transferId = (text: string): TransferId => text as TransferId;
/** Takes a number that is already known to be an item's id; checks nothing. */
export const itemId = (value: number): ItemId => value as ItemId;
/** Takes a string that is already known to be an absolute local path; checks nothing. */
export const localPath = (text: string): LocalPath => text as LocalPath;

/** The topmost folder of a storage. */
export const ROOT = '/' as PhonePath;

/**
 * Converts a name to a segment of a `PhonePath`. Android refuses names that contain `/`, but a hostile or unusual
 * responder may list one, or call a file `..`. Such names get look-alike characters, so that every path is
 * unambiguous.
 */
export function segmentOf(name: string): string {
  if (name === '') return '\u2400';
  if (name === '.') return '\u2024';
  if (name === '..') return '\u2025';
  return name.replaceAll('/', '\u2215').replaceAll('\0', '\u2400');
}

/**
 * Parses typed input: collapses repeated and trailing slashes, adds a missing leading one, and refuses `.` and `..`.
 */
export function phonePath(text: string): PhonePath {
  const segments = text.split('/').filter((segment) => segment !== '');
  if (segments.some((segment) => segment === '.' || segment === '..'))
    throw new RangeError(`a phone path has no "." or "..": ${text}`);
  return `/${segments.join('/')}` as PhonePath;
}
/** The path of `name` in `folder`; the name goes through `segmentOf` first, so it stays one segment. */
export const joinPhonePath = (folder: PhonePath, name: string): PhonePath =>
  (folder === ROOT ? `/${segmentOf(name)}` : `${folder}/${segmentOf(name)}`) as PhonePath;
/** The names along a path, topmost first; none for the root. */
export const segmentsOf = (path: PhonePath): readonly string[] => (path === ROOT ? [] : path.slice(1).split('/'));
/** The last name of a path; empty for the root. */
export const baseNameOf = (path: PhonePath): string => path.slice(path.lastIndexOf('/') + 1);
/** The folder that holds the path; the root is its own. */
export const parentOf = (path: PhonePath): PhonePath => path.slice(0, Math.max(1, path.lastIndexOf('/'))) as PhonePath;
/** Whether `path` is `folder` itself or is below it. */
export const isInside = (path: PhonePath, folder: PhonePath): boolean =>
  path === folder || folder === ROOT || path.startsWith(`${folder}/`);
/** The path that `path` has once the folder `from` is at `to`; `undefined` where it is neither `from` nor below it. */
export const pathAfterMove = (path: PhonePath, from: PhonePath, to: PhonePath): PhonePath | undefined =>
  isInside(path, from) ? (`${to}${path.slice(from.length)}` as PhonePath) : undefined;

/**
 * The key under which two names are the same file on a case-insensitive storage. Android silently overwrites
 * `Photo.JPG` if `photo.jpg` is sent (observed on its own server code), so every comparison before a write uses this
 * key.
 *
 * It folds like Android's storage (the kernel's `utf8nfdicf`, used by ext4 and f2fs): full case folding (`ß` is `ss`,
 * `ﬁ` is `fi`), canonical decomposition, and no invisible characters (soft hyphen, joiners, variation selectors). FAT
 * on a card folds less. Where the two differ, this key treats two names as one, which costs a question but never a
 * file.
 */
export function foldName(name: string): string {
  if (PLAIN.test(name)) return name.toLowerCase();
  const shown = name.normalize('NFD').replace(IGNORED, '');
  let folded = '';
  for (const character of shown) folded += foldCharacter(character);
  return folded.normalize('NFD');
}

const PLAIN = /^[\u0020-\u007e]*$/;
const IGNORED = /\p{Default_Ignorable_Code_Point}/gu;
/**
 * Full case folding of one character. Characters are folded one by one, because lower-casing in context turns `Σ`
 * into a final sigma.
 */
function foldCharacter(character: string): string {
  // upper case turns the dotless i into I; case folding does not
  if (character < '\u0080' || character === '\u0131') return character.toLowerCase();
  let folded = '';
  for (const upper of character.toLowerCase().toUpperCase()) folded += upper.toLowerCase();
  return folded;
}

/** One file or folder as the phone lists it. */
export interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  /** Bytes; 0 for a folder. */
  readonly size: number;
  /** `undefined` if the phone reported none, or an impossible one. */
  readonly modified: Instant | undefined;
}

/** What is being tried with a phone that does not respond; `rest`: nothing until a person asks again. */
export type RecoveryStep = 'wait' | 'open' | 'stop' | 'clear' | 'reset' | 'ask' | 'rest';

/** What can be done with a phone now, and if nothing, why. */
export type DeviceState =
  /** Seen on the bus and being opened. */
  | { readonly kind: 'opening' }
  | { readonly kind: 'ready' }
  /** Responds but shows no storage: locked, or not in file transfer mode. */
  | { readonly kind: 'locked' }
  /** Another program has claimed the USB interface, or keeps the system's driver busy: `fault` and `advice` say so. */
  | {
      readonly kind: 'held';
      readonly holder: Holder | undefined;
      readonly fault?: Fault | undefined;
      readonly advice?: Advice | undefined;
      /** It is being opened all the same: how it stands is known in a minute at most. */
      readonly opening?: true;
    }
  /** The system denies access; `advice` names the exact rule or setting that grants it. */
  | { readonly kind: 'forbidden'; readonly advice: Advice | undefined }
  /** Connected but not responding; the recovery ladder is running. */
  | { readonly kind: 'recovering'; readonly step: RecoveryStep; readonly nextTryAt: Instant | undefined }
  /** Unplugged; stays in the list while transfers wait for it. */
  | { readonly kind: 'gone'; readonly since: Instant };

/** Whether a phone is being opened now, also while that waits for another program. */
export const isBeingOpened = ({ state }: Pick<Device, 'state'>): boolean =>
  state.kind === 'opening' || (state.kind === 'held' && state.opening === true);

/** The program that has the phone's interface open. */
export interface Holder {
  readonly program: string;
  readonly pid: number | undefined;
  /** Whether `native/` can ask the program to release the phone. */
  readonly releasable: boolean;
}

/** What on this computer would keep a phone from being opened; found while none is there. */
export type FirstCheck =
  /** No rule of the system lets anybody but root open phones; `advice` has the one that does. */
  | { readonly kind: 'no-rule'; readonly advice: Extract<Advice, { readonly id: 'udev-rule' }> }
  /** A program is running that takes each phone as it is plugged in; `releasable`: Replug can make it quit. */
  | { readonly kind: 'takes-phones'; readonly program: string; readonly releasable: boolean };

/** One storage of a phone, as the phone last described it. */
export interface StorageInfo {
  readonly key: StorageKey;
  /** The storage's own name, made unique within the phone (`Internal storage`, `SD card`, `SD card 2`). */
  readonly name: string;
  readonly removable: boolean;
  readonly readOnly: boolean;
  /** Bytes. */
  readonly capacity: number;
  /** Bytes; as of the last request. */
  readonly free: number;
}

/** USB 1.x: low 1.5, full 12 Mbit/s; USB 2: high 480 Mbit/s; USB 3: super 5 Gbit/s and more. */
export type LinkSpeed = 'low' | 'full' | 'high' | 'super' | 'super-plus';

/** A phone as the window shows it, connected or not. */
export interface Device {
  readonly key: DeviceKey;
  /** Name for the user: the friendly name, otherwise the model. */
  readonly name: string;
  readonly maker: string;
  readonly model: string;
  readonly serial: string;
  readonly virtual: boolean;
  readonly state: DeviceState;
  /** Percent; `undefined` if the phone does not report it. */
  readonly battery: number | undefined;
  readonly storages: readonly StorageInfo[];
  /** Whether an upload can resume (edit operations), and whether a download can (partial reads). */
  readonly resumableUpload: boolean;
  readonly resumableDownload: boolean;
  /** Current speed of the link, if the bus reports it. */
  readonly linkSpeed: LinkSpeed | undefined;
  /** Speed the phone supports with a better cable or port, if it reports it. */
  readonly bestLinkSpeed?: LinkSpeed | undefined;
}

/**
 * Whether a phone is one that a person, or a script, means by `wanted`: its key, its serial number, or a beginning of its
 * name or model in any spelling; `undefined` means any.
 */
export function isCalled(
  { key, serial, name, model }: Pick<Device, 'key' | 'serial' | 'name' | 'model'>,
  wanted: string | undefined,
): boolean {
  if (wanted === undefined || key === wanted) return true;
  // one that is not opened yet may have another key by then
  const inKey = wanted.slice(wanted.lastIndexOf('#') + 1).replace(/^~/, '');
  const own = serial.trim();
  if (own !== '' && (own === wanted.trim() || own === inKey)) return true;
  const text = foldName(wanted);
  return [name, model].some((one) => foldName(one).startsWith(text));
}

/** A place on a phone. */
export interface PhonePlace {
  readonly device: DeviceKey;
  readonly storage: StorageKey;
  readonly path: PhonePath;
}
/** Whether both are the same path of the same storage, or both are none. */
export const samePlace = (one: PhonePlace | undefined, other: PhonePlace | undefined): boolean =>
  one === other ||
  (one !== undefined &&
    other !== undefined &&
    one.device === other.device &&
    one.storage === other.storage &&
    one.path === other.path);

/** Seen from the computer: `upload` goes to the phone, `download` comes from it. */
export type Direction = 'upload' | 'download';
/**
 * What happens to an item whose name is taken at the destination; `ask` leaves it to the person. `skip-identical`
 * skips a file that is the same there and asks about any other.
 */
export type ConflictRule = 'ask' | 'skip' | 'replace' | 'keep-both' | 'newer' | 'larger' | 'skip-identical';
/** All values of `ConflictRule`, for checks and forms. */
export const CONFLICT_RULES: readonly ConflictRule[] = [
  'ask',
  'skip',
  'replace',
  'keep-both',
  'newer',
  'larger',
  'skip-identical',
];
/** How much of a copy is read back and compared: nothing but its size, some samples, or every byte. */
export type VerifyLevel = 'size' | 'sampled' | 'full';
/** All verify levels, weakest first. */
export const VERIFY_LEVELS: readonly VerifyLevel[] = ['size', 'sampled', 'full'];
/** Above the whole-file threshold Android cannot both resume an upload and keep its date; this setting decides. */
export type LargeUploads = (typeof LARGE_UPLOADS)[number];
/** All values of `LargeUploads`, for checks and forms. */
export const LARGE_UPLOADS = ['resumable', 'keep-dates'] as const;
/** What to do with a name that the other side cannot store. */
export type NameRule = (typeof NAME_RULES)[number];
/** All values of `NameRule`, for checks and forms. */
export const NAME_RULES = ['ask', 'legal', 'fail'] as const;

/** How one transfer is carried out; what it does not say itself comes from the settings. */
export interface TransferOptions {
  readonly onConflict: ConflictRule;
  readonly onName: NameRule;
  readonly verify: VerifyLevel;
  readonly large: LargeUploads;
  /** Delete each source after its copy has been verified. */
  readonly move: boolean;
}

/**
 * What must be at the target's name when the item is published, else the decision is made anew: nothing, or a file of
 * exactly this size and date. Whatever was destroyed without such a look could be somebody's only copy.
 */
export type TargetExpectation =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'file';
      /** Bytes. */
      readonly size: number;
      /** `undefined` where that side told no date. */
      readonly modified: Instant | undefined;
      /** Samples of what it held, where no date was told (`CONTENT_SALT`). */
      readonly fingerprint?: string | undefined;
      /** SHA-256, hex, of all that it held, where no date was told: with it, nothing less proves that it is that file. */
      readonly sha256?: string | undefined;
    };
