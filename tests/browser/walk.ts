import type { Page } from 'playwright-core';
import { localPath, phonePath, transferId, type DeviceState } from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import type { CopyId, CopyView, LookSnapshot } from '../../shared/opening.ts';
import type { Question, QuestionId } from '../../shared/snapshots.ts';
import { NO_COPIES } from '../../shared/verify.ts';
import { LANGUAGE_NAMES } from '../../shared/words/languages.ts';
import {
  awayCatalogue,
  catalogueOf,
  everything,
  namesIn,
  scriptCatalogue,
  scriptSearch,
} from './catalogue-material.ts';
import {
  INTERNAL,
  NOW,
  SPEEDS,
  UDEV_RULE,
  UDEV_RULE_FOR_ALL,
  item,
  phone,
  tablet,
  transfer,
  virtual,
} from './material.ts';
import { servedFrom, wav } from './media.ts';
import { photoShots, scriptPhotos, snapshotOf } from './photo-material.ts';
import type { ScriptedHost } from './scripted-host.ts';
import { pairs, scriptSync } from './sync-material.ts';

/** A way through every screen of the window that reads no word, for tests in all languages. */

/** Names and other data of these tests, and what has no language. */
const DATA =
  /Pixel 8|Galaxy Tab S9|SD card|Tablet|Internal storage|Virtual phone|Replug|Summer 2025|Lofoten|Camera|gvfs|sudo udevadm control --reload|SUBSYSTEM[^~]*|DCIM|kind:photo|size>100MB|date:2025-06|in:DCIM|lineage|Nordlicht|Svalbard|DJI_|IMG_|VID_|USB|\.[a-z0-9]{2,4}\b|\/[A-Za-z]+|MB|GB|AM|PM/gu;
const DATES =
  /\b(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*)\b/gu;

/** Words that no message of the pseudo language said: those are in brackets and have accents. */
export function isPlainEnglish(words: string): boolean {
  if (/~/u.test(words)) return false;
  return /[a-z]{3}/iu.test(words.replace(DATA, '').replace(DATES, '')) && !NAMES.has(words);
}
const NAMES = new Set<string>(Object.values(LANGUAGE_NAMES));

