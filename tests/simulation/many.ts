import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Finding } from './life/judge.ts';

/** Many lives, in processes of their own. */

/** Nearly all that a life makes is gone at its end: in a roomy young generation that costs nothing. */
const YOUNG_MEMORY = '--max-semi-space-size=64';
const CHILD = join(import.meta.dirname, 'lives.ts');
/** Seeds that went wrong, and how. */
export interface Outcome {
  readonly lives: number;
  readonly failed: readonly { readonly seed: number; readonly findings: readonly Finding[] }[];
}

/** Lines that a process which lives lives prints; rejects where it died of something else than a finding. */
export async function lines(
  args: readonly string[],
  each: (line: string) => void,
  environment: NodeJS.ProcessEnv = {},
): Promise<void> {
  const child = spawn(process.execPath, [YOUNG_MEMORY, CHILD, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...environment },
  });
  createInterface(child.stdout).on('line', each);
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  if (code !== 0 && code !== 1) throw new Error(`lives.ts ${args.join(' ')} ended with ${code}`);
}

/** How lives are lived. */
export interface Living {
  /** Seconds of processor after which no process begins another life. */
  readonly seconds?: number | undefined;
  /** Hears at once of each life that goes wrong: who lives a million does not wait for the last one. */
  readonly onFailed?: (failed: Outcome['failed'][number]) => void;
}

/** Lives `count` lives from `seed` on, on `processes` processors. */
export async function simulate(
  count: number,
  seed: number,
  processes: number,
  { seconds = Number.POSITIVE_INFINITY, onFailed = () => undefined }: Living = {},
): Promise<Outcome> {
  const failed: Outcome['failed'][number][] = [];
  let lives = 0;
  await Promise.all(
    Array.from({ length: processes }, (_, index) =>
      lines([seed + index, Math.ceil((count - index) / processes), processes, seconds].map(String), (line) => {
        const said = JSON.parse(line) as { readonly lives?: number } & Outcome['failed'][number];
        if (said.lives === undefined) {
          failed.push(said);
          onFailed(said);
        } else lives += said.lives;
      }),
    ),
  );
  return { lives, failed: failed.sort((one, other) => one.seed - other.seed) };
}
