import type { Migration } from './migration.ts';

/** Whether a download's destination was seen or made on the disk that is noted; until now nothing else was noted. */
export const targetSeen: Migration = {
  version: 9,
  name: 'target-seen',
  sql: `ALTER TABLE transfers ADD COLUMN target_seen INTEGER NOT NULL DEFAULT 1;`,
};
