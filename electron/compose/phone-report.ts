import { createHash } from 'node:crypto';
import os from 'node:os';
import { identifies } from '../../shared/domain.ts';
import type { Problem } from '../../shared/errors.ts';
import type { PhoneReport, ReportedPhone, ReportedProblem } from '../../shared/phone-report.ts';
import type { EngineClock } from '../engine/api.ts';
import type { TransferStore } from '../engine/model/transfer-store.ts';
import type { AttachedDevice } from '../mtp/index.ts';
import { operationName } from '../mtp/wire/index.ts';
import type { DeviceInfo } from '../mtp/wire/index.ts';
import type { JoinedBus } from './joined-bus.ts';
import { probe, type Probe } from './probe.ts';

/**
 * Makes the report of `replug doctor --report` and of *Report this phone*. Of texts that come from outside only those of
 * DeviceInfo and the driver's lines get in, each without control characters and without whatever names this one phone.
 */

/** What a report is made of. */
export interface ReportParts {
  readonly version: string;
  readonly bus: Pick<JoinedBus, 'current' | 'open' | 'traceOf' | 'problems' | 'descriptorsOf'>;
  readonly clock: Pick<EngineClock, 'now' | 'sleep'>;
  /** Today. */
  readonly now: Date;
  /** The queue, for what went wrong lately. */
  readonly store: Pick<TransferStore, 'transfers' | 'itemsIn'> | undefined;
  /** The phones that are asked; all that are attached where this is left out. */
  readonly attached?: readonly AttachedDevice[];
}

/** Transfers whose problems are reported, newest first. */
const MOST_TRANSFERS = 50;
const MOST_ITEMS = 500;
const MOST_TRANSACTIONS = 2000;
const LONGEST_TEXT = 256;
const LONGEST_LINE = 512;
const GIGABYTE = 1e9;

/** Phones must not be open already. */
export async function phoneReport({ version, bus, clock, now, store, ...parts }: ReportParts): Promise<PhoneReport> {
  const attached = parts.attached ?? (await bus.current());
  const phones: ReportedPhone[] = [];
  for (const device of attached) phones.push(reported(device, await probe(device, { bus, clock }), bus));
  return {
    format: 1,
    made: now.toISOString().slice(0, 10),
    program: {
      version,
      node: process.versions.node,
      system: cleanly(`${os.type()} ${os.release()}`, [], LONGEST_TEXT),
      arch: process.arch,
    },
    bus: bus.problems.map(problemOnly),
    recent: store === undefined ? [] : recentProblems(store),
    phones,
  };
}

/** The report as it is shown and saved. */
export const reportText = (report: PhoneReport): string => `${JSON.stringify(report, undefined, 2)}\n`;

/** A name for the file: the phone's model, if there is one, and the day. */
export function reportName({ made, phones }: PhoneReport): string {
  const [first] = phones;
  const model = `${first?.info?.manufacturer ?? ''} ${first?.info?.model ?? ''}`;
  const slug = model
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .replaceAll(/^-|-$/gu, '')
    .slice(0, 40);
  return ['replug-report', ...(slug === '' ? [] : [slug]), made].join('-') + '.json';
}

function reported(device: AttachedDevice, found: Probe, bus: ReportParts['bus']): ReportedPhone {
  const serials = [found.info?.serial ?? '', device.serial].map((serial) => serial.trim());
  const serial = serials.find(identifies) ?? serials.find((one) => one !== '') ?? '';
  const own = [...serials.filter(identifies), ...ownNames(found)];
  const descriptors = bus.descriptorsOf(device);
  const problem = found.notOpened ?? found.failed;
  return {
    usb: {
      vendor: hex(device.vendorId),
      product: hex(device.productId),
      linkSpeed: found.linkSpeed,
      packet: found.packet,
      ...(descriptors === undefined
        ? {}
        : { descriptors: { ...descriptors, usbVersion: hex(descriptors.usbVersion) } }),
    },
    serial: {
      length: Math.min(serial.length, 0xffff),
      usable: identifies(serial),
      ...(identifies(serial) ? { digest: digestOf(serial) } : {}),
    },
    driver: found.driver.slice(0, 256).map((line) => cleanly(line, own, LONGEST_LINE)),
    openedInMs: found.openedInMs,
    ...(found.info === undefined ? {} : { info: infoOf(found.info, own) }),
    quirks: found.quirks.map(wordIn),
    ...(found.can === undefined ? {} : { can: found.can }),
    storages: found.storages.slice(0, 64).map(({ removable, readOnly, capacity }) => ({
      removable,
      readOnly,
      gigabytes: Number.isFinite(capacity) ? Math.max(0, Math.round(capacity / GIGABYTE)) : 0,
    })),
    ...(found.info === undefined
      ? {}
      : { found: { files: found.files, folders: found.folders, dated: found.dated, read: found.read } }),
    ...(problem === undefined ? {} : { problem: problemOnly(problem) }),
    transactions: found.transactions.slice(0, MOST_TRANSACTIONS).map((line) => cleanly(line, own, LONGEST_LINE)),
  };
}

