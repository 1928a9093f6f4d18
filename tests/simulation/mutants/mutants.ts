import type { Finding } from '../life/judge.ts';
import { changeModule } from '../process/changed-modules.ts';

/**
 * Faults planted in engine and store, each of which the lives have to find: proof that the oracle can fail. A module is
 * changed in the memory of one process while it is loaded, never on disk.
 */

/** One fault: `from` stands in the module once, and becomes `to`. */
export interface Mutant {
  readonly fault: string;
  /** Relative to the project. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** The promise that it breaks. */
  readonly breaks: Finding['kind'];
  /** The life that found it first. */
  readonly seed: number;
}

export const MUTANTS: Readonly<Record<string, Mutant>> = {
  'copy-not-synced': {
    fault: 'the copy of a move is not brought to the disk before its original goes',
    file: 'electron/engine/transfer/download/part-file.ts',
    from: `this.#isDurable = await syncFile(file, target, durable ? 'all' : 'content');`,
    to: `this.#isDurable = durable;`,
    breaks: 'untrue',
    seed: 92,
  },
  'name-not-synced': {
    fault: 'the name of a moved file is not brought to the disk before its original goes',
    file: 'electron/engine/transfer/download/part-file.ts',
    from: `if (durable) await keepNamed(this.#context.disk, target, this.#run.transfer.destination);`,
    to: `if (durable) await Promise.resolve();`,
    breaks: 'lost',
    seed: 383,
  },
  'skip-replaces': {
    fault: 'the rule that leaves what is there replaces it',
    file: 'electron/engine/transfer/conflict-rule.ts',
    from: `    case 'skip':
    case 'replace':
    case 'keep-both':
      return rule;`,
    to: `    case 'skip':
    case 'replace':
      return 'replace';
    case 'keep-both':
      return rule;`,
    breaks: 'lost',
    seed: 831,
  },
  'original-first': {
    fault: 'a move deletes its original before it copies it',
    file: 'electron/engine/transfer/upload/upload-source.ts',
    from: `    this.#file = file;
    const stats = await file.stat();`,
    to: `    this.#file = file;
    if (this.#run.transfer.options.move) await this.#disk.unlink(this.#path);
    const stats = await file.stat();`,
    breaks: 'lost',
    seed: 26,
  },
  'short-read': {
    fault: 'the last byte of what is read of a source is lost',
    file: 'electron/engine/local/local-files.ts',
    from: `    filled += bytesRead;
  }
  return filled;`,
    to: `    filled += bytesRead;
  }
  if (filled > 600) buffer[filled - 1] = 0;
  return filled;`,
    breaks: 'untrue',
    seed: 1,
  },
  'keeps-part-files': {
    fault: 'what a cancelled item has made is not noted',
    file: 'electron/engine/queue/note-leftover.ts',
    from: `  if (temporary === undefined || creation === 'none') return undefined;
  const isUpload`,
    to: `  if (temporary === undefined || creation !== 'none') return undefined;
  const isUpload`,
    breaks: 'left-behind',
    seed: 21,
  },
  'part-keeps-its-name': {
    fault: 'a file that was published with a link keeps the name of its part as well',
    file: 'electron/engine/local/destroy-local.ts',
    from: `    await disk.unlink(from);
    return DONE;`,
    to: `    return DONE;`,
    breaks: 'left-behind',
    seed: 4,
  },
  'source-not-noticed': {
    fault: 'a source that comes back is not noticed',
    file: 'electron/engine/queue/wait-questions.ts',
    from: `    if (!(await isThere(folder))) continue;`,
    to: `    if (folder.length > 0) continue;`,
    breaks: 'waits',
    seed: 5156,
  },
  'end-not-noted': {
    fault: 'a transfer whose last item is cancelled is not noted as ended',
    file: 'electron/engine/queue/item-inputs.ts',
    from: `      if (changed > 0) this.look(row);`,
    to: '',
    breaks: 'waits',
    seed: 159,
  },
  'adopts-nothing': {
    fault: 'what was kept of a phone is not given to the one that a person says it is (store)',
    file: 'electron/store/memory-transfers.ts',
    from: `      if (kept.row.device === from) kept.row = { ...kept.row, ...adopted(kept.row, from, to) };`,
    to: `      if (kept.row.device === to) kept.row = { ...kept.row, ...adopted(kept.row, from, to) };`,
    breaks: 'waits',
    seed: 69,
  },
  'abandons-silently': {
    fault: 'what an item had made is forgotten together with the item (store)',
    file: 'electron/store/memory-transfers.ts',
    from: `    if (leftover !== undefined) this.addLeftover(leftover);`,
    to: '',
    breaks: 'left-behind',
    seed: 21,
  },
  'replaces-unseen-here': {
    fault: 'a download is published over whatever is under its name by then',
    file: 'electron/engine/local/destroy-local.ts',
    from: `if (isThere && expected.kind === 'nothing') return renameToFree(disk, partPath, target, is);`,
    to: `if (isThere) return disk.rename(partPath, target).then(() => DONE);`,
    breaks: 'lost',
    seed: 1860,
  },
  'original-unseen-on-phone': {
    fault: 'a move deletes its original on the phone though it was edited after it was copied',
    file: 'electron/engine/devices/phone-evidence.ts',
    from: `      if (!isAsSeen(now, evidence)) return 'changed';
      const isKnown`,
    to: `      if (now.size >= 0) return 'proved';
      const isKnown`,
    breaks: 'lost',
    seed: 543,
  },
  'source-unseen': {
    fault: 'an upload whose source was edited on the way counts as its copy',
    file: 'electron/engine/transfer/upload/upload-source.ts',
    from: `if (stats.size !== row.size || modifiedOf(stats) !== row.modified)`,
    to: `if (stats.size < 0)`,
    breaks: 'mixed',
    seed: 468,
  },
  'sweeps-nothing': {
    fault: 'what was noted as left behind is never removed',
    file: 'electron/engine/queue/leftovers.ts',
    from: `    return this.#sweptOn === connection && ![...this.#undecided].some((id) => this.#hasEnded(id));`,
    to: `    return connection !== undefined;`,
    breaks: 'left-behind',
    seed: 21,
  },
  'reserved-for-ever': {
    fault: 'what a dead program had reserved stays reserved (store)',
    file: 'electron/store/memory-transfers.ts',
    from: `    this.#reserved.clear();`,
    to: '',
    breaks: 'waits',
    seed: 14,
  },
  'target-not-noticed': {
    fault: 'the disk of a download that comes back is not noticed',
    file: 'electron/engine/queue/waiting-items.ts',
    from: `return (await this.#isTargetAway(first)) ? [] : [...thing.items.keys()];`,
    to: `return [];`,
    breaks: 'waits',
    seed: 508,
  },
  'storage-not-noticed': {
    fault: 'a storage of the phone that comes back is not noticed',
    file: 'electron/engine/queue/wait-questions.ts',
    from: `  return connection.alive && (row === undefined || connection.tree.has(row.storage));`,
    to: `  return connection.alive && row === undefined;`,
    breaks: 'waits',
    seed: 2580,
  },
  'done-before-it-is': {
    fault: 'a download is called done although what lies at its name was not replaced',
    file: 'electron/engine/transfer/download/part-file.ts',
    from: `      case 'kept':
        return { kind: 'changed' };`,
    to: `      case 'kept':
        return { kind: 'done', stats };`,
    breaks: 'left-behind',
    seed: 330,
  },
  'mount-in-between': {
    fault: 'a disk that goes while its mount point is looked for makes its folder one',
    file: 'electron/engine/local/target-disk.ts',
    from: `    if (await isMounted(disk, mount)) return mount;`,
    to: `    return mount;`,
    breaks: 'waits',
    seed: 4481,
  },
  'trials-uploaded': {
    fault: 'names with which a disk is tried are uploaded with a folder',
    file: 'shared/skipped-names.ts',
    from: `  /^\\.replug-[0-9a-z]+-/,`,
    to: `  /^\\.replug-[0-9a-z]+-case$/,`,
    breaks: 'left-behind',
    seed: 418,
  },
  'trials-stay': {
    fault: 'names tried on a disk that goes meanwhile are not looked for again',
    file: 'electron/engine/plan/plan-transfer.ts',
    from: `  if (isLeft) context.trials.note({ destination: row.destination, isLost: true });`,
    to: '',
    breaks: 'left-behind',
    seed: 35,
  },
  'content-not-synced': {
    fault: 'the content of a download is not brought to the disk before it gets its name',
    file: 'electron/engine/transfer/download/part-file.ts',
    from: `this.#isDurable = await syncFile(file, target, durable ? 'all' : 'content');`,
    to: `this.#isDurable = durable ? await syncFile(file, target, 'all') : true;`,
    breaks: 'mixed',
    seed: 738,
  },
  'resumes-from-zero': {
    fault: 'an upload that was interrupted begins anew',
    file: 'electron/engine/transfer/upload/resume-upload.ts',
    from: `    trusted.filter((checkpoint) => checkpoint.offset + checkpoint.length <= comparable),`,
    to: `    trusted.filter((checkpoint) => checkpoint.offset + checkpoint.length < 0 * comparable),`,
    breaks: 'again',
    seed: 2,
  },
  'keep-both-replaces': {
    fault: 'the rule that keeps both replaces what is there',
    file: 'electron/engine/transfer/conflict-rule.ts',
    from: `    case 'keep-both':
      return rule;`,
    to: `      return rule;
    case 'keep-both':
      return 'replace';`,
    breaks: 'lost',
    seed: 1860,
  },
  'temporary-in-message': {
    fault: 'a message names the temporary file',
    file: 'electron/engine/transfer/upload/named-errors.ts',
    from: `    if (subject === undefined || !isTemporaryName(subject)) throw error;`,
    to: `    if (subject === undefined || subject.length > 0) throw error;`,
    breaks: 'nameless',
    seed: 259,
  },
  'spelling-believed': {
    fault: 'a copy that a disk does not rename by case alone is told to be renamed',
    file: 'electron/engine/local/destroy-local.ts',
    from: `  return (await isListed(disk, to)) ? DONE : { kind: 'kept', why: 'spelling', there };`,
    to: `  return DONE;`,
    breaks: 'untrue',
    seed: 165,
  },
  'phone-name-stays-temporary': {
    fault: 'a complete upload does not get its name',
    file: 'electron/engine/devices/destroy-on-phone.ts',
    from: `    if (await phone.rename(copy.handle, name, { ...options, was: copy.name, onlyIf })) break;`,
    to: `    if (await onlyIf(phone)) break;`,
    breaks: 'untrue',
    seed: 1,
  },
  'copies-delete': {
    fault: 'a copy deletes its original',
    file: 'electron/engine/transfer/delete-source.ts',
    from: `transfer.options.move && mover.deleteOriginal !== undefined;`,
    to: `mover.deleteOriginal !== undefined;`,
    breaks: 'meddled',
    seed: 29,
  },
};

/** Plants a fault into a module that is not loaded yet. Throws a RangeError where its place is gone. */
export function plant(name: string): void {
  const mutant = MUTANTS[name];
  if (mutant === undefined) throw new RangeError(`no mutant is called ${name}`);
  changeModule(mutant.file, (text) => {
    if (text.split(mutant.from).length !== 2)
      throw new RangeError(`the place of ${name} in ${mutant.file} has changed`);
    return text.replace(mutant.from, () => mutant.to);
  });
}
