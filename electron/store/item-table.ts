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
import type { ItemStateName } from '../../shared/snapshots.ts';
import type { ItemState } from '../engine/model/item-state.ts';
import type { ItemCounts, ItemQuery, ItemRow, NewItem, StatesOptions } from '../engine/model/transfer-store.ts';
import { firstStateOf } from './item-changes.ts';
import { countedOf, ItemCounters, outcomeOf, verifiedOf, type Counted } from './item-counters.ts';
import { cellsOf, ITEM_COLUMNS, readItem, type Cell, type ItemChange, type Raw } from './rows.ts';
import { assignments, quoted, sumOf, sums, whole, type Statements } from './statements.ts';
import type { TransferTable } from './transfer-table.ts';

const INSERT_ITEM = `INSERT INTO items
  (transfer, sequence, kind, name, local, storage, phone, size, modified, answer, saved_as, expectation,
   state_name, state, outcome, confirmed, reached, creation, attempts, mismatches, resumed, added_at, updated_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 'none', 0, 0, 0, ?, ?)`;

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

const groupOf = (raw: Raw): Pick<Counted, 'kind' | 'state' | 'outcome' | 'verified'> => ({
  kind: raw['kind'] as Counted['kind'],
  state: raw['state_name'] as ItemStateName,
  outcome: (raw['outcome'] ?? undefined) as Counted['outcome'],
  verified: (raw['verified'] ?? undefined) as Counted['verified'],
});

const countedIn = (raw: Raw): Counted => ({
  ...groupOf(raw),
  size: Number(raw['size']),
  confirmed: Number(raw['confirmed']),
});

/**
 * The table `items`, and the counters of each transfer's items. The counters are computed once and then updated with
 * each change. After a rollback, or a call that throws, `recount` must be called. Calls throw what SQLite throws, and
 * `internal` for an unknown item or transfer.
 */
export class ItemTable {
  readonly #sql: Statements;
  readonly #transfers: TransferTable;
  readonly #counters = new Map<number, ItemCounters>();
  /** Of reserved rows: what the counters need of them, as the database has it. */
  readonly #held = new Map<ItemId, { readonly transfer: number; readonly was: Counted }>();

  constructor(sql: Statements, transfers: TransferTable) {
    this.#sql = sql;
    this.#transfers = transfers;
  }

  /** Appends items; sequences continue the existing ones. Returns the ids of the new rows in order. */
  add(id: TransferId, items: readonly NewItem[], at: Instant): readonly ItemId[] {
    const number = this.#transfers.numberOf(id);
    const counters = this.#countersOf(number);
    const insert = this.#sql.prepare(INSERT_ITEM);
    const ids: ItemId[] = [];
    this.#sql.transaction(() => {
      let sequence = counters.total;
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
    for (const item of items) counters.add(countedOf({ ...item, state: firstStateOf(item), confirmed: 0 }));
    return ids;
  }

  /** Deletes all items of a transfer. */
  clear(id: TransferId): void {
    const number = this.#transfers.numberOf(id);
    this.#sql.run('DELETE FROM items WHERE transfer = ?', [number]);
    this.#counters.delete(number);
    this.#held.clear();
  }

  /** Deletes at most `limit` items of the transfer with this number; returns how many. */
  clearSome(number: number, limit: number): number {
    const { changes } = this.#sql
      .prepare('DELETE FROM items WHERE id IN (SELECT id FROM items WHERE transfer = ? LIMIT ?)')
      .run(number, limit);
    this.#counters.delete(number);
    this.#held.clear();
    return changes;
  }

  row(id: ItemId): ItemRow | undefined {
    const raw = this.#sql.get('SELECT * FROM items WHERE id = ?', [id]);
    return raw === undefined ? undefined : this.#read(raw);
  }

  page(id: TransferId, query: ItemQuery): { readonly total: number; readonly items: readonly ItemRow[] } {
    const number = this.#transfers.numberOf(id);
    const only = query.only ?? 'all';
    const total = this.#countersOf(number).matching(only);
    const limit = whole(query.limit);
    const offset = whole(query.offset);
    // sequences have no gaps, so a page of all items needs no counting
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
  }

