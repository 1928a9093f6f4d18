import { isPhoneError } from '../../../shared/errors.ts';
import { Reader, Writer } from './bytes.ts';

/** Datasets of PTP and MTP: values ⇄ bytes. Each decoder takes a whole payload, without the container header. */

/** The dataset of GetDeviceInfo (MTP 1.1, 5.1.1). */
export interface DeviceInfo {
  readonly standardVersion: number;
  readonly vendorExtensionId: number;
  readonly vendorExtensionVersion: number;
  readonly vendorExtensions: string;
  readonly functionalMode: number;
  readonly operations: readonly number[];
  readonly events: readonly number[];
  readonly deviceProps: readonly number[];
  readonly captureFormats: readonly number[];
  readonly playbackFormats: readonly number[];
  readonly manufacturer: string;
  readonly model: string;
  readonly deviceVersion: string;
  readonly serial: string;
}

/** Throws `confused` for bytes that are no DeviceInfo. */
export function decodeDeviceInfo(bytes: Uint8Array): DeviceInfo {
  const reader = new Reader(bytes, 'DeviceInfo');
  return {
    standardVersion: reader.u16(),
    vendorExtensionId: reader.u32(),
    vendorExtensionVersion: reader.u16(),
    vendorExtensions: reader.string(),
    functionalMode: reader.u16(),
    operations: reader.u16Array(),
    events: reader.u16Array(),
    deviceProps: reader.u16Array(),
    captureFormats: reader.u16Array(),
    playbackFormats: reader.u16Array(),
    manufacturer: reader.string(),
    model: reader.string(),
    // Some responders end the dataset here; the missing strings are empty.
    deviceVersion: reader.left > 0 ? reader.string() : '',
    serial: reader.left > 0 ? reader.string() : '',
  };
}

/** For the responder's side. */
export const encodeDeviceInfo = (info: DeviceInfo): Uint8Array =>
  new Writer()
    .u16(info.standardVersion)
    .u32(info.vendorExtensionId)
    .u16(info.vendorExtensionVersion)
    .string(info.vendorExtensions)
    .u16(info.functionalMode)
    .u16Array(info.operations)
    .u16Array(info.events)
    .u16Array(info.deviceProps)
    .u16Array(info.captureFormats)
    .u16Array(info.playbackFormats)
    .string(info.manufacturer)
    .string(info.model)
    .string(info.deviceVersion)
    .string(info.serial)
    .done();

/** The dataset of GetStorageInfo (MTP 1.1, 5.2.2). Sizes in bytes. */
export interface StorageInfoDataset {
  /** 1 fixed ROM, 2 removable ROM, 3 fixed RAM, 4 removable RAM. */
  readonly storageType: number;
  /** 1 flat, 2 hierarchical, 3 DCF. */
  readonly filesystemType: number;
  /** 0 read-write, 1 read-only, 2 read-only with delete. */
  readonly access: number;
  readonly maxCapacity: number;
  readonly freeSpace: number;
  readonly freeObjects: number;
  readonly description: string;
  readonly volumeIdentifier: string;
}

/** Throws `confused` for bytes that are no StorageInfo. */
export function decodeStorageInfo(bytes: Uint8Array): StorageInfoDataset {
  const reader = new Reader(bytes, 'StorageInfo');
  return {
    storageType: reader.u16(),
    filesystemType: reader.u16(),
    access: reader.u16(),
    maxCapacity: capacity(reader),
    freeSpace: capacity(reader),
    freeObjects: reader.u32(),
    description: reader.string(),
    volumeIdentifier: reader.left > 0 ? reader.string() : '',
  };
}

/** "Unknown" is all ones; as a number it is the largest there is, which is how free space of it behaves. */
function capacity(reader: Reader): number {
  const value = reader.u64();
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value);
}

/** For the responder's side. */
export const encodeStorageInfo = (info: StorageInfoDataset): Uint8Array =>
  new Writer()
    .u16(info.storageType)
    .u16(info.filesystemType)
    .u16(info.access)
    .u64(info.maxCapacity)
    .u64(info.freeSpace)
    .u32(info.freeObjects)
    .string(info.description)
    .string(info.volumeIdentifier)
    .done();

