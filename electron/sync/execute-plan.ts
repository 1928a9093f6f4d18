import { baseNameOf, foldName, localPath, type TargetExpectation } from '../../shared/domain.ts';
import { PhoneError, type Problem } from '../../shared/errors.ts';
import type { SyncRun } from '../../shared/sync.ts';
import type { ItemsRequest } from '../engine/index.ts';
import { mayBeDeleted, type Verdict } from './diff.ts';
import { isAssumed, isNeverCompared, isUndated, type Copy } from './untouched.ts';
import { unlessLost } from './endpoint.ts';
import { copiesIn, type Plan } from './plan.ts';
import { sourceSide, targetSide } from './sides.ts';
import { contentOf, originOf, type RecordParts } from './record-results.ts';
import type { SyncRow } from './sync-store.ts';

/** Carries out a plan: renames and deletions here, copies as a request for the engine. */

/** What a run did, as it adds up. */
export type Totals = {
  -readonly [
    K in
      | 'filesMoved'
      | 'bytesMoved'
      | 'filesFailed'
      | 'filesSkipped'
      | 'filesRenamed'
      | 'filesDeleted'
      | 'filesKept'
      | 'filesUnchanged'
  ]: SyncRun[K];
};

/** At the beginning of a run. */
export const noTotals = (): Totals => ({
  filesMoved: 0,
  bytesMoved: 0,
  filesFailed: 0,
  filesSkipped: 0,
  filesRenamed: 0,
  filesDeleted: 0,
  filesKept: 0,
  filesUnchanged: 0,
});

/**
 * Renames the copies of files that were renamed or moved at their source; a copy that cannot follow stays and is
 * remembered where it is. Answers how many followed. Rejects when the connection ends.
 */
export async function renameCopies(parts: RecordParts, plan: Plan, signal?: AbortSignal): Promise<number> {
  const { store, pair } = parts;
  let renamed = 0;
  for (const verdict of plan.verdicts) {
    if (signal?.aborted === true) break;
    if (verdict.kind !== 'rename') continue;
    const { found, row, target } = verdict;
    // where two spellings are one name, the copy itself is there; elsewhere renaming looks
    const isOwn = foldName(target) === foldName(row.target);
    const stays = target === row.target || (!isOwn && plan.copyAt(target) !== undefined);
    const { at, lost } = stays
      ? { at: row.target, lost: undefined }
      : await targetSide(parts).rename(row.target, target, (copy) => plan.untouched(row, copy));
    // at once: of two rows for one copy the old one, whose source has gone, would let a mirror delete it
    const now = { ...row, path: found.path, target: at, modified: found.modified, goneAt: undefined };
    store.putRows(pair.id, [now], [row.path]);
    if (lost !== undefined) throw new PhoneError(lost);
    if (at === target) renamed += 1;
  }
  return renamed;
}

