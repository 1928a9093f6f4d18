import type { Instant, PhonePlace, VerifyLevel } from '../../../shared/domain.ts';
import { endsConnection, fail, problemOf } from '../../../shared/errors.ts';
import type { ComparedCopy, CopySide } from '../../../shared/verify.ts';
import type { Phone, PhoneObject } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { Disk, OpenFile } from '../local/disk.ts';
import { local, modifiedOf } from '../local/local-files.ts';
import { compareRange, isSame, readableEnd } from '../transfer/compare-bytes.ts';
import { SMALL, verifiedRanges } from '../transfer/sample.ts';
import { isSameForZone } from './dates.ts';
import type { Here, There } from './pair-copies.ts';

/** Compares one file of this computer with one of the phone; reads both and writes nothing. */

/** Bytes compared between two looks at whether to stop. */
const STEP_BYTES = 8 * 1024 * 1024;
/** A file that is being written while it is compared is compared again, so many times in all. */
const ATTEMPTS = 2;

/** What a comparison needs of the engine. */
export interface CompareParts {
  readonly disk: Disk;
  /** Where an object is now. Rejects with why it cannot be looked at. */
  readonly find: (place: PhonePlace) => Promise<{ readonly connection: Connection; readonly object: PhoneObject }>;
  /** Does something with the phone, and again whenever it is back after it went away. */
  readonly patiently: <T>(work: () => Promise<T>) => Promise<T>;
  readonly signal: AbortSignal;
}

/** What was found of one pair, without its names. */
type Found = Pick<ComparedCopy, 'state' | 'local' | 'phone' | 'checked' | 'at' | 'problem'>;

/**
 * Compares as closely as `level` says: by size and date, in samples, or whole. Rejects with `cancelled` once stopped, and with
 * why the phone is away; whatever else cannot be read is the answer `unreadable`.
 */
export async function compareCopy(
  parts: CompareParts,
  [here, there]: readonly [Here, There],
  place: PhonePlace,
  level: VerifyLevel,
  onBytes: (bytes: number) => void,
): Promise<Found> {
  const known = { local: sideOf(here), phone: sideOf(there) };
  if (here.problem !== undefined) return { ...known, state: 'unreadable', problem: here.problem };
  if (here.kind !== there.kind) return { ...known, state: 'kind' };
  const comparison = new Comparison(parts, here, there, place, level, onBytes);
  for (let attempt = 1; ; attempt += 1)
    try {
      const found = await comparison.run();
      if (found !== 'changed') return found;
      if (attempt === ATTEMPTS) throw fail('source-changed', 'verify', 'twice', { subject: here.local });
    } catch (error) {
      const problem = problemOf(error, 'verify');
      if (problem.kind === 'cancelled' || problem.kind === 'internal' || endsConnection(problem.kind)) throw error;
      // deleted since it was listed
      if (problem.kind === 'missing') return { local: known.local, state: 'missing-on-phone' };
      if (problem.kind === 'source-missing') return { phone: known.phone, state: 'missing-here' };
      return { ...known, state: 'unreadable', problem };
    }
}

const sideOf = ({ size, modified }: CopySide): CopySide => ({ size, modified });

interface Looked {
  readonly connection: Connection;
  readonly object: PhoneObject;
}

class Comparison {
  readonly #parts: CompareParts;
  readonly #here: Here;
  readonly #there: There;
  readonly #place: PhonePlace;
  readonly #level: VerifyLevel;
  readonly #onBytes: (bytes: number) => void;
  /** All before it is the same, of the file that `#of` says; a phone that comes back goes on there. */
  #at = 0;
  #of: CopySide | undefined;

  constructor(
    parts: CompareParts,
    here: Here,
    there: There,
    place: PhonePlace,
    level: VerifyLevel,
    onBytes: (bytes: number) => void,
  ) {
    this.#parts = parts;
    this.#here = here;
    this.#there = there;
    this.#place = place;
    this.#level = level;
    this.#onBytes = onBytes;
  }

  /** `changed`: a side was written to meanwhile. */
  async run(): Promise<Found | 'changed'> {
    const { disk, patiently } = this.#parts;
    const before = await this.#look();
    this.#at = 0;
    this.#of = undefined;
    if (this.#level === 'size' && before.size === this.#there.size) return this.#byDate(before, this.#there);
    const path = this.#here.local;
    const file = await local('source', 'open', path, () => disk.open(path, 'read'));
    try {
      const found = await patiently(() => this.#compare(file, before));
      const after = await this.#look();
      if (after.size !== before.size || after.modified !== before.modified) return 'changed';
      return found;
    } finally {
      await file.close();
    }
  }

  async #look(): Promise<CopySide & { readonly modified: Instant }> {
    const path = this.#here.local;
    const stats = await local('source', 'stat', path, () => this.#parts.disk.stat(path));
    return { size: stats.size, modified: modifiedOf(stats) };
  }

  #byDate(ours: CopySide, theirs: CopySide): Found {
    const undated = ours.modified === undefined || theirs.modified === undefined;
    return {
      local: sideOf(ours),
      phone: sideOf(theirs),
      state: undated || isSameForZone(ours.modified, theirs.modified) ? 'same' : 'date',
      checked: 'size',
    };
  }

  async #compare(file: OpenFile, ours: CopySide): Promise<Found | 'changed'> {
    const looked = await this.#find();
    const { connection, object } = looked;
    const sides = { local: ours, phone: sideOf(object) };
    let { size } = object;
    if (size !== ours.size) {
      const told = await this.#provedSize(looked, file, ours.size);
      if (typeof told !== 'number') return { ...sides, ...told };
      if (told !== ours.size) return { ...sides, phone: { ...sides.phone, size: told }, state: 'size' };
      size = told;
    }
    const found = await this.#contents(connection.phone, { ...object, size }, file, ours);
    // what came in one piece was one file at one moment; of more pieces the first may be of another version than the last
    const isOfPieces = found.state === 'same' && found.checked !== 'size' && size > SMALL;
    if (found.state !== 'content' && !isOfPieces) return { ...sides, ...found, phone: { ...sides.phone, size } };
    const now = await connection.phone.stat(object.handle);
    const isStill = now.size === object.size && now.modified === object.modified;
    return isStill ? { ...sides, ...found, ...(isOfPieces && { phone: { ...sides.phone, size } }) } : 'changed';
  }

