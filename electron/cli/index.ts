/**
 * Replug in a terminal.
 *
 * May import: `compose`, `engine`, `sync`, `shared`; of `web` its index alone, for `serve`.
 * Invariant: the exit status tells the truth: 0 all done, 1 something failed, 2 wrong usage, 3 interrupted and
 * resumable, 4 no usable phone.
 */
export { run, type Terminal } from './run.ts';
