/**
 * What the manifests of winget, Scoop and Flatpak may contain, as JSON schemas of the part that Replug uses: names and
 * limits are those of the published formats (winget-cli's manifest 1.10, Scoop's manifest, flatpak-builder's manifest).
 * No other property is accepted, so that a misspelt one is found.
 */
const https = { type: 'string', pattern: '^https://[^\\s]+$', maxLength: 2048 };
const text = (maxLength: number, minLength = 1): object => ({ type: 'string', minLength, maxLength });
const sha256 = { type: 'string', pattern: '^[0-9a-f]{64}$' };

const exactly = (properties: Readonly<Record<string, unknown>>, optional: readonly string[] = []): object => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties).filter((name) => !optional.includes(name)),
  properties,
});

const wingetHead = (type: string): Readonly<Record<string, unknown>> => ({
  PackageIdentifier: { type: 'string', pattern: '^[^.\\s\\\\/:*?"<>|]{1,32}(\\.[^.\\s\\\\/:*?"<>|]{1,32}){1,7}$' },
  PackageVersion: { type: 'string', pattern: '^[^\\\\/:*?"<>|\\x01-\\x1f]+$', maxLength: 128 },
  ManifestType: { const: type },
  ManifestVersion: { const: '1.10.0' },
});

const language = { type: 'string', pattern: '^[a-z]{2,3}(-[A-Z]{2})?$' };

export const WINGET = {
  version: exactly({ ...wingetHead('version'), DefaultLocale: language }),
  installer: exactly({
    ...wingetHead('installer'),
    InstallerType: { enum: ['nullsoft', 'msi', 'exe', 'inno', 'wix', 'burn', 'zip', 'portable', 'msix'] },
    Scope: { enum: ['user', 'machine'] },
    InstallModes: {
      type: 'array',
      uniqueItems: true,
      items: { enum: ['interactive', 'silent', 'silentWithProgress'] },
    },
    UpgradeBehavior: { enum: ['install', 'uninstallPrevious', 'deny'] },
    ReleaseDate: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d$' },
    ProductCode: text(255),
    Installers: {
      type: 'array',
      minItems: 1,
      items: exactly({
        Architecture: { enum: ['x86', 'x64', 'arm', 'arm64', 'neutral'] },
        InstallerUrl: https,
        InstallerSha256: { type: 'string', pattern: '^[0-9A-F]{64}$' },
      }),
    },
  }),
  defaultLocale: exactly({
    ...wingetHead('defaultLocale'),
    PackageLocale: language,
    Publisher: text(256, 2),
    PublisherUrl: https,
    PublisherSupportUrl: https,
    PackageName: text(256, 2),
    PackageUrl: https,
    License: text(512, 3),
    LicenseUrl: https,
    ShortDescription: text(256, 3),
    Description: text(10_000, 3),
    Moniker: text(40),
    Tags: { type: 'array', maxItems: 16, uniqueItems: true, items: text(40) },
    ReleaseNotesUrl: https,
  }),
} as const;

const scoopInstaller = exactly({
  url: { type: 'string', pattern: '^https://\\S+\\.exe#/dl\\.7z$' },
  hash: sha256,
  pre_install: { type: 'array', items: text(500) },
});
const scoopLater = exactly({ url: { type: 'string', pattern: '^https://\\S*\\$version\\S*\\.exe#/dl\\.7z$' } });

export const SCOOP = exactly({
  version: { type: 'string', pattern: '^[\\w.+-]+$' },
  description: text(200),
  homepage: https,
  license: { type: 'string', pattern: '^[A-Za-z0-9.+-]+$' },
  architecture: exactly({ '64bit': scoopInstaller, arm64: scoopInstaller }),
  shortcuts: {
    type: 'array',
    minItems: 1,
    items: { type: 'array', minItems: 2, maxItems: 4, items: { type: 'string' } },
  },
  checkver: exactly({ github: https }),
  autoupdate: exactly({ architecture: exactly({ '64bit': scoopLater, arm64: scoopLater }) }),
});

const flatpakFile = { type: 'string', pattern: '^[^/\\s]+$' };

export const FLATPAK = exactly({
  // flatpak itself takes more; Flathub refuses an id that ends in .desktop
  id: { type: 'string', pattern: '^[A-Za-z_][\\w-]*(\\.[A-Za-z_][\\w-]*){2,}$', not: { pattern: '\\.desktop$' } },
  runtime: { type: 'string', pattern: '^org\\.freedesktop\\.Platform$' },
  'runtime-version': { type: 'string', pattern: '^\\d\\d\\.08$' },
  sdk: { type: 'string', pattern: '^org\\.freedesktop\\.Sdk$' },
  base: { type: 'string' },
  'base-version': { type: 'string', pattern: '^\\d\\d\\.08$' },
  command: { type: 'string', pattern: '^[\\w.-]+$' },
  'finish-args': {
    type: 'array',
    uniqueItems: true,
    contains: { const: '--device=all' },
    items: {
      type: 'string',
      pattern:
        '^--(device=(all|dri)|filesystem=(home|/[\\w/]+)(:ro)?|share=(ipc|network)|socket=(wayland|fallback-x11|x11)|(talk|own)-name=[\\w.-]+)$',
    },
  },
  modules: {
    type: 'array',
    minItems: 1,
    items: exactly({
      name: { type: 'string' },
      buildsystem: { enum: ['simple', 'autotools', 'cmake', 'cmake-ninja', 'meson', 'qmake'] },
      'build-commands': { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
      sources: {
        type: 'array',
        minItems: 1,
        items: {
          oneOf: [
            exactly({
              type: { const: 'file' },
              url: https,
              sha256,
              'dest-filename': flatpakFile,
              'only-arches': { type: 'array', minItems: 1, items: { enum: ['x86_64', 'aarch64'] } },
            }),
            exactly({ type: { const: 'file' }, path: flatpakFile }),
            exactly({
              type: { const: 'script' },
              'dest-filename': flatpakFile,
              commands: { type: 'array', items: { type: 'string' } },
            }),
          ],
        },
      },
    }),
  },
});
