import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Sync, syncCommands } from '../../electron/sync/index.ts';
import { VirtualPhone } from '../../electron/virtual/index.ts';
import { localPath } from '../../shared/domain.ts';
import type { PreviewId, SyncRun } from '../../shared/sync.ts';
import { beginSync, DATE, DAY } from './sync-world.ts';
import { treeOf, writeFile } from './world.ts';

test('the first run copies, the second transfers nothing, a changed file is copied alone', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/Camera/a.jpg', 3_000_000, DATE);
  world.onPhone('DCIM/Camera/b.jpg', 200, DATE + DAY);
  world.onPhone('DCIM/deep/er/c.mp4', 0, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos');
  assert.equal(await world.figures(pair), 'moved 3 same 0 skipped 0 renamed 0 deleted 0');
  assert.deepEqual(await treeOf(join(world.here, 'photos')), await treeOf(join(world.phoneFolder, 'DCIM')));
  const { run } = await world.run(pair);
  assert.equal(run.bytesMoved, 0);
  assert.equal(run.filesUnchanged, 3);
  // / in three (handles, names, kinds); DCIM and deep, which hold folders only, in two; Camera and er in four
  assert.equal(run.transactions, 3 + 2 * 2 + 4 * 2);
  const [first] = world.memory.files(pair.id, { search: 'a.jpg', offset: 0, limit: 1 }).files;
  assert.equal(first?.status, 'synced');
  assert.match(first?.sha256 ?? '', /^[0-9a-f]{64}$/);

  world.onPhone('DCIM/Camera/b.jpg', 300, DATE + 2 * DAY);
  assert.equal(await world.figures(pair), 'moved 1 same 2 skipped 0 renamed 0 deleted 0');
  assert.equal(statSync(join(world.here, 'photos/Camera/b.jpg')).size, 300);
  assert.deepEqual(await world.names('photos'), [
    'Camera/',
    'Camera/a.jpg',
    'Camera/b.jpg',
    'deep/',
    'deep/er/',
    'deep/er/c.mp4',
  ]);
});

test('newest first, by year and month, each under its own path', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/Camera/1.jpg', 10, DATE);
  world.onPhone('DCIM/Other/1.jpg', 20, DATE + DAY);
  world.onPhone('DCIM/Camera/2.jpg', 30, DATE + 60 * DAY);
  world.onPhone('DCIM/Camera/notes.txt', 30, DATE + 60 * DAY);
  await world.start();
  const pair = world.pair('/DCIM', 'photos', { layout: 'year-month', filters: { ...NONE, kinds: ['photos'] } });
  const { actions } = await world.sync.preview(pair.id);
  assert.deepEqual(
    actions.map((action) => action.path),
    ['Camera/2.jpg', 'Other/1.jpg', 'Camera/1.jpg'],
  );
  assert.equal(await world.figures(pair), 'moved 3 same 0 skipped 0 renamed 0 deleted 0');
  assert.deepEqual(await world.names('photos'), [
    '2024/',
    '2024/03/',
    '2024/03/1 (2).jpg',
    '2024/03/1.jpg',
    '2024/05/',
    '2024/05/2.jpg',
  ]);
  assert.equal(await world.figures(pair), 'moved 0 same 3 skipped 0 renamed 0 deleted 0');
});

test('a file renamed or moved on the phone is renamed here, not copied again', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/a.jpg', 500_000, DATE);
  world.onPhone('DCIM/b.jpg', 500_000, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos');
  await world.run(pair);
  mkdirSync(join(world.phoneFolder, 'DCIM/album'));
  renameSync(join(world.phoneFolder, 'DCIM/a.jpg'), join(world.phoneFolder, 'DCIM/album/first.jpg'));
  renameSync(join(world.phoneFolder, 'DCIM/b.jpg'), join(world.phoneFolder, 'DCIM/second.jpg'));
  const { run } = await world.run(pair);
  assert.equal(run.bytesMoved, 0);
  assert.equal(run.filesRenamed, 2);
  assert.deepEqual(await treeOf(join(world.here, 'photos')), await treeOf(join(world.phoneFolder, 'DCIM')));
  assert.equal(await world.figures(pair), 'moved 0 same 2 skipped 0 renamed 0 deleted 0');
  // same size and date, other bytes: no rename
  rmSync(join(world.phoneFolder, 'DCIM/second.jpg'));
  world.onPhone('DCIM/third.jpg', 500_000, DATE);
  assert.equal(await world.figures(pair), 'moved 1 same 1 skipped 0 renamed 0 deleted 0');
});

