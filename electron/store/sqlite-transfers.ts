import type { DeviceKey, Instant, ItemId, PhonePath, StorageKey, TransferId } from '../../shared/domain.ts';
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
import { CheckpointTable } from './checkpoint-table.ts';
import { storeError, type SqliteDatabase } from './driver.ts';
import { HistoryAndSettings } from './history-and-settings.ts';
import { FORGOTTEN, isTakeable } from './item-changes.ts';
import { foldText } from './item-counters.ts';
import { ItemTable } from './item-table.ts';
import type { ItemChange, TransferChange } from './rows.ts';
import { Statements } from './statements.ts';
import { TransferTable } from './transfer-table.ts';

/** How the database was opened; `onClose` gives back its lock. */
export interface SqliteOptions {
  /** Path of the database, for messages. */
  readonly file: string;
  /** Where a damaged previous database was moved to. */
  readonly setAside: string | undefined;
  readonly onClose: () => void;
}

/** Pages of 4 KiB returned to the file system per step. */
const PAGES_AT_ONCE = 2_000;

/**
 * `TransferStore` on SQLite. Combines its tables so that each call is one transaction, and converts errors. Opened by
 * `openTransferStore`, which also holds the lock. Calls throw `store`, and `internal` for unknown ids.
 */
export class SqliteTransferStore implements TransferStore {
  readonly setAside: string | undefined;
  readonly #connection: SqliteDatabase;
  readonly #file: string;
  readonly #onClose: () => void;
  readonly #sql: Statements;
  readonly #transfers: TransferTable;
  readonly #items: ItemTable;
  readonly #checkpoints: CheckpointTable;
  readonly #records: HistoryAndSettings;
  readonly #reserved = new Set<ItemId>();
  #open = true;

  constructor(connection: SqliteDatabase, options: SqliteOptions) {
    this.#connection = connection;
    this.#sql = new Statements(connection);
    this.#transfers = new TransferTable(this.#sql);
    this.#items = new ItemTable(this.#sql, this.#transfers);
    this.#checkpoints = new CheckpointTable(this.#sql);
    this.#records = new HistoryAndSettings(this.#sql);
    this.#file = options.file;
    this.setAside = options.setAside;
    this.#onClose = options.onClose;
    connection.function('contains_folded', { deterministic: true }, (text, part) =>
      typeof text === 'string' && foldText(text).includes(String(part)) ? 1 : 0,
    );
  }

  addTransfer(row: TransferRow): void {
    this.#do('addTransfer', () => this.#transfers.add(row));
  }

  transfer(id: TransferId): TransferRow | undefined {
    return this.#do('transfer', () => this.#transfers.row(id));
  }

  transfers(): readonly TransferRow[] {
    return this.#do('transfers', () => this.#transfers.listed());
  }

  updateTransfer(id: TransferId, change: TransferChange): void {
    this.#do('updateTransfer', () => this.#transfers.change(id, change));
  }

  clearItems(id: TransferId): void {
    this.#do('clearItems', () => this.#items.clear(id));
  }

  addItems(id: TransferId, items: readonly NewItem[], at: Instant): readonly ItemId[] {
    return this.#do('addItems', () => this.#items.add(id, items, at));
  }

  item(id: ItemId): ItemRow | undefined {
    return this.#do('item', () => this.#items.row(id));
  }

  items(id: TransferId, query: ItemQuery): { readonly total: number; readonly items: readonly ItemRow[] } {
    return this.#do('items', () => this.#items.page(id, query));
  }

  itemsIn(id: TransferId, states: readonly ItemStateName[], limit: number, afterSequence = -1): readonly ItemRow[] {
    return this.#do('itemsIn', () => this.#items.inStates(id, states, limit, afterSequence));
  }

  updateItem(id: ItemId, change: ItemChange, at: Instant): void {
    this.#do('updateItem', () => this.#items.change(id, change, at));
  }

