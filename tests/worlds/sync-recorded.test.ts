import assert from 'node:assert/strict';
import { readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { beginSync, DATE, DAY, type SyncWorld } from './sync-world.ts';

/**
 * A copy on the phone is recorded as it was published. Whoever edits it before the record is made, in the time that a
 * large run takes or after one that was killed, has a file of their own: neither a mirror nor an update destroys it.
 */

const MIB = 1024 * 1024;

/** Other bytes between the samples, of the same size and with a later date. */
function edit(file: string, at: number): Buffer {
  const bytes = readFileSync(file);
  bytes.fill('edited on the phone', Math.floor(bytes.byteLength * 0.3), Math.floor(bytes.byteLength * 0.3) + 700);
  writeFileSync(file, bytes);
  utimesSync(file, at / 1000, at / 1000);
  return bytes;
}

async function copiedAndEdited(
  world: SyncWorld,
  size: number,
  { from, to }: { readonly from: number; readonly to: number } = { from: DATE, to: DATE + 3 * DAY },
): Promise<Buffer> {
  for (const name of ['a', 'b', 'c']) world.local(`docs/${name}.bin`, size, from);
  await world.start();
  const there = join(world.phoneFolder, 'Docs/a.bin');
  const edited = new Promise<Buffer>((resolve) => {
    world.engine.onNotice((notice) => {
      if (notice.kind === 'transfer-finished') resolve(edit(there, to));
    });
  });
  const pair = world.pair('/Docs', 'docs', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
  assert.equal((await world.run(pair)).run.filesMoved, 3);
  return edited;
}

for (const size of [20_000, 300_000, 17 * MIB]) {
  test(`a copy of ${size} bytes edited before it is recorded is not deleted`, { timeout: 60_000 }, async (t) => {
    const world = beginSync(t);
    const bytes = await copiedAndEdited(world, size);
    const [pair] = world.memory.pairs();
    assert.ok(pair !== undefined);
    for (const name of ['a', 'b']) rmSync(join(world.here, `docs/${name}.bin`));
    assert.match(await world.figures(pair), /deleted 1$/);
    assert.deepEqual(await world.phoneNames('Docs'), ['a.bin', 'c.bin']);
    assert.ok(readFileSync(join(world.phoneFolder, 'Docs/a.bin')).equals(bytes));
  });

  test(`a copy of ${size} bytes edited before it is recorded is not replaced`, { timeout: 60_000 }, async (t) => {
    const world = beginSync(t);
    const bytes = await copiedAndEdited(world, size);
    const [pair] = world.memory.pairs();
    assert.ok(pair !== undefined);
    for (const name of ['a', 'b']) world.local(`docs/${name}.bin`, size + 1, DATE + 4 * DAY);
    assert.match(await world.figures(pair), /^moved 2 /);
    assert.deepEqual(await world.phoneNames('Docs'), ['a (2).bin', 'a.bin', 'b.bin', 'c.bin']);
    assert.ok(readFileSync(join(world.phoneFolder, 'Docs/a.bin')).equals(bytes));
  });
}

// a date with a fraction is sent without it; the others are those that a coarser file system could make of each other
for (const [what, from, to] of [
  ['a second later', DATE, DATE + 1_000],
  ['a second later, at an even one', DATE + 1_000, DATE + 2_000],
  ['in the next second of one with a fraction', DATE + 500, DATE + 1_000],
] as const)
  for (const size of [20_000, 300_000])
    for (const way of ['deleted', 'replaced'] as const)
      test(`a copy of ${size} bytes edited ${what} is not ${way}`, async (t) => {
        const world = beginSync(t);
        const bytes = await copiedAndEdited(world, size, { from, to });
        const [pair] = world.memory.pairs();
        assert.ok(pair !== undefined);
        for (const name of ['a', 'b'])
          if (way === 'deleted') rmSync(join(world.here, `docs/${name}.bin`));
          else world.local(`docs/${name}.bin`, size + 1, DATE + 4 * DAY);
        assert.match(await world.figures(pair), way === 'deleted' ? /deleted 1$/ : /^moved 2 /);
        assert.deepEqual(
          await world.phoneNames('Docs'),
          way === 'deleted' ? ['a.bin', 'c.bin'] : ['a (2).bin', 'a.bin', 'b.bin', 'c.bin'],
        );
        assert.ok(readFileSync(join(world.phoneFolder, 'Docs/a.bin')).equals(bytes));
      });
