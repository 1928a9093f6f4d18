import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Sync } from '../../electron/sync/index.ts';
import { localPath } from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import { beginSync, DATE, DAY, HOUR, type SyncWorld } from './sync-world.ts';
import { until } from './until.ts';
import { treeOf } from './world.ts';

/** A pair must not destroy what it did not make, get stuck, or lose track of its copies. */

const MIB = 1024 * 1024;

const shift = (path: string, ms: number): void => {
  const seconds = (statSync(path).mtimeMs + ms) / 1000;
  utimesSync(path, seconds, seconds);
};

/** Whether a download is under way in the folder. */
const hasPart = (folder: string): boolean => readdirSync(folder).some((name) => name.endsWith('.replug-part'));

const contents = (folder: string): readonly string[] =>
  readdirSync(folder).map((name) => readFileSync(join(folder, name)).subarray(0, 12).toString('latin1'));

// --- edits made while a run is under way, or before one that died is recorded

for (const conflicts of ['keep-both', 'skip', 'newer'] as const)
  test(`a copy edited during the run is a conflict (${conflicts})`, async (t) => {
    const world = beginSync(t, { rate: 20 * MIB });
    world.onPhone('Docs/big.bin', 6 * MIB, DATE + 2 * DAY);
    world.onPhone('Docs/notes.txt', 3_000, DATE);
    await world.start();
    const pair = world.pair('/Docs', 'docs', { conflicts });
    await world.run(pair);
    world.onPhone('Docs/big.bin', 20 * MIB, DATE + 4 * DAY);
    world.onPhone('Docs/notes.txt', 4_000, DATE + 3 * DAY);
    const running = world.run(pair);
    await until(() => hasPart(join(world.here, 'docs')));
    writeFileSync(join(world.here, 'docs/notes.txt'), 'what I wrote');
    await running;
    assert.ok(contents(join(world.here, 'docs')).includes('what I wrote'), 'the edit is gone');
  });

test('a copy edited while an interrupted run waits is not replaced', async (t) => {
  const world = beginSync(t, { rate: 20 * MIB });
  world.onPhone('Docs/film.mp4', 300_000, DATE);
  await world.start();
  const pair = world.pair('/Docs', 'docs');
  await world.run(pair);
  world.onPhone('Docs/film.mp4', 20 * MIB, DATE + DAY);
  const running = world.run(pair);
  await until(() => hasPart(join(world.here, 'docs')));
  await world.sync.stopRun(pair.id);
  assert.deepEqual([(await running).run.finishedAt, (await running).run.filesMoved], [undefined, 0]);
  writeFileSync(join(world.here, 'docs/film.mp4'), 'what I wrote');
  await world.restart();
  await world.start();
  await world.run(pair);
  assert.deepEqual(readdirSync(join(world.here, 'docs')).sort(), ['film (2).mp4', 'film.mp4']);
  assert.equal(readFileSync(join(world.here, 'docs/film.mp4'), 'utf8'), 'what I wrote');
  assert.equal(await world.figures(pair), 'moved 0 same 1 skipped 0 renamed 0 deleted 0');
});

/** Runs the pair until its first file has arrived, and ends the program there, before anything is recorded. */
async function dieAfterCopying(world: SyncWorld, pair: ReturnType<SyncWorld['pair']>): Promise<void> {
  const putRows = world.memory.putRows.bind(world.memory);
  let copying = false;
  world.memory.putRows = (id, rows) => {
    if (!copying) putRows(id, rows);
  };
  await world.run(pair, {
    onActivity: ({ kind }) => {
      copying ||= kind === 'copying';
    },
  });
  const [run] = world.memory.runs(pair.id, { offset: 0, limit: 1 });
  assert.ok(run !== undefined);
  world.memory.updateRun(run.id, { state: 'interrupted', finishedAt: undefined });
  world.memory.putRows = putRows;
  assert.equal(world.memory.counts(pair.id).synced, 0);
}

for (const edit of ['another size', 'the same size'] as const)
  test(`files of a run that died are recorded as they were copied: one edited since stays (${edit})`, async (t) => {
    const world = beginSync(t);
    for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) world.onPhone(`DCIM/${name}`, 2_000, DATE);
    await world.start();
    const pair = world.pair('/DCIM', 'photos', { deletions: 'mirror', deletionLimit: 1 });
    await dieAfterCopying(world, pair);
    const mine = join(world.here, 'photos/a.jpg');
    writeFileSync(mine, edit === 'another size' ? 'my work' : Buffer.alloc(2_000, 7));
    await world.restart();
    await world.start();
    assert.equal((await world.run(pair)).run.state, 'done');
    rmSync(join(world.phoneFolder, 'DCIM/a.jpg'));
    rmSync(join(world.phoneFolder, 'DCIM/b.jpg'));
    const { run, preview } = await world.run(pair);
    assert.equal(run.filesDeleted, 1, JSON.stringify([run, preview]));
    assert.equal(preview?.delete.files, 1);
    assert.ok(existsSync(mine), 'the edited picture was deleted');
    assert.equal(existsSync(join(world.here, 'photos/b.jpg')), false);
  });

