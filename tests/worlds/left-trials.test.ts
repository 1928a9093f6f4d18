import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../electron/engine/index.ts';
import { begin } from './world.ts';

/** Empty files with which a disk's names were tried, and that a killed program has left. */

const DAY_MS = 24 * 60 * 60_000;

for (const days of [-2, 2])
  test(`what the last download left goes at the next start, though the clock was set by ${days} days since`, async (t) => {
    let shift = 0;
    const clock = { ...systemClock, now: (): number => systemClock.now() + shift };
    const world = begin(t, {}, { clock });
    world.onPhone('DCIM/a.jpg', 1_000);
    await world.start();
    assert.equal((await world.pull(['/DCIM'], 'in')).state, 'done');
    await world.engine.stop();
    const trial = join(world.here, 'in', '.replug-a1b2c3-end.');
    writeFileSync(trial, '');
    shift = days * DAY_MS;
    await world.restart();
    await world.start();
    const limit = AbortSignal.timeout(20_000);
    while (existsSync(trial) && !limit.aborted) await sleep(20);
    assert.ok(!existsSync(trial));
  });
