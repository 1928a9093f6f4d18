import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Configuration } from 'electron-builder';
import { METAINFO, metainfo } from '../channels/appstream.ts';
import { DESCRIPTION } from '../channels/description.ts';
import type { TERMINAL_FILES } from '../terminal/index.ts';
import { readConfiguration, ROOT } from './configuration.ts';

/** What deb and rpm install outside the app's own folder, as pairs of the package maker: `SOURCE=/PLACE`. */

/** Packages that install into the system's folders. */
export const INSTALLERS = ['deb', 'rpm'] as const;
/** One of them. */
export type Installer = (typeof INSTALLERS)[number];

/** Debian keeps the functions for zsh that come with packages in a folder of its own. */
const ZSH_FOLDER: Readonly<Record<Installer, string>> = { deb: 'vendor-completions', rpm: 'site-functions' };

/** Where the files of `out/terminal` go: the manual, and the completions of three shells. */
const terminalPlaces = (kind: Installer): Readonly<Record<keyof typeof TERMINAL_FILES, string>> => ({
  'replug.1': '/usr/share/man/man1/replug.1.gz',
  'replug.bash': '/usr/share/bash-completion/completions/replug',
  _replug: `/usr/share/zsh/${ZSH_FOLDER[kind]}/_replug`,
  'replug.fish': '/usr/share/fish/vendor_completions.d/replug.fish',
});

/** Their pairs. The manual is compressed, as both systems have theirs; the same text makes the same bytes. */
function terminalPairs(kind: Installer): readonly string[] {
  return Object.entries(terminalPlaces(kind)).map(([name, place]) => {
    const built = `out/terminal/${name}`;
    if (!place.endsWith('.gz')) return `${built}=${place}`;
    const text = fs.readFileSync(path.join(ROOT, built));
    return `${kept(path.basename(place), gzipSync(text, { level: 9 }))}=${place}`;
  });
}

/** Writes what software centers are told about the installed package; returns its pair. */
function metainfoPair(homepage: string, date: string): string {
  const { version } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const text = metainfo({ version, date, repository: homepage }, `${DESCRIPTION.command}.desktop`);
  return `${kept(path.basename(METAINFO), text)}=/usr/${METAINFO}`;
}

/** Writes a file that is packed; returns its path from the project's folder. Several processes may do so at once. */
function kept(name: string, content: string | Buffer): string {
  const file = `.cache/${name}`;
  const fresh = path.join(ROOT, `${file}.${process.pid}`);
  fs.mkdirSync(path.dirname(fresh), { recursive: true });
  fs.writeFileSync(fresh, content);
  fs.renameSync(fresh, path.join(ROOT, file));
  return file;
}

/** The configuration with all pairs of deb and rpm; `homepage` and `date` (YYYY-MM-DD) are those of the release. */
export function withInstalledFiles(configuration: Configuration, homepage: string, date: string): Configuration {
  const told = metainfoPair(homepage, date);
  const pairs = (kind: Installer): string[] => [...(configuration[kind]?.fpm ?? []), told, ...terminalPairs(kind)];
  return {
    ...configuration,
    deb: { ...configuration.deb, fpm: pairs('deb') },
    rpm: { ...configuration.rpm, fpm: pairs('rpm') },
  };
}

/** What lists a package's files: a program and its arguments. */
export const listingOf = (kind: Installer, file: string): readonly [program: string, args: readonly string[]] =>
  kind === 'deb' ? ['dpkg-deb', ['--contents', file]] : ['rpm', ['--query', '--list', '--package', file]];

/** Which of the files that a package has to install are not in its listing. */
export function notInstalled(kind: Installer, listing: string): readonly string[] {
  const places = [
    ...(readConfiguration()[kind]?.fpm ?? []).map((pair) => pair.split('=')[1] ?? ''),
    ...Object.values(terminalPlaces(kind)),
    `/usr/${METAINFO}`,
    `/usr/share/applications/${DESCRIPTION.command}.desktop`,
    `/opt/${DESCRIPTION.name}/${DESCRIPTION.command}`,
  ];
  const lines = listing.split('\n').map((line) => line.trimEnd());
  // dpkg-deb puts rights, owner, size and date before, and a dot
  return places.filter((place) => !lines.some((line) => line === place || line.endsWith(` .${place}`)));
}
