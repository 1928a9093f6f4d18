import type { DeviceKey, TransferId } from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import { isEnded, type ItemStateName } from '../../shared/snapshots.ts';
import type { PairId, SyncCounts, SyncPair, SyncRun } from '../../shared/sync.ts';
import type { SyncDisk, SyncFileQuery, SyncProgress, SyncRow, SyncStore } from '../sync/sync-store.ts';
import { storeError, type SqliteDatabase } from './driver.ts';
import { cellsOf, type Cell, type Raw } from './rows.ts';
import { assignments, Statements, whole, sumOf, sums } from './statements.ts';
import { PAIR_COLUMNS, readPair, readRun, readState, RUN_COLUMNS, STATE_COLUMNS } from './sync-rows.ts';
import { foldText } from './item-counters.ts';

const STATE_NAMES = Object.values(STATE_COLUMNS).map((column) => column.name);
const STATE_ENTRIES = Object.entries(STATE_COLUMNS);
const PUT_ROW = `INSERT OR REPLACE INTO sync_state (pair, ${STATE_NAMES.join(', ')})
  VALUES (?, ${STATE_NAMES.map(() => '?').join(', ')})`;
const DROP_ROW = 'DELETE FROM sync_state WHERE pair = ? AND path = ?';

/** `file` is the path of the database, for messages; `onClose` closes a connection of its own. */
export interface SqliteSyncOptions {
  readonly file: string;
  readonly onClose?: () => void;
  /** Whether any process has the database open for writing. Only for a reader. */
  readonly hasWriter?: () => boolean;
}

/**
 * `SyncStore` on SQLite. Uses the connection of the transfers, or a read-only connection of its own while another
 * process writes (in WAL mode readers never wait).
 */
export class SqliteSyncStore implements SyncStore {
  readonly #file: string;
  readonly #onClose: () => void;
  readonly #hasWriter: () => boolean;
  readonly #sql: Statements;
  readonly #numbers = new Map<PairId, number>();

  constructor(connection: SqliteDatabase, { file, onClose, hasWriter }: SqliteSyncOptions) {
    this.#sql = new Statements(connection);
    this.#file = file;
    this.#onClose = onClose ?? ((): void => undefined);
    this.#hasWriter = hasWriter ?? ((): boolean => true);
    connection.function('sync_contains_folded', { deterministic: true }, (text, part) =>
      typeof text === 'string' && foldText(text).includes(String(part)) ? 1 : 0,
    );
  }

