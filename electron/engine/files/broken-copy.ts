import { baseNameOf, parentOf, type PhonePlace } from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import { objectReader } from '../devices/beginning-of-source.ts';
import { destroyOnPhone } from '../devices/destroy-on-phone.ts';
import { lookAgain } from '../devices/look-again.ts';
import type { PhoneBrowser } from '../devices/phone-browser.ts';
import { requireSame } from './same-files.ts';

const BROWSE = { priority: 'browse' } as const;

/**
 * What a phone that was unplugged in the midst of its own copy of a file has left under the copy's name. Answers whether
 * that is all of the file; a beginning of it is removed. Rejects with `exists` where it is neither.
 */
export async function removeBeginning(browser: PhoneBrowser, from: PhonePlace, to: PhonePlace): Promise<boolean> {
  const { connection, object } = await browser.find(from);
  const folder = await connection.tree.folder(to.storage, parentOf(to.path), { ...BROWSE, fresh: true });
  const there = await lookAgain(connection, folder, baseNameOf(to.path), undefined, BROWSE);
  if (there === undefined) return false;
  if (there.kind === 'file' && there.size === object.size)
    try {
      await requireSame({ connection, object }, { connection, object: there }, BROWSE);
      return true;
    } catch (error) {
      if (!isPhoneError(error) || error.kind !== 'mismatch') throw error;
    }
  const source = objectReader(connection, object, BROWSE);
  const place = { storage: to.storage, folder: folder.path, name: there.name, handle: there.handle };
  const answer = await destroyOnPhone(connection, place, { kind: 'beginning-of', source }, BROWSE);
  if (answer === 'done' || answer === 'gone') return false;
  throw fail('exists', 'copy', answer, { subject: there.name });
}
