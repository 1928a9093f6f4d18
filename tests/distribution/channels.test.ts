import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { run as channels } from '../../scripts/channels.ts';
import { DESCRIPTION } from '../../scripts/channels/description.ts';
import { CHANNELS, writeChannels } from '../../scripts/channels/index.ts';
import { uninstallKey } from '../../scripts/channels/nsis.ts';
import { digestsIn, fileNameOf, releaseOf, SAMPLE, type Kind } from '../../scripts/channels/release.ts';
import { ROOT } from '../../scripts/packing/configuration.ts';

const into = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-channels-'));
after(() => fs.rmSync(into, { recursive: true, force: true }));

/** Not on this machine: in CI a failure, elsewhere said aloud. */
const absent = (packages: readonly string[]): string | undefined =>
  packages.length === 0 || process.env['CI'] === 'true'
    ? undefined
    : `NOT RUN: ${packages.join(', ')} missing; remedy: apt-get install ${packages.join(' ')}`;

interface Break {
  readonly what: string;
  readonly file: string;
  readonly change: (text: string) => string;
  /** What the channel's validator says. */
  readonly says: RegExp;
}

const changed = (from: string | RegExp, to: string) => (text: string) => text.replace(from, to);
const { id } = DESCRIPTION;
const WINGET = 'manifests/r/Replug/Replug/1.2.3/Replug.Replug';

