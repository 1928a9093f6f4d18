import { basename, isAbsolute, join, resolve } from 'node:path';
import { localPath } from '../../shared/domain.ts';
import type { CommandArgument, CommandReply } from '../../shared/contract.ts';
import { failRequest } from '../../shared/errors.ts';
import type { DeviceBus } from '../mtp/index.ts';
import type { EngineCommandName } from './api.ts';
import type { EngineContext } from './context.ts';
import type { IdentityQuestions } from './devices/identity-questions.ts';
import type { StorageQuestions } from './devices/storage-questions.ts';
import type { PhoneBrowser } from './devices/phone-browser.ts';
import { PhoneChanges } from './devices/phone-changes.ts';
import { PhoneDeletions } from './devices/phone-deletions.ts';
import type { DragFolders } from './local/drag-folders.ts';
import type { TransferRow } from './model/transfer-store.ts';
import { urlOf, type PictureCache } from './pictures/cache.ts';
import { localPicture } from './pictures/local-picture.ts';
import type { Opening } from './opening/opening.ts';
import type { Pictures } from './pictures/pictures.ts';
import type { CompletionNotifier } from './queue/completion.ts';
import { defined } from '../../shared/defined.ts';
import { notDragged } from './queue/dragged-files.ts';
import { locateSources } from './queue/locate-sources.ts';
import type { TransferQueue } from './queue/transfer-queue.ts';
import { awaitSettled } from './queue/wait-for.ts';
import { searchHistory } from './snapshots/history.ts';
import { reportLines, reportText } from './snapshots/report.ts';
import type { SnapshotStreams } from './snapshots/snapshot-streams.ts';
import { itemView } from './snapshots/transfer-view.ts';
import type { TransferViews } from './snapshots/transfer-views.ts';

/** One function for each engine command. Each rejects or throws with a `PhoneError`, which goes back as the refusal. */
export type Handlers = {
  readonly [N in EngineCommandName]: (argument: CommandArgument<N>) => Promise<CommandReply<N>> | CommandReply<N>;
};

/** What the commands are made of. */
export interface CommandParts {
  readonly context: EngineContext;
  readonly bus: DeviceBus & { release?: (id: string) => Promise<boolean> };
  readonly queue: TransferQueue;
  readonly views: TransferViews;
  readonly completion: CompletionNotifier;
  readonly browser: PhoneBrowser;
  readonly identities: IdentityQuestions;
  readonly storageQuestions: StorageQuestions;
  readonly pictures: Pictures;
  readonly cache: PictureCache | undefined;
  readonly streams: SnapshotStreams;
  readonly drags: DragFolders;
  readonly opening: Opening;
}

