import type { EngineClock } from '../../../electron/engine/index.ts';
import type { DeviceBus, Transport } from '../../../electron/mtp/index.ts';
import type { VirtualBus } from '../../../electron/virtual/index.ts';
import type { ItemId } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import { gated } from './gated.ts';
import type { Step } from './script.ts';
import { SimDisk, type DiskCall } from '../disk/sim-disk.ts';
import type { Tree } from '../disk/tree.ts';
import type { Scheduler } from '../process/scheduler.ts';

/** A call on a disk takes up to this many milliseconds. */
const DISK_MS = 2;
/** One call in so many takes much longer: a disk that has to spin up, a share. */
const SLOW_ONE_IN = 60;
const SLOW_MS = 400;

/** Calls of a store without any time passing, after which a process turns in circles. */
const MOST_CALLS = 20_000;

/** Calls of a disk that take something away, or put something in its place, and do not look themselves. */
const DESTROYS: ReadonlySet<DiskCall> = new Set<DiskCall>(['unlink', 'rename', 'rmdir', 'ftruncate']);

/** Calls of a disk that give a file its name. */
const PUBLISHES: ReadonlySet<DiskCall> = new Set<DiskCall>(['rename', 'renameIf', 'link']);

/** What a killed process leaves unheard. */
export const DEAD = 'the process is dead';

/** Calls of a store that change nothing on the disk; before any other one a process may die. */
const READS = new Set(
  (
    'transfer transfers item items itemsIn lastFileUpTo counts checkpoints leftovers settings sharedKeys withTemporary doneAt history searchHistory ' +
    'imports recorded seen librarySizes libraryOfSize libraryBelow folders reserve release releaseAll compact close setAside pairs runs files progress disk row rows syncedIn pairsOn openRuns'
  ).split(' '),
);

/**
 * Everything between one process and the world, so that it can die at any moment: from then on it is told nothing, and
 * nothing it asks for happens.
 */
export class Gate {
  readonly #scheduler: Scheduler;
  readonly #tell: ((line: string) => void) | undefined;
  readonly #transports = new Set<Transport>();
  readonly #disks: SimDisk[] = [];
  /** Calls of a disk that have not taken effect. */
  readonly #underWay = new Set<() => void>();
  /** Calls that destroy or put something at a name, which a look has just come before. */
  #destroying = 0;
  isOpen = true;
  /** Hears of each step, before it happens or right after a call on a disk. */
  onStep: (step: Step) => void = () => undefined;
  /** Writes until it dies, and until the database works again. */
  #writesLeft = Number.POSITIVE_INFINITY;
  #refusals = 0;
  #onDeath: () => void = () => undefined;
  /** The step of the world in which the store was called last, and how often in it. */
  #step = -1;
  #calls = 0;
  /** Hears of a process that calls its store again and again while no time passes; it is killed before. */
  onStuck: () => void = () => undefined;
  /** Hears of each path at which the process has seen something, be it a link. */
  onSeen: (path: string) => void = () => undefined;
  /** Hears of each piece of an item that the process has noted as confirmed. */
  onConfirmed: (item: ItemId, piece: { readonly offset: number; readonly length: number }) => void = () => undefined;

  /** `tell`: hears of each step, where anybody reads the trace. */
  constructor(scheduler: Scheduler, tell: ((line: string) => void) | undefined) {
    this.#scheduler = scheduler;
    this.#tell = tell;
  }

  /** The process dies: its memory is gone, the phones see that nobody holds them any more. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    // what it has asked a disk for happens or not, but before the process is gone: no later one meets it
    for (const act of this.#underWay) if (this.#scheduler.random.chance(0.5)) act();
    this.#underWay.clear();
    for (const disk of this.#disks) disk.closeAll();
    for (const transport of this.#transports) void transport.close();
  }

  /** It dies right before one of its next writes. */
  dieAfter(writes: number, onDeath: () => void): void {
    this.#writesLeft = writes;
    this.#onDeath = onDeath;
  }

  /** It does not die before a write any more. */
  spare(): void {
    this.#writesLeft = Number.POSITIVE_INFINITY;
  }

  /** The database refuses that many writes. */
  refuse(writes: number): void {
    this.#refusals = writes;
  }

  /** Whether a call on a disk is under way that destroys: nothing can be looked at between it and its look. */
  get isDestroying(): boolean {
    return this.#destroying > 0;
  }

