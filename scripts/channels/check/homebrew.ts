import path from 'node:path';
import type { Release } from '../release.ts';
import { judged, together, validator, type Verdict } from './run.ts';

type Said = Readonly<Record<string, unknown>>;

/** Ruby's own check of the syntax, then the cask as Homebrew would read it, against Homebrew's rules of style. */
export function checkCask(file: string, release: Release): Verdict {
  const syntax = judged(file, 'ruby', validator('ruby', ['-c', file]));
  if (syntax.problems.length > 0 || syntax.missing.length > 0) return syntax;
  const read = validator('ruby', [path.join(import.meta.dirname, 'cask.rb'), file]);
  return together([
    syntax,
    judged(file, 'ruby', read, ({ stdout }) => {
      const said = JSON.parse(stdout) as Readonly<Record<'arm' | 'intel', Said>>;
      return [...wrong(said.arm, release, 'arm64'), ...wrong(said.intel, release, 'x64')];
    }),
  ]);
}

function wrong(said: Said, release: Release, arch: 'x64' | 'arm64'): readonly string[] {
  const problems: string[] = [];
  const { url, sha256 } = release.package('dmg', arch);
  if (said['url'] !== url) problems.push(`the url for ${arch} is ${String(said['url'])}, not ${url}`);
  if (said['sha256'] !== sha256) problems.push(`the digest for ${arch} is not that of the package`);
  if (said['version'] !== release.version) problems.push(`the version is ${String(said['version'])}`);
  for (const stanza of ['name', 'desc', 'homepage', 'livecheck', 'app', 'zap'])
    if (said[stanza] === undefined) problems.push(`there is no ${stanza}`);
  const desc = String(said['desc']);
  // brew style: Cask/Desc
  if (desc.length > 80) problems.push('desc is longer than 80 characters');
  if (/^(?:an?|the)\s/i.test(desc) || desc.toLowerCase().startsWith(String(said['token'])))
    problems.push('desc begins with an article or the name');
  if (/\.$/.test(desc) || /\b(?:macOS|OS X)\b/.test(desc))
    problems.push('desc ends in a full stop or names the system');
  if (!/^[a-z0-9-]+$/.test(String(said['token']))) problems.push('the token is not in lower case');
  return problems;
}
