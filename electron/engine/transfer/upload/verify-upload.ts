import type { VerifyLevel } from '../../../../shared/domain.ts';
import { endsConnection, fail, problemOf } from '../../../../shared/errors.ts';
import type { Phone, PhoneObject } from '../../../mtp/index.ts';
import { isTemporaryName } from '../../devices/temporary-name.ts';
import {
  compareRange,
  compareWhole,
  jointRanges,
  readableEnd,
  readRange,
  sameBytes,
  type Ours,
  type Range,
  type Readable,
} from '../compare-bytes.ts';
import { SMALL, verifiedRanges } from '../sample.ts';
import { digestOf } from '../digest.ts';
import { local, readFully } from '../../local/local-files.ts';
import type { ItemRun } from '../../model/item-run.ts';
import type { Checkpoint } from '../../model/transfer-store.ts';
import type { UploadSource } from './upload-source.ts';

/**
 * How a check ended. Offsets and counts in bytes; `mismatch` says from where on nothing is trusted, `stopped` that the
 * run was asked to stop.
 */
export type UploadVerified =
  | { readonly kind: 'same'; readonly level: VerifyLevel; readonly bytes: number }
  | { readonly kind: 'mismatch'; readonly at: number }
  | { readonly kind: 'stopped' };

/**
 * Reads an uploaded file back and compares it with its source. A bad chunk is sent once more and looked at again;
 * bad twice is a mismatch.
 */
export class UploadVerification {
  readonly #phone: Phone;
  readonly #object: Readable & Pick<PhoneObject, 'name'>;
  readonly #source: Pick<UploadSource, 'file' | 'sent'>;
  readonly #ours: Ours;
  readonly #run: ItemRun;
  #differed = false;

  constructor(
    phone: Phone,
    object: Readable & Pick<PhoneObject, 'name'>,
    source: Pick<UploadSource, 'file' | 'sent'>,
    run: ItemRun,
  ) {
    this.#phone = phone;
    this.#object = object;
    this.#source = source;
    this.#ours = source.sent ?? source.file;
    this.#run = run;
  }

  /** A part of the copy was found different from its source, whether or not it could be mended. */
  get differed(): boolean {
    return this.#differed;
  }

