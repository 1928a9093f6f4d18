import type { Migration } from './migration.ts';

/** The disk on which a pair's local folder was at its last run (see `SyncDisk`), and copies that a mirroring run left. */
export const syncDisks: Migration = {
  version: 5,
  name: 'sync-disks',
  sql: `
    ALTER TABLE sync_pairs ADD COLUMN disk TEXT;
    ALTER TABLE sync_runs ADD COLUMN files_kept INTEGER NOT NULL DEFAULT 0;
  `,
};
