import { readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Time of the main thread of `replug` by room, from Node's own profiler (`--cpu-prof`) on the built program. The
 * rooms come from its bundled files, which name the source file of each part.
 */

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
}

export interface Area {
  readonly name: string;
  readonly ms: number;
  /** Share of the total, 0 to 1. */
  readonly share: number;
}

export interface WorkloadProfile {
  readonly workload: string;
  readonly areas: readonly Area[];
}

const ROOMS: ReadonlyMap<string, string> = new Map([
  ['usb', 'USB: handing transfers to the kernel and taking them back'],
  ['mtp', 'MTP: containers, transactions, datasets'],
  ['engine', 'engine: items, checkpoints, comparing'],
  ['store', 'SQLite'],
]);
const OWN_FRAMES: ReadonlyMap<string, string> = new Map([
  ['(idle)', 'waiting for the phone, the disk or a processor'],
  ['(garbage collector)', 'garbage collection'],
  ['(program)', 'native code outside of JavaScript'],
]);
const REST = 'the rest: terminal, Node itself';

/** The source file of each line of a bundled file. */
function sourcesOf(bundled: string): readonly string[] {
  let current = '';
  return readFileSync(bundled, 'utf8')
    .split('\n')
    .map((line) => (current = /^\s*\/\/ ((?:electron|shared)\/\S+)$/u.exec(line)?.[1] ?? current));
}

/** The source file of a frame in the program below `folder`, wherever that folder was when the profile was taken. */
function sources(folder: string): (url: string, line: number) => string | undefined {
  const known = new Map<string, readonly string[]>();
  const tail = `/${path.basename(path.dirname(folder))}/${path.basename(folder)}/`;
  return (url, line) => {
    const [, file] = url.split(tail);
    if (file === undefined) return undefined;
    const found = known.get(file) ?? sourcesOf(path.join(folder, file));
    known.set(file, found);
    return found[line];
  };
}

function areasOf(profile: Profile, folder: string): readonly Area[] {
  const sourceOf = sources(folder);
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const areaOf = (id: number): string => {
    const own = OWN_FRAMES.get(nodes.get(id)?.callFrame.functionName ?? '');
    if (own !== undefined) return own;
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) {
      const { url = '', lineNumber = 0 } = nodes.get(at)?.callFrame ?? {};
      if (/^node:(?:internal\/)?fs\b/u.test(url)) return 'calls to the file system';
      if (url.startsWith('node:internal/crypto')) return 'SHA-256';
      if (!url.startsWith('file:')) continue;
      return ROOMS.get(sourceOf(url, lineNumber)?.split('/')[1] ?? '') ?? REST;
    }
    return REST;
  };
  const sums = new Map<string, number>();
  profile.samples.forEach((id, index) => {
    const area = areaOf(id);
    sums.set(area, (sums.get(area) ?? 0) + (profile.timeDeltas[index] ?? 0) / 1000);
  });
  const total = [...sums.values()].reduce((sum, ms) => sum + ms, 0);
  return [...sums]
    .map(([name, ms]) => ({ name, ms: Math.round(ms), share: ms / total }))
    .sort((one, other) => other.ms - one.ms);
}

/** The areas of a profile (path) of the program that was built into `folder`. */
export const areasIn = (profile: string, folder: string): readonly Area[] =>
  areasOf(JSON.parse(readFileSync(profile, 'utf8')) as Profile, folder);

/** The profile of a contestant's run, beside its log. */
export const profileBeside = (log: string): string => log.replace(/-\d+\.log$/u, '.cpuprofile');
