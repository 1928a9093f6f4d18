import { baseNameOf, joinPhonePath, parentOf, type PhonePlace } from '../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import { isFigure } from '../../../shared/storages.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import type { EngineContext } from '../context.ts';
import { listBranch, sizeOfBranch } from '../devices/phone-branch.ts';
import type { PhoneBrowser } from '../devices/phone-browser.ts';
import { PhoneChanges } from '../devices/phone-changes.ts';
import { isTemporaryName } from '../devices/temporary-name.ts';
import type { Reading } from '../reading/reading.ts';
import { removeBeginning } from './broken-copy.ts';
import type { Ends, Found } from './ends.ts';
import { entryOf } from './entry.ts';
import type { Copied } from './moved-originals.ts';
import type { NewFile, NewFilePlan } from './new-file.ts';
import { movedFrom, replaceFolder } from './replace-folder.ts';
import type { Shown } from './shown.ts';
import type { Strays } from './strays.ts';
import { targetAt, type Target } from './target.ts';

const BROWSE = { priority: 'browse' } as const;

/** What copying needs of its phones' files. */
export interface CopyingParts {
  readonly context: EngineContext;
  readonly browser: PhoneBrowser;
  readonly reading: Reading;
  readonly write: (place: PhonePlace, plan: NewFilePlan) => Promise<NewFile>;
  readonly strays: Strays;
  readonly ends: Ends;
}

/** Copies files and folders on phones: by the phone itself where it can, else through this computer. */
export class Copying {
  readonly #context: EngineContext;
  readonly #browser: PhoneBrowser;
  readonly #reading: Reading;
  readonly #changes: PhoneChanges;
  readonly #write: CopyingParts['write'];
  readonly #strays: Strays;
  readonly #ends: Ends;

  constructor({ context, browser, reading, write, strays, ends }: CopyingParts) {
    this.#context = context;
    this.#browser = browser;
    this.#reading = reading;
    this.#changes = new PhoneChanges(browser);
    this.#write = write;
    this.#strays = strays;
    this.#ends = ends;
  }

  /**
   * Copies what was found at `from` to `to`, a folder with all in it unless `shallow`; `copied` takes what is to be cleared
   * afterwards. Rejects with `full`, `exists`, `missing`, `source-changed`, and as writing does.
   */
  async copy(
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
      await this.#ends.makeWay(this.#browser.connection(to.device), there, object, to);
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
      const ends = await this.#ends.both(its, copy, 'nothing', false);
      await this.copy(its, copy, { ...ends, ...(copied && { copied }) });
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
      copyTo: (place) => this.copy(from, place, { source, target: free, shallow, ...(copied && { copied }) }),
      makeWay: (now) => this.#ends.remove(to, now),
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
      const { object: child } = await this.#ends.find(its);
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
        if (size !== file.told || modified !== file.modified)
          throw fail('source-changed', 'copy', `was ${file.size} bytes, is ${size}`, { subject: object.name });
        await copy.finish();
      } finally {
        await copy.abandon();
      }
    } finally {
      file.close();
    }
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
}
