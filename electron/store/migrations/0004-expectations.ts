import type { Migration } from './migration.ts';

/**
 * What is expected at an item's target when it is published, and what proves that a leftover is Replug's own. Leftovers
 * of before have a proof only where Replug made up their whole name: for the others nothing says whose they are.
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
