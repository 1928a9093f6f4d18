import type { DeviceKey, ItemId } from '../../shared/domain.ts';
import type { Settings } from '../../shared/snapshots.ts';
import type { HistoryQuery, Leftover, TransferRow } from '../engine/model/transfer-store.ts';
import { json, readTransfer, type Raw } from './rows.ts';
import { whole, type Statements } from './statements.ts';
import { foldText } from './item-counters.ts';

const PROOF = json('proof');

/** What is kept beside the queue: leftovers to remove, the history's search, settings. */
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

  /** The connection must know `contains_folded`. */
  history(query: HistoryQuery): { readonly total: number; readonly transfers: readonly TransferRow[] } {
    const search = foldText(query.search ?? '');
    const where =
      search === ''
        ? 'finished_at IS NOT NULL'
        : `finished_at IS NOT NULL AND (contains_folded(title, @search) OR contains_folded(destination, @search)
           OR EXISTS (SELECT 1 FROM items WHERE items.transfer = transfers.number AND contains_folded(items.name, @search)))`;
    const named = { search, limit: whole(query.limit), offset: whole(query.offset) };
    const total = Number(
      this.#sql.prepare(`SELECT count(*) AS total FROM transfers WHERE ${where}`).pluck().get(named),
    );
    const raws = this.#sql
      .prepare(
        `SELECT * FROM transfers WHERE ${where} ORDER BY finished_at DESC, number DESC LIMIT @limit OFFSET @offset`,
      )
      .all(named) as Raw[];
    return { total, transfers: raws.map(readTransfer) };
  }

  settings(): Partial<Settings> {
    const rows = this.#sql.all('SELECT name, value FROM settings', []);
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
