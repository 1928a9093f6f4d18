import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { driven } from './driven.ts';
import type { LookSnapshot } from '../../shared/opening.ts';
import { begin } from './opened-world.ts';
import { bytesFor, type World } from './world.ts';

/** A folder that an app deletes and makes anew, without a word from the phone: its handle is another one. */

async function anew(t: TestContext): Promise<World> {
  const world = begin(t);
  world.onPhone('Download/a.txt', 10);
  world.onPhone('Other/b.txt', 20);
  await world.start();
  for (const path of ['/Download', '/Other']) await world.engine.entries(world.place(path));
  const quietly = { quietly: true };
  await world.phone.touchRemove('/Download', quietly);
  await world.phone.touchFile('/Download/new.txt', 'new', quietly);
  return world;
}

describe('is found by what a person does', () => {
  test('a folder is made in it', async (t) => {
    const world = await anew(t);
    await world.engine.execute('makeFolder', { place: world.place('/Download'), name: 'made' });
    assert.ok(existsSync(join(world.phoneFolder, 'Download/made')));
  });

  for (const how of ['moveOnPhone', 'copyOnPhone'] as const)
    test(`something goes there: ${how}`, async (t) => {
      const world = await anew(t);
      await world.engine.execute(how, { sources: [world.place('/Other/b.txt')], to: world.place('/Download') });
      assert.deepEqual(readdirSync(join(world.phoneFolder, 'Download')).sort(), ['b.txt', 'new.txt']);
      assert.equal(existsSync(join(world.phoneFolder, 'Other/b.txt')), how === 'copyOnPhone');
    });

  test('something in it is renamed', async (t) => {
    const world = await anew(t);
    await world.engine.execute('rename', { place: world.place('/Download/new.txt'), name: 'newer.txt' });
    assert.equal(readFileSync(join(world.phoneFolder, 'Download/newer.txt'), 'utf8'), 'new');
  });
});

test('what is in it is opened, looked at and compared', async (t) => {
  const world = await anew(t);
  const place = world.place('/Download/new.txt');
  const { copy } = await world.engine.execute('fetchCopy', { place });
  assert.equal(readFileSync(world.engine.opening.openable(copy).path, 'utf8'), 'new');
  // one that was opened before, written anew
  await world.phone.touchRemove('/Download', { quietly: true });
  await world.phone.touchFile('/Download/new.txt', 'newer', { quietly: true });
  const again = await world.engine.execute('fetchCopy', { place });
  assert.equal(readFileSync(world.engine.opening.openable(again.copy).path, 'utf8'), 'newer');

  await world.phone.touchRemove('/Download', { quietly: true });
  await world.phone.touchFile('/Download/new.txt', 'newest', { quietly: true });
  const shown = await new Promise<LookSnapshot>((resolve) => {
    const end = world.engine.watch('look', { place }, (snapshot) => {
      if (snapshot.kind === 'opening') return;
      setImmediate(() => end());
      resolve(snapshot);
    });
  });
  assert.equal(shown.kind, 'text', JSON.stringify(shown));

  await world.phone.touchRemove('/Download', { quietly: true });
  await world.phone.touchFile('/Download/new.txt', 'last', { quietly: true });
  assert.equal((await world.engine.stat(place)).size, 4);
});

test('other programs make folders and files in it at once', async (t) => {
  const world = await anew(t);
  await world.engine.files.makeFolder(world.place('/Download/made'));
  await world.phone.touchRemove('/Download', { quietly: true });
  await world.phone.touchFile('/Download/new.txt', 'newer', { quietly: true });
  const file = await world.engine.files.write(world.place('/Download/written.txt'), { size: 7 });
  await file.write(Buffer.from('written'));
  await file.finish();
  assert.equal(readFileSync(join(world.phoneFolder, 'Download/written.txt'), 'utf8'), 'written');
});

test('what was given up in it goes at once', async (t) => {
  const world = await anew(t);
  const MIB = 1024 * 1024;
  const file = await world.engine.files.write(world.place('/Download/written.bin'), { size: 9 * MIB });
  await file.write(bytesFor('written', 8 * MIB));
  const folder = join(world.phoneFolder, 'Download');
  const temporary = readdirSync(folder).find((name) => name.includes('.replug-')) ?? '';
  assert.notEqual(temporary, '');
  await world.phone.touchRemove('/Download', { quietly: true });
  await world.phone.touchFile(`/Download/${temporary}`, 'half', { quietly: true });
  await file.abandon();
  assert.deepEqual(readdirSync(folder), []);
});

test('is found by other programs, which are not told for ever that it is gone', async (t) => {
  const { world, call } = await driven(t, {}, (made) => {
    made.onPhone('Download/a.txt', 10);
  });
  assert.equal((await call('PROPFIND', 'Download/', { headers: { depth: '1' } })).status, 207);
  await world.phone.touchRemove('/Download', { quietly: true });
  await world.phone.touchFile('/Download/new.txt', 'new', { quietly: true });
  // a listing is looked at again after five seconds
  await new Promise((resolve) => setTimeout(resolve, 5_100));
  const listed = await call('PROPFIND', 'Download/', { headers: { depth: '1' } });
  assert.equal(listed.status, 207);
  assert.match(listed.body.toString(), /new\.txt/);
  assert.equal((await call('GET', 'Download/new.txt')).body.toString(), 'new');
});
