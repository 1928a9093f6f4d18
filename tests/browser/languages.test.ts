import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LanguageChoice } from '../../shared/words/languages.ts';
import { openWindow, settled, shoot } from './browser.ts';
import { cutOff, outOfReach, spoken } from './layout.ts';
import { furnish } from './material.ts';
import { ScriptedHost } from './scripted-host.ts';
import { isPlainEnglish, walk } from './walk.ts';

/**
 * Every screen in other languages, reached without reading a word: with words that are 40 % longer at 100 % and 200 %,
 * from right to left, and in the languages whose words are longest and shortest. All is measured from the layout.
 */
describe('every screen', { concurrency: 2 }, () => {
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
      const faults: string[] = [];
      try {
        await page.locator(`html[lang='${language}'][dir='${language === 'ar' ? 'rtl' : 'ltr'}']`).waitFor();
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
