import type { Migration } from './migration.ts';

/**
 * How each moved file was verified, as a column beside the outcome it is part of, so that it can be counted; whether an
 * attempt of it failed, and whether a copy of its transfer was found different, since both widen a sampled verification.
 */
export const samples: Migration = {
  version: 10,
  name: 'samples',
  sql: `
    ALTER TABLE items ADD COLUMN verified TEXT;
    ALTER TABLE items ADD COLUMN retried INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE transfers ADD COLUMN doubted INTEGER NOT NULL DEFAULT 0;
    UPDATE items SET verified = json_extract(state, '$.outcome.verification.level') WHERE outcome = 'moved' AND kind = 'file';
  `,
};
