import type { Migration } from './migration.ts';

/** Renames the pieces of a large file from `windows` to chunks. */
export const chunks: Migration = {
  version: 3,
  name: 'chunks',
  sql: `UPDATE items SET mode = 'chunks' WHERE mode = 'windows';`,
};
