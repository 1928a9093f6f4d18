import { parentOf, type PhonePath, type PhonePlace } from '../../../shared/domain.ts';
import { problemOf } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import { listBranch, type Branch } from '../devices/phone-branch.ts';
import type { PhoneBrowser } from '../devices/phone-browser.ts';
import type { Reading } from '../reading/reading.ts';
import { Copying, type CopyingParts } from './copying.ts';
import { Ends, type Found } from './ends.ts';
import { HalfMovedTargets, keyOf } from './half-moved.ts';
import { clearOriginals, type Copied } from './moved-originals.ts';
import { NearMove } from './near-move.ts';
import type { Shown } from './shown.ts';
import { expectationOf, type Target } from './target.ts';

/** Moves and copies that another program asks for: within a storage by the phone itself, else through this computer. */

/**
 * Changes places of files on phones. Each step waits 10 s for a phone that is away and goes on from there; nothing is begun
 * anew, since what is at the target by then may be all that is left.
 */
export class Rearrangement {
  readonly #context: EngineContext;
  readonly #browser: PhoneBrowser;
  readonly #reading: Reading;
  readonly #halfMoved: HalfMovedTargets;
  readonly #ends: Ends;
  readonly #copying: Copying;
  /** Moves within a storage that are under way, in the order in which they began, and their ends. */
  readonly #underWay = new Map<NearMove, Promise<void>>();

  constructor(parts: Omit<CopyingParts, 'ends'>) {
    const { context, browser, reading } = parts;
    this.#context = context;
    this.#browser = browser;
    this.#reading = reading;
    this.#halfMoved = new HalfMovedTargets(context);
    this.#ends = new Ends({ browser, reading, halfMoved: this.#halfMoved });
    this.#copying = new Copying({ ...parts, ends: this.#ends });
  }

  /** Deletes a file, or a folder with all in it; see `Ends.remove`. */
  remove(place: PhonePlace, shown?: Shown): Promise<void> {
    return this.#ends.remove(place, shown);
  }

  /**
   * Moves what is at `from` to `to`, and replaces there what was `shown`: a file in the end, a folder first. Rejects with
   * `missing`, `bad-name`, `bad-request` where one leads through the other, `exists` where something else is there than was
   * shown, or the copies of a move that did not end.
   */
  async move(from: PhonePlace, to: PhonePlace, shown?: Shown): Promise<void> {
    const half = this.#halfMoved.at(to);
    if (half !== undefined && keyOf(half.from) === keyOf(from)) {
      if (await this.#ends.isThere(to)) return this.#clear(to, from, half.left ?? (await this.#stillAt(from, to)));
      this.#halfMoved.end(to);
    }
    let { source, target } = await this.#ends.both(from, to, shown, true);
    const isNear = from.device === to.device && source.parent.storage.id === target.folder.storage.id;
    const isHere = isNear && source.parent.ref === target.folder.ref;
    if (isNear && (isHere || source.connection.phone.capabilities.move)) {
      if ((await this.#moveNear(from, to, source, target)) === 'done') return;
      ({ source, target } = await this.#ends.both(from, to, shown, true));
    }
    const copied: Copied[] = [];
    await this.#copying.copy(from, to, { source, target, copied });
    await this.#clear(to, from, copied);
  }

  /** `unmoved`: the phone cannot do that, which it may show only by doing nothing. Otherwise rejects as `NearMove.go`. */
  async #moveNear(
    from: PhonePlace,
    to: PhonePlace,
    { connection, object }: Found,
    { there }: Target,
  ): Promise<'done' | 'unmoved'> {
    const current = (): Connection => this.#browser.connection(to.device);
    const isOther = there !== undefined && there.handle !== object.handle;
    const expected = await expectationOf(connection, isOther && there.kind === 'file' ? there : undefined, current);
    const move = new NearMove(
      { from, to, object, expected },
      {
        makeWay: async () => {
          if (isOther) await this.#ends.makeWay(connection, there, object, to);
        },
        onMoved: (before, now) => {
          if (object.kind === 'folder') this.#browser.moved(before, now);
        },
      },
    );
    const ended = Promise.withResolvers<void>();
    const before = [...this.#underWay];
    this.#underWay.set(move, ended.promise);
    try {
      // what another program is moving is left to it: mostly it is not at this place any more then. Only earlier moves are waited
      // for, so no two wait for each other, and each ends some 10 s after its phone has gone
      for (const [other, end] of before) if (other.isAt(from)) await end;
      await this.#reading.whenThere(from, () => move.go(current()));
      return 'done';
    } catch (error) {
      await move.undo(current()).catch((reason: unknown) => {
        this.#context.log(`a move was not undone: ${object.name}: ${String(reason)}`);
      });
      const { kind, operation } = problemOf(error);
      if (kind === 'unsupported' && operation === 'MoveObject') return 'unmoved';
      throw error;
    } finally {
      this.#context.registry.connection(to.device)?.tree.forget();
      this.#changed(from, to);
      this.#underWay.delete(move);
      ended.resolve();
    }
  }

  /** The originals of what was copied. Once one is gone, the copies are remembered until the others are, too. */
  async #clear(to: PhonePlace, from: PhonePlace, left: Copied[]): Promise<void> {
    const parts = { browser: this.#browser, reading: this.#reading };
    await clearOriginals(parts, left, () => this.#halfMoved.begin(from, to, left));
    this.#halfMoved.end(to);
    this.#changed(from, to);
  }

  /** What an earlier run of the program copied and did not clear: each goes only once its copy equals it. */
  async #stillAt(from: PhonePlace, to: PhonePlace): Promise<Copied[]> {
    const { connection, object } = await this.#ends.find(from);
    const left: Copied[] = [];
    const add = (branch: Branch): void => {
      const its = branch.path.slice(from.path.length);
      const at = (place: PhonePlace): PhonePlace => ({ ...place, path: `${place.path}${its}` as PhonePath });
      if (branch.object !== undefined) left.push({ from: at(from), to: at(to), object: branch.object });
      branch.children?.forEach(add);
    };
    add(await listBranch(connection, from.storage, from.path, object, { fresh: true }));
    return left;
  }

  /** Copies what is at `from` to `to`, a folder with all in it unless `shallow`. Otherwise as `move`. */
  async copy(
    from: PhonePlace,
    to: PhonePlace,
    { shallow = false, shown }: { readonly shallow?: boolean; readonly shown?: Shown } = {},
  ): Promise<void> {
    const ends = await this.#ends.both(from, to, shown, false);
    await this.#copying.copy(from, to, { ...ends, shallow });
  }

  #changed(...places: readonly PhonePlace[]): void {
    for (const { device, path } of places) this.#browser.changed(device, parentOf(path));
  }
}
