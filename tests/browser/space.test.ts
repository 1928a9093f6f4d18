import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { shootChecked } from './axe.ts';
import { shootBoth, type Window } from './browser.ts';
import { awayCatalogue, catalogueOf, openRemembered } from './catalogue-material.ts';
import { phone } from './material.ts';
import type { ScriptedHost } from './scripted-host.ts';

/** What takes up the space on a phone: the map, its tables, duplicates, and deleting from there. */
describe('space', { concurrency: false }, () => {
  let host: ScriptedHost;
  let window: Window;
  let page: Page;

  before(async () => {
    ({ host, window } = await openRemembered());
    page = window.page;
  });
  after(async () => {
    await window.close();
    await host.stop();
  });
  afterEach(() => {
    assert.deepEqual(window.complaints, []);
  });

  const seen = (words: string | RegExp): Promise<void> => page.getByText(words).first().waitFor({ timeout: 5000 });
  const focused = (): Promise<string | null> =>
    page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? null);
  const screen = async (name: string): Promise<void> => {
    await page.mouse.move(400, 5);
    await shootChecked(page, name);
  };
  const paths = (name: 'delete' | 'download'): readonly string[] =>
    (host.asks(name).at(-1) as { readonly sources: readonly { readonly path: string }[] }).sources.map(
      ({ path }) => path,
    );

  test('folders in the list and in the details show what they hold', async () => {
    await page.locator('.list-row[data-name="DCIM"] .size').getByText('GB').waitFor();
    await page.locator('.list-row[data-name="Movies"]').click();
    await page.keyboard.press('Control+i');
    await page.locator('.inspector').getByText('7.91 GB in 31 files').waitFor();
    await screen('space-list');
    await page.keyboard.press('Control+i');
  });

  test('the page: a map, what it shows as a table, the kinds', async () => {
    await page.getByRole('navigation').getByRole('button', { name: 'Space' }).click();
    await page.getByRole('heading', { name: 'Space on Pixel 8' }).waitFor();
    await page.locator('.map-box').first().waitFor();
    await screen('space-map');
    const table = page.getByRole('table', { name: 'Folders' });
    for (const name of ['DCIM', 'Android', 'Download']) {
      await table.getByRole('rowheader', { name }).waitFor();
      await page.getByRole('button', { name: new RegExp(`^${name}: .* GB, \\d+%, .* files$`) }).waitFor();
    }
  });

  test('by keyboard alone: through the map, into a folder, back, choose', async () => {
    await page.locator('button.map-hit[tabindex="0"]').focus();
    const first = await focused();
    assert.match(first ?? '', /^DCIM/);
    await page.keyboard.press('ArrowRight');
    const second = await focused();
    assert.notEqual(second, first);
    await page.keyboard.press('ArrowLeft');
    assert.equal(await focused(), first);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^Camera: / }).waitFor();
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-label')?.startsWith('Camera: '));
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /^VID_20260400/ }).waitFor();
    await screen('space-map-camera');
    await page.waitForFunction(() => document.activeElement?.classList.contains('map-hit'));
    await page.getByRole('button', { name: /^VID_20260400/ }).focus();
    await page.keyboard.press('Space');
    await seen('1 selected, 3.40 GB');
    await page.keyboard.press('Backspace');
    await page.getByRole('button', { name: /^Camera: / }).waitFor();
    await page.waitForFunction(() => document.activeElement?.classList.contains('map-hit'));
    await page.keyboard.press('Backspace');
    await page.getByRole('button', { name: /^DCIM: / }).waitFor();
    await seen('1 selected, 3.40 GB');
  });

  test('a chosen file in a chosen folder counts once', async () => {
    await page.getByRole('checkbox', { name: 'Select “DCIM”' }).check();
    await seen(/^1 selected, /);
    await page.getByRole('checkbox', { name: 'Select “DCIM”' }).uncheck();
    await page.getByRole('button', { name: 'Clear' }).click();
    await page.locator('.space-chosen').waitFor({ state: 'detached' });
  });

  test('the map’s menu', async () => {
    await page.getByRole('button', { name: /^Movies: / }).click({ button: 'right', position: { x: 20, y: 10 } });
    await page.getByRole('menuitem', { name: 'Show in its folder' }).waitFor();
    await shootBoth(page, 'space-menu');
    await page.getByRole('menuitem', { name: 'Verify copies…' }).click();
    await page.getByRole('dialog', { name: 'Verify copies of “Movies”' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('largest files: deleting asks with count, size and what is proven to be here', async () => {
    await page.getByRole('tab', { name: 'Largest files' }).click();
    await page.getByRole('checkbox', { name: 'Select “Nordlicht.mkv”' }).check();
    await page.getByRole('checkbox', { name: 'Select “lineage-23.zip”' }).check();
    await seen(/^2 selected, 12\.\d+ GB$/);
    await screen('space-largest');
    await page.getByRole('button', { name: 'Delete…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete 2 items from the phone?' });
    await dialog.getByText('1 of them (1.10 GB) is proven to be on this computer.').waitFor();
    await screen('space-delete');
    host.answers.delete = () => ({ deleted: 2 });
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await seen('Deleted 2 items');
    assert.deepEqual([...paths('delete')].sort(), ['/Download/lineage-23.zip', '/Movies/Nordlicht.mkv']);
    await page.locator('.space-chosen').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Close this notification' }).first().click();
  });

  test('types and ages', async () => {
    await page.getByRole('tab', { name: 'Types' }).click();
    await page.getByRole('rowheader', { name: 'Videos' }).waitFor();
    await screen('space-kinds');
    await page.getByRole('tab', { name: 'Age' }).click();
    await page.getByRole('rowheader', { name: '2025' }).waitFor();
    await page.getByRole('rowheader', { name: 'Without a date' }).waitFor();
    await screen('space-ages');
  });

  test('duplicates: compared only when asked, nothing is chosen', async () => {
    await page.getByRole('tab', { name: 'Duplicates' }).click();
    await seen('3 files of 4.12 MB each');
    assert.equal(host.asks('catalogueCompare').length, 0);
    const group = page.locator('.same-group').nth(1);
    await group.getByRole('button', { name: 'Compare samples' }).click();
    await group.getByText('Same in all samples').waitFor();
    assert.equal((host.asks('catalogueCompare').at(-1) as { readonly whole?: boolean }).whole, false);
    assert.equal(await page.locator('.same input:checked').count(), 0);
    await screen('space-same');
    await group.getByRole('button', { name: 'Compare every byte' }).click();
    await group.getByText('Same byte by byte').waitFor();
    assert.equal((host.asks('catalogueCompare').at(-1) as { readonly whole?: boolean }).whole, true);
    assert.equal(await page.locator('.same input:checked').count(), 0);
  });

  test('a phone that is away: told as of when, and nothing can be deleted there', async () => {
    host.say('catalogue', { enabled: true, phones: [catalogueOf(), awayCatalogue()], revision: 2 });
    await page.getByLabel('Storage', { exact: true }).selectOption({ label: 'Galaxy Tab S9 › Tablet' });
    await page.getByRole('heading', { name: 'Space on Galaxy Tab S9' }).waitFor();
    await seen(/Galaxy Tab S9 is not connected: as of/);
    await page.getByRole('tab', { name: 'Map' }).click();
    await page.getByRole('checkbox', { name: 'Select “DCIM”' }).check();
    assert.equal(await page.getByRole('button', { name: 'Delete…' }).isDisabled(), true);
    await screen('space-away');
  });

  test('“Show in its folder” leads to the file', async () => {
    await page.getByLabel('Storage', { exact: true }).selectOption({ label: 'Pixel 8' });
    await page.getByRole('tab', { name: 'Largest files' }).click();
    await page
      .getByRole('row', { name: /Nordlicht\.mkv/ })
      .getByRole('button', { name: 'Show in its folder' })
      .click();
    await page.getByRole('grid', { name: 'Files in Movies' }).waitFor();
    await page.locator('.list-row[data-name="Nordlicht.mkv"][aria-selected=true]').waitFor();
  });

  test('the phone can be forgotten, after asking', async () => {
    await page.getByRole('button', { name: /^Pixel 8/ }).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Forget this phone…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Forget “Pixel 8”?' });
    await dialog.waitFor();
    await screen('space-forget');
    assert.equal(host.asks('catalogueForget').length, 0);
    await dialog.getByRole('button', { name: 'Forget' }).click();
    await seen('“Pixel 8” is forgotten.');
    assert.deepEqual(host.asks('catalogueForget'), [{ device: phone().key }]);
  });

  test('the setting', async () => {
    await page.keyboard.press('Control+,');
    await page.getByRole('switch', { name: 'Remember what is on phones' }).click();
    assert.equal((host.asks('setSettings').at(-1) as { readonly catalogue?: boolean }).catalogue, false);
    await page.keyboard.press('Escape');
  });
});
