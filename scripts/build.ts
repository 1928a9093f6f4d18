import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');
const OUT = path.join(ROOT, 'out');

export const PARTS = ['main', 'preload', 'renderer', 'cli'] as const;
export type Part = (typeof PARTS)[number];

type Plan = {
  readonly entry: string;
  readonly product: string;
  /** Inputs of the part; it is stale if any of them changes. */
  readonly sources: readonly string[];
};

const COMMON = ['package.json', 'package-lock.json', 'electron.vite.config.ts', 'scripts/build.ts', 'shared'];
const PLANS: Readonly<Record<Part, Plan>> = {
  main: {
    entry: 'electron/app/main.ts',
    product: 'main/main.js',
    sources: [...COMMON, 'electron', 'native', 'resources'],
  },
  preload: { entry: 'electron/app/preload.ts', product: 'preload/preload.cjs', sources: [...COMMON, 'electron/app'] },
  renderer: {
    entry: 'renderer/index.html',
    product: 'renderer/index.html',
    sources: [...COMMON, 'renderer', 'resources'],
  },
  cli: {
    entry: 'electron/cli/main.ts',
    product: 'cli/replug.js',
    sources: [...COMMON, 'electron', 'native', 'scripts/cli-shell.js', 'scripts/terminal'],
  },
};

const USAGE = `Usage: npm run build -- [--if-stale] [${PARTS.join('|')}]...`;

export async function run(args: readonly string[]): Promise<number> {
  const names = args.filter((arg) => arg !== '--if-stale');
  const unknown = names.find((name) => !isPart(name));
  if (unknown !== undefined) {
    console.error(`There is no part "${unknown}".\n${USAGE}`);
    return 2;
  }
  const wanted = names.length === 0 ? PARTS : names.filter(isPart);
  const parts = args.includes('--if-stale') ? wanted.filter((part) => !isFresh(part)) : wanted;
  const missing = parts.find((part) => !hasSources(part));
  if (missing !== undefined) {
    console.error(`Cannot build ${missing}: ${PLANS[missing].entry} is not there.`);
    return 1;
  }
  // Taken before the build, so that a change during the build makes the product stale again.
  const stamps = parts.map((part) => [stampOf(part), fingerprint(part)] as const);
  const forElectronVite = parts.filter((part) => part !== 'cli');
  if (forElectronVite.length > 0) await buildWithElectronVite(forElectronVite);
  if (parts.includes('cli')) {
    await buildCli();
    const { writeTerminalFiles } = await import('./terminal/index.ts');
    writeTerminalFiles(path.join(OUT, 'terminal'));
  }
  for (const [file, stamp] of stamps) fs.writeFileSync(file, stamp);
  return 0;
}

/** Whether the product exists and none of its inputs has changed since. */
export function isFresh(part: Part): boolean {
  try {
    return (
      fs.existsSync(path.join(OUT, PLANS[part].product)) && fs.readFileSync(stampOf(part), 'utf8') === fingerprint(part)
    );
  } catch {
    return false;
  }
}

export function hasSources(part: Part): boolean {
  return fs.existsSync(path.join(ROOT, PLANS[part].entry));
}

function isPart(name: string): name is Part {
  return (PARTS as readonly string[]).includes(name);
}

function stampOf(part: Part): string {
  return path.join(OUT, `.${part}.stamp`);
}

/** Names, sizes and times of all inputs. Unlike "newer than the product", this also detects a deleted file. */
function fingerprint(part: Part): string {
  const hash = createHash('sha256');
  const add = (relative: string): void => {
    const stat = fs.statSync(path.join(ROOT, relative), { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.isDirectory()) {
      for (const name of fs.readdirSync(path.join(ROOT, relative)).sort()) add(path.join(relative, name));
    } else if (!/\.test\.tsx?$/.test(relative)) {
      hash.update(`${relative}\0${stat.size}\0${stat.mtimeMs}\n`);
    }
  };
  PLANS[part].sources.forEach(add);
  return hash.digest('hex');
}

async function buildWithElectronVite(parts: readonly Part[]): Promise<void> {
  const { build } = await import('electron-vite');
  process.env['REPLUG_BUILD_PARTS'] = parts.join(',');
  try {
    await build({ root: ROOT, logLevel: 'warn' });
  } finally {
    delete process.env['REPLUG_BUILD_PARTS'];
  }
}

/**
 * The entry, beside the shell that checks Node's version, and the parts it loads when they are needed: in one file,
 * `--version` would read and compile all of Replug. They are all in one folder, so that `import.meta.dirname` is the
 * same wherever a module lands. Only the packages with native addons stay outside. The thread of
 * Windows' portable-device service is an entry of its own.
 */
async function buildCli(): Promise<void> {
  const { build } = await import('vite');
  fs.mkdirSync(OUT, { recursive: true });
  const fresh = fs.mkdtempSync(path.join(OUT, '.cli-'));
  try {
    await build({
      configFile: false,
      root: ROOT,
      logLevel: 'warn',
      ssr: { noExternal: true },
      build: {
        ssr: true,
        outDir: fresh,
        target: 'node24',
        minify: false,
        sourcemap: true,
        copyPublicDir: false,
        rolldownOptions: {
          // ws looks for these two addons and works without them.
          input: { main: PLANS.cli.entry, 'wpd-worker': 'electron/wpd/worker.ts' },
          external: ['usb', 'koffi', 'better-sqlite3', 'bufferutil', 'utf-8-validate'],
          output: {
            format: 'es',
            entryFileNames: '[name].js',
            chunkFileNames: '[name]-[hash].js',
            // V8 keeps the text of every module
            comments: false,
          },
        },
      },
    });
    for (const name of fs.readdirSync(fresh).filter((one) => one.endsWith('.js'))) inOneByte(path.join(fresh, name));
    fs.copyFileSync(path.join(ROOT, 'scripts/cli-shell.js'), path.join(fresh, 'replug.js'));
    fs.chmodSync(path.join(fresh, 'replug.js'), 0o755);
    replaceProgram(fresh, path.join(OUT, 'cli'));
  } finally {
    fs.rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * Writes characters outside of ASCII as escapes where that is shorter in memory: one of them, and V8 keeps two bytes for
 * every character of the module.
 */
function inOneByte(file: string): void {
  const text = fs.readFileSync(file, 'utf8');
  const escaped = text.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  if (escaped.length < 2 * text.length) fs.writeFileSync(file, escaped);
}

/**
 * Moves a built program over an older one, so that one being started finds either version, never a mixture: new chunks
 * have new names and come first, then the files that name them, and the old chunks go last.
 */
function replaceProgram(fresh: string, target: string): void {
  const names = fs.readdirSync(fresh);
  const replaced = ['wpd-worker.js.map', 'wpd-worker.js', 'main.js.map', 'main.js', 'replug.js'];
  fs.mkdirSync(target, { recursive: true });
  for (const name of [...names.filter((one) => !replaced.includes(one)), ...replaced])
    fs.renameSync(path.join(fresh, name), path.join(target, name));
  for (const name of fs.readdirSync(target))
    if (!names.includes(name)) fs.rmSync(path.join(target, name), { recursive: true });
}

if (process.argv[1] === import.meta.filename) process.exitCode = await run(process.argv.slice(2));
