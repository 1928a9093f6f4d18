import { fail } from '../../shared/errors.ts';
import { saysBusy, storeError, type Driver, type SqliteDatabase } from './driver.ts';

/** Milliseconds; longer than any check whether the lock is held. */
const LOCK_WAIT_MS = 100;

/**
 * The lock is SQLite's own exclusive lock on an empty file beside the database, held while the database is open. The
 * operating system releases it when the process dies in any way, so there are no stale locks.
 */
export function takeLock(driver: Driver, file: string): SqliteDatabase {
  let lock: SqliteDatabase | undefined;
  try {
    lock = new driver(`${file}.lock`, { timeout: LOCK_WAIT_MS });
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if (!saysBusy(error)) throw storeError(error, 'lock', `${file}.lock`);
    throw fail('store', 'lock', 'another process has it', {
      subject: file,
      advice: { id: 'db-in-use', with: { file } },
    });
  }
}
