import fs from 'node:fs';
import path from 'node:path';
import { fail } from '../../shared/errors.ts';
import { saysBusy, storeError, type Driver, type SqliteDatabase } from './driver.ts';

/** Milliseconds; longer than any check whether the lock is held. */
const LOCK_WAIT_MS = 100;

/** Links that lead on to others. */
const MOST_LINKS = 40;

/** The file of a database's lock: beside the database itself, so that it is one whichever link leads there. */
export function lockFileOf(file: string, links = MOST_LINKS): string {
  try {
    return `${fs.realpathSync(file)}.lock`;
  } catch {
    // SQLite makes the file that a link leads to
    const to = links > 0 ? targetOf(file) : undefined;
    return to === undefined ? `${file}.lock` : lockFileOf(to, links - 1);
  }
}

function targetOf(link: string): string | undefined {
  try {
    return path.resolve(path.dirname(link), fs.readlinkSync(link));
  } catch {
    return undefined;
  }
}

/**
 * The lock is SQLite's own exclusive lock on an empty file beside the database, held while the database is open. The
 * operating system releases it when the process dies in any way, so there are no stale locks.
 */
export function takeLock(driver: Driver, file: string): SqliteDatabase {
  let lock: SqliteDatabase | undefined;
  const its = lockFileOf(file);
  try {
    lock = new driver(its, { timeout: LOCK_WAIT_MS });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (!saysBusy(error)) throw storeError(error, 'lock', its);
    throw fail('store', 'lock', 'another process has it', {
      subject: file,
      advice: { id: 'db-in-use', with: { file } },
    });
  }
}
