import { windowWords } from '../../shared/words/made/window.ts';

/** The part we use of the browser's file system entries for dropped folders; tests create their own. */
export interface DropEntry {
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  readonly name: string;
  /** Only on files. */
  file?(found: (file: unknown) => void, failed: (error: unknown) => void): void;
  /** Only on folders. Returns entries in batches; an empty batch is the end. */
  createReader?(): {
    readEntries(found: (entries: readonly DropEntry[]) => void, failed: (error: unknown) => void): void;
  };
}

/** What was found in dropped files and folders. */
export interface Collected {
  /** In the order found. An empty folder appears without a file. */
  readonly files: readonly { readonly path: string; readonly file: unknown }[];
  /** Paths that could not be read, or are nested so deeply that they must belong to a link cycle. */
  readonly unreadable: readonly string[];
}

/** Deeper than any real folder tree; ends link cycles. */
export const DEEPEST = 64;

/** Walks dropped folders. Link cycles end at `DEEPEST`. Unreadable paths are reported; the rest continues. */
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

/** Label of a drop target during a drag. Browsers hide the names until the drop, but not the number of items. */
export const dropWords = (items: number, target: string): string =>
  items <= 0 ? windowWords.drop.copyTo({ target }) : windowWords.drop.copyItemsTo({ count: items, target });

/** Message for dropped items that could not be read. */
export function unreadableWords(paths: readonly string[]): string {
  const [first] = paths;
  if (first === undefined) return '';
  return paths.length === 1
    ? windowWords.drop.unreadableOne({ name: first })
    : windowWords.drop.unreadableMore({ name: first, count: paths.length - 1 });
}
