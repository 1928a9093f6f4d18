import type { Instant, VerifyLevel } from './domain.ts';
import type { Problem } from './errors.ts';

/** What *Verify copies* and `replug verify` find: the copies of a folder or file on the other side, compared as they are now. */

/** How the two sides of one file compare. */
export type CopyState =
  | 'same'
  /** It is on the phone and not on this computer. */
  | 'missing-here'
  /** It is on this computer and not on the phone. */
  | 'missing-on-phone'
  /** A file on one side, a folder on the other. */
  | 'kind'
  | 'size'
  /** Equal sizes and different dates; only where contents were not compared. */
  | 'date'
  | 'content'
  /** One side cannot be read, so nothing is known. */
  | 'unreadable';

/** All values of `CopyState`, what matters most first. */
export const COPY_STATES: readonly CopyState[] = [
  'content',
  'size',
  'date',
  'kind',
  'missing-on-phone',
  'missing-here',
  'unreadable',
  'same',
];

/** One side of a copy. */
export interface CopySide {
  /** Bytes; 0 for a folder. */
  readonly size: number;
  readonly modified: Instant | undefined;
}

/** One file, or one empty folder that only one side has. */
export interface ComparedCopy {
  /** Below the compared folder, with `/`; of a single file its name. In the names of this computer where it is there. */
  readonly path: string;
  /** The same on the phone, where it has another name there. */
  readonly phonePath?: string | undefined;
  readonly kind: 'file' | 'folder';
  readonly state: CopyState;
  readonly local?: CopySide | undefined;
  readonly phone?: CopySide | undefined;
  /** How closely it was compared; `size` is size and date, or size alone where a side tells no date. */
  readonly checked?: VerifyLevel | undefined;
  /** Of different contents: the piece that differs begins here, bytes from the start. */
  readonly at?: number | undefined;
  /** Why it cannot be read. */
  readonly problem?: Problem | undefined;
}

/** Files by how they compare, and those that were compared less closely than the others. */
export interface VerifyCounts {
  readonly states: Readonly<Record<CopyState, number>>;
  /** Compared by size alone, because a side tells no date. */
  readonly undated: number;
  /** Compared by size alone although contents were wanted: the phone reads no parts of large files. */
  readonly sizeOnly: number;
  /** Left out: unfinished, thrown away, or the system's own. */
  readonly skipped: number;
}

/** How far a verification has come. */
export interface VerifyProgress {
  /** `away`: it waits for the phone and goes on when it is back. */
  readonly phase: 'listing' | 'comparing' | 'away';
  readonly files: number;
  /** Files that both sides have; 0 while they are listed. */
  readonly filesTotal: number;
  /** Bytes of the files compared so far, and of all; they count once whatever is read of them. */
  readonly bytes: number;
  readonly bytesTotal: number;
  readonly current: string | undefined;
  readonly counts: VerifyCounts;
}

/** Where the person may have meant to look: nothing was found on both sides, but this folder has the other one's name. */
export interface VerifyHint {
  readonly side: 'computer' | 'phone';
  readonly path: string;
}

/** How a verification ended. `away`: the phone went and did not come back in time. */
export interface VerifyResult {
  readonly ended: 'done' | 'stopped' | 'away';
  readonly counts: VerifyCounts;
  readonly hint: VerifyHint | undefined;
}

/** Differences that are kept to be listed; more are only counted. */
export const MOST_COPIES = 100_000;

/** A comparison as a window sees it. */
export interface VerificationSnapshot {
  readonly progress: VerifyProgress;
  /** What is not the same, what matters most first; as many as were asked for. `progress.counts` counts all. */
  readonly copies: readonly ComparedCopy[];
  /** Set once it has ended. */
  readonly result: VerifyResult | undefined;
  /** Why it ended without a result: one of the two sides cannot be found or listed at all. */
  readonly problem: Problem | undefined;
}

/** Counts of what has not been looked at yet. */
export const NO_COPIES: VerifyCounts = {
  states: {
    same: 0,
    'missing-here': 0,
    'missing-on-phone': 0,
    kind: 0,
    size: 0,
    date: 0,
    content: 0,
    unreadable: 0,
  },
  undated: 0,
  sizeOnly: 0,
  skipped: 0,
};

/** Whether everything was found to be the same on both sides. */
export const isAllSame = ({ states }: VerifyCounts): boolean =>
  COPY_STATES.every((state) => state === 'same' || states[state] === 0);
