/**
 * Makes a deb or an rpm of what electron-builder tells fpm, which it downloads and which cannot be had here: each file at
 * the place that is named for it, packed by dpkg-deb or rpmbuild.
 */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const options = new Map<string, string>();
const pairs: (readonly [from: string, to: string])[] = [];
const args = process.argv.slice(2).filter((arg) => arg !== '--force');
for (let at = 0; at < args.length; at += 1) {
  const arg = args[at] ?? '';
  if (arg.startsWith('-')) options.set(arg, args[(at += 1)] ?? '');
  else pairs.push([arg.slice(0, arg.indexOf('=')), arg.slice(arg.indexOf('=') + 1)]);
}
const option = (name: string): string => {
  const value = options.get(name);
  if (value === undefined) throw new Error(`${name} was not given`);
  return value;
};

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-maker-'));
const tree = path.join(work, 'tree');
for (const [from, to] of pairs) fs.cpSync(from, path.join(tree, to), { recursive: true });
const write = (name: string, lines: readonly string[]): string => {
  const file = path.join(work, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
};
try {
  if (option('-t') === 'deb') {
    const description = option('--description').split('\n');
    write('tree/DEBIAN/control', [
      `Package: ${option('--name')}`,
      `Version: ${option('--version')}`,
      `Architecture: ${option('--architecture')}`,
      `Maintainer: ${option('--maintainer')}`,
      `Description: ${description[0] ?? ''}`,
      ...description.slice(1).map((line) => ` ${line.trim() === '' ? '.' : line.trim()}`),
    ]);
    for (const [given, name] of [['--after-install', 'postinst'] as const, ['--after-remove', 'postrm'] as const]) {
      fs.copyFileSync(option(given), path.join(tree, 'DEBIAN', name));
      fs.chmodSync(path.join(tree, 'DEBIAN', name), 0o755);
    }
    execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, option('--package')]);
  } else {
    const spec = write('replug.spec', [
      // nothing is compressed, stripped or looked for in what is packed already
      '%define __os_install_post %{nil}',
      '%define debug_package %{nil}',
      'AutoReqProv: no',
      `Name: ${option('--name')}`,
      `Version: ${option('--version')}`,
      'Release: 1',
      `Summary: ${option('--rpm-summary')}`,
      `License: ${option('--license')}`,
      '%description',
      option('--description'),
      '%install',
      `cp -a '${tree}/.' %{buildroot}/`,
      '%post',
      fs.readFileSync(option('--after-install'), 'utf8').replaceAll('%', '%%'),
      '%postun',
      fs.readFileSync(option('--after-remove'), 'utf8').replaceAll('%', '%%'),
      '%files',
      ...pairs.map(([, to]) => `"${to}"`),
    ]);
    const file = option('--package');
    const defined = { _topdir: work, _rpmdir: path.dirname(file), _rpmfilename: path.basename(file) };
    execFileSync('rpmbuild', [
      '-bb',
      '--target',
      `${option('--architecture')}-linux`,
      ...Object.entries(defined).flatMap(([name, value]) => ['--define', `${name} ${value}`]),
      spec,
    ]);
  }
} finally {
  fs.rmSync(work, { recursive: true, force: true });
}
