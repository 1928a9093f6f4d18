import type { AnswerChoice, ItemView, QuestionId } from '../../shared/snapshots.ts';
import type { Engine } from '../../electron/engine/engine.ts';
import { questionOf } from '../../electron/engine/model/question-id.ts';
import type { ItemRow } from '../../electron/engine/model/transfer-store.ts';

/** An item as a window or the store has it. */
type Asking = Pick<ItemView, 'id' | 'transfer' | 'question'> | ItemRow;

/** Answers what an item asked when it was looked at. */
export const answer = (
  engine: Pick<Engine, 'execute'>,
  item: Asking,
  choice: AnswerChoice,
  applyToAll = false,
): Promise<void> => {
  const { id } = ('question' in item ? item.question : questionOf(item)) ?? { id: '' as QuestionId };
  return engine.execute('answer', { transfer: item.transfer, item: item.id, question: id, choice, applyToAll });
};
