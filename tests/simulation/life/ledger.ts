import { diskError } from '../disk/disk-error.ts';
import type { Tree } from '../disk/tree.ts';
import type { Node, Volume } from '../disk/volume.ts';

/**
 * Every content that existed in a life. Each is told from all others by its bytes alone, wherever it turns up: its number
 * stands in each of its blocks. It knows nothing of the program; permissions are noted by whoever plays the person.
 */

/** Bytes between two numbers in a content. */
const BLOCK = 512;
/** Bytes at each end that a patch leaves as they are: more than is looked at of a file before it is deleted. */
const ENDS = 8 * BLOCK;
const MAGIC = 0x52504c47;

/** A content by its number, and where it was first. */
interface Content {
  readonly bytes: Uint8Array;
  readonly where: string;
  /** A person has deleted it, or written over it. */
  given: boolean;
  /** Real paths under which it was put. */
  readonly paths: Set<string>;
  /** Contents that begin and end as this one does. */
  readonly patches: number[];
}

/** A file, and where it is. */
export interface Found {
  readonly path: string;
  readonly node: Node;
}

/** The contents of a life, and who may let them go. */
export class Ledger {
  readonly #contents: Content[] = [];
  /** By path as its disk takes it, the contents that were ever put there, the latest last. */
  readonly #versions = new Map<string, number[]>();
  readonly #touched = new Set<string>();
  readonly #key: (path: string) => string;
  /** How often anybody but the program has touched anything. */
  touches = 0;

  /** `key`: one for all spellings that a disk takes for one path. */
  constructor(key: (path: string) => string) {
    this.#key = key;
  }

  /** Somebody else writes, renames or deletes what is at a path. */
  touch(path: string): void {
    this.touches += 1;
    this.#touched.add(this.#key(path));
  }
  /** Whether somebody else has touched a path since the life began. */
  isTouched(path: string): boolean {
    return this.#touched.has(this.#key(path));
  }

  /** New bytes unlike any before; sizes below 8 that are not 0 are not told apart, and not made. */
  make(size: number, where: string): { readonly number: number; readonly bytes: Uint8Array } {
    if (size === 0) return { number: 0, bytes: new Uint8Array(0) };
    const bytes = bytesOf(this.#contents.length + 1, Math.max(size, 8));
    return { number: this.#add(bytes, where), bytes };
  }

  /** A content that differs from another one in the middle only; `undefined` where that has no middle. */
  patch(number: number, where: string): { readonly number: number; readonly bytes: Uint8Array } | undefined {
    const before = this.#contents[number - 1];
    if (before === undefined || before.bytes.byteLength < 4 * ENDS) return undefined;
    const bytes = before.bytes.slice();
    const patched = this.#contents.length + 1;
    const from = ENDS;
    const to = bytes.byteLength - ENDS;
    bytes.subarray(from, to).set(bytesOf(patched, to - from));
    before.patches.push(patched);
    return { number: this.#add(bytes, where), bytes };
  }

  #add(bytes: Uint8Array, where: string): number {
    return this.#contents.push({ bytes, where, given: false, paths: new Set([where]), patches: [] });
  }

  /** A person, or another program, put a content at a path. */
  put(path: string, number: number): void {
    const key = this.#key(path);
    const versions = this.#versions.get(key);
    if (versions === undefined) this.#versions.set(key, [number]);
    else versions.push(number);
    this.#contents[number - 1]?.paths.add(path);
  }

  /** All that somebody ever put at a path, the latest last. */
  versions(path: string): readonly number[] {
    return this.#versions.get(this.#key(path)) ?? [];
  }

  /** What was put where, and not touched by anybody since. */
  untouched(): readonly { readonly path: string; readonly number: number }[] {
    return [...this.#versions]
      .filter(([key]) => !this.#touched.has(key))
      .map(([key, versions]) => ({ path: key, number: versions.at(-1) ?? 0 }));
  }

  /** A person has it deleted or overwritten. */
  give(number: number | undefined): void {
    const content = this.#contents[(number ?? 0) - 1];
    if (content !== undefined) content.given = true;
  }

  isGiven(number: number): boolean {
    return this.#contents[number - 1]?.given === true;
  }

  where(number: number): string {
    return this.#contents[number - 1]?.where ?? 'nowhere';
  }

  /** Contents of which nothing is left in `there` although nobody has given them. */
  lost(there: ReadonlySet<number>): readonly { readonly number: number; readonly paths: ReadonlySet<string> }[] {
    return this.#contents.flatMap(({ given, paths }, index) =>
      given || there.has(index + 1) ? [] : [{ number: index + 1, paths }],
    );
  }

  /** A content, and what was made of it by patching. */
  #alike(number: number): readonly number[] {
    const patches = this.#contents[number - 1]?.patches ?? [];
    return [number, ...patches.flatMap((one) => this.#alike(one))];
  }

  /** Which content a file holds: the whole of it, and nothing else. 0: it is empty; `undefined`: nobody wrote that. */
  identify({ bytes, size }: Node): number | undefined {
    return this.contentOf(bytes.subarray(0, size));
  }

  /** The same of bytes. */
  contentOf(bytes: Uint8Array): number | undefined {
    const size = bytes.byteLength;
    if (size === 0) return 0;
    if (size < 8) return undefined;
    const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(4, true);
    return this.#alike(number).find((one) => {
      const content = this.#contents[one - 1];
      return content?.bytes.byteLength === size && Buffer.compare(content.bytes, bytes) === 0;
    });
  }
}

/** All files of a volume mounted at `top`. */
export function filesOf(volume: Volume, top: string): readonly Found[] {
  const found: Found[] = [];
  const walk = (folder: Node, at: string): void => {
    for (const { name, node } of folder.entries.values()) {
      const path = `${at}/${name}`;
      if (node.kind === 'folder') walk(node, path);
      else if (node.kind === 'file') found.push({ path, node });
    }
  };
  walk(volume.root, top);
  return found;
}

/** The bytes of a content. */
function bytesOf(number: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size).fill(number * 7 + 13);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at + 8 <= size; at += BLOCK) {
    view.setUint32(at, MAGIC ^ at, true);
    view.setUint32(at + 4, number, true);
  }
  return bytes;
}

/** Writes a file as another program does: whole, under its name at once, and on the disk for good. */
export function writeFile(tree: Tree, path: string, bytes: Uint8Array, date: number): void {
  const { volume, node } = tree.open(path, { makes: true, exclusive: false, follows: true });
  volume.truncate(node, 0);
  if (bytes.byteLength > volume.free) {
    tree.unlink(path);
    throw diskError('ENOSPC', 'write', path);
  }
  if (bytes.byteLength > 0) volume.write(node, bytes, 0);
  volume.setDate(node, date);
  volume.sync(node);
}
