import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Lab } from './lab.ts';
import type { Program } from './process.ts';
import { sleep } from './wait.ts';

/** One bulk transfer as the bus saw it. */
export interface Transfer {
  readonly direction: 'out' | 'in';
  readonly bytes: Buffer;
}

const HEADER = 48;
const BULK = 3;

/**
 * The kernel's own record of a bus (`/dev/usbmonN`, binary): whole data, for short transactions. Layout from the
 * kernel's Documentation/usb/usbmon.rst, `struct usbmon_packet`.
 */
function transfersIn(record: Buffer): readonly Transfer[] {
  const found: Transfer[] = [];
  let at = 0;
  while (at + HEADER <= record.length) {
    const type = String.fromCharCode(record.readUInt8(at + 8));
    const kind = record.readUInt8(at + 9);
    const input = (record.readUInt8(at + 10) & 0x80) !== 0;
    const captured = record.readUInt32LE(at + 36);
    const length = record.readUInt32LE(at + 32);
    const status = record.readInt32LE(at + 28);
    // Data leaves with the submission and arrives with the callback; a cancelled transfer carries nothing.
    const counts = kind === BULK && (input ? type === 'C' && status === 0 : type === 'S');
    if (counts) {
      if (captured !== length) throw new Error(`the record holds ${captured} of ${length} bytes of a transfer`);
      found.push({
        direction: input ? 'in' : 'out',
        bytes: record.subarray(at + HEADER, at + HEADER + captured),
      });
    }
    at += HEADER + captured;
  }
  return found;
}

/** Records the phone's bus until `stop`. */
export async function recordBus(lab: Lab, name: string): Promise<{ stop(): Promise<readonly Transfer[]> }> {
  const file = path.join(lab.work, `${name}.usbmon`);
  // The gadget's controller is the first bus of this machine. Each read of the device gives one event.
  const reader: Program = lab.start(`${name}-usbmon`, 'sh', ['-c', `exec cat /dev/usbmon1 > '${file}'`]);
  await sleep(300);
  return {
    stop: async () => {
      await sleep(500);
      await reader.kill();
      return transfersIn(await readFile(file));
    },
  };
}
