import type { Migration } from './migration.ts';

/** The disk of a pair's local folder at its last run (see `SyncDisk`), and the copies that a mirroring run kept. */
export const syncDisks: Migration = {
  version: 5,
  name: 'sync-disks',
  sql: `
    ALTER TABLE sync_pairs ADD COLUMN disk TEXT;
    ALTER TABLE sync_runs ADD COLUMN files_kept INTEGER NOT NULL DEFAULT 0;
  `,
};
