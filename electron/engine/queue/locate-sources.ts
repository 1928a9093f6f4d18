import { opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { localPath, type LocalPath } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { fingerprintFile } from '../transfer/fingerprint.ts';
import { localError, modifiedOf } from '../local/local-files.ts';
import type { ItemRow, TransferRow } from '../model/transfer-store.ts';

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
  const index = new MissingIndex(missing, transfer.id);
  const found = new Set<ItemRow>();

  const offer = async (file: string): Promise<void> => {
    const row = await index.match(file);
    if (row === undefined) return;
    found.add(row);
    const modified = modifiedOf(await stat(file));
    context.store.updateItem(row.id, { local: localPath(file), modified, state: { kind: 'preparing' } }, context.now());
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

/** Missing files by what identifies them, so that each offered file is read once and looked up, however many are missing. */
class MissingIndex {
  readonly #salt: string;
  readonly #sizes = new Set<number>();
  readonly #byFingerprint = new Map<string, ItemRow[]>();
  readonly #byDate = new Map<string, ItemRow[]>();

  constructor(missing: readonly ItemRow[], salt: string) {
    this.#salt = salt;
    for (const row of missing) {
      this.#sizes.add(row.size);
      const [index, key] =
        row.fingerprint === undefined
          ? [this.#byDate, `${row.size} ${row.modified ?? ''}`]
          : [this.#byFingerprint, row.fingerprint];
      index.set(key, [...(index.get(key) ?? []), row]);
    }
  }

  /** The missing item that this file is; it is taken out, so that two copies find two items. */
  async match(file: string): Promise<ItemRow | undefined> {
    const stats = await stat(file);
    if (!this.#sizes.has(stats.size)) return undefined;
    const dated = this.#byDate.get(`${stats.size} ${modifiedOf(stats)}`)?.shift();
    if (dated !== undefined || this.#byFingerprint.size === 0) return dated;
    return this.#byFingerprint.get(await fingerprintFile(file, this.#salt))?.shift();
  }
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
