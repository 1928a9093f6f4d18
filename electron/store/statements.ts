import type { Connection, Statement } from './driver.ts';
import type { Cell, Raw } from './rows.ts';

/** Prepared statements by their text: each is compiled once. */
export class Statements {
  readonly #connection: Connection;
  readonly #prepared = new Map<string, Statement>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  prepare(sql: string): Statement {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }

  run(sql: string, cells: readonly Cell[]): void {
    this.prepare(sql).run(...cells);
  }

  get(sql: string, cells: readonly Cell[]): Raw | undefined {
    return this.prepare(sql).get(...cells) as Raw | undefined;
  }

  all(sql: string, cells: readonly Cell[]): readonly Raw[] {
    return this.prepare(sql).all(...cells) as Raw[];
  }

  /** All of it or nothing. */
  transaction(body: () => void): void {
    this.#connection.transaction(body)();
  }
}

export const assignments = (names: readonly string[]): string => names.map((name) => `${name} = ?`).join(', ');
export const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
/** SQLite takes no infinity for a limit. */
export const whole = (value: number): number => Math.min(value, Number.MAX_SAFE_INTEGER);
