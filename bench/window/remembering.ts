import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addressOf } from '../../tests/browser/real-host.ts';

/** What the program of `startRemembering` is told. */
export interface RememberingOptions {
  /** For its database and what the phone keeps on a disk. */
  readonly folder: string;
  /** Files of the phone's volume, which are on no disk. */
  readonly files: number;
  /** Bytes a second of the phone. */
  readonly rate: number;
}

/** A Replug that serves its window and remembers a large phone. */
export interface Remembering {
  readonly url: string;
  /** A local folder for files to be copied. */
  readonly local: string;
  stop(): Promise<void>;
}

/** Resolves once the whole phone was scanned: a million files take two minutes. */
export async function startRemembering({ files, rate }: Omit<RememberingOptions, 'folder'>): Promise<Remembering> {
  const folder = mkdtempSync(join(tmpdir(), 'replug-remembering-'));
  const local = join(folder, 'local');
  mkdirSync(local);
  const program = join(import.meta.dirname, 'remembering-program.ts');
  const child = spawn(
    process.execPath,
    [program, JSON.stringify({ folder, files, rate } satisfies RememberingOptions)],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // nothing of this machine's own Replug is read or written
      env: { ...process.env, HOME: local, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder },
    },
  );
  const ended = once(child, 'exit');
  return {
    url: await addressOf(child),
    local,
    stop: async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
