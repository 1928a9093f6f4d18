import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guidBytes, guidText } from './com.ts';
import { identifyUsb } from './device-names.ts';
import {
  ClassId,
  Command,
  ContentType,
  EventId,
  FORMAT_TAIL,
  InterfaceId,
  Key,
  MTP_CATEGORY,
  STORAGE_CATEGORY,
  VENDOR_EVENT_TAIL,
} from './keys.ts';
import { handleOf, ObjectNumbers, storageIdOf } from './object-ids.ts';

/** As `WpdMtpExtensions.h` and `PortableDevice.h` of the Windows SDK have them, written down a second time. */
const TABLE: readonly (readonly [name: keyof typeof Key, set: string, number: number, type: string])[] = [
  ['commandCategory', 'F0422A9C-5DC8-4440-B5BD-5DF28835658A', 1001, 'VT_CLSID'],
  ['commandId', 'F0422A9C-5DC8-4440-B5BD-5DF28835658A', 1002, 'VT_UI4'],
  ['commandResult', 'F0422A9C-5DC8-4440-B5BD-5DF28835658A', 1003, 'VT_ERROR'],
  ['operationCode', '4D545058-1A2E-4106-A357-771E0819FC56', 1001, 'VT_UI4'],
  ['operationParameters', '4D545058-1A2E-4106-A357-771E0819FC56', 1002, 'VT_UNKNOWN'],
  ['responseCode', '4D545058-1A2E-4106-A357-771E0819FC56', 1003, 'VT_UI4'],
  ['responseParameters', '4D545058-1A2E-4106-A357-771E0819FC56', 1004, 'VT_UNKNOWN'],
  ['vendorOperations', '4D545058-1A2E-4106-A357-771E0819FC56', 1005, 'VT_UNKNOWN'],
  ['transferContext', '4D545058-1A2E-4106-A357-771E0819FC56', 1006, 'VT_LPWSTR'],
  ['totalSize', '4D545058-1A2E-4106-A357-771E0819FC56', 1007, 'VT_UI8'],
  ['bytesToRead', '4D545058-1A2E-4106-A357-771E0819FC56', 1008, 'VT_UI4'],
  ['bytesRead', '4D545058-1A2E-4106-A357-771E0819FC56', 1009, 'VT_UI4'],
  ['bytesToWrite', '4D545058-1A2E-4106-A357-771E0819FC56', 1010, 'VT_UI4'],
  ['bytesWritten', '4D545058-1A2E-4106-A357-771E0819FC56', 1011, 'VT_UI4'],
  ['data', '4D545058-1A2E-4106-A357-771E0819FC56', 1012, 'VT_VECTOR|VT_UI1'],
  ['optimalSize', '4D545058-1A2E-4106-A357-771E0819FC56', 1013, 'VT_UI4'],
  ['eventParameters', '4D545058-EF88-4E4D-95C3-4F327F728A96', 1011, 'VT_UNKNOWN'],
  ['eventId', '15AB1953-F817-4FEF-A921-5676E838F6E0', 3, 'VT_CLSID'],
  ['objectId', 'EF6B490D-5CD8-437A-AFFC-DA8B60EE4A3C', 2, 'VT_LPWSTR'],
  ['objectSize', 'EF6B490D-5CD8-437A-AFFC-DA8B60EE4A3C', 11, 'VT_UI8'],
  ['fileName', 'EF6B490D-5CD8-437A-AFFC-DA8B60EE4A3C', 12, 'VT_LPWSTR'],
  ['dateModified', 'EF6B490D-5CD8-437A-AFFC-DA8B60EE4A3C', 19, 'VT_DATE'],
  ['storageCapacity', '01A3057A-74D6-4E80-BEA7-DC4C212CE50A', 4, 'VT_UI8'],
  ['storageFree', '01A3057A-74D6-4E80-BEA7-DC4C212CE50A', 5, 'VT_UI8'],
  ['deviceManufacturer', '26D4979A-E643-4626-9E2B-736DC0C92FDC', 7, 'VT_LPWSTR'],
  ['deviceModel', '26D4979A-E643-4626-9E2B-736DC0C92FDC', 8, 'VT_LPWSTR'],
  ['deviceSerial', '26D4979A-E643-4626-9E2B-736DC0C92FDC', 9, 'VT_LPWSTR'],
  ['resourceDefault', 'E81E79BE-34F0-41BF-B53F-F1A06AE87842', 0, 'none'],
];

const upper = (table: Readonly<Record<string, string>>): unknown =>
  Object.fromEntries(Object.entries(table).map(([name, id]) => [name, id.toUpperCase()]));

