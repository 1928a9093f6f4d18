import type { CallOptions } from '../../mtp/index.ts';

/** Windows of phones' files in memory: who reads a file again, or beside another, does not ask the phone again. */

/** All windows together, bytes. */
const MOST_BYTES = 64 * 1024 * 1024;

/** One part of a file, read with one request (or several, where the phone answers short). */
export interface Window {
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
  /** Settles once; rejects as the phone does. */
  readonly bytes: Promise<Uint8Array>;
  readonly turn: Turn;
  /** Read ahead as bulk: whoever wants it now may ask for it again, and sooner. */
  readonly ahead: boolean;
  loaded: boolean;
  /** Another reader than the one that loaded it has its bytes too. */
  shared: boolean;
}

/**
 * The place of one request in the session's turns. The session looks at `aborted` when the turn comes (`CallOptions`), and
 * so tells that the request has begun; until then it can be taken back, and nothing was read in vain.
 */
export class Turn implements NonNullable<CallOptions['signal']> {
  #begun = false;
  #dropped = false;

  get aborted(): boolean {
    if (!this.#dropped) this.#begun = true;
    return this.#dropped;
  }

  /** Takes the request back; false where it has begun. */
  drop(): boolean {
    if (this.#begun) return false;
    this.#dropped = true;
    return true;
  }
}

/** The windows of one file as it was at one time; a file that has changed gets others. */
export class FileWindows {
  readonly #cache: WindowCache;
  /** By offset; they do not overlap. */
  readonly #windows: Window[] = [];

  constructor(cache: WindowCache) {
    this.#cache = cache;
  }

  /** The window that holds this byte, loaded or under way. */
  at(offset: number): Window | undefined {
    const found = this.#windows.findLast((window) => window.offset <= offset);
    if (found === undefined || offset >= found.offset + found.length) return undefined;
    this.#cache.touch(found);
    return found;
  }

  /** The gap between windows around a byte that no window holds: from its start to before its end. */
  gapAt(offset: number): { readonly start: number; readonly end: number } {
    const before = this.#windows.findLast((window) => window.offset <= offset);
    const after = this.#windows.find((window) => window.offset > offset);
    return { start: before === undefined ? 0 : before.offset + before.length, end: after?.offset ?? Infinity };
  }

  /** Begins to load a part that no window holds. One that fails is forgotten. */
  load(
    { offset, length, ahead }: { readonly offset: number; readonly length: number; readonly ahead: boolean },
    read: (turn: Turn) => Promise<Uint8Array>,
  ): Window {
    const turn = new Turn();
    const window: Window = { offset, length, ahead, bytes: read(turn), turn, loaded: false, shared: false };
    const index = this.#windows.findIndex((other) => other.offset > offset);
    this.#windows.splice(index < 0 ? this.#windows.length : index, 0, window);
    this.#cache.add(window, this);
    window.bytes.then(
      () => {
        window.loaded = true;
      },
      () => {
        this.drop(window);
      },
    );
    return window;
  }

  /** Forgets a window; who waits for it gets it all the same. */
  drop(window: Window): void {
    const index = this.#windows.indexOf(window);
    if (index < 0) return;
    this.#windows.splice(index, 1);
    this.#cache.remove(window);
  }

  /** Forgets all of them: nobody can find this file again. */
  clear(): void {
    for (const window of [...this.#windows]) this.drop(window);
  }
}

/** The windows of all files, least recently used first out. */
export class WindowCache {
  readonly #most: number;
  readonly #windows = new Map<Window, FileWindows>();
  #bytes = 0;

  constructor(most = MOST_BYTES) {
    this.#most = most;
  }

  /** Bytes of all windows, those under way included. */
  get bytes(): number {
    return this.#bytes;
  }

  touch(window: Window): void {
    const owner = this.#windows.get(window);
    if (owner === undefined) return;
    this.#windows.delete(window);
    this.#windows.set(window, owner);
  }

  add(window: Window, owner: FileWindows): void {
    this.#windows.set(window, owner);
    this.#bytes += window.length;
    for (const [oldest, its] of this.#windows) {
      if (this.#bytes <= this.#most) return;
      // what is under way is about to be read
      if (oldest.loaded) its.drop(oldest);
    }
  }

  remove(window: Window): void {
    if (this.#windows.delete(window)) this.#bytes -= window.length;
  }
}
