import { dirname } from 'node:path';
import { baseNameOf, parentOf } from '../../../../shared/domain.ts';
import { fail, failRequest, isPhoneError, type PhoneError } from '../../../../shared/errors.ts';
import { isUntold } from '../../devices/phone-evidence.ts';
import { lookAt } from '../../local/local-files.ts';
import type { Input } from '../../model/item-state.ts';
import { compareFiles, compareWhole } from '../compare-bytes.ts';
import { originalIs, originalNotFound } from '../delete-source.ts';
import { fingerprintFile } from '../fingerprint.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import type { UploadSource } from './upload-source.ts';

/**
 * A move whose copy is on the phone and whose original may still be here. Nothing is believed that an earlier run noted:
 * the original must be the file that was sent, and every byte of the copy is read back and compared with it again; the
 * copy is never written to, as it may be somebody's by now. Answers `proved`, or how the move ends. Rejects with what
 * passes (the phone, its storage or the original's disk is away), as uploads do.
 */
export async function proveUploaded(context: ItemTransferContext, source: UploadSource): Promise<'proved' | Input> {
  const { run, connection } = context;
  const { row } = run;
  const stays = ({ problem }: PhoneError): Input => originalIs(row, { problem });
  try {
    const { size, modified } = await source.open();
    if (size !== row.size || modified !== row.modified)
      return stays(fail('source-changed', 'delete', 'it is not the file that was sent', { subject: row.local }));
    // a file that was sent before this was a move may have none; taken before all of it is compared, so that it proves as much
    if (row.fingerprint === undefined)
      run.update({ fingerprint: await fingerprintFile(context.disk, row.local, run.transfer.id) });
  } catch (error) {
    const isGone = isPhoneError(error) && error.kind === 'source-missing';
    // with its folder it may only be away
    if (isGone && (await lookAt(context.disk, dirname(row.local))) !== undefined)
      return originalNotFound(row, row.local);
    throw error;
  }
  const name = row.savedAs ?? baseNameOf(row.phone);
  const listed = await connection.tree.folder(row.storage, parentOf(row.phone), { fresh: true });
  const copy = listed.exactly(name);
  const differs = fail('mismatch', 'verify', 'the copy was changed, moved or deleted since', { subject: name });
  if (copy?.kind !== 'file') return stays(differs);
  const object = { handle: copy.handle, size: row.size };
  const told = await connection.phone.sizeOf(copy.handle);
  if (isUntold(told, row.size)) {
    const { received, bad } = await compareWhole(connection.phone, object, source.file);
    return bad === undefined && received === row.size ? 'proved' : stays(differs);
  }
  if (told !== row.size) return stays(differs);
  switch (await compareFiles(connection.phone, object, source.file, () => run.stopRequested)) {
    case 'stopped':
      return { kind: 'stopped' };
    case 'different':
      return stays(differs);
    case 'unreadable':
      return stays(failRequest('verify', { id: 'too-large-to-verify' }));
    case 'same':
      return 'proved';
  }
}
