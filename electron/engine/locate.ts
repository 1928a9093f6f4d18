import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { localPath, type LocalPath } from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import type { EngineContext } from './context.ts';
import { fingerprintFile } from './fingerprint.ts';
import { localError } from './local.ts';
import type { ItemRow, TransferRow } from './store-types.ts';

/** Files looked at below a located folder; a home folder would take minutes otherwise. */
const MOST_FILES = 200_000;

/**
 * Finds missing sources at a new place: a file, or a folder in which every missing one is looked for. A file is
 * taken only when its size and its sampled fingerprint are those of the missing one; where no fingerprint was made,
 * its size and modification time.
 */
export async function locateSources(
  context: EngineContext,
  transfer: TransferRow,
  path: LocalPath,
): Promise<{ readonly found: number; readonly missing: readonly string[] }> {
  const missing = context.store
    .itemsIn(transfer.id, ['waiting'], 1_000_000)
    .filter((row) => row.state.kind === 'waiting' && row.state.for.kind === 'source');
  const bySize = new Map<number, ItemRow[]>();
  for (const row of missing) bySize.set(row.size, [...(bySize.get(row.size) ?? []), row]);
  const found = new Set<ItemRow>();

  const offer = async (file: string): Promise<void> => {
    const stats = await stat(file);
    for (const row of bySize.get(stats.size) ?? []) {
      if (found.has(row) || !(await isSame(row, file, Math.floor(stats.mtimeMs), transfer))) continue;
      found.add(row);
      context.store.updateItem(
        row.id,
        { local: localPath(file), modified: Math.floor(stats.mtimeMs), state: { kind: 'preparing' } },
        context.now(),
      );
      return;
    }
  };

  let stats;
  try {
    stats = await stat(path);
  } catch (error) {
    throw localError(error, 'source', 'locate', path);
  }
  if (stats.isFile()) {
    await offer(path);
    if (found.size === 0)
      throw fail('bad-request', 'locate', 'This is another file than the missing one.', {
        subject: path,
        fix: 'Choose the file that was being sent.',
      });
  } else await walk(path, offer, () => found.size === missing.length);
  context.touch(transfer.id);
  return { found: found.size, missing: missing.filter((row) => !found.has(row)).map((row) => row.name) };
}

async function isSame(row: ItemRow, file: string, modified: number, transfer: TransferRow): Promise<boolean> {
  if (row.fingerprint === undefined) return row.modified === modified;
  return (await fingerprintFile(file, transfer.id)) === row.fingerprint;
}

async function walk(folder: string, offer: (file: string) => Promise<void>, enough: () => boolean): Promise<void> {
  const folders = [folder];
  let looked = 0;
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    try {
      for await (const entry of await opendir(next)) {
        if (enough() || looked > MOST_FILES) return;
        if (entry.isDirectory()) folders.push(join(next, entry.name));
        else if (entry.isFile()) {
          looked += 1;
          await offer(join(next, entry.name)).catch(() => undefined);
        }
      }
    } catch {
      // a folder that cannot be read holds nothing that can be sent
    }
  }
}
