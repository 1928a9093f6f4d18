import { baseNameOf, foldName, joinPhonePath, parentOf, samePlace, type PhonePlace } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import { publishOnPhone } from '../devices/destroy-on-phone.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { ListedFolder } from '../devices/listed-folder.ts';
import { lookAgain } from '../devices/look-again.ts';
import { moveOnPhone } from '../devices/move-on-phone.ts';
import { isAsSeen } from '../devices/phone-evidence.ts';
import { numberedOnPhone } from '../devices/temporary-name.ts';
import type { Expected } from './target.ts';

const BROWSE = { priority: 'browse' } as const;
const NOTHING = { kind: 'nothing' } as const;
/** Names tried for the way from one folder to the other. */
const MOST_NAMES = 100;

/** What a move within a storage was decided on. */
export interface NearMovePlan {
  readonly from: PhonePlace;
  readonly to: PhonePlace;
  readonly object: PhoneObject;
  /** What may be replaced in the end. */
  readonly expected: Expected;
}

/** What a move needs of others. */
export interface NearMoveParts {
  /** Deletes a folder that is in the way, or a file in the way of a folder. */
  readonly makeWay: () => Promise<void>;
  /** Hears of each place that it has on its way, and at its end. */
  readonly onMoved: (before: PhonePlace, now: PhonePlace) => void;
}

interface Folders {
  readonly source: ListedFolder;
  readonly target: ListedFolder;
}

/**
 * A move within a storage by the phone's own operations: moved, then renamed. After an unplug it goes on from where the
 * object is by then. On its way it has a name that a person can do something with, never a temporary one: if the phone
 * does not come back, it lies in one of the two folders.
 */
export class NearMove {
  readonly #plan: NearMovePlan;
  readonly #parts: NearMoveParts;
  /** Where it is, as far as is known. */
  #place: PhonePlace;
  /** The name under which it goes from one folder to the other. */
  #via: string | undefined;
  #isMoving = false;
  #isNaming = false;
  #isAgain = false;

  constructor(plan: NearMovePlan, parts: NearMoveParts) {
    this.#plan = plan;
    this.#parts = parts;
    this.#place = plan.from;
  }

