import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { localPath, transferId, type DeviceState } from '../../shared/domain.ts';
import { LANGUAGE_NAMES, type LanguageChoice } from '../../shared/words/languages.ts';
import { openWindow, settled, shoot } from './browser.ts';
import { cutOff, outOfReach, spoken } from './layout.ts';
import { NOW, SPEEDS, furnish, item, phone, tablet, transfer, virtual } from './material.ts';
import { ScriptedHost } from './scripted-host.ts';

/**
 * Every screen in other languages, reached without reading a word: with words that are 40 % longer at 100 % and 200 %,
 * from right to left, and in the languages whose words are longest and shortest. All is measured from the layout.
 */
describe('every screen', { concurrency: false }, () => {
  for (const [language, zoom] of [
    ['en-XA', 1],
    ['en-XA', 2],
    ['ar', 1],
    ['ar', 2],
    ['de', 1],
    ['de', 2],
    ['ja', 1],
  ] as const)
    test(`${language} at ${zoom * 100} %`, { timeout: 120_000 }, async () => {
      const host = new ScriptedHost();
      furnish(host);
      host.settings = { ...host.settings, language };
      const size = zoom === 1 ? { width: 1120, height: 720, scale: 1 } : { width: 560, height: 360, scale: 2 };
      const { page, close, complaints } = await openWindow(await host.start(), size);
      try {
        await page.locator(`html[lang='${language}'][dir='${language === 'ar' ? 'rtl' : 'ltr'}']`).waitFor();
        const faults: string[] = [];
        await walk(page, host, async (name) => {
          await settled(page);
          await shoot(page, `language-${language}-${zoom * 100}-${name}`);
          for (const fault of [...(await outOfReach(page)), ...(await cutOff(page))]) faults.push(`${name}: ${fault}`);
          if (language === 'en-XA')
            for (const words of await spoken(page))
              if (isPlainEnglish(words)) faults.push(`${name}: English: ${words}`);
        });
        assert.deepEqual([...new Set(faults)], []);
        assert.deepEqual(complaints, []);
      } finally {
        await close();
        await host.stop();
      }
    });

  test('another language applies at once, and is remembered for the next start', async () => {
    const host = new ScriptedHost();
    furnish(host);
    const { page, close, complaints } = await openWindow(await host.start());
    try {
      await page.getByText('Connect a phone').waitFor();
      await page.keyboard.press('Control+,');
      for (const [language, words] of [
        ['ar', 'الإعدادات'],
        ['ru', 'Настройки'],
        ['zh-Hans', '设置'],
        ['de', 'Einstellungen'],
      ] as const satisfies readonly (readonly [LanguageChoice, string])[]) {
        await page.locator(`select:has(option[value='${language}'])`).selectOption(language);
        await page.getByRole('dialog', { name: words }).waitFor();
      }
      await page.keyboard.press('Escape');
      await page.getByText('Telefon verbinden').first().waitFor();
      assert.equal(host.settings.language, 'de');
      await page.reload();
      await page.getByText('Telefon verbinden').first().waitFor();
      assert.deepEqual(complaints, []);
    } finally {
      await close();
      await host.stop();
    }
  });
});

/** Names and other data of these tests, and what has no language. */
const DATA =
  /Pixel 8|Galaxy Tab S9|SD card|Tablet|Internal storage|Virtual phone|Replug|Summer 2025|Lofoten|Camera|gvfs|sudo [^~]*|DCIM|DJI_|IMG_|VID_|USB|\.[a-z0-9]{2,4}\b|\/[A-Za-z]+|MB|GB|AM|PM/gu;
const MONTHS = /\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b/gu;

/** Words that no message of the pseudo language said: those are in brackets and have accents. */
function isPlainEnglish(words: string): boolean {
  if (/~/u.test(words)) return false;
  return /[a-z]{3}/iu.test(words.replace(DATA, '').replace(MONTHS, '')) && !NAMES.has(words);
}
const NAMES = new Set<string>(Object.values(LANGUAGE_NAMES));

