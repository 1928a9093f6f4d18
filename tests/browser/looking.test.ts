import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { seriousFindings } from './axe.ts';
import { openWindow, settled, shootBoth, type Window } from './browser.ts';
import { film, noisePng, quartered, quartersSeen, wav, type Colour } from './media.ts';
import { dropFiles, startRealHost, type RealHost } from './real-host.ts';

const MB = 1024 * 1024;

/** How cameras note that they were held, and what is to be seen then. */
const TURNED: readonly {
  readonly name: string;
  readonly orientation: number;
  readonly size: readonly [width: number, height: number];
  readonly seen: readonly Colour[];
}[] = [
  { name: 'j level', orientation: 1, size: [320, 160], seen: ['red', 'green', 'blue', 'yellow'] },
  { name: 'k upright', orientation: 6, size: [160, 320], seen: ['blue', 'red', 'yellow', 'green'] },
  { name: 'l on its head', orientation: 3, size: [320, 160], seen: ['yellow', 'blue', 'green', 'red'] },
  { name: 'm mirrored', orientation: 5, size: [160, 320], seen: ['red', 'blue', 'green', 'yellow'] },
];

/** Files of a phone that are looked at and opened, with nothing scripted. */
describe('looking at files of a phone', { concurrency: false }, () => {
  let host: RealHost;
  let window: Window;
  let page: Page;

  before(async () => {
    const recorded = await film(4);
    host = await startRealHost({
      phone: ['rate=24000000', 'name=Pixel 8'],
      furnish: (phone) => {
        fs.mkdirSync(path.join(phone, 'Media'));
        const put = (name: string, content: Uint8Array | string): void =>
          fs.writeFileSync(path.join(phone, 'Media', name), content);
        put('a sound.wav', wav(60));
        put('b film.webm', recorded);
        put('c picture.png', noisePng(2650, 2650));
        put('d notes.txt', `${'Grüße aus Lofoten\n'.repeat(20)}`);
        put('e page.html', '<h1>Hello</h1><script>document.title = "it ran"; parent.alert(1)</script>');
        put('f drawing.svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
        put('g archive.zip', Buffer.concat([Buffer.from('PK\u0003\u0004\0\0'), randomBytes(3 * MB)]));
        put('h setup.exe', 'MZ\0');
        put('i broken.jpg', 'no picture at all');
        for (const { name, orientation } of TURNED) put(`${name}.jpg`, quartered(orientation));
      },
    });
    fs.writeFileSync(path.join(host.local, 'upload.bin'), randomBytes(300 * MB));
    window = await openWindow(host.url);
    page = window.page;
    await page.getByRole('row', { name: /^Media/ }).dblclick();
    await page.getByRole('row', { name: /a sound/ }).waitFor();
  });
  after(async () => {
    await window.close();
    await host.stop();
  });

  const dialog = () => page.getByRole('dialog');
  const look = async (name: RegExp): Promise<void> => {
    await page.getByRole('row', { name }).click();
    await page.keyboard.press('Space');
    await dialog().waitFor();
  };
  const leave = async (): Promise<void> => {
    await page.keyboard.press('Escape');
    await dialog().waitFor({ state: 'detached' });
  };
  const screen = (name: string): Promise<void> =>
    shootBoth(page, `look-${name}`, async (theme) => {
      assert.deepEqual(await seriousFindings(page), [], `${name} ${theme}`);
    });
  /** Files of the phone that the program has open. */
  const open = (): readonly string[] =>
    host
      .openFiles()
      .filter((file) => file.startsWith(path.join(host.phone, 'Media')) && !path.basename(file).startsWith('upload'));
  const noneOpen = async (): Promise<void> => {
    for (let tries = 0; open().length > 0 && tries < 100; tries += 1) await page.waitForTimeout(50);
    assert.deepEqual(open(), []);
  };
  interface State {
    readonly time: number;
    readonly duration: number;
    readonly ready: number;
    readonly error: number | undefined;
    readonly seeking: boolean;
  }
  const stateOf = (kind: 'video' | 'audio'): Promise<State> =>
    page.locator(`.look ${kind}`).evaluate((element) => {
      const player = element as HTMLMediaElement;
      const { currentTime: time, duration, readyState: ready, error, seeking } = player;
      return { time, duration, ready, error: error?.code, seeking };
    });
  const until = async (kind: 'video' | 'audio', what: (state: State) => boolean): Promise<State> => {
    for (let tries = 0; ; tries += 1) {
      const state = await stateOf(kind);
      assert.equal(state.error, undefined);
      if (what(state)) return state;
      assert.ok(tries < 300, JSON.stringify(state));
      await page.waitForTimeout(50);
    }
  };
  const seek = (kind: 'video' | 'audio', to: number): Promise<void> =>
    page.locator(`.look ${kind}`).evaluate((element, time) => {
      (element as HTMLMediaElement).currentTime = time;
    }, to);
  const confirmed = (): Promise<string> => page.locator('.transfer-line').first().innerText();

  test('a sound and a film play from the phone and seek while an upload runs', { timeout: 90_000 }, async () => {
    await dropFiles(page, '.files', [path.join(host.local, 'upload.bin')]);
    await page.locator('.transfer-line').first().waitFor();
    await look(/a sound/);
    const sound = await until('audio', ({ time, ready }) => time > 0.2 && ready >= 3);
    assert.equal(Math.round(sound.duration), 60);
    await seek('audio', 45);
    await until('audio', ({ time, seeking, ready }) => !seeking && time > 45 && ready >= 2);
    await screen('sound');
    const before = await confirmed();

    await page.keyboard.press('ArrowRight');
    await until('video', ({ time, ready }) => time > 0 && ready >= 2);
    await seek('video', 2.5);
    await until('video', ({ time, seeking, ready }) => !seeking && time >= 2.5 && ready >= 2);
    await screen('film');
    const frame = await page.locator('.look video').evaluate((element) => {
      const video = element as HTMLVideoElement;
      return [video.videoWidth, video.videoHeight];
    });
    assert.deepEqual(frame, [320, 240]);
    for (let tries = 0; (await confirmed()) === before; tries += 1) {
      assert.ok(tries < 200, 'the upload goes on meanwhile');
      await page.waitForTimeout(50);
    }
    await leave();
    await noneOpen();
    await page
      .locator('.transfer-line')
      .first()
      .getByRole('button', { name: /^Cancel/ })
      .click();
  });

  test('a picture of 20 MB is drawn whole, and leaves nothing open', { timeout: 60_000 }, async () => {
    assert.ok(fs.statSync(path.join(host.phone, 'Media', 'c picture.png')).size > 20 * MB);
    await look(/c picture/);
    await page.waitForFunction(
      () => document.querySelector<HTMLImageElement>('.look-picture')?.naturalWidth === 2650,
      undefined,
      { timeout: 30_000 },
    );
    await screen('picture');
    await leave();
    await noneOpen();
    // also where it is left in the middle
    await look(/c picture/);
    for (let tries = 0; open().length === 0 && tries < 100; tries += 1) await page.waitForTimeout(20);
    await leave();
    await noneOpen();
  });

  test('a picture is shown as the camera was held: whole, in the details and as a thumbnail', async () => {
    await page.locator('[role=grid]').focus();
    await page.keyboard.press('Control+2');
    for (const { name, seen } of TURNED) {
      const thumbnail = page.locator(`[data-name="${name}.jpg"] .picture img`);
      await thumbnail.waitFor();
      assert.deepEqual(await quartersSeen(thumbnail), seen, `${name}, thumbnail`);
    }
    await screen('turned-thumbnails');
    await page.locator('[role=listbox]').focus();
    await page.keyboard.press('Control+1');
    for (const { name, size, seen } of TURNED) {
      await look(new RegExp(name));
      const picture = page.locator('.look-picture');
      await picture.waitFor();
      const shown = await picture.evaluate(async (element) => {
        const image = element as HTMLImageElement;
        await image.decode();
        return [image.naturalWidth, image.naturalHeight];
      });
      assert.deepEqual(shown, size, name);
      await settled(page);
      assert.deepEqual(await quartersSeen(picture), seen, name);
      if (name === 'k upright') await screen('turned');
      await leave();
      await page.keyboard.press('Control+i');
      const small = page.locator('.inspector-picture img');
      await small.waitFor();
      assert.deepEqual(await quartersSeen(small), seen, `${name}, in the details`);
      await page.keyboard.press('Control+i');
    }
    await noneOpen();
  });

  test('a text says how it is encoded; a page and a drawing are text, and run nothing', async () => {
    await look(/d notes/);
    await page.locator('.look-text').getByText('Grüße aus Lofoten').waitFor();
    await dialog().getByText('Encoding: UTF-8').waitFor();
    await screen('text');
    await page.keyboard.press('ArrowRight');
    await page.locator('.look-text').getByText('parent.alert(1)').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.locator('.look-text').getByText('<script>alert(1)</script>').waitFor();
    await page.keyboard.press('ArrowRight');
    await dialog().getByText('There is no preview for this type of file.').waitFor();
    await screen('facts');
    await leave();
    await look(/i broken/);
    await dialog().getByText('This picture cannot be shown here.').waitFor();
    await leave();
    await noneOpen();
  });

  test('small in the details: a player that waits, and a text', async () => {
    await page.getByRole('row', { name: /a sound/ }).click();
    await page.keyboard.press('Control+i');
    await page.locator('.inspector audio').waitFor();
    assert.equal(
      await page.locator('.inspector audio').evaluate((element) => (element as HTMLAudioElement).networkState),
      1,
      'nothing is loaded before it is played',
    );
    await page.getByRole('row', { name: /d notes/ }).click();
    await page.locator('.inspector .look-text').getByText('Grüße aus Lofoten').waitFor();
    await screen('details');
    await page.keyboard.press('Control+i');
    await noneOpen();
  });

  test('a file opens in a tab with its type; a page from the phone runs nothing there', async () => {
    const opened = async (name: RegExp): Promise<Page> => {
      const [tab] = await Promise.all([
        page.context().waitForEvent('page'),
        page.getByRole('row', { name }).dblclick(),
      ]);
      await tab.waitForLoadState();
      return tab;
    };
    const text = await opened(/d notes/);
    assert.equal(await text.evaluate(() => document.contentType), 'text/plain');
    assert.match(await text.locator('body').innerText(), /Grüße aus Lofoten/);
    await text.close();

    const html = await opened(/e page/);
    assert.equal(await html.locator('h1').innerText(), 'Hello');
    assert.notEqual(await html.title(), 'it ran');
    // its origin is none: it reaches nothing of Replug's
    const answer = await html.request.get(html.url());
    assert.match(answer.headers()['content-security-policy'] ?? '', /^sandbox; default-src 'none'/);
    await html.close();

    const film = await opened(/b film/);
    await film.waitForFunction(() => (document.querySelector('video')?.readyState ?? 0) >= 1);
    await film.close();

    // a tab that is given something to save closes at once
    let saved = '';
    const noteSaved = (from: Page): void =>
      void from.once('download', (download) => (saved = download.suggestedFilename()));
    noteSaved(page);
    page.context().once('page', noteSaved);
    await page.getByRole('row', { name: /g archive/ }).dblclick();
    for (let tries = 0; saved === '' && tries < 100; tries += 1) await page.waitForTimeout(50);
    assert.equal(saved, 'g archive.zip');
    await noneOpen();
  });

  test('progress shows in the row, and opening can be stopped there', { timeout: 60_000 }, async () => {
    fs.writeFileSync(path.join(host.phone, 'Media', 'z large.bin'), randomBytes(200 * MB));
    await page.keyboard.press('F5');
    const row = page.getByRole('row', { name: /z large/ });
    await row.click();
    await page.keyboard.press('Enter');
    await row.getByRole('progressbar').waitFor();
    await screen('opening');
    await row.getByRole('button', { name: /^Stop opening/ }).click();
    await row.getByRole('progressbar').waitFor({ state: 'detached' });
    await noneOpen();
    assert.equal(await page.locator('.notice').count(), 0, 'who stops it need not be told');
  });

  test('it ends without a complaint of the browser', () => {
    // blocked scripts are the point of the tabs above, which are not this page
    assert.deepEqual(window.complaints, []);
  });
});
