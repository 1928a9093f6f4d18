import { mkdir, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { holdAgainst } from '../../simulation/disk/held-against.ts';
import { FAT_LIKE } from '../../simulation/disk/volume.ts';
import type { Lab, Scenario } from '../guest/lab.ts';
import { SEED } from '../guest/random.ts';

/**
 * File systems for which the test machine's own kernel may have no driver: the simulated disk is held against them in the
 * lab's, as `tests/simulation/disk/disk.test.ts` holds it against the others.
 */

/** Sequences of calls, as many as on the other file systems. */
const RUNS = 150;
const IMAGE_BYTES = 64 * 1024 * 1024;
/** Outside the scenario's folder: what clears that must not walk into the disk. */
const POINT = '/mnt/vfat';

/** Runs a program; throws with what it said unless it succeeds. */
async function run(lab: Lab, program: string, ...args: readonly string[]): Promise<void> {
  const { code, signal, complaint } = await lab.start('vfat', program, args).ended;
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: ${code ?? signal ?? '?'}: ${complaint.slice(-400)}`);
}

/** Draws the same sequences each time, unless a seed is asked for. */
const seed = process.env['LAB_SEED'] === undefined ? 11 : SEED;

async function onVfat(lab: Lab): Promise<string> {
  const image = path.join(lab.work, 'image');
  await writeFile(image, '');
  await truncate(image, IMAGE_BYTES);
  await run(lab, '/run/busybox', 'mkdosfs', image);
  await mkdir(POINT, { recursive: true });
  // as desktops mount a stick (udisks2)
  await run(lab, 'mount', '-t', 'vfat', '-o', 'loop,utf8=1,shortname=mixed', image, POINT);
  try {
    await holdAgainst({ folder: POINT, like: FAT_LIKE }, RUNS, seed);
  } finally {
    await run(lab, 'umount', POINT);
  }
  return `${RUNS} sequences of calls, seed ${seed}`;
}

export const disks: readonly Scenario[] = [
  {
    name: 'disks/vfat',
    what: 'the simulated disk of the simulated lives answers as the kernel’s vfat does',
    limitMs: 300_000,
    phone: 'none',
    needs: 'kernel',
    run: onVfat,
  },
];
