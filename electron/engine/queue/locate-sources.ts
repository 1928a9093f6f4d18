import { setImmediate as turn } from 'node:timers/promises';
import { join } from 'node:path';
import { foldName, localPath, type Instant, type LocalPath } from '../../../shared/domain.ts';
import { failRequest } from '../../../shared/errors.ts';
import type { EngineContext } from '../context.ts';
import { SAME_TIME_MS } from '../transfer/conflict-rule.ts';
import { fingerprintFile, isSampledWhole } from '../transfer/fingerprint.ts';
import type { Disk } from '../local/disk.ts';
import { localError, modifiedOf } from '../local/local-files.ts';
import { eachPage } from '../model/each-page.ts';
import type { ItemRow, TransferRow } from '../model/transfer-store.ts';
import type { TransferControl } from './transfer-control.ts';

/** Files looked at below a located folder; a home folder would take minutes otherwise. */
const MOST_FILES = 200_000;
/** Rows read or changed before others have their turn. */
const AT_ONCE = 500;

/**
 * Finds missing sources at a new place: a file, or a folder in which every missing one is looked for. A file is taken
 * only when its size and its sampled fingerprint are those of the missing one; where no fingerprint was made, its size,
 * modification time and name. Of several that would do, the one of the same name, then the one whose folders agree the
 * furthest, is taken; where that leaves a choice none is, and the file stays missing. A large one that was renamed must have
 * its date as well: samples of files that hold little else than zeros are alike. An item that was cancelled or paused meanwhile
 * stays so.
 *
 * Throws `local-missing` and its like where nothing can be read at `path`, and `bad-request` for a single file that is
 * none of the missing ones, or could be several.
 */
export async function locateSources(
  context: EngineContext,
  control: TransferControl,
  transfer: TransferRow,
  path: LocalPath,
): Promise<{ readonly found: number; readonly missing: readonly string[] }> {
  const missing = await missingOf(context, transfer);
  let stats;
  try {
    stats = await context.disk.stat(path);
  } catch (error) {
    throw localError(error, 'source', 'locate', path);
  }
  const search = new Search(context.disk, missing, transfer.id);
  if (stats.isFile()) {
    await search.offer(path);
    if (search.offered === 0)
      throw failRequest('locate', { id: 'other-file' }, { id: 'choose-sent-file' }, { subject: path });
  } else await walk(context.disk, path, (file) => search.offer(file));

  const matches = search.matches(stats.isFile());
  if (stats.isFile() && matches.size === 0)
    throw failRequest('locate', { id: 'several-alike' }, { id: 'choose-their-folder' }, { subject: path });
  const found = new Set<ItemRow>();
  for (const [row, { file, modified }] of matches) {
    // what became of it while the folder was read counts
    const now = context.store.item(row.id);
    if (now === undefined || now.state.kind !== 'waiting' || now.state.for.kind !== 'source') continue;
    control.feed(now, transfer, { kind: 'located' }, { local: file, modified });
    found.add(row);
    if (found.size % AT_ONCE === 0) await turn();
  }
  context.touch(transfer.id);
  return { found: found.size, missing: missing.filter((row) => !found.has(row)).map((row) => row.name) };
}

async function missingOf({ store }: EngineContext, transfer: TransferRow): Promise<readonly ItemRow[]> {
  const missing: ItemRow[] = [];
  await eachPage(store, { transfer: transfer.id, states: ['waiting'], atOnce: AT_ONCE }, (rows) => {
    for (const row of rows) if (row.state.kind === 'waiting' && row.state.for.kind === 'source') missing.push(row);
  });
  return missing;
}

interface Candidate {
  readonly file: LocalPath;
  readonly modified: Instant;
  /** Folded, from the file's own upwards. */
  readonly names: readonly string[];
}

/** Missing files and offered ones that have the same identity. */
interface Group {
  readonly missing: ItemRow[];
  readonly candidates: Candidate[];
  /** Whether it is the content that agrees, by samples, and not only size and date. */
  readonly byContent: boolean;
}

/** Brings together missing and offered files by what identifies them; each offered file is read once at most. */
class Search {
  readonly #disk: Disk;
  readonly #salt: string;
  readonly #sizes = new Set<number>();
  readonly #byFingerprint = new Map<string, Group>();
  readonly #byDate = new Map<string, Group>();
  /** Sizes of which some missing file has a fingerprint: only then is an offered one read. */
  readonly #fingerprinted = new Set<number>();
  /** Files that agree with some missing one. */
  offered = 0;

