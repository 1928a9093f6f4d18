import assert from 'node:assert/strict';
import {
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { nodeDisk, type Disk } from '../../electron/engine/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { VirtualPhone, type VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { localPath, type VerifyLevel } from '../../shared/domain.ts';
import { isPhoneError } from '../../shared/errors.ts';
import type { ComparedCopy, VerifyProgress, VerifyResult } from '../../shared/verify.ts';
import { begin, treeOf, type World, type WorldOptions } from './world.ts';

/** Copies of any age, compared with what is on the other side now. */

const MIB = 1024 * 1024;
const WHEN = Date.UTC(2026, 4, 14, 9, 30);

interface Checked extends VerifyResult {
  readonly copies: readonly ComparedCopy[];
  /** Path and state of each that is not the same. */
  readonly differences: Readonly<Record<string, string>>;
}

async function check(
  world: World,
  level: VerifyLevel,
  options: {
    readonly local?: string;
    readonly path?: string;
    readonly waitMs?: number;
    readonly signal?: AbortSignal;
    readonly onProgress?: (progress: VerifyProgress) => void;
  } = {},
): Promise<Checked> {
  const copies: ComparedCopy[] = [];
  const result = await world.engine.verifyCopies(
    {
      local: localPath(join(world.here, options.local ?? 'Photos')),
      place: world.place(options.path ?? '/Photos'),
      level,
    },
    {
      signal: options.signal ?? new AbortController().signal,
      waitMs: options.waitMs ?? 10_000,
      onProgress: options.onProgress ?? (() => undefined),
      onCopy: (copy) => copies.push(copy),
    },
  );
  const differences = copies.filter(({ state }) => state !== 'same').map(({ path, state }) => [path, state] as const);
  return { ...result, copies, differences: Object.fromEntries(differences) };
}

/** A folder that was copied: small and large files, an empty one, a folder in it. */
async function copied(
  t: TestContext,
  phone: Partial<VirtualPhoneOptions> = {},
  options: WorldOptions = {},
): Promise<World> {
  const world = begin(t, phone, options);
  world.local('Photos/a.jpg', 300_000, WHEN);
  world.local('Photos/b.mp4', 9 * MIB + 5, WHEN);
  world.local('Photos/empty', 0, WHEN);
  world.local('Photos/Trip/c.jpg', 70_000, WHEN);
  await world.start();
  const view = await world.push([localPath(join(world.here, 'Photos'))], '/');
  assert.equal(view.state, 'done');
  return world;
}

const onPhone = (world: World, path: string): string => join(world.phoneFolder, path);
/** Another byte at that place, with size and date as they were. */
function spoil(file: string, at: number, modified = WHEN): void {
  const bytes = readFileSync(file);
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(file, bytes);
  utimesSync(file, modified / 1000, modified / 1000);
}

/** The same files on another phone. */
async function replaced(world: World, options: Partial<VirtualPhoneOptions>): Promise<void> {
  await world.engine.stop();
  world.phone = new VirtualPhone({ directory: world.phoneFolder, serial: 'WORLD', ...options });
  world.usePhone();
  await world.start();
}

for (const level of ['size', 'sampled', 'full'] as const)
  test(`an untouched copy is the same: ${level}; and nothing is changed on either side`, async (t) => {
    const world = await copied(t);
    const [here, there] = [await treeOf(world.here), await treeOf(world.phoneFolder)];
    const progress: VerifyProgress[] = [];
    const found = await check(world, level, { onProgress: (one) => progress.push(one) });
    assert.deepEqual(found.differences, {});
    assert.equal(found.ended, 'done');
    assert.equal(found.counts.states.same, 4);
    const { files, filesTotal, bytes, bytesTotal } = progress.at(-1) ?? assert.fail();
    assert.deepEqual([files, bytes], [filesTotal, bytesTotal]);
    assert.equal(bytesTotal, 300_000 + 9 * MIB + 5 + 70_000);
    assert.deepEqual([await treeOf(world.here), await treeOf(world.phoneFolder)], [here, there]);
  });

describe('what differs is told for each file', () => {
  test('missing on either side, of another size, a folder in the place of a file, and an empty folder', async (t) => {
    const world = await copied(t);
    rmSync(onPhone(world, 'Photos/Trip/c.jpg'));
    rmSync(join(world.here, 'Photos/empty'));
    truncateSync(onPhone(world, 'Photos/b.mp4'), 9 * MIB);
    rmSync(onPhone(world, 'Photos/a.jpg'));
    mkdirSync(onPhone(world, 'Photos/a.jpg'));
    mkdirSync(join(world.here, 'Photos/none'));
    await world.restart();
    await world.start();
    const found = await check(world, 'sampled');
    assert.deepEqual(found.differences, {
      'Trip/c.jpg': 'missing-on-phone',
      none: 'missing-on-phone',
      empty: 'missing-here',
      'b.mp4': 'size',
      'a.jpg': 'kind',
    });
    const cut = found.copies.find(({ path }) => path === 'b.mp4');
    assert.deepEqual([cut?.local?.size, cut?.phone?.size], [9 * MIB + 5, 9 * MIB]);
  });

  test('contents: a byte where no sample looks is found by the whole alone', async (t) => {
    const world = await copied(t);
    spoil(onPhone(world, 'Photos/b.mp4'), 3 * MIB);
    assert.deepEqual((await check(world, 'size')).differences, {});
    assert.deepEqual((await check(world, 'sampled')).differences, {});
    const found = await check(world, 'full');
    assert.deepEqual(found.differences, { 'b.mp4': 'content' });
    assert.equal(found.copies.find(({ path }) => path === 'b.mp4')?.at, 0);
    spoil(onPhone(world, 'Photos/b.mp4'), 9 * MIB);
    assert.deepEqual((await check(world, 'sampled')).differences, { 'b.mp4': 'content' });
    spoil(onPhone(world, 'Photos/a.jpg'), 200_000);
    assert.deepEqual((await check(world, 'sampled')).differences, { 'a.jpg': 'content', 'b.mp4': 'content' });
  });

  test('a date is a difference where nothing else was compared; another time zone is none', async (t) => {
    const world = await copied(t);
    utimesSync(join(world.here, 'Photos/a.jpg'), WHEN / 1000 + 77, WHEN / 1000 + 77);
    utimesSync(join(world.here, 'Photos/b.mp4'), WHEN / 1000 + 7200, WHEN / 1000 + 7200);
    assert.deepEqual((await check(world, 'size')).differences, { 'a.jpg': 'date' });
    assert.deepEqual((await check(world, 'sampled')).differences, {});
  });

  test('what cannot be read is neither the same nor missing', async (t) => {
    const world = await copied(t);
    symlinkSync('nowhere', join(world.here, 'Photos/dead'));
    writeFileSync(onPhone(world, 'Photos/dead'), 'x');
    symlinkSync('.', join(world.here, 'Photos/Trip/round'));
    const found = await check(world, 'sampled');
    assert.deepEqual(found.differences, { dead: 'unreadable', 'Trip/round': 'unreadable' });
    assert.ok(found.copies.every(({ state, problem }) => (state === 'unreadable') === (problem !== undefined)));
  });

  test('a folder that the phone does not describe whole', async (t) => {
    const world = await copied(t);
    mkdirSync(onPhone(world, 'AAA'));
    await replaced(world, { profile: 'camera', quirks: [['one-undescribable', 1]] });
    const found = await check(world, 'size');
    const states = new Set(Object.values(found.differences));
    assert.ok(!states.has('missing-on-phone') && states.has('unreadable'), JSON.stringify(found.differences));
  });
});

describe('names', () => {
  test('of another case or composition, numbered, and made legal', async (t) => {
    const world = begin(t);
    for (const name of ['x.jpg', 'X.jpg', 'what?.txt', 'Caf\u00e9.txt', 'sub/y.txt'])
      world.local(`Photos/${name}`, 900, WHEN);
    await world.start();
    assert.equal((await world.push([localPath(join(world.here, 'Photos'))], '/')).state, 'done');
    renameSync(onPhone(world, 'Photos/what?.txt'), onPhone(world, 'Photos/what\uff1f.txt'));
    renameSync(onPhone(world, 'Photos/Caf\u00e9.txt'), onPhone(world, 'Photos/CAFE\u0301.txt'));
    await world.restart();
    await world.start();
    const found = await check(world, 'full');
    assert.deepEqual(found.differences, {});
    assert.equal(found.counts.states.same, 5);
    assert.ok(found.copies.filter(({ phonePath }) => phonePath !== undefined).length === 3);
  });

  test('mapped by a download', async (t) => {
    const world = begin(t);
    for (const name of ['Photos/a\u202eb.txt', 'Photos/fine.txt']) world.onPhone(name, 900, WHEN);
    await world.start();
    assert.equal((await world.pull(['/Photos'], '')).state, 'done');
    const found = await check(world, 'sampled');
    assert.deepEqual(found.differences, {});
    assert.equal(found.counts.states.same, 2);
  });

  test('unfinished and system files are left out on both sides', async (t) => {
    const world = await copied(t);
    for (const name of ['.DS_Store', 'Trip/b.mp4.a1.replug-part']) writeFileSync(join(world.here, 'Photos', name), 'x');
    writeFileSync(onPhone(world, 'Photos/.trashed-1700000000-x.jpg'), 'x');
    const found = await check(world, 'sampled');
    assert.deepEqual(found.differences, {});
    assert.equal(found.counts.skipped, 3);
  });
});

describe('one file', () => {
  test('with a file, or with its namesake in a folder', async (t) => {
    const world = await copied(t);
    const file = { local: 'Photos/Trip/c.jpg' };
    assert.equal((await check(world, 'full', { ...file, path: '/Photos/Trip/c.jpg' })).counts.states.same, 1);
    assert.equal((await check(world, 'full', { ...file, path: '/Photos/Trip' })).counts.states.same, 1);
    assert.deepEqual((await check(world, 'full', { ...file, path: '/Photos/a.jpg' })).differences, { 'c.jpg': 'size' });
    assert.deepEqual((await check(world, 'full', { ...file, path: '/Photos' })).differences, {
      'c.jpg': 'missing-on-phone',
    });
  });

  test('a folder with a file, and what is not there at all, are problems and no reports', async (t) => {
    const world = await copied(t);
    for (const [options, kind] of [
      [{ path: '/Photos/a.jpg' }, 'not-a-folder'],
      [{ path: '/Nothing' }, 'missing'],
      [{ local: 'Nothing' }, 'source-missing'],
    ] as const)
      await assert.rejects(check(world, 'size', options), (error) => isPhoneError(error) && error.kind === kind);
  });
});

test('a folder named one too high is pointed out', async (t) => {
  const world = await copied(t);
  mkdirSync(onPhone(world, 'DCIM'));
  renameSync(onPhone(world, 'Photos'), onPhone(world, 'DCIM/Photos'));
  await world.restart();
  await world.start();
  assert.deepEqual((await check(world, 'size', { path: '/DCIM' })).hint, { side: 'phone', path: '/DCIM/Photos' });
  mkdirSync(join(world.here, 'Backup'));
  renameSync(join(world.here, 'Photos'), join(world.here, 'Backup/Photos'));
  assert.deepEqual((await check(world, 'size', { local: 'Backup', path: '/DCIM/Photos' })).hint, {
    side: 'computer',
    path: join(world.here, 'Backup/Photos'),
  });
});

describe('phones that tell no truth about sizes and dates', () => {
  test('0 bytes for every file', async (t) => {
    const world = await copied(t);
    await replaced(world, { quirks: [['zero-sizes', 1]] });
    assert.deepEqual((await check(world, 'size')).differences, {});
    spoil(onPhone(world, 'Photos/b.mp4'), 3 * MIB);
    assert.deepEqual((await check(world, 'sampled')).differences, { 'b.mp4': 'content' });
  });

  test('twice the bytes', async (t) => {
    const world = await copied(t);
    await replaced(world, { quirks: [['doubled-sizes', 1]] });
    assert.deepEqual((await check(world, 'full')).differences, {});
    truncateSync(onPhone(world, 'Photos/b.mp4'), 9 * MIB);
    assert.deepEqual((await check(world, 'full')).differences, { 'b.mp4': 'unreadable' });
  });

  test('no dates: sizes alone, and it says so', async (t) => {
    const world = await copied(t, { quirks: [['no-dates', 1]] });
    const found = await check(world, 'size');
    assert.deepEqual(found.differences, {});
    assert.equal(found.counts.undated, 4);
  });

  test('no reading of parts: a large file is compared by its size, whole where that was asked for', async (t) => {
    const world = await copied(t, { profile: 'camera' });
    spoil(onPhone(world, 'Photos/b.mp4'), 3 * MIB);
    assert.deepEqual((await check(world, 'full')).differences, { 'b.mp4': 'content' });
  });
});

/** Pulls the cable at the next operation of that name. */
function unplugAt(world: World, name: 'GetObjectHandles' | 'GetPartialObject64' | 'GetObject', back: boolean): void {
  const next = world.phone.timesSeen(Operation[name]) + 1;
  world.faults(`unplug@op=${name}:${next}`, ...(back ? ['replug@ms=50'] : []));
}

describe('an unplug', () => {
  for (const [level, at] of [
    ['size', 'GetObjectHandles'],
    ['sampled', 'GetObjectHandles'],
    ['sampled', 'GetObject'],
    ['sampled', 'GetPartialObject64'],
    ['full', 'GetObject'],
    ['full', 'GetPartialObject64'],
  ] as const)
    test(`${level}, ${at}: it waits and goes on`, async (t) => {
      const world = await copied(t);
      unplugAt(world, at, true);
      const phases = new Set<string>();
      const found = await check(world, level, { onProgress: ({ phase }) => phases.add(phase) });
      assert.ok(phases.has('away'));
      assert.deepEqual(found.differences, {});
      assert.equal(found.counts.states.same, 4);
    });

  test('in the middle of a large file: what was compared is not read again', async (t) => {
    const world = begin(t);
    world.local('Photos/film.mkv', 40 * MIB, WHEN);
    mkdirSync(onPhone(world, 'Photos'));
    writeFileSync(onPhone(world, 'Photos/film.mkv'), readFileSync(join(world.here, 'Photos/film.mkv')));
    await world.start();
    world.faults('unplug@bytes=30000000', 'replug@ms=50');
    const bytes: number[] = [];
    const found = await check(world, 'full', {
      onProgress: (one) => {
        if (one.phase === 'comparing') bytes.push(one.bytes);
      },
    });
    assert.deepEqual(found.differences, {});
    assert.deepEqual(
      bytes,
      [...bytes].sort((one, other) => one - other),
      'it never goes back',
    );
  });

  test('without time to wait it ends as away, with what was compared by then', async (t) => {
    const world = await copied(t);
    unplugAt(world, 'GetPartialObject64', false);
    const found = await check(world, 'sampled', { waitMs: 0 });
    assert.equal(found.ended, 'away');
  });

  test('it can be stopped while the phone is away, and in between', async (t) => {
    const world = await copied(t);
    const stop = new AbortController();
    unplugAt(world, 'GetPartialObject64', false);
    const found = await check(world, 'full', {
      signal: stop.signal,
      waitMs: Infinity,
      onProgress: ({ phase }) => {
        if (phase === 'away') stop.abort();
      },
    });
    assert.equal(found.ended, 'stopped');
  });
});

test('a file that is written to while it is compared is compared again', async (t) => {
  const world = await copied(t);
  let isTouched = false;
  const found = await check(world, 'full', {
    onProgress: ({ current, bytes }) => {
      if (isTouched || current !== 'b.mp4' || bytes === 0) return;
      isTouched = true;
      utimesSync(join(world.here, 'Photos/b.mp4'), WHEN / 1000 + 60, WHEN / 1000 + 60);
    },
  });
  assert.ok(isTouched);
  assert.deepEqual(found.differences, {});
  assert.equal(found.counts.states.same, 4);
});

test('a local file that this user may not read', async (t) => {
  let isForbidden = false;
  const disk: Disk = {
    ...nodeDisk,
    open: (at, mode) =>
      isForbidden && at.endsWith('a.jpg')
        ? Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' }))
        : nodeDisk.open(at, mode),
  };
  const world = await copied(t, {}, { disk });
  isForbidden = true;
  assert.deepEqual((await check(world, 'sampled')).differences, { 'a.jpg': 'unreadable' });
});
