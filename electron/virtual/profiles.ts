import { DeviceProp, Event, Operation } from '../mtp/wire/index.ts';

/**
 * USB stacks of phones, on one responder. `ffs`: Android 9 and later; `compat`: the same without asynchronous I/O;
 * `kernel`: f_mtp of Android 8 and older; `vendor`: a maker's own.
 */
export type Stack = 'ffs' | 'compat' | 'kernel' | 'vendor';

/** Operations on AOSP's list that the wire's table does not name, since our initiator does not use them. */
export const ExtraOperation = { ResetDevice: 0x1010, ResetDevicePropValue: 0x1017 } as const;

/** A kind of phone: what it advertises and how it differs from AOSP. */
export interface Profile {
  readonly name: string;
  readonly stack: Stack;
  readonly vendorId: number;
  readonly productId: number;
  readonly vendorExtensions: string;
  readonly deviceVersion: string;
  readonly operations: readonly number[];
  readonly events: readonly number[];
  readonly deviceProps: readonly number[];
  /** Handles are those of the media database and survive a replug (Android 8 and older). */
  readonly stableHandles: boolean;
  /** Response to an operation that is not advertised. */
  readonly unknownOperation: 'refuse' | 'stall';
  /** Early Samsung: ObjectInfo has a 64-bit size. */
  readonly wideObjectInfo: boolean;
  /** GetObjectHandles with parent 0: the whole storage (AOSP), or no such handle (Samsung). */
  readonly parentZero: 'everything' | 'invalid';
  /** Samsung: a read that reaches the end of a file with a full last packet never completes. */
  readonly hangsAtAlignedEnd: boolean;
  /** PTP cameras: number of commands answered with DeviceBusy after a Cancel. */
  readonly busyAfterCancel: number;
  /** The user must allow access after each plug; here that happens after this many milliseconds. */
  readonly promptMs: number | undefined;
  readonly badDates: boolean;
  /** More than one storage. */
  readonly secondStorage: boolean;
}

/** Names accepted by `--virtual DIR,profile=NAME`. */
export type ProfileName = 'android' | 'android-no-edit' | 'legacy-kernel' | 'samsung-old' | 'camera';

const EDIT: readonly number[] = [
  Operation.SendPartialObject,
  Operation.TruncateObject,
  Operation.BeginEditObject,
  Operation.EndEditObject,
];

/** AOSP MtpServer.cpp, kSupportedOperationCodes, in its order. */
const ANDROID_OPERATIONS: readonly number[] = [
  Operation.GetDeviceInfo,
  Operation.OpenSession,
  Operation.CloseSession,
  Operation.GetStorageIDs,
  Operation.GetStorageInfo,
  Operation.GetNumObjects,
  Operation.GetObjectHandles,
  Operation.GetObjectInfo,
  Operation.GetObject,
  Operation.GetThumb,
  Operation.DeleteObject,
  Operation.SendObjectInfo,
  Operation.SendObject,
  ExtraOperation.ResetDevice,
  Operation.GetDevicePropDesc,
  Operation.GetDevicePropValue,
  Operation.SetDevicePropValue,
  ExtraOperation.ResetDevicePropValue,
  Operation.MoveObject,
  Operation.CopyObject,
  Operation.GetPartialObject,
  Operation.GetObjectPropsSupported,
  Operation.GetObjectPropDesc,
  Operation.GetObjectPropValue,
  Operation.SetObjectPropValue,
  Operation.GetObjectPropList,
  Operation.GetPartialObject64,
  ...EDIT,
];

const without = (operations: readonly number[], removed: readonly number[]): readonly number[] =>
  operations.filter((operation) => !removed.includes(operation));

