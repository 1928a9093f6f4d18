/** Results of one run of the window part. */
export interface WindowRun {
  /**
   * Milliseconds from the first message with entries of the folder, when it reaches the page, to the frame with the
   * first rows.
   */
  readonly firstRowsMs: number;
  /** Milliseconds from the double click to the last entry, including the phone's listing. */
  readonly allRowsMs: number;
  readonly scrolling: {
    readonly frames: number;
    readonly longest: number;
    readonly over50: number;
    readonly median: number;
  };
  /** Proportional resident memory (PSS) of the renderer process at the end, in bytes. */
  readonly rendererResident: number;
  readonly rendererOwn: number;
  /** JavaScript heap of the page after a garbage collection, in bytes. */
  readonly heap: number;
}

/** Results of one run of the search in the window. */
export interface FindRun {
  /** Files of the phone that was searched, and how many the word found that was scrolled through. */
  readonly remembered: number;
  readonly results: number;
  /** Milliseconds from a key to the frame with the first rows of what was typed, 95th percentile. */
  readonly keyMs: number;
  readonly keyWhileCopyingMs: number;
  readonly scrolling: WindowRun['scrolling'];
}

/** Runs on phones of the same number of files together, the smallest first. */
export function bySize(runs: readonly FindRun[]): readonly (readonly FindRun[])[] {
  const sizes = [...new Set(runs.map(({ remembered }) => remembered))].sort((one, other) => one - other);
  return sizes.map((size) => runs.filter(({ remembered }) => remembered === size));
}

/** Results of one run of the page of photos. */
export interface PhotosRun {
  readonly shots: number;
  /** Milliseconds from the click on *Photos* to the last shot, including the look at the phone. */
  readonly allShotsMs: number;
  /** Through all of it, with the phone's thumbnails. */
  readonly scrolling: WindowRun['scrolling'];
  readonly scrollingWhileDating: WindowRun['scrolling'];
}
