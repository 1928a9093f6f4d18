import type { EngineClock } from '../engine/api.ts';
import { openPhone, type AttachedDevice, type Capabilities, type PhoneStorage, type Transport } from '../mtp/index.ts';
import type { DeviceInfo } from '../mtp/wire/index.ts';
import { problemOf, type Problem } from '../../shared/errors.ts';
import type { JoinedBus } from './joined-bus.ts';
import { TracingTransport } from './tracing-transport.ts';

/** Asks a phone a few harmless questions and notes what it answers: for the trace and the report of `replug doctor`. */

/** Bytes of a file that are read, where there is one at the top of a storage. */
const SAMPLE = 256 * 1024;

/** What is needed for it. The phone must not be open already. */
export interface ProbeParts {
  readonly bus: Pick<JoinedBus, 'open' | 'traceOf'>;
  readonly clock: Pick<EngineClock, 'now' | 'sleep'>;
}

/** What a phone answered. */
export interface Probe {
  /** Why it could not be opened at all. */
  readonly notOpened: Problem | undefined;
  readonly openedInMs: number | undefined;
  readonly linkSpeed: Transport['linkSpeed'];
  readonly packet: number | undefined;
  /** What was found out when it was opened. */
  readonly driver: readonly string[];
  readonly info: DeviceInfo | undefined;
  readonly friendlyName: string | undefined;
  readonly quirks: readonly string[];
  readonly storages: readonly PhoneStorage[];
  /** Of the top folders: how many there are, and how many files tell a date. */
  readonly files: number;
  readonly folders: number;
  readonly dated: number;
  /** How reading a part of a file went. */
  readonly read: 'as-asked' | 'short' | 'no' | 'nothing';
  readonly can: Capabilities | undefined;
  /** What ended it early. */
  readonly failed: Problem | undefined;
  /** Each transaction in a line. */
  readonly transactions: readonly string[];
}

const NOTHING: Omit<Probe, 'transactions'> = {
  notOpened: undefined,
  openedInMs: undefined,
  linkSpeed: undefined,
  packet: undefined,
  driver: [],
  info: undefined,
  friendlyName: undefined,
  quirks: [],
  storages: [],
  files: 0,
  folders: 0,
  dated: 0,
  read: 'nothing',
  can: undefined,
  failed: undefined,
};

/** Never rejects: what goes wrong is a part of the answer. */
export async function probe(device: AttachedDevice, { bus, clock }: ProbeParts): Promise<Probe> {
  let transport: Transport;
  const began = clock.now();
  try {
    transport = await bus.open(device);
  } catch (error) {
    return { ...NOTHING, notOpened: problemOf(error), transactions: [] };
  }
  let found: Omit<Probe, 'transactions'> = {
    ...NOTHING,
    openedInMs: Math.round(clock.now() - began),
    linkSpeed: transport.linkSpeed,
    packet: transport.maxPacketSize,
    driver: bus.traceOf(device),
  };
  const tracing = new TracingTransport(transport, () => clock.now());
  try {
    const phone = await openPhone(tracing, device, clock, { onDeviceInfo: (info) => (found = { ...found, info }) });
    const storages = await phone.storages();
    found = { ...found, friendlyName: phone.identity.friendlyName, quirks: phone.quirks, storages };
    for (const storage of storages) {
      const entries = await phone.list(storage.id, 'root');
      const files = entries.filter(({ kind }) => kind === 'file');
      found = {
        ...found,
        files: found.files + files.length,
        folders: found.folders + entries.length - files.length,
        dated: found.dated + files.filter(({ modified }) => modified !== undefined).length,
      };
      const file = files.find(({ size }) => size > 0);
      if (file === undefined) continue;
      const pieces = await phone.readChunk(file, 0, SAMPLE);
      const came = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
      phone.giveBack(pieces);
      found = { ...found, read: came === Math.min(SAMPLE, file.size) ? 'as-asked' : 'short' };
    }
    found = { ...found, can: phone.capabilities };
    await phone.close();
  } catch (error) {
    const failed = problemOf(error);
    found = { ...found, failed, read: failed.kind === 'unsupported' ? 'no' : found.read };
    await transport.close().catch(() => undefined);
  }
  return { ...found, transactions: tracing.lines };
}
