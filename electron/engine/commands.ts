import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { localPath, type DeviceKey, type ItemId, type TransferId } from '../../shared/domain.ts';
import type { CommandArgument, CommandReply } from '../../shared/contract.ts';
import { fail } from '../../shared/errors.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import type { PhoneBrowser } from './devices/phone-browser.ts';
import type { EngineContext } from './context.ts';
import type { EngineApi, EngineCommandName } from './api.ts';
import { defined, type TransferFactory } from './queue/create-transfer.ts';
import { locateSources } from './queue/locate-sources.ts';
import { urlOf, type PictureCache } from './pictures/cache.ts';
import { localPicture } from './pictures/local-picture.ts';
import type { Pictures } from './pictures/pictures.ts';
import { reportCsv, reportLines } from './snapshots/report.ts';
import type { TransferControl } from './queue/transfer-control.ts';
import type { TransferRow } from './model/transfer-store.ts';
import { itemView } from './snapshots/transfer-view.ts';

export type Handlers = {
  readonly [N in EngineCommandName]: (argument: CommandArgument<N>) => Promise<CommandReply<N>> | CommandReply<N>;
};

export interface CommandParts {
  readonly context: EngineContext;
  readonly browser: PhoneBrowser;
  readonly pictures: Pictures;
  readonly cache: PictureCache | undefined;
  readonly steering: TransferControl;
  readonly intake: TransferFactory;
  readonly enqueue: EngineApi['enqueue'];
  readonly settled: EngineApi['settled'];
  readonly row: (id: TransferId) => TransferRow;
  readonly viewOf: (row: TransferRow) => TransferView;
  readonly resume: (id: TransferId) => Promise<void>;
  readonly retry: (id: TransferId, item: ItemId | undefined) => Promise<void>;
  /** This run works on the transfer, also where it does not continue others by itself. */
  readonly want: (id: TransferId) => void;
  readonly wake: (device: DeviceKey) => void;
  readonly release: (device: DeviceKey) => Promise<boolean>;
  /** A person says who a phone is; see `IdentityQuestions.answer`. */
  readonly identify: (device: DeviceKey, as: DeviceKey | undefined) => void;
  readonly changed: (stream: 'settings') => void;
}

