import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Pace } from './pace.ts';

/** A clock that a sleep, or a piece of work, moves on. */
function begin(): {
  readonly pace: Pace;
  readonly world: { now: number; isBusy: boolean; waited: number };
  readonly rested: () => Promise<number>;
} {
  const world = { now: 0, isBusy: true, waited: 0 };
  const pace = new Pace({
    clock: {
      now: () => 0,
      monotonic: () => world.now,
      sleep: (ms) => {
        world.now += ms;
        return Promise.resolve();
      },
    },
    isBusy: () => world.isBusy,
    waitedMs: () => world.waited,
  });
  const rested = async (): Promise<number> => {
    const before = world.now;
    await pace.rest(new AbortController().signal);
    return world.now - before;
  };
  return { pace, world, rested };
}

describe('the pace of a scan', () => {
  it('beside a transfer is a sixtieth of the time, however long a folder takes', async () => {
    for (const tookMs of [5, 400, 20_000]) {
      const { pace, world, rested } = begin();
      pace.begin();
      world.now += tookMs;
      assert.equal(await rested(), tookMs * 60);
    }
  });

  it('does not count what was only waited for', async () => {
    const { pace, world, rested } = begin();
    world.waited = 7_000;
    pace.begin();
    world.now += 3_000;
    world.waited += 2_900;
    assert.equal(await rested(), 100 * 60);
  });

  it('is its own again soon after the transfer has ended, and when there is none', async () => {
    const { pace, world, rested } = begin();
    world.isBusy = false;
    pace.begin();
    world.now += 500;
    assert.equal(await rested(), 0);
    world.isBusy = true;
    pace.begin();
    world.now += 20_000;
    const end = world.now + 10_500;
    const isOver = { get: () => world.now < end };
    Object.defineProperty(world, 'isBusy', isOver);
    assert.equal(await rested(), 11_000);
  });

  it('ends with the scan', async () => {
    const { pace, world } = begin();
    pace.begin();
    world.now += 20_000;
    const stop = new AbortController();
    stop.abort();
    await pace.rest(stop.signal);
    assert.equal(world.now, 20_000);
  });
});
