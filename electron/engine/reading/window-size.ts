/** How much of a phone's file one request reads. */

/** After a jump, bytes: what a reader of heads, indexes and archives looks at. One such read takes a few milliseconds. */
export const FIRST_WINDOW = 64 * 1024;
/**
 * Sequential reading grows up to this, bytes: a transfer waits for at most one window, some 100 ms on a high-speed bus, and
 * more would read hardly faster (`transfer/chunk-size.ts`).
 */
export const LARGEST_WINDOW = 4 * 1024 * 1024;
/**
 * The same for a stream whose memory is used again, bytes. Three windows are in memory at once (one on its way to the
 * client, one read ahead, one that is given back just then), and half the size costs one more request for each 4 MiB.
 */
export const LARGEST_REUSED = 2 * 1024 * 1024;

/** The next window of a reader that goes on where it was. */
export const grown = (size: number, largest = LARGEST_WINDOW): number => Math.min(size * 2, largest);

/**
 * The window for a read elsewhere: all that was asked for, from and to whole multiples of the smallest window, since such
 * readers come back to what lies just before and behind. It stays inside of the gap from `start` to before `end`.
 */
export function afterJump(
  offset: number,
  asked: number,
  start: number,
  end: number,
): { readonly start: number; readonly length: number } {
  const from = Math.max(start, offset - (offset % FIRST_WINDOW));
  const wanted = Math.ceil((offset + Math.max(1, asked)) / FIRST_WINDOW) * FIRST_WINDOW;
  const to = Math.min(end, wanted, from + LARGEST_WINDOW);
  return { start: from, length: to - from };
}
