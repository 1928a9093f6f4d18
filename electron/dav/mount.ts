import { spawn } from 'node:child_process';
import { mkdtemp, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fail } from '../../shared/errors.ts';

/** Mounting by the system's own means: GVfs on Linux, WebDAV in macOS. Windows' own client ends at 4 GB. */

/** How long the system may take, milliseconds. */
const LONGEST_MS = 30_000;

/** A drive that the system shows. */
export interface Mounted {
  /** The folder or address that a file manager opens. */
  readonly location: string;
  /** Never rejects. */
  unmount(): Promise<void>;
}

/** Whether this system has means of its own. */
export const canMount = (platform: NodeJS.Platform = process.platform): boolean =>
  platform === 'linux' || platform === 'darwin';

/** Mounts the drive at `url`. Rejects with `unsupported` where the system does not. */
export async function mountDrive(url: string, platform: NodeJS.Platform = process.platform): Promise<Mounted> {
  if (platform === 'linux') return mountByGvfs(url);
  if (platform === 'darwin') return mountByMac(url);
  throw fail('unsupported', 'mount', platform);
}

async function mountByGvfs(url: string): Promise<Mounted> {
  const location = url.replace(/^http:/, 'dav:');
  await run('gio', ['mount', location]);
  return {
    location,
    unmount: () => run('gio', ['mount', '--unmount', '--force', location]).catch(() => undefined),
  };
}

async function mountByMac(url: string): Promise<Mounted> {
  const folder = await mkdtemp(path.join(tmpdir(), 'replug-drive-'));
  await run('mount_webdav', ['-S', '-v', 'Replug', url, folder]).catch(async (error: unknown) => {
    await rmdir(folder).catch(() => undefined);
    throw error;
  });
  return {
    location: folder,
    unmount: async () => {
      await run('umount', [folder]).catch(() => run('umount', ['-f', folder]).catch(() => undefined));
      // an empty folder only: what is still mounted stays
      await rmdir(folder).catch(() => undefined);
    },
  };
}

/** Rejects with `unsupported` where the program is not there, fails or takes too long. */
function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: LONGEST_MS });
    let said = '';
    child.stderr.on('data', (text: Buffer) => (said += text.toString().slice(0, 1000 - said.length)));
    child.on('error', (error) => {
      reject(fail('unsupported', program, error.message));
    });
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(fail('unsupported', program, said.trim() || `it ended with ${String(code)}`));
    });
  });
}
