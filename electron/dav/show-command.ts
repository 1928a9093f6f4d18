import { spawn } from 'node:child_process';
import type { HostCommands } from '../engine/bridge-host.ts';
import type { ShownDrive } from './shown-drive.ts';

/** Shows a location in the system's file manager. Rejects where there is none. */
export type OpenLocation = (location: string) => Promise<void>;

/** The command `showDrive` of a window: what could be mounted is opened, and the address told otherwise. */
export const showDriveCommand =
  (drive: ShownDrive, open: OpenLocation = openWithSystem): HostCommands['showDrive'] =>
  async ({ device }) => {
    const { url, location } = await drive.show(device);
    if (location === undefined) return { url, mounted: false };
    const opened = await open(location).then(
      () => true,
      () => false,
    );
    return { url, mounted: opened };
  };

/** Whether a window offers it: Microsoft's client ends at 4 GB. */
export const offersDrive = (platform: NodeJS.Platform = process.platform): boolean => platform !== 'win32';

function openWithSystem(location: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.platform === 'darwin' ? 'open' : 'xdg-open', [location], {
      stdio: 'ignore',
      detached: true,
    });
    child.once('error', reject);
    child.once('spawn', () => {
      child.unref();
      resolve();
    });
  });
}
