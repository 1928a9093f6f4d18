import { DavError } from './status.ts';

/** The `If` header (RFC 4918, 10.4): lists of lock tokens and entity tags, one of which must hold. Pure. */

/** One condition of a list. */
export interface Condition {
  readonly not: boolean;
  readonly kind: 'token' | 'etag';
  /** Without its brackets; an entity tag with its quotation marks. */
  readonly value: string;
}

/** Conditions that hold together, of the resource in `tag` or of the one that was asked for. */
export interface IfList {
  readonly tag: string | undefined;
  readonly conditions: readonly Condition[];
}

const MOST_CONDITIONS = 256;

/** Throws 400 for what is no such header. */
export function parseIf(text: string): readonly IfList[] {
  const lists: IfList[] = [];
  let rest = text.trim();
  let tag: string | undefined;
  let count = 0;
  const take = (pattern: RegExp): string | undefined => {
    const [all, inside] = pattern.exec(rest) ?? [];
    if (all === undefined) return undefined;
    rest = rest.slice(all.length).trimStart();
    return inside ?? '';
  };
  while (rest !== '') {
    const resource = take(/^<([^>]*)>/);
    if (resource !== undefined) tag = resource;
    if (take(/^\(/) === undefined) throw new DavError(400);
    const conditions: Condition[] = [];
    while (take(/^\)/) === undefined) {
      const not = take(/^Not\b/i) !== undefined;
      const token = take(/^<([^>]*)>/);
      const etag = token === undefined ? take(/^\[((?:W\/)?"[^"]*")\]/) : undefined;
      if (token !== undefined) conditions.push({ not, kind: 'token', value: token });
      else if (etag !== undefined) conditions.push({ not, kind: 'etag', value: etag });
      else throw new DavError(400);
      count += 1;
      if (count > MOST_CONDITIONS) throw new DavError(400);
    }
    if (conditions.length === 0) throw new DavError(400);
    lists.push({ tag, conditions });
  }
  if (lists.length === 0) throw new DavError(400);
  return lists;
}

/** The lock tokens that a request shows, wherever in its header. */
export const tokensIn = (lists: readonly IfList[]): ReadonlySet<string> =>
  new Set(
    lists.flatMap(({ conditions }) => conditions.filter(({ kind }) => kind === 'token').map(({ value }) => value)),
  );
