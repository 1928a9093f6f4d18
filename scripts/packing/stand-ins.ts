import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { Arch, System } from './targets.ts';

/**
 * Creates a folder with the files that electron-builder takes from Electron's runtime, all empty: enough to pack the
 * real app. The binaries contain what packing changes in them, so that it can be read back: the fuses, and on Windows
 * the resources.
 */
export function makeStandIns(folder: string, system: System, arch: Arch): string {
  fs.mkdirSync(folder, { recursive: true });
  const put = (name: string, content: string | Buffer = `stand-in for ${name}\n`, mode = 0o644): void => {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content, { mode });
  };
  put('version', '0.0.0-stand-in');
  put('LICENSE');
  put('LICENSES.chromium.html');
  switch (system) {
    case 'linux':
      put('electron', withFuses(Buffer.from('stand-in')), 0o755);
      put('chrome-sandbox', undefined, 0o755);
      put('chrome_crashpad_handler', undefined, 0o755);
      put('resources.pak');
      for (const language of ['en-US', 'de', 'fr']) put(`locales/${language}.pak`);
      break;
    case 'win':
      put('electron.exe', withFuses(windowsProgram(arch)));
      put('resources.pak');
      for (const language of ['en-US', 'de', 'fr']) put(`locales/${language}.pak`);
      break;
    case 'mac':
      putMac(put);
      break;
  }
  return folder;
}

/**
 * The marker that @electron/fuses looks for, the version of the list, its length, and each fuse as Electron ships it.
 */
const withFuses = (program: Buffer): Buffer =>
  Buffer.concat([
    program,
    Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX', 'latin1'),
    Buffer.from([1, 9]),
    Buffer.from('101100011', 'latin1'),
  ]);

/** The smallest file that Windows tools accept as a program, with the version resource of electron.exe. */
function windowsProgram(arch: Arch): Buffer {
  // electron-builder includes the library with which it changes programs
  const builder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
  const library = createRequire(builder.resolve('app-builder-lib/package.json'));
  const { NtExecutable, NtExecutableResource, Resource } = library('resedit') as {
    NtExecutable: { createEmpty(is32: boolean, isLibrary: boolean): { generate(): ArrayBuffer } };
    NtExecutableResource: { from(program: unknown): { entries: unknown[]; outputResource(program: unknown): void } };
    Resource: {
      VersionInfo: {
        createEmpty(): {
          lang: number;
          setFileVersion(version: string): void;
          setStringValues(language: { lang: number; codepage: number }, values: Record<string, string>): void;
          outputToResourceEntries(entries: unknown[]): void;
        };
      };
    };
  };
  const program = NtExecutable.createEmpty(false, false);
  const resources = NtExecutableResource.from(program);
  const version = Resource.VersionInfo.createEmpty();
  version.lang = 1033;
  version.setFileVersion('1.0.0.0');
  version.setStringValues(
    { lang: 1033, codepage: 1200 },
    { ProductName: 'Electron', OriginalFilename: `electron ${arch}` },
  );
  version.outputToResourceEntries(resources.entries);
  resources.outputResource(program);
  return Buffer.from(program.generate());
}

const HELPERS = ['', ' (GPU)', ' (Plugin)', ' (Renderer)'];

function putMac(put: (name: string, content?: string | Buffer, mode?: number) => void): void {
  const properties = (name: string): string =>
    [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<plist version="1.0"><dict>',
      `<key>CFBundleExecutable</key><string>${name}</string>`,
      `<key>CFBundleName</key><string>${name}</string>`,
      '<key>CFBundleIdentifier</key><string>com.github.Electron</string>',
      '<key>CFBundlePackageType</key><string>APPL</string>',
      '</dict></plist>\n',
    ].join('\n');
  const contents = 'Electron.app/Contents';
  put(`${contents}/Info.plist`, properties('Electron'));
  put(`${contents}/MacOS/Electron`, undefined, 0o755);
  put(`${contents}/Resources/electron.icns`);
  for (const language of ['en', 'de']) put(`${contents}/Resources/${language}.lproj/locale.pak`);
  const framework = `${contents}/Frameworks/Electron Framework.framework`;
  put(`${framework}/Electron Framework`, withFuses(Buffer.from('stand-in')), 0o755);
  for (const language of ['en', 'de']) put(`${framework}/Versions/A/Resources/${language}.lproj/locale.pak`);
  for (const helper of HELPERS) {
    const name = `Electron Helper${helper}`;
    put(`${contents}/Frameworks/${name}.app/Contents/Info.plist`, properties(name));
    put(`${contents}/Frameworks/${name}.app/Contents/MacOS/${name}`, undefined, 0o755);
  }
}
