import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isPhoneError } from '../../../shared/errors.ts';
import {
  DataType,
  Reader,
  decodeDeviceInfo,
  decodeHeader,
  decodeObjectInfo,
  decodeParameters,
  decodePropColumn,
  decodePropList,
  decodeStorageInfo,
  decodeString,
  decodeU32Array,
  encodeCommand,
  encodeDataHeader,
  encodeDeviceInfo,
  encodeObjectInfo,
  encodePropList,
  encodeStorageInfo,
  encodeString,
  encodeU32Array,
  formatDate,
  formatLocalDate,
  parseDate,
  readPropValue,
  type ObjectInfo,
} from './index.ts';

/**
 * Golden bytes: written out by hand from PIMA 15740, MTP 1.1 and what phones were seen to send, field by field. None
 * comes from our own encoder.
 */
const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'));
const confused = (work: () => unknown): void => {
  assert.throws(work, (error) => isPhoneError(error) && error.kind === 'confused');
};

describe('containers', () => {
  test('OpenSession, session 1, transaction 0', () => {
    assert.deepEqual(encodeCommand(0x1002, 0, [1]), hex('10000000 0100 0210 00000000 01000000'));
  });
  test('GetPartialObject64 of 1 MiB at 5 GiB of object 0x2A, transaction 0x01020304', () => {
    assert.deepEqual(
      encodeCommand(0x95c1, 0x01020304, [0x2a, 0x40000000, 1, 0x100000]),
      hex('1c000000 0100 c195 04030201 2a000000 00000040 01000000 00001000'),
    );
  });
  test('the header of a data phase', () => {
    assert.deepEqual(encodeDataHeader(0x100d, 9, 0), hex('0c000000 0200 0d10 09000000'));
    assert.deepEqual(encodeDataHeader(0x100d, 9, 0xfffffff2), hex('feffffff 0200 0d10 09000000'));
    assert.deepEqual(encodeDataHeader(0x100d, 9, 0xfffffff3), hex('ffffffff 0200 0d10 09000000'));
    assert.deepEqual(encodeDataHeader(0x100d, 9, 5 * 2 ** 30), hex('ffffffff 0200 0d10 09000000'));
  });
  test('a response with three parameters', () => {
    assert.deepEqual(decodeParameters(hex('18000000 0300 0120 03000000 01000100 00000000 11000000')), {
      type: 3,
      code: 0x2001,
      transactionId: 3,
      parameters: [0x00010001, 0, 0x11],
    });
  });
  test('an event', () => {
    assert.deepEqual(decodeParameters(hex('10000000 0400 0240 05000000 2a000000')), {
      type: 4,
      code: 0x4002,
      transactionId: 5,
      parameters: [0x2a],
    });
  });
  test('a ragged tail is ignored, a sixth parameter is not', () => {
    assert.deepEqual(decodeParameters(hex('12000000 0300 0120 03000000 01000100 ffff')).parameters, [0x00010001]);
    confused(() => decodeParameters(hex(`24000000 0300 0120 03000000 ${'01000000'.repeat(6)}`)));
  });
  test('headers that cannot be', () => {
    confused(() => decodeHeader(hex('0c000000 0300 0120 030000')));
    confused(() => decodeHeader(hex('0c000000 0000 0120 03000000')));
    confused(() => decodeHeader(hex('0c000000 0500 0120 03000000')));
    confused(() => decodeHeader(hex('00000000 0300 0120 03000000')));
  });
});

