import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { PhoneError } from '../../shared/errors.ts';
import type { PhonePlace } from '../../shared/domain.ts';
import { begin, bytesFor, treeOf, type World, type WorldOptions } from './world.ts';

/** Moves, copies and deletions that other programs ask for: what an unplug between any two steps may not cost. */

const WHEN = Date.UTC(2026, 4, 14);
const MIB = 1024 * 1024;

interface Both {
  readonly world: World;
  readonly card: string;
}

type Tree = Readonly<Record<string, string>>;

async function withCard(t: TestContext, options: WorldOptions = {}): Promise<Both> {
  const card = mkdtempSync(join(tmpdir(), 'replug-card-'));
  t.after(() => {
    rmSync(card, { recursive: true, force: true });
  });
  const world = begin(t, { sdDirectory: card }, options);
  world.onPhone('a.bin', 3_000, WHEN);
  world.onPhone('b.bin', 2_000, WHEN + 60_000);
  world.onPhone('tree/one.bin', 1_000, WHEN);
  world.onPhone('tree/two.bin', 2 * MIB, WHEN);
  world.onPhone('tree/deep/three.bin', 500, WHEN);
  world.onPhone('other/a.bin', 700, WHEN + 120_000);
  world.onPhone('other/b.bin', 800, WHEN + 180_000);
  await world.start();
  return { world, card };
}

const all = async ({ world, card }: Both): Promise<Tree> => ({
  ...(await treeOf(world.phoneFolder)),
  ...Object.fromEntries(Object.entries(await treeOf(card)).map(([path, what]) => [`card/${path}`, what])),
});

const contents = (tree: Tree): ReadonlySet<string> => new Set(Object.values(tree));
const exists = (error: unknown): boolean => error instanceof PhoneError && error.kind === 'exists';
const intoItself = (error: unknown): boolean => error instanceof PhoneError && error.kind === 'bad-request';

interface Scenario {
  readonly name: string;
  readonly act: (world: World) => Promise<void>;
  /** What it may destroy in the end. */
  readonly replaces?: string;
  /** It is written anew, so one of both is there at any time. */
  readonly isWritten?: true;
}

const SCENARIOS: readonly Scenario[] = [
  {
    name: 'a file is renamed over another',
    act: ({ engine, place }) => engine.files.move(place('/a.bin'), place('/b.bin')),
    replaces: 'b.bin',
  },
  {
    name: 'a file is moved into a folder over one of its name',
    act: ({ engine, place }) => engine.files.move(place('/a.bin'), place('/other/a.bin')),
    replaces: 'other/a.bin',
  },
  {
    name: 'a file is moved into a folder where its name is taken, over another',
    act: ({ engine, place }) => engine.files.move(place('/a.bin'), place('/other/b.bin')),
    replaces: 'other/b.bin',
  },
  {
    name: 'a folder is moved under another name',
    act: ({ engine, place }) => engine.files.move(place('/tree'), place('/other/moved')),
  },
  {
    name: 'a folder is moved to the card',
    act: ({ engine, place }) => engine.files.move(place('/tree'), place('/moved', 1)),
  },
  {
    name: 'a file is moved to the card',
    act: ({ engine, place }) => engine.files.move(place('/a.bin'), place('/moved.bin', 1)),
  },
  {
    name: 'a folder is copied under another name',
    act: ({ engine, place }) => engine.files.copy(place('/tree'), place('/copy')),
  },
  {
    name: 'a file is copied by the phone',
    act: ({ engine, place }) => engine.files.copy(place('/a.bin'), place('/tree/a.bin')),
  },
  {
    name: 'a file is copied over another',
    act: ({ engine, place }) => engine.files.copy(place('/a.bin'), place('/b.bin')),
    replaces: 'b.bin',
    isWritten: true,
  },
];

