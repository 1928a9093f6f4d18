import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WakeableSleep } from './wakeable-sleep.ts';

/** A clock whose sleeps end only when they are told to. */
function world() {
  const slept: number[] = [];
  let ring: () => void = () => undefined;
  const sleep = new WakeableSleep({
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        slept.push(ms);
        ring = resolve;
        signal?.addEventListener('abort', () => resolve(), { once: true });
      }),
  });
  return { sleep, slept, ring: () => ring() };
}

test('a sleep ends by its time, or when it is woken', async () => {
  const { sleep, slept, ring } = world();
  const first = sleep.sleep(5);
  ring();
  await first;
  const second = sleep.sleep(7);
  sleep.wake();
  await second;
  assert.deepEqual(slept, [5, 7]);
});

test('a wake while nobody sleeps spares the next sleep, and only that', async () => {
  const { sleep, slept, ring } = world();
  sleep.wake();
  sleep.wake();
  await sleep.sleep(5);
  assert.deepEqual(slept, []);
  const next = sleep.sleep(7);
  assert.deepEqual(slept, [7]);
  ring();
  await next;
});
