import type { Migration } from './migration.ts';

/**
 * Transfers, their items and the confirmed chunks (called `windows` here; 0003 and 0008 rename them).
 *
 * Transfers have a short number besides their id, so that the rows of 100,000 items and their indices stay small.
 * Instants are REAL, because file systems report fractions of milliseconds.
 */
export const transfers: Migration = {
  version: 1,
  name: 'transfers',
  sql: `
    CREATE TABLE transfers (
      number INTEGER PRIMARY KEY AUTOINCREMENT,
      id TEXT NOT NULL UNIQUE,
      direction TEXT NOT NULL,
      device TEXT NOT NULL,
      device_name TEXT NOT NULL,
      storage TEXT NOT NULL,
      storage_name TEXT NOT NULL,
      destination TEXT NOT NULL,
      sources TEXT NOT NULL,
      title TEXT NOT NULL,
      options TEXT NOT NULL,
      position REAL NOT NULL,
      created_at REAL NOT NULL,
      planned INTEGER NOT NULL,
      finished_at REAL,
      removed INTEGER NOT NULL,
      clash_answer TEXT,
      name_answer TEXT,
      bytes_moved INTEGER NOT NULL,
      bytes_resent INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX transfers_listed ON transfers (position, number) WHERE removed = 0;
    CREATE INDEX transfers_finished ON transfers (finished_at) WHERE finished_at IS NOT NULL;

    -- AUTOINCREMENT: an id is never given twice, since leftovers outlive the items they came from.
    CREATE TABLE items (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      transfer INTEGER NOT NULL REFERENCES transfers (number) ON DELETE CASCADE,
      sequence INTEGER NOT NULL,
      kind TEXT NOT NULL,
      name TEXT NOT NULL,
      local TEXT NOT NULL,
      storage TEXT NOT NULL,
      phone TEXT NOT NULL,
      size INTEGER NOT NULL,
      modified REAL,
      state_name TEXT NOT NULL,
      state TEXT NOT NULL,
      outcome TEXT,
      confirmed INTEGER NOT NULL,
      reached INTEGER NOT NULL,
      temporary TEXT,
      creation TEXT NOT NULL,
      mode TEXT,
      saved_as TEXT,
      answer TEXT,
      fingerprint TEXT,
      sha256 TEXT,
      window_digest TEXT,
      attempts INTEGER NOT NULL,
      mismatches INTEGER NOT NULL,
      resumed INTEGER NOT NULL,
      added_at REAL NOT NULL,
      started_at REAL,
      updated_at REAL NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX items_in_order ON items (transfer, sequence);
    CREATE INDEX items_by_state ON items (transfer, state_name, sequence);
    CREATE INDEX items_with_temporary ON items (transfer, sequence) WHERE temporary IS NOT NULL;
    CREATE INDEX items_done_at ON items (phone) WHERE state_name = 'done';

    CREATE TABLE checkpoints (
      item INTEGER NOT NULL REFERENCES items (id) ON DELETE CASCADE,
      "offset" INTEGER NOT NULL,
      length INTEGER NOT NULL,
      digest TEXT NOT NULL,
      PRIMARY KEY (item, "offset")
    ) STRICT, WITHOUT ROWID;

    -- No reference to items: a temporary is to be removed even when its transfer was planned anew.
    CREATE TABLE leftovers (
      item INTEGER PRIMARY KEY,
      transfer TEXT NOT NULL,
      device TEXT NOT NULL,
      storage TEXT NOT NULL,
      direction TEXT NOT NULL,
      folder TEXT,
      name TEXT NOT NULL
    ) STRICT;
    CREATE INDEX leftovers_of_device ON leftovers (device);

    CREATE TABLE settings (
      name TEXT PRIMARY KEY,
      value TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;

    -- The plain log of all files, for people and other programs that read the database.
    CREATE VIEW transfer_state AS
      SELECT
        items.id AS id,
        transfers.id AS transfer,
        transfers.direction AS direction,
        items.local AS file_path,
        items.phone AS phone_path,
        items.size AS total_bytes,
        items.confirmed AS transferred_bytes,
        coalesce(items.sha256, items.window_digest) AS file_hash,
        items.state_name AS status,
        coalesce(items.started_at, items.added_at) AS started_at,
        items.updated_at AS updated_at
      FROM items JOIN transfers ON transfers.number = items.transfer;
  `,
};
