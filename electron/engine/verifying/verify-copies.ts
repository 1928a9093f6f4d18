import {
  ROOT,
  baseNameOf,
  foldName,
  isAnonymous,
  joinPhonePath,
  type LocalPath,
  type PhonePath,
  type PhonePlace,
  type VerifyLevel,
} from '../../../shared/domain.ts';
import { fail, isPhoneError, problemOf, type PhoneErrorKind, type Problem } from '../../../shared/errors.ts';
import {
  NO_COPIES,
  type ComparedCopy,
  type VerifyCounts,
  type VerifyHint,
  type VerifyProgress,
  type VerifyResult,
} from '../../../shared/verify.ts';
import type { EngineClock } from '../api.ts';
import type { DeviceRegistry } from '../devices/device-registry.ts';
import type { PhoneBrowser } from '../devices/phone-browser.ts';
import type { Disk } from '../local/disk.ts';
import { compareCopy } from './compare-copy.ts';
import { listHere, listThere, unknownAbove, type ListedHere, type ListedThere } from './list-copies.ts';
import { pairCopies, type Here, type There } from './pair-copies.ts';

/** What is to be compared, and how closely: by size and date, in samples, or whole. */
export interface VerifyRequest {
  readonly local: LocalPath;
  readonly place: PhonePlace;
  readonly level: VerifyLevel;
}

/** Who looks on. */
export interface VerifyOptions {
  readonly signal: AbortSignal;
  /** How long a phone that goes away is waited for each time, milliseconds; Infinity for no end. */
  readonly waitMs: number;
  readonly onProgress?: (progress: VerifyProgress) => void;
  /** Called with each file, once. */
  readonly onCopy?: (copy: ComparedCopy) => void;
}

/** What a verification needs of the engine. */
export interface VerifyParts {
  readonly disk: Disk;
  readonly clock: EngineClock;
  readonly registry: DeviceRegistry;
  readonly browser: PhoneBrowser;
}

/** Reasons that pass when the phone is plugged in, unlocked, let go of, or has its card again. */
const AWAY: ReadonlySet<PhoneErrorKind> = new Set([
  'disconnected',
  'locked',
  'held',
  'silent',
  'confused',
  'storage-missing',
]);
/** What one file may do to a phone again and again. */
const SICK: ReadonlySet<PhoneErrorKind> = new Set(['silent', 'confused']);
/** So often, each time on a connection that had come up again, before the file counts as unreadable. */
const MOST_FAILURES = 3;
/** How often a storage that is away is looked for. */
const LOOK_AGAIN_MS = 500;

/** The phone did not come back in time. */
class StillAway extends Error {
  override readonly name = 'StillAway';
}

/**
 * Compares a folder of this computer with one of a phone, or a file with a file (or with its namesake in a folder), as both are
 * now. Changes nothing on either side. Where the phone goes away it is waited for, and what was compared is not compared again.
 * Rejects where one of the two cannot be found or listed at all.
 */
export function verifyCopies(
  parts: VerifyParts,
  request: VerifyRequest,
  options: VerifyOptions,
): Promise<VerifyResult> {
  return new Verification(parts, request, options).run();
}

class Verification {
  readonly #parts: VerifyParts;
  readonly #request: VerifyRequest;
  readonly #options: VerifyOptions;
  #counts: VerifyCounts = NO_COPIES;
  #phase: VerifyProgress['phase'] = 'listing';
  #files = 0;
  #filesTotal = 0;
  #bytes = 0;
  #bytesTotal = 0;
  #current: string | undefined;
  #hint: VerifyHint | undefined;

  constructor(parts: VerifyParts, request: VerifyRequest, options: VerifyOptions) {
    this.#parts = parts;
    this.#request = request;
    this.#options = options;
  }

  async run(): Promise<VerifyResult> {
    const { signal } = this.#options;
    try {
      await this.#all();
      return this.#ended('done');
    } catch (error) {
      if (signal.aborted) return this.#ended('stopped');
      if (error instanceof StillAway) return this.#ended('away');
      throw error;
    }
  }

  #ended(ended: VerifyResult['ended']): VerifyResult {
    return { ended, counts: this.#counts, hint: this.#hint };
  }

