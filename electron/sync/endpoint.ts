import { endsConnection, problemOf, type Problem } from '../../shared/errors.ts';
import { CONTENT_SALT } from '../engine/index.ts';
import type { Found } from './diff.ts';
import type { Copy } from './untouched.ts';

/** The two ends of a pair. Paths are below the pair's folder on that side, with `/`. */

/** What a scan found. */
export interface Listing {
  readonly files: readonly Found[];
  /** Files and folders of which nothing is known: they could not be looked at, or were left out. None counts as gone. */
  readonly unknown: readonly string[];
  /** One for each folder that could not be listed and each entry that could not be looked at. */
  readonly problems: readonly Problem[];
  /** Whether every folder that was to be listed was listed whole. */
  readonly complete: boolean;
  /** How many folders were listed. */
  readonly folders: number;
  /** On this computer: folders below the pair's own that lie on another disk. */
  readonly mounts: readonly string[];
}

/** What a scan is to look at, and whom it tells of its progress. */
export interface ScanRequest {
  readonly signal: AbortSignal | undefined;
  /** Whether a folder is listed; one that is not is `unknown`. */
  readonly enters: (folder: string) => boolean;
  /** Called after each folder, with the sums so far. */
  readonly onProgress: (folders: number, files: number) => void;
}

/** Where a renamed copy is afterwards. */
export interface Renamed {
  /** The new path, or the one where it stayed, or was left. */
  readonly at: string;
  /** Why the connection ended on the way. */
  readonly lost?: Problem;
}

/** A copy that is to be deleted, and what it must still be. */
export interface Deletion {
  readonly path: string;
  readonly expected: (copy: Copy) => boolean;
  /** Whether no date tells that it is what this pair left there. */
  readonly undated: (copy: Copy) => boolean;
  /** SHA-256 of all that it must hold then; without it such a copy stays. */
  readonly sha256: string | undefined;
}

/** What became of the copies that were to be deleted. */
export interface Deleted {
  readonly deleted: readonly string[];
  /** Nothing was there. */
  readonly missing: readonly string[];
  /** Still there: not as expected any more (`problem` is undefined), or refused. */
  readonly kept: readonly { readonly path: string; readonly problem: Problem | undefined }[];
}

/** One end of a pair. Errors of one file never end what is done for the others. */
export interface Endpoint {
  /**
   * Everything there, by names, sizes and dates alone. Rejects when the folder itself is not there (`missing`,
   * `source-missing`), when the connection ends, and with `cancelled` when the signal says so.
   */
  scan(request: ScanRequest): Promise<Listing>;
  /** Sampled identity, comparable between both sides. */
  fingerprint(path: string): Promise<string>;
  /** SHA-256, hex, of all of a file. */
  digest(path: string): Promise<string>;
  /** Moves a file to another path below the folder, if it is as expected. Nothing there is ever overwritten. */
  rename(from: string, to: string, expected: (copy: Copy) => boolean): Promise<Renamed>;
  /**
   * Which of these files are there now, or may be, since their folder cannot be looked at. Rejects when the folder itself is
   * not there, and when the connection ends.
   */
  mayBeThere(paths: readonly string[]): Promise<ReadonlySet<string>>;
  /**
   * Looks at each file again and deletes those that are as expected, until `signal` is aborted: the others are in no list
   * then. Rejects only when the connection ends.
   */
  delete(files: readonly Deletion[], signal?: AbortSignal): Promise<Deleted>;
}

/** A file that cannot be read is unlike any other; a phone that has gone ends the run. */
export function unlessLost(error: unknown): undefined {
  if (endsConnection(problemOf(error, 'sync').kind)) throw error;
}

/** The salt of sync's fingerprints: both sides and all runs use the same. */
export const SALT = CONTENT_SALT;

/** Whether `path` is one of `folders` or lies below one; `''` is the pair's own folder. */
export const isBelow = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => folder === '' || path === folder || path.startsWith(`${folder}/`));
