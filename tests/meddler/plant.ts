import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Old faults that the ring has to find: `npm run chaos -- --interruptions 0 --plant NAME`. A planted fault lives in the
 * memory of that process only: the module is changed while it is loaded, never on disk.
 */

export interface Plant {
  /** What was wrong once. */
  readonly fault: string;
  /** Relative to the project. */
  readonly file: string;
  /** Text of the module as it is, and as it was with the fault. */
  readonly from: string;
  readonly to: string;
}

const PLANTS: Readonly<Record<string, Plant>> = {};

const ROOT = new URL('../../', import.meta.url);

/** Throws a RangeError for a name that is not known, and for a fault whose place has changed. */
export function plant(name: string): void {
  const one = PLANTS[name];
  if (one === undefined)
    throw new RangeError(`no fault is called ${name}; known are ${Object.keys(PLANTS).join(', ')}`);
  const path = fileURLToPath(new URL(one.file, ROOT));
  const source = planted(one);
  const url = pathToFileURL(path).href;
  registerHooks({
    load: (asked, context, next) => {
      const loaded = next(asked, context);
      return asked === url ? { ...loaded, source } : loaded;
    },
  });
}

/** The module's text with its fault. */
function planted({ file, from, to }: Plant): string {
  const text = readFileSync(new URL(file, ROOT), 'utf8');
  if (text.split(from).length !== 2) throw new RangeError(`the place of the fault in ${file} has changed: ${from}`);
  return text.replace(from, () => to);
}
