import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { nodeDisk, type Disk } from '../../electron/engine/index.ts';
import type { CopyId, CopyView } from '../../shared/opening.ts';
import { begin, edited, write } from './opened-world.ts';
import { writeFile, type World } from './world.ts';

/** What is believed of copies that programs edit: which file of the phone they may replace, and whether there are edits at all. */

const MIB = 1024 * 1024;
const WHEN = Date.UTC(2024, 1, 2);

async function save(world: World, copy: CopyId): Promise<string> {
  await world.engine.opening.edited.look();
  const { transfer } = await world.engine.execute('saveBack', { copy });
  return new Promise((resolve) => {
    const stop = world.engine.watch('transfers', undefined, ({ transfers }) => {
      const view = transfers.find(({ id }) => id === transfer);
      const [asked] = view?.questions ?? [];
      if (asked?.question !== undefined) resolve(asked.question.kind);
      else if (view?.state === 'done') resolve('done');
      else return;
      setImmediate(() => stop());
    });
  });
}
const viewOf = (world: World, copy: CopyId): CopyView | undefined =>
  world.engine.opening.snapshot().copies.find(({ id }) => id === copy);

for (const size of [3_000, 300_000, 17 * MIB])
  test(`saved back, then edited on the phone: another save asks (${size} bytes)`, { timeout: 60_000 }, async (t) => {
    const world = begin(t);
    const there = world.onPhone('a.bin', size, WHEN);
    await world.start();
    const { copy, path } = await edited(world, '/a.bin');
    write(path, Buffer.alloc(size, 'first edit'));
    assert.equal(await save(world, copy), 'done');
    // before anybody has looked whether the phone has it: the same size, other bytes between its samples
    const other = readFileSync(there);
    other.fill('edited on the phone', Math.floor(size * 0.3), Math.floor(size * 0.3) + 500);
    write(there, other);
    await world.engine.execute('refresh', { place: world.place('/') });
    await world.engine.opening.edited.look();
    write(path, Buffer.alloc(size, 'second edit'));
    assert.equal(await save(world, copy), 'conflict');
    assert.ok(readFileSync(there).equals(other));
  });

test('a phone without dates: an edit between the samples of the file is no file to be replaced', async (t) => {
  const world = begin(t, { quirks: [['no-dates', 1]] });
  const there = world.onPhone('a.bin', 300_000, WHEN);
  await world.start();
  const { copy, path } = await edited(world, '/a.bin');
  const other = readFileSync(there);
  other.fill('edited on the phone', 90_000, 90_500);
  write(there, other);
  write(path, Buffer.alloc(300_000, 'edited here'));
  assert.equal(await save(world, copy), 'conflict');
  assert.ok(readFileSync(there).equals(other));
});

test('saved back, and nobody touched it: another save replaces it, large files too', { timeout: 60_000 }, async (t) => {
  const world = begin(t);
  for (const size of [3_000, 17 * MIB]) {
    const there = world.onPhone(`${size}.bin`, size, WHEN);
    if (size === 3_000) await world.start();
    else await world.engine.execute('refresh', { place: world.place('/') });
    const { copy, path } = await edited(world, `/${size}.bin`);
    for (const text of ['first edit', 'second edit']) {
      write(path, Buffer.alloc(size, text));
      assert.equal(await save(world, copy), 'done', text);
      await world.engine.opening.edited.look();
      assert.ok(readFileSync(there).equals(Buffer.alloc(size, text)));
    }
  }
});

test('an edit is still shown after a start at which its record could not be read', async (t) => {
  let isBroken = false;
  const disk: Disk = {
    ...nodeDisk,
    open: (at, ...how) =>
      isBroken && at.includes('record.replug-')
        ? Promise.reject(Object.assign(new Error('EMFILE'), { code: 'EMFILE' }))
        : nodeDisk.open(at, ...how),
  };
  const world = begin(t, {}, { disk });
  world.onPhone('a.txt', 2_000, WHEN);
  await world.start();
  const { copy, path } = await edited(world, '/a.txt');
  writeFileSync(path, 'mine');
  isBroken = true;
  await world.restart();
  await world.start();
  isBroken = false;
  await world.restart();
  await world.start();
  await world.engine.opening.edited.look();
  assert.equal(viewOf(world, copy)?.changed, true);
});

test('a record of a newer version stays where it is, with its copy', async (t) => {
  const world = begin(t);
  world.onPhone('a.txt', 2_000, WHEN);
  await world.start();
  const { copy, path } = await edited(world, '/a.txt');
  writeFileSync(path, 'mine');
  const record = join(dirname(path), readdirSync(dirname(path)).find((name) => name.startsWith('record')) ?? '');
  const known = readFileSync(record, 'utf8');
  writeFileSync(record, known.replace('"form":1', '"form":2'));
  await world.restart();
  await world.start();
  assert.equal(viewOf(world, copy), undefined);
  assert.equal(existsSync(record), true);
  assert.equal(readFileSync(path, 'utf8'), 'mine');
});

