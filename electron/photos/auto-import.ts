import { isAnonymous, type Device, type DeviceKey } from '../../shared/domain.ts';
import { problemOf } from '../../shared/errors.ts';
import type { PhotoCounts, PhotoNotice } from '../../shared/photos.ts';
import type { Engine } from '../engine/index.ts';

/** What happens by itself: new photos of a phone for which a person has chosen it are imported when it is plugged in. */

/** What it works with. */
export interface AutoImportParts {
  readonly engine: Pick<Engine, 'watch'>;
  /** Whether a person has chosen it for this phone. */
  readonly isWanted: (device: DeviceKey) => boolean;
  /** Looks, and imports what is new; answers what that is. */
  readonly importNew: (device: DeviceKey) => Promise<PhotoCounts>;
  readonly notify: (notice: PhotoNotice) => void;
  readonly log: (line: string) => void;
}

/**
 * Imports at the plug. The choice is kept by the phone's key, so a phone that nothing identifies is never taken for one that
 * was chosen; nothing is told where nothing is new.
 */
export class AutoImport {
  readonly #parts: AutoImportParts;
  #ready: ReadonlySet<DeviceKey> = new Set();
  readonly #underWay = new Set<Promise<void>>();

  constructor(parts: AutoImportParts) {
    this.#parts = parts;
  }

  /** Starts watching; returns the function that ends it. */
  start(): () => void {
    return this.#parts.engine.watch('devices', undefined, ({ devices }) => this.#onDevices(devices));
  }

  /** Resolves when what began has ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #onDevices(devices: readonly Device[]): void {
    const ready = devices.filter(({ state, storages }) => state.kind === 'ready' && storages.length > 0);
    const came = ready.filter(({ key }) => !this.#ready.has(key));
    this.#ready = new Set(ready.map(({ key }) => key));
    for (const device of came) {
      if (isAnonymous(device.key) || !this.#parts.isWanted(device.key)) continue;
      const importing = this.#import(device).finally(() => this.#underWay.delete(importing));
      this.#underWay.add(importing);
    }
  }

  async #import(device: Device): Promise<void> {
    const { importNew, notify, log } = this.#parts;
    try {
      const counts = await importNew(device.key);
      if (counts.files > 0) notify({ kind: 'importing', device, counts });
    } catch (error) {
      const problem = problemOf(error, 'photos');
      log(`photos of ${device.name} were not imported: ${problem.operation}: ${problem.detail}`);
    }
  }
}
