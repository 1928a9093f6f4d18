import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { linesOf } from '../../../tests/usb-lab/guest/cli.ts';
import { ROOT } from '../../../tests/usb-lab/guest/lab.ts';
import { Program } from '../../../tests/usb-lab/guest/process.ts';
import { sleep, until } from '../../../tests/usb-lab/guest/wait.ts';
import { profileBeside } from '../profile.ts';
import type { ContestantName } from '../samples.ts';

/** Who moves the same bytes over the same bus. Each says how long its process took, and how long the work in it. */

export interface Job {
  readonly work: 'get' | 'put' | 'list';
  /** A folder in the phone's root: its content is got or listed, or it is empty and put into. */
  readonly remote: string;
  /** A folder of the computer, with what is put, or empty. Nothing for a listing. */
  readonly local: string;
  /** How many files it is, and how many bytes in all. */
  readonly files: number;
  readonly bytes: number;
  /** For logs. */
  readonly log: string;
  /** A folder for what a program keeps; new for each run. */
  readonly scratch: string;
  /** Whether Replug's main thread is profiled. */
  readonly profile: boolean;
}

export interface Took {
  /** From the program's start to its end; `undefined` where the program is only ours. */
  readonly processMs: number | undefined;
  /** From "open, now do it" to "done". */
  readonly workMs: number;
}

export interface Contestant {
  readonly name: ContestantName;
  readonly phone: 'gadget' | 'source-sink';
  /** Where what was got is, below `local`; `undefined`: it keeps nothing that could be compared. */
  readonly keeps: 'in local' | 'nothing';
  readonly can: (job: Pick<Job, 'work' | 'files'>) => boolean;
  run(job: Job): Promise<Took>;
}

const LIMIT_MS = 240_000;

/** Our own programs beside this file, as the machine sees them. */
const here = (name: string): string => fileURLToPath(import.meta.resolve(`./${name}.js`));

/** Waits for its end and hands on how long it took; a failure, or no end, is an error with its last words. */
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

/** When each of these lines came, counted from the start. */
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

/** A program that says `begin` and `end`. */
async function framed(program: string, args: readonly string[], job: Job): Promise<Took> {
  const started = new Program(program, args, { log: job.log });
  const seen = clock(started, (line) => (line === 'begin' || line === 'end' ? line : undefined));
  const { output, milliseconds } = await finished(started);
  const files = /^(\d+) files$/mu.exec(output)?.[1];
  if (files !== undefined && Number(files) !== job.files) throw new Error(`${files} files, not ${job.files}`);
  return { processMs: milliseconds, workMs: between(seen, 'begin', 'end') };
}

/** The built program as a user has it: a database, checkpoints, sampled verification. */
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
  // The command prints when all is done; where the listing begins only the engine in a process of ours can say.
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
 * `aft-mtp-cli` is led by its standard input, one session for all. It says nothing when a command ends, but the answer
 * to the next one, `pwd`, shows it.
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
  // `put FOLDER INTO` makes the folder in the current one whatever INTO says, so it is in the right one first.
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
    // Downloads and listings only. A put of 200 MB does not come back on this bus (“timeout reaping usb urb”), and before
    // each small file it asks for the name of every file that is already there: half a million questions for 1,000.
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