/** Shows every screen and dialog in turn, and calls `screen` at each. Nothing is found by its words. */
export async function walk(page: Page, host: ScriptedHost, screen: (name: string) => Promise<void>): Promise<void> {
  for (const entries of host.folders.values()) for (const { name } of entries) NAMES.add(name);
  for (const name of namesIn()) NAMES.add(name);
  const dialog = page.getByRole('dialog');
  const leave = async (): Promise<void> => {
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  };
  await page.locator('.lesson').first().waitFor();
  await screen('no-phone');
  host.answers.firstChecks = () => ({
    found: [
      { kind: 'no-rule', advice: UDEV_RULE_FOR_ALL },
      { kind: 'takes-phones', program: 'gvfs', releasable: true },
      { kind: 'takes-phones', program: 'Replug', releasable: false },
    ],
  });
  await page.evaluate(() => {
    globalThis.dispatchEvent(new Event('focus'));
  });
  await page.locator('.lesson-checks').waitFor();
  await screen('first-checks');
  delete host.answers.firstChecks;
  // at 200 % the places are behind a button
  const places = async (): Promise<void> => {
    const menu = page.locator('.toolbar-menu button');
    if ((await menu.isVisible()) && (await page.locator('button:has(.lucide-folder-sync)').isHidden()))
      await menu.click();
    await page.locator('button:has(.lucide-folder-sync)').waitFor();
  };

  const states: readonly (readonly [string, DeviceState])[] = [
    ['opening', { kind: 'opening' }],
    ['locked', { kind: 'locked' }],
    ['held', { kind: 'held', holder: { program: 'gvfs', pid: 2214, releasable: true } }],
    ['held-unknown', { kind: 'held', holder: undefined }],
    ['forbidden', { kind: 'forbidden', advice: UDEV_RULE }],
    ['recovering', { kind: 'recovering', step: 'ask', nextTryAt: NOW }],
    ['gone', { kind: 'gone', since: NOW }],
  ];
  for (const [name, state] of states) {
    host.say('devices', { devices: [phone({ storages: [] }, state)] });
    await page.waitForTimeout(50);
    await screen(name);
  }
  host.say('devices', { devices: [phone({ linkSpeed: 'high', bestLinkSpeed: 'super' }), tablet()] });
  await page.waitForTimeout(50);
  await screen('several-phones');

  host.say('devices', { devices: [virtual()] });
  await page.getByRole('grid').waitFor();
  await screen('virtual');
  host.say('devices', { devices: [virtual({ kind: 'gone', since: NOW })] });
  await page.waitForTimeout(50);
  await screen('virtual-unplugged');
  host.say('devices', {
    devices: [phone({ linkSpeed: 'high', bestLinkSpeed: 'super' })],
    questions: [
      {
        device: phone().key,
        name: 'Pixel 8',
        candidates: [
          {
            key: tablet().key,
            name: 'Galaxy Tab S9',
            maker: 'Google',
            storages: ['Internal storage', 'SD card'],
            lastSeen: NOW,
            transfers: ['a.zip', 'b.zip', 'c.zip', 'd.zip'],
            pairs: ['IMG_'],
          },
        ],
      },
    ],
  });
  await page.locator('.identity').waitFor();
  await screen('identity-question');
  host.say('devices', { devices: [phone({ linkSpeed: 'high', bestLinkSpeed: 'super' })] });
  await page.getByRole('grid').waitFor();
  await screen('list-slow-cable');
  await places();
  await screen('places');
  await page.locator('.storage-row').first().click();
  for (const name of ['DCIM', 'Camera']) await page.getByRole('row').filter({ hasText: name }).first().dblclick();
  await page.getByRole('row').filter({ hasText: 'IMG_' }).first().waitFor();
  await screen('deep-folder');
  await page.keyboard.press('Control+2');
  await page.locator('.tile').first().click();
  await page.keyboard.press('Control+i');
  await page.locator('.inspector').waitFor();
  await screen('grid-details');
  await page.keyboard.press('Control+i');
  await page.keyboard.press('Control+1');
  await menus(page, host, screen);
  await looks(page, host, screen);
  await searches(page, host, screen);
  await places();
  await spaces(page, host, screen);

  const counts = transfer().counts;
  host.say('items', {
    transfer: transferId('t1'),
    total: 4,
    offset: 0,
    items: [
      item(41, { state: 'done', outcome: { kind: 'already-there' } }),
      item(42, { state: 'moving', confirmed: 190e6 }),
      item(43, {
        state: 'failed',
        problem: { kind: 'source-unreadable', operation: 'open', detail: 'EACCES', subject: 'DJI_0043.MP4' },
      }),
      item(44),
    ],
  });
  const waiting = (id: string, waitingFor: NonNullable<ReturnType<typeof transfer>['waitingFor']>) =>
    transfer({
      id: transferId(id),
      title: `${id}.bin`,
      state: 'waiting',
      waitingFor,
      speed: undefined,
      timeLeft: undefined,
    });
  host.say('transfers', {
    state: 'running',
    speedHistory: SPEEDS,
    transfers: [
      transfer(),
      waiting('t2', { kind: 'space', needed: 3.2e9, free: 1.1e9, where: 'phone' }),
      waiting('t3', { kind: 'phone' }),
      transfer({ id: transferId('t4'), title: 't4.bin', state: 'paused', speed: undefined, timeLeft: undefined }),
      transfer({ id: transferId('t5'), title: 't5.bin', state: 'done', finishedAt: NOW }),
      transfer({
        id: transferId('t6'),
        title: 't6.bin',
        state: 'failed',
        finishedAt: NOW,
        counts: { ...counts, failed: 3 },
      }),
    ],
  });
  await page.locator('.transfer-line').first().waitFor();
  await screen('transfers');
  await page.locator('.transfer-line .open-items').first().click();
  await screen('items');

  const ask = async (name: string, question: Question, more: Parameters<typeof transfer>[0] = {}): Promise<void> => {
    const asking = item(7, {
      name: 'IMG_20260401.jpg',
      state: 'asking',
      question: { ...question, id: name as QuestionId },
    });
    host.say('transfers', {
      state: 'running',
      speedHistory: SPEEDS,
      transfers: [transfer({ id: transferId(name), counts: { ...counts, asking: 4 }, questions: [asking], ...more })],
    });
    await dialog.waitFor();
    await screen(name);
    await leave();
    host.say('transfers', { state: 'idle', speedHistory: [], transfers: [] });
    await page.waitForTimeout(50);
  };
  const conflict = {
    kind: 'conflict',
    source: { name: 'IMG_20260401.jpg', size: 4_100_000, modified: NOW },
    existing: { name: 'IMG_20260401.jpg', size: 3_900_000, modified: NOW - 86_400_000 * 40 },
    existingIsFolder: false,
  } as const;
  await ask('question', conflict);
  await ask('question-folder', { ...conflict, existingIsFolder: true });
  await ask('question-download', conflict, { direction: 'download' });
  const name = { kind: 'name', name: 'IMG_: A/B?.txt', legal: 'IMG_ A_B_.txt' } as const;
  await ask('question-name', name);
  await ask('question-name-download', name, { direction: 'download' });

  for (const [name, keys] of [
    ['settings', 'Control+,'],
    ['shortcuts', 'F1'],
  ] as const) {
    await page.keyboard.press(keys);
    await dialog.waitFor();
    await screen(name);
    await leave();
  }
  host.answers.listLocal = ({ path }) => ({
    path: path ?? localPath('/home/ann'),
    parent: localPath('/home'),
    entries: [],
  });
  for (const [name, keys] of [
    ['save-to', 'Control+s'],
    ['delete', 'Delete'],
  ] as const) {
    await page.getByRole('row').filter({ hasText: 'IMG_' }).first().click();
    await page.keyboard.press(keys);
    await dialog.waitFor();
    await screen(name);
    await leave();
  }
  await verifies(page, host, screen);
  host.answers.history = () => ({
    total: 2,
    transfers: [
      transfer({ id: transferId('h1'), state: 'done', finishedAt: NOW, counts: { ...counts, done: 214, skipped: 4 } }),
      transfer({
        id: transferId('h2'),
        direction: 'download',
        state: 'failed',
        finishedAt: NOW,
        counts: { ...counts, failed: 1 },
      }),
    ],
  });
  await page.keyboard.press('Control+y');
  await page.locator('.history').first().waitFor();
  await screen('history');

  host.answers.report = () => ({
    text: '',
    lines: [
      { name: 'Lofoten', kind: 'folder', size: 0, result: 'moved', ...UNVERIFIED },
      { name: 'DJI_0040.MP4', kind: 'file', size: 356e6, result: 'moved', ...UNVERIFIED, verified: 'sampled' },
      { name: 'DJI_0041.MP4', kind: 'file', size: 357e6, result: 'already-there', ...UNVERIFIED },
      { name: 'DJI_0042.MP4', kind: 'file', size: 12e6, result: 'skipped', why: 'chosen', ...UNVERIFIED },
      { name: 'DJI_0043.MP4', kind: 'file', size: 12e6, result: 'cancelled', ...UNVERIFIED },
      { name: 'DJI_0044.MP4', kind: 'file', size: 12e6, result: 'unfinished', ...UNVERIFIED },
      {
        name: 'DJI_0045.MP4',
        kind: 'file',
        size: 358e6,
        result: 'failed',
        problem: { kind: 'source-unreadable', operation: 'open', detail: 'EACCES', subject: 'DJI_0045.MP4' },
        ...UNVERIFIED,
      },
    ],
  });
  await page.locator('.history-actions button').first().click();
  await dialog.waitFor();
  await page.locator('.report li').first().waitFor();
  await screen('report');
  await leave();

  await page.keyboard.press('Control+y');
  await page.getByRole('grid').waitFor();

  scriptSync(host);
  host.say('sync', { pairs: pairs() });
  await places();
  await page.locator('button:has(.lucide-folder-sync)').first().click();
  await page.locator('.sync-ready').waitFor();
  // of the pair that begins in a moment
  await page.locator('.notice').first().waitFor();
  await screen('notice-sync-soon');
  await page.locator('.notice .icon-button').first().click();
  await screen('sync');
  const card = page.locator('.sync-pair').first();
  await card.locator('.sync-actions button').nth(1).click();
  await card.locator('.sync-tree li').first().waitFor();
  await screen('sync-preview');
  await card.locator('.sync-more button').nth(0).click();
  await card.locator('.sync-files li').first().waitFor();
  await screen('sync-files');
  await card.locator('.sync-more button').nth(1).click();
  await card.locator('.sync-runs li').first().waitFor();
  await screen('sync-history');
  await card.locator('.sync-more button').nth(2).click();
  await dialog.waitFor();
  await screen('sync-edit');
  await leave();
  await page.locator('.sync-open button').click();
  await dialog.waitFor();
  // everything that can be wrong is told
  await dialog.locator('[name=largerThan]').fill('x');
  await dialog.locator('[name=name]').fill('');
  await dialog.locator('button[type=submit]').click();
  await dialog.locator('[aria-invalid=true]').first().waitFor();
  await screen('sync-new-wrong');
  await dialog.locator('.pair-folder button').first().click();
  await page.locator('[role=dialog]').nth(1).waitFor();
  await screen('sync-pick-phone');
  await page.keyboard.press('Escape');
  await page.locator('[role=dialog]').nth(1).waitFor({ state: 'detached' });
  await leave();
  await photos(page, host, screen);
}

