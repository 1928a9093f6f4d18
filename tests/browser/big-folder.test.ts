import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { openWindow, shoot, type Window } from './browser.ts';
import { measureFrames, type Frames } from './frames.ts';
import { startRealHost, type RealHost } from './real-host.ts';

const MANY = 50_000;

describe(`a folder of ${MANY.toLocaleString('en')} entries`, { concurrency: false }, () => {
  let host: RealHost;
  let window: Window;
  let page: Page;

  before(async () => {
    host = await startRealHost({
      furnish: (phone) => {
        const folder = path.join(phone, 'DCIM', 'Camera');
        fs.mkdirSync(folder, { recursive: true });
        for (let index = 0; index < MANY; index++)
          fs.closeSync(fs.openSync(path.join(folder, `IMG_${String(index).padStart(6, '0')}.jpg`), 'w'));
        fs.writeFileSync(path.join(folder, 'needle.txt'), 'here');
      },
    });
    window = await openWindow(host.url);
    page = window.page;
    await page.getByRole('row', { name: /^DCIM/ }).waitFor();
  });
  after(async () => {
    await window.close();
    await host.stop();
  });

  const measure = (what: () => Promise<void>): Promise<Frames> => measureFrames(page, what);
  const report = (context: TestContext, what: string, { frames, median, longest, over50 }: Frames): void =>
    context.diagnostic(`${what}: ${frames} frames, median ${median} ms, longest ${longest} ms, ${over50} over 50 ms`);
  const rows = (): Promise<number> => page.locator('.list-row').count();

  test('entries appear while others are still being listed', async (context) => {
    await page.getByRole('row', { name: /^DCIM/ }).dblclick();
    await page.getByRole('row', { name: /^Camera/ }).waitFor();
    let early = 0;
    const began = Date.now();
    const frames = await measure(async () => {
      await page.getByRole('row', { name: /^Camera/ }).dblclick();
      await page.locator('.list-row[data-name^=IMG]').first().waitFor({ timeout: 60_000 });
      early = Date.now() - began;
      await page.getByText(`${(MANY + 1).toLocaleString('en-GB')} items`).waitFor({ timeout: 120_000 });
    });
    report(context, 'listing', frames);
    context.diagnostic(`first entries after ${early} ms, all after ${Date.now() - began} ms`);
    assert.equal(await page.getByRole('grid').getAttribute('aria-rowcount'), String(MANY + 2));
    assert.ok((await rows()) < 80, 'only what is in sight is in the document');
  });

  test('scrolling through it', async (context) => {
    const frames = await measure(async () => {
      await page.mouse.move(600, 400);
      for (let turn = 0; turn < 60; turn++) {
        await page.mouse.wheel(0, 900);
        await page.waitForTimeout(16);
      }
    });
    report(context, 'scrolling', frames);
    assert.ok((await rows()) < 80);
    assert.ok(await page.evaluate(() => (document.querySelector('.files')?.scrollTop ?? 0) > 20_000));
    // Visible rows are drawn, not blank.
    await page.waitForFunction(() => {
      const list = document.querySelector('.files')?.getBoundingClientRect();
      const at = list === undefined ? null : document.elementFromPoint(list.left + 60, list.top + list.height / 2);
      return at?.closest('.list-row') !== null;
    });
    await shoot(page, 'big-folder-light');
  });

  test('End, Home and a typed name', async (context) => {
    await page.getByRole('grid').focus();
    const frames = await measure(async () => {
      await page.keyboard.press('End');
      await page.locator('.list-row[data-name="needle.txt"]').waitFor();
      await page.keyboard.press('Home');
      await page.locator('.list-row[data-name="IMG_000000.jpg"]').waitFor();
      await page.keyboard.type('needle');
      await page.locator('.list-row[data-name="needle.txt"][aria-selected=true]').waitFor();
    });
    report(context, 'keys', frames);
  });

  test('a name being typed is still there after scrolling away and back', async () => {
    const field = page.locator('.name-editor input');
    const scroll = async (by: number): Promise<void> => {
      await page.mouse.move(600, 400);
      for (let turn = 0; turn < 12; turn++) {
        await page.mouse.wheel(0, by);
        await page.waitForTimeout(16);
      }
    };
    for (const layout of ['Control+2', 'Control+1']) {
      await page.keyboard.press(layout);
      for (const [keys, away] of [
        [['Home', 'F2'], 900],
        [['End', 'F2'], -900],
        [['Home', 'Control+Shift+N'], 900],
      ] as const) {
        await page.getByRole(layout === 'Control+1' ? 'grid' : 'listbox').focus();
        for (const key of keys) await page.keyboard.press(key);
        await field.waitFor();
        await page.keyboard.type('typed');
        await scroll(away);
        await page.waitForFunction(() => {
          const at = document.querySelector('.name-editor')?.getBoundingClientRect();
          return at === undefined || at.bottom < 0 || at.top > innerHeight;
        });
        await scroll(-2 * away);
        assert.match(await field.inputValue(), /typed/u, `${layout}, ${keys.join()}`);
        await page.keyboard.press('Escape');
        await field.waitFor({ state: 'detached' });
      }
    }
  });

  test('choosing everything', async (context) => {
    const frames = await measure(async () => {
      await page.keyboard.press('Control+a');
      await page.getByText('50,001 selected').waitFor();
    });
    report(context, 'choosing all', frames);
    await page.keyboard.press('Escape');
  });

  test('filtering as one types', async (context) => {
    const frames = await measure(async () => {
      await page.keyboard.press('Control+f');
      await page.keyboard.type('needle', { delay: 40 });
      await page.getByText('1 of 50,001 items').waitFor();
      await page.keyboard.press('Escape');
      await page.getByText('50,001 items').waitFor();
    });
    report(context, 'filtering', frames);
  });

  test('sorting by another column', async (context) => {
    const frames = await measure(async () => {
      await page.getByRole('button', { name: 'Size' }).click();
      await page.getByRole('columnheader', { name: 'Size' }).and(page.locator('[aria-sort=ascending]')).waitFor();
      await page.getByRole('button', { name: 'Size' }).click();
      await page.waitForFunction(() => document.querySelector('.list-row')?.getAttribute('data-name') !== null);
      await page.keyboard.press('Shift+Tab');
      await page.waitForTimeout(300);
    });
    report(context, 'sorting', frames);
    await page.evaluate(() => document.querySelector('.files')?.scrollTo(0, 0));
    await page.locator('.list-row[data-name="needle.txt"]').waitFor();
    assert.deepEqual(window.complaints, []);
  });
});
