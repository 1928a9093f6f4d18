import type { Instant } from '../../shared/domain.ts';
import { sameButForZone } from '../engine/index.ts';
import type { SyncConflicts } from '../../shared/sync.ts';
import type { SyncRow } from './sync-store.ts';
import { isTimeZoneShift } from './time-zone-shift.ts';

/**
 * What is on both sides against what is remembered. Pure: what only the bytes can tell comes out as a question, and
 * the answers are given back in a second call.
 */

export interface Found {
  readonly path: string;
  readonly size: number;
  readonly modified: Instant | undefined;
}

export interface Copy {
  readonly size: number;
  readonly modified: Instant | undefined;
}

export interface CompareInput {
  /** All files of the source folder that the pair means. */
  readonly source: readonly Found[];
  /** Every source path that exists at all, also those the filters leave out: they have not gone. */
  readonly present: ReadonlySet<string>;
  /** Whether a path lies in a folder that could not be listed: nothing is known of it. */
  readonly unknown: (path: string) => boolean;
  readonly rows: ReadonlyMap<string, SyncRow>;
  /** The copy as it is now. */
  readonly target: (target: string) => Copy | undefined;
  readonly give: (path: string, modified: Instant | undefined) => string;
  readonly conflicts: SyncConflicts;
  /** Dates come from a phone, so they may all have shifted. */
  readonly zoneless: boolean;
}

/** Is the source file the same bytes as …? */
export type Question =
  | { readonly kind: 'touched'; readonly found: Found; readonly row: SyncRow }
  | { readonly kind: 'adopt'; readonly found: Found; readonly target: string }
  | { readonly kind: 'renamed'; readonly found: Found; readonly row: SyncRow };

/** The row's path, or the target's, that turned out to be the same; keyed by source path. */
export interface Answers {
  readonly touched: ReadonlySet<string>;
  readonly adopted: ReadonlySet<string>;
  /** New path → old path. */
  readonly renamed: ReadonlyMap<string, string>;
}
export const NO_ANSWERS: Answers = { touched: new Set(), adopted: new Set(), renamed: new Map() };

export type Why = 'new' | 'changed' | 'copy-missing' | 'again';

export type Verdict =
  | { readonly kind: 'same'; readonly found: Found; readonly row: SyncRow; readonly edited: boolean }
  | { readonly kind: 'adopt'; readonly found: Found; readonly target: string; readonly copy: Copy }
  | {
      readonly kind: 'copy';
      readonly found: Found;
      readonly target: string;
      readonly why: Why;
      readonly clash: 'none' | 'replace' | 'keep-both';
      readonly row: SyncRow | undefined;
    }
  | {
      readonly kind: 'skip';
      readonly found: Found;
      readonly target: string;
      readonly why: string;
      readonly row: SyncRow | undefined;
    }
  | { readonly kind: 'rename'; readonly found: Found; readonly row: SyncRow }
  | { readonly kind: 'gone'; readonly row: SyncRow };

/** Two seconds: FAT keeps even ones. Only between two different file systems; one file's own date is exact. */
const SAME_DATE_MS = 2_000;

const near = (one: Instant | undefined, other: Instant | undefined): boolean =>
  one !== undefined && other !== undefined && Math.abs(one - other) < SAME_DATE_MS;

/** As it was left; where no date could be noted the size has to do. */
export const isUntouched = (row: SyncRow, copy: Copy): boolean =>
  row.targetSize === copy.size &&
  (row.targetModified === undefined || row.targetModified === copy.modified || near(row.targetModified, copy.modified));

