import { spawn, type ChildProcess } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';
import { ROOT } from './browser.ts';

/** The product itself: the built program serving the built window, with virtual phones. */
export interface RealHost {
  readonly url: string;
  /** The folder that is the phone's internal storage. */
  readonly phone: string;
  /** A local folder for this test alone. */
  readonly local: string;
  /** Paths of the files that the program has open now, as Linux tells them. */
  openFiles(): readonly string[];
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface RealHostOptions {
  /** Additional options of the virtual phone: `rate=20000000`. */
  readonly phone?: readonly string[];
  readonly faults?: readonly string[];
  /** Fills the phone's folder before it is plugged in. */
  readonly furnish?: (phone: string) => void;
  /** Starts without a phone. */
  readonly noPhone?: boolean;
}

export async function startRealHost(options: RealHostOptions = {}): Promise<RealHost> {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-real-'));
  const phone = path.join(base, 'phone');
  const local = path.join(base, 'local');
  fs.mkdirSync(phone);
  fs.mkdirSync(local);
  options.furnish?.(phone);
  const virtual = options.noPhone === true ? [] : ['--virtual', [phone, ...(options.phone ?? [])].join(',')];
  const faults = (options.faults ?? []).flatMap((fault) => ['--fault', fault]);
  const child = spawn(
    process.execPath,
    [
      path.join(ROOT, 'out/cli/replug.js'),
      '--no-usb',
      '--json',
      '--db',
      path.join(base, 'replug.sqlite'),
      ...virtual,
      ...faults,
      'serve',
      '--port',
      '0',
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Nothing of this machine's own Replug is read or written.
      env: { ...process.env, HOME: local, XDG_DATA_HOME: base, XDG_CONFIG_HOME: base, XDG_CACHE_HOME: base },
    },
  );
  const url = await addressOf(child);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    url,
    phone,
    local,
    openFiles: () => {
      const folder = `/proc/${child.pid}/fd`;
      return fs.readdirSync(folder).flatMap((one) => {
        try {
          return fs.readlinkSync(path.join(folder, one));
        } catch {
          // closed since
          return [];
        }
      });
    },
    kill: () => end('SIGKILL'),
    stop: async () => {
      const late = setTimeout(() => child.kill('SIGKILL'), 8000);
      await end('SIGTERM');
      clearTimeout(late);
      fs.rmSync(base, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Where a program serves its window, as it tells on its standard output. */
export function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
    child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const message = JSON.parse(line) as { readonly type: string; readonly url?: string };
      if (message.type === 'serving' && message.url !== undefined) resolve(message.url);
    });
  });
}

/** Drops files and folders from disk on an element, as the system would. */
export async function dropFiles(
  page: Page,
  selector: string,
  paths: readonly string[],
  before?: () => Promise<void>,
): Promise<void> {
  const box = await page.locator(selector).first().boundingBox();
  if (box === null) throw new Error(`${selector} is not to be seen`);
  const session = await page.context().newCDPSession(page);
  const at = { x: box.x + Math.min(box.width / 2, 300), y: box.y + box.height / 2 };
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  await session.send('Input.dispatchDragEvent', { type: 'dragEnter', ...at, data });
  await session.send('Input.dispatchDragEvent', { type: 'dragOver', ...at, data });
  await before?.();
  await session.send('Input.dispatchDragEvent', { type: 'drop', ...at, data });
  await session.detach();
}
