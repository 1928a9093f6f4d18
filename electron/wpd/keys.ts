/**
 * Names of Windows' portable-device service (WPD) as numbers: property keys, commands, classes, interfaces.
 *
 * Sources, each number read in two: `WpdMtpExtensions.h`, `PortableDevice.h` and `PortableDeviceApi.idl` of the Windows
 * SDK (the latter two also as metadata in microsoft/win32metadata), and programs that use them (digiCamControl,
 * fujicli, libwpd, jmtp). `keys.test.ts` holds the table.
 */

/** A property key: the set it belongs to, its number there, and the type of its values. */
export interface PropertyKey {
  /** `fmtid`. */
  readonly set: string;
  /** `pid`. */
  readonly number: number;
  readonly type: ValueType;
}

/** VARTYPEs, by their names in `wtypes.h`. */
export type ValueType =
  'VT_UI4' | 'VT_UI8' | 'VT_LPWSTR' | 'VT_VECTOR|VT_UI1' | 'VT_CLSID' | 'VT_ERROR' | 'VT_UNKNOWN' | 'VT_DATE' | 'none';

const MTP_EXT = '4d545058-1a2e-4106-a357-771e0819fc56';
const COMMON = 'f0422a9c-5dc8-4440-b5bd-5df28835658a';
const CLIENT = '204d9f0c-2292-4080-9f42-40664e70f859';
const EVENT = '15ab1953-f817-4fef-a921-5676e838f6e0';
const OBJECT = 'ef6b490d-5cd8-437a-affc-da8b60ee4a3c';
const STORAGE = '01a3057a-74d6-4e80-bea7-dc4c212ce50a';
const DEVICE = '26d4979a-e643-4626-9e2b-736dc0c92fdc';

const key = (set: string, number: number, type: ValueType): PropertyKey => ({ set, number, type });

/** Commands of the set for MTP extensions; each goes through `IPortableDevice::SendCommand`. */
export const Command = {
  /** Which vendor operations the driver lets through. */
  supportedVendorOperations: 11,
  /** An operation without a data phase: answers with the response. */
  executeWithoutData: 12,
  /** An operation whose data comes from the phone: answers with a context, or with a response that refuses it. */
  executeWithDataToRead: 13,
  /** An operation with data to the phone. */
  executeWithDataToWrite: 14,
  readData: 15,
  writeData: 16,
  /** Ends the data phase: gives the response, or cancels what is not complete. */
  endDataTransfer: 17,
} as const;

/** The category of all of `Command`. */
export const MTP_CATEGORY = MTP_EXT;

/** Property keys, by what they mean here. */
export const Key = {
  commandCategory: key(COMMON, 1001, 'VT_CLSID'),
  commandId: key(COMMON, 1002, 'VT_UI4'),
  /** Of the results of a command: what became of it in the driver. */
  commandResult: key(COMMON, 1003, 'VT_ERROR'),

  operationCode: key(MTP_EXT, 1001, 'VT_UI4'),
  /** A collection of VT_UI4, at most five. */
  operationParameters: key(MTP_EXT, 1002, 'VT_UNKNOWN'),
  responseCode: key(MTP_EXT, 1003, 'VT_UI4'),
  responseParameters: key(MTP_EXT, 1004, 'VT_UNKNOWN'),
  vendorOperations: key(MTP_EXT, 1005, 'VT_UNKNOWN'),
  transferContext: key(MTP_EXT, 1006, 'VT_LPWSTR'),
  /** Bytes without any overhead; 0xFFFFFFFF where the phone does not say: then a short chunk is the end. */
  totalSize: key(MTP_EXT, 1007, 'VT_UI8'),
  bytesToRead: key(MTP_EXT, 1008, 'VT_UI4'),
  bytesRead: key(MTP_EXT, 1009, 'VT_UI4'),
  bytesToWrite: key(MTP_EXT, 1010, 'VT_UI4'),
  bytesWritten: key(MTP_EXT, 1011, 'VT_UI4'),
  data: key(MTP_EXT, 1012, 'VT_VECTOR|VT_UI1'),
  optimalSize: key(MTP_EXT, 1013, 'VT_UI4'),

  clientName: key(CLIENT, 2, 'VT_LPWSTR'),
  clientMajorVersion: key(CLIENT, 3, 'VT_UI4'),
  clientMinorVersion: key(CLIENT, 4, 'VT_UI4'),
  clientRevision: key(CLIENT, 5, 'VT_UI4'),
  clientSecurity: key(CLIENT, 8, 'VT_UI4'),
  clientAccess: key(CLIENT, 9, 'VT_UI4'),

  eventId: key(EVENT, 3, 'VT_CLSID'),
  /** Parameters of an event of the phone's: a collection of VT_UI4. */
  eventParameters: key('4d545058-ef88-4e4d-95c3-4f327f728a96', 1011, 'VT_UNKNOWN'),

  objectId: key(OBJECT, 2, 'VT_LPWSTR'),
  parentId: key(OBJECT, 3, 'VT_LPWSTR'),
  objectName: key(OBJECT, 4, 'VT_LPWSTR'),
  objectFormat: key(OBJECT, 6, 'VT_CLSID'),
  contentType: key(OBJECT, 7, 'VT_CLSID'),
  objectSize: key(OBJECT, 11, 'VT_UI8'),
  fileName: key(OBJECT, 12, 'VT_LPWSTR'),
  dateCreated: key(OBJECT, 18, 'VT_DATE'),
  dateModified: key(OBJECT, 19, 'VT_DATE'),
  /** The storage an object lies on. */
  storageOfObject: key(OBJECT, 23, 'VT_LPWSTR'),

  /** What a functional object is for. */
  functionalCategory: key('8f052d93-abca-4fc5-a5ac-b01df4dbe598', 2, 'VT_CLSID'),

  storageType: key(STORAGE, 2, 'VT_UI4'),
  storageFileSystem: key(STORAGE, 3, 'VT_LPWSTR'),
  storageCapacity: key(STORAGE, 4, 'VT_UI8'),
  storageFree: key(STORAGE, 5, 'VT_UI8'),
  storageDescription: key(STORAGE, 7, 'VT_LPWSTR'),
  storageSerial: key(STORAGE, 8, 'VT_LPWSTR'),
  storageAccess: key(STORAGE, 11, 'VT_UI4'),

  deviceVersion: key(DEVICE, 3, 'VT_LPWSTR'),
  deviceManufacturer: key(DEVICE, 7, 'VT_LPWSTR'),
  deviceModel: key(DEVICE, 8, 'VT_LPWSTR'),
  deviceSerial: key(DEVICE, 9, 'VT_LPWSTR'),
  deviceFriendlyName: key(DEVICE, 12, 'VT_LPWSTR'),

  /** The content of an object, as a resource. */
  resourceDefault: key('e81e79be-34f0-41bf-b53f-f1a06ae87842', 0, 'none'),
} as const;