describe('strings', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['the empty string is one byte', '00', ''],
    ['the count has the NUL in it', '03 4100 4200 0000', 'AB'],
    ['é, ß', '03 e900 df00 0000', 'éß'],
    ['Japanese', '04 e565 2c67 9e8a 0000', '日本語'],
    ['Arabic', '05 4506 3106 2d06 2806 0000', 'مرحب'],
    ['a surrogate pair (U+1F600)', '03 3dd8 00de 0000', '😀'],
  ];
  for (const [name, bytes, text] of cases)
    test(name, () => {
      assert.equal(decodeString(hex(bytes), 'test'), text);
      assert.deepEqual(encodeString(text), hex(bytes));
    });

  const tolerated: readonly (readonly [string, string, string])[] = [
    ['without its NUL', '02 4100 4200', 'AB'],
    ['with many NULs', '06 4100 4200 0000 0000 0000 0000', 'AB'],
    ['only a NUL', '01 0000', ''],
    ['cut at the first NUL', '05 4100 0000 4200 4300 0000', 'A'],
    ['a lone high surrogate', '03 3dd8 4100 0000', '\ufffdA'],
    ['a lone low surrogate', '02 00de 0000', '\ufffd'],
  ];
  for (const [name, bytes, text] of tolerated)
    test(`tolerated: ${name}`, () => assert.equal(decodeString(hex(bytes), 'test'), text));

  test('254 units fit, 255 do not', () => {
    const longest = encodeString('x'.repeat(254));
    assert.equal(longest.byteLength, 1 + 255 * 2);
    assert.equal(longest[0], 255);
    assert.throws(() => encodeString('x'.repeat(255)), RangeError);
  });
  test('a count that points past the end', () => confused(() => decodeString(hex('05 4100'), 'test')));
  test('no count at all', () => confused(() => decodeString(hex(''), 'test')));
});

describe('arrays', () => {
  test('three handles', () => {
    assert.deepEqual(decodeU32Array(hex('03000000 01000000 02000000 ffffffff'), 'test'), [1, 2, 0xffffffff]);
    assert.deepEqual(encodeU32Array([1, 2, 0xffffffff]), hex('03000000 01000000 02000000 ffffffff'));
  });
  test('none', () => assert.deepEqual(decodeU32Array(hex('00000000'), 'test'), []));
  test('a count that cannot be true is refused before anything is allocated', () => {
    confused(() => decodeU32Array(hex('ffffffff 01000000'), 'test'));
    confused(() => decodeU32Array(hex('02000000 01000000'), 'test'));
  });
});

/** Version 1.00, vendor extension 6 version 1.00, as Android sends it (shortened lists). */
const DEVICE_INFO = hex(`
  6400  06000000  6400
  0f 6100 6e00 6400 7200 6f00 6900 6400 2e00 6300 6f00 6d00 3a00 3100 2e00   0000
  0000
  03000000 0110 0210 c195
  02000000 0240 0340
  01000000 0150
  00000000
  02000000 0030 0138
  07 4700 6f00 6f00 6700 6c00 6500 0000
  08 5000 6900 7800 6500 6c00 2000 3900 0000
  04 3100 2e00 3000 0000
  04 4100 4200 4300 0000
`);

