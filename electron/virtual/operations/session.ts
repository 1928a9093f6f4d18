import {
  DataType,
  DeviceProp,
  Reader,
  Response,
  Writer,
  encodeDeviceInfo,
  encodeStorageInfo,
  encodeU32Array,
} from '../../mtp/wire/index.ts';
import type { QuirkName } from '../profiles.ts';
import { hasStorage, ok, param, refuse, slotOf } from './handler.ts';
import type { Handler, ServerState } from './handler.ts';

/** Formats AOSP lists as playable; it only matters that there is a list. */
const PLAYBACK_FORMATS = [
  0x3000, 0x3001, 0x3004, 0x3005, 0x3008, 0x3009, 0x300b, 0x3801, 0x3807, 0x3808, 0x380b, 0x380d, 0xb901, 0xb902,
  0xb903, 0xb906, 0xb982, 0xb984, 0x3811, 0x3812,
];

/** Needs no session. */
export const getDeviceInfo: Handler = (state) => ({
  code: Response.OK,
  data: encodeDeviceInfo({
    standardVersion: 100,
    vendorExtensionId: 6,
    vendorExtensionVersion: 100,
    vendorExtensions: state.profile.vendorExtensions,
    functionalMode: 0,
    operations: state.profile.operations,
    events: state.profile.events,
    deviceProps: state.profile.deviceProps,
    captureFormats: [],
    playbackFormats: PLAYBACK_FORMATS,
    manufacturer: state.identity.maker,
    model: state.identity.model,
    deviceVersion: state.profile.deviceVersion,
    serial: state.identity.serial,
  }),
});

/** 201E with the id of the open session, if there is one. */
export const openSession: Handler = (state, request) => {
  if (request.parameters.length < 1) return refuse(Response.InvalidParameter);
  if (state.sessionId !== 0) return { code: Response.SessionAlreadyOpen, parameters: [state.sessionId] };
  state.sessionId = param(request, 1);
  state.sessionOpened();
  return ok();
};

/** Clears the flag; edits and handles stay (AOSP doCloseSession). ResetDevice does the same. */
export const closeSession: Handler = (state) => {
  if (state.sessionId === 0) return refuse(Response.SessionNotOpen);
  state.sessionId = 0;
  return ok();
};

/** Empty while the phone is locked. */
export const getStorageIds: Handler = (state) => {
  if (state.sessionId === 0) return refuse(Response.SessionNotOpen);
  return { code: Response.OK, data: encodeU32Array(state.slots.map((slot) => slot.id)) };
};

const CAPACITY_AT = 6;
const FREE_AT = 14;
const ALL_ONES = 2n ** 64n - 1n;
/** False free space that some phones report; what actually fits is unchanged. */
const SPACE_LIES: readonly (readonly [QuirkName, number, bigint])[] = [
  ['capacity-zero', CAPACITY_AT, 0n],
  ['capacity-unknown', CAPACITY_AT, ALL_ONES],
  ['free-zero', FREE_AT, 0n],
  ['free-unknown', FREE_AT, ALL_ONES],
];

/** Reads the free space each time; 2008 for an unknown storage. */
export const getStorageInfo: Handler = async (state, request) => {
  if (state.sessionId === 0) return refuse(Response.SessionNotOpen);
  if (request.parameters.length < 1) return refuse(Response.InvalidParameter);
  const slot = hasStorage(state, param(request, 1)) ? slotOf(state, param(request, 1)) : undefined;
  if (slot === undefined) return refuse(Response.InvalidStorageID);
  const space = await slot.disk.space(true);
  const data = encodeStorageInfo({
    storageType: slot.disk.removable ? 4 : 3,
    filesystemType: 2,
    access: 0,
    maxCapacity: space.capacity,
    freeSpace: space.free,
    freeObjects: 0xffffffff,
    description: slot.disk.description,
    volumeIdentifier: '',
  });
  for (const [quirk, at, value] of SPACE_LIES)
    if (state.quirks.has(quirk)) new DataView(data.buffer).setBigUint64(at, value, true);
  return { code: Response.OK, data };
};

/** AOSP treats unadvertised properties like unknown ones. */
function deviceProp(
  state: ServerState,
  prop: number,
): { readonly type: number; readonly text?: string; readonly value?: number; readonly writable: boolean } | undefined {
  if (!state.profile.deviceProps.includes(prop)) return undefined;
  switch (prop) {
    case DeviceProp.SynchronizationPartner:
      return { type: DataType.STR, text: state.partner, writable: true };
    case DeviceProp.DeviceFriendlyName:
      return { type: DataType.STR, text: state.friendlyName, writable: true };
    case DeviceProp.ImageSize:
      return { type: DataType.STR, text: '1080x2400', writable: false };
    case DeviceProp.BatteryLevel:
      return { type: DataType.UINT8, value: state.battery, writable: false };
    case DeviceProp.PerceivedDeviceType:
      return { type: DataType.UINT32, value: 3, writable: false };
    default:
      return undefined;
  }
}

/** 200A for properties that are not advertised. */
export const getDevicePropValue: Handler = (state, request) => {
  const prop = deviceProp(state, param(request, 1));
  if (prop === undefined) return refuse(Response.DevicePropNotSupported);
  return { code: Response.OK, data: writeValue(new Writer(), prop).done() };
};

/** 200A for properties that are not advertised. */
export const getDevicePropDesc: Handler = (state, request) => {
  const code = param(request, 1);
  const prop = deviceProp(state, code);
  if (prop === undefined) return refuse(Response.DevicePropNotSupported);
  const writer = new Writer()
    .u16(code)
    .u16(prop.type)
    .u8(prop.writable ? 1 : 0);
  // default, then current
  writeValue(writer, prop.text === undefined ? prop : { ...prop, text: '' });
  writeValue(writer, prop);
  if (code === DeviceProp.BatteryLevel) writer.u8(1).u8(0).u8(100).u8(1);
  else writer.u8(0);
  return { code: Response.OK, data: writer.done() };
};

/** Only the friendly name and the synchronization partner; 200F for all others. */
export const setDevicePropValue: Handler = (state, request) => {
  const code = param(request, 1);
  const prop = deviceProp(state, code);
  if (prop === undefined) return refuse(Response.DevicePropNotSupported);
  if (!prop.writable) return refuse(Response.AccessDenied);
  let text: string;
  try {
    text = new Reader(request.data, 'DevicePropValue').string();
  } catch {
    return refuse(Response.InvalidParameter);
  }
  if (code === DeviceProp.DeviceFriendlyName) state.friendlyName = text;
  else state.partner = text;
  return ok();
};

/** Observed to fail on AOSP: no property can be reset. */
export const resetDevicePropValue: Handler = () => refuse(Response.DevicePropNotSupported);

function writeValue(
  writer: Writer,
  prop: { readonly type: number; readonly text?: string; readonly value?: number },
): Writer {
  if (prop.type === DataType.STR) return writer.string(prop.text ?? '');
  return prop.type === DataType.UINT8 ? writer.u8(prop.value ?? 0) : writer.u32(prop.value ?? 0);
}
