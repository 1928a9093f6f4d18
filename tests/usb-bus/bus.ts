import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { BuiltBus } from './build.ts';

const call = promisify(execFile);

/** What went over the bus. Times are means in microseconds. */
export interface Traffic {
  readonly operations: readonly {
    readonly code: number;
    readonly count: number;
    /** From the response before to this command. */
    readonly initiatorUs: number;
    /** From the command to its response. */
    readonly responderUs: number;
    readonly bytesOut: number;
    readonly bytesIn: number;
  }[];
  readonly endpoints: readonly {
    readonly address: number;
    readonly transfers: number;
    readonly bytes: number;
    readonly emptyPackets: number;
  }[];
  /** From the first command after opening (device, session, storages, what it can do) to the last response. */
  readonly wireUs: number;
  /** Responses other than OK. */
  readonly refused: number;
  readonly cancelled: number;
  /** Whether the responder is there and has described itself. */
  readonly ready: boolean;
  /** Events that the responder has not taken yet. */
  readonly events: number;
  readonly attached: boolean;
  /** The device's address; another one at each plug. */
  readonly device: number;
}

/** The bus that every preloaded program in this namespace is on. There is one phone on it. */
export class NativeBus {
  readonly built: BuiltBus;

  constructor(built: BuiltBus) {
    this.built = built;
  }

  /** The bus that this process is on. */
  static around(): NativeBus {
    const library = process.env['LD_PRELOAD'] ?? '';
    return new NativeBus({ library, program: library.replace(/\.so$/u, '') });
  }

  /** The environment of a program that is to be on the bus. */
  get env(): Readonly<Record<string, string>> {
    return { LD_PRELOAD: this.built.library };
  }

  /** A new, empty bus; what is on the old one is lost. */
  async create(words: {
    readonly maker: string;
    readonly product: string;
    readonly serial: string;
    readonly speed?: number;
  }): Promise<void> {
    await this.#control('create', ...Object.entries(words).map(([key, value]) => `${key}=${value}`));
  }

  /** The cable goes in. The phone is attached as soon as its responder is ready as well. */
  async plug(): Promise<void> {
    await this.#control('plug');
  }

  /** The cable is pulled: all transfers fail at once. */
  async unplug(): Promise<void> {
    await this.#control('unplug');
  }

  /** The responder's process has ended, which it cannot say itself. */
  async gone(): Promise<void> {
    await this.#control('gone');
  }

  /** Time on the bus, as `native/control.c` has it: `rate=40000000 latency-us=125`; an empty one takes none. */
  async setTime(profile: string): Promise<void> {
    await this.#control('set', ...profile.split(' ').filter((word) => word !== ''));
  }

  async forget(): Promise<void> {
    await this.#control('forget');
  }

  async traffic(): Promise<Traffic> {
    return JSON.parse(await this.#control('stats')) as Traffic;
  }

  async #control(...args: readonly string[]): Promise<string> {
    return (await call(this.built.program, args)).stdout;
  }
}
