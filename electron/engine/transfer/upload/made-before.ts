import {
  baseNameOf,
  foldName,
  joinPhonePath,
  parentOf,
  type PhonePath,
  type TransferId,
} from '../../../../shared/domain.ts';
import type { PhoneObject } from '../../../mtp/index.ts';
import type { Connection } from '../../devices/device-connection.ts';
import { eachPage } from '../../model/each-page.ts';
import type { ItemRow, TransferStore } from '../../model/transfer-store.ts';
import type { ItemTransferContext } from '../item-transfer.ts';

/** What a transfer has made of its files on a phone, on this connection or on an earlier one. */

/** Rows read at once. */
const AT_ONCE = 1_000;

/** Copies that did not keep their names, by connection: the tree of one that is still open knows what was made on it. */
const renamed = new WeakMap<Connection, Map<TransferId, Promise<ReadonlySet<string>>>>();

/**
 * Whether a file that has the name of a copy to be made is itself a copy of the same transfer: a second source of that name,
 * since the phone does not take the first one's own (`a?` and `a？`). Names that are known to meet are told apart when they
 * are planned.
 */
export async function isOfSameTransfer(
  { connection, run, store }: ItemTransferContext,
  { handle, name }: Pick<PhoneObject, 'handle' | 'name'>,
): Promise<boolean> {
  const { row, transfer } = run;
  const path = joinPhonePath(parentOf(row.phone), name);
  const before = store.doneAt(transfer.device, row.storage, row.phone, 4);
  // the copy of this very source as it was before it was written to: a conflict, as in another transfer
  const isOwn = (done: ItemRow): boolean =>
    done.transfer === transfer.id && done.id !== row.id && done.local === row.local && isCopied(done) && !isGone(done);
  if (before.some((done) => isOwn(done) && keyOf(copyOf(done)) === keyOf(path))) return false;
  if (connection.tree.madeBy(handle) === transfer.id) return true;
  const isOther = (done: ItemRow): boolean =>
    done.transfer === transfer.id && done.id !== row.id && done.savedAs === undefined && isCopied(done);
  if (store.doneAt(transfer.device, row.storage, path, 4).some(isOther)) return true;
  const known = renamed.get(connection) ?? new Map<TransferId, Promise<ReadonlySet<string>>>();
  renamed.set(connection, known);
  const names = known.get(transfer.id) ?? namesGiven(store, transfer.id);
  known.set(transfer.id, names);
  return (await names).has(keyOf(path));
}

/** The paths of copies that have another name than was planned, folded. */
async function namesGiven(store: TransferStore, id: TransferId): Promise<ReadonlySet<string>> {
  const given = new Set<string>();
  await eachPage(store, { transfer: id, states: ['done'], atOnce: AT_ONCE }, (rows) => {
    for (const row of rows) if (row.savedAs !== undefined && isCopied(row)) given.add(keyOf(copyOf(row)));
  });
  return given;
}

const isCopied = ({ kind, state }: ItemRow): boolean =>
  kind === 'file' && state.kind === 'done' && state.outcome.kind === 'moved';

/** Whether its original was deleted: the copy is all there is of it. */
const isGone = ({ state }: ItemRow): boolean =>
  state.kind === 'done' && state.outcome.kind === 'moved' && state.outcome.original?.deleted === true;

const copyOf = ({ phone, savedAs }: ItemRow): PhonePath => joinPhonePath(parentOf(phone), savedAs ?? baseNameOf(phone));

const keyOf = (path: PhonePath): string => joinPhonePath(parentOf(path), foldName(baseNameOf(path)));
