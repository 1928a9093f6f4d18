import { mkdtempSync, rmSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openPhone, type AttachedDevice, type Clock, type Transport } from '../../electron/mtp/index.ts';
import { VirtualPhone, type ProfileName } from '../../electron/virtual/index.ts';
import { EVERY_ACTION, perform } from './actions.ts';

/** The responder's answer to each command, recorded once from the virtual phone, to be replayed and mutated. */

export interface Answer {
  readonly operation: number;
  /** The command's parameters, hex. */
  readonly parameters: string;
  /** Bytes of bulk-IN, in the pieces the transport delivered. */
  readonly pieces: readonly { readonly bytes: Uint8Array; readonly short: boolean }[];
}

export interface Recording {
  readonly attached: AttachedDevice;
  readonly answers: readonly Answer[];
}

const realClock: Clock = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};

export const isCommand = (bytes: Uint8Array): boolean =>
  bytes.byteLength >= 12 && bytes.byteLength <= 32 && bytes[4] === 1 && bytes[5] === 0;

export async function record(profile: ProfileName): Promise<Recording> {
  const folder = mkdtempSync(join(tmpdir(), 'replug-fuzz-'));
  mkdirSync(join(folder, 'DCIM/Camera'), { recursive: true });
  for (const [name, size] of [
    ['a.jpg', 3000],
    ['b 日本.txt', 512 - 12],
    ['empty', 0],
  ] as const)
    writeFileSync(join(folder, name), Buffer.alloc(size, name));
  const phone = new VirtualPhone({ directory: folder, serial: 'FUZZ', profile, capacity: 2 ** 30 });
  await phone.ready();
  phone.unlock();
  const answers: { operation: number; parameters: string; pieces: { bytes: Uint8Array; short: boolean }[] }[] = [];
  const real = phone.open();
  const transport: Transport = {
    ...bound(real),
    write: async (parts, options) => {
      const first = parts[0] ?? new Uint8Array(0);
      if (isCommand(first)) {
        const view = new DataView(first.buffer, first.byteOffset);
        const parameters = Buffer.from(first.subarray(12)).toString('hex');
        answers.push({ operation: view.getUint16(6, true), parameters, pieces: [] });
      }
      await real.write(parts, options);
    },
    read: async (want, options) => {
      const piece = await real.read(want, options);
      answers.at(-1)?.pieces.push({ bytes: new Uint8Array(piece.bytes), short: piece.short });
      return piece;
    },
  };
  const attached = phone.attached();
  const opened = await openPhone(transport, attached, realClock);
  for (const action of EVERY_ACTION) await perform(opened, action).catch(() => undefined);
  await opened.close();
  await phone.dispose();
  rmSync(folder, { recursive: true, force: true });
  return { attached, answers };
}

const bound = (transport: Transport): Transport => ({
  maxPacketSize: transport.maxPacketSize,
  linkSpeed: transport.linkSpeed,
  closed: transport.closed,
  write: (parts, options) => transport.write(parts, options),
  read: (want, options) => transport.read(want, options),
  onInterrupt: (listener) => transport.onInterrupt(listener),
  classRequestOut: (request, data, options) => transport.classRequestOut(request, data, options),
  classRequestIn: (request, length, options) => transport.classRequestIn(request, length, options),
  clearHalt: (endpoint) => transport.clearHalt(endpoint),
  reset: () => transport.reset(),
  close: () => transport.close(),
});
