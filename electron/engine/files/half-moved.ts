import { ROOT, baseNameOf, joinPhonePath, parentOf, type PhonePlace } from '../../../shared/domain.ts';
import type { EngineContext } from '../context.ts';
import { leftoverId, NO_TRANSFER } from '../model/leftover-id.ts';
import type { Leftover } from '../model/transfer-store.ts';
import type { Copied } from './moved-originals.ts';

/**
 * Moves by copies of which some originals are gone, and not all: what lies at the target may be all there is, so it is never
 * replaced. Each is in the store from the moment before the first original goes, and so outlives the program.
 */

/** What is remembered of one. */
export interface HalfMoved {
  readonly from: PhonePlace;
  readonly to: PhonePlace;
  /** What is still to be cleared, by the run that has copied it; `undefined` after the program was started anew. */
  readonly left: Copied[] | undefined;
}

/** All of them, of all phones that this is asked about. */
export class HalfMovedTargets {
  readonly #store: EngineContext['store'];
  readonly #left = new Map<string, Copied[]>();

  constructor({ store }: Pick<EngineContext, 'store'>) {
    this.#store = store;
  }

  /** The first original is about to go. Again for the same target: `left` is what is left by now. */
  begin(from: PhonePlace, to: PhonePlace, left: Copied[]): void {
    if (this.#left.get(keyOf(to)) === left) return;
    this.#left.set(keyOf(to), left);
    if (this.at(to) !== undefined) return;
    this.#store.addLeftover({
      item: leftoverId(),
      transfer: NO_TRANSFER,
      device: to.device,
      storage: to.storage,
      direction: 'upload',
      folder: parentOf(to.path),
      name: baseNameOf(to.path),
      proof: { kind: 'half-moved', source: from },
    });
  }

  /** No original is left, or what lay at the target was deleted by whoever knew it. */
  end(to: PhonePlace): void {
    this.#left.delete(keyOf(to));
    for (const note of this.#notes(to)) if (keyOf(targetOf(note)) === keyOf(to)) this.#store.removeLeftover(note.item);
  }

  /** The move that ends at exactly this place. */
  at(to: PhonePlace): HalfMoved | undefined {
    return this.within(to).find((one) => keyOf(one.to) === keyOf(to));
  }

  /** Those that end at this place or below it. */
  within(place: PhonePlace): readonly HalfMoved[] {
    return this.#notes(place).flatMap((note) => {
      const to = targetOf(note);
      const isWithin = keyOf(to) === keyOf(place) || keyOf(to).startsWith(`${keyOf(place)}/`);
      if (!isWithin || note.proof?.kind !== 'half-moved') return [];
      return [{ from: note.proof.source, to, left: this.#left.get(keyOf(to)) }];
    });
  }

  #notes({ device }: PhonePlace): readonly Leftover[] {
    return this.#store.leftovers(device).filter(({ proof }) => proof?.kind === 'half-moved');
  }
}

const targetOf = ({ device, storage, folder, name }: Leftover): PhonePlace => ({
  device,
  storage,
  path: joinPhonePath(folder ?? ROOT, name),
});

/** One text for one place. */
export const keyOf = ({ device, storage, path }: PhonePlace): string => `${device}\n${storage}\n${path}`;