test('a program that was saving when Replug started: the edit is shown at the next start', async (t) => {
  const world = begin(t);
  world.onPhone('a.txt', 2_000, WHEN);
  await world.start();
  const { copy, path } = await edited(world, '/a.txt');
  renameSync(path, `${path}~`);
  await world.restart();
  await world.start();
  writeFileSync(path, 'mine');
  await world.restart();
  await world.start();
  await world.engine.opening.edited.look();
  assert.equal(viewOf(world, copy)?.changed, true);
});

test('a copy whose file the person deleted leaves nothing', async (t) => {
  const world = begin(t);
  world.onPhone('a.txt', 2_000, WHEN);
  await world.start();
  const { path } = await edited(world, '/a.txt');
  rmSync(path);
  await world.restart();
  await world.start();
  assert.equal(existsSync(dirname(path)), false);
});

test('edits are not given up while they are being saved', { timeout: 60_000 }, async (t) => {
  const world = begin(t);
  world.onPhone('a.txt', 2_000, WHEN);
  await world.start();
  const { copy, path } = await edited(world, '/a.txt');
  writeFile(path, 2_345, WHEN + 60_000);
  await world.engine.opening.edited.look();
  void world.phone.unplug();
  const { transfer } = await world.engine.execute('saveBack', { copy });
  assert.deepEqual(await world.engine.execute('discardCopy', { copy }), { discarded: false });
  assert.ok(existsSync(path));
  world.phone.plug();
  assert.equal((await world.engine.settled(transfer, { waitMs: 10_000 })).state, 'done');
});

test('killed between the save and the note of it: what the phone has by then is no conflict', async (t) => {
  const world = begin(t);
  const there = world.onPhone('a.txt', 2_000, WHEN);
  await world.start();
  const { copy, path } = await edited(world, '/a.txt');
  const folder = dirname(path);
  const [record = ''] = readdirSync(folder).filter((name) => name.startsWith('record'));
  const before = readFileSync(join(folder, record));
  write(path, Buffer.from('first edit'));
  assert.equal(await save(world, copy), 'done');
  writeFileSync(join(folder, 'record.replug-9'), before);
  await world.restart();
  await world.start();
  world.engine.opening.edited.close();
  await world.engine.opening.edited.look();
  assert.equal(viewOf(world, copy)?.changed, false);
  write(path, Buffer.from('second edit'));
  assert.equal(await save(world, copy), 'done');
  assert.equal(readFileSync(there, 'utf8'), 'second edit');
});

test(
  'without dates: a file that was written to while the phone was away is no half of two',
  { timeout: 60_000 },
  async (t) => {
    const world = begin(t, { quirks: [['no-dates', 1]] });
    const there = world.onPhone('a.bin', 12 * MIB, WHEN);
    await world.start();
    world.faults('unplug@op=GetPartialObject64:6');
    const fetched = world.engine.execute('fetchCopy', { place: world.place('/a.bin'), edit: false });
    await new Promise<void>((resolve) => {
      const stop = world.engine.watch('copies', undefined, ({ copies }) => {
        if (copies[0]?.state !== 'away') return;
        resolve();
        setImmediate(() => stop());
      });
    });
    // in what was fetched by then, where no sample looks
    const other = readFileSync(there);
    other.fill('edited on the phone', 200_000, 200_500);
    write(there, other);
    void world.phone.plug();
    const { copy } = await fetched;
    assert.ok(readFileSync(world.engine.opening.openable(copy).path).equals(other));
  },
);

test('a file that is edited while its copy is compared: what was fetched first goes', async (t) => {
  const world = begin(t);
  const there = world.onPhone('a.bin', 3 * MIB, WHEN);
  await world.start();
  world.phone.behave('rewrite@op=GetPartialObject64:4:before');
  const { path } = await edited(world, '/a.bin');
  assert.deepEqual(readFileSync(path), readFileSync(there));
  assert.deepEqual(readdirSync(dirname(path)).sort(), ['a.bin', 'record.replug-1']);
});

test('a copy is on the disk before it gets its name, so that a power cut leaves no edit that nobody made', async (t) => {
  const calls: string[] = [];
  const disk: Disk = {
    ...nodeDisk,
    open: async (at, ...how) => {
      const file = await nodeDisk.open(at, ...how);
      const named =
        <Given extends unknown[], T>(call: string, work: (...given: Given) => T) =>
        (...given: Given): T => {
          calls.push(`${call} ${basename(at)}`);
          return work(...given);
        };
      return Object.assign(Object.create(file) as typeof file, {
        writev: named('write', file.writev.bind(file)),
        datasync: named('datasync', file.datasync.bind(file)),
      });
    },
  };
  const world = begin(t, {}, { disk });
  world.onPhone('a.bin', 3 * MIB, WHEN);
  await world.start();
  await edited(world, '/a.bin');
  const part = 'a.bin.1.replug-part';
  assert.ok(calls.includes(`write ${part}`));
  assert.ok(calls.lastIndexOf(`write ${part}`) < calls.indexOf(`datasync ${part}`));
  assert.ok(calls.lastIndexOf(`datasync ${part}`) < calls.indexOf('write record.replug-1'));
});
