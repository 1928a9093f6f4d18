import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { sleep } from './wait.ts';

export interface Ended {
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly output: string;
  readonly complaint: string;
  readonly milliseconds: number;
}

/** A program started by a scenario. Any still running are ended with it. */
export class Program {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  output = '';
  complaint = '';
  #onLine: (line: string) => void = () => undefined;
  readonly #isGroup: boolean;

  constructor(
    program: string,
    args: readonly string[],
    options: {
      readonly cwd?: string;
      readonly log?: string;
      readonly env?: Readonly<Record<string, string>>;
      /** Whether it finds its standard input open (and silent) or at its end. */
      readonly input?: 'open' | 'ended';
      /** It starts others, which are to be killed with it. */
      readonly group?: boolean;
    } = {},
  ) {
    const started = performance.now();
    this.child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: [options.input === 'open' ? 'pipe' : 'ignore', 'pipe', 'pipe'],
      detached: options.group === true,
    });
    this.#isGroup = options.group === true;
    const log = options.log === undefined ? undefined : createWriteStream(options.log, { flags: 'a' });
    log?.write(`$ ${program} ${args.join(' ')}\n`);
    let rest = '';
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.output += text;
      log?.write(text);
      rest += text;
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#onLine(line);
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.complaint += text;
      log?.write(text);
    });
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject);
      this.child.once('close', (code, signal) => {
        const ended: Ended = {
          code: code ?? undefined,
          signal: signal ?? undefined,
          output: this.output,
          complaint: this.complaint,
          milliseconds: performance.now() - started,
        };
        log?.end(`[ended with ${code ?? signal ?? '?'} after ${Math.round(ended.milliseconds)} ms]\n`);
        resolve(ended);
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  /** Calls `listener` for each line of standard output from now on. */
  onLine(listener: (line: string) => void): void {
    this.#onLine = listener;
  }

  /** Ends it and waits for its end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      if (this.#isGroup) process.kill(-this.pid, signal);
      else this.child.kill(signal);
    }
    await Promise.race([this.ended, sleep(5000)]);
  }
}
