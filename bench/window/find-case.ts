import { closeSync, mkdirSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openWindow } from '../../tests/browser/browser.ts';
import { measureFrames } from '../../tests/browser/frames.ts';
import { dropFiles, startRealHost } from '../../tests/browser/real-host.ts';
import type { FindRun } from './figures.ts';

/** The search of a phone in the window: from a key to the first rows of what it finds, and scrolling through very many. */

const FOLDER_FILES = 1_000;
const NAMES = ['Amber', 'Birch', 'Cedar', 'Dune', 'Ember', 'Fjord', 'Glade', 'Harbour', 'Island', 'Juniper'] as const;
/** Bytes a second of the phone, so that a copy lasts as long as the searches beside it. */
const RATE = 30_000_000;
const COPIED = 900_000_000;
const ROUNDS = 3;

/** Milliseconds from the key to the frame that has drawn a row of what was typed. Runs in the page. */
function typeAndWait(text: string): Promise<number> {
  return new Promise((resolve) => {
    const field = document.querySelector<HTMLInputElement>('#filter');
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
    const began = performance.now();
    const look = (): void => {
      const name = document.querySelector<HTMLElement>('.find .list-row[data-name]')?.dataset['name'] ?? '';
      if (name.toLowerCase().startsWith(text.toLowerCase())) resolve(performance.now() - began);
      else requestAnimationFrame(look);
    };
    set?.call(field, text);
    field?.dispatchEvent(new Event('input', { bubbles: true }));
    requestAnimationFrame(look);
  });
}

async function percentileOfKeys(page: Page): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1)
    for (const letters of [1, 3, Infinity])
      for (const name of NAMES) {
        await page.waitForTimeout(60);
        // none of them begins as the one before, whose rows would be taken for its own
        times.push(await page.evaluate(typeAndWait, name.slice(0, letters)));
      }
  return times.sort((one, other) => one - other)[Math.ceil(times.length * 0.95) - 1] ?? 0;
}

/** So many files on the phone, all of which one word finds. */
export async function findRun(files: number): Promise<FindRun> {
  const host = await startRealHost({
    phone: [`rate=${RATE}`],
    furnish: (phone) => {
      for (let at = 0; at < files; at += 1) {
        const folder = join(phone, 'Pictures', `f${Math.floor(at / FOLDER_FILES)}`);
        if (at % FOLDER_FILES === 0) mkdirSync(folder, { recursive: true });
        closeSync(openSync(join(folder, `${NAMES[at % NAMES.length] ?? ''}_${at}.jpg`), 'w'));
      }
    },
  });
  const window = await openWindow(host.url);
  try {
    const { page } = window;
    await page.getByRole('row', { name: /^Pictures/ }).waitFor();
    await page.keyboard.press('Control+Shift+F');
    await page.locator('#filter').fill('jpg');
    await page.getByText(`${files.toLocaleString('en-GB')} results`, { exact: true }).waitFor({ timeout: 300_000 });
    const scrolling = await measureFrames(page, async () => {
      await page.mouse.move(600, 400);
      for (let turn = 0; turn < 120; turn++) {
        await page.mouse.wheel(0, 900);
        await page.waitForTimeout(16);
      }
    });
    const keyMs = await percentileOfKeys(page);
    await page.keyboard.press('Escape');
    const large = join(host.local, 'large.bin');
    writeFileSync(large, '');
    truncateSync(large, COPIED);
    await dropFiles(page, '.pane', [large]);
    // a browser hands the file over first; from here on it is sent to the phone
    const speed = page.locator('.drawer-now').getByText(/B\/s/);
    await speed.waitFor({ timeout: 300_000 });
    await page.keyboard.press('Control+Shift+F');
    const keyWhileCopyingMs = await percentileOfKeys(page);
    if (!(await speed.isVisible())) throw new Error('the copy ended before the searches');
    return { keyMs, keyWhileCopyingMs, scrolling };
  } finally {
    await window.close();
    await host.kill();
    await host.stop();
  }
}
