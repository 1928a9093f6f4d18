import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { nodeDisk } from '../../../electron/engine/index.ts';
import { FAT } from './names.ts';
import { calls, play, stage } from './same-calls.ts';
import { SimDisk, atOnce } from './sim-disk.ts';
import { Tree } from './tree.ts';
import { FAT_LARGEST_FILE, Volume, type VolumeOptions } from './volume.ts';

/** The simulated disk is held against the real ones: the same calls on both, and the same answers. */

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
  `${'x'.repeat(255)}`,
  'y'.repeat(256),
];

interface Real {
  readonly what: string;
  readonly folder: string;
  readonly like: VolumeOptions;
  readonly hasLinks: boolean;
}

const FAT_LIKE: VolumeOptions = {
  names: FAT,
  largestFile: FAT_LARGEST_FILE,
  dateStep: 2_000,
  firstDate: Date.UTC(1980, 0, 1),
  hardLinks: false,
  symlinks: false,
};

/** Where real file systems are: the temporary folder, memory, and whatever else is mounted here and can be written to. */
function realDisks(): readonly Real[] {
  const disks: Real[] = [{ what: 'the temporary folder', folder: tmpdir(), like: {}, hasLinks: true }];
  if (existsSync('/dev/shm')) disks.push({ what: 'tmpfs', folder: '/dev/shm', like: {}, hasLinks: true });
  const mounts = existsSync('/proc/mounts') ? readFileSync('/proc/mounts', 'utf8').split('\n') : [];
  for (const line of mounts) {
    const [, folder = '', kind, options = ''] = line.split(' ');
    if (kind === 'vfat' && options.split(',').includes('rw') && !folder.startsWith('/boot'))
      disks.push({ what: `vfat at ${folder}`, folder, like: FAT_LIKE, hasLinks: false });
  }
  return disks;
}

for (const { what, folder, like, hasLinks } of realDisks())
  test(`the simulated disk answers as ${what} does`, async (t) => {
    const top = mkdtempSync(join(folder, 'replug-disks-'));
    t.after(() => rmSync(top, { recursive: true, force: true }));
    let run = 0;
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
      { numRuns: 150 },
    );
  });
