import type Database from 'better-sqlite3';
import { fail, isPhoneError, type Advice, type PhoneError } from '../../shared/errors.ts';

/** An open database of better-sqlite3; all of its calls are synchronous. */
export type SqliteDatabase = Database.Database;
/** A prepared statement of a `Connection`; it ends with it. */
export type Statement = Database.Statement;
/** The constructor that opens a `Connection`. */
export type Driver = typeof Database;

/** Loads better-sqlite3 on first use, so that a program that only prints its help loads no native library. */
export async function loadDriver(): Promise<Driver> {
  try {
    return (await import('better-sqlite3')).default;
  } catch (error) {
    throw fail(
      'store',
      'load better-sqlite3',
      error instanceof Error ? error.message : String(error),
      { advice: { id: 'reinstall' } },
      error,
    );
  }
}

const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;

/** Whether SQLite reports that the file itself is not a valid database. */
export function saysDamaged(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB');
}

/** Whether another connection holds the database, so that the same call may succeed later. */
export const saysBusy = (error: unknown): boolean => codeOf(error)?.startsWith('SQLITE_BUSY') ?? false;

/** Converts an error of the database to a `store` error with a remedy. */
export function storeError(error: unknown, operation: string, file: string): PhoneError {
  if (isPhoneError(error)) return error;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  return fail(
    'store',
    operation,
    code === undefined ? message : `${code}: ${message}`,
    { subject: file, advice: remedyFor(code, file) },
    error,
  );
}

function remedyFor(code: string | undefined, file: string): Advice | undefined {
  if (code === undefined) return undefined;
  if (code === 'SQLITE_FULL') return { id: 'db-disk-full', with: { file } };
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return { id: 'db-held', with: { file } };
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return { id: 'db-damaged', with: { file } };
  if (code.startsWith('SQLITE_READONLY') || code.startsWith('SQLITE_CANTOPEN') || code === 'SQLITE_PERM')
    return { id: 'db-not-writable', with: { file } };
  if (code.startsWith('SQLITE_IOERR')) return { id: 'db-disk-errors', with: { file } };
  return undefined;
}
