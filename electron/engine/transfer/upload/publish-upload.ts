import { fail } from '../../../../shared/errors.ts';
import { publishOnPhone } from '../../devices/destroy-on-phone.ts';
import { proofOf } from '../fingerprint.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import type { UploadTarget } from './upload-target.ts';

/**
 * Gives the complete copy its name; what the conflict was decided about goes in the same step. Where anything else is
 * there by now the copy keeps its temporary name and this rejects with `exists`: the next preparation finds it, and
 * decides the conflict anew.
 */
export async function publishUpload(context: ItemTransferContext, target: UploadTarget): Promise<void> {
  const { run, connection } = context;
  const copy = { ...target.made, size: run.row.size };
  if (copy.name === target.name) return;
  const { expectation } = run.row;
  if (expectation === undefined) throw fail('internal', 'publish', 'nothing was decided about the target');
  run.update({ creation: 'renaming' });
  const expected =
    expectation.kind === 'nothing' ? expectation : { ...expectation, content: proofOf(connection.phone, expectation) };
  const published = await publishOnPhone(connection, target.folder, copy, target.name, expected);
  if (published === 'done') {
    run.update({ temporary: undefined });
    return;
  }
  // the old decision and the old answer were about something else
  const { answer } = run.row;
  run.update({ creation: 'created', expectation: undefined, answer: answer === 'replace' ? undefined : answer });
  throw fail('exists', 'publish', `another ${published === 'is-folder' ? 'folder' : 'file'} has appeared`, {
    subject: target.name,
  });
}
