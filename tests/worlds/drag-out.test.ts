import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeInEnglish, isPhoneError, type PhoneErrorKind } from '../../shared/errors.ts';
import { begin } from './world.ts';

/** Files that are dragged out of a window and do not arrive. */

const fails = (promise: Promise<unknown>, kind: PhoneErrorKind, told: RegExp): Promise<void> =>
  assert.rejects(promise, (error: unknown) => {
    assert.ok(isPhoneError(error));
    assert.equal(error.kind, kind, error.message);
    assert.match(Object.values(describeInEnglish(error.problem)).join(' '), told);
    return true;
  });

test('what is not on the phone is told as that, not as a phone that was unplugged', async (t) => {
  const world = begin(t);
  world.onPhone('DCIM/a.jpg', 100);
  await world.start();
  const sources = ['/DCIM/a.jpg', '/DCIM/gone.jpg'].map((path) => world.place(path));
  await fails(world.engine.execute('prepareDrag', { sources }), 'missing', /gone\.jpg” is not on the phone/);
});

test('unplugged: it is given up, and does not begin anew by itself when nobody waits for it', async (t) => {
  const world = begin(t);
  world.onPhone('DCIM/film.mkv', 24 * 1024 * 1024);
  await world.start();
  world.faults('unplug@bytes=9000000');
  const sources = [world.place('/DCIM/film.mkv')];
  await fails(
    world.engine.execute('prepareDrag', { sources }),
    'disconnected',
    /^“film\.mkv” cannot be read: the phone was unplugged\. Start over\.$/,
  );
  await sleep(50);
  assert.deepEqual(
    world.engine.transfers().map(({ state, counts }) => [state, counts.cancelled]),
    [['cancelled', 1]],
  );
});
