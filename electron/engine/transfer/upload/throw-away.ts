import { endsConnection, problemOf } from '../../../../shared/errors.ts';
import type { PhoneDestruction } from '../../devices/destroy-on-phone.ts';
import { isTemporaryName } from '../../devices/temporary-name.ts';
import type { UploadParts } from './decide-conflict.ts';

/**
 * Removes what an upload has made as `name` and does not go on with; what has a name of its own and cannot be removed now
 * (nothing can be written there, say) is noted for later. Rejects where the phone or its storage went.
 */
export async function throwAway(
  { context, target }: Pick<UploadParts, 'context' | 'target'>,
  name: string | undefined,
  remove: () => Promise<PhoneDestruction | undefined>,
): Promise<void> {
  try {
    if ((await remove()) !== 'phantom') return;
  } catch (error) {
    const { kind } = problemOf(error);
    if (endsConnection(kind) || kind === 'storage-missing') throw error;
  }
  // under any other name it is decided about as a file that somebody else has put there
  if (name === undefined || name === target.name || !isTemporaryName(name)) return;
  // it begins anew: this one never gets its name, be it whole
  context.run.update({ creation: 'created' });
  context.leave();
}
