import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ANDROID_FOLDERS } from './options.ts';
import type { VirtualPhoneOptions } from './options.ts';
import { writeSamples } from './samples.ts';
import type { StorageDisk } from './storage-disk.ts';

/** Run at each plug: creates the roots of the storages, and what the options want in the internal one. */
export async function prepareFolders(
  options: VirtualPhoneOptions,
  disks: readonly [StorageDisk, ...StorageDisk[]],
): Promise<void> {
  const [{ root }] = disks;
  const isNew = (await readdir(root).catch(() => [])).length === 0;
  for (const disk of disks) await disk.prepare();
  if (isNew && options.samples === true) await writeSamples(root);
  if (options.createDefaultFolders === true)
    for (const folder of ANDROID_FOLDERS) await mkdir(join(root, folder), { recursive: true });
}
