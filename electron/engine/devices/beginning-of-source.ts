import { fail, isPhoneError } from '../../../shared/errors.ts';
import { takenForContent, type CallOptions, type Phone, type PhoneObject } from '../../mtp/index.ts';
import type { Connection } from './device-connection.ts';

/** Bytes read back at once. */
const READ_BYTES = 1024 * 1024;

/** A source, as far as it takes to see whether the phone has a beginning of it. */
export interface SourceReader {
  /** Bytes. */
  readonly size: number;
  /** It is on the phone itself, which does one transaction at a time. */
  readonly isOnPhone?: boolean;
  /** Fewer than `length` bytes where the source ends. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A phone's file as the source of a copy on the same phone. Reading rejects as the phone does. */
export const objectReader = (
  { phone }: Connection,
  object: PhoneObject,
  options: CallOptions | undefined,
): SourceReader => ({
  size: object.size,
  isOnPhone: true,
  read: async (offset, length) => {
    const most = Math.min(length, object.size - offset);
    return most <= 0 ? new Uint8Array(0) : Buffer.concat(await phone.readChunk(object, offset, most, options));
  },
});

/**
 * Whether a file of a phone holds a beginning of `source`, nothing, or what a phone that was cut off took for content
 * (`takenForContent`); with `whole` also all of it. A phone that cannot read ranges sends all of it at once; `unproved`: the
 * source would have to be read meanwhile. Rejects as the phone does.
 */
export async function isBeginning(
  { phone }: Connection,
  object: PhoneObject,
  { source, whole = false }: { readonly source: SourceReader; readonly whole?: boolean },
  options: CallOptions | undefined,
): Promise<'proved' | 'changed' | 'unproved'> {
  const junk = takenForContent(object.size, source.size);
  const isWhole = object.size > 0 && object.size === source.size;
  if (junk === undefined && (object.size > source.size || (isWhole && !whole))) return 'changed';
  if (object.size === 0) return isBeginningWhole(phone, object, source, whole, options);
  if (phone.capabilities.partialRead === 'none' && source.isOnPhone === true) return 'unproved';
  let isJunk = junk !== undefined;
  let same = object.size <= source.size;
  let at = 0;
  const compare = async (piece: Uint8Array): Promise<void> => {
    const ours = same ? await source.read(at, piece.byteLength) : piece.subarray(0, 0);
    const end = at + piece.byteLength;
    same &&= ours.byteLength === piece.byteLength && Buffer.compare(ours, piece) === 0;
    isJunk &&= junk !== undefined && Buffer.compare(junk.subarray(at, end), piece) === 0;
    at = end;
  };
  await readWhile(phone, object, compare, () => same || isJunk, options);
  if (at !== object.size || (same ? isWhole && !whole : !isJunk)) return 'changed';
  // somebody may have written to it while it was read
  return (await phone.sizeOf(object.handle, options)) === object.size ? 'proved' : 'changed';
}

/** Whether a file that was to have `announced` bytes has as many as a phone may have taken for its content (`takenForContent`). */
export const mayBeTaken = ({ size }: Pick<PhoneObject, 'size'>, announced: number): boolean =>
  takenForContent(size, announced) !== undefined;

/** Whether a file for which `mayBeTaken` holds has those bytes. Rejects as the phone does. */
export const isTaken = (
  connection: Connection,
  object: PhoneObject,
  announced: number,
  options: CallOptions | undefined,
): Promise<'proved' | 'changed' | 'unproved'> => {
  // of a source that cannot be read nothing is a beginning
  const source: SourceReader = { size: announced, read: () => Promise.resolve(new Uint8Array(0)) };
  return isBeginning(connection, object, { source }, options);
};

/**
 * Gives an object's bytes piece by piece, in ranges as long as `goesOn`; all of it at once where the phone cannot read ranges.
 * Rejects as the phone does.
 */
export async function readWhile(
  phone: Phone,
  object: PhoneObject,
  take: (piece: Uint8Array) => Promise<void>,
  goesOn: () => boolean,
  options: CallOptions | undefined,
): Promise<void> {
  if (phone.capabilities.partialRead === 'none') {
    await phone.readWhole(object, take, options);
    return;
  }
  for (let at = 0; at < object.size && goesOn();) {
    const pieces = await phone.readChunk(object, at, Math.min(READ_BYTES, object.size - at), options);
    for (const piece of pieces) {
      await take(piece);
      at += piece.byteLength;
    }
    phone.giveBack(pieces);
  }
}

/**
 * As `isBeginning`, of a file that is told to be empty. Some phones say so of every file, wherever they are asked
 * (`zero-sizes`): only reading it shows whether it is.
 */
async function isBeginningWhole(
  phone: Phone,
  object: PhoneObject,
  source: SourceReader,
  whole: boolean,
  options: CallOptions | undefined,
): Promise<'proved' | 'changed'> {
  let at = 0;
  try {
    await phone.readWhole(
      object,
      async (piece) => {
        // one that is on the phone itself cannot be read meanwhile
        const ours = source.isOnPhone === true ? piece.subarray(0, 0) : await source.read(at, piece.byteLength);
        if (ours.byteLength !== piece.byteLength || Buffer.compare(ours, piece) !== 0)
          throw fail('mismatch', 'compare', `other bytes from ${at} on`, { subject: object.name });
        at += piece.byteLength;
      },
      options,
    );
  } catch (error) {
    if (!isPhoneError(error)) throw error;
    if (error.kind === 'mismatch') return 'changed';
    // an object that was announced and never sent cannot be read, and goes by itself
    if (error.kind !== 'refused') throw error;
  }
  if (at > 0 && at === source.size && !whole) return 'changed';
  return (await phone.sizeOf(object.handle, options)) === 0 ? 'proved' : 'changed';
}
