import { spawn } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startDrive, type DriveServer } from '../../electron/dav/index.ts';
import type { VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { World } from '../worlds/world.ts';

/** A virtual phone as a drive, and programs that we did not write as its clients. */

/** A drive with one phone, and a folder for what its clients make. */
export interface DriveWorld {
  readonly world: World;
  readonly drive: DriveServer;
  /** The address of the phone's storage, with its last slash. */
  readonly url: string;
  /** The same place below where the drive is mounted. */
  readonly inside: string;
  readonly folder: string;
  /** What is to be done before the drive ends, such as unmounting it. */
  readonly before: (() => Promise<unknown>)[];
  /** A whole path on the phone. */
  readonly on: (path: string) => string;
}

/** Ends with its test. */
export async function driveWorld(t: TestContext, options: Partial<VirtualPhoneOptions> = {}): Promise<DriveWorld> {
  const world = new World(options);
  const folder = mkdtempSync(join(tmpdir(), 'replug-dav-'));
  await world.start();
  const drive = await startDrive({ engine: world.engine });
  const before: (() => Promise<unknown>)[] = [];
  t.after(async () => {
    for (const one of before) await one();
    await drive.close();
    await world.end();
    rmSync(folder, { recursive: true, force: true });
  });
  const [device] = world.engine.devices;
  const names = [device?.name ?? '', device?.storages[0]?.name ?? ''];
  return {
    world,
    drive,
    url: `${drive.url}${names.map(encodeURIComponent).join('/')}/`,
    inside: names.join('/'),
    folder,
    before,
    on: (path) => join(world.phoneFolder, path),
  };
}

/** What a program said and how it ended. */
export interface Ended {
  readonly code: number;
  readonly output: string;
}

/** Runs a program to its end; both of its outputs together. */
export function run(
  program: string,
  args: readonly string[],
  options: {
    readonly cwd?: string;
    readonly input?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly limitMs?: number;
  } = {},
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: options.limitMs ?? 120_000,
    });
    let output = '';
    child.stdout.on('data', (text: Buffer) => (output += text.toString()));
    child.stderr.on('data', (text: Buffer) => (output += text.toString()));
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? -1, output });
    });
  });
}

/** Runs it and throws with what it said unless it succeeds. */
export async function succeed(...given: Parameters<typeof run>): Promise<string> {
  const { code, output } = await run(...given);
  if (code !== 0) throw new Error(`${given[0]} ${given[1].join(' ')} ended with ${code}:\n${output}`);
  return output;
}

/** A file of this size that takes no room, with its own place written at each of these. */
export function sparse(path: string, size: number, places: readonly number[]): void {
  mkdirSync(join(path, '..'), { recursive: true });
  const file = openSync(path, 'w');
  ftruncateSync(file, size);
  for (const place of places) writeSync(file, markAt(place), place);
  closeSync(file);
}

/** What `sparse` writes at a place: 16 bytes. */
export const markAt = (place: number): string => String(place).padEnd(16, '.');
