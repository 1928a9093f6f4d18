import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Photos, type ImportWish, type LookWish } from '../../electron/photos/index.ts';
import { MemoryPhotoStore } from '../../electron/store/index.ts';
import { localPath, type DeviceKey, type LocalPath } from '../../shared/domain.ts';
import type { PhotoFilter, PhotoState } from '../../shared/photos.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { World } from './world.ts';

/** A world with photos, whose store survives a restart. */
export class PhotoWorld extends World {
  readonly memory = new MemoryPhotoStore();
  /** How long imports at the plug are announced, milliseconds; for photos that are made from then on. */
  noticeMs = 0;
  photos = this.#newPhotos();

  #newPhotos(): Photos {
    return new Photos({
      engine: this.engine,
      store: this.memory,
      home: this.here,
      noticeMs: this.noticeMs,
      log: (line) => this.log.push(line),
    });
  }
  override async restart(): Promise<void> {
    await super.restart();
    await this.restartPhotos();
  }
  /** Photos anew, on the engine as it is now. */
  async restartPhotos(): Promise<void> {
    await this.photos.stop();
    this.photos = this.#newPhotos();
    await this.photos.start();
  }
  get device(): DeviceKey {
    return this.place('/').device;
  }
  folderHere(name: string): LocalPath {
    return localPath(join(this.here, name));
  }

  /** Looks, and tells each file that was found with what is known of it. */
  async look(wish: LookWish = {}): Promise<Readonly<Record<string, PhotoState>>> {
    await this.photos.look(this.device, { to: this.folderHere('photos'), ...wish });
    return this.states();
  }
  states(filter: PhotoFilter = {}): Readonly<Record<string, PhotoState>> {
    return Object.fromEntries(
      this.photos
        .shots(this.device, filter)
        .flatMap(({ parts }) => parts)
        .map(({ path, state }) => [path, state] as const)
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    );
  }
  /** Imports what is new, to its end. */
  async import(wish: ImportWish = {}): Promise<TransferView | undefined> {
    const { transfer } = await this.photos.import(this.device, { to: this.folderHere('photos'), ...wish });
    if (transfer === undefined) return undefined;
    const view = await this.engine.settled(transfer, { waitMs: 10_000 });
    await this.photos.settled(this.device);
    return view;
  }
  /** Looks and imports; answers how many files were copied. */
  async lookAndImport(wish: ImportWish & LookWish = {}): Promise<number> {
    await this.look(wish);
    const view = await this.import(wish);
    if (view === undefined) return 0;
    assert.equal(view.counts.failed, 0, JSON.stringify(view));
    return view.counts.moved.files;
  }
}

/** A world with photos, closed when its test ends. */
export function beginPhotos(t: TestContext, ...args: ConstructorParameters<typeof PhotoWorld>): PhotoWorld {
  const world = new PhotoWorld(...args);
  t.after(async () => {
    await world.end();
    await world.photos.stop();
  });
  return world;
}
