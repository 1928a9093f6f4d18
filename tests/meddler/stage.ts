import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineClock, TransferStore } from '../../electron/engine/index.ts';
import { MemorySyncStore, MemoryTransferStore } from '../../electron/store/index.ts';
import { Sync, type SyncStore } from '../../electron/sync/index.ts';
import { VirtualPhone, type VirtualBus } from '../../electron/virtual/index.ts';
import { fail } from '../../shared/errors.ts';
import { localPath, phonePath, type TransferId } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { FastBus, fastClock } from '../worlds/fast.ts';
import { World } from '../worlds/world.ts';
import type { Moment } from './case.ts';
import { isOurs, Ledger, treeOf, type Tree } from './ledger.ts';

const TRANSFER_WRITES: ReadonlySet<string> = new Set<keyof TransferStore>([
  'addTransfer',
  'updateTransfer',
  'clearItems',
  'addItems',
  'updateItem',
  'abandonItem',
  'changeStates',
  'confirmChunk',
  'dropCheckpoints',
  'addLeftover',
  'removeLeftover',
]);
const SYNC_WRITES: ReadonlySet<string> = new Set<keyof SyncStore>(['putRows', 'dropRows', 'addRun', 'updateRun']);

/** Files of at least this size are sent in chunks; the first chunk is 1 MiB. */
export const WHOLE_BELOW = 64 * 1024;
const AWAY_MS = 25;
const HEARD_MS = 80;

/** The world of one case, with control over its store, cable, clock and everything a person could touch. */
export class Stage {
  readonly ledger = new Ledger();
  readonly world: World;
  readonly sync: Sync;
  /** The folder on the computer: source of an upload, target of a download. */
  readonly local: string;
  /** The same on the phone. */
  readonly phone: string;
  readonly twinFolder: string;
  /** Pending beside the transfer: commands, and things that will come back. */
  readonly pending: Promise<unknown>[] = [];
  /** Faults of the meddling itself. */
  readonly complaints: string[] = [];
  /** The MTP operation of the current moment, if it is a transaction. */
  operation: number | undefined;
  /** The last operation before the current moment. */
  lastOperation: number | undefined;
  #bus: VirtualBus | undefined;
  #ahead = 0;
  #refusals = 0;
  #count = { write: 0, transaction: 0 };
  #armed: { readonly at: Moment; readonly act: () => boolean } | undefined;
  readonly #isLocalTheSource: boolean;

