import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Catalogue, Searches } from '../../electron/catalogue/index.ts';
import { keepHeapSmall } from '../../electron/compose/small-heap.ts';
import { openCatalogueShelf, openTransferStore } from '../../electron/store/index.ts';
import { volume } from '../../electron/virtual/index.ts';
import type { SearchSnapshot } from '../../shared/catalogue.ts';
import { localPath, type DeviceKey, type LocalPath } from '../../shared/domain.ts';
import { World } from '../../tests/worlds/world.ts';
import { scratch, timed, type Measured, type Scale } from './cases.ts';
import { FarBus } from './far-bus.ts';
import type { SourcesWanted } from './make-sources.ts';

/**
 * A phone without a file on any disk, scanned and searched. It runs in a process of its own, so memory and time are those
 * of the engine with its catalogue.
 */

/** What is typed, a letter at a time: each beginning is a search. */
const TYPED = [
  'img 7 jpg',
  'summer',
  'été jpg',
  'musica',
  'kind:video vid',
  'size>9MB rep',
  'in:f3 backup',
  'date>2020 zip',
  'nowhere',
  '.',
];
/** Milliseconds between two letters; a fast typist. */
const BETWEEN_MS = 60;
/** Once on an idle engine, and again while it copies. */
const SEARCHES = TYPED.flatMap((text) => Array.from(text, (_, at) => text.slice(0, at + 1)));
const SMALL = { files: 1_000, bytes: 20_000 };
const LARGE_BYTES = 200_000_000;
/** Transfers beside a scan and alone, in turns: each takes a few seconds, and differs by more than is asked about. */
const ROUNDS = 7;

const percentile = (values: readonly number[], part: number): number =>
  [...values].sort((one, other) => one - other)[Math.ceil(values.length * part) - 1] ?? 0;

/** How long a thread does nothing else at a time. */
class Holds {
  #last = performance.now();
  #longest = 0;
  readonly #timer = setInterval(() => {
    this.#look();
  }, 1);

  #look(): void {
    const now = performance.now();
    this.#longest = Math.max(this.#longest, now - this.#last);
    this.#last = now;
  }
  /** Seconds of the longest; a millisecond and a half is what the timer itself takes. */
  end(): number {
    this.#look();
    clearInterval(this.#timer);
    return this.#longest / 1000;
  }
}

class Remembered {
  readonly world: World;
  readonly kept: Catalogue;
  readonly searches: Searches;
  device!: DeviceKey;

  private constructor(world: World, kept: Catalogue) {
    this.world = world;
    this.kept = kept;
    this.searches = new Searches(kept);
  }

  static async begin(files: number): Promise<Remembered> {
    const folder = scratch();
    const phone = join(folder, 'phone');
    mkdirSync(phone);
    const bus = await FarBus.start({ directory: phone, files });
    const world = new World({ plugged: false }, { bus: () => bus }, await openTransferStore(join(folder, 'replug.db')));
    const shelf = await openCatalogueShelf(join(folder, 'catalogue'));
    const kept = new Catalogue({ engine: world.engine, shelf, times: { startMs: 0, quietMs: 50 } });
    // as in the program
    keepHeapSmall();
    return new Remembered(world, kept);
  }

  async end(): Promise<void> {
    this.searches.stop();
    await this.kept.stop();
    await this.world.end();
  }

  /** Until nothing is left to be listed. */
  async scanned(): Promise<number> {
    for (;;) {
      const open = this.kept.of(this.device);
      const totals = open?.store.totals();
      if (open?.keeper?.activity === 'idle' && totals?.unlisted === 0) return totals.folders;
      await this.kept.clock.sleep(20);
    }
  }

  /** A scan from the beginning has begun, and so far found little. */
  async scanAnew(): Promise<void> {
    await this.kept.forget(this.device);
    this.kept.rescan(this.device);
    while (this.kept.of(this.device)?.keeper?.activity !== 'scanning') await this.kept.clock.sleep(1);
  }

  /** Seconds until the first page is there, and until everything is known. */
  async search(text: string): Promise<{ readonly first: number; readonly whole: number }> {
    const began = performance.now();
    let first: number | undefined;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const tell = ({ state, results }: SearchSnapshot): void => {
      if (state === 'complete' || results.length > 0) first ??= performance.now() - began;
      if (state === 'complete') resolve(undefined);
    };
    // as a terminal asks: a window is given time to draw the first results, which the bench of the window measures
    const end = this.searches.watch({ text, device: this.device, offset: 0, limit: 200 }, tell, false);
    await promise;
    const whole = performance.now() - began;
    end();
    return { first: (first ?? whole) / 1000, whole: whole / 1000 };
  }

