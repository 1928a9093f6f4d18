/**
 * Photos: what of a phone is new, its import, and freeing the phone of what has a proven copy.
 *
 * May import: `engine`, `shared`, `node:*`; state is persisted through the port `PhotoStore`.
 * Invariant: nothing is offered twice that was imported once, and nothing is deleted on a phone unless a verified copy of
 * exactly that is still on this computer.
 *
 * Begin reading with `photos.ts`, the façade. A look lists (`look.ts`, `which-files.ts`), compares with the record and the
 * library (`known.ts`, `library.ts`) and groups (`shots.ts`). An import gives places (`template.ts`, `import.ts`) and is a
 * transfer like any other, whose results are recorded (`record.ts`). `free.ts` deletes.
 */
export * from './photo-store.ts';
export { Photos } from './photos.ts';
export type { ImportPlan, ImportWish, LookWish } from './wishes.ts';
export { photoCommands } from './commands.ts';
