import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { VirtualPhone, type VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { isPhoneError, type PhoneErrorKind } from '../../shared/errors.ts';
import { localPath } from '../../shared/domain.ts';
import { until } from './catalogue-world.ts';
import { beginPhotos } from './photo-world.ts';
import { DATE, beginSync } from './sync-world.ts';
import { begin, bytesFor, treeOf, type World } from './world.ts';

/** A phone that answers OK to deleting, moving, copying or renaming, and does nothing: nothing is lost, and nothing told done. */

const MIB = 1024 * 1024;
type Idle = 'idle-delete' | 'idle-move' | 'idle-copy' | 'idle-rename';
const that = (...idle: readonly (Idle | readonly [Idle, number])[]): Partial<VirtualPhoneOptions> => ({
  quirks: idle.map((one) => (typeof one === 'string' ? ([one, 1] as const) : one)),
});
const fails = (promise: Promise<unknown>, kind: PhoneErrorKind): Promise<void> =>
  assert.rejects(promise, (error: unknown) => {
    assert.ok(isPhoneError(error), String(error));
    assert.equal(error.kind, kind, error.message);
    return true;
  });
const temporaries = (world: World): readonly string[] =>
  readdirSync(world.phoneFolder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.replug-'));

async function started(t: TestContext, phone: Partial<VirtualPhoneOptions>): Promise<World> {
  const world = begin(t, phone);
  world.onPhone('from/a.bin', 3_000, DATE);
  world.onPhone('from/in/b.bin', 4_000, DATE);
  mkdirSync(join(world.phoneFolder, 'to'));
  await world.start();
  return world;
}

describe('deletes nothing', () => {
  for (const path of ['/from/a.bin', '/from/in', '/from'])
    test(`${path} is not told deleted`, async (t) => {
      const world = await started(t, that('idle-delete'));
      const before = await treeOf(world.phoneFolder);
      await fails(world.engine.execute('delete', { sources: [world.place(path)] }), 'refused');
      const { agreement } = await world.engine.execute('measure', { sources: [world.place(path)] });
      await fails(world.engine.execute('delete', { sources: [world.place(path)], agreement }), 'refused');
      await fails(world.engine.files.remove(world.place(path)), 'refused');
      assert.deepEqual(await treeOf(world.phoneFolder), before);
    });

  for (const size of [3_000, 17 * MIB])
    test(`the original of a move of ${size} bytes is told to be there still`, async (t) => {
      const world = begin(t, that('idle-delete'));
      const original = world.onPhone('DCIM/film.bin', size, DATE);
      await world.start();
      const view = await world.pull(['/DCIM/film.bin'], 'in', { move: true });
      const { lines } = await world.engine.execute('report', { transfer: view.id, format: 'json' });
      assert.match(lines[0]?.detail ?? '', /^the original was not deleted/, JSON.stringify(lines));
      assert.ok(existsSync(original));
      assert.ok(readFileSync(join(world.here, 'in/film.bin')).equals(bytesFor('film.bin', size)));
    });

  for (const size of [3_000, 17 * MIB])
    test(`a file that ${size} bytes were to replace stays, and they are not told done`, async (t) => {
      const world = begin(t, that('idle-delete'));
      world.onPhone('to/film.bin', 500, DATE);
      await world.start();
      const view = await world.push([world.local('film.bin', size)], '/to', { onConflict: 'replace' }, 30_000);
      assert.equal(view.counts.moved.files, 0, JSON.stringify(view));
      assert.ok(readFileSync(join(world.phoneFolder, 'to/film.bin')).equals(bytesFor('film.bin', 500)));
    });

  test('a move by copies keeps its originals and its copies', async (t) => {
    const world = await started(t, { profile: 'legacy-kernel', ...that('idle-delete') });
    const before = await treeOf(world.phoneFolder);
    await fails(world.engine.files.move(world.place('/from'), world.place('/to/new')), 'refused');
    const after = await treeOf(world.phoneFolder);
    for (const [name, content] of Object.entries(before)) assert.equal(after[name], content, name);
    assert.equal(after['to/new/in/b.bin'], before['from/in/b.bin']);
  });

  test('photos that were freed are told kept', async (t) => {
    const world = beginPhotos(t, that('idle-delete'));
    world.onPhone('DCIM/Camera/one.jpg', 3_001, DATE);
    world.onPhone('DCIM/Camera/two.jpg', 5_001, DATE);
    await world.start();
    assert.equal(await world.lookAndImport(), 2);
    const { device, photos } = world;
    const report = await photos.free(
      device,
      photos.shots(device).map(({ id }) => id),
    );
    assert.deepEqual([report.freed.files, report.kept.files], [0, 2]);
    assert.deepEqual(
      report.shots.map(({ why, gone }) => [why, gone]),
      [
        ['failed', []],
        ['failed', []],
      ],
    );
    assert.equal(photos.shots(device).length, 2);
  });

  test('a mirrored deletion is not told done, and the copy stays known', async (t) => {
    const world = beginSync(t, that('idle-delete'));
    for (const name of ['a.mp3', 'b.mp3', 'c.mp3']) world.local(`music/${name}`, 1_000 + name.length, DATE);
    await world.start();
    const pair = world.pair('/Music', 'music', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
    await world.run(pair);
    rmSync(join(world.here, 'music/a.mp3'));
    const { run } = await world.run(pair);
    assert.equal(run.filesDeleted, 0, JSON.stringify(run));
    assert.deepEqual(await world.phoneNames('Music'), ['a.mp3', 'b.mp3', 'c.mp3']);
    assert.ok(world.memory.rows(pair.id).some(({ target }) => target === 'a.mp3'));
  });
});

describe('moves or copies nothing', () => {
  for (const [how, idle] of [
    ['moveOnPhone', 'idle-move'],
    ['copyOnPhone', 'idle-copy'],
  ] as const)
    for (const path of ['/from/a.bin', '/from/in'])
      test(`${how} of ${path} is not told done`, async (t) => {
        const world = await started(t, that(idle));
        const before = await treeOf(world.phoneFolder);
        const wish = { sources: [world.place(path)], to: world.place('/to') };
        await fails(world.engine.execute(how, wish), 'unsupported');
        assert.deepEqual(await treeOf(world.phoneFolder), before);
      });

  for (const how of ['moveOnPhone', 'copyOnPhone'] as const)
    test(`to the card: ${how} is not told done`, async (t) => {
      const world = begin(t);
      const sd = join(world.folder, 'sd');
      mkdirSync(sd);
      world.onPhone('a.bin', 3_000, DATE);
      const quirks = that('idle-move', 'idle-copy');
      world.phone = new VirtualPhone({ directory: world.phoneFolder, sdDirectory: sd, serial: 'WORLD1', ...quirks });
      world.usePhone();
      await world.start();
      await fails(
        world.engine.execute(how, { sources: [world.place('/a.bin')], to: world.place('/', 1) }),
        'unsupported',
      );
      assert.ok(existsSync(join(world.phoneFolder, 'a.bin')));
      assert.deepEqual(readdirSync(sd), []);
    });

  for (const [from, to] of [
    ['/from/a.bin', '/to/a.bin'],
    ['/from/a.bin', '/to/other.bin'],
    ['/from', '/to/from'],
    ['/from', '/to/other'],
  ] as const) {
    test(`for another program ${from} goes to ${to} by copies`, async (t) => {
      const world = await started(t, that('idle-move', 'idle-copy'));
      const before = await treeOf(world.phoneFolder);
      await world.engine.files.copy(world.place(from), world.place(`${to} 2`));
      await world.engine.files.move(world.place(from), world.place(to));
      const after = await treeOf(world.phoneFolder);
      const moved = Object.entries(before).filter(([name]) => `/${name}`.startsWith(from));
      for (const [name, content] of moved) {
        const below = `/${name}`.slice(from.length);
        assert.equal(after[`${to}${below}`.slice(1)], content, name);
        assert.equal(after[`${to} 2${below}`.slice(1)], content, name);
        assert.equal(after[name], undefined, `${name} is still there`);
      }
      assert.deepEqual(temporaries(world), []);
    });

    test(`for another program ${from} replaces what is at ${to}`, async (t) => {
      const world = await started(t, that('idle-move'));
      world.onPhone(`${to.slice(1)}${from === '/from' ? '/old.bin' : ''}`, 77, DATE);
      const before = await treeOf(world.phoneFolder);
      await world.engine.files.move(world.place(from), world.place(to));
      const after = await treeOf(world.phoneFolder);
      const moved = Object.entries(before).filter(([name]) => `/${name}`.startsWith(from));
      for (const [name, content] of moved)
        assert.equal(after[`${to}${`/${name}`.slice(from.length)}`.slice(1)], content);
      assert.equal(after[`${to.slice(1)}/old.bin`], undefined);
      assert.deepEqual(temporaries(world), []);
    });
  }
});

describe('renames nothing', () => {
  for (const [path, name] of [
    ['/from/a.bin', 'other.bin'],
    ['/from/a.bin', 'A.bin'],
    ['/from', 'other'],
  ] as const)
    test(`${path} is not told to be ${name}`, async (t) => {
      const world = await started(t, that('idle-rename'));
      const before = await treeOf(world.phoneFolder);
      await fails(world.engine.execute('rename', { place: world.place(path), name }), 'unsupported');
      const to = world.place(`${path.slice(0, path.lastIndexOf('/'))}/${name}`);
      await fails(world.engine.files.move(world.place(path), to), 'unsupported');
      assert.deepEqual(await treeOf(world.phoneFolder), before);
    });

  test('nor is one after another that was', async (t) => {
    const world = await started(t, that(['idle-rename', 2]));
    await world.engine.execute('rename', { place: world.place('/from/a.bin'), name: 'b.bin' });
    await fails(world.engine.execute('rename', { place: world.place('/from/b.bin'), name: 'c.bin' }), 'unsupported');
    assert.deepEqual(readdirSync(join(world.phoneFolder, 'from')).sort(), ['b.bin', 'in']);
  });

  for (const [what, there] of [
    ['a new file', undefined],
    ['one that replaces another', 500],
  ] as const)
    for (const move of [false, true])
      test(`${what} goes whole under its own name${move ? ', and then its original' : ''}`, async (t) => {
        const world = begin(t, that('idle-rename'));
        if (there !== undefined) world.onPhone('to/film.bin', there, DATE);
        await world.start();
        const source = world.local('film.bin', 17 * MIB);
        const view = await world.push([source], '/to', { onConflict: 'replace', move }, 30_000);
        assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
        assert.equal(view.counts.moved.files, 1);
        assert.ok(readFileSync(join(world.phoneFolder, 'to/film.bin')).equals(bytesFor('film.bin', 17 * MIB)));
        assert.deepEqual(temporaries(world), []);
        assert.equal(existsSync(source), !move);
      });

  for (const move of [false, true])
    test(`the second file is believed neither${move ? ', and then its original goes' : ''}`, async (t) => {
      const world = begin(t, that(['idle-rename', 2]));
      await world.start();
      const sources = ['one.bin', 'two.bin'].map((name) => world.local(name, 17 * MIB));
      const view = await world.push(sources, '/to', { move }, 30_000);
      assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
      assert.deepEqual(readdirSync(join(world.phoneFolder, 'to')).sort(), ['one.bin', 'two.bin']);
      assert.ok(sources.every((source) => existsSync(source) !== move));
    });

  test('the second file of another program is told not to be there, and is kept', async (t) => {
    const world = await started(t, that(['idle-rename', 2]));
    const write = async (name: string): Promise<void> => {
      const file = await world.engine.files.write(world.place(`/to/${name}`), { size: 9 });
      await file.write(Buffer.from('new bytes'));
      await file.finish().catch(async (error: unknown) => {
        await file.abandon();
        throw error;
      });
    };
    await write('one.txt');
    await fails(write('two.txt'), 'unsupported');
    assert.equal(readFileSync(join(world.phoneFolder, 'to/one.txt'), 'utf8'), 'new bytes');
    assert.ok(!existsSync(join(world.phoneFolder, 'to/two.txt')));
  });

  test('what another program writes over a file is told not to be there, and is kept', async (t) => {
    const world = await started(t, that('idle-rename'));
    const file = await world.engine.files.write(world.place('/from/a.bin'), { size: 9 });
    await file.write(Buffer.from('new bytes'));
    await fails(file.finish(), 'unsupported');
    await file.abandon();
    const [left = ''] = temporaries(world);
    assert.equal(readFileSync(join(world.phoneFolder, left), 'utf8'), 'new bytes');
    assert.equal(world.store.leftovers(world.place('/').device).length, 1);
  });
});

/** The cable goes after the phone's OK to an operation, before anything can be looked at. */
function cutAfter(world: World, operation: number): void {
  const stopWaiting = world.phone.onOperation((seen) => {
    if (seen !== operation) return;
    stopWaiting();
    const stop = world.phone.onOperation((next) => {
      if (next !== Operation.GetObjectInfo) return;
      stop();
      void world.phone.unplug();
    });
  });
}

for (const idle of [true, false])
  describe(`the cable goes before a deletion ${idle ? 'that was none ' : ''}can be looked at`, () => {
    const phone = idle ? that('idle-delete') : {};

    for (const size of [3_000, 3 * MIB])
      test(`the original of a move of ${size} bytes is told deleted once it was looked at`, async (t) => {
        const world = begin(t, phone);
        const original = world.onPhone('DCIM/film.bin', size, DATE);
        await world.start();
        cutAfter(world, Operation.DeleteObject);
        const { transfer } = await world.engine.enqueue({
          direction: 'download',
          sources: [world.place('/DCIM/film.bin')],
          to: localPath(join(world.here, 'in')),
          options: { move: true },
        });
        const told = async (): Promise<string> => {
          const { lines } = await world.engine.execute('report', { transfer, format: 'json' });
          return lines[0]?.detail ?? '';
        };
        await until(() => !world.phone.isPlugged);
        await until(() => world.engine.view(transfer).state === 'waiting');
        assert.doesNotMatch(await told(), /^the original was deleted/);
        world.phone.plug();
        const view = await world.engine.settled(transfer, { waitMs: 5_000 });
        assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
        assert.match(await told(), idle ? /^the original was not deleted/ : /^the original was deleted/);
        assert.equal(existsSync(original), idle);
        assert.ok(readFileSync(join(world.here, 'in/film.bin')).equals(bytesFor('film.bin', size)));
      });

    test('a mirrored deletion is looked at when the phone is back', async (t) => {
      const world = beginSync(t, phone);
      for (const name of ['a.mp3', 'b.mp3', 'c.mp3']) world.local(`music/${name}`, 1_000 + name.length, DATE);
      await world.start();
      const pair = world.pair('/Music', 'music', { direction: 'to-phone', deletions: 'mirror', deletionLimit: 1 });
      await world.run(pair);
      rmSync(join(world.here, 'music/a.mp3'));
      cutAfter(world, Operation.DeleteObject);
      const running = world.run(pair);
      await until(() => !world.phone.isPlugged);
      assert.ok(world.memory.rows(pair.id).some(({ target }) => target === 'a.mp3'));
      world.phone.plug();
      // it was not seen to be deleted by this run
      assert.equal((await running).run.filesDeleted, 0);
      const isThere = existsSync(join(world.phoneFolder, 'Music/a.mp3'));
      assert.equal(isThere, idle);
      assert.equal(
        world.memory.rows(pair.id).some(({ target }) => target === 'a.mp3'),
        idle,
      );
    });

    test('a photo that was freed is told kept', async (t) => {
      const world = beginPhotos(t, phone);
      world.onPhone('DCIM/Camera/one.jpg', 3_001, DATE);
      await world.start();
      assert.equal(await world.lookAndImport(), 1);
      const { device, photos } = world;
      cutAfter(world, Operation.DeleteObject);
      const report = await photos.free(
        device,
        photos.shots(device).map(({ id }) => id),
      );
      assert.deepEqual([report.freed.files, report.kept.files], [0, 1]);
    });

    test('what a person deletes, or another program, is not told deleted', async (t) => {
      const world = await started(t, phone);
      cutAfter(world, Operation.DeleteObject);
      await fails(world.engine.execute('delete', { sources: [world.place('/from/a.bin')] }), 'disconnected');
      world.phone.plug();
      await world.engine.waitForDevice(undefined, 5_000);
      cutAfter(world, Operation.DeleteObject);
      const removed = world.engine.files.remove(world.place('/from/in/b.bin'));
      await until(() => !world.phone.isPlugged);
      world.phone.plug();
      // the drive waits for the phone, and looks
      if (idle) await fails(removed, 'refused');
      else await removed;
      assert.equal(existsSync(join(world.phoneFolder, 'from/in/b.bin')), idle);
    });
  });

for (const idle of ['idle-move', 'idle-rename'] as const)
  test(`a pair carries no new name over to a phone with ${idle}; all it says to be there is there`, async (t) => {
    const world = beginSync(t, that(idle));
    world.local('music/a/x.mp3', 500_000, DATE);
    world.local('music/a/other.mp3', 400_000, DATE);
    await world.start();
    const pair = world.pair('/Music', 'music', { direction: 'to-phone' });
    await world.run(pair);
    mkdirSync(join(world.here, 'music/b'));
    renameSync(join(world.here, 'music/a/x.mp3'), join(world.here, 'music/b/y.mp3'));
    for (let round = 0; round < 2; round += 1) {
      const { run } = await world.run(pair);
      assert.equal(run.filesRenamed, 0, JSON.stringify(run));
      const there = (await world.phoneNames('Music')).filter((name) => !name.endsWith('/'));
      for (const { target } of world.memory.rows(pair.id)) assert.ok(there.includes(target), target);
    }
    assert.ok((await world.phoneNames('Music')).includes('a/x.mp3'), 'it stays where it is, and is remembered there');
    // nothing but the folder that was made for the move which was not done
    assert.equal(world.phone.timesSeen(Operation.DeleteObject), idle === 'idle-move' ? 1 : 0);
  });

describe('the target folder that was made for it', () => {
  for (const [how, idle] of [
    ['moveOnPhone', 'idle-move'],
    ['copyOnPhone', 'idle-copy'],
  ] as const) {
    test(`goes again where ${how} is not done`, async (t) => {
      const world = await started(t, that(idle));
      const before = await treeOf(world.phoneFolder);
      const wish = { sources: [world.place('/from/a.bin')], to: world.place('/to/new/deep') };
      await fails(world.engine.execute(how, wish), 'unsupported');
      assert.deepEqual(await treeOf(world.phoneFolder), before);
      assert.deepEqual(readdirSync(join(world.phoneFolder, 'to')), []);
    });

    test(`stays where something has come into it since (${how})`, async (t) => {
      const world = await started(t, that(idle));
      const code = how === 'moveOnPhone' ? Operation.MoveObject : Operation.CopyObject;
      world.phone.onOperation((one) => {
        if (one === code) world.onPhone('to/new/deep/theirs.txt', 7);
      });
      const wish = { sources: [world.place('/from/a.bin')], to: world.place('/to/new/deep') };
      await fails(world.engine.execute(how, wish), 'unsupported');
      assert.ok(existsSync(join(world.phoneFolder, 'to/new/deep/theirs.txt')));
      assert.ok(existsSync(join(world.phoneFolder, 'from/a.bin')));
    });

    test(`stays where it was there before (${how})`, async (t) => {
      const world = await started(t, that(idle));
      mkdirSync(join(world.phoneFolder, 'to/empty'));
      const wish = { sources: [world.place('/from/a.bin')], to: world.place('/to/empty') };
      await fails(world.engine.execute(how, wish), 'unsupported');
      assert.ok(existsSync(join(world.phoneFolder, 'to/empty')));
    });
  }
});
