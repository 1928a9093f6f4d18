import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LocalPath } from '../../shared/domain.ts';
import { World, begin, digestFile, treeOf } from './world.ts';

const DATE = Date.UTC(2024, 2, 3, 4, 5, 6);

test('a folder goes to the phone and back byte for byte, with dates', async (t) => {
  const world = new World();
  t.after(() => world.end());
  await world.start();
  const sizes = [
    0,
    1,
    500,
    512,
    16_372,
    16_384,
    1024 * 1024 - 12,
    8 * 1024 * 1024,
    8 * 1024 * 1024 + 1,
    20 * 1024 * 1024 + 3,
  ];
  for (const size of sizes) world.local(`src/${size}.bin`, size, DATE);
  world.local('src/日本/写真 😀.jpg', 1000, DATE);
  mkdirSync(join(world.here, 'src/empty'));
  const up = await world.push([join(world.here, 'src') as never], '/Download');
  assert.equal(up.state, 'done', JSON.stringify([up, world.log]));
  assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download/src')), await treeOf(join(world.here, 'src')));
  assert.equal(statSync(join(world.phoneFolder, 'Download/src/500.bin')).mtimeMs, DATE);

  const down = await world.pull(['/Download/src'], 'back');
  assert.equal(down.state, 'done', JSON.stringify([down, world.log]));
  assert.deepEqual(await treeOf(join(world.here, 'back/src')), await treeOf(join(world.here, 'src')));
  assert.equal(statSync(join(world.here, 'back/src/日本/写真 😀.jpg')).mtimeMs, DATE);
});

test('an upload unplugged halfway waits, resumes after the replug and resends at most one chunk', async (t) => {
  const world = new World();
  t.after(() => world.end());
  await world.start();
  const source = world.local('big.bin', 40 * 1024 * 1024);
  world.faults('unplug@bytes=25000000', 'replug@ms=50');
  const view = await world.push([source], '/Download');
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  assert.equal(await digestFile(join(world.phoneFolder, 'Download/big.bin')), await digestFile(source));
  assert.ok(view.run.bytesResent <= 8 * 1024 * 1024, `${view.run.bytesResent} sent again`);
  assert.deepEqual(Object.keys(await treeOf(join(world.phoneFolder, 'Download'))), ['big.bin']);
});

test('a restarted upload counts only the bytes already sent as resent', async (t) => {
  const world = new World({ profile: 'android-no-edit' });
  t.after(() => world.end());
  await world.start();
  const source = world.local('big.bin', 40 * 1024 * 1024);
  world.faults('unplug@bytes=11000000', 'replug@ms=50');
  const view = await world.push([source], '/Download');
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  assert.equal(await digestFile(join(world.phoneFolder, 'Download/big.bin')), await digestFile(source));
  const { bytesResent } = view.run;
  assert.ok(bytesResent > 8_000_000 && bytesResent < 20_000_000, `${bytesResent} sent again`);
});

test('a download unplugged halfway resumes from its last chunk', async (t) => {
  const world = new World();
  t.after(() => world.end());
  world.onPhone('DCIM/film.mp4', 40 * 1024 * 1024);
  await world.start();
  world.faults('unplug@bytes=25000000', 'replug@ms=50');
  const view = await world.pull(['/DCIM/film.mp4'], 'in');
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  assert.equal(
    await digestFile(join(world.here, 'in/film.mp4')),
    await digestFile(join(world.phoneFolder, 'DCIM/film.mp4')),
  );
  assert.ok(view.run.bytesResent <= 8 * 1024 * 1024);
  assert.deepEqual(Object.keys(await treeOf(join(world.here, 'in'))), ['film.mp4']);
});

test('copied files are counted apart from existing files and folders', async (t) => {
  const world = begin(t);
  for (const name of ['a', 'deep/b', 'deep/c']) world.local(`src/${name}`, 100);
  await world.start();
  const source = join(world.here, 'src') as LocalPath;
  const first = await world.push([source], '/Download', { onConflict: 'skip' });
  const none = { files: 0, folders: 0 };
  assert.deepEqual(
    [first.counts.moved, first.counts.alreadyThere, first.counts.skipped],
    [{ files: 3, folders: 2 }, none, 0],
  );
  world.local('src/deep/d', 100);
  const second = await world.push([source], '/Download', { onConflict: 'skip' });
  const { done, moved, alreadyThere, skipped } = second.counts;
  assert.deepEqual([moved, alreadyThere, skipped, done], [{ files: 1, folders: 0 }, { files: 3, folders: 2 }, 0, 6]);
});

test('an existing file stays intact until its replacement is complete', async (t) => {
  const world = new World();
  t.after(() => world.end());
  world.onPhone('Download/a.txt', 100);
  const before = readFileSync(join(world.phoneFolder, 'Download/a.txt'));
  await world.start();
  const source = world.local('a.txt', 5_000);
  world.faults('unplug@op=SendObject:1:data');
  const cut = await world.push([source], '/Download', { onConflict: 'replace' }, 0);
  assert.equal(cut.state, 'waiting');
  assert.deepEqual(readFileSync(join(world.phoneFolder, 'Download/a.txt')), before);
  world.phone.plug();
  const view = await world.engine.settled(cut.id, { waitMs: 5_000 });
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download')), { 'a.txt': `5000 ${await digestFile(source)}` });
});

