/**
 * The engine: moves files between this computer and phones, and resumes what was interrupted.
 *
 * May import `mtp`, `shared` and `node:*`; never a cable, a database or a window: those come in as ports.
 * Floors, lowest first (`eslint-rooms.js`): `model`, `local`, `devices`, `reading`, `transfer`, `plan`, `verifying`,
 * `queue`, `snapshots`.
 *
 * Invariant: what a snapshot calls confirmed was confirmed by the other side and is in the store.
 *
 * Begin reading with `model/item-state.ts`, the states of an item; then `queue/lane.ts`, which chooses items,
 * `queue/item-worker.ts`, which takes one through, and `transfer/upload/upload.ts` or `transfer/download/download.ts`.
 */
export { Engine } from './engine.ts';
export type { EngineOptions } from './engine-parts.ts';
export { Verifications } from './verifying/verifications.ts';
export type { OpenableCopy } from './opening/copies.ts';
export * from './api.ts';
export { OneAtATime } from './model/one-at-a-time.ts';
export * from './model/transfer-store.ts';
export type { PhoneEntry } from './files/entry.ts';
export type { PhoneFile } from './reading/phone-file.ts';
export { storedTransferViews } from './snapshots/transfer-view.ts';
export {
  CONTENT_SALT,
  digestFile,
  fingerprintFile,
  isPhotoSampledWhole,
  isSampledWhole,
  sampleFile,
} from './transfer/fingerprint.ts';
export { Block, jpegSegments, orNothing } from './pictures/formats.ts';
export type { PhoneWalk, WalkedFolder } from './devices/phone-walk.ts';
export type { Disk, FileStats } from './local/disk.ts';
export { nodeDisk } from './local/node-disk.ts';
export { localError, makeFolderBelow, modifiedOf } from './local/local-files.ts';
export { deleteLocal, removeEmptyFolder, renameLocal } from './local/destroy-local.ts';
export { localNameOf, numbered, usualNames, type DiskNames } from './local/local-names.ts';
export { diskFor, isMounted } from './local/target-disk.ts';
export { namesOfDisk, tryNames, type TriedNames } from './local/disk-names.ts';
export { makeDurable } from './transfer/download/published-file.ts';
export { sameButForZone } from './transfer/time-zone.ts';
export { isNoDate } from '../mtp/index.ts';
export { phoneNameFor } from './plan/plan-transfer.ts';