for (const size of [2_000, 200_000, 20 * MIB])
  test(`the same of copies on the phone (${size} bytes)`, async (t) => {
    const world = beginSync(t);
    for (const name of ['a.bin', 'b.bin', 'c.bin']) world.local(`music/${name}`, size, DATE);
    await world.start();
    const pair = world.pair('/Music', 'music', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
    await dieAfterCopying(world, pair);
    writeFileSync(join(world.phoneFolder, 'Music/a.bin'), Buffer.alloc(size, 7));
    await world.restart();
    await world.start();
    await world.run(pair);
    rmSync(join(world.here, 'music/a.bin'));
    rmSync(join(world.here, 'music/b.bin'));
    const { run } = await world.run(pair);
    assert.equal(run.filesDeleted, 1, JSON.stringify(run));
    assert.deepEqual(await world.phoneNames('Music'), ['a.bin', 'c.bin']);
  });

// --- renames of copies

test('a file moved on the phone into a folder whose name is a file here stays where it is, and the pair goes on', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/x.jpg', 500_000, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos');
  await world.run(pair);
  writeFileSync(join(world.here, 'photos/holiday'), 'my notes');
  mkdirSync(join(world.phoneFolder, 'DCIM/holiday'));
  renameSync(join(world.phoneFolder, 'DCIM/x.jpg'), join(world.phoneFolder, 'DCIM/holiday/x.jpg'));
  world.onPhone('DCIM/new.jpg', 1_000, DATE + DAY);
  assert.equal(await world.figures(pair), 'moved 1 same 0 skipped 0 renamed 0 deleted 0');
  assert.equal(await world.figures(pair), 'moved 0 same 2 skipped 0 renamed 0 deleted 0');
  assert.deepEqual(await world.names('photos'), ['holiday', 'new.jpg', 'x.jpg']);
});

test('a rename on the phone gives the copy a legal local name', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/x.jpg', 500_000, DATE);
  world.onPhone('DCIM/by month/y.jpg', 400_000, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos');
  const byMonth = world.pair('/DCIM/by month', 'months', { layout: 'year-month' });
  await world.run(pair);
  await world.run(byMonth);
  renameSync(join(world.phoneFolder, 'DCIM/x.jpg'), join(world.phoneFolder, 'DCIM/evil\u202Egpj.exe'));
  renameSync(join(world.phoneFolder, 'DCIM/by month/y.jpg'), join(world.phoneFolder, 'DCIM/by month/z\u202Egpj.exe'));
  assert.equal((await world.run(pair)).run.filesRenamed, 2);
  assert.equal((await world.run(byMonth)).run.filesRenamed, 1);
  const names = [...(await world.names('photos')), ...(await world.names('months'))];
  assert.deepEqual(
    names.filter((name) => name.includes('\u202E')),
    [],
  );
  assert.ok(names.includes('evil\u201bu202Egpj.exe') && names.includes('2024/03/z\u201bu202Egpj.exe'), names.join());
  assert.equal(await world.figures(pair), 'moved 0 same 2 skipped 0 renamed 0 deleted 0');
});

test('a rename that the phone refuses halfway leaves no unrecorded copy', async (t) => {
  const world = beginSync(t);
  world.local('music/a/x.mp3', 500_000, DATE);
  world.local('music/a/other.mp3', 400_000, DATE);
  await world.start();
  const pair = world.pair('/Music', 'music', { direction: 'to-phone' });
  await world.run(pair);
  mkdirSync(join(world.here, 'music/b'));
  renameSync(join(world.here, 'music/a/x.mp3'), join(world.here, 'music/b/y.mp3'));
  const { engine } = world;
  const refusing = new Proxy(engine, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown =>
        name === 'execute' && given[0] === 'rename'
          ? Promise.reject(fail('refused', 'SetObjectPropValue', '0x2002'))
          : Reflect.apply(value, target, given);
    },
  });
  await new Sync({ engine: refusing, store: world.memory }).run(pair.id, { waitMs: 0 });
  const known = (): readonly string[] => world.memory.rows(pair.id).map((row) => row.target);
  for (const name of await world.phoneNames('Music'))
    if (!name.endsWith('/')) assert.ok(known().includes(name), `${name} of ${known().join()}`);
  await world.run(pair);
  for (const name of await world.phoneNames('Music')) if (!name.endsWith('/')) assert.ok(known().includes(name), name);
});

test('a rename to a name taken on the phone touches neither file', async (t) => {
  const world = beginSync(t);
  world.local('music/a/x.mp3', 500_000, DATE);
  await world.start();
  const pair = world.pair('/Music', 'music', { direction: 'to-phone' });
  await world.run(pair);
  mkdirSync(join(world.here, 'music/b'));
  renameSync(join(world.here, 'music/a/x.mp3'), join(world.here, 'music/b/y.mp3'));
  world.onPhone('Music/b/y.mp3', 77, DATE);
  await world.run(pair);
  await world.run(pair);
  assert.deepEqual(await world.phoneNames('Music'), ['a/', 'a/x.mp3', 'b/', 'b/y.mp3']);
  assert.equal(statSync(join(world.phoneFolder, 'Music/b/y.mp3')).size, 77);
});

// --- unreadable entries

