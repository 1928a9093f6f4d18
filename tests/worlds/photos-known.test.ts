import assert from 'node:assert/strict';
import { readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { listPhotos, type LookEngine } from '../../electron/photos/look.ts';
import { MemoryPhotoStore } from '../../electron/store/index.ts';
import { VirtualPhone } from '../../electron/virtual/index.ts';
import type { Device } from '../../shared/domain.ts';
import { beginPhotos, type PhotoWorld } from './photo-world.ts';
import { treeOf } from './world.ts';

/** Each photo is imported once: not twice, and not told to be imported while it is not. */

const DATE = Date.UTC(2024, 2, 3, 4, 5, 6);
const MINUTE = 60_000;

function furnish(world: PhotoWorld, count: number, size = 50_000): void {
  for (let number = 0; number < count; number += 1)
    world.onPhone(`DCIM/Camera/IMG_${number}.jpg`, size + number, DATE + number * MINUTE);
}
const copies = async (world: PhotoWorld): Promise<readonly string[]> =>
  Object.keys(await treeOf(world.folderHere('photos'))).filter((path) => !path.endsWith('/'));

test('of two imports that are asked for at once, one takes what is new', async (t) => {
  const world = beginPhotos(t);
  furnish(world, 8);
  await world.start();
  await world.look();
  const to = world.folderHere('photos');
  const made = await Promise.all([0, 1].map(() => world.photos.import(world.device, { to })));
  assert.deepEqual(
    made.map(({ counts }) => counts.files),
    [8, 0],
  );
  for (const { transfer } of made) if (transfer !== undefined) await world.engine.settled(transfer, { waitMs: 5_000 });
  assert.equal((await copies(world)).length, 8);
});

test('an edited photo that was imported again is not a new one, in whatever order its imports are told', async (t) => {
  const world = beginPhotos(t);
  const { imports } = MemoryPhotoStore.prototype;
  world.memory.imports = function (device) {
    return imports.call(this, device).toReversed();
  };
  furnish(world, 1);
  await world.start();
  assert.equal(await world.lookAndImport(), 1);
  writeFileSync(join(world.phoneFolder, 'DCIM/Camera/IMG_0.jpg'), Buffer.alloc(60_000, 'cropped'));
  await world.engine.execute('refresh', { place: world.place('/DCIM/Camera') });
  assert.equal(await world.lookAndImport(), 1);
  assert.equal(await world.import(), undefined);
  assert.equal((await copies(world)).length, 2);
});

test('a photo that was written to between its samples is a new one, once; one with a new date alone is not', async (t) => {
  const world = beginPhotos(t);
  furnish(world, 2, 500_000);
  await world.start();
  assert.equal(await world.lookAndImport(), 2);
  const [edited, touched] = [0, 1].map((number) => join(world.phoneFolder, `DCIM/Camera/IMG_${number}.jpg`));
  const bytes = readFileSync(String(edited));
  bytes.fill(0x5a, 100_000, 120_000);
  writeFileSync(String(edited), bytes);
  for (const file of [edited, touched]) utimesSync(String(file), DATE / 1000 + 86_399, DATE / 1000 + 86_399);
  await world.engine.execute('refresh', { place: world.place('/DCIM/Camera') });
  assert.equal(await world.lookAndImport(), 1);
  const before = world.phone.bytesMoved;
  assert.equal(await world.lookAndImport(), 0);
  assert.ok(world.phone.bytesMoved - before < 48 * 1024, 'read once');
});

test('an import goes on, and what was imported is known unread, after the storage got another name', async (t) => {
  const world = beginPhotos(t, { capacity: 64e9 });
  furnish(world, 6, 3_000_000);
  await world.start();
  await world.look();
  world.faults('unplug@bytes=7000000');
  const { transfer } = await world.photos.import(world.device, { to: world.folderHere('photos') });
  assert.ok(transfer !== undefined);
  await world.engine.settled(transfer, { waitMs: 0 });
  await world.engine.stop();
  world.phone = new VirtualPhone({
    directory: world.phoneFolder,
    serial: 'WORLD',
    name: 'World phone',
    storageName: 'Interner gemeinsamer Speicher',
    capacity: 64e9,
  });
  world.usePhone();
  await world.restartPhotos();
  await world.engine.start();
  await world.engine.waitForDevice(undefined, 10_000);
  await world.look();
  assert.equal(await world.import(), undefined);
  await world.engine.settled(transfer, { waitMs: 5_000 });
  await world.photos.settled(world.device);
  assert.equal((await copies(world)).length, 6);
  const before = world.phone.bytesMoved;
  assert.deepEqual([...new Set(Object.values(await world.look()))], ['imported']);
  assert.ok(world.phone.bytesMoved - before < 16 * 1024, 'nothing was read');
  assert.equal((await world.photos.freeable(world.device, {})).length, 6);
});

test('what a phone does not describe may be a photo: it is a problem of the look', async () => {
  const device = { key: 'a', state: { kind: 'ready' }, storages: [{ key: 's' }] } as unknown as Device;
  const engine = {
    devices: [device],
    scan: async function* () {
      yield { path: '/DCIM', entries: [], unreadable: 2, problem: undefined };
    },
  } as unknown as LookEngine;
  const { problems } = await listPhotos(engine, device.key, { messengers: false });
  assert.deepEqual(
    problems.map(({ kind, subject }) => [kind, subject]),
    [['confused', '/DCIM']],
  );
});
