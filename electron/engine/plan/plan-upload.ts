import { MAX_DEPTH } from '../devices/phone-tree.ts';
import { isUtf8 } from 'node:buffer';
import { basename, join, sep } from 'node:path';
import { joinPhonePath, localPath, type LocalPath, type PhonePath, type StorageKey } from '../../../shared/domain.ts';
import { fail, type PhoneError, type Problem } from '../../../shared/errors.ts';
import { skippedName, type SkipReason } from '../../../shared/skipped-names.ts';
import type { Disk, FileStats } from '../local/disk.ts';
import { localError, modifiedOf } from '../local/local-files.ts';
import type { NewItem } from '../model/transfer-store.ts';
import { tellApart } from './tell-apart.ts';

/** One line of a plan; `problem` is set for what cannot be moved: it is listed and reported, the rest goes on. */
export interface PlannedItem {
  readonly item: NewItem;
  /** Why it is left out: it is listed and reported as skipped, and a move leaves it where it is. */
  readonly skipped?: string;
  readonly problem: Problem | undefined;
  /** The name on the other side, where it cannot keep its own. */
  readonly savedAs: string | undefined;
}

/** Items handed over at once. */
export const BATCH = 1000;
/** Entries of a folder that are looked at together. */
const LOOKED_AT_ONCE = 32;

/** A file or folder that is to be moved, under `savedAs` where it cannot keep its name. */
export const planned = (item: NewItem, savedAs?: string): PlannedItem => ({ item, problem: undefined, savedAs });
/** A file or folder that is left out for its name (see `skipped-names.ts`). */
export const skippedItem = (item: NewItem, why: SkipReason): PlannedItem => ({
  item,
  problem: undefined,
  savedAs: undefined,
  skipped: why,
});
/** A file or folder that cannot be moved: it becomes a failed item with this problem. */
export const unplanned = (item: NewItem, problem: Problem): PlannedItem => ({ item, problem, savedAs: undefined });

/** How an upload is planned. */
export interface UploadPlan {
  readonly storage: StorageKey;
  /** The phone's folder that the sources go into. */
  readonly path: PhonePath;
  /** A folder's name as the phone can hold it. Folders are not asked about: what is in them would have to wait. */
  readonly legalFolder: (name: string) => string;
  /** Any name as the strictest storage that this may be can hold it: names that come to the same are told apart. */
  readonly onPhone: (name: string) => string;
  /** The sources are deleted in the end. */
  readonly move: boolean;
}

/**
 * Walks local sources for an upload: folders before what is in them, names in order, in batches so that a huge tree
 * never stands in memory. Names that would meet on the phone are told apart. Links are followed; a folder that is its
 * own ancestor is reported, not entered. Unfinished, thrown-away and system files are skipped; one that was named itself
 * is copied, but never moved. In a move everything goes once: a link to what is moved itself, or to where another link
 * leads as well, is skipped.
 */
export function planUpload(
  disk: Disk,
  sources: readonly LocalPath[],
  plan: UploadPlan,
): AsyncGenerator<readonly PlannedItem[]> {
  return new UploadWalk(disk, plan).all([...new Set(sources)]);
}

/** One entry on its way into the plan. */
interface Place {
  readonly local: string;
  /** Path below the destination, in the names of the source. */
  readonly name: string;
  /** Folder on the phone, and the name it gets there. */
  readonly folder: PhonePath;
  readonly as: string;
  readonly isLink: boolean;
  /** Real paths of the folders above it. */
  readonly ancestors: readonly string[];
}

/** What the disk said of one. */
type Seen = { readonly place: Place; readonly stats: FileStats } | { readonly place: Place; readonly error: unknown };

class UploadWalk {
  readonly #disk: Disk;
  readonly #plan: UploadPlan;
  #batch: PlannedItem[] = [];
  /** Real paths of the sources of a move. */
  #roots: readonly string[] = [];
  /** Real paths that links of a move lead to. */
  readonly #linked = new Set<string>();

  constructor(disk: Disk, plan: UploadPlan) {
    this.#disk = disk;
    this.#plan = plan;
  }

