import type { DeviceKey, LocalPath } from '../../shared/domain.ts';
import type { Freeable, NotFreed, PhotoPart, PhotoShot } from '../../shared/photos.ts';
import { modifiedOf, sampleFile, type Engine, type FileStats } from '../engine/index.ts';
import { importsFrom, keyOf } from './known.ts';
import type { PhotoImport, PhotoStore, SavedCopy } from './photo-store.ts';
import type { FreeLimits } from './wishes.ts';

/** What could be freed, as far as this computer's side tells: a copy in either place of an import counts. */

/** Shots whose parts all have a copy that is there with its size, date and samples; reads nothing of the phone. */
export async function findFreeable(
  {
    engine,
    store,
    device,
  }: { readonly engine: Pick<Engine, 'disk' | 'devices'>; readonly store: PhotoStore; readonly device: DeviceKey },
  shots: readonly PhotoShot[],
  { takenBefore, largerThan }: FreeLimits,
): Promise<readonly Freeable[]> {
  const at = Map.groupBy(importsFrom(engine, store, device), ({ size }) => size);
  const samples = new Map(store.seen(device).map((row) => [keyOf(row), row]));
  const importsAt = (part: PhotoPart): readonly PhotoImport[] => {
    const seen = samples.get(keyOf(part));
    const isSame = (row: { readonly size: number; readonly modified: number | undefined }): boolean =>
      row.size === part.size && row.modified === part.modified;
    return (at.get(part.size) ?? []).filter(
      (row) =>
        (keyOf(row) === keyOf(part) && isSame(row)) ||
        (seen !== undefined && isSame(seen) && seen.sample === row.sample),
    );
  };
  const found: Freeable[] = [];
  for (const shot of shots) {
    if (shot.state !== 'imported' || !shot.parts.every(({ state }) => state === 'imported')) continue;
    if (takenBefore !== undefined && !(shot.taken !== undefined && shot.taken < takenBefore)) continue;
    if (largerThan !== undefined && shot.bytes <= largerThan) continue;
    const copies = await copiesOfShot(engine, shot, importsAt);
    if (copies !== undefined) found.push({ shot, copies });
  }
  return found;
}

/**
 * Where the copies of a shot are, as far as this computer's side tells: nothing of the phone is read. `undefined` where one
 * of its parts has none.
 */
async function copiesOfShot(
  engine: Pick<Engine, 'disk'>,
  shot: PhotoShot,
  importsAt: (part: PhotoPart) => readonly PhotoImport[],
): Promise<readonly LocalPath[] | undefined> {
  const copies: LocalPath[] = [];
  for (const part of shot.parts) {
    let found: LocalPath | undefined;
    for (const row of importsAt(part))
      for (const copy of row.copies)
        if (found === undefined && !('why' in (await lookAtCopy(engine, row, copy)))) found = copy.path;
    if (found === undefined) return undefined;
    copies.push(found);
  }
  return copies;
}

/** What this computer's side tells of a copy: its size, date and samples. */
export async function lookAtCopy(
  engine: Pick<Engine, 'disk'>,
  row: PhotoImport,
  copy: SavedCopy,
): Promise<{ readonly stats: FileStats } | { readonly why: NotFreed }> {
  const stats = await engine.disk.lstat(copy.path).catch(() => undefined);
  if (stats === undefined) return { why: 'copy-missing' };
  if (!stats.isFile() || stats.size !== row.size) return { why: 'copy-changed' };
  if (copy.modified !== undefined && modifiedOf(stats) !== copy.modified) return { why: 'copy-changed' };
  const sample = await sampleFile(engine.disk, copy.path).catch(() => undefined);
  return sample !== undefined && sample === row.sample ? { stats } : { why: 'copy-changed' };
}
