import os from 'node:os';
import type { EngineClock } from '../engine/api.ts';
import type { Problem } from '../../shared/errors.ts';
import type { AttachedDevice } from '../mtp/index.ts';
import type { JoinedBus } from './joined-bus.ts';
import { probe, type Probe } from './probe.ts';

/**
 * `replug doctor --trace`: what each phone answers, to be posted where everyone reads it. Operations, sizes, codes and times;
 * no names of files, storages or people, and no serial number. In English, whatever is shown elsewhere.
 */

/** What is needed for it. */
export interface TraceParts {
  readonly version: string;
  readonly bus: Pick<JoinedBus, 'current' | 'open' | 'traceOf'>;
  readonly clock: Pick<EngineClock, 'now' | 'sleep'>;
}

/** The report, in lines. Phones must not be open already. */
export async function trace({ version, bus, clock }: TraceParts): Promise<readonly string[]> {
  const lines = [
    `Replug ${version}, Node ${process.versions.node}, ${os.type()} ${os.release()} (${process.arch})`,
    'No names and no serial numbers are in this report.',
  ];
  const attached = await bus.current();
  lines.push(`phones: ${attached.length}`);
  for (const [index, device] of attached.entries()) {
    lines.push('', `phone ${index + 1}: vendor ${hex(device.vendorId)}, product ${hex(device.productId)}`);
    const told = linesOf(await probe(device, { bus, clock }));
    lines.push(...told.map((line) => withoutNames(line, device)));
  }
  return lines;
}

function linesOf(found: Probe): readonly string[] {
  if (found.notOpened !== undefined) return [`not opened: ${told(found.notOpened)}`];
  return [
    `opened in ${found.openedInMs ?? 0} ms`,
    ...found.driver,
    ...(found.info === undefined
      ? []
      : [`quirks: ${found.quirks.join(', ') || 'none'}`, `storages: ${found.storages.length}`]),
    ...(found.can === undefined ? [] : [`can: ${JSON.stringify(found.can)}`]),
    ...(found.failed === undefined ? [] : [`failed: ${told(found.failed)}`]),
    ...found.transactions,
  ];
}

/** Shorter ones would be found in every number. */
const SHORTEST_NAME = 4;

/** A technical detail may quote what the system calls a device: it holds the serial number, and a person may have named it. */
const withoutNames = (line: string, { id, serial, product }: AttachedDevice): string =>
  [id, serial, product]
    .filter(({ length }) => length >= SHORTEST_NAME)
    .reduce((text, one) => text.replaceAll(one, '…'), line);

/** Kind and technical detail of an error; its subject may be a name, and is left out. */
const told = ({ kind, operation, detail }: Problem): string => `${kind}, ${operation}: ${detail}`;

const hex = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`;
