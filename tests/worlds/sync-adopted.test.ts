import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { beginSync, DATE, DAY, type SyncWorld } from './sync-world.ts';

/** Copies that nobody compared, and copies that are another file by the time something is done to them: a pair lets them be. */

const mirror = { deletions: 'mirror', deletionLimit: 1 } as const;

/** Where files come from and where they go. */
function sides(world: SyncWorld, direction: 'to-phone' | 'to-computer'): { source: string; target: string } {
  const [here, there] = [join(world.here, 'docs'), join(world.phoneFolder, 'Docs')];
  return direction === 'to-phone' ? { source: here, target: there } : { source: there, target: here };
}

function put(file: string, bytes: Buffer, modified = DATE): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
  utimesSync(file, modified / 1000, modified / 1000);
}

const SAME = Buffer.alloc(300_000, 'same');
const OTHER = Buffer.alloc(300_000, 'other');

for (const direction of ['to-phone', 'to-computer'] as const) {
  test(`${direction}: what has name, size and date of a source, and other bytes, stays when the source goes`, async (t) => {
    const world = beginSync(t);
    const { source, target } = sides(world, direction);
    for (const name of ['same.bin', 'other.bin', 'empty.bin', 'last.bin'])
      put(join(source, name), name === 'empty.bin' ? Buffer.alloc(0) : SAME);
    put(join(target, 'same.bin'), SAME);
    put(join(target, 'other.bin'), OTHER);
    put(join(target, 'empty.bin'), Buffer.alloc(0));
    await world.start();
    const pair = world.pair('/Docs', 'docs', { direction, ...mirror });
    const { preview } = await world.run(pair);
    assert.deepEqual([preview?.adopted, preview?.copy.files], [3, 1]);
    for (const name of ['same.bin', 'other.bin', 'empty.bin']) rmSync(join(source, name));
    const { run } = await world.run(pair);
    assert.deepEqual([run.state, run.filesDeleted], ['done', 2], JSON.stringify([run, world.log]));
    assert.ok(readFileSync(join(target, 'other.bin')).equals(OTHER));
  });

  test(`${direction}: what was adopted before the pair mirrored is compared at its next run, or stays`, async (t) => {
    const world = beginSync(t);
    const { source, target } = sides(world, direction);
    for (const name of ['early.bin', 'later.bin', 'last.bin']) {
      put(join(source, name), SAME);
      put(join(target, name), SAME);
    }
    await world.start();
    const pair = world.pair('/Docs', 'docs', { direction });
    assert.equal((await world.run(pair)).preview?.adopted, 3);
    world.sync.changePair(pair.id, mirror);
    rmSync(join(source, 'early.bin'));
    assert.equal((await world.run(pair)).run.filesDeleted, 0);
    rmSync(join(source, 'later.bin'));
    assert.equal((await world.run(pair)).run.filesDeleted, 1);
    assert.ok(readFileSync(join(target, 'early.bin')).equals(SAME));
  });

  test(`${direction}: a copy that somebody replaced after the scan does not follow its source's new name`, async (t) => {
    const world = beginSync(t);
    const { source, target } = sides(world, direction);
    for (const name of ['a.bin', 'sub/b.bin', 'c.bin']) put(join(source, name), SAME.subarray(name.length));
    await world.start();
    const pair = world.pair('/Docs', 'docs', { direction });
    await world.run(pair);
    renameSync(join(source, 'a.bin'), join(source, 'a2.bin'));
    renameSync(join(source, 'sub/b.bin'), join(source, 'b.bin'));
    const { run } = await world.run(pair, {
      onPlan: ({ rename }) => {
        assert.equal(rename, 2);
        for (const name of ['a.bin', 'sub/b.bin'])
          put(join(target, name), OTHER.subarray(0, statSync(join(target, name)).size), DATE + DAY);
      },
    });
    assert.equal(run.filesRenamed, 0, JSON.stringify([run, world.log]));
    for (const name of ['a.bin', 'sub/b.bin'])
      assert.ok(OTHER.subarray(0, statSync(join(target, name)).size).equals(readFileSync(join(target, name))), name);
  });
}

test('a folder that becomes a link to nowhere after the scan: what was in it has not gone', async (t) => {
  const world = beginSync(t);
  const { source } = sides(world, 'to-phone');
  for (const name of ['in/a.bin', 'in/b.bin', 'last.bin']) put(join(source, name), SAME);
  await world.start();
  const pair = world.pair('/Docs', 'docs', { direction: 'to-phone', ...mirror });
  await world.run(pair);
  rmSync(join(source, 'in/a.bin'));
  const { run } = await world.run(pair, {
    onPlan: () => {
      rmSync(join(source, 'in'), { recursive: true });
      symlinkSync(join(world.folder, 'a disk that is away'), join(source, 'in'));
    },
  });
  assert.equal(run.filesDeleted, 0, JSON.stringify([run, world.log]));
  assert.deepEqual(await world.phoneNames('Docs'), ['in/', 'in/a.bin', 'in/b.bin', 'last.bin']);
});
