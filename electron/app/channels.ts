/** Names of the IPC channels, shared by main and preload. */

/** The contract: `ToHost` to the main process, `FromHost` back. */
export const CONTRACT = 'replug';
/** Requests of the desktop to the window (`WindowRequest`). The window sends one empty message once it listens. */
export const REQUESTS = 'replug-requests';
/** Starts a drag out of the window, with paths returned by `prepareDrag`. */
export const DRAG = 'replug-drag';
