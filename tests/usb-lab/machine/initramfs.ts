import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { run } from './command.ts';
import type { Kernel } from './kernel.ts';
import { CACHE } from './paths.ts';

/**
 * In this order: what the root needs, then the gadget side, the host side, the bus monitor, what davfs2 mounts with, and what
 * a stick is mounted with: FAT asks for its tables of letters by itself, and nothing in the machine would load them.
 */
const MODULES = [
  'virtio_pci',
  '9pnet_virtio',
  '9p',
  'overlay',
  'libcomposite',
  'usb_f_fs',
  'usb_f_ss_lb',
  'dummy_hcd',
  'ehci_pci',
  'usbmon',
  'fuse',
  'loop',
  'vfat',
  'nls_cp437',
  'nls_ascii',
  'nls_utf8',
];

/** `dummy_hcd` without these would be a SuperSpeed bus, where uMTP-Responder has no descriptors. */
const OPTIONS: Readonly<Record<string, string>> = { dummy_hcd: 'is_super_speed=0 is_high_speed=1' };

const APPLETS = ['sh', 'mount', 'insmod', 'mkdir', 'ip', 'switch_root', 'poweroff', 'cp'];

/** Builds the initramfs for this kernel, unless the same one is in the cache. */
export async function buildInitramfs(kernel: Kernel): Promise<string> {
  const modules = await loadOrder(kernel);
  const init = initScript(modules);
  const key = createHash('sha256').update(`${kernel.release}\n${init}`).digest('hex').slice(0, 16);
  const image = path.join(CACHE, `initramfs-${key}.cpio.gz`);
  if (existsSync(image)) return image;

  for (const old of await readdir(CACHE))
    if (old.startsWith('initramfs')) await rm(path.join(CACHE, old), { recursive: true });
  const root = path.join(CACHE, 'initramfs.new');
  for (const folder of ['bin', 'lib', 'proc', 'sys', 'dev', 'host', 'rw', 'new'])
    await mkdir(path.join(root, folder), { recursive: true });
  await copyFile(await busybox(), path.join(root, 'bin/busybox'));
  for (const applet of APPLETS) await symlink('busybox', path.join(root, 'bin', applet));
  for (const { file } of modules) await copyFile(file, path.join(root, 'lib', path.basename(file)));
  await writeFile(path.join(root, 'init'), init);
  await chmod(path.join(root, 'init'), 0o755);
  await run('sh', ['-c', `find . -print0 | cpio --null -o --format=newc --quiet | gzip -1 > '${image}.new'`], {
    cwd: root,
  });
  await rename(`${image}.new`, image);
  await rm(root, { recursive: true });
  return image;
}

async function busybox(): Promise<string> {
  for (const file of ['/bin/busybox', '/usr/bin/busybox'])
    if (existsSync(file)) {
      // Only a static one runs in an empty root.
      const linked = await run('ldd', [file]).catch(() => 'not a dynamic executable');
      if (linked.includes('not a dynamic') || linked.includes('statically')) return file;
    }
  throw new Error('install busybox-static');
}

async function loadOrder(kernel: Kernel): Promise<readonly { readonly file: string; readonly options: string }[]> {
  const order = new Map<string, string>();
  for (const module of MODULES) {
    const shown = await run('modprobe', ['-d', kernel.root, '-S', kernel.release, '--show-depends', module]);
    for (const line of shown.split('\n')) {
      const file = /^insmod (\S+)/u.exec(line)?.[1];
      if (file === undefined) continue;
      const name = path.basename(file).replace(/\.ko.*$/u, '');
      order.set(file, OPTIONS[name] ?? '');
    }
  }
  return [...order].map(([file, options]) => ({ file, options }));
}

/**
 * The guest sees the host's root read-only with a tmpfs over it, the lab's share read-write, and runs the command in
 * the share's `start` file. `/tmp` and `/run` are its own; what the share's `visible` file lists of the host's is seen
 * in them, read-only.
 */
function initScript(modules: readonly { readonly file: string; readonly options: string }[]): string {
  const loads = modules.map(({ file, options }) => `insmod /lib/${path.basename(file)} ${options}`.trim());
  return `#!/bin/sh
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
${loads.join('\n')}
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=loose,ro root /host || poweroff -f
mount -t tmpfs -o size=80% rw /rw
mkdir -p /rw/upper /rw/work
mount -t overlay -o lowerdir=/host,upperdir=/rw/upper,workdir=/rw/work overlay /new || poweroff -f
mount -t proc proc /new/proc
mount -t sysfs sys /new/sys
mount -t devtmpfs dev /new/dev
mkdir -p /new/dev/pts /new/dev/shm /new/lab
mount -t devpts pts /new/dev/pts
mount -t tmpfs shm /new/dev/shm
mount -t tmpfs run /new/run
mount -t tmpfs tmp /new/tmp
mount -t configfs config /new/sys/kernel/config
mount -t debugfs debug /new/sys/kernel/debug
mount -t 9p -o trans=virtio,version=9p2000.L,msize=262144,cache=none,access=any lab /new/lab || poweroff -f
while read -r folder; do
  mkdir -p "/new$folder"
  mount -o bind "/host$folder" "/new$folder"
done < /new/lab/visible
ip link set lo up
cp /bin/busybox /new/run/busybox
exec switch_root /new /bin/sh -c '/bin/sh /lab/start; echo $? > /lab/status; /run/busybox poweroff -f'
`;
}
