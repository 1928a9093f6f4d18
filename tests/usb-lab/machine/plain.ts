import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { ROOT } from './paths.ts';

/** What runs inside the machine. */
const ROOMS = ['shared', 'native', 'electron/mtp', 'electron/usb', 'tests/usb-lab/guest', 'tests/usb-lab/scenarios'];

/**
 * Writes the sources that the guest runs as plain JavaScript into `target`, in the same tree. Node could strip the
 * types itself, but does so with WebAssembly, which crashes now and then under emulation (1 of 14 starts with it, 0 of
 * 28 without). The line numbers stay.
 */
export async function writePlain(target: string): Promise<void> {
  for (const room of ROOMS)
    for (const entry of await readdir(path.join(ROOT, room), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.ts') || entry.name.endsWith('.test.ts')) continue;
      const file = path.join(entry.parentPath, entry.name);
      const plain = stripTypeScriptTypes(await readFile(file, 'utf8'))
        .replace(/(from\s+'\.[^']*)\.ts'/gu, "$1.js'")
        .replace(/(import\s+'\.[^']*)\.ts'/gu, "$1.js'");
      const copy = path.join(target, path.relative(ROOT, file).replace(/\.ts$/u, '.js'));
      await mkdir(path.dirname(copy), { recursive: true });
      await writeFile(copy, plain);
    }
}