describe('datasets', () => {
  test('DeviceInfo', () => {
    const info = decodeDeviceInfo(DEVICE_INFO);
    assert.deepEqual(info, {
      standardVersion: 100,
      vendorExtensionId: 6,
      vendorExtensionVersion: 100,
      vendorExtensions: 'android.com:1.',
      functionalMode: 0,
      operations: [0x1001, 0x1002, 0x95c1],
      events: [0x4002, 0x4003],
      deviceProps: [0x5001],
      captureFormats: [],
      playbackFormats: [0x3000, 0x3801],
      manufacturer: 'Google',
      model: 'Pixel 9',
      deviceVersion: '1.0',
      serial: 'ABC',
    });
    assert.deepEqual(encodeDeviceInfo(info), DEVICE_INFO);
  });
  test('DeviceInfo that ends after the model', () => {
    const info = decodeDeviceInfo(DEVICE_INFO.subarray(0, DEVICE_INFO.byteLength - 18));
    assert.deepEqual([info.model, info.deviceVersion, info.serial], ['Pixel 9', '', '']);
  });

  test('StorageInfo: internal storage of 64 GB', () => {
    const bytes = hex(`
      0300 0200 0000
      00005bee0e000000  00105e5f00000000
      ffffffff
      09 4900 6e00 7400 6500 7200 6e00 6100 6c00 0000
      00
    `);
    const info = decodeStorageInfo(bytes);
    assert.deepEqual(info, {
      storageType: 3,
      filesystemType: 2,
      access: 0,
      maxCapacity: 0x0eee5b0000,
      freeSpace: 0x5f5e1000,
      freeObjects: 0xffffffff,
      description: 'Internal',
      volumeIdentifier: '',
    });
    assert.deepEqual(encodeStorageInfo(info), bytes);
  });
  test('StorageInfo of a card whose sizes are unknown', () => {
    const info = decodeStorageInfo(hex(`0400 0200 0100 ${'ff'.repeat(16)} 00000000 03 5300 4400 0000 00`));
    assert.equal(info.freeSpace, Number.MAX_SAFE_INTEGER);
    assert.deepEqual([info.storageType, info.access, info.description], [4, 1, 'SD']);
  });

  /** IMG.jpg of 0x12345 bytes in folder 0x10 of storage 0x00010001, dated in local time without a zone. */
  const afterSize = `
    0838 00100000 a0000000 78000000 00000000 00000000 00000000
    10000000 0000 00000000 00000000
    08 4900 4d00 4700 2e00 6a00 7000 6700 0000
    00
    10 3200 3000 3200 3600 3100 3100 3000 3200 5400 3100 3200 3300 3000 3000 3500 0000
    00`;
  const plain = hex(`01000100 0138 0000 45230100 ${afterSize}`);
  const wide = hex(`01000100 0138 0000 4523010000000000 ${afterSize}`);
  const info: ObjectInfo = {
    storageId: 0x00010001,
    format: 0x3801,
    protection: 0,
    compressedSize: 0x12345,
    thumbFormat: 0x3808,
    thumbSize: 0x1000,
    parent: 0x10,
    associationType: 0,
    filename: 'IMG.jpg',
    dateCreated: '',
    dateModified: '20261102T123005',
  };
  test('ObjectInfo', () => assert.deepEqual(decodeObjectInfo(plain), info));
  test('ObjectInfo with a 64-bit size, detected', () => assert.deepEqual(decodeObjectInfo(wide), info));
  test('ObjectInfo with a 64-bit size, known', () => {
    assert.deepEqual(decodeObjectInfo(wide, 'yes'), info);
    const large = wide.slice();
    large[12] = 2;
    assert.equal(decodeObjectInfo(large, 'yes').compressedSize, 0x2_0001_2345);
  });
  test('ObjectInfo that ends after the name', () => {
    const short = plain.subarray(0, 52 + 1 + 8 * 2);
    assert.deepEqual(decodeObjectInfo(short), { ...info, dateModified: '' });
  });
  test('ObjectInfo of a folder to be made, as it is sent', () => {
    const bytes = encodeObjectInfo({
      storageId: 0x00010001,
      format: 0x3001,
      protection: 0,
      compressedSize: 0,
      thumbFormat: 0,
      thumbSize: 0,
      parent: 0xffffffff,
      associationType: 1,
      filename: 'a',
      dateCreated: '',
      dateModified: '',
    });
    assert.deepEqual(
      bytes,
      hex(`
        01000100 0130 0000 00000000
        0000 00000000 00000000 00000000 00000000 00000000 00000000
        ffffffff 0100 00000000 00000000
        02 6100 0000  00 00 00`),
    );
  });

  /** Two objects' names, one of a type 0 (a property that is not there), a 64-bit and a 32-bit size. */
  const PROP_LIST = hex(`
    05000000
    11000000 07dc ffff 02 6100 0000
    12000000 07dc ffff 02 6200 0000
    13000000 07dc 0000
    11000000 04dc 0800 0500000001000000
    12000000 04dc 0600 07000000
  `);
  test('ObjectPropList', () => {
    assert.deepEqual(decodePropList(PROP_LIST), [
      { handle: 0x11, prop: 0xdc07, type: 0xffff, value: 'a' },
      { handle: 0x12, prop: 0xdc07, type: 0xffff, value: 'b' },
      { handle: 0x11, prop: 0xdc04, type: 8, value: 0x1_0000_0005n },
      { handle: 0x12, prop: 0xdc04, type: 6, value: 7 },
    ]);
  });
  test('ObjectPropList as columns', () => {
    assert.deepEqual(
      [...decodePropColumn(PROP_LIST, 0xdc07)],
      [
        [0x11, 'a'],
        [0x12, 'b'],
      ],
    );
    assert.deepEqual(
      [...decodePropColumn(PROP_LIST, 0xdc04)],
      [
        [0x11, 0x1_0000_0005],
        [0x12, 7],
      ],
    );
    assert.deepEqual([...decodePropColumn(PROP_LIST, 0xdc09)], []);
  });
  test('ObjectPropList as it is encoded', () => {
    assert.deepEqual(
      encodePropList([
        { handle: 0x11, prop: 0xdc07, type: DataType.STR, value: 'a' },
        { handle: 0x11, prop: 0xdc04, type: DataType.UINT64, value: 5 },
        { handle: 0x11, prop: 0xdc02, type: DataType.UINT16, value: 0x3001 },
      ]),
      hex('03000000 11000000 07dc ffff 02 6100 0000 11000000 04dc 0800 0500000000000000 11000000 02dc 0400 0130'),
    );
  });
  test('the empty list beside an error', () => assert.deepEqual([...decodePropColumn(hex('00000000'), 0xdc07)], []));
  for (const [name, bytes] of [
    ['a count that cannot be true', 'ffffffff 11000000 07dc ffff 01 0000'],
    ['an element that is cut', '01000000 11000000 07dc ffff 05 6100'],
    ['an unknown type', '01000000 11000000 07dc 2200 00000000'],
    ['an array of an unknown type', '01000000 11000000 07dc 2240 00000000'],
    ['no count', '0000'],
  ] as const)
    test(`ObjectPropList with ${name}`, () => {
      confused(() => decodePropList(hex(bytes)));
      confused(() => decodePropColumn(hex(bytes), 0xdc07));
    });

  test('every scalar type, signed and unsigned', () => {
    const read = (bytes: string, type: number): unknown => readPropValue(new Reader(hex(bytes), 'test'), type);
    assert.equal(read('ff', 0x0001), -1);
    assert.equal(read('ff', 0x0002), 255);
    assert.equal(read('feff', 0x0003), -2);
    assert.equal(read('feff', 0x0004), 65534);
    assert.equal(read('ffffffff', 0x0005), -1);
    assert.equal(read('ffffffff', 0x0006), 4294967295);
    assert.equal(read('ffffffffffffffff', 0x0007), -1n);
    assert.equal(read('ffffffffffffffff', 0x0008), 0xffffffffffffffffn);
    assert.deepEqual(read('000102030405060708090a0b0c0d0e0f', 0x000a), hex('000102030405060708090a0b0c0d0e0f'));
    assert.deepEqual(read('02000000 0100 ffff', 0x4004), [1, 65535]);
    assert.deepEqual(read('02000000 0100 ffff', 0x4003), [1, -1]);
  });
});

