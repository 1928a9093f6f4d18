import type { DeviceKey } from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import type { PairId, SyncCounts, SyncPair, SyncRun } from '../../shared/sync.ts';
import type { SyncDisk, SyncFileQuery, SyncRow, SyncStore } from '../sync/sync-store.ts';
import { foldText } from './item-counters.ts';

interface Kept {
  pair: SyncPair;
  disk: SyncDisk | undefined;
  readonly rows: Map<string, SyncRow>;
}

/** `SyncStore` in memory, for tests and for commands that keep nothing. */
export class MemorySyncStore implements SyncStore {
  readonly #pairs = new Map<PairId, Kept>();
  #runs: SyncRun[] = [];
  #lastRun = 0;

  addPair(pair: SyncPair): void {
    if (this.#pairs.has(pair.id)) throw fail('store', 'addPair', `there is a pair ${pair.id}`);
    this.#pairs.set(pair.id, { pair, disk: undefined, rows: new Map() });
  }
  changePair(id: PairId, change: Partial<Omit<SyncPair, 'id'>>): void {
    const kept = this.#kept(id);
    kept.pair = { ...kept.pair, ...change };
  }
  removePair(id: PairId): void {
    this.#kept(id);
    this.#pairs.delete(id);
    this.#runs = this.#runs.filter((run) => run.pair !== id);
  }
  pairs(): readonly SyncPair[] {
    return [...this.#pairs.values()].map(({ pair }) => pair);
  }
  pairsOn(device: DeviceKey): readonly SyncPair[] {
    return this.pairs().filter((pair) => pair.device === device);
  }

  disk(pair: PairId): SyncDisk | undefined {
    return this.#kept(pair).disk;
  }
  putDisk(pair: PairId, disk: SyncDisk | undefined): void {
    this.#kept(pair).disk = disk;
  }

  row(pair: PairId, path: string): SyncRow | undefined {
    return this.#kept(pair).rows.get(path);
  }
  rows(pair: PairId): readonly SyncRow[] {
    return [...this.#kept(pair).rows.values()].sort((one, other) => compareText(one.path, other.path));
  }
  putRows(pair: PairId, rows: readonly SyncRow[], insteadOf: readonly string[] = []): void {
    const kept = this.#kept(pair);
    for (const path of insteadOf) kept.rows.delete(path);
    for (const row of rows) kept.rows.set(row.path, { ...row });
  }
  dropRows(pair: PairId, paths: readonly string[]): void {
    const kept = this.#kept(pair);
    for (const path of paths) kept.rows.delete(path);
  }
  syncedIn(pair: PairId, folder: string): readonly SyncRow[] {
    const prefix = folder === '' ? '' : `${folder}/`;
    return this.rows(pair).filter(
      ({ path, status }) => status === 'synced' && path.startsWith(prefix) && !path.slice(prefix.length).includes('/'),
    );
  }
  counts(pair: PairId): SyncCounts {
    const counts = { pending: 0, synced: 0, failed: 0, skipped: 0 };
    for (const { status } of this.#kept(pair).rows.values()) counts[status] += 1;
    return counts;
  }
  files(pair: PairId, query: SyncFileQuery): { readonly total: number; readonly files: readonly SyncRow[] } {
    const search = foldText(query.search ?? '');
    const found = this.rows(pair)
      .filter(({ path, status }) => (query.status ?? status) === status && foldText(path).includes(search))
      .sort(
        (one, other) =>
          compareText(one.status, other.status) ||
          (other.modified ?? -Infinity) - (one.modified ?? -Infinity) ||
          compareText(one.path, other.path),
      );
    return { total: found.length, files: found.slice(query.offset, query.offset + query.limit) };
  }

  addRun(run: Omit<SyncRun, 'id'>): number {
    this.#kept(run.pair);
    this.#lastRun += 1;
    this.#runs.push({ ...run, id: this.#lastRun });
    return this.#lastRun;
  }
  updateRun(id: number, change: Partial<Omit<SyncRun, 'id' | 'pair'>>): void {
    this.#runs = this.#runs.map((run) => (run.id === id ? { ...run, ...change } : run));
  }
  runs(pair: PairId, query: { readonly offset: number; readonly limit: number }): readonly SyncRun[] {
    this.#kept(pair);
    return this.#runs
      .filter((run) => run.pair === pair)
      .reverse()
      .slice(query.offset, query.offset + query.limit);
  }
  openRuns(): readonly SyncRun[] {
    return this.#runs.filter((run) => run.finishedAt === undefined);
  }
  progress(): undefined {
    return undefined;
  }
  close(): void {}

  #kept(id: PairId): Kept {
    const kept = this.#pairs.get(id);
    if (kept === undefined) throw fail('internal', 'pair', `there is no pair ${id}`);
    return kept;
  }
}

/** Compares by code points, as SQLite orders UTF-8 text. UTF-16 order differs. */
const compareText = (one: string, other: string): number =>
  one === other ? 0 : Buffer.compare(Buffer.from(one), Buffer.from(other));
