import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Snapshots } from '../../shared/contract.ts';
import { localPath } from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import { readPhoneReport } from '../../shared/phone-report.ts';
import { NO_COPIES, type ComparedCopy } from '../../shared/verify.ts';
import { shootChecked } from './axe.ts';
import { openWindow, type Window } from './browser.ts';
import { NOW, furnish, phone } from './material.ts';
import { startRealHost, type RealHost } from './real-host.ts';
import { ScriptedHost } from './scripted-host.ts';

/** *Verify copies…* and *Report this phone…*: by mouse and by keyboard, and with a phone that goes away. */

type Told = Snapshots['verification'];

const missing = (name: string): ComparedCopy => ({
  path: name,
  kind: 'file',
  state: 'missing-here',
  phone: { size: 2_400_000, modified: NOW },
});
const progress = (more: Partial<Told['progress']>): Told['progress'] => ({
  phase: 'comparing',
  files: 12,
  filesTotal: 64,
  bytes: 20e6,
  bytesTotal: 100e6,
  current: 'IMG_1.jpg',
  counts: NO_COPIES,
  ...more,
});

describe('copies are verified and a phone is reported, with what a test tells', { concurrency: false }, () => {
  let host: ScriptedHost;
  let window: Window;
  let page: Page;

  before(async () => {
    host = new ScriptedHost();
    furnish(host);
    host.say('devices', { devices: [phone()] });
    host.answers.listLocal = ({ path: wanted }) => ({
      path: wanted ?? localPath('/home/ann'),
      parent: localPath('/home'),
      entries: [{ path: localPath('/home/ann/Photos'), name: 'Photos', kind: 'folder', size: 0, modified: NOW }],
    });
    host.answers.stopVerification = () => undefined;
    window = await openWindow(await host.start());
    page = window.page;
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  });
  after(async () => {
    await window.close();
    await host.stop();
  });
  afterEach(() => {
    assert.deepEqual(window.complaints, []);
  });

  const dialog = () => page.getByRole('dialog').first();
  const status = (words: string | RegExp) => dialog().getByRole('status').filter({ hasText: words }).waitFor();
  const clipboard = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
  const screen = async (name: string): Promise<void> => {
    await page.mouse.move(5, 5);
    await shootChecked(page, name);
  };
  const openFor = async (name: string): Promise<void> => {
    await page.locator(`.list-row[data-name="${name}"]`).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Verify copies…' }).click();
    await page.getByRole('dialog', { name: `Verify copies of “${name}”` }).waitFor();
  };

  test('the folder is chosen and how closely, by keyboard', async () => {
    await page.locator('.list-row[data-name="DCIM"]').click();
    await page.keyboard.press('Shift+F10');
    const item = page.getByRole('menuitem', { name: 'Verify copies…' });
    await item.waitFor();
    while (!(await item.evaluate((one) => one === document.activeElement))) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Verify copies of “DCIM”' }).waitFor();
    assert.equal(await dialog().getByRole('button', { name: 'Compare', exact: true }).isDisabled(), true);
    await dialog().getByText('Which folder is the copy of “DCIM”?').waitFor();
    await screen('verify-ask');
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), 'Choose…');
    await page.keyboard.press('Enter');
    const pick = page.getByRole('dialog', { name: 'Which folder is the copy of “DCIM”?' });
    await pick.getByRole('button', { name: 'Photos' }).click();
    await pick.getByRole('textbox').waitFor();
    await pick.getByRole('button', { name: 'Use this folder' }).click();
    await pick.waitFor({ state: 'detached' });
    await dialog().getByText('/home/ann/Photos').waitFor();
    await dialog().getByRole('combobox', { name: 'How closely' }).selectOption('full');
    await dialog().getByRole('button', { name: 'Compare', exact: true }).click();
    await status('Listing both sides…');
  });

  test('how far it is, that it waits for the phone, what differs so far', async () => {
    host.say('verification', { ...host.verification, progress: progress({}), copies: [missing('IMG_0.jpg')] });
    await status('Compared 12 of 64 files.');
    assert.equal(await dialog().getByRole('progressbar').getAttribute('aria-valuenow'), '20');
    await dialog().getByText('IMG_1.jpg').waitFor();
    await screen('verify-comparing');
    host.say('verification', { ...host.verification, progress: progress({ phase: 'away' }) });
    await status(/^Waiting for the phone\. Plug it in/);
    await screen('verify-away');
  });

  test('closed, it goes on, and tells its end; the list is there again', async () => {
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    // another folder is not compared meanwhile: the one that is under way is shown
    await page.locator('.list-row[data-name="Music"]').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Verify copies…' }).click();
    await page.getByRole('dialog', { name: 'Verify copies of “DCIM”' }).waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    const counts = { ...NO_COPIES, states: { ...NO_COPIES.states, same: 61, content: 1, 'missing-here': 2 } };
    host.say('verification', {
      progress: progress({ files: 62, counts }),
      copies: [
        { path: 'a/b.jpg', kind: 'file', state: 'content', at: 65536 },
        missing('IMG_0.jpg'),
        missing('IMG_2.jpg'),
      ],
      result: { ended: 'done', counts, hint: undefined },
      problem: undefined,
    });
    await page.locator('.notice').getByText('the same: 61, different: 1, missing on this computer: 2').waitFor();
    await page.locator('.notice').getByRole('button', { name: 'Show' }).click();
    await status('the same: 61, different: 1');
    assert.deepEqual(await dialog().getByRole('region', { name: 'Differences' }).locator('li').allInnerTexts(), [
      'a/b.jpg\ncontents differ',
      'IMG_0.jpg\nmissing on this computer',
      'IMG_2.jpg\nmissing on this computer',
    ]);
    await screen('verify-different');
    await dialog().getByRole('button', { name: 'Copy as text' }).click();
    await dialog().getByRole('button', { name: 'Copied' }).waitFor();
    assert.equal(
      await clipboard(),
      [
        'On this computer: /home/ann/Photos',
        'On the phone: /DCIM',
        'the same: 61, different: 1, missing on this computer: 2',
        '',
        'a/b.jpg: contents differ',
        'IMG_0.jpg: missing on this computer',
        'IMG_2.jpg: missing on this computer',
        '',
      ]
        .join('\n')
        .replaceAll(/[\u2066-\u2069]/gu, ''),
    );
  });

  test('again, with what was chosen; stopped; all the same; not possible', async () => {
    host.verification = { progress: progress({ phase: 'listing' }), copies: [], result: undefined, problem: undefined };
    await dialog().getByRole('button', { name: 'Compare again' }).click();
    await dialog().getByText('/home/ann/Photos').waitFor();
    await dialog().getByRole('button', { name: 'Compare', exact: true }).click();
    await status('Listing both sides…');
    await dialog().getByRole('button', { name: 'Stop' }).click();
    await page.waitForFunction(() => true);
    for (let tries = 0; tries < 100 && host.asks('stopVerification').length === 0; tries++)
      await page.waitForTimeout(20);
    assert.equal(host.asks('stopVerification').length, 1);
    const some = { ...NO_COPIES, states: { ...NO_COPIES.states, same: 12 } };
    host.say('verification', {
      progress: progress({ counts: some }),
      copies: [],
      result: { ended: 'stopped', counts: some, hint: undefined },
      problem: undefined,
    });
    await status('Stopped before everything was compared. the same: 12');
    const all = { ...NO_COPIES, states: { ...NO_COPIES.states, same: 64 } };
    host.verification = {
      progress: progress({ counts: all }),
      copies: [],
      result: { ended: 'done', counts: all, hint: undefined },
      problem: undefined,
    };
    await dialog().getByRole('button', { name: 'Compare again' }).click();
    await dialog().getByRole('button', { name: 'Compare', exact: true }).click();
    await status('All 64 files are the same on both sides.');
    await screen('verify-same');
    host.verification = {
      progress: progress({ phase: 'listing' }),
      copies: [],
      result: undefined,
      problem: { kind: 'source-missing', operation: 'verify', detail: '', subject: '/home/ann/Photos' },
    };
    await dialog().getByRole('button', { name: 'Compare again' }).click();
    await dialog().getByRole('button', { name: 'Compare', exact: true }).click();
    await status('/home/ann/Photos');
    await screen('verify-problem');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  });

  test('a window that is loaded again has its comparison, and is told its end once', async () => {
    host.verification = { ...host.verification, progress: progress({}), result: undefined, problem: undefined };
    await openFor('DCIM');
    await dialog().getByRole('button', { name: 'Compare again' }).click();
    await dialog().getByRole('button', { name: 'Compare', exact: true }).click();
    await status('Compared 12 of 64 files.');
    const [asked] = host.watched('verification');
    await page.reload();
    await page.locator('.list-row[data-name="DCIM"]').waitFor();
    for (let tries = 0; tries < 100 && host.watched('verification').length === 0; tries++)
      await page.waitForTimeout(20);
    assert.deepEqual(host.watched('verification'), [{ ...(asked as object), join: true }]);
    const all = { ...NO_COPIES, states: { ...NO_COPIES.states, same: 64 } };
    host.say('verification', {
      progress: progress({ counts: all }),
      copies: [],
      result: { ended: 'done', counts: all, hint: undefined },
      problem: undefined,
    });
    await page.locator('.notice').getByText('the same: 64').waitFor();
    for (let tries = 0; tries < 100 && JSON.stringify(host.watched('verification')).includes('500'); tries++)
      await page.waitForTimeout(20);
    assert.deepEqual(
      host.watched('verification'),
      [{ ...(asked as object), most: 0, join: true }],
      'nothing begins anew',
    );
    await page.reload();
    await page.locator('.list-row[data-name="DCIM"]').waitFor();
    await openFor('DCIM');
    await status('All 64 files are the same on both sides.');
    assert.equal(await page.locator('.notice').count(), 0);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  });

  test('the copy that Replug made last is offered', async () => {
    host.answers.copies = () => ({ copies: [{ local: localPath('/home/ann/Backup/Music') }] });
    await openFor('Music');
    await dialog().getByText('/home/ann/Backup/Music').waitFor();
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
    delete host.answers.copies;
  });

  test('a report is shown whole before it is saved', async () => {
    const text = '{\n  "format": 1\n}\n';
    let answer: ((reply: unknown) => void) | undefined;
    host.answers.phoneReport = () => new Promise((resolve) => (answer = resolve));
    await page.locator('.sidebar').getByText('Pixel 8').first().click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Report this phone…' }).click();
    await status(/^Asking the phone/);
    await screen('report-asking');
    while (answer === undefined) await page.waitForTimeout(20);
    answer({ text, name: 'replug-report-pixel-8.json', complete: false });
    await status(/^The phone stopped answering/);
    assert.equal(await dialog().getByRole('region', { name: 'The report' }).textContent(), text);
    await screen('report-shown');
    const [saved] = await Promise.all([
      page.waitForEvent('download'),
      dialog().getByRole('button', { name: 'Save' }).click(),
    ]);
    assert.equal(saved.suggestedFilename(), 'replug-report-pixel-8.json');
    assert.equal(fs.readFileSync(await saved.path(), 'utf8'), text);
    assert.deepEqual(host.asks('phoneReport'), [{ device: phone().key }]);
    // it may be asked again, and may be refused
    host.answers.phoneReport = () => {
      throw fail('bad-request', 'lend', '', { fault: { id: 'phone-moving' }, advice: { id: 'pause-first' } });
    };
    await dialog().getByRole('button', { name: 'Ask again' }).click();
    await dialog().getByRole('alert').getByText('Files are being copied to or from this phone. Pause').waitFor();
    await screen('report-refused');
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  });

  test('from the menu of the toolbar too', async () => {
    host.answers.phoneReport = () => ({ text: '{}\n', name: 'replug-report.json', complete: true });
    await page.locator('button:has(.lucide-ellipsis)').first().click();
    await page.getByRole('menuitem', { name: 'Report this phone…' }).click();
    await dialog().getByRole('region', { name: 'The report' }).waitFor();
    assert.equal(await dialog().getByText('No phone is plugged in').count(), 0);
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  });
});

