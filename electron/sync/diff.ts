import type { Instant } from '../../shared/domain.ts';
import type { SyncConflicts, SyncRemoved } from '../../shared/sync.ts';
import type { SyncRow } from './sync-store.ts';
import { COPY_DATES, shiftOf, SOURCE_DATES, type Dates } from './time-zone-shift.ts';
import type { SkipReason } from '../../shared/skipped-names.ts';
import {
  isNeverCompared,
  isSameDate,
  isShiftedCopy,
  isUndated,
  SAME_DATE_MS,
  untouchedWhere,
  type Copy,
  type Untouched,
} from './untouched.ts';

/**
 * Compares both sides with what is remembered. Pure: what only the bytes can tell comes out as a question, and the
 * answers are given back in a second call.
 */

/** A file of the source. */
export interface Found {
  /** Below the pair's folder. */
  readonly path: string;
  readonly size: number;
  readonly modified: Instant | undefined;
}

/** Both sides and the record. */
export interface CompareInput {
  /** All files of the source folder that the pair means. */
  readonly source: readonly Found[];
  /** Every source path that exists at all, also those the filters leave out: they have not gone. */
  readonly present: ReadonlySet<string>;
  /** Whether a path lies in a folder that could not be listed: nothing is known of it. */
  readonly unknown: (path: string) => boolean;
  /** What is remembered, by source path. */
  readonly rows: ReadonlyMap<string, SyncRow>;
  /** What is at a target now: of every remembered one, and of those of all source files. */
  readonly target: (target: string) => Copy | undefined;
  /** Whether nobody knows what is at a target now: nothing is done about such files. */
  readonly isUnseen?: (target: string) => boolean;
  /** Where the copy of a source file that has none yet goes. */
  readonly give: (path: string, modified: Instant | undefined) => string;
  /** Where the copy of a file goes that was renamed at its source. */
  readonly rename: (row: SyncRow, found: Found) => string;
  readonly conflicts: SyncConflicts;
  /** Whether copies go after their sources. */
  readonly mirrors: boolean;
  /** What becomes of a file whose copy is not there any more. */
  readonly removed: SyncRemoved;
  /** The source tells no sizes (`areSizesUntold`): of what was copied before, its date alone tells. */
  readonly sizesUntold?: boolean;
}

/** Is the source file the same bytes as …? */
export type ContentQuestion =
  | { readonly kind: 'touched'; readonly found: Found; readonly row: SyncRow }
  | { readonly kind: 'adopt'; readonly found: Found; readonly target: string }
  | { readonly kind: 'renamed'; readonly found: Found; readonly row: SyncRow }
  /** Where no date tells, or this pair did not make it: does the copy hold what is noted of it? */
  | { readonly kind: 'untouched'; readonly row: SyncRow };

/** What a file was found to hold: samples of it, and all of it where no date helped. */
export type Content = Pick<SyncRow, 'fingerprint' | 'sha256'>;

/** The questions that were answered with yes, by source path. */
export interface ContentAnswers {
  readonly touched: ReadonlySet<string>;
  /** With the content that both have. */
  readonly adopted: ReadonlyMap<string, Content>;
  readonly untouched: ReadonlySet<string>;
  /** New path → old path. */
  readonly renamed: ReadonlyMap<string, string>;
}
/** Before the first look into any file. */
export const NO_ANSWERS: ContentAnswers = {
  touched: new Set(),
  adopted: new Map(),
  untouched: new Set(),
  renamed: new Map(),
};

/** Why a file is copied. */
export type Why = 'new' | 'changed' | 'copy-missing' | 'again';

/** What is to be done about one file. */
export type Verdict =
  | {
      readonly kind: 'same';
      readonly found: Found;
      readonly row: SyncRow;
      readonly copy: Copy;
      readonly edited: boolean;
    }
  | {
      readonly kind: 'adopt';
      readonly found: Found;
      readonly target: string;
      readonly copy: Copy;
      /** What both hold; `undefined` where it is the same date that tells. */
      readonly content: Content | undefined;
    }
  | {
      readonly kind: 'copy';
      readonly found: Found;
      readonly target: string;
      readonly why: Why;
      readonly conflict: 'none' | 'replace' | 'keep-both';
      /** With `replace`: what may be replaced. Anything else there is a conflict. */
      readonly replaces: Copy | undefined;
      readonly row: SyncRow | undefined;
    }
  | {
      readonly kind: 'skip';
      readonly found: Found;
      readonly target: string;
      readonly why: SkipReason;
      readonly row: SyncRow | undefined;
    }
  | { readonly kind: 'rename'; readonly found: Found; readonly row: SyncRow; readonly target: string }
  /** The source has gone. `edited`: its copy is not as this pair left it, and stays (see `mayBeDeleted`). */
  | { readonly kind: 'gone'; readonly row: SyncRow; readonly edited: boolean };

