import { createHash } from 'node:crypto';
import type { AskedQuestion, QuestionId } from '../../../shared/snapshots.ts';
import type { ItemRow } from './transfer-store.ts';

/** The question of an item that asks one; nothing where it asks none. */
export function questionOf({ state, updatedAt }: Pick<ItemRow, 'state' | 'updatedAt'>): AskedQuestion | undefined {
  if (state.kind !== 'asking') return undefined;
  const { question } = state;
  // a question in the same words that is asked later is another one: what is there may be another file by then
  const id = createHash('sha256')
    .update(JSON.stringify([updatedAt, question]))
    .digest('hex')
    .slice(0, 32);
  return { ...question, id: id as QuestionId };
}
