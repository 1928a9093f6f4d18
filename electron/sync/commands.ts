import { randomBytes } from 'node:crypto';
import type { SyncCommands } from '../engine/bridge-host.ts';
import { defined } from '../../shared/defined.ts';
import { fail } from '../../shared/errors.ts';
import {
  NO_FILTERS,
  previewId,
  type PairId,
  type PreviewId,
  type SyncAction,
  type SyncFilters,
} from '../../shared/sync.ts';
import type { Engine } from '../engine/index.ts';
import type { MissingCopies } from './local-disk.ts';
import { deletedIn } from './plan.ts';
import type { Sync } from './sync.ts';

/** The contract's sync commands, answered by `Sync`: what a window asks. */
export function syncCommands(sync: Sync, engine: Pick<Engine, 'devices'>): Required<SyncCommands> {
  const previews = new ShownPreviews();
  return {
    syncAdd: async ({ filters, ...rest }) => {
      const pair = sync.addPair({ ...defined(rest), filters: filtersOf(filters) });
      await sync.noted(pair.id);
      return pair;
    },
    syncChange: async ({ pair, filters, ...rest }) => {
      const changed = sync.changePair(pair, {
        ...defined(rest),
        ...(filters === undefined ? {} : { filters: filtersOf(filters) }),
      });
      await sync.noted(pair);
      return changed;
    },
    syncRemove: async ({ pair }) => {
      await sync.removePair(pair);
    },
    syncPresets: async ({ device: key }) => {
      const device = engine.devices.find((one) => one.key === key);
      if (device === undefined) throw fail('disconnected', 'sync', '');
      return sync.presets(device);
    },
    syncPreview: async ({ pair }) => {
      const { preview, ...shown } = await sync.preview(pair);
      return { ...preview, id: previews.add({ pair, ...shown }) };
    },
    syncActions: async ({ preview, offset, limit, only }) => {
      const all = previews.of(preview)?.actions ?? [];
      const wanted = only === undefined ? all : all.filter((action) => action.kind === only);
      return { total: wanted.length, actions: wanted.slice(offset, offset + limit) };
    },
    syncRun: async ({ pair, confirmDeletions, confirmMissing }) => {
      // a yes is about one preview, of one pair, and is said once
      const shownIn = (id: PreviewId | undefined): Shown | undefined => {
        const shown = id === undefined ? undefined : previews.of(id);
        return shown?.pair === pair ? shown : undefined;
      };
      const [deletions, missing] = [shownIn(confirmDeletions), shownIn(confirmMissing)];
      for (const said of [confirmDeletions, confirmMissing]) if (said !== undefined) previews.forget(said);
      await sync.begin(pair, {
        waitMs: Infinity,
        confirmDeletions: confirmDeletions !== undefined && deletedIn(deletions?.actions ?? []),
        confirmMissing: missing?.missing ?? false,
      });
    },
    syncStop: ({ pair }) => sync.stopRun(pair),
    syncHistory: async ({ pair, offset, limit }) => sync.history(pair, { offset, limit }),
    syncFiles: async ({ pair, ...query }) => sync.files(pair, query),
    syncMark: async ({ pair, status, paths }) => ({ changed: sync.mark(pair, status, paths) }),
    syncBackedUp: async ({ place }) => sync.backedUp(place),
  };
}

/** Previews that are kept; of one that a window looks at again later, the sum is all it still has. */
const MOST_PREVIEWS = 8;

interface Shown {
  readonly pair: PairId;
  readonly actions: readonly SyncAction[];
  readonly missing: MissingCopies;
}

/** What previews told that windows were shown, which they read page by page. */
class ShownPreviews {
  readonly #kept = new Map<PreviewId, Shown>();

  add(shown: Shown): PreviewId {
    const id = previewId(randomBytes(8).toString('hex'));
    this.#kept.set(id, shown);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_PREVIEWS && oldest !== undefined) this.#kept.delete(oldest);
    return id;
  }
  of(id: PreviewId): Shown | undefined {
    return this.#kept.get(id);
  }
  forget(id: PreviewId): void {
    this.#kept.delete(id);
  }
}

const filtersOf = (
  given: { readonly [K in keyof SyncFilters]?: SyncFilters[K] | undefined } | undefined,
): SyncFilters => ({
  include: given?.include ?? NO_FILTERS.include,
  exclude: given?.exclude ?? NO_FILTERS.exclude,
  kinds: given?.kinds ?? NO_FILTERS.kinds,
  newerThan: given?.newerThan,
  largerThan: given?.largerThan,
});
