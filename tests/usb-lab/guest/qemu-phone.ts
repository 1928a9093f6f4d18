import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { until } from './wait.ts';

const SHARE = '/lab';

/**
 * QEMU's own MTP device on the emulated EHCI port: a responder written by other people again. Its folder lies in the
 * lab's share. Plugged and pulled through QEMU's monitor, outside.
 *
 * A device that was taken away leaves the watch on its folder behind, and QEMU dies when that has something to tell
 * (`usb_mtp_unrealize` in 7.2 does not end it). So no folder is touched again once its device has gone: the phone goes on
 * in a copy.
 */
export class QemuPhone {
  #folder = `${SHARE}/qemu-0/phone`;
  #folders = 0;
  #sequence = 0;
  #plugged = false;

  /** What is on the phone; another one after each `unplug`. */
  get folder(): string {
    return this.#folder;
  }

  /** `readOnly` as QEMU's default. */
  async plug(options: { readonly readOnly?: boolean } = {}): Promise<void> {
    // `rootdir` is a path outside: the same folder, as the share's owner sees it.
    const { outside } = JSON.parse(await readFile(`${SHARE}/plan.json`, 'utf8')) as { outside: string };
    await this.#monitor('device_add', {
      driver: 'usb-mtp',
      id: 'phone',
      bus: 'ehci.0',
      rootdir: path.join(outside, path.relative(SHARE, this.#folder)),
      readonly: options.readOnly ?? false,
    });
    this.#plugged = true;
  }

  async unplug(): Promise<void> {
    if (!this.#plugged) return;
    const before = this.#folder;
    await this.end();
    await this.#nextFolder();
    execFileSync('cp', ['-a', `${before}/.`, this.#folder]);
  }

  /** Takes it away; what was on it is not needed any more. */
  async end(): Promise<void> {
    if (!this.#plugged) return;
    this.#plugged = false;
    await this.#monitor('device_del', { id: 'phone' });
  }

  async empty(): Promise<void> {
    await this.end().catch(() => undefined);
    await this.#nextFolder();
  }

  async #nextFolder(): Promise<void> {
    this.#folders += 1;
    // the storage is called as its folder is, so that stays
    this.#folder = `${SHARE}/qemu-${this.#folders}/phone`;
    await mkdir(this.#folder, { recursive: true });
  }

  async #monitor(execute: string, args: Readonly<Record<string, unknown>>): Promise<void> {
    const base = `${SHARE}/monitor-${(this.#sequence += 1)}`;
    await writeFile(`${base}.new`, JSON.stringify({ execute, arguments: args }));
    await rename(`${base}.new`, `${base}.json`);
    await until(`the monitor answers ${execute}`, 10_000, () => existsSync(`${base}.answer`));
    const answer = JSON.parse(await readFile(`${base}.answer`, 'utf8')) as { error?: { desc?: string } };
    await rm(`${base}.answer`);
    if (answer.error !== undefined) throw new Error(`${execute}: ${answer.error.desc ?? 'failed'}`);
  }
}
