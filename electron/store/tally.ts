import type { ItemState } from '../engine/item.ts';
import type { ItemCounts, ItemRow } from '../engine/store-types.ts';
import type { ItemStateName, Outcome } from '../../shared/snapshots.ts';

/** What of an item is counted. */
export interface Counted {
  readonly state: ItemStateName;
  readonly outcome: Outcome['kind'] | undefined;
  readonly size: number;
  readonly confirmed: number;
}

export const outcomeOf = (state: ItemState): Outcome['kind'] | undefined =>
  state.kind === 'done' ? state.outcome.kind : undefined;

export const countedOf = (item: Pick<ItemRow, 'state' | 'size' | 'confirmed'>): Counted => ({
  state: item.state.kind,
  outcome: outcomeOf(item.state),
  size: item.size,
  confirmed: item.confirmed,
});

/**
 * The counts of one transfer, kept up to date change by change: a snapshot ten times a second must not read 100,000
 * rows. It is always derived from the rows first, so it cannot drift from one start to the next.
 */
export class Tally {
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
  #skipped = 0;
  #total = 0;
  #bytesTotal = 0;
  #bytesConfirmed = 0;

  add(item: Counted, times = 1): void {
    this.addMany(item.state, item.outcome, times, item.size * times, item.confirmed * times);
  }

  remove(item: Counted): void {
    this.add(item, -1);
  }

  addMany(
    state: ItemStateName,
    outcome: Outcome['kind'] | undefined,
    items: number,
    size: number,
    confirmed: number,
  ): void {
    this.#byState[state] += items;
    this.#total += items;
    const notMoved = outcome === 'skipped' || outcome === 'already-there';
    if (notMoved) this.#skipped += items;
    if (notMoved || state === 'cancelled') return;
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
      skipped: this.#skipped,
      total: this.#total,
      bytesTotal: this.#bytesTotal,
      bytesConfirmed: this.#bytesConfirmed,
    };
  }
}

/** Folded for a search: case-insensitive in every script, `é` in one piece or two. */
export const foldText = (text: string): string => text.normalize('NFC').toLowerCase();
