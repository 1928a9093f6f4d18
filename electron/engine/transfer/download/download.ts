import { link, open, rename, rm, unlink, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { baseNameOf, parentOf, type VerifyLevel } from '../../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../../shared/errors.ts';
import type { Outcome } from '../../../../shared/snapshots.ts';
import type { PhoneObject } from '../../../mtp/index.ts';
import { TwoBuffers, joinedIn } from '../buffer-pool.ts';
import {
  agreedOffset,
  compareRange,
  jointRanges,
  readRange,
  sampleRanges,
  trustedCheckpoints,
  type Range,
} from '../compare-bytes.ts';
import { PassingDigest, digestBeside, digestOfDigests } from '../digest.ts';
import { endsThere, fetchWhole } from './whole-object.ts';
import type { Input } from '../../model/item-state.ts';
import { numbered } from '../../local/local-names.ts';
import { PART_SUFFIX, local, lookAt, modifiedOf, openPart, writeFully } from '../../local/local-files.ts';
import { decideClash } from '../clash.ts';
import type { ItemTransfer, ItemTransferContext } from '../item-transfer.ts';
import type { Folder } from '../../devices/phone-tree.ts';
import { FIRST_CHUNK, MEGABYTE, ChunkSize } from '../chunk-size.ts';

/** What a phone says of 4 GiB and more where it has 32 bits for it. */
const SIZE_UNKNOWN = 0xffff_ffff;
/** Bytes read again from the phone before a download goes on, to see that both sides still mean the same file. */
const OVERLAP = 64 * 1024;
/** Phone dates have no zone: after a change of time zone or daylight saving they shift by whole quarter hours. */
const QUARTER_HOUR = 15 * 60_000;
const LARGEST_SHIFT = 27 * 60 * 60_000;

/** Whether two dates of one file differ by nothing but the phone's time zone. */
export const sameButForZone = (one: number | undefined, other: number | undefined): boolean => {
  if (one === undefined || other === undefined) return one === other;
  const difference = Math.abs(one - other);
  return difference % QUARTER_HOUR === 0 && difference <= LARGEST_SHIFT;
};

/**
 * One file from the phone, in chunks, into a part file beside the target. While one chunk is written and hashed
 * the next is on the wire; after each the session is free for browsing.
 */
export class Download implements ItemTransfer {
  readonly #context: ItemTransferContext;
  #folder: Folder | undefined;
  #object: PhoneObject | undefined;
  #part: FileHandle | undefined;
  /** The part file was made in this run. */
  #isNew = false;
  #digest = new PassingDigest();
  /** A chunk in one piece, for its digest. */
  readonly #chunks = new TwoBuffers();

  constructor(context: ItemTransferContext) {
    this.#context = context;
  }

  get #run(): ItemTransferContext['run'] {
    return this.#context.run;
  }
  get #phone(): ItemTransferContext['connection']['phone'] {
    return this.#context.connection.phone;
  }
  get #target(): string {
    const { row } = this.#run;
    return row.savedAs === undefined ? row.local : join(dirname(row.local), row.savedAs);
  }

  async prepare(): Promise<Input> {
    const { tree } = this.#context.connection;
    const { row, transfer } = this.#run;
    this.#folder = await tree.folder(row.storage, parentOf(row.phone));
    const object = this.#folder.find(baseNameOf(row.phone));
    if (object?.kind !== 'file') throw fail('missing', 'download', '', { subject: row.phone });
    // what cannot be counted would be cut off there and called whole
    if (object.size === SIZE_UNKNOWN)
      throw fail('unsupported', 'download', 'the phone does not say how large the file is', { subject: row.phone });
    this.#object = object;
    await this.#sourceAsPlanned(object);
    await this.#context.folders.make(transfer.destination, dirname(row.local));

    if (await this.#namedAlready(object)) return { kind: 'settled', outcome: this.#outcome('sampled', 0) };
    const offset = await this.#resume();
    if (offset === 'stopped') return { kind: 'stopped' };
    if (offset === undefined) {
      const clash = await this.#clash(object);
      if (clash !== undefined) return clash;
    }
    await this.#context.space.requireOnComputer(dirname(this.#target), object.size - (offset ?? 0));
    if (offset !== undefined) return { kind: 'prepared', offset };
    this.#run.dropCheckpoints(0);
    this.#run.update({
      mode: this.#phone.capabilities.partialRead === 'none' ? 'whole' : 'chunks',
      temporary: undefined,
      creation: 'none',
      sha256: undefined,
      chunkDigest: undefined,
    });
    return { kind: 'prepared', offset: 0 };
  }

  async move(): Promise<Input> {
    this.#run.beginMove();
    if (this.#run.stopRequested) return { kind: 'stopped' };
    await this.#openPart();
    const { row } = this.#run;
    if (this.#phone.capabilities.partialRead === 'none' || row.mode === 'whole') return this.#moveWhole();
    if (row.confirmed > 0) this.#digest.abandon();
    else this.#digest = new PassingDigest();
    return this.#moveChunks();
  }

  async confirm(): Promise<Input> {
    const part = this.#openedPart();
    const { row } = this.#run;
    const object = this.#present();
    // what was made empty in this run holds what was written to it
    const size = this.#isNew ? row.size : (await local('target', 'stat', row.local, () => part.stat())).size;
    if (size !== row.size) await local('target', 'truncate', row.local, () => part.truncate(row.size));
    const checked = await this.#verify(part, object);
    if (checked === 'stopped') return { kind: 'stopped' };
    await this.#sourceStillAsPlanned(object);
    await local('target', 'sync', row.local, () => part.datasync());
    if (object.modified !== undefined) {
      const seconds = object.modified / 1000;
      await local('target', 'set times', row.local, () => part.utimes(seconds, seconds));
    }
    await this.#giveName();
    return { kind: 'verified', outcome: this.#outcome(checked.level, checked.bytes) };
  }

  #outcome(level: VerifyLevel, bytesCompared: number): Outcome {
    const { sha256, chunkDigest } = this.#run.row;
    return { kind: 'moved', verification: { level, bytesCompared, sha256, chunkDigest } };
  }

  /** Whether the program ended between giving the name and noting it: then the copy is complete and was checked. */
  async #namedAlready(object: PhoneObject): Promise<boolean> {
    const { row } = this.#run;
    if (row.creation === 'none' || row.temporary === undefined) return false;
    const part = await lookAt(row.temporary);
    const there = await lookAt(this.#target);
    if (there?.isFile() !== true || there.size !== object.size) return false;
    if (part !== undefined) {
      if (part.ino !== there.ino || part.dev !== there.dev) return false;
      await local('target', 'unlink', row.temporary, () => unlink(row.temporary as string));
    } else if (!(await this.#identical(object))) return false;
    this.#run.update({ temporary: undefined });
    return true;
  }

  async deleteOriginal(): Promise<void> {
    const object = this.#present();
    await this.#requireUnchanged(object);
    await this.#phone.delete(object.handle);
    this.#folder?.remove(object.name);
  }

  async release(): Promise<void> {
    await this.#part?.close().catch(() => undefined);
    this.#part = undefined;
    this.#isNew = false;
  }

  // --- the source

  /** The phone's file as it is now; what was fetched of another version is thrown away. */
  async #sourceAsPlanned(object: PhoneObject): Promise<void> {
    const { row } = this.#run;
    if (object.size === row.size && sameButForZone(object.modified, row.modified)) return;
    this.#run.dropCheckpoints(0);
    if (row.temporary !== undefined && row.creation !== 'none') await rm(row.temporary, { force: true });
    this.#run.update({
      size: object.size,
      modified: object.modified,
      confirmed: 0,
      temporary: undefined,
      creation: 'none',
    });
  }

  /** A file still being recorded grows; what was read of it is not the whole. */
  async #sourceStillAsPlanned(object: PhoneObject): Promise<void> {
    if (this.#run.row.size >= MEGABYTE) await this.#requireUnchanged(object);
  }

  /** Compares what the phone announces with what it announced: neither needs to be what came. */
  async #requireUnchanged(object: PhoneObject): Promise<void> {
    const size = await this.#phone.sizeOf(object.handle);
    if (size !== object.size)
      throw fail('source-changed', 'download', `was ${object.size} bytes, is ${size}`, {
        subject: this.#run.row.phone,
      });
  }

  async #clash(object: PhoneObject): Promise<Input | undefined> {
    const { row, transfer } = this.#run;
    const there = await lookAt(this.#target);
    if (there === undefined) return undefined;
    const source = { name: baseNameOf(row.phone), size: object.size, modified: object.modified };
    const existing = { name: basename(this.#target), size: there.size, modified: modifiedOf(there) };
    let decision = decideClash(transfer.options.onClash, row.answer ?? transfer.clashAnswer, source, existing);
    const same =
      there.isFile() && there.size === object.size && (decision === 'compare' || (await this.#fetchedBefore(object)));
    if (decision === 'compare') decision = same && (await this.#identical(object)) ? 'skip' : 'ask';
    if (decision === 'skip' || decision === 'ask') {
      const already = same && (await this.#fetchedBefore(object)) && (await this.#identical(object));
      if (already) return { kind: 'settled', outcome: { kind: 'already-there' } };
    }
    switch (decision) {
      case 'skip':
        return { kind: 'settled', outcome: { kind: 'skipped', why: 'already on the computer' } };
      case 'ask':
        return { kind: 'asked', question: { kind: 'clash', source, existing, existingIsFolder: there.isDirectory() } };
      case 'keep-both': {
        let number = 2;
        const name = basename(row.local);
        while ((await lookAt(join(dirname(row.local), numbered(name, number)))) !== undefined) number += 1;
        this.#run.update({ savedAs: numbered(name, number) });
        return undefined;
      }
      case 'replace':
        if (!there.isFile()) throw fail('local-exists', 'replace', 'not a plain file', { subject: this.#target });
        return undefined;
    }
  }

  async #identical(object: PhoneObject): Promise<boolean> {
    const file = await local('target', 'open', this.#target, () => open(this.#target, 'r'));
    try {
      for (const range of sampleRanges(object.size))
        if ((await compareRange(this.#phone, object, file, range)) !== undefined) return false;
      return true;
    } finally {
      await file.close();
    }
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

  // --- the part file

  /** Where it goes on: after the last checkpoint whose chunks are on disk and agree with the phone; `undefined` for a fresh start. */
  async #resume(): Promise<number | 'stopped' | undefined> {
    const { row } = this.#run;
    if (row.temporary === undefined || row.creation === 'none' || row.mode !== 'chunks') return undefined;
    const there = await lookAt(row.temporary);
    if (there?.isFile() !== true) {
      this.#run.update({ temporary: undefined, creation: 'none' });
      return undefined;
    }
    await this.release();
    const part = await openPart(row.temporary, false);
    this.#part = part;
    const object = this.#present();
    const trusted = await trustedCheckpoints(part, this.#run.checkpoints(), () => this.#run.stopRequested);
    // looked at only in part: nothing is thrown away on that ground
    if (this.#run.stopRequested) return 'stopped';
    const offset = await agreedOffset(this.#phone, object, part, trusted, (last, end) =>
      Math.max(last.offset, end - OVERLAP),
    );
    await local('target', 'truncate', row.temporary, () => part.truncate(offset));
    this.#run.dropCheckpoints(offset);
    this.#run.update({ resumed: true, creation: 'created' });
    return offset;
  }

  async #openPart(): Promise<void> {
    if (this.#part !== undefined) return;
    let path = `${this.#target}${PART_SUFFIX}`;
    if ((await lookAt(path)) !== undefined) path = `${this.#target}.${this.#context.unique()}${PART_SUFFIX}`;
    const { row } = this.#run;
    this.#run.update({
      temporary: path,
      creation: 'creating',
      reached: Math.max(row.reached, Math.min(row.size, FIRST_CHUNK)),
    });
    this.#part = await this.#newPart(path);
    this.#isNew = true;
    this.#run.update({ creation: 'created' });
  }

  async #newPart(path: string): Promise<FileHandle> {
    try {
      return await openPart(path, true);
    } catch (error) {
      if (!isPhoneError(error) || error.kind !== 'local-missing') throw error;
      // the folder went away since it was last seen
      const { row, transfer } = this.#run;
      this.#context.folders.forget();
      await this.#context.folders.make(transfer.destination, dirname(row.local));
      return await openPart(path, true);
    }
  }

  #openedPart(): FileHandle {
    if (this.#part === undefined) throw fail('internal', 'download', 'the part file is not open');
    return this.#part;
  }
  #present(): PhoneObject {
    if (this.#object === undefined) throw fail('internal', 'download', 'not prepared');
    return this.#object;
  }

  // --- moving

  async #moveChunks(): Promise<Input> {
    const part = this.#openedPart();
    const object = this.#present();
    const { size } = object;
    const chunk = new ChunkSize();
    const ask = (offset: number): Promise<readonly Uint8Array[]> | undefined => {
      if (offset >= size || this.#run.stopRequested) return undefined;
      const asked = this.#phone.readChunk(object, offset, Math.min(chunk.size, size - offset));
      asked.catch(() => undefined);
      return asked;
    };
    let offset = this.#run.row.confirmed;
    const first = Math.min(size, offset + chunk.size);
    if (this.#run.row.reached < first) this.#run.update({ reached: first });
    let started = this.#context.now();
    let asked = ask(offset);
    while (asked !== undefined) {
      let pieces;
      try {
        pieces = await asked;
      } catch (error) {
        if (this.#chunksFail(error)) return this.#moveWhole();
        throw error;
      }
      const now = this.#context.now();
      const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
      chunk.took(now - started, length);
      started = now;
      const next = offset + length;
      asked = ask(next);
      // however the next chunk fares, this one is stored first
      await this.#keep(part, offset, length, pieces, Math.min(size, next + chunk.size));
      offset = next;
    }
    if (offset < size) {
      // nothing is on the wire: nothing beyond what was confirmed has to come again
      this.#run.update({ reached: offset });
      return { kind: 'stopped' };
    }
    const digests = this.#run.checkpoints().map((checkpoint) => checkpoint.digest);
    this.#run.update({ sha256: this.#digest.finish(size), chunkDigest: digestOfDigests(digests) });
    return { kind: 'allMoved' };
  }

  async #keep(
    part: FileHandle,
    offset: number,
    length: number,
    pieces: readonly Uint8Array[],
    reached: number,
  ): Promise<void> {
    const { row } = this.#run;
    this.#run.inFlight = length;
    const written = local('target', 'write', row.temporary ?? row.local, () => writeFully(part, pieces, offset));
    written.catch(() => undefined);
    // a file that is one chunk has one digest
    const isAll = offset === 0 && length === row.size;
    const [first] = pieces;
    const inOne = first?.byteLength === length ? first : joinedIn(this.#chunks.take(length), pieces);
    const digesting = digestBeside(inOne);
    digesting.catch(() => undefined);
    if (!isAll) await this.#digest.updateInTurns(offset, pieces);
    const digest = await digesting;
    if (isAll) this.#digest = PassingDigest.of(length, digest);
    await written;
    this.#phone.giveBack(pieces);
    this.#run.confirmChunk({ offset, length, digest }, { reached });
  }

  /** One transaction, from the start, confirmed when all of it is here. */
  async #moveWhole(): Promise<Input> {
    const object = this.#present();
    if (this.#run.row.confirmed === object.size && object.size > 0) return { kind: 'allMoved' };
    this.#digest = new PassingDigest();
    this.#run.update({ reached: object.size });
    const fetch = {
      phone: this.#phone,
      object,
      part: this.#openedPart(),
      target: this.#target,
      digest: this.#digest,
      run: this.#run,
    };
    const received = await fetchWhole(fetch);
    if (received !== object.size) {
      const isAll = this.#phone.capabilities.partialRead !== 'none' && (await endsThere(fetch, received));
      if (!isAll)
        throw fail('source-changed', 'download', `${received} of ${object.size} bytes came`, {
          subject: this.#run.row.phone,
        });
      this.#run.update({ size: received });
    }
    if (received > 0) {
      const sha256 = this.#digest.finish(received);
      if (sha256 === undefined) throw fail('internal', 'download', 'a pass with a gap');
      this.#run.confirmChunk(
        { offset: 0, length: received, digest: sha256 },
        { sha256, chunkDigest: digestOfDigests([sha256]) },
      );
    }
    return { kind: 'allMoved' };
  }

  /** A file whose chunks fail again and again (its true size is another one) is fetched whole, where the phone can. */
  #chunksFail(error: unknown): boolean {
    const { row } = this.#run;
    if (row.attempts === 0 || !isPhoneError(error) || (error.kind !== 'refused' && error.kind !== 'stalled'))
      return false;
    this.#run.dropCheckpoints(0);
    this.#run.update({ mode: 'whole', confirmed: 0 });
    return true;
  }

  // --- the end

  async #verify(
    part: FileHandle,
    object: PhoneObject,
  ): Promise<{ readonly level: VerifyLevel; readonly bytes: number } | 'stopped'> {
    const { row, transfer } = this.#run;
    const { verify } = transfer.options;
    if (row.size === 0 || row.mode === 'whole') return { level: 'size', bytes: 0 };
    const level = verify === 'size' && row.resumed ? 'sampled' : verify;
    if (level === 'size') return { level, bytes: 0 };
    const joints = row.resumed ? jointRanges(this.#run.checkpoints(), row.size) : [];
    const ranges: readonly Range[] =
      level === 'full' ? this.#run.checkpoints() : [...sampleRanges(row.size), ...joints];
    let bytes = 0;
    for (const range of ranges) {
      if (this.#run.stopRequested) return 'stopped';
      if ((await compareRange(this.#phone, object, part, range)) !== undefined)
        await this.#fetchAgain(part, object, range);
      bytes += range.length;
    }
    return { level, bytes };
  }

  /** A bad range is fetched once more; bad twice is a mismatch. */
  async #fetchAgain(part: FileHandle, object: PhoneObject, range: Range): Promise<void> {
    const pieces = await readRange(this.#phone, object, range);
    await local('target', 'write', this.#target, () => writeFully(part, pieces, range.offset));
    this.#run.resent(range.length);
    this.#run.update({ mismatches: this.#run.row.mismatches + 1, sha256: undefined });
    if ((await compareRange(this.#phone, object, part, range)) !== undefined)
      throw fail('mismatch', 'verify', `bytes at ${range.offset} differ twice`, { subject: this.#run.row.phone });
  }

  /** The part file becomes the target in one step; a file that appeared there meanwhile is not overwritten unless that was decided. */
  async #giveName(): Promise<void> {
    const { row, transfer } = this.#run;
    const { temporary } = row;
    if (temporary === undefined) throw fail('internal', 'download', 'no part file');
    // of a small file no step is stored between its part and its end: `#namedAlready` tells them apart by the files
    if (row.size > MEGABYTE) this.#run.update({ creation: 'renaming' });
    const target = this.#target;
    try {
      await link(temporary, target);
    } catch {
      const there = await lookAt(target);
      const replaces =
        there?.isFile() === true &&
        decideClash(
          transfer.options.onClash,
          row.answer ?? transfer.clashAnswer,
          { name: '', size: row.size, modified: row.modified },
          { name: '', size: there.size, modified: modifiedOf(there) },
        ) === 'replace';
      if (there !== undefined && !replaces) throw fail('local-exists', 'rename', '', { subject: target });
      // to be replaced, or a file system without hard links
      await local('target', 'rename', target, () => rename(temporary, target));
      this.#run.update({ temporary: undefined });
      return;
    }
    await local('target', 'unlink', temporary, () => unlink(temporary));
    this.#run.update({ temporary: undefined });
  }
}