async function walk(page: Page, host: ScriptedHost, screen: (name: string) => Promise<void>): Promise<void> {
  for (const entries of host.folders.values()) for (const { name } of entries) NAMES.add(name);
  const dialog = page.getByRole('dialog');
  const leave = async (): Promise<void> => {
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  };
  await page.locator('.lesson').first().waitFor();
  await screen('no-phone');

  const states: readonly (readonly [string, DeviceState])[] = [
    ['opening', { kind: 'opening' }],
    ['locked', { kind: 'locked' }],
    ['held', { kind: 'held', holder: { program: 'gvfs', pid: 2214, releasable: true } }],
    ['held-unknown', { kind: 'held', holder: undefined }],
    ['forbidden', { kind: 'forbidden', fix: 'sudo cp 70-replug.rules /etc/udev/rules.d/' }],
    ['recovering', { kind: 'recovering', step: 'ask', nextTryAt: NOW }],
    ['gone', { kind: 'gone', since: NOW }],
  ];
  for (const [name, state] of states) {
    host.say('devices', { devices: [phone({ storages: [] }, state)] });
    await page.waitForTimeout(50);
    await screen(name);
  }
  host.say('devices', { devices: [phone({ linkSpeed: 'high', bestLinkSpeed: 'super' }), tablet()] });
  await page.waitForTimeout(50);
  await screen('several-phones');

  host.say('devices', { devices: [virtual()] });
  await page.getByRole('grid').waitFor();
  await screen('virtual');
  host.say('devices', { devices: [virtual({ kind: 'gone', since: NOW })] });
  await page.waitForTimeout(50);
  await screen('virtual-unplugged');
  host.say('devices', { devices: [phone({ linkSpeed: 'high', bestLinkSpeed: 'super' })] });
  await page.getByRole('grid').waitFor();
  await screen('list-slow-cable');
  for (const name of ['DCIM', 'Camera']) await page.getByRole('row').filter({ hasText: name }).first().dblclick();
  await page.getByRole('row').filter({ hasText: 'IMG_' }).first().waitFor();
  await screen('deep-folder');
  await page.keyboard.press('Control+2');
  await page.locator('.tile').first().click();
  await page.keyboard.press('Space');
  await page.locator('.inspector').waitFor();
  await screen('grid-details');
  await page.keyboard.press('Control+i');
  await page.keyboard.press('Control+1');

  const counts = transfer().counts;
  host.say('items', {
    transfer: transferId('t1'),
    total: 4,
    offset: 0,
    items: [
      item(41, { state: 'done', outcome: { kind: 'already-there' } }),
      item(42, { state: 'moving', confirmed: 190e6 }),
      item(43, {
        state: 'failed',
        problem: { kind: 'source-unreadable', operation: 'open', detail: 'EACCES', subject: 'DJI_0043.MP4' },
      }),
      item(44),
    ],
  });
  const waiting = (id: string, waitingFor: NonNullable<ReturnType<typeof transfer>['waitingFor']>) =>
    transfer({
      id: transferId(id),
      title: `${id}.bin`,
      state: 'waiting',
      waitingFor,
      speed: undefined,
      timeLeft: undefined,
    });
  host.say('transfers', {
    state: 'running',
    speedHistory: SPEEDS,
    transfers: [
      transfer(),
      waiting('t2', { kind: 'space', needed: 3.2e9, free: 1.1e9, where: 'phone' }),
      waiting('t3', { kind: 'phone' }),
      transfer({ id: transferId('t4'), title: 't4.bin', state: 'paused', speed: undefined, timeLeft: undefined }),
      transfer({ id: transferId('t5'), title: 't5.bin', state: 'done', finishedAt: NOW }),
      transfer({
        id: transferId('t6'),
        title: 't6.bin',
        state: 'failed',
        finishedAt: NOW,
        counts: { ...counts, failed: 3 },
      }),
    ],
  });
  await page.locator('.transfer-line').first().waitFor();
  await screen('transfers');
  await page.locator('.transfer-line .open-items').first().click();
  await screen('items');

  const ask = async (name: string, question: NonNullable<ReturnType<typeof item>['question']>): Promise<void> => {
    const asking = item(7, { name: 'IMG_20260401.jpg', state: 'asking', question });
    host.say('transfers', {
      state: 'running',
      speedHistory: SPEEDS,
      transfers: [transfer({ counts: { ...counts, asking: 4 }, questions: [asking] })],
    });
    await dialog.waitFor();
    await screen(name);
    await leave();
    host.say('transfers', { state: 'idle', speedHistory: [], transfers: [] });
    await page.waitForTimeout(50);
  };
  await ask('question', {
    kind: 'conflict',
    source: { name: 'IMG_20260401.jpg', size: 4_100_000, modified: NOW },
    existing: { name: 'IMG_20260401.jpg', size: 3_900_000, modified: NOW - 86_400_000 * 40 },
    existingIsFolder: false,
  });

  for (const [name, keys] of [
    ['settings', 'Control+,'],
    ['shortcuts', 'F1'],
  ] as const) {
    await page.keyboard.press(keys);
    await dialog.waitFor();
    await screen(name);
    await leave();
  }
  host.answers.listLocal = ({ path }) => ({
    path: path ?? localPath('/home/ann'),
    parent: localPath('/home'),
    entries: [],
  });
  for (const [name, keys] of [
    ['save-to', 'Control+s'],
    ['delete', 'Delete'],
  ] as const) {
    await page.getByRole('row').filter({ hasText: 'IMG_' }).first().click();
    await page.keyboard.press(keys);
    await dialog.waitFor();
    await screen(name);
    await leave();
  }
  host.answers.history = () => ({
    total: 2,
    transfers: [
      transfer({ id: transferId('h1'), state: 'done', finishedAt: NOW, counts: { ...counts, done: 214, skipped: 4 } }),
      transfer({
        id: transferId('h2'),
        direction: 'download',
        state: 'failed',
        finishedAt: NOW,
        counts: { ...counts, failed: 1 },
      }),
    ],
  });
  await page.keyboard.press('Control+y');
  await page.locator('.history').first().waitFor();
  await screen('history');
}
