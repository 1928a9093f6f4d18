/**
 * Folder sync: pairs of a folder on a phone and one on this computer, of which one is copied to the other.
 *
 * May import: `engine`, `shared`, `node:*`; state is persisted through the port `SyncStore`.
 * Invariants: a file counts as synced only when its copy has arrived and was verified, or was there before. It deletes only
 * files that it made and that have not changed since; it overwrites those, what is proved to hold what its source held, and
 * what the conflict rule says.
 *
 * Begin reading with `pair-run.ts`: a run scans (`endpoint.ts` and its two sides), compares with the record (`diff.ts`),
 * makes a plan (`plan.ts`, `target-layout.ts`, `local-disk.ts`), carries it out (`execute-plan.ts`) and records what
 * became of it (`record-results.ts`). `sync.ts` is the façade, `auto-sync.ts` handles unattended runs.
 */
export * from './sync-store.ts';
export type { RunOptions, RunResult } from './pair-run.ts';
export { Sync, type SyncNotice } from './sync.ts';
export type { MissingCopies } from './local-disk.ts';
export { deletedIn } from './plan.ts';
export type { NewPair } from './pair.ts';
export { syncCommands } from './commands.ts';
