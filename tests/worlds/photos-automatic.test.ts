import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { VirtualPhone } from '../../electron/virtual/index.ts';
import type { PhotoNotice, PhotoPart } from '../../shared/photos.ts';
import { beginPhotos, type PhotoWorld } from './photo-world.ts';
import { treeOf, writeFile } from './world.ts';

/** Imports that begin by themselves at the plug, and phones that nothing identifies. */

const DATE = Date.UTC(2024, 2, 3, 12, 5, 6);

/** Notices of one kind so far, and how to wait for the number of them. */
function hear(
  world: PhotoWorld,
  kind: PhotoNotice['kind'] = 'importing',
): { readonly all: PhotoNotice[]; until: (count: number) => Promise<void> } {
  const all: PhotoNotice[] = [];
  let told = (): void => undefined;
  world.photos.onNotice((notice) => {
    if (notice.kind !== kind) return;
    all.push(notice);
    told();
  });
  return {
    all,
    until: async (count) => {
      while (all.length < count) await new Promise<void>((resolve) => (told = resolve));
    },
  };
}

const replug = async (world: PhotoWorld): Promise<void> => {
  // windows and rooms hear of it at most ten times a second
  const gone = new Promise<void>((resolve) => {
    world.engine.watch('devices', undefined, ({ devices }) => {
      if (devices.every(({ state }) => state.kind !== 'ready')) resolve();
    });
  });
  await world.phone.unplug();
  await gone;
  world.phone.plug();
  await world.engine.waitForDevice(undefined, 5_000);
};

/** Resolves when a look at the phone that began by itself has ended. */
const looked = (world: PhotoWorld): Promise<void> =>
  new Promise((resolve) => {
    const stop = world.photos.onChange(() => {
      if (world.photos.snapshot().phones[0]?.look.kind !== 'ready') return;
      stop();
      resolve();
    });
  });

const saved = async (world: PhotoWorld): Promise<readonly string[]> =>
  Object.keys(await treeOf(world.folderHere('photos')).catch(() => ({}))).filter((name) => !name.endsWith('/'));

test('a chosen phone is imported from when it is plugged in, once, and told of only where something is new', async (t) => {
  const world = beginPhotos(t);
  world.onPhone('DCIM/a.jpg', 2_000, DATE);
  const key = await world.start();
  world.photos.saveSettings({ to: world.folderHere('photos') });
  const notices = hear(world);
  await world.photos.start();
  await replug(world);
  assert.deepEqual([notices.all, await saved(world)], [[], []], 'nobody has chosen it');

  world.photos.setAutomatic(key, true);
  await replug(world);
  await notices.until(1);
  assert.deepEqual([notices.all[0]?.device.key, notices.all[0]?.counts.files], [key, 1]);
  for (const id of world.photos.unfinished(key)) await world.engine.settled(id, { waitMs: 10_000 });
  assert.deepEqual(await saved(world), ['2024/03/a.jpg']);

  const look = looked(world);
  await replug(world);
  await look;
  await world.photos.stop();
  assert.equal(notices.all.length, 1, 'nothing is new: nothing is said');
  assert.equal(world.engine.transfersFrom('photos').length, 1);
});

/** A chosen phone whose card comes when `insert` is called. */
async function withLateCard(t: TestContext) {
  const card = mkdtempSync(join(tmpdir(), 'replug-card-'));
  t.after(() => {
    rmSync(card, { recursive: true, force: true });
  });
  writeFile(join(card, 'DCIM/b.jpg'), 3_000, DATE);
  const world = beginPhotos(t, { sdDirectory: card, sdAfterMs: 3_600_000 });
  world.onPhone('DCIM/a.jpg', 2_000, DATE);
  const key = await world.start();
  world.photos.saveSettings({ to: world.folderHere('photos') });
  world.photos.setAutomatic(key, true);
  return { world, key, insert: () => world.phone.insertStorage(1) };
}

for (const isWhileLooking of [false, true])
  test(`a card that comes ${isWhileLooking ? 'while the phone is looked at' : 'later than the phone'} is imported from`, async (t) => {
    const { world, key, insert } = await withLateCard(t);
    const notices = hear(world);
    let isIn = false;
    if (isWhileLooking)
      world.photos.onChange(() => {
        if (isIn || world.photos.snapshot().phones[0]?.look.kind !== 'listing') return;
        isIn = true;
        insert();
      });
    await world.photos.start();
    await notices.until(1);
    if (!isWhileLooking) insert();
    const files = (): number =>
      world.engine.transfersFrom('photos').reduce((sum, { id }) => sum + world.engine.view(id).counts.total, 0);
    while (files() < 2) await new Promise((resolve) => setTimeout(resolve, 10));
    for (const id of world.photos.unfinished(key)) await world.engine.settled(id, { waitMs: 10_000 });
    assert.deepEqual(await saved(world), ['2024/03/a.jpg', '2024/03/b.jpg']);
  });

test('what was put off at the plug is not announced again for a card', async (t) => {
  const { world, key, insert } = await withLateCard(t);
  world.noticeMs = 3_600_000;
  await world.restartPhotos();
  const soon = hear(world, 'soon');
  await soon.until(1);
  world.photos.notNow(key);
  await takenBack(world);
  const come = new Promise<void>((resolve) => {
    world.engine.watch('devices', undefined, ({ devices }) => {
      if (devices[0]?.storages.length === 2) resolve();
    });
  });
  insert();
  await come;
  await world.photos.stop();
  assert.equal(soon.all.length, 1);
  assert.deepEqual(await saved(world), []);
});

