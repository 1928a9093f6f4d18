// `npm run pictures`: makes the pictures of README and docs anew, from the built window in Chromium.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { run as build } from './build.ts';
import { follow } from './follow.js';
import { ROOT } from './packing/configuration.ts';

/** 0, or the exit status of what failed. */
export async function run(): Promise<number> {
  const failed = await build(['--if-stale']);
  if (failed !== 0) return failed;
  for (const program of ['readme-pictures.ts', 'moving-picture.ts']) {
    const child = spawn(process.execPath, [path.join(ROOT, 'tests/browser', program)], { cwd: ROOT, stdio: 'inherit' });
    const status = await follow(child);
    if (status !== 0) return status;
  }
  return 0;
}
