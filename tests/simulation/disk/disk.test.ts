import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdAgainst } from './held-against.ts';
import { realDisks } from './real-disks.ts';

/** The simulated disk is held against the real ones: the same calls on both, and the same answers. */

for (const disk of realDisks())
  test(`the simulated disk answers as ${disk.what} does`, async (t) => {
    if ('why' in disk) {
      assert.notEqual(process.env['CI'], 'true', `NOT RUN: ${disk.why}`);
      t.skip(`NOT RUN: ${disk.why}`);
      return;
    }
    t.after(() => disk.unmount());
    await holdAgainst(disk, 150);
  });
