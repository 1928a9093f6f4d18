import { basename, dirname, join } from 'node:path';
import { baseNameOf, type TargetExpectation } from '../../../../shared/domain.ts';
import { fail } from '../../../../shared/errors.ts';
import type { PhoneObject } from '../../../mtp/index.ts';
import type { FileStats, OpenFile } from '../../local/disk.ts';
import { local, lookAt, modifiedOf } from '../../local/local-files.ts';
import { numbered, withoutNumber } from '../../local/local-names.ts';
import type { Input } from '../../model/item-state.ts';
import { compareFiles, compareRange, compareWhole, readableEnd, sampleRanges, type Range } from '../compare-bytes.ts';
import { SAME_TIME_MS, applyConflictRule } from '../conflict-rule.ts';
import type { ItemTransferContext } from '../item-transfer.ts';

/** Where a download goes: its path, and what may be done with what lies there. */
export class DownloadTarget {
  readonly #context: ItemTransferContext;

  constructor(context: ItemTransferContext) {
    this.#context = context;
  }

  get #run(): ItemTransferContext['run'] {
    return this.#context.run;
  }

  /** The path of the copy, under the name it could keep. */
  get path(): string {
    const { row } = this.#run;
    return row.savedAs === undefined ? row.local : join(dirname(row.local), row.savedAs);
  }

  /**
   * Settles the name where the disk cannot hold the phone's own: `row.local` ends in the nearest one that it can hold,
   * which counts once it is noted as `savedAs`. Answers the question where it is to be asked; rejects with
   * `local-bad-name` where such files are to be left out.
   */
  settleName(): Input | undefined {
    const { row, transfer } = this.#run;
    const name = baseNameOf(row.phone);
    const legal = basename(row.local);
    if (row.savedAs !== undefined || legal === name || transfer.sources.kind !== 'phone') return undefined;
    const isAgreed = row.answer === 'use-legal-name' || transfer.nameAnswer === 'use-legal-name';
    switch (isAgreed ? 'legal' : transfer.options.onName) {
      case 'legal':
        this.#run.update({ savedAs: legal, answer: row.answer === 'use-legal-name' ? undefined : row.answer });
        return undefined;
      case 'ask':
        return { kind: 'asked', question: { kind: 'name', name, legal } };
      case 'fail':
        throw fail('local-bad-name', 'download', '', { subject: name, fix: legal });
    }
  }

  /**
   * Decides the conflict with what lies at the target, and stores what is expected there from now on. `undefined`: it
   * may be fetched. What was decided earlier holds while the target is what it was decided about; an answer that
   * destroys holds for that file only. Where the size is not known (`isSizeKnown`: some phones tell every file as empty) a
   * rule that goes by sizes is applied once it has come. Rejects with `local-exists` where something that is no file would
   * be replaced.
   */
  async decide(object: PhoneObject, isSizeKnown: boolean): Promise<Input | undefined> {
    const { row, transfer } = this.#run;
    const there = await lookAt(this.#context.disk, this.path);
    const isAsDecided = row.expectation !== undefined && isExpected(there, row.expectation);
    if (there === undefined) {
      if (!isAsDecided) this.#run.update({ expectation: { kind: 'nothing' } });
      return undefined;
    }
    const isStale = there.isFile() && row.expectation !== undefined && !isAsDecided && row.answer === 'replace';
    const answer = (isStale ? undefined : row.answer) ?? transfer.conflictAnswer;
    // what another room hands in with its files is its decision; a rule may be another one since it decided
    const isHandedIn = transfer.sources.kind === 'items';
    if (isAsDecided && (answer === 'replace' || (answer === undefined && isHandedIn))) return undefined;

    const source = { name: baseNameOf(row.phone), size: object.size, modified: object.modified };
    const existing = { name: basename(this.path), size: there.size, modified: modifiedOf(there) };
    let decision = applyConflictRule(transfer.options.onConflict, answer, source, existing);
    const isByUnknownSize = transfer.options.onConflict === 'larger' && answer === undefined && !isSizeKnown;
    if (isByUnknownSize && there.isFile()) decision = 'replace';
    const same =
      there.isFile() && there.size === object.size && (decision === 'compare' || (await this.#fetchedBefore(object)));
    if (decision === 'compare') decision = same && (await this.#isSame(there, object)) ? 'skip' : 'ask';
    if (decision === 'skip' || decision === 'ask') {
      const already = same && (await this.#fetchedBefore(object)) && (await this.#isSame(there, object));
      if (already) return { kind: 'settled', outcome: { kind: 'already-there' } };
    }
    switch (decision) {
      case 'skip':
        return { kind: 'settled', outcome: { kind: 'skipped', why: 'on-computer' } };
      case 'ask':
        // asking decides nothing: what a person is shown is expected there once they have said *replace*
        this.#run.update({ expectation: undefined, answer: undefined });
        return {
          kind: 'asked',
          question: { kind: 'conflict', source, existing, existingIsFolder: there.isDirectory() },
        };
      case 'keep-both': {
        let number = 2;
        const name = withoutNumber(basename(row.local), source.name);
        while ((await lookAt(this.#context.disk, join(dirname(row.local), numbered(name, number)))) !== undefined)
          number += 1;
        this.#run.update({ savedAs: numbered(name, number), expectation: { kind: 'nothing' } });
        return undefined;
      }
      case 'replace':
        if (!there.isFile()) throw fail('local-exists', 'replace', 'not a plain file', { subject: this.path });
        this.#run.update({ expectation: expectationOf(there) });
        return undefined;
    }
  }

  /** What was decided was about another file: it is decided anew. */
  forgetDecision(): void {
    const { answer } = this.#run.row;
    this.#run.update({ expectation: undefined, answer: answer === 'replace' ? undefined : answer });
  }

  /** Whether the file there has the phone’s bytes in all of `ranges`. */
  async holds(object: PhoneObject, ranges: readonly Range[]): Promise<boolean> {
    const file = await local('target', 'open', this.path, () => this.#context.disk.open(this.path, 'read'));
    try {
      return await this.#agrees(file, object, ranges);
    } finally {
      await file.close();
    }
  }

  /** Whether it has all of the phone’s bytes, where the phone can read that far. */
  async holdsAll(object: PhoneObject): Promise<boolean> {
    const file = await local('target', 'open', this.path, () => this.#context.disk.open(this.path, 'read'));
    try {
      return (await compareFiles(this.#context.connection.phone, object, file, () => false)) === 'same';
    } finally {
      await file.close();
    }
  }

  /** Whether it is what the phone sends when it is asked for the whole file: one transaction, on every phone, which proves the size too. */
  async isAllOf(object: PhoneObject): Promise<boolean> {
    const file = await local('target', 'open', this.path, () => this.#context.disk.open(this.path, 'read'));
    try {
      const { received, bad } = await compareWhole(this.#context.connection.phone, object, file);
      return bad === undefined && received === object.size;
    } finally {
      await file.close();
    }
  }

  /** A copy of the phone’s date is told by samples; one that was touched since by all of its bytes. */
  #isSame(there: FileStats, object: PhoneObject): Promise<boolean> {
    if (object.size > readableEnd(this.#context.connection.phone)) return this.isAllOf(object);
    const untouched = object.modified !== undefined && Math.abs(modifiedOf(there) - object.modified) <= SAME_TIME_MS;
    return this.holds(object, untouched ? sampleRanges(object.size) : [{ offset: 0, length: object.size }]);
  }

  async #agrees(file: OpenFile, object: PhoneObject, ranges: readonly Range[]): Promise<boolean> {
    for (const range of ranges)
      if ((await compareRange(this.#context.connection.phone, object, file, range)) !== undefined) return false;
    return true;
  }

  /** Whether this very file was fetched to this place before. */
  async #fetchedBefore(object: PhoneObject): Promise<boolean> {
    const { row, transfer } = this.#run;
    return this.#context.store
      .doneAt(transfer.device, row.storage, row.phone, 4)
      .some(
        (done) =>
          done.id !== row.id &&
          done.size === object.size &&
          done.modified === object.modified &&
          done.local === row.local,
      );
  }
}

/** What is no file can be neither replaced nor expected. */
const expectationOf = (there: FileStats): TargetExpectation =>
  there.isFile() ? { kind: 'file', size: there.size, modified: modifiedOf(there) } : { kind: 'nothing' };

function isExpected(there: FileStats | undefined, expected: TargetExpectation): boolean {
  if (expected.kind === 'nothing') return there === undefined;
  return there?.isFile() === true && there.size === expected.size && modifiedOf(there) === expected.modified;
}
