import { ROOT, joinPhonePath, segmentOf, segmentsOf, type PhonePath } from '../../../shared/domain.ts';
import { isPhoneError } from '../../../shared/errors.ts';
import type { FolderRef, Phone, PhoneObject, PhoneStorage } from '../../mtp/index.ts';
import type { Witness } from './storage-keys.ts';

/** Listings for one question: what is kept may lie in as many folders as it has files. */
const MOST_LISTINGS = 32;

/**
 * How many of `witnesses` lie on a storage: of that size where it is known. Lists the folders on the way, each once and
 * 32 at most; what is not looked at counts as missing. Rejects as `Phone.list` does, but for folders that have gone.
 */
export async function countHeld(phone: Phone, storage: PhoneStorage, witnesses: readonly Witness[]): Promise<number> {
  const listed = new Map<PhonePath, readonly PhoneObject[]>();
  const list = async (path: PhonePath, folder: FolderRef): Promise<readonly PhoneObject[]> => {
    const known = listed.get(path);
    if (known !== undefined) return known;
    if (listed.size >= MOST_LISTINGS) return [];
    const objects = await phone.list(storage.id, folder, { priority: 'browse' }).catch((error: unknown) => {
      if (isPhoneError(error) && (error.kind === 'missing' || error.kind === 'stale')) return [];
      throw error;
    });
    listed.set(path, objects);
    return objects;
  };
  let count = 0;
  for (const { path, size } of witnesses) {
    let at: PhonePath = ROOT;
    let folder: FolderRef | undefined = 'root';
    let found: PhoneObject | undefined;
    for (const segment of segmentsOf(path)) {
      if (folder === undefined) break;
      found = (await list(at, folder)).find(({ name }) => segmentOf(name) === segment);
      folder = found?.kind === 'folder' ? found.handle : undefined;
      if (found === undefined) break;
      at = joinPhonePath(at, found.name);
    }
    if (found !== undefined && at === path && (size === undefined || (found.kind === 'file' && found.size === size)))
      count += 1;
  }
  return count;
}
