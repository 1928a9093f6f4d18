// Makes the moving picture of the README, once in each theme: the built program with a virtual phone, in Chromium. A
// folder is dropped, the cable is pulled at 60 % and plugged in again; the transfer carries on and is verified.
import { randomFillSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { animatedWebp, type Frame } from '../../scripts/pictures/animated-webp.ts';
import { openWindow, ROOT } from './browser.ts';
import { dropFiles, startRealHost } from './real-host.ts';

const OUT = path.join(ROOT, 'docs/images');
const SIZE = { width: 960, height: 560 };
/** Height of the line below the window that says what happens. */
const CAPTION = 40;
/** Milliseconds between two looks, and for what a reader should have time to read. */
const BETWEEN_MS = 170;
const READ_MS = 1600;

interface Shot {
  readonly png: Buffer;
  readonly caption: string;
  readonly duration: number;
}

/** Takes pictures until told to stop; each lasts until the next. */
class Camera {
  readonly shots: Shot[] = [];
  caption = '';
  readonly #page: Page;
  #stopped = false;
  #running: Promise<void> | undefined;

  constructor(page: Page) {
    this.#page = page;
  }

  start(): void {
    this.#running = (async () => {
      while (!this.#stopped) {
        await this.look(BETWEEN_MS);
        await this.#page.waitForTimeout(BETWEEN_MS);
      }
    })();
  }

  async look(duration: number): Promise<void> {
    const png = await this.#page.screenshot({ animations: 'allow' });
    this.shots.push({ png, caption: this.caption, duration });
  }

  /** Stops, and shows the last picture for a while. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    await this.look(2 * READ_MS);
  }
}

/** Encodes the shots in the page's own browser: of each only what differs from the one before. */
async function encode(page: Page, shots: readonly Shot[], theme: 'light' | 'dark'): Promise<Buffer> {
  const scenes = shots.map(({ png, caption, duration }) => ({ png: png.toString('base64'), caption, duration }));
  const frames = await page.evaluate(
    async ({ scenes, theme, width, height, below }) => {
      const opaque = (w: number, h: number): [HTMLCanvasElement, CanvasRenderingContext2D] => {
        const made = document.createElement('canvas');
        made.width = w;
        made.height = h;
        const drawing = made.getContext('2d', { alpha: false, willReadFrequently: true });
        if (drawing === null) throw new Error('no canvas');
        return [made, drawing];
      };
      const [canvas, context] = opaque(width, height + below);
      const out: { image: string; x: number; y: number; width: number; height: number; duration: number }[] = [];
      let before: Uint32Array | undefined;
      for (const { png, caption, duration } of scenes) {
        const picture = new Image();
        picture.src = `data:image/png;base64,${png}`;
        await picture.decode();
        context.fillStyle = theme === 'dark' ? '#0d1117' : '#ffffff';
        context.fillRect(0, height, width, below);
        context.fillStyle = theme === 'dark' ? '#e6edf3' : '#1f2328';
        context.font = '600 19px "Noto Sans", "DejaVu Sans", sans-serif';
        context.textAlign = 'center';
        context.fillText(caption, width / 2, height + 27);
        context.drawImage(picture, 0, 0);
        const now = new Uint32Array(context.getImageData(0, 0, width, height + below).data.buffer);
        let [left, top, right, bottom] = [width, height + below, 0, 0];
        for (let at = 0; at < now.length; at++)
          if (before?.[at] !== now[at]) {
            const [x, y] = [at % width, Math.floor(at / width)];
            left = Math.min(left, x);
            right = Math.max(right, x + 1);
            top = Math.min(top, y);
            bottom = Math.max(bottom, y + 1);
          }
        before = now;
        const last = out.at(-1);
        if (right === 0 && last !== undefined) {
          last.duration += duration;
          continue;
        }
        left -= left % 2;
        top -= top % 2;
        const [part, drawing] = opaque(right - left, bottom - top);
        drawing.drawImage(canvas, -left, -top);
        const blob = await new Promise<Blob | null>((done) => part.toBlob(done, 'image/webp', 0.82));
        if (blob?.type !== 'image/webp') throw new Error('this browser makes no WebP');
        const bytes = new Uint8Array(await blob.arrayBuffer());
        let text = '';
        for (const byte of bytes) text += String.fromCharCode(byte);
        out.push({ image: btoa(text), x: left, y: top, width: right - left, height: bottom - top, duration });
      }
      return out;
    },
    { scenes, theme, ...SIZE, below: CAPTION },
  );
  const decoded = frames.map((frame): Frame => ({ ...frame, image: Buffer.from(frame.image, 'base64') }));
  return animatedWebp(SIZE.width, SIZE.height + CAPTION, decoded);
}

async function film(theme: 'light' | 'dark'): Promise<Buffer> {
  const host = await startRealHost({
    phone: ['name=Pixel 8', 'rate=16000000'],
    furnish: (phone) => {
      for (const folder of ['DCIM/Camera', 'Documents', 'Download', 'Movies', 'Music', 'Pictures'])
        fs.mkdirSync(path.join(phone, folder), { recursive: true });
    },
  });
  const { page, close } = await openWindow(host.url, { ...SIZE, theme });
  try {
    const folder = path.join(host.local, 'Holiday');
    fs.mkdirSync(folder);
    for (const [name, size] of [
      ['Beach.mp4', 46e6],
      ['Fireworks.mp4', 38e6],
      ['Map.pdf', 3e6],
      ['Mountains.mp4', 32e6],
    ] as const)
      fs.writeFileSync(path.join(folder, name), randomFillSync(Buffer.alloc(size)));
    await page.getByRole('row', { name: /^Movies/ }).dblclick();
    await page.waitForTimeout(600);
    const camera = new Camera(page);
    camera.caption = 'Drop a folder on the phone …';
    await camera.look(READ_MS);
    await dropFiles(page, 'main', [folder], () => camera.look(READ_MS));
    camera.start();
    await page.waitForFunction(() => Number(/(\d+)% ·/.exec(document.body.innerText)?.[1] ?? 0) >= 60, undefined, {
      timeout: 60_000,
    });
    camera.caption = '… pull the cable at 60 % …';
    await page.getByRole('button', { name: 'Unplug' }).click();
    await page
      .getByText(/is unplugged/)
      .first()
      .waitFor();
    await page.waitForTimeout(READ_MS);
    camera.caption = '… plug it in again: it carries on where it was …';
    await page.getByRole('main').getByRole('button', { name: 'Plug in' }).click();
    await page
      .getByText(/verified/i)
      .first()
      .waitFor({ timeout: 60_000 });
    camera.caption = '… and is verified.';
    await camera.stop();
    return await encode(page, camera.shots, theme);
  } catch (error) {
    await page.screenshot({ path: path.join(ROOT, '.cache', `moving-picture-${theme}.png`) });
    throw error;
  } finally {
    await close();
    await host.stop();
  }
}

for (const theme of ['light', 'dark'] as const) {
  const picture = await film(theme);
  fs.writeFileSync(path.join(OUT, `resume-${theme}.webp`), picture);
  console.log(`resume-${theme}.webp: ${(picture.length / 1e6).toFixed(2)} MB`);
}
