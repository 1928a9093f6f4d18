import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import path from 'node:path';
import { isInside, localPath, type Device, type LocalPath, type PhonePlace } from '../../shared/domain.ts';
import { fail, problemOf, type Problem } from '../../shared/errors.ts';
import {
  NO_FILTERS,
  pairId,
  type PairId,
  type ReadyMadePair,
  type SyncAction,
  type SyncActivity,
  type SyncChange,
  type SyncPair,
  type SyncPairView,
  type SyncPreview,
  type SyncRun,
  type SyncSnapshot,
} from '../../shared/sync.ts';
import type { Engine } from '../engine/index.ts';
import { actionsOf } from './plan.ts';
import { readyMadePairs } from './ready-made.ts';
import { PairRun, type RunOptions, type RunResult } from './run.ts';
import type { SyncFileQuery, SyncRow, SyncStore } from './store-types.ts';

export type SyncNotice =
  /** A pair begins by itself at `at`, unless it is stopped before. */
  | { readonly kind: 'soon'; readonly pair: SyncPair; readonly at: number }
  | { readonly kind: 'finished'; readonly pair: SyncPair; readonly run: SyncRun };

export interface SyncOptions {
  readonly engine: Engine;
  readonly store: SyncStore;
  readonly platform?: NodeJS.Platform;
  readonly now?: () => number;
  readonly home?: string;
  readonly log?: (line: string) => void;
  /** How long the notice before an automatic run stands. */
  readonly noticeMs?: number;
}

export type NewPair = Pick<SyncPair, 'direction' | 'local'> & {
  readonly place: PhonePlace;
} & Partial<Omit<SyncPair, 'id' | 'device' | 'storage' | 'phone' | 'createdAt'>>;

const NOTICE_MS = 5_000;
const IDLE: SyncActivity = { kind: 'idle' };

interface Activity {
  activity: SyncActivity;
  readonly abort: AbortController;
}

/** The façade: pairs, previews, runs; never two runs of a pair. */
export class Sync {
  readonly #engine: Engine;
  readonly #store: SyncStore;
  readonly #platform: NodeJS.Platform;
  readonly #now: () => number;
  readonly #home: string;
  readonly #log: (line: string) => void;
  readonly #noticeMs: number;
  readonly #active = new Map<PairId, Activity>();
  readonly #running = new Set<Promise<unknown>>();
  readonly #changed = new Set<() => void>();
  readonly #notices = new Set<(notice: SyncNotice) => void>();
  /** Phones that were ready at the last look, to see them come. */
  #ready = new Set<string>();
  #stops: (() => void)[] = [];

  constructor(options: SyncOptions) {
    this.#engine = options.engine;
    this.#store = options.store;
    this.#platform = options.platform ?? process.platform;
    this.#now = options.now ?? Date.now;
    this.#home = options.home ?? homedir();
    this.#log = options.log ?? ((): void => undefined);
    this.#noticeMs = options.noticeMs ?? NOTICE_MS;
  }