/** Photos by day, where they go, what can be freed. */
async function photos(page: Page, host: ScriptedHost, screen: (name: string) => Promise<void>): Promise<void> {
  const dialog = page.getByRole('dialog');
  const leave = async (): Promise<void> => {
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  };
  scriptPhotos(host);
  // at 200 % the places are behind a button of the files
  await page.locator('.sync > header button').click();
  await page.getByRole('grid').waitFor();
  const menu = page.locator('.toolbar-menu button');
  const open = page.locator('button:has(.lucide-images)');
  if ((await menu.isVisible()) && (await open.isHidden())) await menu.click();
  await open.click();
  await page.locator('.photo').first().waitFor();
  await screen('photos');
  const rows = await page.locator('.photos-grid').getAttribute('aria-rowcount');
  await page.locator('.photos-filters select').first().selectOption('all');
  await page.locator(`.photos-grid:not([aria-rowcount="${rows ?? ''}"])`).waitFor();
  await screen('photos-all');
  for (const look of [
    { kind: 'listing', folders: 3, files: 1234 },
    { kind: 'indexing', files: 1234 },
    { kind: 'comparing', done: 3, all: 10 },
    { kind: 'failed', problem: { kind: 'local-missing', operation: 'look', detail: '' } },
  ] as const) {
    const problems = look.kind === 'failed' ? [look.problem] : [];
    host.say('photos', snapshotOf(photoShots(), { look, problems }));
    await page.waitForTimeout(50);
    await screen(`photos-${look.kind}`);
  }
  scriptPhotos(host);
  await page.locator('button:has(.lucide-sliders-horizontal)').click();
  await dialog.waitFor();
  await screen('photos-settings');
  await leave();
  const shots = photoShots().slice(-2);
  host.answers.photosFreeable = () => ({
    counts: { shots: 2, files: 2, bytes: 8.4e6 },
    shots: shots.map((shot) => ({ shot, copies: [localPath('/home/ann/Pictures/2026/05/IMG_4.jpg')] })),
  });
  host.answers.photosFree = () => ({
    freed: { shots: 1, files: 1, bytes: 4.2e6 },
    gone: { shots: 1, files: 1, bytes: 4.2e6 },
    kept: { shots: 1, files: 1, bytes: 4.2e6 },
    shots: shots.map((shot, index) => ({
      shot,
      freed: index === 0,
      deleted: index === 0 ? shot.parts : [],
      gone: [],
      why: index === 0 ? undefined : ('copy-changed' as const),
      path: shot.parts[0].path,
      problem: undefined,
    })),
  });
  await page.locator('button:has(.lucide-eraser)').click();
  await dialog.waitFor();
  await screen('free');
  await dialog.locator('.free-limits button').click();
  await dialog.locator('.free-list li').first().waitFor();
  await dialog.locator('.free-list input').first().check();
  await screen('free-found');
  await dialog.locator('.dialog-foot button').nth(1).click();
  await dialog.locator('.free-kept').waitFor();
  await screen('freed');
  await leave();
}

