import type { Candidate } from './filters.ts';
import type { PlanParts } from './plan.ts';
import type { SyncRow } from './sync-store.ts';
import type { TargetNames } from './target-layout.ts';

/** Targets that were given while nobody could tell what names the target side takes: its disk was read-only, say. */

/**
 * What is remembered, with its targets taken. A file that was never copied has no copy that would have to be found again: where
 * its target is none that the target side takes, it gets another one.
 */
export function retargeted(
  rows: ReadonlyMap<string, SyncRow>,
  source: readonly Candidate[],
  targets: TargetNames,
): ReadonlyMap<string, SyncRow> {
  const isUnused = ({ status, targetSize }: SyncRow): boolean =>
    targetSize === undefined && (status === 'pending' || status === 'failed');
  const unused: SyncRow[] = [];
  for (const row of rows.values())
    if (isUnused(row)) unused.push(row);
    else targets.take(row.target, row.path);
  const lost = unused.filter((row) => !targets.takeUnused(row.target, row.path));
  if (lost.length === 0) return rows;
  const found = new Map(source.map((file) => [file.path, file]));
  const changed = new Map(rows);
  for (const row of lost) {
    const file = found.get(row.path);
    if (file !== undefined) changed.set(row.path, { ...row, target: targets.give(file.path, file.modified) });
  }
  return changed;
}

/** A name, or that of a folder, whose end some disks drop. */
const DROPPED_END = /[. ](?:\/|$)/;

/**
 * What was copied to a name whose last `.` or blank its disk has dropped without a word, with the name under which it is
 * listed: another file that has that name of its own is to get another one, and not this copy. Never rejects.
 */
export async function respelledRows({
  rows,
  names,
  local,
}: Pick<PlanParts, 'rows' | 'names' | 'local'>): Promise<readonly SyncRow[]> {
  if (names?.noTrailing !== true) return [];
  const dropped = [...rows.values()].filter((row) => row.targetSize !== undefined && DROPPED_END.test(row.target));
  if (dropped.length === 0) return [];
  const taken = new Set(Array.from(rows.values(), ({ target }) => target));
  const respelled: SyncRow[] = [];
  for (const row of dropped) {
    const target = await local.listedAs(row.target);
    if (taken.has(target)) continue;
    taken.add(target);
    respelled.push({ ...row, target });
  }
  return respelled;
}
