import { counted } from './words.ts';

/** A file system entry as browsers give it for dropped folders; ours is the part we use, so that tests can make one. */
export interface DropEntry {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly name: string;
  /** Only files have it. */
  file?(found: (file: unknown) => void, failed: (error: unknown) => void): void;
  /** Only folders have it. Answers in batches; an empty one ends it. */
  createReader?(): {
    readEntries(found: (entries: readonly DropEntry[]) => void, failed: (error: unknown) => void): void;
  };
}

export interface Collected {
  /** In the order met; a folder that holds nothing is listed with no file. */
  readonly files: readonly { readonly path: string; readonly file: unknown }[];
  /** Paths that could not be read, or lie too deep to be anything but a link in a circle. */
  readonly unreadable: readonly string[];
}

/** Deeper than people nest folders, shallower than a circle of links goes on. */
export const DEEPEST = 64;

/** Walks dropped folders. Links that lead in a circle end at `DEEPEST`; what cannot be read is told, the rest goes on. */
export async function collect(entries: readonly DropEntry[]): Promise<Collected> {
  const files: { path: string; file: unknown }[] = [];
  const unreadable: string[] = [];

  const walk = async (entry: DropEntry, path: string, depth: number): Promise<void> => {
    if (depth > DEEPEST) {
      unreadable.push(path);
      return;
    }
    if (entry.isFile) {
      try {
        files.push({ path, file: await fileOf(entry) });
      } catch {
        unreadable.push(path);
      }
      return;
    }
    if (!entry.isDirectory) {
      unreadable.push(path);
      return;
    }
    let children: readonly DropEntry[];
    try {
      children = await childrenOf(entry);
    } catch {
      unreadable.push(path);
      return;
    }
    if (children.length === 0) files.push({ path, file: undefined });
    for (const one of children) await walk(one, `${path}/${one.name}`, depth + 1);
  };

  for (const entry of entries) await walk(entry, entry.name, 0);
  return { files, unreadable };
}

const fileOf = (entry: DropEntry): Promise<unknown> =>
  new Promise((found, failed) => {
    if (entry.file === undefined) failed(new Error('not a file'));
    else entry.file(found, failed);
  });

async function childrenOf(entry: DropEntry): Promise<readonly DropEntry[]> {
  const reader = entry.createReader?.();
  if (reader === undefined) throw new Error('not a folder');
  const all: DropEntry[] = [];
  for (;;) {
    const batch = await new Promise<readonly DropEntry[]>((found, failed) => reader.readEntries(found, failed));
    if (batch.length === 0) return all;
    all.push(...batch);
  }
}

/** What the target says while something hangs over it. Browsers keep names secret until the drop, but not the number. */
export const dropWords = (items: number, target: string): string =>
  items <= 0 ? `Copy to ${target}` : `Copy ${counted(items, 'item')} to ${target}`;

/** What to say when some of what was dropped could not be taken. */
export function unreadableWords(paths: readonly string[]): string {
  const [first] = paths;
  if (first === undefined) return '';
  if (paths.length === 1) return `“${first}” cannot be read and was left out.`;
  return `“${first}” and ${paths.length - 1 === 1 ? 'one more' : `${paths.length - 1} more`} cannot be read and were left out.`;
}