const UNVERIFIED = { detail: '', sha256: undefined, verified: undefined } as const;

/** Menus, a name being typed, and notices: a plain one and a problem with its details. */
async function menus(page: Page, host: ScriptedHost, screen: (name: string) => Promise<void>): Promise<void> {
  const menu = page.getByRole('menu');
  const row = page.getByRole('row').filter({ hasText: 'IMG_' });
  const close = async (): Promise<void> => {
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
  };
  await row.first().click({ button: 'right' });
  await menu.waitFor();
  await screen('menu-file');
  await close();
  await row.nth(1).click({ modifiers: ['Control'] });
  await row.nth(1).click({ button: 'right' });
  await menu.waitFor();
  await screen('menu-files');
  await close();
  await page.locator('button:has(.lucide-ellipsis)').first().click();
  await menu.waitFor();
  await screen('menu-more');
  await close();
  await page.keyboard.press('Control+Shift+N');
  await page.locator('.name-editor').waitFor();
  await screen('new-folder');
  host.answers.makeFolder = () => {
    throw fail('full', 'SendObjectInfo', 'StoreFull', { code: 0x200c });
  };
  await page.locator('.name-editor input').fill('IMG_');
  await page.keyboard.press('Enter');
  await page.locator('.notice').first().waitFor();
  await page.locator('.notice summary').first().click();
  await screen('notice-problem');
  await page.locator('.notice .icon-button').first().click();
}