test('a time zone change transfers nothing; a single shifted file is compared', async (t) => {
  const world = beginSync(t);
  for (let number = 0; number < 5; number += 1)
    world.onPhone(`DCIM/${number}.jpg`, 1_000 + number, DATE + number * DAY);
  await world.start();
  const pair = world.pair('/DCIM', 'photos');
  await world.run(pair);
  const shift = (name: string, ms: number): void => {
    const seconds = (statSync(join(world.phoneFolder, 'DCIM', name)).mtimeMs + ms) / 1000;
    utimesSync(join(world.phoneFolder, 'DCIM', name), seconds, seconds);
  };
  for (let number = 0; number < 5; number += 1) shift(`${number}.jpg`, 5.75 * 3_600_000);
  assert.equal((await world.run(pair)).run.bytesMoved, 0);
  // the same bytes with another date: touched, not changed
  shift('1.jpg', 3_600_000);
  shift('2.jpg', 12_345_000);
  assert.equal(await world.figures(pair), 'moved 0 same 5 skipped 0 renamed 0 deleted 0');
  // other bytes of the same size, an hour later to the second
  const path = join(world.phoneFolder, 'DCIM/3.jpg');
  const before = statSync(path).mtimeMs;
  writeFileSync(path, Buffer.alloc(1_003, 7));
  utimesSync(path, before / 1000 + 3600, before / 1000 + 3600);
  assert.equal(await world.figures(pair), 'moved 1 same 4 skipped 0 renamed 0 deleted 0');
  assert.deepEqual(readFileSync(join(world.here, 'photos/3.jpg')), Buffer.alloc(1_003, 7));
});

test('a copy edited here is left alone; when its source changes too, both are kept', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/a.txt', 100, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'docs');
  await world.run(pair);
  writeFileSync(join(world.here, 'docs/a.txt'), 'my own words');
  assert.equal(await world.figures(pair), 'moved 0 same 1 skipped 0 renamed 0 deleted 0');
  world.onPhone('DCIM/a.txt', 150, DATE + DAY);
  assert.equal(await world.figures(pair), 'moved 1 same 0 skipped 0 renamed 0 deleted 0');
  assert.equal(readFileSync(join(world.here, 'docs/a.txt'), 'utf8'), 'my own words');
  assert.equal(statSync(join(world.here, 'docs/a (2).txt')).size, 150);
  assert.equal(await world.figures(pair), 'moved 0 same 1 skipped 0 renamed 0 deleted 0');
  assert.deepEqual(await world.names('docs'), ['a (2).txt', 'a.txt']);
});

test('an identical existing file is not copied; a missing copy is', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/same-date.jpg', 100, DATE);
  world.onPhone('DCIM/same-bytes.jpg', 100, DATE);
  world.onPhone('DCIM/other.jpg', 100, DATE);
  world.onPhone('DCIM/new.jpg', 100, DATE);
  await world.start();
  writeFile(join(world.here, 'photos/same-date.jpg'), 100, DATE);
  writeFile(join(world.here, 'photos/same-bytes.jpg'), 100, DATE + 12_345_000);
  writeFileSync(join(world.here, 'photos/other.jpg'), Buffer.alloc(100));
  const pair = world.pair('/DCIM', 'photos', { conflicts: 'skip' });
  assert.equal(await world.figures(pair), 'moved 1 same 2 skipped 1 renamed 0 deleted 0');
  rmSync(join(world.here, 'photos/same-date.jpg'));
  assert.equal(await world.figures(pair), 'moved 1 same 2 skipped 1 renamed 0 deleted 0');
  // skipped stays skipped until it is reset or changes
  assert.equal(world.memory.counts(pair.id).skipped, 1);
  rmSync(join(world.here, 'photos/other.jpg'));
  assert.equal(await world.figures(pair), 'moved 0 same 3 skipped 1 renamed 0 deleted 0');
  assert.equal(world.sync.mark(pair.id, 'pending', undefined), 1);
  assert.equal(await world.figures(pair), 'moved 1 same 3 skipped 0 renamed 0 deleted 0');
});

