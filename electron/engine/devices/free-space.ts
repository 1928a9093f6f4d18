import type { DeviceKey, StorageKey } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { WaitingFor } from '../../../shared/snapshots.ts';
import type { PhoneStorage } from '../../mtp/index.ts';
import { matchStorage } from '../../../shared/storages.ts';
import type { Disk } from '../local/disk.ts';
import { freeBytes, isFat } from '../local/local-files.ts';
import type { ItemRow } from '../model/transfer-store.ts';
import type { Connection } from './device-connection.ts';
import type { DeviceRegistry } from './device-registry.ts';

/** Bytes of the largest file of FAT32. No phone tells the file system of a card: it refuses what is announced as larger. */
export const FAT_LARGEST_FILE = 0xffff_ffff;

/** Bytes. A remembered figure that would leave less than this is looked up again: phones and other programs write too. */
const MARGIN = 64 * 1024 * 1024;
/** Bytes written since the last look after which a phone's figure is looked up again. */
const RECHECK_AFTER = 256 * 1024 * 1024;
/** How long a figure of a disk of this computer holds, milliseconds. */
const DISK_FIGURE_HOLDS_MS = 1_000;
/** Between two looks at one figure for showing, milliseconds: a look at a phone is a transaction. */
const SHOWN_AGAIN_MS = 2_000;
/** Folders whose figures are remembered. */
const MOST_FOLDERS = 256;

interface Figure {
  readonly at: number;
  /** Bytes; undefined where the disk gives no usable figure. */
  readonly free: number | undefined;
  /** Bytes that were written or promised since. */
  used: number;
}

/**
 * 0 may be the truth, but phones and shares that cannot tell say it too: whoever writes finds out, and nothing waits for
 * a figure that never changes.
 */
const isTooLittle = (free: number | undefined, needed: number): boolean =>
  free !== undefined && free > 0 && free < needed;

/** All ones is PTP's "unknown"; what comes through as more bytes than can be counted is no figure either. */
const usable = (free: number | undefined): number | undefined =>
  free !== undefined && free < Number.MAX_SAFE_INTEGER ? free : undefined;

/**
 * Free space of phones and of this computer's disks, for deciding whether something fits and for showing it. Figures
 * are remembered for a moment, so that a thousand small files do not ask a thousand times.
 */
export class FreeSpace {
  readonly #disk: Disk;
  readonly #registry: DeviceRegistry;
  /** Milliseconds of a clock that is never set. */
  readonly #monotonic: () => number;
  readonly #changed = new Set<() => void>();
  /** A new connection begins with no figures. */
  #phones = new WeakMap<Connection, Map<StorageKey, Figure>>();
  /** Looks under way: of files that begin together one asks for all. */
  readonly #asked = new WeakMap<PhoneStorage, Promise<number | undefined>>();
  readonly #disks = new Map<string, Figure>();
  /** Of storages that have been there ever since: what is put in afterwards may be another card. */
  readonly #largest = new Map<DeviceKey, Map<StorageKey, number>>();
  #isWatching = false;
  readonly #shownAt = new Map<DeviceKey, number>();
  #shownDisk: { readonly path: string; readonly at: number; readonly free: number | undefined } | undefined;

  constructor(disk: Disk, registry: DeviceRegistry, monotonic: () => number) {
    this.#disk = disk;
    this.#registry = registry;
    this.#monotonic = monotonic;
  }

