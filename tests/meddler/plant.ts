import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * Old faults that the ring has to find: `npm run chaos -- --plant NAME`. A planted fault exists only in the memory of
 * that process: the module is changed while it is loaded, never on disk.
 */

export interface Plant {
  /** What was wrong once. */
  readonly fault: string;
  /** Relative to the project. */
  readonly file: string;
  /** Text of the current module, and its replacement with the fault. */
  readonly from: string;
  readonly to: string;
  /** A case that finds it at one of its moments; `@` stands for the moment's number. */
  readonly meets: string;
}

export const PLANTS: Readonly<Record<string, Plant>> = {
  'replaces-unseen-on-phone': {
    fault: 'an upload is published over whatever is under its name by then, a folder too',
    file: 'electron/engine/devices/destroy-on-phone.ts',
    from: `    if (there.kind === 'folder') return 'is-folder';
    if (hasDeleted || expected.kind === 'nothing' || !(await isProved(there, expected))) return 'changed';
`,
    to: '',
    meets: 'upload skip files=1 large=1 transaction=@ target-folder=0',
  },
  'replaces-unseen-here': {
    fault: 'a download is published over whatever is under its name by then',
    file: 'electron/engine/local/destroy-local.ts',
    from: `    if (isThere && expected.kind === 'nothing') return renameToFree(disk, partPath, target, is);
`,
    to: `    if (isThere) return disk.rename(partPath, target).then(() => DONE);
`,
    meets: 'download skip files=1 large=1 transaction=@ target-create=0',
  },
  'leftovers-by-name': {
    fault: 'what is left of a cancelled upload is deleted by its name, whoever has that name by then',
    file: 'electron/engine/devices/destroy-on-phone.ts',
    from: `  const verdict = await judge(connection, target, now, evidence, options);
`,
    to: `  const verdict = 'proved' as Destroyed | 'proved';
`,
    meets: 'clean-upload skip files=1 large=0 write=@ target-create=0',
  },
  'original-unseen': {
    fault: 'a move deletes its original on the phone though it was edited after it was copied',
    file: 'electron/engine/devices/phone-evidence.ts',
    from: `      if (!isAsSeen(now, evidence)) return 'changed';
`,
    to: '',
    meets: 'download skip move files=1 large=0 transaction=@ source-edit=0',
  },
  'source-unseen': {
    fault: 'an upload whose source was edited on the way counts as its copy',
    file: 'electron/engine/transfer/upload/upload-source.ts',
    from: `    if (stats.size !== row.size || modifiedOf(stats) !== row.modified)
`,
    to: `    if (stats.size < 0)
`,
    // a small one is read in one go: its copy is a version that there was, whatever comes after
    meets: 'upload skip files=1 large=1 transaction=@ source-edit=0',
  },
};

const ROOT = new URL('../../', import.meta.url);

/** Throws a RangeError for an unknown name, and for a fault whose text is no longer in the module. */
export function plant(name: string): Plant {
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
  return one;
}

/** The module's text with its fault. */
export function planted({ file, from, to }: Plant): string {
  const text = readFileSync(new URL(file, ROOT), 'utf8');
  if (text.split(from).length !== 2) throw new RangeError(`the place of the fault in ${file} has changed: ${from}`);
  return text.replace(from, () => to);
}
