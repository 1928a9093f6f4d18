import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anonymousKey, deviceKey, identifies, isAnonymous } from './domain.ts';

test('serial numbers that identify nobody', () => {
  for (const serial of [
    '',
    '   ',
    '0',
    '0000000000',
    '00000000000000000000000000000000',
    '000000001',
    'FFFFFFFF',
    'xxxxxxxx',
    '0123456789ABCDEF',
    '0123456789abcdef',
    '0123456789',
    '1234567890',
    '1234567890ABCDEF',
    '123456789012345',
    '012345678901234567890123456789AB',
    '01234567',
    '12345',
    'fedcba9876543210',
    '20080411',
    'unknown',
    'N/A',
    'None',
    'Serial Number',
    '(undefined)',
  ])
    assert.equal(identifies(serial), false, serial);
});

test('serial numbers of real phones', () => {
  for (const serial of [
    '27171JEGR01234',
    'R52N90ABCDE',
    'ce0517157e0f6a2b03',
    '9A261FFAZ00AXC',
    '00a1b2c3',
    'V0001',
    '1242',
  ])
    assert.equal(identifies(serial), true, serial);
});

test('a key says whether it may be given to a phone without asking', () => {
  assert.equal(isAnonymous(deviceKey('Google', '27171JEGR01234')), false);
  assert.equal(isAnonymous(deviceKey('a#b', 'R52N90ABCDE')), false, 'a maker with the separator in its name');
  assert.equal(isAnonymous(anonymousKey('Acme', '1f')), true);
  // as stored by earlier versions
  assert.equal(isAnonymous(deviceKey('Acme', '0123456789ABCDEF')), true);
  assert.equal(isAnonymous(deviceKey('Acme', '')), true);
  assert.equal(isAnonymous(deviceKey('Acme', 'unnamed-usb-1-5-1')), true);
});
