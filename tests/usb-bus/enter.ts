import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { unshared } from './build.ts';

/**
 * Runs a program of this repository where `/dev` and `/sys/bus` are the bus's own. `folder` is for what it keeps; a
 * tmpfs is best. Gives its exit status.
 */
export async function enter(options: {
  readonly program: string;
  readonly args: readonly string[];
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A library that the program itself is to have, for what it does on the bus in its own process. */
  readonly preload?: string;
  readonly stdout?: (text: string) => void;
}): Promise<number> {
  const dev = await mkdtemp(path.join(options.folder, 'dev-'));
  const inside = path.join(import.meta.dirname, 'inside.sh');
  const child = spawn(
    'setpriv',
    [
      '--pdeathsig',
      'KILL',
      'unshare',
      ...unshared(),
      'sh',
      inside,
      dev,
      ...(options.preload === undefined ? [] : ['env', `LD_PRELOAD=${options.preload}`]),
      process.execPath,
      options.program,
      ...options.args,
    ],
    {
      stdio: ['inherit', options.stdout === undefined ? 'inherit' : 'pipe', 'inherit'],
      env: { ...process.env, ...options.env },
    },
  );
  if (options.stdout !== undefined) child.stdout?.setEncoding('utf8').on('data', options.stdout);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => {
        resolve(code ?? 1);
      });
    });
  } finally {
    await rm(dev, { recursive: true, force: true });
  }
}