/** What each command of the contract does. */
export function commandHandlers(parts: CommandParts): Handlers {
  const { context, bus, queue, views, browser, pictures, cache, streams, drags, opening } = parts;
  const { control, factory } = queue;
  const { store, registry } = context;
  const changes = new PhoneChanges(browser);
  const deletions = new PhoneDeletions(browser);
  const unfinished = (): readonly TransferRow[] => store.transfers().filter((row) => row.finishedAt === undefined);
  return {
    upload: async ({ sources, to, options }) => {
      const paths = sources.map((source) => localPath(resolve(source)));
      return {
        transfer: (await queue.enqueue({ direction: 'upload', sources: paths, to, options: defined(options ?? {}) }))
          .transfer,
      };
    },
    download: async ({ sources, to, options }) => {
      const folder = to ?? factory.settings.downloadFolder;
      return {
        transfer: (await queue.enqueue({ direction: 'download', sources, to: folder, options: defined(options ?? {}) }))
          .transfer,
      };
    },
    pause: ({ transfer }) => control.pause(queue.row(transfer)),
    resume: ({ transfer }) => queue.resume(transfer),
    cancel: ({ transfer }) => control.cancel(queue.row(transfer)),
    pauseAll: async () => {
      await Promise.all(unfinished().map((row) => control.pause(row)));
    },
    resumeAll: async () => {
      await Promise.all(unfinished().map((row) => queue.resume(row.id)));
    },
    retry: ({ transfer, item }) => queue.retry(transfer, item),
    remove: ({ transfer }) => {
      const row = queue.row(transfer);
      if (row.finishedAt === undefined)
        throw failRequest('remove', { id: 'still-open' }, { id: 'cancel-first' }, { subject: row.title });
      control.abandonFailed(row);
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
    reorder: ({ transfer, before }) => control.reorder(queue.row(transfer), before),
    answer: ({ transfer, item, question, choice, applyToAll }) =>
      control.answer(queue.row(transfer), item, question, choice, applyToAll),
    locate: async ({ transfer, path }) => {
      const found = await locateSources(context, control, queue.row(transfer), path);
      queue.lane(queue.row(transfer).device).wake();
      return found;
    },
    makeFolder: ({ place, name }) => changes.makeFolder(place, name),
    rename: ({ place, name }) => changes.rename(place, name),
    moveOnPhone: ({ sources, to }) => changes.transfer(sources, to, 'move'),
    copyOnPhone: ({ sources, to }) => changes.transfer(sources, to, 'copy'),
    delete: async ({ sources, agreement }) => {
      try {
        return { deleted: await deletions.delete(sources, agreement) };
      } finally {
        // also what was deleted before something failed has made room
        for (const device of new Set(sources.map((source) => source.device))) context.space.look(device);
      }
    },
    measure: ({ sources }) => deletions.measure(sources),
    thumbnail: async ({ place }) => ({ url: await pictures.thumbnail(place) }),
    preview: async ({ place }) => ({ url: await pictures.preview(place) }),
    localPicture: async ({ transfer, item }) => {
      // by the item, never by a path: a window may not read whatever file it names
      const row = store.item(item);
      return { url: row?.transfer === transfer ? urlOf(await localPicture(context.disk, row.local)) : undefined };
    },
    keptPictures: async () => ({ bytes: (await cache?.size()) ?? 0 }),
    clearPictures: async () => {
      await cache?.clear();
    },
    fetchCopy: async ({ place, edit }) => {
      const { id, name, isProgram } = await opening.fetch(place, edit ?? false);
      return { copy: id, name, isProgram };
    },
    stopCopy: ({ copy }) => {
      opening.copies.stop(copy);
    },
    saveBack: async ({ copy }) => ({ transfer: await opening.edited.saveBack(copy) }),
    discardCopy: async ({ copy }) => ({ discarded: await opening.edited.discard(copy) }),
    keptCopies: () => ({ bytes: opening.copies.bytes }),
    clearCopies: () => opening.copies.clear(),
    copies: ({ place }) => ({
      copies: store.doneAt(place.device, place.storage, place.path, 3).map(itemView),
    }),
    refresh: ({ place }) => browser.refresh(place),
    retryDevice: ({ device }) => {
      registry.retry(device);
    },
    restDevice: ({ device }) => {
      registry.rest(device);
    },
    identifyDevice: ({ device, as }) => {
      parts.identities.answer(device, as);
      streams.changed('devices');
      streams.changed('transfers');
      if (as === undefined) return;
      parts.completion.tell({ kind: 'phone-identified', from: as, to: device });
      queue.adopted(as, device);
    },
    identifyStorage: ({ device, storage, as }) => {
      parts.storageQuestions.answer(device, storage, as);
      streams.changed('devices');
      streams.changed('transfers');
      if (as === undefined) return;
      parts.completion.tell({ kind: 'storage-identified', device, from: storage, to: as });
      queue.storageIdentified(device);
    },
    releaseDevice: async ({ device }) => {
      const attached = registry.attached(device);
      const released = attached === undefined ? false : ((await bus.release?.(attached.id)) ?? false);
      registry.retry(device);
      return { released };
    },
    getSettings: () => factory.settings,
    setSettings: (change) => {
      const { downloadFolder: subject } = change;
      // what it is relative to is another folder with each start
      if (subject !== undefined && !isAbsolute(subject))
        throw failRequest('setSettings', { id: 'whole-path' }, undefined, { subject });
      store.saveSettings(defined(change));
      streams.changed('settings');
      return factory.settings;
    },
    history: async ({ search, offset, limit }) => {
      const page = { offset: offset ?? 0, limit: limit ?? 100 };
      const found = (search ?? '') === '' ? store.history(page) : await searchHistory(store, search ?? '', page);
      return { total: found.total, transfers: found.transfers.map((row) => views.of(row)) };
    },
    report: async ({ transfer, format }) => {
      const lines = await reportLines(store, queue.row(transfer).id);
      const text = format === 'csv' || format === 'json' ? await reportText(lines, format) : '';
      return { text, lines };
    },
    prepareDrag: async ({ sources }) => {
      const folder = await drags.make();
      const { transfer } = await queue.enqueue({
        direction: 'download',
        sources,
        to: folder,
        options: { onConflict: 'keep-both', onName: 'legal' },
      });
      const view = await awaitSettled(context, () => views.view(transfer), transfer, { waitMs: 0 });
      if (view.state !== 'done') {
        // whoever dragged has let go by the time it could go on
        await control.cancel(queue.row(transfer));
        throw notDragged(view);
      }
      // under the names that this computer can hold
      const { items } = store.items(transfer, { offset: 0, limit: Number.MAX_SAFE_INTEGER });
      const tops = items.filter((item) => !item.name.includes('/'));
      return { paths: tops.map((item) => localPath(join(folder, item.savedAs ?? basename(item.local)))) };
    },
  };
}
