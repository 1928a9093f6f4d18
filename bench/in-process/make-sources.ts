import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bytesFor } from '../../tests/worlds/world.ts';
import { makeLarge } from './cases.ts';

/**
 * The program that makes the files of a copy. Made in the process whose memory is measured, their bytes would be part of
 * it.
 */

/** A folder, and what is made in it: many small files and a large one. */
export interface SourcesWanted {
  readonly folder: string;
  readonly small: { readonly files: number; readonly bytes: number };
  readonly largeBytes: number;
}

const { folder, small, largeBytes } = JSON.parse(process.argv[2] ?? '') as SourcesWanted;
mkdirSync(join(folder, 'small'), { recursive: true });
for (let at = 0; at < small.files; at += 1)
  writeFileSync(join(folder, 'small', `${at}.bin`), bytesFor(`${at}.bin`, small.bytes));
makeLarge(join(folder, 'large.bin'), largeBytes);
