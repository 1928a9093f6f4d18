import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTransferStore } from '../../electron/store/index.ts';
import { localPath, VERIFY_LEVELS, type VerifyLevel } from '../../shared/domain.ts';
import { median } from '../parts.ts';
import { World, bytesFor } from '../../tests/worlds/world.ts';

/**
 * In-process measurements: the engine and the virtual phone on real folders, compared with `cp` and `sha256sum` of
 * the same bytes.
 */

export interface Measured {
  readonly name: string;
  /** Seconds. */
  readonly seconds: number;
  /** Microseconds of processor time of the whole process, all of its threads. */
  readonly cpu: number;
  /** Bytes, for MB/s; number of files or entries, for their rate. */
  readonly bytes: number | undefined;
  readonly count: number | undefined;
  readonly unit: 'files' | 'entries' | 'items' | 'folders' | undefined;
  /** MTP transactions. */
  readonly transactions: number | undefined;
  /** Peak resident memory during the case, in bytes. */
  readonly memory: number;
}

export interface Scale {
  readonly large: number;
  /** Size of a sparse file. */
  readonly huge: number;
  readonly files: number;
  readonly entries: readonly number[];
  readonly items: number;
  /** Files of the phones that are remembered. */
  readonly remembered: { readonly many: number; readonly most: number };
  /** Files of an import; of a phone that is looked at twice; of a library beside a tenth as many on the phone. */
  readonly photos: { readonly imported: number; readonly looked: number; readonly library: number };
}

export const FULL: Scale = {
  large: 2_000_000_000,
  huge: 10_000_000_000,
  files: 10_000,
  entries: [10_000, 50_000],
  items: 100_000,
  remembered: { many: 300_000, most: 1_000_000 },
  photos: { imported: 80, looked: 50_000, library: 50_000 },
};
export const QUICK: Scale = {
  large: 200_000_000,
  huge: 1_000_000_000,
  files: 1_000,
  entries: [2_000, 10_000],
  items: 10_000,
  remembered: { many: 30_000, most: 100_000 },
  photos: { imported: 20, looked: 5_000, library: 2_000 },
};

const SMALL_FILE = 100_000;

export async function timed(
  name: string,
  work: () => Promise<void> | void,
  what: Pick<Partial<Measured>, 'bytes' | 'count' | 'unit'> = {},
  transactions?: () => number,
): Promise<Measured> {
  let memory = process.memoryUsage().rss;
  const watch = setInterval(() => {
    memory = Math.max(memory, process.memoryUsage().rss);
  }, 50);
  const before = transactions?.() ?? 0;
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const used = process.cpuUsage(cpu);
  const seconds = (performance.now() - started) / 1000;
  clearInterval(watch);
  return {
    name,
    seconds,
    cpu: used.user + used.system,
    bytes: what.bytes,
    count: what.count,
    unit: what.unit,
    transactions: transactions === undefined ? undefined : transactions() - before,
    memory: Math.max(memory, process.memoryUsage().rss),
  };
}

export const scratch = (): string => mkdtempSync(join(tmpdir(), 'replug-bench-'));

async function worldWithStore(): Promise<World> {
  const folder = scratch();
  return new World({}, {}, await openTransferStore(join(folder, 'replug.db')));
}

const expectDone = (state: string, world: World): void => {
  if (state !== 'done') throw new Error(`ended as ${state}: ${world.log.slice(-3).join('; ')}`);
};

/** Creates a large file in pieces, so that creating it needs no memory. */
export function makeLarge(path: string, size: number): void {
  mkdirSync(join(path, '..'), { recursive: true });
  const piece = bytesFor('large', 8 * 1024 * 1024);
  writeFileSync(path, '');
  for (let at = 0; at < size; at += piece.byteLength)
    writeFileSync(path, piece.subarray(0, Math.min(piece.byteLength, size - at)), { flag: 'a' });
}

export async function* baseline(scale: Scale): AsyncGenerator<Measured> {
  const folder = scratch();
  const file = join(folder, 'large.bin');
  makeLarge(file, scale.large);
  yield await timed('cp, large file', () => void execFileSync('cp', [file, `${file}.copy`]), { bytes: scale.large });
  yield await timed('sha256sum, large file', () => void execFileSync('sha256sum', [file]), { bytes: scale.large });
  rmSync(file, { force: true });
  rmSync(`${file}.copy`, { force: true });
  const content = bytesFor('small', SMALL_FILE);
  const what = { bytes: scale.files * SMALL_FILE, count: scale.files, unit: 'files' } as const;
  yield await timed(
    'create and write, small files, nothing else',
    () => {
      for (let index = 0; index < scale.files; index += 1) writeFileSync(join(folder, `f${index}`), content);
    },
    what,
  );
  yield await timed('cp -r, small files', () => void execFileSync('cp', ['-r', folder, `${folder}-copy`]), what);
  rmSync(folder, { recursive: true, force: true });
  rmSync(`${folder}-copy`, { recursive: true, force: true });
}

