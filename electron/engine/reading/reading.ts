import { isAnonymous, baseNameOf, type PhonePlace } from '../../../shared/domain.ts';
import { fail, isPhoneError, PhoneError } from '../../../shared/errors.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import type { EngineClock } from '../api.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { DeviceRegistry } from '../devices/device-registry.ts';
import type { PhoneBrowser } from '../devices/phone-browser.ts';
import { OpenFile, type OpenOptions, type PhoneFile, type Source } from './phone-file.ts';
import { readUntold } from './read-range.ts';
import { FileWindows, WindowCache } from './windows.ts';

/**
 * Files of phones, read at any place, at once, beside running transfers: what a look, a player, a program that opens a file
 * and the drive stand on. A read that somebody waits for goes before transfers, so it waits for one chunk at most; what is
 * read ahead takes turns with them.
 */

/** How long a read waits for a phone that is away, milliseconds. */
const PATIENCE_MS = 10_000;
/** How often a storage that is away is looked for. */
const LOOK_AGAIN_MS = 500;

/** Files whose windows are remembered, per connection. */
const MOST_FILES = 1_024;

const BROWSE = { priority: 'browse' } as const;

/** Reasons that pass when the phone is plugged in, unlocked or let go of. */
const AWAY: ReadonlySet<string> = new Set(['disconnected', 'locked', 'held', 'silent', 'confused', 'storage-missing']);

/** Opens files of phones, and waits for phones that are away. */
export class Reading {
  readonly #registry: DeviceRegistry;
  readonly #browser: PhoneBrowser;
  readonly #clock: EngineClock;
  readonly #cache: WindowCache;
  readonly #open = new Set<OpenFile>();
  /** By the connection, then by object, size and date. */
  readonly #windows = new WeakMap<Connection, Map<string, FileWindows>>();
  /** Sizes of files that are told as empty, as they were counted; by object and date. */
  readonly #counted = new WeakMap<Connection, Map<string, number>>();

  constructor(parts: {
    readonly registry: DeviceRegistry;
    readonly browser: PhoneBrowser;
    readonly clock: EngineClock;
    readonly cache?: WindowCache;
  }) {
    this.#registry = parts.registry;
    this.#browser = parts.browser;
    this.#clock = parts.clock;
    this.#cache = parts.cache ?? new WindowCache();
  }

  /** Files that are open now. */
  get open(): number {
    return this.#open.size;
  }

  /**
   * Opens the file at a place, as the phone has it now. Waits for a phone that is away. Rejects with why it cannot be asked,
   * `missing`, `storage-missing`, and `bad-request` for a folder.
   */
  async openFile(place: PhonePlace, options: OpenOptions = {}): Promise<PhoneFile> {
    const until = this.#clock.monotonic() + (options.patienceMs ?? PATIENCE_MS);
    const { connection, object, told } = await this.whenThere(place, () => this.#look(place, false), { until });
    return this.openFound(place, connection, object, options, told);
  }

  /** Opens what was just found, `told` with so many bytes; `place` is where it is found again after a replug. */
  openFound(
    place: PhonePlace,
    connection: Connection,
    object: PhoneObject,
    options: OpenOptions = {},
    told = object.size,
  ): PhoneFile {
    const { keep = true, patienceMs = PATIENCE_MS } = options;
    const file: OpenFile = new OpenFile(
      this.#source(connection, object, keep),
      {
        now: () => this.#clock.monotonic(),
        closed: (closed) => this.#open.delete(closed),
        again: async (since, signal) => {
          const found = await this.#again(place, object, since + patienceMs, signal);
          return this.#source(found.connection, found.object, keep);
        },
      },
      options,
      told,
    );
    this.#open.add(file);
    return file;
  }

  /**
   * Does something with a phone as soon as it is there: at once, or again whenever something about phones has changed,
   * up to `until` (milliseconds of the monotonic clock; 10 s from the first failure by default), and once more by new listings
   * where the phone does not know what was listed (`asItIs`). Rejects with why it cannot be asked.
   */
  async whenThere<T>(
    place: PhonePlace,
    work: () => Promise<T>,
    { until, signal }: { readonly until?: number | undefined; readonly signal?: AbortSignal } = {},
  ): Promise<T> {
    for (let last = until; ;) {
      try {
        return await this.#browser.asItIs(place.device, work);
      } catch (error) {
        if (!isPhoneError(error) || !AWAY.has(error.kind)) throw error;
        last ??= this.#clock.monotonic() + PATIENCE_MS;
        const left = last - this.#clock.monotonic();
        // a phone that nothing identifies is another one when it comes back
        const isLost = error.kind === 'disconnected' && isAnonymous(place.device);
        if (left <= 0 || isGivenUp(signal) || isLost) throw away(place, error);
        await this.#change(Math.min(left, LOOK_AGAIN_MS), signal);
        if (isGivenUp(signal)) throw away(place, error);
      }
    }
  }

  /** Until something changes about the phones, at most so long. */
  async #change(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const changed = new AbortController();
    const end = (): void => {
      changed.abort();
    };
    const stop = [this.#registry.onReady(end), this.#registry.onChange(end)];
    signal?.addEventListener('abort', end, { once: true });
    try {
      await this.#clock.sleep(ms, changed.signal);
    } finally {
      for (const one of stop) one();
      signal?.removeEventListener('abort', end);
    }
  }

  /** `afresh`: what was listed before does not count. */
  async #look(
    place: PhonePlace,
    afresh: boolean,
  ): Promise<{ readonly connection: Connection; readonly object: PhoneObject; readonly told: number }> {
    // with what is above it, which may have been made anew as well
    if (afresh) this.#browser.connection(place.device).tree.forget();
    const { connection, object } = await this.#browser.find(place);
    if (object.kind === 'folder') throw fail('bad-request', 'open', 'a folder', { subject: object.name });
    try {
      // a listing is as old as it is; and some tell no true size of large files
      const now = await connection.phone.stat(object.handle, BROWSE);
      const size = now.size === 0 ? await this.#count(connection, now) : now.size;
      return { connection, object: { ...now, size, name: object.name }, told: now.size };
    } catch (error) {
      if (afresh || !isPhoneError(error) || (error.kind !== 'stale' && error.kind !== 'missing')) throw error;
      return await this.#look(place, true);
    }
  }

