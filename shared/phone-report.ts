import { list, oneOf, optional, shape, text, truth, whole, type Check, type Checked } from './check.ts';

/**
 * The report about phones that `replug doctor --report` writes, to be posted where everyone reads it: what the phones are and
 * offer, what probing them found, and how long that took. It has no names of files, storages or people, and of a serial number
 * a few digits of a digest. Whoever reads one reads what a stranger wrote: `readPhoneReport` checks all of it.
 */

const matching =
  (pattern: RegExp, expected: string, max: number): Check<string> =>
  (value, at) => {
    const found = text({ max })(value, at);
    if (!pattern.test(found)) throw new TypeError(`${at} must be ${expected}`);
    return found;
  };

const plain = (max: number): Check<string> =>
  matching(/^[^\p{C}\u2028\u2029]*$/u, 'text without control characters', max);
const word = matching(/^[A-Za-z0-9-]*$/u, 'one word', 64);
const day = matching(/^\d{4}-\d{2}-\d{2}$/u, 'a day', 10);
const digest = matching(/^[0-9a-f]{8}$/u, 'eight digits of a digest', 8);
/** A number of 16 bits, with or without the name that Replug has for it. */
const code = matching(/^0x[0-9a-f]{4}(?: [A-Za-z0-9]+)?$/u, 'a code like 0x1001 GetDeviceInfo', 80);
const codes = list(code, { max: 1024 });
const byte = whole({ max: 0xff });
const half = whole({ max: 0xffff });

const problem = shape({ kind: word, operation: word, code: optional(code) });

const descriptors = shape({
  usbVersion: code,
  interfaces: list(
    shape({
      number: byte,
      class: byte,
      subclass: byte,
      protocol: byte,
      endpoints: list(shape({ address: byte, attributes: byte, packet: half }), { max: 32 }),
    }),
    { max: 64 },
  ),
});

const info = shape({
  manufacturer: plain(256),
  model: plain(256),
  deviceVersion: plain(256),
  standardVersion: half,
  vendorExtensionId: whole({ max: 0xffffffff }),
  vendorExtensionVersion: half,
  vendorExtensions: plain(256),
  functionalMode: half,
  operations: codes,
  events: codes,
  deviceProperties: codes,
  captureFormats: codes,
  playbackFormats: codes,
});

const can = shape({
  edit: truth,
  truncate: truth,
  partialRead: oneOf<64 | 32 | 'none'>(64, 32, 'none'),
  rename: truth,
  move: truth,
  copy: truth,
  delete: truth,
  write: truth,
  thumbnails: truth,
  propList: oneOf('unproven', 'trusted', 'no'),
  battery: truth,
});

const phone = shape({
  usb: shape({
    vendor: code,
    product: code,
    linkSpeed: optional(word),
    packet: optional(half),
    descriptors: optional(descriptors),
  }),
  /** `usable`: it tells one phone from another. `digest`: to see whether two reports are of one phone; too short to go back. */
  serial: shape({ length: half, usable: truth, digest: optional(digest) }),
  driver: list(plain(512), { max: 256 }),
  openedInMs: optional(whole()),
  info: optional(info),
  quirks: list(word, { max: 64 }),
  can: optional(can),
  storages: list(shape({ removable: truth, readOnly: truth, gigabytes: whole() }), { max: 64 }),
  /** What the top folders of the storages hold, in numbers. */
  found: optional(
    shape({ files: whole(), folders: whole(), dated: whole(), read: oneOf('as-asked', 'short', 'no', 'nothing') }),
  ),
  problem: optional(problem),
  /** Each transaction: operation, sizes, time, response. */
  transactions: list(plain(512), { max: 10_000 }),
});

const report = shape({
  format: oneOf(1),
  made: day,
  program: shape({ version: plain(64), node: plain(64), system: plain(256), arch: plain(64) }),
  /** Why a bus could not be used. */
  bus: list(problem, { max: 16 }),
  /** What went wrong lately, and how often. */
  recent: list(shape({ kind: word, operation: word, code: optional(code), count: whole() }), { max: 1000 }),
  phones: list(phone, { max: 16 }),
});

/** A report. */
export type PhoneReport = Checked<typeof report>;
/** One phone of a report. */
export type ReportedPhone = PhoneReport['phones'][number];
/** A problem as it is reported: without its details, which may hold names. */
export type ReportedProblem = Checked<typeof problem>;

/** Characters: longer than any report that Replug writes. */
export const LONGEST_REPORT = 2 * 1024 * 1024;

/** Reads a report. Throws an error that says what is wrong with it, and where. */
export function readPhoneReport(json: string): PhoneReport {
  if (json.length > LONGEST_REPORT) throw new TypeError('report must be at most 2 MiB long');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new TypeError('report must be JSON');
  }
  return report(value, 'report');
}
