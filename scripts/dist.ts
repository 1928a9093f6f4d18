// `npm run dist`: builds the packages of this system in dist/. `npm run dist:check`: inspects the contents for every
// system, with stand-ins for Electron's runtime, which is neither needed nor run.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Configuration } from 'electron-builder';
import { run as buildParts } from './build.ts';
import { checkChannels, writeChannels } from './channels/index.ts';
import { SAMPLE } from './channels/release.ts';
import { readConfiguration, ROOT, writeConfiguration } from './packing/configuration.ts';
import { Contents, missingFrom, sizesOf } from './packing/contents.ts';
import { withInstalledFiles } from './packing/installed.ts';
import { bringKoffi } from './packing/koffi.ts';
import { packWithStandIns } from './packing/pack.ts';
import { quietly } from './packing/quiet.ts';
import { addonsOf, nameOf, TARGETS } from './packing/targets.ts';

const USAGE = `Usage: npm run dist [-- --dir], npm run dist:check
  --dir              only the app's folder, no installers
  REPLUG_UPDATES     where updates come from: an https address, or OWNER/REPOSITORY on GitHub (default: no updates)
  REPLUG_HOMEPAGE    the address that deb and rpm name as the project's
  REPLUG_DATE        day of the release, YYYY-MM-DD (default: today)`;

/** deb and rpm require a homepage; this stands for a project that has none. */
const NO_HOMEPAGE = 'https://example.org/replug';

export async function run(args: readonly string[]): Promise<number> {
  if (args.includes('--help')) {
    console.log(USAGE);
    return 0;
  }
  const failed = await buildParts(['--if-stale']);
  if (failed !== 0) return failed;
  return args.includes('--check') ? check() : dist(args);
}

async function dist(args: readonly string[]): Promise<number> {
  const { build, createTargets, Platform } = await import('electron-builder');
  const file = path.join(ROOT, '.cache', 'electron-builder.json');
  if (process.platform === 'win32') for (const arch of ['x64', 'arm64'] as const) await bringKoffi(arch);
  const configuration = withSurroundings(readConfiguration(), process.env);
  await build({
    projectDir: ROOT,
    config: writeConfiguration(configuration, file),
    publish: 'never',
    ...(args.includes('--dir') ? { targets: createTargets([Platform.current()], 'dir') } : {}),
  });
  return 0;
}

/** Settings of a release, passed through the environment. */
export function withSurroundings(
  configuration: Configuration,
  env: Readonly<Record<string, string | undefined>>,
): Configuration {
  const updates = env['REPLUG_UPDATES'] ?? '';
  const homepage = env['REPLUG_HOMEPAGE'] ?? NO_HOMEPAGE;
  const date = env['REPLUG_DATE'] ?? new Date().toISOString().slice(0, 10);
  const github = /^([\w.-]+)\/([\w.-]+)$/.exec(updates);
  return {
    ...withInstalledFiles(configuration, homepage, date),
    extraMetadata: { homepage },
    ...(github !== null
      ? { publish: { provider: 'github', owner: github[1] ?? '', repo: github[2] ?? '', releaseType: 'draft' } }
      : updates !== ''
        ? { publish: { provider: 'generic', url: secure(updates) } }
        : {}),
  };
}

function secure(address: string): string {
  if (!URL.canParse(address) || new URL(address).protocol !== 'https:')
    throw new Error(`REPLUG_UPDATES must be an https address or OWNER/REPOSITORY, not "${address}".`);
  return address;
}

/** Limit for the compressed size of the app's own part, in bytes. */
export const LARGEST = 15_000_000;

async function check(): Promise<number> {
  const into = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-dist-'));
  const problems: string[] = [];
  try {
    for (const target of TARGETS) {
      const contents = new Contents(await quietly(() => packWithStandIns(target, into)));
      const { bytes, compressed } = sizesOf(contents);
      problems.push(...missingFrom(contents).map((one) => `${nameOf(target)} lacks ${one}`));
      for (const addon of addonsOf(target))
        if (!contents.unpacked.has(addon)) problems.push(`${nameOf(target)} lacks ${addon}`);
      if (compressed > LARGEST) problems.push(`${nameOf(target)} is too large`);
      console.log(
        `${nameOf(target).padEnd(12)} ${String(contents.files.size).padStart(4)} files, ${megabytes(bytes)}, compressed ${megabytes(compressed)} beside Electron’s runtime`,
      );
    }
    const channels = path.join(into, 'channels');
    writeChannels(SAMPLE, channels);
    const verdict = checkChannels(SAMPLE, channels);
    problems.push(...verdict.problems);
    for (const name of verdict.missing) console.log(`A channel was not checked: ${name} is not installed.`);
    if (process.env['CI'] === 'true') problems.push(...verdict.missing.map((name) => `${name} is not installed`));
  } finally {
    fs.rmSync(into, { recursive: true, force: true });
  }
  for (const problem of problems) console.error(problem);
  console.log(
    problems.length === 0
      ? 'Everything that is loaded is packed, and the channels’ files are in order.'
      : `${problems.length} problems`,
  );
  console.log('Electron itself was not run; the packed programs are run by npm test -- tests/package.');
  return problems.length === 0 ? 0 : 1;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
