import {
  itemId,
  type DeviceKey,
  type Instant,
  type ItemId,
  type PhonePath,
  type StorageKey,
  type TransferId,
} from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import type { ItemStateName, Settings } from '../../shared/snapshots.ts';
import type { ItemState } from '../engine/model/item-state.ts';
import type {
  Checkpoint,
  HistoryPage,
  ItemCounts,
  ItemQuery,
  ItemRow,
  Leftover,
  NewItem,
  StatesOptions,
  TransferRow,
  TransferStore,
} from '../engine/model/transfer-store.ts';
import { storeError, type Connection } from './driver.ts';
import { HistoryAndSettings } from './history-and-settings.ts';
import {
  adopted,
  cellsOf,
  ITEM_COLUMNS,
  readItem,
  readTransfer,
  TRANSFER_COLUMNS,
  type Cell,
  type ItemChange,
  type Raw,
  type TransferChange,
} from './rows.ts';
import { assignments, quoted, Statements, sumOf, sums, whole } from './statements.ts';
import { countedOf, foldText, outcomeOf, ItemCounters, type Counted } from './item-counters.ts';
import { firstStateOf, FORGOTTEN, isTakeable } from './item-changes.ts';

export interface SqliteOptions {
  readonly file: string;
  readonly setAside: string | undefined;
  readonly onClose: () => void;
}

const INSERT_ITEM = `INSERT INTO items
  (transfer, sequence, kind, name, local, storage, phone, size, modified, answer, saved_as, expectation,
   state_name, state, outcome, confirmed, reached, creation, attempts, mismatches, resumed, added_at, updated_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 'none', 0, 0, 0, ?, ?)`;

/** Pages given back to the file system at once: 4 KiB each. */
const PAGES_AT_ONCE = 2_000;

const UNFINISHED: readonly ItemStateName[] = [
  'queued',
  'preparing',
  'asking',
  'moving',
  'confirming',
  'stopping',
  'waiting',
  'paused',
];

const groupOf = (raw: Raw): Pick<Counted, 'kind' | 'state' | 'outcome'> => ({
  kind: raw['kind'] as Counted['kind'],
  state: raw['state_name'] as ItemStateName,
  outcome: (raw['outcome'] ?? undefined) as Counted['outcome'],
});

/** `TransferStore` over SQLite. Opened by `openTransferStore`, which also holds the lock. */
export class SqliteTransferStore implements TransferStore {
  readonly setAside: string | undefined;
  readonly #connection: Connection;
  readonly #file: string;
  readonly #onClose: () => void;
  readonly #sql: Statements;
  readonly #records: HistoryAndSettings;
  readonly #numbers = new Map<TransferId, number>();
  readonly #ids = new Map<number, TransferId>();
  readonly #tallies = new Map<number, ItemCounters>();
  readonly #reserved = new Set<ItemId>();
  #open = true;

  constructor(connection: Connection, options: SqliteOptions) {
    this.#connection = connection;
    this.#sql = new Statements(connection);
    this.#records = new HistoryAndSettings(this.#sql);
    this.#file = options.file;
    this.setAside = options.setAside;
    this.#onClose = options.onClose;
    connection.function('contains_folded', { deterministic: true }, (text, part) =>
      typeof text === 'string' && foldText(text).includes(String(part)) ? 1 : 0,
    );
  }