describe('dates', () => {
  const utc = Date.UTC(2026, 10, 2, 12, 30, 5);
  const cases: readonly (readonly [string, number | undefined])[] = [
    ['20261102T123005Z', utc],
    ['20261102T123005.0Z', utc],
    ['20261102T123005.7Z', utc + 700],
    ['20261102T143005+0200', utc],
    ['20261102T070005-0530', utc],
    ['20261102T123005', new Date(2026, 10, 2, 12, 30, 5).getTime()],
    [' 20261102T123005Z ', utc],
    ['', undefined],
    ['20261102', undefined],
    ['00000000T000000', undefined],
    ['20260002T123005', undefined],
    ['20261302T123005', undefined],
    ['20260230T123005Z', undefined],
    ['20260230T123005', undefined],
    ['20261102T246005', undefined],
    ['20261102T123005+9900', undefined],
    ['00011102T123005', undefined],
    ['nonsense', undefined],
    // zeros of clocks
    ['16010101T000000', undefined],
    ['19040101T000000', undefined],
    ['19700101T000000', undefined],
    ['19700101T000000.0', undefined],
    ['19700101T000000Z', undefined],
    ['19700101T020000+0200', undefined],
    ['19800101T000000', undefined],
    ['19800101T000000Z', undefined],
    ['19691231T235959Z', -1000],
    ['19700101T000001Z', 1000],
    ['19700102T000000Z', 86_400_000],
    ['19800101T000002Z', Date.UTC(1980, 0, 1, 0, 0, 2)],
    ['19800102T000000', new Date(1980, 0, 2).getTime()],
    ['19710101T000000', new Date(1971, 0, 1).getTime()],
  ];
  for (const [text, expected] of cases) test(`“${text}”`, () => assert.equal(parseDate(text), expected));
  test('sent with Z, in whole seconds', () => assert.equal(formatDate(utc + 999), '20261102T123005Z'));
  test('sent as a phone does, in local time', () => {
    assert.equal(formatLocalDate(new Date(2026, 10, 2, 12, 30, 5).getTime()), '20261102T123005');
  });
  test('an instant that four digits cannot hold is no date', () => {
    for (const instant of [Number.NaN, Infinity, -1e15, 1e15]) assert.equal(formatDate(instant), '');
  });
});

