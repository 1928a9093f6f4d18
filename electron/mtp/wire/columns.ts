import { fail } from '../../../shared/errors.ts';
import { DataType } from './codes.ts';
import { Reader } from './bytes.ts';
import { readPropValue, type PropValue } from './prop-values.ts';

/** More entries than any folder has: what is kept of one listing stays within some hundred megabytes. */
export const MOST_ENTRIES = 1_000_000;

/**
 * A single-property GetObjectPropList answer as one column: handle → value. A folder of 50,000 files is four of
 * these, so the common types are read here without an object per element. Throws `refused` for more than `most` entries
 * beside the folder itself, before any of them is kept, and `confused` for what cannot be read.
 */
export function decodePropColumn(bytes: Uint8Array, prop: number, most = MOST_ENTRIES): Map<number, PropValue> {
  const what = 'ObjectPropList';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.byteLength;
  const column = new Map<number, PropValue>();
  if (end < 4) throw fail('confused', what, `${end} bytes`);
  const count = view.getUint32(0, true);
  // Handle, property and type at least: a count that cannot be true is refused before the loop.
  if (count * 8 > end - 4) throw fail('confused', what, `claims ${count} elements, has ${end - 4} bytes`);
  if (count > MOST_ENTRIES) throw fail('confused', what, `${count} elements`);
  // the folder itself may be among them
  if (count > most + 1) throw fail('refused', what, `${count} entries in one folder`);
  let at = 4;
  const room = (size: number): void => {
    if (at + size > end) throw fail('confused', what, `needs ${size} bytes at offset ${at}, has ${end - at}`);
  };
  for (let index = 0; index < count; index += 1) {
    room(8);
    const handle = view.getUint32(at, true);
    const property = view.getUint16(at + 4, true);
    const type = view.getUint16(at + 6, true);
    at += 8;
    let value: PropValue;
    switch (type) {
      case 0:
        // AOSP answers type 0 and no value for a property it does not know.
        continue;
      case DataType.STR: {
        room(1);
        const units = view.getUint8(at);
        room(1 + units * 2);
        // a list of all properties has several texts for each entry, which nobody reads
        value = property === prop ? stringAt(view, at + 1, units) : '';
        at += 1 + units * 2;
        break;
      }
      case DataType.UINT64: {
        room(8);
        const high = view.getUint32(at + 4, true);
        // Beyond 2^53 the phone is lying; such a value is kept as it is and refused by who wants a size.
        value = high < 0x20_0000 ? high * 0x1_0000_0000 + view.getUint32(at, true) : view.getBigUint64(at, true);
        at += 8;
        break;
      }
      case DataType.UINT32:
        room(4);
        value = view.getUint32(at, true);
        at += 4;
        break;
      case DataType.UINT16:
        room(2);
        value = view.getUint16(at, true);
        at += 2;
        break;
      default: {
        const reader = new Reader(bytes.subarray(at), what);
        value = readPropValue(reader, type);
        at += reader.offset;
      }
    }
    if (property === prop) column.set(handle, value);
  }
  return column;
}

function stringAt(view: DataView, at: number, units: number): string {
  let text = '';
  for (let index = 0; index < units; index += 1) {
    const code = view.getUint16(at + index * 2, true);
    if (code === 0) break;
    text += String.fromCharCode(code);
  }
  return text.isWellFormed() ? text : text.toWellFormed();
}
