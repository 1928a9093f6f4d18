import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { Cli, largestIn } from '../guest/cli.ts';
import type { Lab, Scenario } from '../guest/lab.ts';
import { digestFile, makeFile } from '../guest/phones.ts';
import { until } from '../guest/wait.ts';

/**
 * The window on a real USB phone: the loopback host and Chromium both run inside the machine. A file is dropped, the
 * cable pulled at half way, plugged in again, and the file arrives. Everything is slow here: Chromium is emulated too,
 * and gives the file to the host first, at 2 MB/s on a busy machine. So the file is only three chunks long.
 */

const SLOW = 180_000;
const SIZE = 24 << 20;

async function drop(page: Page, file: string): Promise<void> {
  const target = page.locator('[role=row][data-name="Movies"]').first();
  await target.waitFor();
  const box = await target.boundingBox();
  assert.ok(box);
  const session = await page.context().newCDPSession(page);
  const at = { x: box.x + Math.min(box.width / 2, 300), y: box.y + box.height / 2 };
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const)
    await session.send('Input.dispatchDragEvent', { type, ...at, data });
  await session.detach();
}

async function run(lab: Lab): Promise<string> {
  const folder = path.join(lab.gadget.internal, 'Movies');
  await makeFile(path.join(folder, 'already there.bin'), 1000);
  const source = path.join(await lab.folder('local'), 'film.bin');
  await makeFile(source, SIZE);
  const began = performance.now();
  const tell = (what: string): void =>
    lab.say(`         after ${Math.round((performance.now() - began) / 1000)} s ${what}`);
  const cli = new Cli(lab, { name: 'serve' });
  const url = await cli.address(cli.start(['serve']), 'serving');
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    headless: true,
    timeout: SLOW,
    // on the bus in user space the browser has no business
    env: Object.fromEntries(
      Object.entries(process.env).flatMap(([name, value]) =>
        name === 'LD_PRELOAD' || value === undefined ? [] : [[name, value]],
      ),
    ),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1120, height: 720 }, reducedMotion: 'reduce' });
    page.setDefaultTimeout(SLOW);
    const shoot = (name: string): Promise<Buffer> =>
      page.screenshot({ path: path.join(lab.artifacts, `${name}.png`), timeout: SLOW });
    await page.goto(url, { timeout: SLOW });
    await page.getByRole('grid').waitFor();
    tell('the window shows the phone');
    await shoot('shown');
    // Looked up at the phone: the page's own bar is slower here than the cable. It looks before the file is dropped.
    const pulled = until('half of it has gone', SLOW, async () => (await largestIn(folder)) >= SIZE / 2).then(() =>
      lab.gadget.unplug(),
    );
    await Promise.all([drop(page, source).then(() => tell('the file is dropped')), pulled]);
    tell('the cable is pulled');
    await page
      .locator('.transfer')
      .getByText(/Waiting for/u)
      .first()
      .waitFor();
    const bar = page.locator('.transfer [role=progressbar]').first();
    const stood = Number(await bar.getAttribute('aria-valuenow'));
    assert.ok(stood >= 25 && stood < 100, `it stands at ${stood} %`);
    await shoot('unplugged');
    tell('the window says so');
    await lab.gadget.plug();
    await page.locator('.transfer[data-state=done]').waitFor();
    await shoot('arrived');
    assert.equal(await digestFile(path.join(folder, 'film.bin')), await digestFile(source));
    assert.deepEqual((await readdir(folder)).sort(), ['already there.bin', 'film.bin']);
    return `pulled at ${stood} %, arrived after the replug`;
  } catch (error) {
    for (const page of browser.contexts().flatMap((context) => context.pages()))
      await page.screenshot({ path: path.join(lab.artifacts, 'failed.png'), timeout: SLOW }).catch(() => undefined);
    throw error;
  } finally {
    await browser.close();
  }
}

export const window: readonly Scenario[] = [
  {
    name: 'window/drop',
    what: 'a file dropped in Chromium, the cable pulled at half way, the file arrives',
    limitMs: 480_000,
    phone: 'gadget',
    run,
  },
];