/** Resolves when no import is announced any more. */
const takenBack = (world: PhotoWorld): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (world.photos.snapshot().phones.every(({ soon }) => soon === undefined)) resolve();
    };
    world.photos.onChange(look);
    look();
  });

test('an import at the plug is announced with time to stop it; the next plug announces it again', async (t) => {
  const world = beginPhotos(t);
  for (const name of ['a', 'b']) world.onPhone(`DCIM/${name}.jpg`, 2_000 + name.length, DATE);
  const key = await world.start();
  world.photos.saveSettings({ to: world.folderHere('photos') });
  world.photos.setAutomatic(key, true);
  world.noticeMs = 3_600_000;
  await world.restartPhotos();
  const nothingBegan = async (): Promise<void> => {
    assert.equal(world.engine.transfersFrom('photos').length, 0);
    assert.deepEqual(await saved(world), []);
  };
  const soon = hear(world, 'soon');
  const begun = hear(world);
  // the phone was there when they started
  await soon.until(1);
  assert.equal(world.photos.snapshot().phones[0]?.soon?.counts.files, 2);
  world.photos.notNow(key);
  await takenBack(world);
  await nothingBegan();

  await replug(world);
  await soon.until(2);
  await world.phone.unplug();
  await takenBack(world);
  await nothingBegan();

  world.phone.plug();
  await soon.until(3);
  // the program ends
  await world.photos.stop();
  await nothingBegan();

  world.noticeMs = 0;
  await world.restartPhotos();
  const later = hear(world);
  await later.until(1);
  for (const id of world.photos.unfinished(key)) await world.engine.settled(id, { waitMs: 10_000 });
  assert.deepEqual(await saved(world), ['2024/03/a.jpg', '2024/03/b.jpg']);
  assert.deepEqual([soon.all.length, begun.all.length], [3, 0]);
});

test('a choice that is taken back while its import is announced ends it', async (t) => {
  const world = beginPhotos(t);
  world.onPhone('DCIM/a.jpg', 2_000, DATE);
  const key = await world.start();
  world.photos.saveSettings({ to: world.folderHere('photos') });
  world.photos.setAutomatic(key, true);
  world.noticeMs = 3_600_000;
  await world.restartPhotos();
  await hear(world, 'soon').until(1);
  world.photos.setAutomatic(key, false);
  await takenBack(world);
  await world.photos.stop();
  assert.equal(world.engine.transfersFrom('photos').length, 0);
});

test('the choice outlives a restart, and can be taken back', async (t) => {
  const world = beginPhotos(t);
  world.onPhone('DCIM/a.jpg', 2_000, DATE);
  const key = await world.start();
  world.photos.saveSettings({ to: world.folderHere('photos') });
  world.photos.setAutomatic(key, true);
  await world.restart();
  const notices = hear(world);
  await world.start();
  await notices.until(1);
  world.photos.setAutomatic(key, false);
  assert.deepEqual(world.photos.settings.automatic, []);
  world.onPhone('DCIM/b.jpg', 2_001, DATE);
  await replug(world);
  await world.photos.stop();
  assert.equal(notices.all.length, 1);
});

test('a phone that nothing identifies is never imported from by itself', async (t) => {
  const world = beginPhotos(t, { serial: '' });
  world.onPhone('DCIM/a.jpg', 2_000, DATE);
  const key = await world.start();
  assert.throws(() => world.photos.setAutomatic(key, true), { kind: 'bad-request' });
  // kept by an earlier version, or by hand
  world.memory.saveSettings({ to: world.folderHere('photos'), automatic: [key] });
  await world.photos.start();
  await replug(world);
  await world.photos.stop();
  assert.deepEqual(await saved(world), []);
});

test('another phone of the same maker is not the chosen one', async (t) => {
  const world = beginPhotos(t, { serial: 'R58M1234567' });
  const key = await world.start();
  world.photos.saveSettings({ to: world.folderHere('photos') });
  world.photos.setAutomatic(key, true);
  await world.engine.stop();
  const other = join(world.folder, 'other');
  mkdirSync(join(other, 'DCIM'), { recursive: true });
  world.phone = new VirtualPhone({ directory: other, serial: 'R58M7654321', name: 'Another' });
  world.onPhone('../other/DCIM/b.jpg', 2_000, DATE);
  world.usePhone();
  await world.restartPhotos();
  await world.start();
  await world.photos.stop();
  assert.deepEqual(await saved(world), []);
});

test('of a phone that nothing identifies the library alone is known once it was unplugged', async (t) => {
  const world = beginPhotos(t, { serial: '' });
  for (const name of ['kept', 'culled']) world.onPhone(`DCIM/${name}.jpg`, 20_000 + name.length, DATE);
  await world.start();
  assert.equal(await world.lookAndImport(), 2);
  const states = (): Readonly<Record<string, PhotoPart['state']>> => world.states();
  await world.look();
  assert.deepEqual(states(), { '/DCIM/culled.jpg': 'imported', '/DCIM/kept.jpg': 'imported' });
  rmSync(join(world.here, 'photos/2024/03/culled.jpg'));
  await replug(world);
  await world.look();
  assert.deepEqual(states(), { '/DCIM/culled.jpg': 'new', '/DCIM/kept.jpg': 'in-library' });
  // and without a record of this phone there is no proof
  const report = await world.photos.free(
    world.device,
    world.photos.shots(world.device).map(({ id }) => id),
  );
  assert.deepEqual(
    report.shots.map(({ why }) => why),
    ['not-imported', 'not-imported'],
  );
});