  get #own(): string {
    return this.#plan.object.name;
  }
  get #name(): string {
    return baseNameOf(this.#plan.to.path);
  }

  /** Whether what is moved may be at a place by now: where it was, or where it passes. */
  isAt(place: PhonePlace): boolean {
    const { from, to } = this.#plan;
    const names = this.#via === undefined ? [this.#own] : [this.#own, this.#via];
    // however the way there is spelled
    const path = foldName(place.path);
    const isIn = (end: PhonePlace): boolean =>
      place.device === end.device &&
      place.storage === end.storage &&
      names.some((name) => path === foldName(joinPhonePath(parentOf(end.path), name)));
    return isIn(from) || (this.#isMoving && isIn(to));
  }

  /** Goes as far as it gets; may be called again on another connection. Rejects with `exists`, `missing`, and as the phone does. */
  async go(connection: Connection): Promise<void> {
    const folders = await this.#folders(connection);
    const { source, target } = folders;
    if (source.ref === target.ref) {
      const object = this.#in(source, this.#own);
      if (object !== undefined) return this.#rename(connection, target, object);
      if (this.#isNaming && this.#in(target, this.#name) !== undefined) return;
      throw this.#lost();
    }
    await this.#goAcross(connection, folders);
  }

  /** Puts it back where it was, as far as the phone lets. Rejects as the phone does. */
  async undo(connection: Connection): Promise<void> {
    const via = this.#via;
    if (via === undefined) return;
    const { source, target } = await this.#folders(connection);
    const moved = this.#isMoving ? this.#in(target, via) : undefined;
    if (moved !== undefined) {
      const isBack = await connection.tree.alone(source, via, () =>
        moveOnPhone(connection, moved, target, source, BROWSE),
      );
      if (!isBack) return;
      this.#isAt(source, via);
    }
    const back = moved ?? this.#in(source, via);
    if (via === this.#own || back === undefined) return;
    if ((await publishOnPhone(connection, source, back, this.#own, NOTHING, BROWSE)) === 'done')
      this.#isAt(source, this.#own);
  }

  async #goAcross(connection: Connection, { source, target }: Folders): Promise<void> {
    let via = this.#via;
    let moved = via !== undefined && this.#isMoving ? this.#in(target, via) : undefined;
    if (moved === undefined) {
      let object = this.#in(source, via ?? this.#own) ?? this.#in(source, this.#own);
      if (object === undefined) {
        if (this.#isNaming && this.#in(target, this.#name) !== undefined) return;
        throw this.#lost();
      }
      if (via === undefined && (await this.#cross(connection, { source, target }, object, this.#own))) via = this.#own;
      else {
        via ??= await this.#wayName(connection, { source, target });
        this.#via = via;
        if (object.name !== via) {
          await this.#publish(connection, source, object, via, NOTHING);
          object = { ...object, name: via };
        }
        if (!(await this.#cross(connection, { source, target }, object, via)))
          throw fail('exists', 'move', 'something came there meanwhile', { subject: via });
      }
      if (via === this.#name) return;
      const folder = await connection.tree.folder(target.storage.key, target.path, { ...BROWSE, fresh: true });
      moved = this.#in(folder, via);
      if (moved === undefined) throw this.#lost();
      return this.#rename(connection, folder, moved);
    }
    if (via !== this.#name) await this.#rename(connection, target, moved);
  }

  /**
   * To the other folder under the name `via`, unless something has that there: nobody else gives that name between the look and
   * the move.
   */
  #cross(connection: Connection, { source, target }: Folders, object: PhoneObject, via: string): Promise<boolean> {
    return connection.tree.alone(target, via, async () => {
      const onBegin = (): void => {
        this.#via = via;
        this.#isMoving = true;
      };
      if (!(await moveOnPhone(connection, object, source, target, BROWSE, { onBegin }))) return false;
      source.remove(via);
      this.#isAt(target, via);
      // it is listed there anew, by whoever gives that name next too
      connection.tree.forget(target.storage.key, target.path);
      return true;
    });
  }

  /** The name that it is to have, else one with a number: one that is free in both folders. */
  async #wayName(connection: Connection, { source, target }: Folders): Promise<string> {
    const isFree = async (folder: ListedFolder, name: string, except?: PhoneObject['handle']): Promise<boolean> =>
      (await lookAgain(connection, folder, name, except, BROWSE)) === undefined;
    for (let number = 1; number <= MOST_NAMES; number += 1) {
      const name = number === 1 ? this.#name : numberedOnPhone(this.#name, number);
      if ((await isFree(target, name)) && (await isFree(source, name, this.#plan.object.handle))) return name;
    }
    throw fail('exists', 'move', 'no free name', { subject: this.#own });
  }

  async #rename(connection: Connection, folder: ListedFolder, object: PhoneObject): Promise<void> {
    const { expected } = this.#plan;
    await this.#parts.makeWay();
    this.#isNaming = true;
    await this.#publish(connection, folder, object, this.#name, expected);
  }

  async #publish(
    connection: Connection,
    folder: ListedFolder,
    object: PhoneObject,
    name: string,
    expected: Expected,
  ): Promise<void> {
    const answer = await publishOnPhone(connection, folder, object, name, expected, BROWSE);
    if (answer !== 'done') throw fail('exists', 'move', answer, { subject: name });
    this.#isAt(folder, name);
  }

  async #folders({ tree }: Connection): Promise<Folders> {
    const { from, to } = this.#plan;
    // the second time, what was done in between is in no listing
    const options = { ...BROWSE, fresh: this.#isAgain };
    this.#isAgain = true;
    const source = await tree.folder(from.storage, parentOf(from.path), options);
    const target = await tree.folder(to.storage, parentOf(to.path), options);
    return { source, target };
  }

  /** The object, if it is there under this name. */
  #in(folder: ListedFolder, name: string): PhoneObject | undefined {
    const { object } = this.#plan;
    const found = folder.exactly(name);
    if (found === undefined || found.kind !== object.kind) return undefined;
    if (object.kind !== 'folder' && !isAsSeen(found, object)) return undefined;
    this.#isAt(folder, name);
    return found;
  }

  #isAt(folder: ListedFolder, name: string): void {
    const before = this.#place;
    this.#place = { ...before, storage: folder.storage.key, path: joinPhonePath(folder.path, name) };
    if (!samePlace(before, this.#place)) this.#parts.onMoved(before, this.#place);
  }

  #lost(): Error {
    return fail('missing', 'move', 'it is not where it was', { subject: this.#own });
  }
}