  disk(tree: Tree): SimDisk {
    const disk = new SimDisk(tree, (call, path, act) => this.#onDisk(call, path, act));
    this.#disks.push(disk);
    return disk;
  }

  clock(): EngineClock {
    const scheduler = this.#scheduler;
    return {
      now: () => scheduler.date,
      monotonic: () => scheduler.now,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted === true) {
            resolve();
            return;
          }
          const task = scheduler.after(ms, () => {
            if (this.isOpen) resolve();
          });
          signal?.addEventListener('abort', () => {
            task.cancel();
            if (this.isOpen) resolve();
          });
        }),
    };
  }

  /** A store as the process sees it. */
  store<T extends object>(store: T): T {
    return gated(store, (name, method, given) => {
      this.#count();
      if (!READS.has(name)) this.#write(name);
      if (!this.isOpen) throw fail('store', name, DEAD);
      const answer = Reflect.apply(method, store, given);
      if (name === 'confirmChunk') this.onConfirmed(...(given as Parameters<Gate['onConfirmed']>));
      return answer;
    });
  }

  bus(bus: VirtualBus): DeviceBus {
    return {
      current: () => this.#alive(bus.current()),
      onChange: (listener) => bus.onChange((attached) => void (this.isOpen && listener(attached))),
      open: async (attached) => {
        const opening = bus.open(attached);
        // what a process that has died was opening is nobody's
        opening.then(
          (opened) => {
            if (this.isOpen) this.#transports.add(opened);
            else void opened.close();
          },
          () => undefined,
        );
        const transport = await this.#alive(opening);
        void transport.closed.then(() => this.#transports.delete(transport));
        return this.#over(transport);
      },
      // the phones are the world's
      close: () => Promise.resolve(),
    };
  }

  #count(): void {
    const { steps } = this.#scheduler;
    if (steps !== this.#step) {
      this.#step = steps;
      this.#calls = 0;
    }
    this.#calls += 1;
    if (this.#calls < MOST_CALLS || !this.isOpen) return;
    this.close();
    this.onStuck();
  }

  #write(name: string): void {
    if (!this.isOpen) return;
    this.#tell?.(`store ${name}`);
    this.onStep('store');
    this.#writesLeft -= 1;
    if (this.#writesLeft < 0) {
      this.#writesLeft = Number.POSITIVE_INFINITY;
      this.close();
      this.#onDeath();
      return;
    }
    if (this.#refusals === 0) return;
    this.#refusals -= 1;
    throw fail('store', name, 'the database is locked');
  }

  #onDisk<T>(call: DiskCall, path: string, act: () => T): Promise<T> {
    if (!this.isOpen) return never();
    const { random } = this.#scheduler;
    const most = random.below(SLOW_ONE_IN) === 0 ? SLOW_MS : DISK_MS;
    const isDestroying = DESTROYS.has(call);
    if (isDestroying) this.#destroying += 1;
    return new Promise((resolve, reject) => {
      // of a process that is dead nobody hears
      const perform = (): void => {
        try {
          const answer = act();
          this.#tell?.(`${call} ${path}`);
          if (call === 'lstat') this.onSeen(path);
          if (this.isOpen) resolve(answer);
        } catch (error) {
          this.#tell?.(`${call} ${path}: ${(error as NodeJS.ErrnoException).code ?? 'error'}`);
          if (this.isOpen) reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      this.#underWay.add(perform);
      this.#scheduler.after(random.next() * most, () => {
        if (isDestroying) this.#destroying -= 1;
        if (!this.isOpen) return;
        this.#underWay.delete(perform);
        perform();
        this.onStep('disk');
        if (PUBLISHES.has(call)) this.onStep('publish');
      });
    });
  }

  #alive<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => {
          if (this.isOpen) resolve(value);
        },
        (error: Error) => {
          if (this.isOpen) reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  #over(transport: Transport): Transport {
    const alive = <T>(work: () => Promise<T>): Promise<T> => (this.isOpen ? this.#alive(work()) : never());
    return {
      maxPacketSize: transport.maxPacketSize,
      linkSpeed: transport.linkSpeed,
      closed: this.#alive(transport.closed),
      write: (parts, options) => alive(() => transport.write(parts, options)),
      read: (want, options) => alive(() => transport.read(want, options)),
      giveBack: (bytes) => transport.giveBack?.(bytes),
      onInterrupt: (listener) => transport.onInterrupt((packet) => void (this.isOpen && listener(packet))),
      classRequestOut: (request, data, options) => alive(() => transport.classRequestOut(request, data, options)),
      classRequestIn: (request, length, options) => alive(() => transport.classRequestIn(request, length, options)),
      clearHalt: (endpoint) => alive(() => transport.clearHalt(endpoint)),
      reset: () => alive(() => transport.reset()),
      close: () => alive(() => transport.close()),
    };
  }
}

const never = <T>(): Promise<T> => new Promise<T>(() => undefined);
