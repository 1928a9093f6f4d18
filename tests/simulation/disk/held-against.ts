import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { nodeDisk } from '../../../electron/engine/local/node-disk.ts';
import type { RealDisk } from './real-disks.ts';
import { calls, play, stage } from './same-calls.ts';
import { SimDisk, atOnce } from './sim-disk.ts';
import { Tree } from './tree.ts';
import { Volume } from './volume.ts';

const NAMES = [
  'a',
  'b',
  'A',
  'ä',
  'a\u0308',
  'to-a',
  'to-folder',
  'to-nothing',
  'round',
  'sub',
  'end.',
  'end ',
  'q?',
  `${'x'.repeat(255)}`,
  'y'.repeat(256),
];

/**
 * Plays `runs` sequences of calls on a real disk and on a simulated one that is like it. Rejects where one answers differently.
 * `seed`: draws the same ones again.
 */
export async function holdAgainst(
  { folder, like }: Pick<RealDisk, 'folder' | 'like'>,
  runs: number,
  seed?: number,
): Promise<void> {
  const top = mkdtempSync(join(folder, 'replug-disks-'));
  const hasLinks = like.symlinks !== false;
  let run = 0;
  try {
    await fc.assert(
      fc.asyncProperty(calls(NAMES), async (all) => {
        run += 1;
        const real = join(top, String(run));
        mkdirSync(real);
        const tree = new Tree(new Volume(like, Date.now));
        const sim = new SimDisk(tree, atOnce);
        tree.mkdirs(real);
        await stage(nodeDisk, real, (leadsTo, path) => {
          if (hasLinks) symlinkSync(leadsTo, path);
        });
        await stage(sim, real, (leadsTo, path) => {
          if (hasLinks) tree.symlink(leadsTo, path);
        });
        assert.deepEqual(await play(sim, real, all), await play(nodeDisk, real, all));
        rmSync(real, { recursive: true });
      }),
      { numRuns: runs, ...(seed === undefined ? {} : { seed }) },
    );
  } finally {
    rmSync(top, { recursive: true, force: true });
  }
}
