import type { LocalPath } from '../../shared/domain.ts';
import type { PhotoSettings } from '../../shared/photos.ts';
import type { Disk, Engine } from '../engine/index.ts';
import { bestDate } from './dates.ts';
import { importsFrom, keyOf, whatIsKnown } from './known.ts';
import type { Library } from './library.ts';
import { dateAtFirst, listPhotos } from './look.ts';
import type { PhoneSession } from './phone-session.ts';
import type { PhotoStore } from './photo-store.ts';
import { underWayOf } from './record.ts';

/** What a look works with. */
export interface TakeLookParts {
  readonly engine: Engine;
  readonly store: PhotoStore;
  readonly library: Library;
}

/** How a phone is looked at: `to` and `library` are the folders that hold photos already. */
export interface TakeLookWish extends Pick<PhotoSettings, 'library' | 'messengers'> {
  readonly to: LocalPath;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Lists a phone's photos and says of each what is known of it; the session has them then, and shows how it goes meanwhile.
 * Rejects as `listPhotos` and `whatIsKnown` do.
 */
export async function takeLook(
  { engine, store, library }: TakeLookParts,
  session: PhoneSession,
  { to, library: named, messengers, signal }: TakeLookWish,
): Promise<void> {
  const { device } = session;
  const { files, problems } = await listPhotos(engine, device, {
    messengers,
    signal,
    onLook: (look) => (session.look = look),
  });
  const isKnown = (await isFolder(engine.disk, to)) || (await library.isAway(to));
  const folders = [...named, ...(isKnown ? [to] : [])];
  const away = await library.refresh(folders, {
    signal,
    onProgress: (count) => (session.look = { kind: 'indexing', files: count }),
  });
  const imports = importsFrom(engine, store, device);
  const parts = await whatIsKnown(files, {
    engine,
    store,
    library,
    device,
    imports,
    folders,
    underWay: underWayOf({ engine, store }, device).keys,
    signal,
    onProgress: (done, all) => (session.look = { kind: 'comparing', done, all }),
  });
  const importedAt = new Map(imports.map((row) => [keyOf(row), row]));
  session.take(parts, [...problems, ...away], (part) => {
    const known = importedAt.get(keyOf(part));
    return known?.taken !== undefined && known.size === part.size && known.modified === part.modified
      ? { taken: known.taken, from: bestDate('', part.modified, known.taken).from }
      : dateAtFirst(part);
  });
}

async function isFolder(disk: Disk, folder: LocalPath): Promise<boolean> {
  const stats = await disk.stat(folder).catch(() => undefined);
  return stats?.isDirectory() === true;
}
