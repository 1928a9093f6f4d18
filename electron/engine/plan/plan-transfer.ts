import { setImmediate as turn } from 'node:timers/promises';
import { ROOT, localPath, type PhonePath, type TransferId } from '../../../shared/domain.ts';
import { fail, type Problem } from '../../../shared/errors.ts';
import { isCard } from '../../../shared/storages.ts';
import { isLegalPhoneName, legalPhoneName } from '../../mtp/index.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import { bringUpToDate } from '../devices/look-again.ts';
import { tryNames } from '../local/disk-names.ts';
import type { DiskNames } from '../local/local-names.ts';
import { planDownload, type PhoneLister, type StopsAt } from './plan-download.ts';
import { planUpload } from './plan-upload.ts';
import { transitionOfAll } from '../model/item-state.ts';
import type { TransferRow } from '../model/transfer-store.ts';

/** Items changed before others have their turn. */
const MANY_AT_ONCE = 800;

/** How a planning may end early. */
interface PlanOptions {
  /** Asked between batches. */
  readonly stop?: () => boolean;
  readonly stopsAt?: StopsAt;
  /** A source that is missing is waited for, not failed: what was listed so far is dropped. */
  readonly mayWait?: boolean;
}

/**
 * Plans a transfer into the store: everything is counted and sized before the first byte moves. `stop` is asked between
 * batches; a planning that was stopped, or whose transfer was cancelled meanwhile, adds nothing more.
 * Answers false where a source is missing that may be waited for.
 */
export async function planTransfer(
  context: EngineContext,
  row: TransferRow,
  connection: Connection | undefined,
  { stop = () => false, stopsAt, mayWait = false }: PlanOptions = {},
): Promise<boolean> {
  const { store } = context;
  // a planning that was cut short left a part of the list; it is made again from the sources
  store.clearItems(row.id);
  const batches = await plannedItems(context, row, connection, stopsAt);
  let inVain = true;
  for await (const batch of batches) {
    if (stop() || store.transfer(row.id)?.planned !== false) return true;
    if (mayWait && batch.some(({ problem }) => problem?.kind === 'source-missing')) {
      store.clearItems(row.id);
      return false;
    }
    store.addItems(
      row.id,
      batch.map(({ item, problem, skipped, savedAs }) => ({ ...item, problem, skipped, savedAs })),
      context.now(),
    );
    inVain &&= batch.every(({ problem }) => problem !== undefined);
    context.touch(row.id);
  }
  if (stop()) return true;
  // a source that could not be looked at is no item that can be tried again, it has to be listed
  if (inVain && store.counts(row.id).total > 0) store.updateTransfer(row.id, { planFailed: true });
  await finishPlan(context, row.id);
  return true;
}

/** Paused while it was listed: what was found is paused, and only then is the list complete. */
export async function finishPlan(context: EngineContext, id: TransferId): Promise<void> {
  const { store } = context;
  const paused = transitionOfAll('queued', { kind: 'pause' });
  while (
    paused !== undefined &&
    store.transfer(id)?.intent === 'pause' &&
    store.changeStates(id, ['queued'], paused, context.now(), { limit: MANY_AT_ONCE }) === MANY_AT_ONCE
  )
    await turn();
  store.updateTransfer(id, { planned: true });
  context.health.works();
  context.touch(id);
}

/** What cannot be listed fails as a whole, told in one line of its own, instead of being tried for ever. */
export function planFailed(context: EngineContext, row: TransferRow, problem: Problem): void {
  const { store } = context;
  context.log(`planning failed: ${problem.kind} ${problem.operation} ${problem.detail}`);
  store.clearItems(row.id);
  const phone = (row.sources.kind === 'phone' ? row.sources.places[0]?.path : undefined) ?? ROOT;
  const item = { name: row.title, local: localPath(row.destination), storage: row.storage, phone, problem };
  store.addItems(row.id, [{ ...item, kind: 'file', size: 0, modified: undefined }], context.now());
  store.updateTransfer(row.id, { planned: true, planFailed: true });
  context.touch(row.id);
}

/** What the sources of a transfer hold now, in batches, each with where it goes. Rejects as listing does. */
export async function plannedItems(
  context: EngineContext,
  row: TransferRow,
  connection: Connection | undefined,
  stopsAt?: StopsAt,
): Promise<ReturnType<typeof planUpload>> {
  switch (row.sources.kind) {
    case 'local': {
      const removable = connection === undefined ? undefined : isCard(row.storage);
      return planUpload(context.disk, row.sources.paths, {
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
        asNow(connection),
        await namesOfTarget(context, row),
        row.options.move,
        stopsAt,
        row.options.onName,
      );
    case 'items':
      return nothingMore();
  }
}

/** Folders as they are now: what was listed before may lack what has come since, and not every phone tells of that. */
const asNow = (connection: Connection): PhoneLister => ({
  folder: async (storage, path) => {
    const { tree } = connection;
    const kept = tree.kept(storage, path);
    const folder = await tree.folder(storage, path);
    if (folder === kept) await bringUpToDate(connection, folder);
    return folder;
  },
});

/** Rejects with `local-missing` while the disk that a download goes to is away. */
export async function requireTarget({ targets }: EngineContext, row: TransferRow): Promise<void> {
  if (row.direction === 'download' && (await targets.isAway(row)))
    throw fail('local-missing', 'find target', 'its disk is not there', { subject: row.destination });
}

/**
 * What names the disk takes that a download goes to. Rejects with `local-missing` where it went away meanwhile: then it was
 * asked of the disk below its mount point, and has kept what it was tried with.
 */
async function namesOfTarget(context: EngineContext, row: TransferRow): Promise<DiskNames> {
  const { names, isLeft } = await tryNames(context.disk, row.destination, context.platform, context.unique());
  // its disk, and whether its folder is there, may have been noted below the mount point
  if (isLeft) context.trials.note({ destination: row.destination, isLost: true });
  await requireTarget(context, row);
  return names;
}

/** The name as the phone can hold it; `strict` for a card, whose file system refuses more. */
export const phoneNameFor = (name: string, strict: boolean): string =>
  isLegalPhoneName(name, { strict }) ? name : legalPhoneName(name);

/** Given whole or not at all: what a death of the program left of such a list is dropped, and its origin plans anew. */
async function* nothingMore(): ReturnType<typeof planUpload> {}
