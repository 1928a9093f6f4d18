import type { DeviceKey } from '../../../shared/domain.ts';
import type { WaitingFor } from '../../../shared/snapshots.ts';
import type { DeviceRegistry } from './device-registry.ts';
import type { EngineClock } from '../api.ts';
import { freeBytes } from '../local/local-files.ts';
import type { ItemRow } from '../model/transfer-store.ts';

/** Between two looks at the same free space: a look at a phone is a transaction. */
const AGAIN_MS = 2_000;

/**
 * How much room there is, for showing. It answers at once with what is known and looks again behind the scenes; what
 * decides whether something fits is asked for by whoever writes.
 */
export class FreeSpace {
  readonly #registry: DeviceRegistry;
  readonly #clock: EngineClock;
  readonly #changed: () => void;
  readonly #phones = new Map<DeviceKey, number>();
  #here: { readonly path: string; readonly at: number; readonly free: number | undefined } | undefined;

  constructor(parts: { readonly registry: DeviceRegistry; readonly clock: EngineClock; readonly changed: () => void }) {
    this.#registry = parts.registry;
    this.#clock = parts.clock;
    this.#changed = parts.changed;
  }

  /** Something was written or deleted: the phone's figures are asked for again. */
  look(device: DeviceKey): void {
    const connection = this.#registry.connection(device);
    if (connection === undefined) return;
    this.#phones.set(device, this.#clock.now());
    // a phone that goes away meanwhile has no room to speak of
    this.#registry.refresh(connection).catch(() => undefined);
  }

  /** What an item waits for, with the room there is. */
  known(what: WaitingFor | undefined, item: ItemRow, device: DeviceKey): WaitingFor | undefined {
    if (what?.kind !== 'space') return what;
    return { ...what, free: what.where === 'phone' ? this.#onPhone(item, device) : this.#onComputer(item.local) };
  }

  #onPhone(item: ItemRow, key: DeviceKey): number | undefined {
    const looked = this.#phones.get(key);
    if (looked === undefined || this.#clock.now() - looked > AGAIN_MS) this.look(key);
    const device = this.#registry.devices.find((one) => one.key === key);
    return device?.storages.find((storage) => storage.key === item.storage)?.free;
  }

  #onComputer(path: string): number | undefined {
    const known = this.#here?.path === path ? this.#here : undefined;
    const at = this.#clock.now();
    if (known !== undefined && at - known.at <= AGAIN_MS) return known.free;
    this.#here = { path, at, free: known?.free };
    freeBytes(path).then(
      (free) => {
        if (this.#here?.path !== path) return;
        const isNews = this.#here.free !== free;
        this.#here = { path, at, free };
        if (isNews) this.#changed();
      },
      () => undefined,
    );
    return known?.free;
  }
}
