/**
 * The nouns of Replug, shared by the engine and the window. Pure types and total functions:
 * nothing here touches a file, a cable or a clock.
 */

declare const brand: unique symbol;
/** A string that only its own maker may produce: a `DeviceKey` is never mistaken for a `StorageKey`. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/**
 * Who a phone is, across unplugs, ports and USB modes: maker and serial number. The product id is left out on
 * purpose, since it changes between "charging only" and "file transfer". A phone whose serial number identifies nobody
 * gets a key of this plug alone (`anonymousKey`).
 */
export type DeviceKey = Brand<string, 'DeviceKey'>;
/**
 * Which storage of a phone: type, description and capacity. Storage ids live for one connection only
 * (Android 9 and later), so they are never stored.
 */
export type StorageKey = Brand<string, 'StorageKey'>;
/** An absolute path inside one storage: `/` for its root, `/DCIM/Camera` below it; never ends in `/` but for the root. */
export type PhonePath = Brand<string, 'PhonePath'>;
export type TransferId = Brand<string, 'TransferId'>;
export type ItemId = Brand<number, 'ItemId'>;
/** An absolute path on the computer, as its system spells it. */
export type LocalPath = Brand<string, 'LocalPath'>;
/** Milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = number;

export const deviceKey = (maker: string, serial: string): DeviceKey =>
  `${maker.trim().toLowerCase()}#${serial.trim()}` as DeviceKey;

/** Serials that makers write where nobody cares; runs of digits and repeated characters are recognised by their form. */
const PLACEHOLDER_SERIALS: ReadonlySet<string> = new Set(
  (
    'unknown none null nil na undefined default serial serialnumber noserial sn nosn invalid notavailable notset ' +
    // Allwinner's gadget; MediaTek's, Rockchip's and the kernel's own count up or down
    'unspecified empty tobefilledbyoem android mtp mtpdevice usb device phone test 20080411'
  ).split(' '),
);
const HEX = '0123456789abcdef';

/**
 * Whether a serial number tells one phone from another. Cheap phones of many makers all say `0123456789ABCDEF`, zeros
 * or nothing: two of those are never taken for one.
 */
