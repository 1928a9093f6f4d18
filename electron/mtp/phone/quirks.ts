import type { AttachedDevice } from '../ports.ts';
import type { DeviceInfo } from '../wire/datasets.ts';

/**
 * What single devices do differently (field notes §6 and §8), as data. To add one: name it, say what it was seen on
 * and where, choose the devices by what they say of themselves, name the effects. What every phone is treated to
 * anyway (missing or extra empty packets, glued responses, refused operations that were advertised) is no quirk.
 */

/** What the protocol does differently. Everything is off by default. */
export interface Effects {
  /** A read that reaches the end of the file with a full last packet hangs: the last byte is asked for alone. */
  readonly endOfFileHang: boolean;
  /** Transaction ids (and codes) of answers are junk. */
  readonly anyTransactionId: boolean;
  /** The 12-byte header of outgoing data wants a transfer of its own. */
  readonly splitHeader: boolean;
  /** CloseSession takes the device out of MTP mode. */
  readonly keepSession: boolean;
  /** GetObjectPropList is not even tried. */
  readonly noPropList: boolean;
  /** Bytes; larger reads upset the device. */
  readonly largestChunk: number | undefined;
}

/** One device's deviation, and what is done about it. */
export interface Quirk {
  readonly name: string;
  /** What is done about it, in one sentence. */
  readonly remedy: string;
  readonly evidence: string;
  readonly applies: (attached: AttachedDevice, info: DeviceInfo | undefined) => boolean;
  readonly effects: Partial<Effects>;
}

const NO_EFFECTS: Effects = {
  endOfFileHang: false,
  anyTransactionId: false,
  splitHeader: false,
  keepSession: false,
  noPropList: false,
  largestChunk: undefined,
};

const MiB = 1024 * 1024;
const SAMSUNG = 0x04e8;
const SONY_ERICSSON = 0x0fce;
const GARMIN = 0x091e;
const KINDLE = 0x1949;
const GOPRO = 0x2672;
const CAMERA_MAKERS: ReadonlySet<number> = new Set([0x04a9, 0x04b0, 0x04cb, 0x04da, 0x054c, 0x07b4, 0x25fb]);

const says = (text: string | undefined, pattern: RegExp): boolean => text !== undefined && pattern.test(text);
const anyOf = (attached: AttachedDevice, info: DeviceInfo | undefined, pattern: RegExp): boolean =>
  [attached.manufacturer, attached.product, info?.manufacturer, info?.model].some((text) => says(text, pattern));

/** PTP cameras say neither microsoft.com nor android.com in their extension text. */
const isCamera = (attached: AttachedDevice, info: DeviceInfo | undefined): boolean =>
  info !== undefined &&
  !/microsoft\.com|android\.com/u.test(info.vendorExtensions) &&
  (CAMERA_MAKERS.has(attached.vendorId) || info.captureFormats.length > 0);

/** Every known quirk. */
export const QUIRKS: readonly Quirk[] = [
  {
    name: 'samsung-end-of-file',
    remedy:
      'A read whose last packet would be full and at the end of the file is asked for one byte less, then for that byte.',
    evidence: 'libmtp’s DEVICE_FLAG_SAMSUNG_OFFSET_BUG and its users; Samsung’s own responder, field notes §3.5',
    applies: (attached, info) => attached.vendorId === SAMSUNG || says(info?.manufacturer, /samsung/iu),
    effects: { endOfFileHang: true },
  },
  {
    name: 'junk-transaction-ids',
    remedy: 'Answers are accepted by type and length; their ids are not compared.',
    evidence: 'libmtp’s DEVICE_FLAG_IGNORE_HEADER_ERRORS for the Aricent stack of SonyEricsson phones',
    applies: (attached, info) =>
      (attached.vendorId === SONY_ERICSSON && !says(info?.vendorExtensions, /android\.com/u)) ||
      anyOf(attached, info, /aricent/iu),
    effects: { anyTransactionId: true, noPropList: true },
  },
  {
    name: 'garmin-split-header',
    remedy: 'Outgoing data is preceded by its header in a transfer of its own.',
    evidence: 'android-file-transfer and libmtp reports on Garmin watches, field notes §1.3 and §1.4',
    applies: (attached) => attached.vendorId === GARMIN,
    effects: { splitHeader: true, noPropList: true },
  },
  {
    name: 'microsoft-split-header',
    remedy: 'Outgoing data is preceded by its header in a transfer of its own.',
    evidence: 'Zune-era devices, field notes §1.4',
    applies: (attached, info) =>
      says(info?.manufacturer, /^microsoft/iu) || says(attached.manufacturer, /^microsoft/iu),
    effects: { splitHeader: true },
  },
  {
    name: 'kindle',
    remedy: 'Folders are listed by handles; OpenSession goes out with transaction id 0, as to every device.',
    evidence: 'mtp-rs notes: Kindles reject another id and take parent 0 for everything (2541 handles for 23)',
    applies: (attached, info) => attached.vendorId === KINDLE && anyOf(attached, info, /kindle/iu),
    effects: { noPropList: true },
  },
  {
    name: 'gopro-events',
    remedy: 'Events are always read (as on every device); chunks stay small, so that nothing is ever cancelled.',
    evidence: 'field notes §2.3: a GoPro freezes when its CancelTransaction event is left unread',
    applies: (attached) => attached.vendorId === GOPRO,
    effects: { largestChunk: MiB },
  },
  {
    name: 'tp-7-session',
    remedy: 'An open session is used as it is and never closed.',
    evidence: 'field notes §1.2: a Teenage Engineering TP-7 leaves MTP mode on CloseSession',
    applies: (attached, info) => anyOf(attached, info, /teenage|tp-7/iu),
    effects: { keepSession: true },
  },
  {
    name: 'camera',
    remedy: 'Chunks of 1 MiB; a stall is cleared and taken for “not supported”.',
    evidence: 'gphoto2’s chunk; Lumix, Fuji, Canon and Nikon in field notes §6',
    applies: isCamera,
    effects: { largestChunk: MiB },
  },
];

/** The quirks of a device: by its USB identity alone while `info` is not known yet. */
export const quirksOf = (attached: AttachedDevice, info: DeviceInfo | undefined): readonly Quirk[] =>
  QUIRKS.filter((quirk) => quirk.applies(attached, info));

/** What those quirks change together; the last one wins. */
export function effectsOf(quirks: readonly Quirk[]): Effects {
  return quirks.reduce<Effects>((effects, quirk) => ({ ...effects, ...quirk.effects }), NO_EFFECTS);
}
