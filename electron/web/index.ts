/**
 * The loopback host: serves the window to a browser of this computer and carries the same contract over a WebSocket.
 *
 * May import: `compose`, `engine`, `sync`, `shared`, `ws`.
 * Invariant: nobody without the token of this run reaches the engine or the disk, whatever page or name they come by.
 */
export { startLoopbackHost } from './loopback.ts';
export type { SpoolUse } from './spool.ts';
export { rendererFolder } from './pages.ts';
