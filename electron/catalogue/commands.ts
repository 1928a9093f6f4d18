import type { CatalogueCommands, HostStreams } from '../engine/bridge-host.ts';
import type { PhonePlace } from '../../shared/domain.ts';
import type { FolderSnapshot } from '../../shared/snapshots.ts';
import type { Catalogue } from './catalogue.ts';
import { compareFiles } from './duplicates.ts';
import { provenOf, type SyncedCopies } from './proven.ts';
import { watchFolder } from './remembered.ts';
import { sameSizes, spaceOf, summaryOf, sumsOf } from './space.ts';
import type { Searches } from './searches.ts';

const DEPTH = 1;
const NODES = 500;
const LEAST = 1024 * 1024;

/** The contract's commands of the catalogue: what a window asks. */
export function catalogueCommands(catalogue: Catalogue, synced: SyncedCopies): Required<CatalogueCommands> {
  return {
    catalogueSpace: ({ place, depth, most }) => spaceOf(catalogue, place, depth ?? DEPTH, most ?? NODES),
    catalogueSums: async ({ place }) => sumsOf(catalogue, place),
    catalogueSummary: ({ device, storage }) => summaryOf(catalogue, device, storage),
    catalogueSameSize: ({ device, least, offset, limit }) =>
      sameSizes(catalogue, device, { least: least ?? LEAST, offset, limit }),
    catalogueCompare: ({ places, whole }) => compareFiles(catalogue, places, whole ?? false),
    catalogueProven: ({ sources }) => provenOf(catalogue, sources, synced),
    catalogueRescan: async ({ device }) => {
      catalogue.rescan(device);
    },
    catalogueForget: ({ device }) => catalogue.forget(device),
  };
}

/** The contract's streams of the catalogue, and that of a folder with what is remembered of it. */
export function catalogueStreams(catalogue: Catalogue, searches: Searches): HostStreams {
  return {
    catalogue: (_argument, listener) => {
      listener(catalogue.snapshot());
      return catalogue.onChange(() => {
        listener(catalogue.snapshot());
      });
    },
    search: (argument, listener) => searches.watch(argument, listener),
    folder: ({ place }, listener) =>
      watchFolder(
        catalogue,
        (at: PhonePlace, tell: (snapshot: FolderSnapshot) => void) =>
          catalogue.engine.watch('folder', { place: at }, tell),
        place,
        listener,
      ),
  };
}
