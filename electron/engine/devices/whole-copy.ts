import type { CallOptions } from '../../mtp/index.ts';
import type { Connection } from './device-connection.ts';
import { destroyOnPhone, publishOnPhone, type PhoneDestruction } from './destroy-on-phone.ts';
import { lookAgain } from './look-again.ts';
import type { ObjectPlace } from './phone-evidence.ts';

/**
 * A whole copy under a temporary name that was to replace a file, when the phone went. The old file may be gone already: if
 * nothing has its `name`, the copy gets it, else the copy goes. Answers as `destroyOnPhone`, `done` either way.
 */
export async function settleWholeCopy(
  connection: Connection,
  copy: ObjectPlace,
  name: string,
  options?: CallOptions,
): Promise<PhoneDestruction> {
  const folder = await connection.tree.folder(copy.storage, copy.folder, { ...options, fresh: true });
  const object = folder.exactly(copy.name);
  if (object !== undefined && (await lookAgain(connection, folder, name, object.handle, options)) === undefined) {
    const answer = await publishOnPhone(connection, folder, object, name, { kind: 'nothing' }, options);
    if (answer === 'done') return answer;
  }
  return destroyOnPhone(connection, copy, { kind: 'temporary' }, options);
}
