// A deb and an rpm as electron-builder makes them, with stand-ins for Electron's runtime and for fpm, and what they install.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { after, test, type TestContext } from 'node:test';
import { Arch, build, Platform, type Configuration } from 'electron-builder';
import { withSurroundings } from '../../scripts/dist.ts';
import { readConfiguration, ROOT, writeConfiguration } from '../../scripts/packing/configuration.ts';
import { INSTALLERS, type Installer } from '../../scripts/packing/installed.ts';
import { packWithStandIns } from '../../scripts/packing/pack.ts';
import { quietly } from '../../scripts/packing/quiet.ts';
import { lacking, runProgram } from '../../scripts/release/signatures.ts';
import { TERMINAL_FILES } from '../../scripts/terminal/index.ts';

const into = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-installers-'));
after(() => fs.rmSync(into, { recursive: true, force: true }));

/** Places of the terminal program's files. Written out: the folders are the systems' own. */
const PLACES: Readonly<Record<Installer, Readonly<Record<keyof typeof TERMINAL_FILES, string>>>> = {
  deb: {
    'replug.1': 'usr/share/man/man1/replug.1.gz',
    'replug.bash': 'usr/share/bash-completion/completions/replug',
    _replug: 'usr/share/zsh/vendor-completions/_replug',
    'replug.fish': 'usr/share/fish/vendor_completions.d/replug.fish',
  },
  rpm: {
    'replug.1': 'usr/share/man/man1/replug.1.gz',
    'replug.bash': 'usr/share/bash-completion/completions/replug',
    _replug: 'usr/share/zsh/site-functions/_replug',
    'replug.fish': 'usr/share/fish/vendor_completions.d/replug.fish',
  },
};
const NAMES = Object.keys(TERMINAL_FILES) as readonly (keyof typeof TERMINAL_FILES)[];

/** Whether the tools are here; in CI they must be, and without them the test fails. */
function able(t: TestContext, ...programs: readonly string[]): boolean {
  const missing = programs.filter((program) => spawnSync(program, ['--version']).error !== undefined);
  if (missing.length === 0 || process.env['CI'] === 'true') return true;
  t.skip(`NOT RUN: ${missing.join(', ')} missing; remedy: on Linux, apt-get install dpkg rpm mandoc zsh fish`);
  return false;
}

let packed: Promise<string> | undefined;

/** Has electron-builder make a package from `configuration`; returns its path. */
async function made(kind: Installer, name: string, configuration: Configuration): Promise<string> {
  packed ??= quietly(async () => (await packWithStandIns({ system: 'linux', arch: 'x64' }, into)).folder);
  const prepackaged = await packed;
  const output = path.join(into, name);
  const maker = path.join(into, 'fpm');
  fs.writeFileSync(
    maker,
    `#!/bin/sh\nexec '${process.execPath}' '${path.join(import.meta.dirname, 'maker.ts')}' "$@"\n`,
    { mode: 0o755 },
  );
  process.env['CUSTOM_FPM_PATH'] = maker;
  const config = writeConfiguration(
    { ...configuration, directories: { ...configuration.directories, output } },
    path.join(into, `${name}.json`),
  );
  const targets = Platform.LINUX.createTarget(kind, Arch.x64);
  const files = await quietly(() => build({ projectDir: ROOT, prepackaged, targets, publish: 'never', config }));
  const file = files.find((one) => one.endsWith(`.${kind}`));
  assert.ok(file !== undefined, files.join());
  return file;
}

const whole = (): Configuration => withSurroundings(readConfiguration(), {});

/** The configuration without one of the files that are installed. */
function without(kind: Installer, places: readonly string[]): Configuration {
  const configuration = whole();
  const fpm = (configuration[kind]?.fpm ?? []).filter((pair) => !places.some((place) => pair.endsWith(`=/${place}`)));
  return { ...configuration, [kind]: { ...configuration[kind], fpm } };
}

function unpacked(kind: Installer, file: string): string {
  const folder = path.join(into, `${kind}-root`);
  fs.mkdirSync(folder);
  if (kind === 'deb') execFileSync('dpkg-deb', ['--extract', file, folder]);
  else execFileSync('sh', ['-c', 'rpm2cpio "$1" | cpio -idm --quiet', 'sh', file], { cwd: folder });
  return folder;
}

for (const kind of INSTALLERS) {
  const tools = kind === 'deb' ? ['dpkg-deb'] : ['rpm', 'rpmbuild', 'cpio'];

  test(`${kind}: it installs the manual and the completions of three shells, as they were built`, async (t) => {
    if (!able(t, ...tools, 'mandoc', 'bash', 'zsh', 'fish')) return;
    const file = await made(kind, kind, whole());
    assert.deepEqual(lacking(kind, file, runProgram), []);
    const root = unpacked(kind, file);
    const read = (place: string): Buffer => fs.readFileSync(path.join(root, place));
    for (const name of NAMES) {
      const content = read(PLACES[kind][name]);
      const text = (name === 'replug.1' ? gunzipSync(content) : content).toString('utf8');
      assert.equal(text, fs.readFileSync(path.join(ROOT, 'out/terminal', name), 'utf8'));
      assert.equal(fs.statSync(path.join(root, PLACES[kind][name])).mode & 0o777, 0o644);
    }
    const manual = path.join(into, 'replug.1');
    fs.writeFileSync(manual, gunzipSync(read(PLACES[kind]['replug.1'])));
    execFileSync('mandoc', ['-T', 'lint', manual], { stdio: 'pipe' });
    for (const [shell, name] of [
      ['bash', 'replug.bash'] as const,
      ['zsh', '_replug'] as const,
      ['fish', 'replug.fish'] as const,
    ])
      execFileSync(shell, ['-n', path.join(root, PLACES[kind][name])], { stdio: 'pipe' });
  });

  test(`${kind}: what is left out is missed before a release`, async (t) => {
    if (!able(t, ...tools)) return;
    const gone = [...Object.values(PLACES[kind]), 'usr/lib/udev/rules.d/69-replug.rules'];
    const file = await made(kind, `${kind}-less`, without(kind, gone));
    assert.deepEqual(
      lacking(kind, file, runProgram).toSorted(),
      gone.map((place) => `${file}: /${place} is not in it`).toSorted(),
    );
    fs.writeFileSync(file, 'no package');
    assert.match(lacking(kind, file, runProgram).join(), /cannot be listed/);
  });
}

test('a file of the terminal program that no package would install is noticed', () => {
  for (const kind of INSTALLERS)
    for (const name of NAMES)
      assert.ok(
        (whole()[kind]?.fpm ?? []).some((pair) => pair.endsWith(`=/${PLACES[kind][name]}`)),
        `${kind} ${name}`,
      );
});
