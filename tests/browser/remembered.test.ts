import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import type { Entry } from '../../shared/domain.ts';
import type { FolderSnapshot } from '../../shared/snapshots.ts';
import type { Window } from './browser.ts';
import { catalogueOf, openRemembered } from './catalogue-material.ts';
import { NOW } from './material.ts';
import type { ScriptedHost } from './scripted-host.ts';

/** What is shown from memory is told as such, until the phone has answered. */
describe('what is remembered', { concurrency: false }, () => {
  let host: ScriptedHost;
  let window: Window;
  let page: Page;
  /** Tells the folder that was opened last. */
  let answer: (change: Partial<FolderSnapshot>) => void = () => undefined;

  const file = (name: string): Entry => ({ name, kind: 'file', size: 1_000, modified: NOW });
  const row = (name: string) => page.locator(`.list-row[data-name="${name}"]`);
  const status = (words: RegExp): Promise<void> =>
    page.locator('.status-bar').getByText(words).waitFor({ timeout: 5_000 });

  before(async () => {
    ({ host, window } = await openRemembered());
    page = window.page;
    host.onFolder = ({ place }, tell) => {
      answer = (change) => {
        tell({
          place,
          reset: true,
          entries: [],
          state: 'listing',
          expected: undefined,
          unreadable: 0,
          problem: undefined,
          ...change,
        });
      };
      answer({ entries: ['kept.jpg', 'gone.jpg'].map(file), expected: 2, remembered: NOW - 3_600_000 });
      return () => undefined;
    };
  });
  after(async () => {
    await window.close();
    await host.stop();
  });
  afterEach(() => {
    assert.deepEqual(window.complaints, []);
  });

  test('a folder is shown at once, says as of when, and is corrected by the phone', async () => {
    await row('DCIM').dblclick();
    await row('gone.jpg').waitFor();
    await status(/^2 items, as of .*\d\. Asking the phone…$/);
    answer({ entries: [file('kept.jpg')] });
    // a part of the answer replaces nothing yet
    await row('gone.jpg').waitFor();
    answer({ reset: false, entries: [file('new.jpg')], state: 'complete' });
    await row('new.jpg').waitFor();
    await row('gone.jpg').waitFor({ state: 'detached' });
    await status(/^2 items$/);
  });

  test('a folder that the phone does not list keeps what is remembered, as of then, with why', async () => {
    await page.keyboard.press('Alt+ArrowUp');
    await row('gone.jpg').waitFor();
    answer({
      state: 'failed',
      problem: { kind: 'refused', operation: 'list', detail: 'refused', subject: '/' },
    });
    await page.getByRole('alert').first().waitFor();
    await row('gone.jpg').waitFor();
    await status(/^2 items, as of .*\d$/);
  });

  test('folders that could not be read are told to be left out, not to be read still', async () => {
    host.say('catalogue', { ...host.catalogue, phones: [catalogueOf(undefined, { foldersLeft: 2, complete: false })] });
    host.answers.catalogueSummary = () => ({
      asOf: NOW,
      complete: false,
      stale: false,
      kinds: [{ kind: 'photo', files: 3, bytes: 3_000 }],
      ages: [],
      largest: [],
    });
    await page.getByRole('navigation').getByRole('button', { name: 'Space' }).click();
    await page.getByText('2 folders of Pixel 8 could not be read and are left out').first().waitFor();
    assert.equal(await page.getByText('Still reading').count(), 0);
  });
});