  /** Called when a figure that is shown has changed. Answers how to stop. */
  onChange(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  // --- deciding

  /** Rejects with `full` when the storage is known to have fewer than `needed` bytes free, and with what the phone answers. */
  async requireOnPhone(connection: Connection, storage: PhoneStorage, needed: number): Promise<void> {
    const known = this.#figures(connection).get(storage.key);
    const left = known?.free === undefined ? undefined : known.free - known.used - needed;
    if (known !== undefined && known.used < RECHECK_AFTER) {
      if (left !== undefined && left > MARGIN) return;
      if (known.free === undefined && this.#monotonic() - known.at < SHOWN_AGAIN_MS) return;
    }
    let asked = this.#asked.get(storage);
    if (asked === undefined) {
      asked = this.onPhone(connection, storage).finally(() => this.#asked.delete(storage));
      this.#asked.set(storage, asked);
    }
    const free = await asked;
    if (isTooLittle(free, needed)) throw fail('full', 'free space', `needs ${needed} bytes, has ${free}`, { needed });
  }

  /** Bytes free on a phone's storage, asked for now; undefined where the phone gives no usable figure. */
  async onPhone(connection: Connection, storage: PhoneStorage): Promise<number | undefined> {
    const told = usable(await connection.phone.freeSpace(storage.id));
    // written to although it said 0, or no size at all: its figure is not about free space
    const free =
      told === 0 && (storage.capacity === 0 || this.#figures(connection).get(storage.key)?.used) ? undefined : told;
    this.#figures(connection).set(storage.key, { at: this.#monotonic(), free, used: 0 });
    return free;
  }

  /** `bytes` were written to the storage: they count as used until its figure is looked up again. */
  usedOnPhone(connection: Connection, storage: StorageKey, bytes: number): void {
    const known = this.#figures(connection).get(storage);
    if (known !== undefined) known.used += bytes;
  }

  /**
   * Rejects with `local-full` when the disk that holds `folder` is known to have fewer than `needed` bytes free; they
   * count as used from then on.
   */
  async requireOnComputer(folder: string, needed: number): Promise<void> {
    const known = this.#disks.get(folder);
    if (
      known?.free !== undefined &&
      this.#monotonic() - known.at < DISK_FIGURE_HOLDS_MS &&
      known.free - known.used - needed > MARGIN
    ) {
      known.used += needed;
      return;
    }
    const free = await this.onComputer(folder);
    if (isTooLittle(free, needed))
      throw fail('local-full', 'free space', `needs ${needed} bytes, has ${free}`, {
        needed,
        subject: folder,
      });
    if (this.#disks.size > MOST_FOLDERS) this.#disks.clear();
    this.#disks.set(folder, { at: this.#monotonic(), free, used: needed });
  }

  /** Rejects with `local-too-large` when the disk that holds `folder` is known to hold no file of this size. */
  async requireFits(folder: string, file: { readonly path: string; readonly size: number }): Promise<void> {
    if (file.size > FAT_LARGEST_FILE && (await isFat(this.#disk, folder)))
      throw fail('local-too-large', 'free space', `${file.size} bytes on a FAT disk`, { subject: file.path });
  }

  /** Bytes free on the disk of the nearest existing folder above `path`, asked for now. */
  async onComputer(path: string): Promise<number | undefined> {
    return usable(await freeBytes(this.#disk, path));
  }

  /** The storage turned out to hold no file larger than `bytes`. */
  noteLargest(device: DeviceKey, storage: StorageKey, bytes: number): void {
    const known = this.#largest.get(device) ?? new Map<StorageKey, number>();
    this.#largest.set(device, known.set(storage, bytes));
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#registry.onChange(() => {
      this.#forgetGone();
    });
  }
  /** Bytes of the largest file that the storage can hold, where it is known. */
  largest(device: DeviceKey, storage: StorageKey): number | undefined {
    return this.#largest.get(device)?.get(storage);
  }

  #forgetGone(): void {
    for (const [key, known] of this.#largest) {
      const device = this.#registry.devices.find((one) => one.key === key);
      const there = device?.state.kind === 'ready' ? device.storages : [];
      for (const storage of known.keys()) if (!there.some((one) => one.key === storage)) known.delete(storage);
    }
  }

  /** What is remembered is not so: the next who asks looks. */
  forget(): void {
    this.#phones = new WeakMap();
    this.#disks.clear();
  }

  // --- showing

  /** Something was written to the phone or deleted there: what is shown is asked for again. */
  look(device: DeviceKey): void {
    const connection = this.#registry.connection(device);
    if (connection === undefined) return;
    this.#shownAt.set(device, this.#monotonic());
    // a phone that goes away meanwhile has no free space to speak of
    this.#registry.refresh(connection).catch(() => undefined);
  }

  /** What an item waits for, with the free space as far as it is known; answers at once and looks again behind the scenes. */
  known(what: WaitingFor | undefined, item: ItemRow, device: DeviceKey): WaitingFor | undefined {
    if (what?.kind !== 'space') return what;
    return {
      ...what,
      free: what.where === 'phone' ? this.#shownOnPhone(item, device) : this.#shownOnComputer(item.local),
    };
  }

  #figures(connection: Connection): Map<StorageKey, Figure> {
    let figures = this.#phones.get(connection);
    if (figures === undefined) {
      figures = new Map();
      this.#phones.set(connection, figures);
    }
    return figures;
  }

  #shownOnPhone(item: ItemRow, key: DeviceKey): number | undefined {
    const looked = this.#shownAt.get(key);
    if (looked === undefined || this.#monotonic() - looked > SHOWN_AGAIN_MS) this.look(key);
    const device = this.#registry.devices.find((one) => one.key === key);
    return usable(device === undefined ? undefined : matchStorage(item.storage, device.storages)?.free);
  }

  #shownOnComputer(path: string): number | undefined {
    const known = this.#shownDisk?.path === path ? this.#shownDisk : undefined;
    const at = this.#monotonic();
    if (known !== undefined && at - known.at <= SHOWN_AGAIN_MS) return known.free;
    this.#shownDisk = { path, at, free: known?.free };
    this.onComputer(path).then(
      (free) => {
        if (this.#shownDisk?.path !== path) return;
        const isNews = this.#shownDisk.free !== free;
        this.#shownDisk = { path, at, free };
        if (isNews) for (const listener of this.#changed) listener();
      },
      () => undefined,
    );
    return known?.free;
  }
}
