import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ask } from '../../tests/support/dav-client.ts';
import { hostileRequests } from '../../tests/support/hostile-requests.ts';
import { median } from '../parts.ts';
import { buildProgram, makeLarge, REPLUG, scratch, timed, type Measured, type Scale } from './cases.ts';

/** The phone as a drive: the built `replug mount` with curl as its client, beside `replug pull` of the same file. */

const GIGABYTE = 1_000_000_000;
const STORAGE = 'Internal%20shared%20storage/';
const PHONE = 'Bench/';
/** Listings timed once the folder was listed. */
const LISTINGS = 5;

interface Running {
  readonly child: ChildProcess;
  /** With its last slash. */
  readonly url: string;
}

async function mount(words: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, [REPLUG, '--json', ...words, 'mount', '--address-only'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    const told = JSON.parse(line) as { readonly type: string; readonly url?: string };
    if (told.type === 'drive' && told.url !== undefined) return { child, url: told.url };
  }
  throw new Error('the drive did not tell its address');
}

/** Largest resident memory of a running process so far, bytes. */
const peakOf = ({ pid }: ChildProcess): number => {
  const [, kilobytes = '0'] = /^VmHWM:\s+(\d+) kB/mu.exec(readFileSync(`/proc/${pid ?? 0}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
};

async function curl(...args: readonly string[]): Promise<void> {
  const child = spawn('curl', ['-sfg', ...args], { stdio: 'ignore' });
  const [code] = (await once(child, 'close')) as unknown[];
  if (code !== 0) throw new Error(`curl ended with ${String(code)}`);
}

/** Milliseconds until curl had the first byte of a folder. */
const firstByte = (url: string): number =>
  1000 *
  Number(
    execFileSync(
      'curl',
      ['-sg', '-X', 'PROPFIND', '-H', 'Depth: 1', '-o', '/dev/null', '-w', '%{time_starttransfer}', url],
      {
        encoding: 'utf8',
      },
    ),
  );

export async function* drive(scale: Scale): AsyncGenerator<Measured> {
  buildProgram();
  const folder = scratch();
  const phone = join(folder, 'phone');
  const size = Math.min(GIGABYTE, scale.large);
  const entries = scale.entries.at(-1) ?? 0;
  makeLarge(join(phone, 'large.bin'), size);
  mkdirSync(join(phone, 'many'));
  for (let number = 0; number < entries; number += 1) writeFileSync(join(phone, 'many', `IMG_${number}.jpg`), '');
  const words = ['--no-usb', '--virtual', `${phone},name=Bench`, '--db', join(folder, 'replug.db')];
  const what = { bytes: size };
  const gigabyte = `${size / GIGABYTE} GB`;
  const back = join(folder, 'back');
  mkdirSync(back);
  yield await timed(
    `drive, replug pull of ${gigabyte}`,
    async () => {
      const child = spawn(process.execPath, [REPLUG, ...words, 'pull', '/large.bin', back], { stdio: 'ignore' });
      const [code] = (await once(child, 'close')) as unknown[];
      if (code !== 0) throw new Error(`pull ended with ${String(code)}`);
    },
    what,
  );
  rmSync(back, { recursive: true });
  const { child, url } = await mount(words);
  try {
    const storage = `${url}${PHONE}${STORAGE}`;
    await ask(url, 'PROPFIND', `${PHONE}${STORAGE}`, { headers: { depth: '1' } });
    const before = peakOf(child);
    const copied = await timed(
      `drive, curl of ${gigabyte}`,
      () => curl('-o', join(folder, 'copy.bin'), `${storage}large.bin`),
      what,
    );
    yield { ...copied, memory: peakOf(child) - before };
    const { pathname, host, port } = new URL(url);
    const requests = hostileRequests({
      secret: pathname.slice(1, -1),
      host,
      port: Number(port),
      storage: PHONE + STORAGE,
      file: 'large.bin',
    });
    let longest = 0;
    for (const [method, target, how] of requests) {
      const began = performance.now();
      await ask(url, method, target, how);
      longest = Math.max(longest, performance.now() - began);
    }
    const refused = await timed('drive, the longest of hostile requests', () => undefined);
    yield { ...refused, seconds: longest / 1000, memory: 0 };
    firstByte(`${storage}many/`);
    const listed = await timed(`drive, first byte of ${entries.toLocaleString('en')} entries, warm`, () => undefined);
    const times = Array.from({ length: LISTINGS }, () => firstByte(`${storage}many/`));
    yield { ...listed, seconds: median(times) / 1000, memory: 0 };
  } finally {
    child.kill('SIGINT');
    await once(child, 'close');
    rmSync(folder, { recursive: true, force: true });
  }
}
