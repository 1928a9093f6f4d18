import { parentOf } from '../../../../shared/domain.ts';
import { endsConnection, fail, failRequest, type Problem, problemOf } from '../../../../shared/errors.ts';
import type { Outcome } from '../../../../shared/snapshots.ts';
import type { ObjectHandle } from '../../../mtp/index.ts';
import { FAT_LARGEST_FILE } from '../../devices/free-space.ts';
import type { Input } from '../../model/item-state.ts';
import { ChunkSize, FIRST_CHUNK, LARGEST_CHUNK } from '../chunk-size.ts';
import { isPublished } from '../delete-source.ts';
import { digestOfDigests } from '../digest.ts';
import { fingerprintFile } from '../fingerprint.ts';
import type { ItemTransfer, ItemTransferContext } from '../item-transfer.ts';
import { checkCopy } from './check-copy.ts';
import { decideConflict, type UploadParts } from './decide-conflict.ts';
import { proveUploaded } from './finish-move.ts';
import { named } from './named-errors.ts';
import { publishUpload } from './publish-upload.ts';
import { recheckUpload } from './recheck-upload.ts';
import { resumeUpload } from './resume-upload.ts';
import { UploadSource, type SourceChunk } from './upload-source.ts';
import { UploadTarget } from './upload-target.ts';

/** Chunks between two looks at the phone's free space: a full disk stalls both endpoints on Android. */
const CHUNKS_PER_SPACE_CHECK = 16;
/** Problems after which a complete object is a copy of nothing. */
const WORTHLESS_AFTER: ReadonlySet<Problem['kind']> = new Set(['source-changed', 'mismatch']);

/**
 * One file to the phone. Small ones whole, which keeps their date; large ones in place, chunk by chunk, under a
 * temporary name. What is on the phone under the final name is touched only when its replacement is complete.
 */
export class Upload implements ItemTransfer {
  readonly #context: ItemTransferContext;
  readonly #source: UploadSource;
  readonly #target: UploadTarget;
  /** Every byte of the copy was read back from the phone and is that of the source. */
  #isProved = false;

  constructor(context: ItemTransferContext) {
    this.#context = context;
    this.#source = new UploadSource(context.disk, context.run);
    this.#target = new UploadTarget(context);
  }

