import type { DeviceKey, StorageKey, ItemId } from '../../shared/domain.ts';
import type { Settings } from '../../shared/snapshots.ts';
import type { HistoryPage, Leftover, TransferRow } from '../engine/model/transfer-store.ts';
import { json, readTransfer } from './rows.ts';
import { whole, type Statements } from './statements.ts';
import { foldText } from './item-counters.ts';

const PROOF = json('proof');

/** Names searched before other work gets its turn: about ten milliseconds. */
const NAMES_AT_ONCE = 2_000;

/** No setting, but a row of its table. */
const SHARED_KEYS = 'shared-keys';

/** Data beside the queue: leftovers to remove, searching the history, settings. Calls throw what SQLite throws. */
export class HistoryAndSettings {
  readonly #sql: Statements;

  constructor(sql: Statements) {
    this.#sql = sql;
  }

  addLeftover({ item, transfer, device, storage, direction, folder, name, proof }: Leftover): void {
    this.#sql.run(
      'INSERT OR REPLACE INTO leftovers (item, transfer, device, storage, direction, folder, name, proof) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
      [item, transfer, device, storage, direction, folder ?? null, name, PROOF.write(proof)],
    );
  }

  leftovers(device: DeviceKey): readonly Leftover[] {
    return this.#sql.all('SELECT * FROM leftovers WHERE device = ? ORDER BY item', [device]).map(
      (raw) =>
        ({
          ...raw,
          folder: raw['folder'] ?? undefined,
          proof: PROOF.read(raw['proof'] ?? null),
        }) as unknown as Leftover,
    );
  }

  removeLeftover(item: ItemId): void {
    this.#sql.run('DELETE FROM leftovers WHERE item = ?', [item]);
  }

  /** Moves leftovers to be removed from the phone `from` to the phone `to`. */
  adoptLeftovers(from: DeviceKey, to: DeviceKey): void {
    this.#sql.run('UPDATE leftovers SET device = ? WHERE device = ?', [to, from]);
  }

  /** Moves leftovers to be removed from one storage of a phone to another. */
  adoptLeftoversOf(device: DeviceKey, from: StorageKey, to: StorageKey): void {
    this.#sql.run('UPDATE leftovers SET storage = ? WHERE device = ? AND storage = ?', [to, device, from]);
  }

  history(page: HistoryPage): { readonly total: number; readonly transfers: readonly TransferRow[] } {
    const total = Number(
      this.#sql.get('SELECT count(*) AS total FROM transfers WHERE finished_at IS NOT NULL', [])?.['total'],
    );
    const raws = this.#sql.all(
      `SELECT * FROM transfers WHERE finished_at IS NOT NULL
       ORDER BY finished_at DESC, number DESC LIMIT ? OFFSET ?`,
      [whole(page.limit), whole(page.offset)],
    );
    return { total, transfers: raws.map(readTransfer) };
  }

  /** Requires the function `contains_folded` on the connection. */
  *search(text: string): Generator<TransferRow | undefined> {
    const search = foldText(text);
    // searches the transfers that have ended by now; later ones are left to the next search
    const numbers = this.#sql.all(
      'SELECT number FROM transfers WHERE finished_at IS NOT NULL ORDER BY finished_at DESC, number DESC',
      [],
    );
    for (const { number } of numbers) {
      const raw = this.#sql.get('SELECT * FROM transfers WHERE number = ?', [number ?? null]);
      if (raw === undefined) continue;
      const row = readTransfer(raw);
      if (foldText(row.title).includes(search) || foldText(row.destination).includes(search)) yield row;
      else if (yield* this.#hasItem(Number(number), search)) yield row;
    }
  }

  *#hasItem(transfer: number, search: string): Generator<undefined, boolean> {
    const last = Number(
      this.#sql.get('SELECT max(sequence) AS last FROM items WHERE transfer = ?', [transfer])?.['last'] ?? -1,
    );
    for (let from = 0; from <= last; from += NAMES_AT_ONCE) {
      const hit = this.#sql.get(
        `SELECT 1 AS hit FROM items
         WHERE transfer = ? AND sequence >= ? AND sequence < ? AND contains_folded(name, ?) LIMIT 1`,
        [transfer, from, from + NAMES_AT_ONCE, search],
      );
      yield undefined;
      if (hit !== undefined) return true;
    }
    return false;
  }

  sharedKeys(): readonly DeviceKey[] {
    const row = this.#sql.get('SELECT value FROM settings WHERE name = ?', [SHARED_KEYS]);
    return row === undefined ? [] : (JSON.parse(String(row['value'])) as DeviceKey[]);
  }

  noteShared(key: DeviceKey): void {
    const keys = [...new Set([...this.sharedKeys(), key])];
    this.#sql.run('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)', [SHARED_KEYS, JSON.stringify(keys)]);
  }

  settings(): Partial<Settings> {
    const rows = this.#sql.all('SELECT name, value FROM settings WHERE name <> ?', [SHARED_KEYS]);
    return Object.fromEntries(rows.map((raw) => [String(raw['name']), JSON.parse(String(raw['value']))]));
  }

  saveSettings(settings: Partial<Settings>): void {
    this.#sql.transaction(() => {
      for (const [name, value] of Object.entries(settings))
        if (value === undefined) this.#sql.run('DELETE FROM settings WHERE name = ?', [name]);
        else
          this.#sql.run('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)', [name, JSON.stringify(value)]);
    });
  }
}
