import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { GadgetPhone } from './gadget.ts';
import { Program } from './process.ts';
import type { QemuPhone } from './qemu-phone.ts';

/** The repository: where the machine's script changed to. These sources run from a copy, see `machine/plain.ts`. */
export const ROOT = process.cwd();

/** One check of Replug against a real USB stack. */
export interface Scenario {
  /** `group/name`; also the name of its artifacts folder. */
  readonly name: string;
  /** One line for `--list`. */
  readonly what: string;
  readonly limitMs: number;
  /** Which phones are to be fresh and empty, and plugged in, before it starts. */
  readonly phone: 'gadget' | 'qemu' | 'none';
  /** Throws when what it checks does not hold. What it returns is printed beside its name. */
  run(lab: Lab): Promise<string | undefined>;
}

/** What a scenario works with. */
export class Lab {
  readonly gadget: GadgetPhone;
  readonly qemu: QemuPhone;
  /** For logs; kept. */
  readonly artifacts: string;
  /** Empty, of this scenario alone, gone afterwards. */
  readonly work: string;
  readonly #programs: Program[] = [];
  readonly #say: (text: string) => void;

  constructor(gadget: GadgetPhone, qemu: QemuPhone, artifacts: string, work: string, say: (text: string) => void) {
    this.gadget = gadget;
    this.qemu = qemu;
    this.artifacts = artifacts;
    this.work = work;
    this.#say = say;
  }

  say(text: string): void {
    this.#say(text);
  }

  /** Starts a program that does not outlive the scenario; what it says goes to `NAME.log`. */
  start(
    name: string,
    program: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    input: 'open' | 'ended' = 'ended',
  ): Program {
    const log = path.join(this.artifacts, `${name}.log`);
    const started = new Program(program, args, { cwd: this.work, log, env, input });
    this.#programs.push(started);
    return started;
  }

  async folder(name: string): Promise<string> {
    const folder = path.join(this.work, name);
    await mkdir(folder, { recursive: true });
    return folder;
  }

  async end(): Promise<void> {
    await Promise.all(this.#programs.map((program) => program.kill()));
  }
}