  constructor(options: { readonly isLocalTheSource: boolean }) {
    this.#isLocalTheSource = options.isLocalTheSource;
    const clock: EngineClock = { ...fastClock, now: () => fastClock.now() + this.#ahead };
    this.world = new World(
      {},
      {
        clock,
        limits: { wholeBelow: WHOLE_BELOW },
        bus: (bus) => {
          this.#bus = bus;
          return new FastBus(bus);
        },
      },
      this.#over<TransferStore>(new MemoryTransferStore(), TRANSFER_WRITES),
    );
    this.sync = new Sync({
      engine: this.world.engine,
      store: this.#over<SyncStore>(new MemorySyncStore(), SYNC_WRITES),
      noticeMs: 5,
      log: (line) => this.world.log.push(line),
    });
    this.world.phone.onOperation((operation) => {
      this.operation = operation;
      this.#pass('transaction');
      this.operation = undefined;
      this.lastOperation = operation;
    });
    this.local = join(this.world.here, 'disk', 'set');
    this.phone = join(this.world.phoneFolder, 'Download', 'set');
    this.twinFolder = join(this.world.folder, 'twin');
    mkdirSync(this.twinFolder);
    mkdirSync(join(this.world.here, 'disk'));
  }

  get source(): string {
    return this.#isLocalTheSource ? this.local : this.phone;
  }
  get target(): string {
    return this.#isLocalTheSource ? this.phone : this.local;
  }
  /** Number of moments since `arm`. */
  get moments(): Readonly<Record<Moment['kind'], number>> {
    return this.#count;
  }

  /** Starts counting moments and calls `act` at `at`. If `act` returns false, it is called again at the next moment. */
  arm(at: Moment, act: () => boolean): void {
    this.#count = { write: 0, transaction: 0 };
    this.#armed = { at, act };
  }
  /** Whether the armed action has happened. */
  get isSpent(): boolean {
    return this.#armed === undefined;
  }
  /** Performs the armed action now, unless it has happened. */
  spend(): void {
    const armed = this.#armed;
    this.#armed = undefined;
    // all is over: nothing follows the last look
    this.lastOperation = undefined;
    if (armed !== undefined && !armed.act()) this.complaints.push('the meddling never came to pass');
  }

  #pass(kind: Moment['kind']): void {
    this.#count[kind] += 1;
    const armed = this.#armed;
    if (armed === undefined || armed.at.kind !== kind || this.#count[kind] < armed.at.n) return;
    if (armed.act()) this.#armed = undefined;
  }

  #over<T extends object>(store: T, writes: ReadonlySet<string>): T {
    return new Proxy(store, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        if (!writes.has(String(name))) return value.bind(target) as unknown;
        return (...given: unknown[]): unknown => {
          this.#pass('write');
          if (this.#refusals > 0) {
            this.#refusals -= 1;
            throw fail('store', String(name), 'the meddler refuses it');
          }
          return Reflect.apply(value as (...given: unknown[]) => unknown, target, given);
        };
      },
    });
  }

  /** Makes the next writes fail, as on a full disk. */
  refuseWrites(count: number): void {
    this.#refusals = count;
  }
  jump(ms: number): void {
    this.#ahead += ms;
  }

  /** Brings everything back: no write fails, and the phone is connected or opening. */
  async allIsBack(): Promise<void> {
    for (let count = 0; count !== this.pending.length;) {
      count = this.pending.length;
      await Promise.allSettled(this.pending);
    }
    this.#refusals = 0;
    await this.world.engine.waitForDevice(undefined, 60_000).catch(() => undefined);
    // a few seconds of the fast clock, to receive the events of storages that came back
    await new Promise((resolve) => setTimeout(resolve, HEARD_MS));
  }

  /** The person replugs the cable; leftovers that could not be removed before are removed now. */
  async replug(): Promise<void> {
    await this.world.phone.unplug();
    this.world.phone.plug();
    await this.world.engine.waitForDevice(undefined, 60_000).catch(() => undefined);
    // two phones had its serial number: the person says which it is
    for (const { device, candidates } of this.world.engine.identityQuestions)
      await this.world.engine.execute('identifyDevice', { device, as: candidates[0]?.key });
  }

  /** Takes something away now and brings it back after a while. */
  away(go: () => void | Promise<void>, back: () => void | Promise<void>): void {
    this.pending.push(
      (async () => {
        await go();
        await new Promise((resolve) => setTimeout(resolve, AWAY_MS));
        await back();
      })(),
    );
  }

  /** Everything below the disk's folder disappears, including the folder that the person named, and comes back. */
  diskReturns(): void {
    const root = this.world.here;
    const elsewhere = `${root}-elsewhere`;
    if (!existsSync(root)) return;
    renameSync(root, elsewhere);
    this.away(
      () => undefined,
      () => {
        if (existsSync(root)) {
          this.complaints.push(`${root} was made anew while its disk was away`);
          for (const path of treeOf(root).keys()) this.complaints.push(`written meanwhile: ${path}`);
          renameSync(root, `${elsewhere}-made-anew`);
        }
        renameSync(elsewhere, root);
      },
    );
  }

  /** Another phone with the same serial number and maker, and other files under the same names. */
  twin(): VirtualPhone {
    const twin = new VirtualPhone({
      directory: this.twinFolder,
      serial: 'WORLD',
      name: 'World phone',
      plugged: false,
    });
    this.#bus?.add(twin);
    return twin;
  }
  async takeAway(twin: VirtualPhone): Promise<void> {
    await this.#bus?.remove(twin);
  }

  /** A command of the person. Its result is ignored, as in a window. */
  command(name: 'pause' | 'resume' | 'cancel' | 'retry', transfer: TransferId): Promise<void> {
    const done = this.world.engine.execute(name, { transfer, item: undefined }).then(
      () => undefined,
      () => undefined,
    );
    this.pending.push(done);
    return done;
  }

  get transfer(): TransferView | undefined {
    return this.world.engine.transfers()[0];
  }

  place(path: string): ReturnType<World['place']> {
    return { ...this.world.place('/'), path: phonePath(path) };
  }
  get localPath(): ReturnType<typeof localPath> {
    return localPath(this.local);
  }

  /** All files on both sides. */
  trees(): readonly Tree[] {
    return [treeOf(this.world.folder)];
  }

  /** Temporaries and part files left on either side. */
  ours(): readonly string[] {
    return this.trees().flatMap((tree) => [...tree.keys()].filter(isOurs));
  }

  async end(): Promise<void> {
    await Promise.allSettled(this.pending);
    await this.sync.stop();
    await this.world.end();
  }
}
