import type { PhonePlace } from '../../shared/domain.ts';
import type { PhoneEntry } from '../engine/index.ts';

/** Tags of files remembered for clients that come back with them. */
const MOST = 4_096;

/**
 * Strong entity tags: handle, size and date. Handles are given anew at each plug, so a tag that a client was told stays that
 * of its file as long as place, size and date are the same on the next connection: a client that writes on after a replug
 * is not told that the file has changed. Without a date it is told so.
 */
export class Etags {
  readonly #told = new Map<string, { readonly session: number; readonly handle: number; readonly tag: string }>();

  /** The tag of a file now. `remember`: it is told to somebody who may come back with it. */
  of(place: PhonePlace, entry: PhoneEntry, remember = false): string {
    const key = `${place.device}\n${place.storage}\n${place.path}\n${entry.size}\n${entry.modified ?? ''}`;
    const told = this.#told.get(key);
    const isAgain = told !== undefined && told.session !== entry.session;
    // without a date it may be another file of that size
    const isTold = told !== undefined && (isAgain ? entry.modified !== undefined : told.handle === entry.handle);
    const tag = isTold ? told.tag : tagOf(entry);
    if (isTold || remember) {
      this.#told.delete(key);
      this.#told.set(key, { session: entry.session, handle: entry.handle, tag });
      const [oldest] = this.#told.keys();
      if (this.#told.size > MOST && oldest !== undefined) this.#told.delete(oldest);
    }
    return tag;
  }
}

const tagOf = ({ handle, size, modified, session }: PhoneEntry): string =>
  `"${handle.toString(36)}-${size.toString(36)}-${modified === undefined ? `x${session}` : modified.toString(36)}"`;
