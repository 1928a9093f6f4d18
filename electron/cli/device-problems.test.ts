import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeProblem } from '../../shared/errors.ts';
import { noDevices } from './device-problems.ts';

test('`devices` on Windows says that phones cannot be opened there yet', () => {
  assert.match(describeProblem(noDevices('win32', undefined)).remedy, /Replug cannot open phones on Windows yet\./u);
  assert.match(describeProblem(noDevices('linux', undefined)).remedy, /^Plug it in/u);
});
