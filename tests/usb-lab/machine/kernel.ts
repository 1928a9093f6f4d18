import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { run } from './command.ts';
import { CACHE } from './paths.ts';

export interface Kernel {
  readonly release: string;
  readonly image: string;
  /** The unpacked package, with `lib/modules/RELEASE`. */
  readonly root: string;
  /** The unpacked `udev` package: libusb hears of a plug from udevd, so the guest runs one. */
  readonly udev: string;
}

/** Debian's own kernel and udev, unpacked without being installed; fetched when they are not in the cache. */
export async function fetchKernel(): Promise<Kernel> {
  const root = path.join(CACHE, 'kernel');
  const udev = path.join(CACHE, 'udev');
  if (!existsSync(root)) await unpack(await kernelPackage(), root);
  if (!existsSync(udev)) await unpack('udev', udev);
  const release = (await readdir(path.join(root, 'lib/modules')))[0];
  if (release === undefined) throw new Error(`no kernel modules in ${root}; remove it and run again`);
  if (!existsSync(path.join(root, 'lib/modules', release, 'modules.dep'))) await run('depmod', ['-b', root, release]);
  return { release, image: path.join(root, 'boot', `vmlinuz-${release}`), root, udev };
}

/** `linux-image-amd64` is empty; what it depends on is the kernel. */
async function kernelPackage(): Promise<string> {
  const depends = await run('apt-cache', ['depends', 'linux-image-amd64']);
  const found = /Depends: (linux-image-\S+)/u.exec(depends)?.[1];
  if (found === undefined) throw new Error('apt-cache knows no linux-image-amd64; run "apt-get update" first');
  return found;
}

async function unpack(name: string, into: string): Promise<void> {
  const work = `${into}.new`;
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  await run('apt-get', ['download', name], { cwd: work });
  const file = (await readdir(work)).find((entry) => entry.endsWith('.deb'));
  if (file === undefined) throw new Error(`apt-get download ${name} brought nothing`);
  await run('dpkg', ['-x', file, 'tree'], { cwd: work });
  await rename(path.join(work, 'tree'), into);
  await rm(work, { recursive: true, force: true });
}
