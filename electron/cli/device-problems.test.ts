import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device, DeviceState } from '../../shared/domain.ts';
import { obstacleOf, obstacleText } from './device-problems.ts';

const told = (state: DeviceState): string | undefined => {
  const device = { name: 'Pixel 9', state } as Device;
  const obstacle = obstacleOf(device);
  return obstacle === undefined ? undefined : obstacleText(device, obstacle);
};

void test('a phone that another program keeps busy: which kind of program, and what to do', () => {
  const shared = { id: 'phone-shared' } as const;
  assert.equal(
    told({ kind: 'held', holder: undefined, fault: shared, advice: shared }),
    'Waiting for Pixel 9: Another program on this computer, such as the Explorer, keeps the phone busy. ' +
      'Close it or wait until it has finished; Replug then resumes by itself.',
  );
  assert.match(
    told({ kind: 'held', holder: undefined }) ?? '',
    /Another program is using the phone\. Close it or unmount/,
  );
  assert.equal(told({ kind: 'ready' }), undefined);
});