/** The place's method without its `this`. */
const bound = (world: World): World =>
  Object.assign(Object.create(world) as World, {
    place: (path: string, storage?: number) => world.place(path, storage),
  });

/** What changes something on the phone: pulled after each of these, and at a few others; at all with `LONG=1`. */
const CHANGES = /^(?:DeleteObject|MoveObject|SetObjectPropValue|CopyObject):\d+:response$/;
const isEveryStep = process.env['LONG'] === '1';
const OTHERS = 2;

/** Where the cable is pulled: before or after operations that the scenario takes. */
async function stepsOf(t: TestContext, { act }: Scenario): Promise<{ steps: readonly string[]; after: Tree }> {
  const both = await withCard(t);
  const seen: number[] = [];
  const stop = both.world.phone.onOperation((operation) => void seen.push(operation));
  await act(bound(both.world));
  stop();
  const names = Object.entries(Operation);
  const counts = new Map<number, number>();
  const every = seen.flatMap((operation) => {
    const count = (counts.get(operation) ?? 0) + 1;
    counts.set(operation, count);
    const name = names.find(([, code]) => code === operation)?.[0] ?? '';
    return [`${name}:${count}:before`, `${name}:${count}:response`];
  });
  const others = every.filter((step) => !CHANGES.test(step));
  const steps = isEveryStep
    ? every
    : [
        ...every.filter((step) => CHANGES.test(step)),
        ...Array.from(
          { length: OTHERS },
          (_, index) => others[Math.floor(((index + 0.5) / OTHERS) * others.length)] ?? '',
        ),
      ];
  return { steps, after: await all(both) };
}

const settled = async (isSo: () => boolean): Promise<void> => {
  for (let tries = 0; tries < 500 && !isSo(); tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
};

const straysOf = ({ world, card }: Both): readonly string[] =>
  [world.phoneFolder, card]
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    .filter((name) => name.includes('.replug-'));

/** Nothing that was there is lost, but what the scenario replaces; and no name is one that only Replug gives. */
async function requireNothingLost(
  both: Both,
  before: Tree,
  { replaces, isWritten }: Scenario,
  step: string,
): Promise<void> {
  await settled(() => straysOf(both).length === 0);
  assert.deepEqual(straysOf(both), [], step);
  const now = contents(await all(both));
  for (const [path, what] of Object.entries(before))
    if (!path.endsWith('/') && path !== replaces) assert.ok(now.has(what), `${step}: ${path} is nowhere`);
  if (isWritten) assert.ok(existsSync(join(both.world.phoneFolder, replaces ?? '')), `${step}: ${String(replaces)}`);
}

describe('the cable is pulled at every step', () => {
  for (const scenario of SCENARIOS)
    test(`${scenario.name}: done when the phone is back`, async (t) => {
      const { steps, after } = await stepsOf(t, scenario);
      assert.ok(steps.length > OTHERS, String(steps.length));
      for (const step of steps) {
        const both = await withCard(t);
        const before = await all(both);
        both.world.faults(`unplug@op=${step}`, 'replug@ms=5');
        await scenario.act(bound(both.world));
        await requireNothingLost(both, before, scenario, step);
        assert.deepEqual(await all(both), after, step);
        await both.world.end();
      }
    });

  for (const scenario of SCENARIOS)
    test(`${scenario.name}: the phone does not come back in time`, async (t) => {
      const { steps } = await stepsOf(t, scenario);
      for (const step of steps) {
        const both = await withCard(t, { clock: HURRIED });
        const before = await all(both);
        both.world.faults(`unplug@op=${step}`);
        const isDone = await scenario.act(bound(both.world)).then(
          () => true,
          () => false,
        );
        if (!both.world.phone.isPlugged) both.world.phone.plug();
        await both.world.engine.waitForDevice(undefined, 5_000);
        await requireNothingLost(both, before, scenario, `${step}, ${isDone ? 'done' : 'failed'}`);
        await both.world.end();
      }
    });
});

/** Time runs a hundred times as fast: who waits 10 s for a phone gives up after a tenth of one. */
const HURRIED: NonNullable<WorldOptions['clock']> = {
  now: () => Date.now(),
  monotonic: () => performance.now() * 100,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms / 100);
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    }),
};

