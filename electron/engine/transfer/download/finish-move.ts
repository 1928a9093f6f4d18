import { parentOf } from '../../../../shared/domain.ts';
import { fail, failRequest, isPhoneError, type PhoneError } from '../../../../shared/errors.ts';
import type { PhoneObject } from '../../../mtp/index.ts';
import { local, lookAt, modifiedOf } from '../../local/local-files.ts';
import type { Input } from '../../model/item-state.ts';
import { compareFiles } from '../compare-bytes.ts';
import { originalIs, originalNotFound } from '../delete-source.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import { sameButForZone } from '../time-zone.ts';
import type { DownloadSource } from './download-source.ts';
import type { DownloadTarget } from './download-target.ts';

/** What taking a move up again found: how it ends, or a copy that is proved whole once more, with its date. */
type Proved = { readonly kind: 'proved'; readonly modified: number } | Input;

/**
 * A move whose copy is done and whose original may still be on the phone. Nothing is believed that an earlier run noted:
 * the original must be the file that was copied, and every byte of the copy is compared with it again. Rejects with what
 * passes (the phone, its storage or the copy's disk is away), as downloads do.
 */
export async function proveDownloaded(
  context: ItemTransferContext,
  source: DownloadSource,
  target: DownloadTarget,
): Promise<Proved> {
  const { run, connection, folders } = context;
  const { row } = run;
  const stays = ({ problem }: PhoneError): Input => originalIs(row, { problem });
  connection.tree.forget(row.storage, parentOf(row.phone));
  let original: PhoneObject;
  try {
    original = await source.open();
  } catch (error) {
    if (isPhoneError(error) && error.kind === 'missing') return originalNotFound(row, row.phone);
    throw error;
  }
  if (original.size !== row.size || !sameButForZone(original.modified, row.modified))
    return stays(source.changed('it is not the file that was copied'));
  source.beginProof();
  const before = await lookAt(context.disk, target.path);
  if (before === undefined) await folders.requireDisk(run.transfer);
  const differs = fail('mismatch', 'verify', 'the copy was changed, moved or deleted since', { subject: target.path });
  if (before?.isFile() !== true || before.size !== row.size) return stays(differs);
  const file = await local('target', 'open', target.path, () => context.disk.open(target.path, 'read'));
  try {
    switch (await compareFiles(connection.phone, original, file, () => run.stopRequested)) {
      case 'stopped':
        return { kind: 'stopped' };
      case 'different':
        return stays(differs);
      case 'unreadable':
        return stays(failRequest('verify', { id: 'too-large-to-verify' }));
      case 'same':
        break;
    }
    const after = await file.stat();
    if (after.size !== before.size || after.mtimeMs !== before.mtimeMs || after.ino !== before.ino)
      return stays(differs);
    return { kind: 'proved', modified: modifiedOf(after) };
  } finally {
    await file.close();
  }
}
