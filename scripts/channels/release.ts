import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Arch, System } from '../packing/targets.ts';

/** A package of a release. */
export interface Package {
  readonly file: string;
  readonly url: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** Installers that channels refer to; dmg, deb and so on as electron-builder calls its targets. */
export type Kind = 'AppImage' | 'deb' | 'dmg' | 'exe' | 'rpm';

/** One release: what a channel has to know beside the description. */
export interface Release {
  /** Without `v`. */
  readonly version: string;
  /** Day of the release, `YYYY-MM-DD`. */
  readonly date: string;
  /** https address of the repository on a forge with GitHub's paths; without a slash at the end. */
  readonly repository: string;
  readonly package: (kind: Kind, arch: Arch) => Package;
}

const SYSTEM_OF: Readonly<Record<Kind, System>> = {
  AppImage: 'linux',
  deb: 'linux',
  dmg: 'mac',
  exe: 'win',
  rpm: 'linux',
};

/** electron-builder's own words for processors in names of files, where they differ (builder-util, getArtifactArchName). */
const ARCH_IN_NAMES: Readonly<Partial<Record<Kind, Readonly<Record<Arch, string>>>>> = {
  AppImage: { x64: 'x86_64', arm64: 'arm64' },
  deb: { x64: 'amd64', arm64: 'arm64' },
  rpm: { x64: 'x86_64', arm64: 'aarch64' },
};

/** The name of a package's file, by electron-builder.yml's `artifactName`. */
export function fileNameOf(kind: Kind, arch: Arch, version: string): string {
  return `Replug-${version}-${SYSTEM_OF[kind]}-${ARCH_IN_NAMES[kind]?.[arch] ?? arch}.${kind}`;
}

/** Throws an `Error` that says which of the three is not usable. */
export function releaseOf(
  { version, date, repository }: Pick<Release, 'version' | 'date' | 'repository'>,
  digestOf: (file: string) => string,
): Release {
  if (!/^\d+\.\d+\.\d+(?:-[0-9A-Za-z.]+)?$/.test(version)) throw new Error(`"${version}" is not a version.`);
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) throw new Error(`"${date}" is not a day like 2026-11-27.`);
  if (!/^https:\/\/[^/\s]+\/[\w.-]+\/[\w.-]+$/.test(repository))
    throw new Error(`The repository must be an address like https://github.com/OWNER/NAME, not "${repository}".`);
  return {
    version,
    date,
    repository,
    package: (kind, arch) => {
      const file = fileNameOf(kind, arch, version);
      return { file, url: `${repository}/releases/download/v${version}/${file}`, sha256: digestOf(file) };
    },
  };
}

/** SHA-256 of files in a folder; throws if one is missing. */
export function digestsIn(folder: string): (file: string) => string {
  return (file) => {
    const full = path.join(folder, file);
    if (!fs.existsSync(full)) throw new Error(`${file} is not in ${folder}: every package of a release must be there.`);
    return createHash('sha256').update(fs.readFileSync(full)).digest('hex');
  };
}

/** A release to look at the channels with: the digests are those of the names. */
export const SAMPLE = releaseOf(
  { version: '1.2.3', date: '2026-01-31', repository: 'https://github.com/replug-example/replug' },
  (file) => createHash('sha256').update(file).digest('hex'),
);
