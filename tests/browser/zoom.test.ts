import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { localPath, transferId } from '../../shared/domain.ts';
import type { DeviceState } from '../../shared/domain.ts';
import type { QuestionId } from '../../shared/snapshots.ts';
import { openWindow, settled, shoot, type Window } from './browser.ts';
import { outOfReach } from './layout.ts';
import { UDEV_RULE, NOW, SPEEDS, furnish, item, phone, tablet, transfer } from './material.ts';
import { landscapeUrl } from './pictures.ts';
import { ScriptedHost } from './scripted-host.ts';

/**
 * The window at 200 % zoom, in the dark theme: half the space, everything twice as large. Nothing may overflow
 * sideways, and everything needed must be visible or reachable by scrolling.
 */
describe('at 200 %', { concurrency: false }, () => {
  let host: ScriptedHost;
  let window: Window;
  let page: Page;

  before(async () => {
    host = new ScriptedHost();
    furnish(host);
    host.answers.thumbnail = ({ place }) => ({ url: landscapeUrl(place.path) });
    host.answers.preview = ({ place }) => ({ url: landscapeUrl(place.path) });
    window = await openWindow(await host.start(), { width: 560, height: 360, scale: 2, theme: 'dark' });
    page = window.page;
  });
  after(async () => {
    await window.close();
    await host.stop();
  });

  const seen = async (words: string | RegExp): Promise<void> => {
    await page.getByText(words).first().waitFor({ timeout: 5000 });
  };

  const screen = async (name: string): Promise<void> => {
    await settled(page);
    await shoot(page, `zoom200-${name}-dark`);
    assert.deepEqual(await outOfReach(page), [], name);
  };

  test('no phone', async () => {
    await seen('Connect a phone');
    await screen('no-phone');
  });

  const states: readonly (readonly [string, DeviceState, RegExp])[] = [
    ['locked', { kind: 'locked' }, /Unlock Pixel 8/],
    ['held', { kind: 'held', holder: { program: 'gvfs', pid: 2214, releasable: true } }, /gvfs is using/],
    [
      'forbidden',
      {
        kind: 'forbidden',
        advice: UDEV_RULE,
      },
      /No permission to open/,
    ],
    ['recovering', { kind: 'recovering', step: 'open', nextTryAt: NOW }, /is not responding/],
    ['gone', { kind: 'gone', since: NOW }, /is unplugged/],
  ];
  for (const [name, state, words] of states)
    test(`a phone that is ${name}`, async () => {
      host.say('devices', { devices: [phone({ storages: [] }, state)] });
      await seen(words);
      await screen(name);
    });

  test('a folder, with a slow cable', async () => {
    host.say('devices', { devices: [phone({ linkSpeed: 'high', bestLinkSpeed: 'super' }), tablet()] });
    await page.getByRole('button', { name: 'Phones and places' }).click();
    await page
      .getByRole('button', { name: /^Internal storage/ })
      .first()
      .click();
    await seen(/connected by USB 2/);
    await screen('slow-cable');
    await page.getByRole('button', { name: 'Got it' }).click();
  });

  test('a list, a grid, the details', async () => {
    const places = page.getByRole('button', { name: 'Phones and places' });
    if (await places.isVisible()) await places.click();
    await page.getByRole('button', { name: 'Downloads' }).first().click();
    await seen('Fahrplan Sommer.pdf');
    await screen('list');
    await page.getByRole('grid').focus();
    await page.keyboard.press('Alt+ArrowUp');
    await page.getByRole('row', { name: /^DCIM/ }).dblclick();
    await page.getByRole('row', { name: /^Camera/ }).dblclick();
    await page.getByRole('row', { name: /IMG_/ }).first().waitFor();
    await page.keyboard.press('Control+2');
    await page.getByRole('listbox').waitFor();
    await page.locator('.tile img').nth(2).waitFor();
    await screen('grid');
    await page.locator('.tile').first().click();
    await page.keyboard.press('Control+i');
    await page.getByRole('complementary', { name: 'Details' }).waitFor();
    await page.locator('.inspector-picture img').waitFor();
    await screen('inspector');
    await page.getByRole('button', { name: 'Close the details' }).click();
    await page.keyboard.press('Control+1');
  });

  test('transfers', async () => {
    host.say('items', {
      transfer: transferId('t1'),
      total: 2,
      offset: 0,
      items: [item(42, { state: 'moving', confirmed: 190e6 }), item(43)],
    });
    host.say('transfers', {
      state: 'running',
      speedHistory: SPEEDS,
      transfers: [
        transfer(),
        transfer({
          id: transferId('t2'),
          title: 'large.bin',
          state: 'waiting',
          waitingFor: { kind: 'space', needed: 3.2e9, free: 1.1e9, where: 'phone' },
          speed: undefined,
          timeLeft: undefined,
        }),
      ],
    });
    await seen(/needs 3.20 GB, 1.10 GB free: 2.10 GB more/);
    await screen('transfers');
  });

  test('a question', async () => {
    host.say('transfers', {
      state: 'running',
      speedHistory: SPEEDS,
      transfers: [
        transfer({
          counts: { ...transfer().counts, asking: 4 },
          questions: [
            item(7, {
              name: 'IMG_20260401.jpg',
              state: 'asking',
              question: {
                id: 'q7' as QuestionId,
                kind: 'conflict',
                source: { name: 'IMG_20260401.jpg', size: 4_100_000, modified: NOW },
                existing: { name: 'IMG_20260401.jpg', size: 3_900_000, modified: NOW - 86_400_000 * 40 },
                existingIsFolder: false,
              },
            }),
          ],
        }),
      ],
    });
    await page.getByRole('dialog').waitFor();
    await screen('question');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    host.say('transfers', { state: 'idle', speedHistory: [], transfers: [] });
  });

  test('settings, shortcuts, saving, deleting', async () => {
    await page.keyboard.press('Control+,');
    await page.getByRole('dialog', { name: 'Settings' }).waitFor();
    await screen('settings');
    await page.keyboard.press('Escape');
    await page.keyboard.press('F1');
    await page.getByRole('dialog').waitFor();
    await screen('shortcuts');
    await page.keyboard.press('Escape');
    host.answers.listLocal = ({ path }) => ({
      path: path ?? localPath('/home/ann'),
      parent: localPath('/home'),
      entries: ['Desktop', 'Documents', 'Pictures'].map((name) => ({
        path: localPath(`/home/ann/${name}`),
        name,
        kind: 'folder',
        size: 0,
        modified: NOW,
      })),
    });
    await page.getByRole('row', { name: /IMG_/ }).first().click();
    await page.keyboard.press('Control+s');
    await page.getByRole('button', { name: 'Pictures' }).waitFor();
    await screen('save-to');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /IMG_/ }).first().click();
    await page.keyboard.press('Delete');
    await page.getByRole('dialog').waitFor();
    await screen('delete');
    await page.keyboard.press('Escape');
    assert.deepEqual(window.complaints, []);
  });
});
