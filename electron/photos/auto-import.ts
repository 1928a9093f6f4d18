import { setTimeout as wait } from 'node:timers/promises';
import { isAnonymous, type Device, type DeviceKey, type StorageKey } from '../../shared/domain.ts';
import { problemOf } from '../../shared/errors.ts';
import type { PhonePhotos, PhotoCounts, PhotoNotice } from '../../shared/photos.ts';
import { OneAtATime, type Engine } from '../engine/index.ts';

/** What happens by itself: new photos of a phone for which a person has chosen it are imported when it is plugged in. */

/** What it works with. */
export interface AutoImportParts {
  readonly engine: Pick<Engine, 'watch'>;
  /** Whether a person has chosen it for this phone. */
  readonly isWanted: (device: DeviceKey) => boolean;
  /** Looks; answers what is new. */
  readonly look: (device: DeviceKey) => Promise<PhotoCounts>;
  /** Imports what is new; answers what that is. */
  readonly importNew: (device: DeviceKey) => Promise<PhotoCounts>;
  readonly notify: (notice: PhotoNotice) => void;
  /** An import was announced, or is not announced any more. */
  readonly changed: () => void;
  /** How long an import is announced before it begins, milliseconds. */
  readonly noticeMs: number;
  readonly log: (line: string) => void;
}

interface Announced {
  readonly soon: NonNullable<PhonePhotos['soon']>;
  readonly abort: AbortController;
}

/**
 * Imports at the plug, and when a card comes later, announced a moment before. The choice is kept by the phone's key, so a
 * phone that nothing identifies is never taken for one that was chosen; nothing is told where nothing is new.
 */
export class AutoImport {
  readonly #parts: AutoImportParts;
  /** Phones that are ready, with their storages. */
  #ready: ReadonlyMap<DeviceKey, ReadonlySet<StorageKey>> = new Map();
  readonly #announced = new Map<DeviceKey, Announced>();
  /** Phones of which nothing is to be imported until they are plugged in again. */
  readonly #declined = new Set<DeviceKey>();
  /** A look that is under way may have passed what has come. */
  readonly #imports = new OneAtATime<DeviceKey>();
  #isEnded = false;

  constructor(parts: AutoImportParts) {
    this.#parts = parts;
  }

  /** Starts watching; returns the function that ends it. */
  start(): () => void {
    return this.#parts.engine.watch('devices', undefined, ({ devices }) => this.#onDevices(devices));
  }

  /** The import of this phone that begins in a moment. */
  soon(device: DeviceKey): PhonePhotos['soon'] {
    return this.#announced.get(device)?.soon;
  }

  /** What was announced does not begin. Nothing happens where nothing was; the next plug announces it again. */
  notNow(device: DeviceKey): void {
    const announced = this.#announced.get(device);
    if (announced === undefined) return;
    this.#declined.add(device);
    announced.abort.abort();
  }

  /** Takes back what was announced, and resolves when what began has ended. */
  async end(): Promise<void> {
    this.#isEnded = true;
    for (const { abort } of this.#announced.values()) abort.abort();
    await this.#imports.settled();
  }

  #onDevices(devices: readonly Device[]): void {
    const ready = devices.filter(({ state, storages }) => state.kind === 'ready' && storages.length > 0);
    const before = this.#ready;
    const came = ready.filter(({ key, storages }) => storages.some((one) => before.get(key)?.has(one.key) !== true));
    this.#ready = new Map(ready.map(({ key, storages }) => [key, new Set(storages.map((one) => one.key))]));
    for (const key of this.#announced.keys()) if (!this.#ready.has(key)) this.notNow(key);
    for (const key of this.#declined) if (!this.#ready.has(key)) this.#declined.delete(key);
    for (const device of came) {
      const { key } = device;
      if (isAnonymous(key) || !this.#parts.isWanted(key)) continue;
      void this.#imports.run(key, () => this.#import(device));
    }
  }

  async #import(device: Device): Promise<void> {
    const { look, importNew, notify, log } = this.#parts;
    if (this.#isEnded || !this.#ready.has(device.key) || this.#declined.has(device.key)) return;
    try {
      const fresh = await look(device.key);
      if (fresh.files === 0 || !(await this.#announce(device, fresh))) return;
      const counts = await importNew(device.key);
      if (counts.files > 0) notify({ kind: 'importing', device, counts });
    } catch (error) {
      const problem = problemOf(error, 'photos');
      log(`photos of ${device.name} were not imported: ${problem.operation}: ${problem.detail}`);
    }
  }

  /** Answers after a moment whether it may begin: nobody has stopped it, or taken the choice back, and the phone is there. */
  async #announce(device: Device, counts: PhotoCounts): Promise<boolean> {
    const { isWanted, notify, changed, noticeMs } = this.#parts;
    const { key } = device;
    // it went and came while it was looked at: once is enough
    if (this.#isEnded || !this.#ready.has(key) || !isWanted(key) || this.#announced.has(key)) return false;
    const at = Date.now() + noticeMs;
    const abort = new AbortController();
    this.#announced.set(key, { soon: { at, counts }, abort });
    changed();
    notify({ kind: 'soon', device, counts, at });
    await wait(noticeMs, undefined, { signal: abort.signal }).catch(() => undefined);
    this.#announced.delete(key);
    changed();
    return !abort.signal.aborted && isWanted(key);
  }
}
