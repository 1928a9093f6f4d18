import fs from 'node:fs';
import path from 'node:path';
import { Arch, build, Platform, type Configuration } from 'electron-builder';
import { readConfiguration, ROOT, writeConfiguration } from './configuration.ts';
import { bringKoffi } from './koffi.ts';
import { makeStandIns } from './stand-ins.ts';
import type { System, Target } from './targets.ts';

const PLATFORMS: Readonly<Record<System, Platform>> = {
  linux: Platform.LINUX,
  mac: Platform.MAC,
  win: Platform.WINDOWS,
};

export interface Packed {
  readonly target: Target;
  /** Folder of the app's archive and the files beside it. */
  readonly resources: string;
  /** The program that contains the fuses, as @electron/fuses expects it. */
  readonly fuses: string;
  readonly folder: string;
}

/**
 * Lays out the files of a system with stand-ins for Electron's runtime: nothing is downloaded, signed or compiled.
 * Uses the real configuration, which electron-builder first validates against its schema.
 */
export async function packWithStandIns(target: Target, into: string, more: Configuration = {}): Promise<Packed> {
  const { system, arch } = target;
  if (system === 'win') await bringKoffi(arch);
  const output = path.join(into, `${system}-${arch}`);
  const electronDist = makeStandIns(path.join(into, `electron-${system}-${arch}`), system, arch);
  // signing and signing tools belong to the real build
  process.env['CSC_IDENTITY_AUTO_DISCOVERY'] = 'false';
  const configuration = readConfiguration();
  await build({
    projectDir: ROOT,
    targets: PLATFORMS[system].createTarget('dir', Arch[arch]),
    publish: 'never',
    config: writeConfiguration(
      {
        ...configuration,
        directories: { ...configuration.directories, output },
        electronDist,
        ...(system === 'mac' ? { mac: { ...configuration.mac, identity: null } } : {}),
        ...more,
      },
      path.join(into, `${system}-${arch}.json`),
    ),
  });
  const [unpacked] = fs.readdirSync(output).filter((name) => fs.statSync(path.join(output, name)).isDirectory());
  const folder = path.join(output, unpacked ?? '');
  switch (system) {
    case 'linux':
      return { target, folder, resources: path.join(folder, 'resources'), fuses: path.join(folder, 'replug') };
    case 'win':
      return { target, folder, resources: path.join(folder, 'resources'), fuses: path.join(folder, 'Replug.exe') };
    case 'mac': {
      const app = path.join(folder, 'Replug.app');
      return { target, folder, resources: path.join(app, 'Contents', 'Resources'), fuses: app };
    }
  }
}
