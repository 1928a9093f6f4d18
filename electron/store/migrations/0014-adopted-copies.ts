import type { Migration } from './migration.ts';

/** Whether a copy was there before its pair copied anything (see `SyncRow`). Nobody knows that of what was noted until now. */
export const adoptedCopies: Migration = {
  version: 14,
  name: 'adopted-copies',
  sql: `ALTER TABLE sync_state ADD COLUMN adopted INTEGER NOT NULL DEFAULT 0;`,
};
