import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { sleep } from '../../../tests/usb-lab/guest/wait.ts';

/**
 * Time within transactions, from the kernel's own record of the bus (usbmon's text form: the first 32 bytes of each
 * transfer with its time in µs, which is enough to recognise containers).
 */

const USBMON = '/sys/kernel/debug/usb/usbmon/1u';

/** Sums over all transactions of one operation, in µs. */
interface Tally {
  count: number;
  /** From the previous response to this command: the host is working. */
  host: number;
  /** From the command to the end of the data it sends, including the transfers. */
  out: number;
  /** From there until a read is posted: the host is working again, and the phone may be waiting. */
  post: number;
  /** From the later of the two to the first byte of the reply: the phone is working. */
  phone: number;
  /** From the first transfer of the reply to the response. */
  back: number;
  bytes: number;
  transfers: number;
}

interface Event {
  readonly at: number;
  readonly type: 'S' | 'C';
  readonly input: boolean;
  readonly length: number;
  /** The first bytes. */
  readonly head: Buffer;
}

/** Bulk transfers only. */
function eventIn(line: string): Event | undefined {
  const words = line.split(' ');
  const [, time = '', type, address = ''] = words;
  if ((type !== 'S' && type !== 'C') || !/^B[io]:/u.test(address)) return undefined;
  const length = Number(words[5] ?? 0);
  const data = words.indexOf('=');
  const head = data < 0 ? Buffer.alloc(0) : Buffer.from(words.slice(data + 1).join(''), 'hex');
  return { at: Number(time), type, input: address.startsWith('Bi'), length, head };
}

const codeOf = (head: Buffer): number => head.readUInt16LE(6);
const typeOf = (head: Buffer): number => (head.length >= 12 ? head.readUInt16LE(4) : 0);

async function taken(file: string): Promise<ReadonlyMap<number, Tally>> {
  const tallies = new Map<number, Tally>();
  let tally: Tally | undefined;
  let began = 0;
  let sent = 0;
  let first = 0;
  /** Pending reads, and when the first of them was posted. */
  let waiting = 0;
  let posted = 0;
  let ended: number | undefined;
  let owed = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const event = eventIn(line);
    if (event === undefined) continue;
    if (!event.input) {
      if (event.type === 'S' && tally === undefined && typeOf(event.head) === 1) {
        const code = codeOf(event.head);
        tally = tallies.get(code) ?? { count: 0, host: 0, out: 0, post: 0, phone: 0, back: 0, bytes: 0, transfers: 0 };
        tallies.set(code, tally);
        tally.count += 1;
        if (ended !== undefined) tally.host += event.at - ended;
        began = event.at;
        first = 0;
        owed = 0;
      } else if (event.type === 'C' && tally !== undefined) {
        sent = event.at;
        tally.bytes += event.length;
        tally.transfers += 1;
      }
    } else if (event.type === 'S') {
      if (waiting === 0) posted = event.at;
      waiting += 1;
    } else if (tally === undefined) waiting -= 1;
    else {
      waiting -= 1;
      const ready = Math.max(sent, posted);
      posted = 0;
      tally.transfers += 1;
      if (first === 0) {
        first = event.at;
        tally.post += ready - sent;
        tally.phone += Math.max(0, first - ready);
      }
      if (owed <= 0 && typeOf(event.head) === 3) {
        tally.out += sent - began;
        tally.back += event.at - first;
        ended = event.at;
        tally = undefined;
        continue;
      }
      tally.bytes += event.length;
      if (owed <= 0 && typeOf(event.head) === 2) owed = event.head.readUInt32LE(0);
      owed -= event.length;
    }
  }
  return tallies;
}

export async function startTrace(): Promise<{ stop(file: string): Promise<readonly string[]> }> {
  const temporary = '/tmp/bench-trace';
  const reader = spawn('cat', [USBMON], { stdio: ['ignore', 'pipe', 'ignore'] });
  const output = createWriteStream(temporary);
  reader.stdout.pipe(output);
  await sleep(200);
  return {
    stop: async (file) => {
      await sleep(300);
      reader.kill();
      await new Promise<void>((resolve) => {
        output.once('close', () => {
          resolve();
        });
      });
      const lines = ['operation   count   host ms   out ms  post ms phone ms  back ms (mean each)  bytes  transfers'];
      for (const [code, one] of await taken(temporary)) {
        const mean = (sum: number): string => (sum / one.count / 1000).toFixed(2).padStart(8);
        lines.push(
          `${code.toString(16).padStart(9)} ${String(one.count).padStart(7)} ${mean(one.host)} ${mean(one.out)} ${mean(one.post)} ${mean(one.phone)} ${mean(one.back)}` +
            `  ${Math.round(one.bytes / one.count)}  ${(one.transfers / one.count).toFixed(1)}`,
        );
      }
      await writeFile(file, (await readFile(temporary)).subarray(0, 2 << 20));
      return lines;
    },
  };
}
