import type { ItemState } from '../engine/model/item-state.ts';
import type { ItemCounts, ItemRow } from '../engine/model/transfer-store.ts';
import type { VerifyLevel } from '../../shared/domain.ts';
import type { ItemStateName, ItemView, Outcome } from '../../shared/snapshots.ts';

/** The fields of an item that are counted. */
export interface Counted {
  readonly kind: ItemView['kind'];
  readonly state: ItemStateName;
  readonly outcome: Outcome['kind'] | undefined;
  /** Of a moved file. */
  readonly verified: VerifyLevel | undefined;
  readonly size: number;
  readonly confirmed: number;
}

/** How an item ended well; `undefined` while it is not `done`. */
export const outcomeOf = (state: ItemState): Outcome['kind'] | undefined =>
  state.kind === 'done' ? state.outcome.kind : undefined;

/** How a moved file was verified; `undefined` for every other item. */
export const verifiedOf = (kind: ItemView['kind'], state: ItemState): VerifyLevel | undefined =>
  kind === 'file' && state.kind === 'done' && state.outcome.kind === 'moved'
    ? state.outcome.verification.level
    : undefined;

/** The counted fields of an item as it is now. */
export const countedOf = (item: Pick<ItemRow, 'kind' | 'state' | 'size' | 'confirmed'>): Counted => ({
  kind: item.kind,
  state: item.state.kind,
  outcome: outcomeOf(item.state),
  verified: verifiedOf(item.kind, item.state),
  size: item.size,
  confirmed: item.confirmed,
});

/**
 * Counters of one transfer, updated with every change, because ten snapshots per second must not read 100,000 rows.
 * They are first computed from the rows, so they cannot drift between starts.
 */
export class ItemCounters {
  readonly #byState: Record<ItemStateName, number> = {
    queued: 0,
    preparing: 0,
    asking: 0,
    moving: 0,
    confirming: 0,
    stopping: 0,
    waiting: 0,
    paused: 0,
    done: 0,
    failed: 0,
    cancelled: 0,
  };
  readonly #moved = { files: 0, folders: 0 };
  readonly #alreadyThere = { files: 0, folders: 0 };
  readonly #verified = { size: 0, sampled: 0, full: 0 };
  #skipped = 0;
  #total = 0;
  /** Exact however large the listed sizes are, so that adding and removing an item leaves no remainder. */
  #bytesTotal = 0n;
  #bytesConfirmed = 0n;

  add(item: Counted, times = 1): void {
    this.addMany(item, times, BigInt(item.size) * BigInt(times), BigInt(item.confirmed) * BigInt(times));
  }

  remove(item: Counted): void {
    this.add(item, -1);
  }

  /** Adds `items` items of one kind, state, outcome and verification, with the sums of their bytes. */
  addMany(
    { kind, state, outcome, verified }: Pick<Counted, 'kind' | 'state' | 'outcome' | 'verified'>,
    items: number,
    size: bigint,
    confirmed: bigint,
  ): void {
    const group = kind === 'file' ? 'files' : 'folders';
    this.#byState[state] += items;
    this.#total += items;
    switch (outcome) {
      case 'skipped':
        this.#skipped += items;
        return;
      case 'already-there':
        this.#alreadyThere[group] += items;
        return;
      case 'moved':
        this.#moved[group] += items;
        if (verified !== undefined) this.#verified[verified] += items;
        break;
      case undefined:
        break;
    }
    if (state === 'cancelled') return;
    this.#bytesTotal += size;
    this.#bytesConfirmed += confirmed;
  }

  get total(): number {
    return this.#total;
  }

  matching(only: 'all' | 'failed' | 'unfinished'): number {
    const { done, failed, cancelled } = this.#byState;
    switch (only) {
      case 'all':
        return this.#total;
      case 'failed':
        return failed;
      case 'unfinished':
        return this.#total - done - failed - cancelled;
    }
  }

  counts(): ItemCounts {
    return {
      byState: { ...this.#byState },
      moved: { ...this.#moved },
      alreadyThere: { ...this.#alreadyThere },
      verified: { ...this.#verified },
      skipped: this.#skipped,
      total: this.#total,
      bytesTotal: Number(this.#bytesTotal),
      bytesConfirmed: Number(this.#bytesConfirmed),
    };
  }
}

/** Folds text for searching: ignores case in every script, and treats composed and decomposed `é` as equal. */
export const foldText = (text: string): string => text.normalize('NFC').toLowerCase();