  /** The object as it is now; a handle that went stale is looked up once more. */
  async #find(): Promise<Looked> {
    const look = async (): Promise<Looked> => {
      const { connection, object } = await this.#parts.find(this.#place);
      return { connection, object: { ...(await connection.phone.stat(object.handle)), name: object.name } };
    };
    try {
      return await look();
    } catch (error) {
      if (problemOf(error).kind !== 'stale') throw error;
      const { connection } = await this.#parts.find(this.#place);
      // what is above it may have been made anew as well
      connection.tree.forget();
      return look();
    }
  }

  /**
   * What the phone has of a file of which it tells another size than ours: some tell 0 while their media scan is unfinished,
   * or twice the truth. The number of bytes, or what a comparison of all of them found.
   */
  async #provedSize({ connection, object }: Looked, file: OpenFile, ours: number): Promise<number | Found> {
    const { phone } = connection;
    if (object.size === 0 || Math.max(object.size, ours) <= SMALL) return this.#whole(phone, object, file, ours);
    // a byte of which the phone says that it has it: one that tells too much has none there
    if (object.size < ours || ours >= readableEnd(phone) || phone.quirks.length > 0) return object.size;
    try {
      phone.giveBack(await phone.readChunk(object, ours, 1));
      return object.size;
    } catch (error) {
      if (endsConnection(problemOf(error).kind)) throw error;
      return ours;
    }
  }

  /** Contents of a file whose size is the same on both sides. */
  async #contents(phone: Phone, object: PhoneObject, file: OpenFile, ours: CopySide): Promise<Found> {
    const { size } = object;
    if (this.#level === 'size') return this.#byDate(ours, object);
    if (size === 0) return { state: 'same', checked: 'full' };
    const end = readableEnd(phone);
    const isWhole = this.#level === 'full' || size <= SMALL;
    // one transaction, which also proves the size
    if (size <= SMALL || (isWhole && size > end)) {
      const found = await this.#whole(phone, object, file, size);
      return typeof found === 'number' ? { state: 'size', phone: { ...sideOf(object), size: found } } : found;
    }
    if (isWhole) return this.#inSteps(phone, object, file);
    if (end === 0) return { ...this.#byDate(ours, { ...object, modified: undefined }), checked: 'size' };
    for (const range of verifiedRanges(size)) {
      this.#refuseStopped();
      if (range.offset >= end) continue;
      const length = Math.min(range.length, end - range.offset);
      const bad = await this.#range(phone, object, file, range.offset, length);
      if (bad !== undefined) return { state: 'content', at: bad, checked: 'sampled' };
    }
    return { state: 'same', checked: 'sampled' };
  }

  async #inSteps(phone: Phone, object: PhoneObject, file: OpenFile): Promise<Found> {
    const { size, modified } = object;
    // an undated file may be any of that size
    if (modified === undefined || this.#of?.size !== size || this.#of.modified !== modified) this.#at = 0;
    this.#of = { size, modified };
    while (this.#at < size) {
      this.#refuseStopped();
      const length = Math.min(STEP_BYTES, size - this.#at);
      const bad = await this.#range(phone, object, file, this.#at, length);
      if (bad !== undefined) return { state: 'content', at: bad, checked: 'full' };
      this.#at += length;
      this.#onBytes(this.#at);
    }
    return { state: 'same', checked: 'full' };
  }

  #range(
    phone: Phone,
    object: PhoneObject,
    file: OpenFile,
    offset: number,
    length: number,
  ): Promise<number | undefined> {
    return local('source', 'read', this.#here.local, () => compareRange(phone, object, file, { offset, length }));
  }

  /** All of it in one transaction, which cannot be stopped: the number of its bytes where it is not ours. */
  async #whole(phone: Phone, object: PhoneObject, file: OpenFile, ours: number): Promise<number | Found> {
    this.#refuseStopped();
    let at = 0;
    let bad: number | undefined;
    const came = await phone.readWhole(object, async (piece) => {
      const range = { offset: at, length: piece.byteLength };
      at += piece.byteLength;
      if (bad !== undefined) return;
      const same = await local('source', 'read', this.#here.local, () => isSame([piece], file, range));
      if (!same) bad = range.offset;
      this.#onBytes(at);
    });
    if (came !== ours) return came;
    const phoneSide = { phone: { size: came, modified: object.modified } };
    return bad === undefined
      ? { ...phoneSide, state: 'same', checked: 'full' }
      : { ...phoneSide, state: 'content', at: bad, checked: 'full' };
  }

  #refuseStopped(): void {
    if (this.#parts.signal.aborted) throw fail('cancelled', 'verify', 'stopped');
  }
}
