/**
 * The catalogue: a memory of what is on each phone, for searching it and for seeing where its space goes.
 *
 * May import: `engine`, `shared`, `node:*`; state is persisted through the port `CatalogueStore`.
 * Invariant: it is a memory, and says so: nothing is copied, deleted or overwritten because of what stands here, and
 * whatever is told says as of when. Everything it asks of a phone is asked at the lowest priority.
 *
 * Begin reading with `keeper.ts`, which keeps one phone's catalogue true; `merge.ts` writes one folder. `catalogue.ts` is
 * the façade over all phones; `search.ts` and `space.ts` answer.
 */
export { Catalogue, type OpenCatalogue } from './catalogue.ts';
export { catalogueCommands, catalogueStreams } from './commands.ts';
export { Searches } from './searches.ts';
export { spaceOf, summaryOf } from './space.ts';
export type { CatalogueShelf, CatalogueStore } from './catalogue-store.ts';
