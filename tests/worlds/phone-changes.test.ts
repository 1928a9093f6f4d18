import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { VirtualPhone, type VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import type { PhonePlace } from '../../shared/domain.ts';
import { describeInEnglish, isPhoneError, type PhoneErrorKind } from '../../shared/errors.ts';
import { begin, treeOf, writeFile, type World } from './world.ts';

async function started(t: TestContext, options: Partial<VirtualPhoneOptions> = {}): Promise<World> {
  const world = begin(t, { capacity: 64e9, ...options });
  await world.start();
  return world;
}

/** A phone with a card of this many bytes. */
async function withCard(t: TestContext, sdCapacity: number): Promise<{ world: World; sd: string }> {
  const world = begin(t);
  const sd = join(world.folder, 'sd');
  mkdirSync(sd);
  world.phone = new VirtualPhone({ directory: world.phoneFolder, sdDirectory: sd, sdCapacity, serial: 'WORLD1' });
  world.usePhone();
  await world.start();
  return { world, sd };
}

const fails = (promise: Promise<unknown>, kind: PhoneErrorKind): Promise<void> =>
  assert.rejects(promise, (error: unknown) => isPhoneError(error) && error.kind === kind);
const names = (folder: string): readonly string[] => readdirSync(folder).sort();

for (const [what, to] of [
  ['its own name', '/Photos'],
  ['another spelling of itself', '/PHOTOS'],
  ['a folder in it', '/photos/2024'],
  ['a folder in it that is not there yet', '/pHotos/2025/new'],
] as const)
  for (const how of ['moveOnPhone', 'copyOnPhone'] as const)
    test(`${how} of a folder into ${what} is refused before the phone hears of it`, async (t) => {
      const world = await started(t);
      world.onPhone('Photos/2024/a.jpg', 10);
      const before = await treeOf(world.phoneFolder);
      await fails(world.engine.execute(how, { sources: [world.place('/Photos')], to: world.place(to) }), 'bad-request');
      assert.deepEqual(await treeOf(world.phoneFolder), before);
      assert.deepEqual(world.phone.harms, []);
      assert.equal(world.phone.timesSeen(Operation.MoveObject) + world.phone.timesSeen(Operation.CopyObject), 0);
    });

test('a move into its own folder, spelled differently, changes nothing; a folder with the same prefix is another', async (t) => {
  const world = await started(t);
  world.onPhone('Photos/a.jpg', 10);
  mkdirSync(join(world.phoneFolder, 'Photos2'));
  await world.engine.execute('moveOnPhone', { sources: [world.place('/Photos/a.jpg')], to: world.place('/photos') });
  assert.deepEqual(names(join(world.phoneFolder, 'Photos')), ['a.jpg']);
  await world.engine.execute('moveOnPhone', { sources: [world.place('/Photos')], to: world.place('/Photos2') });
  assert.deepEqual(names(join(world.phoneFolder, 'Photos2')), ['Photos']);
});

for (const kind of ['file', 'folder'] as const)
  test(`a ${kind} is renamed by case alone`, async (t) => {
    const world = await started(t);
    world.onPhone(kind === 'file' ? 'dir' : 'dir/a.txt', 10);
    await world.engine.execute('rename', { place: world.place('/dir'), name: 'Dir' });
    assert.deepEqual(names(world.phoneFolder), ['Dir']);
    await fails(world.engine.execute('rename', { place: world.place('/nothing'), name: 'Dir' }), 'missing');
  });

for (const kind of ['file', 'folder'] as const)
  test(`unplugged in the middle of it, a ${kind} has a name that shows it is somebody's`, async (t) => {
    const world = await started(t);
    world.onPhone(kind === 'file' ? 'dir.txt' : 'dir.txt/a.txt', 10);
    let renames = 0;
    world.phone.onOperation((code) => {
      if (code !== Operation.SetObjectPropValue) return;
      renames += 1;
      // the first is refused, as by a phone to which the name is taken by the object itself
      const taken = join(world.phoneFolder, 'Dir.txt');
      if (renames === 1) {
        if (kind === 'file') mkdirSync(taken);
        else writeFileSync(taken, '');
      }
      if (renames === 2) rmSync(taken, { recursive: true });
      if (renames === 3) void world.phone.unplug();
    });
    await fails(world.engine.execute('rename', { place: world.place('/dir.txt'), name: 'Dir.txt' }), 'disconnected');
    assert.deepEqual(names(world.phoneFolder), ['dir (2).txt']);
    world.phone.plug();
    await world.engine.waitForDevice(undefined, 5_000);
    const view = await world.pull(['/dir (2).txt'], 'in');
    assert.equal(view.state, 'done');
    await world.engine.execute('rename', { place: world.place('/dir (2).txt'), name: 'Dir.txt' });
    assert.deepEqual(names(world.phoneFolder), ['Dir.txt']);
  });

test('a name taken since the listing is not renamed over', async (t) => {
  const world = await started(t);
  world.onPhone('d/a.txt', 10);
  await world.engine.entries(world.place('/d'));
  await world.phone.touchFile('/d/b.txt', 'precious');
  await fails(world.engine.execute('rename', { place: world.place('/d/a.txt'), name: 'B.txt' }), 'exists');
  assert.equal(readFileSync(join(world.phoneFolder, 'd/b.txt'), 'utf8'), 'precious');
});

test('a folder whose name was taken when it was listed, and is not any more, is made', async (t) => {
  const world = await started(t);
  const names = ['a', 'b'];
  for (const name of names) mkdirSync(join(world.phoneFolder, 'd', name), { recursive: true });
  await world.engine.entries(world.place('/d'));
  // without an event: some phones send none
  for (const name of names) rmSync(join(world.phoneFolder, 'd', name), { recursive: true });
  await world.engine.execute('makeFolder', { place: world.place('/d'), name: 'a' });
  await world.engine.files.makeFolder(world.place('/d/b'));
  assert.deepEqual(readdirSync(join(world.phoneFolder, 'd')).sort(), names);
  await fails(world.engine.execute('makeFolder', { place: world.place('/d'), name: 'A' }), 'exists');
});

test('a copy does not overwrite a file that appeared after the listing', async (t) => {
  const world = await started(t);
  world.onPhone('from/a.txt', 100);
  mkdirSync(join(world.phoneFolder, 'to'));
  await world.engine.entries(world.place('/to'));
  // without an event: some phones send none
  writeFileSync(join(world.phoneFolder, 'to/a.txt'), 'precious');
  await fails(
    world.engine.execute('copyOnPhone', { sources: [world.place('/from/a.txt')], to: world.place('/to') }),
    'exists',
  );
  assert.equal(readFileSync(join(world.phoneFolder, 'to/a.txt'), 'utf8'), 'precious');
});

test('a move to a card without space is refused before anything is written; a folder counts with its contents', async (t) => {
  const { world, sd } = await withCard(t, 10_000);
  world.onPhone('one.bin', 20_000);
  world.onPhone('many/a.bin', 6_000);
  world.onPhone('many/deep/b.bin', 6_000);
  const card: PhonePlace = world.place('/', 1);
  for (const how of ['moveOnPhone', 'copyOnPhone'] as const)
    for (const path of ['/one.bin', '/many'])
      await fails(world.engine.execute(how, { sources: [world.place(path)], to: card }), 'full');
  assert.deepEqual(readdirSync(sd), []);
  assert.equal(world.phone.timesSeen(Operation.MoveObject), 0);
  writeFile(join(world.phoneFolder, 'small.bin'), 4_000);
  await world.engine.execute('moveOnPhone', { sources: [world.place('/small.bin')], to: card });
  assert.deepEqual(readdirSync(sd), ['small.bin']);
});

test('a move to a storage that always reports 0 free is left to the phone', async (t) => {
  const world = begin(t);
  const sd = join(world.folder, 'sd');
  mkdirSync(sd);
  world.phone = new VirtualPhone({
    directory: world.phoneFolder,
    sdDirectory: sd,
    serial: 'WORLD1',
    quirks: [['free-zero', 1]],
  });
  world.usePhone();
  await world.start();
  world.onPhone('one.bin', 20_000);
  await world.engine.execute('moveOnPhone', { sources: [world.place('/one.bin')], to: world.place('/', 1) });
  assert.deepEqual(readdirSync(sd), ['one.bin']);
});

test('a card that fills up during a move: the partial copy is removed, and the card is reported as full', async (t) => {
  const { world, sd } = await withCard(t, 64e9);
  world.onPhone('one.bin', 3_000_000);
  const card = world.place('/', 1);
  let isDone = false;
  world.phone.onOperation((operation) => {
    if (operation !== Operation.MoveObject || isDone) return;
    isDone = true;
    world.faults('full@bytes=1000000');
  });
  const error: unknown = await world.engine
    .execute('moveOnPhone', { sources: [world.place('/one.bin')], to: card })
    .then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
  assert.ok(isPhoneError(error) && error.kind !== 'exists', String(error));
  assert.deepEqual(
    readdirSync(sd).filter((name) => !name.startsWith('.')),
    [],
  );
  assert.equal(existsSync(join(world.phoneFolder, 'one.bin')), true);
});

describe('a move to a card that is answered and did not go as it should', () => {
  /** Does something right after MoveObject, before anything else is asked. */
  const afterMove = (world: World, deed: () => void): void => {
    let isMoved = false;
    world.phone.onOperation((operation) => {
      if (isMoved) {
        isMoved = false;
        deed();
      }
      isMoved ||= operation === Operation.MoveObject;
    });
  };

  test('fewer bytes arrived than there were: it is told, and what is left of the file stays', async (t) => {
    const { world, sd } = await withCard(t, 64e9);
    const bytes = readFileSync(world.onPhone('one.bin', 20_000));
    afterMove(world, () => {
      truncateSync(join(sd, 'one.bin'), 12_000);
    });
    const wish = { sources: [world.place('/one.bin')], to: world.place('/', 1) };
    await fails(world.engine.execute('moveOnPhone', wish), 'mismatch');
    assert.ok(readFileSync(join(sd, 'one.bin')).equals(bytes.subarray(0, 12_000)));
  });

  test('a phone that refuses what it has done: the file is not told to be where it was, and stays', async (t) => {
    const { world, sd } = await withCard(t, 64e9);
    world.onPhone('one.bin', 20_000);
    world.phone.onOperation((operation) => {
      // the name is taken by what it has brought there
      if (operation === Operation.MoveObject) cpSync(join(world.phoneFolder, 'one.bin'), join(sd, 'one.bin'));
    });
    afterMove(world, () => {
      rmSync(join(world.phoneFolder, 'one.bin'));
    });
    const wish = { sources: [world.place('/one.bin')], to: world.place('/', 1) };
    await fails(world.engine.execute('moveOnPhone', wish), 'refused');
    assert.deepEqual(readdirSync(sd), ['one.bin']);
  });
});

for (const quirks of [[], [['only-empty-folders', 1]]] as const)
  test(`a full folder is deleted${quirks.length === 0 ? '' : ' on a phone that deletes only empty ones'}`, async (t) => {
    const world = await started(t, { quirks });
    world.onPhone('d/a.txt', 10);
    world.onPhone('d/e/b.txt', 10);
    mkdirSync(join(world.phoneFolder, 'd/empty'));
    world.onPhone('keep.txt', 10);
    assert.deepEqual(await world.engine.execute('delete', { sources: [world.place('/d')] }), { deleted: 1 });
    assert.deepEqual(names(world.phoneFolder), ['keep.txt']);
  });

test('only what appeared or changed since the confirmation stays', async (t) => {
  const world = await started(t);
  for (const name of ['a', 'b', 'e/c', 'e/d', 'f/g']) world.onPhone(`d/${name}.txt`, 10);
  const sources = [world.place('/d')];
  const { agreement, files, folders, bytes } = await world.engine.execute('measure', { sources });
  assert.deepEqual([files, folders, bytes], [5, 3, 50]);
  await world.phone.touchFile('/d/e/new.txt', 'new');
  await world.phone.touchFile('/d/b.txt', 'edited and longer');
  await fails(world.engine.execute('delete', { sources, agreement }), 'bad-request');
  assert.equal(readFileSync(join(world.phoneFolder, 'd/e/new.txt'), 'utf8'), 'new');
  assert.equal(readFileSync(join(world.phoneFolder, 'd/b.txt'), 'utf8'), 'edited and longer');
});

test('an agreement holds for what was counted for it and for nothing else', async (t) => {
  const world = await started(t);
  world.onPhone('d/a.txt', 10);
  world.onPhone('d/b.txt', 10);
  const [one, other] = [world.place('/d/a.txt'), world.place('/d/b.txt')];
  const { agreement } = await world.engine.execute('measure', { sources: [one] });
  await fails(world.engine.execute('delete', { sources: [one, other], agreement }), 'bad-request');
  assert.deepEqual(names(join(world.phoneFolder, 'd')), ['a.txt', 'b.txt']);
  await world.engine.execute('delete', { sources: [one], agreement });
  assert.deepEqual(names(join(world.phoneFolder, 'd')), ['b.txt']);
});

test('a file replaced since it was shown is not deleted', async (t) => {
  const world = await started(t);
  const file = world.onPhone('d/a.txt', 10);
  const sources = [world.place('/d/a.txt')];
  const { agreement } = await world.engine.execute('measure', { sources });
  renameSync(writeFile(join(world.here, 'other'), 77), file);
  await fails(world.engine.execute('delete', { sources, agreement }), 'bad-request');
  assert.equal(readFileSync(file).length, 77);
  // as it is now it may go
  assert.deepEqual(await world.engine.execute('delete', { sources }), { deleted: 1 });
  assert.equal(existsSync(file), false);
});

for (const kind of ['file', 'folder'] as const)
  test(`a ${kind} renamed since the confirmation is reported as kept`, async (t) => {
    const world = await started(t);
    const [shown, agreed] = kind === 'file' ? ['d/a.txt', '/d/a.txt'] : ['d/a/in.txt', '/d/a'];
    world.onPhone(shown, 10);
    const sources = [world.place(agreed)];
    const { agreement } = await world.engine.execute('measure', { sources });
    renameSync(join(world.phoneFolder, agreed), join(world.phoneFolder, 'd/renamed'));
    await assert.rejects(
      world.engine.execute('delete', { sources, agreement }),
      (error: unknown) => isPhoneError(error) && ['missing', 'bad-request'].includes(error.kind),
    );
    assert.deepEqual(names(join(world.phoneFolder, 'd')), ['renamed']);
  });

test('a file renamed over MTP since the confirmation, another under its name: both stay, and it is reported', async (t) => {
  const world = await started(t);
  world.onPhone('d/a.txt', 10);
  const sources = [world.place('/d/a.txt')];
  const { agreement } = await world.engine.execute('measure', { sources });
  await world.engine.execute('rename', { place: sources[0]!, name: 'mine.txt' });
  await world.phone.touchFile('/d/a.txt', 'another');
  await fails(world.engine.execute('delete', { sources, agreement }), 'bad-request');
  assert.deepEqual(names(join(world.phoneFolder, 'd')), ['a.txt', 'mine.txt']);
});

test('a file deleted by another program since the confirmation is not reported as deleted here', async (t) => {
  const world = await started(t);
  const file = world.onPhone('d/a.txt', 10);
  const sources = [world.place('/d/a.txt')];
  const { agreement } = await world.engine.execute('measure', { sources });
  renameSync(file, join(world.here, 'moved away'));
  await fails(world.engine.execute('delete', { sources, agreement }), 'missing');
});

test('what can be deleted is, and all that cannot are told in one', async (t) => {
  const world = await started(t);
  for (const name of ['a', 'b', 'c', 'd']) world.onPhone(`d/${name}.txt`, 10);
  const sources = ['a', 'b', 'c', 'd'].map((name) => world.place(`/d/${name}.txt`));
  const { agreement } = await world.engine.execute('measure', { sources });
  await world.phone.touchFile('/d/a.txt', 'edited and longer');
  rmSync(join(world.phoneFolder, 'd/c.txt'));
  await assert.rejects(world.engine.execute('delete', { sources, agreement }), (error: unknown) => {
    assert.ok(isPhoneError(error));
    const told = Object.values(describeInEnglish(error.problem)).join(' ');
    assert.match(told, /2 of 4 items were deleted\. Not deleted: “a\.txt”, “c\.txt”\. “a\.txt” has changed/);
    return error.problem.kind === 'bad-request';
  });
  assert.deepEqual(names(join(world.phoneFolder, 'd')), ['a.txt']);
});
