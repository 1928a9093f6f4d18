import { DESCRIPTION } from './description.ts';
import type { Release } from './release.ts';

/** A manifest for a Scoop bucket: the files inside the installer, without running it. */
export function scoop(release: Release): ReadonlyMap<string, string> {
  const { name, command, summary, license } = DESCRIPTION;
  const { repository, version } = release;
  // electron-builder's installers hold the app in an archive of their own, app-64.7z or app-arm64.7z
  const of = (arch: 'x64' | 'arm64', archive: string): object => {
    const { url, sha256 } = release.package('exe', arch);
    return {
      url: `${url}#/dl.7z`,
      hash: sha256,
      pre_install: [
        `Expand-7zipArchive "$dir\\\`$PLUGINSDIR\\${archive}.7z" "$dir"`,
        'Remove-Item "$dir\\`$*", "$dir\\Uninstall*" -Force -Recurse',
      ],
    };
  };
  const later = (arch: 'x64' | 'arm64'): object => ({
    url: `${release.package('exe', arch).url.replaceAll(version, '$version')}#/dl.7z`,
  });
  const manifest = {
    version,
    description: summary,
    homepage: repository,
    license,
    architecture: { '64bit': of('x64', 'app-64'), arm64: of('arm64', 'app-arm64') },
    shortcuts: [[`${name}.exe`, name]],
    checkver: { github: repository },
    autoupdate: { architecture: { '64bit': later('x64'), arm64: later('arm64') } },
  };
  return new Map([[`bucket/${command}.json`, `${JSON.stringify(manifest, undefined, 4)}\n`]]);
}
