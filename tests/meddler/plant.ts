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

export const PLANTS: Readonly<Record<string, Plant>> = {
  'replaces-unseen-on-phone': {
    fault: 'an upload is published over whatever is under its name by then, a folder too',
    file: 'electron/engine/devices/destroy-on-phone.ts',
    from: `    if (there.kind === 'folder') return 'is-folder';
    if (expected.kind === 'nothing' || !isAsSeen(there, expected)) return 'changed';
`,
    to: '',
  },
  'replaces-unseen-here': {
    fault: 'a download is published over whatever is under its name by then',
    file: 'electron/engine/local/destroy-local.ts',
    from: `    if (expected.kind === 'nothing') return { kind: 'kept', why: 'in-the-way', there };
    if (!isFileOf(there, expected.size, expected.modified)) return { kind: 'kept', why: 'changed', there };
`,
    to: '',
  },
  'leftovers-by-name': {
    fault: 'what is left of a cancelled upload is deleted by its name, whoever has that name by then',
    file: 'electron/engine/devices/destroy-on-phone.ts',
    from: `  const verdict = await judge(connection, target, now, evidence, options);
`,
    to: `  const verdict = 'proved' as Destroyed | 'proved';
`,
  },
  'original-unseen': {
    fault: 'a move deletes its original though it was edited after it was copied',
    file: 'electron/engine/local/destroy-local.ts',
    from: `      return isFileOf(there, evidence.size, evidence.modified) ? undefined : 'changed';
`,
    to: `      return undefined;
`,
  },
  'cancel-unheard': {
    fault: 'what an item has made stays when it is cancelled in the last breath of its worker',
    file: 'electron/engine/queue/item-worker.ts',
    from: `        this.#abandonEnded();
        run.flush();
`,
    to: `        run.flush();
`,
  },
  'store-ends-items': {
    fault: 'a database that refuses a write for a moment ends the item',
    file: 'electron/engine/queue/item-worker.ts',
    from: `        if (this.#run.halted || problemOf(error).kind !== 'store') throw error;
`,
    to: `        throw error;
`,
  },
};

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
export function planted({ file, from, to }: Plant): string {
  const text = readFileSync(new URL(file, ROOT), 'utf8');
  if (text.split(from).length !== 2) throw new RangeError(`the place of the fault in ${file} has changed: ${from}`);
  return text.replace(from, () => to);
}
