import { dump } from '../packing/yaml.ts';
import { readConfiguration } from '../packing/configuration.ts';
import { DESCRIPTION } from './description.ts';
import { uninstallKey } from './nsis.ts';
import type { Release } from './release.ts';

/** Version of winget's manifest format. */
const FORMAT = '1.10.0';
export const WINGET_ID = 'Replug.Replug';

/** The three files of a version in the winget repository. */
export function winget(release: Release): ReadonlyMap<string, string> {
  const { name, developer, license, summary, paragraphs, keywords, command } = DESCRIPTION;
  const { repository, version } = release;
  const file = (type: string, content: object): [string, string] => [
    `manifests/r/Replug/Replug/${version}/${WINGET_ID}${type === 'version' ? '' : `.${type === 'defaultLocale' ? 'locale.en-US' : type}`}.yaml`,
    `# yaml-language-server: $schema=https://aka.ms/winget-manifest.${type}.${FORMAT}.schema.json\n\n${dump({
      PackageIdentifier: WINGET_ID,
      PackageVersion: version,
      ...content,
      ManifestType: type,
      ManifestVersion: FORMAT,
    })}`,
  ];
  return new Map([
    file('version', { DefaultLocale: 'en-US' }),
    file('installer', {
      InstallerType: 'nullsoft',
      Scope: 'user',
      InstallModes: ['interactive', 'silent'],
      UpgradeBehavior: 'install',
      ReleaseDate: release.date,
      ProductCode: uninstallKey(readConfiguration().appId ?? ''),
      Installers: (['x64', 'arm64'] as const).map((arch) => {
        const { url, sha256 } = release.package('exe', arch);
        return { Architecture: arch, InstallerUrl: url, InstallerSha256: sha256.toUpperCase() };
      }),
    }),
    file('defaultLocale', {
      PackageLocale: 'en-US',
      Publisher: developer.name,
      PublisherUrl: repository,
      PublisherSupportUrl: `${repository}/issues`,
      PackageName: name,
      PackageUrl: repository,
      License: license,
      LicenseUrl: `${repository}/blob/v${version}/LICENSE`,
      ShortDescription: summary,
      Description: paragraphs.join('\n\n'),
      Moniker: command,
      Tags: keywords.map((one) => one.toLowerCase()),
      ReleaseNotesUrl: `${repository}/releases/tag/v${version}`,
    }),
  ]);
}
