import os from 'node:os';
import type { EngineClock } from '../engine/api.ts';
import { openPhone, type AttachedDevice, type Transport } from '../mtp/index.ts';
import { problemOf } from '../../shared/errors.ts';
import type { JoinedBus } from './joined-bus.ts';
import { TracingTransport } from './tracing-transport.ts';

/**
 * `replug doctor --trace`: what each phone answers, to be posted where everyone reads it. Operations, sizes, codes and times;
 * no names of files, storages or people, and no serial number. In English, whatever is shown elsewhere.
 */

/** Bytes of a file that are read, where there is one at the top of a storage. */
const SAMPLE = 256 * 1024;

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
    lines.push(...(await traceOne(device, bus, clock)));
  }
  return lines;
}

async function traceOne(
  device: AttachedDevice,
  bus: TraceParts['bus'],
  clock: TraceParts['clock'],
): Promise<readonly string[]> {
  const lines: string[] = [];
  let transport: Transport;
  const began = clock.now();
  try {
    transport = await bus.open(device);
  } catch (error) {
    return [`not opened: ${told(error)}`];
  }
  lines.push(`opened in ${Math.round(clock.now() - began)} ms`, ...bus.traceOf(device));
  const tracing = new TracingTransport(transport, () => clock.now());
  try {
    const phone = await openPhone(tracing, device, clock);
    lines.push(`quirks: ${phone.quirks.join(', ') || 'none'}`);
    const storages = await phone.storages();
    lines.push(`storages: ${storages.length}`);
    for (const storage of storages) {
      const entries = await phone.list(storage.id, 'root');
      const file = entries.find(({ kind, size }) => kind === 'file' && size > 0);
      if (file !== undefined) phone.giveBack(await phone.readChunk(file, 0, SAMPLE));
    }
    lines.push(`can: ${JSON.stringify(phone.capabilities)}`);
    await phone.close();
  } catch (error) {
    lines.push(`failed: ${told(error)}`);
    await transport.close().catch(() => undefined);
  }
  return [...lines, ...tracing.lines];
}

/** Kind and technical detail of an error; its subject may be a name, and is left out. */
function told(error: unknown): string {
  const { kind, operation, detail } = problemOf(error);
  return `${kind}, ${operation}: ${detail}`;
}

const hex = (value: number): string => `0x${value.toString(16).padStart(4, '0')}`;
