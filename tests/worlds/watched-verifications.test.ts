import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { Verifications } from '../../electron/engine/index.ts';
import { localPath, phonePath, type DeviceKey, type StorageKey, type VerifyLevel } from '../../shared/domain.ts';
import { isPhoneError } from '../../shared/errors.ts';
import { NO_COPIES, type VerificationSnapshot } from '../../shared/verify.ts';
import type { VerifyOptions } from '../../electron/engine/verifying/verify-copies.ts';
import { begin, type World } from './world.ts';

/** *Verify copies…* as a window watches it. */

/** Slow enough for something to happen in the middle. */
const SLOWLY = 10_000_000;
const WHEN = Date.UTC(2026, 4, 14, 9, 30);

/** `rate`: of the phone, bytes a second. */
async function copied(t: TestContext, files: number, size: number, rate = 0): Promise<World> {
  const world = begin(t, { rate });
  for (let index = 0; index < files; index += 1) world.local(`Photos/${index}.jpg`, size, WHEN);
  await world.start();
  assert.equal((await world.push([localPath(join(world.here, 'Photos'))], '/')).state, 'done');
  return world;
}

/** Subscribes, and keeps what was told. */
function watching(world: World, verifications: Verifications, more: { most?: number; level?: VerifyLevel } = {}) {
  const told: VerificationSnapshot[] = [];
  const waiting = new Set<() => void>();
  const end = verifications.watch(
    {
      id: 'v1',
      local: localPath(join(world.here, 'Photos')),
      place: world.place('/Photos'),
      level: more.level ?? 'full',
      most: more.most ?? 500,
    },
    (snapshot) => {
      told.push(snapshot);
      for (const look of waiting) look();
    },
  );
  const until = (is: (snapshot: VerificationSnapshot) => boolean): Promise<VerificationSnapshot> =>
    new Promise((resolve) => {
      const look = (): void => {
        const last = told.at(-1);
        if (last === undefined || !is(last)) return;
        waiting.delete(look);
        resolve(last);
      };
      waiting.add(look);
      look();
    });
  return { told, end, until };
}
const hasEnded = ({ result, problem }: VerificationSnapshot): boolean => result !== undefined || problem !== undefined;
const verificationsOf = (t: TestContext, world: World): Verifications => {
  const verifications = new Verifications((request, options) => world.engine.verifyCopies(request, options));
  t.after(() => verifications.close());
  return verifications;
};

