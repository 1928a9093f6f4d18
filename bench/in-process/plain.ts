import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join, relative } from 'node:path';

/**
 * The repository's own code as plain JavaScript, file by file. A Node that strips types at run time holds a compiler and
 * every source in memory, some 60 MB of it; a case about the memory of a process runs from here.
 */

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS = ['shared', 'electron', 'native', 'bench/in-process', 'tests/worlds', 'tests/support'];

/** Writes it below `folder`; answers where the file of the repository with this path is there. */
export function plainCopy(folder: string, path: string): string {
  const put = (file: string): void => {
    const code = stripTypeScriptTypes(readFileSync(file, 'utf8')).replaceAll(/\.ts'/g, ".js'");
    const to = join(folder, relative(ROOT, file).replace(/\.ts$/, '.js'));
    mkdirSync(join(to, '..'), { recursive: true });
    writeFileSync(to, code);
  };
  put(join(ROOT, 'bench/parts.ts'));
  for (const each of FOLDERS)
    for (const entry of readdirSync(join(ROOT, each), { recursive: true, withFileTypes: true })) {
      const file = join(entry.parentPath, entry.name);
      if (entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts')) put(file);
    }
  cpSync(join(ROOT, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  mkdirSync(join(ROOT, 'artifacts'), { recursive: true });
  symlinkSync(join(ROOT, 'artifacts'), join(folder, 'artifacts'));
  return join(folder, path.replace(/\.ts$/, '.js'));
}
