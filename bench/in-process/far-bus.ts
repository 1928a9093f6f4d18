import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { AttachedDevice, DeviceBus, Transport, WriteOptions } from '../../electron/mtp/index.ts';
import { fail, type PhoneError, type Problem } from '../../shared/errors.ts';
import { receive, send } from './far-pipe.ts';

/** A bus whose only device is a virtual phone in another process. */

export interface FarPhoneOptions {
  /** Its internal storage. */
  readonly directory: string;
  /** Files of the volume planted in it, which are on no disk. */
  readonly files: number;
  /** Bytes a second; left out: as many as it can. */
  readonly rate?: number;
}

/** What crosses of an error. */
export type Trouble = Pick<Problem, 'kind' | 'operation' | 'detail'>;

/** What is asked of the far phone; bytes go behind it. */
export type Asked = Question & { readonly id: number };
type Question =
  | { readonly call: 'open' | 'reset' | 'close' }
  | { readonly call: 'write'; readonly options: WriteOptions }
  | { readonly call: 'read'; readonly want: number; readonly limitMs: number }
  | { readonly call: 'out'; readonly request: number; readonly limitMs: number }
  | { readonly call: 'in'; readonly request: number; readonly length: number; readonly limitMs: number }
  | { readonly call: 'clear'; readonly endpoint: 'in' | 'out' };

/** What the far phone tells; bytes come behind it. */
export type Told =
  | { readonly kind: 'attached'; readonly device: AttachedDevice }
  | { readonly kind: 'event' }
  | { readonly kind: 'closed'; readonly problem: Trouble }
  | {
      readonly kind: 'opened';
      readonly id: number;
      readonly maxPacketSize: number;
      readonly linkSpeed: Transport['linkSpeed'];
    }
  | { readonly kind: 'done'; readonly id: number; readonly short?: boolean }
  | { readonly kind: 'failed'; readonly id: number; readonly problem: Trouble };

const errorOf = ({ kind, operation, detail }: Trouble): PhoneError => fail(kind, operation, detail);

interface Answer {
  readonly told: Told;
  readonly bytes: Uint8Array;
}
interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** Started by `FarBus.start`; ends its process when it is closed. */
export class FarBus implements DeviceBus {
  readonly #child: ChildProcess;
  readonly #pipe: Duplex;
  readonly #waiting = new Map<number, Waiting>();
  readonly #events = new Set<(packet: Uint8Array) => void>();
  #device: AttachedDevice | undefined;
  #attached: () => void = () => undefined;
  #closed: (error: PhoneError) => void = () => undefined;
  #next = 1;

  private constructor(child: ChildProcess, pipe: Duplex) {
    this.#child = child;
    this.#pipe = pipe;
    receive(pipe, (told, bytes) => this.#hear(told as Told, bytes));
  }

  static async start(options: FarPhoneOptions): Promise<FarBus> {
    const program = join(import.meta.dirname, 'far-phone.ts');
    const child = spawn(process.execPath, [...process.execArgv, program, JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'inherit', 'pipe'],
    });
    const bus = new FarBus(child, child.stdio[3] as Duplex);
    await new Promise<void>((resolve) => (bus.#attached = resolve));
    return bus;
  }

  current(): Promise<readonly AttachedDevice[]> {
    return Promise.resolve(this.#device === undefined ? [] : [this.#device]);
  }
  /** Nobody unplugs it. */
  onChange(): () => void {
    return () => undefined;
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#pipe.end();
    await ended;
  }

  #hear(told: Told, bytes: Uint8Array): void {
    switch (told.kind) {
      case 'attached':
        this.#device = told.device;
        this.#attached();
        return;
      case 'event':
        for (const listener of this.#events) listener(bytes);
        return;
      case 'closed':
        this.#closed(errorOf(told.problem));
        return;
      default: {
        const waiting = this.#waiting.get(told.id);
        this.#waiting.delete(told.id);
        if (told.kind === 'failed') waiting?.reject(errorOf(told.problem));
        else waiting?.resolve({ told, bytes });
      }
    }
  }

  #ask(question: Question, parts: readonly Uint8Array[] = []): Promise<Answer> {
    const id = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      send(this.#pipe, { ...question, id }, parts).catch(reject);
    });
  }

  async open(): Promise<Transport> {
    const { told } = await this.#ask({ call: 'open' });
    if (told.kind !== 'opened') throw new Error('the far phone did not open');
    const closed = new Promise<PhoneError>((resolve) => (this.#closed = resolve));
    const done = async (question: Question, parts?: readonly Uint8Array[]): Promise<void> => {
      await this.#ask(question, parts);
    };
    return {
      maxPacketSize: told.maxPacketSize,
      linkSpeed: told.linkSpeed,
      closed,
      write: (parts, options) => done({ call: 'write', options }, parts),
      read: async (want, { limitMs }) => {
        const { told: piece, bytes } = await this.#ask({ call: 'read', want, limitMs });
        return { bytes, short: piece.kind === 'done' && piece.short === true };
      },
      onInterrupt: (listener) => {
        this.#events.add(listener);
        return () => this.#events.delete(listener);
      },
      classRequestOut: (request, bytes, { limitMs }) => done({ call: 'out', request, limitMs }, [bytes]),
      classRequestIn: async (request, length, { limitMs }) =>
        (await this.#ask({ call: 'in', request, length, limitMs })).bytes,
      clearHalt: (endpoint) => done({ call: 'clear', endpoint }),
      reset: () => done({ call: 'reset' }),
      close: () => done({ call: 'close' }),
    };
  }
}
