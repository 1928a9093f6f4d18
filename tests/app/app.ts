import assert from 'node:assert/strict';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CommandName, CommandReply, FromHost, Reply } from '../../shared/contract.ts';
import type { Problem } from '../../shared/errors.ts';
import type { DevicesSnapshot } from '../../shared/snapshots.ts';
import type * as Fake from './fake/electron.ts';

export const ROOT = path.resolve(import.meta.dirname, '../..');

export interface AppOptions {
  readonly folder: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The program, if not the one in `out`. */
  readonly main?: string;
}

/** A message to the window, as far as tests inspect it. */
export interface Heard {
  readonly kind: FromHost['kind'];
  readonly id: number;
  readonly reply: { readonly ok: boolean; readonly error: Problem };
  readonly error: Problem;
  readonly snapshot: DevicesSnapshot;
}

export const newFolder = (): string => fs.mkdtempSync(path.join(os.tmpdir(), 'replug-app-'));

/** One start of the built main process in plain Node, with the stand-in for Electron. */
export class App {
  readonly #child: ChildProcess;
  readonly #questions = new Map<number, (answer: { value?: unknown; error?: string }) => void>();
  readonly exited: Promise<number>;
  /** Error output of the program: empty unless something is wrong. */
  errors = '';
  /** What this start sent to the first instance. */
  second: unknown;
  #asked = 0;
  #sent = 0;

  constructor({ folder, args = [], env = {}, main = path.join(ROOT, 'out/main/main.js') }: AppOptions) {
    const register = path.join(import.meta.dirname, 'fake/register.ts');
    this.#child = fork(main, ['--no-usb', '--db', path.join(folder, 'replug.db'), ...args], {
      // as with `electron FOLDER …`: the second argument is the app
      execArgv: ['--import', register],
      env: { ...process.env, FAKE_FOLDER: folder, FAKE_ROOT: ROOT, ...env },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.errors += text));
    this.#child.on(
      'message',
      (message: { kind: string; id: number; value?: unknown; error?: string; data?: unknown }) => {
        if (message.kind === 'second') this.second = message.data;
        else this.#questions.get(message.id)?.(message);
      },
    );
    this.exited = once(this.#child, 'exit').then(
      ([code, signal]) => (code as number | null) ?? Number(signal !== null) * -1,
    );
  }

  /**
   * Runs `look` beside the stand-in, in the program's own process. It has access to `argument`, but to nothing else
   * of the test.
   */
  async inside<T, A = undefined>(look: (electron: typeof Fake, argument: A) => T, argument?: A): Promise<Awaited<T>> {
    const id = (this.#asked += 1);
    const answer = await Promise.race([
      new Promise<{ value?: unknown; error?: string }>((resolve) => {
        this.#questions.set(id, resolve);
        this.#child.send({ id, source: look.toString(), argument });
      }),
      this.exited.then((code) => ({ error: `the program ended with ${code}\n${this.errors}`, value: undefined })),
    ]);
    this.#questions.delete(id);
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.value as Awaited<T>;
  }

  async until<T, A = undefined>(
    what: string,
    look: (electron: typeof Fake, argument: A) => T,
    argument?: A,
  ): Promise<NonNullable<Awaited<T>>> {
    const end = Date.now() + 15_000;
    for (;;) {
      const found = await this.inside(look, argument);
      if (found !== undefined && found !== false && found !== null) return found;
      if (Date.now() > end) throw new Error(`waited in vain for: ${what}\n${this.errors}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Waits until the window has loaded its page. */
  async opened(): Promise<this> {
    await this.until('the window', (electron) => electron.windows[0]?.contents.mainFrame.url.startsWith('app://'));
    return this;
  }

  /** Sends a command as the window's page would. */
  async command<N extends CommandName>(name: N, argument?: unknown): Promise<CommandReply<N>> {
    const id = (this.#sent += 1);
    await this.say({ kind: 'command', id, name, argument });
    const reply = await this.heard('reply', id);
    const answer = reply.reply as unknown as Reply<CommandReply<N>>;
    assert.ok(answer.ok, JSON.stringify(answer));
    return answer.value;
  }

  say(message: unknown): Promise<void> {
    return this.inside((electron, sent) => {
      const contents = electron.windows[0]?.contents;
      if (contents === undefined) throw new Error('there is no window');
      const sender = electron.windows[0]?.webContents;
      electron.ipcEvents.emit('replug', { sender, senderFrame: contents.mainFrame }, sent);
    }, message);
  }

  heard(kind: FromHost['kind'], id: number): Promise<Heard> {
    return this.until(
      `${kind} ${id}`,
      (electron, wanted) => {
        const all = electron.windows.flatMap((window) => window.contents.sent);
        const found = all.findLast(({ channel, message }) => {
          const one = message as { kind?: string; id?: number };
          return channel === 'replug' && one.kind === wanted.kind && one.id === wanted.id;
        });
        return found?.message as Heard | undefined;
      },
      { kind, id },
    );
  }

  quit(): Promise<void> {
    // not awaited inside, because the program may exit before it could answer
    this.#child.send({
      id: 0,
      source: '(electron) => void setImmediate(() => electron.app.quit())',
      argument: undefined,
    });
    return Promise.resolve();
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** Quits as a user does, and checks that there were no errors. */
  async end(): Promise<void> {
    await this.quit();
    assert.equal(await this.exited, 0, this.errors);
    assert.equal(this.errors, '');
  }
}

/** What one start with words of a command line said and ended with. */
export interface Typed {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
  /** What was sent to an instance that runs already: `undefined` unless the way to the window was taken. */
  readonly second: unknown;
}

/**
 * One start of a built main process with these words, while another instance holds the lock, and without a display.
 * `packaged`: as an installed program; `root`: its folder.
 */
export async function typed(
  { packaged, root = ROOT }: { readonly packaged: boolean; readonly root?: string },
  ...args: readonly string[]
): Promise<Typed> {
  const folder = newFolder();
  const child = fork(path.join(root, 'out/main/main.js'), [...args], {
    execArgv: ['--import', path.join(import.meta.dirname, 'fake/register.ts')],
    env: {
      PATH: process.env['PATH'] ?? '',
      LC_ALL: 'C.UTF-8',
      HOME: folder,
      FAKE_FOLDER: folder,
      FAKE_ROOT: root,
      FAKE_SECOND: '1',
      FAKE_PACKAGED: packaged ? '1' : '0',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let [out, err] = ['', ''];
  let second: unknown;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.on('message', (message: { kind: string; data?: unknown }) => {
    if (message.kind === 'second') second = message.data;
  });
  const [exit] = (await once(child, 'close')) as [number | null];
  fs.rmSync(folder, { recursive: true, force: true });
  return { exit, out, err, second };
}