  addTransfer(row: TransferRow): void {
    this.#do('addTransfer', () => {
      const { names, cells } = cellsOf(TRANSFER_COLUMNS, { ...row });
      this.#sql.run(`INSERT INTO transfers (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`, cells);
    });
  }

  transfer(id: TransferId): TransferRow | undefined {
    return this.#do('transfer', () => {
      const raw = this.#sql.get('SELECT * FROM transfers WHERE id = ?', [id]);
      return raw === undefined ? undefined : readTransfer(raw);
    });
  }

  transfers(): readonly TransferRow[] {
    return this.#do('transfers', () =>
      this.#sql.all('SELECT * FROM transfers WHERE removed = 0 ORDER BY position, number', []).map(readTransfer),
    );
  }

  updateTransfer(id: TransferId, change: TransferChange): void {
    this.#do('updateTransfer', () => {
      const number = this.#numberOf(id);
      const { names, cells } = cellsOf(TRANSFER_COLUMNS, change);
      if (names.length > 0)
        this.#sql.run(`UPDATE transfers SET ${assignments(names)} WHERE number = ?`, [...cells, number]);
    });
  }

  clearItems(id: TransferId): void {
    this.#do('clearItems', () => {
      const number = this.#numberOf(id);
      this.#sql.run('DELETE FROM items WHERE transfer = ?', [number]);
      this.#tallies.delete(number);
    });
  }

  addItems(id: TransferId, items: readonly NewItem[], at: Instant): readonly ItemId[] {
    return this.#do('addItems', () => {
      const number = this.#numberOf(id);
      const tally = this.#tally(number);
      const insert = this.#sql.prepare(INSERT_ITEM);
      const ids: ItemId[] = [];
      this.#sql.transaction(() => {
        let sequence = tally.total;
        for (const item of items) {
          const state = firstStateOf(item);
          const { lastInsertRowid } = insert.run(
            number,
            sequence,
            item.kind,
            item.name,
            item.local,
            item.storage,
            item.phone,
            item.size,
            item.modified ?? null,
            item.answer ?? null,
            item.savedAs ?? null,
            ITEM_COLUMNS.expectation.write(item.expectation),
            state.kind,
            JSON.stringify(state),
            outcomeOf(state) ?? null,
            at,
            at,
          );
          ids.push(itemId(Number(lastInsertRowid)));
          sequence += 1;
        }
      });
      for (const item of items) tally.add(countedOf({ ...item, state: firstStateOf(item), confirmed: 0 }));
      return ids;
    });
  }

  item(id: ItemId): ItemRow | undefined {
    return this.#do('item', () => {
      const raw = this.#sql.get('SELECT * FROM items WHERE id = ?', [id]);
      return raw === undefined ? undefined : this.#itemRow(raw);
    });
  }

  items(id: TransferId, query: ItemQuery): { readonly total: number; readonly items: readonly ItemRow[] } {
    return this.#do('items', () => {
      const number = this.#numberOf(id);
      const only = query.only ?? 'all';
      const total = this.#tally(number).matching(only);
      const limit = whole(query.limit);
      const offset = whole(query.offset);
      // sequences have no gaps, so the window into all items needs no counting
      const raws =
        only === 'all'
          ? this.#sql.all('SELECT * FROM items WHERE transfer = ? AND sequence >= ? ORDER BY sequence LIMIT ?', [
              number,
              offset,
              limit,
            ])
          : this.#sql.all(
              `SELECT * FROM items WHERE transfer = ? AND state_name IN (${only === 'failed' ? "'failed'" : quoted(UNFINISHED)})
               ORDER BY sequence LIMIT ? OFFSET ?`,
              [number, limit, offset],
            );
      return { total, items: raws.map((raw) => readItem(raw, id)) };
    });
  }

  itemsIn(id: TransferId, states: readonly ItemStateName[], limit: number, afterSequence = -1): readonly ItemRow[] {
    return this.#do('itemsIn', () => {
      const number = this.#numberOf(id);
      // one query a state, each along its index: together SQLite would sort all that match to find the first few
      const raws = [...new Set(states)].flatMap((state) =>
        this.#sql.all(
          'SELECT * FROM items WHERE transfer = ? AND state_name = ? AND sequence > ? ORDER BY sequence LIMIT ?',
          [number, state, afterSequence, whole(limit)],
        ),
      );
      return raws
        .sort((one, other) => Number(one['sequence']) - Number(other['sequence']))
        .slice(0, limit)
        .map((raw) => readItem(raw, id));
    });
  }

  updateItem(id: ItemId, change: ItemChange, at: Instant): void {
    this.#do('updateItem', () => this.#changeItem(id, change, at));
  }

  reserve(id: ItemId): ItemRow | undefined {
    if (this.#reserved.has(id)) return undefined;
    const row = this.item(id);
    if (row === undefined || !isTakeable(row.state)) return undefined;
    const intent = this.#do('reserve', () =>
      this.#sql.get('SELECT intent FROM transfers WHERE number = ?', [this.#numberOf(row.transfer)]),
    );
    if (intent?.['intent'] !== 'run') return undefined;
    this.#reserved.add(id);
    return row;
  }

  release(id: ItemId): void {
    this.#reserved.delete(id);
  }

  releaseAll(): void {
    this.#reserved.clear();
  }

  abandonItem(id: ItemId, change: ItemChange, leftover: Leftover | undefined, at: Instant): void {
    this.#do('abandonItem', () => {
      this.#sql.transaction(() => {
        this.#changeItem(id, { ...change, ...FORGOTTEN }, at);
        this.#sql.run('DELETE FROM checkpoints WHERE item = ?', [id]);
        if (leftover !== undefined) this.#records.addLeftover(leftover);
      });
    });
  }

  changeStates(
    id: TransferId,
    from: readonly ItemStateName[],
    to: ItemState,
    at: Instant,
    options: StatesOptions = {},
  ): number {
    return this.#do('changeStates', () => {
      const number = this.#numberOf(id);
      const { limit = Infinity } = options;
      let changed = 0;
      this.#sql.transaction(() => {
        for (const state of new Set(from))
          if (changed < limit)
            changed += this.#changeSome(number, state, to, at, { ...options, limit: limit - changed });
      });
      return changed;
    });
  }

  withTemporary(id: TransferId): readonly ItemRow[] {
    return this.#do('withTemporary', () =>
      this.#sql
        .all('SELECT * FROM items WHERE transfer = ? AND temporary IS NOT NULL ORDER BY sequence', [this.#numberOf(id)])
        .map((raw) => readItem(raw, id)),
    );
  }

  confirmChunk(id: ItemId, checkpoint: Checkpoint, change: ItemChange, at: Instant): void {
    this.#do('confirmChunk', () => {
      this.#sql.transaction(() => {
        this.#sql.run('INSERT OR REPLACE INTO checkpoints (item, "offset", length, digest) VALUES (?, ?, ?, ?)', [
          id,
          checkpoint.offset,
          checkpoint.length,
          checkpoint.digest,
        ]);
        this.#changeItem(id, change, at);
      });
    });
  }

  checkpoints(id: ItemId): readonly Checkpoint[] {
    return this.#do('checkpoints', () =>
      this.#sql.all('SELECT "offset", length, digest FROM checkpoints WHERE item = ? ORDER BY "offset"', [id]),
    ) as unknown as readonly Checkpoint[];
  }

  dropCheckpoints(id: ItemId, offset: number): void {
    this.#do('dropCheckpoints', () =>
      this.#sql.run('DELETE FROM checkpoints WHERE item = ? AND "offset" + length > ?', [id, offset]),
    );
  }

  counts(id: TransferId): ItemCounts {
    return this.#do('counts', () => this.#tally(this.#numberOf(id)).counts());
  }

  doneAt(device: DeviceKey, storage: StorageKey, phone: PhonePath, limit: number): readonly ItemRow[] {
    return this.#do('doneAt', () =>
      this.#sql
        .all(
          `SELECT items.* FROM items JOIN transfers ON transfers.number = items.transfer
         WHERE items.phone = ? AND items.state_name = 'done' AND items.storage = ? AND transfers.device = ?
         ORDER BY items.updated_at DESC, items.id DESC LIMIT ?`,
          [phone, storage, device, whole(limit)],
        )
        .map((raw) => this.#itemRow(raw)),
    );
  }

  adoptDevice(from: DeviceKey, to: DeviceKey): void {
    this.#do('adoptDevice', () => {
      this.#sql.transaction(() => {
        for (const raw of this.#sql.all('SELECT * FROM transfers WHERE device = ?', [from])) {
          const { names, cells } = cellsOf(TRANSFER_COLUMNS, adopted(readTransfer(raw), from, to));
          this.#sql.run(`UPDATE transfers SET ${assignments(names)} WHERE number = ?`, [
            ...cells,
            Number(raw['number']),
          ]);
        }
        this.#sql.run('UPDATE leftovers SET device = ? WHERE device = ?', [to, from]);
      });
    });
  }

  addLeftover(leftover: Leftover): void {
    this.#do('addLeftover', () => this.#records.addLeftover(leftover));
  }

  leftovers(device: DeviceKey): readonly Leftover[] {
    return this.#do('leftovers', () => this.#records.leftovers(device));
  }

  removeLeftover(item: ItemId): void {
    this.#do('removeLeftover', () => this.#records.removeLeftover(item));
  }

  history(query: HistoryPage): ReturnType<HistoryAndSettings['history']> {
    return this.#do('history', () => this.#records.history(query));
  }

  *searchHistory(search: string): Generator<TransferRow | undefined> {
    const steps = this.#records.search(search);
    for (;;) {
      const step = this.#do('searchHistory', () => steps.next());
      if (step.done === true) return;
      yield step.value;
    }
  }

  prune(before: Instant, limit: number): boolean {
    return this.#do('prune', () => {
      const old = this.#sql.get(
        'SELECT number FROM transfers WHERE removed = 1 AND finished_at < ? ORDER BY finished_at LIMIT 1',
        [before],
      );
      if (old === undefined) return false;
      const number = Number(old['number']);
      const { changes } = this.#sql
        .prepare('DELETE FROM items WHERE id IN (SELECT id FROM items WHERE transfer = ? LIMIT ?)')
        .run(number, limit);
      this.#tallies.delete(number);
      if (changes < limit) this.#sql.run('DELETE FROM transfers WHERE number = ?', [number]);
      return true;
    });
  }

  settings(): Partial<Settings> {
    return this.#do('settings', () => this.#records.settings());
  }

  saveSettings(settings: Partial<Settings>): void {
    this.#do('saveSettings', () => this.#records.saveSettings(settings));
  }

  commitDurably(id: ItemId, at: Instant): void {
    this.#do('commitDurably', () => {
      // FULL syncs the log at each commit, and with it all commits before; `fullfsync` is for macOS
      this.#connection.pragma('synchronous = FULL');
      this.#connection.pragma('fullfsync = ON');
      try {
        // a page that does not change would not be written
        this.#sql.run('UPDATE items SET updated_at = max(updated_at + 1, ?) WHERE id = ?', [at, id]);
      } finally {
        this.#connection.pragma('fullfsync = OFF');
        this.#connection.pragma('synchronous = NORMAL');
      }
    });
  }

  compact(): void {
    this.#do('compact', () => {
      // the chunks of a finished file are of no more use; their digest stays with the item
      this.#sql.run(
        `DELETE FROM checkpoints WHERE EXISTS
           (SELECT 1 FROM items WHERE items.id = checkpoints.item AND items.state_name IN ('done', 'cancelled'))`,
        [],
      );
      this.#connection.pragma(`incremental_vacuum(${PAGES_AT_ONCE})`);
      this.#connection.pragma('optimize');
      this.#connection.pragma('wal_checkpoint(TRUNCATE)');
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    try {
      this.#connection.close();
    } finally {
      this.#onClose();
    }
  }

  /** At most `limit` items of one state; the counters follow without reading the others again. */
  #changeSome(number: number, from: ItemStateName, to: ItemState, at: Instant, options: StatesOptions): number {
    const { limit = Infinity, withTemporary = false, anew = false } = options;
    const raws = this.#sql.all(
      `SELECT id, kind, state_name, outcome, size, confirmed FROM items
       WHERE transfer = ? AND state_name = ? ${withTemporary ? '' : 'AND temporary IS NULL'}
         AND id NOT IN (SELECT value FROM json_each(?)) LIMIT ?`,
      [number, from, JSON.stringify([...this.#reserved]), whole(limit)],
    );
    if (raws.length === 0) return 0;
    this.#sql.run(
      `UPDATE items SET state = ?, state_name = ?, outcome = ?, updated_at = ? ${anew ? ', attempts = 0, mismatches = 0' : ''}
       WHERE id IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(to), to.kind, outcomeOf(to) ?? null, at, JSON.stringify(raws.map((raw) => raw['id']))],
    );
    const tally = this.#tallies.get(number);
    for (const raw of tally === undefined ? [] : raws) {
      const was = { ...groupOf(raw), size: Number(raw['size']), confirmed: Number(raw['confirmed']) };
      tally?.remove(was);
      tally?.add(countedOf({ ...was, state: to }));
    }
    return raws.length;
  }

  #changeItem(id: ItemId, change: ItemChange, at: Instant): void {
    // counted out as the database has it: the row a caller knows may be of before somebody else's change
    const was = this.#countedNow(id);
    const { names, cells } = cellsOf(ITEM_COLUMNS, change);
    const columns = [...names, 'updated_at'];
    const values: Cell[] = [...cells, at];
    let started = '';
    if (change.state !== undefined) {
      columns.push('state_name', 'outcome');
      values.push(change.state.kind, outcomeOf(change.state) ?? null);
      if (change.state.kind !== 'queued' && change.state.kind !== 'cancelled') {
        started = ', started_at = coalesce(started_at, ?)';
        values.push(at);
      }
    }
    this.#sql.run(`UPDATE items SET ${assignments(columns)}${started} WHERE id = ?`, [...values, id]);
    const tally = this.#tallies.get(was.transfer);
    if (tally === undefined) return;
    tally.remove(was);
    tally.add({
      ...(change.state === undefined ? was : countedOf({ ...was, state: change.state })),
      size: change.size ?? was.size,
      confirmed: change.confirmed ?? was.confirmed,
    });
  }

  #countedNow(id: ItemId): Counted & { readonly transfer: number } {
    const raw = this.#sql.get('SELECT transfer, kind, state_name, outcome, size, confirmed FROM items WHERE id = ?', [
      id,
    ]);
    if (raw === undefined) throw fail('internal', 'updateItem', `there is no item ${id}`);
    return {
      transfer: Number(raw['transfer']),
      ...groupOf(raw),
      size: Number(raw['size']),
      confirmed: Number(raw['confirmed']),
    };
  }

  #tally(number: number): ItemCounters {
    const known = this.#tallies.get(number);
    if (known !== undefined) return known;
    const tally = new ItemCounters();
    const groups = this.#sql.all(
      `SELECT kind, state_name, outcome, count(*) AS items, ${sums('size')}, ${sums('confirmed')}
       FROM items WHERE transfer = ? GROUP BY kind, state_name, outcome`,
      [number],
    );
    for (const group of groups)
      tally.addMany(groupOf(group), Number(group['items']), sumOf(group, 'size'), sumOf(group, 'confirmed'));
    this.#tallies.set(number, tally);
    return tally;
  }

  #numberOf(id: TransferId): number {
    const known = this.#numbers.get(id);
    if (known !== undefined) return known;
    const raw = this.#sql.get('SELECT number FROM transfers WHERE id = ?', [id]);
    if (raw === undefined) throw fail('internal', 'transfer', `there is no transfer ${id}`);
    const number = Number(raw['number']);
    this.#numbers.set(id, number);
    this.#ids.set(number, id);
    return number;
  }

  #itemRow(raw: Raw): ItemRow {
    const number = Number(raw['transfer']);
    let id = this.#ids.get(number);
    if (id === undefined) {
      id = this.#sql.get('SELECT id FROM transfers WHERE number = ?', [number])?.['id'] as TransferId;
      this.#ids.set(number, id);
    }
    return readItem(raw, id);
  }

  /** Every call goes through here: what SQLite throws becomes ours, with a remedy. */
  #do<T>(operation: string, body: () => T): T {
    if (!this.#open) throw fail('store', operation, 'the database is closed', { subject: this.#file });
    try {
      return body();
    } catch (error) {
      // a rolled back change must not stay counted
      this.#tallies.clear();
      throw storeError(error, operation, this.#file);
    }
  }
}
