/**
 * A phone made of a folder: Transport and DeviceBus in process, with a responder behind them that behaves as
 * Android's own server was read and observed to, traps included. For tests, demonstrations and *Try it*.
 * Imports `mtp` (ports and wire only, never the initiator), `shared` and node.
 * Invariant: nothing but the user's files ever appears in the folder, and nothing of what the phone would lose
 * survives: an initiator that is wrong on a phone is wrong here.
 */
export { VirtualBus } from './bus.ts';
export { parseFault } from './faults.ts';
export type { Planted } from './objects.ts';
export type { VirtualPhoneOptions } from './options.ts';
export { VirtualPhone } from './phone.ts';
export { PROFILE_NAMES, QUIRK_NAMES } from './profiles.ts';
export type { ProfileName, QuirkName } from './profiles.ts';
export { parseVirtualSpec } from './spec.ts';