export function compare(
  input: CompareInput,
  answers: Answers = NO_ANSWERS,
): { readonly verdicts: readonly Verdict[]; readonly questions: readonly Question[] } {
  const { rows, target } = input;
  const verdicts: Verdict[] = [];
  const questions: Question[] = [];
  const journey = input.zoneless && isTimeZoneShift(datesOf(input));
  const sameDate = (now: Instant | undefined, then: Instant | undefined): boolean =>
    now === then || (journey && sameButForZone(now, then));
  const gone = goneRows(input);
  const byLooks = Map.groupBy(gone, (row) => row.size);
  const renamedFrom = new Set(answers.renamed.values());

  const clashRule = (found: Found, copy: Copy): 'replace' | 'keep-both' | 'skip' => {
    if (input.conflicts !== 'newer') return input.conflicts;
    return found.modified !== undefined && copy.modified !== undefined && found.modified > copy.modified + SAME_DATE_MS
      ? 'replace'
      : 'skip';
  };

  /** A file whose bytes are to be sent, with regard for what lies at its target. */
  const send = (found: Found, row: SyncRow | undefined, why: Why): void => {
    const at = row?.target ?? input.give(found.path, found.modified);
    const copy = target(at);
    if (copy === undefined) {
      verdicts.push({ kind: 'copy', found, target: at, why, clash: 'none', row });
      return;
    }
    if (row?.targetSize !== undefined && isUntouched(row, copy)) {
      // our own copy, as we left it
      verdicts.push({ kind: 'copy', found, target: at, why, clash: 'replace', row });
      return;
    }
    if (copy.size === found.size) {
      // also the copy of a run that ended between giving the name and noting it
      if (near(copy.modified, found.modified) || answers.adopted.has(found.path)) {
        verdicts.push({ kind: 'adopt', found, target: at, copy });
        return;
      }
      questions.push({ kind: 'adopt', found, target: at });
    }
    const rule = clashRule(found, copy);
    if (rule === 'skip')
      verdicts.push({ kind: 'skip', found, target: at, why: 'something else is there under this name', row });
    else verdicts.push({ kind: 'copy', found, target: at, why, clash: rule, row });
  };

  const newcomer = (found: Found): void => {
    const from = answers.renamed.get(found.path);
    const old = from === undefined ? undefined : rows.get(from);
    if (old !== undefined) {
      verdicts.push({ kind: 'rename', found, row: old });
      return;
    }
    for (const row of byLooks.get(found.size) ?? [])
      // dates and sizes choose the candidates; bytes decide. Empty files are all alike: copying costs nothing
      if (found.size > 0 && (sameDate(found.modified, row.modified) || found.modified === undefined))
        questions.push({ kind: 'renamed', found, row });
    send(found, undefined, 'new');
  };

  for (const found of input.source) {
    const row = rows.get(found.path);
    if (row === undefined) {
      newcomer(found);
      continue;
    }
    const sameSize = row.size === found.size;
    const same = sameSize && sameDate(found.modified, row.modified);
    switch (row.status) {
      case 'pending':
      case 'failed':
        send(found, row, row.targetSize === undefined ? 'again' : 'changed');
        break;
      case 'skipped':
        if (same) verdicts.push({ kind: 'skip', found, target: row.target, why: 'skipped before', row });
        else send(found, row, 'changed');
        break;
      case 'synced': {
        if (!same && !(sameSize && answers.touched.has(found.path))) {
          if (sameSize) questions.push({ kind: 'touched', found, row });
          send(found, row, 'changed');
          break;
        }
        const copy = target(row.target);
        if (copy === undefined)
          verdicts.push({ kind: 'copy', found, target: row.target, why: 'copy-missing', clash: 'none', row });
        else verdicts.push({ kind: 'same', found, row, edited: !isUntouched(row, copy) });
        break;
      }
    }
  }
  for (const row of gone) if (!renamedFrom.has(row.path)) verdicts.push({ kind: 'gone', row });
  return { verdicts, questions };
}

/** Remembered files that are not at their place any more, where that is known. */
function goneRows({ rows, present, unknown }: CompareInput): readonly SyncRow[] {
  const gone: SyncRow[] = [];
  for (const row of rows.values()) if (!present.has(row.path) && !unknown(row.path)) gone.push(row);
  return gone;
}

function* datesOf({ source, rows }: CompareInput): Generator<{
  readonly now: Instant | undefined;
  readonly then: Instant | undefined;
}> {
  for (const found of source) {
    const row = rows.get(found.path);
    if (row?.size === found.size) yield { now: found.modified, then: row.modified };
  }
}
