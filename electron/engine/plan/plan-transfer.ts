import { localPath, type PhonePath } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import { isLegalPhoneName, legalPhoneName } from '../../mtp/index.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import { isInsensitive } from '../local/local-files.ts';
import { planDownload } from './plan-download.ts';
import { planUpload } from './plan-upload.ts';
import type { TransferRow } from '../model/transfer-store.ts';

/**
 * Plans a transfer into the store: everything is counted and sized before the first byte moves. `stop` is asked between
 * batches; a planning that was stopped, or whose transfer was cancelled meanwhile, adds nothing more.
 */
export async function planTransfer(
  context: EngineContext,
  row: TransferRow,
  connection: Connection | undefined,
  stop: () => boolean = () => false,
): Promise<void> {
  const { store } = context;
  // a planning that was cut short left a part of the list; it is made again from the sources
  store.clearItems(row.id);
  const batches = await planned(context, row, connection);
  for await (const batch of batches) {
    if (stop() || store.transfer(row.id)?.planned !== false) return;
    store.addItems(
      row.id,
      batch.map(({ item, problem, skipped, savedAs }) => ({ ...item, problem, skipped, savedAs })),
      context.now(),
    );
    context.touch(row.id);
  }
  if (stop()) return;
  if (context.pausedPlans.delete(row.id)) store.changeStates(row.id, ['queued'], { kind: 'paused' }, context.now());
  store.updateTransfer(row.id, { planned: true });
  context.touch(row.id);
}

async function planned(
  context: EngineContext,
  row: TransferRow,
  connection: Connection | undefined,
): Promise<ReturnType<typeof planUpload>> {
  switch (row.sources.kind) {
    case 'local': {
      const removable = connection?.tree.storages.find((storage) => storage.key === row.storage)?.removable;
      return planUpload(row.sources.paths, {
        storage: row.storage,
        path: row.destination as PhonePath,
        legalFolder: (name) => phoneNameFor(name, removable ?? false),
        onPhone: (name) => phoneNameFor(name, removable ?? true),
        move: row.options.move,
      });
    }
    case 'phone':
      if (connection === undefined) throw fail('disconnected', 'plan', 'the phone is not there');
      return planDownload(
        row.sources.places,
        localPath(row.destination),
        connection.tree,
        {
          platform: context.platform,
          insensitive: await isInsensitive(row.destination, context.platform, context.unique()),
        },
        row.options.move,
      );
    case 'items':
      return nothingMore();
  }
}

/** The name as the phone can hold it; `strict` for a card, whose file system refuses more. */
export const phoneNameFor = (name: string, strict: boolean): string =>
  isLegalPhoneName(name, { strict }) ? name : legalPhoneName(name);

/** Given whole or not at all: what a death of the program left of such a list is dropped, and its origin plans anew. */
async function* nothingMore(): ReturnType<typeof planUpload> {}