/** Classes that `CoCreateInstance` makes. */
export const ClassId = {
  manager: '0af10cec-2ecd-4b92-9581-34f6ae0637f3',
  /** `PortableDeviceFTM`: may be called from any thread. */
  device: 'f7c0039a-4762-488a-b4b3-760ef9a1ba9b',
  values: '0c15d503-d017-47ce-9016-7b3f978721cc',
  propVariants: '08a99e2f-6d6d-4b80-af5a-baf2bcbe4cb9',
  keys: 'de2d022d-2480-43be-97f0-d1fa2cf98f4f',
} as const;

/** Interfaces. */
export const InterfaceId = {
  unknown: '00000000-0000-0000-c000-000000000046',
  manager: 'a1567595-4c2f-4574-a6fa-ecef917b9a40',
  device: '625e2df8-6392-4cf0-9ad1-3cfa5f17775c',
  values: '6848f6f2-3155-4f86-b6f5-263eeeab3143',
  propVariants: '89b2e422-4f1b-4316-bcef-a44afea83eb3',
  keys: 'dada2357-e0ad-492e-98db-dd61c53ba353',
  eventCallback: 'a8792a31-f385-493c-a893-40f64eb45f6e',
  dataStream: '88e04db3-1012-4d64-9996-f703a950d3f4',
} as const;

/** What an object is. */
export const ContentType = {
  functional: '99ed0160-17ff-4c44-9d98-1d7a6f941921',
  folder: '27e2e392-a111-48e0-ab0c-e17705a05f85',
  genericFile: '0085e0a6-8d34-45d7-bc5c-447e59c73d48',
} as const;

/** The category of functional objects that are storages. */
export const STORAGE_CATEGORY = '23f05bbc-15de-4c2a-a55b-a9af5ce412ef';

/** Formats: the first four digits are MTP's format code, `30000000` with it being "unspecified". */
export const FORMAT_TAIL = '-ae6c-4804-98ba-c57b46965fe7';

/** Events. */
export const EventId = {
  objectAdded: 'a726da95-e207-4b02-8d44-bef2e86cbffc',
  objectRemoved: 'be82ab88-a52c-4823-96e5-d0272671fc38',
  objectUpdated: '1445a759-2e01-485d-9f27-ff07dae697ab',
  deviceReset: '7755cf53-c1ed-44f3-b5a2-451e2c376b27',
  deviceRemoved: 'e4cbca1b-6918-48b9-85ee-02be7c850af9',
} as const;

/** The end of an event of the phone's own: the first four digits are MTP's event code. */
export const VENDOR_EVENT_TAIL = '-5738-4ff2-8445-be3126691059';

/** HRESULTs. */
export const Hresult = {
  ok: 0,
  /** `HRESULT_FROM_WIN32(ERROR_BUSY)`: another program is at the phone. */
  busy: 0x800700aa,
  invalidArgument: 0x80070057,
  notImplemented: 0x80004001,
  notSupported: 0x80070032,
  accessDenied: 0x80070005,
  noInterface: 0x80004002,
  notFound: 0x80070490,
  /** Also what a driver answers that knows no such file. */
  fileNotFound: 0x80070002,
  invalidData: 0x8007000d,
  notConnected: 0x8007048f,
} as const;