  async *all(sources: readonly LocalPath[]): AsyncGenerator<readonly PlannedItem[]> {
    if (this.#plan.move)
      this.#roots = await Promise.all(sources.map((source) => this.#disk.realpath(source).catch(() => source)));
    const names = sources.map((source) => basename(source));
    const targets = tellApart(names, this.#plan.onPhone);
    for (const [index, local] of sources.entries()) {
      const name = names[index] ?? '';
      const isLink = await this.#disk.lstat(local).then(
        (stats) => stats.isSymbolicLink(),
        () => false,
      );
      const place = { local, name, folder: this.#plan.path, as: targets[index] ?? name, isLink, ancestors: [] };
      if (this.#plan.move && this.#isInAnother(index)) this.#skip(place, 'folder-moved');
      else for (const seen of await this.#see([place])) yield* (await this.#take(seen)) ?? [];
    }
    if (this.#batch.length > 0) yield this.#batch;
  }

  /** Whether a source lies in another one of the same move. */
  #isInAnother(index: number): boolean {
    const real = this.#roots[index] ?? '';
    return this.#roots.some((root, other) => (root === real ? other < index : isBelow(real, root)));
  }

  /** Plans one entry; answers the walk through it where it is a folder. A generator for each file would cost a tenth of the plan. */
  async #take(seen: Seen): Promise<AsyncGenerator<readonly PlannedItem[]> | undefined> {
    const { place } = seen;
    const { local, ancestors } = place;
    const why = ancestors.length > 0 || this.#plan.move ? skippedName(basename(local), 'computer') : undefined;
    if (why !== undefined) {
      this.#skip(place, why);
      return undefined;
    }
    try {
      const { isLink } = place;
      if (isLink && this.#plan.move) {
        const twice = await this.#wentAlready(place);
        if (twice !== undefined) {
          this.#skip(place, twice);
          return undefined;
        }
      }
      if (!('stats' in seen)) throw isLink ? danglingLink(seen.error, local) : seen.error;
      const { stats } = seen;
      if (stats.isDirectory()) return this.#walkFolder(place, stats);
      if (!stats.isFile())
        throw fail('source-unreadable', 'stat', 'neither a file nor a folder', {
          subject: local,
          advice: { id: 'special-file' },
        });
      this.#batch.push(planned(this.#item(place, 'file', stats), savedAs(place)));
    } catch (error) {
      this.#refuse(place, error);
    }
    return undefined;
  }

  #refuse(place: Place, error: unknown): void {
    this.#batch.push(unplanned(this.#item(place, 'file'), unreadable(error, place.local).problem));
  }

  async *#walkFolder(place: Place, stats: FileStats): AsyncGenerator<readonly PlannedItem[]> {
    try {
      yield* this.#inFolder(place, stats);
    } catch (error) {
      this.#refuse(place, error);
    }
  }

  async *#inFolder(place: Place, stats: FileStats): AsyncGenerator<readonly PlannedItem[]> {
    const { local, ancestors } = place;
    const real = await this.#disk.realpath(local);
    if (ancestors.includes(real) || ancestors.length >= MAX_DEPTH)
      throw fail('source-unreadable', 'walk', 'the folder contains itself', {
        subject: local,
        advice: { id: 'folder-cycle' },
      });
    const links = new Set<string>();
    let names: string[] = [];
    for await (const entry of this.#disk.walk(local)) {
      names.push(entry.name);
      if (entry.isSymbolicLink()) links.add(entry.name);
    }
    const broken = names.some((name) => name.includes(REPLACEMENT)) ? await brokenNames(this.#disk, local) : [];
    for (const name of broken) names = names.toSpliced(names.indexOf(name), 1);
    const as = this.#plan.legalFolder(place.as);
    this.#batch.push(planned(this.#item({ ...place, as }, 'folder', stats), savedAs({ ...place, as })));
    names.sort();
    const targets = tellApart(names, this.#plan.onPhone);
    const folder = joinPhonePath(place.folder, as);
    const within = [...ancestors, real];
    for (const child of broken) {
      const path = join(local, child);
      const at = { ...place, local: path, name: `${place.name}/${child}`, folder, as: child };
      this.#batch.push(unplanned(this.#item(at, 'file'), badlyNamed(path).problem));
    }
    for (let first = 0; first < names.length; first += LOOKED_AT_ONCE) {
      const places = names.slice(first, first + LOOKED_AT_ONCE).map((child, index) => ({
        local: join(local, child),
        name: `${place.name}/${child}`,
        folder,
        as: targets[first + index] ?? child,
        isLink: links.has(child),
        ancestors: within,
      }));
      for (const seen of await this.#see(places)) {
        if (this.#batch.length >= BATCH) {
          yield this.#batch;
          this.#batch = [];
        }
        const inside = await this.#take(seen);
        if (inside !== undefined) yield* inside;
      }
    }
  }

  /** One after the other, a hundred thousand files would wait for the disk twice as long. */
  #see(places: readonly Place[]): Promise<readonly Seen[]> {
    return Promise.all(
      places.map((place) =>
        this.#disk.stat(place.local).then(
          (stats) => ({ place, stats }),
          (error: unknown) => ({ place, error }),
        ),
      ),
    );
  }

