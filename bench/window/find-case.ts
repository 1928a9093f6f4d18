import { rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { volume } from '../../electron/virtual/index.ts';
import { openWindow } from '../../tests/browser/browser.ts';
import { measureFrames } from '../../tests/browser/frames.ts';
import { dropFiles } from '../../tests/browser/real-host.ts';
import type { FindRun } from './figures.ts';
import { startRemembering, type Remembering } from './remembering.ts';

/** The search of a phone in the window: from a key to the first rows of what it finds, and scrolling through very many. */

/** What the names of the phone's volume begin with; none begins as the one before. */
const NAMES = ['IMG', 'Summer', 'Été', 'report', 'Screenshot', 'VID', 'música', 'backup'] as const;
/** More than a third of the files have it in their name. */
const MANY = 'jpg';
/** Bytes a second of the phone, so that a copy lasts as long as the searches beside it. */
const RATE = 30_000_000;
const COPIED = 900_000_000;
const ROUNDS = 4;
/** A copy of before may have to end first. */
const PATIENCE_MS = 300_000;

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

/** How many entries of a volume have this in their name. */
function countNamed({ name, children }: ReturnType<typeof volume>, text: string): number {
  const own = name.toLowerCase().includes(text) ? 1 : 0;
  return (children?.() ?? []).reduce((sum, child) => sum + countNamed(child, text), own);
}

/** Measures so many windows, one after the other, on a phone of so many files that is scanned once. */
export async function findRuns(files: number, runs: number): Promise<readonly FindRun[]> {
  const many = countNamed(volume('Volume', files), MANY);
  const began = performance.now();
  const host = await startRemembering({ files, rate: RATE });
  console.log(
    `${files.toLocaleString('en')} files remembered after ${Math.round((performance.now() - began) / 1000)} s`,
  );
  try {
    const found: FindRun[] = [];
    for (let run = 0; run < runs; run += 1) found.push({ remembered: files, ...(await findRun(host, many, run)) });
    return found;
  } finally {
    await host.stop();
  }
}

async function findRun(host: Remembering, many: number, run: number): Promise<Omit<FindRun, 'remembered'>> {
  const window = await openWindow(host.url);
  const large = join(host.local, `large-${run}.bin`);
  try {
    const { page } = window;
    await page.getByRole('row', { name: /^Volume/ }).waitFor();
    const speed = page.locator('.drawer-now').getByText(/B\/s/);
    await speed.waitFor({ state: 'detached', timeout: PATIENCE_MS });
    await page.keyboard.press('Control+Shift+F');
    await page.locator('#filter').fill(MANY);
    await page.getByText(`${many.toLocaleString('en-GB')} results`, { exact: true }).waitFor({ timeout: PATIENCE_MS });
    const scrolling = await measureFrames(page, async () => {
      await page.mouse.move(600, 400);
      for (let turn = 0; turn < 120; turn++) {
        await page.mouse.wheel(0, 900);
        await page.waitForTimeout(16);
      }
    });
    const keyMs = await percentileOfKeys(page);
    await page.keyboard.press('Escape');
    writeFileSync(large, '');
    truncateSync(large, COPIED);
    await dropFiles(page, '.pane', [large]);
    // a browser hands the file over first; from here on it is sent to the phone
    await speed.waitFor({ timeout: PATIENCE_MS });
    await page.keyboard.press('Control+Shift+F');
    const keyWhileCopyingMs = await percentileOfKeys(page);
    if (!(await speed.isVisible())) throw new Error('the copy ended before the searches');
    return { results: many, keyMs, keyWhileCopyingMs, scrolling };
  } finally {
    await window.close();
    rmSync(large, { force: true });
  }
}
