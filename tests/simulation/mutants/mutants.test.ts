import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MUTANTS } from './mutants.ts';
import { findMutant } from './find-mutant.ts';

/** Proof that the oracle can fail: each planted fault is found by the life that found it first, or by one of the next. */

const MOST = 20_000;

for (const [name, { fault, breaks, seed }] of Object.entries(MUTANTS)) {
  test(`lives find that ${fault}`, { timeout: 200_000 }, async () => {
    const found = await findMutant(name, seed, MOST);
    assert.ok(
      found?.findings.some(({ kind }) => kind === breaks),
      `${breaks}: ${JSON.stringify(found)}`,
    );
  });
}
