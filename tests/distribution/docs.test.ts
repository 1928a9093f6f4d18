import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { parseArguments } from '../../electron/cli/arguments.ts';
import { COMMAND_NAMES, isCommandName } from '../../electron/cli/description.ts';
import { readAnimatedWebp } from '../../scripts/pictures/animated-webp.ts';
import { ROOT } from '../../scripts/packing/configuration.ts';

const into = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-docs-'));
after(() => fs.rmSync(into, { recursive: true, force: true }));

const pagesIn = (folder: string): readonly string[] =>
  fs.readdirSync(path.join(ROOT, folder)).flatMap((name) => (name.endsWith('.md') ? [path.join(folder, name)] : []));
const PAGES = [...pagesIn('.'), ...pagesIn('docs'), ...pagesIn('.github')];

const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '``');

/** Anchors of a page's headings, as GitHub makes them. */
function anchorsOf(text: string): ReadonlySet<string> {
  const seen = new Map<string, number>();
  return new Set(
    [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => {
      const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
      const anchor = plain.replace(/[^\p{L}\p{N}\p{M} _-]/gu, '').replaceAll(' ', '-');
      const before = seen.get(anchor) ?? 0;
      seen.set(anchor, before + 1);
      return before === 0 ? anchor : `${anchor}-${before}`;
    }),
  );
}

/** Links and pictures of a page that lead nowhere. Addresses on the web are not asked. */
function deadLinks(page: string, text: string): readonly string[] {
  const plain = withoutCode(text);
  const targets = [
    ...[...plain.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target),
    ...[...plain.matchAll(/(?:src|srcset|href)="([^"]+)"/g)].map(([, target = '']) => target),
    // the home page of the site
    ...[...text.matchAll(/^ +(?:link|light|dark): (\S+)$/gm)].map(([, target = '']) => target),
  ];
  return targets.filter((target) => {
    if (/^(?:https?|mailto):/.test(target)) return false;
    const [file = '', anchor] = target.split('#');
    const rooted = file.startsWith('/') ? path.join('docs', file) : path.join(path.dirname(page), file);
    const full = [file === '' ? page : rooted, `${rooted}.md`].map((one) => path.join(ROOT, one)).find(fs.existsSync);
    if (full === undefined) return true;
    return anchor !== undefined && !anchorsOf(fs.readFileSync(full, 'utf8')).has(anchor);
  });
}

for (const page of PAGES)
  test(`${page}: every link inside the project leads somewhere`, () => {
    assert.deepEqual(deadLinks(page, fs.readFileSync(path.join(ROOT, page), 'utf8')), []);
  });

test('a dead link is found', () => {
  const text =
    '[a](sync.md) [b](nowhere.md) [c](sync.md#nothing) [d](#here) ![e](images/none.png) [f](https://example.org/)\n\n# Here';
  assert.deepEqual(deadLinks('docs/x.md', text.replace('[d](#here)', '')), [
    'nowhere.md',
    'sync.md#nothing',
    'images/none.png',
  ]);
  assert.deepEqual(deadLinks('docs/faq.md', '[d](#my-phone-does-not-appear)'), []);
});

