import { fail, problemOf } from '../../../shared/errors.ts';
import type { Verification } from '../../../shared/snapshots.ts';
import type { Input } from '../model/item-state.ts';
import type { ItemTransfer } from './item-transfer.ts';
import type { ItemRun } from '../model/item-run.ts';

/** The original of a file that is moved: it goes once its copy has arrived and was checked, and not before. */

const goes = ({ transfer }: ItemRun, mover: ItemTransfer): boolean =>
  transfer.options.move && mover.deleteOriginal !== undefined;

/** A copy that is complete is stored with its original still there, so that nothing that ends the program makes it a lie. */
export function withOriginal(input: Input, run: ItemRun, mover: ItemTransfer): Input {
  if ((input.kind !== 'verified' && input.kind !== 'settled') || input.outcome.kind !== 'moved' || !goes(run, mover))
    return input;
  return { ...input, outcome: { ...input.outcome, original: { deleted: false } } };
}

/** Deletes the original of a copy that is complete, and stores whether it went. Never rejects: the copy is whole either way. */
export async function deleteOriginal(run: ItemRun, mover: ItemTransfer): Promise<void> {
  const { state } = run.row;
  if (state.kind !== 'done' || state.outcome.kind !== 'moved' || state.outcome.original === undefined) return;
  if (mover.deleteOriginal === undefined) return;
  let original;
  try {
    requireProof(state.outcome.verification);
    // after a power cut that forgot the copy, its item would look for an original that is gone
    run.commitDurably();
    await mover.deleteOriginal();
    original = { deleted: true };
  } catch (error) {
    original = { deleted: false, problem: problemOf(error, 'delete the original') };
  }
  run.update({ state: { ...state, outcome: { ...state.outcome, original } } });
  run.flush();
}

/** A sample proves no copy: an original goes only when every byte was compared with a second reading. */
function requireProof({ level }: Verification): void {
  if (level !== 'full')
    throw fail('bad-request', 'delete', 'The copy was not read back in full, so it is not proved whole.', {
      fix: 'Look at the copy, then delete the original yourself.',
    });
}
