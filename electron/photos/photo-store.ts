import type {
  DeviceKey,
  Instant,
  LocalPath,
  PhonePath,
  StorageKey,
  TransferId,
  VerifyLevel,
} from '../../shared/domain.ts';
import type { PhotoSettings } from '../../shared/photos.ts';

/**
 * Persistence interface of photos. Two implementations: SQLite and in memory. As with transfers, each call is one
 * transaction and has reached the database when it returns; all throw `store` when the database cannot be used.
 */

/** A file of a phone, as it was when it was looked at. */
export interface PhoneFile {
  readonly storage: StorageKey;
  readonly path: PhonePath;
  /** Bytes. */
  readonly size: number;
  readonly modified: Instant | undefined;
}

/** Where an imported file was saved, as it was when it was published. */
export interface SavedCopy {
  readonly path: LocalPath;
  /** `undefined` where the computer's side told none that holds. */
  readonly modified: Instant | undefined;
  /** How it was compared with the phone's file; `undefined` where it was there already. */
  readonly verified: VerifyLevel | undefined;
}

/** One imported content of a phone. It stays, whatever becomes of the copies. */
export interface PhotoImport extends PhoneFile {
  readonly device: DeviceKey;
  readonly taken: Instant | undefined;
  /** Samples of its content (`sampleFile`), hex; `undefined` until somebody could read them. */
  readonly sample: string | undefined;
  /** SHA-256, hex, of all of it, where the transfer saw every byte. */
  readonly sha256: string | undefined;
  readonly transfer: TransferId;
  /** The number of its item in the transfer. */
  readonly item: number;
  readonly importedAt: Instant;
  readonly copies: readonly SavedCopy[];
}

/** A phone's file whose samples were read. */
export interface SeenFile extends PhoneFile {
  readonly sample: string;
}

/** A file of the library, as it was when it was indexed. */
export interface LibraryFile {
  readonly path: LocalPath;
  readonly size: number;
  readonly modified: Instant;
  /** Made only where a phone's file has the same size. */
  readonly sample: string | undefined;
}

/** Where a folder of the library was at the last look into it. */
export interface LibraryDisk {
  /** Device and inode number of the folder. */
  readonly root: string;
  /** Mount point of the disk on which the folder is; `undefined` where it could not be found out. */
  readonly mount: string | undefined;
  /** Folders below it that lay on other disks. */
  readonly mounts: readonly LocalPath[];
}

/** A folder of this computer that photos have to do with: one of the library, or one that imports went to. */
export interface PhotoFolder {
  readonly path: LocalPath;
  /** `undefined` for one that was never looked into. */
  readonly disk: LibraryDisk | undefined;
}

/** All that photos keep. */
export interface PhotoStore {
  settings(): Partial<PhotoSettings>;
  saveSettings(settings: Partial<PhotoSettings>): void;

  /** All that was imported from a phone, in no order. */
  imports(device: DeviceKey): readonly PhotoImport[];
  /**
   * Adds imports, or puts them in the place of those of the same transfer and item. `recorded`: with this all of a transfer
   * that ended at `finishedAt` is in the record.
   */
  putImports(
    rows: readonly PhotoImport[],
    recorded?: { readonly transfer: TransferId; readonly finishedAt: Instant },
  ): void;
  /** When the transfer had ended whose results are recorded; `undefined` where they are not. */
  recorded(transfer: TransferId): Instant | undefined;

  seen(device: DeviceKey): readonly SeenFile[];
  /** Adds sightings, or puts them in the place of those at the same path. */
  putSeen(device: DeviceKey, rows: readonly SeenFile[]): void;

  /** Every size that a file of the library has: one question instead of one for each file of a phone. */
  librarySizes(): ReadonlySet<number>;
  /** The files of the library that have this size. */
  libraryOfSize(size: number): readonly LibraryFile[];
  /** All paths of the library that are a folder or below it, with size and date. */
  libraryBelow(folder: LocalPath): readonly LibraryFile[];
  putLibrary(rows: readonly LibraryFile[]): void;
  dropLibrary(paths: readonly LocalPath[]): void;

  folders(): readonly PhotoFolder[];
  /** Adds a folder, or puts it in the place of the one with this path. */
  putFolder(folder: PhotoFolder): void;

  /** All that is kept of `from` is `to`'s from now on. */
  adoptDevice(from: DeviceKey, to: DeviceKey): void;
  /** The same of a storage of a phone. */
  adoptStorage(device: DeviceKey, from: StorageKey, to: StorageKey): void;
}
