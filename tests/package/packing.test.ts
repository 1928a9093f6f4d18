import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { extractAll } from '@electron/asar';
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { LARGEST } from '../../scripts/dist.ts';
import { Contents, missingFrom, sizesOf } from '../../scripts/packing/contents.ts';
import { packWithStandIns, type Packed } from '../../scripts/packing/pack.ts';
import { quietly } from '../../scripts/packing/quiet.ts';
import { addonsOf, nameOf, TARGETS } from '../../scripts/packing/targets.ts';
import { App, typed } from '../app/app.ts';

/**
 * The packages of each system, laid out by electron-builder with stand-ins for Electron's runtime. On our own system
 * the packed programs are run with plain Node; Electron is not run.
 */

const into = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-package-'));
const packages = new Map<string, Packed>();
before(() =>
  quietly(async () => {
    for (const target of TARGETS) packages.set(nameOf(target), await packWithStandIns(target, into));
  }),
);
after(() => fs.rmSync(into, { recursive: true, force: true }));

function packedFor(name: string): Packed {
  const packed = packages.get(name);
  if (packed === undefined) throw new Error(`${name} was not packed`);
  return packed;
}

for (const target of TARGETS) {
  const name = nameOf(target);

  test(`${name}: everything the built programs and the window load is there, and nothing that serves development alone`, () => {
    const contents = new Contents(packedFor(name));
    assert.deepEqual(missingFrom(contents), []);
    const packagesIn = [...contents.files].flatMap(
      (file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [],
    );
    const onWindows = [`@koromix/koffi-win32-${target.arch}`, 'koffi'];
    assert.deepEqual(
      [...new Set(packagesIn)].sort(),
      [...(target.system === 'win' ? onWindows : []), 'better-sqlite3', 'node-gyp-build', 'usb'].sort(),
    );
    const others = [...contents.files].filter(
      (file) =>
        !/^(out\/(main|preload|renderer|cli)\/|resources\/icons\/[^/]+\.png$|node_modules\/|package\.json$)/.test(
          file,
        ) || /\.(ts|map|md|c|cc|h|gyp|gypi|stamp)$/.test(file),
    );
    assert.deepEqual(others, []);
    for (const icon of [
      'app',
      'drag',
      'overlay-attention',
      'tray-idle',
      'tray-runningTemplate',
      'tray-runningTemplate@2x',
    ])
      assert.ok(contents.files.has(`resources/icons/${icon}.png`), icon);
  });

  test(`${name}: its own two addons and no other, outside the archive`, () => {
    const contents = new Contents(packedFor(name));
    const addons = [...contents.files].filter((file) => file.endsWith('.node')).sort();
    assert.deepEqual(addons, [...addonsOf(target)].sort());
    for (const addon of addons) assert.ok(contents.unpacked.has(addon), addon);
  });

  test(`${name}: the fuses in the binary are set`, async () => {
    const wire = await getCurrentFuseWire(packedFor(name).fuses);
    // as stored in the binary: the characters 0 and 1
    const [DISABLE, ENABLE] = [0x30, 0x31];
    assert.deepEqual(
      {
        runAsNode: wire[FuseV1Options.RunAsNode],
        cookies: wire[FuseV1Options.EnableCookieEncryption],
        nodeOptions: wire[FuseV1Options.EnableNodeOptionsEnvironmentVariable],
        inspect: wire[FuseV1Options.EnableNodeCliInspectArguments],
        integrity: wire[FuseV1Options.EnableEmbeddedAsarIntegrityValidation],
        onlyArchive: wire[FuseV1Options.OnlyLoadAppFromAsar],
        files: wire[FuseV1Options.GrantFileProtocolExtraPrivileges],
      },
      {
        runAsNode: DISABLE,
        cookies: ENABLE,
        nodeOptions: DISABLE,
        inspect: DISABLE,
        integrity: ENABLE,
        onlyArchive: ENABLE,
        files: DISABLE,
      },
    );
  });

  test(`${name}: the app’s own part is small`, (t) => {
    const { bytes, compressed, largest } = sizesOf(new Contents(packedFor(name)));
    t.diagnostic(`${name}: ${(bytes / 1e6).toFixed(1)} MB, compressed ${(compressed / 1e6).toFixed(1)} MB`);
    assert.ok(compressed < LARGEST, JSON.stringify(largest));
  });
}

test('a missing file is detected', () => {
  const contents = new Contents(packedFor('linux-x64'));
  const without = (gone: RegExp): Contents =>
    Object.assign(Object.create(contents) as Contents, {
      files: new Set([...contents.files].filter((file) => !gone.test(file))),
      text: (name: string) => contents.text(name),
    });
  for (const gone of [
    /chunks\/usb-/,
    /preload\.cjs/,
    /assets\/.*\.css/,
    /better-sqlite3\/lib\/database\.js/,
    /node-gyp-build\/package\.json/,
  ])
    assert.equal(missingFrom(without(gone)).length, 1, String(gone));
});

// --- what can be run here: the archive of this system, unpacked as Electron's own file system shows it

const own = `${process.platform === 'win32' ? 'win' : process.platform === 'darwin' ? 'mac' : 'linux'}-${process.arch}`;
let unpacked: string | undefined;
function ownProgram(): string {
  if (unpacked === undefined) {
    unpacked = path.join(into, 'unpacked');
    extractAll(path.join(packedFor(own).resources, 'app.asar'), unpacked);
  }
  return unpacked;
}

test('the packed command line runs: it moves a file to a virtual phone with both addons loaded', () => {
  const cli = path.join(ownProgram(), 'out/cli/replug.js');
  const phone = path.join(into, 'phone');
  fs.mkdirSync(phone);
  const file = path.join(into, 'letter.txt');
  fs.writeFileSync(file, 'hello');
  const run = (...args: readonly string[]): string =>
    // from another folder, without access to this project's packages
    execFileSync(process.execPath, [cli, '--db', path.join(into, 'cli.db'), ...args], { cwd: into, encoding: 'utf8' });
  assert.match(run('--version'), /\d+\.\d+\.\d+/);
  run('--no-usb', '--virtual', phone, 'push', file, '/');
  assert.equal(fs.readFileSync(path.join(phone, 'letter.txt'), 'utf8'), 'hello');
  const usb = path.join(ownProgram(), 'node_modules/usb');
  const found = execFileSync(
    process.execPath,
    ['-e', `process.stdout.write(typeof require(${JSON.stringify(usb)}).usb)`],
    { encoding: 'utf8' },
  );
  assert.equal(found, 'object');
});

test('the packed main process runs a typed command, by the packed command line', async () => {
  const phone = path.join(into, 'typed');
  fs.mkdirSync(path.join(phone, 'DCIM'), { recursive: true });
  const words = ['--no-usb', '--virtual', phone, '--db', path.join(into, 'typed.db'), '--json', 'ls', '/'];
  const { exit, out, err, second } = await typed({ packaged: true, root: ownProgram() }, ...words);
  assert.deepEqual([exit, err, second], [0, '', undefined]);
  assert.match(out, /"DCIM"/);
});

test('the packed main process starts against the stand-in for Electron and loads its packed window', async () => {
  const folder = path.join(into, 'app');
  fs.mkdirSync(folder);
  const main = path.join(ownProgram(), 'out/main/main.js');
  const app = await new App({ folder, main, env: { FAKE_ROOT: ownProgram() } }).opened();
  const { version } = await app.command('hostInfo');
  assert.match(version, /^\d+\.\d+\.\d+/);
  const preload = await app.inside(
    (electron) => (electron.windows[0]?.options['webPreferences'] as { preload: string }).preload,
  );
  assert.ok(preload.startsWith(path.join(ownProgram(), 'out')), preload);
  await app.end();
});
