import { isPhoneError } from '../../../../shared/errors.ts';
import type { Phone, PhoneObject } from '../../../mtp/index.ts';
import { ChunkSize } from '../chunk-size.ts';
import { PassingDigest, digestChunk, digestOfDigests } from '../digest.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import type { DownloadSource } from './download-source.ts';
import type { PartFile } from './part-file.ts';

/** Bytes. The 32-bit GetPartialObject reaches none beyond (field notes §3.5). */
export const FOUR_GIB = 2 ** 32;
/** Times in one run that a file which is larger than announced is followed to its new end. */
const MOST_GROWTHS = 3;

/** Whether a file is fetched whole from the start: no partial reads, none that reach its end, or a size that the phone does not tell. */
export function isWholeOnly({ capabilities }: Phone, { size }: PhoneObject): boolean {
  const { partialRead } = capabilities;
  return partialRead === 'none' || size === 0 || (partialRead === 32 && size > FOUR_GIB);
}

/** Fetches a file in chunks, each confirmed when it is written: after an interruption it goes on behind the last one. */
export class ChunkFetch {
  readonly #context: ItemTransferContext;
  readonly #source: DownloadSource;
  readonly #part: PartFile;
  #digest = new PassingDigest();
  #lookedBeyond = false;

  constructor(context: ItemTransferContext, source: DownloadSource, part: PartFile) {
    this.#context = context;
    this.#source = source;
    this.#part = part;
  }

  get #run(): ItemTransferContext['run'] {
    return this.#context.run;
  }
  get #phone(): Phone {
    return this.#context.connection.phone;
  }
  /** The last chunk was asked for with one byte more, which did not come: the file ends where it was announced to. */
  get lookedBeyond(): boolean {
    return this.#lookedBeyond;
  }

  /**
   * From the last confirmed byte to the end. `stopped`: at a chunk boundary, as the run was asked to. `not in chunks`:
   * the phone refuses them again and again, or they do not reach the end. Rejects with `source-changed` where the file
   * does not end where the phone says, and as the phone and the disk do.
   */
  async fetch(): Promise<'all' | 'stopped' | 'not in chunks'> {
    if (this.#run.row.confirmed > 0) this.#digest.abandon();
    else this.#digest = new PassingDigest();
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
        if (this.#areRefused(error)) return 'not in chunks';
        throw await this.#endedEarly(error);
      }
      // it has just refused the 64-bit form: the end is out of reach
      if (isWholeOnly(this.#phone, object)) return 'not in chunks';
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
      return 'stopped';
    }
    const digests = this.#run.checkpoints().map((checkpoint) => checkpoint.digest);
    this.#run.update({ sha256: this.#digest.finish(object.size), chunkDigest: digestOfDigests(digests) });
    return 'all';
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
    // a file that is one chunk has one digest
    const isAll = offset === 0 && length === row.size;
    const written = this.#part.write(pieces, offset);
    written.catch(() => undefined);
    let digest;
    try {
      digest = await digestChunk(pieces, isAll ? undefined : { digest: this.#digest, offset });
    } finally {
      // whatever went wrong, the memory is used again only when nobody reads it any more
      await Promise.allSettled([written]);
    }
    if (isAll) this.#digest = PassingDigest.of(length, digest);
    await written;
    this.#phone.giveBack(pieces);
    this.#run.confirmChunk({ offset, length, digest }, { reached });
  }

  /** A file whose chunks fail again (its true size is another one) is fetched whole. */
  #areRefused(error: unknown): boolean {
    return this.#run.row.attempts > 0 && isPhoneError(error) && (error.kind === 'refused' || error.kind === 'stalled');
  }
}
