/** What one run of the window's part measures. */
export interface WindowRun {
  /** From the first message with entries of the folder, as it comes to the page, to the frame with the first rows; milliseconds. */
  readonly firstRowsMs: number;
  /** From the double click to the last entry, milliseconds; the phone's listing included. */
  readonly allRowsMs: number;
  readonly scrolling: {
    readonly frames: number;
    readonly longest: number;
    readonly over50: number;
    readonly median: number;
  };
  /** Resident and of its own (PSS), bytes, of the renderer process after all this. */
  readonly rendererResident: number;
  readonly rendererOwn: number;
  /** JavaScript heap of the page after a collection, bytes. */
  readonly heap: number;
}
