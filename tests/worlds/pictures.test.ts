import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { PictureCache } from '../../electron/engine/pictures/cache.ts';
import { embeddedIn } from '../../electron/engine/pictures/embedded.ts';
import { nodeDisk } from '../../electron/engine/local/node-disk.ts';
import { exif, jpeg, png, tiffOf } from '../support/sample-pictures.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import type { VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { localPath, type TransferId } from '../../shared/domain.ts';
import { World } from './world.ts';

/** Thumbnails and previews of a phone's files, and their cache on this computer. */

const MIB = 1024 * 1024;
const WHEN = Date.UTC(2026, 4, 14);
const SMALL = jpeg(160, 120);

function begin(t: TestContext, phone: Partial<VirtualPhoneOptions> = {}): World & { readonly kept: string } {
  const kept = mkdtempSync(join(tmpdir(), 'replug-pictures-'));
  const world = new World(phone, { pictureFolder: kept });
  t.after(async () => {
    await world.end();
    rmSync(kept, { recursive: true, force: true });
  });
  return Object.assign(world, { kept });
}

function put(world: World, name: string, bytes: Uint8Array, modified = WHEN): void {
  const file = join(world.phoneFolder, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  utimesSync(file, modified / 1000, modified / 1000);
}

const shown = async (
  world: World,
  name: string,
  how: 'thumbnail' | 'preview' = 'thumbnail',
): Promise<Buffer | undefined> => {
  const { url } = await world.engine.execute(how, { place: world.place(name) });
  return url === undefined ? undefined : Buffer.from(url.split(',')[1] ?? '', 'base64');
};
const reads = (world: World): number =>
  world.phone.timesSeen(Operation.GetPartialObject64) + world.phone.timesSeen(Operation.GetPartialObject);
const asked = (world: World): number => reads(world) + world.phone.timesSeen(Operation.GetThumb);

/** A file larger than the beginning that is read, like a camera's. */
const photograph = (size: number, ...segments: readonly Buffer[]): Buffer =>
  Buffer.concat([jpeg(4000, 3000, { segments }), Buffer.alloc(size, 7)]);

test('the phone’s own thumbnail is enough, but for how it is to be turned', async (t) => {
  const world = begin(t);
  put(world, 'DCIM/a.jpg', photograph(MIB, exif({ thumbnail: SMALL })));
  put(world, 'DCIM/b.jpg', photograph(MIB, exif({ thumbnail: SMALL, orientation: 6 })));
  await world.start();
  assert.deepEqual(await shown(world, '/DCIM/a.jpg'), SMALL);
  assert.equal(reads(world), 1, 'one small read');
  const before = world.phone.bytesMoved;
  const turned = await shown(world, '/DCIM/b.jpg');
  assert.ok(world.phone.bytesMoved - before < 70_000);
  assert.ok(turned !== undefined);
  assert.equal(embeddedIn(turned, turned.length).orientation, 6);
  assert.deepEqual(turned.subarray(-SMALL.length + 2), SMALL.subarray(2));
});

test('without one, the embedded thumbnail is read from the file’s beginning, and rotated', async (t) => {
  const world = begin(t);
  // a fill byte before the block is legal; this phone's reader stumbles over it
  const block = exif({ thumbnail: SMALL, orientation: 6 });
  const plain = photograph(3 * MIB, block);
  put(world, 'DCIM/a.jpg', Buffer.concat([plain.subarray(0, 2), Buffer.of(0xff), plain.subarray(2)]));
  const raw = tiffOf({
    directories: [
      [
        { tag: 0x0201, type: 4, count: 1, value: 200_000 },
        { tag: 0x0202, type: 4, count: 1, value: SMALL.length },
      ],
    ],
  });
  put(world, 'DCIM/b.dng', Buffer.concat([raw, Buffer.alloc(200_000 - raw.length), SMALL, Buffer.alloc(MIB)]));
  await world.start();
  const turned = await shown(world, '/DCIM/a.jpg');
  assert.ok(turned !== undefined);
  assert.equal(embeddedIn(turned, turned.length).orientation, 6);
  assert.deepEqual(turned.subarray(-SMALL.length + 2), SMALL.subarray(2));
  assert.equal(reads(world), 1, 'one bounded read');
  assert.deepEqual(await shown(world, '/DCIM/b.dng'), SMALL);
  assert.equal(reads(world), 3, 'its directory, then the picture');
});

test('a file that is no picture has none, and a type that cannot have one is not read', async (t) => {
  const world = begin(t);
  put(world, 'DCIM/a.jpg', photograph(MIB));
  put(world, 'DCIM/b.heic', Buffer.alloc(5000, 1));
  put(world, 'DCIM/c.mp4', Buffer.alloc(5000, 1));
  put(world, 'DCIM/d.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'));
  put(world, 'DCIM/e.jpg', photograph(MIB, exif({ thumbnail: Buffer.from('<html><script>') })));
  put(world, 'DCIM/f.jpg', Buffer.alloc(0));
  put(world, 'DCIM/g.png', png(20, 20));
  await world.start();
  for (const name of ['a.jpg', 'd.png', 'e.jpg', 'f.jpg'])
    assert.equal(await shown(world, `/DCIM/${name}`), undefined, name);
  const before = reads(world);
  for (const name of ['b.heic', 'c.mp4', 'f.jpg'])
    assert.equal(await shown(world, `/DCIM/${name}`, 'preview'), undefined);
  assert.equal(reads(world), before);
  assert.deepEqual(await shown(world, '/DCIM/g.png'), png(20, 20), 'a small picture is its own thumbnail');
  await assert.rejects(world.engine.execute('thumbnail', { place: world.place('/DCIM/none.jpg') }), {
    kind: 'missing',
  });
});

