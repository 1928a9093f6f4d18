import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { CONFLICT_RULES, localPath, type LocalPath } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { begin, type World } from './world.ts';

/** Sources that share one name on the phone, and links: nothing is lost, and a move deletes only its own sources. */

/** Every content below a folder, sorted; links are not followed. */
function contentsOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return contentsOf(path);
      return entry.isFile() ? [readFileSync(path, 'utf8')] : [];
    })
    .sort();
}
const write = (world: World, path: string): void => {
  mkdirSync(join(world.here, path, '..'), { recursive: true });
  writeFileSync(join(world.here, path), `content of ${path}`);
};
const sources = (world: World, ...paths: readonly string[]): readonly LocalPath[] =>
  paths.map((path) => localPath(join(world.here, path)));
const whyOf = async (world: World, view: TransferView): Promise<readonly string[]> =>
  (await world.engine.execute('report', { transfer: view.id, format: 'json' })).lines.map(({ detail }) => detail);

const MEETING: Readonly<Record<string, { readonly files: readonly string[]; readonly sources: readonly string[] }>> = {
  case: { files: ['s/Photo.JPG', 's/photo.jpg'], sources: ['s'] },
  'case, given one by one': { files: ['s/Photo.JPG', 's/photo.jpg'], sources: ['s/Photo.JPG', 's/photo.jpg'] },
  'composed and decomposed': { files: ['s/caf\u00e9', 's/cafe\u0301'], sources: ['s'] },
  'full case folding': { files: ['s/Stra\u00dfe.txt', 's/STRASSE.txt', 's/\ufb01le', 's/file'], sources: ['s'] },
  'one name from two folders': { files: ['a/x.jpg', 'b/x.jpg', 'c/x.jpg'], sources: ['a/x.jpg', 'b/x.jpg', 'c/x.jpg'] },
  'two folders': { files: ['s/Foo/1', 's/Foo/x', 's/foo/2', 's/foo/x'], sources: ['s'] },
  'folders of one name': { files: ['a/P/1', 'a/P/x', 'b/P/2', 'b/P/x'], sources: ['a/P', 'b/P'] },
  'a file and a folder': { files: ['a/thing', 'b/Thing/inside'], sources: ['a/thing', 'b/Thing'] },
  'long names': { files: [`s/${'x'.repeat(240)}-first.jpeg`, `s/${'x'.repeat(240)}-other.jpeg`], sources: ['s'] },
};
const ON_CARD: typeof MEETING = {
  'last dots and blanks': { files: ['s/a', 's/a.', 's/a..', 's/a '], sources: ['s'] },
  'last dots of folders': { files: ['s/f/x', 's/f./x', 's/f /x'], sources: ['s'] },
  'look-alikes': { files: ['s/what?.txt', 's/what\uff1f.txt'], sources: ['s'] },
};

for (const [storage, cases] of [MEETING, ON_CARD].entries())
  for (const [what, given] of Object.entries(cases))
    describe(`sources that meet: ${what}`, () => {
      for (const move of [false, true])
        for (const onConflict of CONFLICT_RULES.filter((rule) => rule !== 'ask'))
          test(`all arrive by the rule ${onConflict}${move ? ', moved' : ''}`, async (t) => {
            const card = mkdtempSync(join(tmpdir(), 'replug-card-'));
            t.after(() => {
              rmSync(card, { recursive: true, force: true });
            });
            const world = begin(t, { sdDirectory: card });
            for (const file of given.files) write(world, file);
            const before = contentsOf(world.here);
            assert.equal(before.length, given.files.length);
            await world.start();
            const { transfer } = await world.engine.enqueue({
              direction: 'upload',
              sources: sources(world, ...given.sources),
              to: world.place('/', storage),
              options: { onConflict, onName: 'legal', move },
            });
            const view = await world.engine.settled(transfer, { waitMs: 300 });
            assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
            assert.equal(view.counts.skipped + view.counts.alreadyThere.files, 0);
            await world.engine.stop();
            assert.deepEqual(contentsOf(storage === 0 ? world.phoneFolder : card), before);
            assert.deepEqual(contentsOf(world.here), move ? [] : before);
          });
    });

test('a repeated transfer recognises the numbered names', async (t) => {
  const world = begin(t);
  for (const file of ['a/x.jpg', 'b/x.jpg']) write(world, file);
  await world.start();
  await world.push(sources(world, 'a/x.jpg', 'b/x.jpg'), '/Download');
  const view = await world.push(sources(world, 'a/x.jpg', 'b/x.jpg'), '/Download');
  assert.equal(view.counts.alreadyThere.files, 2, JSON.stringify(view));
  assert.equal(readdirSync(join(world.phoneFolder, 'Download')).length, 2);
});

