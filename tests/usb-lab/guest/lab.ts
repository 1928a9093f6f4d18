import { mkdir } from 'node:fs/promises';
import path from 'node:path';
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
  /** Which phone is to be fresh and empty, and plugged in, before it starts. */
  readonly phone: 'gadget' | 'qemu' | 'none';
  /** What of the machine it cannot do without; without this it runs on the bus in user space as well. */
  readonly needs?: 'kernel' | 'udev';
  /** Throws when what it checks does not hold. What it returns is printed beside its name. */
  run(lab: Lab): Promise<string | undefined>;
}

/** A phone made of uMTP-Responder, which can be plugged in and pulled. */
export interface LabPhone {
  readonly serial: string;
  /** The responder's folders. */
  readonly internal: string;
  readonly card: string;
  /** How the responder ended by itself since `fresh`, each time: SIGSEGV, say. */
  readonly crashes: readonly string[];
  /** An empty phone, its responder started, not yet plugged in. */
  fresh(log: string): Promise<void>;
  plug(): Promise<void>;
  /** Pulls the cable: transfers in flight fail at once. */
  unplug(): Promise<void>;
  /** Until the host's side has enumerated it. */
  enumerated(): Promise<void>;
  stop(): Promise<void>;
}

/** What a scenario works with. */
export class Lab {
  readonly gadget: LabPhone;
  /** For logs; kept. */
  readonly artifacts: string;
  /** Empty, of this scenario alone, gone afterwards. */
  readonly work: string;
  readonly #qemu: QemuPhone | undefined;
  readonly #programs: Program[] = [];
  readonly #say: (text: string) => void;

  constructor(place: {
    readonly gadget: LabPhone;
    readonly qemu: QemuPhone | undefined;
    readonly artifacts: string;
    readonly work: string;
    readonly say: (text: string) => void;
  }) {
    this.gadget = place.gadget;
    this.#qemu = place.qemu;
    this.artifacts = place.artifacts;
    this.work = place.work;
    this.#say = place.say;
  }

  get qemu(): QemuPhone {
    if (this.#qemu === undefined) throw new Error('QEMU’s phone is in the machine only');
    return this.#qemu;
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
