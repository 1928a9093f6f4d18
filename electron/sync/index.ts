/**
 * Folder pairs: look at both sides, compare them with what is remembered, hand what is to be copied to the engine.
 *
 * May import: `engine`, `shared`, `node:*`; its memory comes in as a port.
 * Invariant: a file counts as synced only when its copy has arrived and was checked, and nothing is deleted or
 * overwritten that this room did not put there as it is now.
 */
export * from './sync-store.ts';
export type { RunOptions, RunResult, SyncEngine } from './pair-run.ts';
export { Sync, type SyncNotice, type SyncOptions } from './sync.ts';
export type { NewPair } from './pair.ts';
export { actionsOf } from './plan.ts';
export { presetPairs as readyMadePairs } from './presets.ts';
export { syncCommands } from './commands.ts';
