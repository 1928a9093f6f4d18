import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { beginSync, DATE, DAY, type SyncWorld } from './sync-world.ts';

/** What was there before a pair, copies that nobody compared, and copies that are another file by the time something is done to them: a pair lets them be. */

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
  test(`${direction}: what was there before the pair stays when the source goes, whatever it holds`, async (t) => {
    const world = beginSync(t);
    const { source, target } = sides(world, direction);
    const there = ['same.bin', 'other.bin', 'dated.bin', 'empty.bin'];
    for (const name of [...there, 'made.bin', 'last.bin'])
      put(join(source, name), name === 'empty.bin' ? Buffer.alloc(0) : SAME);
    put(join(target, 'same.bin'), SAME);
    put(join(target, 'other.bin'), OTHER);
    put(join(target, 'dated.bin'), SAME, DATE + DAY);
    put(join(target, 'empty.bin'), Buffer.alloc(0));
    await world.start();
    const pair = world.pair('/Docs', 'docs', { direction, ...mirror });
    const { preview } = await world.run(pair);
    assert.deepEqual([preview?.adopted, preview?.copy.files], [4, 2]);
    for (const name of [...there, 'made.bin']) rmSync(join(source, name));
    const second = await world.run(pair, {
      confirmDeletions: true,
      onPlan: (_, actions) => {
        const deleted = actions().filter(({ kind }) => kind === 'delete');
        assert.deepEqual(
          deleted.map(({ path }) => path),
          ['made.bin'],
        );
      },
    });
    const { run } = second;
    assert.deepEqual([run.state, run.filesDeleted, run.filesKept], ['done', 1, 0], JSON.stringify([run, world.log]));
    assert.equal(second.preview?.edited, 0, 'nobody has edited it');
    for (const [name, bytes] of [
      ['same.bin', SAME],
      ['other.bin', OTHER],
      ['dated.bin', SAME],
      ['empty.bin', Buffer.alloc(0)],
    ] as const)
      assert.ok(readFileSync(join(target, name)).equals(bytes), name);
    assert.equal((await world.run(pair, { confirmDeletions: true })).run.filesDeleted, 0);
  });

  test(`${direction}: what this pair has copied in its place is its own, also under the source's new name`, async (t) => {
    const world = beginSync(t);
    const { source, target } = sides(world, direction);
    const names = ['again.bin', 'changed.bin', 'renamed.bin', 'last.bin'];
    for (const [index, name] of names.entries())
      for (const folder of [source, target]) put(join(folder, name), SAME.subarray(index));
    await world.start();
    const pair = world.pair('/Docs', 'docs', { direction, ...mirror });
    assert.equal((await world.run(pair)).preview?.adopted, 4);
    rmSync(join(target, 'again.bin'));
    put(join(source, 'changed.bin'), OTHER, DATE + DAY);
    renameSync(join(source, 'renamed.bin'), join(source, 'new.bin'));
    const { run } = await world.run(pair);
    assert.deepEqual([run.filesMoved, run.filesRenamed], [2, 1], JSON.stringify([run, world.log]));
    for (const name of ['again.bin', 'changed.bin', 'new.bin']) rmSync(join(source, name));
    assert.equal((await world.run(pair)).run.filesDeleted, 2);
    assert.ok(readFileSync(join(target, 'new.bin')).equals(SAME.subarray(2)), 'it was there before the pair');
  });

  for (const conflicts of ['keep-both', 'newer', 'replace', 'skip'] as const)
    test(`${direction}, ${conflicts}: what was there before the pair is no copy unless it was compared`, async (t) => {
      const world = beginSync(t);
      const { source, target } = sides(world, direction);
      const names = ['same.bin', 'other.bin', 'renamed.bin', 'last.bin'];
      for (const name of names) {
        // of a small one samples are all of it
        const size = name === 'renamed.bin' ? 100_000 : SAME.length;
        put(join(source, name), SAME.subarray(0, size));
        put(join(target, name), (name === 'same.bin' ? SAME : OTHER).subarray(0, size));
      }
      await world.start();
      const pair = world.pair('/Docs', 'docs', { direction, conflicts });
      assert.equal((await world.run(pair)).preview?.adopted, 4);
      const edited = (name: string, number: number): Buffer => Buffer.alloc(200_000 + number, `${name} ${number}`);
      for (const number of [1, 2]) {
        for (const name of ['same.bin', 'other.bin'])
          put(join(source, name), edited(name, number), DATE + number * DAY);
        if (number === 1) renameSync(join(source, 'renamed.bin'), join(source, 'new.bin'));
        const { run } = await world.run(pair);
        assert.equal(run.state, 'done', JSON.stringify([run, world.log]));
        // of what this computer sends, samples were read when it was found; a phone's files were not
        const copies = direction === 'to-phone' ? ['same.bin'] : [];
        for (const name of ['same.bin', 'other.bin', 'renamed.bin']) {
          const isReplaced = copies.includes(name) || (conflicts !== 'keep-both' && conflicts !== 'skip');
          const isEdited = isReplaced && name !== 'renamed.bin';
          const before = name === 'same.bin' ? SAME : name === 'other.bin' ? OTHER : OTHER.subarray(0, 100_000);
          assert.ok(
            readFileSync(join(target, name)).equals(isEdited ? edited(name, number) : before),
            `${name} ${number}`,
          );
          const other = join(target, name.replace('.', ' (2).'));
          assert.equal(existsSync(other), conflicts === 'keep-both' && !isEdited && name !== 'renamed.bin', other);
          if (existsSync(other)) assert.ok(readFileSync(other).equals(edited(name, number)), other);
        }
        assert.ok(
          readFileSync(join(target, 'new.bin')).equals(SAME.subarray(0, 100_000)),
          'another file was taken for its copy',
        );
      }
      assert.ok(!existsSync(join(target, 'other (3).bin')));
    });

  test(`${direction}: what an earlier version noted without comparing it is compared at the next run, or stays`, async (t) => {
    const world = beginSync(t);
    const { source, target } = sides(world, direction);
    for (const name of ['early.bin', 'later.bin', 'other.bin', 'last.bin']) {
      put(join(source, name), SAME);
      put(join(target, name), name === 'other.bin' ? OTHER : SAME);
    }
    await world.start();
    const pair = world.pair('/Docs', 'docs', { direction });
    assert.equal((await world.run(pair)).preview?.adopted, 4);
    world.memory.putRows(
      pair.id,
      world.memory.rows(pair.id).map((row) => ({ ...row, fingerprint: undefined, adopted: false })),
    );
    world.sync.changePair(pair.id, mirror);
    rmSync(join(source, 'early.bin'));
    assert.equal((await world.run(pair)).run.filesDeleted, 0);
    for (const name of ['later.bin', 'other.bin']) rmSync(join(source, name));
    assert.equal((await world.run(pair)).run.filesDeleted, 1);
    assert.ok(readFileSync(join(target, 'early.bin')).equals(SAME));
    assert.ok(readFileSync(join(target, 'other.bin')).equals(OTHER));
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
