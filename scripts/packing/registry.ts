import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './configuration.ts';

const call = promisify(execFile);

/** A package of the registry at one version, and what its archive must hash to (`integrity` of the lock file). */
export interface PinnedPackage {
  readonly name: string;
  readonly version: string;
  readonly integrity: string;
}

/** What package-lock.json has of a package, also of one that is for another system. Throws where it has none. */
export function lockedPackage(name: string): PinnedPackage {
  const lock = JSON.parse(fs.readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, Omit<PinnedPackage, 'name'>>>;
  };
  const locked = lock.packages[`node_modules/${name}`];
  if (locked === undefined) throw new Error(`package-lock.json has no ${name}`);
  return { name, version: locked.version, integrity: locked.integrity };
}

/**
 * The files of a package for another system, which `npm ci` leaves out: fetched once, checked, and kept in `.cache`.
 * Gives the folder.
 */
export async function foreignPackage({ name, version, integrity }: PinnedPackage): Promise<string> {
  const folder = path.join(ROOT, '.cache/packages', `${name.replaceAll('/', '-')}-${version}`);
  if (fs.existsSync(folder)) return folder;
  const work = `${folder}.${process.pid}`;
  fs.mkdirSync(work, { recursive: true });
  try {
    // npm is a script on Windows, which only a shell starts; nothing of the arguments comes from outside
    const npm = ['pack', `${name}@${version}`, '--silent', '--pack-destination', '.'];
    const { stdout } = await call('npm', npm, { cwd: work, shell: process.platform === 'win32' });
    const archive = path.join(work, stdout.trim().split('\n').at(-1) ?? '');
    const found = `sha512-${createHash('sha512').update(fs.readFileSync(archive)).digest('base64')}`;
    if (found !== integrity) throw new Error(`${name}@${version} is ${found}, not ${integrity}`);
    await call('tar', ['-xzf', path.basename(archive)], { cwd: work });
    fs.renameSync(path.join(work, 'package'), folder);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
  return folder;
}
