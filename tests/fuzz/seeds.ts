import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  HEADER_SIZE,
  DataType,
  encodeDeviceInfo,
  encodeObjectInfo,
  encodeParameters,
  encodePropList,
  encodeStorageInfo,
  encodeString,
  encodeU32Array,
} from '../../electron/mtp/wire/index.ts';

/** Inputs to mutate: recordings of other programs, and our own datasets with every field set. */

const FIXTURES = join(import.meta.dirname, '../../electron/mtp/wire/fixtures');

interface Recorded {
  readonly transactions: readonly {
    readonly command: string;
    readonly out: readonly string[];
    readonly in: readonly string[];
    readonly response: string;
  }[];
}

const bytes = (...hex: readonly string[]): Uint8Array => new Uint8Array(Buffer.from(hex.join(''), 'hex'));

/** Whole containers of the recordings. */
export const CONTAINERS: readonly Uint8Array[] = readdirSync(FIXTURES)
  .filter((name) => name.endsWith('.json'))
  .flatMap((name) => (JSON.parse(readFileSync(join(FIXTURES, name), 'utf8')) as Recorded).transactions)
  .flatMap(({ command, in: data, out, response }) => [bytes(command), bytes(...data), bytes(...out), bytes(response)])
  .filter((container) => container.byteLength >= HEADER_SIZE && container.byteLength <= 2048);

const info = {
  standardVersion: 100,
  vendorExtensionId: 6,
  vendorExtensionVersion: 100,
  vendorExtensions: 'microsoft.com: 1.0; android.com: 1.0;',
  functionalMode: 0,
  operations: [0x1001, 0x1002, 0x95c1],
  events: [0x4002],
  deviceProps: [0xd402],
  captureFormats: [],
  playbackFormats: [0x3000, 0x3001],
  manufacturer: 'Maker',
  model: 'Modell 日本',
  deviceVersion: '1.0',
  serial: '0123456789',
};
const object = {
  storageId: 0x10001,
  format: 0x3801,
  protection: 0,
  compressedSize: 0xffffffff,
  thumbFormat: 0x3801,
  thumbSize: 5,
  parent: 0,
  associationType: 0,
  filename: 'IMG_0001 😀.jpg',
  dateCreated: '20240101T000000',
  dateModified: '20240229T235959.5+0530',
};
const dates = ['20240101T000000', '19700001T000000', '99991231T235960.9-1400', '00000000T000000', ''];

/** Payloads of datasets. */
export const PAYLOADS: readonly Uint8Array[] = [
  ...CONTAINERS.map((container) => container.subarray(HEADER_SIZE)),
  encodeDeviceInfo(info),
  encodeObjectInfo(object),
  encodeObjectInfo(object, true),
  encodeStorageInfo({
    storageType: 3,
    filesystemType: 2,
    access: 0,
    maxCapacity: 2 ** 40,
    freeSpace: 2 ** 39,
    freeObjects: 0x40000000,
    description: 'Internal shared storage',
    volumeIdentifier: '',
  }),
  encodeU32Array([1, 2, 3, 0xffffffff]),
  ...dates.map((date) => encodeString(date)),
  encodePropList([
    { handle: 1, prop: 0xdc07, type: DataType.STR, value: 'a.txt' },
    { handle: 2, prop: 0xdc04, type: DataType.UINT64, value: 2n ** 63n },
    { handle: 3, prop: 0xdc02, type: DataType.UINT16, value: 0x3001 },
    { handle: 4, prop: 0xdc04, type: DataType.UINT32, value: 7 },
    { handle: 5, prop: 0xdc41, type: DataType.UINT128, value: new Uint8Array(16) },
    { handle: 6, prop: 0xdc0b, type: DataType.ARRAY | DataType.UINT16, value: [1, 2, 3] },
    { handle: 7, prop: 0xdc0b, type: DataType.INT8, value: -1 },
  ]),
  encodePropList(
    Array.from({ length: 20 }, (_, index) => ({
      handle: index + 1,
      prop: 0xdc07,
      type: DataType.STR,
      value: `name ${index}`,
    })),
  ),
];

/** Bytes of bulk-IN as a transaction receives them: data, then the response. */
export const ANSWERS: readonly Uint8Array[] = [
  ...CONTAINERS.map((container) => {
    const response = encodeParameters(3, 0x2001, 7, [1, 2]);
    const whole = new Uint8Array(container.byteLength + response.byteLength);
    whole.set(container);
    // the transaction under test has this id
    new DataView(whole.buffer).setUint32(8, 7, true);
    whole.set(response, container.byteLength);
    return whole;
  }),
  encodeParameters(3, 0x2002, 7, []),
  encodeParameters(4, 0x4002, 7, [5]),
];
