import { dirname } from 'node:path';
import type { Instant, VerifyLevel } from '../../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../../shared/errors.ts';
import type { Outcome, Remark } from '../../../../shared/snapshots.ts';
import type { Phone, PhoneObject } from '../../../mtp/index.ts';
import { lookAt, modifiedOf } from '../../local/local-files.ts';
import type { Input } from '../../model/item-state.ts';
import { TwoBuffers, joinedIn } from '../transfer-buffers.ts';
import { ChunkSize, MEGABYTE } from '../chunk-size.ts';
import { PassingDigest, digestBeside, digestOfDigests } from '../digest.ts';
import type { ItemTransfer, ItemTransferContext } from '../item-transfer.ts';
import { sameButForZone } from '../time-zone.ts';
import { DownloadSource } from './download-source.ts';
import { DownloadTarget } from './download-target.ts';
import { PartFile, syncFolders } from './part-file.ts';
import { levelOf, verifyDownload } from './verify-download.ts';
import { moveWhole } from './whole-object.ts';

/** The 32-bit GetPartialObject reaches no byte beyond (field notes §3.5). */
const FOUR_GIB = 2 ** 32;
/** Times in one run that a file which is larger than announced is followed to its new end. */
const MOST_GROWTHS = 3;
/** Times that a part file which vanished is made again. */
const MOST_LOSSES = 3;

/**
 * One file from the phone, in chunks, into a part file beside the target. While one chunk is written and hashed
 * the next is on the wire; after each the session is free for browsing. Then: verify, look at the source once more,
 * date, sync, publish.
 */
export class Download implements ItemTransfer {
  readonly #context: ItemTransferContext;
  readonly #source: DownloadSource;
  readonly #target: DownloadTarget;
  readonly #part: PartFile;
  #digest = new PassingDigest();
  /** A chunk in one piece, for its digest. */
  readonly #chunks = new TwoBuffers();
  /** The last chunk was asked for with one byte more, which did not come: its end is where it was announced. */
  #lookedBeyond = false;
  /** Of the published copy: whether a power cut spares it. */
  #isDurable = false;

  constructor(context: ItemTransferContext) {
    this.#context = context;
    this.#source = new DownloadSource(context);
    this.#target = new DownloadTarget(context);
    this.#part = new PartFile(context, this.#target);
  }

