import * as cases from './cases.ts';
import { catalogue, findBeside, largeCatalogue } from './catalogue-cases.ts';
import { drive } from './drive.ts';
import { photoImport, photoLooks } from './photos-cases.ts';

/** The cases by the names that `--only` takes, in the order in which they run. */
export const CASES: Readonly<Record<string, (scale: cases.Scale) => AsyncGenerator<cases.Measured>>> = {
  baseline: cases.baseline,
  large: cases.large,
  small: cases.small,
  listing: cases.listing,
  browse: cases.browse,
  enqueue: cases.enqueue,
  'start-up': cases.startUp,
  program: cases.program,
  drive,
  catalogue,
  'large-catalogue': largeCatalogue,
  find: findBeside,
  'photo-import': photoImport,
  'photo-looks': photoLooks,
};
