const SMALLEST = 64 * 1024;
const LARGEST = 1024 * 1024;

/** Bytes of one call: what the driver likes best, within bounds; some say 4 KiB, and some 0xFFFFFFFF. */
export const chunkSize = (optimal: number | undefined): number =>
  Math.min(Math.max(optimal ?? LARGEST, SMALLEST), LARGEST);