/** Copies that are compared with the phone, and the report of a phone. */
async function verifies(page: Page, host: ScriptedHost, screen: (name: string) => Promise<void>): Promise<void> {
  const dialog = page.getByRole('dialog');
  const leave = async (): Promise<void> => {
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  };
  const open = async (icon: string): Promise<void> => {
    await page.locator(`[role=menuitem]:has(${icon})`).click();
    await dialog.waitFor();
  };
  host.answers.copies = () => ({ copies: [item(1)] });
  host.answers.stopVerification = () => undefined;
  await page.getByRole('row').filter({ hasText: 'IMG_' }).first().click({ button: 'right' });
  await open('.lucide-scan-search');
  await screen('verify-ask');
  await dialog.locator('.dialog-foot button').last().click();
  await dialog.locator('[role=progressbar]').waitFor();
  await screen('verify-listing');
  const states = { ...NO_COPIES.states, same: 61, content: 1, date: 1, 'missing-here': 700, unreadable: 1 };
  const counts = { states, undated: 2, sizeOnly: 3, skipped: 0 };
  const progress = { ...host.verification.progress, files: 12, filesTotal: 64, current: 'IMG_1.jpg', counts };
  const sides = { local: { size: 4e6, modified: NOW }, phone: { size: 5e6, modified: NOW } };
  const copies = (['content', 'size', 'date', 'kind', 'missing-on-phone', 'missing-here', 'unreadable'] as const).map(
    (state) => ({ path: 'IMG_1.jpg', kind: 'file', state, ...sides }) as const,
  );
  for (const phase of ['comparing', 'away'] as const) {
    host.say('verification', { ...host.verification, progress: { ...progress, phase } });
    await page.waitForTimeout(50);
    await screen(`verify-${phase}`);
  }
  for (const ended of ['stopped', 'away', 'done'] as const) {
    await dialog.locator('.dialog-foot button').first().click();
    host.verification = {
      progress: { ...progress, phase: 'comparing' },
      copies,
      result: { ended, counts, hint: { side: 'phone', path: '/DCIM' } },
      problem: undefined,
    };
    if (ended === 'stopped') host.say('verification', host.verification);
    else await dialog.locator('.dialog-foot button').last().click();
    await dialog.locator('.verify-row').first().waitFor();
    await screen(`verify-ended-${ended}`);
  }
  await leave();
  delete host.answers.copies;
  host.answers.phoneReport = () => ({ text: '{}', name: 'replug-report.json', complete: false });
  const menu = page.locator('button:has(.lucide-ellipsis)').first();
  await menu.click();
  await page.getByRole('menuitem').last().click();
  await dialog.locator('.phone-report').waitFor();
  await screen('phone-report');
  await leave();
  host.answers.phoneReport = () => {
    throw fail('bad-request', 'lend', '', { fault: { id: 'phone-moving' }, advice: { id: 'pause-first' } });
  };
  await menu.click();
  await page.getByRole('menuitem').last().click();
  await dialog.getByRole('alert').waitFor();
  await screen('phone-report-refused');
  await leave();
}