describe('a move that did not end', () => {
  test('is not begun anew over the copies whose originals are gone', async (t) => {
    const both = await withCard(t, { clock: HURRIED });
    const { world, card } = both;
    const before = await all(both);
    const move = (): Promise<void> => world.engine.files.move(world.place('/tree'), world.place('/moved', 1));
    world.faults('unplug@op=DeleteObject:2:before');
    await assert.rejects(move());
    world.phone.plug();
    await world.engine.waitForDevice(undefined, 5_000);
    const left = contents(await treeOf(world.phoneFolder));
    assert.ok(
      Object.entries(before).some(([path, what]) => path.startsWith('tree/') && !left.has(what)),
      'one is gone',
    );
    world.onPhone('tree/new.bin', 50, WHEN);
    // it goes on where it was, and what came meanwhile stays
    await assert.rejects(move());
    await assert.rejects(world.engine.files.move(world.place('/b.bin'), world.place('/moved', 1)), exists);
    const now = contents(await all(both));
    for (const [path, what] of Object.entries(before)) if (!path.endsWith('/')) assert.ok(now.has(what), path);
    assert.ok(existsSync(join(world.phoneFolder, 'tree/new.bin')));
    rmSync(join(world.phoneFolder, 'tree/new.bin'));
    await move();
    assert.equal(existsSync(join(world.phoneFolder, 'tree')), false);
    assert.deepEqual(readdirSync(join(card, 'moved')).sort(), ['deep', 'one.bin', 'two.bin']);
    // who deletes them says so
    await world.engine.files.remove(world.place('/moved', 1));
    assert.deepEqual(readdirSync(card), []);
  });

  for (const how of ['is gone on with', 'is asked for again over it by another'] as const)
    test(`is remembered when the program ends: it ${how}`, async (t) => {
      const both = await withCard(t, { clock: HURRIED });
      const { world, card } = both;
      const before = await all(both);
      const move = (): Promise<void> => world.engine.files.move(world.place('/tree'), world.place('/moved', 1));
      world.faults('unplug@op=DeleteObject:2:before');
      await assert.rejects(move());
      await world.restart();
      await world.start();
      assert.equal(world.store.leftovers(world.place('/').device).length, 1);
      if (how === 'is gone on with') {
        await move();
        assert.equal(existsSync(join(world.phoneFolder, 'tree')), false);
      } else {
        // what is left of the original would replace the only copy of the rest
        await assert.rejects(world.engine.files.move(world.place('/b.bin'), world.place('/moved', 1)), exists);
        await assert.rejects(world.engine.files.copy(world.place('/tree'), world.place('/moved', 1)), exists);
        // no original is left: then it is a folder like any other
        await world.engine.files.remove(world.place('/tree'));
        await world.engine.files.move(world.place('/moved', 1), world.place('/back', 1));
        assert.deepEqual(readdirSync(card), ['back']);
        await world.engine.files.move(world.place('/back', 1), world.place('/moved', 1));
        await world.engine.files.copy(world.place('/b.bin'), world.place('/moved/b.bin', 1));
      }
      const now = contents(await all(both));
      for (const [path, what] of Object.entries(before)) if (!path.endsWith('/')) assert.ok(now.has(what), path);
      assert.deepEqual(
        readdirSync(join(card, 'moved'))
          .filter((name) => name !== 'b.bin')
          .sort(),
        ['deep', 'one.bin', 'two.bin'],
      );
      if (how === 'is gone on with') assert.deepEqual([...world.store.leftovers(world.place('/').device)], []);
    });

  test('a file whose target has changed goes back to where it was', async (t) => {
    const both = await withCard(t);
    const { world } = both;
    let isMoved = false;
    world.phone.onOperation((operation) => {
      if (operation === Operation.MoveObject) isMoved = true;
      else if (isMoved && operation !== Operation.MoveObject) {
        writeFileSync(join(world.phoneFolder, 'other/b.bin'), 'edited by an app');
        isMoved = false;
      }
    });
    await assert.rejects(world.engine.files.move(world.place('/a.bin'), world.place('/other/b.bin')), exists);
    assert.deepEqual(readFileSync(join(world.phoneFolder, 'a.bin')), bytesFor('a.bin', 3_000));
    assert.equal(readFileSync(join(world.phoneFolder, 'other/b.bin'), 'utf8'), 'edited by an app');
    assert.deepEqual(readdirSync(join(world.phoneFolder, 'other')).sort(), ['a.bin', 'b.bin']);
  });
});

