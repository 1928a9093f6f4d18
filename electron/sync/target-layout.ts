import { foldName, type Instant } from '../../shared/domain.ts';
import { SIDECAR, stemOf } from '../../shared/media-kinds.ts';
import type { SyncLayout } from '../../shared/sync.ts';
import { isNoDate } from '../engine/index.ts';

/** Where a copy goes below the target folder. Pure. */

export interface Naming {
  readonly layout: SyncLayout;
  /** One name of a path as the target side can hold it. */
  readonly legal: (name: string) => string;
  /** Whether the target side takes `A.jpg` and `a.jpg` for one file. */
  readonly foldsCase: boolean;
  /** `photo.jpg`, 2 → `photo (2).jpg`. */
  readonly numbered: (name: string, number: number) => string;
}

const UNDATED = 'undated';

/** Whether a date tells when something was made: not the zero of a clock, and one that can be written. */
export const isRealDate = (modified: Instant | undefined): modified is Instant =>
  modified !== undefined && !Number.isNaN(new Date(modified).getTime()) && !isNoDate(modified);

function wantedTarget(path: string, modified: Instant | undefined, naming: Naming): string {
  const names = path.split('/').map(naming.legal);
  switch (naming.layout) {
    case 'as-on-phone':
      return names.join('/');
    case 'year-month': {
      const name = names.at(-1) ?? '';
      if (!isRealDate(modified)) return `${UNDATED}/${name}`;
      // the computer's own time zone, as phones show dates in theirs
      const date = new Date(modified);
      const month = String(date.getMonth() + 1).padStart(2, '0');
      return `${String(date.getFullYear()).padStart(4, '0')}/${month}/${name}`;
    }
  }
}

/**
 * Gives each source a target of its own: `IMG_1.jpg` of two folders may meet in one month, and names in one spelling.
 * All parts of a shot (RAW, JPEG, sidecar: one stem in one source folder) get the same number, and no part of another
 * shot lies beside them under their stem.
 */
export class TargetNames {
  readonly #naming: Naming;
  readonly #takenBy = new Map<string, string>();
  /** Target stem → the shot that has it. */
  readonly #stems = new Map<string, string>();

  constructor(naming: Naming) {
    this.#naming = naming;
  }

  #key(target: string): string {
    return this.#naming.foldsCase ? foldName(target) : target;
  }

  /** What the parts of a shot have in common: their folder and their stem, in whatever spelling. */
  #shotOf(path: string): string {
    const slash = path.lastIndexOf('/') + 1;
    return path.slice(0, slash) + foldName(stemOf(this.#naming.legal(path.slice(slash))));
  }

  /** Notes a target that a file has already. */
  take(target: string, path: string): void {
    this.#takenBy.set(this.#key(target), path);
    const stem = this.#key(stemOf(target));
    if (!this.#stems.has(stem)) this.#stems.set(stem, this.#shotOf(path));
  }

  /**
   * As `take`, of a target to which nothing was ever copied: it was chosen when the target side may not have told what names it
   * takes. Answers whether it is still one that the file may have: one that it takes, and that no other file has.
   */
  takeUnused(target: string, path: string): boolean {
    const by = this.#takenBy.get(this.#key(target)) ?? path;
    if (by !== path || !target.split('/').every((name) => this.#naming.legal(name) === name)) return false;
    this.take(target, path);
    return true;
  }

  /** The target of a source file; the same one for the same file. `was`: its path before it was renamed, whose target it may have. */
  give(path: string, modified: Instant | undefined, was?: string): string {
    return this.#giveFree(wantedTarget(path, modified, this.#naming), path, was);
  }

  /** As `give`, in a target folder that is settled (`''`, or ending in `/`). */
  giveIn(folder: string, path: string, was?: string): string {
    return this.#giveFree(folder + this.#naming.legal(path.slice(path.lastIndexOf('/') + 1)), path, was);
  }

  #giveFree(wanted: string, path: string, was: string | undefined): string {
    const slash = wanted.lastIndexOf('/') + 1;
    const [, name = wanted.slice(slash), sidecar = ''] = SIDECAR.exec(wanted.slice(slash)) ?? [];
    let target = wanted;
    for (let number = 2; !this.#isFree(target, path, number > 2 && stemOf(target) === stemOf(wanted), was); number += 1)
      target = wanted.slice(0, slash) + this.#naming.numbered(name, number) + sidecar;
    this.take(target, path);
    return target;
  }

  #isFree(target: string, path: string, anyStem: boolean, was: string | undefined): boolean {
    const by = this.#takenBy.get(this.#key(target)) ?? path;
    if (by !== path && by !== was) return false;
    const shot = this.#shotOf(path);
    const stem = this.#stems.get(this.#key(stemOf(target))) ?? shot;
    return anyStem || stem === shot || (was !== undefined && stem === this.#shotOf(was));
  }
}
