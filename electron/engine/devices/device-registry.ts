import { randomBytes } from 'node:crypto';
import {
  anonymousKey,
  busKey,
  deviceKey,
  identifies,
  isAnonymous,
  type Device,
  type DeviceKey,
  type StorageKey,
} from '../../../shared/domain.ts';
import { fail, problemOf } from '../../../shared/errors.ts';
import type { AttachedDevice, DeviceBus } from '../../mtp/index.ts';
import type { EngineClock } from '../api.ts';
import { StorageKeys, type Witness } from './storage-keys.ts';
import { DeviceConnection, type Connection, type DeviceOwner } from './device-connection.ts';

/**
 * Who is plugged in and in which state. A bus event is only a trigger: the list is compared each time, and each
 * attached device has one `DeviceConnection` until it is unplugged.
 */
export class DeviceRegistry {
  readonly #bus: DeviceBus;
  readonly #clock: EngineClock;
  readonly #log: (line: string) => void;
  /** By the bus' id, which is of this plug alone. */
  readonly #attached = new Map<string, DeviceConnection>();
  /** Phones that went away, for the list while transfers wait for them. */
  readonly #gone = new Map<DeviceKey, Device>();
  /** Keys that two phones had at once: from then on they are nobody's. */
  readonly #shared = new Set<DeviceKey>();
  /** Where they are kept. */
  readonly #kept: { readonly known: () => readonly DeviceKey[]; readonly note: (key: DeviceKey) => void };
  readonly #awaited: (key: DeviceKey) => boolean;
  readonly #keptFor: (key: DeviceKey) => readonly StorageKey[];
  readonly #storageKeys = new Map<DeviceKey, StorageKeys>();
  readonly #changed = new Set<() => void>();
  readonly #ready = new Set<(connection: Connection) => void>();
  readonly #owner: DeviceOwner;
  #stopWatching: (() => void) | undefined;
  readonly #tasks = new Set<Promise<void>>();
  #stopped = false;

  constructor(parts: {
    readonly bus: DeviceBus;
    readonly clock: EngineClock;
    readonly log: (line: string) => void;
    /** Whether something waits for this phone; one that nothing identifies is forgotten otherwise when it goes. */
    readonly awaited: (key: DeviceKey) => boolean;
    /** Keys that two phones had at once, over all runs of the program. Both throw `store`. */
    readonly shared: { known: () => readonly DeviceKey[]; note: (key: DeviceKey) => void };
    /** Storages of this phone that something is kept for. */
    readonly keptFor: (key: DeviceKey) => readonly StorageKey[];
    /** What is known to be on one of them. */
    readonly keptOn: (key: DeviceKey, storage: StorageKey) => readonly Witness[];
  }) {
    this.#bus = parts.bus;
    this.#clock = parts.clock;
    this.#log = parts.log;
    this.#awaited = parts.awaited;
    this.#kept = parts.shared;
    this.#keptFor = parts.keptFor;
    this.#owner = {
      changed: () => {
        this.#announce();
      },
      storageKeys: (key) => this.#storageKeysOf(key),
      keptOn: parts.keptOn,
      keyOf: (device, maker, serial) => this.#keyOf(maker, serial, device),
      identified: (device) => {
        this.#gone.delete(device.key);
        this.#announce();
      },
      ready: (connection) => {
        for (const listener of this.#ready) listener(connection);
      },
    };
  }

