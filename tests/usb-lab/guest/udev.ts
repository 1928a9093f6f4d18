import { execFileSync } from 'node:child_process';
import { cp, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { ROOT } from './lab.ts';
import { Program } from './process.ts';
import { sleep } from './wait.ts';

/** libusb learns of a plug only from udevd; the product's own rule is among those it applies here. */
export async function startUdev(folder: string): Promise<Program> {
  await mkdir('/run/udev/rules.d', { recursive: true });
  for (const rule of ['50-udev-default.rules'])
    await cp(path.join(folder, 'lib/udev/rules.d', rule), path.join('/run/udev/rules.d', rule));
  await cp(path.join(ROOT, 'resources/linux/69-replug.rules'), '/run/udev/rules.d/69-replug.rules');
  await mkdir('/lib/systemd', { recursive: true });
  const udevd = '/tmp/systemd-udevd';
  execFileSync('ln', ['-sf', path.join(folder, 'bin/udevadm'), udevd]);
  const program = new Program(udevd, [], { log: '/lab/artifacts/udevd.log' });
  for (let tries = 0; tries < 100; tries += 1) {
    if ((await readdir('/run/udev').catch((): string[] => [])).includes('control')) return program;
    await sleep(50);
  }
  throw new Error('udevd does not start');
}
