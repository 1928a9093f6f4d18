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
import { isEnded, type ItemStateName, type Settings } from '../../shared/snapshots.ts';
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
import { FORGOTTEN, isTakeable, newRow } from './item-changes.ts';
import { adopted, movedTo, type ItemChange, type TransferChange } from './rows.ts';
import { countedOf, foldText, ItemCounters } from './item-counters.ts';
import { MemoryCheckpoints } from './memory-checkpoints.ts';
import { MemoryLeftovers } from './memory-leftovers.ts';

interface Kept {
  row: TransferRow;
  /** Order in which transfers were added, for equal positions. */
  readonly number: number;
  /** By sequence. */
  items: ItemId[];
  tally: ItemCounters;
}

/** The in-memory counterpart of `SqliteTransferStore`, for tests and for commands that transfer nothing. */
export class MemoryTransferStore implements TransferStore {
  readonly setAside = undefined;
  readonly #transfers = new Map<TransferId, Kept>();
  readonly #items = new Map<ItemId, ItemRow>();
  readonly #checkpoints = new MemoryCheckpoints();
  readonly #leftovers = new MemoryLeftovers();
  readonly #reserved = new Set<ItemId>();
  #settings: Partial<Settings> = {};
  readonly #sharedKeys = new Set<DeviceKey>();
  #lastItem = 0;
  #lastTransfer = 0;
  #open = true;

