import fs from 'node:fs';
import { builtinModules } from 'node:module';
import path from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { extractFile, listPackage, statFile } from '@electron/asar';
import type { Packed } from './pack.ts';

/**
 * A packed app as the program itself sees it: the archive, and the files beside it where the archive refers to them.
 */
export class Contents {
  readonly #archive: string;
  /** Paths with `/`. */
  readonly files: ReadonlySet<string>;
  /** Files outside the archive. */
  readonly unpacked: ReadonlySet<string>;

  constructor({ resources }: Pick<Packed, 'resources'>) {
    this.#archive = path.join(resources, 'app.asar');
    const files = new Set<string>();
    const unpacked = new Set<string>();
    for (const entry of listPackage(this.#archive, { isPack: false })) {
      const name = entry.split(path.sep).filter(Boolean).join('/');
      const stat = statFile(this.#archive, path.normalize(name));
      if ('files' in stat) continue;
      files.add(name);
      if (!('unpacked' in stat && stat.unpacked === true)) continue;
      unpacked.add(name);
      if (!fs.existsSync(path.join(`${this.#archive}.unpacked`, name)))
        throw new Error(`${name} is said to lie outside, and does not`);
    }
    this.files = files;
    this.unpacked = unpacked;
  }

  text(name: string): string {
    return extractFile(this.#archive, path.normalize(name)).toString('utf8');
  }

  bytes(name: string): Buffer {
    return extractFile(this.#archive, path.normalize(name));
  }
}

/** Entry points: started, or loaded by name. */
const PROGRAMS = [
  'out/main/main.js',
  'out/main/wpd-worker.js',
  'out/preload/preload.cjs',
  'out/cli/replug.js',
  'out/cli/wpd-worker.js',
];
const WINDOW = 'out/renderer/index.html';
const BUILTIN = new Set(builtinModules);

/** Optional dependencies of `ws`, and what only Windows loads: its binary is looked for there (`addonsOf`). */
const OPTIONAL = ['bufferutil', 'utf-8-validate', 'koffi'];

/**
 * Everything that the built programs and the window load but that is not packed, with the file that loads it. Empty
 * if all is well.
 */
export function missingFrom(contents: Contents): readonly string[] {
  const missing: string[] = [];
  const seen = new Set<string>();
  const need = (name: string, by: string): void => {
    if (!contents.files.has(name)) {
      missing.push(`${name}, asked for by ${by}`);
      return;
    }
    if (seen.has(name)) return;
    seen.add(name);
    for (const asked of asksFor(name, contents.text(name))) {
      const found = asked.startsWith('.') ? relative(contents, name, asked) : bare(contents, asked);
      if (found !== undefined) need(found, name);
    }
  };
  for (const program of PROGRAMS) need(program, 'the package');
  need(WINDOW, 'the window');
  return missing;
}

/** The names that a file imports. */
function asksFor(name: string, text: string): readonly string[] {
  const all = (pattern: RegExp): readonly string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');
  switch (path.extname(name)) {
    case '.html':
      return all(/(?:src|href)="(\.[^"]+)"/g);
    case '.css':
      return all(/url\(["']?(\.[^"')]+)["']?\)/g);
    case '.js':
    case '.cjs':
      return [
        ...all(/^\s*(?:import|export)\b[^'"\n;]*?from\s*["']([^"']+)["']/gm),
        ...all(/^\s*import\s*["']([^"']+)["']/gm),
        ...all(/\bimport\(\s*["']([^"']+)["']\s*\)/g),
        ...all(/\brequire\(\s*["']([^"']+)["']\s*\)/g),
        ...all(/new URL\(\s*["'](\.[^"']+)["']\s*,\s*import\.meta\.url/g),
      ];
    default:
      return [];
  }
}

/** Resolved like Node does: the file itself, then with its extensions, then a folder's index. */
function relative(contents: Contents, from: string, asked: string): string | undefined {
  const plain = path.posix.join(path.posix.dirname(from), asked.replace(/[?#].*$/, ''));
  // addons are loaded by a computed path; those of each target are checked one by one
  if (plain.endsWith('.node')) return undefined;
  const found = [plain, `${plain}.js`, `${plain}.json`, `${plain}/index.js`].find((name) => contents.files.has(name));
  return found ?? plain;
}

function bare(contents: Contents, asked: string): string | undefined {
  if (asked.startsWith('node:') || BUILTIN.has(asked) || asked === 'electron' || OPTIONAL.includes(asked))
    return undefined;
  const [scope = '', second = ''] = asked.split('/');
  const name = scope.startsWith('@') ? `${scope}/${second}` : scope;
  const below = asked.slice(name.length + 1);
  const manifest = `node_modules/${name}/package.json`;
  if (!contents.files.has(manifest)) return manifest;
  if (below !== '') return relative(contents, manifest, `./${below}`);
  const { main = 'index.js' } = JSON.parse(contents.text(manifest)) as { main?: string };
  return relative(contents, manifest, `./${main}`);
}

export interface Sizes {
  /** Sizes of the app's own part, without Electron's runtime: on disk, and compressed as in an installer. */
  readonly bytes: number;
  readonly compressed: number;
  readonly largest: readonly (readonly [name: string, bytes: number])[];
}

/** Compresses each file separately, which is slightly worse than an installer's single stream. */
export function sizesOf(contents: Contents): Sizes {
  const sizes: [string, number][] = [];
  let bytes = 0;
  let compressed = 0;
  for (const name of contents.files) {
    const content = contents.bytes(name);
    bytes += content.length;
    // about what xz and 7z achieve; a higher level would take a minute for nearly the same result
    compressed += brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } }).length;
    sizes.push([name, content.length]);
  }
  return { bytes, compressed, largest: sizes.sort((one, other) => other[1] - one[1]).slice(0, 5) };
}
