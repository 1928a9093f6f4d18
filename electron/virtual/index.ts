/**
 * A virtual phone that serves a folder: Transport and DeviceBus in process, and a responder modelled on the source and observed
 * behavior of Android's MTP server, including its bugs. For tests, demonstrations and *Try it*.
 *
 * May import: `mtp` (ports and wire only, never the initiator), `shared` and `node:*`.
 *
 * Invariant: nothing but the user's files ever appears in the folder, and nothing survives that a real phone would
 * lose. An initiator that misbehaves on a real phone fails here too.
 *
 * Begin reading with `phone.ts`, then `server.ts` (the main loop) and `operations/`.
 */
export { VirtualBus } from './bus.ts';
export { parseFault } from './faults.ts';
export type { Planted } from './objects.ts';
export type { VirtualPhoneOptions } from './options.ts';
export { VirtualPhone } from './phone.ts';
export { PROFILE_NAMES, QUIRK_NAMES } from './profiles.ts';
export type { ProfileName, QuirkName } from './profiles.ts';
export { parseVirtualSpec } from './spec.ts';
export { volume } from './volume.ts';
