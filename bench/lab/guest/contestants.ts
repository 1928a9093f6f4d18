import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { linesOf } from '../../../tests/usb-lab/guest/cli.ts';
import { ROOT } from '../../../tests/usb-lab/guest/lab.ts';
import { Program } from '../../../tests/usb-lab/guest/process.ts';
import { sleep, until } from '../../../tests/usb-lab/guest/wait.ts';
import { profileBeside } from '../profile.ts';
import type { ContestantName } from '../samples.ts';

/**
 * The programs that move the same bytes over the same bus. Each reports how long its process took, and how long the
 * work in it.
 */

export interface Job {
  readonly work: 'get' | 'put' | 'list';
  /** A folder in the phone's root: its content is downloaded or listed, or it is empty and uploaded to. */
  readonly remote: string;
  /** A local folder: the files to upload, or empty. Unused for a listing. */
  readonly local: string;
  /** Number of files, and total bytes. */
  readonly files: number;
  readonly bytes: number;
  /** Prefix for logs. */
  readonly log: string;
  /** A folder for a program's own data; new for each run. */
  readonly scratch: string;
  /** Whether Replug's main thread is profiled. */
  readonly profile: boolean;
}

export interface Took {
  /** From the program's start to its end; `undefined` for our own helper programs. */
  readonly processMs: number | undefined;
  /** From the command to do it, with an open session, to its completion. */
  readonly workMs: number;
}

export interface Contestant {
  readonly name: ContestantName;
  readonly phone: 'gadget' | 'source-sink';
  /** Whether downloads are stored below `local`; with 'nothing' there is nothing to compare. */
  readonly keeps: 'in local' | 'nothing';
  readonly can: (job: Pick<Job, 'work' | 'files'>) => boolean;
  run(job: Job): Promise<Took>;
}

const LIMIT_MS = 240_000;

/** Our own programs beside this file, as the machine sees them. */
const here = (name: string): string => fileURLToPath(import.meta.resolve(`./${name}.js`));

/**
 * Waits for the end and returns how long it took. A failure or timeout is an error with the program's last output.
 */
async function finished(program: Program): Promise<{ readonly output: string; readonly milliseconds: number }> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined);
    }, LIMIT_MS);
  });
  const ended = await Promise.race([program.ended, late]);
  clearTimeout(timer);
  if (ended === undefined) {
    await program.kill();
    throw new Error(`not done after ${LIMIT_MS / 1000} s`);
  }
  if (ended.code !== 0)
    throw new Error(
      `ended with ${ended.code ?? ended.signal ?? '?'}: ${(ended.complaint || ended.output).slice(-300)}`,
    );
  return ended;
}

/** Time of each matching line, from the start. */
function clock(program: Program, match: (line: string) => string | undefined): ReadonlyMap<string, number> {
  const started = performance.now();
  const seen = new Map<string, number>();
  program.onLine((line) => {
    const key = match(line);
    if (key !== undefined) seen.set(key, performance.now() - started);
  });
  return seen;
}

const between = (seen: ReadonlyMap<string, number>, from: string, to: string): number => {
  const begin = seen.get(from);
  const end = seen.get(to);
  if (begin === undefined || end === undefined) throw new Error(`it did not say ${begin === undefined ? from : to}`);
  return end - begin;
};

/** A program that prints `begin` and `end`. */
async function framed(program: string, args: readonly string[], job: Job): Promise<Took> {
  const started = new Program(program, args, { log: job.log });
  const seen = clock(started, (line) => (line === 'begin' || line === 'end' ? line : undefined));
  const { output, milliseconds } = await finished(started);
  const files = /^(\d+) files$/mu.exec(output)?.[1];
  if (files !== undefined && Number(files) !== job.files) throw new Error(`${files} files, not ${job.files}`);
  return { processMs: milliseconds, workMs: between(seen, 'begin', 'end') };
}

