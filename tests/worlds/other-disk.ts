import { nodeDisk, type Disk } from '../../electron/engine/index.ts';

/** This computer's disk, on which a folder is, with what is below it, on a disk of its own while `at` answers it. */
export function withOtherDisk(at: () => string | undefined): Disk {
  return {
    ...nodeDisk,
    stat: async (path) => {
      const stats = await nodeDisk.stat(path);
      const folder = at();
      const isOther = folder !== undefined && (path === folder || path.startsWith(`${folder}/`));
      return isOther ? Object.assign(stats, { dev: 4711 }) : stats;
    },
  };
}
