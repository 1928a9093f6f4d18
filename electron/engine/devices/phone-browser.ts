import {
  ROOT,
  baseNameOf,
  parentOf,
  type DeviceKey,
  type Entry,
  type PhonePath,
  type PhonePlace,
  samePlace,
} from '../../../shared/domain.ts';
import { fail, problemOf } from '../../../shared/errors.ts';
import type { FolderSnapshot } from '../../../shared/snapshots.ts';
import type { PhoneObject } from '../../mtp/index.ts';
import { destroyOnPhone, type PhoneDestruction } from './destroy-on-phone.ts';
import type { PhoneEvidence } from './phone-evidence.ts';
import type { Connection } from './device-connection.ts';
import type { DeviceRegistry } from './device-registry.ts';
import type { ListedFolder } from './listed-folder.ts';
import { asItIs } from './look-again.ts';
import { isWayUnchanged } from './way.ts';

/** Looking at the phone's files: folders that are shown, and what `ls` tells. `phone-changes.ts` changes them. */

const BROWSE = { priority: 'browse' } as const;

/** Something that was found, and where. */
interface PhoneFinding {
  readonly connection: Connection;
  readonly parent: ListedFolder;
  readonly object: PhoneObject;
}

interface Watch {
  readonly place: PhonePlace;
  readonly listener: (snapshot: FolderSnapshot) => void;
  /** Ends the listing under way when a newer one begins or the watch ends. */
  abort: AbortController;
}

/** Entries told at once: a window stalls while it takes in megabytes in one message. */
const PIECE = 2000;
function pieces(objects: readonly PhoneObject[]): readonly (readonly PhoneObject[])[] {
  const count = Math.max(1, Math.ceil(objects.length / PIECE));
  return Array.from({ length: count }, (_, index) => objects.slice(index * PIECE, (index + 1) * PIECE));
}

const entryOf = (object: PhoneObject): Entry => ({
  name: object.name,
  kind: object.kind,
  size: object.size,
  modified: object.modified,
});

/** A folder and those above it. */
const wayTo = (path: PhonePath): readonly PhonePath[] => (path === ROOT ? [ROOT] : [path, ...wayTo(parentOf(path))]);

/**
 * Folders of phones as windows and the terminal see them. Calls for a phone that is not ready reject with why:
 * `locked`, `held`, `forbidden`, `silent` or `disconnected`.
 */
export class PhoneBrowser {
  readonly #registry: DeviceRegistry;
  readonly #watches = new Set<Watch>();
  readonly #changed = new Set<(device: DeviceKey, path: PhonePath) => void>();
  readonly #moved = new Set<(from: PhonePlace, to: PhonePlace) => void>();
  readonly #soon = new Map<DeviceKey, ReturnType<typeof setTimeout>>();

