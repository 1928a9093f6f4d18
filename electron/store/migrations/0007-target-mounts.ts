import type { Migration } from './migration.ts';

/** Where the disk that a download goes to was mounted when its first file was saved (see `TargetDisks`). */
export const targetMounts: Migration = {
  version: 7,
  name: 'target-mounts',
  sql: `ALTER TABLE transfers ADD COLUMN target_mount TEXT;`,
};
