import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { FirstCheck } from '../../shared/domain.ts';
import { shootChecked } from './axe.ts';
import { openWindow, type Window } from './browser.ts';
import { UDEV_RULE_FOR_ALL, furnish, phone } from './material.ts';
import { ScriptedHost } from './scripted-host.ts';

/** What would keep a phone from being opened, below *Connect a phone*. */
describe('first checks', { concurrency: false }, () => {
  let host: ScriptedHost;
  let window: Window;
  let page: Page;

  const noRule: FirstCheck = { kind: 'no-rule', advice: UDEV_RULE_FOR_ALL };
  const transfer: FirstCheck = { kind: 'takes-phones', program: 'Android File Transfer', releasable: true };
  const other: FirstCheck = { kind: 'takes-phones', program: 'OpenMTP', releasable: false };

  before(async () => {
    host = new ScriptedHost();
    furnish(host);
    window = await openWindow(await host.start());
    page = window.page;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  });
  after(async () => {
    await window.close();
    await host.stop();
  });
  afterEach(() => {
    assert.deepEqual(window.complaints, []);
  });

  const shown = () => page.getByRole('list', { name: 'To do before you connect a phone' });
  /** As a person who comes back to the window after a change elsewhere. */
  const comeBack = (found: readonly FirstCheck[]): Promise<void> => {
    host.answers.firstChecks = () => ({ found });
    return page.evaluate(() => {
      globalThis.dispatchEvent(new Event('focus'));
    });
  };

  test('a host that cannot say is asked, and nothing is shown', async () => {
    await page.getByRole('heading', { name: 'Connect a phone' }).waitFor();
    for (let tries = 0; tries < 100 && host.asks('firstChecks').length === 0; tries++) await page.waitForTimeout(20);
    assert.equal(host.asks('firstChecks').length, 1);
    // for the refusal to arrive
    await page.waitForTimeout(200);
    assert.equal(await page.locator('.lesson-checks').count(), 0);
    assert.equal(await page.getByRole('button', { name: 'Close this notification' }).count(), 0);
  });

  test('a missing rule is shown, copied, and gone once it is there', async () => {
    await comeBack([noRule]);
    await shown().getByText('This system has no rule that lets you open phones.').waitFor();
    await shown().getByText('/etc/udev/rules.d/69-replug.rules').waitFor();
    await page.mouse.move(400, 690);
    await shootChecked(page, 'first-check-rule');
    await shown().getByRole('button', { name: 'Copy rule' }).click();
    await shown().getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), UDEV_RULE_FOR_ALL.with.rule);
    await comeBack([]);
    await shown().waitFor({ state: 'detached' });
  });

  test('a program that takes phones is asked to go, or looked for again', async () => {
    await comeBack([transfer, other]);
    await shown().getByText('OpenMTP is running and takes every phone that is plugged in.').waitFor();
    assert.equal(await shown().getByRole('listitem').count(), 2);
    assert.equal(await shown().getByRole('button').count(), 2, 'one button each');
    await page.mouse.move(400, 690);
    await shootChecked(page, 'first-check-programs');
    // it is still seen for a moment after it was told
    host.answers.quitProgram = () => ({ told: true });
    await shown().getByRole('button', { name: 'Ask it to release' }).click();
    await shown().getByText('Android File Transfer').waitFor({ state: 'detached' });
    assert.deepEqual(host.asks('quitProgram'), [{ program: 'Android File Transfer' }]);
    host.answers.firstChecks = () => ({ found: [] });
    await shown().getByRole('button', { name: 'Check again' }).click();
    await shown().waitFor({ state: 'detached' });
  });

  test('the focus goes to the next entry when one goes away, and behind the list with the last', async () => {
    const focused = (): Promise<string | undefined> =>
      page.evaluate(() => document.activeElement?.textContent ?? undefined);
    host.answers.quitProgram = () => ({ told: true });
    await comeBack([transfer, noRule, other]);
    await shown().getByRole('button', { name: 'Ask it to release' }).focus();
    await page.keyboard.press('Enter');
    await shown().getByText('Android File Transfer').waitFor({ state: 'detached' });
    assert.equal(await focused(), 'Copy rule');
    await page.keyboard.press('Tab');
    assert.equal(await focused(), 'Check again');
    // the last of the list: the one before it
    host.answers.firstChecks = () => ({ found: [noRule] });
    await page.keyboard.press('Enter');
    await shown().getByText('OpenMTP').waitFor({ state: 'detached' });
    assert.equal(await focused(), 'Copy rule');
    await comeBack([]);
    await shown().waitFor({ state: 'detached' });
    assert.equal(await focused(), 'Try a virtual phone');
    // whoever is elsewhere stays there
    await comeBack([noRule]);
    await shown().waitFor();
    await comeBack([]);
    await shown().waitFor({ state: 'detached' });
    assert.equal(await focused(), 'Try a virtual phone');
  });

  test('one that did not quit is told as such, but not one that was gone already', async () => {
    const notice = () => page.getByText('Android File Transfer is still running. Quit it yourself.');
    host.answers.quitProgram = () => ({ told: false });
    await comeBack([transfer]);
    await shown().getByRole('button', { name: 'Ask it to release' }).click();
    await notice().waitFor();
    await page.getByRole('button', { name: 'Close this notification' }).click();
    await notice().waitFor({ state: 'detached' });
    host.answers.firstChecks = () => ({ found: [] });
    await shown().getByRole('button', { name: 'Ask it to release' }).click();
    await shown().waitFor({ state: 'detached' });
    assert.equal(await notice().count(), 0);
  });

  test('with a phone there is nothing to check', async () => {
    await comeBack([noRule]);
    await shown().waitFor();
    host.say('devices', { devices: [phone({ storages: [] }, { kind: 'locked' })] });
    await page.getByRole('heading', { name: 'Unlock Pixel 8' }).waitFor();
    assert.equal(await page.locator('.lesson-checks').count(), 0);
    const before = host.asks('firstChecks').length;
    await comeBack([noRule]);
    host.say('devices', { devices: [] });
    await shown().waitFor();
    assert.equal(host.asks('firstChecks').length, before + 1, 'only once the phone is gone');
  });
});