describe('one place leads through the other, however they are spelled', () => {
  const PAIRS: readonly (readonly ['move' | 'copy', string, string])[] = [
    ['copy', '/tree', '/Tree'],
    ['copy', '/tree', '/TREE/deep/x'],
    ['copy', '/tree/deep', '/TREE'],
    ['copy', '/tree/deep', '/tree'],
    ['copy', '/TREE/deep', '/tree/deep'],
    ['copy', '/a.bin', '/A.bin'],
    ['move', '/tree/deep', '/tree'],
    ['move', '/tree/deep', '/TREE'],
    ['move', '/tree/deep/three.bin', '/Tree'],
    ['move', '/tree', '/Tree/deep/x'],
    ['move', '/tree/one.bin', '/TREE/one.bin'],
  ];
  for (const [how, from, to] of PAIRS)
    test(`${how} ${from} to ${to}`, async (t) => {
      const both = await withCard(t);
      const before = await all(both);
      const { engine } = both.world;
      await assert.rejects(
        engine.files[how](both.world.place(from), both.world.place(to)),
        (error) => intoItself(error) || exists(error) || (error as PhoneError).kind === 'exists',
      );
      assert.deepEqual(await all(both), before);
    });
});

describe('what was not shown is not destroyed', () => {
  const quietly = async ({ world }: Both, path: string): Promise<void> => {
    await world.phone.touchFile(path, 'an app was here', { quietly: true });
  };
  const acts: Readonly<Record<string, (world: World, target: PhonePlace) => Promise<unknown>>> = {
    'moved over': (world, target) => world.engine.files.move(world.place('/a.bin'), target, 'nothing'),
    'copied over': (world, target) => world.engine.files.copy(world.place('/a.bin'), target, { shown: 'nothing' }),
    'a folder is moved over it': (world, target) => world.engine.files.move(world.place('/tree'), target, 'nothing'),
    'a folder is copied over it': (world, target) =>
      world.engine.files.copy(world.place('/tree'), target, { shown: 'nothing' }),
    'written over': async (world, target) => {
      const file = await world.engine.files.write(target, { size: 3, shown: 'nothing' });
      try {
        await file.write(Buffer.from('new'));
        await file.finish();
      } finally {
        await file.abandon();
      }
    },
  };
  for (const [name, act] of Object.entries(acts))
    test(`${name}: a file that came quietly`, async (t) => {
      const both = await withCard(t);
      await both.world.engine.files.list(both.world.place('/other'));
      await quietly(both, 'other/quiet.bin');
      await assert.rejects(act(both.world, both.world.place('/other/quiet.bin')), exists);
      assert.equal(readFileSync(join(both.world.phoneFolder, 'other/quiet.bin'), 'utf8'), 'an app was here');
      assert.deepEqual(straysOf(both), []);
    });

  test('deleted: a file that was edited since it was shown', async (t) => {
    const both = await withCard(t);
    const { world } = both;
    const shown = await world.engine.files.find(world.place('/other/b.bin'));
    await world.phone.touchFile('other/b.bin', 'edited by an app');
    await assert.rejects(world.engine.files.remove(world.place('/other/b.bin'), shown), exists);
    assert.equal(readFileSync(join(world.phoneFolder, 'other/b.bin'), 'utf8'), 'edited by an app');
  });

  test('another spelling of a name is no name of it', async (t) => {
    const both = await withCard(t);
    const before = await all(both);
    const { engine, phoneFolder } = both.world;
    const place = (path: string): PhonePlace => both.world.place(path);
    await assert.rejects(engine.files.write(place('/A.bin'), { size: 1 }), exists);
    await assert.rejects(engine.files.remove(place('/A.bin')), exists);
    await assert.rejects(engine.files.move(place('/b.bin'), place('/A.bin')), exists);
    await assert.rejects(engine.files.copy(place('/b.bin'), place('/other/A.bin')), exists);
    assert.deepEqual(await all(both), before);
    await engine.files.move(place('/a.bin'), place('/A.bin'));
    assert.ok(readdirSync(phoneFolder).includes('A.bin'));
  });

  test('a name that only Replug gives is nobody else’s, and is not shown', async (t) => {
    const both = await withCard(t);
    const { engine } = both.world;
    const writing = await engine.files.write(both.world.place('/new.bin'), { size: 9 * MIB });
    await writing.write(bytesFor('new', 9 * MIB));
    const [temporary = ''] = straysOf(both);
    assert.notEqual(temporary, '');
    const names = (await engine.files.list(both.world.place('/'))).map(({ name }) => name);
    assert.deepEqual(names.sort(), ['a.bin', 'b.bin', 'other', 'tree']);
    await assert.rejects(engine.files.find(both.world.place(`/${temporary}`)));
    await assert.rejects(engine.files.write(both.world.place('/x.replug-1a'), { size: 1 }));
    await assert.rejects(engine.files.move(both.world.place('/a.bin'), both.world.place('/x.replug-1a')));
    await writing.finish();
  });
});