/** The dataset of GetObjectInfo and SendObjectInfo (MTP 1.1, 5.3.1). Sizes in bytes, of 32 bits. */
export interface ObjectInfo {
  readonly storageId: number;
  readonly format: number;
  readonly protection: number;
  /** Bytes; `SIZE_UNKNOWN` when it does not fit into 32 bits. */
  readonly compressedSize: number;
  readonly thumbFormat: number;
  readonly thumbSize: number;
  readonly parent: number;
  readonly associationType: number;
  readonly filename: string;
  readonly dateCreated: string;
  readonly dateModified: string;
}

/**
 * `wideSize`: an early Samsung stack sends the size as 64 bits, which shifts everything after it by four bytes.
 * Without the flag the plain layout is read, and the wide one where the plain one makes no sense (field notes §5).
 */
export function decodeObjectInfo(bytes: Uint8Array, wideSize: 'no' | 'yes' | 'detect' = 'detect'): ObjectInfo {
  if (wideSize !== 'detect') return readObjectInfo(bytes, wideSize === 'yes');
  try {
    const plain = readObjectInfo(bytes, false);
    if (isPlausibleName(plain.filename)) return plain;
    return plausibleWide(bytes) ?? plain;
  } catch (error) {
    const wide = isPhoneError(error) ? plausibleWide(bytes) : undefined;
    if (wide === undefined) throw error;
    return wide;
  }
}

function plausibleWide(bytes: Uint8Array): ObjectInfo | undefined {
  try {
    const wide = readObjectInfo(bytes, true);
    return isPlausibleName(wide.filename) ? wide : undefined;
  } catch {
    return undefined;
  }
}

const isPlausibleName = (name: string): boolean =>
  name !== '' && ![...name].some((character) => character < ' ' || character === '\ufffd');

function readObjectInfo(bytes: Uint8Array, wide: boolean): ObjectInfo {
  const reader = new Reader(bytes, 'ObjectInfo');
  const storageId = reader.u32();
  const format = reader.u16();
  const protection = reader.u16();
  const compressedSize = wide ? reader.size64() : reader.u32();
  const thumbFormat = reader.u16();
  const thumbSize = reader.u32();
  // thumbnail width and height, image width, height and depth: phones fill them in badly, nobody needs them
  reader.skip(20);
  const parent = reader.u32();
  const associationType = reader.u16();
  // association description and sequence number
  reader.skip(8);
  const filename = reader.string();
  const dateCreated = reader.left > 0 ? reader.string() : '';
  const dateModified = reader.left > 0 ? reader.string() : '';
  return {
    storageId,
    format,
    protection,
    compressedSize,
    thumbFormat,
    thumbSize,
    parent,
    associationType,
    filename,
    dateCreated,
    dateModified,
  };
}

/** `wideSize`: 64-bit sizes, as early Samsung phones wrongly send them. */
export const encodeObjectInfo = (info: ObjectInfo, wideSize = false): Uint8Array => {
  const writer = new Writer().u32(info.storageId).u16(info.format).u16(info.protection);
  if (wideSize) writer.u64(info.compressedSize);
  else writer.u32(info.compressedSize);
  return writer
    .u16(info.thumbFormat)
    .u32(info.thumbSize)
    .bytes(new Uint8Array(20))
    .u32(info.parent)
    .u16(info.associationType)
    .u32(0)
    .u32(0)
    .string(info.filename)
    .string(info.dateCreated)
    .string(info.dateModified)
    .string('')
    .done();
};

/** A count and that many 32-bit numbers. Throws `confused`, naming `what`. */
export const decodeU32Array = (bytes: Uint8Array, what: string): number[] => new Reader(bytes, what).u32Array();
/** A count and that many 32-bit numbers. */
export const encodeU32Array = (values: readonly number[]): Uint8Array => new Writer().u32Array(values).done();
/** One MTP string: a length in UTF-16 units and those. Throws `confused`, naming `what`. */
export const decodeString = (bytes: Uint8Array, what: string): string => new Reader(bytes, what).string();
/** One MTP string; at most 254 UTF-16 units. */
export const encodeString = (value: string): Uint8Array => new Writer().string(value).done();
