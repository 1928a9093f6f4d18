/**
 * The wire: MTP's bytes ⇄ values, as tables.
 *
 * Imports only `shared`; no node, no DOM, no I/O.
 *
 * Begin reading with `containers.ts` (what frames everything), then `datasets.ts`.
 *
 * Invariant: every decoder answers any bytes with a value or a `PhoneError`, and allocates nothing on the phone's word alone.
 */
export * from './bytes.ts';
export * from './codes.ts';
export * from './columns.ts';
export * from './containers.ts';
export * from './dates.ts';
export * from './data-phases.ts';
export * from './datasets.ts';
export * from './prop-values.ts';
