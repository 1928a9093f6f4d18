import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { openWindow, shoot, type Window } from './browser.ts';
import { startRealHost, type RealHost } from './real-host.ts';

/** End to end, with nothing scripted: a phone is read, searched, its space looked at, and a file deleted from there. */
describe('the catalogue of a phone', { concurrency: false }, () => {
  let host: RealHost;
  let window: Window;
  let page: Page;

  before(async () => {
    host = await startRealHost({
      phone: ['name=Pixel 8'],
      furnish: (phone) => {
        const put = (name: string, size: number, fill = 1): void => {
          const file = path.join(phone, name);
          fs.mkdirSync(path.dirname(file), { recursive: true });
          fs.writeFileSync(file, Buffer.alloc(size, fill));
        };
        put('DCIM/Camera/IMG_Straße.jpg', 300_000);
        put('Documents/Taxes/2025/Receipt.pdf', 40_000);
        put('Movies/Nordlicht.mkv', 6_000_000);
        put('Download/twin.bin', 2_000_000, 7);
        put('Music/twin copy.bin', 2_000_000, 7);
        put('Music/other.bin', 2_000_000, 8);
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

  test('what lies deep is found a moment after the phone was plugged in', async () => {
    await page.locator('.list-row[data-name="Movies"] .size').getByText('6.00 MB').waitFor({ timeout: 30_000 });
    await page.keyboard.press('Control+Shift+F');
    await page.keyboard.type('STRASSE');
    await page.locator('.find .list-row[data-name="IMG_Straße.jpg"]').waitFor();
    await page.locator('#filter').fill('pdf rec in:taxes');
    await page.locator('.find .list-row[data-name="Receipt.pdf"]').waitFor();
    await page.getByText('1 result', { exact: true }).waitFor();
    await page.locator('.find .list-row[data-name="Receipt.pdf"]').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Show in its folder' }).click();
    await page.getByRole('grid', { name: 'Files in 2025' }).waitFor();
    await page.locator('.list-row[data-name="Receipt.pdf"][aria-selected=true]').waitFor();
  });

  test('a result can be renamed, and is found under its new name', async () => {
    await page.keyboard.press('Control+Shift+F');
    await page.keyboard.type('receipt');
    const row = page.locator('.find .list-row[data-name="Receipt.pdf"]');
    await row.click();
    await page.keyboard.press('F2');
    await page.locator('.name-editor input').fill('Invoice.pdf');
    await page.keyboard.press('Enter');
    await row.waitFor({ state: 'detached' });
    assert.ok(fs.existsSync(path.join(host.phone, 'Documents/Taxes/2025/Invoice.pdf')));
    await page.locator('#filter').fill('invoice');
    await page.locator('.find .list-row[data-name="Invoice.pdf"]').waitFor();
    await page.keyboard.press('Escape');
  });

  test('the map, and a file that is deleted from there is gone from it', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'Space' }).click();
    await page.getByRole('button', { name: /^Movies: 6\.00 MB, / }).waitFor();
    await shoot(page, 'space-real-light');
    await page.getByRole('tab', { name: 'Largest files' }).click();
    await page.getByRole('checkbox', { name: 'Select “Nordlicht.mkv”' }).check();
    await page.getByRole('button', { name: 'Delete…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete “Nordlicht.mkv” from the phone?' });
    await dialog.getByText('1 file, 6.00 MB.').waitFor();
    await dialog.getByText('Replug knows of no verified copy on this computer.').waitFor();
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('checkbox', { name: 'Select “Nordlicht.mkv”' }).waitFor({ state: 'detached' });
    assert.equal(fs.existsSync(path.join(host.phone, 'Movies/Nordlicht.mkv')), false);
    assert.ok(fs.existsSync(path.join(host.phone, 'Music/other.bin')));
  });

  test('of three files of one size two are the same', async () => {
    await page.getByRole('tab', { name: 'Duplicates' }).click();
    await page.getByText('3 files of 2.00 MB each').waitFor();
    await page.getByRole('button', { name: 'Compare samples' }).click();
    await page.getByText('Same in all samples').waitFor();
    await page.getByRole('button', { name: 'Compare every byte' }).click();
    const alike = page.locator('.same-group > div').filter({ hasText: 'Same byte by byte' });
    await alike.locator('.space-file', { hasText: 'twin.bin' }).waitFor();
    await alike.locator('.space-file', { hasText: 'twin copy.bin' }).waitFor();
    assert.equal(await alike.locator('.space-file').count(), 2);
    assert.deepEqual(window.complaints, []);
  });
});
