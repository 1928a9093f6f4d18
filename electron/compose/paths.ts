import os from 'node:os';
import path from 'node:path';

/** What determines the data folder, passed in so that each system can be tested on any other. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

const here = (): Surroundings => ({ platform: process.platform, env: process.env, home: os.homedir() });

/** The folder where programs keep their data on this system. */
export function dataFolder({ platform, env, home }: Surroundings = here()): string {
  switch (platform) {
    case 'darwin':
      return path.posix.join(home, 'Library', 'Application Support', 'Replug');
    case 'win32':
      return path.win32.join(env['APPDATA'] ?? path.win32.join(home, 'AppData', 'Roaming'), 'Replug');
    default: {
      // the XDG specification says to ignore a relative XDG_DATA_HOME
      const data = env['XDG_DATA_HOME'];
      return path.posix.join(
        data?.startsWith('/') === true ? data : path.posix.join(home, '.local', 'share'),
        'replug',
      );
    }
  }
}

/** Path of the database where `--db` names no other. */
export function defaultDatabase(surroundings: Surroundings = here()): string {
  const system = surroundings.platform === 'win32' ? path.win32 : path.posix;
  return system.join(dataFolder(surroundings), 'replug.db');
}
