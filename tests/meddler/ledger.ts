import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Every content that existed in the world of a case, each unique, and what may happen to it. At the end, an unknown
 * content under a name that is not Replug's own is mixed or truncated; a known content that is gone was destroyed.
 */

/** Full paths of files, with their contents. */
export type Tree = ReadonlyMap<string, string>;

const digestOf = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex');

export class Ledger {
  /** Digest → description for a person. */
  readonly #known = new Map<string, string>();
  /** Contents that a person allowed to be destroyed, or destroyed. */
  readonly #given = new Set<string>();
  #number = 0;

  /** Unique bytes, unlike any before. */
  bytes(size: number): Buffer {
    this.#number += 1;
    const bytes = Buffer.alloc(size);
    let state = Math.imul(this.#number, 0x9e3779b1) | 1;
    for (let at = 0; at + 4 <= size; at += 4) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      bytes.writeInt32LE(state | 0, at);
    }
    return bytes;
  }

  /** Writes a file as a person does; `label` describes it. Returns its digest. */
  write(path: string, label: string, bytes: Buffer, modified?: number): string {
    mkdirSync(dirname(path), { recursive: true });
    this.losing(path);
    writeFileSync(path, bytes);
    if (modified !== undefined) utimesSync(path, modified / 1000, modified / 1000);
    const digest = digestOf(bytes);
    this.#known.set(digest, label);
    return digest;
  }

  /** A person deletes a file or a folder. */
  remove(path: string): void {
    for (const digest of treeOf(path).values()) this.#given.add(digest);
    rmSync(path, { recursive: true, force: true });
  }

  /** A person is about to write over what is there. */
  losing(path: string): void {
    if (existsSync(path) && lstatSync(path).isFile()) this.#given.add(digestOf(readFileSync(path)));
  }

  /** A person allowed this content to be replaced or deleted. */
  give(digest: string): void {
    this.#given.add(digest);
  }

  mayGo(digest: string): boolean {
    return this.#given.has(digest);
  }

  label(digest: string): string | undefined {
    return this.#known.get(digest);
  }

  /** Contents that are gone without permission. */
  lost(trees: readonly Tree[]): readonly string[] {
    const there = new Set(trees.flatMap((tree) => [...tree.values()]));
    return [...this.#known].flatMap(([digest, label]) => (there.has(digest) || this.#given.has(digest) ? [] : [label]));
  }

  /** Files whose contents nobody ever wrote, except those under names that only Replug generates. */
  strange(trees: readonly Tree[]): readonly string[] {
    return trees.flatMap((tree) =>
      [...tree].flatMap(([path, digest]) => (this.#known.has(digest) || isOurs(path) ? [] : [path])),
    );
  }
}

/** Part files and temporaries. */
export const isOurs = (path: string): boolean => path.includes('.replug-');

export function treeOf(folder: string): Tree {
  const tree = new Map<string, string>();
  const walk = (at: string): void => {
    if (!existsSync(at)) return;
    if (!lstatSync(at).isDirectory()) {
      tree.set(at, digestOf(readFileSync(at)));
      return;
    }
    for (const name of readdirSync(at)) walk(join(at, name));
  };
  walk(folder);
  return tree;
}
