/**
 * The engine: planning, the item machine, lanes, the device registry, verification, snapshots. May import `mtp`,
 * `shared` and `node:*`; never a cable, a database or a window: those come in as ports.
 * Its one invariant: what a snapshot calls confirmed was confirmed by the other side and is in the store.
 */
export { Engine, type EngineOptions } from './engine.ts';
export * from './engine-types.ts';
export * from './store-types.ts';
export { systemClock } from './clock.ts';
export { DEFAULT_LIMITS, type EngineLimits } from './context.ts';
export { BridgeHost, type BridgeHostOptions } from './host.ts';
export { transition, ITEM_STATES, type Input, type ItemState, type Effect } from './item.ts';
export { reportCsv, reportLine, reportLines } from './report.ts';
export { fingerprintFile } from './fingerprint.ts';
export type { ScannedFolder, ScanOptions } from './scan.ts';
export { PART_SUFFIX } from './local.ts';
export { localNameOf, numbered, phoneNameOf } from './local-names.ts';
export { sameButForZone } from './download.ts';
export { phoneNameFor } from './planning.ts';
