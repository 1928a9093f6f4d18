import { baseNameOf, joinPhonePath, parentOf, type PhonePath, type PhonePlace } from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import { isFigure } from '../../../shared/storages.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import type { EngineContext } from '../context.ts';
import { lookAgain } from '../devices/look-again.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { ListedFolder } from '../devices/listed-folder.ts';
import { listBranch, sizeOfBranch, type Branch } from '../devices/phone-branch.ts';
import type { PhoneBrowser } from '../devices/phone-browser.ts';
import { PhoneChanges } from '../devices/phone-changes.ts';
import { PhoneDeletions } from '../devices/phone-deletions.ts';
import { isTemporaryName } from '../devices/temporary-name.ts';
import type { Reading } from '../reading/reading.ts';
import { entryOf } from './entry.ts';
import { HalfMovedTargets, keyOf } from './half-moved.ts';
import { clearOriginals, type Copied } from './moved-originals.ts';
import { NearMove } from './near-move.ts';
import type { NewFile, NewFilePlan } from './new-file.ts';
import { removeBeginning } from './broken-copy.ts';
import { movedFrom, replaceFolder } from './replace-folder.ts';
import { requireApart, requireShown, requireSpelled, type Shown } from './shown.ts';
import type { Strays } from './strays.ts';
import { expectationOf, targetAt, type Target } from './target.ts';

/** Moves and copies that another program asks for: within a storage by the phone itself, else through this computer. */

const BROWSE = { priority: 'browse' } as const;

/** Found at its place. */
interface Found {
  readonly connection: Connection;
  readonly object: PhoneObject;
  readonly parent: ListedFolder;
}

/**
 * Changes places of files on phones. Each step waits 10 s for a phone that is away and goes on from there; nothing is begun
 * anew, since what is at the target by then may be all that is left.
 */
export class Rearrangement {
  readonly #context: EngineContext;
  readonly #browser: PhoneBrowser;
  readonly #reading: Reading;
  readonly #changes: PhoneChanges;
  readonly #deletions: PhoneDeletions;
  readonly #write: (place: PhonePlace, plan: NewFilePlan) => Promise<NewFile>;
  readonly #strays: Strays;
  readonly #halfMoved: HalfMovedTargets;

