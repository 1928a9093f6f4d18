import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';

/** The built CLI as a process, in an environment of its own: a local folder, a virtual phone's folder, a database. */

export const PROGRAM = path.resolve(import.meta.dirname, '../../out/cli/replug.js');

// what a program prints is checked by assertions, not by its type
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

export interface Ran {
  readonly exit: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
  /** With `--json`: every line, parsed. */
  readonly events: readonly Record<string, Json>[];
  /** With `--json`: the last line. */
  readonly result: Record<string, Json>;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ran>;
}

export class CliWorld {
  readonly root = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-cli-'));
  readonly here = path.join(this.root, 'here');
  readonly phone = path.join(this.root, 'phone');
  readonly sd = path.join(this.root, 'sd');
  readonly db = path.join(this.root, 'queue.db');
  /** Additional options of the virtual phone, in the syntax of `--virtual`. */
  phoneOptions: string;
  readonly #running = new Set<ChildProcess>();
  /** Command that starts the program. */
  #before: readonly string[] = [];

  constructor(t: TestContext, phoneOptions = '') {
    this.phoneOptions = phoneOptions;
    fs.mkdirSync(this.here);
    fs.mkdirSync(path.join(this.phone, 'Download'), { recursive: true });
    fs.mkdirSync(path.join(this.phone, 'DCIM'), { recursive: true });
    t.after(() => {
      for (const child of this.#running) child.kill('SIGKILL');
      fs.rmSync(this.root, { recursive: true, force: true, maxRetries: 3 });
    });
  }

  /**
   * Root may read and write everything, so as root the program runs without that capability. It stays root, because
   * another user could not reach a checkout in a private folder.
   */
  withoutPrivileges(): void {
    if (process.getuid?.() === 0) this.#before = ['setpriv', '--bounding-set=-dac_override,-dac_read_search', '--'];
  }

  get common(): readonly string[] {
    const more = this.phoneOptions === '' ? '' : `,${this.phoneOptions}`;
    return ['--db', this.db, '--no-usb', '--virtual', `${this.phone},serial=V1,name=Test phone${more}`];
  }

  /** Starts with this environment's phone and database. */
  start(...args: readonly string[]): Running {
    return this.startBare(...this.common, ...args);
  }

  startBare(...args: readonly string[]): Running {
    const [command = process.execPath, ...rest] = [...this.#before, process.execPath, PROGRAM, ...args];
    const child = spawn(command, rest, { cwd: this.here, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#running.add(child);
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    const ended = new Promise<Ran>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (exit, signal) => {
        this.#running.delete(child);
        const events = args.includes('--json') ? jsonLines(out) : [];
        resolve({ exit, signal, out, err, events, result: events.at(-1) ?? {} });
      });
    });
    return { child, ended };
  }

  run(...args: readonly string[]): Promise<Ran> {
    return this.start(...args).ended;
  }

  /** Runs without a phone or any other default option. */
  bare(...args: readonly string[]): Promise<Ran> {
    return this.startBare(...args).ended;
  }

  write(name: string, bytes: Uint8Array | string, modified?: number): string {
    const file = path.join(this.here, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, bytes);
    if (modified !== undefined) fs.utimesSync(file, new Date(modified), new Date(modified));
    return file;
  }
  onPhone(name: string, bytes: Uint8Array | string): string {
    const file = path.join(this.phone, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, bytes);
    return file;
  }
}

/** A killed process may leave an incomplete line. */
function jsonLines(text: string): Record<string, Json>[] {
  const lines = text.split('\n');
  const whole = lines.slice(0, -1);
  return whole.filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, Json>);
}

/** A seeded generator, so that failures can be reproduced. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes that differ between files and do not repeat within a chunk. */
export function bytesOf(seed: number, length: number): Buffer {
  const random = seeded(seed);
  const block = Buffer.alloc(64 * 1024);
  for (let at = 0; at < block.length; at += 4) block.writeUInt32LE(Math.floor(random() * 2 ** 32), at);
  const bytes = Buffer.alloc(length);
  for (let at = 0, turn = 0; at < length; at += block.length, turn += 1) {
    block.writeUInt32LE(turn, 0);
    block.copy(bytes, at);
  }
  return bytes;
}

/** Every file and folder below: size and SHA-256, and for files the date in whole seconds, as phones store it. */
export function treeOf(root: string, dates = false): Record<string, string> {
  const tree: Record<string, string> = {};
  const walk = (folder: string): void => {
    for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
      const file = path.join(folder, entry.name);
      const name = path.relative(root, file).split(path.sep).join('/');
      if (entry.isDirectory()) {
        tree[`${name}/`] = 'folder';
        walk(file);
      } else {
        const time = dates ? ` ${Math.floor(fs.statSync(file).mtimeMs / 1000)}` : '';
        tree[name] = `${digestOf(file)}${time}`;
      }
    }
  };
  walk(root);
  return tree;
}

export function digestOf(file: string): string {
  const hash: Hash = createHash('sha256');
  const handle = fs.openSync(file, 'r');
  const buffer = Buffer.alloc(1024 * 1024);
  let size = 0;
  try {
    for (;;) {
      const read = fs.readSync(handle, buffer, 0, buffer.length, null);
      if (read === 0) break;
      size += read;
      hash.update(buffer.subarray(0, read));
    }
  } finally {
    fs.closeSync(handle);
  }
  return `${size} ${hash.digest('hex')}`;
}

export const names = (folder: string): readonly string[] => fs.readdirSync(folder).sort();
