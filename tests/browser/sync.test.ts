import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Page } from 'playwright-core';
import { seriousFindings } from './axe.ts';
import { openWindow, shoot, shootBoth } from './browser.ts';
import { startRealHost, type RealHost } from './real-host.ts';

/** The Sync page with a virtual phone: from the first pair to its history. */

const TAKEN = 1_710_000_000;

function photograph(phone: string, name: string, content = name): void {
  const file = path.join(phone, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
  fs.utimesSync(file, TAKEN, TAKEN);
}

async function open(
  t: TestContext,
  names: readonly string[],
): Promise<{ readonly host: RealHost; readonly page: Page }> {
  const host = await startRealHost({
    phone: ['name=Pixel 8'],
    furnish: (phone) => {
      for (const name of names) photograph(phone, name);
    },
  });
  const { page, complaints, close } = await openWindow(host.url);
  t.after(async () => {
    await close();
    await host.stop();
    assert.deepEqual(complaints, []);
  });
  await page.getByRole('grid').waitFor();
  await page.getByRole('button', { name: 'Sync', exact: true }).click();
  return { host, page };
}

const CAMERA = ['DCIM/Camera/one.jpg', 'DCIM/Camera/two.jpg', 'DCIM/Trips/Alps/three.mp4'];

test('Back up camera: added, previewed, run, reported, searched, removed', { timeout: 60_000 }, async (t) => {
  const { host, page } = await open(t, CAMERA);
  await page.getByRole('listitem').filter({ hasText: 'Back up camera' }).getByRole('button', { name: 'Add' }).click();
  const card = page.getByRole('listitem', { name: 'Back up camera' });
  await card.getByText('Next run: manually only').waitFor();

  await card.getByRole('button', { name: 'Preview' }).click();
  await card.getByText('3 files to copy').waitFor();
  // the tree: each folder shows its sums, and can be collapsed
  const trips = card.locator('details').filter({ hasText: 'Trips' }).first();
  await trips.getByText('1 change, 25 bytes').first().waitFor();
  await card.getByText('new → 2024/03/three.mp4').waitFor();
  await shootBoth(page, 'sync-preview', async () => assert.deepEqual(await seriousFindings(page), []));
  await trips.locator('summary').first().press('Enter');
  await card.getByText('three.mp4', { exact: true }).waitFor({ state: 'hidden' });

  await card.getByRole('button', { name: 'Run now' }).click();
  const notices = page.getByRole('region', { name: 'Messages' });
  await notices.getByText('3 new photos and videos saved').waitFor({ timeout: 20_000 });
  await card.getByText('3 files copied').waitFor();
  await shoot(page, 'sync-saved');
  const copies = path.join(host.local, 'Pictures/Pixel 8/Camera/2024/03');
  assert.deepEqual(fs.readdirSync(copies).sort(), ['one.jpg', 'three.mp4', 'two.jpg']);

  // the second run finds only what is new
  photograph(host.phone, 'DCIM/Camera/four.jpg');
  await card.getByRole('button', { name: 'Run now' }).click();
  await notices.getByText('1 new photo or video saved').waitFor({ timeout: 20_000 });

  await card.getByRole('button', { name: 'Files' }).click();
  await card.getByText('Camera/four.jpg').waitFor();
  await shoot(page, 'sync-files');
  assert.deepEqual(await seriousFindings(page), []);
  await card.getByRole('searchbox').fill('two');
  await card.getByText('Camera/four.jpg').waitFor({ state: 'detached' });
  await card.getByText('Camera/two.jpg').waitFor();
  await card.getByLabel('Which files').selectOption('failed');
  await card.getByText('No such file.').waitFor();

  await card.getByRole('button', { name: 'History' }).click();
  const runs = card.getByLabel('Runs of the pair');
  await runs.getByText('3 files copied').waitFor();
  await runs.getByText('1 file copied').waitFor();
  await shoot(page, 'sync-history');

  // the phone's file list shows what is backed up
  await page.getByRole('button', { name: 'Camera', exact: true }).click();
  await page
    .getByRole('row', { name: /two\.jpg/ })
    .getByLabel('Backed up')
    .waitFor();
  await shoot(page, 'sync-signs');
  await page.getByRole('button', { name: 'Sync', exact: true }).click();
  await card.getByRole('button', { name: 'Remove pair' }).click();
  await card.waitFor({ state: 'detached' });
  assert.equal(fs.readdirSync(copies).length, 4);
});

test('a pair created by hand: missing fields are shown, folders are picked, every stored option can be changed', async (t) => {
  const { host, page } = await open(t, [...CAMERA, 'DCIM/Camera/notes.txt', 'DCIM/Camera/.thumbnails/t.jpg']);
  const target = path.join(host.local, 'Safe');
  fs.mkdirSync(target);
  await page.getByRole('button', { name: 'Another folder…' }).click();
  const form = page.getByRole('dialog', { name: 'New folder pair' });
  await form.getByRole('button', { name: 'Add pair' }).click();
  // the first invalid field has the focus and shows its problem
  const phone = form.getByLabel('Phone folder', { exact: true });
  assert.equal(await phone.evaluate((one) => document.activeElement === one), true);
  assert.equal(await phone.getAttribute('aria-invalid'), 'true');
  await form.getByText('A folder on the phone, such as /DCIM/Camera.').waitFor();
  await shoot(page, 'sync-form-wrong');

  await form.getByRole('button', { name: 'Choose the phone folder' }).click();
  const onPhone = page.getByRole('dialog', { name: 'Choose a folder on the phone' });
  await onPhone.getByRole('button', { name: 'DCIM' }).click();
  await onPhone.getByRole('button', { name: 'Camera' }).click();
  await onPhone.getByText('/DCIM/Camera').waitFor();
  await shoot(page, 'sync-form-pick-phone');
  assert.deepEqual(await seriousFindings(page), []);
  // Escape closes the list of choices, not the form
  await page.keyboard.press('Escape');
  await onPhone.waitFor({ state: 'detached' });
  assert.equal(await phone.inputValue(), '');
  await form.getByRole('button', { name: 'Choose the phone folder' }).click();
  await onPhone.getByRole('button', { name: 'DCIM' }).click();
  await onPhone.getByRole('button', { name: 'Camera' }).click();
  await onPhone.getByText('/DCIM/Camera').waitFor();
  await onPhone.getByRole('button', { name: 'Use this folder' }).click();
  assert.equal(await phone.inputValue(), '/DCIM/Camera');

  await form.getByRole('button', { name: 'Choose the computer folder' }).click();
  const here = page.getByRole('dialog', { name: 'Choose a folder on this computer' });
  await here.getByLabel('Folder', { exact: true }).fill(target);
  await here.getByLabel('Folder', { exact: true }).press('Enter');
  await here.getByText('No folders here.').waitFor();
  await here.getByRole('button', { name: 'Use this folder' }).click();
  assert.equal(await form.getByLabel('Computer folder', { exact: true }).inputValue(), target);

  await form.getByLabel('Name', { exact: true }).fill('Safe pictures');
  await form.getByLabel('Photos').check();
  await form.getByLabel('Exclude').fill('.thumbnails');
  await form.getByLabel('Newer than').fill('2024-01-31');
  await form.getByLabel('Folder structure').selectOption('By year and month');
  await form.getByLabel('When an original is deleted').selectOption('Delete the copy too');
  await form.getByLabel('Ask before deleting more than').fill('120');
  await form.getByText('A percentage from 0 to 100.').waitFor();
  await form.getByLabel('Ask before deleting more than').fill('10');
  await form.getByLabel('When the phone is plugged in').click();
  await shootBoth(page, 'sync-form', async () => assert.deepEqual(await seriousFindings(page), []));
  await form.getByRole('button', { name: 'Add pair' }).press('Enter');
  await form.waitFor({ state: 'detached' });

  const card = page.getByRole('listitem', { name: 'Safe pictures' });
  await card.getByText('Next run: when Pixel 8 is plugged in').waitFor();
  await card.getByRole('button', { name: 'Preview' }).click();
  await card.getByText('2 files to copy').waitFor();

  // opened again it shows what was saved, and Escape changes nothing
  await card.getByRole('button', { name: 'Edit…' }).click();
  const change = page.getByRole('dialog', { name: 'Edit pair' });
  assert.equal(await change.getByLabel('Phone folder', { exact: true }).isDisabled(), true);
  assert.equal(await change.getByLabel('Exclude').inputValue(), '.thumbnails');
  assert.equal(await change.getByLabel('Newer than').inputValue(), '2024-01-31');
  assert.equal(await change.getByLabel('Ask before deleting more than').inputValue(), '10');
  assert.equal(await change.getByLabel('When the phone is plugged in').isChecked(), true);
  await change.getByLabel('Name', { exact: true }).fill('Never kept');
  await page.keyboard.press('Escape');
  await change.waitFor({ state: 'detached' });
  assert.equal(await page.getByText('Never kept').count(), 0);
  // the focus returns to where it came from
  const button = card.getByRole('button', { name: 'Edit…' });
  await page.waitForFunction(() => document.activeElement?.textContent === 'Edit…');

  await button.press('Enter');
  await change.getByLabel('Photos').uncheck();
  await change.getByLabel('Only').fill('*.txt\n*.mp4');
  await change.getByLabel('If a file already exists').selectOption('Replace it');
  await change.getByLabel('Verify').selectOption('Byte by byte');
  await change.getByLabel('When the phone is plugged in').click();
  await shootBoth(page, 'sync-form-change', async () => assert.deepEqual(await seriousFindings(page), []));
  await change.getByRole('button', { name: 'Save' }).click();
  await change.waitFor({ state: 'detached' });
  await card.getByText('Next run: manually only').waitFor();
  await card.getByRole('button', { name: 'Preview' }).click();
  await card.getByText('1 file to copy').waitFor();
  await card.getByText('notes.txt', { exact: true }).waitFor();

  // a second pair of the same folders is refused, in the form itself
  await page.getByRole('button', { name: 'Another folder…' }).click();
  await form.getByLabel('Phone folder', { exact: true }).fill('/DCIM/Camera');
  await form.getByLabel('Computer folder', { exact: true }).fill(target);
  await form.getByRole('button', { name: 'Add pair' }).click();
  await form.getByRole('alert').getByText('has the same folders').waitFor();
  await shoot(page, 'sync-form-refused');
});

test('at twice the size, in both themes, nothing of the page or the form is cut off', async (t) => {
  const { page } = await open(t, CAMERA);
  // 200 % zoom halves the space of the page
  await page.setViewportSize({ width: 560, height: 400 });
  await page.getByRole('listitem').filter({ hasText: 'Back up camera' }).getByRole('button', { name: 'Add' }).click();
  const card = page.getByRole('listitem', { name: 'Back up camera' });
  await card.getByRole('button', { name: 'Preview' }).click();
  await card.getByText('3 files to copy').waitFor();
  const overflow = (): Promise<number> =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await shootBoth(page, 'sync-zoom', async () => assert.deepEqual(await seriousFindings(page), []));
  assert.ok((await overflow()) <= 0);
  await card.getByRole('button', { name: 'Edit…' }).click();
  const change = page.getByRole('dialog', { name: 'Edit pair' });
  await shootBoth(page, 'sync-form-zoom', async () => assert.deepEqual(await seriousFindings(page), []));
  assert.ok((await overflow()) <= 0);
  // its last field and its button can be reached with the keyboard
  await change.getByLabel('When the phone is plugged in').focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Save');
  await page.keyboard.press('Enter');
  await change.waitFor({ state: 'detached' });
  await card.getByText('Next run: when Pixel 8 is plugged in').waitFor();
});

test('a pair announces its run when plugged in; the run can be cancelled, otherwise it reports what it saved', async (t) => {
  const { host, page } = await open(t, CAMERA);
  await page.getByRole('listitem').filter({ hasText: 'Back up camera' }).getByRole('button', { name: 'Add' }).click();
  const card = page.getByRole('listitem', { name: 'Back up camera' });
  // it is checked once the host has stored it
  await card.getByLabel('When plugged in').click();
  await card.getByText('Next run: when Pixel 8 is plugged in').waitFor();
  const notices = page.getByRole('region', { name: 'Messages' });
  const replug = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Unplug' }).click();
    await page.getByRole('button', { name: 'Plug in' }).first().click();
    // even while another page is shown
    await notices.getByText('“Back up camera” starts in a moment.').waitFor();
  };
  await replug();
  await notices.getByRole('button', { name: 'Not now' }).click();
  await page.getByRole('button', { name: 'Sync', exact: true }).click();
  await card.getByText('Never run').waitFor();
  await card.getByText('Next run: when Pixel 8 is plugged in').waitFor();
  await replug();
  await shoot(page, 'sync-soon');
  await notices.getByText('3 new photos and videos saved').waitFor({ timeout: 20_000 });
  assert.equal(fs.readdirSync(path.join(host.local, 'Pictures/Pixel 8/Camera/2024/03')).length, 3);
});