const ANDROID: Profile = {
  name: 'android',
  stack: 'ffs',
  vendorId: 0x18d1,
  productId: 0x4ee1,
  vendorExtensions: 'microsoft.com: 1.0; android.com: 1.0;',
  deviceVersion: '1.0',
  operations: ANDROID_OPERATIONS,
  events: [
    Event.ObjectAdded,
    Event.ObjectRemoved,
    Event.StoreAdded,
    Event.StoreRemoved,
    Event.DevicePropChanged,
    Event.ObjectInfoChanged,
  ],
  deviceProps: [
    DeviceProp.SynchronizationPartner,
    DeviceProp.DeviceFriendlyName,
    DeviceProp.ImageSize,
    DeviceProp.BatteryLevel,
    DeviceProp.PerceivedDeviceType,
  ],
  stableHandles: false,
  unknownOperation: 'refuse',
  wideObjectInfo: false,
  parentZero: 'everything',
  hangsAtAlignedEnd: false,
  busyAfterCancel: 0,
  promptMs: undefined,
  badDates: false,
  secondStorage: true,
};

/** Every available kind of phone. */
export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  android: ANDROID,
  'android-no-edit': { ...ANDROID, name: 'android-no-edit', operations: without(ANDROID_OPERATIONS, EDIT) },
  'legacy-kernel': {
    ...ANDROID,
    name: 'legacy-kernel',
    stack: 'kernel',
    // Move and copy came with Android 9
    operations: without(ANDROID_OPERATIONS, [Operation.MoveObject, Operation.CopyObject]),
    events: [...ANDROID.events.filter((event) => event !== Event.ObjectInfoChanged), Event.ObjectPropChanged],
    stableHandles: true,
  },
  'samsung-old': {
    ...ANDROID,
    name: 'samsung-old',
    stack: 'vendor',
    vendorId: 0x04e8,
    productId: 0x6860,
    vendorExtensions: 'microsoft.com/WMPPD: 10.0; samsung.com/kies: 1.0;',
    operations: without(ANDROID_OPERATIONS, EDIT),
    wideObjectInfo: true,
    parentZero: 'invalid',
    hangsAtAlignedEnd: true,
    promptMs: 1000,
  },
  camera: {
    ...ANDROID,
    name: 'camera',
    stack: 'vendor',
    vendorId: 0x04a9,
    productId: 0x31ea,
    vendorExtensions: '',
    operations: [
      Operation.GetDeviceInfo,
      Operation.OpenSession,
      Operation.CloseSession,
      Operation.GetStorageIDs,
      Operation.GetStorageInfo,
      Operation.GetNumObjects,
      Operation.GetObjectHandles,
      Operation.GetObjectInfo,
      Operation.GetObject,
      Operation.GetThumb,
      Operation.DeleteObject,
      Operation.SendObjectInfo,
      Operation.SendObject,
      Operation.GetPartialObject,
    ],
    events: [Event.ObjectAdded, Event.ObjectRemoved],
    deviceProps: [DeviceProp.BatteryLevel],
    unknownOperation: 'stall',
    busyAfterCancel: 2,
    badDates: true,
    secondStorage: false,
  },
};

/** In the order in which they are displayed. */
export const PROFILE_NAMES = Object.keys(PROFILES) as readonly ProfileName[];