/** Files that are fetched to be opened, were edited, or are looked at. */
async function looks(page: Page, host: ScriptedHost, screen: (name: string) => Promise<void>): Promise<void> {
  const dialog = page.getByRole('dialog');
  const row = page.getByRole('row').filter({ hasText: 'IMG_' }).first();
  const name = (await row.getAttribute('data-name')) ?? '';
  const file = { device: phone().key, storage: INTERNAL, path: phonePath(`/DCIM/Camera/${name}`) };
  const copy = (id: string, more: Partial<CopyView> = {}): CopyView => ({
    id: id as CopyId,
    place: file,
    name,
    size: 4e6,
    fetched: 1e6,
    state: 'fetching',
    editable: false,
    changed: false,
    ...more,
  });
  host.say('copies', { copies: [copy('c1')] });
  await row.locator('.fetching').waitFor();
  await screen('opening-fetching');
  host.say('copies', { copies: [copy('c1', { state: 'away' })] });
  await row.locator('.fetching [data-tone=attention]').waitFor();
  await screen('opening-away');
  await row.click();
  await row.click({ button: 'right' });
  await page.getByRole('menu').waitFor();
  await screen('opening-menu');
  await page.keyboard.press('Escape');
  host.say('copies', { copies: [copy('c1', { state: 'ready', editable: true, changed: true })] });
  await page.locator('.identity').waitFor();
  await screen('edited-copy');
  await page.locator('.identity button').last().click();
  await dialog.waitFor();
  await screen('discard-copy');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  host.say('copies', { copies: [] });

  const facts = { size: 4e6, modified: NOW };
  host.served.set('/phone/sound', servedFrom('IMG_.wav', wav(1)));
  host.served.set('/phone/broken', servedFrom('IMG_.jpg', Buffer.from('IMG_')));
  for (const [shown, look] of [
    ['look-opening', { kind: 'opening' }],
    ['look-facts', { kind: 'facts', ...facts }],
    ['look-text', { kind: 'text', ...facts, text: 'IMG_\nIMG_', encoding: 'UTF-8', whole: false }],
    ['look-picture', { kind: 'picture', ...facts, address: 'phone/broken' }],
    ['look-sound', { kind: 'audio', ...facts, address: 'phone/sound' }],
    [
      'look-failed',
      { kind: 'failed', problem: { kind: 'disconnected', operation: 'look', detail: '', subject: 'IMG_' } },
    ],
  ] as const satisfies readonly (readonly [string, LookSnapshot])[]) {
    host.looks.set(file.path, look);
    await row.click();
    await page.keyboard.press('Space');
    await dialog.locator('.look-body > *').first().waitFor();
    await page.waitForTimeout(150);
    await screen(shown);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  }
}

