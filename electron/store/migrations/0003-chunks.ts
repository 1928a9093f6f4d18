import type { Migration } from './migration.ts';

/** The pieces in which a large file goes are called chunks from here on; rows of before say `windows`. */
export const chunks: Migration = {
  version: 3,
  name: 'chunks',
  sql: `UPDATE items SET mode = 'chunks' WHERE mode = 'windows';`,
};
