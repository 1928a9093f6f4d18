import { dirname, join } from 'node:path';
import { fail, PhoneError } from '../../../shared/errors.ts';
import type { TransferView } from '../../../shared/snapshots.ts';
import type { DraggedFile } from '../local/drag-folders.ts';
import type { TransferRow, TransferStore } from '../model/transfer-store.ts';

/** Rows read at once. */
const AT_ONCE = 500;

/** The files that transfers have published in a folder for a drag, as they were then. Throws `store`. */
export function* filesFetchedInto(store: TransferStore, folder: string): Generator<DraggedFile> {
  for (const { id } of transfersInto(store, folder))
    for (let after = -1; ;) {
      const rows = store.itemsIn(id, ['done'], AT_ONCE, after);
      for (const { state, local, savedAs, size } of rows) {
        const outcome = state.kind === 'done' ? state.outcome : undefined;
        if (outcome?.kind !== 'moved' || outcome.copyModified === undefined) continue;
        const path = savedAs === undefined ? local : join(dirname(local), savedAs);
        yield { path, size, modified: outcome.copyModified };
      }
      after = rows.at(-1)?.sequence ?? after;
      if (rows.length < AT_ONCE) break;
    }
}

/** Also those that were taken out of the list. */
function* transfersInto(store: TransferStore, folder: string): Generator<TransferRow> {
  const isInto = ({ direction, destination }: TransferRow): boolean =>
    direction === 'download' && destination === folder;
  yield* store.transfers().filter((row) => row.finishedAt === undefined && isInto(row));
  for (let offset = 0; ; offset += AT_ONCE) {
    const { transfers } = store.history({ offset, limit: AT_ONCE });
    yield* transfers.filter(isInto);
    if (transfers.length < AT_ONCE) return;
  }
}

/** Why files that were to be dragged out of a window are not here: the reason of the first that failed, or what is away. */
export function notDragged({ title, state, problem, waitingFor }: TransferView): PhoneError {
  if (state === 'failed' && problem !== undefined) return new PhoneError({ subject: title, ...problem });
  if (state === 'paused' || state === 'cancelled') return fail('cancelled', 'drag', state, { subject: title });
  const again = { subject: title, advice: { id: 'start-over' } } as const;
  switch (waitingFor?.kind) {
    case 'unlock':
      return fail('locked', 'drag', state, { subject: title });
    case 'storage':
      return fail('storage-missing', 'drag', state, { subject: waitingFor.name });
    case 'space':
      return fail('local-full', 'drag', state, { ...again, needed: waitingFor.needed });
    default:
      // it does not go on by itself: nobody holds the files any more
      return fail('disconnected', 'drag', state, { ...again, fault: { id: 'away-while-read', with: { name: title } } });
  }
}
