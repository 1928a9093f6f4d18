/**
 * Numbers of PTP (PIMA 15740), MTP 1.1 and Android's extension, by name. One number may carry two names when it
 * means two things: `ROOT_WHEN_LISTING` and `SIZE_UNKNOWN` are both 0xFFFFFFFF.
 */

/** Kinds of containers (field notes §1.1). */
export const ContainerType = { command: 1, data: 2, response: 3, event: 4 } as const;
/** One of the four kinds of containers, as the number on the wire. */
export type ContainerType = (typeof ContainerType)[keyof typeof ContainerType];

/** Operation codes: PIMA 15740, MTP 1.1, and Android's 0x95C1 to 0x95C5. */
export const Operation = {
  GetDeviceInfo: 0x1001,
  OpenSession: 0x1002,
  CloseSession: 0x1003,
  GetStorageIDs: 0x1004,
  GetStorageInfo: 0x1005,
  GetNumObjects: 0x1006,
  GetObjectHandles: 0x1007,
  GetObjectInfo: 0x1008,
  GetObject: 0x1009,
  GetThumb: 0x100a,
  DeleteObject: 0x100b,
  SendObjectInfo: 0x100c,
  SendObject: 0x100d,
  GetDevicePropDesc: 0x1014,
  GetDevicePropValue: 0x1015,
  SetDevicePropValue: 0x1016,
  MoveObject: 0x1019,
  CopyObject: 0x101a,
  GetPartialObject: 0x101b,
  GetObjectPropsSupported: 0x9801,
  GetObjectPropDesc: 0x9802,
  GetObjectPropValue: 0x9803,
  SetObjectPropValue: 0x9804,
  GetObjectPropList: 0x9805,
  GetPartialObject64: 0x95c1,
  SendPartialObject: 0x95c2,
  TruncateObject: 0x95c3,
  BeginEditObject: 0x95c4,
  EndEditObject: 0x95c5,
} as const;
/** One of the operations known here. A phone may name others; those stay plain numbers. */
export type Operation = (typeof Operation)[keyof typeof Operation];

/** Response codes: PIMA 15740 and MTP 1.1. */
export const Response = {
  OK: 0x2001,
  GeneralError: 0x2002,
  SessionNotOpen: 0x2003,
  InvalidTransactionID: 0x2004,
  OperationNotSupported: 0x2005,
  ParameterNotSupported: 0x2006,
  IncompleteTransfer: 0x2007,
  InvalidStorageID: 0x2008,
  InvalidObjectHandle: 0x2009,
  DevicePropNotSupported: 0x200a,
  InvalidObjectFormatCode: 0x200b,
  StoreFull: 0x200c,
  ObjectWriteProtected: 0x200d,
  StoreReadOnly: 0x200e,
  AccessDenied: 0x200f,
  NoThumbnailPresent: 0x2010,
  PartialDeletion: 0x2012,
  StoreNotAvailable: 0x2013,
  SpecificationByFormatUnsupported: 0x2014,
  NoValidObjectInfo: 0x2015,
  DeviceBusy: 0x2019,
  InvalidParentObject: 0x201a,
  InvalidParameter: 0x201d,
  SessionAlreadyOpen: 0x201e,
  TransactionCancelled: 0x201f,
  SpecificationOfDestinationUnsupported: 0x2020,
  InvalidObjectPropCode: 0xa801,
  InvalidObjectPropFormat: 0xa802,
  InvalidObjectPropValue: 0xa803,
  GroupNotSupported: 0xa805,
  InvalidDataset: 0xa806,
  SpecificationByGroupUnsupported: 0xa807,
  SpecificationByDepthUnsupported: 0xa808,
  ObjectTooLarge: 0xa809,
  ObjectPropNotSupported: 0xa80a,
} as const;
/** One of the responses known here. A phone may answer others; those stay plain numbers. */
export type Response = (typeof Response)[keyof typeof Response];