  constructor(disk: Disk, missing: readonly ItemRow[], salt: string) {
    this.#disk = disk;
    this.#salt = salt;
    for (const row of missing) {
      this.#sizes.add(row.size);
      if (row.fingerprint === undefined) {
        groupOf(this.#byDate, dateKey(row.size, row.modified), false).missing.push(row);
        continue;
      }
      this.#fingerprinted.add(row.size);
      groupOf(this.#byFingerprint, row.fingerprint, true).missing.push(row);
    }
  }

  async offer(file: string): Promise<void> {
    const stats = await this.#disk.stat(file);
    if (!this.#sizes.has(stats.size)) return;
    const modified = modifiedOf(stats);
    const candidate = { file: localPath(file), modified, names: namesOf(file) };
    const groups = [
      this.#byDate.get(dateKey(stats.size, modified)),
      this.#fingerprinted.has(stats.size)
        ? this.#byFingerprint.get(await fingerprintFile(this.#disk, file, this.#salt))
        : undefined,
    ].filter((group) => group !== undefined);
    for (const group of groups) group.candidates.push(candidate);
    if (groups.length > 0) this.offered += 1;
  }

  /** Which file each missing one is; `chosen`: a person named the one file that was offered. */
  matches(chosen: boolean): ReadonlyMap<ItemRow, Candidate> {
    const matches = new Map<ItemRow, Candidate>();
    const taken = new Set<string>();
    for (const group of [...this.#byFingerprint.values(), ...this.#byDate.values()])
      for (const [row, candidate] of matchesIn(group, chosen)) {
        if (taken.has(candidate.file)) continue;
        taken.add(candidate.file);
        matches.set(row, candidate);
      }
    return matches;
  }
}

/** Folders above a file that are compared at most. */
const DEEPEST = 16;

/**
 * From the longest common end of two paths to the name alone: whoever is alone with a file under such an end is that
 * file. What is left then differs in its name, or has several of its name beside it.
 */
function* matchesIn({ missing, candidates, byContent }: Group, chosen: boolean): Generator<[ItemRow, Candidate]> {
  const left = new Map(missing.map((row) => [row, namesOf(row.local)]));
  const free = new Map(candidates.map((candidate) => [candidate, candidate.names]));
  for (let depth = DEEPEST; depth > 0 && left.size > 0 && free.size > 0; depth -= 1) {
    const offered = byEnd(free, depth);
    for (const [end, rows] of byEnd(left, depth)) {
      const [row, rival] = rows;
      const [candidate, other] = offered.get(end) ?? [];
      if (row === undefined || candidate === undefined || rival !== undefined || other !== undefined) continue;
      left.delete(row);
      free.delete(candidate);
      yield [row, candidate];
    }
  }
  // renamed: the content tells, whichever of several it is; or the person who chose this one file for the only one missing
  if (!byContent && !(chosen && missing.length === 1)) return;
  const others = [...free.keys()];
  for (const row of left.keys()) {
    const isSure = chosen || isSampledWhole(row.size);
    const index = others.findIndex(({ modified }) => isSure || isNear(modified, row.modified));
    const [other] = index < 0 ? [] : others.splice(index, 1);
    if (other !== undefined) yield [row, other];
  }
}

const isNear = (one: Instant, other: Instant | undefined): boolean =>
  other !== undefined && Math.abs(one - other) <= SAME_TIME_MS;

function byEnd<T>(of: ReadonlyMap<T, readonly string[]>, depth: number): ReadonlyMap<string, readonly T[]> {
  const ends = new Map<string, T[]>();
  for (const [one, names] of of) {
    if (names.length < depth) continue;
    const end = names.slice(0, depth).join('/');
    const alike = ends.get(end);
    if (alike === undefined) ends.set(end, [one]);
    else alike.push(one);
  }
  return ends;
}

/** From the file's own name upwards. */
const namesOf = (path: string): readonly string[] =>
  path
    .split(/[/\\]/)
    .filter((name) => name !== '')
    .map(foldName)
    .toReversed();

const dateKey = (size: number, modified: Instant | undefined): string => `${size} ${modified ?? ''}`;

function groupOf(groups: Map<string, Group>, key: string, byContent: boolean): Group {
  let group = groups.get(key);
  if (group === undefined) {
    group = { missing: [], candidates: [], byContent };
    groups.set(key, group);
  }
  return group;
}

async function walk(disk: Disk, folder: string, offer: (file: string) => Promise<void>): Promise<void> {
  const folders = [folder];
  let looked = 0;
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    try {
      for await (const entry of disk.walk(next)) {
        if (looked > MOST_FILES) return;
        if (entry.isDirectory()) folders.push(join(next, entry.name));
        else if (entry.isFile()) {
          looked += 1;
          await offer(join(next, entry.name)).catch(() => undefined);
        }
      }
    } catch {
      // a folder that cannot be read holds nothing that can be sent
    }
  }
}
