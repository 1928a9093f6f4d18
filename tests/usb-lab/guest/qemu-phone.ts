import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { until } from './wait.ts';

const SHARE = '/lab';

/**
 * QEMU's own MTP device on the emulated EHCI port: a responder written by other people again. Its folder lies in the
 * lab's share. Plugged and pulled through QEMU's monitor, outside.
 */
export class QemuPhone {
  readonly folder = `${SHARE}/qemu-phone`;
  #sequence = 0;
  #plugged = false;

  /** `readOnly` as QEMU's default. */
  async plug(options: { readonly readOnly?: boolean } = {}): Promise<void> {
    // `rootdir` is a path outside: the same folder, as the share's owner sees it.
    const { outside } = JSON.parse(await readFile(`${SHARE}/plan.json`, 'utf8')) as { outside: string };
    await this.#monitor('device_add', {
      driver: 'usb-mtp',
      id: 'phone',
      bus: 'ehci.0',
      rootdir: `${outside}/qemu-phone`,
      readonly: options.readOnly ?? false,
    });
    this.#plugged = true;
  }

  async unplug(): Promise<void> {
    if (!this.#plugged) return;
    this.#plugged = false;
    await this.#monitor('device_del', { id: 'phone' });
  }

  async empty(): Promise<void> {
    await this.unplug().catch(() => undefined);
    await mkdir(this.folder, { recursive: true });
    for (const name of await readdir(this.folder)) await rm(`${this.folder}/${name}`, { recursive: true, force: true });
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
