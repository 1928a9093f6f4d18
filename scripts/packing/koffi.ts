import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './configuration.ts';
import { foreignPackage, lockedPackage } from './registry.ts';
import type { Arch } from './targets.ts';

/**
 * Puts koffi's binary for Windows where electron-builder.yml takes it from. koffi has a package of its own for each system,
 * and npm installs that of this computer alone; an installer for ARM is made on x64 as well.
 */
export async function bringKoffi(arch: Arch): Promise<void> {
  const name = `koffi-win32-${arch}`;
  const folder = path.join(ROOT, '.cache/koffi', name);
  const from = await foreignPackage(lockedPackage(`@koromix/${name}`));
  fs.rmSync(folder, { recursive: true, force: true });
  fs.cpSync(from, folder, { recursive: true });
}
