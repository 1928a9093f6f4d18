import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Release } from '../release.ts';
import { judged, together, validator, type Ran, type Verdict } from './run.ts';

/**
 * Bash's syntax, what namcap would complain about (it is not in Debian), and then what makepkg reads from the PKGBUILD
 * against the .SRCINFO beside it.
 */
export function checkPkgbuild(folder: string, release: Release): Verdict {
  const file = path.join(folder, 'PKGBUILD');
  const syntax = judged(file, 'bash', validator('bash', ['-n', file]));
  if (syntax.problems.length > 0) return syntax;
  const info = fs.readFileSync(path.join(folder, '.SRCINFO'), 'utf8');
  const problems = complaints(info, fs.readFileSync(file, 'utf8'), release).map((one) => `${file}: ${one}`);
  // the slowest last
  if (problems.length > 0) return together([syntax, { problems, missing: [] }]);
  return together([
    syntax,
    judged(file, 'makepkg', srcinfo(file), ({ stdout }) =>
      stdout.trim() === info.trim() ? [] : ['.SRCINFO is not what makepkg --printsrcinfo prints'],
    ),
  ]);
}

const NOBODY = 65534;

/** makepkg reads the file by running it, and refuses to do so as root. */
function srcinfo(file: string): Ran | undefined {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-pkgbuild-'));
  try {
    fs.copyFileSync(file, path.join(folder, 'PKGBUILD'));
    if (process.getuid?.() === 0) fs.chownSync(folder, NOBODY, NOBODY);
    const asNobody = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', 'makepkg', '--printsrcinfo'];
    // it looks for pacman, which only installing needs
    const surroundings = { cwd: folder, env: { HOME: folder, LC_ALL: 'C.UTF-8', PACMAN: 'true' } };
    if (validator('makepkg', ['--version']) === undefined) return undefined;
    return process.getuid?.() === 0
      ? validator('setpriv', asNobody, surroundings)
      : validator('makepkg', ['--printsrcinfo'], surroundings);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

function complaints(info: string, pkgbuild: string, release: Release): readonly string[] {
  const fields = new Map<string, string[]>();
  for (const line of info.split('\n')) {
    const match = /^\s*(\w+) = (.*)$/.exec(line);
    if (match !== null) fields.set(match[1] ?? '', [...(fields.get(match[1] ?? '') ?? []), match[2] ?? '']);
  }
  const all = (name: string): readonly string[] => fields.get(name) ?? [];
  const problems: string[] = [];
  for (const name of ['pkgdesc', 'pkgver', 'pkgrel', 'url', 'arch', 'license', 'depends', 'source'])
    if (all(name).length === 0) problems.push(`there is no ${name}`);
  if (!/^# Maintainer: /m.test(pkgbuild)) problems.push('nobody is named as the maintainer');
  const [description = ''] = all('pkgdesc');
  if (description.length > 80) problems.push('pkgdesc is longer than 80 characters');
  if (/\.$/.test(description) || /\breplug\b/i.test(description))
    problems.push('pkgdesc ends in a full stop or names the package');
  for (const suffix of ['', ...all('arch').map((arch) => `_${arch}`)]) {
    const digests = all(`sha256sums${suffix}`);
    if (digests.length !== all(`source${suffix}`).length) problems.push(`source${suffix} and its digests do not match`);
    if (digests.some((digest) => !/^[0-9a-f]{64}$/.test(digest))) problems.push(`a digest of source${suffix} is none`);
    if (all(`source${suffix}`).some((one) => !one.includes('::https://'))) problems.push('a source is not over https');
  }
  for (const [theirs, ours] of [['x86_64', 'x64'] as const, ['aarch64', 'arm64'] as const]) {
    const { url, sha256 } = release.package('deb', ours);
    if (!all(`source_${theirs}`).some((one) => one.endsWith(`::${url}`)))
      problems.push(`source_${theirs} is not the package of the release`);
    if (!all(`sha256sums_${theirs}`).includes(sha256))
      problems.push(`the digest for ${theirs} is not that of the package`);
  }
  const body = /^package\(\) \{\n([\s\S]*?)^\}/m.exec(pkgbuild)?.[1];
  if (body === undefined) problems.push('there is no package()');
  for (const line of (body ?? '').split('\n').filter((one) => /^\s*[a-z]/.test(one)))
    if (!line.includes('"${pkgdir}'))
      problems.push(`package() writes outside \${pkgdir}, or without quotes: ${line.trim()}`);
  if (all('license').includes('MIT') && !(body ?? '').includes('/usr/share/licenses/'))
    problems.push('the text of the licence is not installed');
  return problems;
}
