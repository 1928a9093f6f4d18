/**
 * The desktop application: the same engine and the same window inside Electron.
 *
 * May import: `compose`, `engine`, `sync`, `shared`, `electron`, `electron-updater`.
 * Invariant: no page but our own reaches the engine, and Replug never ends in the middle of a transaction.
 * The entries are `main.ts` and `preload.ts`; what stands here needs no Electron and is tested as it is.
 */
export { readInvocation, pathsOf, type Invocation } from './invocation.ts';
export { isOwnAddress, pagesOf, HOME } from './pages.ts';
export { LogFile } from './log.ts';
export { summaryOf, type Summary } from './summary.ts';
