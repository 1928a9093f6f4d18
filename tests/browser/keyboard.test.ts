import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { openWindow, type Window } from './browser.ts';
import { startRealHost, type RealHost } from './real-host.ts';

/** A complete session without a mouse, with the real engine. */
describe('by keyboard alone', { concurrency: false }, () => {
  let host: RealHost;
  let window: Window;
  let page: Page;

  before(async () => {
    host = await startRealHost({
      phone: ['name=Pixel 8'],
      furnish: (phone) => {
        for (const folder of ['Alarms', 'DCIM/Camera', 'Download', 'Music', 'Pictures'])
          fs.mkdirSync(path.join(phone, folder), { recursive: true });
        for (const name of ['alpha.txt', 'beta.txt', 'gamma.txt', 'Gamma 2.txt', 'omega.txt'])
          fs.writeFileSync(path.join(phone, 'Download', name), name);
      },
    });
    window = await openWindow(host.url, { reducedMotion: true });
    page = window.page;
    await page.getByRole('row', { name: /^Download/ }).waitFor();
  });
  after(async () => {
    await window.close();
    await host.stop();
  });

  const press = async (...keys: readonly string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const chosen = (): Promise<readonly string[]> =>
    page.evaluate(() =>
      [...document.querySelectorAll('[aria-selected=true]')].map((row) => row.getAttribute('data-name') ?? ''),
    );
  const phone = (...parts: readonly string[]): string => path.join(host.phone, ...parts);
  const until = async (what: () => boolean, words: string): Promise<void> => {
    for (let tries = 0; tries < 80; tries++) {
      if (what()) return;
      await page.waitForTimeout(50);
    }
    assert.fail(words);
  };

  test('the file list has the focus from the start', async () => {
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'grid');
  });

  test('a typed name is found, Enter opens it', async () => {
    await page.keyboard.type('down');
    assert.deepEqual(await chosen(), ['Download']);
    await press('Enter');
    await page.getByRole('grid', { name: 'Files in Download' }).waitFor();
    await page.getByRole('row', { name: /alpha/ }).waitFor();
    await press('Home');
    assert.deepEqual(await chosen(), ['alpha.txt']);
    assert.equal(
      await page.evaluate(() => {
        const id = document.activeElement?.getAttribute('aria-activedescendant') ?? '';
        return document.getElementById(id)?.getAttribute('data-name');
      }),
      'alpha.txt',
      'screen readers are told where one stands',
    );
  });

  test('Shift and arrows extend and shrink a range', async () => {
    await press('Shift+ArrowDown', 'Shift+ArrowDown');
    assert.deepEqual(await chosen(), ['alpha.txt', 'beta.txt', 'Gamma 2.txt']);
    await press('Shift+ArrowUp');
    assert.deepEqual(await chosen(), ['alpha.txt', 'beta.txt']);
    await press('Control+a');
    assert.equal((await chosen()).length, 5);
    await press('Escape');
    assert.deepEqual(await chosen(), []);
  });

  test('F2 renames in place, Ctrl+Z undoes it', async () => {
    await page.keyboard.type('omega');
    await press('F2');
    await page.getByLabel('New name').waitFor();
    assert.equal(await page.evaluate(() => getSelection()?.toString()), 'omega', 'the extension is left alone');
    await page.keyboard.type('a/b');
    await page.getByText('A name cannot contain /').waitFor();
    await press('Home', 'Shift+End');
    await page.keyboard.type('last.txt');
    await press('Enter');
    await until(() => fs.existsSync(phone('Download', 'last.txt')), 'renamed on the phone');
    await page.getByRole('row', { name: /last\.txt/ }).waitFor();
    await page.getByText('Renamed to “last.txt”').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'grid', 'the focus is back');
    await press('Control+z');
    await until(() => fs.existsSync(phone('Download', 'omega.txt')), 'renamed back');
  });

  test('a focus that goes elsewhere by itself, as a closing menu takes it, does not end the naming; Tab does', async () => {
    await press('Control+Shift+N');
    const field = page.getByLabel('Name of the new folder');
    await field.waitFor();
    await page.keyboard.type('Half');
    // a hidden button would take no focus
    await page.locator('.toolbar button:visible:not(:disabled)').first().focus();
    await page.waitForFunction(() => document.activeElement?.closest('.name-editor') !== null);
    await page.keyboard.type('way');
    assert.equal(await field.inputValue(), 'Halfway');
    assert.ok(!fs.existsSync(phone('Download', 'Half')));
    await press('Tab');
    await until(() => fs.existsSync(phone('Download', 'Halfway')), 'made on the phone');
    fs.rmdirSync(phone('Download', 'Halfway'));
    await press('F5');
    await page.getByRole('row', { name: /^Halfway/ }).waitFor({ state: 'detached' });
  });

  test('a new folder is made and named', async () => {
    await press('Control+Shift+N');
    await page.getByLabel('Name of the new folder').waitFor();
    await page.keyboard.type('Reise');
    await press('Enter');
    await until(() => fs.existsSync(phone('Download', 'Reise')), 'made on the phone');
    await page.getByRole('row', { name: /^Reise/ }).waitFor();
  });

  test('cut and paste moves files on the phone', async () => {
    await page.keyboard.type('alpha');
    await press('Control+x');
    await page.getByText(/cut\. Paste it/).waitFor();
    await page.keyboard.type('reise');
    await press('Enter');
    await page.getByRole('grid', { name: 'Files in Reise' }).waitFor();
    await press('Control+v');
    await until(() => fs.existsSync(phone('Download', 'Reise', 'alpha.txt')), 'moved');
    assert.ok(!fs.existsSync(phone('Download', 'alpha.txt')));
    await page.getByRole('row', { name: /alpha/ }).waitFor();
  });

  test('up, back and forward; the folder left is selected', async () => {
    await press('Alt+ArrowUp');
    await page.getByRole('grid', { name: 'Files in Download' }).waitFor();
    await page.getByRole('row', { name: /^Reise/, selected: true }).waitFor();
    await press('Alt+ArrowLeft');
    await page.getByRole('grid', { name: 'Files in Reise' }).waitFor();
    await press('Alt+ArrowRight');
    await page.getByRole('grid', { name: 'Files in Download' }).waitFor();
  });

  test('Ctrl+F filters, Escape clears the filter', async () => {
    await press('Control+f');
    await page.keyboard.type('gam');
    await page.getByText(/2 of 5 items/).waitFor();
    await press('ArrowDown');
    assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('role')), 'grid');
    await press('Escape');
    await page.getByText('5 items').waitFor();
  });

  test('Space looks, arrows go to the neighbours, Ctrl+I shows the details', async () => {
    await page.keyboard.type('beta');
    await press('Space');
    await page
      .getByRole('dialog', { name: /Quick look at .beta/ })
      .getByText('beta.txt')
      .nth(1)
      .waitFor();
    await press('ArrowRight');
    await page.getByRole('dialog', { name: /Quick look at .Gamma 2/ }).waitFor();
    await press('ArrowLeft');
    await page.getByRole('dialog', { name: /Quick look at .beta/ }).waitFor();
    await press('Space');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await press('Control+i');
    await page.getByRole('complementary', { name: 'Details' }).waitFor();
    await press('Control+i');
  });

  test('Delete asks, Enter keeps, Tab and Enter delete', async () => {
    await page.keyboard.type('beta');
    await press('Delete');
    await page.getByRole('dialog', { name: /Delete “beta\.txt”/ }).waitFor();
    await page.getByText('1 file, 8 bytes.').waitFor();
    await press('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.ok(fs.existsSync(phone('Download', 'beta.txt')));
    await press('Delete');
    await page.getByRole('dialog').getByText('1 file, 8 bytes.').waitFor();
    await press('Tab', 'Enter');
    await until(() => !fs.existsSync(phone('Download', 'beta.txt')), 'deleted');
  });

  test('Ctrl+S saves to a folder of the computer', async () => {
    await page.keyboard.type('omega');
    await press('Control+s');
    const dialog = page.getByRole('dialog', { name: 'Save “omega.txt” to…' });
    await dialog.waitFor();
    const folder = dialog.getByLabel('Folder', { exact: true });
    await folder.focus();
    await press('Control+a');
    await page.keyboard.type(host.local);
    await press('Enter');
    await page.waitForTimeout(300);
    await dialog.getByRole('button', { name: 'Save here' }).focus();
    await press('Enter');
    await until(() => fs.existsSync(path.join(host.local, 'omega.txt')), 'saved');
    assert.equal(fs.readFileSync(path.join(host.local, 'omega.txt'), 'utf8'), 'omega.txt');
  });

  test('Tab reaches every part of the window', async () => {
    await page.locator('.transfer').first().waitFor();
    const reached = new Set<string>();
    for (let steps = 0; steps < 60; steps++) {
      await press('Tab');
      reached.add(
        await page.evaluate(() => {
          const at = document.activeElement;
          return at?.closest('.sidebar, .toolbar, .files, .drawer')?.className ?? '';
        }),
      );
    }
    for (const part of ['sidebar', 'toolbar', 'files', 'drawer']) assert.ok(reached.has(part), part);
    assert.deepEqual(window.complaints, []);
  });
});
