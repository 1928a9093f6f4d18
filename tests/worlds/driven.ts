import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { startDrive, type DriveServer } from '../../electron/dav/index.ts';
import { ask, type DavAnswer, type DavAsk } from '../support/dav-client.ts';
import { begin, type World } from './world.ts';

/** Way of the phone's storage below the drive. */
export const STORAGE = 'World%20phone/Internal%20shared%20storage/';

/** A world whose phone is a drive. */
export interface Driven {
  readonly world: World;
  readonly drive: DriveServer;
  /** Asks for something on the storage. */
  readonly call: (method: string, target: string, how?: DavAsk) => Promise<DavAnswer>;
  /** The value of `Destination` for a place on the storage. */
  readonly to: (target: string) => string;
  /** Where a file of the phone lies on the disk of this test. */
  readonly on: (path: string) => string;
}

/** Starts a world with a drive; `furnish` puts files on the phone before it is plugged in. Both end with the test. */
export async function driven(
  t: TestContext,
  options: ConstructorParameters<typeof World>[0],
  furnish: (world: World) => void,
): Promise<Driven> {
  const world = begin(t, options);
  furnish(world);
  await world.start();
  const drive = await startDrive({ engine: world.engine });
  t.after(() => drive.close());
  return {
    world,
    drive,
    call: (method, target, how) => ask(drive.url + STORAGE, method, target, how),
    to: (target) => new URL(drive.url).pathname + STORAGE + target,
    on: (path) => join(world.phoneFolder, path),
  };
}
