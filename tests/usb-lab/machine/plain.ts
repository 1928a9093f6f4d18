import { copyFile, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { ROOT } from './paths.ts';

/** What runs inside the machine. */
const LAB = [
  'shared',
  'native',
  'electron/mtp',
  'electron/usb',
  'electron/engine/local',
  'tests/simulation/disk',
  'tests/usb-lab/guest',
  'tests/usb-lab/scenarios',
];

/**
 * Writes the sources that the guest runs, those of the lab and `more`, as plain JavaScript into `target`, in the same
 * tree. Node could strip the types itself, but does so with WebAssembly, which crashes now and then under emulation (1
 * of 14 starts with it, 0 of 28 without). The line numbers stay. Packages are found where they are.
 */
export async function writePlain(target: string, more: readonly string[]): Promise<void> {
  await mkdir(target, { recursive: true });
  await symlink(path.join(ROOT, 'node_modules'), path.join(target, 'node_modules'));
  for (const source of [...LAB, ...more]) {
    const full = path.join(ROOT, source);
    if ((await stat(full)).isFile()) await writeOne(full, target);
    else
      for (const entry of await readdir(full, { recursive: true, withFileTypes: true }))
        if (entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
          await writeOne(path.join(entry.parentPath, entry.name), target);
  }
}

async function writeOne(file: string, target: string): Promise<void> {
  const copy = path.join(target, path.relative(ROOT, file).replace(/\.ts$/u, '.js'));
  await mkdir(path.dirname(copy), { recursive: true });
  if (!file.endsWith('.ts')) {
    await copyFile(file, copy);
    return;
  }
  const plain = stripTypeScriptTypes(await readFile(file, 'utf8')).replace(
    /((?:from\s+|import\s+|import\()'\.[^']*)\.ts'/gu,
    "$1.js'",
  );
  await writeFile(copy, plain);
}
