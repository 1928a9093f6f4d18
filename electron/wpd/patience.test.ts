import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualTimers } from '../../tests/support/fake-driver.ts';
import { Hresult } from './keys.ts';
import { isShared, Patience } from './patience.ts';

void test('a wait that takes longer than a moment is told once, and goes on', async () => {
  const timers = new ManualTimers();
  const patience = new Patience(timers);
  const told: unknown[] = [];
  patience.onLong = (cause) => told.push(cause);
  let isBusy = true;
  const call = () => Promise.resolve({ hresult: isBusy ? Hresult.busy : 0 });
  const moment = patience.call('open', call);
  await timers.pass(1_500);
  isBusy = false;
  await timers.pass(2_000);
  assert.equal((await moment).hresult, 0);
  assert.equal(told.length, 0, 'a moment is not told');

  isBusy = true;
  const long = patience.call('open', call);
  await timers.pass(40_000);
  assert.deepEqual(told.map(isShared), [true], 'in the words that it would end with');
  isBusy = false;
  await timers.pass(2_000);
  assert.equal((await long).hresult, 0);
});

void test('a wait that was stopped is not told', async () => {
  const timers = new ManualTimers();
  const patience = new Patience(timers);
  patience.onLong = () => assert.fail('told');
  const ended = patience.call('open', () => Promise.resolve({ hresult: Hresult.busy })).catch(isShared);
  await timers.pass(1_000);
  patience.stop();
  await timers.pass(60_000);
  assert.equal(await ended, false);
});
