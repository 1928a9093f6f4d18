import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What of the program lives reach, from what V8 writes into the folder that `NODE_V8_COVERAGE` names. */

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const ROOMS = ['electron/engine', 'electron/sync', 'electron/store'];

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}
interface Script {
  readonly url: string;
  readonly functions: readonly { readonly functionName: string; readonly ranges: readonly Range[] }[];
}

/** One file: its branches (functions, and blocks in them that not every run enters), and the functions that no life enters. */
export interface Reach {
  readonly file: string;
  readonly branches: number;
  readonly reached: number;
  readonly unreached: readonly string[];
}

/** By file, of one process that lived lives. Files that were never loaded are not listed. */
export function reachedBy(folder: string): readonly Reach[] {
  return readdirSync(folder)
    .flatMap((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { readonly result: Script[] }).result)
    .filter(({ url }) => url.startsWith('file:'))
    .map(({ url, functions }) => ({ file: fileURLToPath(url).slice(ROOT.length), functions }))
    .filter(({ file }) => ROOMS.some((room) => file.startsWith(`${room}/`)))
    .map(({ file, functions }) => {
      const ranges = functions.flatMap((one) => one.ranges);
      return {
        file,
        branches: ranges.length,
        reached: ranges.filter(({ count }) => count > 0).length,
        unreached: functions
          .filter(({ functionName, ranges: [whole] }) => functionName !== '' && whole?.count === 0)
          .map(({ functionName }) => functionName),
      };
    })
    .sort((one, other) => (one.file < other.file ? -1 : 1));
}

/** A table of the rooms, and of each file what no life enters. */
export function* reachTold(files: readonly Reach[]): Generator<string> {
  for (const room of ROOMS) {
    const inRoom = files.filter(({ file }) => file.startsWith(`${room}/`));
    const all = inRoom.reduce((sum, { branches }) => sum + branches, 0);
    const reached = inRoom.reduce((sum, one) => sum + one.reached, 0);
    yield `${room}: ${reached} of ${all} branches in ${inRoom.length} files that are loaded`;
  }
  for (const { file, branches, reached, unreached } of files)
    if (reached < branches)
      yield `${file}: ${reached} of ${branches}${unreached.length > 0 ? `, not ${unreached.join(', ')}` : ''}`;
}
