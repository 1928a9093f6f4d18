import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { complaintsAbout } from '../packing/appimage-runtime.ts';
import { INSTALLERS, listingOf, notInstalled, type Installer } from '../packing/installed.ts';
import type { System } from '../packing/targets.ts';

/** Runs a program of the system; `code` is -1 if it cannot be started. */
export type RunProgram = (
  program: string,
  args: readonly string[],
) => { readonly code: number; readonly output: string };

export const runProgram: RunProgram = (program, args) => {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: 120_000 });
  return { code: status ?? -1, output: `${stdout ?? ''}${stderr ?? ''}`.trim() };
};

/** What is wrong with the packages of one system, which lie in `folder` as electron-builder left them. */
export interface Looked {
  /** What keeps a package from starting, signed or not, and what it does not install. */
  readonly broken: readonly string[];
  /** What is not signed as it should be, with what the system's tool says. Empty on Linux, which asks for none. */
  readonly unsigned: readonly string[];
}

export function lookAtPackages(system: System, folder: string, run: RunProgram): Looked {
  switch (system) {
    case 'mac':
      return { broken: absent(folder, ['.dmg', '.zip']), unsigned: appsIn(folder).flatMap((app) => onMac(app, run)) };
    case 'win':
      return {
        broken: absent(folder, ['.exe']),
        unsigned: named(folder, '.exe').flatMap((file) => onWindows(file, run)),
      };
    case 'linux':
      return {
        broken: [
          ...absent(folder, ['.AppImage', '.deb', '.rpm']),
          ...named(folder, '.AppImage').flatMap((file) =>
            complaintsAbout(file, file.includes('arm64') ? 'arm64' : 'x64'),
          ),
          ...INSTALLERS.flatMap((kind) => named(folder, `.${kind}`).flatMap((file) => lacking(kind, file, run))),
        ],
        unsigned: [],
      };
  }
}

const named = (folder: string, ending: string): readonly string[] =>
  fs
    .readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .map((name) => path.join(folder, name));

/** What a deb or rpm does not install although it should. */
export function lacking(kind: Installer, file: string, run: RunProgram): readonly string[] {
  const { code, output } = run(...listingOf(kind, file));
  if (code !== 0) return [`${file}: its files cannot be listed (${output})`];
  return notInstalled(kind, output).map((place) => `${file}: ${place} is not in it`);
}

/** Each kind comes once for each processor. */
function absent(folder: string, endings: readonly string[]): readonly string[] {
  return endings
    .map((ending) => ({ ending, count: named(folder, ending).length }))
    .filter(({ count }) => count !== 2)
    .map(({ ending, count }) => `${count} packages of kind ${ending} in ${folder}, not one for each processor`);
}

/** The apps that the dmg and zip were made from: `mac/Replug.app`, `mac-arm64/Replug.app`. */
function appsIn(folder: string): readonly string[] {
  const apps = fs
    .readdirSync(folder)
    .filter((name) => /^mac(?:-|$)/.test(name))
    .map((name) => path.join(folder, name, 'Replug.app'))
    .filter((app) => fs.existsSync(app));
  if (apps.length === 0) throw new Error(`There is no app in ${folder}/mac*: its signature cannot be looked at.`);
  return apps;
}

/** Signed by a Developer ID, let through by Gatekeeper, and with the notarisation's ticket in the app. */
function onMac(app: string, run: RunProgram): readonly string[] {
  const problems: string[] = [];
  const ask = (what: string, program: string, args: readonly string[]): string => {
    const { code, output } = run(program, args);
    if (code !== 0) problems.push(`${app}: ${what} (${output})`);
    return output;
  };
  ask('its signature does not hold', 'codesign', ['--verify', '--deep', '--strict', app]);
  const details = ask('it has no signature', 'codesign', ['--display', '--verbose=2', app]);
  if (!/^Authority=Developer ID Application: /m.test(details)) problems.push(`${app}: not signed by a Developer ID`);
  ask('Gatekeeper refuses it', 'spctl', ['--assess', '--type', 'execute', app]);
  ask('it is not notarised', 'xcrun', ['stapler', 'validate', app]);
  return problems;
}

function onWindows(file: string, run: RunProgram): readonly string[] {
  const command = `(Get-AuthenticodeSignature -LiteralPath '${file.replaceAll("'", "''")}').Status`;
  const { code, output } = run('powershell', ['-NoProfile', '-NonInteractive', '-Command', command]);
  return code === 0 && output === 'Valid' ? [] : [`${file}: its signature is ${output === '' ? 'unknown' : output}`];
}
