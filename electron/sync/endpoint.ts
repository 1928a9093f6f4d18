import type { Problem } from '../../shared/errors.ts';
import type { Copy, Found } from './diff.ts';

/** The two ends of a pair. Paths are below the pair's folder on that side, with `/`. */

export interface Listing {
  readonly files: readonly Found[];
  /** Folders of which nothing is known: they could not be listed, or were left out. */
  readonly unknown: readonly string[];
  readonly problems: readonly Problem[];
  /** Whether everything that was to be listed was. */
  readonly complete: boolean;
  readonly folders: number;
}

export interface ScanRequest {
  readonly signal: AbortSignal | undefined;
  readonly enters: (folder: string) => boolean;
  readonly onProgress: (folders: number, files: number) => void;
}

export interface Endpoint {
  /** Everything there, by names, sizes and dates alone. Rejects when the folder itself is not there. */
  scan(request: ScanRequest): Promise<Listing>;
  /** Sampled identity, comparable between both sides. */
  fingerprint(path: string): Promise<string>;
  /** Moves a file to another name below the folder; answers whether it could: nothing there is overwritten. */
  rename(from: string, to: string): Promise<boolean>;
  /** Deletes those that are still as `expected` says; answers which. */
  delete(
    files: readonly { readonly path: string; readonly expected: (copy: Copy) => boolean }[],
  ): Promise<readonly string[]>;
}

/** The salt of sync's fingerprints: both sides and all runs use the same. */
export const SALT = 'replug-sync';

export const isBelow = (path: string, folders: readonly string[]): boolean =>
  folders.some((folder) => folder === '' || path === folder || path.startsWith(`${folder}/`));
