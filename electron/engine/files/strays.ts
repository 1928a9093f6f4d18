import {
  type DeviceKey,
  type ItemId,
  type PhonePath,
  type PhonePlace,
  type StorageKey,
} from '../../../shared/domain.ts';
import { endsConnection, problemOf } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { removeCopies } from '../devices/copied-folder.ts';
import { destroyOnPhone, type PhoneDestruction } from '../devices/destroy-on-phone.ts';
import { settleWholeCopy } from '../devices/whole-copy.ts';
import type { Connection } from '../devices/device-connection.ts';
import { asItIs } from '../devices/look-again.ts';
import { leftoverId, NO_TRANSFER } from '../model/leftover-id.ts';
import type { OldFile } from '../model/transfer-store.ts';
import { OneAtATime } from '../model/one-at-a-time.ts';

/** A file under a temporary name that is being written for another program. */
export interface Stray {
  readonly item: ItemId;
  readonly device: DeviceKey;
  readonly storage: StorageKey;
  readonly folder: PhonePath;
  readonly name: string;
  /** It is whole, and what had this name may be gone for it: see `settleWholeCopy`. */
  readonly replaces?: string;
  readonly old?: OldFile;
  /** A copy of what is there, a folder or a file: see `removeCopies`. */
  readonly copyOf?: PhonePlace;
}

/** Whether what has the name of a file that was replaced is that file. */
type IsOld = NonNullable<Parameters<typeof settleWholeCopy>[3]>;

/** One that is given up. */
interface GivenUp {
  readonly stray: Stray;
  readonly isOld: IsOld | undefined;
  /** How often it could not be removed on a phone that stayed. */
  tries: number;
}

/** Before what could not be removed is tried again, milliseconds, doubled each time: a phone may be locked for a moment. */
const AGAIN_MS = 2_000;
/** A minute of tries; then again when the phone, or a storage of it, comes back. */
const MOST_TRIES = 5;

/**
 * Temporary files of writes that did not end well. Each is noted in the store before it is made, so that one that a crash
 * leaves behind is swept like those of transfers (`queue/leftovers.ts`); one whose phone went is removed when it is back.
 */
export class Strays {
  readonly #context: EngineContext;
  readonly #waiting = new Map<string, GivenUp>();
  readonly #sweeps = new OneAtATime<DeviceKey>();

  constructor(context: EngineContext) {
    this.#context = context;
    context.registry.onReady((connection) => void this.sweep(connection));
    // a card that was away may be back
    context.registry.onChange(() => {
      for (const device of new Set([...this.#waiting.values()].map(({ stray }) => stray.device)))
        void this.#sweepOn(device);
    });
  }

  /** Notes a file that is about to be made. */
  begin(where: Omit<Stray, 'item'>): Stray {
    const stray = { ...where, item: leftoverId() };
    this.#context.beingWritten.add(stray.name);
    this.#note(stray);
    return stray;
  }

  /**
   * It is whole and is about to replace what has this name, and was `old` if it is a file: noted before anything is deleted for
   * it.
   */
  replaces(stray: Stray, name: string, old?: OldFile): Stray {
    const whole = { ...stray, replaces: name, ...(old === undefined ? {} : { old }) };
    this.#note(whole);
    return whole;
  }

  /** Where it is by now: its folder may have been moved or renamed since, which its note tells (`followFolder`). Throws `store`. */
  #now(stray: Stray): Stray {
    const note = this.#context.store.leftovers(stray.device).find(({ item }) => item === stray.item);
    return note?.folder === undefined ? stray : { ...stray, storage: note.storage, folder: note.folder };
  }

  #note(noted: Stray): void {
    const { replaces, old, copyOf, ...stray } = this.#now(noted);
    this.#context.store.addLeftover({
      ...stray,
      transfer: NO_TRANSFER,
      direction: 'upload',
      proof:
        replaces === undefined && copyOf !== undefined
          ? { kind: 'copy-of', source: copyOf }
          : { kind: 'exclusive-name', replaces, old },
    });
  }

  /** It has its own name now, or was never made. */
  end(stray: Stray): void {
    this.#context.beingWritten.delete(stray.name);
    this.#waiting.delete(stray.name);
    this.#context.store.removeLeftover(stray.item);
  }

  /**
   * It is given up: removed at once where the phone is there, else when it is back. `isOld`: of one for which the phone was told
   * to delete the old file; see `settleWholeCopy`. Never rejects.
   */
  async abandon(stray: Stray, isOld?: IsOld): Promise<void> {
    this.#waiting.set(stray.name, { stray, isOld, tries: 0 });
    await this.#sweepOn(stray.device);
  }

  async #sweepOn(device: DeviceKey): Promise<void> {
    const connection = this.#context.registry.connection(device);
    if (connection !== undefined) await this.sweep(connection);
  }

  #tryAgain(givenUp: GivenUp): void {
    givenUp.tries += 1;
    if (givenUp.tries > MOST_TRIES) return;
    setTimeout(() => void this.#sweepOn(givenUp.stray.device), AGAIN_MS * 2 ** (givenUp.tries - 1)).unref();
  }

  #settle(connection: Connection, stray: Stray, isOld: IsOld | undefined): Promise<PhoneDestruction> {
    const { replaces, copyOf, device } = stray;
    if (replaces !== undefined) return settleWholeCopy(connection, stray, replaces, isOld);
    if (copyOf !== undefined) return removeCopies(connection, stray, copyOf.device === device ? copyOf : undefined);
    return destroyOnPhone(connection, stray, { kind: 'temporary' });
  }

  /** Removes what was given up on this phone. Never rejects. */
  sweep(connection: Connection): Promise<void> {
    // two at once would each give a whole copy a name
    return this.#sweeps.run(connection.key, () => this.#sweep(connection));
  }

  async #sweep(connection: Connection): Promise<void> {
    for (const givenUp of this.#waiting.values()) {
      const { stray } = givenUp;
      if (stray.device !== connection.key) continue;
      try {
        const now = this.#now(stray);
        if (!connection.tree.has(now.storage)) continue;
        const answer = await asItIs(
          () => connection.tree,
          () => this.#settle(connection, now, givenUp.isOld),
        );
        if (answer === 'phantom') continue;
        this.end(stray);
      } catch (error) {
        this.#context.log(`a temporary file stays for now: ${stray.name}: ${String(error)}`);
        if (!endsConnection(problemOf(error, 'clean').kind)) this.#tryAgain(givenUp);
      }
    }
  }
}