  /** Rejects as the bus does when it cannot be listed. */
  async start(): Promise<void> {
    for (const key of this.#kept.known()) this.#shared.add(key);
    this.#stopWatching = this.#bus.onChange((attached) => {
      this.#compare(attached);
    });
    this.#compare(await this.#bus.current());
  }

  /** Closes all sessions; resolves when no device is worked on any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#stopWatching?.();
    const connections = [...this.#attached.values()].map((device) => device.connection);
    for (const device of this.#attached.values()) device.leave();
    await Promise.all(connections.map(async (connection) => connection?.phone.close()));
    await Promise.allSettled(this.#tasks);
  }

  /** Attached ones first, then those that went away. */
  get devices(): readonly Device[] {
    const attached = [...this.#attached.values()].map(({ device }) => device);
    const keys = new Set(attached.map((device) => device.key));
    return [...attached, ...[...this.#gone.values()].filter((device) => !keys.has(device.key))];
  }

  /** The open session of a phone that is ready. */
  connection(key: DeviceKey): Connection | undefined {
    for (const { connection } of this.#attached.values())
      if (connection?.key === key && connection.alive) return connection;
    return undefined;
  }

  /** Calls back whenever `devices` differs; answers how to stop. */
  onChange(listener: () => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }
  /** Calls back with each session that has become usable; answers how to stop. */
  onReady(listener: (connection: Connection) => void): () => void {
    this.#ready.add(listener);
    return () => this.#ready.delete(listener);
  }

  /** Tries a phone again now: it was unlocked, or its holder was closed. */
  retry(key: DeviceKey): void {
    this.#find(key)?.retry();
  }
  /** Stops recovery until `retry()` or a replug. */
  rest(key: DeviceKey): void {
    this.#find(key)?.rest();
  }
  /**
   * Lets somebody else have a phone for a while; see `DeviceConnection.lend`. Rejects with `disconnected` if it is not
   * plugged in.
   */
  async lend<T>(key: DeviceKey, work: (attached: AttachedDevice) => Promise<T>): Promise<T> {
    const device = this.#find(key);
    if (device === undefined)
      throw fail('disconnected', 'lend', 'not plugged in', { subject: this.#gone.get(key)?.name });
    return device.lend(() => work(device.attached));
  }
  /** The device as the bus knows it, while it is plugged in. */
  attached(key: DeviceKey): AttachedDevice | undefined {
    return this.#find(key)?.attached;
  }

  /** Asks a phone for free space and battery again, after something changed them. Rejects as `Phone.storages` does. */
  async refresh(connection: Connection): Promise<void> {
    await [...this.#attached.values()].find((device) => device.connection === connection)?.refresh();
  }

  #find(key: DeviceKey): DeviceConnection | undefined {
    for (const device of this.#attached.values()) if (device.key === key) return device;
    return undefined;
  }

  #compare(attached: readonly AttachedDevice[]): void {
    if (this.#stopped) return;
    for (const [id, device] of this.#attached) if (!attached.some((one) => one.id === id)) this.#leave(device);
    for (const one of attached) if (!this.#attached.has(one.id)) this.#arrive(one);
  }

  #arrive(attached: AttachedDevice): void {
    const byBus = busKey(attached.manufacturer, attached.serial);
    const key =
      this.#gone.has(byBus) && !this.#shared.has(byBus) ? byBus : this.#keyOf(attached.manufacturer, attached.serial);
    const device = new DeviceConnection({
      attached,
      key,
      before: this.#gone.get(key),
      bus: this.#bus,
      clock: this.#clock,
      log: this.#log,
      owner: this.#owner,
    });
    this.#attached.set(attached.id, device);
    this.#announce();
    const task = device.run().finally(() => this.#tasks.delete(task));
    this.#tasks.add(task);
  }

  #leave(device: DeviceConnection): void {
    this.#attached.delete(device.attached.id);
    device.leave();
    if (isAnonymous(device.key)) this.#storageKeys.delete(device.key);
    if (!isAnonymous(device.key) || this.#awaited(device.key))
      this.#gone.set(device.key, { ...device.device, state: { kind: 'gone', since: this.#clock.now() } });
    this.#announce();
  }

  /**
   * Maker and serial number, where they identify somebody. Two that are present are two, whatever they say: the later
   * one keeps a key of its own.
   */
  #keyOf(maker: string, serial: string, device?: DeviceConnection): DeviceKey {
    if (identifies(serial)) {
      const key = deviceKey(maker, serial);
      for (const other of this.#attached.values()) if (other !== device && other.key === key) this.#noteShared(key);
      if (device?.key === key || !this.#shared.has(key)) return key;
    }
    // the USB descriptor may identify a phone that reports a placeholder over MTP
    const byBus = device === undefined ? undefined : busKey(maker, device.attached.serial);
    if (byBus !== undefined && device !== undefined && identifies(device.attached.serial)) {
      for (const other of this.#attached.values()) if (other !== device && other.key === byBus) this.#noteShared(byBus);
      if (device.key === byBus || (!isAnonymous(device.key) && !this.#shared.has(byBus))) return byBus;
    }
    return device !== undefined && isAnonymous(device.key)
      ? device.key
      : anonymousKey(maker, randomBytes(8).toString('hex'));
  }

  #noteShared(key: DeviceKey): void {
    if (this.#shared.has(key)) return;
    this.#shared.add(key);
    try {
      this.#kept.note(key);
    } catch (error) {
      this.#log(`not noted that two phones are ${key}: ${problemOf(error).detail}`);
    }
  }

  #storageKeysOf(key: DeviceKey): StorageKeys {
    const known = this.#storageKeys.get(key) ?? new StorageKeys(() => this.#keptFor(key));
    this.#storageKeys.set(key, known);
    return known;
  }

  /** Forgets a phone that has gone: another key stands for it now. */
  forget(key: DeviceKey): void {
    if (this.#gone.delete(key)) this.#announce();
  }
  /** Whether two phones had this key at once: it does not tell which of them is meant. */
  isShared(key: DeviceKey): boolean {
    return this.#shared.has(key);
  }

  #announce(): void {
    for (const listener of this.#changed) listener();
  }
}