/** Event codes that mean something here. */
export const Event = {
  CancelTransaction: 0x4001,
  ObjectAdded: 0x4002,
  ObjectRemoved: 0x4003,
  StoreAdded: 0x4004,
  StoreRemoved: 0x4005,
  DevicePropChanged: 0x4006,
  ObjectInfoChanged: 0x4007,
  StoreFull: 0x400a,
  StorageInfoChanged: 0x400c,
  ObjectPropChanged: 0xc801,
} as const;
/** One of the events known here. A phone may send others; those mean nothing. */
export type Event = (typeof Event)[keyof typeof Event];

/** Requests of the still image class (USB still image device definition 1.0). */
export const ClassRequest = { Cancel: 0x64, GetExtendedEventData: 0x65, Reset: 0x66, GetDeviceStatus: 0x67 } as const;

/** Object formats; a folder is an Association. */
export const Format = {
  Undefined: 0x3000,
  Association: 0x3001,
  Text: 0x3004,
  WAV: 0x3008,
  MP3: 0x3009,
  MPEG: 0x300b,
  EXIF_JPEG: 0x3801,
  PNG: 0x380b,
  TIFF: 0x380d,
  DNG: 0x3811,
  HEIF: 0x3812,
  WMA: 0xb901,
  OGG: 0xb902,
  AAC: 0xb903,
  FLAC: 0xb906,
  MP4: 0xb982,
  ThreeGP: 0xb984,
} as const;

/** Object properties. */
export const ObjectProp = {
  StorageID: 0xdc01,
  ObjectFormat: 0xdc02,
  ProtectionStatus: 0xdc03,
  ObjectSize: 0xdc04,
  ObjectFileName: 0xdc07,
  DateCreated: 0xdc08,
  DateModified: 0xdc09,
  ParentObject: 0xdc0b,
  PersistentUniqueObjectIdentifier: 0xdc41,
  Name: 0xdc44,
  DateAdded: 0xdc4e,
  DisplayName: 0xdce0,
} as const;

/** Device properties. */
export const DeviceProp = {
  BatteryLevel: 0x5001,
  ImageSize: 0x5003,
  SynchronizationPartner: 0xd401,
  DeviceFriendlyName: 0xd402,
  PerceivedDeviceType: 0xd407,
} as const;

/** MTP data type codes; an array is `ARRAY | element`. */
export const DataType = {
  INT8: 0x0001,
  UINT8: 0x0002,
  INT16: 0x0003,
  UINT16: 0x0004,
  INT32: 0x0005,
  UINT32: 0x0006,
  INT64: 0x0007,
  UINT64: 0x0008,
  INT128: 0x0009,
  UINT128: 0x000a,
  ARRAY: 0x4000,
  STR: 0xffff,
} as const;

/** Parent in `GetObjectHandles` for "children of the root", and destination parent in `SendObjectInfo`. */
export const ROOT_WHEN_LISTING = 0xffffffff;
/** The root as parent in SendObjectInfo (rule 10 of the field notes). */
export const ROOT_WHEN_SENDING = 0xffffffff;
/** Destination parent in `MoveObject` and `CopyObject`, and what `GetObjectInfo` gives as the parent of a root object. */
export const ROOT_WHEN_MOVING = 0;
/** A 32-bit size or container length that means "does not fit: see elsewhere". */
export const SIZE_UNKNOWN = 0xffffffff;

/** Bytes before the payload of every container. */
export const HEADER_SIZE = 12;
/** A command or response has at most five parameters. */
export const MAX_PARAMETERS = 5;

/** By code; of two names of one code the first. Each transaction asks for one. */
const namesIn = (table: Readonly<Record<string, number>>): ReadonlyMap<number, string> =>
  new Map(
    Object.entries(table)
      .map(([name, code]) => [code, name] as const)
      .reverse(),
  );
const OPERATION_NAMES = namesIn(Operation);
const RESPONSE_NAMES = namesIn(Response);

/** `0x2002`. */
export const hex = (code: number): string => `0x${code.toString(16).padStart(4, '0')}`;
/** The operation's name, or its code where it has none here. */
export const operationName = (code: number): string => OPERATION_NAMES.get(code) ?? hex(code);
/** The response's name, or its code where it has none here. */
export const responseName = (code: number): string => RESPONSE_NAMES.get(code) ?? hex(code);
