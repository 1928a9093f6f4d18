import type { PhoneObject } from '../../../mtp/index.ts';
import { isPhoneError } from '../../../../shared/errors.ts';
import { local, lookAt, modifiedOf } from '../../local/local-files.ts';
import type { Input } from '../../model/item-state.ts';
import { compareWhole } from '../compare-bytes.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import { recheckedAs } from '../recheck.ts';
import { sameButForZone } from '../time-zone.ts';
import type { DownloadSource } from './download-source.ts';
import type { DownloadTarget } from './download-target.ts';

/**
 * A file that was fetched and compared by its size alone, before another of its transfer was found different: it is read
 * from the phone a second time and compared with the copy. A copy or a source that somebody has changed since is left as
 * it is. Answers how the item ends, or `again`: the copy differs and is to be replaced. Rejects as downloads do.
 */
export async function recheckDownload(
  { run, connection, disk }: ItemTransferContext,
  source: DownloadSource,
  target: DownloadTarget,
): Promise<Input | 'again'> {
  const { row } = run;
  const asBefore = recheckedAs(row, 'size');
  let object: PhoneObject;
  try {
    object = await source.open();
  } catch (error) {
    if (isPhoneError(error) && error.kind === 'missing') return asBefore;
    throw error;
  }
  if (object.size !== row.size || !sameButForZone(object.modified, row.modified)) return asBefore;
  const there = await lookAt(disk, target.path);
  const { expectation } = row;
  if (there?.isFile() !== true || expectation?.kind !== 'file') return asBefore;
  if (there.size !== expectation.size || modifiedOf(there) !== expectation.modified) return asBefore;
  const file = await local('target', 'open', target.path, () => disk.open(target.path, 'read'));
  try {
    const { received, bad } = await compareWhole(connection.phone, object, file);
    if (bad === undefined && received === row.size) return recheckedAs(row, 'sampled');
  } finally {
    await file.close();
  }
  run.dropCheckpoints(0);
  run.update({ creation: 'none', confirmed: 0, answer: 'replace', mismatches: row.mismatches + 1 });
  return 'again';
}
