import { endsConnection, fail, problemOf } from '../../../../shared/errors.ts';
import type { ObjectHandle } from '../../../mtp/index.ts';
import { requireTaken } from '../../devices/odd-names.ts';
import type { ItemRun } from '../../model/item-run.ts';
import type { Input } from '../../model/item-state.ts';
import { LARGEST_CHUNK } from '../chunk-size.ts';
import { digestOfDigests } from '../digest.ts';
import type { UploadParts } from './decide-conflict.ts';

/**
 * Sends the source in one transaction, which keeps its date, under the name it is to have or, where that is taken by what
 * it replaces, a temporary one. `stopped` only before the phone is told of it. Rejects as `Phone.writeWhole` does, and
 * with `source-changed` where fewer bytes came than were announced.
 */
export async function sendWhole({ context, source, target }: UploadParts): Promise<Input> {
  const { run } = context;
  const { phone } = context.connection;
  const { row } = run;
  if (target.object !== undefined && row.confirmed === row.size && row.creation !== 'none') return { kind: 'allMoved' };
  if (run.stopRequested) return { kind: 'stopped' };
  const name = await target.nameToCreate();
  const isToBe = { name, size: row.size };
  await requireTaken(context.connection, target.folder, isToBe, context.unique, (temporary) =>
    run.announce({ temporary, creation: 'creating' }),
  );
  const before = row.reached;
  run.inFlight = 0;
  await run.announce({
    temporary: name,
    creation: 'creating',
    reached: Math.max(before, Math.min(row.size, LARGEST_CHUNK)),
  });
  if (run.stopRequested) {
    run.update({ temporary: undefined, creation: 'none', reached: before });
    return { kind: 'stopped' };
  }
  let handle: ObjectHandle;
  try {
    const send = (): Promise<ObjectHandle> =>
      phone.writeWhole(
        target.folder.storage.id,
        target.folder.ref,
        { name, size: row.size, modified: row.modified },
        source.whole(),
        {
          onSent: (bytes) => {
            run.inFlight = bytes;
            // stored a chunk ahead of the wire, so that it holds for a process that is killed as well
            const { reached } = run.row;
            if (bytes >= reached && reached < row.size)
              run.update({ reached: Math.min(row.size, bytes + LARGEST_CHUNK) });
          },
        },
      );
    handle = await target.create(name, send);
  } catch (error) {
    run.update({ reached: Math.max(before, run.inFlight) });
    notCreated(run, error);
    throw error;
  }
  target.created(name, handle, row.size);
  context.space.usedOnPhone(context.connection, row.storage, row.size);
  const sha256 = await source.sha256();
  if (sha256 === undefined)
    throw fail('source-changed', 'upload', 'fewer bytes than announced', { subject: row.local });
  // one chunk, so its digest is the file's
  run.confirmChunk(
    { offset: 0, length: row.size, digest: sha256 },
    { creation: 'created', sha256, chunkDigest: digestOfDigests([sha256]) },
  );
  return { kind: 'allMoved' };
}

/** A refused announcement has made nothing: whatever has that name is not ours. */
export function notCreated(run: ItemRun, error: unknown): void {
  const { kind, operation } = problemOf(error);
  if (operation === 'SendObjectInfo' && !endsConnection(kind)) run.update({ temporary: undefined, creation: 'none' });
}
