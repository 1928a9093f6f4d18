import { describeProblem, type Problem } from '../../shared/errors.ts';
import { wordOf, type ExitStatus } from './exit.ts';
import { clip, printable } from './text.ts';
import { terminalWords } from '../../shared/words/made/terminal.ts';

/** The outside of a command: streams and what they are. An argument, so that tests own it. */
export interface Terminal {
  readonly out: { write(text: string): unknown };
  readonly error: { write(text: string): unknown };
  /** A person sees what is written. */
  readonly isTerminal: boolean;
  /** And can answer. */
  readonly isInteractive: boolean;
  readonly columns: () => number;
  /** Language tags of the person, in their order; empty: English. */
  readonly languages: readonly string[];
  /** One line from the person; `undefined` at the end of the input. */
  readonly ask: (question: string) => Promise<string | undefined>;
}

/** What commands say: words for a person, or one JSON object per line. */
export class Output {
  readonly json: boolean;
  readonly terminal: Terminal;
  readonly #verbose: boolean;
  readonly #quiet: boolean;
  #hasBar = false;

  constructor(
    terminal: Terminal,
    options: { readonly json: boolean; readonly verbose: boolean; readonly quiet: boolean },
  ) {
    this.terminal = terminal;
    this.json = options.json;
    this.#verbose = options.verbose;
    this.#quiet = options.quiet;
  }

  /** For a person only. */
  say(text: string): void {
    if (this.json || this.#quiet || text === '') return;
    this.#clearBar();
    this.terminal.out.write(text.endsWith('\n') ? text : `${text}\n`);
  }

  /** For a program only. */
  event(type: string, fields: Readonly<Record<string, unknown>>): void {
    if (this.json) this.terminal.out.write(`${JSON.stringify({ type, ...fields })}\n`);
  }

  problem(problem: Problem): void {
    const { what, remedy } = describeProblem(problem);
    if (this.json) {
      this.event('problem', {
        kind: problem.kind,
        message: what,
        remedy,
        subject: problem.subject,
        fix: problem.fix,
        operation: problem.operation,
        detail: problem.detail,
      });
      return;
    }
    this.#clearBar();
    const sentence = this.#sentence(problem, what);
    this.terminal.error.write(`${terminalWords.say.problem({ what: sentence, remedy: printable(remedy) })}\n`);
    if (this.#verbose) this.terminal.error.write(`  (${printable(detailOf(problem))})\n`);
  }

  /** The last line of `--json`. The list may be of 100,000 files: it is written as it is read, and never stands in memory. */
  result(exit: ExitStatus, fields: Readonly<Record<string, unknown>> = {}, files?: Iterable<object>): void {
    if (!this.json) return;
    const line = JSON.stringify({ type: 'result', status: wordOf(exit), exit, ...fields });
    if (files === undefined) {
      this.terminal.out.write(`${line}\n`);
      return;
    }
    let part = `${line.slice(0, -1)},"files":[`;
    let mark = '';
    for (const file of files) {
      part += mark + JSON.stringify(file);
      mark = ',';
      if (part.length < 64 * 1024) continue;
      this.terminal.out.write(part);
      part = '';
    }
    this.terminal.out.write(`${part}]}\n`);
  }

  log(line: string): void {
    if (!this.#verbose || this.json) return;
    this.#clearBar();
    this.terminal.error.write(`${printable(line)}\n`);
  }

  /** One line that the next one takes the place of; on a terminal only, and made only there. */
  bar(text: () => string): void {
    if (this.json || this.#quiet || !this.terminal.isTerminal) return;
    this.terminal.out.write(`\r${clip(text(), this.terminal.columns() - 1)}\u001b[K`);
    this.#hasBar = true;
  }

  endBar(): void {
    if (this.#hasBar) this.terminal.out.write('\n');
    this.#hasBar = false;
  }

  async ask(question: string): Promise<string | undefined> {
    this.#clearBar();
    return this.terminal.ask(question);
  }

  #clearBar(): void {
    if (this.#hasBar) this.terminal.out.write('\r\u001b[K');
    this.#hasBar = false;
  }

  /** Some sentences name no subject; a person who gave several wants to know which one. */
  #sentence(problem: Problem, what: string): string {
    const { subject } = problem;
    const text = subject === undefined || what.includes(subject) ? what : terminalWords.say.subject({ subject, what });
    return printable(text);
  }
}

const detailOf = ({ kind, operation, detail, code }: Problem): string =>
  [kind, operation, detail, code === undefined ? '' : `0x${code.toString(16)}`]
    .filter((part) => part !== '')
    .join(', ');