  /**
   * A small file that was sent whole a moment ago and whose every byte is to be read back anyway: one byte more is asked
   * for, which does not come, so that one transaction proves its contents and its size. `undefined` for every other file,
   * for phones with a trap at the end of a file, and where the answer is not what it should be: then size and contents are
   * looked at in turn.
   */
  async allAtOnce(wanted: VerifyLevel): Promise<UploadVerified | undefined> {
    const { row } = this.#run;
    const { size } = row;
    const ours = this.#ours;
    if (wanted === 'size' || size === 0 || size > SMALL || row.mode !== 'whole' || row.resumed) return undefined;
    if (!(ours instanceof Uint8Array) || size >= readableEnd(this.#phone) || this.#phone.quirks.length > 0)
      return undefined;
    try {
      const { handle } = this.#object;
      const theirs = await this.#phone.readChunk({ handle, size: size + 1 }, 0, size + 1);
      const isAll = sameBytes(theirs, ours.subarray(0, size));
      this.#phone.giveBack(theirs);
      return isAll ? { kind: 'same', level: wanted, bytes: size } : undefined;
    } catch (error) {
      if (endsConnection(problemOf(error).kind)) throw error;
      return undefined;
    }
  }

  /**
   * Compares as closely as is wanted, or as this phone allows: `level` and `bytes` of the answer say what was done. A
   * phone without ranges is asked for the whole file where all of it is wanted; one whose ranges end at 4 GiB is compared
   * up to there.
   */
  async run(wanted: VerifyLevel): Promise<UploadVerified> {
    const { row } = this.#run;
    const end = readableEnd(this.#phone);
    if (row.size === 0) return { kind: 'same', level: wanted === 'full' ? 'full' : 'size', bytes: 0 };
    if (end === 0) {
      const isRead = wanted === 'full' || (wanted === 'sampled' && row.size <= SMALL);
      return isRead ? this.#wholeObject(wanted) : { kind: 'same', level: 'size', bytes: 0 };
    }
    // whatever was interrupted is looked at more closely than the user asked
    const level = wanted === 'size' && row.resumed ? 'sampled' : wanted;
    switch (level) {
      case 'size':
        return { kind: 'same', level, bytes: 0 };
      case 'sampled': {
        const joints = row.resumed ? jointRanges(this.#run.checkpoints(), row.size) : [];
        return this.#ranges([...verifiedRanges(row.size), ...joints], level);
      }
      case 'full': {
        const isCovered = row.mode === 'chunks' && row.size <= end && this.#areChunksComplete();
        return isCovered ? this.#chunks() : this.#ranges([{ offset: 0, length: row.size }], level);
      }
    }
  }

  #areChunksComplete(): boolean {
    let end = 0;
    for (const chunk of this.#run.checkpoints()) {
      if (chunk.offset !== end) return false;
      end += chunk.length;
    }
    return end === this.#run.row.size;
  }

  /** One transaction that cannot be stopped: only where the phone knows no other way. */
  async #wholeObject(level: VerifyLevel): Promise<UploadVerified> {
    const { handle } = this.#object;
    const { size } = this.#run.row;
    const { received: bytes, bad } = await compareWhole(this.#phone, { handle, size }, this.#ours);
    if (bad === undefined && bytes === size) return { kind: 'same', level, bytes };
    this.#differed = true;
    return { kind: 'mismatch', at: Math.min(bad ?? bytes, size) };
  }

  async #ranges(wanted: readonly Range[], level: VerifyLevel): Promise<UploadVerified> {
    const end = readableEnd(this.#phone);
    const ranges = wanted
      .filter(({ offset }) => offset < end)
      .map(({ offset, length }) => ({ offset, length: Math.min(length, end - offset) }));
    const isCut = this.#run.row.size > end;
    let bytes = 0;
    for (const range of ranges) {
      if (this.#run.stopRequested) return { kind: 'stopped' };
      const bad = await compareRange(this.#phone, this.#object, this.#ours, range);
      if (bad !== undefined) {
        this.#differed = true;
        if (!(await this.#sendAgain(range))) return { kind: 'mismatch', at: bad };
        const still = await compareRange(this.#phone, this.#object, this.#ours, range);
        if (still !== undefined) return { kind: 'mismatch', at: still };
      }
      bytes += range.length;
    }
    return { kind: 'same', level: isCut && level === 'full' ? 'sampled' : level, bytes };
  }

  /** Every chunk against the digest it was confirmed with: nothing is read here a second time. */
  async #chunks(): Promise<UploadVerified> {
    let bytes = 0;
    for (const chunk of this.#run.checkpoints()) {
      if (this.#run.stopRequested) return { kind: 'stopped' };
      if (!(await this.#holds(chunk))) {
        this.#differed = true;
        if (!(await this.#sendAgain(chunk)) || !(await this.#holds(chunk)))
          return { kind: 'mismatch', at: chunk.offset };
      }
      bytes += chunk.length;
    }
    return { kind: 'same', level: 'full', bytes };
  }

  async #holds(chunk: Checkpoint): Promise<boolean> {
    const theirs = await readRange(this.#phone, this.#object, chunk);
    const same = digestOf(theirs) === chunk.digest;
    this.#phone.giveBack(theirs);
    return same;
  }

  /**
   * Sends the chunks that touch `range` again, where the object can be edited and the source still is what it was. A copy
   * that has its name already (its connection ended right then) is not written to: it may be somebody's by now.
   */
  async #sendAgain(range: Range): Promise<boolean> {
    if (this.#run.row.mode !== 'chunks' || !this.#phone.capabilities.edit) return false;
    if (!isTemporaryName(this.#object.name)) return false;
    const end = range.offset + range.length;
    const chunks = this.#run.checkpoints().filter((one) => one.offset < end && one.offset + one.length > range.offset);
    const { handle } = this.#object;
    await this.#phone.beginEdit(handle);
    try {
      for (const chunk of chunks) {
        const bytes = Buffer.allocUnsafe(chunk.length);
        const { local: path } = this.#run.row;
        const filled = await local('source', 'read', path, () => readFully(this.#source.file, bytes, chunk.offset));
        if (filled !== chunk.length || digestOf([bytes]) !== chunk.digest)
          throw fail('source-changed', 'verify', `chunk at ${chunk.offset}`, { subject: path });
        await this.#phone.writeChunk(handle, chunk.offset, bytes);
        this.#run.resent(chunk.length);
      }
    } finally {
      await this.#phone.endEdit(handle);
    }
    return true;
  }
}