/** Records what the plan found out, and as pending what is to be copied, so that both survive the death of the program. */
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
      const { row, found, copy, edited } = verdict;
      // dates that shifted with a time zone are noted, so that the next shift is seen as well; where the size is not that of
      // the copy, nobody knows whose date it is
      const isDateOurs = !edited && copy.size === row.targetSize && row.targetModified !== undefined;
      const targetModified = isDateOurs ? (copy.modified ?? row.targetModified) : row.targetModified;
      return row.modified === found.modified && row.targetModified === targetModified && row.goneAt === undefined
        ? undefined
        : { ...row, modified: found.modified, targetModified, goneAt: undefined };
    }
    case 'adopt':
      return {
        ...blank,
        ...verdict.found,
        target: verdict.target,
        targetSize: verdict.copy.toldEmpty === true ? verdict.found.size : verdict.copy.size,
        // what was told by its content only is none of this pair's: content has to prove it before it is destroyed, too
        targetModified: verdict.content === undefined ? verdict.copy.modified : undefined,
        ...verdict.content,
        adopted: true,
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
            // there is no copy any more that could be missed, or taken for one that is away
            ...(verdict.why === 'removed-here' ? { targetSize: undefined, targetModified: undefined } : {}),
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

/** Files of which a run reads samples so that what lay at their targets is known when they are edited: seconds, also on a slow disk. */
const MOST_SAMPLED = 2_000;

/**
 * Notes what is in the copies that no date identifies, so that later edits are seen before one is deleted: by the source,
 * which is what was copied. A source that changed under way gives a digest that its copy does not have, and the copy
 * stays. All of each file is read, once: of copies with another date than their source only in a mirror. Where a mirror may
 * delete a copy of which only size and date were noted, it is compared by samples; one that differs, or cannot be read in
 * parts, stays when its source goes. Of what was at the target before the pair and was told by its date, samples of its source
 * are noted where that is on this computer, some in each run: what differs from them was no copy, and is not replaced when the
 * source is edited. To read them on a phone would take hours for a large library. Rejects when the connection ends.
 */
export async function noteContents(parts: RecordParts, { verdicts }: Plan, signal?: AbortSignal): Promise<void> {
  const { store, pair } = parts;
  let sampled = 0;
  for (const verdict of verdicts) {
    if (signal?.aborted === true) return;
    if (verdict.kind === 'skip' && verdict.why === 'removed-here') {
      // by this the file is known when it gets another name
      const gone = store.row(pair.id, verdict.found.path);
      if (gone !== undefined && gone.fingerprint === undefined)
        store.putRows(pair.id, [
          { ...gone, fingerprint: await sourceSide(parts).fingerprint(gone.path).catch(unlessLost) },
        ]);
      continue;
    }
    if (verdict.kind !== 'same' && verdict.kind !== 'adopt') continue;
    const isToldByDate =
      verdict.kind === 'adopt' ? verdict.content === undefined : isAssumed(verdict.row) && isNeverCompared(verdict.row);
    const isSampled = isToldByDate && pair.direction === 'to-phone' && sampled < MOST_SAMPLED;
    const isDated = verdict.copy.modified !== undefined && verdict.copy.toldEmpty !== true;
    if (!isSampled && pair.deletions !== 'mirror' && isDated) continue;
    const row = store.row(pair.id, verdict.found.path);
    if (row === undefined) continue;
    if (isSampled) {
      sampled += 1;
      store.putRows(pair.id, [
        { ...row, fingerprint: await sourceSide(parts).fingerprint(row.path).catch(unlessLost) },
      ]);
      continue;
    }
    if (isUndated(row, verdict.copy)) {
      if (row.fingerprint !== undefined && row.sha256 !== undefined) continue;
      store.putRows(pair.id, [{ ...row, ...(await contentOf(sourceSide(parts), row)) }]);
    } else if (pair.deletions === 'mirror' && !row.adopted && isNeverCompared(row)) {
      const fingerprint = await sharedFingerprint(parts, row);
      if (fingerprint !== undefined) store.putRows(pair.id, [{ ...row, fingerprint }]);
    }
  }
}

/** Samples of both sides, where they are the same. */
async function sharedFingerprint(parts: RecordParts, { path, target }: SyncRow): Promise<string | undefined> {
  const copy = await targetSide(parts).fingerprint(target).catch(unlessLost);
  if (copy === undefined) return undefined;
  return copy === (await sourceSide(parts).fingerprint(path).catch(unlessLost)) ? copy : undefined;
}

/** What is to be copied, as a request for the engine; `undefined` where that is nothing. */
export function requestFor(
  { pair, phone, local }: RecordParts,
  { verdicts, root }: Plan,
  mount?: string,
): ItemsRequest | undefined {
  const toComputer = pair.direction === 'to-computer';
  const items = copiesIn(verdicts).map(({ found, target, conflict, replaces, row }): ItemsRequest['items'][number] => ({
    kind: 'file',
    name: found.path,
    local: localPath(local.resolve(toComputer ? target : found.path)),
    storage: pair.storage,
    phone: phone.resolve(toComputer ? found.path : target),
    size: found.size,
    modified: found.modified,
    answer: conflict === 'none' ? undefined : conflict,
    // the answer holds only for what was seen; an edit made meanwhile is a conflict like any other
    expectation: replaces === undefined ? undefined : expectationOf(replaces, toComputer ? undefined : row),
  }));
  if (items.length === 0) return undefined;
  return {
    direction: toComputer ? 'download' : 'upload',
    device: pair.device,
    storage: pair.storage,
    destination: toComputer ? pair.local : pair.phone,
    destinationExists: root !== undefined,
    mount,
    title: pair.name === '' ? baseNameOf(pair.phone) : pair.name,
    origin: originOf(pair),
    items,
    // `ask` would leave a sync standing with nobody there to answer
    options: { onConflict: pair.conflicts, onName: 'legal', verify: pair.verify, large: 'resumable', move: false },
  };
}

/** What may be replaced. `row`: of a copy on the phone; where no date tells that it is still that one, its content must. */
const expectationOf = (seen: Copy, row: SyncRow | undefined): TargetExpectation =>
  row !== undefined && isUndated(row, seen)
    ? { kind: 'file', size: seen.size, modified: undefined, fingerprint: row.fingerprint, sha256: row.sha256 }
    : { kind: 'file', size: seen.size, modified: seen.modified };

/** What mirroring did. */
export interface Mirrored {
  readonly deleted: number;
  /** Copies that were to be deleted and are still there. */
  readonly kept: number;
  /** Why the first of them was refused. */
  readonly problem: Problem | undefined;
}

/**
 * Deletes copies whose source has gone, where the plan allows it. Each is looked at again right before; one that is not
 * as this pair left it stays. `confirmed` as in `RunOptions`. Rejects when the connection ends.
 */
export async function deleteCopies(
  parts: RecordParts,
  plan: Plan,
  confirmed: boolean | ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<Mirrored> {
  const { store, pair } = parts;
  const nothing: Mirrored = { deleted: 0, kept: 0, problem: undefined };
  if (pair.deletions !== 'mirror' || plan.hold.kind === 'never') return nothing;
  if (plan.hold.kind === 'ask' && confirmed === false) return nothing;
  const all = plan.verdicts.filter(mayBeDeleted).map(({ row }) => row);
  // a yes is about what was shown, not about what has gone since
  const agreed =
    plan.hold.kind === 'ask' && confirmed !== true && confirmed !== false
      ? all.filter(({ path }) => confirmed.has(path))
      : all;
  const isReady = readyToGo(parts, plan);
  const ready = agreed.filter(isReady);
  if (ready.length === 0) return { ...nothing, kept: all.length };
  // the copying before may have taken days: what is back is a file like any other
  const back = await sourceSide(parts).mayBeThere(ready.map(({ path }) => path));
  const gone = ready.filter(({ path }) => !back.has(path));
  const copied = gone.filter((row) => row.targetSize !== undefined);
  const byTarget = new Map(copied.map((row) => [row.target, row]));
  const { deleted, missing, kept } = await targetSide(parts).delete(
    copied.map((row) => ({
      path: row.target,
      expected: (copy) => plan.untouched(row, copy),
      undated: (copy) => isUndated(row, copy),
      sha256: row.sha256,
    })),
    signal,
  );
  store.dropRows(pair.id, [
    ...[...deleted, ...missing].map((target) => byTarget.get(target)?.path ?? target),
    // never copied: there is nothing to delete, and nothing to remember
    ...gone.filter((row) => row.targetSize === undefined).map((row) => row.path),
  ]);
  return {
    deleted: deleted.length,
    kept: kept.length + all.length - gone.length,
    problem: kept.find(({ problem }) => problem !== undefined)?.problem,
  };
}

/**
 * Which copies may go by now: all, once each new file has its copy. One that was moved and edited is a new one, and so is
 * one that could not be read to be compared: until it has come, its old copy may be all there is. Only what is in the way
 * of such a file goes.
 */
function readyToGo({ store, pair }: RecordParts, { verdicts }: Plan): (row: SyncRow) => boolean {
  const awaited = verdicts.flatMap((verdict): readonly string[] => {
    if (verdict.kind !== 'copy' || verdict.row?.targetSize !== undefined) return [];
    const row = store.row(pair.id, verdict.found.path);
    return row?.targetSize !== undefined || row?.status === 'skipped' ? [] : [`${foldName(verdict.target)}/`];
  });
  if (awaited.length === 0) return () => true;
  return ({ target }) => awaited.some((one) => one.startsWith(`${foldName(target)}/`));
}

const blank: Omit<SyncRow, 'path' | 'target' | 'size' | 'modified'> = {
  targetSize: undefined,
  targetModified: undefined,
  sha256: undefined,
  fingerprint: undefined,
  adopted: false,
  status: 'pending',
  syncedAt: undefined,
  goneAt: undefined,
  problem: undefined,
};
