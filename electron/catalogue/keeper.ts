import { RANKS, dueIn } from './turns.ts';
import { parentOf, segmentsOf, type DeviceKey, type PhonePath } from '../../shared/domain.ts';
import { endsConnection, problemOf } from '../../shared/errors.ts';
import type { Engine, EngineClock, PhoneWalk, WalkedFolder } from '../engine/index.ts';
import { NO_PARENT, type CatalogueStore, type FolderRow, type RowId } from './catalogue-store.ts';
import { CountedFolders, foldersOf, newHandles } from './compare.ts';
import { Happenings } from './happenings.ts';
import { mergeFolder } from './merge.ts';
import { Pace } from './pace.ts';
import { PresentStorages } from './present-storages.ts';
import { MAX_DEPTH, folderAt, wayTo } from './tree.ts';

/** What a keeper asks of the engine. */
export type KeeperEngine = Pick<Engine, 'walk' | 'isBusy'>;

/** How patient a keeper is, in milliseconds. */
export interface KeeperTimes {
  /** After a phone has become ready: whoever has plugged it in looks at it first. */
  readonly startMs: number;
  /** Events that come together are looked at together. */
  readonly quietMs: number;
}
/** As a person has it. */
const KEEPER_TIMES: KeeperTimes = { startMs: 3_000, quietMs: 50 };

/** More rows than any phone has: what says so is lying, and the disk is not filled for it. */
const MOST_ROWS = 5_000_000;
const PURGED_AT_ONCE = 500;

/**
 * Keeps the catalogue of one phone true: walks it once, and then listens. Everything it asks of the phone is asked at the
 * lowest priority, and one folder at a time; whatever it has learnt is in the store before it goes on, so that an unplug
 * or a kill costs one folder.
 */
export class Keeper {
  readonly device: DeviceKey;
  readonly #engine: KeeperEngine;
  readonly #store: CatalogueStore;
  readonly #clock: EngineClock;
  readonly #log: (line: string) => void;
  readonly #changed: (folder: RowId | undefined) => void;
  readonly #told: () => void;
  readonly #times: KeeperTimes;
  #walk: PhoneWalk | undefined;
  #end = new AbortController();
  #nudge = new AbortController();
  #session: number;
  /** Writes come one after the other: a browsed folder and a scanned one may be the same. */
  #writing: Promise<unknown> = Promise.resolve();
  #activity: 'scanning' | 'waiting' | 'idle' = 'idle';
  #running: Promise<unknown> = Promise.resolve();
  #stopListening: () => void = () => undefined;
  #visiting: Promise<void> = Promise.resolve();
  #visited = 0;
  readonly #counted = new CountedFolders();
  readonly #present: PresentStorages;

  constructor(parts: {
    readonly device: DeviceKey;
    readonly engine: KeeperEngine;
    readonly store: CatalogueStore;
    readonly clock: EngineClock;
    readonly log: (line: string) => void;
    /** Something has changed: in this folder, or in so much that nothing kept of it is of use. */
    readonly changed: (folder: RowId | undefined) => void;
    /** What it does has changed, but no row. */
    readonly told: () => void;
    readonly times?: KeeperTimes | undefined;
  }) {
    this.device = parts.device;
    this.#engine = parts.engine;
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#changed = parts.changed;
    this.#told = parts.told;
    this.#times = parts.times ?? KEEPER_TIMES;
    this.#session = parts.store.session;
    this.#present = new PresentStorages(parts.store);
  }

  /** `away` between `leave` and `meet`. */
  get activity(): 'away' | 'scanning' | 'waiting' | 'idle' {
    return this.#walk?.alive === true ? this.#activity : 'away';
  }
  /** Folders listed or compared since the program began. */
  get visited(): number {
    return this.#visited;
  }

