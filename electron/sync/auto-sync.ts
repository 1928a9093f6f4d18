import type { Device, TransferId } from '../../shared/domain.ts';
import { problemOf } from '../../shared/errors.ts';
import type { PairId, SyncPair, SyncRun } from '../../shared/sync.ts';
import type { Engine } from '../engine/index.ts';
import { originOf } from './record-results.ts';
import type { SyncStore } from './sync-store.ts';

/** What happens with nobody asking, in a program that keeps running: runs at the plug, and the end of interrupted ones. */

/** What it works with. */
export interface AutoSyncParts {
  readonly engine: Pick<Engine, 'watch' | 'onNotice' | 'transferRow' | 'transfersFrom'>;
  readonly store: Pick<SyncStore, 'pairs' | 'openRuns' | 'updateRun'>;
  readonly log: (line: string) => void;
  readonly isIdle: (pair: SyncPair) => boolean;
  /** Announces a run; resolves with whether it may begin. */
  readonly announce: (pair: SyncPair) => Promise<boolean>;
  readonly run: (pair: SyncPair) => Promise<unknown>;
  /** Ends the runs of a process that died, where their transfers have ended. */
  readonly endEarlier: (pair: SyncPair) => Promise<SyncRun | undefined>;
  readonly ended: (pair: SyncPair, run: SyncRun) => void;
  readonly changed: () => void;
}

/** Runs automatic pairs when their phone is plugged in. */
export class AutoSync {
  readonly #parts: AutoSyncParts;
  /** Phones that were ready in the last snapshot. */
  #ready = new Set<string>();
  /** Pairs whose interrupted run is just being ended, and whether their phone came meanwhile. */
  readonly #ending = new Map<PairId, { cameMeanwhile: boolean }>();

  constructor(parts: AutoSyncParts) {
    this.#parts = parts;
  }

  /** Starts watching; returns the function that ends it. */
  start(): () => void {
    const { engine } = this.#parts;
    this.#adopt();
    const stops = [
      engine.watch('devices', undefined, ({ devices }) => this.#onDevices(devices)),
      engine.onNotice((notice) => {
        if (notice.kind === 'transfer-finished') this.#noteTransfer(notice.transfer.id);
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** The transfers of an interrupted run resume by themselves in a program that keeps running, so the run does too. */
  #adopt(): void {
    const { engine, store } = this.#parts;
    for (const pair of store.pairs()) {
      const goesOn = engine.transfersFrom(originOf(pair)).some((row) => row.planned && row.finishedAt === undefined);
      const last = store.openRuns().findLast((run) => run.pair === pair.id);
      if (goesOn && last?.state === 'interrupted') store.updateRun(last.id, { state: 'running' });
    }
  }

  #onDevices(devices: readonly Device[]): void {
    const { store, isIdle, changed } = this.#parts;
    const ready = new Set<string>(devices.filter((device) => device.state.kind === 'ready').map((one) => one.key));
    const came = [...ready].filter((key) => !this.#ready.has(key));
    this.#ready = ready;
    if (came.length === 0) return;
    for (const pair of store.pairs()) {
      if (!came.includes(pair.device)) continue;
      const ending = this.#ending.get(pair.id);
      if (ending !== undefined) ending.cameMeanwhile = true;
      else if (isIdle(pair)) void (pair.automatic ? this.#soon(pair) : this.#endEarlier(pair));
    }
    changed();
  }

  /** Announces the run, leaves a moment to stop it, then runs. */
  async #soon(pair: SyncPair): Promise<void> {
    const { announce, run, log, store } = this.#parts;
    if (!(await announce(pair))) return;
    // taken back while it was announced
    if (!store.pairs().some(({ id, automatic }) => id === pair.id && automatic)) return;
    await run(pair).catch((error: unknown) => {
      const problem = problemOf(error, 'sync');
      log(`${pair.name} did not run: ${problem.operation}: ${problem.detail}`);
    });
  }

  #noteTransfer(transfer: TransferId): void {
    const { engine, store } = this.#parts;
    const sources = engine.transferRow(transfer)?.sources;
    if (sources?.kind !== 'items') return;
    for (const pair of store.pairs()) if (sources.origin === originOf(pair)) void this.#endEarlier(pair);
  }

  /** Ends a run of a process that died, once its transfers have ended. */
  async #endEarlier(pair: SyncPair): Promise<void> {
    const { store, isIdle, endEarlier, ended, log } = this.#parts;
    if (!isIdle(pair) || !store.openRuns().some((run) => run.pair === pair.id)) return;
    const ending = { cameMeanwhile: false };
    this.#ending.set(pair.id, ending);
    try {
      const run = await endEarlier(pair);
      if (run !== undefined) ended(pair, run);
    } catch (error) {
      log(`${pair.name} was not ended: ${problemOf(error, 'sync').detail}`);
    } finally {
      this.#ending.delete(pair.id);
    }
    if (ending.cameMeanwhile && pair.automatic) await this.#soon(pair);
  }
}