  async #all(): Promise<void> {
    const { signal } = this.#options;
    const { local, place } = this.#request;
    this.#tell();
    const here = await listHere(this.#parts.disk, local, signal);
    const { there, placeOf } = await this.#patiently(() => this.#listThere(here));
    this.#skip(here.skipped + there.skipped);
    const { pairs, onlyHere, onlyThere } = pairCopies(here.entries, there.entries);
    const files = pairs.filter(([one, other]) => one.kind === 'file' || other.kind === 'file');
    this.#filesTotal = files.length;
    this.#bytesTotal = files.reduce((sum, [{ size }]) => sum + size, 0);
    this.#phase = 'comparing';
    this.#tell();
    this.#onlyHere(here, onlyHere, there);
    this.#onlyThere(here, onlyThere, there);
    if (here.kind === 'folder' && pairs.length === 0) this.#hint = hintOf(local, place, onlyHere, onlyThere);
    for (const pair of files) await this.#compare(pair, placeOf(pair[1]));
  }

  /** The phone's side, and where each of it is. */
  async #listThere(
    here: ListedHere,
  ): Promise<{ readonly there: ListedThere; readonly placeOf: (one: There) => PhonePlace }> {
    const { browser } = this.#parts;
    const { place } = this.#request;
    const { signal } = this.#options;
    const below = ({ path }: There): PhonePlace => ({
      ...place,
      path: path.split('/').reduce<PhonePath>((folder, name) => joinPhonePath(folder, name), place.path),
    });
    const object = place.path === ROOT ? undefined : (await browser.find(place)).object;
    const isFolder = object === undefined || object.kind === 'folder';
    if (here.kind === 'folder') {
      if (!isFolder) throw fail('not-a-folder', 'verify', 'a file', { subject: place.path });
      return { there: await listThere(browser.connection(place.device), place, signal), placeOf: below };
    }
    const [file] = here.entries;
    if (file === undefined)
      throw fail('source-missing', 'verify', 'nothing to compare', { subject: this.#request.local });
    if (!isFolder) {
      const { size, modified } = object;
      const entries = [{ path: file.path, kind: 'file' as const, size, modified }];
      return { there: { entries, skipped: 0, unknown: new Map() }, placeOf: () => place };
    }
    const folder = await browser.entries(place);
    const named = folder.entries.filter(({ name }) => foldName(name) === foldName(file.expected));
    const found = named.find(({ name }) => name === file.expected) ?? named[0];
    const entries = found === undefined ? [] : [{ ...found, path: found.name }];
    return { there: { entries, skipped: 0, unknown: new Map() }, placeOf: below };
  }

  #onlyHere({ entries }: ListedHere, only: readonly Here[], { unknown }: ListedThere): void {
    const filled = parentsOf(entries);
    for (const one of only) {
      if (one.kind === 'folder' && filled.has(one.path)) continue;
      const { path, kind, size, modified } = one;
      const problem = one.problem ?? unknownAbove(unknown, path);
      const state = problem === undefined ? 'missing-on-phone' : 'unreadable';
      this.#found({ path, kind, state, local: { size, modified }, problem });
    }
  }

  #onlyThere({ entries }: ListedHere, only: readonly There[], there: ListedThere): void {
    const filled = parentsOf(there.entries);
    const unread = new Map<string, Problem>();
    for (const { path, problem } of entries) if (problem !== undefined) unread.set(path, problem);
    for (const { path, kind, size, modified } of only) {
      if (kind === 'folder' && filled.has(path)) continue;
      const problem = unknownAbove(unread, path);
      const state = problem === undefined ? 'missing-here' : 'unreadable';
      this.#found({ path, kind, state, phone: { size, modified }, problem });
    }
  }

  async #compare(pair: readonly [Here, There], place: PhonePlace): Promise<void> {
    const { signal } = this.#options;
    const { disk, browser } = this.#parts;
    const [here, there] = pair;
    if (signal.aborted) throw fail('cancelled', 'verify', 'stopped');
    this.#current = here.path;
    this.#tell();
    const before = this.#bytes;
    const found = await compareCopy(
      {
        disk,
        find: (at) => browser.find(at),
        patiently: (work) => this.#patiently(work),
        signal,
      },
      pair,
      place,
      this.#request.level,
      (bytes) => {
        this.#bytes = before + Math.min(bytes, here.size);
        this.#tell();
      },
    );
    this.#bytes = before + here.size;
    this.#files += 1;
    const phonePath = there.path === here.path ? undefined : there.path;
    this.#found({ path: here.path, phonePath, kind: 'file', ...found });
    this.#tell();
  }

  #found(copy: ComparedCopy): void {
    const { states, undated, sizeOnly, skipped } = this.#counts;
    const { local, phone, checked, state } = copy;
    const isSizeAlone = checked === 'size' && state === 'same';
    const isUndated = local?.modified === undefined || phone?.modified === undefined;
    this.#counts = {
      states: { ...states, [state]: states[state] + 1 },
      undated: undated + (isSizeAlone && isUndated && this.#request.level === 'size' ? 1 : 0),
      sizeOnly: sizeOnly + (isSizeAlone && this.#request.level !== 'size' ? 1 : 0),
      skipped,
    };
    this.#options.onCopy?.(copy);
  }

  #skip(count: number): void {
    this.#counts = { ...this.#counts, skipped: count };
  }

  #tell(): void {
    this.#options.onProgress?.({
      phase: this.#phase,
      files: this.#files,
      filesTotal: this.#filesTotal,
      bytes: this.#bytes,
      bytesTotal: this.#bytesTotal,
      current: this.#current,
      counts: this.#counts,
    });
  }

  /** Runs `work` again whenever the phone is back after it went away. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const { clock } = this.#parts;
    const { signal, waitMs } = this.#options;
    const { registry } = this.#parts;
    const { device } = this.#request.place;
    const phase = this.#phase;
    let until: number | undefined;
    for (let failures = 0; ;) {
      const wasThere = registry.connection(device) !== undefined;
      try {
        if (signal.aborted) throw fail('cancelled', 'verify', 'stopped');
        const done = await work();
        this.#enter(phase);
        return done;
      } catch (error) {
        if (!isPhoneError(error) || !AWAY.has(problemOf(error).kind)) throw error;
        // a phone that nothing identifies is another one when it comes back
        if (error.kind === 'disconnected' && isAnonymous(device)) throw new StillAway(error.kind, { cause: error });
        if (wasThere && SICK.has(error.kind)) failures += 1;
        if (failures >= MOST_FAILURES)
          throw fail('refused', 'verify', error.message, { subject: error.problem.subject }, error);
        until ??= clock.monotonic() + waitMs;
        this.#enter('away');
        const left = until - clock.monotonic();
        if (left <= 0) throw new StillAway(error.kind, { cause: error });
        await this.#change(Math.min(left, LOOK_AGAIN_MS));
      }
    }
  }

  #enter(phase: VerifyProgress['phase']): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#tell();
  }

  /** Until something changes about the phones, or it is stopped, at most so long. */
  async #change(ms: number): Promise<void> {
    const { registry, clock } = this.#parts;
    const { signal } = this.#options;
    const changed = new AbortController();
    const end = (): void => {
      changed.abort();
    };
    const stop = [registry.onReady(end), registry.onChange(end)];
    signal.addEventListener('abort', end, { once: true });
    try {
      await clock.sleep(ms, changed.signal);
    } finally {
      for (const one of stop) one();
      signal.removeEventListener('abort', end);
    }
  }
}

/** The folders above all of these. */
function parentsOf(entries: readonly { readonly path: string }[]): ReadonlySet<string> {
  const parents = new Set<string>();
  for (const { path } of entries)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const parent = path.slice(0, at);
      if (parents.has(parent)) break;
      parents.add(parent);
    }
  return parents;
}

/** Copies lie in a folder of the name of what was copied: the person may have named the one above it. */
function hintOf(
  local: LocalPath,
  place: PhonePlace,
  here: readonly Here[],
  there: readonly There[],
): VerifyHint | undefined {
  const own = foldName(local.split(/[\\/]/u).findLast((name) => name !== '') ?? '');
  const phone = there.find(({ path, kind }) => kind === 'folder' && foldName(path) === own);
  if (phone !== undefined) return { side: 'phone', path: joinPhonePath(place.path, phone.path) };
  const theirs = foldName(baseNameOf(place.path));
  const computer = here.find(({ path, kind }) => kind === 'folder' && foldName(path) === theirs);
  return computer === undefined ? undefined : { side: 'computer', path: computer.local };
}
