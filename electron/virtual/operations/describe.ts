import { SIZE_UNKNOWN, Writer, formatLocalDate } from '../../mtp/wire/index.ts';
import { formatOf } from '../objects.ts';
import type { Entry, Facts } from '../objects.ts';
import type { QuirkName } from '../profiles.ts';
import { claimedSize } from './handler.ts';
import type { ServerState } from './handler.ts';

/** How this phone reports names and dates, false ones included. */

const LONGEST_ON_THE_WIRE = 254;

/** Writes a name as an MTP string: cut at 254 units, or padded if the phone does that. */
export function writeName(writer: Writer, state: ServerState, name: string): Writer {
  const padding = state.quirks.has('nul-padded') ? 4 : 1;
  const units = Math.min(name.length, 255 - padding);
  if (padding === 1 && name.length <= LONGEST_ON_THE_WIRE && name !== '') return writer.string(name);
  writer.u8(units + padding);
  for (let index = 0; index < units; index += 1) writer.u16(name.charCodeAt(index));
  for (let index = 0; index < padding; index += 1) writer.u16(0);
  return writer;
}

/** Dates that some phones report for every file. */
const FIXED_DATES: readonly (readonly [QuirkName, string])[] = [
  ['bad-dates', '20240043T990000'],
  ['date-1601', '16010101T000000'],
  ['date-1970', '19700101T000000'],
  ['date-1980', '19800101T000000'],
  ['no-dates', ''],
];

/** Local time without a zone, as in AOSP; or an invalid date; or none. */
export function dateText(state: ServerState, facts: Facts): string {
  const fixed = FIXED_DATES.find(
    ([quirk]) => state.quirks.has(quirk) || (quirk === 'bad-dates' && state.profile.badDates),
  );
  return fixed === undefined ? formatLocalDate(facts.modified) : fixed[1];
}

/** The parent as ObjectInfo and properties report it: 0 for objects in the root. */
export const parentField = (state: ServerState, entry: Entry): number => {
  const handle = entry.parent?.handle ?? 0;
  return handle === 0 && state.quirks.has('parent-is-storage') ? entry.slot.id : handle;
};

/** ObjectInfo. While an edit is open, the size is that of the edit. */
export function objectInfo(state: ServerState, entry: Entry, facts: Facts): Uint8Array {
  const edit = state.edits.get(entry.handle);
  const size =
    edit === undefined || state.quirks.has('zero-sizes') ? claimedSize(state, facts.size) : BigInt(edit.size);
  const writer = new Writer().u32(entry.slot.id).u16(formatOf(entry)).u16(0);
  if (state.profile.wideObjectInfo) writer.u64(size);
  else writer.u32(size > BigInt(SIZE_UNKNOWN) ? SIZE_UNKNOWN : Number(size));
  // thumbnail format, size, width, height; image width, height, depth
  writer.u16(0).bytes(new Uint8Array(24));
  writer.u32(parentField(state, entry)).u16(0).u32(0).u32(0);
  writeName(writer, state, entry.name);
  const date = dateText(state, facts);
  return writer.string(date).string(date).string('').done();
}
