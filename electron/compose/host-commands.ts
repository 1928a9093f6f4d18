import { once } from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { deviceKey, localPath } from '../../shared/domain.ts';
import { fail, failRequest } from '../../shared/errors.ts';
import type { CopyId } from '../../shared/opening.ts';
import type { HostInfo, LocalEntry } from '../../shared/snapshots.ts';
import type { HostCommands } from '../engine/bridge-host.ts';
import type { OpenableCopy, Verifications } from '../engine/index.ts';
import type { VirtualPhone } from '../virtual/index.ts';
import type { JoinedBus } from './joined-bus.ts';
import type { VirtualPhones } from './virtual-phones.ts';

/** What the host’s commands are made of. */
export interface HostCommandOptions {
  readonly version: string;
  readonly virtual: VirtualPhones;
  readonly bus: Pick<JoinedBus, 'checks' | 'quitProgram'>;
  readonly dataFolder: string;
  /** A copy that may be opened. Rejects with `missing`. */
  readonly copy: (id: CopyId) => OpenableCopy;
  readonly verifications: Pick<Verifications, 'stop'>;
  /** The report of `replug doctor`. */
  readonly diagnostics: () => Promise<string>;
  readonly phoneReport: HostCommands['phoneReport'];
}

/** Most entries shown in *Save to…*. More would not help anyone looking for a folder. */
const MOST_ENTRIES = 20_000;

/**
 * Commands answered the same way in a browser, in Electron and in tests. A host overrides those it can answer better.
 */
export function createHostCommands(
  options: HostCommandOptions,
  host: Partial<HostInfo> & Pick<HostInfo, 'host' | 'drops'>,
  own: (shared: HostCommands) => Partial<HostCommands> = () => ({}),
): HostCommands {
  const phoneOf = async (key: string): Promise<VirtualPhone> => {
    const phone = (await options.virtual.all()).find((one) => deviceKey(one.maker, one.serial) === key);
    if (phone === undefined) throw failRequest('plugVirtual', { id: 'not-virtual' });
    return phone;
  };
  const shared: HostCommands = {
    hostInfo: async () => ({
      version: options.version,
      platform: platformOf(process.platform),
      canReveal: hasDesktop(),
      canTryVirtual: true,
      canPick: false,
      opens: 'tab',
      ...host,
    }),
    listLocal,
    pickLocal: async () => {
      throw fail('unsupported', 'pickLocal', 'this host has no chooser of its own');
    },
    openCopy: async ({ copy }) => {
      await commands.reveal({ path: options.copy(copy).path });
      return { address: undefined, shown: true };
    },
    reveal: async ({ path: file }) => reveal(file),
    showDrive: async () => {
      throw fail('unsupported', 'showDrive', 'this host has no drive');
    },
    startVirtual: async ({ folder }) => {
      const directory = folder ?? localPath(path.join(options.dataFolder, 'virtual-phone'));
      if (!path.isAbsolute(directory)) throw failRequest('startVirtual', { id: 'whole-path' });
      const phone = await options.virtual.inFolder(directory);
      phone.plug();
      return { device: deviceKey(phone.maker, phone.serial), folder: directory };
    },
    plugVirtual: async ({ device, plugged }) => {
      const phone = await phoneOf(device);
      if (plugged) phone.plug();
      // the cable is disconnected at once; the phone's clean-up need not be awaited
      else void phone.unplug();
    },
    stopVerification: async ({ id }) => options.verifications.stop(id),
    phoneReport: options.phoneReport,
    firstChecks: async () => ({ found: await options.bus.checks() }),
    quitProgram: async ({ program }) => ({ told: await options.bus.quitProgram(program) }),
    diagnostics: async () => ({ text: await options.diagnostics() }),
  };
  const commands = { ...shared, ...own(shared) };
  return commands;
}

const listLocal: HostCommands['listLocal'] = async ({ path: wanted, filesToo }) => {
  const folder = path.resolve(wanted ?? os.homedir());
  const found = await fs.readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const kind = code === 'ENOENT' || code === 'ENOTDIR' ? 'local-missing' : 'local-io';
    throw fail(kind, 'list', `${code} ${folder}`, { subject: folder }, error);
  });
  const entries: LocalEntry[] = [];
  for (const one of found.slice(0, MOST_ENTRIES)) {
    const file = path.join(folder, one.name);
    // follows links, since a linked folder is a valid destination too
    const stat = await fs.stat(file).catch(() => undefined);
    if (stat === undefined || !(stat.isDirectory() || (filesToo === true && stat.isFile()))) continue;
    const kind = stat.isDirectory() ? 'folder' : 'file';
    const size = stat.isDirectory() ? 0 : stat.size;
    entries.push({ path: localPath(file), name: one.name, kind, size, modified: stat.mtimeMs });
  }
  entries.sort((one, other) =>
    one.kind === other.kind ? one.name.localeCompare(other.name) : one.kind === 'folder' ? -1 : 1,
  );
  const parent = path.dirname(folder);
  return { path: localPath(folder), parent: parent === folder ? undefined : localPath(parent), entries };
};

/**
 * Shows a file in the system's file manager. On Linux it opens the folder, because there is no common way to select a
 * file.
 */
async function reveal(file: string): Promise<void> {
  await fs.access(file).catch((error: unknown) => {
    throw fail('local-missing', 'reveal', file, { subject: path.basename(file) }, error);
  });
  const [program, args] =
    process.platform === 'darwin'
      ? ['open', ['-R', file]]
      : process.platform === 'win32'
        ? ['explorer.exe', [`/select,${file}`]]
        : ['xdg-open', [path.dirname(file)]];
  const { spawn } = await import('node:child_process');
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  await Promise.race([
    once(child, 'spawn'),
    once(child, 'error').then(([error]) => Promise.reject(error as Error)),
  ]).catch((error: unknown) => {
    throw fail('unsupported', program, error instanceof Error ? error.message : String(error), {}, error);
  });
  child.unref();
}

const hasDesktop = (): boolean =>
  process.platform !== 'linux' || process.env['DISPLAY'] !== undefined || process.env['WAYLAND_DISPLAY'] !== undefined;

function platformOf(platform: NodeJS.Platform): HostInfo['platform'] {
  return platform === 'linux' || platform === 'darwin' || platform === 'win32' ? platform : 'other';
}
