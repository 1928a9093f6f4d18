import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openWindow } from '../../tests/browser/browser.ts';
import { measureFrames } from '../../tests/browser/frames.ts';
import { startRealHost } from '../../tests/browser/real-host.ts';
import type { WindowRun } from './figures.ts';

/**
 * Measurements in the window: a folder of 50,000 entries in a real Chromium, served by the built program with a
 * virtual phone.
 */

/** Records when entries arrive and when their rows are drawn; runs in the page before its own scripts. */
function watchRows(): void {
  const seen: { arrived?: number; drawn?: number } = {};
  Object.assign(globalThis, { replugSeen: seen });
  const Socket = globalThis.WebSocket;
  globalThis.WebSocket = class extends Socket {
    constructor(...given: ConstructorParameters<typeof Socket>) {
      super(...given);
      this.addEventListener('message', ({ data }) => {
        if (seen.arrived === undefined && typeof data === 'string' && data.includes('IMG_0'))
          seen.arrived = performance.now();
      });
    }
  };
  new MutationObserver(() => {
    if (seen.drawn !== undefined || document.querySelector('.list-row[data-name^=IMG]') === null) return;
    // the frame after the one that draws the rows starts once they have been drawn
    requestAnimationFrame(() => {
      requestAnimationFrame(() => (seen.drawn ??= performance.now()));
    });
  }).observe(document, { childList: true, subtree: true });
}

export async function windowRun(entries: number): Promise<WindowRun> {
  const host = await startRealHost({
    furnish: (phone) => {
      const folder = join(phone, 'DCIM', 'Camera');
      mkdirSync(folder, { recursive: true });
      for (let index = 0; index < entries; index++)
        closeSync(openSync(join(folder, `IMG_${String(index).padStart(6, '0')}.jpg`), 'w'));
    },
  });
  const window = await openWindow('about:blank');
  try {
    const { page } = window;
    await page.addInitScript(watchRows);
    await page.goto(host.url);
    await page.getByRole('row', { name: /^DCIM/ }).dblclick();
    await page.getByRole('row', { name: /^Camera/ }).waitFor();
    const began = performance.now();
    await page.getByRole('row', { name: /^Camera/ }).dblclick();
    await page.getByText(`${entries.toLocaleString('en-GB')} items`).waitFor({ timeout: 120_000 });
    const allRowsMs = Math.round(performance.now() - began);
    const seen = (await page.evaluate(() => (globalThis as unknown as { replugSeen: unknown }).replugSeen)) as {
      readonly arrived: number;
      readonly drawn: number;
    };
    const scrolling = await measureFrames(page, async () => {
      await page.mouse.move(600, 400);
      for (let turn = 0; turn < 120; turn++) {
        await page.mouse.wheel(0, 900);
        await page.waitForTimeout(16);
      }
    });
    const heap = await heapOf(page);
    return {
      firstRowsMs: Math.round(seen.drawn - seen.arrived),
      allRowsMs,
      scrolling,
      heap,
      ...rendererOf(window.profile),
    };
  } finally {
    await window.close();
    await host.stop();
  }
}

async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return usedSize;
}

/** The page's process: the largest of this browser's renderers. */
function rendererOf(profile: string): Pick<WindowRun, 'rendererResident' | 'rendererOwn'> {
  const sizes = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const command = readFileSync(`/proc/${name}/cmdline`, 'utf8');
        if (!command.includes('--type=renderer') || !command.includes(profile)) return [];
        const rollup = readFileSync(`/proc/${name}/smaps_rollup`, 'utf8');
        const bytes = (what: string): number =>
          Number(new RegExp(`^${what}:\\s*(\\d+)`, 'm').exec(rollup)?.[1] ?? 0) * 1024;
        return [{ rendererResident: bytes('Rss'), rendererOwn: bytes('Pss') }];
      } catch {
        // the process has just ended
        return [];
      }
    })
    .sort((one, other) => other.rendererResident - one.rendererResident);
  const [largest] = sizes;
  if (largest === undefined) throw new Error('The renderer’s process was not found.');
  return largest;
}

/** Name and version of the browser. */
export const browserVersion = (): string =>
  execFileSync('sh', ['-c', 'chromium --version 2>/dev/null || true'], { encoding: 'utf8' }).trim();
