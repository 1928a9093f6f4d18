import { createHash } from 'node:crypto';
import { DataType, ObjectProp, Reader, Response, Writer, putU32 } from '../../mtp/wire/index.ts';
import { formatOf } from '../objects.ts';
import type { Entry, Facts } from '../objects.ts';
import { dateText, parentField, writeName } from './describe.ts';
import { claimedSize, entryOf, hasStorage, param, refuse } from './handler.ts';
import type { Handler, Command, ServerState } from './handler.ts';
import { objectsUnder, renameObject } from './objects.ts';

const ALL = 0xffffffff;

/** AOSP MtpDatabase FILE_PROPERTIES; DC08 DateCreated is not among them. */
const TYPES: ReadonlyMap<number, number> = new Map([
  [ObjectProp.StorageID, DataType.UINT32],
  [ObjectProp.ObjectFormat, DataType.UINT16],
  [ObjectProp.ProtectionStatus, DataType.UINT16],
  [ObjectProp.ObjectSize, DataType.UINT64],
  [ObjectProp.ObjectFileName, DataType.STR],
  [ObjectProp.DateModified, DataType.STR],
  [ObjectProp.PersistentUniqueObjectIdentifier, DataType.UINT128],
  [ObjectProp.ParentObject, DataType.UINT32],
  [ObjectProp.Name, DataType.STR],
  [ObjectProp.DisplayName, DataType.STR],
  [ObjectProp.DateAdded, DataType.STR],
]);
/** Properties that need no disk access. */
const NEEDS_FACTS: ReadonlySet<number> = new Set([
  ObjectProp.ObjectSize,
  ObjectProp.DateModified,
  ObjectProp.DateAdded,
  ObjectProp.PersistentUniqueObjectIdentifier,
]);

function writeValue(writer: Writer, state: ServerState, entry: Entry, facts: Facts, prop: number): void {
  switch (prop) {
    case ObjectProp.StorageID:
      writer.u32(entry.slot.id);
      break;
    case ObjectProp.ObjectFormat:
      writer.u16(formatOf(entry));
      break;
    case ObjectProp.ProtectionStatus:
      writer.u16(0);
      break;
    case ObjectProp.ObjectSize:
      // the current length of the file, even while an edit is open
      writer.u64(claimedSize(state, facts.size));
      break;
    case ObjectProp.ObjectFileName:
    case ObjectProp.Name:
    case ObjectProp.DisplayName:
      writeName(writer, state, entry.name);
      break;
    case ObjectProp.DateModified:
    case ObjectProp.DateAdded:
      writer.string(dateText(state, facts));
      break;
    case ObjectProp.PersistentUniqueObjectIdentifier:
      // path and time: changes with a rename and with each write
      writer.bytes(
        createHash('md5')
          .update(`${state.table.path(entry)}\0${facts.modified}`)
          .digest(),
      );
      break;
    case ObjectProp.ParentObject:
      writer.u32(parentField(state, entry));
      break;
  }
}

/** The same for every format. */
export const getObjectPropsSupported: Handler = (state) => {
  if (state.sessionId === 0) return refuse(Response.SessionNotOpen);
  return { code: Response.OK, data: new Writer().u16Array([...TYPES.keys()]).done() };
};

/** The default is zero or empty; only the name is writable. */
export const getObjectPropDesc: Handler = (_state, request) => {
  if (request.parameters.length < 2) return refuse(Response.InvalidParameter);
  const prop = param(request, 1);
  const type = TYPES.get(prop);
  if (type === undefined) return refuse(Response.ObjectPropNotSupported);
  const writer = new Writer()
    .u16(prop)
    .u16(type)
    .u8(prop === ObjectProp.ObjectFileName ? 1 : 0);
  if (type === DataType.STR) writer.u8(0);
  else
    writer.bytes(
      new Uint8Array(type === DataType.UINT16 ? 2 : type === DataType.UINT32 ? 4 : type === DataType.UINT64 ? 8 : 16),
    );
  // group 0; a date-time form for dates, else none
  writer.u32(0).u8(prop === ObjectProp.DateModified || prop === ObjectProp.DateAdded ? 3 : 0);
  return { code: Response.OK, data: writer.done() };
};

