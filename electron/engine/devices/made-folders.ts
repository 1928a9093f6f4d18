import type { PhonePath, PhonePlace } from '../../../shared/domain.ts';
import type { CallOptions } from '../../mtp/index.ts';
import { destroyOnPhone } from './destroy-on-phone.ts';
import type { Connection } from './device-connection.ts';
import type { ListedFolder, MadeFolder } from './listed-folder.ts';

/**
 * Does something in a folder that is made for it, with what is missing above. If that fails, what was made and is still empty
 * goes again, and `onRemoved` is told the folders they were in. Rejects as `makeFolders` and `work` do.
 */
export async function inMadeFolder<T>(
  connection: Connection,
  { storage, path }: PhonePlace,
  work: (folder: ListedFolder) => Promise<T>,
  options: CallOptions,
  onRemoved: (parent: PhonePath) => void,
): Promise<T> {
  const made: MadeFolder[] = [];
  const onMade = (folder: MadeFolder): void => void made.unshift(folder);
  try {
    return await work(await connection.tree.makeFolders(storage, path, { ...options, onMade }));
  } catch (error) {
    for (const folder of made) {
      const evidence = { kind: 'made-folder', parent: folder.parent } as const;
      const answer = await destroyOnPhone(connection, folder, evidence, options).catch(() => 'kept' as const);
      if (answer !== 'done') break;
      onRemoved(folder.folder);
    }
    throw error;
  }
}
