import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Patience } from './patience.ts';

function world() {
  const slept: number[] = [];
  const log: string[] = [];
  let now = 0;
  const patience = new Patience({
    log: (line: string) => log.push(line),
    health: { ranInto: () => true, works: () => undefined },
    clock: {
      monotonic: () => now,
      sleep: (ms: number) => {
        slept.push(ms);
        return Promise.resolve();
      },
    },
  } as unknown as ConstructorParameters<typeof Patience>[0]);
  const later = (ms: number): void => {
    now += ms;
  };
  return { patience, slept, log, later };
}
const trouble = (text = 'full'): Error => Object.assign(new Error(text), { stack: text });

test('pauses grow to half a minute, and begin anew when something worked', async () => {
  const { patience, slept } = world();
  for (let count = 0; count < 9; count += 1) await patience.pauseAfter('lane', trouble());
  assert.deepEqual(slept, [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  patience.works();
  await patience.pauseAfter('lane', trouble());
  assert.equal(slept.at(-1), 250);
});

test('the same trouble is logged once a minute, with how often it came; another one at once', async () => {
  const { patience, log, later } = world();
  for (let count = 0; count < 3; count += 1) await patience.pauseAfter('lane', trouble());
  later(60_000);
  await patience.pauseAfter('lane', trouble());
  await patience.pauseAfter('lane', trouble('busy'));
  assert.deepEqual(log, ['lane: full', 'lane: full (2 more since the last line)', 'lane: busy']);
});

test('once the program ends nothing pauses any more', async () => {
  const { patience, slept } = world();
  patience.end();
  await patience.pauseAfter('lane', trouble());
  assert.deepEqual(slept, []);
});
