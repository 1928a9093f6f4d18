import { opendir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import {
  baseNameOf,
  joinPhonePath,
  localPath,
  parentOf,
  type LocalPath,
  type PhonePath,
  type StorageKey,
} from '../../../shared/domain.ts';
import { fail, type Problem } from '../../../shared/errors.ts';
import { SKIPPED_NAME_WORDS, skippedName } from '../../../shared/skipped-names.ts';
import { localError, modifiedOf } from '../local/local-files.ts';
import type { NewItem } from '../model/transfer-store.ts';

/** One line of a plan; `problem` is set for what cannot be moved: it is listed and reported, the rest goes on. */
export interface PlannedItem {
  readonly item: NewItem;
  /** Why it is left out: it is listed and reported as skipped, and a move leaves it where it is. */
  readonly skipped?: string;
  readonly problem: Problem | undefined;
  /** The name on the other side, where it cannot keep its own. */
  readonly savedAs: string | undefined;
}

/** Folders below this depth are refused: deeper than any path of any system, so a cycle or an attack. */
export const MAX_DEPTH = 256;
/** Items handed over at once. */
export const BATCH = 1000;

export const planned = (item: NewItem, savedAs?: string): PlannedItem => ({ item, problem: undefined, savedAs });
/** A file or folder that is left out for its name (see `skipped-names.ts`). */
export const skippedItem = (item: NewItem, why: keyof typeof SKIPPED_NAME_WORDS): PlannedItem => ({
  item,
  problem: undefined,
  savedAs: undefined,
  skipped: SKIPPED_NAME_WORDS[why],
});
export const unplanned = (item: NewItem, problem: Problem): PlannedItem => ({ item, problem, savedAs: undefined });

/**
 * Walks local sources for an upload: folders before what is in them, names in order, in batches so that a huge tree
 * never stands in memory. Links are followed; a folder that is its own ancestor is reported, not entered. Unfinished,
 * thrown-away and system files are skipped; one that was named itself is copied, but never moved.
 */
export async function* planUpload(
  sources: readonly LocalPath[],
  to: { readonly storage: StorageKey; readonly path: PhonePath },
  /** A folder's name as the phone can hold it. Folders are not asked about: what is in them would have to wait. */
  legalFolder: (name: string) => string = (name) => name,
  move = false,
): AsyncGenerator<readonly PlannedItem[]> {
  let batch: PlannedItem[] = [];
  const walk = async function* (
    local: string,
    name: string,
    phone: PhonePath,
    ancestors: readonly string[],
  ): AsyncGenerator<readonly PlannedItem[]> {
    const base = { name, local: localPath(local), storage: to.storage, phone };
    const why = ancestors.length > 0 || move ? skippedName(basename(local)) : undefined;
    if (why !== undefined) {
      batch.push(skippedItem({ ...base, kind: 'file', size: 0, modified: undefined }, why));
      return;
    }
    const refuse = (problem: Problem): void => {
      batch.push(unplanned({ ...base, kind: 'file', size: 0, modified: undefined }, problem));
    };
    let stats;
    try {
      stats = await stat(local);
    } catch (error) {
      refuse(localError(error, 'source', 'stat', local).problem);
      return;
    }
    if (stats.isFile()) {
      batch.push(planned({ ...base, kind: 'file', size: stats.size, modified: modifiedOf(stats) }));
    } else if (stats.isDirectory()) {
      let real: string;
      const names: string[] = [];
      try {
        real = await realpath(local);
        if (ancestors.includes(real) || ancestors.length >= MAX_DEPTH) {
          refuse(
            fail('source-unreadable', 'walk', 'the folder contains itself', {
              subject: local,
              fix: 'The folder leads back into itself; what is in it goes once.',
            }).problem,
          );
          return;
        }
        for await (const entry of await opendir(local)) names.push(entry.name);
      } catch (error) {
        refuse(localError(error, 'source', 'list', local).problem);
        return;
      }
      const legal = legalFolder(baseNameOf(phone));
      const folder = joinPhonePath(parentOf(phone), legal);
      batch.push(
        planned(
          { ...base, phone: folder, kind: 'folder', size: 0, modified: modifiedOf(stats) },
          legal === baseNameOf(phone) ? undefined : legal,
        ),
      );
      names.sort();
      for (const child of names) {
        if (batch.length >= BATCH) {
          yield batch;
          batch = [];
        }
        yield* walk(join(local, child), `${name}/${child}`, joinPhonePath(folder, child), [...ancestors, real]);
      }
    } else {
      refuse(
        fail('source-unreadable', 'stat', 'neither a file nor a folder', {
          subject: local,
          fix: 'It is a pipe, a device or a socket: there is nothing in it to copy.',
        }).problem,
      );
    }
  };
  for (const source of sources) {
    const name = basename(source);
    yield* walk(source, name, joinPhonePath(to.path, name), []);
  }
  if (batch.length > 0) yield batch;
}