  constructor(parts: {
    readonly context: EngineContext;
    readonly browser: PhoneBrowser;
    readonly reading: Reading;
    readonly write: (place: PhonePlace, plan: NewFilePlan) => Promise<NewFile>;
    readonly strays: Strays;
  }) {
    this.#strays = parts.strays;
    this.#context = parts.context;
    this.#browser = parts.browser;
    this.#reading = parts.reading;
    this.#changes = new PhoneChanges(parts.browser);
    this.#deletions = new PhoneDeletions(parts.browser);
    this.#write = parts.write;
    this.#halfMoved = new HalfMovedTargets(parts.context);
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

  /**
   * Moves what is at `from` to `to`, and replaces there what was `shown`: a file in the end, a folder first. Rejects with
   * `missing`, `bad-name`, `bad-request` where one leads through the other, `exists` where something else is there than was
   * shown, or the copies of a move that did not end.
   */
  async move(from: PhonePlace, to: PhonePlace, shown?: Shown): Promise<void> {
    const half = this.#halfMoved.at(to);
    if (half !== undefined && keyOf(half.from) === keyOf(from)) {
      if (await this.#isThere(to)) return this.#clear(to, from, half.left ?? (await this.#stillAt(from, to)));
      this.#halfMoved.end(to);
    }
    const source = await this.#find(from);
    const target = await this.#target(from, source, to, shown, true);
    const isNear = from.device === to.device && source.parent.storage.id === target.folder.storage.id;
    const isHere = isNear && source.parent.ref === target.folder.ref;
    if (isNear && (isHere || source.connection.phone.capabilities.move)) await this.#moveNear(from, to, source, target);
    else {
      const copied: Copied[] = [];
      await this.#copyAll(from, to, { source, target, copied });
      await this.#clear(to, from, copied);
    }
  }

  async #moveNear(from: PhonePlace, to: PhonePlace, { connection, object }: Found, { there }: Target): Promise<void> {
    const current = (): Connection => this.#browser.connection(to.device);
    const isOther = there !== undefined && there.handle !== object.handle;
    const expected = await expectationOf(connection, isOther && there.kind === 'file' ? there : undefined, current);
    const move = new NearMove({ from, to, object, expected }, async () => {
      if (isOther) await this.#makeWay(connection, there, object, to);
    });
    try {
      await this.#reading.whenThere(from, () => move.go(current()));
    } catch (error) {
      await move.undo(current()).catch((reason: unknown) => {
        this.#context.log(`a move was not undone: ${object.name}: ${String(reason)}`);
      });
      throw error;
    } finally {
      this.#context.registry.connection(to.device)?.tree.forget();
      this.#changed(from, to);
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
    const { connection, object } = await this.#find(from);
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
    const source = await this.#find(from);
    const target = await this.#target(from, source, to, shown, false);
    await this.#copyAll(from, to, { source, target, shallow });
  }

  async #copyAll(
    from: PhonePlace,
    to: PhonePlace,
    {
      source,
      target,
      shallow = false,
      copied,
    }: { readonly source: Found; readonly target: Target; readonly shallow?: boolean; readonly copied?: Copied[] },
  ): Promise<void> {
    const { object } = source;
    const { there } = target;
    if (there !== undefined && (there.kind === 'folder' || object.kind === 'folder')) {
      const canRename = this.#browser.connection(to.device).phone.capabilities.rename;
      await this.#requireRoom(from, source, to, target, shallow, canRename);
      if (canRename) return this.#replace(from, to, { source, target, shallow, there, ...(copied && { copied }) });
      await this.#makeWay(this.#browser.connection(to.device), there, object, to);
    }
    const isFree = there === undefined || there.kind === 'folder' || object.kind === 'folder';
    if (isFree && !shallow && copied === undefined) {
      const how = await this.#copiedByPhone(from, to, source);
      if (how === 'done') return;
      if (how === 'partly') return this.#complete(from, to, object);
    }
    if (object.kind === 'file') {
      const shown = there?.kind === 'file' ? entryOf(this.#browser.connection(to.device), there) : 'nothing';
      await this.#copyFile(from, to, object, shown);
      copied?.push({ from, to, object });
      return;
    }
    await this.#makeFolder(to);
    copied?.push({ from, to, object });
    if (shallow) return;
    for (const name of await this.#namesIn(from)) {
      const [its, copy] = [
        { ...from, path: joinPhonePath(from.path, name) },
        { ...to, path: joinPhonePath(to.path, name) },
      ];
      const child = await this.#find(its);
      const place = await this.#target(its, child, copy, 'nothing', false);
      await this.#copyAll(its, copy, { source: child, target: place, ...(copied && { copied }) });
    }
  }

  /** Makes it beside what is there, which goes in the end. */
  async #replace(
    from: PhonePlace,
    to: PhonePlace,
    {
      source,
      target,
      shallow,
      copied,
      there,
    }: {
      readonly source: Found;
      readonly target: Target;
      readonly shallow: boolean;
      readonly copied?: Copied[];
      readonly there: PhoneObject;
    },
  ): Promise<void> {
    const free = { ...target, there: undefined };
    const aside = await replaceFolder({
      browser: this.#browser,
      reading: this.#reading,
      strays: this.#strays,
      unique: () => this.#context.unique(),
      ...{ from, to, there },
      copyTo: (place) => this.#copyAll(from, place, { source, target: free, shallow, ...(copied && { copied }) }),
      makeWay: (now) => this.remove(to, now),
    });
    for (const [index, one] of (copied ?? []).entries())
      copied?.splice(index, 1, { ...one, to: movedFrom(aside, to, one.to) });
  }

  /** What a phone was copying by itself when it was unplugged, by this computer: what lies there is no more than it made. */
  async #complete(from: PhonePlace, to: PhonePlace, object: PhoneObject): Promise<void> {
    if (object.kind === 'file') {
      const isWhole = await this.#reading.whenThere(to, () => removeBeginning(this.#browser, from, to));
      if (!isWhole) await this.#copyFile(from, to, object, 'nothing');
      return;
    }
    await this.#makeFolder(to, true);
    for (const name of await this.#namesIn(from)) {
      const its = { ...from, path: joinPhonePath(from.path, name) };
      const { object: child } = await this.#find(its);
      await this.#complete(its, { ...to, path: joinPhonePath(to.path, name) }, child);
    }
  }

