/**
 * The loopback host: serves the window to a browser on this computer, and the contract over a WebSocket.
 *
 * May import: `compose`, `engine`, `sync`, `shared`, `ws`.
 *
 * Invariant: only a client with the token of this run reaches the engine or the disk, whatever its origin.
 *
 * Begin reading with `loopback.ts` (the server), then `gate.ts` (who is let in).
 */
export { startLoopbackHost } from './loopback.ts';
export type { SpoolUse } from './spool.ts';
export { rendererFolder } from './pages.ts';
export { TabFiles } from './tab-files.ts';
