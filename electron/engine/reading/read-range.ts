import { fail, isPhoneError } from '../../../shared/errors.ts';
import type { CallOptions, PhoneObject } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';

/** A phone that reads no parts gives files up to this size, bytes: they are kept in memory whole. */
export const LARGEST_WHOLE = 32 * 1024 * 1024;

/** Exactly that range, into `bytes`; short answers are continued. The pieces go back to the transport's memory. */
export async function readRange(
  { phone }: Connection,
  object: PhoneObject,
  { offset, length }: { readonly offset: number; readonly length: number },
  options: CallOptions,
  bytes = new Uint8Array(length),
): Promise<Uint8Array> {
  for (let got = 0; got < length;) {
    const pieces = await phone.readChunk(object, offset + got, length - got, options);
    for (const piece of pieces) {
      bytes.set(piece, got);
      got += piece.byteLength;
    }
    phone.giveBack(pieces);
  }
  return bytes;
}

/** All of a file, where the phone reads no parts. Rejects with `source-changed` where it has another size than it said. */
export async function readAll({ phone }: Connection, object: PhoneObject, options: CallOptions): Promise<Uint8Array> {
  const bytes = new Uint8Array(object.size);
  const pieces: Uint8Array[] = [];
  const received = await phone.readWhole(object, (piece) => void pieces.push(piece), options);
  if (received === object.size) {
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.byteLength;
    }
  }
  phone.giveBack(pieces);
  if (received !== object.size)
    throw fail('source-changed', 'read', `${received} of ${object.size} bytes came`, { subject: object.name });
  return bytes;
}

/**
 * Reads all of a file that is told as empty, as some phones say of every file; answers how many bytes came. An object that was
 * announced and never sent, which cannot be read, has none. Otherwise rejects as reading does.
 */
export async function readUntold(
  { phone }: Connection,
  object: PhoneObject,
  onPiece: (piece: Uint8Array) => void,
  options: CallOptions,
): Promise<number> {
  try {
    return await phone.readWhole(object, onPiece, options);
  } catch (error) {
    if (!isPhoneError(error) || error.kind !== 'refused') throw error;
    return 0;
  }
}
