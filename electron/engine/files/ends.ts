import { baseNameOf, parentOf, type PhonePlace } from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { ListedFolder } from '../devices/listed-folder.ts';
import { lookAgain } from '../devices/look-again.ts';
import type { PhoneBrowser } from '../devices/phone-browser.ts';
import { PhoneDeletions } from '../devices/phone-deletions.ts';
import type { Reading } from '../reading/reading.ts';
import { entryOf } from './entry.ts';
import type { HalfMovedTargets } from './half-moved.ts';
import { requireApart, requireShown, requireSpelled, type Shown } from './shown.ts';
import { targetAt, type Target } from './target.ts';

const BROWSE = { priority: 'browse' } as const;

/** Found at its place. */
export interface Found {
  readonly connection: Connection;
  readonly object: PhoneObject;
  readonly parent: ListedFolder;
}

/** What lies at the two ends of a move or a copy, as it is when it is asked; each call waits 10 s for a phone that is away. */
export class Ends {
  readonly #browser: PhoneBrowser;
  readonly #reading: Reading;
  readonly #deletions: PhoneDeletions;
  readonly #halfMoved: HalfMovedTargets;

  constructor(parts: {
    readonly browser: PhoneBrowser;
    readonly reading: Reading;
    readonly halfMoved: HalfMovedTargets;
  }) {
    this.#browser = parts.browser;
    this.#reading = parts.reading;
    this.#deletions = new PhoneDeletions(parts.browser);
    this.#halfMoved = parts.halfMoved;
  }

  /** By exactly its name. Rejects with `missing`, and `exists` where it is listed in another spelling. */
  find(place: PhonePlace): Promise<Found> {
    return this.#reading.whenThere(place, () => this.#find(place));
  }

  async #find(place: PhonePlace): Promise<Found> {
    const found = await this.#browser.find(place);
    requireSpelled(found.object, baseNameOf(place.path));
    return found;
  }

  /**
   * What is at both ends of a move or a copy; on one phone, both as one connection has them: on another one it has other handles.
   * Rejects with `missing` (no such source, or folder for it), `bad-name`, `bad-request` where one leads through the other, and
   * `exists` where something else is there than was `shown`, or copies whose originals are gone.
   */
  async both(
    from: PhonePlace,
    to: PhonePlace,
    shown: Shown,
    isMove: boolean,
  ): Promise<{ readonly source: Found; readonly target: Target }> {
    const found = await this.find(from);
    return this.#reading.whenThere(to, async () => {
      const connection = this.#browser.connection(to.device);
      const isNear = from.device === to.device;
      // the phone may have been plugged in again since
      const source = isNear && found.connection !== connection ? await this.#find(from) : found;
      const target = await targetAt(isNear ? source.connection : connection, to);
      const { there } = target;
      if (isNear) {
        await requireApart(source.connection, { place: from, object: source.object }, { place: to, there }, isMove);
        if (there?.handle === source.object.handle) return { source, target };
      }
      requireSpelled(there, baseNameOf(to.path));
      requireShown(connection, there, shown);
      if (there !== undefined && (await this.#isHalfMoved(to)))
        throw fail('exists', 'move', 'files whose originals are gone', { subject: there.name });
      return { source, target };
    });
  }

  /** Whether something is there now; the phone is asked. */
  async isThere(place: PhonePlace): Promise<boolean> {
    return this.#reading.whenThere(place, async () => {
      const connection = this.#browser.connection(place.device);
      const folder = await connection.tree.folder(place.storage, parentOf(place.path), BROWSE);
      return (await lookAgain(connection, folder, baseNameOf(place.path), undefined, BROWSE)) !== undefined;
    });
  }

  /** Whether what lies there, or in it, was moved by a move that did not end: some of its originals are still there. */
  async #isHalfMoved(place: PhonePlace): Promise<boolean> {
    for (const { from, to } of this.#halfMoved.within(place)) {
      const isOver = await this.#browser.find(from).then(
        () => false,
        (error: unknown) => isPhoneError(error) && error.kind === 'missing',
      );
      if (!isOver) return true;
      this.#halfMoved.end(to);
    }
    return false;
  }

  /** Deletes what lies there, if it still is what was found. */
  async makeWay(connection: Connection, there: PhoneObject, object: PhoneObject, to: PhonePlace): Promise<void> {
    // a file is replaced by a file in the end
    if (there.kind === 'file' && object.kind === 'file') return;
    if (await this.isThere(to)) await this.remove(to, entryOf(connection, there));
  }

  /**
   * Deletes a file, or a folder with all in it. Rejects with `exists` where it is not what was shown, `missing`, also for
   * another spelling of its name, and as `PhoneDeletions.delete`.
   */
  async remove(place: PhonePlace, shown?: Shown): Promise<void> {
    let isBegun = false;
    await this.#reading.whenThere(place, async () => {
      const found = await this.#browser.find(place).catch((error: unknown) => {
        // it went, and the answer was lost
        if (isBegun && isPhoneError(error) && error.kind === 'missing') return undefined;
        throw error;
      });
      if (found === undefined) return;
      requireSpelled(found.object, baseNameOf(place.path));
      if (!isBegun || found.object.kind === 'file') requireShown(found.connection, found.object, shown);
      isBegun = true;
      await this.#deletions.delete([place]);
    });
    this.#halfMoved.end(place);
  }
}
