import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../../..');
/** Kernel and initramfs: fetched or built once, untracked. */
export const CACHE = path.join(ROOT, '.cache/usb-lab');
/** What a run leaves behind. */
export const ARTIFACTS = path.join(ROOT, 'artifacts/usb-lab');
