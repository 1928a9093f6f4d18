import type { DeviceKey } from '../../shared/domain.ts';
import { problemOf, type Problem } from '../../shared/errors.ts';
import type { Engine } from '../engine/index.ts';
import { canMount, mountDrive, type Mounted } from './mount.ts';
import { startDrive, type DriveServer } from './server.ts';

/** One drive of a running program: started and mounted when it is first asked for, ended with the program. */

/** What somebody who asked for the drive is shown. */
export interface Shown {
  /** Of the phone's folder; whoever knows it can use the phone. */
  readonly url: string;
  /** What a file manager opens where the system has mounted the drive. */
  readonly location: string | undefined;
  /** Why the system has not mounted it, where it has means to. */
  readonly problem: Problem | undefined;
}

/** Everything that `ShownDrive` does to the system, for tests. */
export interface DriveMeans {
  readonly start: typeof startDrive;
  readonly mount: typeof mountDrive;
}

/** The drive, once there is one. */
export class ShownDrive {
  readonly #options: { readonly engine: Engine; readonly port?: number; readonly log?: (line: string) => void };
  readonly #means: DriveMeans;
  #server: Promise<DriveServer> | undefined;
  #running: DriveServer | undefined;
  #mounting: Promise<Mounted | Problem> | undefined;

  constructor(
    options: { readonly engine: Engine; readonly port?: number; readonly log?: (line: string) => void },
    means: DriveMeans = { start: startDrive, mount: mountDrive },
  ) {
    this.#options = options;
    this.#means = means;
  }

  /** Names of files that other programs are writing to a phone now. */
  get writing(): readonly string[] {
    return this.#running?.writing ?? [];
  }

  /** Starts the drive. Rejects with `bad-request` where its port cannot be had. */
  async start(): Promise<DriveServer> {
    this.#server ??= this.#means.start(this.#options);
    try {
      this.#running = await this.#server;
      return this.#running;
    } catch (error) {
      this.#server = undefined;
      throw error;
    }
  }

  /** The drive with one phone's folder, mounted where the system has means of its own. `device`: without it, the whole drive. */
  async show(device?: DeviceKey): Promise<Shown> {
    const server = await this.start();
    const url = device === undefined ? server.url : server.urlOf(device);
    if (!canMount()) return { url, location: undefined, problem: undefined };
    this.#mounting ??= this.#means.mount(server.url).catch((error: unknown) => problemOf(error, 'mount'));
    const mounted = await this.#mounting;
    if (!('unmount' in mounted)) {
      // what was missing may be there the next time
      this.#mounting = undefined;
      return { url, location: undefined, problem: mounted };
    }
    return { url, location: within(mounted.location, server.url, url), problem: undefined };
  }

  /** Unmounts and stops listening. Never rejects. */
  async close(): Promise<void> {
    const mounted = await this.#mounting?.catch(() => undefined);
    if (mounted !== undefined && 'unmount' in mounted) await mounted.unmount();
    await this.#running?.close();
  }
}

/** The same place below where the drive is mounted: an address again, or a folder. */
function within(location: string, all: string, url: string): string {
  const rest = url.slice(all.length);
  return location.includes('://') ? location + rest : `${location}/${decodeURIComponent(rest)}`;
}
