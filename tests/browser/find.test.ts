import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { SearchSnapshot } from '../../shared/catalogue.ts';
import { localPath } from '../../shared/domain.ts';
import { shootChecked } from './axe.ts';
import { shootBoth, type Window } from './browser.ts';
import {
  awayCatalogue,
  catalogueOf,
  everything,
  openRemembered,
  scriptCatalogue,
  scriptSearch,
} from './catalogue-material.ts';
import { measureFrames } from './frames.ts';
import { NOW, SPEEDS, phone, transfer } from './material.ts';
import type { ScriptedHost } from './scripted-host.ts';

/** Searching a phone: its results are entries like any other. */
describe('search', { concurrency: false }, () => {
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

  const grid = () => page.getByRole('grid', { name: 'Search results' });
  const row = (name: string) => grid().locator(`.list-row[data-name="${name}"]`);
  const seen = (words: string | RegExp): Promise<void> => page.getByText(words).first().waitFor({ timeout: 5000 });
  const chosen = (): Promise<readonly (string | null)[]> =>
    page
      .locator('.list-row[aria-selected=true]')
      .evaluateAll((rows) => rows.map((one) => one.getAttribute('data-name')));
  const screen = async (name: string): Promise<void> => {
    await page.mouse.move(400, 690);
    await shootChecked(page, name);
  };
  const begin = async (words: string): Promise<void> => {
    await page.keyboard.press('Escape');
    await page.getByRole('main').click({ position: { x: 500, y: 400 } });
    await page.keyboard.press('Control+Shift+F');
    await grid().waitFor();
    await page.keyboard.type(words);
  };

  test('Ctrl+Shift+F searches the phone; without words it says what can be searched for', async () => {
    await page.keyboard.press('Control+Shift+F');
    await seen('Type any parts of a name');
    await screen('find-hint');
    await page.getByRole('button', { name: 'kind:photo' }).click();
    await seen(/^\d+ results$/);
    await screen('find-results');
  });

  test('Escape goes back to the folder', async () => {
    await page.locator('#filter').focus();
    await page.keyboard.press('Escape');
    await page.getByRole('grid', { name: 'Files in Internal storage' }).waitFor();
    assert.equal(await page.locator('#filter').inputValue(), '');
  });

  test('the filter goes on as a search where the folder has nothing, and comes back', async () => {
    await page.keyboard.press('Control+f');
    await page.keyboard.type('d');
    await seen('Search the whole phone for “d”');
    await page.getByRole('grid', { name: 'Files in Internal storage' }).waitFor();
    await screen('find-offer');
    await page.keyboard.press('Control+a');
    await page.keyboard.type('vert');
    await row('Vertrag.pdf').waitFor();
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Backspace');
    await page.getByRole('grid', { name: 'Files in Internal storage' }).waitFor();
    await page.keyboard.type('size>1GB');
    await row('Nordlicht.mkv').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('grid', { name: 'Files in Internal storage' }).waitFor();
  });

  test('Ctrl+Shift+F takes over what the filter holds', async () => {
    await page.keyboard.press('Control+f');
    await page.keyboard.type('do');
    await page.keyboard.press('Control+Shift+F');
    await row('Documents').waitFor();
    assert.equal(await page.locator('#filter').inputValue(), 'do');
  });

  test('by keyboard alone: into the results, choose, look, details, show in its folder', async () => {
    await begin('jpg');
    await grid().locator('.list-row').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.locator('.list-row[data-focus]').waitFor();
    assert.equal((await chosen()).length, 1);
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await page.waitForFunction(() => document.querySelectorAll('.list-row[aria-selected=true]').length === 3);
    await page.keyboard.press('Home');
    await page.keyboard.press('Control+i');
    await page.locator('.inspector h3').waitFor();
    await screen('find-details');
    await page.keyboard.press('Control+i');
    await page.keyboard.press('Space');
    await page.getByRole('dialog').waitFor();
    const first = await page.getByRole('dialog').locator('h2').textContent();
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction((name) => document.querySelector('[role=dialog] h2')?.textContent !== name, first);
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const [name] = await chosen();
    await page.locator('.list-row[data-focus]').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Show in its folder' }).waitFor();
    await shootBoth(page, 'find-menu');
    await page.getByRole('menuitem', { name: 'Verify copies…' }).click();
    await page.getByRole('dialog', { name: `Verify copies of “${name ?? ''}”` }).waitFor();
    await page
      .getByRole('dialog')
      .getByText(`Which file is the copy of “${name ?? ''}”?`)
      .waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.locator('.list-row[data-focus]').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Show in its folder' }).click();
    await page.getByRole('grid', { name: 'Files in Camera' }).waitFor();
    assert.deepEqual(await chosen(), [name], 'it has the focus there');
  });

  test('a letter among the results goes on in the field', async () => {
    await begin('vertra');
    await page.keyboard.press('ArrowDown');
    await page.waitForFunction(() => document.activeElement?.className === 'files');
    await page.keyboard.type('g');
    await page.waitForFunction(() => document.activeElement?.id === 'filter');
    assert.equal(await page.locator('#filter').inputValue(), 'vertrag');
  });

  test('rename, save, delete: what is asked of the engine are the places', async () => {
    await begin('vertrag');
    await row('Vertrag.pdf').click();
    host.answers.rename = () => undefined;
    await page.keyboard.press('F2');
    await page.locator('.name-editor input').fill('Vertrag 2.pdf');
    await page.keyboard.press('Enter');
    await seen('Renamed to “Vertrag 2.pdf”');
    assert.deepEqual(host.asks('rename').at(-1), {
      place: { device: phone().key, storage: phone().storages[0]?.key, path: '/Documents/Vertrag.pdf' },
      name: 'Vertrag 2.pdf',
    });
    host.answers.listLocal = () => ({ path: localPath('/home/ann'), parent: undefined, entries: [] });
    await row('Vertrag.pdf').click();
    await page.keyboard.press('Control+s');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Delete');
    await page.getByRole('dialog', { name: 'Delete “Vertrag.pdf”' }).waitFor();
    host.answers.delete = () => ({ deleted: 1 });
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await seen('Deleted “Vertrag.pdf”');
    const asked = host.asks('delete').at(-1) as { readonly sources: readonly { readonly path: string }[] };
    assert.deepEqual(
      asked.sources.map(({ path }) => path),
      ['/Documents/Vertrag.pdf'],
    );
  });

  test('what is not understood is told, with an example', async () => {
    await begin('vertrag size>many');
    await seen('“size>many” is not understood');
    await seen('size>100MB');
    await screen('find-misread');
  });

  test('as of when, while the phone is away or is still being read', async () => {
    scriptSearch(host, everything(host), { complete: false });
    host.say('catalogue', {
      enabled: true,
      phones: [catalogueOf(phone(), { activity: 'scanning', complete: false, foldersLeft: 612 }), awayCatalogue()],
      revision: 2,
    });
    await begin('kind:video');
    await seen('Still reading Pixel 8: at least 612 folders left');
    await screen('find-reading');
    await page.getByLabel('Where to search').selectOption({ label: 'Galaxy Tab S9' });
    await seen(/Galaxy Tab S9 is not connected: as of/);
    host.say('devices', { devices: [phone({ storages: [] }, { kind: 'gone', since: Date.now() })] });
    await page.getByLabel('Where to search').selectOption({ label: 'All phones' });
    await seen(/^\d+ results$/);
    await screen('find-away');
    await page.keyboard.press('Escape');
    host.say('devices', { devices: [phone()] });
    scriptCatalogue(host);
  });

  test('100,000 results: any place in them, all of them chosen', async (context) => {
    scriptSearch(host, everything(host, 100_000));
    await begin('img_0');
    await seen('100,000 results');
    const frames = await measureFrames(page, async () => {
      await page.mouse.move(600, 400);
      for (let turn = 0; turn < 60; turn++) {
        await page.mouse.wheel(0, 1200);
        await page.waitForTimeout(16);
      }
    });
    context.diagnostic(`scrolling: ${frames.frames} frames, longest ${frames.longest} ms, ${frames.over50} over 50 ms`);
    assert.ok((await page.locator('.list-row').count()) < 80, 'only what is in sight is in the document');
    await page.locator('.list-row:not(.pending)').first().waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('End');
    await page.locator('.list-row[aria-rowindex="100001"][aria-selected=true]').waitFor();
    await page.keyboard.press('Control+a');
    await seen('100,000 selected');
    await page.keyboard.press('Home');
    await page.locator('.list-row[aria-rowindex="2"][aria-selected=true]').waitFor();
    assert.equal((await chosen()).length, 1);
  });

  test('rows stay until something is found, and do not stay when nothing is', async () => {
    await begin('jpg');
    await seen(/^[\d,]+ results$/);
    const rows = grid().locator('.list-row[data-name]');
    const before = await rows.count();
    assert.ok(before > 5);
    const answered = host.onSearch;
    try {
      for (const names of [['Lofoten.jpg'], []]) {
        const asked = Promise.withResolvers<(snapshot: SearchSnapshot) => void>();
        host.onSearch = (_argument, tell) => {
          asked.resolve(tell);
          return () => undefined;
        };
        const told = { offset: 0, misread: [], asOf: NOW, complete: true, stale: false } as const;
        await page.keyboard.type('x');
        const tell = await asked.promise;
        const shown = await rows.count();
        tell({ ...told, state: 'searching', total: 0, results: [] });
        await seen(/^Searching/);
        assert.equal(await rows.count(), shown);
        const all = everything(host);
        const results = names.flatMap((name) => all.slice(0, 1).map((one) => ({ ...one, name })));
        tell({ ...told, state: 'complete', total: results.length, results });
        await seen(names.length === 0 ? /^Nothing matches/ : '1 result');
        assert.equal(await rows.count(), names.length);
      }
    } finally {
      host.onSearch = answered;
    }
  });

  test('what a transfer tells of its progress has no result drawn again', async () => {
    await begin('jpg');
    await seen(/^[\d,]+ results$/);
    const drawn = (): Promise<number> => page.evaluate(() => (globalThis as unknown as { drawn: number }).drawn);
    await page.evaluate(() => {
      const counted = globalThis as unknown as { drawn: number };
      counted.drawn = 0;
      // each row tells a date
      const { get } = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, 'format') ?? {};
      Object.defineProperty(Intl.DateTimeFormat.prototype, 'format', {
        get(this: Intl.DateTimeFormat) {
          counted.drawn += 1;
          return get?.call(this) as unknown;
        },
      });
    });
    for (let percent = 1; percent <= 20; percent += 1) {
      const [storage] = phone().storages;
      if (storage === undefined) assert.fail('no storage');
      host.say('devices', { devices: [phone({ storages: [{ ...storage, free: storage.free - percent * 1e9 }] })] });
      const bytesConfirmed = percent * 61_200_000;
      host.say('transfers', {
        state: 'running',
        transfers: [transfer({ bytesConfirmed, bytesInFlight: 0 })],
        speedHistory: SPEEDS,
      });
      await page.getByText(`${percent}%`, { exact: false }).first().waitFor();
    }
    assert.equal(await drawn(), 0);
    await page.locator('#filter').fill('img');
    await seen(/^[\d,]+ results$/);
    assert.ok((await drawn()) > 0);
    host.say('transfers', { state: 'idle', transfers: [], speedHistory: [] });
    host.say('devices', { devices: [phone()] });
  });

  test('the catalogue is switched off', async () => {
    host.say('catalogue', { enabled: false, phones: [], revision: 3 });
    await seen('there is nothing to search');
    await screen('find-off');
    await page.getByRole('main').getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('dialog', { name: 'Settings' }).waitFor();
  });
});
