import { existsSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { boot, SOCKETS } from './boot.ts';
import { buildInitramfs } from './initramfs.ts';
import { fetchKernel } from './kernel.ts';
import { CACHE, ROOT } from './paths.ts';
import { writePlain } from './plain.ts';

/** Runs one of our programs inside the machine: what the lab's scenarios and the bench have in common. */

export interface Inside {
  /** The program, as a path of the repository: `tests/usb-lab/guest/main.ts`. */
  readonly program: string;
  /** What it finds as JSON in `/lab/plan.json`, beside what every program needs. */
  readonly plan: Readonly<Record<string, unknown>>;
  /** Instead of the program: a shell command. */
  readonly command?: string | undefined;
  /** Where what it leaves in `/lab/artifacts` goes; emptied first, unless it goes on with what an earlier boot began. */
  readonly artifacts: string;
  readonly goesOn?: boolean;
  readonly limitMs: number;
  /** Folders and files of the repository that the program is made of, beside those of the lab. */
  readonly sources?: readonly string[];
  /** Puts more into the share (the guest's `/lab`) before the boot. */
  readonly prepare?: (share: string) => Promise<void>;
  /** Everything on the console, as it comes. */
  readonly onConsole?: (text: string) => void;
  /** What the program says to the person: its lines that begin with `lab: `. */
  readonly onLine: (line: string) => void;
}

/** Program, and the Debian package that has it. */
export type Needed = Readonly<Record<string, string>>;

/** What the shares in the cache begin with; the owner's process id follows. */
const SHARES = 'share-';

/** What booting needs. */
export const MACHINE: Needed = {
  'qemu-system-x86_64': 'qemu-system-x86',
  umtprd: 'umtp-responder',
  cpio: 'cpio',
  depmod: 'kmod',
  modprobe: 'kmod',
  busybox: 'busybox-static',
  'apt-get': 'apt',
  setpriv: 'util-linux',
};

const present = (program: string): boolean =>
  [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin', '/usr/bin', '/bin'].some((folder) =>
    existsSync(path.join(folder, program)),
  );

/** `undefined` where all of it is there; else what is not, in words. */
export function missing(needed: Needed): string | undefined {
  const absent = Object.keys(needed).filter((program) => !present(program));
  if (absent.length === 0) return undefined;
  const packages = [...new Set(absent.map((program) => needed[program]))].join(' ');
  return `not found: ${absent.join(', ')} (on Debian: apt-get install ${packages})`;
}

/** Gives the program's exit status; throws, with the console's end, when the machine gave none. */
export async function runInside(inside: Inside): Promise<number> {
  const started = Date.now();
  process.env['PATH'] = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  await mkdir(CACHE, { recursive: true });
  await removeStale(CACHE, SHARES);
  await removeStale(tmpdir(), SOCKETS);
  const kernel = await fetchKernel();
  const initramfs = await buildInitramfs(kernel);
  if (inside.goesOn !== true) await rm(inside.artifacts, { recursive: true, force: true });
  await mkdir(inside.artifacts, { recursive: true });
  // Under the cache, not /tmp: the guest has a /tmp of its own. Named after its owner, see `removeStale`.
  const share = await mkdtemp(path.join(CACHE, `${SHARES}${process.pid}-`));
  const stopClearing = clearAtTheEnd(share);
  let log = '';
  let line = '';
  try {
    await mkdir(path.join(share, 'artifacts'));
    await writePlain(path.join(share, 'plain'), inside.sources ?? []);
    await inside.prepare?.(share);
    const hidden = [ROOT, path.dirname(await realpath(process.execPath))].filter((one) =>
      /^\/(?:tmp|run)\//u.test(one),
    );
    await writeFile(path.join(share, 'visible'), hidden.map((one) => `${one}\n`).join(''));
    return await boot({
      kernel,
      initramfs,
      share,
      script: await script(inside, kernel.udev, share),
      limitMs: inside.limitMs - (Date.now() - started),
      onConsole: (text) => {
        log += text;
        inside.onConsole?.(text);
        line += text;
        const lines = line.split('\n');
        line = lines.pop() ?? '';
        for (const one of lines) {
          const said = /^lab: (.*?)\r?$/u.exec(one)?.[1];
          if (said !== undefined) inside.onLine(said);
        }
      },
    });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`${why}\n${log.split('\n').slice(-40).join('\n')}`, { cause: error });
  } finally {
    await writeFile(path.join(inside.artifacts, 'console.log'), log);
    await cp(path.join(share, 'artifacts'), inside.artifacts, { recursive: true }).catch(() => undefined);
    await rm(share, { recursive: true, force: true });
    stopClearing();
  }
}

async function script(inside: Inside, udev: string, share: string): Promise<string> {
  const node = await realpath(process.execPath);
  const version = await readFile('/etc/debian_version', 'utf8').catch(() => 'unknown');
  await writeFile(
    path.join(share, 'plan.json'),
    JSON.stringify({ ...inside.plan, udev, outside: share, node, debian: version.trim() }),
  );
  const program = path.join(share, 'plain', inside.program.replace(/\.ts$/u, '.js'));
  return `cd '${ROOT}'
export HOME=/tmp/home LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
mkdir -p $HOME
${passedOn()}
${inside.command ?? `exec '${node}' '${program}'`}
`;
}

/** What scenarios can be told from outside: the seed of their random moments, and whether to run their long forms. */
const passedOn = (): string =>
  ['LAB_SEED', 'LONG']
    .map((name) => [name, process.env[name] ?? ''] as const)
    .filter(([, value]) => /^\d+$/u.test(value))
    .map(([name, value]) => `export ${name}=${value}`)
    .join('\n');

/** A process that is told to end leaves no share; the machine is ended by `boot`, which hears of it first. */
function clearAtTheEnd(share: string): () => void {
  const clear = (): void => {
    rmSync(share, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  };
  const onSignal = (): void => {
    process.exit(130);
  };
  process.once('exit', clear);
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
  return () => {
    process.off('exit', clear).off('SIGINT', onSignal).off('SIGTERM', onSignal).off('SIGHUP', onSignal);
  };
}

/** A process that was killed could not clear up; the next one does, for all whose owner is gone. */
async function removeStale(folder: string, beginning: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!name.startsWith(beginning)) continue;
    const owner = /^(\d+)-/u.exec(name.slice(beginning.length))?.[1];
    if (owner === undefined || !isAlive(Number(owner)))
      await rm(path.join(folder, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