test('mirrored deletions: only our copies, never all of them, never after a failed listing', async (t) => {
  const world = beginSync(t);
  for (let number = 0; number < 10; number += 1) world.onPhone(`DCIM/${number}.jpg`, 100 + number, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos', { deletions: 'mirror', deletionLimit: 0.25 });
  await world.run(pair);
  writeFileSync(join(world.here, 'photos/mine.txt'), 'mine');
  writeFileSync(join(world.here, 'photos/1.jpg'), 'edited');
  const gone = (number: number): void => rmSync(join(world.phoneFolder, `DCIM/${number}.jpg`));
  gone(0);
  gone(1);
  assert.equal(await world.figures(pair), 'moved 0 same 8 skipped 0 renamed 0 deleted 1');
  assert.equal(readFileSync(join(world.here, 'photos/1.jpg'), 'utf8'), 'edited');
  for (const number of [2, 3, 4]) gone(number);
  const held = await world.run(pair);
  assert.equal(held.preview?.delete.hold.kind, 'ask');
  assert.equal(held.run.filesDeleted, 0);
  assert.equal(await world.figures(pair, { confirmDeletions: true }), 'moved 0 same 5 skipped 0 renamed 0 deleted 3');
  for (const number of [5, 6, 7, 8, 9]) gone(number);
  const empty = await world.run(pair, { confirmDeletions: true });
  assert.deepEqual(empty.preview?.delete.hold, { kind: 'never', why: 'empty' });
  assert.equal((await world.names('photos')).length, 7);
  // the folder itself is gone
  rmSync(join(world.phoneFolder, 'DCIM'), { recursive: true });
  const failed = await world.run(pair, { confirmDeletions: true });
  assert.equal(failed.run.state, 'failed');
  assert.equal(failed.run.problem?.kind, 'missing');
  assert.equal((await world.names('photos')).length, 7);
});

test('mirrored deletions: a yes is about what was shown, not about what has gone since', async (t) => {
  const world = beginSync(t);
  for (let number = 0; number < 10; number += 1) world.onPhone(`DCIM/${number}.jpg`, 100 + number, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos', { deletions: 'mirror', deletionLimit: 0.25 });
  await world.run(pair);
  const gone = (...numbers: readonly number[]): void => {
    for (const number of numbers) rmSync(join(world.phoneFolder, `DCIM/${number}.jpg`));
  };
  const commands = syncCommands(world.sync, world.engine);
  const preview = async () => (await commands.syncPreview({ pair: pair.id })).id;
  const ended = async (confirmDeletions?: PreviewId): Promise<readonly number[]> => {
    const over = new Promise<void>((resolve) => {
      const stop = world.sync.onNotice((notice) => {
        if (notice.kind !== 'finished') return;
        stop();
        resolve();
      });
    });
    await commands.syncRun({ pair: pair.id, confirmDeletions, confirmMissing: undefined });
    await over;
    const [run] = world.sync.history(pair.id, { offset: 0, limit: 1 });
    return [run?.filesDeleted ?? -1, run?.filesKept ?? -1];
  };
  gone(0, 1, 2);
  const first = await preview();
  gone(3, 4, 5, 6);
  // another window's
  const second = await preview();
  assert.deepEqual(await ended(first), [3, 4]);
  assert.equal((await world.names('photos')).length, 7);
  assert.equal((await commands.syncActions({ preview: first, offset: 0, limit: 9, only: undefined })).total, 0);
  // a yes is said once
  assert.deepEqual(await ended(first), [0, 4]);
  assert.deepEqual(await ended(undefined), [0, 0]);
  assert.deepEqual(await ended(second), [4, 0]);
});

test('missing copies: a yes is about those that were shown, not about what has gone since', async (t) => {
  const world = beginSync(t);
  for (let number = 0; number < 10; number += 1) world.onPhone(`DCIM/${number}.jpg`, 100 + number, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos');
  await world.run(pair);
  const lose = (...numbers: readonly number[]): void => {
    for (const number of numbers) rmSync(join(world.here, `photos/${number}.jpg`));
  };
  const commands = syncCommands(world.sync, world.engine);
  const preview = async () => (await commands.syncPreview({ pair: pair.id })).id;
  const ended = async (confirmMissing: PreviewId): Promise<readonly unknown[]> => {
    const over = new Promise<void>((resolve) => {
      const stop = world.sync.onNotice((notice) => {
        if (notice.kind !== 'finished') return;
        stop();
        resolve();
      });
    });
    await commands.syncRun({ pair: pair.id, confirmDeletions: undefined, confirmMissing });
    await over;
    const [run] = world.sync.history(pair.id, { offset: 0, limit: 1 });
    return [run?.state, run?.problem?.fault?.id, run?.filesMoved];
  };
  lose(0, 1, 2, 3, 4, 5, 6, 7);
  const first = await preview();
  lose(8);
  const second = await preview();
  assert.deepEqual(await ended(first), ['failed', 'nearly-all-missing', 0]);
  assert.deepEqual(await world.names('photos'), ['9.jpg']);
  // a yes is said once, and one to a preview that nobody was shown is none
  assert.deepEqual(await ended(first), ['failed', 'nearly-all-missing', 0]);
  assert.deepEqual(await ended(second), ['done', undefined, 9]);
});

test('a yes to a preview of one pair is none for another', async (t) => {
  const world = beginSync(t);
  for (const folder of ['one', 'two'])
    for (const number of [0, 1, 2]) world.onPhone(`${folder}/${number}.jpg`, 100 + number, DATE);
  await world.start();
  const [one, two] = ['one', 'two'].map((folder) =>
    world.pair(`/${folder}`, folder, { deletions: 'mirror', deletionLimit: 0 }),
  );
  assert.ok(one !== undefined && two !== undefined);
  for (const pair of [one, two]) await world.run(pair);
  for (const folder of ['one', 'two']) rmSync(join(world.phoneFolder, folder, '0.jpg'));
  const commands = syncCommands(world.sync, world.engine);
  const { id } = await commands.syncPreview({ pair: one.id });
  const over = new Promise<void>((resolve) => {
    world.sync.onNotice((notice) => {
      if (notice.kind === 'finished') resolve();
    });
  });
  await commands.syncRun({ pair: two.id, confirmDeletions: id, confirmMissing: undefined });
  await over;
  assert.deepEqual(await world.names('two'), ['0.jpg', '1.jpg', '2.jpg']);
});

test('mirrored deletions: an unlistable folder or a phone unplugged during the scan deletes nothing', async (t) => {
  const world = beginSync(t);
  for (const name of ['keep/1.jpg', 'keep/2.jpg', 'sub/3.jpg', 'sub/deep/4.jpg'])
    world.onPhone(`DCIM/${name}`, 100, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos', { deletions: 'mirror', deletionLimit: 1 });
  await world.run(pair);
  const all = await world.names('photos');
  rmSync(join(world.phoneFolder, 'DCIM/keep/1.jpg'));

  const { engine } = world;
  const refusing = new Proxy(engine, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      if (name !== 'scan') return (...given: unknown[]): unknown => Reflect.apply(value, target, given);
      return async function* (...given: Parameters<typeof engine.scan>) {
        for await (const folder of engine.scan(...given)) {
          if (folder.path.startsWith('/DCIM/sub/')) continue;
          yield folder.path === '/DCIM/sub'
            ? { ...folder, entries: [], problem: { kind: 'refused', operation: 'list', detail: '0x2002' } as const }
            : folder;
        }
      };
    },
  });
  const partly = new Sync({ engine: refusing, store: world.memory });
  const { run, preview } = await partly.run(pair.id, { waitMs: 0, confirmDeletions: true });
  assert.deepEqual(preview?.delete.hold, { kind: 'never', why: 'incomplete' });
  assert.deepEqual([run.state, run.filesDeleted, run.problem?.kind], ['failed', 0, 'refused']);
  assert.deepEqual(await world.names('photos'), all);

  // unplugged during the scan, after some folders
  await world.restart();
  await world.start();
  world.faults('unplug@op=GetObjectPropList:9:before');
  const cut = await world.run(pair, { waitMs: 0, confirmDeletions: true });
  assert.deepEqual([cut.run.state, cut.run.problem?.kind, cut.run.filesDeleted], ['failed', 'disconnected', 0]);
  assert.equal(cut.preview, undefined);
  assert.deepEqual(await world.names('photos'), all);
});

test('cancelling a pair’s transfer stops its run and deletes nothing; the next run completes it', async (t) => {
  const world = beginSync(t);
  for (const number of [1, 2, 3]) world.onPhone(`DCIM/${number}.jpg`, 100, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos', { deletions: 'mirror', deletionLimit: 1 });
  await world.run(pair);
  rmSync(join(world.phoneFolder, 'DCIM/1.jpg'));
  world.onPhone('DCIM/large.mp4', 40_000_000, DATE);
  const { run } = await world.run(pair, {
    onActivity: (activity) => {
      if (activity.kind === 'copying') void world.engine.execute('cancel', { transfer: activity.transfer });
    },
  });
  assert.deepEqual([run.state, run.filesMoved, run.filesDeleted], ['stopped', 0, 0]);
  assert.ok(run.finishedAt !== undefined);
  assert.deepEqual(await world.names('photos'), ['1.jpg', '2.jpg', '3.jpg']);
  assert.equal(await world.figures(pair), 'moved 1 same 2 skipped 0 renamed 0 deleted 1');
});

test('a pair follows copies moved to another folder and copies nothing again', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/a.jpg', 100, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos');
  await world.run(pair);
  renameSync(join(world.here, 'photos'), join(world.here, 'elsewhere'));
  // a missing drive is not filled again
  assert.equal((await world.run(pair)).run.problem?.kind, 'local-missing');
  world.sync.changePair(pair.id, { local: localPath(join(world.here, 'elsewhere')) });
  assert.equal(await world.figures(pair), 'moved 0 same 1 skipped 0 renamed 0 deleted 0');
  world.pair('/DCIM', 'photos');
  assert.throws(() => world.sync.changePair(pair.id, { local: localPath(join(world.here, 'photos')) }), {
    kind: 'bad-request',
  });
});

test('another phone never syncs into the first one’s folder', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/a.jpg', 100, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos');
  await world.run(pair);
  await world.restart();
  world.phone = new VirtualPhone({ directory: world.phoneFolder, serial: 'OTHER', name: 'World phone' });
  world.usePhone();
  await world.start();
  const { run } = await world.run(pair);
  assert.equal(run.state, 'failed');
  assert.equal(run.problem?.kind, 'disconnected');
});

