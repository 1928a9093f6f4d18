import type { Migration } from './migration.ts';

/** What the user last said of a transfer, and whether its list could not be made: known from its items until now. */
export const intents: Migration = {
  version: 6,
  name: 'intents',
  sql: `
    ALTER TABLE transfers ADD COLUMN intent TEXT NOT NULL DEFAULT 'run';
    ALTER TABLE transfers ADD COLUMN plan_failed INTEGER NOT NULL DEFAULT 0;
  `,
};
