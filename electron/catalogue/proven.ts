import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { countedSize, type ProvenSum } from '../../shared/catalogue.ts';
import {
  baseNameOf,
  joinPhonePath,
  localPath,
  parentOf,
  type LocalPath,
  type PhonePath,
  type PhonePlace,
} from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import type { ItemRow } from '../engine/index.ts';
import type { Catalogue, CatalogueEngine } from './catalogue.ts';
import type { CatalogueReader, CatalogueRow } from './catalogue-store.ts';
import { rowAt } from './tree.ts';

/** A copy on this computer that a record of folder sync names. */
export interface SyncedCopy {
  readonly name: string;
  /** Bytes, as the phone's file was when it was copied. */
  readonly size: number;
  readonly modified: number | undefined;
  readonly local: LocalPath;
  /** The copy's date when it was published. */
  readonly localModified: number | undefined;
  /** When it was recorded. */
  readonly copiedAt: number;
  /** It is deleted when the phone's file goes: no proof that anything is left then. */
  readonly isMirrored: boolean;
  /** It lay there before, and counts as a copy by its size and date: nobody has compared it. */
  readonly isAssumed: boolean;
}
/** The copies of files directly in a phone's folder. */
export type SyncedCopies = (place: PhonePlace) => readonly SyncedCopy[];

/** Date differences below this are a matter of what file systems can store: FAT keeps two seconds. */
const SAME_DATE_MS = 2_000;
/** How long after its record a copy may have been touched last: the clocks of a disk on the network differ a little. */
const SETTLED_MS = 2_000;
/** Files of which copies are looked for; the others count as not proven. */
const MOST_LOOKED_AT = 20_000;
const PAGE = 1_000;
const RECORDS = 3;

const sameDate = (one: number | undefined, other: number | undefined): boolean =>
  one !== undefined && other !== undefined && Math.abs(one - other) <= SAME_DATE_MS;

/**
 * Whether the file is still there as the copy was left at `copiedAt`: of this size and date, and untouched since. Photos of
 * one second may have one size: by the system's own date another that was saved over the copy later is told from it.
 */
async function isThere(
  engine: CatalogueEngine,
  local: LocalPath,
  { size, modified, copiedAt }: { readonly size: number; readonly modified: number; readonly copiedAt: number },
): Promise<boolean> {
  try {
    const stats = await engine.disk.stat(local);
    if (!stats.isFile() || stats.size !== size || !sameDate(stats.mtimeMs, modified)) return false;
    return stats.ctimeMs <= copiedAt + SETTLED_MS;
  } catch {
    return false;
  }
}

const copyOf = (item: ItemRow): LocalPath =>
  item.savedAs === undefined ? item.local : localPath(path.join(path.dirname(item.local), item.savedAs));

/** What records tell of copies of a file: that one stays when it goes, or only such as go with it. */
type Found = 'proven' | 'mirrored' | 'none';

/** Which copies of exactly this file records name that are still there. Of a file without a date nothing is proven. */
async function copiesOf(
  engine: CatalogueEngine,
  place: PhonePlace,
  { size, modified }: Pick<CatalogueRow, 'size' | 'modified'>,
  synced: readonly SyncedCopy[],
): Promise<Found> {
  if (modified === undefined) return 'none';
  const mirrored = new Set(synced.filter(({ isMirrored }) => isMirrored).map(({ local }) => local));
  let found: Found = 'none';
  for (const item of engine.copiesOf(place, RECORDS)) {
    // what was skipped was not copied
    if (item.state.kind !== 'done' || item.state.outcome.kind === 'skipped') continue;
    if (mirrored.has(copyOf(item))) continue;
    if (item.kind !== 'file' || item.size !== size || item.modified === undefined) continue;
    // a download: the phone's own date is the record's. An upload: its source has kept it, if the phone took it
    const left = { size, modified: item.modified, copiedAt: item.updatedAt };
    if (sameDate(item.modified, modified) && (await isThere(engine, copyOf(item), left))) return 'proven';
  }
  for (const copy of synced) {
    if (copy.size !== size || !sameDate(copy.modified, modified) || copy.localModified === undefined) continue;
    if (copy.isAssumed || (copy.isMirrored && found === 'mirrored')) continue;
    if (!(await isThere(engine, copy.local, { size, modified: copy.localModified, copiedAt: copy.copiedAt }))) continue;
    if (!copy.isMirrored) return 'proven';
    found = 'mirrored';
  }
  return found;
}

/** One file or folder of what is asked about. */
interface Counted {
  readonly path: PhonePath;
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly size: number;
  readonly modified: number | undefined;
  /** Of a folder: whether all that is in it is known. */
  readonly isWhole: boolean;
}

