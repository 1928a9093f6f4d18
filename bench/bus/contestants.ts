import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { linesOf } from '../../tests/usb-lab/guest/cli.ts';
import type { Program } from '../../tests/usb-lab/guest/process.ts';
import { until } from '../../tests/usb-lab/guest/wait.ts';
import type { ContestantName, Workload } from './samples.ts';

/** The programs that move the same bytes over the same bus, and how each says when its work begins and ends. */

export interface Job {
  readonly work: Workload['work'];
  /** A folder of the phone's root: downloaded or listed, or empty and uploaded into. */
  readonly remote: string;
  /** The files to upload, or an empty folder for those downloaded. */
  readonly local: string;
  readonly files: number;
  readonly log: string;
  /** For a program's own data; new for each run. */
  readonly scratch: string;
  /** Starts a program on the bus. */
  start(command: readonly string[], input?: 'open'): Program;
}

/** What the contestants are made of. */
export interface Peers {
  readonly replug: string;
  readonly nodeOptions: readonly string[];
  /** Folder of the compiled ones. */
  readonly compiled: string;
}

export interface Contestant {
  readonly name: ContestantName;
  readonly can: (workload: Workload, bus: string) => boolean;
  /** Work in which it takes part in the first round only: it takes longer than all others together. */
  readonly once?: (workload: Workload) => boolean;
  /** Gives the seconds of the work; `undefined` where the program does not say when it begins. */
  run(job: Job, peers: Peers): Promise<number | undefined>;
}

const LIMIT_MS = 300_000;

/** Waits for the end. A failure, or no end in time, is an error with the program's last words. */
async function finished(program: Program): Promise<string> {
  const timer = setTimeout(() => void program.kill(), LIMIT_MS);
  const ended = await program.ended;
  clearTimeout(timer);
  if (ended.code !== 0)
    throw new Error(
      `ended with ${ended.code ?? ended.signal ?? '?'} after ${(ended.milliseconds / 1000).toFixed(0)} s: ${(ended.complaint || ended.output).slice(-300)}`,
    );
  return ended.output;
}

/** Seconds from the first line that is `begin` to the first that is `end`. */
function between(program: Program, mark: (line: string) => 'begin' | 'end' | undefined): () => number {
  const seen = new Map<string, number>();
  program.onLine((line) => {
    const found = mark(line);
    if (found !== undefined && !seen.has(found)) seen.set(found, performance.now());
  });
  return () => {
    const begin = seen.get('begin');
    const end = seen.get('end');
    if (begin === undefined || end === undefined)
      throw new Error(`it did not say ${begin === undefined ? 'begin' : 'end'}`);
    return (end - begin) / 1000;
  };
}

/** A program that prints `begin`, `end` and how many files it moved. */
async function framed(command: readonly string[], job: Job): Promise<number> {
  const program = job.start(command);
  const took = between(program, (line) => (line === 'begin' || line === 'end' ? line : undefined));
  const files = /^(\d+) files$/mu.exec(await finished(program))?.[1];
  if (files !== undefined && Number(files) !== job.files) throw new Error(`${files} files, not ${job.files}`);
  return took();
}

/** The built program as a user runs it: a database, checkpoints, verification. */
async function replug(job: Job, peers: Peers, options: readonly string[]): Promise<number | undefined> {
  const words = {
    get: ['pull', `/${job.remote}`, job.local],
    put: ['push', job.local, `/${job.remote}`],
    list: ['ls', `/${job.remote}`],
  }[job.work];
  const common = ['--json', '--wait', '20', '--db', path.join(job.scratch, 'replug.db')];
  const program = job.start([process.execPath, ...peers.nodeOptions, peers.replug, ...common, ...options, ...words]);
  const took = between(program, (line) => {
    const [said] = linesOf(line);
    return said?.type === 'transfer' ? 'begin' : said?.type === 'state' && said['state'] === 'done' ? 'end' : undefined;
  });
  const result = linesOf(await finished(program)).at(-1);
  if (job.work === 'list') {
    if (result?.['entries'] !== job.files) throw new Error(`${String(result?.['entries'])} entries, not ${job.files}`);
    return undefined;
  }
  if (result?.['verified'] !== true) throw new Error('it does not say that it was verified');
  return took();
}

/** One session on standard input. It does not say when a command has ended; its answer to the next one, `pwd`, does. */
async function aft(job: Job): Promise<number> {
  const program = job.start(['aft-mtp-cli', '-b'], 'open');
  const tell = (line: string): void => {
    program.child.stdin?.write(`${line}\n`);
  };
  const marks: number[] = [];
  program.onLine((line) => {
    if (line.startsWith('/')) marks.push(performance.now());
  });
  const marked = (count: number): Promise<unknown> =>
    until(`aft-mtp-cli answers pwd ${count} times`, LIMIT_MS, () => {
      if (program.child.exitCode !== null) throw new Error(`aft-mtp-cli ended: ${program.complaint.slice(-300)}`);
      return marks.length >= count;
    });
  // `put FOLDER INTO` makes the folder in the current one whatever INTO says
  if (job.work === 'put') tell(`cd ${job.remote}`);
  tell('pwd');
  await marked(1);
  if (job.work === 'list') tell(`ls ${job.remote}`);
  else if (job.work === 'get') tell(`get ${job.remote} ${job.local}/${job.remote}`);
  else tell(`put ${job.local}`);
  tell('pwd');
  await marked(2);
  program.child.stdin?.end();
  await finished(program);
  return ((marks[1] ?? 0) - (marks[0] ?? 0)) / 1000;
}

const compiled =
  (name: string) =>
  (job: Job, peers: Peers): Promise<number> =>
    framed([path.join(peers.compiled, name), job.work, job.remote, job.local], job);

/** A program that shows the phone as a file system. */
const mounted =
  (name: string) =>
  async (job: Job): Promise<number> => {
    const mountpoint = path.join(job.scratch, 'phone');
    try {
      return await framed(
        [path.join(import.meta.dirname, 'peers/mounted.sh'), name, mountpoint, job.work, job.remote, job.local],
        job,
      );
    } catch (error) {
      // what was killed leaves a mount behind, whose folder nobody can delete
      spawnSync('fusermount', ['-uz', mountpoint]);
      throw error;
    }
  };

const isManyUp = ({ work, files }: Workload): boolean => work === 'put' && files > 1;
const always = (): boolean => true;

export const CONTESTANT_LIST: readonly Contestant[] = [
  { name: 'replug', can: always, run: (job, peers) => replug(job, peers, []) },
  {
    name: 'replug-size',
    can: ({ work }) => work !== 'list',
    run: (job, peers) => replug(job, peers, ['--verify', 'size']),
  },
  { name: 'libmtp', can: always, run: compiled('libmtp-batch') },
  {
    name: 'aft',
    // before each file it asks for the name of every file already there: half a million questions for 1,000 files
    can: (workload, bus) => !(isManyUp(workload) && bus === 'phone'),
    once: isManyUp,
    run: aft,
  },
  { name: 'jmtpfs', can: always, once: always, run: mounted('jmtpfs') },
  {
    name: 'go-mtpfs',
    // `cp` of many files stops at the first: the file system waits for ever, on either bus
    can: (workload) => !isManyUp(workload),
    once: always,
    run: mounted('go-mtpfs'),
  },
  { name: 'floor-c', can: always, run: compiled('floor') },
  {
    name: 'floor-js',
    can: always,
    run: (job) =>
      framed(
        [process.execPath, path.join(import.meta.dirname, 'peers/floor.ts'), job.work, job.remote, job.local],
        job,
      ),
  },
];