void test('keys, commands, classes and interfaces have the numbers of the Windows SDK', () => {
  for (const [name, set, number, type] of TABLE)
    assert.deepEqual(Key[name], { set: set.toLowerCase(), number, type }, name);
  assert.equal(MTP_CATEGORY, '4d545058-1a2e-4106-a357-771e0819fc56');
  assert.deepEqual(Object.values(Command), [11, 12, 13, 14, 15, 16, 17]);
  assert.deepEqual(upper(ClassId), {
    manager: '0AF10CEC-2ECD-4B92-9581-34F6AE0637F3',
    device: 'F7C0039A-4762-488A-B4B3-760EF9A1BA9B',
    values: '0C15D503-D017-47CE-9016-7B3F978721CC',
    propVariants: '08A99E2F-6D6D-4B80-AF5A-BAF2BCBE4CB9',
    keys: 'DE2D022D-2480-43BE-97F0-D1FA2CF98F4F',
  });
  assert.deepEqual(upper(InterfaceId), {
    unknown: '00000000-0000-0000-C000-000000000046',
    manager: 'A1567595-4C2F-4574-A6FA-ECEF917B9A40',
    device: '625E2DF8-6392-4CF0-9AD1-3CFA5F17775C',
    values: '6848F6F2-3155-4F86-B6F5-263EEEAB3143',
    propVariants: '89B2E422-4F1B-4316-BCEF-A44AFEA83EB3',
    keys: 'DADA2357-E0AD-492E-98DB-DD61C53BA353',
    eventCallback: 'A8792A31-F385-493C-A893-40F64EB45F6E',
    dataStream: '88E04DB3-1012-4D64-9996-F703A950D3F4',
  });
});

void test('events and kinds of objects have the GUIDs of PortableDevice.h', () => {
  assert.deepEqual(upper(EventId), {
    objectAdded: 'A726DA95-E207-4B02-8D44-BEF2E86CBFFC',
    objectRemoved: 'BE82AB88-A52C-4823-96E5-D0272671FC38',
    objectUpdated: '1445A759-2E01-485D-9F27-FF07DAE697AB',
    deviceReset: '7755CF53-C1ED-44F3-B5A2-451E2C376B27',
    deviceRemoved: 'E4CBCA1B-6918-48B9-85EE-02BE7C850AF9',
  });
  assert.deepEqual(upper(ContentType), {
    functional: '99ED0160-17FF-4C44-9D98-1D7A6F941921',
    folder: '27E2E392-A111-48E0-AB0C-E17705A05F85',
    genericFile: '0085E0A6-8D34-45D7-BC5C-447E59C73D48',
  });
  assert.deepEqual(upper({ STORAGE_CATEGORY, FORMAT_TAIL, VENDOR_EVENT_TAIL }), {
    STORAGE_CATEGORY: '23F05BBC-15DE-4C2A-A55B-A9AF5CE412EF',
    FORMAT_TAIL: '-AE6C-4804-98BA-C57B46965FE7',
    VENDOR_EVENT_TAIL: '-5738-4FF2-8445-BE3126691059',
  });
});

void test('a GUID in memory is a number, two halves and eight bytes', () => {
  const text = '00112233-4455-6677-8899-aabbccddeeff';
  assert.equal(Buffer.from(guidBytes(text)).toString('hex'), '33221100554477668899aabbccddeeff');
  assert.equal(guidText(guidBytes(text)), text);
});

void test('the name of a USB device tells its numbers, and its serial number where it has one', () => {
  const tail = '#{6ac27878-a6fa-4155-ba85-f98f491d4f33}';
  assert.deepEqual(identifyUsb(`\\\\?\\usb#vid_18d1&pid_4ee1#r58m123abc${tail}`), {
    vendorId: 0x18d1,
    productId: 0x4ee1,
    serial: 'r58m123abc',
  });
  assert.equal(identifyUsb(`\\\\?\\usb#vid_04e8&pid_6860&mi_00#6&1f2e3d4c&0&0000${tail}`)?.serial, '');
  assert.equal(identifyUsb(`\\\\?\\swd#wpdbusenum#_??_usbstor#disk${tail}`), undefined, 'a memory stick is no phone');
});

void test('names of objects hold their numbers; what looks otherwise gets one of our own', () => {
  assert.deepEqual(
    [handleOf('o1F'), handleOf('s1F'), handleOf('oXY'), handleOf('o123456789')],
    [0x1f, undefined, undefined, undefined],
  );
  assert.equal(storageIdOf('s10001'), 0x10001);
  const numbers = new ObjectNumbers();
  assert.equal(numbers.of('o2A'), 0x2a);
  const own = numbers.of('{an-object}');
  assert.equal(numbers.of('{an-object}'), own);
  assert.equal(numbers.idOf(own), '{an-object}');
  assert.equal(numbers.nameFor(own, 'o'), undefined);
  assert.equal(numbers.nameFor(0x2a, 'o'), 'o2A');
  const reserved = numbers.reserve();
  numbers.bind(reserved, 'o77');
  assert.deepEqual([numbers.of('o77'), numbers.handleFor(reserved)], [reserved, 0x77]);
});
