import type { SyncRow } from '../../../electron/sync/index.ts';
import { skippedName } from '../../../shared/skipped-names.ts';
import type { PairId, SyncRun } from '../../../shared/sync.ts';
import { targetOf } from './item-places.ts';
import type { Evidence, Finding } from './judge.ts';
import type { PairPlan } from './script.ts';
import { isOurs, type LivingWorld } from './world.ts';

/** What must hold of a folder pair that was run until it was in step, in a world in which nothing happens any more. */

/** A pair at the end of a life. */
export interface PairEnd {
  readonly id: PairId;
  readonly plan: PairPlan;
  /** Real paths of its two folders. */
  readonly source: string;
  readonly target: string;
  readonly rows: readonly SyncRow[];
  /** Runs of the calm, the latest last. */
  readonly runs: readonly SyncRun[];
  /** It was made while its disk was away, so that the folder below the mount point was meant. */
  readonly isBelow: boolean;
}

/** What is wrong with the pairs of a life that has ended. */
export function judgePairs({ pairs, world, rows, powerCuts }: Evidence): readonly Finding[] {
  if (pairs.length === 0) return [];
  return pairs.flatMap((pair) => {
    const last = pair.runs.at(-1);
    if (pair.isBelow || last === undefined) return [];
    // another pair that replaces what is there has edited the copy, as a person does; what a power cut took replaces any
    const written = new Set(
      rows
        .filter(({ asked }) => asked.pair !== pair.id && (!asked.isOfPair || asked.mayReplace || powerCuts > 0))
        .flatMap(({ asked, items }) => items.map((item) => world.key(targetOf(asked, item)))),
    );
    return [...ended(last), ...inStep(pair, last, pairs), ...complete(pair, last, world, written)];
  });
}

/** Whoever reads that a run failed is told why. */
function ended({ state, problem, filesFailed }: SyncRun): readonly Finding[] {
  if (state === 'done' || (state === 'failed' && (problem !== undefined || filesFailed > 0))) return [];
  return [{ kind: 'waits', what: `a pair that is run again and again ends as ${state}, without a reason` }];
}

const hasDone = ({ filesMoved, filesDeleted, filesRenamed }: SyncRun): boolean =>
  filesMoved + filesDeleted + filesRenamed > 0;

/** What is in step is left alone by the next run, unless another pair that has the same target did something there meanwhile. */
function inStep({ id, runs, plan, target }: PairEnd, last: SyncRun, pairs: readonly PairEnd[]): readonly Finding[] {
  if (last.state !== 'done' || runs.at(-2)?.state !== 'done') return [];
  if (!hasDone(last)) return [];
  if (pairs.some((other) => other.id !== id && other.target === target && other.runs.slice(-2).some(hasDone)))
    return [];
  const { filesMoved, filesDeleted, filesRenamed } = last;
  const what = `${filesMoved} copied, ${filesDeleted} deleted, ${filesRenamed} renamed`;
  return [{ kind: 'again', what: `a pair ${plan.direction} that was in step does something again: ${what}` }];
}

/** Each file of the source is known; what is called synced has its copy, unless somebody else was at it. */
function complete(
  { plan, source, target, rows }: PairEnd,
  last: SyncRun,
  world: LivingWorld,
  written: ReadonlySet<string>,
): readonly Finding[] {
  if (last.state !== 'done') return [];
  const files = new Map(world.allFiles().map((file) => [world.key(file.path), file.content]));
  for (const { path, content } of world.allFiles()) files.set(path, content);
  const holds = (path: string): number | undefined => files.get(path) ?? files.get(world.key(path));
  const known = new Map(rows.map((row) => [`${source}/${row.path}`, row]));
  const on = plan.direction === 'to-computer' ? 'phone' : 'computer';
  return world.filesIn(source).flatMap((path): Finding[] => {
    if (isOurs(path) || path.split('/').some((name) => skippedName(name, on) !== undefined)) return [];
    const row = known.get(path);
    if (row === undefined) return [{ kind: 'untrue', what: `a pair is called done, but knows nothing of ${path}` }];
    if (row.status === 'pending') return [{ kind: 'untrue', what: `a pair is called done, but ${path} is pending` }];
    const copy = `${target}/${row.target}`;
    if (row.status !== 'synced' || world.ledger.isTouched(copy) || written.has(world.key(copy))) return [];
    const content = holds(copy);
    const name = copy.slice(copy.lastIndexOf('/') + 1);
    const listed = world.listedAs(copy);
    // what was there before keeps its own spelling
    const isOwn = !row.adopted && world.ledger.versions(copy).length === 0;
    if (isOwn && listed !== undefined && listed.normalize() !== name.normalize())
      return [{ kind: 'untrue', what: `${path} is called synced as ${copy}, but is called ${listed} there` }];
    if (content !== undefined && content === files.get(path)) return [];
    // the same size and date: nothing else is looked at
    if (world.areAlike(path, copy)) return [];
    if (content !== undefined && world.ledger.versions(copy).includes(content)) return [];
    const how = content === undefined ? 'there is no such file' : 'it is another content';
    return [{ kind: 'untrue', what: `${path} is called synced as ${copy}, but ${how}` }];
  });
}
