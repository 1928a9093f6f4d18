import { baseNameOf, parentOf } from '../../../../shared/domain.ts';
import { endsConnection, fail, isPhoneError, problemOf } from '../../../../shared/errors.ts';
import type { Outcome } from '../../../../shared/snapshots.ts';
import { isLegalPhoneName, legalPhoneName, type ObjectHandle, type PhoneObject } from '../../../mtp/index.ts';
import { agreedOffset, compareRange, sampleRanges, trustedCheckpoints } from '../compare-bytes.ts';
import { digestOfDigests } from '../digest.ts';
import { fingerprintFile } from '../fingerprint.ts';
import type { Input } from '../../model/item-state.ts';
import { cutName, numbered } from '../../local/local-names.ts';
import { decideClash } from '../clash.ts';
import type { ItemTransfer, ItemTransferContext } from '../item-transfer.ts';
import type { Folder } from '../../devices/phone-tree.ts';
import { LARGEST_CHUNK, MEGABYTE, ChunkSize } from '../chunk-size.ts';
import { UploadVerification } from './verify-upload.ts';
import { UploadSource, type SourceChunk } from './upload-source.ts';

/** Bytes read back before a resumed upload goes on, to see that the phone has what it confirmed. */
const TAIL = MEGABYTE;
/** Chunks between two looks at the phone's free space: a full disk stalls both endpoints on Android. */
const WINDOWS_PER_SPACE_CHECK = 16;
const CLAIM_WAIT_MS = 250;

/**
 * One file to the phone. Small ones whole (that keeps their date); large ones in place, chunk by chunk, under a
 * temporary name. What is on the phone under the final name is touched only when its replacement is complete.
 */
export class Upload implements ItemTransfer {
  readonly #context: ItemTransferContext;
  readonly #source: UploadSource;
  #folder: Folder | undefined;
  #object: PhoneObject | undefined;
  #editing: ObjectHandle | undefined;
  /** The name this item holds in its folder while it is made. */
  #claimed: string | undefined;

  constructor(context: ItemTransferContext) {
    this.#context = context;
    this.#source = new UploadSource(context.run);
  }

