import { foldName } from '../../../shared/domain.ts';
import type { CopySide } from '../../../shared/verify.ts';
import type { Problem } from '../../../shared/errors.ts';
import { legalPhoneName } from '../../mtp/phone/legal-names.ts';
import { localNameOf, usualNames, withoutApart, type DiskNames } from '../local/local-names.ts';

/** Which file of this computer is the copy of which file of the phone, by their names alone. */

/** A file or folder of this computer. */
export interface Here extends CopySide {
  /** Below the compared folder, with `/`. */
  readonly path: string;
  /** The path that an upload of the folder would give it on the phone. */
  readonly expected: string;
  /** Whole. */
  readonly local: string;
  readonly kind: 'file' | 'folder';
  /** Why it cannot be read. */
  readonly problem: Problem | undefined;
}

/** A file or folder of the phone, by its path below the compared folder. */
export interface There extends CopySide {
  readonly path: string;
  readonly kind: 'file' | 'folder';
}

/** What belongs together, and what is on one side alone. */
export interface Pairing {
  readonly pairs: readonly (readonly [here: Here, there: There])[];
  readonly onlyHere: readonly Here[];
  readonly onlyThere: readonly There[];
}

const bySegment =
  (change: (name: string) => string) =>
  (path: string): string =>
    path.split('/').map(change).join('/');
const folded = bySegment(foldName);
const legal = bySegment(legalPhoneName);
const localised = (disk: DiskNames): ((path: string) => string) => bySegment((name) => localNameOf(name, disk));

/** How the paths of both sides become one key, surest first: what an earlier step has paired is out of the question. */
const STEPS: readonly { readonly here: (one: Here) => string; readonly there: (path: string) => string }[] = [
  { here: ({ path }) => path, there: (path) => path },
  { here: ({ expected }) => expected, there: (path) => path },
  { here: ({ path }) => folded(path), there: folded },
  { here: ({ expected }) => folded(expected), there: folded },
  // names that the phone refused
  { here: ({ expected }) => folded(legal(expected)), there: folded },
  // names that a disk of this computer refused, and those that met there
  ...[usualNames('linux'), usualNames('win32')].flatMap((disk) => {
    const there = (path: string): string => folded(localised(disk)(path));
    return [
      { here: ({ path }: Here) => folded(path), there },
      { here: ({ path }: Here) => folded(bySegment(withoutApart)(path)), there },
    ];
  }),
];

/**
 * Pairs what one side has with what the other has. A name that the other side could not hold, or that met another one there,
 * is found under the name that Replug gives such files; names that differ in case or composition alone are the same.
 */
export function pairCopies(here: readonly Here[], there: readonly There[]): Pairing {
  const pairs: (readonly [Here, There])[] = [];
  let onlyHere = here;
  let onlyThere = there;
  for (const step of STEPS) {
    if (onlyHere.length === 0 || onlyThere.length === 0) break;
    const byKey = Map.groupBy(onlyThere, ({ path }) => step.there(path));
    const paired = new Set<There>();
    onlyHere = onlyHere.filter((one) => {
      const found = byKey.get(step.here(one))?.shift();
      if (found === undefined) return true;
      paired.add(found);
      pairs.push([one, found]);
      return false;
    });
    if (paired.size > 0) onlyThere = onlyThere.filter((one) => !paired.has(one));
  }
  return { pairs, onlyHere, onlyThere };
}