describe('a phone that tells no dates', () => {
  const undated = async (t: TestContext): Promise<World> => {
    const world = begin(t, { quirks: [['no-dates', 1]] });
    world.onPhone('old.bin', 300_000);
    await world.start();
    return world;
  };
  const edited = (world: World): Buffer => {
    const bytes = readFileSync(join(world.phoneFolder, 'old.bin'));
    bytes.fill(1, 150_000, 150_100);
    writeFileSync(join(world.phoneFolder, 'old.bin'), bytes);
    return bytes;
  };

  for (const isUnplugged of [false, true])
    test(`a file that was edited while another was written over it stays${isUnplugged ? ', also over an unplug' : ''}`, async (t) => {
      const world = await undated(t);
      const file = await world.engine.files.write(world.place('/old.bin'), { size: 10 });
      await file.write(new Uint8Array(10));
      if (isUnplugged) await world.phone.unplug();
      const bytes = edited(world);
      if (isUnplugged) world.phone.plug();
      await assert.rejects(file.finish(), exists);
      await file.abandon();
      assert.deepEqual(readFileSync(join(world.phoneFolder, 'old.bin')), bytes);
    });

  test('one that is as it was is replaced, also after an unplug', async (t) => {
    const world = await undated(t);
    const file = await world.engine.files.write(world.place('/old.bin'), { size: 10 });
    await file.write(Buffer.alloc(10, 7));
    await world.phone.unplug();
    world.phone.plug();
    await file.finish();
    assert.deepEqual(readFileSync(join(world.phoneFolder, 'old.bin')), Buffer.alloc(10, 7));
  });
});

