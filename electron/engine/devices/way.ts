import { joinPhonePath, ROOT, segmentOf, segmentsOf, type PhonePath, type StorageKey } from '../../../shared/domain.ts';
import type { CallOptions } from '../../mtp/index.ts';
import type { Connection } from './device-connection.ts';
import { statOrGone } from './look-again.ts';
import { isInFolder } from './phone-evidence.ts';

/** The folders on the way to a place, which somebody may have renamed or moved since they were listed. */

const BROWSE: CallOptions = { priority: 'browse' };

/**
 * Whether a folder, and each above it, is still called so and lies where it was listed: one look at each, where listing it
 * anew could be thousands of entries. What is not listed yet is. Rejects as the phone does.
 */
export async function isWayUnchanged(connection: Connection, storage: StorageKey, path: PhonePath): Promise<boolean> {
  const { tree } = connection;
  let at: PhonePath = ROOT;
  for (const segment of segmentsOf(path)) {
    const listed = (await tree.folder(storage, at, BROWSE)).find(segment);
    if (listed === undefined) return false;
    const now = await statOrGone(connection, listed.handle, BROWSE);
    if (now?.kind !== 'folder' || segmentOf(now.name) !== segmentOf(listed.name)) return false;
    const place = { storage, folder: at, name: listed.name };
    if (!(await isInFolder(connection, place, now, listed.parent, BROWSE))) return false;
    at = joinPhonePath(at, listed.name);
  }
  return true;
}