/**
 * Whether a mirror may delete the copy of this file: its source has gone, and this pair has made the copy. What was there
 * before it is a person's, whatever it holds: the source may have been a copy of that one, and this the last that is left.
 */
export const mayBeDeleted = (verdict: Verdict): verdict is Extract<Verdict, { readonly kind: 'gone' }> =>
  verdict.kind === 'gone' && !verdict.edited && !verdict.row.adopted;

/** Whether a phone tells every file as empty, as players with an unfinished media scan do: then no size says anything. */
export const areSizesUntold = (files: readonly Found[]): boolean =>
  files.length > 0 && files.every(({ size }) => size === 0);

/** What came out of a comparison. */
export interface Comparison {
  readonly verdicts: readonly Verdict[];
  readonly questions: readonly ContentQuestion[];
  /** Knows whether the dates of all copies have shifted. */
  readonly untouched: Untouched;
}

/** Compares the source and the copies with the record. With questions left open, the verdicts assume that the answer is no. */
export function compare(input: CompareInput, answers: ContentAnswers = NO_ANSWERS): Comparison {
  const { rows, target } = input;
  const isUnseen = input.isUnseen ?? (() => false);
  const verdicts: Verdict[] = [];
  const questions: ContentQuestion[] = [];
  // either side may keep dates without a zone: a phone does, and so does FAT on the computer
  const sourceShifted = shiftOf(sourceDates(input)) === 'all';
  const copyShift = shiftOf(targetDates(input), COPY_DATES);
  const untouched = untouchedWhere(copyShift, answers.untouched);
  const isOurs = (row: SyncRow, copy: Copy): boolean => {
    const isDoubtful = isUndated(row, copy) || (copyShift === 'few' && isShiftedCopy(row, copy));
    if (isDoubtful && !answers.untouched.has(row.path)) questions.push({ kind: 'untouched', row });
    return untouched(row, copy);
  };
  /**
   * Whether what lies there is the source's old copy. What was here before the pair and was told by its date was never
   * compared: it may be another file, and is a copy only if it holds what its source did (`noteContents`).
   */
  const isCopy = (row: SyncRow, copy: Copy): boolean => {
    if (!isOurs(row, copy)) return false;
    if (!row.adopted || answers.untouched.has(row.path) || copy.size === 0) return true;
    if (row.fingerprint !== undefined) questions.push({ kind: 'untouched', row });
    return false;
  };
  const sameDate = (now: Instant | undefined, then: Instant | undefined): boolean =>
    now === then || (sourceShifted && SOURCE_DATES.isShifted({ now, then }));
  const gone = goneRows(input);
  const byLooks = Map.groupBy(
    gone.filter((row) => canFollow(input, row) && !isUnseen(row.target)),
    (row) => row.size,
  );
  const renamedFrom = new Set(answers.renamed.values());

  const conflictAnswer = (found: Found, copy: Copy): 'replace' | 'keep-both' | 'skip' => {
    if (input.conflicts !== 'newer') return input.conflicts;
    return found.modified !== undefined && copy.modified !== undefined && found.modified > copy.modified + SAME_DATE_MS
      ? 'replace'
      : 'skip';
  };

  /** A file whose bytes are to be sent, with regard for what lies at its target. */
  const send = (found: Found, row: SyncRow | undefined, why: Why): void => {
    const at = row?.target ?? input.give(found.path, found.modified);
    if (isUnseen(at)) return;
    const copy = target(at);
    if (copy === undefined) {
      verdicts.push({ kind: 'copy', found, target: at, why, conflict: 'none', replaces: undefined, row });
      return;
    }
    if (row?.targetSize !== undefined && isCopy(row, copy)) {
      // our own copy, as we left it
      verdicts.push({ kind: 'copy', found, target: at, why, conflict: 'replace', replaces: copy, row });
      return;
    }
    const isSizeTold = copy.toldEmpty !== true || found.size === 0;
    if (copy.size === found.size || !isSizeTold) {
      // also the copy of a run that ended between giving the name and noting it
      const content = answers.adopted.get(found.path);
      if ((isSizeTold && isSameDate(copy.modified, found.modified)) || content !== undefined) {
        verdicts.push({ kind: 'adopt', found, target: at, copy, content });
        return;
      }
      questions.push({ kind: 'adopt', found, target: at });
    }
    const rule = conflictAnswer(found, copy);
    if (rule === 'skip') verdicts.push({ kind: 'skip', found, target: at, why: 'name-taken', row });
    else
      verdicts.push({
        kind: 'copy',
        found,
        target: at,
        why,
        conflict: rule,
        replaces: rule === 'replace' ? copy : undefined,
        row,
      });
  };

  const newcomer = (found: Found): void => {
    const from = answers.renamed.get(found.path);
    const old = from === undefined ? undefined : rows.get(from);
    if (old !== undefined) {
      verdicts.push({ kind: 'rename', found, row: old, target: input.rename(old, found) });
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
    if (isUnseen(row.target)) continue;
    const isUntold =
      input.sizesUntold === true && found.modified !== undefined && sameDate(found.modified, row.modified);
    const sameSize = row.size === found.size || isUntold;
    const same = sameSize && sameDate(found.modified, row.modified);
    switch (row.status) {
      case 'pending':
      case 'failed':
        send(found, row, row.targetSize === undefined ? 'again' : 'changed');
        break;
      case 'skipped':
        if (same) verdicts.push({ kind: 'skip', found, target: row.target, why: 'before', row });
        else send(found, row, 'changed');
        break;
      case 'synced': {
        if (!same && !(sameSize && answers.touched.has(found.path))) {
          if (sameSize) questions.push({ kind: 'touched', found, row });
          send(found, row, 'changed');
          break;
        }
        const copy = target(row.target);
        if (copy === undefined && input.removed === 'stay-away')
          verdicts.push({ kind: 'skip', found, target: row.target, why: 'removed-here', row });
        else if (copy === undefined)
          verdicts.push({
            kind: 'copy',
            found,
            target: row.target,
            why: 'copy-missing',
            conflict: 'none',
            replaces: undefined,
            row,
          });
        // nothing is done to it: not worth a look into every undated copy at each run
        else verdicts.push({ kind: 'same', found, row, copy, edited: !isUndated(row, copy) && !isOurs(row, copy) });
        break;
      }
    }
  }
  for (const row of gone) {
    if (renamedFrom.has(row.path) || isUnseen(row.target)) continue;
    // nothing is done to what this pair has not made: not worth a look into it
    const copy = row.targetSize === undefined || row.adopted ? undefined : target(row.target);
    const isUnproved = input.mirrors && isNeverCompared(row);
    verdicts.push({ kind: 'gone', row, edited: copy !== undefined && (isUnproved || !isOurs(row, copy)) });
  }
  return { verdicts, questions, untouched };
}

/**
 * Whether the copy of a file that was renamed can follow it. One that is missing cannot, and what was still to be copied has
 * none that could: the file is a new one, and is copied in this run.
 */
const canFollow = ({ removed, target }: CompareInput, row: SyncRow): boolean =>
  row.status === 'skipped' ||
  (row.status === 'synced' &&
    (removed === 'stay-away' || row.targetSize === undefined || target(row.target) !== undefined));

/** Remembered files that are not at their place any more, where that is known. */
function goneRows({ rows, present, unknown }: CompareInput): readonly SyncRow[] {
  const gone: SyncRow[] = [];
  for (const row of rows.values()) if (!present.has(row.path) && !unknown(row.path)) gone.push(row);
  return gone;
}

function* sourceDates({ source, rows }: CompareInput): Generator<Dates> {
  for (const found of source) {
    const row = rows.get(found.path);
    if (row?.size === found.size) yield { now: found.modified, then: row.modified };
  }
}

function* targetDates({ rows, target }: CompareInput): Generator<Dates> {
  for (const row of rows.values()) {
    const copy = row.targetModified === undefined ? undefined : target(row.target);
    if (copy?.size === row.targetSize) yield { now: copy?.modified, then: row.targetModified };
  }
}
