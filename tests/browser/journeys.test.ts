import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { seriousFindings } from './axe.ts';
import { openWindow, shoot, shootBoth, type Window } from './browser.ts';
import { photographs } from './pictures.ts';
import { dropFiles, startRealHost, type RealHost, type RealHostOptions } from './real-host.ts';

/** Short sessions with the real engine, each with a phone of its own. */
describe('journeys', { concurrency: false }, () => {
  const open: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });
  async function begin(options: RealHostOptions): Promise<{ host: RealHost; page: Page; window: Window }> {
    const host = await startRealHost(options);
    open.push(() => host.stop());
    const window = await openWindow(host.url);
    open.push(() => window.close());
    return { host, window, page: window.page };
  }
  const until = async (what: () => boolean, words: string): Promise<void> => {
    for (let tries = 0; tries < 200; tries++) {
      if (what()) return;
      await new Promise((wait) => setTimeout(wait, 50));
    }
    assert.fail(words);
  };

  test('without a phone, one click starts a virtual one, which can be unplugged', async () => {
    const { page, window } = await begin({ noPhone: true });
    await page.getByRole('button', { name: 'Try a virtual phone' }).click();
    await page.getByRole('row', { name: /^DCIM/ }).waitFor();
    // Its cable can be pulled at once.
    await page.getByRole('button', { name: 'Unplug' }).click();
    await page.getByText(/is unplugged/).waitFor();
    await page.getByRole('main').getByRole('button', { name: 'Plug in' }).click();
    await page.getByRole('row', { name: /^DCIM/ }).waitFor();
    assert.deepEqual(window.complaints, []);
  });

  test('a virtual phone comes with sample pictures', async () => {
    const { page, window } = await begin({ noPhone: true });
    await page.getByRole('button', { name: 'Try a virtual phone' }).click();
    await page.getByRole('button', { name: 'Camera' }).click();
    await page.getByRole('button', { name: 'Grid' }).click();
    await page.locator('.tile img').nth(8).waitFor({ timeout: 15_000 });
    const sizes = (selector: string) =>
      page.locator(selector).evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth));
    assert.deepEqual([...new Set(await sizes('.tile img'))], [160], 'the thumbnails in the files');
    await page.locator('.tile').nth(2).click();
    await page.keyboard.press('Control+i');
    await page.waitForFunction(
      () => document.querySelector<HTMLImageElement>('.inspector-picture img')?.naturalWidth === 640,
    );
    await shootBoth(page, 'real-virtual-camera');
    // Thumbnails are cached, and deleted on request.
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByText(/^\d.* KB\. They are loaded from the phone again/).waitFor();
    await page.getByRole('button', { name: 'Clear', exact: true }).first().click();
    await page.getByText(/^0 bytes\. They are loaded from the phone again/).waitFor();
    assert.deepEqual(window.complaints, []);
  });

  test('the phone’s own small pictures are shown', async () => {
    const names = Array.from(
      { length: 40 },
      (_, index) => `IMG_20260${1 + (index % 6)}${10 + index}_1${10000 + index * 37}.jpg`,
    );
    const pictures = await photographs(names);
    const { page, window } = await begin({
      phone: ['name=Pixel 8'],
      furnish: (phone) => {
        fs.mkdirSync(path.join(phone, 'DCIM', 'Camera'), { recursive: true });
        for (const [name, bytes] of pictures) fs.writeFileSync(path.join(phone, 'DCIM', 'Camera', name), bytes);
      },
    });
    await page.getByRole('button', { name: 'Camera' }).click();
    await page.getByRole('button', { name: 'Grid' }).click();
    await page.locator('.tile img').nth(20).waitFor({ timeout: 15_000 });
    await page.waitForTimeout(800);
    await shootBoth(page, 'real-pictures');
    assert.deepEqual(await seriousFindings(page), []);
    assert.deepEqual(window.complaints, []);
  });

  test('a locked phone shows what to do; after unlocking it appears by itself', async () => {
    const { page } = await begin({ phone: ['name=Pixel 8'], faults: ['locked@open:9000'] });
    await page.getByText('Unlock Pixel 8').waitFor();
    await page.getByRole('grid').waitFor({ timeout: 30_000 });
  });

  test('files chosen with Upload… go to the open folder; saved back they are identical', async () => {
    const { host, page, window } = await begin({
      phone: ['name=Pixel 8'],
      furnish: (phone) => fs.mkdirSync(path.join(phone, 'Documents')),
    });
    await page.getByRole('button', { name: 'Documents' }).click();
    const file = path.join(host.local, 'Vertrag ü.pdf');
    fs.writeFileSync(file, 'pdf'.repeat(100_000));
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Upload…' }).click();
    await page.getByRole('menuitem', { name: 'Upload files…' }).click();
    await (await chooser).setFiles(file);
    await page.getByRole('row', { name: /Vertrag ü\.pdf/ }).waitFor({ timeout: 15_000 });
    await until(() => fs.existsSync(path.join(host.phone, 'Documents', 'Vertrag ü.pdf')), 'it arrived');

    await page.getByRole('row', { name: /Vertrag/ }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Save to…' }).click();
    const dialog = page.getByRole('dialog');
    const target = path.join(host.local, 'back');
    fs.mkdirSync(target);
    await dialog.getByLabel('Folder', { exact: true }).fill(target);
    await dialog.getByLabel('Folder', { exact: true }).press('Enter');
    await page.waitForTimeout(300);
    await dialog.getByRole('button', { name: 'Save here' }).click();
    await until(() => fs.existsSync(path.join(target, 'Vertrag ü.pdf')), 'it came back');
    assert.ok(fs.readFileSync(path.join(target, 'Vertrag ü.pdf')).equals(fs.readFileSync(file)));

    // The inspector shows what Replug knows about the file.
    await page.getByRole('row', { name: /Vertrag/ }).click();
    await page.keyboard.press('Control+i');
    await page
      .getByRole('complementary')
      .getByText(/verified/)
      .waitFor();
    await page.getByRole('button', { name: 'History' }).click();
    await page.getByRole('region', { name: 'History' }).getByText('Vertrag ü.pdf').nth(1).waitFor();
    await page.getByLabel('Search the history').fill('nothing of the kind');
    await page.getByText('Nothing found for').waitFor();
    assert.deepEqual(window.complaints, []);
  });

  test('a transfer is paused and resumed, another cancelled; nothing is left behind', async () => {
    const { host, page } = await begin({
      phone: ['rate=12000000'],
      furnish: (phone) => fs.mkdirSync(path.join(phone, 'Download')),
    });
    for (const name of ['one.bin', 'two.bin'])
      fs.writeFileSync(path.join(host.local, name), Buffer.alloc(30_000_000, name));
    await page.getByRole('row', { name: /^Download/ }).waitFor();
    for (const name of ['one.bin', 'two.bin'])
      await dropFiles(page, '[role=row][data-name="Download"]', [path.join(host.local, name)]);
    await page.getByRole('button', { name: 'Pause one.bin' }).click();
    await page.locator('.transfer', { hasText: 'one.bin' }).getByText('Paused').waitFor();
    await page.getByRole('button', { name: 'Cancel two.bin' }).click();
    await page
      .locator('.transfer', { hasText: 'two.bin' })
      .getByText(/cancelled/i)
      .waitFor();
    await page.getByRole('button', { name: 'Resume one.bin' }).click();
    await page.locator('.transfer[data-state=done]', { hasText: 'one.bin' }).waitFor({ timeout: 30_000 });
    assert.deepEqual(fs.readdirSync(path.join(host.phone, 'Download')), ['one.bin']);
    await page.getByRole('button', { name: 'Clear finished' }).click();
    await page.getByRole('region', { name: 'Transfers' }).waitFor({ state: 'detached' });
  });

  test('a full phone shows how much space is needed', async () => {
    const { host, page } = await begin({
      phone: ['name=Pixel 8', 'capacity=40000000'],
      furnish: (phone) => fs.mkdirSync(path.join(phone, 'Download')),
    });
    fs.writeFileSync(path.join(host.local, 'large.bin'), Buffer.alloc(60_000_000));
    await page.getByRole('row', { name: /^Download/ }).waitFor();
    await dropFiles(page, '[role=row][data-name="Download"]', [path.join(host.local, 'large.bin')]);
    await page
      .getByText(/Not enough space on the phone: needs 60.0 MB, .* free: .* more/)
      .first()
      .waitFor({ timeout: 20_000 });
    await shoot(page, 'real-full-light');
  });

  test('open folders follow changes on the phone', async () => {
    const { host, page } = await begin({
      furnish: (phone) => {
        for (const folder of ['a', 'b']) fs.mkdirSync(path.join(phone, 'Music', folder), { recursive: true });
        fs.writeFileSync(path.join(phone, 'Music', 'song.mp3'), 'la');
      },
    });
    await page.getByRole('button', { name: 'Music' }).click();
    await page.getByRole('row', { name: /song/ }).click();
    await page.keyboard.press('Control+c');
    await page.getByRole('row', { name: /^b/ }).dblclick();
    await page.getByRole('grid', { name: 'Files in b' }).waitFor();
    await page.getByText('This folder is empty').waitFor();
    await page.keyboard.press('Control+v');
    await page.getByRole('row', { name: /song/ }).waitFor();
    assert.ok(fs.existsSync(path.join(host.phone, 'Music', 'song.mp3')), 'copied, not moved');
    assert.ok(fs.existsSync(path.join(host.phone, 'Music', 'b', 'song.mp3')));
  });
});