describe('a move and links', () => {
  test('deletes nothing outside the chosen folder', async (t) => {
    const world = begin(t);
    for (const file of ['archive/only-copy.jpg', 'single.jpg', 'named/a.jpg']) write(world, file);
    symlinkSync(join(world.here, 'archive'), join(world.here, 'named/archive'));
    symlinkSync(join(world.here, 'single.jpg'), join(world.here, 'named/single.jpg'));
    await world.start();
    const view = await world.push(sources(world, 'named'), '/Download', { move: true }, 300);
    assert.equal(view.state, 'done', JSON.stringify(view));
    await world.engine.stop();
    assert.deepEqual(contentsOf(world.here), ['content of archive/only-copy.jpg', 'content of single.jpg']);
    assert.equal(contentsOf(join(world.phoneFolder, 'Download')).length, 3);
    assert.match((await whyOf(world, view)).join('\n'), /not deleted: It was reached through a link/);
  });

  test('two links to one folder: it goes once, and nothing waits', async (t) => {
    const world = begin(t);
    for (const file of ['archive/x.jpg', 'named/a.jpg']) write(world, file);
    for (const link of ['one', 'two']) symlinkSync(join(world.here, 'archive'), join(world.here, 'named', link));
    await world.start();
    const view = await world.push(sources(world, 'named'), '/Download', { move: true }, 300);
    assert.equal(view.state, 'done', JSON.stringify(view));
    await world.engine.stop();
    assert.deepEqual(contentsOf(world.here), ['content of archive/x.jpg']);
    assert.deepEqual(contentsOf(world.phoneFolder), ['content of archive/x.jpg', 'content of named/a.jpg']);
  });

  test('a link within the folder, and a source within another source, wait for nothing', async (t) => {
    const world = begin(t);
    for (const file of ['named/deep/x.jpg', 'named/y.jpg']) write(world, file);
    symlinkSync(join(world.here, 'named/deep'), join(world.here, 'named/a-link'));
    symlinkSync(join(world.here, 'named/deep/x.jpg'), join(world.here, 'named/z-link'));
    await world.start();
    const given = sources(world, 'named/y.jpg', 'named', 'named/deep', 'named');
    const view = await world.push(given, '/Download', { move: true }, 300);
    assert.equal(view.state, 'done', JSON.stringify(view));
    await world.engine.stop();
    assert.deepEqual(contentsOf(world.here), []);
    assert.deepEqual(contentsOf(world.phoneFolder), ['content of named/deep/x.jpg', 'content of named/y.jpg']);
  });

  test('a file that became a link before the deletion stays', async (t) => {
    const world = begin(t);
    for (const file of ['named/deep/x.jpg', 'elsewhere/x.jpg']) write(world, file);
    await world.start();
    world.faults('unplug@op=SendObject:1:before');
    const { transfer } = await world.engine.enqueue({
      direction: 'upload',
      sources: sources(world, 'named'),
      to: world.place('/Download'),
      options: { onConflict: 'skip', move: true },
    });
    await world.engine.settled(transfer, { waitMs: 100 });
    renameSync(join(world.here, 'named/deep'), join(world.here, 'moved-away'));
    symlinkSync(join(world.here, 'moved-away'), join(world.here, 'named/deep'));
    world.phone.plug();
    await world.engine.settled(transfer, { waitMs: 500 });
    await world.engine.stop();
    assert.equal(contentsOf(world.here).length, 2);
  });

  for (const move of [true, false])
    test(`a link that leads nowhere is told as one${move ? ', in a move' : ''}`, async (t) => {
      const world = begin(t);
      write(world, 'named/a.jpg');
      symlinkSync(join(world.here, 'nowhere'), join(world.here, 'named/dangling'));
      await world.start();
      const view = await world.push(sources(world, 'named'), '/Download', { move }, 300);
      assert.equal(view.state, 'failed');
      assert.equal(view.counts.failed, 1);
      assert.match((await whyOf(world, view)).join('\n'), /It is a broken link: its target does not exist/);
    });
});

test('a name that is made legal meets another source of that name after a replug: both are kept', async (t) => {
  const MIB = 1024 * 1024;
  const world = begin(t, { quirks: [['fat-names', 1]], rate: 10 * MIB });
  const contents = [world.local('set/x?.txt', 2 * MIB), world.local('set/x\uff1f.txt', 2 * MIB + 7)].map((path) =>
    readFileSync(path),
  );
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: sources(world, 'set'),
    to: world.place('/Download'),
    options: { onConflict: 'replace', onName: 'legal', move: true },
  });
  while (world.engine.view(transfer).counts.moved.files === 0) await sleep(2);
  await world.phone.unplug();
  while (world.engine.devices.some(({ state }) => state.kind !== 'gone')) await sleep(2);
  world.phone.plug();
  const view = await world.engine.settled(transfer, { waitMs: 0, signal: AbortSignal.timeout(20_000) });
  assert.equal(view.counts.moved.files, 2);
  const folder = join(world.phoneFolder, 'Download/set');
  const there = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  for (const content of contents) assert.ok(there.some((one) => one.equals(content)));
});
