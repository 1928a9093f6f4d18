import { segmentOf, type Device, type DeviceKey, type PhonePlace, type StorageKey } from '../../shared/domain.ts';
import { isUnknown, matchStorage } from '../../shared/storages.ts';
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

interface KnownVolume extends Volume {
  /** Since when it is away while its phone is there, milliseconds. */
  readonly awaySince: number | undefined;
}

/** Names stay as long as the drive runs: what is mounted goes on when the phone comes back. */
export class Volumes {
  readonly #engine: Pick<Engine, 'devices'>;
  readonly #now: () => number;
  readonly #names = new Map<DeviceKey, string>();
  readonly #known = new Map<DeviceKey, readonly KnownVolume[]>();
  /** Names of storages, by phone; none is given twice. */
  readonly #given = new Map<DeviceKey, Set<string>>();
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
    const given = this.#given.get(device.key) ?? new Set<string>();
    this.#given.set(device.key, given);
    const before = this.#known.get(device.key) ?? [];
    const present = device.storages.map(({ key, name, readOnly, free, capacity }): KnownVolume => {
      const known = before.find((one) => one.key === key || matchStorage(one.key, device.storages)?.key === key);
      const its = known?.name ?? freeName(name, [...given]);
      given.add(its);
      return { key, name: its, readOnly, free, capacity, awaySince: undefined };
    });
    // one that is away keeps its name: another card must not be found under it
    const away = before
      .filter(({ key, name }) => !isUnknown(key) && present.every((one) => one.name !== name))
      .map((one) => ({ ...one, awaySince: one.awaySince ?? this.#now() }));
    this.#known.set(device.key, [...present, ...away]);
  }

  /** The phones that are shown now. */
  phones(): readonly ShownPhone[] {
    this.#look();
    const now = this.#now();
    const isShown = (since: number | undefined): boolean => now - (since ?? now) <= SHOWN_AWAY_MS;
    return [...this.#known.keys()]
      .filter((key) => isShown(this.#away.get(key)))
      .map((key) => ({
        ...this.#shown(key),
        volumes: (this.#known.get(key) ?? []).filter((one) => isShown(one.awaySince)),
      }));
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
