import type { Migration } from './migration.ts';

/** Folders that photos have to do with (see `PhotoFolder`): on which disk each was. */
export const photoFolders: Migration = {
  version: 13,
  name: 'photo-folders',
  sql: `CREATE TABLE photo_folders (path TEXT PRIMARY KEY, disk TEXT) WITHOUT ROWID;`,
};
