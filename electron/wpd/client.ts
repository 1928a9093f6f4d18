import { existsSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { fail, type PhoneError } from '../../shared/errors.ts';
import type { Driver } from './driver.ts';
import { endDespiteCalls, entered, left } from './end-process.ts';
import { phoneErrorOf } from './hresults.ts';
import type { Message, Replies, Request, Route } from './thread.ts';

/** The end of a worker thread's line in this thread. */

type Ask<Kind extends Request['ask']> = Omit<Extract<Request, { readonly ask: Kind }>, 'number' | 'ask'>;

interface Waiting {
  readonly operation: string;
  readonly resolve: (value: never) => void;
  readonly reject: (error: PhoneError) => void;
}

/** Hears what the thread says of one device. */
export interface DeviceListener {
  readonly event: (packet: Uint8Array) => void;
  readonly gone: (cause: PhoneError) => void;
}

/** How a thread is started; tests have their own. */
export type StartThread = () => Pick<Worker, 'postMessage' | 'on' | 'unref' | 'ref' | 'terminate'>;

/** Milliseconds that a thread may take to end. */
const STOPPING = 2_000;
/** Milliseconds after which Windows calls nothing of a closed device's any more (`events.ts`). */
const CALLS_UNDER_WAY = 6_000;

/** Asks a thread, one request after the other; starts it with the first one and again after its death. */
export class WpdClient {
  readonly #start: StartThread;
  #thread: ReturnType<StartThread> | undefined;
  readonly #waiting = new Map<number, Waiting>();
  readonly #listeners = new Map<number, DeviceListener>();
  #whenQuiet: (() => void)[] = [];
  #next = 1;

  constructor(start: StartThread = startThread) {
    this.#start = start;
  }

  get isRunning(): boolean {
    return this.#thread !== undefined;
  }

  /** Another thread of the same kind, not started yet. */
  another(): WpdClient {
    return new WpdClient(this.#start);
  }

  /** Rejects with what the HRESULT means; with `disconnected` where the thread ends meanwhile. */
  ask<Kind extends Request['ask']>(kind: Kind, operation: string, request: Ask<Kind>): Promise<Replies[Kind]> {
    const thread = this.#running();
    const number = this.#next;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { operation, resolve: resolve, reject });
      if (this.#waiting.size === 1) {
        thread.ref();
        entered(thread);
      }
      const message = { number, ask: kind, ...request };
      const bytes = 'args' in message ? (message.args as readonly unknown[]).at(-1) : undefined;
      thread.postMessage(message, bytes instanceof Uint8Array ? [bytes.buffer as ArrayBuffer] : []);
    });
  }

  /** The driver of an open device. Bytes that are handed in are the thread's from then on. */
  driver(device: number, route: Route): Driver {
    const call =
      (name: string) =>
      (...args: unknown[]) =>
        this.ask('call', name, { device, route, call: name as never, args });
    return {
      execute: call('execute'),
      beginRead: call('beginRead'),
      beginWrite: call('beginWrite'),
      read: call('read'),
      write: call('write'),
      end: call('end'),
    };
  }

  /** Until the device is closed with the function that comes back. */
  listen(device: number, listener: DeviceListener): () => void {
    this.#listeners.set(device, listener);
    return () => {
      this.#listeners.delete(device);
    };
  }

  /**
   * Ends the thread once its call has come back: koffi ends the whole process where a thread is ended inside of one. A
   * thread whose call does not come back is given up.
   */
  async stop(): Promise<void> {
    const thread = this.#thread;
    if (thread === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), STOPPING);
    });
    const isQuiet = await Promise.race([this.#quiet().then(() => true), late]);
    clearTimeout(timer);
    if (this.#thread !== thread) return;
    if (isQuiet) await thread.terminate();
    else this.abandon();
  }

  /** Resolves when nothing is asked any more. */
  #quiet(): Promise<void> {
    if (this.#waiting.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenQuiet.push(resolve));
  }

  /**
   * Ends the thread once no event of a device that was closed can be under way: one that Windows tells waits for this
   * thread, and would return into memory that went with it. An idle thread keeps no process.
   */
  stopLater(): void {
    setTimeout(() => void this.stop(), CALLS_UNDER_WAY).unref();
  }

  /** Gives up a thread whose call does not come back: whatever it had counts as unplugged. */
  abandon(): void {
    const thread = this.#thread;
    if (thread === undefined) return;
    this.#thread = undefined;
    // not ended: should its call come back after all, koffi would end the process
    thread.unref();
    this.#end(fail('disconnected', 'portable-device service', 'its thread does not answer'));
  }

  #running(): ReturnType<StartThread> {
    if (this.#thread !== undefined) return this.#thread;
    const thread = this.#start();
    this.#thread = thread;
    thread.unref();
    thread.on('message', (message: Message) => {
      // what a thread that was given up says in the end is for nobody
      if (this.#thread === thread) this.#hear(message, thread);
    });
    let reason = 'the thread of the portable-device service ended';
    thread.on('error', (error: Error) => {
      reason = error.message;
    });
    thread.on('exit', () => {
      left(thread);
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      this.#end(fail('disconnected', 'portable-device service', reason));
    });
    return thread;
  }

  #hear(message: Message, thread: ReturnType<StartThread>): void {
    if ('number' in message) {
      const waiting = this.#waiting.get(message.number);
      this.#waiting.delete(message.number);
      if (this.#waiting.size === 0) {
        thread.unref();
        left(thread);
        for (const tell of this.#whenQuiet.splice(0)) tell();
      }
      if ('value' in message) waiting?.resolve(message.value as never);
      else waiting?.reject(phoneErrorOf(message.hresult, waiting.operation));
    } else if ('event' in message) {
      this.#listeners.get(message.device)?.event(message.event);
    } else {
      this.#listeners.get(message.removed)?.gone(fail('disconnected', 'portable-device service', 'removed'));
    }
  }

  #end(cause: PhoneError): void {
    const waiting = [...this.#waiting.values()];
    const listeners = [...this.#listeners.values()];
    this.#waiting.clear();
    this.#listeners.clear();
    for (const tell of this.#whenQuiet.splice(0)) tell();
    for (const { reject } of waiting) reject(cause);
    for (const { gone } of listeners) gone(cause);
  }
}

/** The worker's file: beside this one when built, whichever folder the bundler put this into, and as source. */
function startThread(): Worker {
  const folder = import.meta.dirname;
  const candidates = ['wpd-worker.js', '../wpd-worker.js', 'worker.ts'].map((name) => path.join(folder, name));
  const file = candidates.find((name) => existsSync(name));
  if (file === undefined) throw fail('internal', 'portable-device service', `no worker beside ${folder}`);
  void endDespiteCalls();
  return new Worker(file, { name: 'wpd' });
}
