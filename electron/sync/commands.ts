import type { SyncCommands } from '../engine/bridge-host.ts';
import { defined } from '../../shared/defined.ts';
import { fail } from '../../shared/errors.ts';
import { NO_FILTERS, type PairId, type SyncAction, type SyncFilters } from '../../shared/sync.ts';
import type { Engine } from '../engine/index.ts';
import { deletedIn } from './plan.ts';
import type { Sync } from './sync.ts';

/** The contract's sync commands, answered by `Sync`: what a window asks. */
export function syncCommands(sync: Sync, engine: Pick<Engine, 'devices'>): Required<SyncCommands> {
  /** The lines of the last preview of each pair; a window reads them page by page. */
  const previews = new Map<PairId, readonly SyncAction[]>();
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
      sync.removePair(pair);
      previews.delete(pair);
    },
    syncPresets: async ({ device: key }) => {
      const device = engine.devices.find((one) => one.key === key);
      if (device === undefined) throw fail('disconnected', 'sync', '');
      return sync.presets(device);
    },
    syncPreview: async ({ pair }) => {
      const { preview, actions } = await sync.preview(pair);
      previews.set(pair, actions);
      return preview;
    },
    syncActions: async ({ pair, offset, limit, only }) => {
      const all = previews.get(pair) ?? [];
      const wanted = only === undefined ? all : all.filter((action) => action.kind === only);
      return { total: wanted.length, actions: wanted.slice(offset, offset + limit) };
    },
    syncRun: async ({ pair, confirmDeletions, confirmMissing }) => {
      const shown = deletedIn(previews.get(pair) ?? []);
      previews.delete(pair);
      await sync.begin(pair, {
        waitMs: Infinity,
        confirmDeletions: confirmDeletions === true && shown,
        confirmMissing: confirmMissing ?? false,
      });
    },
    syncStop: ({ pair }) => sync.stopRun(pair),
    syncHistory: async ({ pair, offset, limit }) => sync.history(pair, { offset, limit }),
    syncFiles: async ({ pair, ...query }) => sync.files(pair, query),
    syncMark: async ({ pair, status, paths }) => ({ changed: sync.mark(pair, status, paths) }),
    syncBackedUp: async ({ place }) => sync.backedUp(place),
  };
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
