/** Sizes the code must know because only what is in sight is drawn; theme/tokens.css and list.css agree. */
export const ROW = 28;
export const TILE = { width: 128, height: 136 } as const;
