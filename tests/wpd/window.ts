import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { CommandName, Snapshots, StreamName, ToHost } from '../../shared/contract.ts';
import type { Running } from './windows.ts';

/** What a stream has told. */
export interface Told<N extends StreamName> {
  readonly so: readonly Snapshots[N][];
  /** Waits until what was told so far is as wanted, for a minute or so many seconds, and gives the last of it. */
  until(what: string, isSo: (told: readonly Snapshots[N][]) => boolean, seconds?: number): Promise<Snapshots[N]>;
}

/** A window of a program that serves one: what its streams told last. */
export class Window {
  readonly #socket: WebSocket;
  readonly #told = new Map<number, unknown[]>();
  readonly #asked = new Map<number, (reply: unknown) => void>();
  #next = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as {
        readonly id: number;
        readonly snapshot?: unknown;
        readonly reply?: unknown;
      };
      this.#told.get(message.id)?.push(message.snapshot);
      this.#asked.get(message.id)?.(message.reply);
    });
  }

  /** Waits until the program serves. */
  static async of(running: Running): Promise<Window> {
    for (;;) {
      const [, url] = /"serving","url":"([^"]+)"/u.exec(await running.output()) ?? [];
      if (url === undefined) {
        if (running.child.exitCode !== null) throw new Error(`it has ended: ${await running.output()}`);
        await sleep(50);
        continue;
      }
      const { origin, hash } = new URL(url);
      const token = new URLSearchParams(hash.slice(1)).get('token') ?? '';
      const address = `${origin.replace('http', 'ws')}/bridge?token=${token}`;
      const socket = new WebSocket(address, { headers: { origin } });
      await new Promise((resolve, reject) => {
        socket.once('open', resolve);
        socket.once('error', reject);
      });
      return new Window(socket);
    }
  }

  /** Subscribes to what is told from now on. */
  stream<N extends StreamName>(name: N, argument?: unknown): Told<N> {
    const id = this.#next;
    this.#next += 1;
    const told: Snapshots[N][] = [];
    this.#told.set(id, told);
    const message: ToHost = { kind: 'subscribe', id, name, argument };
    this.#socket.send(JSON.stringify(message));
    return {
      so: told,
      until: async (what, isSo, seconds = 60) => {
        for (let looks = 0; !isSo(told); looks += 1) {
          if (looks > seconds * 20) throw new Error(`the window does not show ${what}: ${JSON.stringify(told.at(-1))}`);
          await sleep(50);
        }
        return told.at(-1) as Snapshots[N];
      },
    };
  }

  /** Asks for something; gives the reply as it came. */
  command(name: CommandName, argument: unknown): Promise<unknown> {
    const id = this.#next;
    this.#next += 1;
    const message: ToHost = { kind: 'command', id, name, argument };
    this.#socket.send(JSON.stringify(message));
    return new Promise((resolve) => this.#asked.set(id, resolve));
  }

  close(): void {
    this.#socket.terminate();
  }
}
