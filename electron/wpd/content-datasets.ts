import {
  Format,
  parseDate,
  SIZE_UNKNOWN,
  type DeviceInfo,
  type ObjectInfo,
  type StorageInfoDataset,
} from '../mtp/wire/index.ts';
import type { Com } from './com.ts';
import { DEVICE_OBJECT, type ContentObjects } from './content-objects.ts';
import { ContentType, FORMAT_TAIL, Key, STORAGE_CATEGORY, type PropertyKey } from './keys.ts';
import { storageIdOf, type ObjectNumbers } from './object-ids.ts';
import { Values } from './values.ts';

/** WPD's properties as the datasets of MTP, and back. */

/** Days between WPD's epoch, 1899-12-30, and the usual one. */
const DAYS_TO_1970 = 25_569;
const DAY = 86_400_000;

/** What MTP's ObjectInfo is made of. */
export const OBJECT_PROPERTIES: readonly PropertyKey[] = [
  Key.parentId,
  Key.objectName,
  Key.fileName,
  Key.contentType,
  Key.objectFormat,
  Key.objectSize,
  Key.dateCreated,
  Key.dateModified,
  Key.storageOfObject,
];

/** An object; `size` in bytes, also beyond 32 bits. */
export function describeObject(values: Values, numbers: ObjectNumbers): ObjectInfo & { readonly size: number } {
  const type = values.guid(Key.contentType);
  const isFolder = type === ContentType.folder || type === ContentType.functional;
  const size = isFolder ? 0 : (values.u64(Key.objectSize) ?? 0);
  const parent = values.text(Key.parentId) ?? '';
  const storage = values.text(Key.storageOfObject) ?? '';
  const format = values.guid(Key.objectFormat) ?? '';
  const modified = dateText(values.date(Key.dateModified));
  return {
    storageId: storage === '' ? 0 : numbers.of(storage),
    format: isFolder ? Format.Association : (formatIn(format) ?? Format.Undefined),
    protection: 0,
    compressedSize: Math.min(size, SIZE_UNKNOWN),
    size,
    thumbFormat: 0,
    thumbSize: 0,
    parent: storageIdOf(parent) === undefined ? numbers.of(parent) : 0,
    associationType: isFolder ? 1 : 0,
    filename: values.text(Key.fileName) ?? values.text(Key.objectName) ?? '',
    dateCreated: dateText(values.date(Key.dateCreated)) || modified,
    dateModified: modified,
  };
}

/** Properties of an object to be made; `size` only of a file. Whoever asks releases them. */
export function describeNew(com: Com, folder: string, info: ObjectInfo, size: number | undefined): Values {
  const values = Values.make(com);
  try {
    values.setText(Key.parentId, folder).setText(Key.objectName, info.filename).setText(Key.fileName, info.filename);
    values.setGuid(Key.contentType, size === undefined ? ContentType.folder : ContentType.genericFile);
    if (size === undefined) return values;
    values.setU64(Key.objectSize, size);
    values.setGuid(Key.objectFormat, `${info.format.toString(16).padStart(4, '0')}0000${FORMAT_TAIL}`);
    const modified = parseDate(info.dateModified);
    if (modified !== undefined) values.setDate(Key.dateModified, daysOf(modified));
    return values;
  } catch (error) {
    values.release();
    throw error;
  }
}

/** Whether an object below the device is a storage. */
export function isStorage(objects: ContentObjects, id: string): boolean {
  const values = objects.values(id, [Key.functionalCategory]);
  try {
    return values.guid(Key.functionalCategory) === STORAGE_CATEGORY;
  } finally {
    values.release();
  }
}

const UNKNOWN_OBJECTS = 0xffff_ffff;
const HIERARCHICAL = 2;

/** A storage, as StorageInfo. WPD numbers types and access as MTP does. */
export function describeStorage(objects: ContentObjects, id: string): StorageInfoDataset {
  const keys = [
    Key.storageType,
    Key.storageCapacity,
    Key.storageFree,
    Key.storageDescription,
    Key.storageSerial,
    Key.storageAccess,
  ];
  const values = objects.values(id, keys);
  try {
    return {
      storageType: values.u32(Key.storageType) ?? 0,
      filesystemType: HIERARCHICAL,
      access: values.u32(Key.storageAccess) ?? 0,
      maxCapacity: values.u64(Key.storageCapacity) ?? 0,
      freeSpace: values.u64(Key.storageFree) ?? 0,
      freeObjects: UNKNOWN_OBJECTS,
      description: values.text(Key.storageDescription) ?? '',
      volumeIdentifier: values.text(Key.storageSerial) ?? '',
    };
  } finally {
    values.release();
  }
}

/** The device, as DeviceInfo without its operations. */
export function describeDevice(objects: ContentObjects): Omit<DeviceInfo, 'operations'> {
  const keys = [Key.deviceVersion, Key.deviceManufacturer, Key.deviceModel, Key.deviceSerial];
  const values = objects.values(DEVICE_OBJECT, keys);
  try {
    return {
      standardVersion: 100,
      // MTP's own, with Microsoft's number
      vendorExtensionId: 6,
      vendorExtensionVersion: 100,
      vendorExtensions: '',
      functionalMode: 0,
      events: [],
      deviceProps: [],
      captureFormats: [],
      playbackFormats: [],
      manufacturer: values.text(Key.deviceManufacturer) ?? '',
      model: values.text(Key.deviceModel) ?? '',
      deviceVersion: values.text(Key.deviceVersion) ?? '',
      serial: values.text(Key.deviceSerial) ?? '',
    };
  } finally {
    values.release();
  }
}

const formatIn = (guid: string): number | undefined =>
  guid.endsWith(FORMAT_TAIL) ? Number.parseInt(guid.slice(0, 4), 16) : undefined;

/** `YYYYMMDDThhmmss`, in local time like the days; empty for no date. */
function dateText(days: number | undefined): string {
  if (days === undefined) return '';
  const instant = Math.round((days - DAYS_TO_1970) * DAY);
  if (Number.isNaN(new Date(instant).getTime())) return '';
  return new Date(instant).toISOString().slice(0, 19).replaceAll('-', '').replaceAll(':', '');
}

function daysOf(instant: number): number {
  const offset = new Date(instant).getTimezoneOffset() * 60_000;
  return (instant - offset) / DAY + DAYS_TO_1970;
}
