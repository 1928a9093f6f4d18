import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { Verifications } from '../../electron/engine/index.ts';
import { localPath, type VerifyLevel } from '../../shared/domain.ts';
import { isPhoneError } from '../../shared/errors.ts';
import type { VerificationSnapshot } from '../../shared/verify.ts';
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
