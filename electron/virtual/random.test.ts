import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Operation, encodeCommand } from '../mtp/wire/index.ts';
import { PROFILE_NAMES } from './profiles.ts';
import { makePhone } from '../../tests/support/test-initiator.ts';

/** Deterministic: the same numbers each time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const CODES = Object.values(Operation);

for (const profile of PROFILE_NAMES)
  test(`${profile}: no bytes bring the server down otherwise than as on a phone`, async (t) => {
    const { phone } = await makePhone(t, { profile, capacity: 50_000_000 });
    await phone.touchFile('/d/a', 'abc');
    const random = generator(PROFILE_NAMES.indexOf(profile) + 1);
    for (let round = 0; round < 25; round += 1) {
      if (!phone.isPlugged) phone.plug();
      const cable = phone.open();
      const drain = (async () => {
        for (;;)
          if (
            !(await cable.read(65536, { limitMs: 30_000 }).then(
              () => true,
              (error: { kind?: string }) => error.kind === 'stalled',
            ))
          )
            return;
          else await sleep(0);
      })();
      phone.unlock();
      await cable
        .write([encodeCommand(Operation.OpenSession, 1, [1])], { last: true, limitMs: 20 })
        .catch(() => undefined);
      for (let count = 0; count < 12; count += 1) {
        const kind = random(12);
        const parameters = Array.from(
          { length: random(6) },
          () => [0, 1, 2, 3, 0x00010001, 0xffffffff, 0xdc07, random(2 ** 32)][random(8)] ?? 0,
        );
        const code = random(5) === 0 ? random(65536) : (CODES[random(CODES.length)] ?? 0);
        const bytes =
          kind === 0
            ? Uint8Array.from({ length: random(700) }, () => random(256))
            : encodeCommand(code, random(1000), parameters);
        await cable.write([bytes], { last: true, limitMs: 4 }).catch(() => undefined);
        if (random(20) === 0) await cable.classRequestIn(0x67, 4 + random(30), { limitMs: 2 }).catch(() => undefined);
        if (random(20) === 0)
          await cable.classRequestOut(0x64 + random(3), new Uint8Array(6), { limitMs: 2 }).catch(() => undefined);
        if (random(10) === 0) {
          await cable.clearHalt('in').catch(() => undefined);
          await cable.clearHalt('out').catch(() => undefined);
        }
      }
      await phone.unplug();
      await drain;
      assert.equal(phone.trouble, undefined);
    }
  });