  /** Why what a link leads to is not taken again in a move; `undefined` for the first link to it. */
  async #wentAlready({ local, ancestors }: Place): Promise<SkipReason | undefined> {
    const real = await this.#disk.realpath(local).catch(() => undefined);
    if (real === undefined) return undefined;
    // a link that was named itself is a root as well
    const isNamed = ancestors.length === 0;
    if (this.#roots.some((root) => isBelow(real, root) || (root === real && !isNamed))) return 'link-to-moved';
    if (this.#linked.has(real)) return 'link-twice';
    this.#linked.add(real);
    return undefined;
  }

  #skip(place: Place, why: SkipReason): void {
    this.#batch.push({ ...planned(this.#item(place, 'file')), skipped: why });
  }

  #item({ local, name, folder, as }: Place, kind: NewItem['kind'], stats?: FileStats): NewItem {
    return {
      name,
      local: localPath(local),
      storage: this.#plan.storage,
      phone: joinPhonePath(folder, as),
      kind,
      size: kind === 'file' ? (stats?.size ?? 0) : 0,
      modified: stats && modifiedOf(stats),
    };
  }
}

const savedAs = ({ local, as }: Place): string | undefined => (as === basename(local) ? undefined : as);

const isBelow = (path: string, folder: string): boolean =>
  path.length > folder.length && path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

const LEADS_NOWHERE: ReadonlySet<unknown> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

/** A link is there, what it leads to is not: nothing to be waited for. */
function danglingLink(error: unknown, path: string): unknown {
  const code = (error as { readonly code?: unknown }).code;
  if (!LEADS_NOWHERE.has(code)) return error;
  return fail('source-unreadable', 'stat', `a link that leads nowhere (${String(code)})`, {
    subject: path,
    advice: { id: 'dead-link' },
  });
}

/** Stands for each byte that is no UTF-8 in a name that was read as text: under that text nothing is found, or a twin. */
const REPLACEMENT = '\ufffd';

/** The names in a folder that are no UTF-8, as text. Names are bytes on Linux, and old archives and disks hold others. */
async function brokenNames(disk: Disk, folder: string): Promise<readonly string[]> {
  const names = await disk.readdirBytes(folder);
  return names.filter((name) => !isUtf8(name)).map((name) => name.toString());
}

const badlyNamed = (path: string): PhoneError =>
  fail('source-unreadable', 'stat', 'its name is not valid UTF-8', {
    subject: path,
    advice: { id: 'not-utf8' },
  });

function unreadable(error: unknown, path: string): PhoneError {
  const code = (error as { readonly code?: unknown }).code;
  // one that was named itself, or is in such a folder
  if (code === 'ENOENT' && path.includes(REPLACEMENT)) return badlyNamed(path);
  return localError(error, 'source', 'stat', path);
}