/** A search of the phone: what can be searched for, results, what is told of them. */
async function searches(page: Page, host: ScriptedHost, screen: (name: string) => Promise<void>): Promise<void> {
  scriptCatalogue(host);
  const results = page.locator('.find');
  const words = async (text: string): Promise<void> => {
    await page.locator('.filter input').fill(text);
    await page.waitForTimeout(120);
  };
  await words('i');
  await page.locator('.find-offer').waitFor();
  await screen('find-offer');
  await words('');
  await page.locator('.filter input').press('Control+Shift+F');
  await results.waitFor();
  await screen('find-hint');
  await words('kind:photo');
  await results.locator('.list-row').first().waitFor();
  await screen('find-results');
  await results.locator('.list-row').first().click({ button: 'right' });
  await page.getByRole('menu').waitFor();
  await screen('find-menu');
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await words('IMG_ size>IMG_');
  await screen('find-misread');
  await words('IMG_ IMG_~');
  await screen('find-nothing');
  const reading = catalogueOf(phone(), { activity: 'scanning', complete: false, foldersLeft: 612 });
  host.say('catalogue', { enabled: true, phones: [reading, awayCatalogue()], revision: 2 });
  scriptSearch(host, everything(host), { complete: false });
  await words('IMG_');
  await screen('find-reading');
  await words('IMG_ IMG_~');
  await screen('find-nothing-yet');
  await page.locator('.find-head select').selectOption({ index: 1 });
  await words('IMG_');
  await screen('find-away');
  host.say('catalogue', { enabled: false, phones: [], revision: 3 });
  await results.locator('.find-off').waitFor();
  await screen('find-off');
  host.say('catalogue', { enabled: true, phones: [], revision: 4 });
  await page.waitForTimeout(50);
  await screen('find-nothing-known');
  scriptCatalogue(host);
  await page.locator('.filter input').press('Escape');
  await page.locator('.pane:not(.find) .list-row').first().waitFor();
}

/** What takes up the space: every tab, what is chosen, a deletion, the phone's menu. */
async function spaces(page: Page, host: ScriptedHost, screen: (name: string) => Promise<void>): Promise<void> {
  const dialog = page.getByRole('dialog');
  const tab = async (index: number): Promise<void> => {
    await page.locator('.tab').nth(index).click();
  };
  await page.locator('button:has(.lucide-chart-pie)').first().click();
  await page.locator('.map-box').first().waitFor();
  await screen('space-map');
  await page
    .locator('.map-hit')
    .first()
    .click({ button: 'right', position: { x: 12, y: 8 } });
  await page.getByRole('menu').waitFor();
  await screen('space-menu');
  await page.keyboard.press('Escape');
  await page.getByRole('menu').waitFor({ state: 'detached' });
  await tab(1);
  await page.locator('.of-files input').first().check();
  await page.locator('.of-files input').nth(1).check();
  await screen('space-largest');
  await page.locator('.space-chosen button').last().click();
  await dialog.waitFor();
  await page.waitForTimeout(80);
  await screen('space-delete');
  await page.keyboard.press('Escape');
  await dialog.waitFor({ state: 'detached' });
  await page.locator('.space-chosen button').first().click();
  await tab(2);
  await screen('space-kinds');
  await tab(3);
  await screen('space-ages');
  await tab(4);
  await page.locator('.same-group').first().waitFor();
  await screen('space-same');
  for (const index of [0, 1]) await page.locator('.same-group').nth(index).locator('.same-head button').click();
  await page.locator('.same-what').nth(1).waitFor();
  await page.locator('.same-group').first().locator('.same-head button').click();
  await page.locator('.same-what[data-tone]').waitFor();
  await screen('space-compared');
  host.say('catalogue', { enabled: true, phones: [catalogueOf(), awayCatalogue()], revision: 5 });
  await page.locator('.space select').selectOption({ index: 1 });
  await page.locator('.map-box').first().waitFor();
  await screen('space-away');
  host.say('catalogue', {
    enabled: true,
    phones: [catalogueOf(tablet(), { files: 0, asOf: undefined, complete: false })],
    revision: 6,
  });
  await page.locator('.space-none').waitFor();
  await screen('space-nothing');
  scriptCatalogue(host);
  await page.locator('.space > header > .button').click();
  await page.getByRole('grid').waitFor();
}