  addTransfer(row: TransferRow): void {
    this.#check('addTransfer');
    if (this.#transfers.has(row.id)) throw fail('store', 'addTransfer', `${row.id} is already there`);
    this.#lastTransfer += 1;
    this.#transfers.set(row.id, { row: { ...row }, number: this.#lastTransfer, items: [], tally: new ItemCounters() });
  }

  transfer(id: TransferId): TransferRow | undefined {
    this.#check('transfer');
    return this.#transfers.get(id)?.row;
  }

  transfers(): readonly TransferRow[] {
    this.#check('transfers');
    return [...this.#transfers.values()]
      .filter((kept) => !kept.row.removed)
      .sort((one, other) => one.row.position - other.row.position || one.number - other.number)
      .map((kept) => kept.row);
  }

  updateTransfer(id: TransferId, change: TransferChange): void {
    const kept = this.#kept(id, 'updateTransfer');
    kept.row = { ...kept.row, ...change };
  }

  clearItems(id: TransferId): void {
    const kept = this.#kept(id, 'clearItems');
    for (const item of kept.items) {
      this.#items.delete(item);
      this.#checkpoints.delete(item);
    }
    kept.items = [];
    kept.tally = new ItemCounters();
  }

  addItems(id: TransferId, items: readonly NewItem[], at: Instant): readonly ItemId[] {
    const kept = this.#kept(id, 'addItems');
    return items.map((item) => {
      this.#lastItem += 1;
      const row = newRow(item, {
        id: itemId(this.#lastItem),
        transfer: id,
        sequence: kept.items.length,
        updatedAt: at,
      });
      this.#items.set(row.id, row);
      kept.items.push(row.id);
      kept.tally.add(countedOf(row));
      return row.id;
    });
  }

  item(id: ItemId): ItemRow | undefined {
    this.#check('item');
    return this.#items.get(id);
  }

  items(id: TransferId, query: ItemQuery): { readonly total: number; readonly items: readonly ItemRow[] } {
    const kept = this.#kept(id, 'items');
    const only = query.only ?? 'all';
    const matching = this.#rows(kept).filter(
      (row) => only === 'all' || (only === 'failed' ? row.state.kind === 'failed' : !isEnded(row.state.kind)),
    );
    return { total: matching.length, items: matching.slice(query.offset, query.offset + query.limit) };
  }

  itemsIn(id: TransferId, states: readonly ItemStateName[], limit: number, afterSequence = -1): readonly ItemRow[] {
    const kept = this.#kept(id, 'itemsIn');
    const found: ItemRow[] = [];
    for (let sequence = afterSequence + 1; sequence < kept.items.length && found.length < limit; sequence += 1) {
      const row = this.#items.get(kept.items[sequence] as ItemId);
      if (row !== undefined && states.includes(row.state.kind)) found.push(row);
    }
    return found;
  }

  updateItem(id: ItemId, change: ItemChange, at: Instant): void {
    this.#check('updateItem');
    const before = this.#items.get(id);
    const kept = before === undefined ? undefined : this.#transfers.get(before.transfer);
    if (before === undefined || kept === undefined) throw fail('internal', 'updateItem', `there is no item ${id}`);
    const after: ItemRow = { ...before, ...change, updatedAt: at };
    this.#items.set(id, after);
    kept.tally.remove(countedOf(before));
    kept.tally.add(countedOf(after));
  }

  updateItems(changes: readonly { readonly id: ItemId; readonly change: ItemChange }[], at: Instant): void {
    for (const { id, change } of changes) this.updateItem(id, change, at);
  }

  lastFileUpTo(id: TransferId, size: number): number | undefined {
    return this.#rows(this.#kept(id, 'lastFileUpTo')).findLast((row) => row.kind === 'file' && row.size <= size)
      ?.sequence;
  }

  reserve(id: ItemId): ItemRow | undefined {
    const row = this.item(id);
    if (row === undefined || this.#reserved.has(id) || !isTakeable(row.state)) return undefined;
    if (this.#transfers.get(row.transfer)?.row.intent !== 'run') return undefined;
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
    this.updateItem(id, { ...change, ...FORGOTTEN }, at);
    this.#checkpoints.delete(id);
    if (leftover !== undefined) this.addLeftover(leftover);
  }

  changeStates(
    id: TransferId,
    from: readonly ItemStateName[],
    to: ItemState,
    at: Instant,
    { limit = Infinity, withTemporary = false, anew = false }: StatesOptions = {},
  ): number {
    const kept = this.#kept(id, 'changeStates');
    const rows = [...new Set(from)]
      .flatMap((state) => this.#rows(kept).filter((row) => row.state.kind === state))
      .filter((row) => (withTemporary || row.temporary === undefined) && !this.#reserved.has(row.id))
      .slice(0, limit);
    const change = anew ? { state: to, attempts: 0, mismatches: 0 } : { state: to };
    for (const row of rows) this.updateItem(row.id, change, at);
    return rows.length;
  }

  withTemporary(id: TransferId): readonly ItemRow[] {
    return this.#rows(this.#kept(id, 'withTemporary')).filter((row) => row.temporary !== undefined);
  }

  confirmChunk(id: ItemId, checkpoint: Checkpoint, change: ItemChange, at: Instant): void {
    this.updateItem(id, change, at);
    this.#checkpoints.put(id, checkpoint);
  }

  checkpoints(id: ItemId): readonly Checkpoint[] {
    this.#check('checkpoints');
    return this.#checkpoints.of(id);
  }

  dropCheckpoints(id: ItemId, offset: number): void {
    this.#check('dropCheckpoints');
    this.#checkpoints.dropBeyond(id, offset);
  }

  counts(id: TransferId): ItemCounts {
    return this.#kept(id, 'counts').tally.counts();
  }

  doneAt(device: DeviceKey, storage: StorageKey, phone: PhonePath, limit: number): readonly ItemRow[] {
    this.#check('doneAt');
    return [...this.#items.values()]
      .filter(
        (row) =>
          row.state.kind === 'done' &&
          row.phone === phone &&
          row.storage === storage &&
          this.#transfers.get(row.transfer)?.row.device === device,
      )
      .sort((one, other) => other.updatedAt - one.updatedAt || other.id - one.id)
      .slice(0, limit);
  }

  adoptDevice(from: DeviceKey, to: DeviceKey): void {
    this.#check('adoptDevice');
    for (const kept of this.#transfers.values())
      if (kept.row.device === from) kept.row = { ...kept.row, ...adopted(kept.row, from, to) };
    this.#leftovers.adopt(from, to);
  }

  adoptStorage(device: DeviceKey, from: StorageKey, to: StorageKey): void {
    this.#check('adoptStorage');
    for (const kept of this.#transfers.values()) {
      if (kept.row.device !== device) continue;
      kept.row = { ...kept.row, ...movedTo(kept.row, from, to) };
      for (const id of kept.items) {
        const item = this.#items.get(id);
        if (item?.storage === from) this.#items.set(id, { ...item, storage: to });
      }
    }
    this.#leftovers.adoptStorage(device, from, to);
  }

  addLeftover(leftover: Leftover): void {
    this.#check('addLeftover');
    this.#leftovers.put(leftover);
  }

  leftovers(device: DeviceKey): readonly Leftover[] {
    this.#check('leftovers');
    return this.#leftovers.of(device);
  }

  removeLeftover(item: ItemId): void {
    this.#check('removeLeftover');
    this.#leftovers.delete(item);
  }

  history(page: HistoryPage): { readonly total: number; readonly transfers: readonly TransferRow[] } {
    this.#check('history');
    const finished = this.#finished();
    return {
      total: finished.length,
      transfers: finished.slice(page.offset, page.offset + page.limit).map((kept) => kept.row),
    };
  }

  *searchHistory(text: string): Generator<TransferRow | undefined> {
    this.#check('searchHistory');
    const search = foldText(text);
    const has = (name: string): boolean => foldText(name).includes(search);
    for (const kept of this.#finished()) {
      if (has(kept.row.title) || has(kept.row.destination) || this.#rows(kept).some(({ name }) => has(name)))
        yield kept.row;
      yield undefined;
    }
  }

  prune(before: Instant, limit: number): boolean {
    this.#check('prune');
    const old = this.#finished().findLast(({ row }) => row.removed && (row.finishedAt ?? before) < before);
    if (old === undefined) return false;
    for (const id of old.items.splice(0, limit)) {
      const row = this.#items.get(id);
      if (row !== undefined) old.tally.remove(countedOf(row));
      this.#items.delete(id);
      this.#checkpoints.delete(id);
    }
    if (old.items.length === 0) this.#transfers.delete(old.row.id);
    return true;
  }

  /** Newest first. */
  #finished(): Kept[] {
    return [...this.#transfers.values()]
      .filter(({ row }) => row.finishedAt !== undefined)
      .sort((one, other) => (other.row.finishedAt ?? 0) - (one.row.finishedAt ?? 0) || other.number - one.number);
  }

  sharedKeys(): readonly DeviceKey[] {
    this.#check('sharedKeys');
    return [...this.#sharedKeys];
  }

  noteShared(key: DeviceKey): void {
    this.#check('noteShared');
    this.#sharedKeys.add(key);
  }

  settings(): Partial<Settings> {
    this.#check('settings');
    return this.#settings;
  }

  saveSettings(settings: Partial<Settings>): void {
    this.#check('saveSettings');
    this.#settings = Object.fromEntries(
      Object.entries({ ...this.#settings, ...settings }).filter(([, value]) => value !== undefined),
    );
  }

  commitDurably(): void {
    this.#check('commitDurably');
  }

  compact(): void {
    this.#check('compact');
    for (const id of this.#checkpoints.items()) {
      const state = this.#items.get(id)?.state.kind;
      if (state === 'done' || state === 'cancelled') this.#checkpoints.delete(id);
    }
  }

  close(): void {
    this.#open = false;
  }

  #rows(kept: Kept): ItemRow[] {
    return kept.items.map((id) => this.#items.get(id)).filter((row) => row !== undefined);
  }

  #kept(id: TransferId, operation: string): Kept {
    this.#check(operation);
    const kept = this.#transfers.get(id);
    if (kept === undefined) throw fail('internal', operation, `there is no transfer ${id}`);
    return kept;
  }

  #check(operation: string): void {
    if (!this.#open) throw fail('store', operation, 'the database is closed');
  }
}
