import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEVICE_INFO } from '../../../tests/support/device-info.ts';
import type { AttachedDevice } from '../ports.ts';
import type { DeviceInfo } from '../wire/datasets.ts';
import { QUIRKS, quirksOf } from './quirks.ts';

const DEVICE: AttachedDevice = {
  id: '1',
  vendorId: 0x18d1,
  productId: 0x4ee1,
  manufacturer: 'Google',
  product: 'Pixel',
  serial: 'x',
  virtual: false,
};
describe('quirks', () => {
  const names = (attached: Partial<AttachedDevice>, info: Partial<DeviceInfo> = {}): readonly string[] =>
    quirksOf({ ...DEVICE, ...attached }, { ...DEVICE_INFO, ...info }).map((quirk) => quirk.name);
  test('a Pixel has none', () => assert.deepEqual(names({}), []));
  test('each device has its own', () => {
    assert.deepEqual(names({ vendorId: 0x04e8 }), ['samsung-end-of-file']);
    assert.deepEqual(names({}, { manufacturer: 'SAMSUNG' }), ['samsung-end-of-file']);
    assert.deepEqual(names({ vendorId: 0x091e }), ['garmin-split-header']);
    assert.deepEqual(names({ vendorId: 0x1949, product: 'Amazon Kindle' }), ['kindle']);
    assert.deepEqual(names({ vendorId: 0x1949, product: 'Fire' }), []);
    assert.deepEqual(names({ vendorId: 0x0fce }), []);
    assert.deepEqual(names({ vendorId: 0x0fce }, { vendorExtensions: 'microsoft.com: 1.0' }), ['junk-transaction-ids']);
    assert.deepEqual(names({ vendorId: 0x2672 }), ['gopro-events']);
    assert.deepEqual(names({ product: 'TP-7' }), ['tp-7-session']);
    assert.deepEqual(names({ vendorId: 0x04da }, { vendorExtensions: '' }), ['camera']);
  });
  test('before the device has said what it is, its USB identity is enough', () => {
    assert.deepEqual(
      quirksOf({ ...DEVICE, product: 'TP-7' }, undefined).map((quirk) => quirk.name),
      ['tp-7-session'],
    );
  });
  test('every quirk says what is done and on what evidence, under a name of its own', () => {
    assert.equal(new Set(QUIRKS.map((quirk) => quirk.name)).size, QUIRKS.length);
    for (const quirk of QUIRKS) assert.ok(quirk.evidence.length > 20 && quirk.remedy.length > 20, quirk.name);
  });
});
