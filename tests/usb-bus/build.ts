import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { run } from '../usb-lab/machine/command.ts';
import { missing, type Needed } from '../usb-lab/machine/inside.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
/** What is compiled, one folder for each state of its sources; untracked. */
export const CACHE = path.join(ROOT, '.cache/usb-bus');
const NATIVE = path.join(import.meta.dirname, 'native');
const ENDS = path.join(import.meta.dirname, 'ends');
const FLAGS = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror', '-Wno-format-truncation'];

/** What the bus needs of a machine: program, and the Debian package that has it. */
export const NEEDED: Needed = { gcc: 'gcc libc6-dev', unshare: 'util-linux', mount: 'mount', umtprd: 'umtp-responder' };

/** Why there can be no bus on this machine, in words; `undefined` where there can. */
export async function lackingForBus(needed: Needed = NEEDED): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'the bus in user space needs Linux';
  const absent = missing(needed);
  if (absent !== undefined) return absent;
  const [, ...command] = ['unshare', ...unshared(), 'true'];
  return run('unshare', command).then(
    () => undefined,
    (error: unknown) =>
      `no mount namespace of its own: ${error instanceof Error ? error.message.trim() : String(error)}`,
  );
}

/** Arguments of `unshare`: a person who is not root becomes it in a user namespace. */
export const unshared = (): readonly string[] => [
  '--mount',
  '--propagation',
  'private',
  ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
];

/** The compiled parts. The program finds the library beside itself. */
export interface BuiltBus {
  /** `usb-bus`, see `native/control.c`. */
  readonly program: string;
  /** `usb-bus.so`, for LD_PRELOAD. */
  readonly library: string;
}

/** Compiles the bus unless this state of it has been; throws with the compiler's words. */
export async function buildBus(): Promise<BuiltBus> {
  const sources = (await readdir(NATIVE)).filter((name) => name.endsWith('.c')).sort();
  const shared = sources.filter((name) => ['bus.c', 'sysfs.c', 'traffic.c'].includes(name));
  const folder = await built('bus', [NATIVE], async (into) => {
    const library = sources.filter((name) => name !== 'control.c');
    await compile(library, path.join(into, 'usb-bus.so'), ['-fPIC', '-shared', '-ldl', '-lpthread']);
    await compile([...shared, 'control.c'], path.join(into, 'usb-bus'), ['-lpthread']);
  });
  return { program: path.join(folder, 'usb-bus'), library: path.join(folder, 'usb-bus.so') };
}

/** The programs at both ends in the bus's own tests; gives their folder. */
export const buildEnds = (): Promise<string> =>
  built('ends', [ENDS], async (into) => {
    for (const name of ['probe', 'echo'])
      await run('gcc', [...FLAGS, '-Wno-sign-compare', path.join(ENDS, `${name}.c`), '-o', path.join(into, name)]);
  });

const compile = (sources: readonly string[], output: string, more: readonly string[]): Promise<string> =>
  run('gcc', [...FLAGS, ...sources.map((name) => path.join(NATIVE, name)), '-o', output, ...more]);

/** A folder in the cache that `make` fills once for each state of the files in `sources`. */
export async function built(
  name: string,
  sources: readonly string[],
  make: (into: string) => Promise<void>,
): Promise<string> {
  const hash = createHash('sha256').update(make.toString());
  for (const source of sources)
    for (const file of (await readdir(source)).sort())
      hash.update(file).update(await readFile(path.join(source, file)));
  const folder = path.join(CACHE, `${name}-${hash.digest('hex').slice(0, 16)}`);
  if (existsSync(folder)) return folder;
  await mkdir(CACHE, { recursive: true });
  for (const old of await readdir(CACHE))
    if (old.startsWith(`${name}-`)) await rm(path.join(CACHE, old), { recursive: true, force: true });
  const work = `${folder}.${process.pid}`;
  await mkdir(work);
  await make(work);
  await rename(work, folder);
  return folder;
}
