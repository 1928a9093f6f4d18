/**
 * Persistent state: transfers, items, confirmed chunks, folder pairs, imported photos and settings, in one SQLite file;
 * catalogues, in one file a phone.
 *
 * May import: `shared`, the types of `engine`, `sync`, `photos` and `catalogue`, better-sqlite3.
 *
 * Invariant: when a call returns, its change is one committed transaction, which no process death undoes or splits.
 *
 * Begin reading with `open.ts` (lock, migrations), then `sqlite-transfers.ts`.
 */
export { isDatabaseOpen, openStores, openSyncReader, openTransferReader, openTransferStore } from './open.ts';
export { MemoryTransferStore } from './memory-transfers.ts';
export { openCatalogueShelf } from './catalogue-shelf.ts';
export { MemoryCatalogueShelf } from './memory-catalogue.ts';
export { MemorySyncStore } from './memory-sync.ts';
export { MemoryPhotoStore } from './memory-photos.ts';