  async #namesIn(folder: PhonePlace): Promise<readonly string[]> {
    return this.#reading.whenThere(folder, async () => {
      const { tree } = this.#browser.connection(folder.device);
      return [...(await tree.folder(folder.storage, folder.path, BROWSE)).objects].map(({ name }) => name);
    });
  }

  /** `isBegun`: one that is there, since the answer to making it was lost, is as good as a new one. */
  async #makeFolder(to: PhonePlace, isBegun = false): Promise<void> {
    await this.#reading.whenThere(to, async () => {
      const connection = this.#browser.connection(to.device);
      const { folder, there } = await targetAt(connection, to, true);
      if (isBegun && there?.kind === 'folder') return;
      if (there !== undefined) throw fail('exists', 'copy', '', { subject: there.name });
      isBegun = true;
      await connection.tree.makeFolder(folder, baseNameOf(to.path), BROWSE);
      this.#browser.changed(to.device, folder.path);
    });
  }

  /** What the phone has copied by itself: within a storage, under the same name; a copy has no other one. */
  async #copiedByPhone(
    from: PhonePlace,
    to: PhonePlace,
    { connection, object, parent }: Found,
  ): Promise<'done' | 'partly' | 'not'> {
    const isNear = from.device === to.device && from.storage === to.storage && connection.phone.capabilities.copy;
    if (!isNear || object.name !== baseNameOf(to.path) || parent.path === parentOf(to.path)) return 'not';
    try {
      await this.#changes.transfer([from], { ...to, path: parentOf(to.path) }, 'copy');
      return 'done';
    } catch (error) {
      if (!isPhoneError(error)) throw error;
      if (error.kind === 'unsupported') return 'not';
      if (error.kind === 'disconnected') return 'partly';
      throw error;
    }
  }

  /** Through this computer, under a temporary name. Rejects with `source-changed` where it was written to meanwhile. */
  async #copyFile(from: PhonePlace, to: PhonePlace, object: PhoneObject, shown: Shown): Promise<void> {
    // what was read before may be older than what is there
    const file = await this.#reading.openFile(from, { priority: 'bulk', keep: false });
    try {
      const ownName = isTemporaryName(baseNameOf(to.path));
      const copy = await this.#write(to, { size: file.size, modified: object.modified, shown, ownName });
      try {
        for await (const piece of file.stream(0, file.size)) await copy.write(piece);
        const { size, modified } = await this.#reading.whenThere(from, () => this.#browser.stat(from));
        if (size !== file.size || modified !== file.modified)
          throw fail('source-changed', 'copy', `was ${file.size} bytes, is ${size}`, { subject: object.name });
        await copy.finish();
      } finally {
        await copy.abandon();
      }
    } finally {
      file.close();
    }
  }

  /** By exactly its name. Rejects with `missing`. */
  async #find(place: PhonePlace): Promise<Found> {
    const found = await this.#reading.whenThere(place, () => this.#browser.find(place));
    requireSpelled(found.object, baseNameOf(place.path));
    return found;
  }

  async #target(from: PhonePlace, source: Found, to: PhonePlace, shown: Shown, isMove: boolean): Promise<Target> {
    return this.#reading.whenThere(to, async () => {
      const connection = this.#browser.connection(to.device);
      const target = await targetAt(connection, to);
      const { there } = target;
      if (from.device === to.device) {
        // the phone may have been plugged in again since it was found
        const object = source.connection === connection ? source.object : (await this.#browser.find(from)).object;
        await requireApart(connection, { place: from, object }, { place: to, there }, isMove);
        if (there?.handle === object.handle) return target;
      }
      requireSpelled(there, baseNameOf(to.path));
      requireShown(connection, there, shown);
      if (there !== undefined && (await this.#isHalfMoved(to)))
        throw fail('exists', 'move', 'files whose originals are gone', { subject: there.name });
      return target;
    });
  }

  async #isThere(place: PhonePlace): Promise<boolean> {
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
  async #makeWay(connection: Connection, there: PhoneObject, object: PhoneObject, to: PhonePlace): Promise<void> {
    // a file is replaced by a file in the end
    if (there.kind === 'file' && object.kind === 'file') return;
    if (await this.#isThere(to)) await this.remove(to, entryOf(connection, there));
  }

  /** There must be room for what comes, beside what is replaced where that stays until then (`keeps`). Rejects with `full`. */
  async #requireRoom(
    from: PhonePlace,
    { connection, object }: Found,
    to: PhonePlace,
    { folder, there }: Target,
    shallow: boolean,
    keeps: boolean,
  ): Promise<void> {
    const target = this.#browser.connection(to.device);
    const free = await target.phone.freeSpace(folder.storage.id, BROWSE);
    if (shallow || there === undefined || !isFigure(free)) return;
    const { bytes } = sizeOfBranch(await listBranch(connection, from.storage, from.path, object));
    const freed = keeps ? 0 : sizeOfBranch(await listBranch(target, to.storage, to.path, there)).bytes;
    if (bytes > free + freed)
      throw fail('full', 'free space', `needs ${bytes} bytes, has ${free + freed}`, {
        subject: object.name,
        fix: String(bytes),
      });
  }

  #changed(...places: readonly PhonePlace[]): void {
    for (const { device, path } of places) this.#browser.changed(device, parentOf(path));
  }
}
