import { nodeDisk, type Disk } from '../../electron/engine/index.ts';

/** This computer's disk, on which a folder is, with what is below it, on a disk of its own while `at` answers it. */
export function withOtherDisk(at: () => string | undefined): Disk {
  const looking =
    (look: Disk['stat']): Disk['stat'] =>
    async (path) => {
      const stats = await look(path);
      const folder = at();
      const isOther = folder !== undefined && (path === folder || path.startsWith(`${folder}/`));
      return isOther ? Object.assign(stats, { dev: 4711 }) : stats;
    };
  return { ...nodeDisk, stat: looking(nodeDisk.stat), lstat: looking(nodeDisk.lstat) };
}
