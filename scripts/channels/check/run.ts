import { spawnSync } from 'node:child_process';

/** What a check found: problems, each a line for people, and validators that are not on this machine. */
export interface Verdict {
  readonly problems: readonly string[];
  /** Debian packages to install. */
  readonly missing: readonly string[];
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  /** Both streams. */
  readonly output: string;
}

/** Runs a validator; `undefined` if it is not installed. */
export function validator(
  program: string,
  args: readonly string[],
  { cwd, env }: { cwd?: string; env?: Readonly<Record<string, string>> } = {},
): Ran | undefined {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return undefined;
  return { code: status ?? -1, stdout, output: `${stdout}${stderr}`.trim() };
}

/** The verdict on a validator's run; `unless` says what may be wrong with a run that ended well. */
export function judged(
  what: string,
  debian: string,
  ran: Ran | undefined,
  unless: (ran: Ran) => readonly string[] = () => [],
): Verdict {
  if (ran === undefined) return { problems: [], missing: [debian] };
  if (ran.code !== 0) return { problems: [`${what}: ${ran.output}`], missing: [] };
  return { problems: unless(ran).map((one) => `${what}: ${one}`), missing: [] };
}

export function together(verdicts: readonly Verdict[]): Verdict {
  return {
    problems: verdicts.flatMap(({ problems }) => problems),
    missing: [...new Set(verdicts.flatMap(({ missing }) => missing))],
  };
}
