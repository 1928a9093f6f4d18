import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { ROOT, type Lab } from './lab.ts';
import type { Program } from './process.ts';
import { until } from './wait.ts';

export interface FileLine {
  readonly path: string;
  readonly status: string;
  readonly verified: string | null;
  /** Of an unfinished one: bytes the other side has confirmed. */
  readonly confirmed?: number;
  readonly error?: { readonly kind: string; readonly message: string };
}

/** The last line of `--json`: what the CLI's contract promises, as far as scenarios look at it. */
export interface Result {
  readonly type: 'result';
  readonly status: string;
  readonly exit: number;
  readonly files?: readonly FileLine[];
  readonly bytesTotal?: number;
  readonly bytesConfirmed?: number;
  readonly bytesMoved?: number;
  readonly bytesResent?: number;
  readonly bytesResentInAll?: number;
  readonly verified?: boolean;
  readonly [more: string]: unknown;
}

export interface Line {
  readonly type: string;
  readonly [more: string]: unknown;
}

export interface Finished {
  readonly code: number | undefined;
  readonly lines: readonly Line[];
  readonly result: Result | undefined;
  readonly complaint: string;
}

/** The built command line program, as a user has it: one database per scenario, JSON lines kept among the artifacts. */
export class Cli {
  readonly #lab: Lab;
  readonly #common: readonly string[];
  readonly #name: string;

  constructor(lab: Lab, options: { readonly name?: string; readonly common?: readonly string[] } = {}) {
    this.#lab = lab;
    this.#name = options.name ?? 'cli';
    this.#common = ['--db', path.join(lab.work, 'replug.db'), '--json', ...(options.common ?? [])];
  }

  start(args: readonly string[]): Program {
    return this.#lab.start(this.#name, process.execPath, [
      path.join(ROOT, 'out/cli/replug.js'),
      ...this.#common,
      ...args,
    ]);
  }

  /** Waits until a program that stays tells its address, in a line of this type. */
  address(program: Program, type: string): Promise<string> {
    return until(`a line "${type}" tells the address`, 180_000, () => {
      const url = linesOf(program.output).find((line) => line.type === type)?.['url'];
      return typeof url === 'string' ? url : undefined;
    });
  }

  async finish(program: Program): Promise<Finished> {
    const { code, output, complaint } = await program.ended;
    const lines = linesOf(output);
    const last = lines.at(-1);
    return { code, lines, result: last?.type === 'result' ? (last as Result) : undefined, complaint };
  }

  /** Runs it to its end and expects this exit status. */
  async run(args: readonly string[], expected = 0): Promise<Finished & { readonly result: Result }> {
    const finished = await this.finish(this.start(args));
    return { ...finished, result: expectExit(finished, expected, args) };
  }
}

export function expectExit(finished: Finished, expected: number, args: readonly string[]): Result {
  if (finished.code !== expected || finished.result === undefined)
    throw new Error(
      `replug ${args.join(' ')} ended with ${finished.code ?? 'a signal'}, not ${expected}: ` +
        `${finished.lines
          .filter((line) => line.type === 'problem' || line.type === 'result')
          .slice(-5)
          .map((line) => JSON.stringify(line).slice(0, 600))
          .join(' ')} ${finished.complaint.slice(-400)}`,
    );
  return finished.result;
}

/** Lines that are not JSON are dropped: a process that was killed may leave half a line. */
export function linesOf(output: string): readonly Line[] {
  return output.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    try {
      return [JSON.parse(line) as Line];
    } catch {
      return [];
    }
  });
}

/** Bytes of the largest file anywhere below `folder`: how far a transfer of one large file is. */
export async function largestIn(folder: string): Promise<number> {
  let largest = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []))
    if (entry.isFile()) {
      const info = await stat(path.join(entry.parentPath, entry.name)).catch(() => undefined);
      largest = Math.max(largest, info?.size ?? 0);
    }
  return largest;
}

/** Waits until a transfer has brought this much, or has ended. Gives what there is. */
export const reaches = (folder: string, bytes: number, program: Program, limitMs: number): Promise<number> =>
  until(`${bytes} bytes are in ${folder}`, limitMs, async () => {
    const there = await largestIn(folder);
    return there >= bytes || program.child.exitCode !== null ? there : undefined;
  });