describe('any values come back as they went', () => {
  const u16 = fc.integer({ min: 0, max: 0xffff });
  const u32 = fc.integer({ min: 0, max: 0xffffffff });
  // NUL ends a string on the wire, and a lone surrogate is no text.
  const text = fc.string({ unit: 'binary', maxLength: 100 }).map((value) => value.replaceAll('\0', ''));
  const texts = (value: string): boolean => value.length <= 254;
  test('strings', () => {
    fc.assert(
      fc.property(text.filter(texts), (value) => assert.equal(decodeString(encodeString(value), 'test'), value)),
    );
  });
  test('commands', () => {
    fc.assert(
      fc.property(u16, u32, fc.array(u32, { maxLength: 5 }), (code, transactionId, parameters) => {
        assert.deepEqual(decodeParameters(encodeCommand(code, transactionId, parameters)), {
          type: 1,
          code,
          transactionId,
          parameters,
        });
      }),
    );
  });
  test('property lists, as elements and as columns', () => {
    const value = fc.oneof(
      fc.record({ type: fc.constant(DataType.STR), value: text.filter(texts) }),
      fc.record({ type: fc.constant(DataType.UINT32), value: u32 }),
      fc.record({ type: fc.constant(DataType.UINT64), value: fc.bigInt({ min: 0n, max: 2n ** 53n - 1n }) }),
      fc.record({ type: fc.constant(DataType.UINT16), value: u16 }),
      fc.record({ type: fc.constant(DataType.INT8), value: fc.integer({ min: -128, max: 127 }) }),
    );
    const element = fc.tuple(u32, u16, value).map(([handle, prop, typed]) => ({ handle, prop, ...typed }));
    fc.assert(
      fc.property(fc.array(element, { maxLength: 20 }), u16, (elements, prop) => {
        const bytes = encodePropList(elements);
        assert.deepEqual(decodePropList(bytes), elements);
        const wanted = elements.filter((each) => each.prop === prop);
        const column = decodePropColumn(bytes, prop);
        for (const each of wanted) assert.ok(column.has(each.handle));
        assert.equal(column.size, new Set(wanted.map((each) => each.handle)).size);
      }),
    );
  });
});

describe('any bytes: a value or "confused", nothing else', () => {
  const decoders: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
    DeviceInfo: decodeDeviceInfo,
    StorageInfo: decodeStorageInfo,
    ObjectInfo: (bytes) => decodeObjectInfo(bytes),
    ObjectPropList: decodePropList,
    columns: (bytes) => decodePropColumn(bytes, 0xdc07),
    array: (bytes) => decodeU32Array(bytes, 'test'),
    string: (bytes) => decodeString(bytes, 'test'),
    header: decodeHeader,
    parameters: decodeParameters,
  };
  // Small numbers are likelier to be counts and types that lead somewhere.
  const byte = fc.oneof(fc.constantFrom(0, 1, 2, 4, 6, 8, 10, 255), fc.integer({ min: 0, max: 255 }));
  const bytes = fc.array(byte, { maxLength: 200 }).map((list) => new Uint8Array(list));
  for (const [name, decode] of Object.entries(decoders))
    test(name, () => {
      fc.assert(
        fc.property(bytes, (input) => {
          try {
            decode(input);
          } catch (error) {
            assert.ok(isPhoneError(error) && error.kind === 'confused', String(error));
          }
        }),
        { numRuns: 1000 },
      );
    });
});
