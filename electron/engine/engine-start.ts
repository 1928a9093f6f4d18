import type { EngineParts } from './engine-parts.ts';
import { isDragFolder } from './local/drag-folders.ts';
import type { TransferRow } from './model/transfer-store.ts';

/** What an engine does when it starts: its parts are told of each other, and transfers of before are taken up. */

const DAY_MS = 24 * 60 * 60_000;
/** Transfers that are recent whatever their dates say. */
const LAST = 16;

/** Lets each part hear what others do, until the engine ends with them. Call once. */
export function connectParts(parts: EngineParts): void {
  const { context, streams, completion, housekeeping, arrivals, queue } = parts;
  const { registry, space, health } = context;
  context.onTransferChange((id) => {
    streams.changed('transfers');
    streams.changed('items');
    context.guard('completion', () => {
      completion.look(id);
    });
  });
  completion.onNotice((notice) => {
    if (notice.kind !== 'transfer-finished') return;
    housekeeping.transferFinished();
    if (notice.transfer.direction === 'upload') space.look(notice.transfer.device);
  });
  space.onChange(() => {
    streams.changed('transfers');
  });
  health.onChange(() => {
    streams.changed('transfers');
  });
  context.onArrival((row) => {
    context.guard('arrivals', () => {
      arrivals.add(row);
    });
  });
  registry.onChange(() => {
    streams.changed('devices');
    streams.changed('transfers');
    context.guard('needs', () => {
      completion.lookForNeeds();
    });
  });
  registry.onReady((connection) => {
    queue.lane(connection.key).wake();
  });
}

/** Takes up what was under way when the program last ended. Throws `store` where the database cannot be read or written. */
export function restoreTransfers({ context, queue, completion }: EngineParts): void {
  const { store, trials } = context;
  // claims of an engine that died in this process hold nothing any more
  store.releaseAll();
  const rows = store.transfers();
  // the clock may have been set since
  const last = new Set(rows.slice(-LAST));
  const isRecent = (row: TransferRow): boolean =>
    row.finishedAt === undefined || last.has(row) || Math.abs(context.now() - row.finishedAt) < DAY_MS;
  for (const row of rows) {
    if (row.sources.kind === 'items' && !row.planned) {
      // incomplete item list: discarded, its creator plans it again
      store.clearItems(row.id);
      store.updateTransfer(row.id, { planned: true, finishedAt: context.now(), removed: true });
      continue;
    }
    queue.restore(row);
    if (row.direction === 'download' && isRecent(row)) trials.note(row);
    // whoever dragged these has let go long ago
    if (row.finishedAt === undefined && isDragFolder(row.destination)) void queue.control.cancel(row);
    context.guard('restore', () => {
      // a move of it may have been taken up again just now
      completion.restore(row.id, store.transfer(row.id)?.finishedAt !== undefined);
    });
  }
}
