import type { Migration } from './migration.ts';

/**
 * Folder pairs, the remembered state of each file, and the runs.
 *
 * `sync_state` has one row per file of a pair: its source (path, size, modified), its copy (target…) and its status.
 * Rows refer to a pair by number, not by id, so that 100,000 rows and their indices stay small.
 */
export const sync: Migration = {
  version: 2,
  name: 'sync',
  sql: `
    CREATE TABLE sync_pairs (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      name TEXT NOT NULL,
      device TEXT NOT NULL,
      device_name TEXT NOT NULL,
      storage TEXT NOT NULL,
      storage_name TEXT NOT NULL,
      phone TEXT NOT NULL,
      local TEXT NOT NULL,
      direction TEXT NOT NULL,
      filters TEXT NOT NULL,
      deletions TEXT NOT NULL,
      deletion_limit REAL NOT NULL,
      conflicts TEXT NOT NULL,
      verify TEXT NOT NULL,
      layout TEXT NOT NULL,
      automatic INTEGER NOT NULL,
      created_at REAL NOT NULL
    ) STRICT;

    CREATE TABLE sync_state (
      pair INTEGER NOT NULL REFERENCES sync_pairs (number) ON DELETE CASCADE,
      path TEXT NOT NULL,
      target TEXT NOT NULL,
      size INTEGER NOT NULL,
      modified REAL,
      target_size INTEGER,
      target_modified REAL,
      sha256 TEXT,
      fingerprint TEXT,
      status TEXT NOT NULL,
      synced_at REAL,
      gone_at REAL,
      problem TEXT,
      PRIMARY KEY (pair, path)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX sync_state_by_status ON sync_state (pair, status, modified);
    CREATE INDEX sync_state_by_time ON sync_state (pair, synced_at);

    CREATE TABLE sync_runs (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      pair INTEGER NOT NULL REFERENCES sync_pairs (number) ON DELETE CASCADE,
      started_at REAL NOT NULL,
      finished_at REAL,
      state TEXT NOT NULL,
      automatic INTEGER NOT NULL,
      transfer TEXT,
      files_moved INTEGER NOT NULL,
      bytes_moved INTEGER NOT NULL,
      files_failed INTEGER NOT NULL,
      files_skipped INTEGER NOT NULL,
      files_renamed INTEGER NOT NULL,
      files_deleted INTEGER NOT NULL,
      files_unchanged INTEGER NOT NULL,
      transactions INTEGER NOT NULL,
      problem TEXT
    ) STRICT;
    CREATE INDEX sync_runs_of_pair ON sync_runs (pair, id);
    CREATE INDEX sync_runs_open ON sync_runs (id) WHERE finished_at IS NULL;
  `,
};