/** What each command of the contract does. */
export function commandHandlers(parts: CommandParts): Handlers {
  const { context, browser, pictures, cache, steering } = parts;
  const { store } = context;
  const unfinished = (): readonly TransferRow[] => store.transfers().filter((row) => row.finishedAt === undefined);
  return {
    upload: async ({ sources, to, options }) => {
      const paths = sources.map((source) => localPath(resolve(source)));
      return {
        transfer: (await parts.enqueue({ direction: 'upload', sources: paths, to, options: defined(options ?? {}) }))
          .transfer,
      };
    },
    download: async ({ sources, to, options }) => {
      const folder = to ?? parts.intake.settings.downloadFolder;
      return {
        transfer: (await parts.enqueue({ direction: 'download', sources, to: folder, options: defined(options ?? {}) }))
          .transfer,
      };
    },
    pause: ({ transfer }) => steering.pause(parts.row(transfer)),
    resume: ({ transfer }) => parts.resume(transfer),
    cancel: ({ transfer }) => steering.cancel(parts.row(transfer)),
    pauseAll: async () => {
      await Promise.all(unfinished().map((row) => steering.pause(row)));
    },
    resumeAll: async () => {
      await Promise.all(unfinished().map((row) => parts.resume(row.id)));
    },
    retry: async ({ transfer, item }) => {
      parts.want(transfer);
      await parts.retry(transfer, item);
    },
    remove: ({ transfer }) => {
      const row = parts.row(transfer);
      if (row.finishedAt === undefined)
        throw fail('bad-request', 'remove', 'Cancel the transfer first.', { subject: row.title });
      steering.abandonFailed(row);
      store.updateTransfer(transfer, { removed: true });
      context.touch(transfer);
    },
    removeFinished: () => {
      for (const row of store.transfers()) {
        if (row.finishedAt === undefined || store.counts(row.id).byState.failed > 0) continue;
        store.updateTransfer(row.id, { removed: true });
        context.touch(row.id);
      }
    },
    reorder: ({ transfer, before }) => steering.reorder(parts.row(transfer), before),
    answer: ({ transfer, item, choice, applyToAll }) => steering.answer(parts.row(transfer), item, choice, applyToAll),
    locate: async ({ transfer, path }) => {
      const found = await locateSources(context, steering, parts.row(transfer), path);
      parts.wake(parts.row(transfer).device);
      return found;
    },
    makeFolder: ({ place, name }) => browser.makeFolder(place, name),
    rename: ({ place, name }) => browser.rename(place, name),
    moveOnPhone: ({ sources, to }) => browser.transferOnPhone(sources, to, 'move'),
    copyOnPhone: ({ sources, to }) => browser.transferOnPhone(sources, to, 'copy'),
    delete: async ({ sources }) => {
      try {
        return { deleted: await browser.delete(sources) };
      } finally {
        // also what was deleted before something failed has made room
        for (const device of new Set(sources.map((source) => source.device))) context.space.look(device);
      }
    },
    measure: ({ sources }) => browser.measure(sources),
    thumbnail: async ({ place }) => ({ url: await pictures.thumbnail(place) }),
    preview: async ({ place }) => ({ url: await pictures.preview(place) }),
    localPicture: async ({ transfer, item }) => {
      // by the item, never by a path: a window may not read whatever file it names
      const row = store.item(item);
      return { url: row?.transfer === transfer ? urlOf(await localPicture(row.local)) : undefined };
    },
    keptPictures: async () => ({ bytes: (await cache?.size()) ?? 0 }),
    clearPictures: async () => {
      await cache?.clear();
    },
    copies: ({ place }) => ({
      copies: store.doneAt(place.device, place.storage, place.path, 3).map(itemView),
    }),
    refresh: ({ place }) => browser.refresh(place),
    retryDevice: ({ device }) => {
      context.registry.retry(device);
    },
    restDevice: ({ device }) => {
      context.registry.rest(device);
    },
    identifyDevice: ({ device, as }) => {
      parts.identify(device, as);
    },
    releaseDevice: async ({ device }) => {
      const released = await parts.release(device);
      context.registry.retry(device);
      return { released };
    },
    getSettings: () => parts.intake.settings,
    setSettings: (change) => {
      store.saveSettings(defined(change));
      parts.changed('settings');
      return parts.intake.settings;
    },
    history: ({ search, offset, limit }) => {
      const found = store.history({ search, offset: offset ?? 0, limit: limit ?? 100 });
      return { total: found.total, transfers: found.transfers.map((row) => parts.viewOf(row)) };
    },
    report: ({ transfer, format }) => {
      const lines = reportLines(store, parts.row(transfer).id);
      const text =
        format === 'csv' ? reportCsv(lines) : format === 'json' ? `${JSON.stringify(lines, undefined, 2)}\n` : '';
      return { text, lines };
    },
    prepareDrag: async ({ sources }) => {
      const folder = localPath(await mkdtemp(join(tmpdir(), 'replug-drag-')));
      const { transfer } = await parts.enqueue({
        direction: 'download',
        sources,
        to: folder,
        options: { onClash: 'keep-both' },
      });
      const view = await parts.settled(transfer, { waitMs: 0 });
      if (view.state !== 'done') throw fail('disconnected', 'drag', view.state);
      // under the names that this computer can hold
      const { items } = store.items(transfer, { offset: 0, limit: Number.MAX_SAFE_INTEGER });
      const tops = items.filter((item) => !item.name.includes('/'));
      return { paths: tops.map((item) => localPath(join(folder, item.savedAs ?? basename(item.local)))) };
    },
  };
}
