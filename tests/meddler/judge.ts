import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Case } from './case.ts';
import { itemsOf, type Deed } from './meddle.ts';
import type { Stage } from './stage.ts';

/** What must hold at the end, whatever happened in between. */

/** The state at the beginning. */
export interface Facts {
  readonly names: string[];
  /** By name: the contents of the source before any meddling, the latest last. */
  readonly versions: Map<string, string[]>;
  /** Existing targets, with their contents. */
  readonly before: Map<string, string>;
  /** Unrelated files. */
  readonly bystanders: Map<string, string>;
  inTheMiddle: boolean;
  /** A source that was deleted between two runs: a mirror deletes its copy. */
  gone: string | undefined;
}

export function judge(stage: Stage, one: Case, deed: Deed, facts: Facts): readonly string[] {
  const wrong: string[] = [];
  const [tree = new Map<string, string>()] = stage.trees();
  permit(stage, one, deed, facts);

  for (const label of stage.ledger.lost([tree])) wrong.push(`lost: ${label}`);
  for (const path of stage.ledger.strange([tree])) wrong.push(`neither whole nor anybody's: ${short(stage, path)}`);
  for (const [path, digest] of facts.bystanders)
    if (tree.get(path) !== digest) wrong.push(`not Replug's to touch: ${short(stage, path)}`);
  for (const path of stage.ours())
    if (!isAllThatIsLeft(stage, deed, path)) wrong.push(`left behind: ${short(stage, path)}`);
  wrong.push(...stage.world.phone.harms.map((harm) => `harm to the phone: ${harm}`));

  // a person's file stays where it is, unless they allowed its replacement
  for (const { path, digest } of deed.put)
    if (tree.get(path) !== digest && stage.ledger.label(digest) !== undefined && !stage.ledger.mayGo(digest))
      wrong.push(`no longer where a person put it: ${short(stage, path)}`);

  if (!one.scenario.startsWith('sync')) wrong.push(...judgeItems(stage, deed, facts, tree));
  return [...new Set(wrong)];
}

/** A part file whose source is gone from the phone is kept: it may be the best copy left. */
const isAllThatIsLeft = (stage: Stage, deed: Deed, path: string): boolean =>
  path.startsWith(stage.local) &&
  [...deed.changed].some((source) => source.startsWith(stage.phone) && !existsSync(source));

/** What a person allowed to be replaced or deleted, by the rule they chose. */
function permit(stage: Stage, one: Case, deed: Deed, facts: Facts): void {
  if (one.scenario.startsWith('sync')) {
    // a mirror deletes the copy of a source that a person has deleted
    if (one.move)
      for (const path of deed.changed)
        for (const digest of facts.versions.get(basename(path)) ?? []) stage.ledger.give(digest);
    return;
  }
  const replaces = one.rule === 'replace' || one.rule === 'newer' || one.rule === 'larger';
  if (replaces) for (const digest of facts.before.values()) stage.ledger.give(digest);
  for (const { digest, path, size } of deed.put) {
    if (path.startsWith(stage.source)) continue;
    // the conflict is decided again about the current file: newer than the source, and usually smaller
    if (one.rule === 'replace' || (one.rule === 'larger' && size < 1_000_000)) stage.ledger.give(digest);
  }
}

function judgeItems(stage: Stage, deed: Deed, facts: Facts, tree: ReadonlyMap<string, string>): readonly string[] {
  const wrong: string[] = [];
  for (const item of itemsOf(stage)) {
    if (item.kind !== 'file') continue;
    const name = basename(item.name);
    const target = join(stage.target, item.savedAs ?? name);
    const is = tree.get(target);
    const sent = facts.versions.get(name) ?? [];
    const isTouched = deed.touched.has(target) || deed.changed.has(join(stage.source, name));
    if (
      item.state === 'done' &&
      item.outcome?.kind !== 'skipped' &&
      !isTouched &&
      (is === undefined || !sent.includes(is))
    )
      wrong.push(`told ${item.outcome?.kind ?? 'done'}, but not there: ${name}`);
    if (
      item.state === 'cancelled' &&
      !isTouched &&
      is !== undefined &&
      sent.includes(is) &&
      facts.before.get(target) !== is
    )
      wrong.push(`cancelled, and there all the same: ${name}`);
    // one whose end without a change was decided by then, and waited a moment to be stored, says so
    const isUnchanged = item.outcome?.kind === 'skipped' || item.outcome?.kind === 'already-there';
    if (deed.untouchedAtCancel.includes(item.id) && item.state !== 'cancelled' && !isUnchanged)
      wrong.push(`begun after it was cancelled: ${name} is ${item.state}`);
  }
  return wrong;
}

const short = (stage: Stage, path: string): string => path.replace(`${stage.world.folder}/`, '');
