import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { beginSync, DATE, DAY, type SyncWorld } from './sync-world.ts';
import { bytesFor, treeOf } from './world.ts';

/** Folder pairs to a phone that refuses names only when it is asked: its internal storage looks like one that takes them. */

const MIB = 1024 * 1024;
const FAT_NAMES = { quirks: [['fat-names', 1]] } as const;
const LIMITS = { limits: { wholeBelow: MIB } };

function notes(world: SyncWorld): void {
  world.local('notes/day: one/a.txt', 3000, DATE);
  world.local('notes/day: one/why?/b.bin', 2 * MIB, DATE);
  world.local('notes/day: one/why?/c*.txt', 100, DATE);
  world.local('notes/plain/d.txt', 100, DATE);
}
const LEGAL = [
  'day꞉ one/',
  'day꞉ one/a.txt',
  'day꞉ one/why？/',
  'day꞉ one/why？/b.bin',
  'day꞉ one/why？/c∗.txt',
  'plain/',
  'plain/d.txt',
];

test('folders that the phone refuses get legal names, and the pair knows its copies there', async (t) => {
  const world = beginSync(t, FAT_NAMES, LIMITS);
  notes(world);
  mkdirSync(join(world.phoneFolder, 'Notes'));
  await world.start();
  const pair = world.pair('/Notes', 'notes', { direction: 'to-phone', deletions: 'mirror' });
  assert.equal(await world.figures(pair), 'moved 4 same 0 skipped 0 renamed 0 deleted 0');
  assert.deepEqual(await world.phoneNames('Notes'), LEGAL);
  assert.equal(await world.figures(pair), 'moved 0 same 4 skipped 0 renamed 0 deleted 0');
  // a new file, an edited one and one that is gone, each in such a folder
  world.local('notes/day: one/new.txt', 200, DATE);
  world.local('notes/day: one/a.txt', 4000, DATE + DAY);
  rmSync(join(world.here, 'notes/day: one/why?/b.bin'));
  assert.equal(await world.figures(pair), 'moved 2 same 2 skipped 0 renamed 0 deleted 1');
  assert.deepEqual(
    await world.phoneNames('Notes'),
    [...LEGAL.filter((name) => !name.endsWith('b.bin')), 'day꞉ one/new.txt'].sort(),
  );
  assert.deepEqual(readFileSync(join(world.phoneFolder, 'Notes/day꞉ one/a.txt')), bytesFor('a.txt', 4000));
  assert.equal(await world.figures(pair), 'moved 0 same 4 skipped 0 renamed 0 deleted 0');
});

test('a source that is renamed into such a folder loses nothing', async (t) => {
  const world = beginSync(t, FAT_NAMES, LIMITS);
  notes(world);
  mkdirSync(join(world.phoneFolder, 'Notes'));
  await world.start();
  const pair = world.pair('/Notes', 'notes', { direction: 'to-phone', deletions: 'mirror' });
  await world.figures(pair);
  mkdirSync(join(world.here, 'notes/day: two'));
  renameSync(join(world.here, 'notes/plain/d.txt'), join(world.here, 'notes/day: two/d.txt'));
  for (let run = 0; run < 2; run += 1) {
    const { run: told } = await world.run(pair);
    assert.equal(told.state, 'done', JSON.stringify([told, world.log]));
    assert.equal(told.filesFailed, 0);
    const copies = Object.entries(await treeOf(join(world.phoneFolder, 'Notes'))).filter(([name]) =>
      name.endsWith('/d.txt'),
    );
    assert.equal(copies.length, 1, JSON.stringify(copies));
  }
});

test('the folder of the pair itself is a person’s to name: it fails, and nothing is made', async (t) => {
  const world = beginSync(t, FAT_NAMES, LIMITS);
  notes(world);
  await world.start();
  const pair = world.pair('/My: notes', 'notes', { direction: 'to-phone' });
  const { run } = await world.run(pair);
  assert.equal(run.filesMoved, 0, JSON.stringify(run));
  assert.equal(run.filesFailed, 4);
  assert.deepEqual(readdirSync(world.phoneFolder), []);
});

for (const fault of ['unplug@op=SendObjectInfo:2:response', 'unplug@op=SendObject:1:data'])
  test(`unplugged while the folders get their names (${fault}): all is there in the end, once`, async (t) => {
    const world = beginSync(t, FAT_NAMES, LIMITS);
    notes(world);
    mkdirSync(join(world.phoneFolder, 'Notes'));
    await world.start();
    const pair = world.pair('/Notes', 'notes', { direction: 'to-phone' });
    world.faults(fault, 'replug@ms=50');
    await world.run(pair, { waitMs: 20_000 });
    assert.deepEqual(await world.phoneNames('Notes'), LEGAL);
    assert.equal(await world.figures(pair), 'moved 0 same 4 skipped 0 renamed 0 deleted 0');
  });

test('the program ends between: the next start goes on in the folders of legal names', async (t) => {
  const world = beginSync(t, FAT_NAMES, LIMITS);
  notes(world);
  mkdirSync(join(world.phoneFolder, 'Notes'));
  await world.start();
  const pair = world.pair('/Notes', 'notes', { direction: 'to-phone' });
  world.faults('unplug@op=SendPartialObject:1');
  await world.run(pair, { waitMs: 300 });
  await world.restart();
  await world.start();
  const { run } = await world.run(pair, { waitMs: 20_000 });
  assert.equal(run.state, 'done', JSON.stringify([run, world.log]));
  assert.deepEqual(await world.phoneNames('Notes'), LEGAL);
  assert.equal(await world.figures(pair), 'moved 0 same 4 skipped 0 renamed 0 deleted 0');
});
