import { foldName, type Instant } from '../../shared/domain.ts';
import type { SyncLayout } from '../../shared/sync.ts';

/** Where a copy goes below the target folder. Pure. */

export interface Naming {
  readonly layout: SyncLayout;
  /** One name of a path as the target side can hold it. */
  readonly legal: (name: string) => string;
  /** Whether the target side takes `A.jpg` and `a.jpg` for one file. */
  readonly foldsCase: boolean;
  readonly numbered: (name: string, number: number) => string;
}

const UNDATED = 'undated';

function wantedTarget(path: string, modified: Instant | undefined, naming: Naming): string {
  const names = path.split('/').map(naming.legal);
  switch (naming.layout) {
    case 'as-on-phone':
      return names.join('/');
    case 'year-month': {
      const name = names.at(-1) ?? '';
      const date = modified === undefined ? undefined : new Date(modified);
      if (date === undefined || Number.isNaN(date.getTime())) return `${UNDATED}/${name}`;
      // the computer's own time zone, as phones show dates in theirs
      const month = String(date.getMonth() + 1).padStart(2, '0');
      return `${String(date.getFullYear()).padStart(4, '0')}/${month}/${name}`;
    }
  }
}

/** Gives each source its own target: two folders' `IMG_1.jpg` may meet in one month, and names in one spelling. */
export class Targets {
  readonly #naming: Naming;
  readonly #takenBy = new Map<string, string>();

  constructor(naming: Naming) {
    this.#naming = naming;
  }

  #key(target: string): string {
    return this.#naming.foldsCase ? foldName(target) : target;
  }

  /** A target that a file has already. */
  take(target: string, path: string): void {
    this.#takenBy.set(this.#key(target), path);
  }

  give(path: string, modified: Instant | undefined): string {
    const wanted = wantedTarget(path, modified, this.#naming);
    const slash = wanted.lastIndexOf('/') + 1;
    let target = wanted;
    for (let number = 2; (this.#takenBy.get(this.#key(target)) ?? path) !== path; number += 1)
      target = wanted.slice(0, slash) + this.#naming.numbered(wanted.slice(slash), number);
    this.take(target, path);
    return target;
  }
}