/** Single deviations from a profile, each seen on some phone; a number if it takes an argument. */
export const VIRTUAL_QUIRKS = {
  'edit-refused': 'the edit operations are advertised and answered with 2005 (Sony Xperia of the 4.4 era)',
  'glued-response': 'nothing marks the end of a data phase; the response follows in the same transfer',
  'extra-zlp': 'an empty packet after every data phase',
  'no-zlp': 'never an empty packet, even where one is due (QEMU)',
  'split-header': 'the header of a data phase is a transfer of its own (Garmin, Zune, some cameras)',
  'junk-ids': 'transaction ids of answers are junk (SonyEricsson)',
  'open-refused': 'OpenSession is refused as many times',
  'parent-is-storage': 'objects of the root name the storage id as their parent (Switch homebrew)',
  'root-is-zero': 'the root is listed with parent 0 only (Kindle and other responders that are not Android)',
  'one-undescribable': 'GetObjectInfo fails for the first entry of each folder',
  'none-describable': 'GetObjectInfo fails for every entry',
  'no-prop-list': 'GetObjectPropList is advertised and answers nothing but the object asked for (uMTP)',
  'no-all-props': 'GetObjectPropList refuses all properties at once (2006); a single one is answered',
  'nul-padded': 'names end in several NULs',
  'bad-dates': 'dates are impossible',
  'doubled-sizes': 'sizes are twice the truth (transcoding)',
  'reads-32-bit':
    'GetPartialObject64 is advertised and answered with 2005; GetPartialObject ends at 4 GiB (QEMU has the 32-bit form alone)',
  'no-partial-reads':
    'neither GetPartialObject nor GetPartialObject64: a file is read whole or not at all (DBI and Sphaira on the Nintendo Switch)',
  'short-reads': 'partial reads bring half of what was asked',
  'zero-reads': 'partial reads bring nothing, with OK',
  'event-flood': 'a flood of battery events with every operation',
  compat: 'class requests are never answered, and only file data ends in an empty packet (some MediaTek phones)',
  'stale-answer': 'a response of an earlier transaction comes before each answer',
  'zero-sizes': 'every file is told to have 0 bytes; reading brings all of it (players with an unfinished media scan)',
  'fat-names':
    'internal storage refuses what FAT cannot hold, such as : ? *, files at SendObject only (Android 11 and later, FuseDaemon)',
  'only-empty-folders': 'DeleteObject of a folder with something in it is 2012 (uMTP, cameras)',
  'capacity-zero': 'the capacity is told as 0',
  'capacity-unknown': 'the capacity is told as all ones, which PTP calls unknown',
  'free-zero': 'free space is told as 0, although there is some',
  'free-unknown': 'free space is told as all ones, which PTP calls unknown',
  'date-1601': 'every date is 1601-01-01, the zero of Windows',
  'date-1970': 'every date is 1970-01-01, the zero of Unix',
  'date-1980': 'every date is 1980-01-01, the zero of FAT: a clock that was never set',
  'no-dates': 'no dates at all',
  'no-serial': 'no serial number, neither in the descriptor nor in DeviceInfo (clones, custom builds)',
  'placeholder-serial': 'the serial number is 0123456789ABCDEF, as on every other tablet of its kind (MediaTek)',
  'idle-delete':
    'DeleteObject is answered with OK and deletes nothing, from the Nth on (iPhones, MediaDevices#384; MtpServer.cpp of Ubuntu Touch and of Android before 9 ignores whether its unlink failed)',
  'idle-move':
    'MoveObject is answered with OK and moves nothing, from the Nth on (doMoveObject in the MtpServer.cpp of Ubuntu Touch renames a file to the path it has)',
  'idle-copy':
    'CopyObject is answered with OK and copies nothing, from the Nth on (not reported; by analogy with idle-move)',
  'idle-rename':
    'SetObjectPropValue of a name is answered with OK and renames nothing, from the Nth on (not reported; by analogy with idle-move)',
} as const;
/** Names accepted by `--virtual DIR,quirk=NAME`. */
export type QuirkName = keyof typeof VIRTUAL_QUIRKS;
const PARTIAL_READS: readonly number[] = [Operation.GetPartialObject, Operation.GetPartialObject64];

/** A profile as one with these quirks advertises it. */
export const advertised = (profile: Profile, quirks: QuirkSet): Profile =>
  quirks.has('no-partial-reads') ? { ...profile, operations: without(profile.operations, PARTIAL_READS) } : profile;

/** In the order in which they are displayed. */
export const QUIRK_NAMES = Object.keys(VIRTUAL_QUIRKS) as readonly QuirkName[];
/** The quirks of one phone, each with its argument (1 if it takes none). */
export type QuirkSet = ReadonlyMap<QuirkName, number>;
