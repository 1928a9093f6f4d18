/**
 * The places where people look for a program, and what each wants to be told. All of it is made from one description
 * (`description.ts`) and one release (`release.ts`), when there is a release; nothing made is committed. Begin at
 * `CHANNELS`. `check/` has each channel's validator.
 */
import fs from 'node:fs';
import path from 'node:path';
import { METAINFO, metainfo } from './appstream.ts';
import { aur } from './aur.ts';
import { checkPkgbuild } from './check/arch.ts';
import { checkDesktopEntry, checkMetainfo } from './check/freedesktop.ts';
import { checkCask } from './check/homebrew.ts';
import { checkFlatpak, checkScoop, checkWinget } from './check/manifests.ts';
import { checkNix } from './check/nix.ts';
import { together, type Verdict } from './check/run.ts';
import { DESCRIPTION } from './description.ts';
import { desktopEntry } from './desktop-entry.ts';
import { flatpak } from './flatpak.ts';
import { homebrew } from './homebrew.ts';
import { nix } from './nix.ts';
import type { Release } from './release.ts';
import { scoop } from './scoop.ts';
import { winget, WINGET_ID } from './winget.ts';

export interface Channel {
  /** Also the name of its folder. */
  readonly name: string;
  /** Content by path below that folder. */
  readonly files: (release: Release) => ReadonlyMap<string, string>;
  /** Looks at the files in that folder with the channel's own validator, or by its published format. */
  readonly check: (folder: string, release: Release) => Verdict;
}

const { id, command } = DESCRIPTION;

export const CHANNELS: readonly Channel[] = [
  {
    name: 'appstream',
    files: (release) =>
      new Map([
        [METAINFO, metainfo(release, `${command}.desktop`)],
        [`share/applications/${command}.desktop`, desktopEntry(command)],
      ]),
    check: (folder) =>
      together([
        checkMetainfo(path.join(folder, METAINFO)),
        checkDesktopEntry(path.join(folder, `share/applications/${command}.desktop`)),
      ]),
  },
  { name: 'flatpak', files: flatpak, check: (folder, release) => checkFlatpak(folder, id, release) },
  {
    name: 'homebrew',
    files: homebrew,
    check: (folder, release) => checkCask(path.join(folder, `Casks/${command}.rb`), release),
  },
  {
    name: 'winget',
    files: winget,
    check: (folder, release) =>
      checkWinget(path.join(folder, 'manifests/r/Replug/Replug', release.version), WINGET_ID, release),
  },
  {
    name: 'scoop',
    files: scoop,
    check: (folder, release) => checkScoop(path.join(folder, `bucket/${command}.json`), release),
  },
  { name: 'aur', files: aur, check: checkPkgbuild },
  { name: 'nix', files: nix, check: (folder, release) => checkNix(path.join(folder, 'package.nix'), release) },
];

/** Writes what every channel wants into a folder of its name below `into`. */
export function writeChannels(release: Release, into: string): void {
  for (const { name, files } of CHANNELS)
    for (const [file, content] of files(release)) {
      const full = path.join(into, name, file);
      fs.mkdirSync(path.dirname(full), { recursive: true });
      fs.writeFileSync(full, content);
    }
}

/** Checks what `writeChannels` wrote. */
export function checkChannels(release: Release, into: string): Verdict {
  return together(CHANNELS.map(({ name, check }) => check(path.join(into, name), release)));
}
