// The terminal program as a package of npm: packed from the repository, and run by a plain Node 24.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../../scripts/packing/configuration.ts';

test('npm pack makes a package that runs, with its manual and completions, and nothing else', (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-npm-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  // the build that prepack does has been done for these tests
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: ROOT,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as readonly { readonly filename: string; readonly files: readonly { readonly path: string }[] }[];
  assert.ok(packed !== undefined);
  const names = packed.files.map(({ path: name }) => name);
  for (const name of ['out/cli/replug.js', 'out/renderer/index.html', 'out/terminal/replug.1', 'LICENSE', 'README.md'])
    assert.ok(names.includes(name), name);
  assert.deepEqual(
    names.filter((name) => /^(?:electron|renderer|shared|tests|node_modules)\/|\.map$|\.test\./u.test(name)),
    [],
  );
  execFileSync('tar', ['-xzf', path.join(folder, packed.filename), '-C', folder]);
  // what npm would install beside it: the two packages with addons
  fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  const phone = path.join(folder, 'phone');
  fs.mkdirSync(path.join(phone, 'DCIM'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'a.txt'), 'a');
  const { bin } = JSON.parse(fs.readFileSync(path.join(folder, 'package/package.json'), 'utf8')) as {
    readonly bin: { readonly replug: string };
  };
  const replug = (...args: readonly string[]): string =>
    execFileSync(process.execPath, [path.join(folder, 'package', bin.replug), ...args], {
      cwd: folder,
      encoding: 'utf8',
    });
  assert.match(replug('--version'), /^replug \d/u);
  const common = ['--no-usb', '--virtual', `${phone},serial=V1`, '--db', path.join(folder, 'queue.db')];
  replug(...common, '--quiet', 'push', 'a.txt', '/DCIM');
  assert.equal(fs.readFileSync(path.join(phone, 'DCIM/a.txt'), 'utf8'), 'a');
  assert.match(replug(...common, 'ls', '/DCIM'), /a\.txt/u);
});