  addPair(pair: SyncPair): void {
    this.#do('addPair', () => {
      const { names, cells } = cellsOf(PAIR_COLUMNS, { ...pair });
      this.#sql.run(`INSERT INTO sync_pairs (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`, cells);
    });
  }

  changePair(id: PairId, change: Partial<Omit<SyncPair, 'id'>>): void {
    this.#do('changePair', () => {
      const { names, cells } = cellsOf(PAIR_COLUMNS, change);
      if (names.length > 0)
        this.#sql.run(`UPDATE sync_pairs SET ${assignments(names)} WHERE number = ?`, [...cells, this.#numberOf(id)]);
    });
  }

  removePair(id: PairId): void {
    this.#do('removePair', () => {
      this.#sql.run('DELETE FROM sync_pairs WHERE number = ?', [this.#numberOf(id)]);
      this.#numbers.delete(id);
    });
  }

  pairs(): readonly SyncPair[] {
    return this.#do('pairs', () => this.#sql.all('SELECT * FROM sync_pairs ORDER BY number', []).map(readPair));
  }

  pairsOn(device: DeviceKey): readonly SyncPair[] {
    return this.#do('pairsOn', () =>
      this.#sql.all('SELECT * FROM sync_pairs WHERE device = ? ORDER BY number', [device]).map(readPair),
    );
  }

  disk(pair: PairId): SyncDisk | undefined {
    return this.#do('disk', () => {
      const raw = this.#sql.get('SELECT disk FROM sync_pairs WHERE number = ?', [this.#numberOf(pair)]);
      return typeof raw?.['disk'] === 'string' ? (JSON.parse(raw['disk']) as SyncDisk) : undefined;
    });
  }

  putDisk(pair: PairId, disk: SyncDisk | undefined): void {
    this.#do('putDisk', () =>
      this.#sql.run('UPDATE sync_pairs SET disk = ? WHERE number = ?', [
        disk === undefined ? null : JSON.stringify(disk),
        this.#numberOf(pair),
      ]),
    );
  }

  row(pair: PairId, path: string): SyncRow | undefined {
    return this.#do('row', () => {
      const raw = this.#sql.get('SELECT * FROM sync_state WHERE pair = ? AND path = ?', [this.#numberOf(pair), path]);
      return raw === undefined ? undefined : readState(raw);
    });
  }

  rows(pair: PairId): readonly SyncRow[] {
    return this.#do('rows', () =>
      this.#sql.all('SELECT * FROM sync_state WHERE pair = ? ORDER BY path', [this.#numberOf(pair)]).map(readState),
    );
  }

  putRows(pair: PairId, rows: readonly SyncRow[], insteadOf: readonly string[] = []): void {
    this.#do('putRows', () => {
      const number = this.#numberOf(pair);
      const insert = this.#sql.prepare(PUT_ROW);
      this.#sql.transaction(() => {
        for (const path of insteadOf) this.#sql.run(DROP_ROW, [number, path]);
        for (const row of rows)
          insert.run(number, ...STATE_ENTRIES.map(([field, column]) => column.write(row[field as keyof SyncRow])));
      });
    });
  }

  dropRows(pair: PairId, paths: readonly string[]): void {
    this.#do('dropRows', () => {
      const number = this.#numberOf(pair);
      this.#sql.transaction(() => {
        for (const path of paths) this.#sql.run(DROP_ROW, [number, path]);
      });
    });
  }

  syncedIn(pair: PairId, folder: string): readonly SyncRow[] {
    return this.#do('syncedIn', () => {
      const number = this.#numberOf(pair);
      const prefix = folder === '' ? '' : `${folder}/`;
      // A range of the primary key selects everything below the folder; deeper paths are excluded by their additional
      // slash.
      return this.#sql
        .all(
          `SELECT * FROM sync_state WHERE pair = ? AND path >= ? AND path < ? AND status = 'synced'
           AND instr(substr(path, ?), '/') = 0`,
          [number, prefix, folder === '' ? '\u{10ffff}' : `${folder}0`, [...prefix].length + 1],
        )
        .map(readState);
    });
  }

  counts(pair: PairId): SyncCounts {
    return this.#do('counts', () => {
      const counts = { pending: 0, synced: 0, failed: 0, skipped: 0 };
      const raws = this.#sql.all('SELECT status, count(*) AS files FROM sync_state WHERE pair = ? GROUP BY status', [
        this.#numberOf(pair),
      ]);
      for (const raw of raws) counts[raw['status'] as keyof typeof counts] = Number(raw['files']);
      return counts;
    });
  }

  files(pair: PairId, query: SyncFileQuery): { readonly total: number; readonly files: readonly SyncRow[] } {
    return this.#do('files', () => {
      const cells: Cell[] = [this.#numberOf(pair)];
      let where = 'pair = ?';
      if (query.status !== undefined) {
        where += ' AND status = ?';
        cells.push(query.status);
      }
      const search = foldText(query.search ?? '');
      if (search !== '') {
        where += ' AND sync_contains_folded(path, ?)';
        cells.push(search);
      }
      const total = this.#sql.get(`SELECT count(*) AS total FROM sync_state WHERE ${where}`, cells);
      // the statuses sort alphabetically as failed, pending, skipped, synced: the ones that need attention first
      const raws = this.#sql.all(
        `SELECT * FROM sync_state WHERE ${where} ORDER BY status, modified DESC, path LIMIT ? OFFSET ?`,
        [...cells, whole(query.limit), query.offset],
      );
      return { total: Number(total?.['total'] ?? 0), files: raws.map(readState) };
    });
  }

  addRun(run: Omit<SyncRun, 'id'>): number {
    return this.#do('addRun', () => {
      const { pair, ...fields } = run;
      const { names, cells } = cellsOf(RUN_COLUMNS, fields);
      const { lastInsertRowid } = this.#sql
        .prepare(`INSERT INTO sync_runs (pair, ${names.join(', ')}) VALUES (?, ${names.map(() => '?').join(', ')})`)
        .run(this.#numberOf(pair), ...cells);
      return Number(lastInsertRowid);
    });
  }

  updateRun(id: number, change: Partial<Omit<SyncRun, 'id' | 'pair'>>): void {
    this.#do('updateRun', () => {
      const { names, cells } = cellsOf(RUN_COLUMNS, change);
      if (names.length > 0) this.#sql.run(`UPDATE sync_runs SET ${assignments(names)} WHERE id = ?`, [...cells, id]);
    });
  }

  runs(pair: PairId, query: { readonly offset: number; readonly limit: number }): readonly SyncRun[] {
    return this.#do('runs', () =>
      this.#sql
        .all('SELECT * FROM sync_runs WHERE pair = ? ORDER BY id DESC LIMIT ? OFFSET ?', [
          this.#numberOf(pair),
          whole(query.limit),
          query.offset,
        ])
        .map((raw) => this.#told(readRun(raw, pair))),
    );
  }

  /** A run ends with its process: if there is no process, it cannot be running, whatever was stored last. */
  #told(run: SyncRun): SyncRun {
    return run.state === 'running' && !this.#hasWriter() ? { ...run, state: 'interrupted' } : run;
  }

  /** For the process that has just taken the lock: any run of a previous process was interrupted. */
  interruptRuns(): void {
    this.#do('interruptRuns', () =>
      this.#sql.run(`UPDATE sync_runs SET state = 'interrupted' WHERE state = 'running'`, []),
    );
  }

  openRuns(): readonly SyncRun[] {
    return this.#do('openRuns', () =>
      this.#sql
        .all(
          `SELECT sync_runs.*, sync_pairs.id AS pair_id FROM sync_runs JOIN sync_pairs ON sync_pairs.number = sync_runs.pair
         WHERE sync_runs.finished_at IS NULL ORDER BY sync_runs.id`,
          [],
        )
        .map((raw) => readRun(raw, raw['pair_id'] as PairId)),
    );
  }

  progress(transfer: TransferId): SyncProgress | undefined {
    return this.#do('progress', () => {
      const raws = this.#sql.all(
        `SELECT state_name, count(*) AS files, ${sums('size')}, ${sums('confirmed')} FROM items
         WHERE transfer = (SELECT number FROM transfers WHERE id = ?) GROUP BY state_name`,
        [transfer],
      );
      if (raws.length === 0) return undefined;
      const files = (of: readonly Raw[]): number => of.reduce((all, raw) => all + Number(raw['files']), 0);
      const bytes = (name: string): number => Number(raws.reduce((all, raw) => all + sumOf(raw, name), 0n));
      const left = raws.filter((raw) => !isEnded(raw['state_name'] as ItemStateName));
      return {
        filesDone: files(raws.filter((raw) => raw['state_name'] === 'done')),
        filesTotal: files(raws),
        bytesConfirmed: bytes('confirmed'),
        bytesTotal: bytes('size'),
        paused: left.length > 0 && left.every((raw) => raw['state_name'] === 'paused'),
      };
    });
  }

  close(): void {
    this.#onClose();
  }

  #numberOf(id: PairId): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const raw = this.#sql.get('SELECT number FROM sync_pairs WHERE id = ?', [id]);
    if (raw === undefined) throw fail('internal', 'pair', `there is no pair ${id}`);
    const number = Number(raw['number']);
    this.#numbers.set(id, number);
    return number;
  }

  #do<T>(operation: string, body: () => T): T {
    try {
      return body();
    } catch (error) {
      throw storeError(error, operation, this.#file);
    }
  }
}