  /** The phone is ready: a new session begins. */
  meet(): void {
    const walk = this.#engine.walk(this.device);
    if (walk === undefined) return;
    this.#leave();
    this.#walk = walk;
    this.#end = new AbortController();
    this.#session = this.#store.beginSession(RANKS.again);
    const happenings = new Happenings({
      clock: this.#clock,
      quietMs: this.#times.quietMs,
      look: (handles) => this.#lookAfter(walk, handles),
      storm: () => {
        this.again();
      },
    });
    const ends = [
      walk.onEvent((event) => {
        happenings.add(event);
      }),
      walk.onListed((folder) => {
        void this.#take(walk, folder);
      }),
      walk.onStorages(() => {
        this.#nudge.abort();
      }),
    ];
    this.#stopListening = () => {
      happenings.stop();
      for (const end of ends) end();
    };
    this.#activity = 'scanning';
    this.#present.clear();
    this.#counted.clear();
    // the walk of the connection before may still be ending
    this.#running = Promise.all([this.#running, this.#run(walk, this.#end.signal)]);
  }

  #leave(): void {
    this.#end.abort();
    this.#nudge.abort();
    this.#stopListening();
    this.#stopListening = () => undefined;
    this.#walk = undefined;
  }

  /** Resolves when nothing is written any more. */
  async leave(): Promise<void> {
    this.#leave();
    await this.#running;
    await this.#writing;
  }

  /** Everything is looked at again: listed, not only counted. */
  again(): void {
    this.#session = this.#store.beginSession(RANKS.again);
    this.#store.doubt(RANKS.again);
    this.#nudge.abort();
    this.#told();
  }

  /** A folder was changed from here: it is listed again at once. */
  folderChanged(path: PhonePath): void {
    const due: RowId[] = [];
    for (const { key } of this.#store.storages()) {
      // a folder that was just made is told by the one it is in
      const folder = folderAt(this.#store, key, path) ?? folderAt(this.#store, key, parentOf(path));
      if (folder !== undefined) due.push(folder);
    }
    this.#hurry(due);
  }

  #hurry(folders: readonly RowId[]): void {
    if (folders.length === 0) return;
    this.#store.setDue(folders, RANKS.now);
    this.#nudge.abort();
    this.#told();
  }

  async #run(walk: PhoneWalk, signal: AbortSignal): Promise<void> {
    const pace = new Pace({
      clock: this.#clock,
      isBusy: () => this.#engine.isBusy(this.device),
      waitedMs: () => walk.waitedMs,
    });
    try {
      await this.#clock.sleep(this.#times.startMs, signal);
      while (!signal.aborted && walk.alive) {
        this.#nudge = new AbortController();
        this.#meetStorages(walk);
        pace.begin();
        while (!signal.aborted && this.#store.purge(PURGED_AT_ONCE) > 0) {
          await this.#rest(pace, signal);
          pace.begin();
        }
        const next = this.#next();
        if (next === undefined) {
          if (this.#activity !== 'idle') {
            this.#activity = 'idle';
            this.#told();
          }
          await this.#sleepUntilNudged(signal);
          continue;
        }
        this.#activity = 'scanning';
        this.#visiting = this.#visit(walk, next);
        await this.#visiting;
        this.#visited += 1;
        await this.#rest(pace, signal);
      }
    } catch (error) {
      const { kind, operation, detail } = problemOf(error, 'catalogue');
      if (!signal.aborted && !endsConnection(kind)) this.#log(`catalogue: ${kind} in ${operation}: ${detail}`);
    } finally {
      if (this.#walk === walk) this.#leave();
    }
  }

  #sleepUntilNudged(signal: AbortSignal): Promise<void> {
    const nudge = this.#nudge;
    return new Promise((resolve) => {
      const end = (): void => {
        resolve();
      };
      if (nudge.signal.aborted || signal.aborted) end();
      nudge.signal.addEventListener('abort', end, { once: true });
      signal.addEventListener('abort', end, { once: true });
    });
  }

  async #rest(pace: Pace, signal: AbortSignal): Promise<void> {
    if (this.#engine.isBusy(this.device)) this.#activity = 'waiting';
    await pace.rest(signal);
  }

  #meetStorages(walk: PhoneWalk): void {
    if (this.#present.meet(walk.storages)) this.#changed(undefined);
  }

  /** The folder to visit next: one whose turn it is, or the one above it whose handles are not of this session. */
  #next(): FolderRow | undefined {
    for (;;) {
      const wanted = this.#store.nextDue() ?? this.#store.nextOld(this.#session);
      if (wanted === undefined) return undefined;
      const way = wayTo(this.#store, wanted.id);
      const root = way?.[0]?.id;
      if (
        way === undefined ||
        root === undefined ||
        this.#present.keyOf(root) === undefined ||
        way.length > MAX_DEPTH
      ) {
        this.#store.giveUp(wanted.id);
        continue;
      }
      for (const { id } of way.slice(0, -1)) {
        const above = this.#store.folder(id);
        if (above !== undefined && above.session !== this.#session) return above;
      }
      return wanted;
    }
  }

  async #visit(walk: PhoneWalk, folder: FolderRow): Promise<void> {
    const way = wayTo(this.#store, folder.id);
    const key = this.#present.keyOf(way?.[0]?.id ?? NO_PARENT);
    const row = way?.at(-1);
    if (way === undefined || key === undefined || row === undefined) return;
    const handle = way.length === 1 ? undefined : row.handle;
    // a tree that lists its own parents has no end otherwise
    if (handle !== undefined && this.#isElsewhere(handle, folder.id)) {
      this.#store.giveUp(folder.id);
      return;
    }
    const session = this.#session;
    this.#store.begin(folder.id);
    try {
      if (this.#isLarge()) throw new RangeError('more objects than any phone has');
      const counted = await newHandles(walk, this.#store, { folder, key, handle, now: this.#clock.now() });
      if (counted !== undefined) {
        this.#counted.note(folder.id, counted);
        this.#store.setSeen(folder.id, { at: folder.seen ?? this.#clock.now(), session });
        return;
      }
      const at = this.#clock.now();
      const objects = await walk.list(key, handle, this.#end.signal);
      await this.#merge(folder.id, objects, { at, session, way: way.map(({ name }) => name) });
    } catch (error) {
      const problem = problemOf(error, 'catalogue');
      if (endsConnection(problem.kind) || problem.kind === 'cancelled' || problem.kind === 'store') throw error;
      // its turn is that of another session by now, in which it has another handle
      if (session !== this.#session) return;
      // the folder above tells whether it is there at all
      const above = this.#store.folder(folder.parent);
      const isGone = problem.kind === 'stale' || problem.kind === 'missing';
      const isWanted = this.#store.folder(folder.id)?.due === RANKS.now;
      this.#store.giveUp(folder.id);
      if (isWanted) this.#store.setDue([folder.id], RANKS.now);
      if (isGone && above !== undefined) this.#store.setDue([above.id], RANKS.rest + above.depth);
    }
  }

  #isElsewhere(handle: number, id: RowId): boolean {
    return this.#store.withHandle(handle, this.#session).some((other) => other.kind === 0 && other.id !== id);
  }

  #isLarge(): boolean {
    let rows = 0;
    for (const { root } of this.#store.storages()) {
      const folder = this.#store.folder(root);
      rows += (folder?.files ?? 0) + (folder?.folders ?? 0);
    }
    return rows > MOST_ROWS;
  }

  async #merge(
    folder: RowId,
    objects: WalkedFolder['objects'],
    { at, session, way }: { readonly at: number; readonly session: number; readonly way: readonly string[] },
  ): Promise<void> {
    const work = this.#writing.then(async () => {
      const isChanged = await mergeFolder(this.#store, folder, objects, { at, session, dueOfNew: dueIn(way) });
      this.#counted.note(folder, []);
      if (isChanged) this.#changed(folder);
    });
    this.#writing = work.catch(() => undefined);
    await work;
  }

  /** A folder that somebody looks at is known for free. */
  async #take(walk: PhoneWalk, { storage, path, objects }: WalkedFolder): Promise<void> {
    try {
      if (this.#walk !== walk) return;
      this.#meetStorages(walk);
      const folder = folderAt(this.#store, storage, path);
      if (folder === undefined) return;
      const way = ['', ...segmentsOf(path)];
      await this.#merge(folder, objects, { at: this.#clock.now(), session: this.#session, way });
    } catch (error) {
      const { kind, operation, detail } = problemOf(error, 'catalogue');
      this.#log(`catalogue: ${kind} in ${operation}: ${detail}`);
    }
  }

  /** What events told of: the folders concerned are listed, each once. */
  async #lookAfter(
    walk: PhoneWalk,
    happened: { readonly added: readonly number[]; readonly other: readonly number[] },
  ): Promise<void> {
    // what is being listed may have been asked for before it happened, and its handles are known only then
    await this.#visiting.catch(() => undefined);
    const placed = await foldersOf(walk, this.#store, {
      ...happened,
      session: this.#session,
      counted: this.#counted,
    });
    if (placed === undefined) return;
    // a folder with as many objects as before is no longer taken to be unchanged
    if (placed.isElsewhere) this.#store.doubt(RANKS.again);
    this.#hurry(placed.folders);
  }
}
