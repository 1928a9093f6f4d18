import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page, WebSocketRoute } from 'playwright-core';
import { openWindow, type Window } from './browser.ts';
import { dropFiles, startRealHost, type RealHost } from './real-host.ts';

/** Mistakes by users and failures around them: reported clearly, and nothing is lost. With the real engine. */
describe('bad input', { concurrency: false }, () => {
  let host: RealHost;
  let window: Window;
  let page: Page;
  /** Open WebSockets, and whether new ones are allowed. */
  const wires = new Set<WebSocketRoute>();
  let through = true;

  before(async () => {
    host = await startRealHost({
      phone: ['name=Pixel 8', 'rate=30000000'],
      furnish: (phone) => {
        for (const folder of ['Download/inner', 'Movies', 'Music'])
          fs.mkdirSync(path.join(phone, folder), { recursive: true });
        for (const name of ['here.txt', 'gone.txt', 'other.txt'])
          fs.writeFileSync(path.join(phone, 'Download', name), name);
      },
    });
    window = await openWindow('about:blank');
    page = window.page;
    await page.routeWebSocket(/\/bridge/, (route) => {
      if (!through) {
        void route.close();
        return;
      }
      wires.add(route);
      route.connectToServer();
    });
    await page.goto(host.url);
    await page.getByRole('row', { name: /^Download/ }).dblclick();
    await page.getByRole('row', { name: /here\.txt/ }).waitFor();
  });
  after(async () => {
    await window.close();
    await host.stop();
  });

  const local = (...parts: readonly string[]): string => path.join(host.local, ...parts);
  const phone = (...parts: readonly string[]): string => path.join(host.phone, ...parts);
  const said = async (words: string | RegExp): Promise<void> => {
    const notice = page.locator('.notice', { hasText: words }).first();
    await notice.waitFor();
    await notice.getByRole('button', { name: 'Close this notification' }).click();
  };
  const until = async (what: () => boolean, words: string): Promise<void> => {
    for (let tries = 0; tries < 200; tries++) {
      if (what()) return;
      await page.waitForTimeout(50);
    }
    assert.fail(words);
  };

  test('dropped text is not a file', async () => {
    const session = await page.context().newCDPSession(page);
    const data = { items: [{ mimeType: 'text/plain', data: 'hello' }], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
      await session.send('Input.dispatchDragEvent', { type, x: 600, y: 300, data });
    // The browser itself may refuse the drop, and then nothing is shown. In any case there is no transfer.
    await page.waitForTimeout(200);
    assert.equal(await page.locator('.transfer').count(), 0);
    assert.equal(await page.locator('[data-over]').count(), 0);
  });

  test('a file deleted during the drag is named; the others are copied', async () => {
    fs.writeFileSync(local('stays.txt'), 'stays');
    fs.writeFileSync(local('goes.txt'), 'goes');
    await dropFiles(page, '.pane', [local('goes.txt'), local('stays.txt')], async () => {
      fs.rmSync(local('goes.txt'));
    });
    await said(/“goes\.txt”.*left out/);
    await until(() => fs.existsSync(phone('Download', 'stays.txt')), 'the other one arrived');
    assert.ok(!fs.existsSync(phone('Download', 'goes.txt')));
  });

  test('link cycles end', async () => {
    fs.mkdirSync(local('round'));
    fs.writeFileSync(local('round', 'kept.txt'), 'kept');
    fs.symlinkSync('..', local('round', 'back'));
    fs.symlinkSync('nowhere', local('round', 'broken'));
    await dropFiles(page, '.pane', [local('round')]);
    await until(() => fs.existsSync(phone('Download', 'round', 'kept.txt')), 'what is real arrived');
  });

  test('a folder of the same name asks file by file, and closing the question loses nothing', async () => {
    fs.writeFileSync(local('here.txt'), 'a new text');
    await dropFiles(page, '.pane', [local('here.txt')]);
    const dialog = page.getByRole('dialog', { name: '“here.txt” is already on the phone' });
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    assert.equal(fs.readFileSync(phone('Download', 'here.txt'), 'utf8'), 'here.txt');
    await page.getByRole('button', { name: 'Answer…' }).click();
    await dialog.getByRole('button', { name: 'Keep both' }).click();
    await until(
      () => fs.readdirSync(phone('Download')).filter((name) => /^here/.test(name)).length === 2,
      'both are there',
    );
    assert.equal(fs.readFileSync(phone('Download', 'here.txt'), 'utf8'), 'here.txt');
  });

  test('a name of 300 letters is refused while it is typed', async () => {
    await page.getByRole('row', { name: /other\.txt/ }).click();
    await page.keyboard.press('F2');
    await page.getByLabel('New name').fill('x'.repeat(300));
    await page.getByText(/Too long by 45/).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    assert.ok(fs.existsSync(phone('Download', 'other.txt')));
  });

  test('an entry dragged onto a folder moves there; undo brings it back', async () => {
    await drag('other.txt', 'inner');
    await until(() => fs.existsSync(phone('Download', 'inner', 'other.txt')), 'moved');
    await page
      .locator('.notice', { hasText: 'Moved “other.txt” to inner' })
      .getByRole('button', { name: 'Undo' })
      .click();
    await until(() => fs.existsSync(phone('Download', 'other.txt')), 'back again');
    await page.getByRole('row', { name: /other\.txt/ }).waitFor();
  });

  test('an entry deleted while it is dragged is reported as gone', async () => {
    await drag('gone.txt', 'inner', () => fs.rmSync(phone('Download', 'gone.txt')));
    await said(/gone\.txt.*|not on the phone|changed/);
    assert.deepEqual(fs.readdirSync(phone('Download', 'inner')), []);
  });

  test('Escape ends a drag without a move', async () => {
    await page.getByRole('row', { name: /other\.txt/ }).hover();
    await page.mouse.down();
    const target = await page.locator('[data-name="inner"]').boundingBox();
    await page.mouse.move((target?.x ?? 0) + 40, (target?.y ?? 0) + 10, { steps: 5 });
    await page.getByText('Move 1 item to inner').waitFor();
    await page.keyboard.press('Escape');
    await page.mouse.up();
    await page.waitForTimeout(200);
    assert.ok(fs.existsSync(phone('Download', 'other.txt')));
    assert.equal(await page.locator('[data-over]').count(), 0);
  });

  test('the connection to the engine breaks during a transfer: the window says so, and everything is back afterwards', async () => {
    fs.writeFileSync(local('large.bin'), Buffer.alloc(60_000_000, 7));
    await dropFiles(page, '.pane', [local('large.bin')]);
    await page.locator('.transfer', { hasText: 'large.bin' }).waitFor();
    through = false;
    for (const wire of wires) await wire.close();
    wires.clear();
    await page.getByText('Replug’s engine is not responding').waitFor();
    through = true;
    await page
      .getByRole('row', { name: /here\.txt/ })
      .first()
      .waitFor({ timeout: 15_000 });
    await page.locator('.transfer[data-state=done]', { hasText: 'large.bin' }).waitFor({ timeout: 30_000 });
    assert.equal(fs.statSync(phone('Download', 'large.bin')).size, 60_000_000);
    await page.getByRole('row', { name: /large\.bin/ }).waitFor();
  });

  test('the phone is unplugged while its folder is open; afterwards the same folder is shown', async () => {
    await page.getByRole('button', { name: 'Unplug' }).click();
    await page.getByText('Pixel 8 is unplugged').waitFor();
    await page.getByRole('main').getByRole('button', { name: 'Plug in' }).click();
    await page.getByRole('grid', { name: 'Files in Download' }).waitFor();
    await page.getByRole('row', { name: /large\.bin/ }).waitFor();
    assert.deepEqual(
      window.complaints.filter((one) => !/spool|ERR_/.test(one)),
      [],
    );
  });

  async function drag(from: string, to: string, meanwhile?: () => void): Promise<void> {
    await page.locator(`[data-name="${from}"]`).hover();
    await page.mouse.down();
    const target = await page.locator(`[data-name="${to}"]`).boundingBox();
    await page.mouse.move((target?.x ?? 0) + 40, (target?.y ?? 0) + 10, { steps: 6 });
    await page.getByText(`Move 1 item to ${to}`).waitFor();
    meanwhile?.();
    await page.mouse.up();
  }
});