describe('a comparison that a window watches', () => {
  test('begins at once, lists what matters most first, and ends with its result', async (t) => {
    const world = await copied(t, 5, 20_000);
    writeFileSync(join(world.phoneFolder, 'Photos/new.jpg'), 'x');
    const { told, until, end } = watching(world, verificationsOf(t, world));
    assert.equal(told.length, 1, 'the first snapshot comes before `watch` returns');
    assert.equal(told[0]?.progress.phase, 'listing');
    const before = await until(hasEnded);
    assert.deepEqual(
      before.copies.map(({ path, state }) => [path, state]),
      [['new.jpg', 'missing-here']],
    );
    assert.equal(before.result?.ended, 'done');
    assert.equal(before.progress.counts.states.same, 5);
    assert.deepEqual(before.progress.counts, before.result?.counts);
    end();
    writeFileSync(join(world.here, 'Photos/3.jpg'), Buffer.alloc(20_000, 7));
    const second = watching(world, verificationsOf(t, world));
    const after = await second.until(hasEnded);
    assert.deepEqual(
      after.copies.map(({ path, state }) => [path, state]),
      [
        ['3.jpg', 'content'],
        ['new.jpg', 'missing-here'],
      ],
    );
  });

  test('whoever subscribes with its number joins it; `most` limits the list and not the counts', async (t) => {
    const world = await copied(t, 2, 1_000);
    for (let index = 0; index < 30; index += 1) writeFileSync(join(world.phoneFolder, `Photos/new${index}`), 'x');
    const verifications = verificationsOf(t, world);
    const first = watching(world, verifications, { most: 10 });
    const done = await first.until(hasEnded);
    assert.equal(done.copies.length, 10);
    assert.equal(done.progress.counts.states['missing-here'], 30);
    // the same, without another look at either side
    const transactions = world.engine.transactions(world.place('/').device);
    const whole = watching(world, verifications, { most: 1000 });
    assert.equal(whole.told.at(-1)?.copies.length, 30);
    assert.equal(whole.told.at(-1)?.result, done.result);
    assert.equal(world.engine.transactions(world.place('/').device), transactions);
  });

  test('it is stopped in the middle, and what it has found stays', async (t) => {
    const world = await copied(t, 12, 1_000_000, SLOWLY);
    const verifications = verificationsOf(t, world);
    const { until } = watching(world, verifications);
    await until(({ progress }) => progress.files > 0);
    verifications.stop('another');
    verifications.stop('v1');
    const stopped = await until(hasEnded);
    assert.equal(stopped.result?.ended, 'stopped');
    assert.ok(stopped.progress.counts.states.same < 12);
    assert.ok(stopped.progress.counts.states.same > 0);
  });

  test('the phone goes away in the middle and comes back: it says so, and goes on', async (t) => {
    const world = await copied(t, 12, 1_000_000, SLOWLY);
    const { until } = watching(world, verificationsOf(t, world));
    await until(({ progress }) => progress.files > 0);
    await world.phone.unplug();
    const away = await until(({ progress }) => progress.phase === 'away');
    assert.equal(away.result, undefined);
    world.phone.plug();
    const done = await until(hasEnded);
    assert.equal(done.result?.ended, 'done');
    assert.equal(done.progress.counts.states.same, 12);
    assert.deepEqual(done.copies, []);
  });

  test('a folder that is not there is its problem', async (t) => {
    const world = await copied(t, 1, 1_000);
    const verifications = verificationsOf(t, world);
    const told: VerificationSnapshot[] = [];
    await new Promise<void>((resolve) => {
      verifications.watch(
        {
          id: 'v2',
          local: localPath(join(world.here, 'nowhere')),
          place: world.place('/Photos'),
          level: 'size',
          most: 10,
        },
        (snapshot) => {
          told.push(snapshot);
          if (hasEnded(snapshot)) resolve();
        },
      );
    });
    assert.ok(['source-missing', 'local-missing'].includes(told.at(-1)?.problem?.kind ?? ''), JSON.stringify(told));
  });
});

describe('a comparison that nobody watches for a while', () => {
  const ARGUMENT = {
    local: localPath('/home/ann/Photos'),
    place: { device: 'maker/1' as DeviceKey, storage: 'internal' as StorageKey, path: phonePath('/Photos') },
    level: 'size',
    most: 10,
  } as const;
  const progress = (phase: 'listing' | 'comparing' | 'away') => ({
    phase,
    files: 1,
    filesTotal: 2,
    bytes: 0,
    bytesTotal: 0,
    current: undefined,
    counts: NO_COPIES,
  });

  /** Comparisons that go on until they are ended, or until they are told to. */
  function endless(t: TestContext) {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const running: { readonly options: VerifyOptions; readonly finish: () => void }[] = [];
    const verifications = new Verifications(
      (_request, options) =>
        new Promise((resolve, reject) => {
          const finish = (): void => resolve({ ended: 'done', counts: NO_COPIES, hint: undefined });
          running.push({ options, finish });
          options.signal?.addEventListener('abort', () => reject(new Error('ended')));
        }),
    );
    t.after(() => verifications.close());
    const watch = (id: string, join?: true): (() => void) =>
      verifications.watch({ ...ARGUMENT, id, ...(join && { join }) }, () => undefined);
    return { verifications, running, watch };
  }

  test('it goes on for minutes, and a window that is loaded again joins it; in the end it is given up', (t) => {
    const { running, watch } = endless(t);
    const leave = watch('a');
    leave();
    t.mock.timers.tick(4 * 60_000);
    const leaveAgain = watch('a', true);
    assert.equal(running.length, 1, 'the same one');
    t.mock.timers.tick(60 * 60_000);
    assert.equal(running[0]?.options.signal?.aborted, false, 'it is watched');
    leaveAgain();
    t.mock.timers.tick(5 * 60_000);
    assert.equal(running[0]?.options.signal?.aborted, true);
    assert.throws(() => watch('a', true), { kind: 'missing' });
    assert.equal(running.length, 1, 'nothing is begun by joining');
    watch('a');
    assert.equal(running.length, 2);
  });

  test('one that has ended is found again with its result', async (t) => {
    const { running, watch, verifications } = endless(t);
    watch('a')();
    running[0]?.finish();
    await turn();
    t.mock.timers.tick(60_000);
    let result: unknown;
    verifications.watch({ ...ARGUMENT, id: 'a', join: true }, (snapshot) => (result = snapshot.result?.ended));
    assert.equal(result, 'done');
  });

  test('only a few are kept: of more the oldest is given up', (t) => {
    const { running, watch } = endless(t);
    for (const id of ['a', 'b', 'c']) watch(id)();
    assert.deepEqual(
      running.map(({ options }) => options.signal?.aborted),
      [true, false, false],
    );
    watch('b', true);
    watch('d')();
    assert.deepEqual(
      running.map(({ options }) => options.signal?.aborted),
      [true, false, false, false],
    );
  });

  test('the computer is kept awake while files are read, not while the phone is away, and not afterwards', async (t) => {
    const { verifications, running, watch } = endless(t);
    const told: boolean[] = [];
    verifications.onChange(() => told.push(verifications.isReading));
    assert.equal(verifications.isReading, false);
    const leave = watch('a');
    assert.deepEqual(told, [true]);
    const [one] = running;
    one?.options.onProgress?.(progress('comparing'));
    one?.options.onProgress?.(progress('comparing'));
    one?.options.onProgress?.(progress('away'));
    one?.options.onProgress?.(progress('comparing'));
    assert.deepEqual(told, [true, true, false, true]);
    one?.finish();
    await turn();
    assert.equal(told.at(-1), false);
    leave();
  });
});