/** The built program as a user runs it: a database, checkpoints, sampled verification. */
async function replugMoves(job: Job): Promise<Took> {
  const common = [path.join(ROOT, 'out/cli/replug.js'), '--json', '--wait', '20'];
  const db = ['--db', path.join(job.scratch, 'replug.db')];
  const words = job.work === 'get' ? ['pull', `/${job.remote}`, job.local] : ['push', job.local, `/${job.remote}`];
  const profile = profileBeside(job.log);
  const flags = ['--cpu-prof', '--cpu-prof-dir', path.dirname(profile), '--cpu-prof-name', path.basename(profile)];
  const program = new Program(process.execPath, [...(job.profile ? flags : []), ...common, ...db, ...words], {
    log: job.log,
  });
  const seen = clock(program, (line) => {
    const [said] = linesOf(line);
    return said?.type === 'transfer' ? 'begin' : said?.type === 'state' && said['state'] === 'done' ? 'end' : undefined;
  });
  const { output, milliseconds } = await finished(program);
  if (linesOf(output).at(-1)?.['verified'] !== true) throw new Error('it does not say that it was verified');
  return { processMs: milliseconds, workMs: between(seen, 'begin', 'end') };
}

async function replugLists(job: Job): Promise<Took> {
  // The command prints only when everything is done; the start of the listing can be seen only in our own process.
  const program = new Program(
    process.execPath,
    [path.join(ROOT, 'out/cli/replug.js'), '--json', '--wait', '20', 'ls', `/${job.remote}`],
    { log: job.log },
  );
  const { output, milliseconds } = await finished(program);
  if (linesOf(output).at(-1)?.['entries'] !== job.files) throw new Error('entries are missing');
  const { workMs } = await framed(process.execPath, [here('list'), job.remote], job);
  return { processMs: milliseconds, workMs };
}

/**
 * `aft-mtp-cli`, controlled through standard input, one session for everything. It prints nothing when a command
 * ends, but the reply to the next one, `pwd`, shows it.
 */
async function aft(job: Job): Promise<Took> {
  const program = new Program('aft-mtp-cli', ['-b'], { log: job.log, input: 'open', cwd: job.scratch });
  const tell = (line: string): void => {
    program.child.stdin?.write(`${line}\n`);
  };
  const marker = async (times: number): Promise<void> => {
    await until(`aft-mtp-cli answers pwd ${times} times`, LIMIT_MS, () => {
      if (program.child.exitCode !== null) throw new Error(`aft-mtp-cli ended: ${program.complaint.slice(-300)}`);
      return (program.output.match(/^\//gmu)?.length ?? 0) >= times;
    });
  };
  // `put FOLDER INTO` creates the folder in the current one whatever INTO says, so the right folder is entered first.
  if (job.work === 'put') tell(`cd ${job.remote}`);
  tell('pwd');
  await marker(1);
  const begin = performance.now();
  if (job.work === 'list') tell(`ls ${job.remote}`);
  else if (job.work === 'get') tell(`get ${job.remote} ${job.local}/${job.remote}`);
  else tell(`put ${job.local}`);
  tell('pwd');
  await marker(2);
  const workMs = performance.now() - begin;
  program.child.stdin?.end();
  const { milliseconds } = await finished(program);
  await sleep(50);
  return { processMs: milliseconds, workMs };
}

export const CONTESTANTS: readonly Contestant[] = [
  {
    name: 'replug',
    phone: 'gadget',
    keeps: 'in local',
    can: () => true,
    run: (job) => (job.work === 'list' ? replugLists(job) : replugMoves(job)),
  },
  {
    name: 'libmtp',
    phone: 'gadget',
    keeps: 'in local',
    can: () => true,
    run: (job) => framed('/lab/libmtp-batch', [job.work, job.remote, job.local], job),
  },
  {
    name: 'aft',
    phone: 'gadget',
    keeps: 'in local',
    // Downloads and listings only. An upload of 200 MB never completes on this bus (“timeout reaping usb urb”), and
    // before each small file it requests the name of every existing file: half a million requests for 1,000 files.
    can: ({ work }) => work !== 'put',
    run: aft,
  },
  {
    name: 'whole',
    phone: 'gadget',
    keeps: 'nothing',
    can: (job) => job.files === 1,
    run: (job) => framed(process.execPath, [here('whole'), job.work, String(job.bytes)], job),
  },
  {
    name: 'bus',
    phone: 'source-sink',
    keeps: 'nothing',
    can: (job) => job.files === 1,
    run: (job) => framed(process.execPath, [here('bus'), job.work, String(job.bytes)], job),
  },
];
