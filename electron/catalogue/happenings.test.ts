import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { systemClock } from '../engine/index.ts';
import type { ObjectHandle } from '../mtp/index.ts';
import { Happenings } from './happenings.ts';

const QUIET_MS = 50;
const objectHandle = (number: number): ObjectHandle => number as ObjectHandle;

/** Events on a clock that only the test moves on; what is looked after is noted with the time. */
function begin(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 0;
  const looks: (readonly [at: number, added: readonly number[], other: readonly number[]])[] = [];
  let ending: PromiseWithResolvers<undefined> | undefined;
  const happenings = new Happenings({
    clock: { ...systemClock, monotonic: () => now },
    quietMs: QUIET_MS,
    look: async ({ added, other }) => {
      looks.push([now, added, other]);
      await ending?.promise;
    },
    storm: () => assert.fail('no storm'),
  });
  t.after(() => happenings.stop());
  const pass = async (ms: number): Promise<void> => {
    for (let step = 0; step < ms; step += 1) {
      now += 1;
      t.mock.timers.tick(1);
      await turn();
    }
  };
  return {
    happenings,
    looks,
    pass,
    /** From now on a look lasts until it is ended. */
    hold: (): (() => void) => {
      const held = Promise.withResolvers<undefined>();
      ending = held;
      return () => held.resolve(undefined);
    },
  };
}

describe('what a phone says by itself', () => {
  it('is looked after once the quiet time is over, however much comes after it', async (t) => {
    const { happenings, looks, pass } = begin(t);
    for (let handle = 1; handle <= 20; handle += 1) {
      happenings.add({ kind: 'object-added', handle: objectHandle(handle) });
      await pass(10);
    }
    await pass(QUIET_MS);
    const handles = looks.flatMap(([at, added]) => added.map((handle) => [handle, at] as const));
    assert.deepEqual(
      handles.map(([handle]) => handle),
      Array.from({ length: 20 }, (_, at) => at + 1),
    );
    for (const [handle, at] of handles) {
      const waited = at - (handle - 1) * 10;
      assert.ok(waited >= 0 && waited <= QUIET_MS, `${handle} after ${waited} ms`);
    }
  });

  it('while something is looked after waits for that and the quiet time, together with all else that comes', async (t) => {
    const { happenings, looks, pass, hold } = begin(t);
    const end = hold();
    happenings.add({ kind: 'object-changed', handle: objectHandle(1) });
    await pass(QUIET_MS);
    happenings.add({ kind: 'object-removed', handle: objectHandle(2) });
    await pass(300);
    happenings.add({ kind: 'object-added', handle: objectHandle(3) });
    assert.equal(looks.length, 1);
    end();
    await pass(QUIET_MS + 1);
    assert.deepEqual(
      looks.slice(1).map(([, added, other]) => [added, other]),
      [[[3], [2]]],
    );
    assert.ok((looks[1]?.[0] ?? Infinity) <= 350 + QUIET_MS + 1);
  });
});