test('a copy of a file that an app writes to meanwhile is not made', async (t) => {
  const both = await withCard(t);
  const { world } = both;
  let isRead = false;
  world.phone.onOperation((operation) => {
    if (!isRead && operation === Operation.SendObjectInfo) {
      isRead = true;
      const path = join(world.phoneFolder, 'a.bin');
      writeFileSync(path, bytesFor('a.bin', 3_000).fill(0, 100, 200));
      utimesSync(path, WHEN / 1000 + 500, WHEN / 1000 + 500);
    }
  });
  await world.engine.files.copy(world.place('/a.bin'), world.place('/c.bin')).catch(() => undefined);
  const copy = join(world.phoneFolder, 'c.bin');
  if (existsSync(copy)) assert.deepEqual(readFileSync(copy), bytesFor('a.bin', 3_000));
});

test('given up on a card that is out: removed when the card is back', async (t) => {
  const both = await withCard(t);
  const { world, card } = both;
  const file = await world.engine.files.write(world.place('/new.bin', 1), { size: 20 * MIB });
  await file.write(bytesFor('x', 9 * MIB));
  assert.equal(straysOf(both).length, 1);
  const names = readdirSync(card);
  world.phone.removeStorage(1);
  await settled(() => world.engine.devices[0]?.storages.length === 1);
  await file.abandon();
  assert.deepEqual(readdirSync(card), names, 'nothing can be removed now');
  world.phone.insertStorage(1);
  await settled(() => straysOf(both).length === 0);
  assert.deepEqual(straysOf(both), []);
});