test(
  'a folder that misses its copies is asked about in the preview, and filled again on a yes',
  { timeout: 60_000 },
  async (t) => {
    const { host, page } = await open(t, [...CAMERA, 'DCIM/Camera/notes.txt']);
    await page.getByRole('listitem').filter({ hasText: 'Back up camera' }).getByRole('button', { name: 'Add' }).click();
    const card = page.getByRole('listitem', { name: 'Back up camera' });
    await card.getByRole('button', { name: 'Run now' }).click();
    await card.getByText('3 files copied').waitFor({ timeout: 20_000 });
    const copies = path.join(host.local, 'Pictures/Pixel 8/Camera');
    // what an unmounted disk leaves: an empty folder
    fs.renameSync(copies, `${copies} unplugged`);
    fs.mkdirSync(copies);
    await card.getByRole('button', { name: 'Run now' }).click();
    await card.getByText('Nearly all copies in').waitFor({ timeout: 20_000 });
    assert.deepEqual(fs.readdirSync(copies), []);
    await card.getByRole('button', { name: 'Preview' }).click();
    await card.getByText('3 of the 3 copies of this pair are missing. Is their disk or card connected?').waitFor();
    await card.getByText('1 excluded by filters').waitFor();
    await shootBoth(page, 'sync-missing', async () => assert.deepEqual(await seriousFindings(page), []));
    await card.getByRole('button', { name: 'Copy them again' }).click();
    await card.getByText('3 files copied').waitFor({ timeout: 20_000 });
    assert.deepEqual(fs.readdirSync(path.join(copies, '2024/03')).sort(), ['one.jpg', 'three.mp4', 'two.jpg']);
  },
);
