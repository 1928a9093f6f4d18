import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { PhoneError, problemOf, type PhoneErrorKind } from '../../shared/errors.ts';
import { begin, bytesFor, treeOf, type World } from './world.ts';

/** Files of a phone as other programs use them: written, moved and copied at once, and what an unplug leaves of it. */

const MIB = 1024 * 1024;
const WHEN = Date.UTC(2026, 4, 14);

const isKind =
  (...kinds: readonly PhoneErrorKind[]) =>
  (error: unknown): boolean => {
    assert.ok(error instanceof PhoneError, String(error));
    assert.ok(kinds.includes(error.kind), error.message);
    return true;
  };

async function started(t: TestContext, options: Partial<VirtualPhoneOptions> = {}): Promise<World> {
  const world = begin(t, options);
  world.onPhone('old.bin', 3 * MIB, WHEN);
  mkdirSync(join(world.phoneFolder, 'folder'));
  await world.start();
  return world;
}

/** Writes `bytes` in pieces, as they come from another program. */
async function write(
  world: World,
  path: string,
  bytes: Uint8Array,
  plan: { readonly known?: boolean; readonly modified?: number } = {},
  between: (at: number) => void = () => undefined,
): Promise<void> {
  const { known = true, modified } = plan;
  const file = await world.engine.files.write(world.place(path), {
    size: known ? bytes.byteLength : undefined,
    modified,
  });
  try {
    for (let at = 0; at < bytes.byteLength; at += 300_000) {
      between(at);
      await file.write(bytes.subarray(at, at + 300_000));
    }
    await file.finish();
  } finally {
    await file.abandon();
  }
}

