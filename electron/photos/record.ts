import { basename, dirname, join } from 'node:path';
import { baseNameOf, localPath, type DeviceKey, type LocalPath } from '../../shared/domain.ts';
import { isEnded } from '../../shared/snapshots.ts';
import { modifiedOf, sampleFile, type Disk, type Engine, type ItemRow, type TransferRow } from '../engine/index.ts';
import { bestDate, readOrigin, type Origin } from './dates.ts';
import { importsFrom, keyOf, storageNow } from './known.ts';
import type { PhotoImport, PhotoStore, SavedCopy } from './photo-store.ts';

/**
 * What became of an import's files, into the record: after its end, and at the next start if the program died in between.
 * Everything comes from the transfer's own items, so it can be done any number of times.
 */

/** The origin of imports in the engine. */
export const ORIGIN = 'photos';

/** What recording asks of the engine. */
export type RecordEngine = Pick<Engine, 'disk' | 'devices' | 'transfersFrom' | 'itemRows'>;

/** What recording works with. */
export interface RecordParts {
  readonly engine: RecordEngine;
  readonly store: PhotoStore;
}

const ROWS_AT_ONCE = 200;

/** The imports of a phone, those too whose results are recorded. */
const transfersFrom = ({ engine }: RecordParts, device: DeviceKey): readonly TransferRow[] =>
  engine.transfersFrom(ORIGIN).filter((row) => row.device === device);

/** The imports of a phone that go on, and those whose results are not recorded yet. */
const pendingFrom = (parts: RecordParts, device: DeviceKey): readonly TransferRow[] =>
  transfersFrom(parts, device).filter(
    ({ id, finishedAt }) => finishedAt === undefined || parts.store.recorded(id) !== finishedAt,
  );

const recordedItems = ({ store }: RecordParts, device: DeviceKey): ReadonlySet<string> =>
  new Set(store.imports(device).map(({ transfer, item }) => `${transfer}/${item}`));

/** Records the imports of all phones. Rejects as the store does. */
export async function recordAll(parts: RecordParts): Promise<void> {
  for (const device of new Set(parts.engine.transfersFrom(ORIGIN).map((row) => row.device)))
    await recordImports(parts, device);
}

/** Records what imports of this phone have saved so far. Rejects as the store does. */
export async function recordImports(parts: RecordParts, device: DeviceKey): Promise<void> {
  const { engine, store } = parts;
  const pending = pendingFrom(parts, device);
  if (pending.length === 0) return;
  const known = recordedItems(parts, device);
  for (const transfer of pending) {
    let rows: PhotoImport[] = [];
    for (const item of engine.itemRows(transfer.id)) {
      if (known.has(`${transfer.id}/${item.id}`)) continue;
      const row = await importOf(engine.disk, device, item);
      if (row !== undefined) rows.push(row);
      if (rows.length < ROWS_AT_ONCE) continue;
      store.putImports(rows);
      rows = [];
    }
    const { id, finishedAt } = transfer;
    store.putImports(rows, finishedAt === undefined ? undefined : { transfer: id, finishedAt });
  }
}

/**
 * Files that an import has and has not saved, and where it is to save them; also those that it has saved and that are not
 * recorded yet, so that at no moment they look like new ones.
 */
export function underWayOf(
  parts: RecordParts,
  device: DeviceKey,
): { readonly keys: ReadonlySet<string>; readonly targets: readonly LocalPath[] } {
  const keys = new Set<string>();
  const targets: LocalPath[] = [];
  const pending = pendingFrom(parts, device);
  const hasSecond = pending.some((row) => isSecond(row));
  const imported = new Set(hasSecond ? importsFrom(parts.engine, parts.store, device).map(keyOf) : []);
  const now = storageNow(parts.engine, device);
  let recorded: ReadonlySet<string> | undefined;
  for (const row of pending)
    for (const item of parts.engine.itemRows(row.id)) {
      if (isEnded(item.state.kind)) {
        if (!isSaved(item)) continue;
        recorded ??= recordedItems(parts, device);
        if (recorded.has(`${row.id}/${item.id}`)) continue;
      }
      const key = keyOf({ storage: now(item.storage), path: item.phone });
      // a second copy that waits for its disk keeps nobody from freeing what has its first
      if (!isSecond(row) || !imported.has(key)) keys.add(key);
      targets.push(savedPath(item));
    }
  return { keys, targets };
}

const isSecond = ({ sources }: TransferRow): boolean => sources.kind === 'items' && sources.twin !== undefined;

/** Where an item's copy lies, or is to lie. */
export const savedPath = ({ local, savedAs }: ItemRow): LocalPath =>
  savedAs === undefined ? local : localPath(join(dirname(local), savedAs));

/** Whether an import has made a copy of it. */
const isSaved = ({ kind, state }: ItemRow): boolean =>
  kind === 'file' && state.kind === 'done' && state.outcome.kind !== 'skipped';

async function importOf(disk: Disk, device: DeviceKey, item: ItemRow): Promise<PhotoImport | undefined> {
  const { state } = item;
  if (!isSaved(item) || state.kind !== 'done') return undefined;
  const { outcome } = state;
  const moved = outcome.kind === 'moved' ? outcome : undefined;
  const copy: SavedCopy = {
    path: savedPath(item),
    modified: moved?.copyModified,
    verified: moved?.verification.level,
  };
  const { sample, origin } = await contentOf(disk, copy, item.size);
  return {
    device,
    storage: item.storage,
    path: item.phone,
    size: item.size,
    modified: item.modified,
    taken: bestDate(baseNameOf(item.phone), item.modified, origin?.taken).taken,
    sample,
    sha256: moved?.verification.sha256 ?? item.sha256,
    transfer: item.transfer,
    item: item.id,
    importedAt: item.updatedAt,
    copies: [copy],
  };
}

/** What the copy holds, if it still is what was saved; whoever edited it since has made something else of it. */
async function contentOf(
  disk: Disk,
  { path, modified }: SavedCopy,
  size: number,
): Promise<{ readonly sample: string | undefined; readonly origin: Origin | undefined }> {
  const nothing = { sample: undefined, origin: undefined };
  const stats = await disk.lstat(path).catch(() => undefined);
  if (stats?.isFile() !== true || stats.size !== size || modifiedOf(stats) !== modified) return nothing;
  try {
    const sample = await sampleFile(disk, path);
    const file = await disk.open(path, 'read');
    try {
      const read = async (offset: number, length: number): Promise<Uint8Array> => {
        const buffer = new Uint8Array(length);
        const { bytesRead } = await file.read(buffer, 0, length, offset);
        return buffer.subarray(0, bytesRead);
      };
      return { sample, origin: await readOrigin(basename(path), size, read) };
    } finally {
      await file.close();
    }
  } catch {
    return nothing;
  }
}
