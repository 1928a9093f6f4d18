import type { Migration } from './migration.ts';

/** Names that are older than the words of the code: conflict (was clash) and chunk (was window). */
export const words: Migration = {
  version: 8,
  name: 'words',
  sql: `
    ALTER TABLE transfers RENAME COLUMN clash_answer TO conflict_answer;
    ALTER TABLE items RENAME COLUMN window_digest TO chunk_digest;
    UPDATE transfers
      SET options = json_remove(json_set(options, '$.onConflict', options ->> '$.onClash'), '$.onClash')
      WHERE options ->> '$.onClash' IS NOT NULL;
    UPDATE items SET state = json_set(state, '$.question.kind', 'conflict')
      WHERE state_name = 'asking' AND state ->> '$.question.kind' = 'clash';
    UPDATE settings SET name = 'onConflict' WHERE name = 'onClash';
  `,
};
