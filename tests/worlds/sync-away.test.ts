import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Disk } from '../../electron/engine/index.ts';
import { withOtherDisk } from './other-disk.ts';
import { beginSync, DATE, DAY, type SyncWorld } from './sync-world.ts';

/** Copies of which nobody knows whether they are there, and files that nobody can name. */

const REMOVED = ['copy-again', 'stay-away'] as const;
const ALL = 'moved 0 same 7 skipped 0 renamed 0 deleted 0';

async function copied(world: SyncWorld, removed: (typeof REMOVED)[number]) {
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'old/g']) world.onPhone(`Docs/${name}.txt`, 1_000, DATE);
  await world.start();
  const pair = world.pair('/Docs', 'docs', { removed });
  await world.run(pair);
  return pair;
}

for (const removed of REMOVED)
  test(`copies behind a link whose disk is away are not missing (${removed})`, async (t) => {
    const world = beginSync(t);
    const pair = await copied(world, removed);
    const [folder, other] = [join(world.here, 'docs/old'), join(world.folder, 'other disk')];
    renameSync(folder, other);
    symlinkSync(other, folder);
    assert.equal(await world.figures(pair), ALL);
    renameSync(other, `${other} away`);
    const { run } = await world.run(pair);
    assert.deepEqual([run.filesMoved, run.problem?.kind, run.problem?.subject], [0, 'local-missing', folder]);
    renameSync(`${other} away`, other);
    assert.equal(await world.figures(pair), ALL);
  });

for (const removed of REMOVED)
  test(`copies on a disk that was mounted in the pair's folder are not missing (${removed})`, async (t) => {
    let isMounted = true;
    let folder = '';
    const disk = withOtherDisk(() => (isMounted && folder !== '' ? folder : undefined));
    const world = beginSync(t, {}, { disk });
    folder = join(world.here, 'docs/old');
    const pair = await copied(world, removed);
    assert.equal(await world.figures(pair), ALL);
    isMounted = false;
    renameSync(folder, join(world.folder, 'away'));
    mkdirSync(folder);
    // a new file that would lie there waits as well
    world.onPhone('Docs/old/new.txt', 500, DATE + DAY);
    const { run } = await world.run(pair);
    assert.deepEqual([run.problem?.kind, run.problem?.subject], ['local-missing', folder]);
    assert.deepEqual(await world.names('docs/old'), [], 'below the mount point');
    rmSync(folder, { recursive: true });
    // the copies are on this disk now
    renameSync(join(world.folder, 'away'), folder);
    assert.equal(await world.figures(pair), 'moved 1 same 7 skipped 0 renamed 0 deleted 0');
    assert.equal(await world.figures(pair), 'moved 0 same 8 skipped 0 renamed 0 deleted 0');
  });

test('a folder of copies that is a link to itself stops nothing else', async (t) => {
  const world = beginSync(t);
  const pair = await copied(world, 'copy-again');
  const folder = join(world.here, 'docs/old');
  rmSync(folder, { recursive: true });
  symlinkSync('old', folder);
  world.onPhone('Docs/new.txt', 500, DATE);
  const { run } = await world.run(pair);
  assert.deepEqual([run.filesMoved, run.filesUnchanged, run.problem?.subject], [1, 6, folder]);
  assert.equal(existsSync(join(world.here, 'docs/new.txt')), true);
});

test(
  'a file whose name is no UTF-8 is told',
  { skip: process.platform === 'darwin' || process.platform === 'win32' },
  async (t) => {
    const world = beginSync(t);
    const song = world.local('music/a.mp3', 1_000, DATE);
    writeFileSync(
      Buffer.concat([Buffer.from(song.replace('a.mp3', 'caf')), Buffer.from([0xe9]), Buffer.from('.mp3')]),
      'x',
    );
    await world.start();
    const { run } = await world.run(world.pair('/Music', 'music', { direction: 'to-phone' }));
    assert.deepEqual([run.filesMoved, run.problem?.kind], [1, 'source-unreadable']);
  },
);

test('a copy stays while its source, moved and edited, has not arrived', async (t) => {
  const world = beginSync(t);
  for (const name of ['a', 'b', 'c', 'notes']) world.onPhone(`Docs/${name}.txt`, 1_000, DATE);
  await world.start();
  const pair = world.pair('/Docs', 'docs', { deletions: 'mirror', deletionLimit: 1 });
  await world.run(pair);
  writeFileSync(join(world.here, 'docs/New'), 'a file in the way');
  rmSync(join(world.phoneFolder, 'Docs/notes.txt'));
  world.onPhone('Docs/New/notes.txt', 2_000, DATE + DAY);
  const { run } = await world.run(pair);
  assert.deepEqual([run.state, run.filesFailed, run.filesDeleted, run.filesKept], ['failed', 1, 0, 1]);
  assert.equal(existsSync(join(world.here, 'docs/notes.txt')), true);
  rmSync(join(world.here, 'docs/New'));
  assert.equal(await world.figures(pair), 'moved 1 same 3 skipped 0 renamed 0 deleted 1');
});

for (const when of ['names are tried', 'all is planned'])
  test(`a folder that a run is to make is not made in the place of its disk that goes when ${when}`, async (t) => {
    let isMounted = true;
    let goes = when === 'names are tried';
    let mount = '';
    const other = withOtherDisk(() => (isMounted && mount !== '' ? mount : undefined));
    const disk: Disk = {
      ...other,
      open: (path, flags) => {
        if (goes && path.includes('.replug-')) isMounted = false;
        return other.open(path, flags);
      },
    };
    const world = beginSync(t, {}, { disk });
    mount = join(world.here, 'stick');
    mkdirSync(mount);
    world.onPhone('Docs/a.txt', 1_000, DATE);
    await world.start();
    const pair = world.pair('/Docs', 'stick/docs');
    const { run } = await world.run(pair, { waitMs: 100, onPlan: () => (isMounted = when !== 'all is planned') });
    assert.equal(existsSync(join(mount, 'docs')), false);
    assert.deepEqual([run.state, run.filesMoved], [when === 'all is planned' ? 'interrupted' : 'failed', 0]);
    goes = false;
    isMounted = true;
    const again = await world.run(pair);
    assert.deepEqual([again.run.state, again.run.problem], ['done', undefined]);
    assert.equal(existsSync(join(mount, 'docs/a.txt')), true);
  });
