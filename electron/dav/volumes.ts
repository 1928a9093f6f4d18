import { segmentOf, type Device, type DeviceKey, type PhonePlace, type StorageKey } from '../../shared/domain.ts';
import type { Engine } from '../engine/index.ts';
import { phonePath } from '../../shared/domain.ts';
import type { Segments } from './address.ts';

/** Which phones and storages the drive shows, and how they are called in it. */

/** A phone that is away is shown so long, milliseconds; its listings come from memory meanwhile. */
export const SHOWN_AWAY_MS = 60_000;

/** A storage as a folder of its phone. */
export interface Volume {
  readonly key: StorageKey;
  readonly name: string;
  readonly readOnly: boolean;
  /** Bytes. */
  readonly free: number;
  readonly capacity: number;
}

/** A phone as a folder of the drive. */
export interface ShownPhone {
  readonly key: DeviceKey;
  readonly name: string;
  readonly volumes: readonly Volume[];
}

/** Names stay as long as the drive runs: what is mounted goes on when the phone comes back. */
export class Volumes {
  readonly #engine: Pick<Engine, 'devices'>;
  readonly #now: () => number;
  readonly #names = new Map<DeviceKey, string>();
  readonly #known = new Map<DeviceKey, readonly Volume[]>();
  readonly #away = new Map<DeviceKey, number>();

  constructor(engine: Pick<Engine, 'devices'>, now: () => number) {
    this.#engine = engine;
    this.#now = now;
  }

  /** Since when a phone is away, on the clock that only runs forward; `undefined` while it is there. */
  awaySince(key: DeviceKey): number | undefined {
    this.#look();
    return this.#away.get(key);
  }

  #look(): void {
    const there = new Set<DeviceKey>();
    for (const device of this.#engine.devices) {
      if (device.storages.length > 0) this.#know(device);
      if (device.state.kind === 'ready') there.add(device.key);
    }
    for (const key of this.#known.keys()) {
      if (there.has(key)) this.#away.delete(key);
      else if (!this.#away.has(key)) this.#away.set(key, this.#now());
    }
  }

  #know(device: Device): void {
    if (!this.#names.has(device.key)) this.#names.set(device.key, freeName(device.name, [...this.#names.values()]));
    const volumes: Volume[] = [];
    for (const { key, name, readOnly, free, capacity } of device.storages)
      volumes.push({
        key,
        name: freeName(
          name,
          volumes.map((one) => one.name),
        ),
        readOnly,
        free,
        capacity,
      });
    this.#known.set(device.key, volumes);
  }

  /** The phones that are shown now. */
  phones(): readonly ShownPhone[] {
    this.#look();
    const now = this.#now();
    return [...this.#known.keys()]
      .filter((key) => now - (this.#away.get(key) ?? now) <= SHOWN_AWAY_MS)
      .map((key) => this.#shown(key));
  }

  #shown(key: DeviceKey): ShownPhone {
    return { key, name: this.#names.get(key) ?? '', volumes: this.#known.get(key) ?? [] };
  }

  /** How a phone is called in the drive, once it has been here. */
  nameOf(key: DeviceKey): string | undefined {
    this.#look();
    return this.#names.get(key);
  }

  /** The phone of this name, also one that has been away for long. */
  phone(name: string): ShownPhone | undefined {
    this.#look();
    for (const [key, its] of this.#names) if (its === name) return this.#shown(key);
    return undefined;
  }

  /** Where on which phone a way leads; `undefined` above the storages, and where there is no such phone or storage. */
  place(segments: Segments): PhonePlace | undefined {
    const [phoneName = '', volumeName, ...rest] = segments;
    const phone = this.phone(phoneName);
    const volume = phone?.volumes.find(({ name }) => name === volumeName);
    if (phone === undefined || volume === undefined) return undefined;
    return { device: phone.key, storage: volume.key, path: phonePath(rest.map(segmentOf).join('/')) };
  }
}

function freeName(wanted: string, taken: readonly string[]): string {
  const name = segmentOf(wanted.trim());
  for (let number = 1; ; number += 1) {
    const one = number === 1 ? name : `${name} (${number})`;
    if (!taken.includes(one)) return one;
  }
}
