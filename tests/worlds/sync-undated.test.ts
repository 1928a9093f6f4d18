import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { beginSync, DATE, DAY, type SyncWorld } from './sync-world.ts';

/**
 * Where no date tells one file from another of its size, a pair destroys nothing whose every byte is not what it left
 * there. The edits here keep size, and date where there is one, and lie between the samples of a fingerprint.
 */

const NO_DATES = { quirks: [['no-dates', 1]] } as const;

/** Bytes that differ from `basis` only between the first, the middle and the last sample. */
function editOf(basis: Buffer): Buffer {
  const edit = Buffer.from(basis);
  edit.fill('edit', Math.floor(basis.byteLength * 0.3), Math.floor(basis.byteLength * 0.3) + 4_096);
  return edit;
}

function put(file: string, bytes: Buffer, modified = DATE): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  utimesSync(file, modified / 1000, modified / 1000);
}

/** Edits a file without a trace in its size and date. */
function edit(file: string): Buffer {
  const bytes = editOf(readFileSync(file));
  put(file, bytes, statSync(file).mtimeMs);
  return bytes;
}

const mirror = { deletions: 'mirror', deletionLimit: 1 } as const;

/** A mirror of five files of `size` bytes to a phone that tells no dates, as it is after its first run. */
async function copied(world: SyncWorld, size: number): ReturnType<SyncWorld['run']> {
  for (const name of ['a', 'b', 'c', 'd', 'e']) world.local(`docs/${name}.bin`, size, DATE);
  await world.start();
  const first = await world.run(world.pair('/Docs', 'docs', { direction: 'to-phone', ...mirror }));
  assert.equal(first.run.filesMoved, 5, JSON.stringify([first.run, world.log]));
  return first;
}
const pairOf = (world: SyncWorld): ReturnType<SyncWorld['pair']> => {
  const [pair] = world.memory.pairs();
  assert.ok(pair !== undefined);
  return pair;
};

for (const size of [128 * 1024, 300_000, 17 * 1024 * 1024])
  for (const when of ['before the plan', 'after the plan'] as const)
    test(`a copy of ${size} bytes edited between its samples ${when} is neither deleted nor replaced`, async (t) => {
      const world = beginSync(t, NO_DATES);
      await copied(world, size);
      for (const name of ['a', 'c']) rmSync(join(world.here, `docs/${name}.bin`));
      for (const name of ['b', 'd']) world.local(`docs/${name}.bin`, size + 1, DATE + DAY);
      const there = (name: string): string => join(world.phoneFolder, 'Docs', name);
      const edits = new Map<string, Buffer>();
      const meddle = (): void => {
        for (const name of ['a.bin', 'b.bin']) edits.set(name, edit(there(name)));
      };
      if (when === 'before the plan') meddle();
      const { run } = await world.run(pairOf(world), when === 'after the plan' ? { onPlan: meddle } : {});
      assert.deepEqual([run.filesDeleted, run.filesKept, run.filesMoved], [1, 1, 2], JSON.stringify([run, world.log]));
      assert.deepEqual(await world.phoneNames('Docs'), ['a.bin', 'b (2).bin', 'b.bin', 'd.bin', 'e.bin']);
      for (const [name, bytes] of edits) assert.ok(readFileSync(there(name)).equals(bytes), name);
      assert.equal(statSync(there('d.bin')).size, size + 1);
    });

test('a record from before all of a copy was noted is completed by its source, and then followed', async (t) => {
  const world = beginSync(t, NO_DATES);
  await copied(world, 300_000);
  const pair = pairOf(world);
  world.memory.putRows(
    pair.id,
    world.memory.rows(pair.id).map((row) => ({ ...row, sha256: undefined })),
  );
  rmSync(join(world.here, 'docs/a.bin'));
  assert.equal((await world.run(pair)).run.filesDeleted, 0, 'nothing proves it');
  for (const name of ['b', 'c']) rmSync(join(world.here, `docs/${name}.bin`));
  edit(join(world.phoneFolder, 'Docs/c.bin'));
  assert.equal((await world.run(pair)).run.filesDeleted, 1);
  assert.deepEqual(await world.phoneNames('Docs'), ['a.bin', 'c.bin', 'd.bin', 'e.bin']);
});