test('a file that changes while it is copied is pending, and copied again by the next run', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/a.jpg', 100, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos');
  let changed = false;
  await world.run(pair, {
    onActivity: ({ kind }) => {
      if (kind !== 'finishing' || changed) return;
      changed = true;
      writeFileSync(join(world.phoneFolder, 'DCIM/a.jpg'), Buffer.alloc(100, 1));
      utimesSync(join(world.phoneFolder, 'DCIM/a.jpg'), DATE / 1000 + 5, DATE / 1000 + 5);
    },
  });
  assert.deepEqual(world.memory.counts(pair.id), { pending: 1, synced: 0, failed: 0, skipped: 0 });
  assert.equal(await world.figures(pair), 'moved 1 same 0 skipped 0 renamed 0 deleted 0');
  assert.deepEqual(readFileSync(join(world.here, 'photos/a.jpg')), Buffer.alloc(100, 1));
});

test('an unplugged run is completed by the next one, which copies nothing twice', async (t) => {
  const world = beginSync(t);
  // too large to go several at once: of small ones all that are on their way come again
  for (let number = 0; number < 20; number += 1) world.onPhone(`DCIM/${number}.jpg`, 2_000_000, DATE + number * DAY);
  await world.start();
  const pair = world.pair('/DCIM', 'photos');
  world.faults('unplug@bytes=19000000');
  const cut = await world.run(pair, { waitMs: 0 });
  assert.equal(cut.run.state, 'interrupted', JSON.stringify(cut));
  await world.restart();
  await world.start();
  const { run } = await world.run(pair);
  assert.equal(run.state, 'done', JSON.stringify([run, world.log]));
  // as they are told now: the transfer goes on when the program starts, and what it moves before the second run begins
  // is still the first one's
  const runs = world.memory.runs(pair.id, { offset: 0, limit: 9 });
  const sum = (of: (one: SyncRun) => number): number => runs.reduce((total, one) => total + of(one), 0);
  assert.equal(runs.length, 2);
  assert.equal(
    sum((one) => one.filesMoved),
    20,
  );
  assert.ok(sum((one) => one.bytesMoved) <= 40_000_000 + 2_000_000, JSON.stringify(runs));
  assert.deepEqual(await treeOf(join(world.here, 'photos')), await treeOf(join(world.phoneFolder, 'DCIM')));
  assert.equal(await world.figures(pair), 'moved 0 same 20 skipped 0 renamed 0 deleted 0');
});