describe('copies are verified and a phone is reported, end to end', { concurrency: false }, () => {
  let host: RealHost;
  let window: Window;
  let page: Page;

  before(async () => {
    host = await startRealHost({
      phone: ['name=Pixel 8'],
      furnish: (folder) => {
        fs.mkdirSync(path.join(folder, 'DCIM'));
        for (const name of ['a.jpg', 'b.jpg', 'c.jpg']) fs.writeFileSync(path.join(folder, 'DCIM', name), name);
      },
    });
    fs.mkdirSync(path.join(host.local, 'Copy'));
    for (const name of ['a.jpg', 'b.jpg']) fs.writeFileSync(path.join(host.local, 'Copy', name), name);
    fs.writeFileSync(path.join(host.local, 'Copy', 'b.jpg'), 'B.JPG');
    window = await openWindow(host.url);
    page = window.page;
  });
  after(async () => {
    await window.close();
    await host.stop();
  });

  test('the difference of a byte is found, nothing is changed', { timeout: 60_000 }, async () => {
    await page.locator('.list-row[data-name="DCIM"]').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Verify copies…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Verify copies of “DCIM”' });
    await dialog.getByRole('button', { name: 'Choose…' }).click();
    const pick = page.getByRole('dialog', { name: 'Which folder is the copy of “DCIM”?' });
    const typed = pick.getByRole('textbox');
    await typed.fill(path.join(host.local, 'Copy'));
    await typed.press('Enter');
    await pick.getByText('No folders here.').waitFor();
    await pick.getByRole('button', { name: 'Use this folder' }).click();
    await dialog.getByRole('combobox').selectOption('full');
    await dialog.getByRole('button', { name: 'Compare', exact: true }).click();
    await dialog.getByText('the same: 1, different: 1, missing on this computer: 1').waitFor();
    assert.deepEqual(await dialog.locator('.report li').allInnerTexts(), [
      'b.jpg\ncontents differ',
      'c.jpg\nmissing on this computer',
    ]);
    assert.deepEqual(fs.readdirSync(path.join(host.local, 'Copy')).sort(), ['a.jpg', 'b.jpg']);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  });

  test('the report names no file and can be read, and the phone is back afterwards', { timeout: 60_000 }, async () => {
    await page.locator('.sidebar').getByText('Pixel 8').first().click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Report this phone…' }).click();
    const dialog = page.getByRole('dialog');
    const shown = dialog.getByRole('region', { name: 'The report' });
    await shown.waitFor({ timeout: 20_000 });
    const text = (await shown.textContent()) ?? '';
    const report = readPhoneReport(text);
    assert.equal(report.phones.length, 1);
    assert.equal(report.phones[0]?.problem, undefined);
    assert.ok((report.phones[0]?.transactions.length ?? 0) > 3);
    assert.ok(!text.includes('a.jpg') && !text.includes('DCIM'), text);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('row', { name: /^DCIM/ }).waitFor({ timeout: 20_000 });
  });
});
