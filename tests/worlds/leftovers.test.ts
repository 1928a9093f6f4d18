import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { localPath, type LocalPath } from '../../shared/domain.ts';
import { begin, type World } from './world.ts';

/** Leftovers that Replug made are removed. A file under such a name that Replug did not make stays. */

const MiB = 1024 * 1024;
const TOGETHER = { concurrency: 6 } as const;
const MINE = "the user's own picture, another one";

async function until(holds: () => boolean, what: string): Promise<void> {
  const limit = AbortSignal.timeout(10_000);
  while (!holds()) {
    if (limit.aborted) throw new Error(`in vain: ${what}`);
    await new Promise((later) => setTimeout(later, 2));
  }
}

const onPhone = (world: World, name: string): string => join(world.phoneFolder, 'Download', name);
const upload = (world: World, source: LocalPath, onConflict: 'ask' | 'skip' | 'replace' = 'skip') =>
  world.engine.enqueue({
    direction: 'upload',
    sources: [source],
    to: world.place('/Download'),
    options: { onConflict },
  });
const swept = (world: World) => (): boolean => {
  const [device] = world.engine.devices;
  return device?.state.kind === 'ready' && world.store.leftovers(device.key).length === 0;
};

describe('a small file is sent under its own name, and', TOGETHER, () => {
  for (const [what, bring] of [
    ['another file', (world: World) => writeFileSync(onPhone(world, 'photo.jpg'), MINE)],
    ['an empty file', (world: World) => writeFileSync(onPhone(world, 'photo.jpg'), '')],
    [
      'an empty file of the same name in another case',
      (world: World) => writeFileSync(onPhone(world, 'PHOTO.jpg'), ''),
    ],
    ['the same picture', (world: World) => copyFileSync(join(world.here, 'photo.jpg'), onPhone(world, 'photo.jpg'))],
    ['a folder', (world: World) => mkdirSync(onPhone(world, 'photo.jpg'))],
  ] as const)
    test(`it is cancelled while unplugged, and the user brings ${what} there: it stays`, async (t) => {
      const world = begin(t);
      const source = world.local('photo.jpg', 3 * MiB);
      mkdirSync(join(world.phoneFolder, 'Download'));
      await world.start();
      world.faults(`unplug@bytes=${MiB}`);
      const { transfer } = await upload(world, source, 'ask');
      await world.engine.settled(transfer, { waitMs: 300 });
      await world.phone.settled();
      await world.engine.execute('cancel', { transfer });
      bring(world);
      const [name = ''] = readdirSync(join(world.phoneFolder, 'Download'));
      world.phone.plug();
      await until(swept(world), 'the leftover is looked at');
      assert.deepEqual(readdirSync(join(world.phoneFolder, 'Download')), [name]);
      if (what === 'another file') assert.equal(readFileSync(onPhone(world, 'photo.jpg'), 'utf8'), MINE);
    });

  test('what the phone took for its content when the program ended goes, though its source is another one by now', async (t) => {
    const world = begin(t);
    const source = world.local('photo.jpg', 3 * MiB);
    mkdirSync(join(world.phoneFolder, 'Download'));
    await world.start();
    world.faults(`unplug@bytes=${MiB}`);
    const { transfer } = await upload(world, source);
    await world.engine.settled(transfer, { waitMs: 300 });
    await world.phone.settled();
    await world.restart();
    const opening = Buffer.from('10000000010002100000000001000000', 'hex');
    writeFileSync(onPhone(world, 'photo.jpg'), Buffer.concat([opening.subarray(12), opening]));
    world.local('photo.jpg', 2 * MiB);
    await world.start();
    const { counts } = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.equal(counts.skipped, 0);
    assert.deepEqual(readFileSync(onPhone(world, 'photo.jpg')), readFileSync(source));
  });

  test('its beginning that stays on the phone goes, also after a restart', async (t) => {
    const world = begin(t);
    const source = world.local('photo.jpg', 3 * MiB);
    mkdirSync(join(world.phoneFolder, 'Download'));
    await world.start();
    world.faults(`unplug@bytes=${MiB}`);
    const { transfer } = await upload(world, source);
    await world.engine.settled(transfer, { waitMs: 300 });
    await world.phone.settled();
    await world.engine.execute('cancel', { transfer });
    // as phones leave it that keep what came before the cable went
    writeFileSync(onPhone(world, 'photo.jpg'), readFileSync(source).subarray(0, MiB));
    await world.restart();
    await world.start();
    await until(swept(world), 'the leftover is looked at');
    assert.deepEqual(readdirSync(join(world.phoneFolder, 'Download')), []);
  });

  test('its source was changed since: the beginning of what it was stays, nothing proves whose it is', async (t) => {
    const world = begin(t);
    const source = world.local('photo.jpg', 3 * MiB);
    mkdirSync(join(world.phoneFolder, 'Download'));
    await world.start();
    world.faults(`unplug@bytes=${MiB}`);
    const { transfer } = await upload(world, source);
    await world.engine.settled(transfer, { waitMs: 300 });
    await world.phone.settled();
    await world.engine.execute('cancel', { transfer });
    writeFileSync(onPhone(world, 'photo.jpg'), readFileSync(source).subarray(0, MiB));
    writeFileSync(source, 'something new');
    world.phone.plug();
    await until(swept(world), 'the leftover is looked at');
    assert.deepEqual(readdirSync(join(world.phoneFolder, 'Download')), ['photo.jpg']);
  });

  for (const [what, content] of [
    ['another one', (): Buffer => Buffer.from(MINE)],
    ['the same one', (source: string): Buffer => readFileSync(source)],
    ['a beginning of it', (source: string): Buffer => readFileSync(source).subarray(0, 5_000)],
    ['an empty one', (): Buffer => Buffer.alloc(0)],
  ] as const)
    test(`the phone refuses the name: ${what} is there, which no event told. Cancelled before the next try: it stays`, async (t) => {
      const world = begin(t, { latencyMs: 20 });
      const source = world.local('photo.jpg', 3 * MiB);
      mkdirSync(join(world.phoneFolder, 'Download'));
      await world.start();
      const mine = content(source);
      // after its folder was looked at
      const stop = world.phone.onOperation((operation) => {
        if (operation !== Operation.SendObjectInfo) return;
        stop();
        writeFileSync(onPhone(world, 'photo.jpg'), mine);
      });
      const { transfer } = await upload(world, source);
      await until(() => world.log.some((line) => line.includes('exists')), 'it is refused');
      await world.engine.execute('cancel', { transfer });
      await until(() => world.engine.view(transfer).state === 'cancelled', 'it is cancelled');
      await until(swept(world), 'the leftover is looked at');
      assert.deepEqual(readFileSync(onPhone(world, 'photo.jpg')), mine);
    });
});

