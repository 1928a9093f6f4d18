import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { writeSamples } from '../../electron/virtual/samples.ts';
import { anonymousKey, localPath, transferId } from '../../shared/domain.ts';
import type { CommandName } from '../../shared/contract.ts';
import { shootChecked } from './axe.ts';
import { openWindow, shootBoth, type Window } from './browser.ts';
import { furnish, phone } from './material.ts';
import { manyShots, photoShots, scriptPhotos, snapshotOf } from './photo-material.ts';
import { startRealHost } from './real-host.ts';
import { ScriptedHost } from './scripted-host.ts';

describe('the page of photos', { concurrency: false }, () => {
  const host = new ScriptedHost();
  let window: Window;
  let page: Page;

  before(async () => {
    furnish(host);
    scriptPhotos(host);
    host.say('devices', { devices: [phone()] });
    window = await openWindow(await host.start(), { scale: 1 });
    page = window.page;
    await page.getByRole('button', { name: 'Photos' }).click();
  });
  after(async () => {
    await window.close();
    await host.stop();
  });
  afterEach(() => assert.deepEqual(window.complaints, []));

  const screen = (name: string): Promise<void> => shootChecked(page, name);
  /** The last request, once there are more than `before`. */
  const asked = async (name: CommandName, before = 0): Promise<Record<string, unknown>> => {
    for (let tries = 0; tries < 100 && host.asks(name).length <= before; tries += 1) await page.waitForTimeout(20);
    return host.asks(name).at(-1) as Record<string, unknown>;
  };
  const selected = (): Promise<number> => page.locator('.photo[aria-selected=true]').count();
  const grid = (): ReturnType<Page['getByRole']> => page.getByRole('grid', { name: 'Photos' });

  test('what is new is shown by day, and selected', async () => {
    await page.getByText('15 new shots of 33').waitFor();
    // 7 alone, a burst of 5 as one, 3 of the day before; one that is under way is not selected
    await page.locator('.photo').nth(11).waitFor();
    assert.equal(await selected(), 11);
    await page.getByText('15 selected').waitFor();
    await page.getByRole('gridcell', { name: /burst of 5 shots/ }).waitFor();
    await screen('photos-new');
  });

  test('by keyboard: arrows, Space, Shift, everything, nothing', async () => {
    await grid().focus();
    await page.keyboard.press('Escape');
    assert.equal(await selected(), 0);
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    assert.equal(await selected(), 3);
    await page.keyboard.press('Control+a');
    await page.getByText('16 selected').waitFor();
  });

  test('a day is selected as a whole; a burst is unfolded', async () => {
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Select', exact: true }).first().click();
    await page.getByText('12 selected').waitFor();
    await page.getByRole('button', { name: 'Show all of the burst: 5 shots' }).click();
    await page.getByRole('button', { name: 'Show the burst as one' }).waitFor();
    assert.equal(await selected(), 12);
    await page.getByRole('button', { name: 'Show the burst as one' }).click();
  });

  test('imported ones are shown when asked for, by kind and size', async () => {
    await page.getByRole('combobox', { name: 'Which photos' }).selectOption('all');
    await page
      .getByRole('gridcell', { name: /in your library/ })
      .first()
      .waitFor();
    await page.getByRole('combobox', { name: 'Type' }).selectOption('video');
    await page.waitForFunction(() => document.querySelectorAll('.photo').length === 1);
    await page.getByRole('gridcell', { name: /VID_/ }).waitFor();
    await page.getByRole('combobox', { name: 'Type' }).selectOption('all');
    await screen('photos-all');
    await page.getByRole('combobox', { name: 'Which photos' }).selectOption('new');
    await page.waitForFunction(() => document.querySelectorAll('.photo').length === 12);
  });

  test('importing takes what is selected, and what was imported before only if a person chose it', async () => {
    await grid().focus();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Home');
    await page.keyboard.press('Space');
    host.answers.photosImport = ({ shots }) => ({
      transfer: transferId('t9'),
      second: undefined,
      counts: { shots: shots?.length ?? 0, files: shots?.length ?? 0, bytes: 1 },
    });
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('Importing 1 file').waitFor();
    assert.deepEqual(await asked('photosImport'), { device: phone().key, shots: ['s4000'], again: false });
  });

  test('where they go, with a live example, and folders that have photos already', async () => {
    await page.getByRole('button', { name: 'Import settings' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import settings' });
    await dialog.getByText('For example: 2026/{month}/{name}.jpg').waitFor();
    await screen('photos-settings');
    await dialog.getByLabel('Folders').fill('{year}/Trip');
    await dialog.getByText('For example: 2026/Trip/{name}.jpg').waitFor();
    await dialog.getByRole('button', { name: 'Remove /home/ann/Pictures' }).click();
    assert.deepEqual((await asked('photosSettings'))['library'], []);
    await page.keyboard.press('Escape');
  });

  test('second copies and imports at the plug are chosen there', async () => {
    const { phones, settings } = snapshotOf(photoShots());
    await page.getByRole('button', { name: 'Import settings' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import settings' });
    await dialog.getByText('No second copies').waitFor();
    const second = { folder: localPath('/media/backup/Photos'), mount: '/media/backup' };
    host.say('photos', { phones, settings: { ...settings, second } });
    await dialog.getByText('/media/backup/Photos').waitFor();
    await screen('photos-settings-second');
    const before = host.asks('photosSettings').length;
    await dialog.getByRole('button', { name: 'Remove /media/backup/Photos' }).click();
    assert.equal((await asked('photosSettings', before))['also'], '');
    host.answers.photosAutomatic = () => undefined;
    await dialog.getByRole('switch', { name: 'Import when plugged in' }).click();
    assert.deepEqual(await asked('photosAutomatic'), { device: phone().key, on: true });
    host.say('photos', snapshotOf(photoShots()));
    await page.keyboard.press('Escape');
  });

  test('an import that begins by itself is told before, once, and can be stopped', async () => {
    const soon = { at: 1, counts: { shots: 15, files: 16, bytes: 1 } };
    host.say('photos', snapshotOf(photoShots(), { soon }));
    await page.getByText(/^15 new photos and videos from .* will be imported in a moment/).waitFor();
    host.answers.photosNotNow = () => undefined;
    await page.getByRole('button', { name: 'Not now' }).click();
    assert.deepEqual(await asked('photosNotNow'), { device: phone().key });
    host.say('photos', snapshotOf(photoShots(), { soon, look: { kind: 'dating', done: 1, all: 2 } }));
    await page.getByText('Reading dates').first().waitFor();
    assert.equal(await page.getByRole('button', { name: 'Not now' }).count(), 0);
    host.say('photos', snapshotOf(photoShots()));
    await page.getByText('15 new shots of 33').waitFor();
  });

  test('freeing offers what has a proven copy, chooses nothing, and reports what stays and why', async () => {
    const [one, two] = photoShots().slice(-2);
    assert.ok(one !== undefined && two !== undefined);
    host.answers.photosFreeable = () => ({
      counts: { shots: 2, files: 2, bytes: 8.4e6 },
      shots: [one, two].map((shot) => ({ shot, copies: [localPath(`/home/ann/Pictures/2026/${shot.id}.jpg`)] })),
    });
    await page.getByRole('button', { name: 'Free up space…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Free up space on the phone' });
    await dialog.getByRole('button', { name: 'Find photos' }).click();
    await dialog.getByText('2 photos have unchanged copies here').waitFor();
    assert.ok(await dialog.getByRole('button', { name: /^Delete/ }).isDisabled());
    await dialog.getByRole('button', { name: 'Select all' }).click();
    await screen('photos-free');
    host.answers.photosFree = ({ shots }) => ({
      freed: { shots: 1, files: 1, bytes: 4.2e6 },
      gone: { shots: 0, files: 0, bytes: 0 },
      kept: { shots: 1, files: 1, bytes: 4.2e6 },
      shots: [
        {
          shot: one,
          freed: true,
          deleted: one.parts,
          gone: [],
          why: undefined,
          path: one.parts[0].path,
          problem: undefined,
        },
        {
          shot: two,
          freed: false,
          deleted: [],
          gone: [],
          why: 'copy-changed' as const,
          path: two.parts[0].path,
          problem: undefined,
        },
      ].slice(0, shots.length),
    });
    await dialog.getByRole('button', { name: /^Delete 2 from the phone/ }).click();
    await dialog.getByText(/^1 photo deleted from the phone/).waitFor();
    await dialog.getByText(`${two.parts[0].path.split('/').at(-1)}: its copy has changed`).waitFor();
    assert.deepEqual((await asked('photosFree'))['shots'], [one.id, two.id]);
    await screen('photos-freed');
    await page.keyboard.press('Escape');
  });

  test('a phone that nothing identifies: told what Replug cannot know, and never imported from by itself', async () => {
    const words = page.getByText('Nothing tells this phone from others of its kind');
    await page.getByText('15 new shots of 33').waitFor();
    assert.equal(await words.count(), 0, 'not said of one that is known');
    const key = anonymousKey('Acme', '81f3a2');
    const nameless = phone({ key, name: 'Acme phone', maker: 'Acme', serial: '' });
    host.say('photos', snapshotOf(photoShots(), { device: key }));
    host.say('devices', { devices: [nameless] });
    await words.waitFor();
    await page.locator('.photo').first().waitFor();
    await screen('photos-nameless');
    await page.getByRole('button', { name: 'Import settings' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import settings' });
    await dialog.getByText('No second copies').waitFor();
    assert.equal(await dialog.getByRole('switch', { name: 'Import when plugged in' }).count(), 0);
    await page.keyboard.press('Escape');
    host.say('photos', snapshotOf(photoShots()));
    host.say('devices', { devices: [phone()] });
    await page.getByText('15 new shots of 33').waitFor();
    await words.waitFor({ state: 'detached' });
  });

  test('how the look goes, and that it failed', async () => {
    for (const [look, words] of [
      [{ kind: 'listing', folders: 3, files: 120 }, 'Looking for photos: 120 files so far'],
      [{ kind: 'comparing', done: 3, all: 10 }, 'Comparing with your library'],
      [
        { kind: 'failed', problem: { kind: 'local-missing', operation: 'look', detail: '' } },
        'The search for photos failed',
      ],
    ] as const) {
      host.say('photos', snapshotOf(photoShots(), { look, version: 1 }));
      await page.getByText(words).first().waitFor();
    }
    host.say('devices', { devices: [] });
    await page.getByText('Plug in a phone to see its photos.').waitFor();
    await screen('photos-no-phone');
  });
});

test('a real phone’s photos: shown by the day they were taken, imported once, freed only with a proven copy', async () => {
  const samples = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-samples-'));
  await writeSamples(samples);
  const host = await startRealHost({
    furnish: (phone) => fs.cpSync(samples, phone, { recursive: true, preserveTimestamps: true }),
  });
  const { page, close, complaints } = await openWindow(host.url, { scale: 1 });
  const onPhone = (): readonly string[] =>
    fs.readdirSync(path.join(host.phone, 'DCIM', 'Camera')).filter((name) => /\.jpg$/u.test(name));
  try {
    const before = onPhone().length;
    assert.ok(before > 2, 'the samples of the phone');
    await page.getByRole('button', { name: 'Photos' }).click();
    await page.getByText(/new shots of/u).waitFor({ timeout: 20_000 });
    await page.locator('.photo img').first().waitFor({ timeout: 20_000 });
    await shootBoth(page, 'photos-real', () => Promise.resolve());
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText(/^Importing/u).waitFor();
    await page.getByText(/^Nothing new/u).waitFor({ timeout: 30_000 });
    const local = (): readonly string[] =>
      fs.readdirSync(host.local, { recursive: true, encoding: 'utf8' }).filter((name) => /\.jpg$/u.test(name));
    for (let tries = 0; tries < 200 && local().length < before; tries += 1) await page.waitForTimeout(100);
    const copies = local();
    assert.equal(copies.length, before);
    await page
      .getByText(/verified/u)
      .first()
      .waitFor({ timeout: 20_000 });
    // one copy is edited: its original must stay
    const [edited] = copies;
    assert.ok(edited !== undefined);
    fs.appendFileSync(path.join(host.local, edited), 'edited');
    await page.getByRole('button', { name: 'Free up space…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Free up space on the phone' });
    await dialog.getByRole('combobox', { name: 'Age' }).selectOption('0');
    await dialog.getByRole('button', { name: 'Find photos' }).click();
    await dialog.getByText(/unchanged cop(y|ies) here/u).waitFor({ timeout: 20_000 });
    await dialog.getByRole('button', { name: 'Select all' }).click();
    await dialog.getByRole('button', { name: /^Delete/u }).click();
    await dialog.getByText(/deleted from the phone/u).waitFor({ timeout: 20_000 });
    assert.deepEqual(onPhone(), [path.basename(edited)]);
    assert.deepEqual(complaints, []);
  } finally {
    await close();
    await host.stop();
    fs.rmSync(samples, { recursive: true });
  }
});

describe('very many photos', { concurrency: false }, () => {
  const shots = manyShots(3_000);
  const host = new ScriptedHost();
  let window: Window;
  let page: Page;

  before(async () => {
    furnish(host);
    scriptPhotos(host, shots);
    host.say('devices', { devices: [phone()] });
    window = await openWindow(await host.start(), { scale: 1 });
    page = window.page;
    await page.getByRole('button', { name: 'Photos' }).click();
    await page.getByText('3,000 selected').waitFor();
    await page.locator('.photos-grid[aria-busy=false]').waitFor();
    await page.locator('.photo').first().waitFor();
  });
  after(async () => {
    await window.close();
    await host.stop();
  });
  afterEach(() => assert.deepEqual(window.complaints, []));

  test('tiles that are scrolled out of sight are used again', async () => {
    const { passed, made, wrong } = await page.evaluate(async () => {
      const grid = document.querySelector('.photos-grid');
      if (grid === null) throw new Error('no grid');
      const drawn = (): Promise<void> =>
        new Promise((done) => requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(() => done()))));
      const tiles = (): Element[] => [...grid.querySelectorAll('.photo')];
      const seen = new Set<Element>();
      const places = new Set<number>();
      let wrongly = 0;
      for (let turn = 0; turn < 30; turn += 1) {
        grid.scrollBy(0, 700);
        await drawn();
        for (const tile of tiles()) {
          seen.add(tile);
          const place = Number(tile.getAttribute('data-tile'));
          places.add(place);
          if (tile.getAttribute('title') !== `IMG_${place}.jpg` || tile.id !== `photo-${place}`) wrongly += 1;
        }
      }
      return { passed: places.size, made: seen.size, wrong: wrongly };
    });
    assert.equal(wrong, 0);
    // not all: now there are more rows of tiles, now more headings
    assert.ok(passed > 500 && made < passed / 3, `${made} elements for ${passed} tiles`);
  });

  test('a look that finds the same leaves a person where they are', async () => {
    const grid = page.locator('.photos-grid');
    await grid.evaluate((element) => element.scrollTo(0, 30_000));
    await page.waitForFunction(() => (document.querySelector('.photos-grid')?.scrollTop ?? 0) === 30_000);
    const least = page.evaluate(
      () =>
        new Promise<number>((tell) => {
          let lowest = Infinity;
          const look = (): void => {
            lowest = Math.min(lowest, document.querySelector('.photos-grid')?.scrollTop ?? 0);
            if ('replugLooked' in globalThis) tell(lowest);
            else requestAnimationFrame(look);
          };
          requestAnimationFrame(look);
        }),
    );
    const before = host.asks('photosShots').length;
    host.say('photos', snapshotOf(shots, { version: 2 }));
    for (let tries = 0; tries < 200 && host.asks('photosShots').length < before + 3; tries += 1)
      await page.waitForTimeout(20);
    await page.waitForTimeout(200);
    await page.evaluate(() => Object.assign(globalThis, { replugLooked: true }));
    assert.equal(await least, 30_000);
  });
});