test('a name that differs only in case is a conflict, never a silent overwrite', async (t) => {
  const world = new World();
  t.after(() => world.end());
  world.onPhone('Download/Photo.JPG', 100);
  await world.start();
  const view = await world.push([world.local('photo.jpg', 50)], '/Download', { onConflict: 'skip' });
  assert.equal(view.counts.skipped, 1);
  const both = await world.push([world.local('photo.jpg', 50)], '/Download', { onConflict: 'keep-both' });
  assert.equal(both.state, 'done', JSON.stringify(both));
  assert.deepEqual(Object.keys(await treeOf(join(world.phoneFolder, 'Download'))).sort(), [
    'Photo.JPG',
    'photo (2).jpg',
  ]);
});

test('a transfer to a full phone waits, and resumes when there is space', async (t) => {
  const world = new World();
  t.after(() => world.end());
  await world.start();
  const source = world.local('big.bin', 30 * 1024 * 1024);
  world.faults('full@bytes=20000000');
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [source],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  });
  const full = await world.engine.settled(transfer, { waitMs: 100 });
  assert.equal(full.state, 'waiting', JSON.stringify([full, world.log]));
  assert.equal(full.waitingFor?.kind, 'space');
  world.phone.makeRoom();
  const view = await world.engine.settled(transfer, { waitMs: 5_000 });
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  assert.equal(await digestFile(join(world.phoneFolder, 'Download/big.bin')), await digestFile(source));
});

test('a locked phone is waited for', async (t) => {
  const world = new World();
  t.after(() => world.end());
  world.faults('locked@open');
  await world.engine.start();
  await assert.rejects(world.engine.waitForDevice(undefined, 100), { kind: 'locked' });
  world.phone.unlock();
  await world.engine.waitForDevice(undefined, 5_000);
  const view = await world.push([world.local('a', 10)], '/');
  assert.equal(view.state, 'done');
});

test('cancelling a running transfer leaves nothing on the phone', async (t) => {
  const world = new World({ rate: 40_000_000 });
  t.after(() => world.end());
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [world.local('big.bin', 60 * 1024 * 1024)],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  });
  await new Promise<void>((resolve) => {
    const stop = world.engine.watch('transfers', undefined, ({ transfers }) => {
      if ((transfers[0]?.bytesConfirmed ?? 0) > 0) {
        resolve();
        queueMicrotask(() => stop());
      }
    });
  });
  await world.engine.execute('cancel', { transfer });
  const view = await world.engine.settled(transfer, { waitMs: 5_000 });
  assert.equal(view.state, 'cancelled');
  while (world.store.leftovers(view.device).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download')), {});
});

test('an upload resumes where it stopped after a restart', async (t) => {
  const world = new World({ rate: 60_000_000 });
  t.after(() => world.end());
  await world.start();
  const source = world.local('big.bin', 60 * 1024 * 1024);
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [source],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  });
  await new Promise<void>((resolve) => {
    const stop = world.engine.watch('transfers', undefined, ({ transfers }) => {
      if ((transfers[0]?.bytesConfirmed ?? 0) > 10_000_000) {
        resolve();
        queueMicrotask(() => stop());
      }
    });
  });
  await world.restart();
  const confirmed = world.store.counts(transfer).bytesConfirmed;
  assert.ok(confirmed > 10_000_000);
  await world.start();
  const view = await world.engine.settled(transfer, { waitMs: 5_000 });
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  assert.ok(view.run.bytesMoved <= source.length + 60 * 1024 * 1024 - confirmed + 8 * 1024 * 1024);
  assert.equal(await digestFile(join(world.phoneFolder, 'Download/big.bin')), await digestFile(source));
});

test('a source that changed while it waited is sent again from the start', async (t) => {
  const world = new World();
  t.after(() => world.end());
  await world.start();
  const source = world.local('big.bin', 40 * 1024 * 1024);
  world.faults('unplug@bytes=25000000');
  const cut = await world.push([source], '/Download', {}, 0);
  assert.equal(cut.state, 'waiting');
  writeFileSync(source, Buffer.alloc(30 * 1024 * 1024, 7));
  world.phone.plug();
  const view = await world.engine.settled(cut.id, { waitMs: 5_000 });
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  assert.equal(await digestFile(join(world.phoneFolder, 'Download/big.bin')), await digestFile(source));
  assert.deepEqual(Object.keys(await treeOf(join(world.phoneFolder, 'Download'))), ['big.bin']);
});

test('a deleted source is missing, not failed; once located elsewhere, it resumes', async (t) => {
  const world = new World();
  t.after(() => world.end());
  await world.start();
  const source = world.local('big.bin', 40 * 1024 * 1024, DATE);
  world.faults('unplug@bytes=25000000');
  const cut = await world.push([source], '/Download', {}, 0);
  const { renameSync } = await import('node:fs');
  mkdirSync(join(world.here, 'elsewhere'));
  const now = join(world.here, 'elsewhere/other name.bin');
  renameSync(source, now);
  world.phone.plug();
  const missing = await world.engine.settled(cut.id, { waitMs: 300 });
  assert.equal(missing.waitingFor?.kind, 'source', JSON.stringify([missing, world.log]));
  const wrong = world.local('wrong.bin', 40 * 1024 * 1024);
  await assert.rejects(world.engine.execute('locate', { transfer: cut.id, path: wrong }), { kind: 'bad-request' });
  const located = await world.engine.execute('locate', {
    transfer: cut.id,
    path: join(world.here, 'elsewhere') as never,
  });
  assert.deepEqual(located, { found: 1, missing: [] });
  const view = await world.engine.settled(cut.id, { waitMs: 5_000 });
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  assert.ok(existsSync(join(world.phoneFolder, 'Download/big.bin')));
  assert.equal(await digestFile(join(world.phoneFolder, 'Download/big.bin')), await digestFile(now));
});
