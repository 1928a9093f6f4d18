import type { ItemRow } from '../../../electron/engine/index.ts';

/** Real paths of the two ends of a transfer's item. */

/** A transfer: which way it goes, and the real path of its storage. */
interface Way {
  readonly kind: 'push' | 'pull';
  readonly top: string;
}

/** Where an item comes from. */
export const sourceOf = ({ kind, top }: Way, { local, phone }: ItemRow): string =>
  kind === 'push' ? local : top + phone;

/** Where it is brought to. */
export function targetOf({ kind, top }: Way, { local, phone, savedAs }: ItemRow): string {
  const path = kind === 'push' ? top + phone : local;
  return savedAs === undefined ? path : `${path.slice(0, path.lastIndexOf('/'))}/${savedAs}`;
}

/** What tells a name from another one that is taken, before its extension. */
const NUMBER = / \((\d+)\)(?=(?:\.[^./]*)?$)/u;

/**
 * Wherever it may have been brought to, the last one last: a copy that somebody wrote to before the program had noted it is
 * theirs, and what is brought after it gets the next name.
 */
export function targetsOf(way: Way, item: ItemRow): readonly string[] {
  const last = targetOf(way, item);
  if (item.savedAs === undefined) return [last];
  const number = Number(NUMBER.exec(last)?.[1] ?? 1);
  const between = Array.from({ length: Math.max(0, number - 2) }, (_, index) =>
    last.replace(NUMBER, ` (${index + 2})`),
  );
  return [targetOf(way, { ...item, savedAs: undefined }), ...between, last];
}
