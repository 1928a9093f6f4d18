import type { Migration } from './migration.ts';

/**
 * Photos: what was imported from which phone (kept for ever, so that nothing is offered twice), samples of phones' files,
 * the index of the library, and the settings. `photo_transfers` are the transfers whose results are recorded.
 */
export const photos: Migration = {
  version: 11,
  name: 'photos',
  sql: `
    CREATE TABLE photo_imports (
      transfer TEXT NOT NULL,
      item INTEGER NOT NULL,
      device TEXT NOT NULL,
      storage TEXT NOT NULL,
      path TEXT NOT NULL,
      size INTEGER NOT NULL,
      modified INTEGER,
      taken INTEGER,
      sample TEXT,
      sha256 TEXT,
      imported_at INTEGER NOT NULL,
      copies TEXT NOT NULL,
      PRIMARY KEY (transfer, item)
    ) WITHOUT ROWID;
    CREATE INDEX photo_imports_by_device ON photo_imports (device);
    CREATE TABLE photo_transfers (
      transfer TEXT PRIMARY KEY,
      finished_at INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE photo_seen (
      device TEXT NOT NULL,
      storage TEXT NOT NULL,
      path TEXT NOT NULL,
      size INTEGER NOT NULL,
      modified INTEGER,
      sample TEXT NOT NULL,
      PRIMARY KEY (device, storage, path)
    ) WITHOUT ROWID;
    CREATE TABLE photo_library (
      path TEXT PRIMARY KEY,
      size INTEGER NOT NULL,
      modified INTEGER NOT NULL,
      sample TEXT
    ) WITHOUT ROWID;
    CREATE INDEX photo_library_by_size ON photo_library (size);
    CREATE TABLE photo_settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  `,
};
