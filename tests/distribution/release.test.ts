import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test, type TestContext } from 'node:test';
import { ROOT } from '../../scripts/packing/configuration.ts';
import { run as release } from '../../scripts/release.ts';
import { changesIn, notesFor } from '../../scripts/release/notes.ts';
import type { RunProgram } from '../../scripts/release/signatures.ts';

const into = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-release-'));
after(() => fs.rmSync(into, { recursive: true, force: true }));

const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
const TAG = `v${version}`;

/** A folder as electron-builder leaves it. */
function packages(name: string, ...files: readonly string[]): string {
  const folder = path.join(into, name);
  for (const file of files) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), '');
  }
  return folder;
}

const MAC = ['a.dmg', 'b.dmg', 'a.zip', 'b.zip', 'mac/Replug.app/x', 'mac-arm64/Replug.app/x'];
const WIN = ['a.exe', 'b.exe'];

/** The tools of a system where everything is signed, but for what `wrong` answers. */
const tools =
  (wrong: (line: string) => { code: number; output: string } | undefined = () => undefined): RunProgram =>
  (program, args) => {
    const line = [program, ...args].join(' ');
    if (program === 'powershell') return wrong(line) ?? { code: 0, output: 'Valid' };
    if (line.includes('--display'))
      return wrong(line) ?? { code: 0, output: 'Authority=Developer ID Application: Someone (ABCDE12345)' };
    return wrong(line) ?? { code: 0, output: '' };
  };

function check(t: TestContext, folder: string, system: string, run: RunProgram, signing = ''): [number, string] {
  const said: string[] = [];
  t.mock.method(console, 'log', (text: string) => said.push(text));
  t.mock.method(console, 'error', (text: string) => said.push(text));
  const before = process.env['REPLUG_SIGNING'];
  process.env['REPLUG_SIGNING'] = signing;
  try {
    return [release(['check', '--packages', folder, '--tag', TAG, '--system', system], run), said.join('\n')];
  } finally {
    t.mock.restoreAll();
    if (before === undefined) delete process.env['REPLUG_SIGNING'];
    else process.env['REPLUG_SIGNING'] = before;
  }
}

const signedNote = (folder: string, system: string): unknown =>
  JSON.parse(fs.readFileSync(path.join(folder, `signed-${system}.json`), 'utf8'));

test('what is signed passes', (t) => {
  const mac = packages('mac-good', ...MAC);
  const win = packages('win-good', ...WIN);
  assert.deepEqual(check(t, mac, 'mac', tools(), 'required'), [0, '']);
  assert.deepEqual(check(t, win, 'win', tools(), 'required'), [0, '']);
  assert.deepEqual([signedNote(mac, 'mac'), signedNote(win, 'win')], [{ signed: true }, { signed: true }]);
});

const UNSIGNED: readonly (readonly [system: string, what: string, line: RegExp, code: number, output: string])[] = [
  ['mac', 'a signature that does not hold', /codesign --verify .*mac-arm64/, 1, 'a sealed resource is missing'],
  ['mac', 'a signature for this computer only', /codesign --display/, 0, 'Signature=adhoc'],
  ['mac', 'an app that Gatekeeper refuses', /spctl/, 3, 'rejected'],
  ['mac', 'an app without the notarisation’s ticket', /stapler/, 65, 'does not have a ticket stapled to it'],
  ['win', 'an installer without a signature', /b\.exe/, 0, 'NotSigned'],
  ['win', 'a signature that cannot be looked at', /a\.exe/, -1, ''],
];

for (const [system, what, line, code, output] of UNSIGNED)
  test(`${what} is refused where signing is configured, and said where it is not`, (t) => {
    const run = tools((asked) => (line.test(asked) ? { code, output } : undefined));
    const files = system === 'mac' ? MAC : WIN;
    const strict = packages(`${what} strict`, ...files);
    const [refused, why] = check(t, strict, system, run, 'required');
    assert.equal(refused, 1);
    assert.match(why, /sign|Gatekeeper|notarised/);
    assert.ok(!fs.existsSync(path.join(strict, `signed-${system}.json`)));
    const lax = packages(`${what} lax`, ...files);
    const [taken, warned] = check(t, lax, system, run);
    assert.equal(taken, 0);
    assert.match(warned, /^Not signed, and signing is not configured/);
    assert.deepEqual(signedNote(lax, system), { signed: false });
  });

test('a package that is missing, one that does not start, and a tag of another version are refused', (t) => {
  assert.match(check(t, packages('one', 'a.exe'), 'win', tools())[1], /1 packages of kind \.exe/);
  const linux = packages('linux', 'a.deb', 'b.deb', 'a.rpm', 'b.rpm', 'a-arm64.AppImage', 'b.AppImage');
  assert.throws(() => check(t, linux, 'linux', tools()), /not a 64-bit ELF/);
  assert.throws(() => check(t, packages('no-app', ...MAC.slice(0, 4)), 'mac', tools()), /no app/);
  t.mock.method(console, 'error', () => undefined);
  assert.equal(
    release(['check', '--packages', packages('w', ...WIN), '--tag', 'v9.9.9', '--system', 'win'], tools()),
    1,
  );
  assert.equal(release(['publish', '--packages', into, '--tag', TAG]), 2);
  assert.equal(release(['check', '--tag', TAG]), 2);
});

const CHANGELOG =
  '# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-02-01\n\n- New.\n\n## [1.0.0] - 2026-01-01\n\n- First.\n';

test('the notes: what is new in this version, and what is not signed', () => {
  assert.equal(changesIn(CHANGELOG, '1.1.0'), '- New.');
  assert.equal(changesIn(CHANGELOG, '1.0.0'), '- First.');
  assert.throws(() => changesIn(CHANGELOG, '2.0.0'), /no section/);
  assert.throws(() => changesIn(CHANGELOG, 'Unreleased'), /says nothing/);
  const all = { linux: true, mac: true, win: true };
  const address = 'https://github.com/a/b';
  const good = notesFor(CHANGELOG, '1.1.0', all, address);
  assert.match(good, /^- New\.\n/);
  assert.doesNotMatch(good, /not signed/);
  assert.match(good, /--repo a\/b`/);
  assert.match(notesFor(CHANGELOG, '1.1.0', { ...all, mac: false }, address), /macOS packages are \*\*not signed/);
  assert.match(notesFor(CHANGELOG, '1.1.0', { ...all, win: false }, address), /Windows packages are \*\*not signed/);
  assert.throws(() => notesFor(CHANGELOG, '1.1.0', { linux: true, win: true }, address), /macOS/);
});
