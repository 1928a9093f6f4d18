import { unlink } from 'node:fs/promises';
import { baseNameOf, parentOf } from '../../shared/domain.ts';
import { fail, problemOf } from '../../shared/errors.ts';
import type { Connection } from './devices.ts';
import type { Input } from './item.ts';
import { local } from './local.ts';
import type { ItemRun } from './run.ts';
import { requireUnchanged } from './upload-source.ts';

/** The original of a file that is moved: it goes once its copy has arrived and was checked, and not before. */

const goes = ({ row, transfer }: ItemRun): boolean => transfer.options.move && row.kind === 'file';

/** A copy that is complete is stored with its original still there, so that nothing that ends the program makes it a lie. */
export function withOriginal(input: Input, run: ItemRun): Input {
  if ((input.kind !== 'verified' && input.kind !== 'settled') || input.outcome.kind !== 'moved' || !goes(run))
    return input;
  return { ...input, outcome: { ...input.outcome, original: { deleted: false } } };
}

/** Deletes the original of a copy that is complete, and stores whether it went. Never rejects: the copy is whole either way. */
export async function deleteOriginal(run: ItemRun, connection: Connection): Promise<void> {
  const { state } = run.row;
  if (state.kind !== 'done' || state.outcome.kind !== 'moved' || !goes(run)) return;
  const original = await (run.transfer.direction === 'upload' ? deleteHere(run) : deleteThere(run, connection)).then(
    () => ({ deleted: true }),
    (error: unknown) => ({ deleted: false, problem: problemOf(error, 'delete the original') }),
  );
  run.note({ state: { ...state, outcome: { ...state.outcome, original } } });
  run.flush();
}

async function deleteHere({ row }: ItemRun): Promise<void> {
  // what was written to since is not what was copied
  await requireUnchanged(row);
  await local('target', 'unlink', row.local, () => unlink(row.local));
}

async function deleteThere({ row }: ItemRun, { tree, phone }: Connection): Promise<void> {
  const folder = await tree.folder(row.storage, parentOf(row.phone));
  const object = folder.exactly(baseNameOf(row.phone));
  if (object === undefined) throw fail('missing', 'delete the original', '', { subject: row.phone });
  const size = await phone.sizeOf(object.handle);
  if (size !== row.size)
    throw fail('source-changed', 'delete the original', `was ${row.size} bytes, is ${size}`, { subject: row.phone });
  await phone.delete(object.handle);
  folder.remove(object.name);
}
