import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openWindow } from '../../tests/browser/browser.ts';
import { measureFrames } from '../../tests/browser/frames.ts';
import { startRealHost } from '../../tests/browser/real-host.ts';
import { exif, jpeg } from '../../tests/support/sample-pictures.ts';
import type { PhotosRun, WindowRun } from './figures.ts';

/** The page of photos: scrolling through very many by day, each with the phone's thumbnail. */

const A_DAY = 50;
const FIRST_DAY_S = Date.UTC(2024, 2, 3, 9) / 1000;
/** Turns of the wheel, 16 ms apart: at 900 px each they go through 20,000 shots from end to end. */
const TURNS = 400;

/** Scrolls from the top to the end. */
async function scroll(page: Page): Promise<WindowRun['scrolling']> {
  await page.locator('.photos-grid').evaluate((grid) => grid.scrollTo(0, 0));
  await page.mouse.move(600, 400);
  return measureFrames(page, async () => {
    for (let turn = 0; turn < TURNS; turn++) {
      await page.mouse.wheel(0, 900);
      await page.waitForTimeout(16);
    }
  });
}

/** So many new photos on the phone, fifty a day with a gap of hours in each. */
export async function photosRun(shots: number): Promise<PhotosRun> {
  const picture = jpeg(640, 480, { segments: [exif({ thumbnail: jpeg(160, 120) })] });
  const host = await startRealHost({
    furnish: (phone) => {
      const folder = join(phone, 'DCIM', 'Camera');
      mkdirSync(folder, { recursive: true });
      for (let at = 0; at < shots; at += 1) {
        const file = join(folder, `IMG_${String(at).padStart(5, '0')}.jpg`);
        const ofDay = at % A_DAY;
        const taken = FIRST_DAY_S + Math.floor(at / A_DAY) * 86_400 + ofDay * 120 + (ofDay < A_DAY / 2 ? 0 : 5 * 3_600);
        writeFileSync(file, picture);
        utimesSync(file, taken, taken);
      }
    },
  });
  const window = await openWindow(host.url);
  try {
    const { page } = window;
    await page.getByRole('row', { name: /^DCIM/ }).waitFor();
    const count = shots.toLocaleString('en-GB');
    const began = performance.now();
    await page.getByRole('button', { name: 'Photos' }).click();
    // what is selected is what has come: all
    await page.getByText(`${count} selected`).waitFor({ timeout: 300_000 });
    await page.locator('.photos-grid[aria-busy=false]').waitFor({ timeout: 300_000 });
    const allShotsMs = Math.round(performance.now() - began);
    const scrollingWhileDating = await scroll(page);
    await page.getByText(`${count} new shots of ${count}`).waitFor({ timeout: 300_000 });
    // what became of their dates comes once more
    await page.locator('.photos-grid[aria-busy=false]').waitFor({ timeout: 300_000 });
    await page.waitForTimeout(1_000);
    return { shots, allShotsMs, scrolling: await scroll(page), scrollingWhileDating };
  } finally {
    await window.close();
    await host.stop();
  }
}
