import { fail } from '../../../shared/errors.ts';
import { putU16, putU32, u16At, u32At } from './bytes.ts';
import { ContainerType, HEADER_SIZE, MAX_PARAMETERS, SIZE_UNKNOWN } from './codes.ts';

/** The 12 bytes before every container, as PIMA 15740 over USB defines them. */
export interface Header {
  /** The whole container with these 12 bytes; `SIZE_UNKNOWN` when it does not fit into 32 bits. */
  readonly length: number;
  readonly type: ContainerType;
  /** Operation, response or event code; a data container carries the operation's. */
  readonly code: number;
  readonly transactionId: number;
}

/** A response. */
export interface ResponseDataset {
  readonly code: number;
  readonly transactionId: number;
  readonly parameters: readonly number[];
}

const isType = (value: number): value is ContainerType =>
  value >= ContainerType.command && value <= ContainerType.event;

/** Writes the 12 bytes of a header at the beginning of `bytes`. */
export function putHeader(bytes: Uint8Array, { length, type, code, transactionId }: Header): void {
  putU32(bytes, 0, length);
  putU16(bytes, 4, type);
  putU16(bytes, 6, code);
  putU32(bytes, 8, transactionId);
}

/** The 12 bytes of a header. */
export function encodeHeader(header: Header): Uint8Array {
  const bytes = new Uint8Array(HEADER_SIZE);
  putHeader(bytes, header);
  return bytes;
}

/** A header and up to five parameters: the shape of commands, responses and (up to three) events. */
export function encodeParameters(
  type: ContainerType,
  code: number,
  transactionId: number,
  parameters: readonly number[],
): Uint8Array {
  if (parameters.length > MAX_PARAMETERS)
    throw new RangeError(`${parameters.length} parameters; at most ${MAX_PARAMETERS}`);
  const length = HEADER_SIZE + parameters.length * 4;
  const bytes = new Uint8Array(length);
  putHeader(bytes, { length, type, code, transactionId });
  for (const [index, parameter] of parameters.entries()) putU32(bytes, HEADER_SIZE + index * 4, parameter);
  return bytes;
}

/** A command container with up to five 32-bit parameters. */
export const encodeCommand = (code: number, transactionId: number, parameters: readonly number[]): Uint8Array =>
  encodeParameters(ContainerType.command, code, transactionId, parameters);

/** The header of a data phase with `payload` bytes; sizes that do not fit are `SIZE_UNKNOWN`, as AOSP, uMTP and QEMU send them. */
export const encodeDataHeader = (code: number, transactionId: number, payload: number): Uint8Array =>
  encodeHeader({
    length: payload + HEADER_SIZE >= SIZE_UNKNOWN ? SIZE_UNKNOWN : payload + HEADER_SIZE,
    type: ContainerType.data,
    code,
    transactionId,
  });

/** Reads 12 bytes. A type that is none of the four, or a length below 12, is `confused`. */
export function decodeHeader(bytes: Uint8Array): Header {
  if (bytes.byteLength < HEADER_SIZE) throw fail('confused', 'container', `header of ${bytes.byteLength} bytes`);
  const length = u32At(bytes, 0);
  const type = u16At(bytes, 4);
  const code = u16At(bytes, 6);
  if (!isType(type)) throw fail('confused', 'container', `type ${type}`);
  if (length < HEADER_SIZE) throw fail('confused', 'container', `length ${length}`);
  return { length, type, code, transactionId: u32At(bytes, 8) };
}

/** A whole response, command or event container. Parameters beyond the fifth are refused; a ragged tail is ignored. */
export function decodeParameters(bytes: Uint8Array): ResponseDataset & { readonly type: ContainerType } {
  const header = decodeHeader(bytes);
  const end = Math.min(bytes.byteLength, header.length);
  const count = Math.floor((end - HEADER_SIZE) / 4);
  if (count > MAX_PARAMETERS) throw fail('confused', 'container', `${count} parameters`);
  const parameters: number[] = [];
  for (let index = 0; index < count; index += 1) parameters.push(u32At(bytes, HEADER_SIZE + index * 4));
  return { type: header.type, code: header.code, transactionId: header.transactionId, parameters };
}