const onPhone = (world: World, path: string): Buffer => readFileSync(join(world.phoneFolder, path));
const strays = (world: World): readonly string[] =>
  readdirSync(world.phoneFolder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.replug-'));

describe('a file written by another program', () => {
  for (const size of [0, 1, 1000, 4 * MIB, 4 * MIB + 1, 13 * MIB + 7])
    for (const known of [true, false])
      test(`${size} bytes, ${known ? 'announced' : 'of unknown length'}`, async (t) => {
        const world = await started(t);
        const bytes = bytesFor('new.bin', size);
        await write(world, '/folder/new.bin', bytes, { known });
        assert.ok(onPhone(world, 'folder/new.bin').equals(bytes));
        assert.deepEqual(strays(world), []);
        assert.deepEqual(world.store.leftovers(world.place('/').device), []);
        assert.deepEqual(
          (await world.engine.files.list(world.place('/folder'))).map(({ name, size: listed }) => [name, listed]),
          [['new.bin', size]],
        );
      });

  test('a small one keeps the date that it is to have', async (t) => {
    const world = await started(t);
    await write(world, '/a.txt', bytesFor('a', 1000), { modified: WHEN });
    assert.equal(statSync(join(world.phoneFolder, 'a.txt')).mtimeMs, WHEN);
  });

  test('replaces one that is there, in the end', async (t) => {
    const world = await started(t);
    const bytes = bytesFor('other', 9 * MIB);
    await write(world, '/old.bin', bytes, {}, () => {
      assert.ok(onPhone(world, 'old.bin').equals(bytesFor('old.bin', 3 * MIB)));
    });
    assert.ok(onPhone(world, 'old.bin').equals(bytes));
    assert.deepEqual(strays(world), []);
  });

  test('its folder is told to have changed, whether or not it got its name', async (t) => {
    const world = await started(t);
    const told: string[] = [];
    world.engine.onFolderChanged((_, path) => void told.push(path));
    await write(world, '/folder/new.bin', bytesFor('new', MIB));
    assert.deepEqual(told, ['/folder']);
    const file = await world.engine.files.write(world.place('/folder/taken.bin'), { size: 1 });
    await file.write(new Uint8Array(1));
    world.onPhone('folder/taken.bin', 5, WHEN);
    await assert.rejects(file.finish(), isKind('exists'));
    await file.abandon();
    assert.deepEqual(told, ['/folder', '/folder']);
  });

  test('what was changed meanwhile is not replaced', async (t) => {
    const world = await started(t);
    const file = await world.engine.files.write(world.place('/old.bin'), { size: 10 });
    await file.write(new Uint8Array(10));
    await world.phone.touchFile('old.bin', 'edited by an app');
    await assert.rejects(file.finish(), isKind('exists'));
    await file.abandon();
    assert.equal(onPhone(world, 'old.bin').toString(), 'edited by an app');
    assert.deepEqual(strays(world), []);
  });

  test('one that is given up leaves nothing, and the old file', async (t) => {
    const world = await started(t);
    for (const known of [true, false]) {
      const file = await world.engine.files.write(world.place('/old.bin'), { size: known ? 20 * MIB : undefined });
      await file.write(bytesFor('x', 9 * MIB));
      await file.abandon();
    }
    assert.ok(onPhone(world, 'old.bin').equals(bytesFor('old.bin', 3 * MIB)));
    assert.deepEqual(strays(world), []);
    assert.deepEqual(world.store.leftovers(world.place('/').device), []);
  });

  test('fewer or more bytes than announced are no file', async (t) => {
    const world = await started(t);
    const short = await world.engine.files.write(world.place('/a'), { size: 10 });
    await short.write(new Uint8Array(9));
    await assert.rejects(short.finish(), isKind('source-changed'));
    await short.abandon();
    const long = await world.engine.files.write(world.place('/a'), { size: 10 });
    await assert.rejects(long.write(new Uint8Array(11)), isKind('bad-request'));
    await long.abandon();
    assert.equal(existsSync(join(world.phoneFolder, 'a')), false);
  });

  test('a phone without edit operations takes it from a spool', async (t) => {
    const world = await started(t, { profile: 'android-no-edit' });
    const bytes = bytesFor('new.bin', 9 * MIB);
    await write(world, '/new.bin', bytes, { known: false });
    assert.ok(onPhone(world, 'new.bin').equals(bytes));
    assert.equal(world.phone.timesSeen(Operation.SendPartialObject), 0);
    assert.deepEqual(strays(world), []);
  });

  test('bytes that did not arrive as sent are noticed', async (t) => {
    const world = await started(t);
    const bytes = bytesFor('new.bin', 9 * MIB);
    const file = await world.engine.files.write(world.place('/new.bin'), { size: bytes.length });
    await file.write(bytes);
    const [stray] = strays(world);
    assert.ok(stray !== undefined);
    const { writeSync, openSync, closeSync } = await import('node:fs');
    const open = openSync(join(world.phoneFolder, stray), 'r+');
    writeSync(open, 'x', 5);
    closeSync(open);
    await assert.rejects(file.finish(), isKind('mismatch'));
    await file.abandon();
    assert.equal(existsSync(join(world.phoneFolder, 'new.bin')), false);
  });

  test('names and places that cannot be', async (t) => {
    const world = await started(t);
    const to = (path: string) => world.engine.files.write(world.place(path), { size: 1 });
    await assert.rejects(to('/none/a'), isKind('missing'));
    await assert.rejects(to('/folder'), isKind('exists'));
    await assert.rejects(to(`/${'x'.repeat(300)}`), isKind('bad-name'));
    assert.deepEqual(strays(world), []);
  });

  test('more than the phone has room for is refused at once', async (t) => {
    const world = await started(t, { capacity: 16 * MIB });
    await assert.rejects(world.engine.files.write(world.place('/big'), { size: 64 * MIB }), isKind('full'));
  });
});

describe('an unplug while a file is written', () => {
  test('at any byte: it goes on where it was, and the joints are right', async (t) => {
    const size = 14 * MIB + 3;
    const bytes = bytesFor('new.bin', size);
    for (let round = 0; round < 10; round += 1) {
      const world = await started(t);
      world.faults(`unplug@bytes=${String(Math.floor(((round + 0.5) / 10) * size))}`, 'replug@ms=20');
      await write(world, '/old.bin', bytes, { known: round % 2 === 0 });
      assert.ok(onPhone(world, 'old.bin').equals(bytes), `round ${round}`);
      assert.deepEqual(strays(world), []);
      await world.end();
    }
  });

  for (const operation of [
    'SendObjectInfo',
    'SendObject',
    'BeginEditObject',
    'EndEditObject',
    'SetObjectPropValue',
    'DeleteObject',
  ])
    for (const phase of ['before', 'response'])
      test(`${phase} ${operation}`, async (t) => {
        const world = await started(t);
        const size = ['BeginEditObject', 'EndEditObject'].includes(operation) ? 9 * MIB : 1000;
        const bytes = bytesFor('new.bin', size);
        world.faults(`unplug@op=${operation}:1:${phase}`, 'replug@ms=20');
        await write(world, '/old.bin', bytes);
        assert.ok(onPhone(world, 'old.bin').equals(bytes));
        assert.deepEqual(strays(world), []);
      });

  test('given up while the phone is away: removed when it is back', async (t) => {
    const world = await started(t);
    const file = await world.engine.files.write(world.place('/old.bin'), { size: 20 * MIB });
    await file.write(bytesFor('x', 9 * MIB));
    assert.equal(strays(world).length, 1);
    await world.phone.unplug();
    await file.abandon();
    world.phone.plug();
    await world.engine.waitForDevice(undefined, 5_000);
    const until = Date.now() + 5_000;
    while (strays(world).length > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(strays(world), []);
    assert.ok(onPhone(world, 'old.bin').equals(bytesFor('old.bin', 3 * MIB)));
  });

  test('what was sent has gone when the phone is back: the old file of the same size is not taken for it', async (t) => {
    const world = await started(t);
    world.onPhone('nine.bin', 9 * MIB, WHEN);
    const before = onPhone(world, 'nine.bin');
    let isSent = false;
    let isGone = false;
    world.phone.onOperation((operation) => {
      isSent ||= operation === Operation.EndEditObject;
      if (!isSent || isGone || operation !== Operation.GetObjectInfo) return;
      isGone = true;
      // not waited for here: the cable is pulled in the midst of this operation
      void world.phone.unplug().then(() => {
        for (const name of strays(world)) rmSync(join(world.phoneFolder, name));
        world.phone.plug();
      });
    });
    await assert.rejects(write(world, '/nine.bin', bytesFor('other', 9 * MIB)), isKind('missing'));
    assert.ok(isGone);
    assert.ok(onPhone(world, 'nine.bin').equals(before));
  });

  test('another file gets its name once the old one was deleted for it: it is kept under another name', async (t) => {
    const world = await started(t);
    const bytes = bytesFor('new.bin', 1000);
    let isDeleted = false;
    let isMet = false;
    world.phone.onOperation((operation) => {
      if (isDeleted && !isMet) {
        isMet = true;
        // not waited for here: the cable is pulled in the midst of this operation
        void world.phone.unplug().then(() => {
          world.onPhone('old.bin', 500, WHEN);
          world.phone.plug();
        });
      }
      isDeleted ||= operation === Operation.DeleteObject;
    });
    await assert.rejects(write(world, '/old.bin', bytes), isKind('exists'));
    assert.ok(onPhone(world, 'old.bin').equals(bytesFor('old.bin', 500)));
    assert.ok(onPhone(world, 'old (2).bin').equals(bytes));
    assert.deepEqual(strays(world), []);
    assert.deepEqual(world.store.leftovers(world.place('/').device), []);
  });

  test('a program that ends in the middle leaves a note, and the next one tidies up', async (t) => {
    const world = await started(t);
    const file = await world.engine.files.write(world.place('/old.bin'), { size: 20 * MIB });
    await file.write(bytesFor('x', 9 * MIB));
    await world.restart();
    assert.equal(strays(world).length, 1);
    await world.start();
    const noted = () => world.store.leftovers(world.place('/').device);
    const until = Date.now() + 5_000;
    while (noted().length > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(noted(), []);
    assert.deepEqual(strays(world), []);
  });
});

describe('moves and copies', () => {
  const contents = async (world: World): Promise<Record<string, string>> => treeOf(world.phoneFolder);

  test('renamed, moved, moved under another name, replaced', async (t) => {
    const world = await started(t);
    world.onPhone('folder/b.bin', 500, WHEN);
    const { files } = world.engine;
    const before = (await contents(world))['old.bin'];
    await files.move(world.place('/old.bin'), world.place('/new.bin'));
    await files.move(world.place('/new.bin'), world.place('/folder/new.bin'));
    await files.move(world.place('/folder/new.bin'), world.place('/again.bin'));
    await files.move(world.place('/again.bin'), world.place('/folder/b.bin'));
    assert.deepEqual(await contents(world), { 'folder/': 'folder', 'folder/b.bin': before });
  });

  for (const how of ['move', 'copy'] as const)
    test(`${how}: what would be replaced holds the source, in whatever spelling: nothing is touched`, async (t) => {
      const world = await started(t);
      const { files } = world.engine;
      for (const name of ['deep/a.bin', 'deep/inner/b.bin', 'c.bin']) world.onPhone(`folder/${name}`, 500, WHEN);
      const before = await treeOf(world.phoneFolder);
      const pairs = [
        ['/folder/deep', '/Folder'],
        ['/folder/deep', '/folder'],
        ['/folder/deep/a.bin', '/FOLDER/Deep'],
        ['/folder/deep', '/folder/Deep/new'],
        ['/folder/deep', '/FOLDER/deep/inner'],
        ['/folder', '/Folder/deep/x'],
      ] as const;
      for (const [from, to] of pairs)
        await assert.rejects(files[how](world.place(from), world.place(to)), isKind('bad-request'), `${from} to ${to}`);
      assert.deepEqual(await treeOf(world.phoneFolder), before);
    });

  test('moved where another file has its old name', async (t) => {
    const world = await started(t);
    world.onPhone('folder/old.bin', 500, WHEN);
    const before = await contents(world);
    await world.engine.files.move(world.place('/old.bin'), world.place('/folder/new.bin'));
    assert.deepEqual(await contents(world), {
      'folder/': 'folder',
      'folder/old.bin': before['folder/old.bin'],
      'folder/new.bin': before['old.bin'],
    });
  });

  test('what another program is moving under another name is not moved from where it passes', async (t) => {
    const world = await started(t);
    const { files } = world.engine;
    world.onPhone('folder/b.bin', 500, WHEN);
    const before = await contents(world);
    let isPassing = false;
    let second: Promise<string> | undefined;
    world.phone.onOperation((operation) => {
      if (isPassing)
        second ??= files.move(world.place('/b.bin'), world.place('/second.bin')).then(
          () => 'done',
          (error: unknown) => problemOf(error).kind,
        );
      isPassing ||= operation === Operation.MoveObject;
    });
    await files.move(world.place('/folder/b.bin'), world.place('/first.bin'));
    assert.equal(await second, 'missing');
    const { 'folder/b.bin': moved, ...others } = before;
    assert.deepEqual(await contents(world), { ...others, 'first.bin': moved });
  });

  test('what an app makes at the name while a copy asks for room is not written over', async (t) => {
    const world = await started(t);
    world.onPhone('folder/inner.bin', 5_000, WHEN);
    const before = await contents(world);
    let isMade = false;
    world.phone.onOperation((operation) => {
      if (isMade || operation !== Operation.GetStorageInfo) return;
      isMade = true;
      world.onPhone('inner.bin', 9_000, WHEN);
    });
    await assert.rejects(
      world.engine.files.copy(world.place('/folder/inner.bin'), world.place('/inner.bin')),
      isKind('exists'),
    );
    assert.ok(isMade);
    assert.deepEqual(onPhone(world, 'inner.bin'), bytesFor('inner.bin', 9_000));
    const { 'inner.bin': made, ...others } = await contents(world);
    assert.notEqual(made, undefined);
    assert.deepEqual(others, before);
  });

  test('by case alone', async (t) => {
    const world = await started(t);
    await world.engine.files.move(world.place('/old.bin'), world.place('/OLD.bin'));
    assert.deepEqual(readdirSync(world.phoneFolder).sort(), ['OLD.bin', 'folder']);
  });

  test('folders, with what is in them; never into themselves', async (t) => {
    const world = await started(t);
    world.onPhone('folder/deep/a.bin', 500, WHEN);
    const { files } = world.engine;
    await assert.rejects(files.move(world.place('/folder'), world.place('/folder/deep/x')), isKind('bad-request'));
    await assert.rejects(files.copy(world.place('/folder'), world.place('/folder/x')), isKind('bad-request'));
    await files.copy(world.place('/folder'), world.place('/other'));
    await files.move(world.place('/folder'), world.place('/other/moved'));
    const tree = await contents(world);
    assert.equal(tree['other/deep/a.bin'], tree['other/moved/deep/a.bin']);
    assert.equal(tree['folder/'], undefined);
    await files.copy(world.place('/other'), world.place('/shallow'), { shallow: true });
    assert.deepEqual(readdirSync(join(world.phoneFolder, 'shallow')), []);
  });

  test('copied by the phone itself under the same name, through the computer under another or over a file', async (t) => {
    const world = await started(t);
    const { files } = world.engine;
    const bytes = bytesFor('old.bin', 3 * MIB);
    await files.copy(world.place('/old.bin'), world.place('/folder/old.bin'));
    assert.equal(world.phone.timesSeen(Operation.CopyObject), 1);
    await files.copy(world.place('/old.bin'), world.place('/copy.bin'));
    world.onPhone('there.bin', 10, WHEN);
    await files.copy(world.place('/old.bin'), world.place('/there.bin'));
    for (const path of ['old.bin', 'folder/old.bin', 'copy.bin', 'there.bin'])
      assert.ok(onPhone(world, path).equals(bytes), path);
    assert.deepEqual(strays(world), []);
  });

  test('to the card and back', async (t) => {
    const card = mkdtempSync(join(tmpdir(), 'replug-card-'));
    t.after(() => {
      rmSync(card, { recursive: true, force: true });
    });
    const both = begin(t, { sdDirectory: card });
    both.onPhone('folder/a.bin', 5 * MIB, WHEN);
    await both.start();
    const before = await treeOf(both.phoneFolder);
    await both.engine.files.move(both.place('/folder'), both.place('/moved', 1));
    assert.equal((await treeOf(card))['moved/a.bin'], before['folder/a.bin']);
    assert.equal(existsSync(join(both.phoneFolder, 'folder')), false);
    await both.engine.files.move(both.place('/moved/a.bin', 1), both.place('/a.bin'));
    assert.equal((await treeOf(both.phoneFolder))['a.bin'], before['folder/a.bin']);
  });

  /** A phone with a card, a folder with two files, and `act` right when one of them has been copied to the card. */
  async function whileMovedToCard(t: TestContext, act: (world: World, card: string) => void) {
    const card = mkdtempSync(join(tmpdir(), 'replug-card-'));
    t.after(() => {
      rmSync(card, { recursive: true, force: true });
    });
    const world = begin(t, { sdDirectory: card });
    world.onPhone('folder/a.bin', 5_000, WHEN);
    await world.start();
    let isCopied = false;
    let isOver = false;
    world.phone.onOperation((operation) => {
      if (isCopied && !isOver) {
        isOver = true;
        act(world, card);
      }
      isCopied ||= operation === Operation.SetObjectPropValue;
    });
    return { world, card, moved: world.engine.files.move(world.place('/folder'), world.place('/moved', 1)) };
  }

  test('to the card: what comes into the folder meanwhile stays there', async (t) => {
    const { world, moved } = await whileMovedToCard(t, (here) => {
      here.onPhone('folder/new photo.jpg', 700, WHEN);
    });
    await assert.rejects(moved, isKind('source-changed'));
    assert.equal(onPhone(world, 'folder/new photo.jpg').byteLength, 700);
  });

  test('to the card: an original that is written to meanwhile stays', async (t) => {
    const { world, moved } = await whileMovedToCard(t, (here) => {
      writeFileSync(join(here.phoneFolder, 'folder/a.bin'), 'edited');
    });
    await assert.rejects(moved, isKind('mismatch'));
    assert.equal(onPhone(world, 'folder/a.bin').toString(), 'edited');
  });

  test('to the card: a copy with one other byte keeps its original', async (t) => {
    const { world, moved } = await whileMovedToCard(t, (here, card) => {
      const copy = join(card, 'moved/a.bin');
      const path = existsSync(copy) ? copy : join(card, 'moved', readdirSync(join(card, 'moved'))[0] ?? '');
      const bytes = readFileSync(path);
      bytes[3_000] = (bytes[3_000] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      assert.ok(here.phone.isPlugged);
    });
    await assert.rejects(moved, isKind('mismatch'));
    assert.ok(onPhone(world, 'folder/a.bin').equals(bytesFor('folder/a.bin', 5_000)));
  });

  test('deleted, with all below', async (t) => {
    const world = await started(t);
    world.onPhone('folder/deep/a.bin', 500, WHEN);
    await world.engine.files.remove(world.place('/folder'));
    await world.engine.files.remove(world.place('/old.bin'));
    assert.deepEqual(readdirSync(world.phoneFolder), []);
    await assert.rejects(world.engine.files.remove(world.place('/old.bin')), isKind('missing'));
  });
});

/** A world whose clock a test can put forward. */
function hurried(t: TestContext) {
  const late = { ms: 0 };
  const world = begin(
    t,
    {},
    {
      clock: {
        now: () => Date.now(),
        monotonic: () => performance.now() + late.ms,
        sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      },
    },
  );
  return { world, late };
}

test('a listing of some seconds ago is asked about, not believed', async (t) => {
  const { world, late } = hurried(t);
  world.onPhone('a.bin', 10, WHEN);
  await world.start();
  const names = async (): Promise<readonly string[]> =>
    (await world.engine.files.list(world.place('/'))).map(({ name }) => name);
  assert.deepEqual(await names(), ['a.bin']);
  await world.phone.touchFile('b.bin', 'x', { quietly: true });
  const listings = world.phone.timesSeen(Operation.GetObjectHandles);
  assert.deepEqual(await names(), ['a.bin']);
  assert.equal(world.phone.timesSeen(Operation.GetObjectHandles), listings, 'nothing is asked in between');
  late.ms += 6_000;
  assert.deepEqual(await names(), ['a.bin', 'b.bin']);
});

test('a file that was written again without a word is told as it is, and can be replaced', async (t) => {
  const { world, late } = hurried(t);
  const there = world.onPhone('a.bin', 10, WHEN);
  await world.start();
  const place = world.place('/a.bin');
  assert.equal((await world.engine.files.find(place)).size, 10);
  writeFileSync(there, 'twelve bytes');
  utimesSync(there, WHEN / 1000 + 60, WHEN / 1000 + 60);
  late.ms += 6_000;
  const shown = await world.engine.files.find(place);
  assert.deepEqual([shown.size, shown.modified], [12, WHEN + 60_000]);
  const file = await world.engine.files.write(place, { size: 4, shown });
  await file.write(Buffer.from('mine'));
  await file.finish();
  assert.equal(readFileSync(there, 'utf8'), 'mine');
});