/** An upload that was cut off, of which the phone has kept what `left` says, and whose source has gone. */
async function cutOff(world: World, source: LocalPath, left: (bytes: Buffer) => Buffer | string) {
  mkdirSync(join(world.phoneFolder, 'Download'));
  await world.start();
  world.faults(`unplug@bytes=${MiB}`);
  const { transfer } = await upload(world, source, 'ask');
  await world.engine.settled(transfer, { waitMs: 300 });
  await world.phone.settled();
  writeFileSync(onPhone(world, 'photo.jpg'), left(readFileSync(source)));
  return transfer;
}

describe('an upload that failed and is tried again', TOGETHER, () => {
  async function failed(world: World, source: LocalPath) {
    const transfer = await cutOff(world, source, (bytes) => bytes.subarray(0, MiB));
    renameSync(source, `${source}.away`);
    mkdirSync(source);
    world.phone.plug();
    await until(() => world.engine.view(transfer).counts.failed === 1, 'it fails');
    rmSync(source, { recursive: true });
    // as it is noted where its source could not be read
    const [row] = [...world.engine.itemRows(transfer)];
    await new Promise((later) => setTimeout(later, 300));
    assert.ok(row !== undefined);
    const { storage, size, modified } = row;
    world.store.addLeftover({
      item: row.id,
      transfer,
      device: world.place('/').device,
      storage,
      direction: 'upload',
      folder: world.place('/Download').path,
      name: 'photo.jpg',
      proof: { kind: 'beginning-of', source, size, modified },
    });
    renameSync(`${source}.away`, source);
    return transfer;
  }

  test('finds no beginning of its own in its way', async (t) => {
    const world = begin(t);
    const source = world.local('photo.jpg', 3 * MiB);
    const transfer = await failed(world, source);
    await world.engine.execute('retry', { transfer });
    const view = await world.engine.settled(transfer, { waitMs: 5_000, signal: AbortSignal.timeout(10_000) });
    assert.deepEqual([view.state, view.counts.moved.files], ['done', 1], JSON.stringify([view, world.log]));
    assert.deepEqual(readFileSync(onPhone(world, 'photo.jpg')), readFileSync(source));
  });

  test('loses nothing by what was noted before', async (t) => {
    const world = begin(t);
    const source = world.local('photo.jpg', 3 * MiB);
    const transfer = await failed(world, source);
    rmSync(onPhone(world, 'photo.jpg'));
    await world.engine.execute('refresh', { place: world.place('/Download') });
    const [noted] = world.store.leftovers(world.place('/').device);
    await world.engine.execute('retry', { transfer });
    assert.equal((await world.engine.settled(transfer, { waitMs: 5_000 })).state, 'done');
    // as it was left where its source could not be read in between
    assert.ok(noted !== undefined);
    world.store.addLeftover(noted);
    const other = await upload(world, world.local('other.bin', 20 * MiB));
    await world.engine.execute('cancel', { transfer: other.transfer });
    await until(swept(world), 'the leftover is looked at');
    assert.deepEqual(readFileSync(onPhone(world, 'photo.jpg')), readFileSync(source));
  });
});