test('an unreadable entry hides no other and is reported', async (t) => {
  const world = beginSync(t);
  for (const name of ['a.mp3', 'm.mp3', 'z.mp3']) world.local(`music/${name}`, 1_000, DATE);
  symlinkSync('loop', join(world.here, 'music/loop'));
  symlinkSync('nowhere', join(world.here, 'music/dangling'));
  await world.start();
  const pair = world.pair('/Music', 'music', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
  const { run, preview } = await world.run(pair);
  assert.deepEqual([run.state, run.filesMoved], ['done', 3], JSON.stringify(run));
  assert.deepEqual(
    preview?.problems.map(({ subject }) => subject),
    [join(world.here, 'music/loop')],
  );
  assert.equal(run.problem?.subject, join(world.here, 'music/loop'));
  // what is known to have gone goes all the same; what cannot be seen has not gone
  rmSync(join(world.here, 'music/a.mp3'));
  rmSync(join(world.here, 'music/z.mp3'));
  symlinkSync('z.mp3', join(world.here, 'music/z.mp3'));
  assert.equal((await world.run(pair)).run.filesDeleted, 1);
  assert.deepEqual(await world.phoneNames('Music'), ['m.mp3', 'z.mp3']);
});

// --- a side that is away

for (const how of ['an empty mount point', 'emptied by hand', 'nearly empty'] as const)
  test(`a target that lacks nearly all copies asks first (${how})`, async (t) => {
    const world = beginSync(t);
    for (let number = 0; number < 10; number += 1) world.onPhone(`DCIM/${number}.jpg`, 100 + number, DATE);
    await world.start();
    const pair = world.pair('/DCIM', 'photos');
    await world.run(pair);
    const folder = join(world.here, 'photos');
    if (how === 'an empty mount point') {
      renameSync(folder, join(world.here, 'unplugged'));
      mkdirSync(folder);
    } else
      for (let number = 0; number < (how === 'nearly empty' ? 9 : 10); number += 1)
        rmSync(join(folder, `${number}.jpg`));
    world.onPhone('DCIM/new.jpg', 100, DATE + DAY);
    const before = readdirSync(folder);
    const { run, preview } = await world.run(pair);
    assert.deepEqual(readdirSync(folder), before);
    assert.equal(run.state, 'failed');
    assert.equal(run.problem?.kind, 'local-missing');
    assert.deepEqual(preview?.copy.hold, { kind: 'ask', missing: how === 'nearly empty' ? 9 : 10, known: 10 });
    if (how === 'an empty mount point') {
      // the disk is there again: nothing is asked, nothing is copied twice
      rmSync(folder, { recursive: true });
      renameSync(join(world.here, 'unplugged'), folder);
      assert.equal(await world.figures(pair), 'moved 1 same 10 skipped 0 renamed 0 deleted 0');
    } else
      assert.equal((await world.run(pair, { confirmMissing: true })).run.filesMoved, how === 'nearly empty' ? 10 : 11);
  });

test('an empty mount point is not written to, whether the pair had copied one file or none', async (t) => {
  const world = beginSync(t);
  mkdirSync(join(world.here, 'photos'));
  world.onPhone('DCIM/.nomedia', 0, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos', { filters: { ...NONE, kinds: ['photos'] } });
  await world.run(pair);
  world.onPhone('DCIM/1.jpg', 100, DATE);
  const unplug = (): void => {
    renameSync(join(world.here, 'photos'), join(world.here, 'unplugged'));
    mkdirSync(join(world.here, 'photos'));
  };
  const plug = (): void => {
    rmSync(join(world.here, 'photos'), { recursive: true });
    renameSync(join(world.here, 'unplugged'), join(world.here, 'photos'));
  };
  unplug();
  assert.deepEqual([(await world.run(pair)).run.state, await world.names('photos')], ['failed', []]);
  plug();
  assert.equal((await world.run(pair)).run.filesMoved, 1);
  unplug();
  assert.deepEqual([(await world.run(pair)).run.state, await world.names('photos')], ['failed', []]);
  plug();
  assert.equal(await world.figures(pair), 'moved 0 same 1 skipped 0 renamed 0 deleted 0');
  // a copy that somebody deleted is made again, as ever
  rmSync(join(world.here, 'photos/1.jpg'));
  assert.equal(await world.figures(pair), 'moved 1 same 0 skipped 0 renamed 0 deleted 0');
});

for (const how of ['a new pair', 'a pair whose folder was changed', 'a new pair, after a restart'] as const)
  test(`the folder of ${how} that goes before a run has looked at it is not made anew`, async (t) => {
    const world = beginSync(t);
    world.onPhone('DCIM/a.jpg', 100, DATE);
    await world.start();
    const folder = join(world.here, 'photos');
    mkdirSync(folder);
    const isChanged = how.includes('changed');
    const pair = world.pair('/DCIM', isChanged ? 'elsewhere' : 'photos');
    if (isChanged) world.sync.changePair(pair.id, { local: localPath(folder) });
    await world.sync.noted(pair.id);
    renameSync(folder, `${folder} unplugged`);
    if (how.includes('restart')) {
      await world.restart();
      await world.start();
    }
    const { run } = await world.run(pair, { confirmMissing: true });
    assert.deepEqual([run.state, run.problem?.kind, existsSync(folder)], ['failed', 'local-missing', false]);
    renameSync(`${folder} unplugged`, folder);
    assert.equal(await world.figures(pair), 'moved 1 same 0 skipped 0 renamed 0 deleted 0');
  });

test('a folder that never was is made by the first run of its pair', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/a.jpg', 100, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'new/photos');
  assert.equal(await world.figures(pair), 'moved 1 same 0 skipped 0 renamed 0 deleted 0');
});

test('a disk that disappears between scan and copy is not written to, and nothing is deleted', async (t) => {
  const world = beginSync(t);
  for (let number = 0; number < 4; number += 1) world.onPhone(`DCIM/${number}.jpg`, 100 + number, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos', { deletions: 'mirror', deletionLimit: 1 });
  await world.run(pair);
  for (const news of ['new.jpg', undefined]) {
    rmSync(join(world.phoneFolder, `DCIM/${news === undefined ? 2 : 1}.jpg`));
    if (news !== undefined) world.onPhone(`DCIM/${news}`, 100, DATE + DAY);
    const folder = join(world.here, 'photos');
    const { run } = await world.run(pair, {
      onPlan: () => {
        renameSync(folder, `${folder} unplugged`);
        mkdirSync(folder);
      },
    });
    assert.deepEqual([run.state, run.problem?.kind, readdirSync(folder)], ['failed', 'local-missing', []]);
    rmSync(folder, { recursive: true });
    renameSync(`${folder} unplugged`, folder);
  }
  assert.equal(await world.figures(pair), 'moved 1 same 2 skipped 0 renamed 0 deleted 2');
});

for (const direction of ['to-computer', 'to-phone'] as const)
  test(`a disk that goes while it is scanned is not made anew, and nothing counts as gone (${direction})`, async (t) => {
    const world = beginSync(t);
    for (const name of ['a.jpg', 'b.jpg', 'c.jpg'])
      if (direction === 'to-computer') world.onPhone(`DCIM/${name}`, 100, DATE);
      else world.local(`photos/${name}`, 100, DATE);
    await world.start();
    const pair = world.pair('/DCIM', 'photos', { direction, deletions: 'mirror', deletionLimit: 1 });
    await world.run(pair);
    if (direction === 'to-computer') world.onPhone('DCIM/new.jpg', 100, DATE + DAY);
    else world.local('photos/new.jpg', 100, DATE + DAY);
    const folder = join(world.here, 'photos');
    let goes = true;
    world.phone.onOperation(() => {
      if (!goes) return;
      goes = false;
      renameSync(folder, `${folder} unplugged`);
      if (direction === 'to-phone') mkdirSync(folder);
    });
    const { run } = await world.run(pair, { confirmDeletions: true, confirmMissing: true });
    assert.equal(goes, false);
    assert.deepEqual([run.state, run.problem?.kind], ['failed', 'local-missing']);
    if (direction === 'to-computer') assert.equal(existsSync(folder), false, 'it was made anew');
    else assert.equal((await world.phoneNames('DCIM')).length, 3, 'copies of what is away were deleted');
    rmSync(folder, { recursive: true, force: true });
    renameSync(`${folder} unplugged`, folder);
    assert.equal(await world.figures(pair), 'moved 1 same 3 skipped 0 renamed 0 deleted 0');
  });

test('the folder of a disk that disappears while its transfer is created is not recreated', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/a.jpg', 100, DATE);
  await world.start();
  const destination = join(world.here, 'photos');
  const { device, storage, path } = world.place('/DCIM/a.jpg');
  const item = {
    kind: 'file',
    name: 'a.jpg',
    local: localPath(join(destination, 'a.jpg')),
    storage,
    phone: path,
    size: 100,
    modified: DATE,
  } as const;
  const request = {
    direction: 'download',
    device,
    storage,
    destination,
    title: 'photos',
    origin: 'test',
    items: [item],
  } as const;
  await assert.rejects(world.engine.enqueueItems({ ...request, destinationExists: true }), { kind: 'local-missing' });
  assert.equal(existsSync(destination), false);
  assert.deepEqual(world.engine.transfers(), []);
  const transfer = await world.engine.enqueueItems(request);
  assert.equal((await world.engine.settled(transfer, { waitMs: 5_000 })).state, 'done');
});

test('an emptied phone folder is asked about before everything is copied again', async (t) => {
  const world = beginSync(t);
  for (const name of ['a.mp3', 'b.mp3', 'c.mp3']) world.local(`music/${name}`, 1_000, DATE);
  await world.start();
  const pair = world.pair('/Music', 'music', { direction: 'to-phone' });
  await world.run(pair);
  rmSync(join(world.phoneFolder, 'Music'), { recursive: true });
  const { run } = await world.run(pair);
  assert.deepEqual([run.state, run.problem?.kind, run.filesMoved], ['failed', 'missing', 0]);
  assert.equal((await world.run(pair, { confirmMissing: true })).run.filesMoved, 3);
});

// --- shifted dates at the target

for (const direction of ['to-phone', 'to-computer'] as const)
  test(`dates of the copies that shifted with a time zone: they are still ours (${direction})`, async (t) => {
    const world = beginSync(t);
    const source = (name: string, size: number, date: number): string =>
      direction === 'to-phone' ? world.local(`pair/${name}`, size, date) : world.onPhone(`Pair/${name}`, size, date);
    for (let number = 0; number < 5; number += 1) source(`${number}.mp3`, 1_000 + number, DATE + number * DAY);
    await world.start();
    const pair = world.pair('/Pair', 'pair', { direction, deletions: 'mirror', deletionLimit: 1 });
    await world.run(pair);
    const target = direction === 'to-phone' ? join(world.phoneFolder, 'Pair') : join(world.here, 'pair');
    for (let round = 1; round <= 2; round += 1) {
      for (const name of readdirSync(target)) shift(join(target, name), round === 1 ? -2 * HOUR : 5.75 * HOUR);
      const preview = (await world.sync.preview(pair.id)).preview;
      assert.equal(preview.edited, 0);
      rmSync(source(`${round}.mp3`, 1, DATE));
      source('0.mp3', 5_000 + round, DATE + 20 * DAY + round * DAY);
      const { run } = await world.run(pair);
      assert.deepEqual([run.state, run.filesMoved, run.filesDeleted], ['done', 1, 1], JSON.stringify(run));
      const left = ['0.mp3', '1.mp3', '2.mp3', '3.mp3', '4.mp3'].filter(
        (name) => name !== '1.mp3' && (round === 1 || name !== '2.mp3'),
      );
      assert.deepEqual(readdirSync(target).sort(), left);
    }
    // one that was written to at another time is edited all the same
    shift(join(target, '3.mp3'), 12_345_000);
    assert.equal((await world.sync.preview(pair.id)).preview.edited, 1);
  });

test('a local source whose dates shifted is neither sent nor compared again', async (t) => {
  const world = beginSync(t);
  for (let number = 0; number < 5; number += 1)
    world.local(`music/${number}.mp3`, 200_000 + number, DATE + number * DAY);
  await world.start();
  const pair = world.pair('/Music', 'music', { direction: 'to-phone' });
  await world.run(pair);
  const { transactions } = (await world.run(pair)).run;
  for (let number = 0; number < 5; number += 1) shift(join(world.here, `music/${number}.mp3`), HOUR);
  const { run } = await world.run(pair);
  // no file was even compared
  assert.deepEqual([run.filesMoved, run.filesUnchanged, run.transactions], [0, 5, transactions]);
});

// --- mirroring looks again

test('a copy edited between plan and deletion stays, and is counted', async (t) => {
  const world = beginSync(t);
  for (let number = 0; number < 4; number += 1) world.onPhone(`DCIM/${number}.jpg`, 100 + number, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos', { deletions: 'mirror', deletionLimit: 1 });
  await world.run(pair);
  rmSync(join(world.phoneFolder, 'DCIM/1.jpg'));
  rmSync(join(world.phoneFolder, 'DCIM/2.jpg'));
  const { run } = await world.run(pair, {
    onPlan: ({ delete: { files } }) => {
      assert.equal(files, 2);
      writeFileSync(join(world.here, 'photos/1.jpg'), 'my work');
    },
  });
  assert.deepEqual([run.filesDeleted, run.filesKept], [1, 1]);
  assert.equal(readFileSync(join(world.here, 'photos/1.jpg'), 'utf8'), 'my work');
});

test('a copy replaced by a link or a folder is not deleted', async (t) => {
  const world = beginSync(t);
  for (let number = 0; number < 4; number += 1) world.onPhone(`DCIM/${number}.jpg`, 100 + number, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos', { deletions: 'mirror', deletionLimit: 1 });
  await world.run(pair);
  for (const number of [1, 2]) {
    rmSync(join(world.phoneFolder, `DCIM/${number}.jpg`));
    rmSync(join(world.here, `photos/${number}.jpg`));
  }
  mkdirSync(join(world.here, 'photos/1.jpg'));
  symlinkSync('3.jpg', join(world.here, 'photos/2.jpg'));
  assert.equal((await world.run(pair)).run.filesDeleted, 0);
  assert.ok(lstatSync(join(world.here, 'photos/1.jpg')).isDirectory());
  assert.ok(lstatSync(join(world.here, 'photos/2.jpg')).isSymbolicLink());
});

// --- what is left out

test('filtered files are counted', async (t) => {
  const world = beginSync(t);
  for (const name of ['1.jpg', '2.txt', '.trashed-1700000000-3.jpg', 'Thumbs.db'])
    world.onPhone(`DCIM/${name}`, 100, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos', { filters: { ...NONE, kinds: ['photos'] } });
  const { preview } = await world.run(pair);
  assert.deepEqual([preview?.copy.files, preview?.leftOut], [1, 3]);
});

test('a source folder that is an unmounted disk does not count as deleted', async (t) => {
  const world = beginSync(t);
  for (const name of ['own.mp3', 'nas/a.mp3', 'nas/b.mp3', 'other/c.mp3', 'other/d.mp3'])
    world.local(`music/${name}`, 1_000, DATE);
  await world.start();
  const pair = world.pair('/Music', 'music', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
  await world.run(pair);
  const disk = world.memory.disk(pair.id);
  assert.deepEqual(disk?.mounts, []);
  world.memory.putDisk(pair.id, { root: disk.root, mounts: ['nas'] });
  for (const name of ['nas/a.mp3', 'nas/b.mp3', 'other/c.mp3']) rmSync(join(world.here, 'music', name));
  const { run, preview } = await world.run(pair, { confirmDeletions: true });
  assert.deepEqual(preview?.delete.hold, { kind: 'never', why: 'incomplete' });
  assert.deepEqual([run.state, run.filesDeleted, run.problem?.subject], ['failed', 0, join(world.here, 'music/nas')]);
  assert.equal((await world.phoneNames('Music')).length, 7);
});

test('what a link led to, or a folder that a link has replaced, does not count as deleted', async (t) => {
  const world = beginSync(t);
  const away = join(world.folder, 'away');
  for (const name of ['own.mp3', 'moved/a.mp3', 'moved/deep/b.mp3', 'gone.mp3'])
    world.local(`music/${name}`, 900, DATE);
  mkdirSync(away);
  writeFileSync(join(away, 'linked.mp3'), 'on another disk');
  symlinkSync(join(away, 'linked.mp3'), join(world.here, 'music/linked.mp3'));
  await world.start();
  const pair = world.pair('/Music', 'music', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
  assert.equal(await world.figures(pair), 'moved 5 same 0 skipped 0 renamed 0 deleted 0');
  // the disk goes, a folder moves to another one, and a file is deleted indeed
  rmSync(away, { recursive: true });
  renameSync(join(world.here, 'music/moved'), join(world.folder, 'elsewhere'));
  symlinkSync(join(world.folder, 'elsewhere'), join(world.here, 'music/moved'));
  rmSync(join(world.here, 'music/gone.mp3'));
  assert.equal(await world.figures(pair), 'moved 0 same 1 skipped 0 renamed 0 deleted 1');
  const left = ['linked.mp3', 'moved/', 'moved/a.mp3', 'moved/deep/', 'moved/deep/b.mp3', 'own.mp3'];
  assert.deepEqual(await world.phoneNames('Music'), left);
});

/** Writes to a file between its first, middle and last sample, without another size. */
const rewriteBetween = (path: string, modified: number): void => {
  const bytes = readFileSync(path);
  bytes.fill(0x5a, bytes.byteLength / 4, bytes.byteLength / 4 + 5_000);
  writeFileSync(path, bytes);
  utimesSync(path, modified / 1000, modified / 1000);
};

for (const direction of ['to-computer', 'to-phone'] as const)
  test(`a source rewritten where no sample is counts neither as in step nor as a renamed one (${direction})`, async (t) => {
    const world = beginSync(t);
    const [from, to] = [join(world.phoneFolder, 'Data'), join(world.here, 'data')];
    const [source, target] = direction === 'to-computer' ? [from, to] : [to, from];
    const make = (name: string, size: number) =>
      direction === 'to-computer' ? world.onPhone(`Data/${name}`, size, DATE) : world.local(`data/${name}`, size, DATE);
    const all = async () => assert.deepEqual(await treeOf(target), await treeOf(source));
    for (const name of ['notes.db', 'small.db']) make(name, name === 'small.db' ? 100_000 : 600_000);
    make('film.mp4', 700_000);
    await world.start();
    const pair = world.pair('/Data', 'data', { direction, deletions: 'mirror', deletionLimit: 1 });
    await world.run(pair);
    await all();
    for (const name of ['notes.db', 'small.db']) rewriteBetween(join(source, name), DATE + HOUR / 3);
    assert.equal(await world.figures(pair), 'moved 2 same 1 skipped 0 renamed 0 deleted 0');
    await all();
    // touched alone: nothing is copied
    for (const name of ['notes.db', 'small.db']) utimesSync(join(source, name), DATE / 1000 + 77, DATE / 1000 + 77);
    assert.equal(await world.figures(pair), 'moved 0 same 3 skipped 0 renamed 0 deleted 0');
    // another film of the same date, size and samples, in place of the old one
    renameSync(join(source, 'film.mp4'), join(source, 'other.mp4'));
    rewriteBetween(join(source, 'other.mp4'), DATE);
    assert.equal(await world.figures(pair), 'moved 1 same 2 skipped 0 renamed 0 deleted 1');
    renameSync(join(source, 'other.mp4'), join(source, 'last.mp4'));
    assert.equal(await world.figures(pair), 'moved 0 same 2 skipped 0 renamed 1 deleted 0');
    await all();
  });

test('a file there that differs where no sample is does not count as the copy', async (t) => {
  const world = beginSync(t);
  world.onPhone('Data/notes.db', 600_000, DATE);
  world.local('data/notes.db', 600_000, DATE);
  rewriteBetween(join(world.here, 'data/notes.db'), DATE + DAY);
  await world.start();
  const pair = world.pair('/Data', 'data', { conflicts: 'keep-both' });
  assert.equal(await world.figures(pair), 'moved 1 same 0 skipped 0 renamed 0 deleted 0');
  assert.deepEqual(await world.names('data'), ['notes (2).db', 'notes.db']);
});

for (const direction of ['to-computer', 'to-phone'] as const)
  test(`a source that is back when its copy is to be deleted is no deleted one (${direction})`, async (t) => {
    const world = beginSync(t, { rate: 20 * MIB });
    const [from, to] = [join(world.phoneFolder, 'Docs'), join(world.here, 'docs')];
    const [source, target] = direction === 'to-computer' ? [from, to] : [to, from];
    const make = (name: string, size: number) =>
      direction === 'to-computer' ? world.onPhone(`Docs/${name}`, size, DATE) : world.local(`docs/${name}`, size, DATE);
    for (const name of ['back.txt', 'deep/back.txt', 'gone.txt', 'stays.txt']) make(name, 2_000);
    await world.start();
    const pair = world.pair('/Docs', 'docs', { direction, deletions: 'mirror', deletionLimit: 1 });
    await world.run(pair);
    for (const name of ['back.txt', 'deep/back.txt', 'gone.txt'])
      renameSync(join(source, name), join(world.folder, name.replace('/', '-')));
    make('large.bin', 20 * MIB);
    const running = world.run(pair);
    await until(() => readdirSync(target).some((name) => name.startsWith('large.bin.')));
    renameSync(join(world.folder, 'back.txt'), join(source, 'back.txt'));
    renameSync(join(world.folder, 'deep-back.txt'), join(source, 'deep/back.txt'));
    const { run } = await running;
    assert.deepEqual([run.state, run.filesDeleted, run.filesKept], ['done', 1, 2]);
    assert.deepEqual(await treeOf(target), await treeOf(source));
    assert.equal(await world.figures(pair), 'moved 0 same 4 skipped 0 renamed 0 deleted 0');
  });

test('a copy on the phone edited between plan and deletion stays', async (t) => {
  const world = beginSync(t);
  for (const name of ['a.mp3', 'b.mp3', 'c.mp3']) world.local(`music/${name}`, 1_000, DATE);
  await world.start();
  const pair = world.pair('/Music', 'music', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
  await world.run(pair);
  rmSync(join(world.here, 'music/a.mp3'));
  rmSync(join(world.here, 'music/b.mp3'));
  const { run } = await world.run(pair, {
    onPlan: ({ delete: { files } }) => {
      assert.equal(files, 2);
      writeFileSync(join(world.phoneFolder, 'Music/a.mp3'), Buffer.alloc(1_000, 7));
    },
  });
  assert.deepEqual([run.filesDeleted, run.filesKept], [1, 1]);
  assert.deepEqual(await world.phoneNames('Music'), ['a.mp3', 'c.mp3']);
});

// --- a phone that tells no dates

for (const quirk of ['no-dates', 'date-1970', 'date-1980', 'bad-dates'] as const)
  for (const size of [1_000, 300_000])
    test(`without dates, a copy edited to the same size is neither deleted nor replaced (${quirk}, ${size} bytes)`, async (t) => {
      const world = beginSync(t, { quirks: [[quirk, 1]] });
      for (const name of ['a', 'b', 'c', 'd', 'e']) world.local(`docs/${name}.txt`, size, DATE);
      await world.start();
      const pair = world.pair('/Docs', 'docs', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
      assert.equal((await world.run(pair)).run.filesMoved, 5);
      const there = (name: string): string => join(world.phoneFolder, 'Docs', name);
      const edit = Buffer.alloc(size, 'edit');
      writeFileSync(there('a.txt'), edit);
      writeFileSync(there('b.txt'), edit);
      for (const name of ['a', 'c']) rmSync(join(world.here, `docs/${name}.txt`));
      for (const name of ['b', 'd']) world.local(`docs/${name}.txt`, size + 1, DATE + DAY);
      const { run, preview } = await world.run(pair);
      assert.deepEqual([run.state, run.filesDeleted, run.filesMoved], ['done', 1, 2], JSON.stringify(run));
      assert.equal(preview?.edited, 1);
      assert.deepEqual(await world.phoneNames('Docs'), ['a.txt', 'b (2).txt', 'b.txt', 'd.txt', 'e.txt']);
      for (const name of ['a.txt', 'b.txt']) assert.ok(readFileSync(there(name)).equals(edit), name);
      assert.equal(statSync(there('d.txt')).size, size + 1);
      // the copies that were replaced, and those beside an edit, are followed like any other
      for (const name of ['b', 'd']) rmSync(join(world.here, `docs/${name}.txt`));
      assert.equal((await world.run(pair)).run.filesDeleted, 2);
      assert.deepEqual(await world.phoneNames('Docs'), ['a.txt', 'b.txt', 'e.txt']);
    });

test('without dates, a copy edited to the same size between the plan and the replacing or deleting stays', async (t) => {
  const world = beginSync(t, { quirks: [['no-dates', 1]] });
  for (const name of ['a', 'b', 'c']) world.local(`docs/${name}.txt`, 1_000, DATE);
  await world.start();
  const pair = world.pair('/Docs', 'docs', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
  await world.run(pair);
  rmSync(join(world.here, 'docs/a.txt'));
  world.local('docs/b.txt', 1_001, DATE + DAY);
  const edit = Buffer.alloc(1_000, 'edit');
  const { run } = await world.run(pair, {
    onPlan: ({ delete: { files } }) => {
      assert.equal(files, 1);
      for (const name of ['a', 'b']) writeFileSync(join(world.phoneFolder, `Docs/${name}.txt`), edit);
    },
  });
  assert.deepEqual([run.filesDeleted, run.filesKept, run.filesMoved], [0, 1, 1]);
  assert.deepEqual(await world.phoneNames('Docs'), ['a.txt', 'b (2).txt', 'b.txt', 'c.txt']);
  for (const name of ['a', 'b']) assert.ok(readFileSync(join(world.phoneFolder, `Docs/${name}.txt`)).equals(edit));
});

test('without dates, what was recorded before its content was noted is followed from then on', async (t) => {
  const world = beginSync(t, { quirks: [['no-dates', 1]] });
  for (const name of ['a', 'b', 'c']) {
    const bytes = Buffer.alloc(1_000, name);
    world.local(`docs/${name}.txt`, 0, DATE);
    writeFileSync(join(world.here, `docs/${name}.txt`), bytes);
    world.onPhone(`Docs/${name}.txt`, 0, DATE);
    writeFileSync(join(world.phoneFolder, `Docs/${name}.txt`), bytes);
  }
  await world.start();
  const pair = world.pair('/Docs', 'docs', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
  assert.equal((await world.run(pair)).preview?.adopted, 3);
  // as an earlier version noted it
  world.memory.putRows(
    pair.id,
    world.memory.rows(pair.id).map((row) => ({ ...row, fingerprint: undefined, adopted: false })),
  );
  await world.run(pair);
  writeFileSync(join(world.phoneFolder, 'Docs/a.txt'), Buffer.alloc(1_000, 'edit'));
  for (const name of ['a', 'b']) rmSync(join(world.here, `docs/${name}.txt`));
  assert.equal((await world.run(pair)).run.filesDeleted, 1);
  assert.deepEqual(await world.phoneNames('Docs'), ['a.txt', 'c.txt']);
});

test('presets use the folder that this phone has', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/Screenshots/Screenshot_1.png', 100, DATE);
  world.onPhone('DCIM/Camera/1.jpg', 100, DATE);
  mkdirSync(join(world.phoneFolder, 'Pictures/Screenshots'), { recursive: true });
  await world.start();
  const [device] = world.engine.devices;
  assert.ok(device !== undefined);
  const ready = await world.sync.presets(device);
  const preset = (kind: string): (typeof ready)[number] => {
    const found = ready.find((one) => one.kind === kind);
    assert.ok(found !== undefined);
    return found;
  };
  assert.equal(preset('screenshots').phone, '/DCIM/Screenshots');
  for (const [kind, name] of [
    ['screenshots', 'Screenshot_1.png'],
    ['camera', '1.jpg'],
  ] as const) {
    const { phone, filters } = preset(kind);
    await world.run(world.pair(phone, kind, { filters }));
    assert.deepEqual(
      (await world.names(kind)).filter((path) => !path.endsWith('/')).map((path) => path.split('/').at(-1)),
      [name],
    );
  }
});

const NONE = { include: [], exclude: [], kinds: [], newerThan: undefined, largerThan: undefined } as const;

// --- names that differ in spelling, and files that become folders
for (const [name, spelled] of [
  ['Song.mp3', 'SONG.mp3'],
  ['Album/Song.mp3', 'Album/SONG.mp3'],
  ['stra\u00dfe.mp3', 'STRASSE.mp3'],
] as const)
  for (const direction of ['to-phone', 'to-computer'] as const)
    test(`a source renamed by case alone renames its copy, and numbers nothing (${direction}, ${spelled})`, async (t) => {
      const world = beginSync(t);
      const isToPhone = direction === 'to-phone';
      const make = (at: string, size: number): string =>
        isToPhone ? world.local(`music/${at}`, size, DATE) : world.onPhone(`Music/${at}`, size, DATE);
      const source = make(name, 1_000);
      make('other.mp3', 1_300);
      await world.start();
      const pair = world.pair('/Music', 'music', { direction, deletions: 'mirror', deletionLimit: 1 });
      assert.equal(await world.figures(pair), 'moved 2 same 0 skipped 0 renamed 0 deleted 0');
      if (isToPhone) renameSync(source, join(source, '..', spelled.split('/').at(-1) ?? ''));
      else await world.phone.touchRename(`/Music/${name}`, `/Music/${spelled}`);
      assert.equal(await world.figures(pair), 'moved 0 same 1 skipped 0 renamed 1 deleted 0');
      const names = isToPhone ? await world.phoneNames('Music') : await world.names('music');
      assert.deepEqual(
        names.filter((one) => !one.endsWith('/')),
        [spelled, 'other.mp3'].sort(),
      );
      assert.equal(await world.figures(pair), 'moved 0 same 2 skipped 0 renamed 0 deleted 0');
    });

test('a copy is known by its own name where the phone has a file of another spelling beside it, and goes with its source', async (t) => {
  const world = beginSync(t);
  const source = world.local('music/\u00e4.mp3', 1_000, DATE);
  world.local('music/other.mp3', 1_300, DATE);
  await world.start();
  const pair = world.pair('/Music', 'music', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
  await world.figures(pair);
  await world.phone.touchFile('/Music/a\u0308.mp3', 'a file of somebody’s', { modified: DATE + DAY });
  rmSync(source);
  assert.equal(await world.figures(pair), 'moved 0 same 1 skipped 0 renamed 0 deleted 1');
  assert.deepEqual(await world.phoneNames('Music'), ['a\u0308.mp3', 'other.mp3']);
});

for (const direction of ['to-phone', 'to-computer'] as const)
  test(`a source that becomes a folder: its copy makes way, and what is in the folder comes (${direction})`, async (t) => {
    const world = beginSync(t);
    const isToPhone = direction === 'to-phone';
    const make = (at: string, size: number): string =>
      isToPhone ? world.local(`music/${at}`, size, DATE) : world.onPhone(`Music/${at}`, size, DATE);
    const source = make('a', 1_000);
    make('other.mp3', 1_300);
    await world.start();
    const pair = world.pair('/Music', 'music', { direction, deletions: 'mirror', deletionLimit: 1 });
    await world.figures(pair);
    if (isToPhone) rmSync(source);
    else await world.phone.touchRemove('/Music/a');
    make('a/b.mp3', 1_700);
    await world.phone.unplug();
    world.phone.plug();
    await world.engine.waitForDevice(undefined, 5_000);
    // a copy goes last: what is in its way is there in the first run
    await world.run(pair);
    assert.equal((await world.run(pair)).run.state, 'done');
    const names = isToPhone ? await world.phoneNames('Music') : await world.names('music');
    assert.deepEqual(names, ['a/', 'a/b.mp3', 'other.mp3']);
  });

test('a source folder renamed by case alone: its copies keep their names, and go with their sources', async (t) => {
  const world = beginSync(t);
  for (const [name, size] of Object.entries({ 'a.mp3': 1_000, 'b.mp3': 1_100 }))
    world.local(`music/album/${name}`, size, DATE);
  await world.start();
  const pair = world.pair('/Music', 'music', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
  await world.figures(pair);
  renameSync(join(world.here, 'music/album'), join(world.here, 'music/Album'));
  assert.equal(await world.figures(pair), 'moved 0 same 0 skipped 0 renamed 2 deleted 0');
  assert.deepEqual(await world.phoneNames('Music'), ['album/', 'album/a.mp3', 'album/b.mp3']);
  rmSync(join(world.here, 'music/Album/a.mp3'));
  assert.equal(await world.figures(pair), 'moved 0 same 1 skipped 0 renamed 0 deleted 1');
  assert.deepEqual(await world.phoneNames('Music'), ['album/', 'album/b.mp3']);
});