describe('a folder that is replaced', () => {
  const OLD = ['other/a.bin', 'other/b.bin'];
  const NEW = ['one.bin', 'two.bin', 'deep/three.bin'];
  const HOW = {
    'copied over': (world: World) => world.engine.files.copy(world.place('/tree'), world.place('/other')),
    'moved over from the card': (world: World) =>
      world.engine.files.move(world.place('/tree', 1), world.place('/other')),
    'copied over by a file': (world: World) => world.engine.files.copy(world.place('/b.bin'), world.place('/other')),
  };
  const begun = async (t: TestContext, how: keyof typeof HOW, options: WorldOptions = {}): Promise<Both> => {
    const both = await withCard(t, options);
    if (how === 'moved over from the card') await both.world.engine.files.move(both.world.place('/tree'), both.world.place('/tree', 1)); // prettier-ignore
    return both;
  };
  const isOld = (before: Tree, now: Tree): boolean => OLD.every((path) => now[path] === before[path]);
  const isNew = (how: keyof typeof HOW, before: Tree, now: Tree, at = 'other'): boolean =>
    how === 'copied over by a file'
      ? now[at] === before['b.bin']
      : NEW.every((path) => now[`${at}/${path}`] === (before[`tree/${path}`] ?? before[`card/tree/${path}`]));
  const temporaries = (tree: Tree): readonly string[] => Object.keys(tree).filter((path) => path.includes('.replug-'));
  const noted = async ({ world }: Both): Promise<void> => {
    const until = Date.now() + 60_000;
    const { device } = world.place('/');
    while (world.store.leftovers(device).length > 0 && Date.now() < until) await new Promise((next) => setTimeout(next, 10)); // prettier-ignore
    assert.deepEqual([...world.store.leftovers(device)], []);
    assert.deepEqual(
      world.log.filter((line) => line.includes('completion')),
      [],
    );
  };

  for (const how of Object.keys(HOW) as (keyof typeof HOW)[]) {
    test(`${how}: the old one stays until the new one is whole, which nobody sees before`, async (t) => {
      const both = await begun(t, how);
      const { world } = both;
      const before = await all(both);
      let isDeleting = false;
      let looks = 0;
      world.phone.onOperation((operation) => {
        isDeleting ||= operation === Operation.DeleteObject;
        if (isDeleting) return;
        looks += 1;
        for (const path of OLD) assert.ok(existsSync(join(world.phoneFolder, path)), path);
      });
      const done = HOW[how](world);
      let isOver = false;
      void done.finally(() => (isOver = true)).catch(() => undefined);
      while (!isOver) {
        const names = (await world.engine.files.list(world.place('/'))).map(({ name }) => name);
        assert.deepEqual(names.filter((name) => name.includes('.replug-')), []); // prettier-ignore
        await new Promise((next) => setTimeout(next, 2));
      }
      await done;
      const after = await all(both);
      assert.ok(looks > 5);
      assert.ok(isNew(how, before, after), JSON.stringify(after));
      assert.ok(!isOld(before, after));
      assert.deepEqual(temporaries(after), []);
      await noted(both);
    });

    for (const fault of [
      'SendObjectInfo:2:response',
      'SendObject:2:data',
      'CopyObject:1:before',
      'CopyObject:2:response',
      'DeleteObject:1:before',
      'DeleteObject:1:response',
      'SetObjectPropValue:1:before',
    ])
      for (const isBack of [true, false])
        test(`${how}, unplugged at ${fault}, ${isBack ? 'and back' : 'and not back in time'}`, async (t) => {
          const both = await begun(t, how, isBack ? {} : { clock: HURRIED });
          const { world } = both;
          const before = await all(both);
          const [operation = '', count = '1', phase = 'before'] = fault.split(':');
          const seen = world.phone.timesSeen(Operation[operation as keyof typeof Operation]);
          world.faults(`unplug@op=${operation}:${seen + Number(count)}:${phase}`);
          if (isBack) world.faults('replug@ms=30');
          const why = await HOW[how](world).then(
            () => undefined,
            (error: unknown) => error,
          );
          if (!isBack && why !== undefined) world.phone.plug();
          await world.engine.waitForDevice(undefined, 5_000);
          await noted(both);
          const after = await all(both);
          if (isBack) assert.equal(why, undefined);
          if (why === undefined) assert.ok(isNew(how, before, after), JSON.stringify(after));
          // under its own name, or under another where the old one was being deleted
          const isThere = isOld(before, after) || isNew(how, before, after) || isNew(how, before, after, 'other (2)');
          assert.ok(isThere, JSON.stringify(after));
          assert.deepEqual(temporaries(after), []);
        });

    test(`${how}: the program ends in the middle, and the next one tidies up`, async (t) => {
      const both = await begun(t, how);
      const { world, card } = both;
      const before = await all(both);
      // within a storage the phone copies what keeps its name
      const fault = how === 'copied over' ? 'CopyObject:2:before' : how === 'copied over by a file' ? 'SendObject:1:data' : 'SendObject:2:data'; // prettier-ignore
      const [operation = '', count = '1', phase = ''] = fault.split(':');
      const seen = world.phone.timesSeen(Operation[operation as keyof typeof Operation]);
      world.faults(`unplug@op=${operation}:${seen + Number(count)}:${phase}`);
      HOW[how](world).catch(() => undefined);
      const until = Date.now() + 60_000;
      while (world.engine.devices[0]?.state.kind === 'ready' && Date.now() < until) await new Promise((next) => setTimeout(next, 5)); // prettier-ignore
      const { device } = { device: world.store.leftovers(world.engine.devices[0]?.key ?? ('' as never)) };
      assert.ok(device.length > 0, 'it is noted');
      await world.restart();
      const [made] = temporaries(await all(both));
      await world.start();
      await noted(both);
      const after = await all(both);
      assert.deepEqual(after, before);
      assert.ok(made !== undefined || how === 'copied over by a file');
      assert.ok(existsSync(card));
    });
  }

  for (const isFileLeft of [false, true])
    test(`unplugged while the old one is deleted, with ${isFileLeft ? 'a file' : 'no file'} left in it`, async (t) => {
      const both = await withCard(t, { clock: HURRIED });
      const { world } = both;
      world.onPhone('holder/sub/gone.bin', 100, WHEN);
      world.onPhone('holder/sub/more/gone.bin', 100, WHEN);
      if (isFileLeft) world.onPhone('holder/left.bin', 100, WHEN);
      const before = await all(both);
      // what is in it goes first, the deepest at the beginning
      world.faults('unplug@op=DeleteObject:3:before');
      await assert.rejects(world.engine.files.copy(world.place('/tree'), world.place('/holder')));
      assert.deepEqual(readdirSync(join(world.phoneFolder, 'holder')), isFileLeft ? ['left.bin'] : []);
      world.phone.plug();
      await world.engine.waitForDevice(undefined, 5_000);
      await noted(both);
      const after = await all(both);
      assert.ok(isNew('copied over', before, after, isFileLeft ? 'holder (2)' : 'holder'), JSON.stringify(after));
      assert.equal(after['holder/left.bin'], before['holder/left.bin']);
      assert.equal(existsSync(join(world.phoneFolder, 'holder (2)')), isFileLeft);
      assert.deepEqual(temporaries(after), []);
    });

  test('what somebody put into the unfinished copy stays, and so does its folder', async (t) => {
    const both = await begun(t, 'copied over', { clock: HURRIED });
    const { world } = both;
    const before = await all(both);
    world.faults('unplug@op=CopyObject:2:before');
    await assert.rejects(HOW['copied over'](world));
    const [made = ''] = readdirSync(world.phoneFolder).filter((name) => name.includes('.replug-'));
    writeFileSync(join(world.phoneFolder, made, 'mine.txt'), 'mine');
    world.phone.plug();
    await world.engine.waitForDevice(undefined, 5_000);
    await noted(both);
    const after = await all(both);
    assert.ok(isOld(before, after));
    assert.deepEqual(readdirSync(join(world.phoneFolder, made)), ['mine.txt']);
  });

  test('what came into the old one meanwhile stays, and the copy is thrown away', async (t) => {
    const both = await begun(t, 'copied over');
    const { world } = both;
    const before = await all(both);
    let isAdded = false;
    world.phone.onOperation((operation) => {
      if (operation !== Operation.CopyObject || isAdded) return;
      isAdded = true;
      world.onPhone('other/new.bin', 10, WHEN);
    });
    await assert.rejects(HOW['copied over'](world), exists);
    await noted(both);
    const after = await all(both);
    assert.ok(isOld(before, after) && after['other/new.bin'] !== undefined);
    assert.deepEqual(temporaries(after), []);
  });
});

