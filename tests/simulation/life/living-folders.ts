import type { Engine } from '../../../electron/engine/index.ts';
import type { PhonePlace } from '../../../shared/domain.ts';
import type { Finding } from './judge.ts';
import { FROM_PHONE, TO_HOME, TO_PHONE, type DrivePlan, type Side } from './script.ts';
import type { LivingWorld } from './world.ts';

/** What other programs do with whole folders of a phone through the drive, as `living-drive.ts` has it for files. */

/** Whether a transfer that moves the files of that phone has a content by now, and nothing is at this path. */
export type IsTaken = (path: string, number: number | undefined) => boolean;

/** Something that is done to a folder. */
export type FolderAct = Extract<DrivePlan['act'], `${string}-folder`>;

/** What the drive has made is called that, with a number below this one: nobody else brings anything there. */
const MADE = 'folder';
const MOST_MADE = 2;

/** A file, and what it held. */
interface File {
  readonly path: string;
  readonly number: number | undefined;
}

/** A folder that was being replaced, and whose end was not told. */
interface Unsettled {
  readonly to: string;
  readonly before: readonly File[];
  readonly after: readonly File[];
  /** How often anybody had touched anything when it began. */
  readonly touches: number;
}

/** The two ends of an act; a folder that is deleted is both. */
export interface FolderEnds {
  readonly from: string;
  readonly to: string;
}

/** Where what is moved may be on its way: in the other folder under its own name, or in its own under the new one. */
export function passedBy(from: string, to: string): readonly string[] {
  const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));
  return [parentOf(to) + from.slice(parentOf(from).length), parentOf(from) + to.slice(parentOf(to).length)];
}

/** Plays them, and looks at what is told as done. */
export class LivingFolders {
  readonly #world: LivingWorld;
  readonly #find: (finding: Finding) => void;
  readonly #isTaken: IsTaken;
  readonly #unsettled = new Set<Unsettled>();

  constructor(world: LivingWorld, find: (finding: Finding) => void, isTaken: IsTaken) {
    this.#world = world;
    this.#find = find;
    this.#isTaken = isTaken;
  }

  /** What an act is about, with `target` where its new folder is made; `undefined` where there is no such folder. */
  ends(side: Side, act: FolderAct, which: number, target: Side): FolderEnds | undefined {
    const top = this.#world.top(side);
    const madePath = (number: number): string => `${this.#world.top(target)}/${TO_PHONE}/${MADE} ${number}`;
    const madeIn = `${top}/${TO_PHONE}/${MADE} `;
    const made = this.#folders(side).filter(
      (path) => path.startsWith(madeIn) && !path.slice(madeIn.length).includes('/'),
    );
    // not where a transfer brings something to
    const sources = this.#folders(side).filter(
      (path) =>
        made.includes(path) ||
        (path.startsWith(`${top}/${FROM_PHONE}/`) && !`${path}/`.startsWith(`${top}/${FROM_PHONE}/${TO_HOME}/`)),
    );
    const pick = (all: readonly string[]): string | undefined => all[which % Math.max(1, all.length)];
    if (act === 'remove-folder') {
      const from = pick(made);
      return from === undefined ? undefined : { from, to: from };
    }
    const to = act === 'replace-folder' ? pick(made) : madePath(which % MOST_MADE);
    const from = pick(sources.filter((path) => path !== to));
    return from === undefined || to === undefined ? undefined : { from, to };
  }

  /** Folders with files in them, below the two of a side; none where two files differ in case alone, as they do on no phone. */
  #folders(side: Side): readonly string[] {
    const files = this.#world.filesOn(side);
    const folders = new Set<string>();
    const depth = `${this.#world.top(side)}/${TO_PHONE}`.split('/').length;
    for (const file of files) {
      const names = file.split('/').slice(0, -1);
      for (let length = names.length; length > depth; length -= 1) folders.add(names.slice(0, length).join('/'));
    }
    const all = [...folders, ...files];
    const isTwice = new Set(all.map((path) => this.#world.key(path))).size < all.length;
    return isTwice ? [] : [...folders].sort();
  }

  #filesIn(folder: string): readonly File[] {
    return this.#world.filesIn(folder).map((path) => ({ path, number: this.#world.holds(path) }));
  }

  /** Does it. Rejects as the program does. */
  async do(
    files: Engine['files'],
    act: FolderAct,
    { from, to }: FolderEnds,
    placeOf: (path: string) => PhonePlace,
  ): Promise<void> {
    const { ledger } = this.#world;
    const replaces = act === 'replace-folder' || act === 'remove-folder';
    const shown = replaces ? await files.find(placeOf(to)) : 'nothing';
    const before = replaces ? this.#filesIn(to) : [];
    for (const { path } of before) ledger.touch(path);
    if (act === 'remove-folder') {
      for (const { number } of before) ledger.give(number);
      const { touches } = ledger;
      await files.remove(placeOf(from), shown);
      if (ledger.touches === touches && this.#world.isThere(from))
        this.#find({ kind: 'untrue', what: `${from} is called deleted, and is there` });
      return;
    }
    const sources = this.#filesIn(from);
    const after = sources.map(({ path, number }): File => ({ path: to + path.slice(from.length), number }));
    for (const { path, number } of after)
      for (const folder of [...passedBy(from, to), to]) {
        const one = folder + path.slice(to.length);
        ledger.touch(one);
        if (number !== undefined && number > 0) ledger.put(one, number);
      }
    if (act === 'move-folder') for (const { path } of sources) ledger.touch(path);
    const unsettled: Unsettled = { to, before, after, touches: ledger.touches };
    this.#unsettled.add(unsettled);
    if (act === 'move-folder') await files.move(placeOf(from), placeOf(to), shown);
    else await files.copy(placeOf(from), placeOf(to), { shown });
    this.#unsettled.delete(unsettled);
    this.#give(unsettled);
    if (ledger.touches === unsettled.touches) this.#look(act, from, unsettled);
  }

  /** What is told as done is looked at right then. */
  #look(act: FolderAct, from: string, { before, after }: Unsettled): void {
    for (const { path, number } of after)
      if (number !== undefined && this.#world.holds(path) !== number && !this.#isTaken(path, number))
        this.#find({ kind: 'untrue', what: `${act} is called done, and ${path} holds something else` });
    for (const { path } of before)
      if (!after.some((one) => one.path === path) && this.#world.isThere(path))
        this.#find({ kind: 'untrue', what: `${act} is called done, and ${path} is still there` });
    if (act === 'move-folder' && this.#world.isThere(from))
      this.#find({ kind: 'untrue', what: `${from} is called moved, and is still there` });
  }

  /** What was replaced may be gone, but for what is in the new folder as well. */
  #give({ before, after }: Unsettled): void {
    for (const { number } of before) if (!after.some((one) => one.number === number)) this.#world.ledger.give(number);
  }

  /**
   * What was not told as done: the old folder is there, or the new one; where some of the old one's files are left, the new
   * one is beside them.
   */
  settle(): void {
    for (const unsettled of this.#unsettled) {
      const { to, after, touches } = unsettled;
      const isAt = (folder: string): boolean =>
        after.every(({ path, number }) => this.#world.holds(folder + path.slice(to.length)) === number);
      const isNew = isAt(to) || (this.#world.filesIn(to).length > 0 && isAt(`${to} (2)`));
      if (isNew || this.#world.ledger.touches !== touches) this.#give(unsettled);
    }
    this.#unsettled.clear();
  }
}
