import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TransferStore } from '../../electron/engine/index.ts';
import { Photos, type PhotoStore } from '../../electron/photos/index.ts';
import { openStores } from '../../electron/store/index.ts';
import { localPath } from '../../shared/domain.ts';
import { ignoreTheDead, Mortal, TRANSFER_WRITES } from './mortal.ts';
import { World, treeOf } from './world.ts';

/** An import that is cut short at one moment, and goes on: none twice, none missing, nothing gone from the phone. */

const DATE = Date.UTC(2024, 2, 3, 12, 5, 6);

const PHOTO_WRITES: ReadonlySet<keyof PhotoStore> = new Set([
  'putImports',
  'putSeen',
  'putLibrary',
  'dropLibrary',
  'putFolder',
]);

/** `files` shots, one in eight large enough to go in chunks, one in four with a raw file beside it; some are alike. */
function fill(world: World, files: number): void {
  for (let index = 0; index < files; index += 1) {
    const size = index % 8 === 0 ? 1_300_000 + index : 3_000 + 977 * index;
    world.onPhone(`DCIM/Camera/IMG_${index}.jpg`, size, DATE + index * 3_600_000);
    if (index % 4 === 1) world.onPhone(`DCIM/Camera/IMG_${index}.dng`, 5_000 + index, DATE + index * 3_600_000);
  }
  // the same name and size in another folder, in the same month
  world.onPhone('DCIM/Other/IMG_2.jpg', 3_000 + 977 * 2, DATE);
}

const contents = (tree: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(tree)
    .filter(([name]) => !name.endsWith('/'))
    .map(([, content]) => content)
    .sort();

/** How an import is done: also into a second place. */
export interface ImportKind {
  readonly second: boolean;
}

/** Looks and imports until nothing is new; a phone that goes meanwhile comes back. */
async function importAll(world: World, photos: Photos, { second }: ImportKind): Promise<void> {
  const to = localPath(join(world.here, 'photos'));
  const also = second ? localPath(join(world.here, 'backup')) : undefined;
  if (also !== undefined) mkdirSync(also, { recursive: true });
  for (let turn = 0; turn < 8; turn += 1) {
    const device = await world.engine.waitForDevice(undefined, 5_000);
    try {
      await photos.look(device, { to });
      const { transfer } = await photos.import(device, also === undefined ? { to } : { to, also });
      const ids = photos.unfinished(device);
      for (const id of ids) {
        await world.engine.execute('resume', { transfer: id });
        await world.engine.settled(id, { waitMs: 10_000 });
      }
      await photos.settled(device);
      const isOver = transfer === undefined && photos.unfinished(device).length === 0;
      if (isOver && photos.shots(device, { states: ['new', 'under-way'] }).length === 0) return;
    } catch (error) {
      if (!/disconnected|silent|locked|storage|cancelled|stale/.test(JSON.stringify(error))) throw error;
    }
  }
  throw new Error(`it never came to an end: ${JSON.stringify(world.engine.transfers())}`);
}

async function judge(world: World, photos: Photos, { second }: ImportKind, at: string): Promise<void> {
  const phone = await treeOf(world.phoneFolder);
  for (const folder of second ? ['photos', 'backup'] : ['photos']) {
    const here = await treeOf(join(world.here, folder));
    assert.deepEqual(contents(here), contents(phone), `${at}: ${folder}`);
    for (const name of Object.keys(here)) assert.doesNotMatch(name, /replug/, at);
  }
  const device = await world.engine.waitForDevice(undefined, 5_000);
  const report = await photos.freeable(device, {});
  assert.equal(report.length, photos.shots(device).length, `${at}: all have a copy`);
}

/** Unplugs before operation number `moment` of the import. Answers whether there are so many. */
export async function unpluggedImport(files: number, moment: number, kind: ImportKind): Promise<boolean> {
  const { transfers, photos: store, close } = await stores();
  const world = new World({}, { limits: { wholeBelow: 1024 * 1024 } }, transfers);
  fill(world, files);
  try {
    await world.start();
    let seen = 0;
    world.phone.onOperation(() => {
      seen += 1;
      if (seen !== moment) return;
      void world.phone.unplug();
      setTimeout(() => world.phone.plug(), 10);
    });
    const photos = new Photos({ engine: world.engine, store, home: world.here });
    await importAll(world, photos, kind);
    await judge(world, photos, kind, `unplugged at operation ${moment}`);
    await photos.stop();
    return seen >= moment;
  } finally {
    await world.end();
    close();
  }
}

/** Kills before one write of the database, and starts again. Answers whether that write came. */
export async function killedImport(files: number, life: number, kind: ImportKind): Promise<boolean> {
  const hear = ignoreTheDead();
  const first = await stores();
  const mortal = new Mortal(life);
  const world = new World(
    {},
    { limits: { wholeBelow: 1024 * 1024 } },
    mortal.over<TransferStore>(first.transfers, TRANSFER_WRITES),
  );
  fill(world, files);
  try {
    await world.start();
    const dying = new Photos({
      engine: world.engine,
      store: mortal.over<PhotoStore>(first.photos, PHOTO_WRITES),
      home: world.here,
    });
    await Promise.race([importAll(world, dying, kind).catch(() => undefined), mortal.died]);
    world.store = first.transfers;
    await world.restart();
    await dying.stop();
    const photos = new Photos({ engine: world.engine, store: first.photos, home: world.here });
    await world.start();
    await photos.start();
    await importAll(world, photos, kind);
    await judge(world, photos, kind, `killed before write ${life}`);
    await photos.stop();
    return mortal.dead;
  } finally {
    await world.end();
    first.close();
    hear();
  }
}

async function stores(): Promise<{
  readonly transfers: TransferStore;
  readonly photos: PhotoStore;
  readonly close: () => void;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'replug-photos-'));
  const opened = await openStores(join(folder, 'queue.db'));
  return {
    transfers: opened.transfers,
    photos: opened.photos,
    close: () => {
      opened.transfers.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
