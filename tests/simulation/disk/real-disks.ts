import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FAT_LIKE, NTFS_LIKE, type VolumeOptions } from './volume.ts';

/** Real file systems that the simulated disk is held against. */

/** One of them. */
export interface RealDisk {
  readonly what: string;
  /** A folder on it. */
  readonly folder: string;
  readonly like: VolumeOptions;
  unmount(): void;
}

/** One that is not here, and why. */
export interface MissingDisk {
  readonly what: string;
  readonly why: string;
}

/** Bytes; the smallest that all makers of file systems take. */
const IMAGE_BYTES = 40 * 1024 * 1024;

interface Kind {
  readonly what: string;
  readonly like: VolumeOptions;
  readonly packages: string;
  readonly make: readonly [command: string, ...args: readonly string[]];
  readonly mount: readonly [command: string, ...args: readonly string[]];
}

/** `IMAGE` and `FOLDER` stand for what is mounted where. */
const KINDS: readonly Kind[] = [
  {
    what: 'NTFS',
    like: NTFS_LIKE,
    packages: 'ntfs-3g',
    make: ['mkfs.ntfs', '--fast', '--force', '--quiet', 'IMAGE'],
    mount: ['ntfs-3g', '-o', 'windows_names', 'IMAGE', 'FOLDER'],
  },
];

/** The temporary folder, memory, what is mounted, and NTFS, which needs no kernel's driver. Whoever asks unmounts. */
export function realDisks(): readonly (RealDisk | MissingDisk)[] {
  const nothing = (): void => undefined;
  const disks: (RealDisk | MissingDisk)[] = [
    { what: 'the temporary folder', folder: tmpdir(), like: {}, unmount: nothing },
  ];
  if (existsSync('/dev/shm')) disks.push({ what: 'tmpfs', folder: '/dev/shm', like: {}, unmount: nothing });
  const mounts = existsSync('/proc/mounts') ? readFileSync('/proc/mounts', 'utf8').split('\n') : [];
  for (const line of mounts) {
    const [, folder = '', kind, options = ''] = line.split(' ');
    if (kind === 'vfat' && options.split(',').includes('rw') && !folder.startsWith('/boot'))
      disks.push({ what: `vfat at ${folder}`, folder, like: FAT_LIKE, unmount: nothing });
  }
  return [...disks, ...KINDS.map(mounted)];
}

function mounted({ what, like, packages, make, mount }: Kind): RealDisk | MissingDisk {
  const at = mkdtempSync(join(tmpdir(), 'replug-real-disk-'));
  const image = join(at, 'image');
  const folder = join(at, 'mounted');
  writeFileSync(image, '');
  truncateSync(image, IMAGE_BYTES);
  mkdirSync(folder);
  for (const [command, ...args] of [make, mount]) {
    const given = args.map((arg) => (arg === 'IMAGE' ? image : arg === 'FOLDER' ? folder : arg));
    const { status, stderr, error } = spawnSync(command, given, { encoding: 'utf8' });
    if (status === 0) continue;
    rmSync(at, { recursive: true, force: true });
    return { what, why: `${command}: ${error?.message ?? stderr.trim()}; remedy: be root, and install ${packages}` };
  }
  return {
    what,
    folder,
    like,
    unmount: () => {
      const { status, stderr } = spawnSync('umount', [folder], { encoding: 'utf8' });
      if (status !== 0) throw new Error(`${folder} is still mounted: ${stderr}`);
      rmSync(at, { recursive: true, force: true });
    },
  };
}
