import type { DeviceKey, Instant, LocalPath, StorageKey, TransferId } from '../../shared/domain.ts';
import type { PhotoSettings } from '../../shared/photos.ts';
import type { LibraryFile, PhotoFolder, PhotoImport, PhotoStore, SeenFile } from '../photos/photo-store.ts';

/** `PhotoStore` in memory, for tests and for commands that keep nothing. */
export class MemoryPhotoStore implements PhotoStore {
  #settings: Partial<PhotoSettings> = {};
  #imports = new Map<string, PhotoImport>();
  readonly #recorded = new Map<TransferId, Instant>();
  readonly #seen = new Map<DeviceKey, Map<string, SeenFile>>();
  readonly #folders = new Map<LocalPath, PhotoFolder>();
  readonly #library = new Map<LocalPath, LibraryFile>();
  readonly #librarySizes = new Map<number, Map<LocalPath, LibraryFile>>();

  settings(): Partial<PhotoSettings> {
    return this.#settings;
  }
  saveSettings(settings: Partial<PhotoSettings>): void {
    const kept = Object.entries({ ...this.#settings, ...settings }).filter(([, value]) => value !== undefined);
    this.#settings = Object.fromEntries(kept);
  }

  imports(device: DeviceKey): readonly PhotoImport[] {
    return [...this.#imports.values()].filter((row) => row.device === device);
  }
  putImports(
    rows: readonly PhotoImport[],
    recorded?: { readonly transfer: TransferId; readonly finishedAt: Instant },
  ): void {
    for (const row of rows) this.#imports.set(`${row.transfer}/${row.item}`, row);
    if (recorded !== undefined) this.#recorded.set(recorded.transfer, recorded.finishedAt);
  }
  recorded(transfer: TransferId): Instant | undefined {
    return this.#recorded.get(transfer);
  }

  seen(device: DeviceKey): readonly SeenFile[] {
    return [...(this.#seen.get(device)?.values() ?? [])];
  }
  putSeen(device: DeviceKey, rows: readonly SeenFile[]): void {
    const known = this.#seen.get(device) ?? new Map<string, SeenFile>();
    for (const row of rows) known.set(keyOf(row), row);
    this.#seen.set(device, known);
  }

  librarySizes(): ReadonlySet<number> {
    return new Set([...this.#library.values()].map(({ size }) => size));
  }
  libraryOfSize(size: number): readonly LibraryFile[] {
    return [...(this.#librarySizes.get(size)?.values() ?? [])];
  }
  libraryBelow(folder: LocalPath): readonly LibraryFile[] {
    const isBelow = (path: string): boolean =>
      path === folder ||
      path.startsWith(folder.endsWith('/') ? folder : `${folder}/`) ||
      path.startsWith(`${folder}\\`);
    return [...this.#library.values()].filter(({ path }) => isBelow(path));
  }
  putLibrary(rows: readonly LibraryFile[]): void {
    for (const row of rows) {
      this.dropLibrary([row.path]);
      this.#library.set(row.path, row);
      const alike = this.#librarySizes.get(row.size) ?? new Map<LocalPath, LibraryFile>();
      this.#librarySizes.set(row.size, alike.set(row.path, row));
    }
  }
  dropLibrary(paths: readonly LocalPath[]): void {
    for (const path of paths) {
      const row = this.#library.get(path);
      this.#library.delete(path);
      if (row !== undefined) this.#librarySizes.get(row.size)?.delete(path);
    }
  }

  folders(): readonly PhotoFolder[] {
    return [...this.#folders.values()];
  }
  putFolder(folder: PhotoFolder): void {
    this.#folders.set(folder.path, folder);
  }

  adoptDevice(from: DeviceKey, to: DeviceKey): void {
    for (const [key, row] of this.#imports) if (row.device === from) this.#imports.set(key, { ...row, device: to });
    this.putSeen(to, this.seen(from));
    this.#seen.delete(from);
  }
  adoptStorage(device: DeviceKey, from: StorageKey, to: StorageKey): void {
    for (const [key, row] of this.#imports)
      if (row.device === device && row.storage === from) this.#imports.set(key, { ...row, storage: to });
    const seen = this.seen(device).map((row) => (row.storage === from ? { ...row, storage: to } : row));
    this.#seen.delete(device);
    this.putSeen(device, seen);
  }
}

const keyOf = ({ storage, path }: Pick<SeenFile, 'storage' | 'path'>): string => `${storage}\n${path}`;