test('a file is copied by the phone to the name to which another is written, begun at any step of that: neither is lost', async (t) => {
  for (let step = 1, isOver = false; !isOver; step += 1) {
    const world = begin(t);
    world.onPhone('from/a.bin', 3_000, WHEN);
    world.onPhone('to/b.bin', 2_000, WHEN);
    await world.start();
    const { files } = world.engine;
    const [from, to] = [world.place('/from/a.bin'), world.place('/to/a.bin')];
    const written = bytesFor('written', 500);
    const file = await files.write(to, { size: written.byteLength, shown: 'nothing' });
    await file.write(written);
    const told = (done: Promise<unknown>): Promise<boolean> =>
      done.then(
        () => true,
        (error: unknown) => {
          assert.ok(exists(error), String(error));
          return false;
        },
      );
    let left = step;
    let copied: Promise<boolean> | undefined;
    const stop = world.phone.onOperation(() => {
      left -= 1;
      if (left === 0) copied = told(files.copy(from, to, { shown: 'nothing' }));
    });
    const isWritten = await told(file.finish());
    stop();
    isOver = copied === undefined;
    const isCopied = await copied;
    await file.abandon();
    const there = readFileSync(join(world.phoneFolder, 'to/a.bin'));
    assert.notEqual(isCopied, isWritten, `step ${step}: one of them`);
    assert.deepEqual(there, isWritten ? written : readFileSync(join(world.phoneFolder, 'from/a.bin')), `step ${step}`);
    await world.end();
  }
});
