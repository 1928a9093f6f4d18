import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { openWindow, shoot, type Window } from './browser.ts';
import { dropFiles, startRealHost, type RealHost } from './real-host.ts';

const MB = 1024 * 1024;
const sha = (file: string): string => createHash('sha256').update(fs.readFileSync(file)).digest('hex');

/** End to end, with nothing scripted: browser, loopback host, engine, store, virtual phone. */
describe('a folder is dropped, the cable pulled and plugged in again', { concurrency: false }, () => {
  let host: RealHost;
  let window: Window;
  let page: Page;
  let source: string;

  before(async () => {
    host = await startRealHost({
      phone: ['rate=24000000', 'name=Pixel 8'],
      furnish: (phone) => {
        for (const folder of ['DCIM/Camera', 'Download', 'Music', 'Movies'])
          fs.mkdirSync(path.join(phone, folder), { recursive: true });
        fs.writeFileSync(path.join(phone, 'Download', 'notes.txt'), 'hello');
      },
    });
    source = path.join(host.local, 'Summer 2025');
    fs.mkdirSync(path.join(source, 'Lofoten', 'empty'), { recursive: true });
    fs.writeFileSync(path.join(source, 'film.bin'), randomBytes(90 * MB));
    fs.writeFileSync(path.join(source, 'Lofoten', 'a.jpg'), randomBytes(3 * MB));
    fs.writeFileSync(path.join(source, 'Lofoten', '旅行 🌴.txt'), 'short');
    window = await openWindow(host.url);
    page = window.page;
  });
  after(async () => {
    await window.close();
    await host.stop();
  });

  test('the phone is there and its folder is shown', async () => {
    await page.getByRole('grid').waitFor();
    await page.getByRole('row', { name: /^Download/ }).waitFor();
    assert.ok(!page.url().includes('token'), 'the token has left the address bar');
  });

  test('the target is highlighted with a count, and the drop starts a transfer', async () => {
    await dropFiles(
      page,
      '[role=row][data-name="Movies"]',
      [source, path.join(source, 'Lofoten', 'a.jpg')].slice(0, 1),
      async () => {
        await page.getByText('Copy 1 item to Movies').waitFor();
        assert.equal(await page.locator('[data-over]').getAttribute('data-name'), 'Movies');
      },
    );
    await page.locator('.transfer').getByText('Summer 2025').first().waitFor({ timeout: 20_000 });
  });

  test('the cable is pulled half-way: the transfer waits, and says what for', async () => {
    await page.waitForFunction(
      () => Number(document.querySelector('.transfer [role=progressbar]')?.getAttribute('aria-valuenow') ?? 0) >= 50,
      undefined,
      { timeout: 30_000 },
    );
    await page.getByRole('button', { name: 'Unplug' }).click();
    await page
      .locator('.transfer')
      .getByText(/Waiting for Pixel 8/)
      .waitFor();
    const stood = Number(await page.locator('.transfer [role=progressbar]').getAttribute('aria-valuenow'));
    assert.ok(stood >= 45 && stood < 100, `stands at ${stood}`);
    await page.getByText('Pixel 8 is unplugged').waitFor();
    await shoot(page, 'real-unplugged-light');
  });

  test('plugged in again, it resumes by itself and ends up byte-identical', async () => {
    await page.getByRole('main').getByRole('button', { name: 'Plug in' }).click();
    await page.locator('.transfer[data-state=done]').waitFor({ timeout: 60_000 });
    await page.getByText(/^3 files in 3 folders copied · /).waitFor();
    const landed = path.join(host.phone, 'Movies', 'Summer 2025');
    assert.equal(sha(path.join(landed, 'film.bin')), sha(path.join(source, 'film.bin')));
    assert.equal(sha(path.join(landed, 'Lofoten', 'a.jpg')), sha(path.join(source, 'Lofoten', 'a.jpg')));
    assert.equal(fs.readFileSync(path.join(landed, 'Lofoten', '旅行 🌴.txt'), 'utf8'), 'short');
    assert.ok(fs.statSync(path.join(landed, 'Lofoten', 'empty')).isDirectory(), 'the empty folder came too');
    assert.deepEqual(fs.readdirSync(landed).sort(), ['Lofoten', 'film.bin'], 'nothing temporary is left');
  });

  test('the report lists each file', async () => {
    await page.getByRole('button', { name: 'Report' }).click();
    await page
      .getByRole('dialog')
      .getByText(/film\.bin/)
      .waitFor();
    await shoot(page, 'real-report-light');
    await page.keyboard.press('Escape');
    assert.deepEqual(window.complaints, []);
  });
});