  updateItems(changes: readonly { readonly id: ItemId; readonly change: ItemChange }[], at: Instant): void {
    this.#do('updateItems', () => {
      this.#sql.transaction(() => {
        for (const { id, change } of changes) this.#items.change(id, change, at);
      });
    });
  }

  lastFileUpTo(id: TransferId, size: number): number | undefined {
    return this.#do('lastFileUpTo', () => this.#items.lastFileUpTo(id, size));
  }

  reserve(id: ItemId): ItemRow | undefined {
    if (this.#reserved.has(id)) return undefined;
    const row = this.#do('reserve', () => this.#items.reserve(id, ({ state }) => isTakeable(state)));
    if (row !== undefined) this.#reserved.add(id);
    return row;
  }

  release(id: ItemId): void {
    this.#reserved.delete(id);
    this.#items.letGo(id);
  }

  releaseAll(): void {
    this.#reserved.clear();
    this.#items.letAllGo();
  }

  abandonItem(id: ItemId, change: ItemChange, leftover: Leftover | undefined, at: Instant): void {
    this.#do('abandonItem', () => {
      this.#sql.transaction(() => {
        this.#items.change(id, { ...change, ...FORGOTTEN }, at);
        this.#checkpoints.dropAll(id);
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
      let changed = 0;
      this.#sql.transaction(() => {
        changed = this.#items.changeStates(id, from, to, at, options, this.#reserved);
      });
      return changed;
    });
  }

  withTemporary(id: TransferId): readonly ItemRow[] {
    return this.#do('withTemporary', () => this.#items.withTemporary(id));
  }

  confirmChunk(id: ItemId, checkpoint: Checkpoint, change: ItemChange, at: Instant): void {
    this.#do('confirmChunk', () => {
      this.#sql.transaction(() => {
        this.#checkpoints.put(id, checkpoint);
        this.#items.change(id, change, at);
      });
    });
  }

  checkpoints(id: ItemId): readonly Checkpoint[] {
    return this.#do('checkpoints', () => this.#checkpoints.of(id));
  }

  dropCheckpoints(id: ItemId, offset: number): void {
    this.#do('dropCheckpoints', () => this.#checkpoints.dropAfter(id, offset));
  }

  counts(id: TransferId): ItemCounts {
    return this.#do('counts', () => this.#items.counts(id));
  }

  doneAt(device: DeviceKey, storage: StorageKey, phone: PhonePath, limit: number): readonly ItemRow[] {
    return this.#do('doneAt', () => this.#items.doneAt(device, storage, phone, limit));
  }

  adoptDevice(from: DeviceKey, to: DeviceKey): void {
    this.#do('adoptDevice', () => {
      this.#sql.transaction(() => {
        this.#transfers.adopt(from, to);
        this.#records.adoptLeftovers(from, to);
      });
    });
  }

  adoptStorage(device: DeviceKey, from: StorageKey, to: StorageKey): void {
    this.#do('adoptStorage', () => {
      this.#sql.transaction(() => {
        this.#items.adoptStorage(device, from, to);
        this.#transfers.adoptStorage(device, from, to);
        this.#records.adoptLeftoversOf(device, from, to);
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
      const oldest = this.#transfers.oldestRemoved(before);
      if (oldest === undefined) return false;
      if (this.#items.clearSome(oldest, limit) < limit) this.#transfers.forget(oldest);
      return true;
    });
  }

  sharedKeys(): readonly DeviceKey[] {
    return this.#do('sharedKeys', () => this.#records.sharedKeys());
  }

  noteShared(key: DeviceKey): void {
    this.#do('noteShared', () => this.#records.noteShared(key));
  }

  settings(): Partial<Settings> {
    return this.#do('settings', () => this.#records.settings());
  }

  saveSettings(settings: Partial<Settings>): void {
    this.#do('saveSettings', () => this.#records.saveSettings(settings));
  }

  commitDurably(id: ItemId, at: Instant): void {
    this.#do('commitDurably', () => {
      // FULL syncs the log at each commit, including all commits before it; `fullfsync` is for macOS
      this.#connection.pragma('synchronous = FULL');
      this.#connection.pragma('fullfsync = ON');
      try {
        this.#items.touch(id, at);
      } finally {
        this.#connection.pragma('fullfsync = OFF');
        this.#connection.pragma('synchronous = NORMAL');
      }
    });
  }

  compact(): void {
    this.#do('compact', () => {
      this.#checkpoints.dropFinished();
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

  /** Runs every call, and converts SQLite's errors to `store` errors with a remedy. */
  #do<T>(operation: string, body: () => T): T {
    if (!this.#open) throw fail('store', operation, 'the database is closed', { subject: this.#file });
    try {
      return body();
    } catch (error) {
      this.#items.recount();
      throw storeError(error, operation, this.#file);
    }
  }
}
