import { baseNameOf, localPath } from '../../shared/domain.ts';
import type { SyncRun } from '../../shared/sync.ts';
import type { ItemsRequest } from '../engine/index.ts';
import { isUntouched, type Verdict } from './diff.ts';
import { copiesIn, targetSide, type Plan } from './plan.ts';
import { originOf, type RecordParts } from './record-results.ts';
import type { SyncRow } from './sync-store.ts';

/** A plan's parts, each carried out or handed to the engine. */

export type Totals = {
  -readonly [
    K in
      'filesMoved' | 'bytesMoved' | 'filesFailed' | 'filesSkipped' | 'filesRenamed' | 'filesDeleted' | 'filesUnchanged'
  ]: SyncRun[K];
};

export const noTotals = (): Totals => ({
  filesMoved: 0,
  bytesMoved: 0,
  filesFailed: 0,
  filesSkipped: 0,
  filesRenamed: 0,
  filesDeleted: 0,
  filesUnchanged: 0,
});

/** Files that have another name at their source get it at their target; answers how many. */
export async function renameCopies(parts: RecordParts, plan: Plan): Promise<number> {
  const { store, pair } = parts;
  let renamed = 0;
  for (const verdict of plan.verdicts) {
    if (verdict.kind !== 'rename') continue;
    const { found, row } = verdict;
    const slash = row.target.lastIndexOf('/') + 1;
    const names = found.path.split('/');
    const wanted =
      pair.layout === 'year-month' && pair.direction === 'to-computer'
        ? row.target.slice(0, slash) + (names.at(-1) ?? '')
        : found.path;
    const moved = wanted !== row.target && (await targetSide(parts).rename(row.target, wanted));
    const target = moved ? wanted : row.target;
    // the new row first: a death in between leaves one too many, never one too few
    store.putRows(pair.id, [{ ...row, path: found.path, target, modified: found.modified, goneAt: undefined }]);
    store.dropRows(pair.id, [row.path]);
    renamed += 1;
  }
  return renamed;
}

/** Everything of the plan that is only knowledge, and what is to come as pending: it survives the death of the program. */
export function recordAgreed(
  { store, pair }: RecordParts,
  { verdicts }: Plan,
  at: number,
): Pick<Totals, 'filesUnchanged' | 'filesSkipped'> {
  const rows: SyncRow[] = [];
  for (const verdict of verdicts) {
    const row = rowToKeep(verdict, at);
    if (row !== undefined) rows.push(row);
  }
  store.putRows(pair.id, rows);
  const count = (...kinds: readonly Verdict['kind'][]): number =>
    verdicts.filter((verdict) => kinds.includes(verdict.kind)).length;
  return { filesUnchanged: count('same', 'adopt'), filesSkipped: count('skip') };
}

/** The row as it is to be from now on; `undefined` where it is that already. */
function rowToKeep(verdict: Verdict, at: number): SyncRow | undefined {
  switch (verdict.kind) {
    case 'same': {
      const { row, found } = verdict;
      return row.modified === found.modified && row.goneAt === undefined
        ? undefined
        : { ...row, modified: found.modified, goneAt: undefined };
    }
    case 'adopt':
      return {
        ...blank,
        ...verdict.found,
        target: verdict.target,
        targetSize: verdict.copy.size,
        targetModified: verdict.copy.modified,
        status: 'synced',
        syncedAt: at,
      };
    case 'copy':
      return {
        ...(verdict.row ?? blank),
        ...verdict.found,
        target: verdict.target,
        status: 'pending',
        goneAt: undefined,
        problem: undefined,
      };
    case 'skip':
      return verdict.row?.status === 'skipped'
        ? undefined
        : {
            ...(verdict.row ?? blank),
            ...verdict.found,
            target: verdict.target,
            status: 'skipped',
            goneAt: undefined,
            problem: { kind: 'exists', operation: 'sync', detail: verdict.why },
          };
    case 'gone':
      return verdict.row.goneAt === undefined ? { ...verdict.row, goneAt: at } : undefined;
    case 'rename':
      return undefined;
  }
}

/** What is to be copied, as the engine takes it; `undefined` where that is nothing. */
export function requestFor({ pair, phone, local }: RecordParts, { verdicts }: Plan): ItemsRequest | undefined {
  const toComputer = pair.direction === 'to-computer';
  const items = copiesIn(verdicts).map(({ found, target, clash }): ItemsRequest['items'][number] => ({
    kind: 'file',
    name: found.path,
    local: localPath(local.resolve(toComputer ? target : found.path)),
    storage: pair.storage,
    phone: phone.resolve(toComputer ? found.path : target),
    size: found.size,
    modified: found.modified,
    answer: clash === 'none' ? undefined : clash,
  }));
  if (items.length === 0) return undefined;
  return {
    direction: toComputer ? 'download' : 'upload',
    device: pair.device,
    storage: pair.storage,
    destination: toComputer ? pair.local : pair.phone,
    title: pair.name === '' ? baseNameOf(pair.phone) : pair.name,
    origin: originOf(pair),
    items,
    // `ask` would leave a sync standing with nobody there to answer
    options: { onClash: pair.conflicts, onName: 'legal', verify: pair.verify, large: 'resumable', move: false },
  };
}

/** Mirrored deletions, where the plan allows them; answers how many copies went. */
export async function deleteCopies(parts: RecordParts, plan: Plan, confirmed: boolean): Promise<number> {
  const { store, pair } = parts;
  if (pair.deletions !== 'mirror') return 0;
  switch (plan.hold.kind) {
    case 'never':
      return 0;
    case 'ask':
      if (!confirmed) return 0;
      break;
    case 'none':
      break;
  }
  const gone = plan.verdicts.filter((verdict) => verdict.kind === 'gone').map(({ row }) => row);
  const copied = gone.filter((row) => row.targetSize !== undefined);
  const byTarget = new Map(copied.map((row) => [row.target, row]));
  const deleted = await targetSide(parts).delete(
    // an edited copy is somebody's work and stays
    copied.map((row) => ({ path: row.target, expected: (copy) => isUntouched(row, copy) })),
  );
  store.dropRows(
    pair.id,
    deleted.map((target) => byTarget.get(target)?.path ?? target),
  );
  // never copied: there is nothing to delete, and nothing to remember
  store.dropRows(
    pair.id,
    gone.filter((row) => row.targetSize === undefined).map((row) => row.path),
  );
  return deleted.length;
}

const blank: Omit<SyncRow, 'path' | 'target' | 'size' | 'modified'> = {
  targetSize: undefined,
  targetModified: undefined,
  sha256: undefined,
  fingerprint: undefined,
  status: 'pending',
  syncedAt: undefined,
  goneAt: undefined,
  problem: undefined,
};
