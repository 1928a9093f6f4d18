import { failRequest, type Problem, problemOf, requestProblem } from '../../../shared/errors.ts';
import type { Verification } from '../../../shared/snapshots.ts';
import type { Input } from '../model/item-state.ts';
import type { ItemTransfer } from './item-transfer.ts';
import type { ItemRun } from '../model/item-run.ts';
import type { ItemRow } from '../model/transfer-store.ts';

/** The original of a file that is moved: it goes once its copy has arrived and was checked, and not before. */

const goes = ({ transfer }: ItemRun, mover: ItemTransfer): boolean =>
  transfer.options.move && mover.deleteOriginal !== undefined;

/** Whether the copy has its name already and only the original of the move is left to delete. */
export const isPublished = ({ creation }: Pick<ItemRow, 'creation'>): boolean =>
  creation === 'published' || creation === 'deleting';

/** A copy that is complete is stored with its original still there, so that nothing that ends the program makes it a lie. */
export function withOriginal(input: Input, run: ItemRun, mover: ItemTransfer): Input {
  if ((input.kind !== 'verified' && input.kind !== 'settled') || input.outcome.kind !== 'moved' || !goes(run, mover))
    return input;
  // a move that was taken up again may have found why the original stays, or that it has gone
  if (input.outcome.original !== undefined) return input;
  return { ...input, outcome: { ...input.outcome, original: { deleted: false } } };
}

/** The end of a move that was taken up again and cannot delete its original, or has done so before the program ended. */
export function originalIs(row: ItemRow, original: { readonly problem: Problem } | 'gone'): Input {
  const { size, sha256, chunkDigest } = row;
  return {
    kind: 'settled',
    outcome: {
      kind: 'moved',
      // as it was before the copy got its name: without that it would not have got it
      verification: { level: 'full', bytesCompared: size, sha256, chunkDigest },
      original: original === 'gone' ? { deleted: true } : { deleted: false, ...original },
    },
  };
}

/** Why an original that somebody else took away counts as not deleted. */
export const originalMissing = (path: string): Problem =>
  requestProblem('delete', { id: 'original-missing', with: { path } }, { id: 'delete-elsewhere' }, { subject: path });

/** As `originalIs`, where the original is not found: gone if its deletion was under way and nobody knows how it ended. */
export const originalNotFound = (row: ItemRow, path: string): Input =>
  originalIs(row, row.creation === 'deleting' ? 'gone' : { problem: originalMissing(path) });

/**
 * Deletes the original of a copy that is complete, and stores whether it went. Answers whether that was tried. Never rejects:
 * the copy is whole either way.
 */
export async function deleteOriginal(run: ItemRun, mover: ItemTransfer): Promise<boolean> {
  const { state } = run.row;
  if (state.kind !== 'done' || state.outcome.kind !== 'moved' || state.outcome.original === undefined) return false;
  if (mover.deleteOriginal === undefined) return false;
  const { deleted, problem } = state.outcome.original;
  if (deleted || problem !== undefined) return false;
  let original;
  const deletion = { isUnderWay: false };
  try {
    requireProof(state.outcome.verification);
    run.update({ creation: 'deleting' });
    // after a power cut that forgot the copy, its item would look for an original that is gone
    run.commitDurably();
    await mover.deleteOriginal((now) => (deletion.isUnderWay = now));
    original = { deleted: true };
  } catch (error) {
    original = { deleted: false, problem: problemOf(error, 'delete the original') };
    // what was cut off before it could delete anything did not: an original that is not there the next time was taken away
    if (!deletion.isUnderWay) run.update({ creation: 'published' });
  }
  run.update({ state: { ...state, outcome: { ...state.outcome, original } } });
  run.flush();
  return true;
}

/** A sample proves no copy: an original goes only when every byte was compared with a second reading. */
function requireProof({ level }: Verification): void {
  if (level !== 'full') throw failRequest('delete', { id: 'not-read-back' }, { id: 'delete-yourself' });
}
