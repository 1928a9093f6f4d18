import assert from 'node:assert/strict';
import { utimes, writeFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Lab, Scenario } from '../guest/lab.ts';
import { recordBus, type Transfer } from '../guest/usbmon.ts';
import { until } from '../guest/wait.ts';

/**
 * Records the traffic between third-party initiators and responders as golden bytes for the wire tests. The fixtures in
 * `electron/mtp/wire/fixtures` are copies of what it leaves in the artifacts folder.
 */

/** Time limit of one program. It needs a second; on a busy machine twelve were not enough. */
const TOOL_MS = 60_000;
/** Transactions with more data than this are left out: they add bytes, not knowledge. */
const LARGEST = 4096;

interface Transaction {
  readonly command: string;
  /** The data phase, each bulk transfer by itself, so that empty packets and split headers show. */
  readonly out: readonly string[];
  readonly in: readonly string[];
  readonly response: string;
}

/** A file system with one of each, and dates that do not change. */
async function furnish(lab: Lab): Promise<void> {
  const root = lab.gadget.internal;
  await mkdir(path.join(root, 'DCIM/Camera'), { recursive: true });
  await writeFile(path.join(root, 'hello.txt'), 'Hello, phone!');
  // With its header of 12 bytes exactly one packet: the responder owes an empty one.
  await writeFile(path.join(root, 'five-hundred.bin'), Buffer.alloc(500, 0x5a));
  await writeFile(path.join(root, '写真 ☃ 😀.jpg'), 'not really a picture');
  for (const name of ['hello.txt', 'five-hundred.bin', '写真 ☃ 😀.jpg', 'DCIM/Camera', 'DCIM'])
    await utimes(path.join(root, name), 1700000000, 1700000000);
}

const typeOf = (bytes: Buffer): number => (bytes.length >= 12 ? bytes.readUInt16LE(4) : 0);

/** Assembles transfers into transactions. */
function transactionsIn(transfers: readonly Transfer[]): readonly Transaction[] {
  const found: Transaction[] = [];
  let command: Buffer | undefined;
  let out: Buffer[] = [];
  let input: Buffer[] = [];
  let owed = 0;
  for (const { direction, bytes } of transfers) {
    if (direction === 'out' && command === undefined) {
      if (typeOf(bytes) !== 1) continue;
      command = bytes;
      out = [];
      input = [];
      owed = 0;
    } else if (direction === 'out') out.push(bytes);
    else if (command !== undefined) {
      if (owed <= 0 && typeOf(bytes) === 3) {
        const size = [...out, ...input].reduce((sum, one) => sum + one.length, 0);
        const hex = (list: readonly Buffer[]) => list.map((one) => one.toString('hex'));
        if (size <= LARGEST)
          found.push({
            command: command.toString('hex'),
            out: hex(out),
            in: hex(input),
            response: bytes.toString('hex'),
          });
        command = undefined;
        continue;
      }
      if (owed <= 0 && typeOf(bytes) === 2) owed = bytes.readUInt32LE(0);
      owed -= bytes.length;
      input.push(bytes);
    }
  }
  return found;
}

/** One transaction of each kind is enough: the first for each operation, response code and number of transfers. */
function distinct(transactions: readonly Transaction[]): readonly Transaction[] {
  const seen = new Map<string, number>();
  return transactions.filter((transaction) => {
    const key = [
      transaction.command.slice(12, 16),
      transaction.response.slice(12, 16),
      transaction.out.length,
      transaction.in.length,
    ].join();
    const count = (seen.get(key) ?? 0) + 1;
    seen.set(key, count);
    return count <= 2;
  });
}

async function leave(
  lab: Lab,
  initiator: string,
  how: readonly string[],
  transfers: readonly Transfer[],
): Promise<string> {
  await writeFile(
    path.join(lab.artifacts, 'transfers.txt'),
    transfers.map(({ direction, bytes }) => `${direction} ${bytes.length} ${bytes.subarray(0, 64).toString('hex')}\n`),
  );
  const all = transactionsIn(transfers);
  assert.ok(all.length >= 8, `only ${all.length} transactions were recorded`);
  const transactions = distinct(all);
  await writeFile(
    path.join(lab.artifacts, 'fixture.json'),
    `${JSON.stringify({ initiator, responder: 'uMTP-Responder 1.3.10 (Debian 12)', how, transactions }, null, 1)}\n`,
  );
  const operations = new Set(
    transactions.map(({ command }) => Buffer.from(command, 'hex').readUInt16LE(6).toString(16)),
  );
  return `${all.length} transactions, ${transactions.length} kept: ${[...operations].join(' ')}`;
}

async function tool(lab: Lab, name: string, program: string, args: readonly string[]): Promise<void> {
  const started = lab.start(name, program, args);
  // android-file-transfer sometimes waits for ever for its own last transfer; what was recorded by then counts.
  const timer = setTimeout(() => void started.kill(), TOOL_MS);
  const { code } = await started.ended;
  clearTimeout(timer);
  lab.say(`         ${program} ${args.join(' ')}: ${code ?? 'killed'}`);
}

async function libmtp(lab: Lab): Promise<string> {
  await furnish(lab);
  await writeFile(path.join(lab.work, 'sent.txt'), 'sent by libmtp');
  const record = await recordBus(lab, 'libmtp');
  const how = ['mtp-detect', 'mtp-newfolder made 0 0xffff0001', 'mtp-sendfile sent.txt sent.txt', 'mtp-files'];
  for (const line of how) {
    const [program = '', ...args] = line.split(' ');
    await tool(lab, 'libmtp', program, args);
  }
  return leave(lab, 'libmtp 1.1.20 (mtp-tools)', how, await record.stop());
}

async function aft(lab: Lab): Promise<string> {
  await furnish(lab);
  await writeFile(path.join(lab.work, 'sent.txt'), 'sent by aft');
  const record = await recordBus(lab, 'aft');
  const how = [
    'ls',
    'get hello.txt',
    'get five-hundred.bin',
    'put sent.txt',
    'lsext /',
    'rm sent.txt',
    'device-info',
    'storage-list',
  ];
  await tool(lab, 'aft', 'aft-mtp-cli', how);
  await until('the file has come', 1000, () => true);
  return leave(lab, 'android-file-transfer 4.2 (aft-mtp-cli)', how, await record.stop());
}

export const captures: readonly Scenario[] = [
  {
    name: 'captures/libmtp',
    what: 'usbmon record of libmtp as golden bytes',
    limitMs: 300_000,
    phone: 'gadget',
    needs: 'kernel',
    run: libmtp,
  },
  {
    name: 'captures/aft',
    what: 'usbmon record of android-file-transfer as golden bytes',
    limitMs: 300_000,
    phone: 'gadget',
    needs: 'kernel',
    run: aft,
  },
];