describe('on a phone that tells every file as empty', TOGETHER, () => {
  for (const [what, left, stays] of [
    ['another picture', () => MINE, true],
    ['the same picture', (bytes: Buffer) => bytes, true],
    ['a beginning of it', (bytes: Buffer) => bytes.subarray(0, MiB), false],
    ['nothing', () => '', false],
  ] as const)
    test(`${what} is there when an upload goes on: ${stays ? 'it stays, and is asked about' : 'it is replaced'}`, async (t) => {
      const world = begin(t, { quirks: [['zero-sizes', 1]] });
      const source = world.local('photo.jpg', 3 * MiB);
      const transfer = await cutOff(world, source, left);
      const before = readFileSync(onPhone(world, 'photo.jpg'));
      world.phone.plug();
      await until(
        () => world.engine.view(transfer).state !== 'waiting' || world.engine.view(transfer).counts.asking > 0,
        'it goes on',
      );
      const asks = (): boolean => world.engine.view(transfer).counts.asking === 1;
      await until(
        () =>
          asks() || world.engine.view(transfer).counts.done === 1 || world.engine.view(transfer).counts.failed === 1,
        'it ends, or asks',
      );
      assert.equal(asks(), stays, JSON.stringify([world.engine.view(transfer), world.log]));
      assert.deepEqual(readFileSync(onPhone(world, 'photo.jpg')), stays ? before : readFileSync(source));
    });
});

describe('a part file here', TOGETHER, () => {
  for (const [what, later] of [
    ['another download stays when the second is cancelled', 1],
    ['a download that failed is not taken from its next try', 0],
  ] as const)
    test(`of ${what}`, async (t) => {
      const world = begin(t, { rate: 8 * MiB });
      world.onPhone('DCIM/film.mp4', 4 * MiB);
      await world.start();
      const to = localPath(join(world.here, 'in'));
      const options = { onConflict: 'skip' } as const;
      const sources = [world.place('/DCIM/film.mp4')];
      const one = await world.engine.enqueue({ direction: 'download', sources, to, options });
      await until(() => world.engine.view(one.transfer).bytesConfirmed > 0, 'it moves');
      const [row] = [...world.engine.itemRows(one.transfer)];
      assert.ok(row?.temporary !== undefined);
      // the second met the same name and was refused it
      world.store.addLeftover({
        item: (row.id + later) as typeof row.id,
        transfer: one.transfer,
        device: world.place('/').device,
        storage: row.storage,
        direction: 'download',
        folder: undefined,
        name: row.temporary,
        proof: { kind: 'exclusive-name' },
      });
      await world.engine.execute('pause', { transfer: one.transfer });
      await world.phone.unplug();
      world.phone.plug();
      await until(swept(world), 'the leftover is looked at');
      assert.ok(existsSync(row.temporary), what);
      await world.engine.execute('resume', { transfer: one.transfer });
      assert.equal((await world.engine.settled(one.transfer, { waitMs: 10_000 })).state, 'done');
    });

  test('whose source is gone from the phone stays: it may be the only copy', async (t) => {
    const world = begin(t);
    const original = world.onPhone('DCIM/film.mp4', 8 * MiB);
    await world.start();
    world.faults(`unplug@bytes=${3 * MiB}`);
    const { transfer } = await world.engine.enqueue({
      direction: 'download',
      sources: [world.place('/DCIM/film.mp4')],
      to: localPath(join(world.here, 'in')),
      options: { onConflict: 'skip' },
    });
    await world.engine.settled(transfer, { waitMs: 300 });
    const [row] = [...world.engine.itemRows(transfer)];
    assert.ok(row?.temporary !== undefined && existsSync(row.temporary));
    rmSync(original);
    world.phone.plug();
    const view = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.equal(view.problem?.kind, 'missing', JSON.stringify(view));
    assert.ok(existsSync(row.temporary), 'failed, it stays');
    await world.engine.execute('remove', { transfer });
    await until(swept(world), 'the leftover is looked at');
    assert.ok(existsSync(row.temporary), 'given up, it stays');
  });

  test('of a cancelled download is removed', async (t) => {
    const world = begin(t, { rate: 8 * MiB });
    world.onPhone('DCIM/film.mp4', 8 * MiB);
    await world.start();
    const { transfer } = await world.engine.enqueue({
      direction: 'download',
      sources: [world.place('/DCIM/film.mp4')],
      to: localPath(join(world.here, 'in')),
      options: { onConflict: 'skip' },
    });
    await until(() => world.engine.view(transfer).bytesConfirmed > 0, 'it moves');
    await world.engine.execute('cancel', { transfer });
    await world.engine.settled(transfer, { waitMs: 10_000 });
    await until(swept(world), 'the leftover is looked at');
    assert.deepEqual(readdirSync(join(world.here, 'in')), []);
  });
});

