import { randomUUID } from 'node:crypto';
import { foldedKeyOf, type Segments } from './address.ts';
import { DavError } from './status.ts';
import { escapeXml } from './xml.ts';

/** Write locks, in memory: they end with the drive, at the latest. */

/** A lock on a resource, and on all below where it is deep. */
export interface Lock {
  readonly token: string;
  readonly path: Segments;
  readonly deep: boolean;
  /** Whoever has one alike may have one too. */
  readonly shared: boolean;
  /** XML, as its owner gave it. */
  readonly owner: string;
  /** Seconds. */
  readonly seconds: number;
  readonly ends: number;
}

const MOST_LOCKS = 1_000;
const MOST_SHARED = 16;
/** Seconds. */
const DEFAULT_TIMEOUT = 600;
const LONGEST_TIMEOUT = 3_600;
const LONGEST_OWNER = 4_096;

/** The locks of one drive. */
export class Locks {
  readonly #locks = new Map<string, Lock>();
  readonly #now: () => number;

  /** `now`: milliseconds that only run forward. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  #all(): readonly Lock[] {
    const now = this.#now();
    for (const lock of this.#locks.values()) if (lock.ends <= now) this.#locks.delete(lock.token);
    return [...this.#locks.values()];
  }

  /** Those that hold for a resource. */
  on(path: Segments): readonly Lock[] {
    return this.#all().filter((lock) => isSame(lock.path, path) || (lock.deep && isWithin(path, lock.path)));
  }

  /** Those on a resource or on anything below. */
  below(path: Segments): readonly Lock[] {
    return this.#all().filter((lock) => isWithin(lock.path, path));
  }

  get(token: string): Lock | undefined {
    return this.#all().find((lock) => lock.token === token);
  }

  /** Throws 423 where another lock is in the way, 507 for too many. */
  add(lock: Pick<Lock, 'path' | 'deep' | 'shared' | 'owner'>, timeout: string | undefined): Lock {
    const others = [...this.on(lock.path), ...(lock.deep ? this.below(lock.path) : [])];
    if (others.some((other) => !other.shared || !lock.shared)) throw new DavError(423, 'no-conflicting-lock');
    if (others.length >= MOST_SHARED || this.#locks.size >= MOST_LOCKS || lock.owner.length > LONGEST_OWNER)
      throw new DavError(507);
    const seconds = secondsIn(timeout);
    const added = { ...lock, token: `urn:uuid:${randomUUID()}`, seconds, ends: this.#now() + seconds * 1_000 };
    this.#locks.set(added.token, added);
    return added;
  }

  /** Its time begins anew. */
  refresh(lock: Lock, timeout: string | undefined): Lock {
    const seconds = secondsIn(timeout);
    const refreshed = { ...lock, seconds, ends: this.#now() + seconds * 1_000 };
    this.#locks.set(lock.token, refreshed);
    return refreshed;
  }

  remove(lock: Lock): void {
    this.#locks.delete(lock.token);
  }

  /** What is gone is not locked. */
  forget(path: Segments): void {
    for (const lock of this.below(path)) this.remove(lock);
  }
}

/** Other spellings of a name are the same file to a storage, so they are locked with it. */
const isSame = (one: Segments, other: Segments): boolean => foldedKeyOf(one) === foldedKeyOf(other);
const isWithin = (path: Segments, folder: Segments): boolean =>
  folder.length <= path.length && isSame(path.slice(0, folder.length), folder);

/** `Second-600, Infinite`: the first that is understood, within bounds. */
function secondsIn(timeout: string | undefined): number {
  for (const one of (timeout ?? '').split(',')) {
    if (/^\s*Infinite\s*$/i.test(one)) return LONGEST_TIMEOUT;
    const [, seconds] = /^\s*Second-(\d{1,10})\s*$/i.exec(one) ?? [];
    if (seconds !== undefined) return Math.min(Math.max(Number(seconds), 1), LONGEST_TIMEOUT);
  }
  return DEFAULT_TIMEOUT;
}

/** `activelock` elements; `addressOf` gives a lock's root. */
export const lockXml = (locks: readonly Lock[], addressOf: (path: Segments) => string): string =>
  locks
    .map(
      ({ token, path, deep, shared, owner, seconds }) =>
        `<D:activelock><D:locktype><D:write/></D:locktype><D:lockscope>${shared ? '<D:shared/>' : '<D:exclusive/>'}</D:lockscope>` +
        `<D:depth>${deep ? 'infinity' : '0'}</D:depth>${owner}<D:timeout>Second-${seconds}</D:timeout>` +
        `<D:locktoken><D:href>${token}</D:href></D:locktoken>` +
        `<D:lockroot><D:href>${escapeXml(addressOf(path))}</D:href></D:lockroot></D:activelock>`,
    )
    .join('');