  /** For hosts that stay: automatic pairs run when their phone comes, transfers of earlier runs are noted as they end. */
  start(): void {
    this.#stops.push(
      this.#engine.watch('devices', undefined, ({ devices }) => this.#look(devices)),
      this.#engine.onNotice((notice) => {
        if (notice.kind === 'transfer-finished') this.#noteEnd(notice.transfer.id);
      }),
    );
  }

  /** Ends what runs at the next window edge; everything is resumable. */
  async stop(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#stops = [];
    for (const { abort } of this.#active.values()) abort.abort();
    await Promise.allSettled(this.#running);
  }

  // --- pairs

  pairs(): readonly SyncPair[] {
    return this.#store.pairs();
  }

  pair(id: PairId): SyncPair {
    const pair = this.#store.pairs().find((one) => one.id === id);
    if (pair === undefined)
      throw fail('bad-request', 'sync', `There is no pair ${id}.`, { fix: 'List the pairs and use one of their ids.' });
    return pair;
  }

  addPair(wanted: NewPair): SyncPair {
    const { place, direction } = wanted;
    const local: LocalPath = localPath(path.resolve(wanted.local));
    const device = this.#engine.devices.find((one) => one.key === place.device);
    const storage = device?.storages.find((one) => one.key === place.storage);
    if (device === undefined || storage === undefined)
      throw fail('disconnected', 'sync', 'the phone has to be there when a pair is made');
    if (device.serial === '')
      throw fail(
        'bad-request',
        'sync',
        'This phone does not tell its serial number, so it could not be told from another one.',
      );
    for (const other of this.#store.pairsOn(place.device, place.storage)) {
      if (other.phone === place.path && other.local === local && other.direction === direction)
        throw fail('bad-request', 'sync', `“${other.name}” has the same folders.`, { fix: `Its id is ${other.id}.` });
      // what one copies there the other would copy back, for ever
      if (
        other.direction !== direction &&
        meets(other.local, local) &&
        (isInside(other.phone, place.path) || isInside(place.path, other.phone))
      )
        throw fail('bad-request', 'sync', `“${other.name}” goes the other way between the same folders.`);
    }
    const pair: SyncPair = {
      id: pairId(randomBytes(4).toString('hex')),
      name: wanted.name ?? `${place.path} ${direction === 'to-computer' ? '→' : '←'} ${path.basename(local)}`,
      device: place.device,
      deviceName: device.name,
      storage: place.storage,
      storageName: storage.name,
      phone: place.path,
      local,
      direction,
      filters: { ...NO_FILTERS, ...wanted.filters },
      deletions: wanted.deletions ?? 'ignore',
      deletionLimit: wanted.deletionLimit ?? 0.25,
      conflicts: wanted.conflicts ?? 'keep-both',
      verify: wanted.verify ?? 'sampled',
      layout: wanted.layout ?? 'as-on-phone',
      automatic: wanted.automatic ?? false,
      createdAt: this.#now(),
    };
    this.#store.addPair(pair);
    this.#tell();
    return pair;
  }

  changePair(id: PairId, change: SyncChange): SyncPair {
    this.#idle(id);
    this.#store.changePair(this.pair(id).id, change);
    this.#tell();
    return this.pair(id);
  }

  /** The files stay where they are; what is remembered of them goes. */
  removePair(id: PairId): void {
    this.#idle(id);
    this.#store.removePair(this.pair(id).id);
    this.#tell();
  }

  readyMade(device: Device): readonly ReadyMadePair[] {
    return readyMadePairs(this.#home, device.name);
  }

  // --- runs

  async preview(
    id: PairId,
    options: Pick<RunOptions, 'signal' | 'onActivity'> = {},
  ): Promise<{ readonly preview: SyncPreview; readonly actions: readonly SyncAction[] }> {
    return this.#alone(id, options.signal, async (run, signal, onActivity) => {
      const { plan, preview } = await run.plan({
        signal,
        onActivity: (activity) => {
          onActivity(activity);
          options.onActivity?.(activity);
        },
      });
      return { preview, actions: actionsOf(plan) };
    });
  }

  /** Never rejects for what happens on the way: the result says it. Rejects when the pair runs already. */
  async run(id: PairId, options: RunOptions): Promise<RunResult> {
    const result = await this.#alone(id, options.signal, (run, signal, onActivity) =>
      run.run({
        ...options,
        signal,
        onActivity: (activity) => {
          onActivity(activity);
          options.onActivity?.(activity);
        },
      }),
    );
    const pair = this.#store.pairs().find((one) => one.id === id);
    if (pair !== undefined) for (const listener of this.#notices) listener({ kind: 'finished', pair, run: result.run });
    return result;
  }

  /** Begins a run and answers at once; rejects when the pair runs already. */
  async begin(id: PairId, options: RunOptions): Promise<void> {
    this.#idle(id);
    this.pair(id);
    this.run(id, options).catch((error: unknown) => this.#log(`sync: ${problemOf(error, 'sync').detail}`));
    await Promise.resolve();
  }

  /** Takes back an automatic run that is about to begin, or stops one: what is on the wire ends first. */
  async stopRun(id: PairId): Promise<void> {
    const active = this.#active.get(id);
    if (active === undefined) return;
    const { activity } = active;
    active.abort.abort();
    if (activity.kind === 'copying') await this.#engine.execute('pause', { transfer: activity.transfer });
  }

  async #alone<T>(
    id: PairId,
    signal: AbortSignal | undefined,
    body: (run: PairRun, signal: AbortSignal, onActivity: (activity: SyncActivity) => void) => Promise<T>,
  ): Promise<T> {
    this.#idle(id);
    const pair = this.pair(id);
    const abort = new AbortController();
    const active: Activity = { activity: { kind: 'scanning', folders: 0, files: 0 }, abort };
    const forward = (): void => abort.abort();
    if (signal?.aborted === true) forward();
    signal?.addEventListener('abort', forward, { once: true });
    this.#active.set(id, active);
    this.#tell();
    const run = new PairRun({
      engine: this.#engine,
      store: this.#store,
      pair,
      platform: this.#platform,
      now: this.#now,
    });
    const work = body(run, abort.signal, (activity) => {
      active.activity = activity;
      this.#tell();
    });
    this.#running.add(work);
    try {
      return await work;
    } finally {
      signal?.removeEventListener('abort', forward);
      this.#running.delete(work);
      this.#active.delete(id);
      this.#tell();
    }
  }

  #idle(id: PairId): void {
    const activity = this.#active.get(id)?.activity.kind;
    if (activity !== undefined && activity !== 'soon')
      throw fail('bad-request', 'sync', 'This pair is running already.', {
        fix: 'Wait for its end, or stop it first.',
      });
  }

  // --- looking

  snapshot(): SyncSnapshot {
    return { pairs: this.#store.pairs().map((pair) => this.#view(pair)) };
  }

  #view(pair: SyncPair): SyncPairView {
    return {
      pair,
      activity: this.#active.get(pair.id)?.activity ?? IDLE,
      counts: this.#store.counts(pair.id),
      lastRun: this.#store.runs(pair.id, { offset: 0, limit: 1 })[0],
      ready: this.#engine.devices.some((device) => device.key === pair.device && device.state.kind === 'ready'),
    };
  }

  history(id: PairId, query: { readonly offset: number; readonly limit: number }): readonly SyncRun[] {
    return this.#store.runs(this.pair(id).id, query);
  }

  files(id: PairId, query: SyncFileQuery): { readonly total: number; readonly files: readonly SyncRow[] } {
    return this.#store.files(this.pair(id).id, query);
  }

  /** Names in a folder of a phone that are backed up as they are remembered: size and date are for the caller to compare. */
  backedUp(
    place: PhonePlace,
  ): readonly { readonly name: string; readonly size: number; readonly modified: number | undefined }[] {
    const found = new Map<
      string,
      { readonly name: string; readonly size: number; readonly modified: number | undefined }
    >();
    for (const pair of this.#store.pairsOn(place.device, place.storage)) {
      if (pair.direction !== 'to-computer' || !isInside(place.path, pair.phone)) continue;
      const folder = place.path === pair.phone ? '' : place.path.slice(pair.phone === '/' ? 1 : pair.phone.length + 1);
      for (const { path: below, size, modified } of this.#store.syncedIn(pair.id, folder)) {
        const name = below.slice(below.lastIndexOf('/') + 1);
        found.set(name, { name, size, modified });
      }
    }
    return [...found.values()];
  }

  /** `pending`: looked at anew at the next run. `skipped`: left out until it changes. Without paths: all failed and skipped ones. */
  mark(id: PairId, status: 'pending' | 'skipped', paths: readonly string[] | undefined): number {
    this.#idle(id);
    const pair = this.pair(id);
    const rows =
      paths === undefined
        ? this.#store.rows(pair.id).filter((row) => row.status === 'failed' || row.status === 'skipped')
        : paths.map((one) => this.#store.row(pair.id, one)).filter((row) => row !== undefined);
    this.#store.putRows(
      pair.id,
      rows.map((row) => ({ ...row, status, problem: undefined })),
    );
    this.#tell();
    return rows.length;
  }

  onChange(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }
  onNotice(listener: (notice: SyncNotice) => void): () => void {
    this.#notices.add(listener);
    return () => this.#notices.delete(listener);
  }
  #tell(): void {
    for (const listener of this.#changed) listener();
  }

  // --- by itself

  #look(devices: readonly Device[]): void {
    const ready = new Set<string>(devices.filter((device) => device.state.kind === 'ready').map((one) => one.key));
    const came = [...ready].filter((key) => !this.#ready.has(key));
    this.#ready = ready;
    if (came.length === 0) return;
    for (const pair of this.#store.pairs())
      if (pair.automatic && came.includes(pair.device) && !this.#active.has(pair.id)) void this.#soon(pair);
    this.#tell();
  }

  /** Says so, waits a moment for a no, then runs. */
  async #soon(pair: SyncPair): Promise<void> {
    const abort = new AbortController();
    const at = this.#now() + this.#noticeMs;
    this.#active.set(pair.id, { activity: { kind: 'soon', at }, abort });
    for (const listener of this.#notices) listener({ kind: 'soon', pair, at });
    this.#tell();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.#noticeMs);
      abort.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    const mine = this.#active.get(pair.id);
    if (mine?.abort === abort) this.#active.delete(pair.id);
    this.#tell();
    // stopped, or begun by hand meanwhile
    if (abort.signal.aborted || mine?.abort !== abort) return;
    await this.run(pair.id, { waitMs: Infinity, automatic: true }).catch((error: unknown) => {
      const problem: Problem = problemOf(error, 'sync');
      this.#log(`${pair.name} did not run: ${problem.operation}: ${problem.detail}`);
    });
  }

  /** A transfer of an earlier life of the program has ended with no run beside it. */
  #noteEnd(transfer: string): void {
    const sources = this.#engine.transferRow(transfer as never)?.sources;
    if (sources?.kind !== 'items') return;
    for (const pair of this.#store.pairs()) {
      if (sources.origin !== `sync:${pair.id}` || this.#active.has(pair.id)) continue;
      const run = new PairRun({
        engine: this.#engine,
        store: this.#store,
        pair,
        platform: this.#platform,
        now: this.#now,
      });
      const ended = run.endEarlier();
      if (ended !== undefined) for (const listener of this.#notices) listener({ kind: 'finished', pair, run: ended });
      this.#tell();
    }
  }
}

const meets = (one: string, other: string): boolean =>
  one === other || one.startsWith(other + path.sep) || other.startsWith(one + path.sep);
