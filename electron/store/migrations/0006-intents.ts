import type { Migration } from './migration.ts';

/**
 * The user's last instruction for a transfer, and whether planning it failed. Earlier versions derived both from the
 * items.
 */
export const intents: Migration = {
  version: 6,
  name: 'intents',
  sql: `
    ALTER TABLE transfers ADD COLUMN intent TEXT NOT NULL DEFAULT 'run';
    ALTER TABLE transfers ADD COLUMN plan_failed INTEGER NOT NULL DEFAULT 0;
  `,
};