/** What people call the phone and its cards. A name that is the model's own says nothing. */
function ownNames({ friendlyName, info, storages }: Probe): readonly string[] {
  const isOwn = friendlyName !== undefined && friendlyName !== info?.model;
  return [...(isOwn ? [friendlyName] : []), ...storages.flatMap(({ description, volume }) => [description, volume])];
}

const infoOf = (info: DeviceInfo, own: readonly string[]): NonNullable<ReportedPhone['info']> => {
  const text = (value: string): string => cleanly(value, own, LONGEST_TEXT);
  return {
    manufacturer: text(info.manufacturer),
    model: text(info.model),
    deviceVersion: text(info.deviceVersion),
    standardVersion: info.standardVersion,
    vendorExtensionId: info.vendorExtensionId,
    vendorExtensionVersion: info.vendorExtensionVersion,
    vendorExtensions: text(info.vendorExtensions),
    functionalMode: info.functionalMode,
    operations: info.operations.slice(0, 1024).map(operation),
    events: codes(info.events),
    deviceProperties: codes(info.deviceProps),
    captureFormats: codes(info.captureFormats),
    playbackFormats: codes(info.playbackFormats),
  };
};

const hex = (value: number): string => `0x${(value & 0xffff).toString(16).padStart(4, '0')}`;
const codes = (values: readonly number[]): readonly string[] => values.slice(0, 1024).map(hex);
function operation(value: number): string {
  const name = operationName(value);
  return /^[A-Za-z]\w*$/u.test(name) ? `${hex(value)} ${name}` : hex(value);
}

/** Enough to see that two reports are of one phone, and far too little to find the number by trying all of them. */
const digestOf = (serial: string): string =>
  createHash('sha256').update(`replug report\n${serial}`).digest('hex').slice(0, 8);

/** Shortest text that is looked for: shorter ones are in any word. */
const SHORTEST_NAME = 3;
/** What storages are called everywhere names nobody, and is a part of other words. */
const EVERYBODYS: ReadonlySet<string> = new Set([
  'android',
  'phone',
  'card',
  'tablet',
  'usb',
  'mtp',
  'internal',
  'storage',
]);

/** Without control characters, and without what names this phone, however it is written there. */
function cleanly(text: string, own: readonly string[], longest: number): string {
  const plain = (value: string): string => value.toWellFormed().replaceAll(/[\p{C}\u2028\u2029]/gu, '');
  let clean = plain(text);
  for (const name of own.map(plain).sort((one, other) => other.length - one.length)) {
    if (name.trim().length < SHORTEST_NAME || EVERYBODYS.has(name.trim().toLowerCase())) continue;
    clean = clean.replaceAll(
      new RegExp(name.trim().replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`), 'giu'),
      '[removed]',
    );
  }
  return clean.slice(0, longest).toWellFormed();
}

/** The first word of an operation: behind it may be a path. */
const wordIn = (text: string): string => (/^[A-Za-z0-9-]+/u.exec(text)?.[0] ?? '').slice(0, 64);

const problemOnly = ({ kind, operation: what, code }: Problem): ReportedProblem => ({
  kind,
  operation: wordIn(what),
  ...(code === undefined ? {} : { code: hex(code) }),
});

/** What went wrong in the newest transfers, equal ones counted. */
function recentProblems(store: NonNullable<ReportParts['store']>): PhoneReport['recent'] {
  const counted = new Map<string, { readonly problem: ReportedProblem; readonly count: number }>();
  const newest = [...store.transfers()].sort((one, other) => other.createdAt - one.createdAt).slice(0, MOST_TRANSFERS);
  for (const { id } of newest)
    for (const { state } of store.itemsIn(id, ['failed'], MOST_ITEMS)) {
      if (state.kind !== 'failed') continue;
      const problem = problemOnly(state.problem);
      const key = JSON.stringify(problem);
      counted.set(key, { problem, count: (counted.get(key)?.count ?? 0) + 1 });
    }
  return [...counted.values()].slice(0, 1000).map(({ problem, count }) => ({ ...problem, count }));
}