test('a preview is the whole picture up to 8 MiB, else what is embedded', async (t) => {
  const world = begin(t);
  const whole = photograph(2 * MIB, exif({ thumbnail: SMALL }));
  put(world, 'DCIM/a.jpg', whole);
  put(world, 'DCIM/b.jpg', photograph(9 * MIB, exif({ thumbnail: SMALL })));
  put(world, 'DCIM/c.mp4', Buffer.alloc(100, 1));
  await world.start();
  assert.deepEqual(await shown(world, '/DCIM/a.jpg', 'preview'), whole);
  const before = world.phone.bytesMoved;
  assert.deepEqual(await shown(world, '/DCIM/b.jpg', 'preview'), SMALL);
  assert.ok(world.phone.bytesMoved - before < 300_000, 'no more than the beginning was read');
  assert.equal(await shown(world, '/DCIM/c.mp4', 'preview'), undefined);
});

test('a newer preview cancels the previous one', async (t) => {
  const world = begin(t, { rate: 20_000_000 });
  put(world, 'DCIM/a.jpg', photograph(6 * MIB));
  put(world, 'DCIM/b.jpg', photograph(MIB));
  await world.start();
  const first = world.engine.execute('preview', { place: world.place('/DCIM/a.jpg') });
  const failed = assert.rejects(first, { kind: 'cancelled' });
  const second = await shown(world, '/DCIM/b.jpg', 'preview');
  await failed;
  assert.equal(second?.length, photograph(MIB).length);
  assert.ok(world.phone.bytesMoved < 5 * MIB, 'the first was not read to its end');
});

/** A long upload that has begun to move. */
async function underWay(world: World): Promise<TransferId> {
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [world.local('big.bin', 60 * MIB)],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  });
  while (world.engine.view(transfer).bytesConfirmed < MIB) await new Promise((later) => setTimeout(later, 5));
  return transfer;
}

test('during a transfer a preview shows the embedded picture; afterwards the whole one', async (t) => {
  const world = begin(t, { rate: 40_000_000 });
  const whole = photograph(2 * MIB, exif({ thumbnail: SMALL }));
  put(world, 'DCIM/a.jpg', whole);
  await world.start();
  const transfer = await underWay(world);
  assert.deepEqual(await shown(world, '/DCIM/a.jpg', 'preview'), SMALL);
  assert.equal(world.engine.view(transfer).state, 'running');
  await world.engine.execute('cancel', { transfer });
  await world.engine.settled(transfer, { waitMs: 5_000 });
  assert.deepEqual(await shown(world, '/DCIM/a.jpg', 'preview'), whole);
});

