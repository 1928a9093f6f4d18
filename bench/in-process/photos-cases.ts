import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Photos, type PhotoStore } from '../../electron/photos/index.ts';
import { openStores } from '../../electron/store/index.ts';
import { localPath, transferId, type DeviceKey, type LocalPath } from '../../shared/domain.ts';
import { exif, jpeg } from '../../tests/support/sample-pictures.ts';
import { knownPhone } from '../../tests/worlds/photo-library.ts';
import { World } from '../../tests/worlds/world.ts';
import { scratch, timed, type Measured, type Scale } from './cases.ts';
import { FarBus } from './far-bus.ts';

/**
 * Photos: an import with and without thumbnails being asked for, and looks at a phone of which much is known. The phone of
 * the imports runs in a process of its own and moves bytes as fast as a cable does, so that both compete for the phone, not
 * for this computer.
 */

/** Bytes a second of the phone: a good one on USB 2. */
const RATE = 40_000_000;
const PICTURE = 4_000_000;
/** Imports of each kind in one run, by turns. */
const ROUNDS = 3;
/** As many as the window asks for at a time. */
const AT_ONCE = 3;
/** Midday of a day from which the dates of all files are counted. */
const DATE_S = Date.UTC(2024, 2, 3, 12) / 1000;

class PhotoBench {
  readonly world: World;
  readonly photos: Photos;
  readonly folder: string;
  readonly #store: PhotoStore;
  device!: DeviceKey;

  private constructor(world: World, photos: Photos, store: PhotoStore, folder: string) {
    this.world = world;
    this.photos = photos;
    this.folder = folder;
    this.#store = store;
  }

  /** `rate`: of a phone in a process of its own; without one it is in this process, as fast as it can be. */
  static async begin(furnish: (camera: string) => void, rate?: number): Promise<PhotoBench> {
    const folder = scratch();
    const directory = join(folder, 'phone');
    const camera = join(directory, 'DCIM/Camera');
    mkdirSync(camera, { recursive: true });
    furnish(camera);
    const stores = await openStores(join(folder, 'replug.db'));
    const bus = rate === undefined ? undefined : await FarBus.start({ directory, files: 0, rate });
    const world = new World({ directory }, bus === undefined ? {} : { bus: () => bus }, stores.transfers);
    const photos = new Photos({ engine: world.engine, store: stores.photos, home: folder });
    const one = new PhotoBench(world, photos, stores.photos, folder);
    one.device = await world.start();
    return one;
  }

  async end(): Promise<void> {
    await this.photos.stop();
    await this.world.end();
    this.world.store.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get to(): LocalPath {
    return localPath(join(this.folder, 'photos'));
  }
  look(): Promise<void> {
    return this.photos.look(this.device, { to: this.to });
  }

  /** Imports all, whatever was imported before, into an empty folder. */
  async import(files: number): Promise<void> {
    const { transfer } = await this.photos.import(this.device, { to: this.to, again: true });
    if (transfer === undefined) throw new Error('nothing was imported');
    const { state, counts } = await this.world.engine.settled(transfer, { waitMs: 600_000 });
    if (state !== 'done' || counts.moved.files !== files) throw new Error(`ended as ${state}, ${counts.moved.files}`);
    await this.photos.settled(this.device);
  }
  /** Puts all that was looked at into the record, as if it had been imported; answers how many files that are. */
  remember(): number {
    const parts = this.photos.shots(this.device).flatMap((shot) => shot.parts);
    this.#store.putImports(
      parts.map(({ storage, path, size, modified }, item) => ({
        device: this.device,
        storage,
        path,
        size,
        modified,
        taken: modified,
        sample: '00',
        sha256: undefined,
        transfer: transferId('earlier'),
        item,
        importedAt: DATE_S * 1000,
        copies: [],
      })),
    );
    return parts.length;
  }
  empty(): void {
    rmSync(this.to, { recursive: true, force: true });
  }