  /** Players open a file many times: where its date tells that it is the same, it is read once. */
  async #count(connection: Connection, object: PhoneObject): Promise<number> {
    const { handle, modified } = object;
    const read = (): Promise<number> => readUntold(connection, object, () => undefined, BROWSE);
    if (modified === undefined) return read();
    const counted = this.#counted.get(connection) ?? new Map<string, number>();
    this.#counted.set(connection, counted);
    const key = `${handle}:${modified}:${connection.tree.changesOf(handle)}`;
    const size = counted.get(key) ?? (await read());
    counted.set(key, size);
    return size;
  }

  async #again(
    place: PhonePlace,
    seen: Pick<PhoneObject, 'size' | 'modified' | 'name'>,
    until: number,
    signal: AbortSignal,
  ): Promise<{ readonly connection: Connection; readonly object: PhoneObject }> {
    const found = await this.whenThere(place, () => this.#look(place, true), { until, signal });
    const { size, modified } = found.object;
    // an undated file may be any of that size
    if (size === seen.size && modified === seen.modified && modified !== undefined) return found;
    throw fail('source-changed', 'read', `was ${seen.size} bytes, is ${size}`, {
      subject: seen.name,
      fault: { id: 'changed-while-read', with: { name: seen.name } },
      advice: { id: 'open-again' },
    });
  }

  #source(connection: Connection, object: PhoneObject, keep: boolean): Source {
    // without a date a file that was replaced looks like the old one
    const isShared = keep && object.modified !== undefined;
    const windows = isShared ? this.#windowsOf(connection, object) : new FileWindows(this.#cache);
    return { connection, object, windows, changes: connection.tree.changesOf(object.handle) };
  }

  #windowsOf(connection: Connection, { handle, size, modified }: PhoneObject): FileWindows {
    let files = this.#windows.get(connection);
    if (files === undefined) {
      files = new Map();
      this.#windows.set(connection, files);
      const its = files;
      void connection.phone.closed.then(() => {
        for (const windows of its.values()) windows.clear();
      });
    }
    const key = `${handle}:${size}:${modified ?? ''}:${connection.tree.changesOf(handle)}`;
    const windows = files.get(key) ?? new FileWindows(this.#cache);
    files.delete(key);
    files.set(key, windows);
    for (const [oldest, its] of files) {
      if (files.size <= MOST_FILES) break;
      files.delete(oldest);
      its.clear();
    }
    return windows;
  }
}

const isGivenUp = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

/** What somebody who reads is told of a phone that is away; a transfer would say that it resumes by itself. */
const away = (place: PhonePlace, error: PhoneError): PhoneError =>
  error.kind === 'disconnected'
    ? new PhoneError(
        {
          ...error.problem,
          subject: baseNameOf(place.path),
          fault: { id: 'away-while-read', with: { name: baseNameOf(place.path) } },
          advice: { id: 'plug-in-and-open' },
        },
        { cause: error },
      )
    : error;
