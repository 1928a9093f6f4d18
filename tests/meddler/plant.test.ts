import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { PLANTS } from './plant.ts';

/** Proof that the ring can fail: each old fault, planted in a separate process, is found. */

const RUN = new URL('../chaos/run.ts', import.meta.url).pathname;

for (const [name, { fault }] of Object.entries(PLANTS))
  test(`the ring finds that ${fault}`, { timeout: 110_000 }, () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [RUN, '--plant', name], { encoding: 'utf8' });
    assert.equal(status, 0, `${stdout}${stderr}`);
    assert.match(stdout, new RegExp(`^found: ${name}, by '`));
  });
