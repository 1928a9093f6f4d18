import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { openStores, openSyncReader } from '../../electron/store/index.ts';
import { pairId } from '../../shared/sync.ts';
import { CliWorld, bytesOf, seeded, treeOf, type Json, type Ran } from './replug.ts';

/** `replug sync` as a process, with a virtual phone. */

async function add(world: CliWorld, ...args: readonly string[]): Promise<string> {
  const ran = await world.run('sync', 'add', ...args, '--json');
  assert.equal(ran.exit, 0, ran.out + ran.err);
  return String(ran.result['pair']);
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const figures = ({ result }: Ran): Json => [result['filesMoved'], result['bytesMoved'], result['exit']];

test('add, dry run, run, run again, list, status, files, remove', async (t) => {
  const world = new CliWorld(t);
  fs.utimesSync(world.onPhone('DCIM/Camera/a.jpg', bytesOf(1, 300_000)), 1_700_000_000, 1_700_000_000);
  fs.utimesSync(world.onPhone('DCIM/Camera/b.mp4', bytesOf(2, 200_000)), 1_700_000_100, 1_700_000_100);
  world.onPhone('DCIM/notes.txt', 'x');
  const pair = await add(world, '/DCIM', 'photos', '--name', 'Camera', '--kind', 'photos,videos');

  const dry = await world.run('sync', 'run', 'Camera', '--dry-run', '--json');
  assert.deepEqual(figures(dry), [0, 0, 0]);
  assert.equal(dry.result['dryRun'], true);
  assert.deepEqual(
    dry.events.filter((event) => event['type'] === 'action').map((event) => [event['action'], event['path']]),
    [
      ['copy', 'Camera/b.mp4'],
      ['copy', 'Camera/a.jpg'],
    ],
  );
  assert.equal(fs.existsSync(path.join(world.here, 'photos')), false);

  assert.deepEqual(figures(await world.run('sync', 'run', '--json')), [2, 500_000, 0]);
  assert.deepEqual(Object.keys(treeOf(path.join(world.here, 'photos'))).sort(), [
    'Camera/',
    'Camera/a.jpg',
    'Camera/b.mp4',
  ]);
  const again = await world.run('sync', 'run', pair, '--json');
  assert.deepEqual(figures(again), [0, 0, 0]);
  assert.ok(Number(again.result['transactions']) <= 12, String(again.result['transactions']));

  const status = await world.bare('--db', world.db, 'sync', 'status', '--json');
  assert.deepEqual(status.events[0]?.['next'], { kind: 'by-hand', begins: 'afresh' });
  assert.match((await world.bare('--db', world.db, 'sync', 'list')).out, /Last run .*Next run: manually only\./);
  assert.deepEqual(status.events[0]?.['counts'], { pending: 0, synced: 2, failed: 0, skipped: 0 });
  assert.equal(status.events[0]?.['lastRun'].state, 'done');
  const files = await world.bare('--db', world.db, 'sync', 'files', 'Camera', '--search', 'A.JPG', '--json');
  assert.equal(files.events[0]?.['status'], 'synced');
  assert.match((await world.bare('--db', world.db, 'sync', 'history', 'Camera')).out, /2 files copied/);

  assert.equal((await world.run('sync', 'remove', 'Camera')).exit, 0);
  assert.match((await world.run('sync', 'list')).out, /No pairs/);
  assert.equal(fs.existsSync(path.join(world.here, 'photos/Camera/a.jpg')), true);
});

test('wrong usage, an unknown pair, another phone, no phone', async (t) => {
  const world = new CliWorld(t);
  assert.equal((await world.run('sync')).exit, 2);
  assert.equal((await world.run('sync', 'fly')).exit, 2);
  assert.equal((await world.run('sync', 'add', '/DCIM', 'x', '--direction', 'up')).exit, 2);
  assert.equal((await world.run('sync', 'add', '/DCIM', 'x', '--newer-than', '2024-02-31')).exit, 2);
  assert.equal((await world.run('sync', 'run', 'none')).exit, 2);
  await add(world, '/DCIM', 'photos', '--name', 'Camera');
  const ran = await world.bare(
    '--db',
    world.db,
    '--no-usb',
    '--virtual',
    `${world.phone},serial=V2`,
    'sync',
    'run',
    'Camera',
    '--json',
  );
  assert.equal(ran.exit, 4);
  assert.equal(fs.existsSync(path.join(world.here, 'photos')), false);
  assert.equal((await world.bare('--db', world.db, '--no-usb', 'sync', 'run')).exit, 4);
});

test('status works while a run is writing; an interrupted run continues', async (t) => {
  const world = new CliWorld(t, 'rate=20000000');
  for (let number = 0; number < 40; number += 1) world.onPhone(`DCIM/${number}.jpg`, bytesOf(number, 1_000_000));
  await add(world, '/DCIM', 'photos');
  const running = world.start('sync', 'run', '--json');
  const status = async (): Promise<Record<string, Json>> => {
    const ran = await world.bare('--db', world.db, 'sync', 'status', '--json');
    assert.equal(ran.exit, 0, ran.out + ran.err);
    return ran.events[0] ?? {};
  };
  let seen = await status();
  while (!(seen['progress']?.filesDone >= 1)) seen = await status();
  assert.equal(seen['lastRun'].state, 'running');
  assert.equal(seen['progress'].filesTotal, 40);
  running.child.kill('SIGINT');
  const stopped = await running.ended;
  assert.equal(stopped.exit, 3, stopped.out + stopped.err);
  const rest = await world.run('sync', 'run', '--json');
  assert.equal(rest.exit, 0, rest.out);
  // what was on its way when it was stopped ended after the first run had told its figures, and counts as its own
  const reader = await openSyncReader(world.db);
  const runs = (reader?.pairs() ?? []).flatMap(({ id }) => reader?.runs(id, { offset: 0, limit: 10 }) ?? []);
  reader?.close();
  assert.equal(
    runs.reduce((sum, { filesMoved }) => sum + filesMoved, 0),
    40,
  );
  assert.ok(runs.length === 2 && rest.result['filesMoved'] < 40);
  assert.deepEqual(treeOf(path.join(world.here, 'photos')), treeOf(path.join(world.phone, 'DCIM')));
});

test('kill -9 at any moment: no file twice, none missing, and the run is not reported as running', async (t) => {
  const world = new CliWorld(t);
  const random = seeded(7);
  for (let number = 0; number < 60; number += 1)
    world.onPhone(`DCIM/${number % 4}/${number}.jpg`, bytesOf(number, Math.floor(random() * 2_000_000)));
  await add(world, '/DCIM', 'photos', '--layout', 'year-month');
  let cut = 0;
  for (let round = 0; round < 8; round += 1) {
    const { child, ended } = world.start('sync', 'run', '--json');
    // alternately: at any moment from the process's first steps, and in the middle of copying
    const planned = new Promise<void>((resolve) => {
      child.stdout?.on('data', (text: string) => text.includes('"type":"plan"') && resolve());
    });
    const moment = round % 2 === 0 ? planned.then(() => sleep(random() * 100)) : sleep(250 + random() * 500);
    await Promise.race([ended, moment]);
    child.kill('SIGKILL');
    const killed = (await ended).signal === 'SIGKILL';
    const { lastRun } = (await world.bare('--db', world.db, 'sync', 'status', '--json')).events[0] ?? {};
    if (!killed || lastRun?.finishedAt !== undefined || lastRun === undefined) continue;
    cut += 1;
    assert.equal(lastRun.state, 'interrupted');
    const { out } = await world.bare('--db', world.db, 'sync', 'status');
    assert.match(out, /was interrupted.* It continues with the next run\./);
    assert.match(out, /Next run: manually; it resumes where it stopped\./);
    assert.doesNotMatch(out, /A run began/);
  }
  assert.ok(cut > 0, 'no run was cut short');
  const last = await world.run('sync', 'run', '--json');
  assert.equal(last.exit, 0, last.out);
  const digests = (folder: string): readonly string[] =>
    Object.values(treeOf(folder))
      .filter((text) => text !== 'folder')
      .sort();
  assert.deepEqual(digests(path.join(world.here, 'photos')), digests(path.join(world.phone, 'DCIM')));
  assert.deepEqual(figures(await world.run('sync', 'run', '--json')), [0, 0, 0]);
  // each run reports the files copied during it, even a run that was killed before it could report
  const pair = (await world.bare('--db', world.db, 'sync', 'list', '--json')).events[0] ?? {};
  const runs = (await world.bare('--db', world.db, 'sync', 'history', String(pair['id']), '--json')).events.filter(
    (event) => event['type'] === 'run',
  );
  assert.equal(
    runs.reduce((sum, run) => sum + Number(run['filesMoved']), 0),
    60,
  );
  assert.deepEqual(
    runs.filter((run) => run['finishedAt'] === undefined),
    [],
  );
});

test('an app killed during a run continues after a restart, and completes the run', async (t) => {
  // slow enough to be killed in the middle
  const world = new CliWorld(t, 'rate=20000000');
  for (let number = 0; number < 40; number += 1) world.onPhone(`DCIM/${number}.jpg`, bytesOf(number, 1_000_000));
  const pair = await add(world, '/DCIM', 'photos', '--automatic');
  const status = async (): Promise<Record<string, Json>> =>
    (await world.bare('--db', world.db, 'sync', 'status', '--json')).events[0] ?? {};
  const until = async (holds: (seen: Record<string, Json>) => boolean): Promise<Record<string, Json>> => {
    while (!t.signal.aborted) {
      const seen = await status();
      if (holds(seen)) return seen;
    }
    throw new Error('it never came');
  };
  // starts automatically, because the phone is connected
  const first = world.start('serve', '--json');
  await until((seen) => seen['lastRun']?.state === 'running' && seen['progress']?.filesDone >= 3);
  first.child.kill('SIGKILL');
  await first.ended;
  const dead = await status();
  assert.equal(dead['lastRun'].state, 'interrupted');
  assert.equal(dead['next'].begins, 'goes-on');
  // manual runs only, so that what follows is the old run and not a new one
  world.phoneOptions = '';
  const stores = await openStores(world.db);
  stores.sync.changePair(pairId(pair), { automatic: false });
  stores.transfers.close();
  const second = world.start('serve', '--json');
  const over = await until((seen) => seen['lastRun']?.finishedAt !== undefined);
  assert.deepEqual(
    [over['lastRun'].state, over['lastRun'].filesMoved, over['lastRun'].id],
    ['done', 40, dead['lastRun'].id],
  );
  assert.deepEqual(over['counts'], { pending: 0, synced: 40, failed: 0, skipped: 0 });
  second.child.kill('SIGTERM');
  await second.ended;
  assert.deepEqual(treeOf(path.join(world.here, 'photos')), treeOf(path.join(world.phone, 'DCIM')));
  assert.deepEqual(figures(await world.run('sync', 'run', pair, '--json')), [0, 0, 0]);
});

test('more deletions than allowed need confirmation', async (t) => {
  const world = new CliWorld(t);
  for (let number = 0; number < 4; number += 1) world.onPhone(`DCIM/${number}.jpg`, bytesOf(number, 1_000));
  await add(world, '/DCIM', 'photos', '--deletions', 'mirror');
  await world.run('sync', 'run');
  for (const number of [0, 1]) fs.rmSync(path.join(world.phone, `DCIM/${number}.jpg`));
  const held = await world.run('sync', 'run', '--json');
  assert.deepEqual([held.exit, held.result['filesDeleted']], [1, 0]);
  assert.equal(fs.readdirSync(path.join(world.here, 'photos')).length, 4);
  const done = await world.run('sync', 'run', '--yes', '--json');
  assert.deepEqual([done.exit, done.result['filesDeleted']], [0, 2]);
  assert.deepEqual(fs.readdirSync(path.join(world.here, 'photos')), ['2.jpg', '3.jpg']);
});

test('skipped files are reported; an empty mount point is asked about; a copy that was not deleted is not a success', async (t) => {
  const world = new CliWorld(t);
  for (let number = 0; number < 4; number += 1) world.onPhone(`DCIM/${number}.jpg`, bytesOf(number, 1_000));
  world.onPhone('DCIM/notes.txt', 'x');
  world.onPhone('DCIM/.trashed-1700000000-old.jpg', 'x');
  const pair = await add(
    world,
    '/DCIM',
    'photos',
    '--kind',
    'photos',
    '--deletions',
    'mirror',
    '--deletion-limit',
    '100',
  );
  const first = await world.run('sync', 'run', pair);
  assert.equal(first.exit, 0, first.out + first.err);
  assert.match(first.out, /4 files copied.*\n2 excluded by filters\./);

  const photos = path.join(world.here, 'photos');
  fs.renameSync(photos, path.join(world.here, 'unplugged'));
  fs.mkdirSync(photos);
  const away = await world.run('sync', 'run', pair, '--yes', '--json');
  assert.deepEqual([away.exit, away.result['filesMoved'], fs.readdirSync(photos)], [1, 0, []]);
  const dry = await world.run('sync', 'run', pair, '--dry-run');
  assert.equal(dry.exit, 1);
  assert.match(dry.out, /4 of 4 copies are not in .*photos: a run copies nothing until you say so \(--copy-again\)/);
  const told = await world.run('sync', 'run', pair);
  assert.match(told.out + told.err, /4 of the 4 copies of this pair are missing/);
  const again = await world.run('sync', 'run', pair, '--copy-again', '--json');
  assert.deepEqual([again.exit, again.result['filesMoved']], [0, 4]);

  // a copy that nobody may delete
  fs.rmSync(path.join(world.phone, 'DCIM/1.jpg'));
  fs.chmodSync(photos, 0o555);
  const refused = await world.run('sync', 'run', pair);
  fs.chmodSync(photos, 0o755);
  if (fs.existsSync(path.join(photos, '1.jpg'))) {
    assert.equal(refused.exit, 1, refused.out);
    assert.match(refused.out, /1 copy that should have been deleted is still there/);
  }
  const edited = path.join(photos, '2.jpg');
  fs.writeFileSync(edited, 'my work');
  fs.rmSync(path.join(world.phone, 'DCIM/2.jpg'));
  const kept = await world.run('sync', 'run', pair);
  assert.match(kept.out, /1 edited copy kept/);
  assert.equal(fs.readFileSync(edited, 'utf8'), 'my work');
});
