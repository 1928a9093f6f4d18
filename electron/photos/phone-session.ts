import { setTimeout as wait } from 'node:timers/promises';
import type { DeviceKey } from '../../shared/domain.ts';
import { endsConnection, fail, problemOf, type Problem } from '../../shared/errors.ts';
import type { PhonePhotos, PhotoCounts, PhotoLook, PhotoPart, PhotoShot, ShotId } from '../../shared/photos.ts';
import type { Origin } from './dates.ts';
import { keyOf } from './known.ts';
import { dated, originOf, type LookEngine } from './look.ts';
import { shotsOf, stateOf, type DateOf } from './shots.ts';

/** How often the reading of dates looks whether files still move, milliseconds. */
const LOOK_MS = 200;

/** What is known of one phone's photos while the program runs. */
export class PhoneSession {
  readonly device: DeviceKey;
  readonly #engine: LookEngine;
  readonly #changed: () => void;
  #look: PhotoLook = { kind: 'none' };
  #version = 0;
  #shots: readonly PhotoShot[] = [];
  #problems: readonly Problem[] = [];
  #freeing: PhonePhotos['freeing'];
  readonly #origins = new Map<ShotId, Origin>();
  /** Being read: an import that begins meanwhile asks for the same. */
  readonly #reading = new Map<ShotId, Promise<Origin>>();
  #dating: { readonly done: Promise<void>; readonly abort: AbortController } | undefined;

  constructor(device: DeviceKey, engine: LookEngine, changed: () => void) {
    this.device = device;
    this.#engine = engine;
    this.#changed = changed;
  }

  /** Newest first. */
  get shots(): readonly PhotoShot[] {
    return this.#shots;
  }
  get problems(): readonly Problem[] {
    return this.#problems;
  }
  get look(): PhotoLook {
    return this.#look;
  }
  set look(look: PhotoLook) {
    this.#look = look;
    this.#changed();
  }
  set freeing(freeing: PhonePhotos['freeing']) {
    this.#freeing = freeing;
    this.#changed();
  }

  view(): Omit<PhonePhotos, 'soon'> {
    return {
      device: this.device,
      look: this.#look,
      version: this.#version,
      all: countsOf(this.#shots, () => true),
      new: countsOf(this.#shots, ({ state }) => state === 'new'),
      problems: this.#problems,
      freeing: this.#freeing,
    };
  }

  /** Takes what a look has found. What pictures said of themselves before still counts. */
  take(parts: readonly PhotoPart[], problems: readonly Problem[], dateOf: DateOf): void {
    this.#dating?.abort.abort();
    this.#problems = problems;
    this.#set(this.#withOrigins(shotsOf(parts, dateOf)));
  }

  /** Asks anew what is known of the parts of shots. */
  retell(stateOfPart: (part: PhotoPart) => PhotoPart['state']): void {
    let isOther = false;
    const shots = this.#shots.map((shot): PhotoShot => {
      const parts = shot.parts.map((part) => ({ ...part, state: stateOfPart(part) }));
      if (parts.every(({ state }, index) => state === shot.parts[index]?.state)) return shot;
      isOther = true;
      const [first = shot.parts[0], ...rest] = parts;
      return { ...shot, parts: [first, ...rest], state: stateOf(parts) };
    });
    if (isOther) this.#set(shots);
  }