export function identifies(serial: string): boolean {
  const text = serial.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
  if (text === '' || PLACEHOLDER_SERIALS.has(text)) return false;
  // one character over and over; zeros with one digit at their end
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

/** The key of a phone that nothing identifies, for one plug; `random` is never used again. */
export const anonymousKey = (maker: string, random: string): DeviceKey => deviceKey(maker, `?${random}`);
/** Whether what is kept under this key cannot be given to a phone without asking a person. */
export function isAnonymous(key: DeviceKey): boolean {
  const serial = key.slice(key.lastIndexOf('#') + 1);
  // `unnamed-…`: how versions before this one called a phone without a serial number
  return serial.startsWith('?') || serial.startsWith('unnamed-') || !identifies(serial);
}

export const storageKey = (type: number, description: string, capacity: number): StorageKey =>
  `${type}|${description.trim()}|${capacity}` as StorageKey;
export const transferId = (text: string): TransferId => text as TransferId;
export const itemId = (value: number): ItemId => value as ItemId;
export const localPath = (text: string): LocalPath => text as LocalPath;

export const ROOT = '/' as PhonePath;

/**
 * How a name is spelled inside a `PhonePath`. Android refuses names with `/`, but a hostile or odd responder may
 * list one, or call a file `..`: such names get look-alike characters, so that a path always has one reading.
 */
export function segmentOf(name: string): string {
  if (name === '') return '\u2400';
  if (name === '.') return '\u2024';
  if (name === '..') return '\u2025';
  return name.replaceAll('/', '\u2215').replaceAll('\0', '\u2400');
}

/** Reads what a person typed: slashes doubled or trailing are folded, a missing first one is added; `.` and `..` are refused. */
export function phonePath(text: string): PhonePath {
  const segments = text.split('/').filter((segment) => segment !== '');
  if (segments.some((segment) => segment === '.' || segment === '..'))
    throw new RangeError(`a phone path has no "." or "..": ${text}`);
  return `/${segments.join('/')}` as PhonePath;
}
export const joinPhonePath = (folder: PhonePath, name: string): PhonePath =>
  (folder === ROOT ? `/${segmentOf(name)}` : `${folder}/${segmentOf(name)}`) as PhonePath;
export const segmentsOf = (path: PhonePath): readonly string[] => (path === ROOT ? [] : path.slice(1).split('/'));
export const baseNameOf = (path: PhonePath): string => segmentsOf(path).at(-1) ?? '';
export function parentOf(path: PhonePath): PhonePath {
  const segments = segmentsOf(path);
  return `/${segments.slice(0, -1).join('/')}` as PhonePath;
}
/** Whether `path` is `folder` itself or lies below it. */
export const isInside = (path: PhonePath, folder: PhonePath): boolean =>
  path === folder || folder === ROOT || path.startsWith(`${folder}/`);

/**
 * The key under which two names are one file on a storage that ignores case. Android overwrites `Photo.JPG` silently
 * when `photo.jpg` is sent (observed on its own server code), so every comparison before a write uses this.
 *
 * It folds as Android's storage does (the kernel's `utf8nfdicf`, used by ext4 and f2fs): full case folding (`ß` is `ss`,
 * `ﬁ` is `fi`), canonical decomposition, and characters that show nothing (soft hyphen, joiners, variation selectors)
 * do not count. A card's FAT folds less; where the two differ this key takes two names for one, which costs a question,
 * never a file.
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
/** The full case folding of one character. One at a time, since lower case in context makes a final sigma of `Σ`. */
function foldCharacter(character: string): string {
  // upper case takes the dotless i for an i; case folding does not
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
  /** `undefined` where the phone gave none or an impossible one. */
  readonly modified: Instant | undefined;
}

export type DeviceState =
  /** Seen on the bus, being opened. */
  | { readonly kind: 'opening' }
  | { readonly kind: 'ready' }
  /** It answers but shows no storage: locked, or not in file transfer mode. */
  | { readonly kind: 'locked' }
  /** Another program has the USB interface. */
  | { readonly kind: 'held'; readonly holder: Holder | undefined }
  /** The system does not let us open it; `fix` is the exact rule or setting that would. */
  | { readonly kind: 'forbidden'; readonly fix: string | undefined }
  /** Present but silent; the recovery ladder is being climbed. */
  | { readonly kind: 'recovering'; readonly step: string; readonly nextTryAt: Instant | undefined }
  /** Unplugged; kept in the list while transfers wait for it. */
  | { readonly kind: 'gone'; readonly since: Instant };

/** The program that has the phone's interface open. */
export interface Holder {
  readonly program: string;
  readonly pid: number | undefined;
  /** Whether `native/` knows a polite way to make it let go. */
  readonly releasable: boolean;
}

export interface StorageInfo {
  readonly key: StorageKey;
  /** The storage's own name, made distinct within the phone (`Internal storage`, `SD card`, `SD card 2`). */
  readonly name: string;
  readonly removable: boolean;
  readonly readOnly: boolean;
  /** Bytes. */
  readonly capacity: number;
  /** Bytes; as of the last look. */
  readonly free: number;
}

/** USB 1.x: low 1.5, full 12 Mbit/s; USB 2: high 480 Mbit/s; USB 3: super 5 Gbit/s and more. */
export type LinkSpeed = 'low' | 'full' | 'high' | 'super' | 'super-plus';

export interface Device {
  readonly key: DeviceKey;
  /** What a person calls it: friendly name, else model. */
  readonly name: string;
  readonly maker: string;
  readonly model: string;
  readonly serial: string;
  readonly virtual: boolean;
  readonly state: DeviceState;
  /** Per cent; `undefined` where the phone does not say. */
  readonly battery: number | undefined;
  readonly storages: readonly StorageInfo[];
  /** Whether an upload can go on where it stopped (edit operations), and a download (partial reads). */
  readonly resumableUpload: boolean;
  readonly resumableDownload: boolean;
  /** The link as it runs, where the bus tells it. */
  readonly linkSpeed: LinkSpeed | undefined;
  /** What the phone could do with a better cable or port, where it says so. */
  readonly bestLinkSpeed?: LinkSpeed | undefined;
}

/** A place on a phone. */
export interface PhonePlace {
  readonly device: DeviceKey;
  readonly storage: StorageKey;
  readonly path: PhonePath;
}

export type Direction = 'upload' | 'download';
export type ClashRule = 'ask' | 'skip' | 'replace' | 'keep-both' | 'newer' | 'larger' | 'skip-identical';
export const CLASH_RULES: readonly ClashRule[] = [
  'ask',
  'skip',
  'replace',
  'keep-both',
  'newer',
  'larger',
  'skip-identical',
];
export type VerifyLevel = 'size' | 'sampled' | 'full';
export const VERIFY_LEVELS: readonly VerifyLevel[] = ['size', 'sampled', 'full'];
/** Above the whole-file threshold Android cannot both resume and keep the date; this chooses. */
export type LargeUploads = 'resumable' | 'keep-dates';
/** What to do with a name the other side cannot hold. */
export type NameRule = 'ask' | 'legal' | 'fail';

export interface TransferOptions {
  readonly onClash: ClashRule;
  readonly onName: NameRule;
  readonly verify: VerifyLevel;
  readonly large: LargeUploads;
  /** Delete each source after its copy has arrived and was verified. */
  readonly move: boolean;
}
