import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device, DeviceKey, DeviceState } from '../../shared/domain.ts';
import { obstacleOf, obstacleText } from './device-problems.ts';
import { waitWords } from './sync-report.ts';

const told = (state: DeviceState): string | undefined => {
  const device = { name: 'Pixel 9', state } as Device;
  const obstacle = obstacleOf(device);
  return obstacle === undefined ? undefined : obstacleText(device, obstacle);
};

void test('a phone that another program keeps busy: which kind of program, and what to do', () => {
  const shared = { id: 'phone-shared' } as const;
  assert.equal(
    told({ kind: 'held', holder: undefined, fault: shared, advice: shared }),
    'Waiting for Pixel 9: Another program on this computer, such as File Explorer, keeps the phone busy. ' +
      'Close it or wait until it has finished; Replug then resumes by itself.',
  );
  assert.match(
    told({ kind: 'held', holder: undefined }) ?? '',
    /Another program is using the phone\. Close it or unmount/,
  );
  assert.equal(told({ kind: 'ready' }), undefined);
});

void test('a sync that waits for a phone says what keeps a phone that is plugged in', () => {
  const pair = { device: 'google#1' as DeviceKey, deviceName: 'Pixel 9' };
  const words = (state: DeviceState): string =>
    waitWords({ kind: 'waiting', for: 'plug', name: 'Pixel 9' }, pair, [
      { key: pair.device, name: 'Pixel 9', state } as Device,
    ]);
  assert.match(words({ kind: 'held', holder: undefined }), /Another program is using the phone/);
  assert.match(words({ kind: 'recovering', step: 'wait', nextTryAt: undefined }), /does not answer/);
  assert.match(words({ kind: 'gone', since: 0 }), /plug it in again/);
});
