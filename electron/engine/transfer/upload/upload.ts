import { parentOf, type Instant } from '../../../../shared/domain.ts';
import { fail, failRequest, type Problem, problemOf } from '../../../../shared/errors.ts';
import type { Outcome } from '../../../../shared/snapshots.ts';
import { isTemporaryName } from '../../devices/temporary-name.ts';
import { giveFreeName } from '../../devices/whole-copy.ts';
import type { Input } from '../../model/item-state.ts';
import { isPublished } from '../delete-source.ts';
import { fingerprintFile } from '../fingerprint.ts';
import type { ItemTransfer, ItemTransferContext } from '../item-transfer.ts';
import { checkCopy } from './check-copy.ts';
import { decideConflict, type UploadParts } from './decide-conflict.ts';
import { proveUploaded } from './finish-move.ts';
import { named } from './named-errors.ts';
import { publishUpload } from './publish-upload.ts';
import { recheckUpload } from './recheck-upload.ts';
import { afterRefusal } from '../refused-name.ts';
import { resumeUpload } from './resume-upload.ts';
import { sendChunks } from './send-chunks.ts';
import { sendWhole } from './send-whole.ts';
import { throwAway } from './throw-away.ts';
import { UploadSource } from './upload-source.ts';
import { UploadTarget } from './upload-target.ts';

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
    return this.#named(() => (this.#run.row.mode === 'whole' ? sendWhole(this.#parts) : sendChunks(this.#parts)));
  }
  confirm(): Promise<Input> {
    return this.#named(async () => {
      try {
        return await this.#confirm();
      } catch (error) {
        if (WORTHLESS_AFTER.has(problemOf(error).kind)) await this.#giveUp();
        throw error;
      }
    });
  }
  /** What the phone refuses for its name alone goes under another one. */
  #named(step: () => Promise<Input>): Promise<Input> {
    return named(this.#run, () =>
      step().catch((error: unknown) => afterRefusal(this.#context, this.#target.name, error)),
    );
  }
  async deleteOriginal(underWay: (isUnderWay: boolean) => void): Promise<void> {
    if (!this.#isProved) throw failRequest('delete', { id: 'cannot-read-back' }, { id: 'delete-yourself' });
    await this.#source.delete(underWay);
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
    await this.#takeFreedName();
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

  /** The phone went while the old file did: the copy, which is whole, gets the name before its source is looked for. */
  async #takeFreedName(): Promise<void> {
    const { temporary, creation, expectation, storage, phone } = this.#run.row;
    if (temporary === undefined || creation !== 'renaming' || expectation?.kind !== 'file') return;
    const copy = { storage, folder: parentOf(phone), name: temporary };
    if (!isTemporaryName(temporary)) return;
    await giveFreeName(this.#context.connection, copy, this.#target.name).catch((error: unknown) => {
      // its folder is gone, and the copy with it; or the phone renames nothing, and all of it goes anew
      if (!['missing', 'not-a-folder', 'unsupported'].includes(problemOf(error).kind)) throw error;
    });
  }

  async #openSource(): Promise<void> {
    const { row } = this.#run;
    const { size, modified } = await this.#source.open(this.#isLikelySent());
    if (size === row.size && modified === row.modified) return;
    // changed since it was planned: what was sent of it is of no use; it starts again from what it is now
    await throwAway(this.#parts, row.temporary, () => this.#target.discard());
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

  // --- confirming

  async #confirm(): Promise<Input> {
    await this.#target.endEdit();
    const copyModified = await this.#dateOfCopy();
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
      ...(copyModified === undefined ? {} : { copyModified }),
    };
    return { kind: 'verified', outcome };
  }

  /**
   * The date that the phone gave a file which was written in place, asked before the file is compared: one that is edited
   * from now on has another. A file that went whole has the date it was sent with.
   */
  async #dateOfCopy(): Promise<Instant | undefined> {
    if (this.#run.row.mode !== 'chunks') return undefined;
    return (await this.#phone.stat(this.#target.made.handle)).modified;
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
    // one that has its name already was whole when it got it
    const isNamed = row.mode === 'chunks' && this.#target.made.name === this.#target.name;
    const discarded = isNamed ? 'changed' : await this.#target.discard(this.#source.reader);
    this.#run.dropCheckpoints(0);
    if (discarded === 'changed' || discarded === 'unproved' || discarded === 'is-folder') {
      // somebody has written to the copy, or put something else in its place: that is theirs, and a conflict. Counted, or an
      // app that writes to all that comes would be sent one after the other
      this.#run.update({
        mismatches: row.mismatches + 1,
        temporary: undefined,
        creation: 'none',
        confirmed: 0,
        expectation: undefined,
      });
      throw fail('exists', 'verify', `${detail} at ${at}`, { subject: this.#target.name });
    }
    this.#run.update({ mismatches: row.mismatches + 1, temporary: undefined, creation: 'none', sha256: undefined });
    return { kind: 'mismatched', from: 0 };
  }
}
