import { baseNameOf, parentOf, type PhonePlace } from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import { destroyOnPhone, type PhoneDestruction } from '../devices/destroy-on-phone.ts';
import type { PhoneBrowser } from '../devices/phone-browser.ts';
import type { PhoneEvidence } from '../devices/phone-evidence.ts';
import type { Reading } from '../reading/reading.ts';
import { requireSame, type LookedAt } from './same-files.ts';

/** The last step of a move by copies: the originals. */

const BROWSE = { priority: 'browse' } as const;
const BULK = { priority: 'bulk' } as const;

/** One file or folder that was copied. */
export interface Copied {
  readonly from: PhonePlace;
  readonly to: PhonePlace;
  readonly object: PhoneObject;
}

interface Parts {
  readonly browser: PhoneBrowser;
  readonly reading: Reading;
}

/**
 * Deletes the originals in `left`, of which each folder comes before what is in it, the last one first, and takes them off
 * it. A file goes once its copy equals it byte for byte, and only if it still is what was compared; a folder goes when it is
 * empty. `begun`: called before the first one goes. Rejects with `source-changed` or `mismatch` where something was
 * written to or came meanwhile: that stays, and so does what is left.
 */
export async function clearOriginals(parts: Parts, left: Copied[], begun: () => void): Promise<void> {
  for (let one = left.at(-1); one !== undefined; one = left.at(-1)) {
    await clear(parts, one, begun);
    left.pop();
  }
}

async function clear({ browser, reading }: Parts, copied: Copied, begun: () => void): Promise<void> {
  const { from } = copied;
  await reading.whenThere(from, async () => {
    let answer = await clearNow(browser, copied, begun);
    if (answer === 'gone') {
      // phones give everything another handle while they are locked: by its name it may still be there
      browser.connection(from.device).tree.forget();
      answer = await clearNow(browser, copied, begun);
    }
    if (answer !== 'done')
      throw fail('source-changed', 'move', `not deleted: ${answer}`, { subject: baseNameOf(from.path) });
  });
}

/** `done` where it is not there any more under its name; `gone` where the phone does not know its handle. */
async function clearNow(
  browser: PhoneBrowser,
  { from, to, object }: Copied,
  begun: () => void,
): Promise<PhoneDestruction> {
  const original = await now(browser, from).catch((error: unknown) => {
    // somebody else deleted it, or the answer was lost
    if (isPhoneError(error) && error.kind === 'missing') return undefined;
    throw error;
  });
  if (original === undefined) return 'done';
  const { connection } = original;
  const { handle, name, size, modified } = original.object;
  let evidence: PhoneEvidence;
  if (object.kind === 'file') {
    await requireSame(original, await now(browser, to), BULK);
    evidence = { kind: 'as-seen', size, modified, content: 'compared' };
  } else {
    const { objects } = await connection.tree.folder(from.storage, from.path, { ...BROWSE, fresh: true });
    if ([...objects].length > 0) throw fail('source-changed', 'move', 'something came into it', { subject: name });
    evidence = { kind: 'chosen', object: original.object };
  }
  begun();
  const folder = parentOf(from.path);
  const answer = await destroyOnPhone(connection, { storage: from.storage, folder, name, handle }, evidence, BROWSE);
  browser.changed(from.device, folder);
  return answer;
}

async function now(browser: PhoneBrowser, place: PhonePlace): Promise<LookedAt> {
  const { connection, object } = await browser.find(place);
  return { connection, object: { ...(await connection.phone.stat(object.handle, BROWSE)), name: object.name } };
}