  /** All searches, and the longest time in which the engine's thread did nothing else. */
  async *typed(name: string, when: string): AsyncGenerator<Measured> {
    const [first, whole]: [number[], number[]] = [[], []];
    let hold = 0;
    const all = await timed(name, async () => {
      for (const text of SEARCHES) {
        await this.kept.clock.sleep(BETWEEN_MS);
        const watched = new Holds();
        const took = await this.search(text);
        hold = Math.max(hold, watched.end());
        first.push(took.first);
        whole.push(took.whole);
      }
    });
    yield { ...all, name: `${name}: first results${when}, 95th percentile`, seconds: percentile(first, 0.95) };
    yield { ...all, name: `${name}: all results${when}, 95th percentile`, seconds: percentile(whole, 0.95) };
    yield { ...all, name: `${name}: longest hold of the thread${when}`, seconds: hold };
  }

  /** Files to be copied: many small ones and a large one. */
  sources(): readonly LocalPath[] {
    const wanted: SourcesWanted = { folder: this.world.here, small: SMALL, largeBytes: LARGE_BYTES };
    const program = join(import.meta.dirname, 'make-sources.ts');
    execFileSync(process.execPath, [...process.execArgv, program, JSON.stringify(wanted)], { stdio: 'inherit' });
    return ['small', 'large.bin'].map((name) => localPath(join(this.world.here, name)));
  }

  async copy(sources: readonly LocalPath[]): Promise<void> {
    const { state } = await this.world.push(sources, '/Download', { onConflict: 'replace' }, 600_000);
    if (state !== 'done') throw new Error(`ended as ${state}: ${this.world.log.slice(-3).join('; ')}`);
  }
}

async function* remembered(files: number): AsyncGenerator<Measured> {
  const name = `catalogue of ${files.toLocaleString('en')}`;
  const one = await Remembered.begin(files);
  try {
    let folders = 0;
    one.device = await one.world.start();
    const before = one.world.engine.transactions(one.device);
    one.kept.start();
    const scan = await timed(
      `${name}: whole scan`,
      async () => {
        folders = await one.scanned();
      },
      { unit: 'folders' },
      () => one.world.engine.transactions(one.device),
    );
    yield { ...scan, count: folders, transactions: one.world.engine.transactions(one.device) - before };
    yield await timed(
      `${name}: names into memory`,
      async () => {
        await one.search('first');
      },
      { count: files, unit: 'entries' },
    );
    yield* one.typed(name, '');

    const sources = one.sources();
    let isCopying = true;
    const copies = (async () => {
      while (isCopying) await one.copy(sources);
    })();
    yield* one.typed(name, ' while files are copied');
    isCopying = false;
    await copies;
    one.searches.stop();

    const bytes = SMALL.files * SMALL.bytes + LARGE_BYTES;
    const [alone, beside]: [number[], number[]] = [[], []];
    let [listed, asked, last]: [number, number, Measured | undefined] = [0, 0, undefined];
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const isScanned of round % 2 === 0 ? [false, true] : [true, false]) {
        if (isScanned) await one.scanAnew();
        else await one.scanned();
        const keeper = one.kept.of(one.device)?.keeper;
        const [before, visited] = [one.world.engine.transactions(one.device), keeper?.visited ?? 0];
        last = await timed(name, () => one.copy(sources), { bytes });
        const spent = one.world.engine.transactions(one.device) - before;
        (isScanned ? beside : alone).push(last.seconds);
        asked += isScanned ? spent : -spent;
        if (!isScanned) continue;
        if (keeper === undefined || keeper.activity === 'idle') throw new Error('the scan ended before the transfer');
        listed += keeper.visited - visited;
      }
    }
    if (last === undefined) return;
    yield { ...last, name: `${name}: transfer`, seconds: percentile(alone, 0.5) };
    yield {
      ...last,
      name: `${name}: transfer while the phone is scanned`,
      seconds: percentile(beside, 0.5),
      count: Math.round(listed / ROUNDS),
      unit: 'folders',
      transactions: Math.round(asked / ROUNDS),
    };
  } finally {
    await one.end();
  }
}

export const catalogue = ({ remembered: { many } }: Scale): AsyncGenerator<Measured> => remembered(many);
export const largeCatalogue = ({ remembered: { most } }: Scale): AsyncGenerator<Measured> => remembered(most);

/** The same names on this computer, in memory, looked for by the programs one has for it. */
export async function* findBeside({ remembered: { many } }: Scale): AsyncGenerator<Measured> {
  const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'replug-bench-'));
  try {
    make(folder, volume('Volume', many));
    const what = { count: many, unit: 'entries' } as const;
    const run = (program: string, args: readonly string[]): void => {
      execFileSync(program, args, { maxBuffer: 1e9 });
    };
    const named = `of ${many.toLocaleString('en')} files on this computer`;
    yield await timed(`find -iname ${named}`, () => run('find', [folder, '-iname', '*img*']), what);
    const fd = ['fd', 'fdfind'].find((program) => isThere(program));
    if (fd !== undefined) yield await timed(`fd ${named}`, () => run(fd, ['-u', 'img', folder]), what);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function make(folder: string, { name, directory, children }: ReturnType<typeof volume>): void {
  const path = join(folder, name);
  if (directory !== true) {
    writeFileSync(path, '');
    return;
  }
  mkdirSync(path);
  for (const child of children?.() ?? []) make(path, child);
}