describe('a phone that is lent', () => {
  test('is closed here, and taken back afterwards', async (t) => {
    const world = await copied(t, 1, 1_000);
    const { device } = world.place('/');
    let ready = 0;
    const stop = world.engine.onReady(() => (ready += 1));
    t.after(stop);
    const state = await world.engine.lend(device, async (attached) => {
      assert.equal(attached.serial, 'WORLD');
      await assert.rejects(
        world.engine.lend(device, async () => 1),
        (error: unknown) => isPhoneError(error) && error.kind === 'busy',
      );
      return world.engine.devices[0]?.state.kind;
    });
    assert.equal(state, 'opening');
    assert.equal(await world.engine.waitForDevice(undefined, 10_000), device);
    assert.equal(ready, 1);
    assert.equal((await world.pull(['/Photos/0.jpg'], 'back')).state, 'done');
  });

  test('one that fails with it gets it back too', async (t) => {
    const world = await copied(t, 1, 1_000);
    const { device } = world.place('/');
    await assert.rejects(
      world.engine.lend(device, () => Promise.reject(new Error('no'))),
      /no/u,
    );
    assert.equal(await world.engine.waitForDevice(undefined, 10_000), device);
  });

  test('unplugged meanwhile, it is gone when it is given back, and usable when it is plugged in again', async (t) => {
    const world = await copied(t, 1, 1_000);
    const { device } = world.place('/');
    await world.engine.lend(device, () => world.phone.unplug());
    assert.equal(world.engine.devices[0]?.state.kind, 'gone');
    await assert.rejects(
      world.engine.lend(device, async () => 1),
      (error: unknown) => isPhoneError(error) && error.kind === 'disconnected',
    );
    world.phone.plug();
    assert.equal(await world.engine.waitForDevice(undefined, 10_000), device);
  });

  test('a locked one is lent too, and found locked again', async (t) => {
    const world = await copied(t, 1, 1_000);
    const { device } = world.place('/');
    world.phone.lock();
    assert.equal(await world.engine.lend(device, async () => 'lent'), 'lent');
    world.phone.unlock();
    assert.equal(await world.engine.waitForDevice(undefined, 10_000), device);
  });

  test('not while files are moved, which then go on undisturbed', async (t) => {
    const world = begin(t);
    const source = world.local('large.bin', 60_000_000, WHEN);
    await world.start();
    const { device } = world.place('/');
    const pushing = world.push([source], '/');
    while (!world.engine.isMoving(device)) await new Promise((resolve) => setImmediate(resolve));
    await assert.rejects(
      world.engine.lend(device, async () => 1),
      (error: unknown) => isPhoneError(error) && error.problem.fault?.id === 'phone-moving',
    );
    assert.equal((await pushing).state, 'done');
  });
});
