import { fail } from '../../../shared/errors.ts';
import { Reader, Writer } from './bytes.ts';
import { DataType, hex } from './codes.ts';

/** Values of object properties, and the dataset of GetObjectPropList (MTP 1.1, 5.3.2 and E.2.1.1). */

/** A property's value as MTP types it. 128-bit integers stay as their bytes; nothing here needs them as numbers. */
export type PropValue = number | bigint | string | Uint8Array | readonly (number | bigint)[];

const SCALAR_SIZES: Readonly<Record<number, number>> = {
  [DataType.INT8]: 1,
  [DataType.UINT8]: 1,
  [DataType.INT16]: 2,
  [DataType.UINT16]: 2,
  [DataType.INT32]: 4,
  [DataType.UINT32]: 4,
  [DataType.INT64]: 8,
  [DataType.UINT64]: 8,
  [DataType.INT128]: 16,
  [DataType.UINT128]: 16,
};

function readScalar(reader: Reader, type: number): number | bigint {
  switch (SCALAR_SIZES[type]) {
    case 1:
      return type === DataType.INT8 ? (reader.u8() << 24) >> 24 : reader.u8();
    case 2:
      return type === DataType.INT16 ? (reader.u16() << 16) >> 16 : reader.u16();
    case 4:
      return type === DataType.INT32 ? reader.u32() | 0 : reader.u32();
    case 8:
      return type === DataType.INT64 ? BigInt.asIntN(64, reader.u64()) : reader.u64();
    default:
      throw fail('confused', 'property value', `type ${hex(type)}`);
  }
}

/** One property value of a data type. Throws `confused` for a type that is not known. */
export function readPropValue(reader: Reader, type: number): PropValue {
  if (type === DataType.STR) return reader.string();
  if (type === DataType.INT128 || type === DataType.UINT128) return reader.bytes(16);
  if ((type & DataType.ARRAY) !== 0) {
    const element = type & ~DataType.ARRAY;
    const size = SCALAR_SIZES[element];
    if (size === undefined) throw fail('confused', 'property value', `array of type ${hex(element)}`);
    const count = reader.count(size);
    if (size === 16) return reader.bytes(count * 16);
    return Array.from({ length: count }, () => readScalar(reader, element));
  }
  return readScalar(reader, type);
}

/** One element of a GetObjectPropList answer. */
export interface PropElement {
  readonly handle: number;
  readonly prop: number;
  readonly type: number;
  readonly value: PropValue;
}

/** Smallest element: handle, property, type and one byte of value. */
const SMALLEST_ELEMENT = 9;

/** The dataset of GetObjectPropList. Throws `confused`. */
export function decodePropList(bytes: Uint8Array): PropElement[] {
  const reader = new Reader(bytes, 'ObjectPropList');
  const count = reader.count(SMALLEST_ELEMENT - 1);
  const elements: PropElement[] = [];
  for (let index = 0; index < count; index += 1) {
    const handle = reader.u32();
    const prop = reader.u16();
    const type = reader.u16();
    // AOSP answers type 0 and no value for a property it does not know; it is simply left out
    if (type === 0) continue;
    elements.push({ handle, prop, type, value: readPropValue(reader, type) });
  }
  return elements;
}

/** For the responder's side. */
export function encodePropList(elements: readonly PropElement[]): Uint8Array {
  const writer = new Writer().u32(elements.length);
  for (const element of elements) {
    writer.u32(element.handle).u16(element.prop).u16(element.type);
    writePropValue(writer, element.type, element.value);
  }
  return writer.done();
}

/** One property value of a data type. */
function writePropValue(writer: Writer, type: number, value: PropValue): void {
  if (type === DataType.STR) {
    writer.string(String(value));
    return;
  }
  if (value instanceof Uint8Array) {
    writer.bytes(value);
    return;
  }
  if (typeof value === 'object') {
    writer.u32(value.length);
    for (const element of value) writePropValue(writer, type & ~DataType.ARRAY, element);
    return;
  }
  switch (SCALAR_SIZES[type]) {
    case 1:
      writer.u8(Number(value) & 0xff);
      break;
    case 2:
      writer.u16(Number(value) & 0xffff);
      break;
    case 4:
      writer.u32(Number(value) >>> 0);
      break;
    case 8:
      writer.u64(BigInt.asUintN(64, BigInt(value)));
      break;
    default:
      throw new RangeError(`cannot write a value of type ${hex(type)}`);
  }
}
