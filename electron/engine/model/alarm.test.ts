import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../api.ts';
import { Alarm } from './alarm.ts';

/** Far longer than a test may last. */
const FOR_EVER_MS = 2 ** 31 - 1;

test('an alarm ends all that sleeps on it, and keeps awake what would later', async () => {
  const alarm = new Alarm();
  const sleeping = [systemClock.sleep(FOR_EVER_MS, alarm), systemClock.sleep(FOR_EVER_MS, alarm)];
  assert.equal(alarm.aborted, false);
  alarm.ring();
  assert.equal(alarm.aborted, true);
  await Promise.all(sleeping);
  await systemClock.sleep(FOR_EVER_MS, alarm);
});

test('an alarm tells each listener once, and none that has left', () => {
  const alarm = new Alarm();
  const heard: string[] = [];
  const left = (): void => void heard.push('left');
  alarm.addEventListener('abort', () => heard.push('stays'));
  alarm.addEventListener('abort', left);
  alarm.removeEventListener('abort', left);
  alarm.removeEventListener('abort', left);
  alarm.ring();
  alarm.ring();
  alarm.addEventListener('abort', left);
  assert.deepEqual(heard, ['stays']);
});
