/**
 * Folder sync: pairs of a folder on a phone and one on this computer, of which one is copied to the other.
 *
 * May import: `engine`, `shared`, `node:*`; what is remembered is kept behind the port `SyncStore`.
 * Invariant: a file counts as synced only when its copy has arrived and was verified, and nothing is deleted or
 * overwritten that this room did not put there, as it put it there.
 *
 * Begin reading with `pair-run.ts`: a run scans (`endpoint.ts` and its two sides), compares with the record (`diff.ts`),
 * makes a plan (`plan.ts`, `target-layout.ts`, `local-disk.ts`), carries it out (`execute-plan.ts`) and records what
 * became of it (`record-results.ts`). `sync.ts` is the façade, `auto-sync.ts` what happens with nobody asking.
 */
export * from './sync-store.ts';
export type { RunOptions, RunResult } from './pair-run.ts';
export { Sync, type SyncNotice } from './sync.ts';
export type { NewPair } from './pair.ts';
export { syncCommands } from './commands.ts';