  /** Forgets files that have left the phone, by their keys (`keyOf`); of a shot the other parts stay. */
  drop(keys: ReadonlySet<string>): void {
    if (keys.size === 0) return;
    const left = this.#shots.flatMap((shot): readonly PhotoShot[] => {
      const parts = shot.parts.filter((part) => !keys.has(keyOf(part)));
      if (parts.length === shot.parts.length) return [shot];
      return shotsOf(parts, () => ({ taken: shot.taken, from: shot.takenFrom }));
    });
    this.#set(left);
  }

  /** Shots by their ids; those that are not there any more are left out. */
  withIds(ids: readonly ShotId[]): readonly PhotoShot[] {
    const wanted = new Set(ids);
    return this.#shots.filter(({ id }) => wanted.has(id));
  }

  /**
   * What pictures say of themselves, read where nobody has read it yet; the shots then have their dates. Rejects with
   * `cancelled`, and when the connection ends.
   */
  async originsOf(
    shots: readonly PhotoShot[],
    {
      signal,
      onProgress,
      standsBack = false,
    }: {
      readonly signal?: AbortSignal | undefined;
      readonly onProgress?: (done: number) => void;
      /** Waits while files move from or to the phone. */
      readonly standsBack?: boolean;
    } = {},
  ): Promise<readonly { readonly shot: PhotoShot; readonly origin: Origin }[]> {
    const told: { readonly shot: PhotoShot; readonly origin: Origin }[] = [];
    for (const shot of shots) {
      while (standsBack && signal?.aborted !== true && this.#engine.isMoving(this.device))
        await wait(LOOK_MS, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
      if (signal?.aborted === true) throw fail('cancelled', 'photos');
      const origin = this.#origins.get(shot.id) ?? (await this.#read(shot));
      told.push({ shot: dated(shot, origin), origin });
      onProgress?.(told.length);
    }
    this.#set(this.#withOrigins(this.#shots));
    return told.sort((one, other) => byDate(one.shot, other.shot));
  }

  async #read({ id, parts: [first] }: PhotoShot): Promise<Origin> {
    const reading = this.#reading.get(id) ?? originOf(this.#engine, this.device, first);
    this.#reading.set(id, reading);
    try {
      const origin = await reading;
      this.#origins.set(id, origin);
      return origin;
    } finally {
      this.#reading.delete(id);
    }
  }

  /** Reads the dates of new shots while nothing moves. Never rejects. */
  date(): void {
    this.#dating?.abort.abort();
    const abort = new AbortController();
    const wanted = this.#shots.filter(({ id, state }) => state === 'new' && !this.#origins.has(id));
    const all = wanted.length;
    const done = (async (): Promise<void> => {
      try {
        this.look = { kind: 'dating', done: 0, all };
        await this.originsOf(wanted, {
          signal: abort.signal,
          standsBack: true,
          onProgress: (count) => {
            this.look = { kind: 'dating', done: count, all };
          },
        });
        this.look = { kind: 'ready' };
      } catch (error) {
        const problem = problemOf(error, 'photos');
        if (problem.kind === 'cancelled') return;
        this.look = endsConnection(problem.kind) ? { kind: 'ready' } : { kind: 'failed', problem };
      }
    })();
    this.#dating = { done, abort };
  }

  async stop(): Promise<void> {
    this.#dating?.abort.abort();
    await this.#dating?.done;
  }

  #withOrigins(shots: readonly PhotoShot[]): readonly PhotoShot[] {
    return sorted(
      shots.map((shot) => {
        const origin = this.#origins.get(shot.id);
        return origin === undefined ? shot : dated(shot, origin);
      }),
    );
  }

  #set(shots: readonly PhotoShot[]): void {
    this.#shots = shots;
    this.#version += 1;
    this.#changed();
  }
}

const byDate = (one: PhotoShot, other: PhotoShot): number => (other.taken ?? -Infinity) - (one.taken ?? -Infinity);
const sorted = (shots: readonly PhotoShot[]): readonly PhotoShot[] => [...shots].sort(byDate);

/** Figures of some shots. */
export function countsOf(shots: readonly PhotoShot[], wanted: (shot: PhotoShot) => boolean): PhotoCounts {
  const counts = { shots: 0, files: 0, bytes: 0 };
  for (const shot of shots) {
    if (!wanted(shot)) continue;
    counts.shots += 1;
    counts.files += shot.parts.length;
    counts.bytes += shot.bytes;
  }
  return counts;
}
