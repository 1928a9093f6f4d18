import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { localPath, type TransferId } from '../../shared/domain.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { begin, treeOf, writeFile, type World } from './world.ts';

/** One copy that differs from its source puts all copies of its transfer in doubt, also those that were done before. */

const FILES = 60;
/** So many have been sent when something happens. */
const SENT = 50;

/** Other content, with size and date as they were: what a failing card does to a file, and no look at its size shows. */
function corrupt(path: string, byte = 0xee): void {
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  bytes.fill(byte);
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

/**
 * Moves a folder of small files. `act` comes when `after` of them have been sent, at the next transaction, whichever it
 * is: the size of the last of those, whose path it is given, has not been asked for by then.
 */
async function whileMoving(
  t: TestContext,
  direction: 'upload' | 'download',
  after: number,
  act: (world: World, last: string) => void,
): Promise<{ readonly world: World; readonly id: TransferId }> {
  const world = begin(t);
  for (let number = 0; number < FILES; number += 1)
    if (direction === 'upload') world.local(`set/${number}.jpg`, 4_000 + number, 1_500_000_000_000);
    else world.onPhone(`set/${number}.jpg`, 4_000 + number, 1_500_000_000_000);
  await world.start();
  const folder = join(world.phoneFolder, 'Download/set');
  const names = (): readonly string[] => (existsSync(folder) ? readdirSync(folder) : []);
  let sent = 0;
  let there = new Set<string>();
  let isNext = false;
  world.phone.onOperation((operation) => {
    if (isNext) {
      const come = names().filter((name) => !there.has(name));
      assert.equal(come.length, 1, come.join());
      act(world, join(folder, come[0] ?? ''));
    }
    if (operation === Operation.SendObjectInfo && sent === after - 1) there = new Set(names());
    if (operation === Operation.SendObject) sent += 1;
    isNext = operation === Operation.SendObject && sent === after;
  });
  const { transfer: id } = await world.engine.enqueue(
    direction === 'upload'
      ? {
          direction,
          sources: [localPath(join(world.here, 'set'))],
          to: world.place('/Download'),
          options: { onConflict: 'skip', verify: 'sampled' },
        }
      : {
          direction,
          sources: [world.place('/set')],
          to: localPath(join(world.here, 'got')),
          options: { onConflict: 'skip', verify: 'sampled' },
        },
  );
  return { world, id };
}

const rows = (world: World, id: TransferId) =>
  world.store.items(id, { offset: 0, limit: 1000 }).items.filter(({ kind }) => kind === 'file');

test('upload: a copy that was done goes bad unseen; when another is found different, it is found too and sent again', async (t) => {
  const { world, id } = await whileMoving(t, 'upload', SENT, (here, last) => {
    const folder = join(here.phoneFolder, 'Download/set');
    // of the first block, of which one was read back besides the first
    for (const number of [1, 2, 3]) corrupt(join(folder, `${number}.jpg`));
    truncateSync(last, 100);
  });
  const end = await world.engine.settled(id, { waitMs: 60_000 });
  assert.equal(end.state, 'done', JSON.stringify([end.problem, world.log]));
  assert.ok(world.store.transfer(id)?.doubted);
  assert.deepEqual(end.counts.verified, { size: 0, sampled: FILES, full: 0 });
  // those that were read back before they went bad are not looked at again; at least one of the three was not
  const bad = rows(world, id).filter((row) => {
    const name = row.name.split('/').at(-1) ?? '';
    const copy = readFileSync(join(world.phoneFolder, 'Download/set', name));
    return !copy.equals(readFileSync(join(world.here, 'set', name)));
  });
  assert.ok(bad.length <= 2, bad.map(({ name }) => name).join());
});

test('upload: a copy that is read back and found too short puts all in doubt, like any other difference', async (t) => {
  // the first is always read back
  const { world, id } = await whileMoving(t, 'upload', 1, (_, last) => {
    truncateSync(last, 100);
  });
  const end = await world.engine.settled(id, { waitMs: 60_000 });
  assert.equal(end.state, 'done', JSON.stringify([end.problem, world.log]));
  assert.ok(world.store.transfer(id)?.doubted);
  assert.deepEqual(end.counts.verified, { size: 0, sampled: FILES, full: 0 });
  assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download/set')), await treeOf(join(world.here, 'set')));
});

test('upload: so does a larger one that goes whole', async (t) => {
  const world = begin(t);
  world.local('set/film.mp4', 3 * 1024 * 1024, 1_500_000_000_000);
  for (let number = 0; number < 4; number += 1) world.local(`set/${number}.jpg`, 4_000 + number, 1_500_000_000_000);
  await world.start();
  const film = join(world.phoneFolder, 'Download/set/film.mp4');
  let isCut = false;
  world.phone.onOperation((operation) => {
    if (isCut || operation === Operation.SendObject || !existsSync(film) || statSync(film).size < 3_000_000) return;
    isCut = true;
    truncateSync(film, 100);
  });
  const { transfer: id } = await world.engine.enqueue({
    direction: 'upload',
    sources: [localPath(join(world.here, 'set'))],
    to: world.place('/Download'),
    options: { onConflict: 'skip', verify: 'sampled' },
  });
  const end = await world.engine.settled(id, { waitMs: 60_000 });
  assert.ok(isCut);
  assert.equal(end.state, 'done', JSON.stringify([end.problem, world.log]));
  assert.ok(world.store.transfer(id)?.doubted);
  assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download/set')), await treeOf(join(world.here, 'set')));
});

test('download: files that were done before another is found different are read a second time', async (t) => {
  const { world, id } = await whileMoving(t, 'download', SENT, () => undefined);
  let before = 0;
  const photos = Array.from({ length: FILES }, (_, number) => join(world.phoneFolder, `set/${number}.jpg`));
  const contents = photos.map((path) => readFileSync(path));
  const { mtime } = statSync(photos[0] ?? '');
  let isSpoilt = false;
  // half of it is done; from then on no two readings of a file agree, until that has come to light. Between readings the
  // files are as they were: one that was read back before must not differ from its copy because of this
  world.phone.onOperation(async (operation, reads) => {
    // ends are stored together within a tenth of a second: half of them before the other half is read
    if (operation === Operation.GetObject) await new Promise((resolve) => setTimeout(resolve, 10));
    if (isSpoilt)
      for (const [at, path] of photos.entries()) {
        writeFileSync(path, contents[at] ?? '');
        utimesSync(path, mtime, mtime);
      }
    isSpoilt = false;
    if (operation !== Operation.GetObject || world.store.transfer(id)?.doubted === true) return;
    const { moved, verified } = world.engine.view(id).counts;
    if (moved.files < FILES / 2) return;
    before = verified?.size ?? 0;
    for (const path of photos) corrupt(path, reads % 256);
    isSpoilt = true;
  });
  const end = await world.engine.settled(id, { waitMs: 60_000 });
  assert.equal(end.state, 'done', JSON.stringify([end.problem, world.log]));
  assert.ok(world.store.transfer(id)?.doubted);
  assert.ok(before > 0, `some were compared by their size alone; ${before}`);
  assert.equal(end.counts.verified?.size, 0);
  assert.equal(end.counts.verified.sampled + end.counts.verified.full, FILES);
  assert.deepEqual(await treeOf(join(world.here, 'got/set')), await treeOf(join(world.phoneFolder, 'set')));
});

test('a copy that somebody has changed since is theirs, and stays', async (t) => {
  const { world, id } = await whileMoving(t, 'upload', SENT, (here, last) => {
    const folder = join(here.phoneFolder, 'Download/set');
    for (let number = 1; number < 16; number += 1)
      writeFile(join(folder, `${number}.jpg`), 4_000 + number, 1_600_000_000_000 + number);
    for (let number = 1; number < 16; number += 1) writeFileSync(join(folder, `${number}.jpg`), `mine ${number}`);
    truncateSync(last, 100);
  });
  await world.engine.settled(id, { waitMs: 60_000 });
  for (let number = 1; number < 16; number += 1)
    assert.equal(readFileSync(join(world.phoneFolder, 'Download/set', `${number}.jpg`), 'utf8'), `mine ${number}`);
});

test('a program that ends in the middle of it goes on with it', async (t) => {
  const { world, id } = await whileMoving(t, 'upload', SENT, (_, last) => {
    truncateSync(last, 100);
  });
  let reads = 0;
  await new Promise<void>((resolve) => {
    world.phone.onOperation((operation) => {
      if (operation !== Operation.GetPartialObject64 || world.store.transfer(id)?.doubted !== true) return;
      reads += 1;
      if (reads === 5) resolve();
    });
  });
  await world.restart();
  assert.ok((world.store.counts(id).verified.size ?? 0) < FILES);
  await world.start();
  const end = await world.engine.settled(id, { waitMs: 60_000 });
  assert.equal(end.state, 'done', JSON.stringify([end.problem, world.log]));
  assert.deepEqual(end.counts.verified, { size: 0, sampled: FILES, full: 0 });
  assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download/set')), await treeOf(join(world.here, 'set')));
});
