import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { localPath } from '../../shared/domain.ts';
import { beginSync, DATE, HOUR } from './sync-world.ts';

/** Folders of a pair that are called otherwise than before, and dates of a pair of very few files. */

const filesOf = (paths: readonly string[]): readonly string[] => paths.filter((path) => !path.endsWith('/'));

for (const direction of ['to-phone', 'to-computer'] as const)
  test(`the phone's folder is found in whatever spelling (${direction})`, async (t) => {
    const world = beginSync(t);
    for (const name of ['a', 'b', 'c']) {
      world.onPhone(`Music/${name}.mp3`, 1_000, DATE);
      if (direction === 'to-phone') world.local(`music/${name}.mp3`, 1_000, DATE);
    }
    await world.start();
    const pair = world.pair('/music', 'music', { direction });
    const first = direction === 'to-phone' ? 'moved 0 same 3' : 'moved 3 same 0';
    assert.equal(await world.figures(pair), `${first} skipped 0 renamed 0 deleted 0`);
    assert.equal(await world.figures(pair), 'moved 0 same 3 skipped 0 renamed 0 deleted 0');
    assert.equal((await world.phoneNames('Music')).length, 3);
    for (const name of ['on the way', 'MUSIC'])
      renameSync(join(world.phoneFolder, name === 'MUSIC' ? 'on the way' : 'Music'), join(world.phoneFolder, name));
    assert.equal(await world.figures(pair), 'moved 0 same 3 skipped 0 renamed 0 deleted 0');
  });

for (const direction of ['to-computer', 'to-phone'] as const)
  test(`the local folder is changed while a run is interrupted (${direction})`, async (t) => {
    const world = beginSync(t);
    for (let number = 0; number < 6; number += 1) {
      const [size, date] = [2_000_000 + number, DATE + number * 10_000];
      if (direction === 'to-computer') world.onPhone(`Docs/sub/${number}.bin`, size, date);
      else for (const folder of ['docs', 'moved']) world.local(`${folder}/sub/${number}.bin`, size, date);
    }
    await world.start();
    const pair = world.pair('/Docs', 'docs', { direction });
    world.faults('unplug@bytes=5000000');
    assert.equal((await world.run(pair, { waitMs: 0 })).run.state, 'interrupted');
    mkdirSync(join(world.here, 'moved'), { recursive: true });
    world.sync.changePair(pair.id, { local: localPath(join(world.here, 'moved')) });
    world.phone.plug();
    await world.engine.waitForDevice(undefined, 5_000);
    await world.run(pair, { confirmMissing: true });
    assert.equal(await world.figures(pair), 'moved 0 same 6 skipped 0 renamed 0 deleted 0');
    assert.equal(filesOf(await world.names('moved')).length, 6);
    assert.equal(filesOf(await world.phoneNames('Docs')).length, 6);
    assert.deepEqual(
      world.memory.rows(pair.id).map(({ path, target }) => path === target && path.startsWith('sub/')),
      Array.from({ length: 6 }, () => true),
    );
  });

const edit = (file: string): void => {
  writeFileSync(file, Buffer.alloc(1_000, 'edited'));
  utimesSync(file, (DATE + HOUR) / 1000, (DATE + HOUR) / 1000);
};

for (const count of [1, 2]) {
  test(`of ${count} in all, files written again an hour later have not shifted`, async (t) => {
    const world = beginSync(t);
    for (let number = 0; number < count; number += 1) world.onPhone(`Docs/${number}.txt`, 1_000, DATE);
    await world.start();
    const pair = world.pair('/Docs', 'docs');
    await world.run(pair);
    for (let number = 0; number < count; number += 1) edit(join(world.phoneFolder, `Docs/${number}.txt`));
    assert.equal(await world.figures(pair), `moved ${count} same 0 skipped 0 renamed 0 deleted 0`);
    assert.match(readFileSync(join(world.here, 'docs/0.txt'), 'latin1'), /^edited/);
  });

  test(`of ${count} in all, copies that were edited are not deleted after their sources`, async (t) => {
    const world = beginSync(t);
    for (const name of [...Array.from({ length: count }, (_, number) => `${number}`), 'other'])
      world.onPhone(`Docs/${name}.txt`, 1_000, DATE);
    await world.start();
    const pair = world.pair('/Docs', 'docs', { deletions: 'mirror', deletionLimit: 1 });
    await world.run(pair);
    rmSync(join(world.here, 'docs/other.txt'));
    for (let number = 0; number < count; number += 1) {
      edit(join(world.here, `docs/${number}.txt`));
      rmSync(join(world.phoneFolder, `Docs/${number}.txt`));
    }
    const { run } = await world.run(pair, { confirmDeletions: true, confirmMissing: true });
    assert.equal(run.filesDeleted, 0);
    assert.match(readFileSync(join(world.here, 'docs/0.txt'), 'latin1'), /^edited/);
  });

  test(`of ${count} in all, copies whose dates shifted with the time zone are still ours`, async (t) => {
    const world = beginSync(t);
    for (let number = 0; number < count; number += 1) world.onPhone(`Docs/${number}.txt`, 1_000, DATE);
    await world.start();
    const pair = world.pair('/Docs', 'docs', { conflicts: 'keep-both' });
    await world.run(pair);
    for (let number = 0; number < count; number += 1) {
      utimesSync(join(world.here, `docs/${number}.txt`), (DATE + HOUR) / 1000, (DATE + HOUR) / 1000);
      world.onPhone(`Docs/${number}.txt`, 2_000, DATE + 2 * HOUR);
    }
    assert.equal(await world.figures(pair), `moved ${count} same 0 skipped 0 renamed 0 deleted 0`);
    assert.equal((await world.names('docs')).length, count);
  });
}
