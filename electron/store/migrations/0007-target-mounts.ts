import type { Migration } from './migration.ts';

/** Mount point of a download's target disk when its first file was saved (see `TargetDisks`). */
export const targetMounts: Migration = {
  version: 7,
  name: 'target-mounts',
  sql: `ALTER TABLE transfers ADD COLUMN target_mount TEXT;`,
};