describe('what lies where nobody can look at it', TOGETHER, () => {
  test('a part file on a disk that was away goes when the disk is back, without another plug', async (t) => {
    const world = begin(t, { rate: 30_000_000 });
    world.onPhone('DCIM/film.mp4', 12 * MiB);
    mkdirSync(join(world.here, 'drive'));
    await world.start();
    const { transfer } = await world.engine.enqueue({
      direction: 'download',
      sources: [world.place('/DCIM')],
      to: localPath(join(world.here, 'drive/in')),
      options: { onConflict: 'skip' },
    });
    await until(() => world.engine.view(transfer).bytesConfirmed > 2 * MiB, 'it moves');
    renameSync(join(world.here, 'drive'), join(world.here, 'gone'));
    await until(() => world.engine.view(transfer).waitingFor?.kind === 'target', 'it waits');
    await world.engine.execute('cancel', { transfer });
    const [device] = world.engine.devices;
    assert.ok(device !== undefined);
    // looked for in vain
    await new Promise((later) => setTimeout(later, 300));
    assert.equal(world.store.leftovers(device.key).length, 1);
    renameSync(join(world.here, 'gone'), join(world.here, 'drive'));
    await until(swept(world), 'the leftover is looked at');
    assert.deepEqual(readdirSync(join(world.here, 'drive/in/DCIM')), []);
  });

  test('a part file on a card that was away goes when the card is back', async (t) => {
    const sd = mkdtempSync(join(tmpdir(), 'replug-sd-'));
    t.after(() => rmSync(sd, { recursive: true, force: true }));
    mkdirSync(join(sd, 'Films'));
    const world = begin(t, { rate: 30_000_000, sdDirectory: sd, capacity: 64e9, sdCapacity: 32e9 });
    const source = world.local('film.mp4', 40 * MiB);
    await world.start();
    const { transfer } = await world.engine.enqueue({
      direction: 'upload',
      sources: [source],
      to: world.place('/Films', 1),
      options: { onConflict: 'skip' },
    });
    await until(() => world.engine.view(transfer).bytesConfirmed > 2 * MiB, 'it moves');
    world.phone.removeStorage(1);
    await until(() => world.engine.view(transfer).waitingFor?.kind === 'storage', 'it waits');
    await world.engine.execute('cancel', { transfer });
    const [device] = world.engine.devices;
    assert.ok(device !== undefined);
    await new Promise((later) => setTimeout(later, 300));
    assert.equal(world.store.leftovers(device.key).length, 1);
    world.phone.insertStorage(1);
    await until(swept(world), 'the leftover is looked at');
    assert.deepEqual(readdirSync(join(sd, 'Films')), []);
  });
});

for (const how of ['renamed', 'moved'] as const)
  test(`what an upload has begun in a folder that is ${how} through Replug is removed where it is by then`, async (t) => {
    const world = begin(t, { rate: 60 * MiB });
    const source = world.local('film.bin', 24 * MiB);
    mkdirSync(onPhone(world, 'before'), { recursive: true });
    mkdirSync(onPhone(world, 'other'));
    await world.start();
    const { transfer } = await world.engine.enqueue({
      direction: 'upload',
      sources: [source],
      to: world.place('/Download/before'),
    });
    await until(() => world.phone.bytesMoved > 8 * MiB, 'some of it is on the phone');
    await world.engine.execute('pause', { transfer });
    await until(() => world.engine.view(transfer).state === 'paused', 'it is paused');
    const [begun = ''] = readdirSync(onPhone(world, 'before'));
    assert.match(begun, /\.replug-/);
    const place = world.place('/Download/before');
    if (how === 'renamed') await world.engine.execute('rename', { place, name: 'after' });
    else await world.engine.execute('moveOnPhone', { sources: [place], to: world.place('/Download/other') });
    await world.engine.execute('resume', { transfer });
    assert.equal((await world.engine.settled(transfer, { waitMs: 10_000 })).state, 'done');
    assert.deepEqual(readdirSync(onPhone(world, 'before')), ['film.bin']);
    await until(swept(world), 'nothing is to be removed any more');
    assert.deepEqual(readdirSync(onPhone(world, how === 'renamed' ? 'after' : 'other/before')), []);
  });