  /** By state, in order of sequence, after `afterSequence`. */
  inStates(id: TransferId, states: readonly ItemStateName[], limit: number, afterSequence: number): readonly ItemRow[] {
    const number = this.#transfers.numberOf(id);
    // one query per state, each along its index: in a single query SQLite would sort all matches to find the first
    // few
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
  }

  withTemporary(id: TransferId): readonly ItemRow[] {
    return this.#sql
      .all('SELECT * FROM items WHERE transfer = ? AND temporary IS NOT NULL ORDER BY sequence', [
        this.#transfers.numberOf(id),
      ])
      .map((raw) => readItem(raw, id));
  }

  /** Items of the storage `from` of a phone are its storage `to`'s from now on. */
  adoptStorage(device: DeviceKey, from: StorageKey, to: StorageKey): void {
    this.#sql.run(
      `UPDATE items SET storage = ? WHERE storage = ?
       AND transfer IN (SELECT number FROM transfers WHERE device = ?)`,
      [to, from, device],
    );
  }

  /** Finished items at this target, newest first. */
  doneAt(device: DeviceKey, storage: StorageKey, phone: PhonePath, limit: number): readonly ItemRow[] {
    return this.#sql
      .all(
        `SELECT items.* FROM items JOIN transfers ON transfers.number = items.transfer
         WHERE items.phone = ? AND items.state_name = 'done' AND items.storage = ? AND transfers.device = ?
         ORDER BY items.updated_at DESC, items.id DESC LIMIT ?`,
        [phone, storage, device, whole(limit)],
      )
      .map((raw) => this.#read(raw));
  }

  /**
   * The row of an item that `isFree` lets be worked on, whose transfer is to run. Until `letGo` nobody else changes it,
   * so it is not read again before each change.
   */
  reserve(id: ItemId, isFree: (row: ItemRow) => boolean): ItemRow | undefined {
    // not a join: SQLite prepares one anew for each value bound to it (SQLITE_ENABLE_STAT4), which takes ten times as long
    const raw = this.#sql.get(
      'SELECT *, (SELECT intent FROM transfers WHERE number = items.transfer) AS intent FROM items WHERE id = ?',
      [id],
    );
    if (raw?.['intent'] !== 'run') return undefined;
    const row = this.#read(raw);
    if (!isFree(row)) return undefined;
    this.#held.set(id, { transfer: Number(raw['transfer']), was: countedIn(raw) });
    return row;
  }
  letGo(id: ItemId): void {
    this.#held.delete(id);
  }
  letAllGo(): void {
    this.#held.clear();
  }

  /** See `TransferStore.lastFileUpTo`. */
  lastFileUpTo(id: TransferId, size: number): number | undefined {
    const raw = this.#sql.get(
      "SELECT sequence FROM items WHERE transfer = ? AND kind = 'file' AND size <= ? ORDER BY sequence DESC LIMIT 1",
      [this.#transfers.numberOf(id), size],
    );
    return raw === undefined ? undefined : Number(raw['sequence']);
  }

  change(id: ItemId, change: ItemChange, at: Instant): void {
    // subtracts the row as the database has it, since the caller's copy may be older
    const { transfer, was } = this.#held.get(id) ?? this.#countedNow(id);
    const { names, cells } = cellsOf(ITEM_COLUMNS, change);
    const columns = [...names, 'updated_at'];
    const values: Cell[] = [...cells, at];
    let started = '';
    if (change.state !== undefined) {
      columns.push('state_name', 'outcome', 'verified');
      values.push(change.state.kind, outcomeOf(change.state) ?? null, verifiedOf(was.kind, change.state) ?? null);
      if (change.state.kind !== 'queued' && change.state.kind !== 'cancelled') {
        started = ', started_at = coalesce(started_at, ?)';
        values.push(at);
      }
    }
    this.#sql.run(`UPDATE items SET ${assignments(columns)}${started} WHERE id = ?`, [...values, id]);
    const is: Counted = {
      ...(change.state === undefined ? was : countedOf({ ...was, state: change.state })),
      size: change.size ?? was.size,
      confirmed: change.confirmed ?? was.confirmed,
    };
    if (this.#held.has(id)) this.#held.set(id, { transfer, was: is });
    const counters = this.#counters.get(transfer);
    if (counters === undefined) return;
    counters.remove(was);
    counters.add(is);
  }

  /** See `TransferStore.changeStates`; `reserved` items are left as they are. Requires a transaction. */
  changeStates(
    id: TransferId,
    from: readonly ItemStateName[],
    to: ItemState,
    at: Instant,
    { limit = Infinity, withTemporary = false, anew = false }: StatesOptions,
    reserved: ReadonlySet<ItemId>,
  ): number {
    const number = this.#transfers.numberOf(id);
    let changed = 0;
    for (const state of new Set(from)) {
      if (changed >= limit) break;
      const raws = this.#sql.all(
        `SELECT id, kind, state_name, outcome, verified, size, confirmed FROM items
         WHERE transfer = ? AND state_name = ? ${withTemporary ? '' : 'AND temporary IS NULL'}
           AND id NOT IN (SELECT value FROM json_each(?)) LIMIT ?`,
        [number, state, JSON.stringify([...reserved]), whole(limit - changed)],
      );
      this.#changeAll(number, raws, to, at, anew);
      changed += raws.length;
    }
    return changed;
  }

  /** Updates the counters without reading the transfer's other items again. */
  #changeAll(number: number, raws: readonly Raw[], to: ItemState, at: Instant, anew: boolean): void {
    if (raws.length === 0) return;
    this.#sql.run(
      `UPDATE items SET state = ?, state_name = ?, outcome = ?, verified = NULL, updated_at = ? ${anew ? ', attempts = 0, mismatches = 0' : ''}
       WHERE id IN (SELECT value FROM json_each(?))`,
      [JSON.stringify(to), to.kind, outcomeOf(to) ?? null, at, JSON.stringify(raws.map((raw) => raw['id']))],
    );
    const counters = this.#counters.get(number);
    if (counters === undefined) return;
    for (const was of raws.map(countedIn)) {
      counters.remove(was);
      counters.add(countedOf({ ...was, state: to }));
    }
  }

  /** Writes the item's page without any other change, because SQLite does not write an unchanged page. */
  touch(id: ItemId, at: Instant): void {
    this.#sql.run('UPDATE items SET updated_at = max(updated_at + 1, ?) WHERE id = ?', [at, id]);
  }

  counts(id: TransferId): ItemCounts {
    return this.#countersOf(this.#transfers.numberOf(id)).counts();
  }

  /**
   * Recomputes the counters from the rows at the next use, because a change that was rolled back must not stay
   * counted.
   */
  recount(): void {
    this.#counters.clear();
    this.#held.clear();
  }

  #countersOf(number: number): ItemCounters {
    const known = this.#counters.get(number);
    if (known !== undefined) return known;
    const counters = new ItemCounters();
    const groups = this.#sql.all(
      `SELECT kind, state_name, outcome, verified, count(*) AS items, ${sums('size')}, ${sums('confirmed')}
       FROM items WHERE transfer = ? GROUP BY kind, state_name, outcome, verified`,
      [number],
    );
    for (const group of groups)
      counters.addMany(groupOf(group), Number(group['items']), sumOf(group, 'size'), sumOf(group, 'confirmed'));
    this.#counters.set(number, counters);
    return counters;
  }

  #countedNow(id: ItemId): { readonly transfer: number; readonly was: Counted } {
    const raw = this.#sql.get(
      'SELECT transfer, kind, state_name, outcome, verified, size, confirmed FROM items WHERE id = ?',
      [id],
    );
    if (raw === undefined) throw fail('internal', 'updateItem', `there is no item ${id}`);
    return { transfer: Number(raw['transfer']), was: countedIn(raw) };
  }

  #read(raw: Raw): ItemRow {
    return readItem(raw, this.#transfers.idOf(Number(raw['transfer'])));
  }
}