/** What lies at and below a place of a phone that is here, as it is now: it may have changed without a word. */
async function* onPhone(engine: CatalogueEngine, place: PhonePlace, kind: Counted['kind']): AsyncGenerator<Counted> {
  if (kind === 'file') {
    const { size, modified } = await engine.stat(place);
    yield { path: place.path, name: baseNameOf(place.path), kind, size, modified, isWhole: true };
    return;
  }
  for await (const { path: at, entries, unreadable, problem } of engine.scan(place)) {
    const isWhole = unreadable === 0 && problem === undefined;
    yield { path: at, name: baseNameOf(at), kind: 'folder', size: 0, modified: undefined, isWhole };
    for (const entry of entries)
      if (entry.kind === 'file') yield { ...entry, path: joinPhonePath(at, entry.name), isWhole: true };
  }
}

/** The same as it is remembered. */
function* remembered(store: CatalogueReader, top: CatalogueRow, at: PhonePath): Generator<Counted> {
  for (const { row, path: its } of below(store, top, at)) {
    const { name, size, modified } = row;
    if (row.kind !== 0) yield { path: its, name, kind: 'file', size, modified, isWhole: true };
    else
      yield { path: its, name, kind: 'folder', size: 0, modified, isWhole: store.folder(row.id)?.seen !== undefined };
  }
}

/** Rows at and below a place, with theirs. */
function* below(
  store: CatalogueReader,
  row: CatalogueRow,
  at: PhonePath,
): Generator<{ readonly row: CatalogueRow; readonly path: PhonePath }> {
  yield { row, path: at };
  if (row.kind !== 0) return;
  for (let after = 0; ;) {
    const rows = store.childrenAfter(row.id, after, PAGE);
    for (const child of rows) yield* below(store, child, joinPhonePath(at, child.name));
    if (rows.length < PAGE) return;
    after = rows.at(-1)?.id ?? after;
  }
}

/**
 * Counts what is to be deleted, and what of it is proven to be on this computer: as a phone that is here has it now, as it is
 * remembered of one that is away. Rejects with `missing` where nothing is remembered of a source, or it is gone.
 */
export async function provenOf(
  catalogue: Catalogue,
  sources: readonly PhonePlace[],
  syncedIn: SyncedCopies,
): Promise<ProvenSum> {
  let [files, folders, bytes, looked] = [0, 0, 0, 0];
  const [proven, mirrored] = [
    { files: 0, bytes: 0 },
    { files: 0, bytes: 0 },
  ];
  let [complete, stale] = [true, false];
  let asOf: number | undefined;
  for (const source of sources) {
    const open = catalogue.of(source.device);
    const top = open === undefined ? undefined : rowAt(open.store, source.storage, source.path);
    if (open === undefined || top === undefined)
      throw fail('missing', 'catalogue', 'nothing is remembered of it', { subject: source.path });
    const isHere = catalogue.engine.devices.some(({ key, state }) => key === source.device && state.kind === 'ready');
    const fresh = isHere ? { asOf: catalogue.clock.now(), stale: false } : catalogue.freshness(open);
    const all = isHere
      ? onPhone(catalogue.engine, source, top.kind === 0 ? 'folder' : 'file')
      : remembered(open.store, top, source.path);
    if (fresh.asOf !== undefined) asOf = Math.min(asOf ?? fresh.asOf, fresh.asOf);
    stale ||= fresh.stale;
    let folder: PhonePath | undefined;
    let synced = new Map<string, SyncedCopy[]>();
    for await (const { path: at, name, kind, size, modified, isWhole } of all) {
      complete &&= isWhole;
      if (kind === 'folder') {
        folders += 1;
        continue;
      }
      files += 1;
      bytes += countedSize(size);
      looked += 1;
      if (looked > MOST_LOOKED_AT) continue;
      if (looked % 100 === 0) await pause(0);
      const above = parentOf(at);
      if (above !== folder) {
        folder = above;
        synced = new Map();
        for (const copy of syncedIn({ ...source, path: above }))
          synced.set(copy.name, [...(synced.get(copy.name) ?? []), copy]);
      }
      const place = { ...source, path: at };
      const found = await copiesOf(catalogue.engine, place, { size, modified }, synced.get(name) ?? []);
      if (found === 'none') continue;
      const sum = found === 'proven' ? proven : mirrored;
      sum.files += 1;
      sum.bytes += countedSize(size);
    }
  }
  return { files, folders, bytes, proven, mirrored, asOf, complete, stale };
}
