import type { Migration } from '../migrations/migration.ts';

/**
 * Rows are short, since there may be a million: numbers take as many bytes as they need, and what only a folder has is in
 * a table of its own. `folders.parent` repeats that of its row, so that sums climb without a join.
 */
export const objects: Migration = {
  version: 1,
  name: 'objects',
  sql: `
    CREATE TABLE phone (device TEXT NOT NULL, name TEXT NOT NULL, session INTEGER NOT NULL DEFAULT 0) STRICT;
    CREATE TABLE storages (root INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL) STRICT;
    CREATE TABLE objects (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      parent INTEGER NOT NULL,
      name TEXT NOT NULL,
      kind INTEGER NOT NULL,
      size INTEGER NOT NULL,
      modified INTEGER,
      handle INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX objects_parent ON objects (parent);
    CREATE INDEX objects_handle ON objects (handle);
    CREATE TABLE folders (
      id INTEGER PRIMARY KEY,
      parent INTEGER NOT NULL,
      depth INTEGER NOT NULL,
      seen INTEGER,
      due INTEGER,
      session INTEGER NOT NULL DEFAULT 0,
      bytes ANY NOT NULL DEFAULT 0,
      files INTEGER NOT NULL DEFAULT 0,
      folders INTEGER NOT NULL DEFAULT 0,
      unlisted INTEGER NOT NULL DEFAULT 0
    ) STRICT;
    CREATE INDEX folders_due ON folders (due) WHERE due IS NOT NULL;
    CREATE INDEX folders_old ON folders (session, seen) WHERE seen IS NOT NULL;
  `,
};