  /** Asks for the thumbnails of all shots, again and again, until it is stopped; the promise tells how many came. */
  thumbnails(): { readonly stop: () => Promise<number> } {
    const places = this.photos
      .shots(this.device)
      .map(({ parts: [{ storage, path }] }) => ({ device: this.device, storage, path }));
    let isOver = false;
    let came = 0;
    let next = 0;
    const ask = async (): Promise<void> => {
      while (!isOver) {
        const place = places[next % places.length];
        next += 1;
        if (place === undefined) return;
        const { url } = await this.world.engine.execute('thumbnail', { place });
        if (url === undefined) throw new Error(`${place.path} has no thumbnail`);
        came += 1;
      }
    };
    const asking = Promise.all(Array.from({ length: AT_ONCE }, ask));
    return {
      stop: async () => {
        isOver = true;
        await asking;
        return came;
      },
    };
  }
}

/** An import while nobody looks, and while somebody scrolls through the grid, by turns. */
export async function* photoImport({ photos: { imported } }: Scale): AsyncGenerator<Measured> {
  const head = jpeg(4000, 3000, { segments: [exif({ thumbnail: jpeg(160, 120) })] });
  const one = await PhotoBench.begin((camera) => {
    for (let index = 0; index < imported; index += 1) {
      const file = join(camera, `IMG_${String(index).padStart(5, '0')}.jpg`);
      writeFileSync(file, Buffer.concat([head, Buffer.alloc(PICTURE, index)]));
      utimesSync(file, DATE_S + index * 600, DATE_S + index * 600);
    }
  }, RATE);
  try {
    await one.look();
    // the first one reads dates
    await one.import(imported);
    const name = `photos: import of ${imported.toLocaleString('en')}`;
    const what = { bytes: imported * PICTURE, count: imported, unit: 'files' } as const;
    for (let round = 0; round < ROUNDS; round += 1)
      // each kind comes first as often as second, but for one
      for (const withThumbnails of round % 2 === 0 ? [false, true] : [true, false]) {
        one.empty();
        const asked = withThumbnails ? one.thumbnails() : undefined;
        yield await timed(
          asked === undefined ? name : `${name} while thumbnails are asked for`,
          () => one.import(imported),
          what,
        );
        if ((await asked?.stop()) === 0) throw new Error('no thumbnail came');
      }
  } finally {
    await one.end();
  }
}

/** The first look at a phone, and the second, when all of it has been imported. */
export async function* photoLooks({ photos: { looked, library } }: Scale): AsyncGenerator<Measured> {
  const one = await PhotoBench.begin((camera) => {
    for (let index = 0; index < looked; index += 1) {
      const file = join(camera, `IMG_${String(index).padStart(6, '0')}.jpg`);
      writeFileSync(file, 'x');
      utimesSync(file, DATE_S + index * 600, DATE_S + index * 600);
    }
  });
  try {
    const what = { count: looked, unit: 'files' } as const;
    const transactions = (): number => one.world.engine.transactions(one.device);
    const name = `of a phone of ${looked.toLocaleString('en')}`;
    yield await timed(`photos: first look ${name}`, () => one.look(), what, transactions);
    const seen = one.remember();
    if (seen !== looked) throw new Error(`${seen} files were seen`);
    yield await timed(`photos: second look ${name}`, () => one.look(), what, transactions);
    const known = one.photos.shots(one.device, { states: ['imported'] }).length;
    if (known !== looked) throw new Error(`${known} are known`);
  } finally {
    await one.end();
  }
  let looks: { readonly lookMs: number; readonly againMs: number } | undefined;
  const phone = Math.floor(library / 10);
  const name = `of ${phone.toLocaleString('en')} beside a library of ${library.toLocaleString('en')}`;
  const all = await timed(
    name,
    async () => {
      looks = await knownPhone({ library, phone, known: Math.floor(phone * 0.9) });
    },
    { count: phone, unit: 'files' },
  );
  if (looks === undefined) return;
  yield { ...all, name: `photos: first look ${name}`, seconds: looks.lookMs / 1000 };
  yield { ...all, name: `photos: second look ${name}`, seconds: looks.againMs / 1000 };
}