export async function* large(scale: Scale, levels: readonly VerifyLevel[] = VERIFY_LEVELS): AsyncGenerator<Measured> {
  for (const verify of levels) {
    const world = await worldWithStore();
    const source = localPath(join(world.here, 'large.bin'));
    makeLarge(source, scale.large);
    await world.start();
    yield await timed(
      `upload, large file, ${verify}`,
      async () => expectDone((await world.push([source], '/Download', { verify })).state, world),
      { bytes: scale.large },
    );
    yield await timed(
      `download, large file, ${verify}`,
      async () => expectDone((await world.pull(['/Download/large.bin'], 'back', { verify })).state, world),
      { bytes: scale.large },
    );
    await world.end();
    world.store.close();
  }
}

export async function* small(scale: Scale, levels: readonly VerifyLevel[] = VERIFY_LEVELS): AsyncGenerator<Measured> {
  for (const verify of levels) {
    const world = await worldWithStore();
    const content = bytesFor('small', SMALL_FILE);
    for (let index = 0; index < scale.files; index += 1) {
      const folder = join(world.here, 'src', `d${index % 10}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `f${index}.bin`), content);
    }
    await world.start();
    const what = { bytes: scale.files * SMALL_FILE, count: scale.files, unit: 'files' } as const;
    const source = localPath(join(world.here, 'src'));
    yield await timed(
      `upload, small files, ${verify}`,
      async () => expectDone((await world.push([source], '/Download', { verify })).state, world),
      what,
    );
    yield await timed(
      `download, small files, ${verify}`,
      async () => expectDone((await world.pull(['/Download/src'], 'back', { verify })).state, world),
      what,
    );
    await world.end();
    world.store.close();
  }
}

export async function* listing(scale: Scale): AsyncGenerator<Measured> {
  for (const entries of scale.entries) {
    const world = await worldWithStore();
    const folder = join(world.phoneFolder, 'DCIM');
    mkdirSync(folder, { recursive: true });
    for (let index = 0; index < entries; index += 1) writeFileSync(join(folder, `IMG_${index}.jpg`), 'x');
    await world.start();
    // the first listing of a connection checks property lists against handles; later ones are the normal case
    await world.engine.entries(world.place('/'));
    for (const round of ['first', 'again'])
      yield await timed(
        `listing, ${entries.toLocaleString('en')} entries, ${round}`,
        async () => {
          const found = await world.engine.entries(world.place('/DCIM'));
          if (found.entries.length !== entries) throw new Error(`${found.entries.length} entries`);
        },
        { count: entries, unit: 'entries' },
        () => world.engine.transactions(world.place('/').device),
      );
    await world.end();
    world.store.close();
  }
}

/**
 * How long opening a folder takes while a large file is transferred. `seconds` is the longest wait; `transactions` is
 * the largest number of chunks that started between request and reply (the one in flight is not counted).
 */
export async function* browse(scale: Scale): AsyncGenerator<Measured> {
  const world = await worldWithStore();
  const source = localPath(join(world.here, 'large.bin'));
  makeLarge(source, scale.large);
  mkdirSync(join(world.phoneFolder, 'DCIM'), { recursive: true });
  for (let index = 0; index < 100; index += 1) writeFileSync(join(world.phoneFolder, 'DCIM', `IMG_${index}.jpg`), 'x');
  const device = await world.start();
  const open = async (): Promise<{ readonly ms: number; readonly transactions: number }> => {
    const [began, before] = [performance.now(), world.engine.transactions(device)];
    await world.engine.entries(world.place('/DCIM'));
    return { ms: performance.now() - began, transactions: world.engine.transactions(device) - before };
  };
  // the first listing checks property lists
  await open();
  const alone = await open();
  const waits: { readonly ms: number; readonly transactions: number }[] = [];
  const moving = world.push([source], '/Download', { verify: 'size' });
  let ended = false;
  void moving.finally(() => (ended = true));
  const result = await timed('open a folder of 100 while a large file goes, longest wait', async () => {
    while (!ended) {
      const wait = await open();
      if (!ended) waits.push(wait);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expectDone((await moving).state, world);
  });
  yield {
    ...result,
    seconds: Math.max(...waits.map(({ ms }) => ms)) / 1000,
    transactions: Math.max(...waits.map(({ transactions }) => transactions)) - alone.transactions,
  };
  await world.end();
  world.store.close();
}

/** Files of one byte in a hundred folders. */
function makeMany(source: string, files: number): void {
  for (let index = 0; index < files; index += 1) {
    const folder = join(source, `d${index % 100}`);
    if (index < 100) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `f${index}`), 'x');
  }
}

export async function* enqueue(scale: Scale): AsyncGenerator<Measured> {
  const world = await worldWithStore();
  makeMany(join(world.here, 'src'), scale.items);
  await world.start();
  yield await timed(
    `enqueue, ${scale.items.toLocaleString('en')} files`,
    async () => {
      const { transfer } = await world.engine.enqueue({
        direction: 'upload',
        sources: [localPath(join(world.here, 'src'))],
        to: world.place('/Download'),
        options: { onConflict: 'skip' },
      });
      while (world.engine.view(transfer).state === 'planning') await new Promise((resolve) => setTimeout(resolve, 5));
      await world.engine.execute('cancel', { transfer });
    },
    { count: scale.items, unit: 'items' },
  );
  await world.end();
  world.store.close();
}

const ROOT = join(import.meta.dirname, '../..');

export const REPLUG = join(ROOT, 'out/cli/replug.js');
export const buildProgram = (): void =>
  void execFileSync(process.execPath, [join(ROOT, 'scripts/run.js'), 'build', '--if-stale', 'cli'], {
    stdio: 'ignore',
  });

/** Written to descriptor 3 by a measured process when it exits. */
interface Usage {
  /** Microseconds of processor time of the whole process, its start included. */
  readonly cpu: number;
  /** Largest resident memory, in bytes. */
  readonly memory: number;
}
const TELL_USAGE = `data:text/javascript,${encodeURIComponent(
  `import { writeSync } from 'node:fs';
   process.on('exit', () => {
     const { user, system } = process.cpuUsage();
     writeSync(3, JSON.stringify({ cpu: user + system, memory: process.resourceUsage().maxRSS * 1024 }));
   });`,
)}`;

/** Runs Node with `words` and resolves with what it used; `status` is how it has to end. */
async function usageOf(words: readonly string[], status = 0): Promise<Usage> {
  const child = spawn(process.execPath, ['--import', TELL_USAGE, ...words], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stdio[3]?.on('data', (part: Buffer) => (told += part.toString()));
  const [code] = (await once(child, 'close')) as unknown[];
  if (code !== status) throw new Error(`${words.slice(0, 3).join(' ')} … ended with ${String(code)}`);
  return JSON.parse(told) as Usage;
}

const STARTS = 20;

/** Processor time from start to exit, as `seconds`: of Node itself, of the version, of a listing. */
export async function* startUp(): AsyncGenerator<Measured> {
  buildProgram();
  const folder = scratch();
  const phone = join(folder, 'phone');
  mkdirSync(join(phone, 'DCIM'), { recursive: true });
  for (let index = 0; index < 20; index += 1) writeFileSync(join(phone, 'DCIM', `IMG_${index}.jpg`), 'x');
  for (const [name, words] of [
    ['start of Node itself', ['--eval', '0']],
    ['start, replug --version', [REPLUG, '--version']],
    ['start, replug ls of 20 files', [REPLUG, '--no-usb', '--virtual', phone, 'ls', '/DCIM']],
  ] as const) {
    const used: Usage[] = [];
    const result = await timed(name, async () => {
      for (let run = 0; run < STARTS; run += 1) used.push(await usageOf(words));
    });
    const cpu = median(used.map((one) => one.cpu));
    yield { ...result, cpu, seconds: cpu / 1e6, memory: Math.max(...used.map((one) => one.memory)) };
  }
  rmSync(folder, { recursive: true, force: true });
}

/** The built program alone with one sparse file, and with a long queue: measures its memory, not its speed. */
export async function* program(scale: Scale): AsyncGenerator<Measured> {
  buildProgram();
  const folder = scratch();
  const phone = join(folder, 'phone');
  const replug = [REPLUG, '--no-usb', '--virtual', phone, '--db', join(folder, 'replug.db')];
  const measured = async (name: string, words: readonly string[], what = {}, status = 0): Promise<Measured> => {
    let memory = 0;
    const result = await timed(name, async () => void ({ memory } = await usageOf(words, status)), what);
    return { ...result, memory };
  };
  const holes = (path: string): string => {
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, '');
    truncateSync(path, scale.huge);
    return path;
  };
  yield await measured('memory of Node itself', ['--eval', '0']);
  for (const way of ['push', 'pull'] as const) {
    mkdirSync(phone, { recursive: true });
    const words =
      way === 'push'
        ? [way, holes(join(folder, 'huge.bin')), '/Download']
        : (holes(join(phone, 'Download/huge.bin')), [way, '/Download/huge.bin', join(folder, 'back')]);
    yield await measured(`the program, ${way} of ${scale.huge / 1e9} GB`, [...replug, ...words], { bytes: scale.huge });
    // frees the space for the other direction
    rmSync(phone, { recursive: true, force: true });
    rmSync(join(folder, 'huge.bin'), { force: true });
  }
  const source = join(folder, 'src');
  makeMany(source, scale.items);
  // the phone goes when the first file begins: all are planned, none is sent
  const words = ['--fault', 'unplug@op=SendObjectInfo:1', 'push', source, '/Download'];
  const name = `the program, queue of ${scale.items.toLocaleString('en')} files`;
  yield await measured(name, [...replug, ...words], { count: scale.items, unit: 'items' }, 3);
  rmSync(folder, { recursive: true, force: true });
}
