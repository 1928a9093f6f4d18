import { changeModule } from './changed-modules.ts';

/**
 * In a life a mebibyte is 32 KiB: chunks, samples, buffers and what a phone takes at once are all smaller by the same factor, so
 * that files of ordinary shape are moved in as many pieces as real ones, in a fraction of the time.
 */
const SCALE = 32;

/** Where sizes of bytes stand that have to do with each other. */
const FILES = [
  'electron/engine/transfer/transfer-buffers.ts',
  'electron/engine/transfer/chunk-size.ts',
  'electron/engine/transfer/compare-bytes.ts',
  'electron/engine/transfer/fingerprint.ts',
  'electron/engine/transfer/download/whole-object.ts',
  'electron/engine/transfer/download/download.ts',
  'electron/engine/transfer/download/part-file.ts',
  'electron/engine/model/item-run.ts',
  'electron/engine/files/new-file.ts',
  'electron/engine/files/growing-object.ts',
  'electron/engine/files/samples.ts',
  'electron/engine/devices/beginning-of-source.ts',
  'electron/mtp/session/transaction.ts',
  'electron/mtp/session/data-out.ts',
  'electron/mtp/phone/quirks.ts',
  'electron/virtual/link.ts',
  'electron/virtual/transport.ts',
  'electron/virtual/handle.ts',
  'electron/virtual/in-place.ts',
  'electron/virtual/operations/transfer.ts',
  'electron/virtual/operations/objects.ts',
] as const;

/** Bytes of a mebibyte in a life. */
export const MEBIBYTE = (1024 * 1024) / SCALE;

/** Must be called before any of these modules is loaded. */
export function scaleDown(): void {
  for (const file of FILES) changeModule(file, (text) => text.replaceAll(/\b(\d+) \* 1024\b/g, `$1 * ${1024 / SCALE}`));
}
