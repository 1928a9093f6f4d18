import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guidBytes, guidText } from './com.ts';
import { identifyUsb } from './device-names.ts';
import { ClassId, Command, InterfaceId, Key, MTP_CATEGORY } from './keys.ts';
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

void test('keys, commands, classes and interfaces have the numbers of the Windows SDK', () => {
  for (const [name, set, number, type] of TABLE)
    assert.deepEqual(Key[name], { set: set.toLowerCase(), number, type }, name);
  assert.equal(MTP_CATEGORY, '4d545058-1a2e-4106-a357-771e0819fc56');
  assert.deepEqual(Object.values(Command), [11, 12, 13, 14, 15, 16, 17]);
  assert.equal(ClassId.manager, '0af10cec-2ecd-4b92-9581-34f6ae0637f3');
  assert.equal(ClassId.device, 'f7c0039a-4762-488a-b4b3-760ef9a1ba9b');
  assert.equal(InterfaceId.manager, 'a1567595-4c2f-4574-a6fa-ecef917b9a40');
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