const BREAKS: Readonly<Record<string, readonly Break[]>> = {
  appstream: [
    {
      what: 'no summary',
      file: `share/metainfo/${id}.metainfo.xml`,
      change: changed(/<summary>.*<\/summary>/, ''),
      says: /summary/,
    },
    {
      what: 'a plain http address',
      file: `share/metainfo/${id}.metainfo.xml`,
      change: changed(/<image>https/, '<image>http'),
      says: /secure/,
    },
    {
      what: 'markup that is not closed',
      file: `share/metainfo/${id}.metainfo.xml`,
      change: changed('</description>', ''),
      says: /xml|markup|mismatch/i,
    },
    {
      what: 'a menu entry in no category that exists',
      file: 'share/applications/replug.desktop',
      change: changed('FileTools', 'Filetools'),
      says: /Filetools/,
    },
    {
      what: 'a menu entry with an argument that does not exist',
      file: 'share/applications/replug.desktop',
      change: changed('%F', '%X'),
      says: /%X|Exec/,
    },
  ],
  flatpak: [
    {
      what: 'no access to the phone',
      file: `${id}.json`,
      change: changed('--device=all', '--device=dri'),
      says: /finish-args/,
    },
    { what: 'a misspelt key', file: `${id}.json`, change: changed('"sdk"', '"sdc"'), says: /sdc/ },
    {
      what: 'an id that ends in .desktop',
      file: `${id}.json`,
      change: changed(`"id": "${id}"`, '"id": "app.replug.desktop"'),
      says: /\/id/,
    },
    {
      what: 'the digest of another file',
      file: `${id}.json`,
      change: changed(/"sha256": "\w/, '"sha256": "g'),
      says: /sha256|digest/,
    },
  ],
  homebrew: [
    { what: 'no end', file: 'Casks/replug.rb', change: changed(/end\n$/, ''), says: /syntax error/ },
    {
      what: 'a stanza that does not exist',
      file: 'Casks/replug.rb',
      change: changed('  desc ', '  describe '),
      says: /describe/,
    },
    {
      what: 'stanzas out of order',
      file: 'Casks/replug.rb',
      change: (text) => text.replace(/^ +app .*\n/m, '').replace('  name "', '  app "Replug.app"\n  name "'),
      says: /out of order/,
    },
    {
      what: 'a package of another version',
      file: 'Casks/replug.rb',
      change: changed('version "1.2.3"', 'version "1.2.4"'),
      says: /1\.2\.4/,
    },
  ],
  winget: [
    {
      what: 'a digest in lower case',
      file: `${WINGET}.installer.yaml`,
      change: (text) =>
        text.replace(/InstallerSha256: \w+/, (found) => found.toLowerCase().replace('installersha', 'InstallerSha')),
      says: /InstallerSha256/,
    },
    { what: 'no licence', file: `${WINGET}.locale.en-US.yaml`, change: changed(/License: MIT\n/, ''), says: /License/ },
    {
      what: 'another version in one of the files',
      file: `${WINGET}.yaml`,
      change: changed('PackageVersion: 1.2.3', 'PackageVersion: 1.2.4'),
      says: /not all about/,
    },
    {
      what: 'no default language',
      file: `${WINGET}.yaml`,
      change: changed(/DefaultLocale: .*\n/, ''),
      says: /DefaultLocale/,
    },
    { what: 'broken YAML', file: `${WINGET}.yaml`, change: (text) => `${text}\n  - [`, says: /yaml/ },
  ],
  scoop: [
    { what: 'no digest', file: 'bucket/replug.json', change: changed(/"hash": "\w+",/, ''), says: /hash/ },
    { what: 'a trailing comma', file: 'bucket/replug.json', change: changed(/\n\}\n$/, ',}'), says: /JSON/ },
    {
      what: 'the same package for both processors',
      file: 'bucket/replug.json',
      change: (text) => text.replaceAll('win-arm64', 'win-x64'),
      says: /digest|named twice/,
    },
  ],
  aur: [
    {
      what: 'a quote that is not closed',
      file: 'PKGBUILD',
      change: changed('pkgrel=1', "pkgrel='1"),
      says: /unexpected EOF|syntax/,
    },
    {
      what: 'a version with a hyphen',
      file: 'PKGBUILD',
      change: changed('pkgver=1.2.3', 'pkgver=1.2-3'),
      says: /pkgver/,
    },
    {
      what: 'another description than .SRCINFO',
      file: '.SRCINFO',
      change: changed('pkgdesc = Move', 'pkgdesc = Moves'),
      says: /SRCINFO/,
    },
    {
      what: 'files outside the package',
      file: 'PKGBUILD',
      change: changed('install -dm755 "${pkgdir}/usr/bin"', 'install -dm755 /usr/bin'),
      says: /outside/,
    },
    {
      what: 'no text of the licence',
      file: 'PKGBUILD',
      change: changed(/^ +install -Dm644 .*LICENSE"\n/m, ''),
      says: /licence/,
    },
  ],
  nix: [
    { what: 'a brace too many', file: 'package.nix', change: changed(/\}\n$/, '}}\n'), says: /syntax error/ },
    {
      what: 'a name that nobody defined',
      file: 'package.nix',
      change: changed('inherit pname version src;\n\n', 'inherit pname version source;\n\n'),
      says: /source/,
    },
    { what: 'another digest', file: 'package.nix', change: changed(/sha256-\w{4}/, 'sha256-AAAA'), says: /digest/ },
    {
      what: 'no package for ARM',
      file: 'package.nix',
      change: changed('aarch64-linux =', 'riscv64-linux ='),
      says: /no package for aarch64/,
    },
  ],
};

for (const { name, files, check } of CHANNELS) {
  const folder = path.join(into, name);

  test(`${name}: what is made from the description is in order`, (t) => {
    writeChannels(SAMPLE, into);
    const { problems, missing } = check(folder, SAMPLE);
    const why = absent(missing);
    if (why !== undefined) return t.skip(why);
    assert.deepEqual({ problems, missing }, { problems: [], missing: [] });
  });

  for (const { what, file, change, says } of BREAKS[name] ?? [])
    test(`${name}: ${what} is found`, (t) => {
      writeChannels(SAMPLE, into);
      const good = files(SAMPLE).get(file);
      assert.ok(good !== undefined, file);
      const broken = change(good);
      assert.notEqual(broken, good, 'the break must change something');
      fs.writeFileSync(path.join(folder, file), broken);
      const { problems, missing } = check(folder, SAMPLE);
      const why = absent(missing);
      if (why !== undefined) return t.skip(why);
      assert.match(problems.join('\n'), says);
    });
}

