import type { SqliteDatabase, Statement } from './driver.ts';
import type { Cell, Raw } from './rows.ts';

/** Caches prepared statements by their text. */
export class Statements {
  readonly #connection: SqliteDatabase;
  readonly #prepared = new Map<string, Statement>();
  readonly #listing = new Map<string, Statement>();

  constructor(connection: SqliteDatabase) {
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

  /** Rows as lists of their columns, for many rows at once: no object with names is made of each. */
  tuples(sql: string, cells: readonly Cell[]): readonly (readonly unknown[])[] {
    let statement = this.#listing.get(sql);
    if (statement === undefined) {
      statement = this.#connection.prepare(sql).raw();
      this.#listing.set(sql, statement);
    }
    return statement.all(...cells) as unknown[][];
  }

  /** Runs all of it or nothing. */
  transaction(body: () => void): void {
    this.#connection.transaction(body)();
  }
}

const SET_LISTS = new Map<string, string>();
/** The `SET` list of an update, with a placeholder for each column. Kept: a few dozen lists serve every change. */
export function assignments(names: readonly string[]): string {
  const key = names.join();
  let list = SET_LISTS.get(key);
  if (list === undefined) {
    list = names.map((name) => `${name} = ?`).join(', ');
    SET_LISTS.set(key, list);
  }
  return list;
}
/** A list of SQL texts. For constants of the code only: nothing is escaped. */
export const quoted = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
/**
 * Columns for the exact sum of a column of byte counts. SQLite's own `sum` fails permanently once it exceeds 2^63,
 * which a phone's listing can cause; the sums of the MiB and of the remainders cannot.
 */
export const sums = (column: string): string =>
  `sum(${column} / 1048576) AS ${column}_mib, sum(${column} % 1048576) AS ${column}_rest`;
/** The sum selected by `sums`; 0 for no rows. */
export const sumOf = (raw: Raw, column: string): bigint =>
  BigInt(raw[`${column}_mib`] ?? 0) * 1_048_576n + BigInt(raw[`${column}_rest`] ?? 0);
/** SQLite accepts no infinity as a limit. */
export const whole = (value: number): number => Math.min(value, Number.MAX_SAFE_INTEGER);