  get #run(): ItemTransferContext['run'] {
    return this.#context.run;
  }
  get #phone(): ItemTransferContext['connection']['phone'] {
    return this.#context.connection.phone;
  }
  get #name(): string {
    const { row } = this.#run;
    return row.savedAs ?? baseNameOf(row.phone);
  }

  async prepare(): Promise<Input> {
    const { connection } = this.#context;
    await this.#openSource();
    const storage = connection.tree.storage(this.#run.row.storage);
    if (storage.readOnly) throw fail('read-only', 'upload', '', { subject: storage.description });
    const named = this.#legalName(storage.removable);
    if (named !== undefined) return named;

    const folder = await connection.tree.makeFolders(this.#run.row.storage, parentOf(this.#run.row.phone));
    this.#folder = folder;
    // two items of one name in one folder (differing in case, say): the second looks when the first is through
    if (this.#claimed === undefined) {
      if (!folder.claim(this.#name))
        return {
          kind: 'waitFor',
          for: { kind: 'time', until: this.#context.now() + CLAIM_WAIT_MS },
          at: this.#context.now(),
        };
      this.#claimed = this.#name;
    }
    const resumed = await this.#resume(folder);
    if (resumed !== undefined) return resumed;

    const clash = await this.#clash(folder);
    if (clash !== undefined) return clash;
    const { size } = this.#run.row;
    if (size > 0) await this.#context.space.requireOnPhone(connection, storage, size);
    // large sources may have to be found again: small ones are told by size and date
    const mode = this.#mode();
    const fingerprint =
      mode === 'chunks' ? await fingerprintFile(this.#run.row.local, this.#run.transfer.id) : undefined;
    this.#run.update({
      fingerprint,
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

  async move(): Promise<Input> {
    this.#run.beginMove();
    return this.#run.row.mode === 'whole' ? this.#moveWhole() : this.#moveChunks();
  }

  async confirm(): Promise<Input> {
    const { row } = this.#run;
    const { phone } = this.#context.connection;
    const object = this.#present();
    await this.#endEdit();
    const check = new UploadVerification(phone, { ...object, size: row.size }, this.#source, this.#run);
    const { verify } = this.#run.transfer.options;
    let found = await check.allAtOnce(verify);
    if (found === undefined) {
      const size = await phone.sizeOf(object.handle);
      if (size !== row.size)
        return this.#mismatch(Math.min(size, row.size), `the phone has ${size} of ${row.size} bytes`);
      found = await check.run(verify);
    }
    if (found.kind === 'stopped') return { kind: 'stopped' };
    if (found.kind === 'mismatch') return this.#mismatch(found.at, 'bytes read back differ');
    await this.#source.requireUnchanged();
    await this.#giveName(object);
    this.#source.forgetSent();
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

  deleteOriginal(): Promise<void> {
    return this.#source.delete();
  }

  async release(): Promise<void> {
    await this.#endEdit().catch(() => undefined);
    await this.#source.close();
    if (this.#claimed !== undefined) this.#folder?.release(this.#claimed);
    this.#claimed = undefined;
  }

  // --- the source

  async #openSource(): Promise<void> {
    const { row } = this.#run;
    const { size, modified } = await this.#source.open();
    if (size === row.size && modified === row.modified) return;
    // changed since it was planned: what was sent of it is of no use; it starts again from what it is now
    await this.#discardTemporary();
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

  // --- the name

  #legalName(strict: boolean): Input | undefined {
    const { row, transfer } = this.#run;
    if (isLegalPhoneName(this.#name, { strict })) return undefined;
    const legal = legalPhoneName(this.#name);
    const rule =
      row.answer === 'use-legal-name' || transfer.nameAnswer === 'use-legal-name' ? 'legal' : transfer.options.onName;
    switch (rule) {
      case 'legal':
        this.#run.update({ savedAs: legal });
        return undefined;
      case 'ask':
        return { kind: 'asked', question: { kind: 'name', name: this.#name, legal } };
      case 'fail':
        throw fail('bad-name', 'upload', '', { subject: this.#name, fix: legal });
    }
  }

  async #clash(folder: Folder): Promise<Input | undefined> {
    const { row, transfer } = this.#run;
    const existing = folder.find(this.#name);
    if (existing === undefined) return undefined;
    const source = { name: baseNameOf(row.phone), size: row.size, modified: row.modified };
    const answer = row.answer ?? transfer.clashAnswer;
    let decision = decideClash(transfer.options.onClash, answer, source, existing);
    const { handle } = existing;
    if (decision === 'compare') decision = (await this.#identical(existing)) ? 'skip' : 'ask';
    if (decision === 'skip') {
      const same = await this.#sentBefore(existing);
      return {
        kind: 'settled',
        outcome: same ? { kind: 'already-there' } : { kind: 'skipped', why: 'already on the phone' },
      };
    }
    if (decision === 'ask') {
      if (await this.#sentBefore(existing)) return { kind: 'settled', outcome: { kind: 'already-there' } };
      return {
        kind: 'asked',
        question: { kind: 'clash', source, existing, existingIsFolder: existing.kind === 'folder' },
      };
    }
    if (decision === 'keep-both') {
      let number = 2;
      while (folder.find(numbered(this.#name, number)) !== undefined || !folder.claim(numbered(this.#name, number)))
        number += 1;
      if (this.#claimed !== undefined) folder.release(this.#claimed);
      this.#claimed = numbered(this.#name, number);
      this.#run.update({ savedAs: this.#claimed });
      return undefined;
    }
    if (existing.kind === 'folder')
      throw fail('exists', 'replace', `a folder with handle ${handle} has this name`, { subject: this.#name });
    return undefined;
  }

  /** Same size and the same samples. */
  async #identical(existing: PhoneObject): Promise<boolean> {
    if (existing.kind !== 'file' || existing.size !== this.#run.row.size) return false;
    for (const range of sampleRanges(existing.size))
      if ((await compareRange(this.#phone, existing, this.#source.file, range)) !== undefined) return false;
    return true;
  }

  /**
   * Whether this very file was sent there before and is still there: then nothing is sent. Where it lay does not matter:
   * what a browser drops lies elsewhere each time.
   */
  async #sentBefore(existing: PhoneObject): Promise<boolean> {
    const { row, transfer } = this.#run;
    if (existing.size !== row.size || existing.kind !== 'file') return false;
    const before = this.#context.store
      .doneAt(transfer.device, row.storage, row.phone, 4)
      .some((done) => done.id !== row.id && done.size === row.size && done.modified === row.modified);
    return before && (await this.#identical(existing));
  }

  #mode(): 'whole' | 'chunks' {
    const { row, transfer } = this.#run;
    const { edit, rename } = this.#phone.capabilities;
    if (row.size <= this.#context.wholeBelow || !edit || !rename) return 'whole';
    return transfer.options.large === 'keep-dates' ? 'whole' : 'chunks';
  }

  // --- going on where it stopped

  async #resume(folder: Folder): Promise<Input | undefined> {
    const { row } = this.#run;
    const { temporary, creation } = row;
    if (temporary === undefined || creation === 'none') return undefined;
    const left = folder.exactly(temporary);
    if (left === undefined) {
      // the rename may have gone through before its answer did
      const final = folder.exactly(this.#name);
      if (creation === 'renaming' && final !== undefined && (await this.#identical(final))) {
        this.#object = final;
        return { kind: 'prepared', offset: row.size };
      }
      this.#run.update({ temporary: undefined, creation: 'none' });
      return undefined;
    }
    if (row.mode === 'whole') return this.#resumeWhole(folder, left);
    if (!this.#phone.capabilities.edit) return this.#startOver(folder, left);

    const offset = await this.#trustedOffset(left);
    if (offset === 'stopped') return { kind: 'stopped' };
    if (offset === undefined) return this.#startOver(folder, left);
    this.#object = left;
    const storage = folder.storage;
    if (row.size > offset)
      await this.#context.space.requireOnPhone(this.#context.connection, storage, row.size - offset);
    this.#run.update({ creation: creation === 'renaming' ? 'created' : creation, resumed: true });
    return { kind: 'prepared', offset };
  }

  /** A whole object is complete or worthless; it is removed only when its content is a beginning of ours, so that nothing else can be lost. */
  async #resumeWhole(folder: Folder, left: PhoneObject): Promise<Input | undefined> {
    const { row } = this.#run;
    const underOwnName = left.name !== this.#name;
    const comparable = left.kind === 'file' && left.size <= row.size;
    const beginning =
      comparable &&
      (left.size === 0 ||
        (await compareRange(this.#phone, left, this.#source.file, { offset: 0, length: left.size })) === undefined);
    if (beginning && left.size === row.size) {
      this.#object = left;
      return { kind: 'prepared', offset: row.size };
    }
    if (beginning || underOwnName) await this.#delete(folder, left);
    this.#run.update({ temporary: undefined, creation: 'none' });
    return undefined;
  }

  /** min(what the phone has, last checkpoint), after both sides were compared; `undefined` when the object cannot be edited. */
  async #trustedOffset(left: PhoneObject): Promise<number | 'stopped' | undefined> {
    try {
      await this.#phone.beginEdit(left.handle);
      this.#editing = left.handle;
    } catch (error) {
      if (isPhoneError(error) && ['refused', 'unsupported', 'stale', 'missing'].includes(error.kind)) return undefined;
      throw error;
    }
    const there = await this.#phone.sizeOf(left.handle);
    const trusted = await trustedCheckpoints(this.#source.file, this.#run.checkpoints(), () => this.#run.stopRequested);
    // looked at only in part: nothing is thrown away on that ground
    if (this.#run.stopRequested) return 'stopped';
    const offset = await agreedOffset(
      this.#phone,
      { handle: left.handle, size: there },
      this.#source.file,
      trusted.filter((checkpoint) => checkpoint.offset + checkpoint.length <= there),
      (_, end) => Math.max(0, end - TAIL),
    );
    if (there > offset && this.#phone.capabilities.truncate) await this.#phone.truncate(left.handle, offset);
    this.#run.dropCheckpoints(offset);
    return offset;
  }

  async #startOver(folder: Folder, left: PhoneObject): Promise<undefined> {
    await this.#endEdit().catch(() => undefined);
    // an entry that can neither be edited nor deleted is a phantom: it goes by itself when the connection ends
    await this.#delete(folder, left).catch((error: unknown) => {
      if (endsConnection(problemOf(error).kind)) throw error;
    });
    this.#run.dropCheckpoints(0);
    this.#run.update({ temporary: undefined, creation: 'none', confirmed: 0 });
    return undefined;
  }

  // --- moving

  async #moveWhole(): Promise<Input> {
    const { row } = this.#run;
    const folder = this.#requireFolder();
    if (this.#object !== undefined && row.confirmed === row.size && row.creation !== 'none')
      return { kind: 'allMoved' };
    if (this.#run.stopRequested) return { kind: 'stopped' };
    const name = this.#nameToCreate(folder);
    const before = row.reached;
    this.#run.inFlight = 0;
    this.#run.update({
      temporary: name,
      creation: 'creating',
      reached: Math.max(before, Math.min(row.size, LARGEST_CHUNK)),
    });
    let handle: ObjectHandle;
    try {
      handle = await this.#phone.writeWhole(
        folder.storage.id,
        folder.ref,
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
      throw error;
    }
    this.#created(folder, name, handle, row.size);
    this.#context.space.usedOnPhone(this.#context.connection, folder.storage.key, row.size);
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
    const handle = await this.#editable();
    const size = this.#run.row.size;
    const chunk = new ChunkSize();
    this.#source.beginChunks();
    let prefetched = this.#prefetch(this.#run.row.confirmed, chunk.size);
    for (let sent = 0; this.#run.row.confirmed < size; sent += 1) {
      if (this.#run.stopRequested) {
        // nothing is on the wire: nothing beyond what was confirmed has to go again
        this.#run.update({ reached: this.#run.row.confirmed });
        return { kind: 'stopped' };
      }
      const current = await prefetched;
      const { offset, bytes, digest } = current;
      if (sent > 0 && sent % WINDOWS_PER_SPACE_CHECK === 0)
        await this.#context.space.requireOnPhone(
          this.#context.connection,
          this.#requireFolder().storage,
          size - offset,
        );
      const next = offset + bytes.byteLength;
      // on the wire from here on: if nothing more is heard, this much may have to go again
      if (sent === 0 && this.#run.row.reached < next) this.#run.update({ reached: next });
      const started = this.#context.now();
      this.#run.inFlight = bytes.byteLength;
      const writing = phone.writeChunk(handle, offset, bytes);
      writing.catch(() => undefined);
      if (next < size) prefetched = this.#prefetch(next, chunk.size);
      await this.#source.pass(current);
      await writing;
      chunk.took(this.#context.now() - started, bytes.byteLength);
      this.#context.space.usedOnPhone(this.#context.connection, this.#requireFolder().storage.key, bytes.byteLength);
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
    const folder = this.#requireFolder();
    if (this.#object === undefined) {
      const name = this.#temporaryName();
      this.#run.update({ temporary: name, creation: 'creating' });
      const handle = await this.#phone.createEmpty(folder.storage.id, folder.ref, {
        name,
        modified: this.#run.row.modified,
      });
      this.#created(folder, name, handle, 0);
      this.#run.update({ creation: 'created' });
    }
    const { handle } = this.#present();
    if (this.#editing !== handle) {
      await this.#phone.beginEdit(handle);
      this.#editing = handle;
    }
    return handle;
  }

  #created(folder: Folder, name: string, handle: ObjectHandle, size: number): void {
    this.#context.connection.tree.own(handle);
    this.#object = {
      handle,
      name,
      kind: 'file',
      size,
      modified: this.#run.row.modified,
      parent: folder.ref,
      format: 0x3000,
    };
    folder.remove(name);
    folder.add(this.#object);
  }

  #temporaryName(): string {
    const suffix = `.replug-${this.#context.unique()}`;
    // 255 UTF-8 bytes are the limit of Android's file systems
    return `${cutName(this.#name, 255 - suffix.length).replace(/^[ .]+/, '_')}${suffix}`;
  }

  /** A large file, and one that replaces another, is made under a temporary name, where the phone can rename it afterwards. */
  #nameToCreate(folder: Folder): string {
    const there = folder.find(this.#name) !== undefined;
    if (this.#phone.capabilities.rename)
      return there || this.#run.row.size > this.#context.wholeBelow ? this.#temporaryName() : this.#name;
    // cameras: nothing of the user's is deleted before its replacement is whole, so it cannot be replaced here
    if (there) throw fail('unsupported', 'replace', 'the phone cannot rename', { subject: this.#name });
    return this.#name;
  }

  #requireFolder(): Folder {
    if (this.#folder === undefined) throw fail('internal', 'upload', 'not prepared');
    return this.#folder;
  }
  #present(): PhoneObject {
    if (this.#object === undefined) throw fail('internal', 'upload', 'no object');
    return this.#object;
  }

  // --- the end

  /** Deletes the old target, if there is one, and gives the complete copy its name. */
  async #giveName(object: PhoneObject): Promise<void> {
    if (object.name === this.#name) return;
    const folder = this.#requireFolder();
    this.#run.update({ creation: 'renaming' });
    const old = folder.find(this.#name);
    if (old !== undefined && old.handle !== object.handle) await this.#delete(folder, old);
    await this.#phone.rename(object.handle, this.#name);
    folder.remove(object.name);
    folder.add({ ...object, name: this.#name, size: this.#run.row.size });
    this.#run.update({ temporary: undefined });
  }

  async #delete(folder: Folder, object: PhoneObject): Promise<void> {
    try {
      await this.#phone.delete(object.handle);
    } catch (error) {
      if (!isPhoneError(error) || (error.kind !== 'stale' && error.kind !== 'missing')) throw error;
    }
    folder.remove(object.name);
  }

  /** Bad chunks were sent again once already (`UploadCheck`): start again once, then give up. */
  async #mismatch(at: number, detail: string): Promise<Input> {
    const { row } = this.#run;
    if (row.mismatches >= 2) throw fail('mismatch', 'verify', `${detail} at ${at}`, { subject: row.local });
    await this.#discardTemporary();
    this.#run.dropCheckpoints(0);
    this.#run.update({ mismatches: row.mismatches + 1, temporary: undefined, creation: 'none', sha256: undefined });
    this.#object = undefined;
    return { kind: 'mismatched', from: 0 };
  }

  async #discardTemporary(): Promise<void> {
    const { row } = this.#run;
    if (row.temporary === undefined || row.creation === 'none') return;
    await this.#endEdit();
    const { connection } = this.#context;
    const folder = await connection.tree.folder(row.storage, parentOf(row.phone));
    const left = folder.exactly(row.temporary);
    if (left !== undefined && (left.name !== this.#name || this.#object?.handle === left.handle))
      await this.#delete(folder, left);
  }

  async #endEdit(): Promise<void> {
    const handle = this.#editing;
    if (handle === undefined) return;
    this.#editing = undefined;
    if (!this.#context.connection.alive) return;
    await this.#phone.endEdit(handle);
  }
}
