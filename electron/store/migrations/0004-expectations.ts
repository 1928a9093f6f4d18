import type { Migration } from './migration.ts';

/**
 * What is expected at an item's target when it is published, and the proof that a leftover is Replug's own. Leftovers
 * from earlier versions have a proof only if Replug made up their whole name; nothing proves whose the others are.
 */
export const expectations: Migration = {
  version: 4,
  name: 'expectations',
  sql: `
    ALTER TABLE items ADD COLUMN expectation TEXT;
    ALTER TABLE leftovers ADD COLUMN proof TEXT;
    UPDATE leftovers SET proof = '{"kind":"exclusive-name"}' WHERE direction = 'upload' AND name LIKE '%.replug-%';
  `,
};