  constructor(registry: DeviceRegistry) {
    this.#registry = registry;
    registry.onReady((connection) => {
      this.#listen(connection);
      for (const watch of this.#watches) if (watch.place.device === connection.key) void this.#list(watch, false);
    });
  }

  connection(device: DeviceKey): Connection {
    const connection = this.#registry.connection(device);
    if (connection !== undefined) return connection;
    const known = this.#registry.devices.find((one) => one.key === device);
    switch (known?.state.kind) {
      case 'locked':
        throw fail('locked', 'open', '', { subject: known.name });
      case 'held':
        throw fail('held', 'open', '', { ...known.state, subject: known.name });
      case 'forbidden':
        throw fail('forbidden', 'open', '', { subject: known.name, advice: known.state.advice });
      case 'recovering':
        throw fail('silent', 'open', '', { subject: known.name });
      default:
        throw fail('disconnected', 'open', '', { subject: known?.name });
    }
  }

  /** The folder's entries as they become known, and again whenever the phone says that something changed. */
  watch(place: PhonePlace, listener: (snapshot: FolderSnapshot) => void): () => void {
    const watch: Watch = { place, listener, abort: new AbortController() };
    this.#watches.add(watch);
    void this.#list(watch, false);
    return () => {
      this.#watches.delete(watch);
      watch.abort.abort();
    };
  }

  async refresh(place: PhonePlace): Promise<void> {
    await Promise.all(
      [...this.#watches].filter((watch) => samePlace(watch.place, place)).map((watch) => this.#list(watch, true)),
    );
  }

  /** Lists again whatever shows a folder that was changed from here. */
  changed(device: DeviceKey, path: PhonePath): void {
    for (const listener of this.#changed) listener(device, path);
    for (const watch of this.#watches)
      if (watch.place.device === device && watch.place.path === path) void this.#list(watch, false);
  }

  /** Calls back with each folder that was changed from here, on whichever storage; answers how to stop. */
  onChanged(listener: (device: DeviceKey, path: PhonePath) => void): () => void {
    this.#changed.add(listener);
    return () => this.#changed.delete(listener);
  }

  /** A folder was moved or renamed from here, with all in it. */
  moved(from: PhonePlace, to: PhonePlace): void {
    for (const listener of this.#moved) listener(from, to);
  }

  /** Calls back with each folder that was moved or renamed from here; listeners do not throw. */
  onMoved(listener: (from: PhonePlace, to: PhonePlace) => void): void {
    this.#moved.add(listener);
  }

  async #list(watch: Watch, fresh: boolean): Promise<void> {
    watch.abort.abort();
    const abort = new AbortController();
    watch.abort = abort;
    const { place } = watch;
    const tell = (change: Partial<FolderSnapshot>): void => {
      if (abort.signal.aborted) return;
      watch.listener({
        place,
        reset: false,
        entries: [],
        state: 'listing',
        expected: undefined,
        unreadable,
        problem: undefined,
        ...change,
      });
    };
    const told: PhoneObject[] = [];
    let unreadable = 0;
    try {
      const connection = this.connection(place.device);
      tell({ reset: true });
      const folder = await connection.tree.folder(place.storage, place.path, {
        ...BROWSE,
        fresh: fresh && (await howFresh(connection, place)),
        signal: abort.signal,
        onBatch: (entries, soFar) => {
          for (const piece of pieces(entries)) {
            tell({ reset: told.length === 0, entries: piece.map(entryOf), expected: soFar.expected });
            told.push(...piece);
          }
        },
        onSkipped: () => (unreadable += 1),
      });
      const objects = [...folder.objects];
      if (told.length === objects.length && told.every((object, index) => object === objects[index])) {
        tell({ state: 'complete', expected: folder.size });
        return;
      }
      // a kept listing came without batches, and names that were listed twice were made distinct: the whole replaces them
      const whole = pieces(objects);
      whole.forEach((piece, index) =>
        tell({
          reset: index === 0,
          entries: piece.map(entryOf),
          state: index < whole.length - 1 ? 'listing' : 'complete',
          expected: folder.size,
        }),
      );
    } catch (error) {
      const problem = problemOf(error, 'list');
      if (problem.kind === 'cancelled' || abort.signal.aborted) return;
      tell({ reset: told.length === 0, state: 'failed', problem });
    }
  }

  /** Events are hints: the folders shown are listed again once they have been quiet for a moment. */
  #listen(connection: Connection): void {
    let storages = false;
    connection.phone.onEvent((event) => {
      if (event.kind === 'battery-changed') return;
      storages ||= event.kind === 'storages-changed';
      clearTimeout(this.#soon.get(connection.key));
      const timer = setTimeout(() => {
        this.#soon.delete(connection.key);
        // a card that came or went is known by then
        const looked = storages ? connection.lookAgain() : Promise.resolve();
        storages = false;
        void looked.then(() => {
          if (!connection.alive) return;
          for (const watch of this.#watches) if (watch.place.device === connection.key) void this.#list(watch, false);
        });
      }, 300);
      timer.unref();
      this.#soon.set(connection.key, timer);
    });
  }

  /** Where something is now, by new listings where the phone does not know those that are kept. Rejects with why it cannot be looked at. */
  find(place: PhonePlace): Promise<PhoneFinding> {
    return this.asItIs(place.device, () => this.#find(place));
  }

  async #find(place: PhonePlace): Promise<PhoneFinding> {
    const connection = this.connection(place.device);
    const above = parentOf(place.path);
    const look = async (isFresh: boolean): Promise<{ parent: ListedFolder; object: PhoneObject | undefined }> => {
      const fresh = isFresh && (await howFresh(connection, { ...place, path: above }));
      const parent = await connection.tree.folder(place.storage, above, { ...BROWSE, fresh });
      return { parent, object: place.path === ROOT ? undefined : parent.find(baseNameOf(place.path)) };
    };
    const wasKept = connection.tree.kept(place.storage, above) !== undefined;
    let { parent, object } = await look(false);
    // not every phone tells of what came since
    if (object === undefined && wasKept) ({ parent, object } = await look(true));
    if (object === undefined) throw fail('missing', 'find', '', { subject: place.path });
    return { connection, parent, object };
  }

  /** Does something by the listings of a phone, or by new ones: see `asItIs`. */
  asItIs<T>(device: DeviceKey, work: () => Promise<T>): Promise<T> {
    return asItIs(() => this.connection(device).tree, work);
  }

  /** As `find`, with what the phone tells of it now. */
  stat(place: PhonePlace): Promise<PhoneObject> {
    return this.asItIs(place.device, async () => {
      const { connection, object } = await this.find(place);
      return connection.phone.stat(object.handle, BROWSE);
    });
  }

  /** Deletes a file if it still is what was seen, looked at again right before; see `destroyOnPhone`. */
  async deleteSeen(
    place: PhonePlace,
    seen: Omit<Extract<PhoneEvidence, { readonly kind: 'as-seen' }>, 'kind'>,
  ): Promise<PhoneDestruction> {
    const folder = parentOf(place.path);
    const target = { storage: place.storage, folder, name: baseNameOf(place.path) };
    const answer = await destroyOnPhone(this.connection(place.device), target, {
      kind: 'as-seen',
      size: seen.size,
      modified: seen.modified,
      content: seen.content,
    });
    if (answer === 'done') this.changed(place.device, folder);
    return answer;
  }

  /** What `ls` shows: a folder's entries, or the file itself. */
  async entries(place: PhonePlace): Promise<{ readonly kind: 'file' | 'folder'; readonly entries: readonly Entry[] }> {
    const connection = this.connection(place.device);
    const { tree } = connection;
    // a fresh listing finds its folder anew: where nothing of the way was known before this, all of it was listed just now
    const wasKnown = wayTo(place.path).some((path) => tree.kept(place.storage, path) !== undefined);
    if (place.path !== ROOT) {
      const { object } = await this.find(place);
      if (object.kind === 'file') return { kind: 'file', entries: [entryOf(object)] };
    }
    const fresh = wasKnown && (await howFresh(connection, place));
    const folder = await tree.folder(place.storage, place.path, { ...BROWSE, fresh });
    return { kind: 'folder', entries: [...folder.objects].map(entryOf) };
  }
}

/** How a folder is listed anew: with those above it only where the way to it is not what it was. */
const howFresh = async (connection: Connection, { storage, path }: PhonePlace): Promise<true | 'here'> =>
  (await isWayUnchanged(connection, storage, path)) ? 'here' : true;
