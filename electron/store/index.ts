/**
 * The memory of Replug: transfers, items, confirmed chunks, settings, in one SQLite file.
 *
 * May import: `shared`, the types of `engine` and `sync`, better-sqlite3.
 * Invariant: when a call has returned, its change is one committed transaction; no process death undoes or halves it.
 */
export { isDatabaseOpen, openStores, openSyncReader, openTransferReader, openTransferStore } from './open.ts';
export { MemoryTransferStore } from './memory-transfers.ts';
export { MemorySyncStore } from './memory-sync.ts';
