import type { Instant, TransferId } from '../../shared/domain.ts';
import type { DeviceRegistry } from './devices/device-registry.ts';
import { FreeSpace } from './devices/free-space.ts';
import type { Disk } from './local/disk.ts';
import { LeftTrials } from './local/disk-names.ts';
import { TargetDisks } from './local/target-disk.ts';
import type { EngineClock } from './api.ts';
import { SpeedMeter } from './model/speed-meter.ts';
import { StoreHealth } from './model/store-health.ts';
import type { RunListener } from './model/item-run.ts';
import type { ItemRow, TransferStore } from './model/transfer-store.ts';

/** Numbers that decide how the engine works, so that tests can set their own. */
export interface EngineLimits {
  /** Bytes up to which an upload goes whole, which keeps its date; above, in chunks. */
  readonly wholeBelow: number;
  /** How often what is waited for is looked at again. */
  readonly lookAgainMs: number;
  /** Errors in a row without progress before an item is paused instead of tried again. */
  readonly mostAttempts: number;
}

/** Uploads go whole up to 16 MiB, what is waited for is looked at every 2 s, five errors in a row pause an item. */
export const DEFAULT_LIMITS: EngineLimits = { wholeBelow: 16 * 1024 * 1024, lookAgainMs: 2_000, mostAttempts: 5 };

/** Payload bytes of one transfer in this process. */
export interface PayloadTotals {
  bytesMoved: number;
  bytesResent: number;
}

/** What the parts of the engine share. */
export class EngineContext implements RunListener {
  readonly store: TransferStore;
  readonly disk: Disk;
  readonly clock: EngineClock;
  readonly registry: DeviceRegistry;
  readonly space: FreeSpace;
  readonly targets: TargetDisks;
  readonly trials: LeftTrials;
  readonly limits: EngineLimits;
  readonly platform: NodeJS.Platform;
  readonly log: (line: string) => void;
  /** 0 to 1. */
  readonly random: () => number;
  /** Whether the database can be read and written. */
  readonly health = new StoreHealth();
  readonly speed = new SpeedMeter();
  /** Temporary names on phones under which something is being written now, for whoever sweeps up. */
  readonly beingWritten = new Set<string>();
  readonly #speeds = new Map<TransferId, SpeedMeter>();
  readonly #totals = new Map<TransferId, PayloadTotals>();
  readonly #unsaved = new Map<TransferId, PayloadTotals>();
  readonly #changed = new Set<(transfer: TransferId) => void>();
  #number = 0;
  readonly #seed: string;

  constructor(options: {
    readonly store: TransferStore;
    readonly disk: Disk;
    readonly clock: EngineClock;
    readonly registry: DeviceRegistry;
    readonly limits: EngineLimits;
    readonly platform: NodeJS.Platform;
    readonly log: (line: string) => void;
    readonly seed: string;
    readonly random: () => number;
  }) {
    this.store = options.store;
    this.disk = options.disk;
    this.clock = options.clock;
    this.registry = options.registry;
    this.targets = new TargetDisks(options.disk, options.store);
    this.trials = new LeftTrials(options.disk, this.targets);
    this.space = new FreeSpace(options.disk, options.registry, () => options.clock.monotonic());
    this.limits = options.limits;
    this.platform = options.platform;
    this.log = options.log;
    this.random = options.random;
    this.#seed = options.seed;
  }

  /**
   * Looks at what has changed: whoever reported the change must not be stopped, and a timer not end the program, by what
   * looking runs into. Errors are logged, those of the database are shown.
   */
  guard(what: string, look: () => void): void {
    try {
      look();
    } catch (error) {
      if (!this.health.ranInto(error))
        this.log(`${what}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }

  now(): Instant {
    return this.clock.now();
  }
  unique(): string {
    this.#number += 1;
    return `${this.#seed}${this.#number.toString(36)}`;
  }

  readonly #arrived = new Set<(row: ItemRow) => void>();

  onTransferChange(listener: (transfer: TransferId) => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }
  touch(transfer: TransferId): void {
    for (const listener of this.#changed) listener(transfer);
  }

  changed(row: ItemRow, before: ItemRow): void {
    this.touch(row.transfer);
    if (row.state.kind === 'done' && before.state.kind !== 'done') for (const listener of this.#arrived) listener(row);
  }

  /** Called with each item that has become done: a folder that is shown may hold one more. */
  onArrival(listener: (row: ItemRow) => void): () => void {
    this.#arrived.add(listener);
    return () => this.#arrived.delete(listener);
  }

  moved(row: ItemRow, bytes: number, again: number): void {
    const now = this.clock.monotonic();
    this.speed.add(bytes, now);
    this.speedOf(row.transfer).add(bytes, now);
    const totals = this.totals(row.transfer);
    totals.bytesMoved += bytes;
    totals.bytesResent += again;
    const unsaved = this.#unsaved.get(row.transfer) ?? { bytesMoved: 0, bytesResent: 0 };
    unsaved.bytesMoved += bytes;
    unsaved.bytesResent += again;
    this.#unsaved.set(row.transfer, unsaved);
  }

  /** Adds what was moved since the last call to the transfers' rows; statistics only, so once in a while is enough. */
  saveTotals(): void {
    for (const [id, unsaved] of this.#unsaved) {
      const row = this.store.transfer(id);
      if (row !== undefined)
        this.store.updateTransfer(id, {
          bytesMoved: row.bytesMoved + unsaved.bytesMoved,
          bytesResent: row.bytesResent + unsaved.bytesResent,
        });
    }
    this.#unsaved.clear();
  }
  unsaved(transfer: TransferId): PayloadTotals {
    return this.#unsaved.get(transfer) ?? { bytesMoved: 0, bytesResent: 0 };
  }

  totals(transfer: TransferId): PayloadTotals {
    let totals = this.#totals.get(transfer);
    if (totals === undefined) {
      totals = { bytesMoved: 0, bytesResent: 0 };
      this.#totals.set(transfer, totals);
    }
    return totals;
  }
  speedOf(transfer: TransferId): SpeedMeter {
    let meter = this.#speeds.get(transfer);
    if (meter === undefined) {
      meter = new SpeedMeter();
      this.#speeds.set(transfer, meter);
    }
    return meter;
  }
}
