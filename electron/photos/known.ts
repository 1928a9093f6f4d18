import type { DeviceKey, LocalPath, StorageKey } from '../../shared/domain.ts';
import { endsConnection, fail, problemOf } from '../../shared/errors.ts';
import type { PhotoPart, PhotoState } from '../../shared/photos.ts';
import { matchStorage } from '../../shared/storages.ts';
import { isPhotoSampledWhole, sameButForZone, type Engine } from '../engine/index.ts';
import type { Library } from './library.ts';
import type { PhoneFile, PhotoImport, PhotoStore, SeenFile } from './photo-store.ts';

/**
 * What is known of a phone's files: whether they were imported, or are in the library. Sizes decide which files are worth a
 * look; of those at most 48 KiB are read, once: what was read is remembered by path, size and date.
 */

/** What a comparison works with. */
export interface KnownParts {
  readonly engine: Pick<Engine, 'sample' | 'digest'>;
  readonly store: PhotoStore;
  readonly library: Library;
  readonly device: DeviceKey;
  /** All that was imported from the phone. */
  readonly imports: readonly PhotoImport[];
  readonly folders: readonly LocalPath[];
  /** Keys (`keyOf`) of files that an import has which has not ended. */
  readonly underWay: ReadonlySet<string>;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, all: number) => void) | undefined;
}

/** One path of one storage. */
export const keyOf = ({ storage, path }: Pick<PhoneFile, 'storage' | 'path'>): string => `${storage}\n${path}`;

/** Whether a file is as it was when it was looked at; one without a date never is. */
const isAsSeen = (file: Omit<PhoneFile, 'storage' | 'path'>, seen: Omit<PhoneFile, 'storage' | 'path'>): boolean =>
  file.size === seen.size && file.modified !== undefined && file.modified === seen.modified;

/** All that was imported from a phone, by its storages as they are called now: their language or size may have changed since. */
export function importsFrom(
  { devices }: Pick<Engine, 'devices'>,
  store: Pick<PhotoStore, 'imports'>,
  device: DeviceKey,
): readonly PhotoImport[] {
  const now = storageNow({ devices }, device);
  return store.imports(device).map((row) => ({ ...row, storage: now(row.storage) }));
}

/** What a phone's storage that had a key is called now; the same key where it is not there. */
export function storageNow({ devices }: Pick<Engine, 'devices'>, device: DeviceKey): (key: StorageKey) => StorageKey {
  const present = devices.find(({ key }) => key === device)?.storages ?? [];
  const known = new Map<StorageKey, StorageKey>();
  return (key) => {
    const now = known.get(key) ?? matchStorage(key, present)?.key ?? key;
    known.set(key, now);
    return now;
  };
}

const SEEN_AT_ONCE = 200;
/** So many files of which only the date is another were edited; with more, and more than kept theirs, all got a new one. */
const MOST_EDITED = 20;

/** Says of each file what is known of it. Rejects with `cancelled`, when the connection ends, and as the store does. */
export async function whatIsKnown(files: readonly PhoneFile[], parts: KnownParts): Promise<readonly PhotoPart[]> {
  const { store, device, imports, library, folders, underWay, signal, onProgress } = parts;
  const importedAt = Map.groupBy(imports, keyOf);
  const importedOf = Map.groupBy(imports, ({ size }) => size);
  const librarySizes = store.librarySizes();
  /** What was imported from this path with the same size, but with another date. */
  const beforeOf = (file: PhoneFile): readonly PhotoImport[] => {
    const rows = importedAt.get(keyOf(file)) ?? [];
    if (file.modified === undefined || rows.some((row) => isAsSeen(file, row))) return [];
    const isOther = ({ modified }: PhotoImport): boolean =>
      modified !== undefined && !sameButForZone(file.modified, modified);
    return rows.filter((row) => row.size === file.size && isOther(row));
  };
  const redated = files.filter((file) => beforeOf(file).length > 0).length;
  const isAllRedated = redated > MOST_EDITED && redated * 2 > files.length;
  /** An app may have edited a file between its samples, whose date tells it then: all of it decides, unless all dates are others. */
  const isEdited = async (file: PhoneFile, sample: string): Promise<boolean> => {
    const before = isAllRedated ? undefined : beforeOf(file).find((row) => row.sample === sample);
    if (before === undefined || isPhotoSampledWhole(file.size)) return false;
    const place = { device, storage: file.storage, path: file.path };
    const digest = before.sha256 === undefined ? undefined : await parts.engine.digest(place).catch(unlessLost);
    if (digest === undefined || digest !== before.sha256) return true;
    // so that all of it is not read again at each look
    store.putImports([{ ...before, modified: file.modified }]);
    return false;
  };
  let seenAt: ReadonlyMap<string, SeenFile> | undefined;
  let fresh: SeenFile[] = [];
  const keep = (): void => {
    store.putSeen(device, fresh);
    fresh = [];
  };
  /** Samples of a file, from memory or from the phone; `undefined` where it cannot be read in parts. */
  const sampleOf = async (file: PhoneFile): Promise<string | undefined> => {
    seenAt ??= new Map(store.seen(device).map((row) => [keyOf(row), row]));
    const seen = seenAt.get(keyOf(file));
    if (seen !== undefined && isAsSeen(file, seen)) return seen.sample;
    const place = { device, storage: file.storage, path: file.path };
    const sample = await parts.engine.sample(place).catch(unlessLost);
    if (sample === undefined) return undefined;
    fresh.push({ storage: file.storage, path: file.path, size: file.size, modified: file.modified, sample });
    if (fresh.length >= SEEN_AT_ONCE) keep();
    return sample;
  };
  const stateOf = async (file: PhoneFile): Promise<PhotoState> => {
    if (underWay.has(keyOf(file))) return 'under-way';
    const here = importedAt.get(keyOf(file))?.find((row) => isAsSeen(file, row));
    if (here?.sample !== undefined) return 'imported';
    const alike = importedOf.get(file.size) ?? [];
    const inLibrary = librarySizes.has(file.size);
    // nothing known has its size: not even a glance into it
    if (here === undefined && alike.length === 0 && !inLibrary) return 'new';
    const sample = await sampleOf(file);
    if (here !== undefined) {
      // its copy was gone before anybody could read samples of it
      if (sample !== undefined) store.putImports([{ ...here, sample }]);
      return 'imported';
    }
    if (sample === undefined) return 'new';
    if (alike.some((row) => row.sample === sample)) return (await isEdited(file, sample)) ? 'new' : 'imported';
    return (await library.has(folders, file.size, sample)) ? 'in-library' : 'new';
  };
  const told: PhotoPart[] = [];
  for (const [index, file] of files.entries()) {
    if (signal?.aborted === true) throw fail('cancelled', 'compare');
    told.push({
      storage: file.storage,
      path: file.path,
      size: file.size,
      modified: file.modified,
      state: await stateOf(file),
    });
    onProgress?.(index + 1, files.length);
  }
  keep();
  return told;
}

/** A file that cannot be read is unlike any other; a phone that has gone ends the look. */
function unlessLost(error: unknown): undefined {
  if (endsConnection(problemOf(error, 'photos').kind)) throw error;
}

/** The imports of a file's content: those of its own path first. */
export function importsOf(file: PhoneFile, sample: string, imports: readonly PhotoImport[]): readonly PhotoImport[] {
  const same = imports.filter((row) => row.size === file.size && row.sample === sample);
  const isHere = (row: PhotoImport): boolean => keyOf(row) === keyOf(file);
  return [...same.filter(isHere), ...same.filter((row) => !isHere(row))];
}
