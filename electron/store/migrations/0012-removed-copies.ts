import type { Migration } from './migration.ts';

/** Whether copies that a person removes are made again, which they were until now. */
export const removedCopies: Migration = {
  version: 12,
  name: 'removed-copies',
  sql: `ALTER TABLE sync_pairs ADD COLUMN removed TEXT NOT NULL DEFAULT 'copy-again';`,
};
