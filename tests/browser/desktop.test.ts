import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from 'playwright-core';
import { App, newFolder } from '../app/app.ts';
import { openWindow, ROOT, type Window } from './browser.ts';

/** The connection between the page and the stand-in for Electron. */
interface Bench {
  toMain(channel: string, message: unknown): Promise<void>;
  fromMain(channel: string, message: unknown): void;
}

/**
 * The built main process, the built preload script and the built window together: main with the stand-in for
 * Electron, the window in a real Chromium with the policy that main gives its pages, and the preload script as their
 * only connection. Only Electron itself is missing.
 */
describe('the desktop’s three parts together', { concurrency: false }, () => {
  const folder = newFolder();
  const phone = path.join(folder, 'phone');
  let app: App;
  let window: Window;
  let page: Page;
  let pump: NodeJS.Timeout;
  let pumping: Promise<void> = Promise.resolve();

  before(async () => {
    fs.mkdirSync(phone);
    app = await new App({ folder, args: ['--virtual', `${phone},serial=D,name=Desk phone`] }).opened();
    window = await openWindow('about:blank');
    page = window.page;
    await page.route('https://replug.test/**', async (route) => {
      const url = route.request().url().replace('https://replug.test/', 'app://replug/');
      const answer = await app.inside(async (electron, address) => {
        const response = await electron.handlerOf('app')({ url: address, method: 'GET' });
        const body = Buffer.from(await response.arrayBuffer()).toString('base64');
        return { status: response.status, headers: Object.fromEntries(response.headers), body };
      }, url);
      await route.fulfill({ ...answer, body: Buffer.from(answer.body, 'base64') });
    });
    await page.exposeFunction('toMain', (channel: string, message: unknown) =>
      app.inside(
        (electron, sent) => {
          const one = electron.windows[0];
          electron.ipcEvents.emit(
            sent.channel,
            { sender: one?.webContents, senderFrame: one?.contents.mainFrame },
            sent.message,
          );
        },
        { channel, message },
      ),
    );
    const preload = fs.readFileSync(path.join(ROOT, 'out/preload/preload.cjs'), 'utf8');
    await page.addInitScript(`
      const listeners = new Map();
      window.fromMain = (channel, message) => (listeners.get(channel) ?? []).forEach((one) => one({}, message));
      const electron = {
        contextBridge: { exposeInMainWorld: (name, api) => { window[name] = api; } },
        ipcRenderer: {
          on: (channel, listener) => listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
          removeListener: (channel, listener) =>
            listeners.set(channel, (listeners.get(channel) ?? []).filter((one) => one !== listener)),
          send: (channel, message) => void window.toMain(channel, message),
        },
        webUtils: { getPathForFile: (file) => ${JSON.stringify(folder)} + '/' + file.name },
      };
      ((require) => { ${preload} })(() => electron);
    `);
    let passed = 0;
    const pass = async (): Promise<void> => {
      const news = await app.inside((electron, from) => electron.windows[0]?.contents.sent.slice(from) ?? [], passed);
      passed += news.length;
      await page.evaluate((messages) => {
        for (const { channel, message } of messages) (globalThis as unknown as Bench).fromMain(channel, message);
      }, news);
    };
    pump = setInterval(() => {
      pumping = pumping.then(pass).catch(() => undefined);
    }, 40);
    await page.goto('https://replug.test/index.html');
  });
  after(async () => {
    clearInterval(pump);
    await pumping;
    await window.close();
    app.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  const onPhone = async (name: string): Promise<string> => {
    const end = Date.now() + 8000;
    while (!fs.existsSync(path.join(phone, name))) {
      assert.ok(Date.now() < end, `${name} did not arrive`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return fs.readFileSync(path.join(phone, name), 'utf8');
  };

  test('the window opens with the policy set by main, and shows the phone', async () => {
    await page.getByRole('grid', { name: /Files in/ }).waitFor();
    assert.deepEqual(window.complaints, []);
  });

  test('files passed on by a second start are copied to the open folder', async () => {
    const letter = path.join(folder, 'letter.txt');
    fs.writeFileSync(letter, 'handed over');
    await app.inside(
      (electron, file) => electron.appEvents.emit('second-instance', {}, [], '/', { paths: [file] }),
      letter,
    );
    assert.equal(await onPhone('letter.txt'), 'handed over');
    await page.getByText('letter.txt').first().waitFor();
  });

  test('files dropped on the window go by their paths', async () => {
    fs.writeFileSync(path.join(folder, 'dropped.txt'), 'from the disk, not from the page');
    const grid = page.getByRole('grid', { name: /Files in/ });
    const transfer = await page.evaluateHandle(() => {
      const data = new DataTransfer();
      data.items.add(new File(['from the page'], 'dropped.txt'));
      return data;
    });
    for (const type of ['dragenter', 'dragover', 'drop']) await grid.dispatchEvent(type, { dataTransfer: transfer });
    assert.equal(await onPhone('dropped.txt'), 'from the disk, not from the page');
  });

  test('the menu opens the settings in the window', async () => {
    await app.inside((electron) => {
      const items = electron.desktop.menu.flatMap(({ submenu }) => submenu ?? []);
      items.find(({ label }) => label?.startsWith('Settings'))?.click?.();
    });
    await page.getByRole('dialog', { name: 'Settings' }).waitFor();
    assert.deepEqual(window.complaints, []);
  });
});
