import { baseNameOf, parentOf } from '../../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../../shared/errors.ts';
import type { Input } from '../../model/item-state.ts';
import { compareFiles } from '../compare-bytes.ts';
import { recheckedAs } from '../recheck.ts';
import type { UploadParts } from './decide-conflict.ts';
import { dateOnPhone } from './upload-target.ts';

/**
 * A file that was sent and compared by its size alone, before another of its transfer was found different: every byte is
 * compared. A copy or a source that somebody has changed since is left as it is. Answers how the item ends, or `again`:
 * the copy differed, was what had been made, and is gone. Rejects with `mismatch` where it cannot be removed, and with
 * what passes, as uploads do.
 */
export async function recheckUpload({ context, source, target }: UploadParts): Promise<Input | 'again'> {
  const { run, connection } = context;
  const { row } = run;
  const asBefore = recheckedAs(row, 'size');
  try {
    const { size, modified } = await source.open();
    if (size !== row.size || modified !== row.modified) return asBefore;
  } catch (error) {
    if (isPhoneError(error) && error.kind === 'source-missing') return asBefore;
    throw error;
  }
  const folder = await connection.tree.folder(row.storage, parentOf(row.phone));
  const copy = folder.exactly(row.savedAs ?? baseNameOf(row.phone));
  if (copy?.kind !== 'file') return asBefore;
  const sent = dateOnPhone(row);
  if (copy.modified !== undefined && sent !== undefined && copy.modified !== sent) return asBefore;
  if (copy.size === row.size)
    switch (await compareFiles(connection.phone, copy, source.file, () => run.stopRequested)) {
      case 'stopped':
        return { kind: 'stopped' };
      case 'unreadable':
        return asBefore;
      case 'same':
        return recheckedAs(row, 'sampled');
      case 'different':
        break;
    }
  const wait = await target.open();
  if (wait !== undefined) return wait;
  run.update({ mode: 'whole', temporary: copy.name, creation: 'created' });
  target.found({ ...copy, size: row.size, modified: sent });
  const discarded = await target.discard(source.reader);
  if (discarded === 'done' || discarded === 'gone') {
    run.dropCheckpoints(0);
    run.update({ temporary: undefined, creation: 'none', confirmed: 0, mismatches: row.mismatches + 1 });
    return 'again';
  }
  run.update({ temporary: undefined, creation: 'doubted' });
  throw fail('mismatch', 'verify', 'the copy differs', { subject: row.name });
}
