/** Sizes in pixels that the virtual list needs; must match theme/tokens.css and list.css. */
export const ROW = 28;
/** One tile of the grid. */
export const TILE = { width: 128, height: 136 } as const;