test('what lies at the target and differs between the samples is not taken for a copy, and stays', async (t) => {
  for (const direction of ['to-phone', 'to-computer'] as const) {
    const world = beginSync(t, NO_DATES);
    world.local('docs/same.bin', 300_000, DATE);
    const bytes = readFileSync(join(world.here, 'docs/same.bin'));
    const [here, there] = [join(world.here, 'docs'), join(world.phoneFolder, 'Docs')];
    for (const name of ['same.bin', 'other.bin']) for (const folder of [here, there]) put(join(folder, name), bytes);
    const [source, target] = direction === 'to-phone' ? [here, there] : [there, here];
    const mine = edit(join(target, 'other.bin'));
    await world.start();
    const pair = world.pair('/Docs', 'docs', { direction, ...mirror });
    const { run, preview } = await world.run(pair);
    assert.deepEqual([preview?.adopted, run.filesMoved], [1, 1], direction);
    for (const name of ['same.bin', 'other.bin']) rmSync(join(source, name));
    put(join(source, 'last.bin'), bytes.subarray(1));
    assert.equal((await world.run(pair)).run.filesDeleted, 1, direction);
    assert.ok(readFileSync(join(target, 'same.bin')).equals(bytes), 'it was there before the pair');
    assert.ok(readFileSync(join(target, 'other.bin')).equals(mine), direction);
  }
});

test('what an earlier version adopted with another date is deleted only if all of it is what its source was', async (t) => {
  for (const direction of ['to-phone', 'to-computer'] as const) {
    const world = beginSync(t);
    world.local('docs/same.bin', 300_000, DATE);
    const bytes = readFileSync(join(world.here, 'docs/same.bin'));
    const [here, there] = [join(world.here, 'docs'), join(world.phoneFolder, 'Docs')];
    const [source, target] = direction === 'to-phone' ? [here, there] : [there, here];
    for (const name of ['same.bin', 'other.bin']) {
      put(join(source, name), bytes);
      put(join(target, name), bytes, DATE + DAY);
    }
    await world.start();
    const pair = world.pair('/Docs', 'docs', { direction, ...mirror });
    assert.equal((await world.run(pair)).preview?.adopted, 2, direction);
    world.memory.putRows(
      pair.id,
      world.memory.rows(pair.id).map((row) => ({ ...row, adopted: false })),
    );
    const mine = edit(join(target, 'other.bin'));
    for (const name of ['same.bin', 'other.bin']) rmSync(join(source, name));
    put(join(source, 'last.bin'), bytes.subarray(1));
    const { run } = await world.run(pair);
    assert.equal(run.filesDeleted, 1, JSON.stringify([direction, run, world.log]));
    assert.ok(readFileSync(join(target, 'other.bin')).equals(mine), direction);
  }
});

test('a new file without a date that differs between the samples from one that went is copied', async (t) => {
  const world = beginSync(t, NO_DATES);
  world.onPhone('Docs/a.bin', 300_000, DATE);
  world.onPhone('Docs/b.bin', 300_001, DATE);
  await world.start();
  const pair = world.pair('/Docs', 'docs');
  await world.run(pair);
  const there = (name: string): string => join(world.phoneFolder, 'Docs', name);
  const other = editOf(readFileSync(there('a.bin')));
  put(there('other.bin'), other);
  put(there('moved.bin'), readFileSync(there('b.bin')));
  for (const name of ['a.bin', 'b.bin']) rmSync(there(name));
  assert.equal(await world.figures(pair), 'moved 1 same 0 skipped 0 renamed 1 deleted 0');
  assert.ok(readFileSync(join(world.here, 'docs/other.bin')).equals(other));
  assert.deepEqual(await world.names('docs'), ['a.bin', 'moved.bin', 'other.bin']);
});
