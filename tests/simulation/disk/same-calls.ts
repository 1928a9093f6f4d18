import fc from 'fast-check';
import { basename, join } from 'node:path';
import type { Disk, FileStats, OpenFile, OpenMode, Seen } from '../../../electron/engine/local/disk.ts';

/** The same calls on two disks: what each answers must be the same, but for numbers that only the disk itself knows. */

/** One call; paths are below the folder that is played in, handles by number. */
export type Call =
  | { readonly kind: 'open'; readonly at: string; readonly how: OpenMode }
  | { readonly kind: 'read' | 'write'; readonly handle: number; readonly position: number; readonly length: number }
  | { readonly kind: 'truncate'; readonly handle: number; readonly size: number }
  | { readonly kind: 'handle-date'; readonly handle: number; readonly date: number }
  | { readonly kind: 'handle-stat' | 'datasync' | 'sync' | 'close'; readonly handle: number }
  | { readonly kind: 'date'; readonly at: string; readonly date: number }
  | { readonly kind: 'link' | 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'unlinkIf' | 'renameIf'; readonly from: string; readonly to: string; readonly isStill: boolean }
  | {
      readonly kind:
        'stat' | 'lstat' | 'realpath' | 'readdir' | 'entries' | 'mkdir' | 'mkdirs' | 'unlink' | 'rmdir' | 'statfs';
      readonly at: string;
    };

/** What links the folder has from the start, for calls that follow links or do not. */
const LINKS: readonly (readonly [name: string, leadsTo: string])[] = [
  ['to-a', 'a'],
  ['to-folder', 'sub'],
  ['to-nothing', 'nowhere'],
  ['round', 'round'],
];

/** Dates that are set are before it, and now is after. */
const LAST_SET_DATE = Date.UTC(2024, 0, 1);

const paths = (names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom('', '', 'sub/', 'sub/deep/', 'to-folder/', 'a/'), fc.constantFrom(...names))
    .map(([folder, name]) => folder + name);

/** Calls on a few names, so that they meet. */
export function calls(names: readonly string[]): fc.Arbitrary<readonly Call[]> {
  const at = paths(names);
  const handle = fc.nat(3);
  const position = fc.constantFrom(0, 1, 5, 4096, 9000);
  const length = fc.constantFrom(0, 1, 7, 5000);
  const date = fc.constantFrom(0, 1_000_000_000_123, 1_700_000_001_000, 1_700_000_000_999.5, -5_000_000_000);
  const one: fc.Arbitrary<Call> = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('open' as const),
        at,
        how: fc.constantFrom<OpenMode>('read', 'update', 'continue', 'create'),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ kind: fc.constantFrom('read' as const, 'write' as const), handle, position, length }),
    },
    fc.record({ kind: fc.constant('truncate' as const), handle, size: position }),
    fc.record({ kind: fc.constant('handle-date' as const), handle, date }),
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom('handle-stat' as const, 'datasync' as const, 'sync' as const, 'close' as const),
        handle,
      }),
    },
    fc.record({ kind: fc.constant('date' as const), at, date }),
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constantFrom('link' as const, 'rename' as const), from: at, to: at }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom('unlinkIf' as const, 'renameIf' as const),
        from: at,
        to: at,
        isStill: fc.boolean(),
      }),
    },
    {
      weight: 10,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          'stat',
          'lstat',
          'realpath',
          'readdir',
          'entries',
          'mkdir',
          'mkdir',
          'mkdirs',
          'unlink',
          'rmdir',
          'statfs',
        ),
        at,
      }),
    },
  );
  return fc.array(one, { minLength: 10, maxLength: 60 });
}

/** Plays calls on a disk; answers what each came to, and all that is there in the end. */
export async function play(disk: Disk, root: string, all: readonly Call[]): Promise<readonly string[]> {
  const player = new Player(disk, root);
  const told: string[] = [];
  for (const call of all) told.push(`${JSON.stringify(call)} → ${await player.play(call)}`);
  told.push(await player.tree());
  await player.end();
  return told;
}

class Player {
  readonly #disk: Disk;
  readonly #root: string;
  readonly #handles: OpenFile[] = [];
  readonly #inodes: number[] = [];

  constructor(disk: Disk, root: string) {
    this.#disk = disk;
    this.#root = root;
  }

