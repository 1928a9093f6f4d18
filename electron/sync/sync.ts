import { randomBytes } from 'node:crypto';
import { homedir } from 'node:os';
import {
  phonePath,
  type Device,
  type DeviceKey,
  type PhonePath,
  type PhonePlace,
  type StorageKey,
} from '../../shared/domain.ts';
import { failRequest, problemOf } from '../../shared/errors.ts';
import type { BackedUp } from '../../shared/sync-contract.ts';
import { nextRun } from '../../shared/sync-next.ts';
import {
  pairId,
  type PairId,
  type PresetPair,
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
import { RunRegistry } from './run-registry.ts';
import { backedUpIn, copiesIn, type BackedUpCopy } from './backed-up.ts';
import { AutoSync } from './auto-sync.ts';
import { changeFor, pairFrom, type NewPair } from './pair.ts';
import type { MissingCopies } from './local-disk.ts';
import { PairDisks } from './pair-disks.ts';
import { actionsOf } from './plan.ts';
import { presetPairs } from './presets.ts';
import { PairRun, type RunOptions, type RunResult } from './pair-run.ts';
import { originOf } from './record-results.ts';
import type { SyncFileQuery, SyncRow, SyncStore } from './sync-store.ts';

/** Something a host may want to tell the user about. */
export type SyncNotice =
  /** An automatic run begins at `at`, unless it is stopped before. */
  | { readonly kind: 'soon'; readonly pair: SyncPair; readonly at: number }
  | { readonly kind: 'finished'; readonly pair: SyncPair; readonly run: SyncRun };

/** What sync works with; everything but the engine and the store has a default. */
export interface SyncOptions {
  readonly engine: Engine;
  readonly store: SyncStore;
  readonly platform?: NodeJS.Platform;
  readonly now?: () => number;
  readonly home?: string;
  readonly log?: (line: string) => void;
  /** Milliseconds between the notice of an automatic run and its beginning. */
  readonly noticeMs?: number;
}

const NOTICE_MS = 5_000;
const SCANNING: SyncActivity = { kind: 'scanning', folders: 0, files: 0 };

/** Files of one pair by which its storage is recognised. */
const MOST_KNOWN = 8;

/** The façade: pairs, previews, runs. A pair never runs twice at once. Calls throw `PhoneError`. */
export class Sync {
  readonly #engine: Engine;
  readonly #store: SyncStore;
  readonly #platform: NodeJS.Platform;
  readonly #now: () => number;
  readonly #home: string;
  readonly #log: (line: string) => void;
  readonly #noticeMs: number;
  readonly #activities = new RunRegistry(() => this.#tell());
  readonly #changed = new Set<() => void>();
  readonly #notices = new Set<(notice: SyncNotice) => void>();
  readonly #disks: PairDisks;
  #stop: (() => void) | undefined;

  constructor(options: SyncOptions) {
    this.#engine = options.engine;
    this.#store = options.store;
    this.#platform = options.platform ?? process.platform;
    this.#now = options.now ?? Date.now;
    this.#home = options.home ?? homedir();
    this.#log = options.log ?? ((): void => undefined);
    this.#noticeMs = options.noticeMs ?? NOTICE_MS;
    this.#disks = new PairDisks(this.#engine.disk, this.#store, this.#log);
    this.#engine.onNotice((notice) => {
      for (const pair of this.#store.pairs())
        if (notice.kind === 'phone-identified' && pair.device === notice.from)
          this.#store.changePair(pair.id, { device: notice.to });
        else if (notice.kind === 'storage-identified' && pair.device === notice.device && pair.storage === notice.from)
          this.#store.changePair(pair.id, { storage: notice.to });
      this.#tell();
    });
  }

  /** For hosts that keep running: automatic pairs run when their phone comes, and interrupted runs are ended. */
  start(): void {
    // the program may have been killed while a run looked what names its folder takes
    for (const { direction, local } of this.#store.pairs())
      if (direction === 'to-computer') this.#engine.tidyTrials(local);
    this.#stop = new AutoSync({
      engine: this.#engine,
      store: this.#store,
      log: this.#log,
      isIdle: ({ id }) => this.#activities.of(id).kind === 'idle',
      announce: (pair) => {
        const at = this.#now() + this.#noticeMs;
        this.#notify({ kind: 'soon', pair, at });
        return this.#activities.announce(pair.id, at, this.#noticeMs);
      },
      run: ({ id }) => this.run(id, { waitMs: Infinity, automatic: true }),
      endEarlier: (pair) =>
        this.#activities.alone(pair.id, { kind: 'finishing' }, undefined, () => this.#pairRun(pair).endEarlier()),
      ended: (pair, run) => this.#notify({ kind: 'finished', pair, run }),
      changed: () => this.#tell(),
    }).start();
  }

  /** Stops running pairs at the next chunk boundary; everything is resumable. */
  async stop(): Promise<void> {
    this.#stop?.();
    await this.#activities.end();
  }

  // --- pairs

  pairs(): readonly SyncPair[] {
    return this.#store.pairs();
  }

  /** Throws `bad-request` where there is no such pair. */
  pair(id: PairId): SyncPair {
    const pair = this.#store.pairs().find((one) => one.id === id);
    if (pair === undefined) throw failRequest('sync', { id: 'no-pair', with: { id } }, { id: 'use-an-id' });
    return pair;
  }

  /** Throws `disconnected` without the phone, `bad-request` where the pair cannot be or meets another one. */
  addPair(wanted: NewPair): SyncPair {
    const pair = pairFrom(wanted, {
      id: pairId(randomBytes(4).toString('hex')),
      now: this.#now(),
      devices: this.#engine.devices,
      others: this.#store.pairs(),
    });
    this.#store.addPair(pair);
    this.#disks.note(pair);
    this.#tell();
    return pair;
  }

  /** Throws `bad-request` while the pair runs, or where it would meet another one. */
  changePair(id: PairId, change: SyncChange): SyncPair {
    this.#activities.refuseRunning(id);
    this.#store.changePair(
      id,
      changeFor(this.pair(id), change, { devices: this.#engine.devices, others: this.#store.pairs() }),
    );
    const pair = this.pair(id);
    if (change.local !== undefined) {
      this.#store.putDisk(id, undefined);
      this.#disks.note(pair);
    }
    this.#tell();
    return pair;
  }

  /** Resolves once it is noted on which disk a pair's folder is, after `addPair` and `changePair`; see `PairDisks`. Never rejects. */
  noted(id: PairId): Promise<void> {
    return this.#disks.noted(id);
  }

  /**
   * Forgets the pair and its record, and cancels what its runs have left to copy; complete files stay where they are. Rejects
   * with `bad-request` while it runs.
   */
  async removePair(id: PairId): Promise<void> {
    const pair = this.pair(id);
    await this.#activities.alone(id, { kind: 'finishing' }, undefined, async () => {
      for (const { id: transfer, finishedAt } of this.#engine.transfersFrom(originOf(pair)))
        if (finishedAt === undefined) await this.#engine.execute('cancel', { transfer });
      this.#store.removePair(id);
    });
  }

  /** Pairs that only need a yes, with the folders that the phone's first storage has. Never rejects for what it finds. */
  presets(device: Device): Promise<readonly PresetPair[]> {
    const storage = device.storages[0]?.key;
    return presetPairs(this.#home, device.name, async (path) => {
      if (storage === undefined) return undefined;
      try {
        const { entries } = await this.#engine.entries({ device: device.key, storage, path });
        return { isEmpty: entries.every((entry) => entry.kind === 'folder') };
      } catch {
        return undefined;
      }
    });
  }

  // --- runs

  /** What a run would do. Rejects as a scan does; changes nothing but the record of interrupted runs. */
  async preview(
    id: PairId,
    options: Pick<RunOptions, 'signal' | 'onActivity'> = {},
  ): Promise<{
    readonly preview: SyncPreview;
    readonly actions: readonly SyncAction[];
    readonly missing: MissingCopies;
  }> {
    const run = this.#pairRun(this.pair(id));
    return this.#activities.alone(id, SCANNING, options.signal, async (signal, onActivity) => {
      await this.#disks.noted(id);
      const { plan, preview } = await run.plan({ signal, onActivity: both(onActivity, options.onActivity) });
      return { preview, actions: actionsOf(plan), missing: plan.missing };
    });
  }

  /** Runs a pair to its end; what goes wrong on the way is in the result. Rejects when the pair runs already. */
  async run(id: PairId, options: RunOptions): Promise<RunResult> {
    const run = this.#pairRun(this.pair(id));
    const result = await this.#activities.alone(id, SCANNING, options.signal, async (signal, onActivity) => {
      await this.#disks.noted(id);
      return run.run({ ...options, signal, onActivity: both(onActivity, options.onActivity) });
    });
    const pair = this.#store.pairs().find((one) => one.id === id);
    if (pair !== undefined) this.#notify({ kind: 'finished', pair, run: result.run });
    return result;
  }

  /** Begins a run and answers at once; rejects when the pair runs already. */
  async begin(id: PairId, options: RunOptions): Promise<void> {
    this.#activities.refuseRunning(id);
    this.pair(id);
    this.run(id, options).catch((error: unknown) => this.#log(`sync: ${problemOf(error, 'sync').detail}`));
    await Promise.resolve();
  }

  /** Cancels an automatic run that is about to begin, or stops one after the chunk on the wire. */
  async stopRun(id: PairId): Promise<void> {
    const activity = this.#activities.abort(id);
    if (activity.kind === 'copying') await this.#engine.execute('pause', { transfer: activity.transfer });
  }

  #pairRun(pair: SyncPair): PairRun {
    return new PairRun({
      engine: this.#engine,
      store: this.#store,
      pair,
      platform: this.#platform,
      now: this.#now,
    });
  }

  // --- snapshots and queries

  /** All pairs as they stand. */
  snapshot(): SyncSnapshot {
    return { pairs: this.#store.pairs().map((pair) => this.#view(pair)) };
  }

  /** Some files of the pairs of a storage that are on it: by these it is recognised among those that are alike. */
  knownOn(device: DeviceKey, storage: StorageKey): readonly { readonly path: PhonePath; readonly size: number }[] {
    return this.#store
      .pairsOn(device)
      .filter((pair) => pair.storage === storage)
      .flatMap((pair) => {
        const isSource = pair.direction === 'to-computer';
        return this.#store
          .files(pair.id, { status: 'synced', offset: 0, limit: MOST_KNOWN })
          .files.flatMap(({ path, size, target, targetSize, goneAt }) =>
            isSource && goneAt !== undefined
              ? []
              : [
                  {
                    path: phonePath(`${pair.phone}/${isSource ? path : target}`),
                    size: isSource ? size : (targetSize ?? size),
                  },
                ],
          );
      });
  }

  #view(pair: SyncPair): SyncPairView {
    const activity = this.#activities.of(pair.id);
    const [lastRun] = this.#store.runs(pair.id, { offset: 0, limit: 1 });
    return {
      pair,
      activity,
      counts: this.#store.counts(pair.id),
      lastRun,
      next: nextRun(pair, lastRun, activity),
      ready: this.#engine.devices.some((device) => device.key === pair.device && device.state.kind === 'ready'),
    };
  }

  /** Runs of a pair, newest first. */
  history(id: PairId, query: { readonly offset: number; readonly limit: number }): readonly SyncRun[] {
    return this.#store.runs(this.pair(id).id, query);
  }

  files(id: PairId, query: SyncFileQuery): { readonly total: number; readonly files: readonly SyncRow[] } {
    return this.#store.files(this.pair(id).id, query);
  }

  /** Files directly in a phone's folder that are backed up, with what they were then. */
  backedUp(place: PhonePlace): readonly BackedUp[] {
    return backedUpIn(this.#store, place, this.#engine.devices);
  }

  /** The same with where their copies were put, for whoever looks whether they are still there. */
  copiesIn(place: PhonePlace): readonly BackedUpCopy[] {
    return copiesIn(this.#store, place, this.#engine.devices);
  }

  /** `pending`: decided anew at the next run. `skipped`: left out until it changes. Without paths: all failed and skipped ones. */
  mark(id: PairId, status: 'pending' | 'skipped', paths: readonly string[] | undefined): number {
    this.#activities.refuseRunning(id);
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
  #notify(notice: SyncNotice): void {
    for (const listener of this.#notices) listener(notice);
  }
  #tell(): void {
    for (const listener of this.#changed) listener();
  }
}

const both =
  (one: (activity: SyncActivity) => void, other: RunOptions['onActivity']) =>
  (activity: SyncActivity): void => {
    one(activity);
    other?.(activity);
  };
