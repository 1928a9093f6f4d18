import type { TransferRow } from '../../../electron/engine/index.ts';
import type { Sync, SyncStore } from '../../../electron/sync/index.ts';
import { localPath, phonePath, type Device, type DeviceKey, type TransferId } from '../../../shared/domain.ts';
import type { PairId, SyncRun } from '../../../shared/sync.ts';
import type { Asked } from './judge.ts';
import type { PairEnd } from './judge-pairs.ts';
import { FROM_HOME, FROM_PHONE, TO_HOME, TO_PHONE, type PairPlan } from './script.ts';
import type { LivingWorld } from './world.ts';

/** Folder pairs of a life, as the person knows them who made them. */

/** Runs of a pair in the calm: two that are done, or as many as nobody would begin any more. */
const MOST_RUNS = 8;
/** For a phone to come back, in a run of the calm. */
const CALM_WAIT_MS = 60_000;

interface LivingPair {
  readonly id: PairId;
  readonly plan: PairPlan;
  /** Real path of its storage, and of the top of the disk here. */
  readonly top: string;
  readonly here: string;
  readonly at: number;
  readonly runs: SyncRun[];
  confirms: boolean;
}

export class FolderPairs {
  readonly #stores: { readonly sync: SyncStore };
  readonly #world: LivingWorld;
  readonly #tell: (line: string) => void;
  readonly #pairs = new Map<string, LivingPair>();
  readonly #transfers = new Map<TransferId, Asked>();

  constructor(stores: { readonly sync: SyncStore }, world: LivingWorld, tell: (line: string) => void) {
    this.#stores = stores;
    this.#world = world;
    this.#tell = tell;
  }

  /** Makes the pair where there is none, and runs it. Never rejects. */
  async run(sync: Sync, plan: PairPlan, device: Device, confirms: boolean, now: number): Promise<void> {
    try {
      const pair = this.#pairs.get(keyOf(plan)) ?? (await this.#make(sync, plan, device, now));
      if (pair === undefined) return;
      pair.confirms ||= confirms;
      const { run } = await sync.run(pair.id, {
        waitMs: Number.POSITIVE_INFINITY,
        confirmDeletions: confirms,
        confirmMissing: confirms,
      });
      this.#told(pair, run);
    } catch (error) {
      this.#tell(`no run: ${String(error)}`);
    }
  }

  async #make(sync: Sync, plan: PairPlan, device: Device, at: number): Promise<LivingPair | undefined> {
    const storage = device.storages[plan.card ? 1 : 0] ?? device.storages[0];
    if (storage === undefined) return undefined;
    const here = this.#world.top({ kind: plan.stick && this.#world.stick !== undefined ? 'stick' : 'home' });
    const toComputer = plan.direction === 'to-computer';
    const { id } = sync.addPair({
      place: { device: device.key, storage: storage.key, path: phonePath(`/${toComputer ? FROM_PHONE : TO_PHONE}`) },
      local: localPath(`${here}/${toComputer ? TO_HOME : FROM_HOME}`),
      direction: plan.direction,
      deletions: plan.deletions,
      conflicts: plan.conflicts,
      layout: plan.layout,
      automatic: plan.automatic,
    });
    const top = this.#world.topOfStorage(plan.phone, storage.capacity);
    const pair: LivingPair = { id, plan, top, here, at, runs: [], confirms: false };
    this.#pairs.set(keyOf(plan), pair);
    await sync.noted(id);
    return pair;
  }

  stop(sync: Sync, which: number): void {
    const pair = [...this.#pairs.values()][which % Math.max(1, this.#pairs.size)];
    if (pair !== undefined) sync.stopRun(pair.id).catch(() => undefined);
  }

  /** Begins a run of each pair that is not in step yet, as a person does who has nothing else to do. */
  goOn(sync: Sync, isHere: (key: DeviceKey) => boolean): void {
    for (const pair of this.#pairs.values()) {
      if (isSettled(pair)) continue;
      const view = sync.snapshot().pairs.find((one) => one.pair.id === pair.id);
      if (view?.activity.kind !== 'idle' || !isHere(view.pair.device)) continue;
      sync.run(pair.id, { waitMs: CALM_WAIT_MS, confirmDeletions: true, confirmMissing: true }).then(
        ({ run }) => {
          this.#told(pair, run);
          pair.runs.push(run);
        },
        (error: unknown) => this.#tell(`no run: ${String(error)}`),
      );
    }
  }

  #told({ plan }: LivingPair, run: SyncRun): void {
    this.#tell(`a run ${plan.direction}: ${JSON.stringify(run)}`);
  }

  /** Whether a pair's phone is known under a key by nobody but the pair. */
  phoneOf(key: DeviceKey): number | undefined {
    const known = this.#stores.sync.pairs().find(({ device }) => device === key);
    return [...this.#pairs.values()].find(({ id }) => id === known?.id)?.plan.phone;
  }

  /** Whether all that can be run have been, until they were in step. `isHere`: whether its phone is there; `isLate`: it would be by now. */
  areSettled(isHere: (key: DeviceKey) => boolean, isLate: boolean): boolean {
    const stored = this.#stores.sync.pairs();
    return [...this.#pairs.values()].every((pair) => {
      const device = stored.find(({ id }) => id === pair.id)?.device;
      return isSettled(pair) || device === undefined || (isLate && !isHere(device));
    });
  }

  /** The transfers of all pairs. */
  asked(rows: readonly TransferRow[]): readonly Asked[] {
    if (this.#pairs.size === 0) return [];
    for (const { id, sources } of rows) {
      if (sources.kind !== 'items' || this.#transfers.has(id)) continue;
      const pair = [...this.#pairs.values()].find((one) => sources.origin === `sync:${one.id}`);
      if (pair === undefined) continue;
      const { plan, top, at, here } = pair;
      this.#transfers.set(id, {
        id,
        kind: plan.direction === 'to-computer' ? 'pull' : 'push',
        phone: plan.phone,
        top,
        isOfPair: true,
        pair: pair.id,
        moves: false,
        mayReplace: plan.conflicts === 'replace' || plan.conflicts === 'newer',
        mayMove: false,
        at,
        onStick: here === this.#world.top({ kind: 'stick' }),
      });
    }
    return [...this.#transfers.values()];
  }

  ends(): readonly PairEnd[] {
    return [...this.#pairs.values()].map(({ id, plan, top, here, at, runs }): PairEnd => {
      const toComputer = plan.direction === 'to-computer';
      return {
        id,
        plan,
        source: toComputer ? `${top}/${FROM_PHONE}` : `${here}/${FROM_HOME}`,
        target: toComputer ? `${here}/${TO_HOME}` : `${top}/${TO_PHONE}`,
        rows: this.#stores.sync.rows(id),
        runs,
        isBelow: here === this.#world.top({ kind: 'stick' }) && this.#world.wasStickAway(at),
      };
    });
  }
}

const keyOf = ({ phone, card, stick, direction }: PairPlan): string => `${phone} ${card} ${stick} ${direction}`;

function isSettled({ runs }: LivingPair): boolean {
  const [last, before] = [runs.at(-1), runs.at(-2)];
  return runs.length >= MOST_RUNS || (last?.state === 'done' && before?.state === 'done');
}