/** A80A for properties AOSP does not know. */
export const getObjectPropValue: Handler = async (state, request) => {
  if (!hasStorage(state)) return refuse(Response.InvalidObjectHandle);
  if (request.parameters.length < 2) return refuse(Response.InvalidParameter);
  const entry = await entryOf(state, param(request, 1));
  const facts = entry === undefined ? undefined : state.table.facts(entry);
  if (entry === undefined || facts === undefined) return refuse(Response.InvalidObjectHandle);
  const prop = param(request, 2);
  if (!TYPES.has(prop)) return refuse(Response.ObjectPropNotSupported);
  const writer = new Writer();
  writeValue(writer, state, entry, facts, prop);
  return { code: Response.OK, data: writer.done() };
};

/** Only the name can be set. */
export const setObjectPropValue: Handler = async (state, request) => {
  if (!hasStorage(state)) return refuse(Response.InvalidObjectHandle);
  if (request.parameters.length < 2) return refuse(Response.InvalidParameter);
  if (param(request, 2) !== ObjectProp.ObjectFileName) return refuse(Response.ObjectPropNotSupported);
  const entry = await entryOf(state, param(request, 1));
  if (entry === undefined) return refuse(Response.InvalidObjectHandle);
  let name: string;
  try {
    name = new Reader(request.data, 'ObjectPropValue').string();
  } catch {
    return refuse(Response.InvalidParameter);
  }
  return renameObject(state, entry, name);
};

/** The entries a property list covers, in AOSP's interpretation of handle and depth. */
async function chosen(state: ServerState, request: Command): Promise<Entry[] | number> {
  let [handle, depth] = [param(request, 1), param(request, 5)];
  const format = param(request, 2);
  if (param(request, 3) === 0)
    return param(request, 4) === 0 ? Response.ParameterNotSupported : Response.SpecificationByGroupUnsupported;
  if (depth === ALL && (handle === 0 || handle === ALL)) [handle, depth] = [ALL, 0];
  if (depth !== 0 && depth !== 1) return Response.SpecificationByDepthUnsupported;
  const entries: Entry[] = [];
  const self = handle === 0 || handle === ALL ? undefined : await entryOf(state, handle);
  if (handle !== 0 && handle !== ALL && self === undefined) return Response.InvalidObjectHandle;
  if (state.quirks.has('no-prop-list')) return self === undefined ? [] : [self];
  if (handle === ALL) entries.push(...((await objectsUnder(state, ALL, format, 0)) ?? []));
  else if (handle === 0 || depth === 1) {
    const children = await objectsUnder(state, ALL, format, handle === 0 ? ALL : handle);
    if (children === undefined) return Response.InvalidObjectHandle;
    entries.push(...children);
  }
  // depth 1 of a folder includes the folder itself
  if (self !== undefined && (format === 0 || formatOf(self) === format)) entries.push(self);
  return entries;
}

/** Errors are sent with a data phase of four zero bytes: an empty list. The session is not checked. */
export const getObjectPropList: Handler = async (state, request) => {
  if (!hasStorage(state)) return refuse(Response.InvalidObjectHandle);
  if (request.parameters.length < 5) return refuse(Response.InvalidParameter);
  const entries = await chosen(state, request);
  if (typeof entries === 'number') return { code: entries, data: new Uint8Array(4) };
  const wanted = param(request, 3);
  if (wanted === ALL && state.quirks.has('no-all-props'))
    return { code: Response.ParameterNotSupported, data: new Uint8Array(4) };
  const props = wanted === ALL ? [...TYPES.keys()] : [wanted];
  const facts = props.some((prop) => NEEDS_FACTS.has(prop)) ? await state.table.factsOfAll(entries) : undefined;
  const writer = new Writer().u32(0);
  let count = 0;
  // the order depends on a hash on the phone and never repeats, so lists cannot be joined by position
  const shift = entries.length === 0 ? 0 : (state.nextTurn() * 7919) % entries.length;
  for (let step = 0; step < entries.length; step += 1) {
    const index = (step + shift) % entries.length;
    const entry = entries[index];
    const its = facts === undefined ? NO_FACTS : facts[index];
    if (entry === undefined || its === undefined) continue;
    for (const prop of props) {
      const type = TYPES.get(prop);
      writer
        .u32(entry.handle)
        .u16(prop)
        .u16(type ?? 0);
      if (type !== undefined) writeValue(writer, state, entry, its, prop);
      count += 1;
    }
  }
  const data = writer.done();
  putU32(data, 0, count);
  return { code: Response.OK, data };
};

const NO_FACTS: Facts = { size: 0, modified: 0 };