test('every page of docs is in the site’s menu, and the menu has no other', () => {
  const config = fs.readFileSync(path.join(ROOT, 'docs/.vitepress/config.ts'), 'utf8');
  const inMenu = [...config.matchAll(/page\('[^']+', '([\w-]+)'\)/g)].map(([, name = '']) => `docs/${name}.md`);
  assert.deepEqual(
    inMenu.toSorted(),
    pagesIn('docs')
      .filter((page) => page !== 'docs/index.md')
      .toSorted(),
  );
});

const readme = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8');

test('the README’s badges say what is so', () => {
  const badges = [...readme.matchAll(/img\.shields\.io\/badge\/([\w]+)-([\w.]+)-/g)].map(([, name, value]) => [
    name,
    value,
  ]);
  const { license } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { license: string };
  const languages = fs.readdirSync(path.join(ROOT, 'words')).length;
  assert.deepEqual(badges, [
    ['license', license],
    ['languages', String(languages)],
  ]);
});

/** What is wrong with the commands that a text tells people to type, and with its list of all commands. */
function wrongCommands(text: string): readonly string[] {
  const { scripts } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Readonly<Record<string, string>>;
  };
  const lines = [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) => block.trim().split('\n'));
  const wrong = lines
    .flatMap((line) => (line.split(' #')[0] ?? '').split('&&'))
    .map((command) => command.trim())
    .filter((command) => {
      const [program, ...args] = command.split(/ +/);
      if (program === 'npm') {
        const [name = '', script = ''] = args;
        return !(name === 'ci' || Object.hasOwn(scripts, name === 'run' ? script : name));
      }
      if (program !== 'node' || args[0] !== 'out/cli/replug.js') return true;
      try {
        parseArguments(args.slice(1));
        return false;
      } catch {
        return true;
      }
    });
  const [, listed = ''] = /`replug --help` lists all commands: ([^.]*)\./.exec(text) ?? [];
  const names = [...listed.matchAll(/`(\w+)`/g)].map(([, name = '']) => name);
  const missing = COMMAND_NAMES.filter((name) => !names.includes(name)).map((name) => `${name} is not listed`);
  const unknown = names.filter((name) => !isCommandName(name)).map((name) => `${name} is no command`);
  return [...wrong, ...missing, ...unknown];
}

test('the README’s commands are there, and its list of them is whole', () => {
  assert.deepEqual(wrongCommands(readme), []);
  assert.match(readme, /^npm ci && npm start/m);
  const broken = readme
    .replace('npm ci && npm start', 'npm ci && npm begin')
    .replace('replug.js push', 'replug.js copy')
    .replace('`mount`, ', '')
    .replace('`queue`', '`list`');
  assert.deepEqual(wrongCommands(broken), [
    'npm begin',
    'node out/cli/replug.js copy Photos /DCIM',
    'queue is not listed',
    'mount is not listed',
    'list is no command',
  ]);
});

test('the README’s moving picture: light and dark, at most 2 MB, with words for those who do not see it', () => {
  for (const theme of ['light', 'dark']) {
    const bytes = fs.readFileSync(path.join(ROOT, `docs/images/resume-${theme}.webp`));
    assert.ok(bytes.length <= 2_000_000, `${bytes.length} bytes`);
    const { width, height, durations } = readAnimatedWebp(bytes);
    assert.deepEqual([width, height], [960, 600]);
    assert.ok(durations.length > 10, 'it moves');
    const whole = durations.reduce((sum, one) => sum + one, 0);
    assert.ok(whole > 5000 && whole < 30_000, `${whole} ms of film`);
    assert.ok(readme.includes(`docs/images/resume-${theme}.webp`));
  }
  assert.match(readme, /<img src="docs\/images\/resume-light\.webp" alt="[^"]{40,}"/);
  assert.match(readme, /prefers-reduced-motion/);
});

test('the site is made: every page, with a search over them', () => {
  const site = path.join(into, 'site');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/run.js', 'docs'], {
    cwd: ROOT,
    encoding: 'utf8',
    env: { ...process.env, REPLUG_DOCS_INTO: site, REPLUG_DOCS_BASE: '/replug/' },
  });
  assert.equal(status, 0, stdout + stderr);
  for (const page of pagesIn('docs')) {
    const html = fs.readFileSync(path.join(site, `${path.basename(page, '.md')}.html`), 'utf8');
    assert.match(html, /<html lang="en"/);
    assert.doesNotMatch(html, /(?:src|href)="\/(?!replug\/)/, 'everything is below the base');
  }
  const index = fs.readdirSync(path.join(site, 'assets/chunks')).find((name) => name.includes('localSearchIndex'));
  assert.match(fs.readFileSync(path.join(site, 'assets/chunks', index ?? ''), 'utf8'), /The phone only charges/);
});