test('during a transfer a thumbnail takes one small read, and is turned as it is otherwise', async (t) => {
  const world = begin(t, { rate: 40_000_000 });
  put(world, 'DCIM/a.jpg', photograph(MIB, exif({ thumbnail: SMALL, orientation: 6 })));
  await world.start();
  const transfer = await underWay(world);
  const before = [reads(world), world.phone.timesSeen(Operation.GetThumb)] as const;
  const turned = await shown(world, '/DCIM/a.jpg');
  assert.equal(world.engine.view(transfer).state, 'running');
  assert.deepEqual([reads(world), world.phone.timesSeen(Operation.GetThumb)], [before[0] + 1, before[1]]);
  await world.engine.execute('cancel', { transfer });
  await world.engine.settled(transfer, { waitMs: 5_000 });
  await world.engine.execute('clearPictures', undefined);
  assert.ok(turned !== undefined);
  assert.equal(embeddedIn(turned, turned.length).orientation, 6);
  assert.deepEqual(await shown(world, '/DCIM/a.jpg'), turned);
});

test('a listing takes precedence over a preview being read', async (t) => {
  const world = begin(t, { rate: 10_000_000 });
  put(world, 'DCIM/a.jpg', photograph(6 * MIB));
  for (let index = 0; index < 50; index += 1) put(world, `Music/${index}.mp3`, Buffer.of(1));
  await world.start();
  const ended: string[] = [];
  const preview = shown(world, '/DCIM/a.jpg', 'preview').then(() => ended.push('preview'));
  while (reads(world) < 2) await new Promise((later) => setTimeout(later, 1));
  const { kind, entries } = await world.engine.entries(world.place('/Music'));
  ended.push('listing');
  assert.deepEqual([kind, entries.length], ['folder', 50]);
  await preview;
  assert.deepEqual(ended, ['listing', 'preview']);
});

test('cached across restarts; read again if the file changed or the cached picture is damaged', async (t) => {
  const world = begin(t);
  const folder = world.kept;
  const original = photograph(MIB, exif({ thumbnail: SMALL }));
  put(world, 'DCIM/a.jpg', original);
  await world.start();
  assert.deepEqual(await shown(world, '/DCIM/a.jpg'), SMALL);
  const { bytes } = await world.engine.execute('keptPictures', undefined);
  assert.ok(bytes > SMALL.length && bytes < SMALL.length + 100);

  await world.restart();
  await world.start();
  assert.deepEqual(await shown(world, '/DCIM/a.jpg'), SMALL);
  assert.equal(asked(world), 0, 'from this computer');

  const [name = ''] = readdirSync(folder);
  const content = readFileSync(join(folder, name));
  content[content.length - 5] = (content.at(-5) ?? 0) ^ 1;
  writeFileSync(join(folder, name), content);
  await world.restart();
  await world.start();
  assert.deepEqual(await shown(world, '/DCIM/a.jpg'), SMALL);
  assert.equal(world.phone.timesSeen(Operation.GetThumb), 1, 'the damaged one was not shown');

  const other = jpeg(99, 88);
  put(world, 'DCIM/a.jpg', photograph(MIB, exif({ thumbnail: other })), WHEN + 60_000);
  await world.engine.execute('refresh', { place: world.place('/DCIM') });
  await world.restart();
  await world.start();
  assert.deepEqual(await shown(world, '/DCIM/a.jpg'), other);

  await world.engine.execute('clearPictures', undefined);
  assert.deepEqual(readdirSync(folder), []);
  assert.deepEqual(await world.engine.execute('keptPictures', undefined), { bytes: 0 });
});

test('an unplug while pictures are read gives an error; the next connection reads them', async (t) => {
  const world = begin(t);
  for (const name of ['a', 'b', 'c']) put(world, `DCIM/${name}.jpg`, photograph(MIB, exif({ thumbnail: SMALL })));
  world.faults('unplug@op=GetThumb:2');
  await world.start();
  const answers = await Promise.allSettled(
    ['a', 'b', 'c'].map((name) => world.engine.execute('thumbnail', { place: world.place(`/DCIM/${name}.jpg`) })),
  );
  assert.deepEqual(
    answers.map((answer) => (answer.status === 'fulfilled' ? 'there' : (answer.reason as { kind: string }).kind)),
    ['there', 'disconnected', 'disconnected'],
  );
  world.phone.plug();
  await world.engine.waitForDevice(undefined, 5_000);
  assert.deepEqual(await shown(world, '/DCIM/c.jpg'), SMALL);
});