test('to the phone: copies once, mirrors deletions, carries renames over', async (t) => {
  const world = beginSync(t);
  world.local('music/a/one.mp3', 5_000, DATE);
  world.local('music/a/two.mp3', 20_000_000, DATE + DAY);
  world.local('music/b/three.mp3', 700, DATE + DAY);
  world.local('music/b/four.mp3', 800, DATE + DAY);
  await world.start();
  const pair = world.pair('/Music', 'music', { direction: 'to-phone', deletions: 'mirror' });
  assert.equal(await world.figures(pair), 'moved 4 same 0 skipped 0 renamed 0 deleted 0');
  assert.deepEqual(await treeOf(join(world.phoneFolder, 'Music')), await treeOf(join(world.here, 'music')));
  assert.equal(await world.figures(pair), 'moved 0 same 4 skipped 0 renamed 0 deleted 0');
  rmSync(join(world.here, 'music/b/three.mp3'));
  renameSync(join(world.here, 'music/a/one.mp3'), join(world.here, 'music/b/uno.mp3'));
  const last = await world.run(pair);
  assert.equal(last.run.bytesMoved, 0, JSON.stringify(last));
  assert.deepEqual([last.run.filesRenamed, last.run.filesDeleted], [1, 1]);
  assert.deepEqual(await treeOf(join(world.phoneFolder, 'Music')), await treeOf(join(world.here, 'music')));
});

test('a pair never runs twice at once; an automatic pair runs when its phone is plugged in', async (t) => {
  const world = beginSync(t);
  world.onPhone('DCIM/a.jpg', 100, DATE);
  await world.start();
  const pair = world.pair('/DCIM', 'photos', { automatic: true });
  const first = world.run(pair);
  await assert.rejects(world.run(pair), { kind: 'bad-request' });
  await first;
  world.onPhone('DCIM/b.jpg', 100, DATE);
  world.sync.start();
  const told: string[] = [];
  const finished = new Promise<void>((resolve) => {
    world.sync.onNotice((notice) => {
      told.push(notice.kind);
      if (notice.kind === 'finished') resolve();
    });
  });
  await finished;
  assert.deepEqual(told, ['finished']);
  assert.deepEqual(await world.names('photos'), ['a.jpg', 'b.jpg']);
  assert.equal(world.sync.snapshot().pairs[0]?.lastRun?.automatic, true);
});

const NONE = { include: [], exclude: [], kinds: [], newerThan: undefined, largerThan: undefined } as const;
