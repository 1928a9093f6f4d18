import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Page } from 'playwright-core';
import type { CommandName } from '../../shared/contract.ts';
import { localPath, transferId, type RecoveryStep, type StorageKey } from '../../shared/domain.ts';
import type { QuestionId } from '../../shared/snapshots.ts';
import { shootChecked } from './axe.ts';
import { openWindow, type Window } from './browser.ts';
import {
  UDEV_RULE,
  INTERNAL,
  NOW,
  SPEEDS,
  camera,
  furnish,
  item,
  phone,
  tablet,
  transfer,
  virtual,
} from './material.ts';
import { landscapeUrl } from './pictures.ts';
import { ScriptedHost } from './scripted-host.ts';

/** Every screen of the window, with a scripted engine: its texts, its roles, a picture in both themes. */
describe('the screens', { concurrency: false }, () => {
  let host: ScriptedHost;
  let window: Window;
  let page: Page;

  before(async () => {
    host = new ScriptedHost();
    furnish(host);
    window = await openWindow(await host.start(), { scale: 1 });
    page = window.page;
  });
  after(async () => {
    await window.close();
    await host.stop();
  });
  afterEach(() => {
    assert.deepEqual(window.complaints, []);
  });

  const idle = (): void => host.say('transfers', { state: 'idle', transfers: [], speedHistory: [] });
  const seen = async (words: string | RegExp): Promise<void> => {
    await page.getByText(words).first().waitFor({ timeout: 5000 });
  };
  /** A click reaches the engine a moment later. */
  const lastAsked = async (name: CommandName, argument: unknown): Promise<void> => {
    for (let tries = 0; tries < 100 && !isDeepStrictEqual(host.asks(name).at(-1), argument); tries++)
      await page.waitForTimeout(20);
    assert.deepEqual(host.asks(name).at(-1), argument);
  };
  const screen = async (name: string): Promise<void> => {
    await page.mouse.move(400, 690);
    await shootChecked(page, name);
  };

  test('no phone, with a way to try Replug', async () => {
    await seen('Connect a phone');
    await screen('no-phone');
    host.answers.startVirtual = () => {
      host.say('devices', { devices: [virtual()] });
      return { device: virtual().key, folder: localPath('/tmp/phone') };
    };
    await page.getByRole('button', { name: 'Try a virtual phone' }).click();
    await page.getByRole('grid', { name: 'Files in Internal storage' }).waitFor();
    assert.equal(host.asks('startVirtual').length, 1);
  });

  test('a virtual phone has a cable to pull', async () => {
    host.answers.plugVirtual = (argument) =>
      host.say('devices', { devices: [virtual(argument.plugged ? { kind: 'ready' } : { kind: 'gone', since: NOW })] });
    await page.getByRole('button', { name: 'Unplug' }).click();
    await seen('Virtual phone is unplugged');
    await screen('unplugged-virtual');
    await page.getByRole('main').getByRole('button', { name: 'Plug in' }).click();
    await page.getByRole('grid').waitFor();
  });

  for (const [name, device, words] of [
    ['opening', phone({ storages: [] }, { kind: 'opening' }), 'Connecting to Pixel 8…'],
    ['locked', phone({ storages: [] }, { kind: 'locked' }), 'Unlock Pixel 8'],
    [
      'held',
      phone({ storages: [] }, { kind: 'held', holder: { program: 'gvfs', pid: 2214, releasable: true } }),
      'gvfs is using Pixel 8',
    ],
    ['held-unknown', phone({ storages: [] }, { kind: 'held', holder: undefined }), 'Another program is using Pixel 8'],
    [
      'held-shared',
      phone(
        { storages: [] },
        { kind: 'held', holder: undefined, fault: { id: 'phone-shared' }, advice: { id: 'phone-shared' } },
      ),
      /such as File Explorer, keeps the phone busy\. Close it or wait/,
    ],
    [
      'forbidden',
      phone(
        { storages: [] },
        {
          kind: 'forbidden',
          advice: UDEV_RULE,
        },
      ),
      'No permission to open Pixel 8',
    ],
    [
      'recovering',
      phone({ storages: [] }, { kind: 'recovering', step: 'open', nextTryAt: undefined }),
      'Pixel 8 is not responding',
    ],
    ['gone', phone({ storages: [] }, { kind: 'gone', since: NOW }), 'Pixel 8 is unplugged'],
  ] as const)
    test(`a phone that is ${name}`, async () => {
      host.say('devices', { devices: [device] });
      await seen(words);
      await screen(`phone-${name}`);
    });

  test('the buttons of a lesson work', async () => {
    host.answers.retryDevice = () => undefined;
    host.answers.releaseDevice = () => ({ released: false });
    host.say('devices', {
      devices: [phone({ storages: [] }, { kind: 'held', holder: { program: 'gvfs', pid: 2214, releasable: true } })],
    });
    await page.getByRole('button', { name: 'Ask it to release' }).click();
    await seen('gvfs did not release the phone. Close it, then check again.');
    await page.getByRole('button', { name: 'Check again' }).click();
    await page.getByRole('button', { name: 'Close this notification' }).click();
    assert.deepEqual(host.asks('retryDevice'), [{ device: phone().key }]);
  });

  test('an unresponsive phone is left alone on request, and tried again on request', async () => {
    const recovering = (step: RecoveryStep, nextTryAt: number | undefined) =>
      host.say('devices', { devices: [phone({ storages: [] }, { kind: 'recovering', step, nextTryAt })] });
    host.asked.length = 0;
    host.answers.restDevice = () => recovering('rest', undefined);
    host.answers.retryDevice = () => recovering('open', Date.now() + 8000);
    recovering('open', Date.now() + 30_000);
    await seen(/Replug keeps trying/);
    await screen('phone-recovering-trying');
    await page.getByRole('button', { name: 'Stop trying' }).click();
    await seen('Stopped trying');
    assert.deepEqual(host.asks('restDevice'), [{ device: phone().key }]);
    assert.equal(await page.getByRole('button', { name: 'Stop trying' }).count(), 0, 'it has stopped');
    assert.equal(await page.getByText(/Replug keeps trying/).count(), 0);
    await page.getByRole('button', { name: 'Try now' }).click();
    await page.getByRole('button', { name: 'Stop trying' }).waitFor();
    assert.deepEqual(host.asks('retryDevice'), [{ device: phone().key }]);
  });

  test('several phones: a choice', async () => {
    host.say('devices', { devices: [] });
    await seen('Connect a phone');
    host.say('devices', {
      devices: [phone({ storages: [] }, { kind: 'locked' }), tablet({ storages: [] }, { kind: 'opening' })],
    });
    await seen('Which phone?');
    await screen('several');
  });

  test('that nothing resumes is said before anything is copied, and only where it is so', async () => {
    const says = page.getByText(/start over after an interruption/);
    host.say('devices', { devices: [phone()] });
    await page.getByRole('grid').waitFor();
    assert.equal(await says.count(), 0);
    host.say('devices', { devices: [phone({ resumableUpload: false, resumableDownload: false })] });
    await seen('Pixel 8 cannot resume here: large files start over after an interruption, in both directions.');
    await screen('no-resume');
    await page.getByRole('button', { name: 'Got it' }).click();
    await says.waitFor({ state: 'detached' });
    host.say('devices', { devices: [phone({ resumableUpload: false })] });
    await seen('Pixel 8 cannot resume what is copied to it: large files start over after an interruption.');
    await page.getByRole('button', { name: 'Got it' }).click();
    await says.waitFor({ state: 'detached' });
    assert.equal(host.asks('upload').length, 0);
  });

  test('a folder as a list, with a slow cable', async () => {
    host.say('devices', { devices: [phone({ linkSpeed: 'high', bestLinkSpeed: 'super' }), tablet()] });
    await page.getByRole('button', { name: /^Internal storage/ }).click();
    await seen(/connected by USB 2/);
    await screen('slow-cable');
    await page.getByRole('button', { name: 'Got it' }).click();
    await page.getByRole('button', { name: 'Downloads' }).first().click();
    await seen('Fahrplan Sommer.pdf');
    await page.getByRole('row', { name: /Fahrplan/ }).click();
    await page.getByRole('row', { name: /podcast/ }).click({ modifiers: ['Control'] });
    await seen('2 selected, 63.0 MB');
    await screen('list');
  });

  test('a folder as a grid, with the phone’s own pictures', async () => {
    host.answers.thumbnail = ({ place }) => ({
      url: place.path.endsWith('.jpg') ? landscapeUrl(place.path) : undefined,
    });
    await page.getByRole('button', { name: 'Camera' }).first().click();
    await page.getByRole('button', { name: 'Grid' }).click();
    await page.locator('.tile img').nth(8).waitFor();
    await page.waitForTimeout(400);
    await screen('grid');
    const wanted = host.asks('thumbnail').length;
    assert.ok(wanted <= 50, `only what is visible: ${wanted} of ${camera(64).length}`);
  });

  test('the inspector', async () => {
    const verification = {
      level: 'sampled',
      bytesCompared: 3_000_000,
      sha256: undefined,
      chunkDigest: undefined,
    } as const;
    host.answers.copies = () => ({
      copies: [item(1, { state: 'done', size: camera(64)[1]?.size ?? 0, outcome: { kind: 'moved', verification } })],
    });
    const large = landscapeUrl('looked at');
    host.answers.preview = () => ({ url: large });
    const name = await page.locator('.tile').nth(1).getAttribute('data-name');
    await page.locator('.tile').nth(1).click();
    await page.keyboard.press('Control+i');
    await page.getByRole('complementary', { name: 'Details' }).waitFor();
    await page.locator(`.inspector-picture img[src="${large}"]`).waitFor();
    assert.deepEqual(host.asks('preview'), [
      { place: { device: phone().key, storage: INTERNAL, path: `/DCIM/Camera/${name}` } },
    ]);
    // a preview that is not a valid image is replaced by the file icon
    host.answers.preview = () => ({ url: 'data:image/jpeg;base64,AAAA' });
    await page.locator('.tile').nth(0).click();
    await page.locator('.inspector-picture svg').waitFor();
    host.answers.preview = () => ({ url: large });
    await page.locator('.tile').nth(1).click();
    await page.locator(`.inspector-picture img[src="${large}"]`).waitFor();
    await seen('Copied and verified by samples');
    await screen('inspector');
    await page.getByRole('button', { name: 'Close the details' }).click();
    await page.getByRole('button', { name: 'List' }).click();
  });

  test('transfers of every kind', async () => {
    host.say('items', {
      transfer: transferId('t1'),
      total: 214,
      offset: 0,
      items: [
        item(40, {
          state: 'done',
          confirmed: 356e6,
          outcome: {
            kind: 'moved',
            verification: { level: 'sampled', bytesCompared: 1, sha256: undefined, chunkDigest: undefined },
          },
        }),
        item(41, { state: 'done', outcome: { kind: 'already-there' } }),
        item(42, { state: 'moving', confirmed: 190e6 }),
        item(43, {
          state: 'failed',
          problem: { kind: 'source-unreadable', operation: 'open', detail: 'EACCES', subject: 'DJI_0043.MP4' },
        }),
        item(44),
        item(45),
      ],
    });
    const counts = transfer().counts;
    host.say('transfers', {
      state: 'running',
      speedHistory: SPEEDS,
      transfers: [
        transfer(),
        transfer({
          id: transferId('t2'),
          title: 'Camera',
          direction: 'download',
          destination: '/home/ann/Pictures',
          state: 'waiting',
          waitingFor: { kind: 'phone' },
          speed: undefined,
          timeLeft: undefined,
          bytesTotal: 9.2e9,
          bytesConfirmed: 4.7e9,
        }),
        transfer({
          id: transferId('t3'),
          title: 'Audiobooks',
          state: 'paused',
          speed: undefined,
          timeLeft: undefined,
          bytesTotal: 2.2e9,
          bytesConfirmed: 0.3e9,
        }),
        transfer({
          id: transferId('t4'),
          title: '3 items',
          state: 'done',
          finishedAt: NOW,
          counts: { ...counts, total: 3, done: 3, moved: { files: 3, folders: 0 } },
          bytesTotal: 9e6,
          bytesConfirmed: 9e6,
          speed: undefined,
        }),
        transfer({
          id: transferId('t5'),
          title: 'Documents',
          state: 'failed',
          finishedAt: NOW,
          counts: { ...counts, total: 41, done: 39, moved: { files: 37, folders: 1 }, skipped: 1, failed: 2 },
          bytesTotal: 91e6,
          bytesConfirmed: 88e6,
          speed: undefined,
        }),
      ],
    });
    await page.getByRole('button', { name: 'Files of Summer 2025' }).click();
    await seen('Copied and verified by samples');
    await screen('transfers');
    await page.getByRole('button', { name: 'Files of Summer 2025' }).click();
    await screen('main');
  });

  test('a transfer whose phone is kept by another program says so, and does not ask to plug it in', async () => {
    host.say('transfers', {
      state: 'paused',
      speedHistory: [],
      transfers: [transfer({ state: 'waiting', waitingFor: { kind: 'phone' }, speed: undefined, timeLeft: undefined })],
    });
    const says = (words: string): Promise<void> =>
      page.locator('.transfer-status').getByText(words).waitFor({ timeout: 5000 });
    const shared = { id: 'phone-shared' } as const;
    host.say('devices', { devices: [phone({ storages: [] }, { kind: 'gone', since: NOW })] });
    await says('Waiting for Pixel 8. Plug it in to resume');
    host.say('devices', {
      devices: [phone({ storages: [] }, { kind: 'held', holder: undefined, fault: shared, advice: shared })],
    });
    await says('Another program on this computer, such as File Explorer, keeps the phone busy.');
    await screen('transfer-held');
    host.say('devices', { devices: [phone({ storages: [] }, { kind: 'recovering', step: 'open', nextTryAt: NOW })] });
    await says('Pixel 8 is not responding');
    host.say('devices', { devices: [phone()] });
    idle();
  });

  test('a question with both sides, answered for all', async () => {
    const asking = item(7, {
      name: 'IMG_20260401.jpg',
      state: 'asking',
      question: {
        id: 'q7' as QuestionId,
        kind: 'conflict',
        source: { name: 'IMG_20260401.jpg', size: 4_100_000, modified: NOW },
        existing: { name: 'IMG_20260401.jpg', size: 3_900_000, modified: NOW - 86_400_000 * 40 },
        existingIsFolder: false,
      },
    });
    host.answers.answer = () => undefined;
    host.answers.localPicture = () => ({ url: landscapeUrl('of the computer') });
    host.say('transfers', {
      state: 'running',
      speedHistory: SPEEDS,
      transfers: [transfer({ questions: [asking], counts: { ...transfer().counts, asking: 4 } })],
    });
    await page.getByRole('dialog', { name: /is already on the phone/ }).waitFor();
    await page.locator('.conflict-side img').nth(1).waitFor();
    assert.deepEqual(host.asks('localPicture'), [{ transfer: 't1', item: 7 }]);
    await screen('question');
    await page.getByLabel('Do the same for the other 3').check();
    await page.getByRole('button', { name: 'Keep both' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    assert.deepEqual(host.asks('answer'), [
      { transfer: 't1', item: 7, question: 'q7', choice: 'keep-both', applyToAll: true },
    ]);
  });

  test('a file that asks another question after its answer shows it', async () => {
    const asks = (id: string, size: number) => {
      const sides = {
        source: { name: 'a.jpg', size: 2, modified: NOW },
        existing: { name: 'a.jpg', size, modified: NOW },
      };
      const question = { id: id as QuestionId, kind: 'conflict', ...sides, existingIsFolder: false } as const;
      const asking = item(9, { name: 'a.jpg', state: 'asking', question });
      const counts = { ...transfer().counts, asking: 2 };
      host.say('transfers', {
        state: 'running',
        speedHistory: SPEEDS,
        transfers: [transfer({ id: transferId('again'), questions: [asking], counts })],
      });
    };
    host.answers.answer = () => undefined;
    asks('first', 5);
    const side = page.getByRole('dialog').locator('.conflict-side').nth(1);
    await side.getByText('5 bytes').waitFor();
    await page.getByRole('button', { name: 'Replace' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    asks('second', 7);
    await side.getByText('7 bytes').waitFor();
    await page.getByRole('button', { name: 'Replace' }).click();
    assert.deepEqual(
      host
        .asks('answer')
        .slice(-2)
        .map((one) => (one as { question: string }).question),
      ['first', 'second'],
    );
    host.say('transfers', { state: 'idle', speedHistory: [], transfers: [] });
  });

  test('cards that nothing tells apart: the one that is named is the one that was meant', async () => {
    const [card, one, other] = ['', '#?1', '#?2'].map((place) => `4|SD card|64000000000${place}`) as StorageKey[];
    assert.ok(card !== undefined && one !== undefined && other !== undefined);
    const candidate = { removable: true, readOnly: false, capacity: 64e9, free: 1e9 };
    host.answers.identifyStorage = () => undefined;
    host.say('devices', {
      devices: [phone()],
      storageQuestions: [
        {
          device: phone().key,
          name: 'Pixel 8',
          storage: card,
          storageName: 'SD card',
          candidates: [
            { ...candidate, key: one, name: 'SD card' },
            { ...candidate, key: other, name: 'SD card 2', free: 2e9 },
          ],
          transfers: ['film.mp4'],
          pairs: ['Music'],
        },
      ],
    });
    await page.getByRole('region', { name: 'Which storage is this?' }).waitFor();
    await screen('question-storage');
    await page.getByRole('button', { name: /SD card 2 · 2.00 GB free/ }).click();
    await page.getByRole('button', { name: 'None of these' }).click();
    const about = { device: phone().key, storage: card };
    assert.deepEqual(host.asks('identifyStorage'), [{ ...about, as: other }, about]);
    host.say('devices', { devices: [phone()] });
    await page.getByRole('region', { name: 'Which storage is this?' }).waitFor({ state: 'detached' });
  });

  test('a name the phone cannot hold', async () => {
    const asking = item(8, {
      state: 'asking',
      question: { id: 'q8' as QuestionId, kind: 'name', name: 'Plan: A/B?.txt', legal: 'Plan_ A_B_.txt' },
    });
    host.say('transfers', {
      state: 'running',
      speedHistory: [],
      transfers: [transfer({ id: transferId('t9'), questions: [asking], counts: { ...transfer().counts, asking: 1 } })],
    });
    await page.getByRole('dialog', { name: 'The phone cannot store this name' }).waitFor();
    await screen('question-name');
    await page.keyboard.press('Escape');
    // After the question is closed, the transfer has a button for it.
    await page.getByRole('button', { name: 'Answer…' }).waitFor();
    idle();
  });

  test('a source that was moved can be located', async () => {
    host.say('transfers', {
      state: 'running',
      speedHistory: [],
      transfers: [
        transfer({
          id: transferId('t20'),
          title: 'Trip',
          state: 'waiting',
          waitingFor: { kind: 'source' },
          speed: undefined,
          timeLeft: undefined,
        }),
      ],
    });
    host.answers.listLocal = ({ path }) => ({ path: path ?? localPath('/home/ann'), parent: undefined, entries: [] });
    host.answers.locate = () => ({ found: 3, missing: ['a.jpg'] });
    await seen('The source file is not where it was');
    await page.getByRole('button', { name: 'Locate…' }).click();
    await page.getByRole('dialog', { name: 'Where are the files now?' }).waitFor();
    await screen('locate');
    await page.getByRole('button', { name: 'Search here' }).click();
    await seen('Found 3 files; 1 file is still missing.');
    assert.deepEqual(host.asks('locate'), [{ transfer: 't20', path: '/home/ann/Downloads' }]);
  });

  test('the queue is reordered by keyboard and by dragging', async () => {
    const waiting = (id: string, title: string) =>
      transfer({ id: transferId(id), title, state: 'queued', speed: undefined, timeLeft: undefined });
    host.answers.reorder = () => undefined;
    host.say('transfers', {
      state: 'running',
      speedHistory: [],
      transfers: [waiting('r1', 'First'), waiting('r2', 'Second'), waiting('r3', 'Third')],
    });
    await page.getByRole('button', { name: 'Files of First' }).focus();
    await page.keyboard.press('Alt+ArrowDown');
    await page.getByRole('button', { name: 'Files of Third' }).focus();
    await page.keyboard.press('Alt+ArrowUp');
    await page.getByText('Third', { exact: true }).hover();
    await page.mouse.down();
    const first = await page.getByText('First', { exact: true }).boundingBox();
    await page.mouse.move((first?.x ?? 0) + 10, (first?.y ?? 0) + 4, { steps: 6 });
    await page.locator('[data-before]').waitFor();
    await page.mouse.up();
    await page.waitForTimeout(200);
    assert.deepEqual(host.asks('reorder'), [
      { transfer: 'r1', before: 'r3' },
      { transfer: 'r3', before: 'r2' },
      { transfer: 'r3', before: 'r1' },
    ]);
    idle();
  });

  test('deleting asks first, with count and size', async () => {
    host.answers.delete = () => ({ deleted: 4 });
    await page.getByRole('button', { name: 'Downloads' }).first().click();
    await page.getByRole('row', { name: /Invoices/ }).click();
    const count = Promise.withResolvers<unknown>();
    host.answers.measure = () => count.promise;
    await page.keyboard.press('Delete');
    const button = page.getByRole('dialog').getByRole('button', { name: 'Delete' });
    await button.waitFor();
    assert.ok(await button.isDisabled(), 'nothing goes that was not counted');
    count.resolve({ files: 3, folders: 1, bytes: 123_456_789, agreement: 'as counted' });
    await seen('3 files in 1 folder, 123 MB.');
    await screen('delete');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Cancel', 'Enter must not delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await seen('Deleted “Invoices”');
    const [asked] = host.asks('delete') as readonly { readonly agreement?: string }[];
    assert.deepEqual([host.asks('delete').length, asked?.agreement], [1, 'as counted']);
  });

  test('settings, kept by the engine', async () => {
    await page.getByRole('button', { name: 'Settings' }).click();
    await screen('settings');
    await page.getByLabel('Verify').selectOption('full');
    await lastAsked('setSettings', { verify: 'full' });
    await page.getByLabel('Notifications').click();
    await lastAsked('setSettings', { notifications: false });
    await seen('41.3 MB. They are loaded from the phone again after clearing.');
    host.answers.clearPictures = () => {
      host.answers.keptPictures = () => ({ bytes: 0 });
    };
    await page.getByRole('button', { name: 'Clear', exact: true }).first().click();
    await seen('0 bytes. They are loaded from the phone again after clearing.');
    assert.equal(await page.getByRole('button', { name: 'Clear', exact: true }).first().isDisabled(), true);
    await page.keyboard.press('Escape');
  });

  test('the history', async () => {
    const counts = transfer().counts;
    host.answers.history = () => ({
      total: 3,
      transfers: [
        transfer({
          id: transferId('h1'),
          title: 'Summer 2025',
          state: 'done',
          finishedAt: Date.now() - 240_000,
          counts: { ...counts, total: 214, done: 214, moved: { files: 205, folders: 5 }, skipped: 4 },
          bytesConfirmed: 6.12e9,
        }),
        transfer({
          id: transferId('h2'),
          title: 'Camera',
          direction: 'download',
          destination: '/home/ann/Pictures',
          state: 'failed',
          finishedAt: Date.now() - 7_200_000,
          counts: { ...counts, total: 90, done: 89, moved: { files: 88, folders: 1 }, failed: 1 },
          bytesTotal: 2.2e9,
          bytesConfirmed: 2.1e9,
        }),
        transfer({
          id: transferId('h3'),
          title: 'notes.txt',
          state: 'cancelled',
          finishedAt: NOW,
          counts: { ...counts, total: 1, done: 0, moved: { files: 0, folders: 0 }, cancelled: 1 },
          bytesTotal: 120,
          bytesConfirmed: 0,
        }),
      ],
    });
    await page.getByRole('button', { name: 'History' }).click();
    await seen('205 files in 5 folders copied · 4 skipped · 6.12 GB · verified by samples');
    await screen('history');
  });

  test('the report', async () => {
    host.answers.report = ({ format }) => ({
      text: format === 'csv' ? 'name,size\n' : '[]',
      lines: [
        { name: 'Lofoten', kind: 'folder', size: 0, result: 'moved', sha256: undefined, verified: 'size' },
        {
          name: 'Lofoten/DJI_0040.MP4',
          kind: 'file',
          size: 356e6,
          result: 'moved',
          sha256: 'ab',
          verified: 'sampled',
        },
        {
          name: 'Lofoten/DJI_0041.MP4',
          kind: 'file',
          size: 357e6,
          result: 'already-there',
          sha256: undefined,
          verified: undefined,
        },
        {
          name: 'Lofoten/DJI_0042.MP4',
          kind: 'file',
          size: 12e6,
          result: 'skipped',
          why: 'you chose to skip it',
          sha256: undefined,
          verified: undefined,
        },
        {
          name: 'Lofoten/DJI_0043.MP4',
          kind: 'file',
          size: 358e6,
          result: 'failed',
          problem: { kind: 'source-unreadable', operation: 'open', detail: 'EACCES', subject: 'DJI_0043.MP4' },
          sha256: undefined,
          verified: undefined,
        },
      ],
    });
    await page.getByRole('button', { name: 'Report' }).first().click();
    await seen('1 file in 1 folder copied, 1 already there, 1 skipped, 1 failed · 1 verified');
    await screen('report');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export as CSV' }).click();
    assert.equal((await download).suggestedFilename(), 'Replug report Summer 2025.csv');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Files' }).click();
  });

  test('the shortcuts', async () => {
    await page.keyboard.press('F1');
    await seen('Keyboard shortcuts');
    await screen('shortcuts');
    await page.keyboard.press('Escape');
  });

  test('saving to a folder of the computer', async () => {
    host.answers.listLocal = ({ path }) => ({
      path: path ?? localPath('/home/ann'),
      parent: localPath('/home'),
      entries: ['Desktop', 'Documents', 'Downloads', 'Music', 'Pictures', 'Videos'].map((name) => ({
        path: localPath(`/home/ann/${name}`),
        name,
        kind: 'folder',
        size: 0,
        modified: NOW,
      })),
    });
    host.answers.download = () => ({ transfer: transferId('d1') });
    await page.getByRole('row', { name: /Fahrplan/ }).click();
    await page.keyboard.press('Control+s');
    await page.getByRole('button', { name: 'Pictures' }).waitFor();
    await screen('save-to');
    await page.getByRole('dialog').getByRole('button', { name: 'Pictures' }).click();
    await page.getByRole('button', { name: 'Save here' }).click();
    await page.waitForFunction(() => document.querySelector('[role=dialog]') === null);
    assert.deepEqual((host.asks('download')[0] as { to: string }).to, '/home/ann/Pictures');
  });

  test('a folder that cannot be listed shows why', async () => {
    await page.getByRole('button', { name: 'WhatsApp media' }).first().click();
    await seen(/is not on the phone/);
    await screen('folder-missing');
    await page.getByRole('button', { name: 'Back', exact: true }).click();
  });

  test('a listing can be stopped; entries received so far stay', async () => {
    let ended = 0;
    host.onFolder = ({ place }, tell) => {
      const entries = camera(20);
      tell({ place, reset: true, entries, state: 'listing', expected: 900, unreadable: 0, problem: undefined });
      return () => ended++;
    };
    await page.getByRole('button', { name: 'Camera' }).first().click();
    await seen('Listing… 20 of 900');
    await page.getByRole('button', { name: 'Stop' }).click();
    await seen('20 items, not all listed');
    await page.getByRole('row', { name: /IMG_/ }).first().waitFor();
    assert.equal(ended, 1, 'the engine was told to stop');
    host.onFolder = undefined;
  });

  test('the host disconnects and reconnects', async () => {
    const { port } = host;
    const folders = host.folders;
    await host.stop();
    await seen('Replug’s engine is not responding');
    await screen('engine-lost');
    host = new ScriptedHost();
    for (const [path, entries] of folders) host.folders.set(path, entries);
    host.say('devices', { devices: [phone()] });
    // A new host has a new token, so the old page stays locked out; its message says that.
    await host.start(port);
    await page.waitForTimeout(300);
    await seen(/open the address it printed/);
  });
});
