import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

/** Looks before a test gives up, some eight seconds. */
const LOOKS = 4_000;

/** Waits until it holds; fails with `what` instead of waiting for ever. */
export async function until(holds: () => boolean, what = 'it goes on'): Promise<void> {
  for (let looks = 0; !holds(); looks += 1) {
    assert.ok(looks < LOOKS, what);
    await sleep(2);
  }
}