test('the local file of a conflict has a picture too, available by its item only', async (t) => {
  const world = begin(t);
  put(world, 'Download/a.jpg', photograph(MIB));
  await world.start();
  const source = join(world.here, 'a.jpg');
  writeFileSync(source, photograph(MIB, exif({ thumbnail: SMALL, orientation: 3 })));
  const { transfer: asking } = await world.engine.enqueue({
    direction: 'upload',
    sources: [localPath(source)],
    to: world.place('/Download'),
    options: { onConflict: 'ask' },
  });
  const limit = AbortSignal.timeout(10_000);
  while (world.engine.view(asking).questions.length === 0) {
    limit.throwIfAborted();
    await new Promise((later) => setTimeout(later, 5));
  }
  const view = world.engine.view(asking);
  const [item] = view.questions;
  assert.ok(item !== undefined);
  const pictured = async (transfer: TransferId): Promise<Buffer | undefined> => {
    const { url } = await world.engine.execute('localPicture', { transfer, item: item.id });
    return url === undefined ? undefined : Buffer.from(url.split(',')[1] ?? '', 'base64');
  };
  const small = await pictured(view.id);
  assert.ok(small !== undefined);
  assert.equal(embeddedIn(small, small.length).orientation, 3);
  assert.equal(await pictured('another' as TransferId), undefined);
  const whole = jpeg(300, 200);
  writeFileSync(source, whole);
  assert.deepEqual(await pictured(view.id), whole, 'without a thumbnail the picture itself');
  writeFileSync(source, 'root:x:0:0');
  assert.equal(await pictured(view.id), undefined, 'nothing but pictures');
  rmSync(source);
  assert.equal(await pictured(view.id), undefined);
  await world.engine.execute('cancel', { transfer: view.id });
});

test('the cache evicts the least recently used, and deletes only its own files', async (t) => {
  const world = begin(t);
  const folder = join(world.folder, 'kept');
  let now = WHEN;
  const picture = { mime: 'image/jpeg', bytes: new Uint8Array(1000).fill(1) };
  const open = (): PictureCache => new PictureCache({ disk: nodeDisk, folder, limit: 3_200, now: () => now });
  const cache = open();
  for (const key of ['one', 'two', 'three']) {
    await cache.put(key, picture);
    now += 100_000;
  }
  writeFileSync(join(folder, 'notes.txt'), 'not ours');
  writeFileSync(join(folder, `${'0'.repeat(64)}.aaaaaaaaaaaa.part`), 'cut short');
  assert.deepEqual(await cache.get('one'), { mime: 'image/jpeg', bytes: Buffer.from(picture.bytes) });
  now += 100_000;

  const later = open();
  await later.put('four', picture);
  assert.ok((await later.size()) <= 3_200);
  const there = await Promise.all(
    ['one', 'two', 'three', 'four'].map(async (key) => (await later.get(key)) !== undefined),
  );
  assert.deepEqual(there, [true, false, true, true], '“two” was not used the longest');
  assert.equal(readdirSync(folder).filter((name) => name.endsWith('.part')).length, 0);

  await later.clear();
  assert.deepEqual(readdirSync(folder), ['notes.txt']);
  await later.put('large', { mime: 'image/jpeg', bytes: new Uint8Array(2 * MIB) });
  await later.put('strange', { mime: 'text/html', bytes: new Uint8Array(10) });
  assert.equal(await later.size(), 0);
  if (process.platform !== 'win32') assert.equal(statSync(folder).mode & 0o077, 0, 'for nobody else’s eyes');
});

test('an unusable cache folder is not an error', async (t) => {
  const world = begin(t);
  writeFileSync(join(world.folder, 'file'), '');
  const cache = new PictureCache({ disk: nodeDisk, folder: join(world.folder, 'file', 'below') });
  await cache.put('one', { mime: 'image/png', bytes: png(1, 1) });
  assert.equal(await cache.get('one'), undefined);
  assert.equal(await cache.size(), 0);
  await cache.clear();
});
