import { dirname } from 'node:path';
import type { Instant, VerifyLevel } from '../../../../shared/domain.ts';
import { fail, isPhoneError } from '../../../../shared/errors.ts';
import type { Outcome, Remark } from '../../../../shared/snapshots.ts';
import type { Phone, PhoneObject } from '../../../mtp/index.ts';
import { lookAt, modifiedOf } from '../../local/local-files.ts';
import type { Input } from '../../model/item-state.ts';
import { MEGABYTE } from '../chunk-size.ts';
import type { ItemTransfer, ItemTransferContext } from '../item-transfer.ts';
import { isPublished } from '../delete-source.ts';
import { sameButForZone } from '../time-zone.ts';
import { DownloadSource } from './download-source.ts';
import { DownloadTarget } from './download-target.ts';
import { ChunkFetch, FOUR_GIB, isWholeOnly } from './fetch-chunks.ts';
import { proveDownloaded } from './finish-move.ts';
import { SMALL } from '../sample.ts';
import { PartFile } from './part-file.ts';
import { makeDurable, openHolding } from './published-file.ts';
import { recheckDownload } from './recheck-download.ts';
import { fetchFromTwin, findTwinCopy, verifyFromTwin, type TwinCopy } from './twin-copy.ts';
import { askedLevel, verifyDownload } from './verify-download.ts';
import { moveWhole } from './whole-object.ts';

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
  readonly #chunks: ChunkFetch;
  /** The copy from which all of it was taken in this run, instead of from the phone. */
  #twin: TwinCopy | undefined;
  /** The size, in bytes, by which the conflict was decided. */
  #decidedBy = 0;
  /** Of the published copy: whether a power cut spares it. */
  #isDurable = false;

  constructor(context: ItemTransferContext) {
    this.#context = context;
    this.#source = new DownloadSource(context);
    this.#target = new DownloadTarget(context);
    this.#part = new PartFile(context, this.#target);
    this.#chunks = new ChunkFetch(context, this.#source, this.#part);
  }

  get #run(): ItemTransferContext['run'] {
    return this.#context.run;
  }
  get #phone(): Phone {
    return this.#context.connection.phone;
  }

  async prepare(): Promise<Input> {
    const { row, transfer } = this.#run;
    if (isPublished(row)) return this.#finishMove();
    if (row.creation === 'doubted') {
      const rechecked = await recheckDownload(this.#context, this.#source, this.#target);
      if (rechecked !== 'again') return rechecked;
    }
    const asked = this.#target.settleName();
    if (asked !== undefined) return asked;
    const object = await this.#open();
    // a phone that tells no sizes tells none of what came either
    const isUntold = object.size === 0 && row.mode === 'whole' && sameButForZone(object.modified, row.modified);
    if (!isUntold) await this.#dropOtherVersion(object);
    await this.#context.folders.make(transfer, dirname(row.local));

    const published = await this.#publishedBefore(object);
    if (published !== undefined) return published;
    if (isUntold) await this.#dropOtherVersion(object);
    this.#decidedBy = object.size;
    const decided = await this.#target.decide(object, object.size > 0);
    if (decided !== undefined) {
      // what it was for is settled; a question may still need it
      if (decided.kind === 'settled') await this.#part.discard();
      return decided;
    }
    const isWhole = this.#goesWhole(object);
    if (isWhole) await this.#part.discard();
    const offset = await this.#part.resume(this.#phone, object);
    if (offset === 'stopped') return { kind: 'stopped' };
    await this.#context.space.requireFits(dirname(this.#target.path), { path: this.#target.path, size: object.size });
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

  /**
   * A small file comes whole: one transaction whose data phase tells its true size, on every phone. After a failure it is
   * tried in chunks, and whole again where those are refused.
   */
  #goesWhole(object: PhoneObject): boolean {
    return isWholeOnly(this.#phone, object) || (object.size <= SMALL && this.#run.row.attempts === 0);
  }

  async move(): Promise<Input> {
    this.#run.beginMove();
    if (this.#run.stopRequested) return { kind: 'stopped' };
    const { mode, creation } = this.#run.row;
    if (this.#phone.capabilities.partialRead !== 'none' && mode !== 'whole') {
      await this.#part.open();
      return (await this.#moveFromTwin()) ?? this.#moveChunks();
    }
    if (creation === 'none') {
      await this.#part.announce();
      if (this.#run.stopRequested) {
        this.#run.update({ temporary: undefined, creation: 'none' });
        return { kind: 'stopped' };
      }
    }
    return (await this.#moveFromTwin()) ?? this.#moveWhole();
  }

  async confirm(): Promise<Input> {
    const { move } = this.#run.transfer.options;
    const { sample } = this.#context;
    this.#source.beginProof();
    const check = { run: this.#run, phone: this.#phone, source: this.#source, part: this.#part, sample };
    let checked =
      this.#twin === undefined
        ? await verifyDownload(check)
        : { ...(await verifyFromTwin(this.#context, this.#twin, this.#part)), doubted: false };
    if (checked === 'stopped') return { kind: 'stopped' };
    // a small file came in one transaction: it is no mixture, and is asked about only where something depends on it
    const isCertain = this.#run.row.mode === 'whole' || this.#chunks.lookedBeyond;
    if (move || checked.doubted || !isCertain || this.#run.row.size >= MEGABYTE) {
      await this.#source.requireUnchanged();
      if (checked.level !== 'full' && this.#twin === undefined && this.#source.isDoubted) {
        checked = await verifyDownload(check);
        if (checked === 'stopped') return { kind: 'stopped' };
        await this.#source.requireUnchanged();
      }
    }
    const decided = await this.#decideBySize();
    if (decided !== undefined) return decided;
    const { dateKept, published } = await this.#part.complete(this.#run.row.size, this.#source.object.modified, move);
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

  /** By the size of what came, where the rule goes by sizes and the phone had told another one, or none. */
  async #decideBySize(): Promise<Input | undefined> {
    const { row, transfer } = this.#run;
    const isKnown = row.size === this.#decidedBy && row.size > 0;
    if (transfer.options.onConflict !== 'larger' || isKnown) return undefined;
    const decided = await this.#target.decide({ ...this.#source.object, size: row.size }, true);
    if (decided?.kind === 'settled') await this.#part.discard();
    return decided;
  }

  /** The copy has its name: it is proved again before its original goes. */
  async #finishMove(): Promise<Input> {
    const proved = await proveDownloaded(this.#context, this.#source, this.#target);
    if (proved.kind !== 'proved') return proved;
    await this.#source.requireUnchanged();
    this.#isDurable = await this.#makeDurable();
    return { kind: 'settled', outcome: this.#outcome('full', this.#run.row.size, proved.modified) };
  }

  /** Deletes the phone's file: only where its copy is durable, and while it still is what was copied. */
  async deleteOriginal(underWay: (isUnderWay: boolean) => void): Promise<void> {
    const { row } = this.#run;
    if (!this.#isDurable)
      throw fail('local-io', 'sync', 'the disk does not promise to keep the copy through a power cut', {
        subject: this.#target.path,
      });
    const object = { ...this.#source.object, size: row.size };
    const { partialRead } = this.#phone.capabilities;
    const size = partialRead === 32 ? Math.min(row.size, FOUR_GIB) : row.size;
    if (object.modified === undefined) {
      // a rewrite since the second reading shows in nothing but the bytes
      if (!(await this.#target.holdsAll(object)))
        throw this.#source.changed('its bytes are not those that were copied');
    } else if (partialRead !== 'none' && !(await this.#target.holds(object, headAndTail(size))))
      throw this.#source.changed('its first or last bytes are not those that were copied');
    await this.#source.delete(underWay);
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
      if ((await lookAt(this.#context.disk, temporary)) === undefined) throw error;
      const advice = { id: 'part-kept', with: { file: temporary } } as const;
      throw fail('missing', 'download', error.problem.detail, { subject: this.#run.row.phone, advice }, error);
    }
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
    const there = await lookAt(this.#context.disk, this.#target.path);
    if (there?.isFile() !== true || (there.size !== object.size && object.size !== 0)) return undefined;
    const part = await lookAt(this.#context.disk, row.temporary);
    if (part !== undefined && (part.ino !== there.ino || part.dev !== there.dev)) return undefined;
    if (there.size === 0) {
      // a listed 0 proves nothing, so it is fetched again; but an empty file under its name is its own, not a conflict
      if (row.expectation?.kind === 'nothing')
        this.#run.update({ expectation: { kind: 'file', size: 0, modified: modifiedOf(there) }, answer: 'replace' });
      return undefined;
    }
    let bytes = 0;
    if (row.creation === 'renaming') {
      const file = await openHolding(this.#context.disk, this.#target.path, this.#run.checkpoints(), there.size);
      if (file === undefined) return undefined;
      await file.close();
    } else {
      // not announced: of a small file only. A larger one under its name was put there by somebody else
      if (there.size > MEGABYTE || !(await this.#target.isAllOf({ ...object, size: there.size }))) return undefined;
      bytes = there.size;
    }
    await this.#part.dropOtherName();
    if (this.#run.transfer.options.move) {
      // what is noted must outlive a power cut: else the copy would count as deleted by somebody
      await this.#makeDurable();
      // stored before anything else can end this run: else the next one would take its own copy for somebody's file
      this.#run.update({ temporary: undefined, creation: 'published' });
      this.#run.flush();
      // what an earlier run read a second time may have changed since
      return this.#finishMove();
    }
    this.#run.update({ temporary: undefined });
    const level = row.creation === 'renaming' ? askedLevel(this.#run) : 'full';
    return { kind: 'settled', outcome: this.#outcome(level, bytes, modifiedOf(there)) };
  }

  #makeDurable(): Promise<boolean> {
    return makeDurable(this.#context.disk, this.#target.path, this.#run.transfer.destination);
  }

  // --- moving

  /** Takes it from the copy that the other transfer has; `undefined` where the phone is to be read. */
  async #moveFromTwin(): Promise<Input | undefined> {
    this.#twin = undefined;
    const twin = await findTwinCopy(this.#context, this.#source.object);
    if (twin === undefined) return undefined;
    const fetched = await fetchFromTwin(this.#context, twin, this.#part);
    if (fetched === 'stopped') return { kind: 'stopped' };
    if (fetched === 'all') {
      this.#twin = twin;
      return { kind: 'allMoved' };
    }
    this.#run.dropCheckpoints(0);
    this.#run.update({ confirmed: 0, sha256: undefined, chunkDigest: undefined });
    return undefined;
  }

  async #moveChunks(): Promise<Input> {
    const fetched = await this.#chunks.fetch();
    switch (fetched) {
      case 'stopped':
        return { kind: 'stopped' };
      case 'all':
        return { kind: 'allMoved' };
      case 'not in chunks':
        return this.#startWhole();
    }
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
}

const SAMPLE = 64 * 1024;
/** All of a small file, which costs less than two transactions: a rewrite of any part of it shows, whatever its date says. */
const headAndTail = (size: number): readonly { readonly offset: number; readonly length: number }[] =>
  size === 0
    ? []
    : size <= MEGABYTE
      ? [{ offset: 0, length: size }]
      : [
          { offset: 0, length: SAMPLE },
          { offset: size - SAMPLE, length: SAMPLE },
        ];
