/** The names on Electron's wire; main and preload must agree on them. */

/** The contract: `ToHost` there, `FromHost` back. */
export const CONTRACT = 'replug';
/** What the desktop asks of the window (`WindowRequest`); the window sends one empty message when it listens. */
export const REQUESTS = 'replug-requests';
/** Begins a drag out of the window with paths that `prepareDrag` gave it. */
export const DRAG = 'replug-drag';
