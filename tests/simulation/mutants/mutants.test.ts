import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lines } from '../many.ts';
import type { Finding } from '../life/judge.ts';
import { MUTANTS } from './mutants.ts';

/** Proof that the oracle can fail: each planted fault is found by the life that found it first, or by one of the next. */

const MOST = 20_000;

for (const [name, { fault, breaks, seed }] of Object.entries(MUTANTS))
  test(`lives find that ${fault}`, { timeout: 100_000 }, async () => {
    const found: Finding[] = [];
    await lines(
      ['first', String(seed), String(MOST), breaks],
      (line) => found.push(...(JSON.parse(line) as { readonly findings: readonly Finding[] }).findings),
      { REPLUG_MUTANT: name },
    );
    assert.ok(
      found.some(({ kind }) => kind === breaks),
      `${breaks}: ${JSON.stringify(found)}`,
    );
  });