  async play(call: Call): Promise<string> {
    try {
      return (await this.#act(call)) ?? 'ok';
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      return code;
    }
  }

  async end(): Promise<void> {
    for (const handle of this.#handles) await handle.close().catch(() => undefined);
  }

  /** All that is there in the end, with what the files hold. */
  async tree(): Promise<string> {
    const lines: string[] = [];
    const walk = async (at: string): Promise<void> => {
      const entries = await this.#disk.entries(at);
      for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
        const path = join(at, entry.name);
        const stats = await this.#disk.lstat(path);
        lines.push(`${told(path.slice(this.#root.length))} #${this.#inode(stats)} ${this.#stats(stats)}`);
        if (entry.isDirectory()) await walk(path);
        if (entry.isFile()) {
          const file = await this.#disk.open(path, 'read');
          lines.push(await this.#read(file, 0, 20_000));
          await file.close();
        }
      }
    };
    await walk(this.#root);
    return lines.join('\n');
  }

  async #act(call: Call): Promise<string | undefined> {
    const disk = this.#disk;
    switch (call.kind) {
      case 'open': {
        this.#handles.push(await disk.open(this.#at(call.at), call.how, 0o644));
        return undefined;
      }
      case 'read':
        return this.#read(this.#handle(call.handle), call.position, call.length);
      case 'write': {
        const piece = Buffer.alloc(call.length, call.position + call.length);
        const file = this.#handle(call.handle);
        const { bytesWritten } = await file.writev([piece.subarray(0, 3), piece.subarray(3)], call.position);
        return String(bytesWritten);
      }
      case 'truncate': {
        const file = this.#handle(call.handle);
        await file.truncate(call.size);
        return undefined;
      }
      case 'handle-date': {
        const file = this.#handle(call.handle);
        await file.utimes(new Date(call.date), new Date(call.date));
        return undefined;
      }
      case 'date': {
        await disk.utimes(this.#at(call.at), new Date(call.date), new Date(call.date));
        return undefined;
      }
      case 'handle-stat':
        return this.#handleStats(this.#handle(call.handle));
      case 'datasync':
      case 'sync':
        await this.#handle(call.handle)[call.kind]();
        return undefined;
      case 'close': {
        const file = this.#handle(call.handle);
        this.#handles.splice(this.#handles.indexOf(file), 1);
        await file.close();
        return undefined;
      }
      case 'link':
      case 'rename':
        await disk[call.kind](this.#at(call.from), this.#at(call.to));
        return undefined;
      case 'unlinkIf': {
        const seen = await this.#seen(call.from, call.isStill);
        return seen && String(await disk.unlinkIf?.(this.#at(call.from), seen));
      }
      case 'renameIf': {
        const seen = await this.#seen(call.to, call.isStill);
        return String(await disk.renameIf?.(this.#at(call.from), this.#at(call.to), seen));
      }
      case 'stat':
      case 'lstat':
        return this.#stats(await disk[call.kind](this.#at(call.at)));
      case 'realpath':
        return (await disk.realpath(this.#at(call.at))).slice(this.#root.length);
      case 'readdir':
        return JSON.stringify((await disk.readdir(this.#at(call.at))).map(told).sort());
      case 'entries': {
        const entries = await disk.entries(this.#at(call.at));
        return JSON.stringify(
          entries.map((one) => `${told(one.name)} ${one.isFile()} ${one.isDirectory()} ${one.isSymbolicLink()}`).sort(),
        );
      }
      case 'mkdir':
        await disk.mkdir(this.#at(call.at));
        return undefined;
      case 'mkdirs':
        return (await disk.mkdir(this.#at(call.at), { recursive: true }))?.slice(this.#root.length);
      case 'unlink':
      case 'rmdir':
        await disk[call.kind](this.#at(call.at));
        return undefined;
      case 'statfs': {
        const { bsize, blocks, bavail } = await disk.statfs(this.#at(call.at));
        return `${bsize > 0} ${blocks > 0} ${bavail > 0 && bavail <= blocks}`;
      }
    }
  }

  /** What a look tells, or what one told before a write of a byte. */
  async #seen(path: string, isStill: boolean): Promise<Seen | undefined> {
    const stats = await this.#disk.lstat(this.#at(path)).catch(() => undefined);
    return stats && { size: stats.size + (isStill ? 0 : 1), mtimeMs: stats.mtimeMs, ctimeMs: stats.ctimeMs };
  }

  #at(path: string): string {
    return join(this.#root, path);
  }

  #handle(number: number): OpenFile {
    const file = this.#handles[number % Math.max(1, this.#handles.length)];
    if (file === undefined) throw Object.assign(new Error('no handle'), { code: 'none open' });
    return file;
  }

  async #read(file: OpenFile, position: number, length: number): Promise<string> {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, position);
    return `${bytesRead} ${buffer.subarray(0, bytesRead).toString('base64')}`;
  }

  /**
   * An open folder that was deleted is told for a second by FUSE, which remembers it, and then has gone: how long the calls
   * between took decides.
   */
  async #handleStats(file: OpenFile): Promise<string> {
    const stats = await file.stat().catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return undefined;
    });
    return stats === undefined || stats.isDirectory() ? 'a folder, or gone' : this.#stats(stats);
  }

  #stats(stats: FileStats): string {
    const kind = [stats.isFile(), stats.isDirectory(), stats.isSymbolicLink()].join();
    const size = stats.isDirectory() ? '' : String(stats.size);
    // how many names a folder has is the file system's own affair
    const names = stats.isDirectory() ? '' : String(stats.nlink);
    const date = stats.isFile() && stats.mtimeMs < LAST_SET_DATE ? String(stats.mtimeMs) : 'now';
    return [kind, size, names, date].join(' ');
  }

  /** Two names of one file have the same number. */
  #inode({ ino }: FileStats): number {
    const known = this.#inodes.indexOf(ino);
    return known < 0 ? this.#inodes.push(ino) - 1 : known;
  }
}

/** What is deleted while it is open has another hidden name each time. */
const told = (name: string): string => name.replace(/(\.fuse_hidden)[0-9a-f]+$/u, '$1');

/** A folder in which calls are played, with the links and a file and a folder to lead to. */
export async function stage(disk: Disk, root: string, symlink: (leadsTo: string, path: string) => void): Promise<void> {
  for (const [name, leadsTo] of LINKS) symlink(leadsTo, join(root, name));
  await disk.mkdir(join(root, 'sub'));
  const file = await disk.open(join(root, 'a'), 'create', 0o644);
  await file.writev([Buffer.from(`the file ${basename('a')}`)], 0);
  await file.close();
}
