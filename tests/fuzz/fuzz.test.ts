import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { PROFILE_NAMES } from '../../electron/virtual/index.ts';
import { TARGETS, fuzzDecoders, tryInput, type Finding } from './decoders.ts';
import { record } from './responder.ts';
import { runSession } from './sessions.ts';

/** A short `npm run fuzz`, and every input that ever failed. */

const SEED = 20_261_120;

for (const { target, input, problem } of JSON.parse(
  readFileSync(join(import.meta.dirname, 'found.json'), 'utf8'),
) as readonly Finding[])
  test(`found before: ${target}, ${problem}`, () => {
    const chosen = TARGETS.find(({ name }) => name === target);
    assert.ok(chosen !== undefined, target);
    assert.equal(tryInput(chosen, new Uint8Array(Buffer.from(input, 'hex'))), undefined);
  });

test('three hundred thousand mutated inputs: each decoder returns a value or throws a PhoneError', () => {
  const { refused, findings } = fuzzDecoders(SEED, 300_000);
  assert.deepEqual(findings, []);
  // neither all nor none: the mutations get past the first check
  assert.ok(refused > 100_000 && refused < 290_000, String(refused));
});

test('thousands of sessions with a mutating responder: every call ends, with a value or a PhoneError', async () => {
  const strays: unknown[] = [];
  const stray = (error: unknown): void => void strays.push(error);
  process.on('unhandledRejection', stray);
  const sum = { mutations: 0, answered: 0, refused: 0 };
  for (const profile of PROFILE_NAMES) {
    const recording = await record(profile);
    for (let index = 0; index < 800; index += 1) {
      const { mutations, answered, refused, finding } = await runSession(SEED + index, recording);
      assert.equal(finding, undefined);
      sum.mutations += mutations;
      sum.answered += answered;
      sum.refused += refused;
    }
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', stray);
  assert.deepEqual(strays, []);
  assert.ok(sum.mutations > 5_000 && sum.answered > 5_000 && sum.refused > 1_000, JSON.stringify(sum));
});