  get #run(): ItemTransferContext['run'] {
    return this.#context.run;
  }
  get #phone(): ItemTransferContext['connection']['phone'] {
    return this.#context.connection.phone;
  }
  get #parts(): UploadParts {
    return { context: this.#context, source: this.#source, target: this.#target };
  }

  prepare(): Promise<Input> {
    return named(this.#run, () => this.#prepare());
  }
  move(): Promise<Input> {
    this.#run.beginMove();
    return named(this.#run, () => (this.#run.row.mode === 'whole' ? this.#moveWhole() : this.#moveChunks()));
  }
  confirm(): Promise<Input> {
    return named(this.#run, async () => {
      try {
        return await this.#confirm();
      } catch (error) {
        if (WORTHLESS_AFTER.has(problemOf(error).kind)) await this.#giveUp();
        throw error;
      }
    });
  }
  async deleteOriginal(): Promise<void> {
    if (!this.#isProved) throw failRequest('delete', { id: 'cannot-read-back' }, { id: 'delete-yourself' });
    await this.#source.delete();
  }
  async release(): Promise<void> {
    await this.#target.release();
    await this.#source.close();
  }

  // --- preparing

  async #prepare(): Promise<Input> {
    const { connection, space } = this.#context;
    if (isPublished(this.#run.row)) return this.#finishMove();
    if (this.#run.row.creation === 'doubted') {
      const rechecked = await recheckUpload(this.#parts);
      if (rechecked !== 'again') return rechecked;
    }
    await this.#openSource();
    const wait = await this.#target.open();
    if (wait !== undefined) return wait;
    const resumed = await resumeUpload(this.#parts);
    if (resumed?.kind === 'stopped') return resumed;
    // also of what goes on: something may have come under its name while nobody looked
    const settled = await decideConflict(this.#parts);
    if (settled !== undefined || resumed !== undefined) return settled ?? resumed ?? { kind: 'stopped' };

    const { size, local, storage } = this.#run.row;
    if (size > (space.largest(connection.key, storage) ?? size))
      throw fail('too-large', 'upload', `${size} bytes`, { subject: this.#run.row.name });
    if (size > 0) await space.requireOnPhone(connection, this.#target.folder.storage, size);
    const mode = this.#mode();
    // large sources may have to be found again, and what is moved is deleted only if it is still the same
    const isNeeded = mode === 'chunks' || this.#run.transfer.options.move;
    this.#run.update({
      fingerprint: isNeeded ? await fingerprintFile(this.#context.disk, local, this.#run.transfer.id) : undefined,
      mode,
      confirmed: 0,
      creation: 'none',
      temporary: undefined,
      chunkDigest: undefined,
      sha256: undefined,
    });
    this.#run.dropCheckpoints(0);
    return { kind: 'prepared', offset: 0 };
  }

  /** The copy has its name: it is proved again before its original goes. */
  async #finishMove(): Promise<Input> {
    const proved = await proveUploaded(this.#context, this.#source);
    if (proved !== 'proved') return proved;
    await this.#source.requireUnchanged();
    this.#isProved = true;
    const { size, sha256, chunkDigest } = this.#run.row;
    const verification = { level: 'full', bytesCompared: size, sha256, chunkDigest } as const;
    return { kind: 'settled', outcome: { kind: 'moved', verification } };
  }

  async #openSource(): Promise<void> {
    const { row } = this.#run;
    const { size, modified } = await this.#source.open(this.#isLikelySent());
    if (size === row.size && modified === row.modified) return;
    // changed since it was planned: what was sent of it is of no use; it starts again from what it is now
    await this.#target.discard();
    this.#run.dropCheckpoints(0);
    this.#run.update({
      size,
      modified,
      confirmed: 0,
      creation: 'none',
      temporary: undefined,
      fingerprint: undefined,
    });
  }

  /** It goes whole, nothing was made of it and, as far as is known, nothing has its name: then all of it is read at once. */
  #isLikelySent(): boolean {
    const { row } = this.#run;
    const kept = this.#context.connection.tree.kept(row.storage, parentOf(row.phone));
    return row.creation === 'none' && this.#mode() === 'whole' && kept?.find(this.#target.name) === undefined;
  }

  #mode(): 'whole' | 'chunks' {
    const { row, transfer } = this.#run;
    const { edit, rename } = this.#phone.capabilities;
    if (row.size <= this.#context.wholeBelow || !edit || !rename) return 'whole';
    return transfer.options.large === 'keep-dates' ? 'whole' : 'chunks';
  }

  // --- moving

  async #moveWhole(): Promise<Input> {
    const { row } = this.#run;
    const target = this.#target;
    if (target.object !== undefined && row.confirmed === row.size && row.creation !== 'none')
      return { kind: 'allMoved' };
    if (this.#run.stopRequested) return { kind: 'stopped' };
    const name = await target.nameToCreate();
    const before = row.reached;
    this.#run.inFlight = 0;
    await this.#run.announce({
      temporary: name,
      creation: 'creating',
      reached: Math.max(before, Math.min(row.size, LARGEST_CHUNK)),
    });
    if (this.#run.stopRequested) {
      this.#run.update({ temporary: undefined, creation: 'none', reached: before });
      return { kind: 'stopped' };
    }
    let handle: ObjectHandle;
    try {
      handle = await this.#phone.writeWhole(
        target.folder.storage.id,
        target.folder.ref,
        { name, size: row.size, modified: row.modified },
        this.#source.whole(),
        {
          onSent: (bytes) => {
            this.#run.inFlight = bytes;
            // stored a chunk ahead of the wire, so that it holds for a process that is killed as well
            const { reached } = this.#run.row;
            if (bytes >= reached && reached < row.size)
              this.#run.update({ reached: Math.min(row.size, bytes + LARGEST_CHUNK) });
          },
        },
      );
    } catch (error) {
      this.#run.update({ reached: Math.max(before, this.#run.inFlight) });
      this.#notCreated(error);
      throw error;
    }
    target.created(name, handle, row.size);
    this.#context.space.usedOnPhone(this.#context.connection, row.storage, row.size);
    const sha256 = await this.#source.sha256();
    if (sha256 === undefined)
      throw fail('source-changed', 'upload', 'fewer bytes than announced', { subject: row.local });
    // one chunk, so its digest is the file's
    this.#run.confirmChunk(
      { offset: 0, length: row.size, digest: sha256 },
      { creation: 'created', sha256, chunkDigest: digestOfDigests([sha256]) },
    );
    return { kind: 'allMoved' };
  }

  async #moveChunks(): Promise<Input> {
    const { phone } = this.#context.connection;
    const size = this.#run.row.size;
    const chunk = new ChunkSize();
    this.#source.beginChunks();
    const handle = await this.#editable();
    let prefetched = this.#prefetch(this.#run.row.confirmed, chunk.size);
    for (let sent = 0; this.#run.row.confirmed < size; sent += 1) {
      if (this.#run.stopRequested) {
        // nothing is on the wire: nothing beyond what was confirmed has to go again
        this.#run.update({ reached: this.#run.row.confirmed });
        return { kind: 'stopped' };
      }
      const current = await prefetched;
      const { offset, bytes, digest } = current;
      if (sent > 0 && sent % CHUNKS_PER_SPACE_CHECK === 0)
        await this.#context.space.requireOnPhone(this.#context.connection, this.#target.folder.storage, size - offset);
      const next = offset + bytes.byteLength;
      // on the wire from here on: if nothing more is heard, this much may have to go again
      if (sent === 0 && this.#run.row.reached < next) this.#run.update({ reached: next });
      const started = this.#context.monotonic();
      this.#run.inFlight = bytes.byteLength;
      const writing = phone.writeChunk(handle, offset, bytes);
      writing.catch(() => undefined);
      if (next < size) prefetched = this.#prefetch(next, chunk.size);
      await this.#source.pass(current);
      await writing;
      chunk.took(this.#context.monotonic() - started, bytes.byteLength);
      this.#context.space.usedOnPhone(this.#context.connection, this.#run.row.storage, bytes.byteLength);
      this.#run.confirmChunk(
        { offset, length: bytes.byteLength, digest },
        { reached: Math.min(size, next + chunk.size) },
      );
    }
    const digests = this.#run.checkpoints().map((checkpoint) => checkpoint.digest);
    this.#run.update({ sha256: await this.#source.sha256(), chunkDigest: digestOfDigests(digests) });
    return { kind: 'allMoved' };
  }

  /** Read and hashed while another one is on the wire; a failure is told when it is waited for. */
  #prefetch(offset: number, length: number): Promise<SourceChunk> {
    const reading = this.#source.chunk(offset, length);
    reading.catch(() => undefined);
    return reading;
  }

  /** The temporary object with an open edit; made when it is not there yet. */
  async #editable(): Promise<ObjectHandle> {
    const target = this.#target;
    if (target.object === undefined) await this.#create(target.newTemporary());
    await target.beginEdit(target.made);
    return target.made.handle;
  }

  /**
   * Creates the object, empty; for a card that may end at 4 GiB with its first chunk and announced in full, since it
   * refuses only a size that it was told, and otherwise breaks off there.
   */
  async #create(name: string): Promise<void> {
    const { folder } = this.#target;
    const { size, modified } = this.#run.row;
    const isDoubtful = folder.storage.removable && size > FAT_LARGEST_FILE;
    const first = isDoubtful ? await this.#source.chunk(0, FIRST_CHUNK) : undefined;
    this.#run.update({ temporary: name, creation: 'creating' });
    let handle: ObjectHandle;
    try {
      const place = [folder.storage.id, folder.ref] as const;
      handle =
        first === undefined
          ? await this.#phone.createEmpty(...place, { name, modified })
          : await this.#phone.writeWhole(...place, { name, size: first.bytes.byteLength, announced: size, modified }, [
              first.bytes,
            ]);
    } catch (error) {
      this.#notCreated(error);
      throw error;
    }
    this.#target.created(name, handle, first?.bytes.byteLength ?? 0);
    this.#run.update({ creation: 'created' });
    if (first === undefined) return;
    await this.#source.pass(first);
    this.#context.space.usedOnPhone(this.#context.connection, this.#run.row.storage, first.bytes.byteLength);
    this.#run.confirmChunk({ offset: 0, length: first.bytes.byteLength, digest: first.digest });
  }

  /** A refused announcement has made nothing: whatever has that name is not ours. */
  #notCreated(error: unknown): void {
    const { kind, operation } = problemOf(error);
    if (operation === 'SendObjectInfo' && !endsConnection(kind))
      this.#run.update({ temporary: undefined, creation: 'none' });
  }

  // --- confirming

  async #confirm(): Promise<Input> {
    await this.#target.endEdit();
    const found = await checkCopy(this.#parts);
    if (found.kind === 'stopped') return { kind: 'stopped' };
    if (found.kind === 'mismatch') return this.#mismatch(found.at, found.detail);
    await publishUpload(this.#context, this.#target);
    this.#source.forgetSent();
    this.#isProved = found.level === 'full';
    const { row: now } = this.#run;
    const outcome: Outcome = {
      kind: 'moved',
      verification: {
        level: found.level,
        bytesCompared: found.bytes,
        sha256: now.sha256,
        chunkDigest: now.chunkDigest,
      },
    };
    return { kind: 'verified', outcome };
  }

  /** What was made on this connection can be proved to be Replug's only now: its source is another one by now, or differs. */
  async #giveUp(): Promise<void> {
    const discarded = await this.#target.discard();
    if (discarded === 'done' || discarded === 'gone') this.#run.update({ temporary: undefined, creation: 'none' });
  }

  /** Bad chunks were sent again once already (`UploadVerification`): start again twice, then give up. */
  async #mismatch(at: number, detail: string): Promise<Input> {
    const { row } = this.#run;
    if (row.mismatches >= 2) throw fail('mismatch', 'verify', `${detail} at ${at}`, { subject: row.local });
    const discarded = await this.#target.discard(this.#source.reader);
    this.#run.dropCheckpoints(0);
    if (discarded === 'changed' || discarded === 'unproved' || discarded === 'is-folder') {
      // somebody has written to the copy, or put something else in its place: that is theirs, and a conflict
      this.#run.update({ temporary: undefined, creation: 'none', confirmed: 0, expectation: undefined });
      throw fail('exists', 'verify', `${detail} at ${at}`, { subject: this.#target.name });
    }
    this.#run.update({ mismatches: row.mismatches + 1, temporary: undefined, creation: 'none', sha256: undefined });
    return { kind: 'mismatched', from: 0 };
  }
}
