import type { Migration } from '../migrations/migration.ts';

/**
 * As of when a catalogue is, and whether some of it is old, is told with every page of a search and four times a second
 * while a phone is scanned. Both are read from an index alone, whatever the number of folders.
 */
export const freshness: Migration = {
  version: 2,
  name: 'freshness',
  sql: `
    DROP INDEX folders_old;
    CREATE INDEX folders_old ON folders (session, seen) WHERE seen IS NOT NULL AND due IS NULL AND parent <> -1;
    CREATE INDEX folders_seen ON folders (seen) WHERE seen IS NOT NULL AND parent <> -1;
  `,
};