test('every channel is shown to fail', () => {
  assert.deepEqual(Object.keys(BREAKS).sort(), CHANNELS.map(({ name }) => name).sort());
});

test('package.json, which electron-builder and npm read, says what the description says', () => {
  const told = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Record<string, unknown>;
  assert.equal(told['description'], DESCRIPTION.summary);
  assert.equal(told['productName'], DESCRIPTION.name);
  assert.equal(told['license'], DESCRIPTION.license);
  assert.equal(told['author'], DESCRIPTION.developer.name);
});

test('the pictures exist', () => {
  for (const { file } of DESCRIPTION.screenshots) assert.ok(fs.existsSync(path.join(ROOT, 'docs/images', file)), file);
});

test('packages are called what electron-builder calls them', () => {
  const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
  const { Arch, getArtifactArchName } = builder('builder-util') as {
    Arch: Readonly<Record<string, number>>;
    getArtifactArchName: (arch: number | undefined, ext: string) => string;
  };
  const system: Readonly<Record<Kind, string>> = {
    AppImage: 'linux',
    deb: 'linux',
    rpm: 'linux',
    dmg: 'mac',
    exe: 'win',
  };
  for (const kind of Object.keys(system) as Kind[])
    for (const arch of ['x64', 'arm64'] as const)
      assert.equal(
        fileNameOf(kind, arch, '1.2.3'),
        `Replug-1.2.3-${system[kind]}-${getArtifactArchName(Arch[arch], kind)}.${kind}`,
      );
});

test('the key under which the Windows installer registers is electron-builder’s', () => {
  const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
  const { UUID } = builder('builder-util-runtime') as {
    UUID: { parse: (text: string) => Buffer; v5: (name: string, namespace: Buffer) => string };
  };
  const theirs = UUID.v5('app.replug.desktop', UUID.parse('50e065bc-3134-11e6-9bab-38c9862bdaf3'));
  assert.equal(uninstallKey('app.replug.desktop'), theirs);
});

test('a release: digests of the real files, and nothing for one that lacks a package', (t) => {
  const packages = path.join(into, 'packages');
  fs.mkdirSync(packages);
  const args = ['--packages', packages, '--into', path.join(into, 'made'), '--date', '2026-01-31'];
  const rest = ['--version', 'v2.0.0-beta.1', '--repository', 'https://github.com/someone/replug'];
  assert.throws(() => channels([...args, ...rest]), /is not in/);
  for (const kind of ['AppImage', 'deb', 'dmg', 'exe'] as const)
    for (const arch of ['x64', 'arm64'] as const) {
      const file = fileNameOf(kind, arch, '2.0.0-beta.1');
      fs.writeFileSync(path.join(packages, file), `contents of ${file}`);
    }
  t.mock.method(console, 'log', () => undefined);
  t.mock.method(console, 'error', () => undefined);
  assert.equal(channels([...args, ...rest]), 0);
  const made = JSON.parse(fs.readFileSync(path.join(into, 'made/scoop/bucket/replug.json'), 'utf8')) as {
    architecture: { arm64: { url: string; hash: string } };
  };
  assert.equal(
    made.architecture.arm64.url,
    'https://github.com/someone/replug/releases/download/v2.0.0-beta.1/Replug-2.0.0-beta.1-win-arm64.exe#/dl.7z',
  );
  assert.equal(made.architecture.arm64.hash, digestsIn(packages)('Replug-2.0.0-beta.1-win-arm64.exe'));
  assert.equal(channels(args), 2);
});

test('a release without a usable version, day or address is refused', () => {
  const good = { version: '1.0.0', date: '2026-01-31', repository: 'https://github.com/a/b' };
  for (const wrong of [
    { version: '1.0' },
    { date: 'today' },
    { repository: 'http://github.com/a/b' },
    { repository: 'https://github.com/a/b/' },
  ])
    assert.throws(() => releaseOf({ ...good, ...wrong }, () => ''), Error);
});
