import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { VirtualPhone, type VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { Service, type ServiceMode } from './service.ts';
import type { Running, Windows } from './windows.ts';

/** What a scenario has: a phone, the driver in front of it, a folder of the computer's, and the program on Windows. */
export class Desk {
  readonly windows: Windows;
  readonly phone: VirtualPhone;
  readonly service: Service;
  /** Of the computer, and of the phone's storage. */
  readonly local: string;
  readonly storage: string;
  readonly #folder: string;
  readonly #port: number;
  readonly #running = new Set<Running>();

  private constructor(windows: Windows, phone: VirtualPhone, service: Service, folder: string, port: number) {
    this.windows = windows;
    this.phone = phone;
    this.service = service;
    this.#folder = folder;
    this.local = path.join(folder, 'local');
    this.storage = path.join(folder, 'phone');
    this.#port = port;
  }

  /** A card's folder is relative to the desk's. */
  static async set(
    windows: Windows,
    mode: ServiceMode = {},
    options: Partial<VirtualPhoneOptions> = {},
  ): Promise<Desk> {
    const folder = await mkdtemp(path.join(tmpdir(), 'replug-wpd-'));
    await mkdir(path.join(folder, 'local'));
    const phone = new VirtualPhone({
      directory: path.join(folder, 'phone'),
      createDefaultFolders: true,
      serial: 'R58M123ABC',
      maker: 'Google',
      name: 'Pixel 9',
      ...options,
      ...(options.sdDirectory !== undefined && { sdDirectory: path.join(folder, options.sdDirectory) }),
    });
    const service = new Service([phone]);
    service.mode = mode;
    return new Desk(windows, phone, service, folder, await service.listen());
  }

  /** Starts the program. */
  async start(...args: readonly string[]): Promise<Running> {
    const running = await this.script(`${this.windows.program}\\out\\cli\\main.js`, ...args, '--db', this.#database);
    return running;
  }

  /** Starts a script on Windows' Node. */
  async script(file: string, ...args: readonly string[]): Promise<Running> {
    const running = await this.windows.run([file, ...args], { REPLUG_TEST_PORT: String(this.#port) });
    this.#running.add(running);
    void running.done.then(() => this.#running.delete(running));
    return running;
  }

  /** Runs the program to its end; fails unless it ends with `code` in time, milliseconds. */
  async replug(args: readonly string[], code = 0, limit = 120_000): Promise<string> {
    const running = await this.start(...args);
    const result = await within(limit, running, args.join(' '));
    const text = `replug ${args.join(' ')} ended with ${result.code}\n${result.stdout}${result.stderr}`;
    assert.equal(result.code, code, text);
    return result.stdout;
  }

  /** A file of the computer's, with content that nothing else has. */
  async file(name: string, bytes: number): Promise<Buffer> {
    const content = randomBytes(bytes);
    const file = path.join(this.local, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, content);
    return content;
  }

  /** The computer's folder, as Windows names what is in it. */
  windowsPath(...names: readonly string[]): string {
    return this.windows.path(path.join(this.local, ...names));
  }

  /** Nothing that Windows would have refused was asked for, and nothing is left of what was given out. */
  assertClean(): void {
    assert.deepEqual(this.service.violations, []);
  }

  async clear(): Promise<void> {
    for (const running of this.#running) await running.kill();
    await this.service.close();
    await this.phone.dispose();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  get #database(): string {
    return this.windows.path(path.join(this.#folder, 'replug.db'));
  }
}

/** What a program ended with; one that does not end in time is killed and is a failure. */
export async function within(ms: number, running: Running, what: string): Promise<Awaited<Running['done']>> {
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void running.kill();
  }, ms);
  const result = await running.done;
  clearTimeout(timer);
  assert.equal(late, false, `${what} has not ended after ${ms} ms\n${result.stdout}${result.stderr}`);
  return result;
}

/** Every file below a folder with its content, by path. */
export async function contents(folder: string): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  for (const name of await readdir(folder, { recursive: true })) {
    const file = path.join(folder, name);
    if ((await stat(file)).isFile()) found.set(name, await readFile(file));
  }
  return found;
}
