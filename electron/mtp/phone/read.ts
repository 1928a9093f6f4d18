import { fail } from '../../../shared/errors.ts';
import type { Requests } from './requests.ts';
import { isRefusal } from './object-info.ts';
import type { CallOptions } from '../ports.ts';
import type { ObjectHandle } from './phone-types.ts';
import { HEADER_SIZE, Operation, operationName } from '../wire/codes.ts';

/** Reading bytes of an object: in chunks where the phone can, whole where it cannot (field notes §3.5). */

/** What can be read: a handle and the size it is taken to have, in bytes. */
export interface Readable {
  readonly handle: ObjectHandle;
  /** Bytes. */
  readonly size: number;
}

const FOUR_GIB = 2 ** 32;
/** One chunk is kept in memory; responders hold the length in a signed 32-bit number. */
const LARGEST_REQUEST = 256 * 1024 * 1024;

/**
 * GetPartialObject64, or GetPartialObject below 4 GiB: at least one byte and at most `length`. Rejects with `bad-request`
 * outside of the object, `unsupported` where the phone reads no parts (of so large an object).
 */
export async function readChunk(
  requests: Requests,
  object: Readable,
  offset: number,
  length: number,
  options: CallOptions | undefined,
): Promise<readonly Uint8Array[]> {
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(length) || offset < 0 || length < 1)
    throw fail('bad-request', 'readChunk', `offset ${offset}, length ${length}`);
  // Beyond the end AOSP computes a wrapped length and fails, or never answers.
  if (offset >= object.size)
    throw fail('bad-request', 'readChunk', `offset ${offset} is not inside ${object.size} bytes`);
  const wanted = Math.min(
    length,
    object.size - offset,
    LARGEST_REQUEST,
    requests.effects.largestChunk ?? LARGEST_REQUEST,
  );
  const asked = requests.effects.endOfFileHang ? shyOfTheEnd(wanted, offset + wanted === object.size) : wanted;

  if (requests.capabilities.current().partialRead === 64) {
    try {
      const parameters = [object.handle, offset % FOUR_GIB, Math.floor(offset / FOUR_GIB), asked];
      return await readPart(requests, Operation.GetPartialObject64, parameters, asked, options);
    } catch (error) {
      if (!isRefusal(error, 'unsupported')) throw error;
    }
  }
  if (requests.capabilities.current().partialRead !== 32)
    throw fail('unsupported', operationName(Operation.GetPartialObject64), 'no partial reads');
  if (offset + asked > FOUR_GIB)
    throw fail('unsupported', operationName(Operation.GetPartialObject), `offset ${offset} is beyond 4 GiB`);
  return await readPart(requests, Operation.GetPartialObject, [object.handle, offset, asked], asked, options);
}

/**
 * Samsung's responder hangs on a read that reaches the end of the file with (length + 12) % 512 = 0. One byte less is
 * asked for; the caller sees a short read and asks for the last byte next. 1012 % 1024, the same trap on USB 3, is
 * among these lengths.
 */
const shyOfTheEnd = (length: number, reachesEnd: boolean): number =>
  reachesEnd && (length + HEADER_SIZE) % 512 === 0 && length > 1 ? length - 1 : length;

async function readPart(
  requests: Requests,
  operation: number,
  parameters: readonly number[],
  asked: number,
  options: CallOptions | undefined,
): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  const result = await requests.ask(
    {
      operation,
      parameters,
      data: { kind: 'in', expected: asked, most: asked, onPiece: (bytes) => void pieces.push(bytes) },
    },
    options,
  );
  const name = operationName(operation);
  const counted = result.parameters[0];
  if (result.cut) throw fail('confused', name, `data ended after ${result.received} of ${asked} bytes`);
  // Some stacks fill all parameters with zeros; only a count that contradicts is a lie.
  if (counted !== undefined && counted !== 0 && counted !== result.received)
    throw fail('confused', name, `says ${counted} bytes, sent ${result.received}`);
  // Zero bytes before the end would make the caller ask for ever.
  if (result.received === 0) throw fail('refused', name, 'no bytes before the end of the file');
  return pieces;
}

/** GetObject: the whole object in one transaction. Resolves with the bytes received; the caller compares. */
export async function readWhole(
  requests: Requests,
  object: Readable,
  onPiece: (bytes: Uint8Array) => void | Promise<void>,
  options: CallOptions | undefined,
): Promise<number> {
  requests.need(Operation.GetObject);
  const result = await requests.ask(
    {
      operation: Operation.GetObject,
      parameters: [object.handle],
      // The object may have grown since it was listed; the caller compares the count.
      data: { kind: 'in', expected: object.size, most: Number.MAX_SAFE_INTEGER, onPiece },
    },
    options,
  );
  if (result.cut) throw fail('confused', 'GetObject', `data ended after ${result.received} of ${object.size} bytes`);
  return result.received;
}

/** A picture's thumbnail is a few KiB; this is generous. */
const LARGEST_THUMBNAIL = 16 * 1024 * 1024;

/** GetThumb; `undefined` where there is none. */
export async function thumbnail(
  requests: Requests,
  handle: ObjectHandle,
  options: CallOptions | undefined,
): Promise<Uint8Array | undefined> {
  if (!requests.capabilities.supports(Operation.GetThumb)) return undefined;
  try {
    const bytes = await requests.dataset(Operation.GetThumb, [handle], options);
    return bytes.byteLength === 0 || bytes.byteLength > LARGEST_THUMBNAIL ? undefined : bytes;
  } catch (error) {
    if (isRefusal(error, 'missing', 'unsupported', 'refused')) return undefined;
    throw error;
  }
}