  get #run(): ItemTransferContext['run'] {
    return this.#context.run;
  }
  get #phone(): Phone {
    return this.#context.connection.phone;
  }

  async prepare(): Promise<Input> {
    const { row, transfer } = this.#run;
    const object = await this.#open();
    await this.#dropOtherVersion(object);
    await this.#context.folders.make(transfer, dirname(row.local));

    const published = await this.#publishedBefore(object);
    if (published !== undefined) return published;
    const decided = await this.#target.decide(object);
    if (decided !== undefined) {
      // what it was for is settled; a question may still need it
      if (decided.kind === 'settled') await this.#part.discard();
      return decided;
    }
    const isWhole = this.#isWhole(object);
    if (isWhole) await this.#part.discard();
    const offset = await this.#part.resume(this.#phone, object);
    if (offset === 'stopped') return { kind: 'stopped' };
    await this.#context.space.requireOnComputer(dirname(this.#target.path), object.size - (offset ?? 0));
    if (offset !== undefined) return { kind: 'prepared', offset };
    this.#run.dropCheckpoints(0);
    this.#run.update({
      mode: isWhole ? 'whole' : 'chunks',
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
    await this.#part.open();
    const { row } = this.#run;
    if (this.#phone.capabilities.partialRead === 'none' || row.mode === 'whole') return this.#moveWhole();
    if (row.confirmed > 0) this.#digest.abandon();
    else this.#digest = new PassingDigest();
    return this.#moveChunks();
  }

  async confirm(): Promise<Input> {
    const { move } = this.#run.transfer.options;
    const check = { run: this.#run, phone: this.#phone, source: this.#source, part: this.#part };
    const checked = await verifyDownload(check);
    if (checked === 'stopped') return { kind: 'stopped' };
    // a small file came in one transaction: it is no mixture, and is asked about only where something depends on it
    const isCertain = this.#run.row.mode === 'whole' || this.#lookedBeyond;
    if (move || checked.doubted || !isCertain || this.#run.row.size >= MEGABYTE) await this.#source.requireUnchanged();
    const { dateKept } = await this.#part.finish(this.#run.row.size, this.#source.object.modified, move);
    const published = await this.#part.publish(move);
    switch (published.kind) {
      case 'done':
        this.#isDurable = this.#part.isDurable;
        return {
          kind: 'verified',
          outcome: this.#outcome(checked.level, checked.bytes, modifiedOf(published.stats), dateKept),
        };
      case 'changed':
        // something else lies there than was decided about: the part file waits for the new decision
        this.#target.forgetDecision();
        return this.#again();
      case 'gone': {
        const attempts = this.#run.row.attempts + 1;
        if (attempts > MOST_LOSSES)
          throw fail('local-missing', 'rename', 'the part file vanished', { subject: this.#target.path });
        this.#run.update({ attempts });
        return this.#again();
      }
    }
  }

  /** Deletes the phone's file: only where its copy is durable, and while it still is what was copied. */
  async deleteOriginal(): Promise<void> {
    const { row } = this.#run;
    if (!this.#isDurable)
      throw fail('local-io', 'sync', 'the disk does not promise to keep the copy through a power cut', {
        subject: this.#target.path,
      });
    const { object } = this.#source;
    const { partialRead } = this.#phone.capabilities;
    const size = partialRead === 32 ? Math.min(row.size, FOUR_GIB) : row.size;
    if (partialRead !== 'none' && !(await this.#target.holds({ ...object, size: row.size }, headAndTail(size))))
      throw this.#source.changed('its first or last bytes are not those that were copied');
    await this.#source.delete();
  }

  async release(): Promise<void> {
    await this.#part.release();
  }

  #again(): Input {
    const at = this.#context.now();
    return { kind: 'waitFor', for: { kind: 'time', until: at }, at };
  }

  #outcome(level: VerifyLevel, bytesCompared: number, copyModified: Instant, dateKept = true): Outcome {
    const { sha256, chunkDigest, mode, size } = this.#run.row;
    const remarks: Remark[] = [];
    if (!dateKept) remarks.push('date-not-kept');
    if (mode === 'whole' && size > MEGABYTE) remarks.push('whole-only');
    return {
      kind: 'moved',
      verification: { level, bytesCompared, sha256, chunkDigest },
      copyModified,
      ...(remarks.length === 0 ? {} : { remarks }),
    };
  }

  /** Finds the source. Where it is gone, what was copied of it may be all that is left, and stays. */
  async #open(): Promise<PhoneObject> {
    try {
      return await this.#source.open();
    } catch (error) {
      const { temporary, creation } = this.#run.row;
      if (!isPhoneError(error) || error.kind !== 'missing' || temporary === undefined || creation === 'none')
        throw error;
      if ((await lookAt(temporary)) === undefined) throw error;
      const fix = `What was copied of it is kept as “${temporary}”.`;
      throw fail('missing', 'download', error.problem.detail, { subject: this.#run.row.phone, fix }, error);
    }
  }

  /** Whole from the start: no partial reads, none that reach its end, or a size that the phone does not tell. */
  #isWhole(object: PhoneObject): boolean {
    const { partialRead } = this.#phone.capabilities;
    return partialRead === 'none' || object.size === 0 || (partialRead === 32 && object.size > FOUR_GIB);
  }

  /** What was fetched of another version is thrown away. */
  async #dropOtherVersion(object: PhoneObject): Promise<void> {
    const { row } = this.#run;
    // what came may be another size than announced; then it was fetched whole, and starts again anyway
    if (object.size === row.size && sameButForZone(object.modified, row.modified)) return;
    await this.#part.discard();
    this.#run.update({ size: object.size, modified: object.modified, confirmed: 0 });
  }

  /**
   * Whether the program ended between publishing and noting it. A name and a size prove nothing: the file there must
   * hold exactly the chunks that were confirmed and verified, or, of a small file, all of the phone's bytes.
   */
  async #publishedBefore(object: PhoneObject): Promise<Input | undefined> {
    const { row } = this.#run;
    if (row.creation === 'none' || row.temporary === undefined) return undefined;
    const there = await lookAt(this.#target.path);
    if (there?.isFile() !== true || there.size !== object.size) return undefined;
    const part = await lookAt(row.temporary);
    if (part !== undefined && (part.ino !== there.ino || part.dev !== there.dev)) return undefined;
    if (there.size === 0) {
      // a listed 0 proves nothing, so it is fetched again; but an empty file under its name is its own, not a conflict
      if (row.expectation?.kind === 'nothing')
        this.#run.update({ expectation: { kind: 'file', size: 0, modified: modifiedOf(there) } });
      return undefined;
    }
    let bytes = 0;
    if (row.creation === 'renaming') {
      const file = await PartFile.holding(this.#target.path, this.#run.checkpoints(), object.size);
      if (file === undefined) return undefined;
      await file.close();
    } else {
      // not announced: of a small file only. A larger one under its name was put there by somebody else
      if (object.size > MEGABYTE || this.#phone.capabilities.partialRead === 'none') return undefined;
      if (!(await this.#target.holds(object, [{ offset: 0, length: object.size }]))) return undefined;
      bytes = object.size;
    }
    if (this.#run.transfer.options.move) this.#isDurable = await this.#makeDurable();
    await this.#part.discard();
    const level = row.creation === 'renaming' ? levelOf(this.#run) : 'full';
    return { kind: 'settled', outcome: this.#outcome(level, bytes, modifiedOf(there)) };
  }

  async #makeDurable(): Promise<boolean> {
    const isDurable = await PartFile.sync(this.#target.path);
    await syncFolders(this.#target.path, this.#run.transfer.destination);
    return isDurable;
  }

  // --- moving

  async #moveChunks(): Promise<Input> {
    let { object } = this.#source;
    let growths = 0;
    const chunk = new ChunkSize();
    const ask = (offset: number): Promise<readonly Uint8Array[]> | undefined => {
      if (offset >= object.size || this.#run.stopRequested) return undefined;
      const asked = this.#ask(object, offset, chunk.size);
      asked.catch(() => undefined);
      return asked;
    };
    let offset = this.#run.row.confirmed;
    const first = Math.min(object.size, offset + chunk.size);
    if (this.#run.row.reached < first) this.#run.update({ reached: first });
    let started = this.#context.monotonic();
    let asked = ask(offset);
    while (asked !== undefined) {
      let pieces;
      try {
        pieces = await asked;
      } catch (error) {
        if (this.#chunksFail(error)) return this.#startWhole();
        throw await this.#endedEarly(error);
      }
      // it has just refused the 64-bit form: the end is out of reach
      if (this.#isWhole(object)) return this.#startWhole();
      const now = this.#context.monotonic();
      const length = pieces.reduce((sum, piece) => sum + piece.byteLength, 0);
      chunk.took(now - started, length);
      started = now;
      const next = offset + length;
      if (next > object.size) {
        // a byte beyond the announced end: it has grown since it was listed
        growths += 1;
        object = await this.#source.lookAgain();
        if (growths > MOST_GROWTHS || next > object.size) throw this.#source.changed('it goes on growing');
        this.#run.update({ size: object.size, modified: object.modified });
      }
      asked = ask(next);
      // however the next chunk fares, this one is stored first
      await this.#keep(offset, length, pieces, Math.min(object.size, next + chunk.size));
      offset = next;
    }
    if (offset < object.size) {
      // nothing is on the wire: nothing beyond what was confirmed has to come again
      this.#run.update({ reached: offset });
      return { kind: 'stopped' };
    }
    const digests = this.#run.checkpoints().map((checkpoint) => checkpoint.digest);
    this.#run.update({ sha256: this.#digest.finish(object.size), chunkDigest: digestOfDigests(digests) });
    return { kind: 'allMoved' };
  }

  /**
   * The next chunk; the last one is asked for with one byte more, so that a file which has grown shows itself without
   * another transaction. Phones give what there is (AOSP clamps); those with a trap at the end of a file are not tried.
   */
  #ask(object: PhoneObject, offset: number, size: number): Promise<readonly Uint8Array[]> {
    const rest = object.size - offset;
    const { quirks, capabilities } = this.#phone;
    const mayLookBeyond =
      rest <= size && quirks.length === 0 && (capabilities.partialRead === 64 || object.size < FOUR_GIB);
    if (!mayLookBeyond) return this.#phone.readChunk(object, offset, Math.min(size, rest));
    this.#lookedBeyond = true;
    return this.#phone.readChunk({ handle: object.handle, size: object.size + 1 }, offset, rest + 1);
  }

  /** A refusal before the announced end: where the file is another size by now, that is why. */
  async #endedEarly(error: unknown): Promise<unknown> {
    if (!isPhoneError(error) || (error.kind !== 'refused' && error.kind !== 'stalled')) return error;
    return this.#source.requireUnchanged().then(
      () => error,
      (why: unknown) => (isPhoneError(why) && why.kind === 'source-changed' ? why : error),
    );
  }

  async #keep(offset: number, length: number, pieces: readonly Uint8Array[], reached: number): Promise<void> {
    const { row } = this.#run;
    this.#run.inFlight = length;
    const written = this.#part.write(pieces, offset);
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

  /** Gives up the chunks that came. */
  #startWhole(): Promise<Input> {
    this.#run.dropCheckpoints(0);
    this.#run.update({ mode: 'whole', confirmed: 0 });
    return this.#moveWhole();
  }

  async #moveWhole(): Promise<Input> {
    try {
      await moveWhole({ phone: this.#phone, source: this.#source, part: this.#part, run: this.#run });
      return { kind: 'allMoved' };
    } catch (error) {
      if (!isPhoneError(error) || error.kind !== 'source-changed') throw error;
      // where the phone announces a new size or date it is fetched anew; what it goes on to announce wrongly it would send again
      await this.#source.requireUnchanged();
      return { kind: 'failed', problem: error.problem };
    }
  }

  /** A file whose chunks fail again and again (its true size is another one) is fetched whole, where the phone can. */
  #chunksFail(error: unknown): boolean {
    return this.#run.row.attempts > 0 && isPhoneError(error) && (error.kind === 'refused' || error.kind === 'stalled');
  }
}

const SAMPLE = 64 * 1024;
const headAndTail = (size: number): readonly { readonly offset: number; readonly length: number }[] =>
  size === 0
    ? []
    : size <= 2 * SAMPLE
      ? [{ offset: 0, length: size }]
      : [
          { offset: 0, length: SAMPLE },
          { offset: size - SAMPLE, length: SAMPLE },
        ];
