import type { Page } from 'playwright-core';

/** Times between frames during an action, in milliseconds. */
export interface Frames {
  readonly frames: number;
  readonly longest: number;
  readonly over50: number;
  readonly median: number;
}

/** Measures frames with the page's own clock during `what`. */
export async function measureFrames(page: Page, what: () => Promise<void>): Promise<Frames> {
  await page.evaluate(() => {
    const times: number[] = [];
    let last = performance.now();
    const tick = (now: number): void => {
      times.push(now - last);
      last = now;
      if (!('replugStop' in globalThis)) requestAnimationFrame(tick);
    };
    Object.assign(globalThis, { replugTimes: times });
    Reflect.deleteProperty(globalThis, 'replugStop');
    requestAnimationFrame(tick);
  });
  await what();
  const times = await page.evaluate(() => {
    Object.assign(globalThis, { replugStop: true });
    return (globalThis as unknown as { replugTimes: number[] }).replugTimes;
  });
  const sorted = times.slice(1).sort((one, other) => one - other);
  return {
    frames: sorted.length,
    longest: Math.round(sorted.at(-1) ?? 0),
    over50: sorted.filter((time) => time > 50).length,
    median: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0),
  };
}
