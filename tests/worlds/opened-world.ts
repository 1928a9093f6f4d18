import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { World, type WorldOptions } from './world.ts';

/** A world whose copies for programs have a folder of their own. */
interface Opened extends World {
  readonly copies: string;
}

/** Closed, with its copies, when its test ends. */
export function begin(t: TestContext, phone: Partial<VirtualPhoneOptions> = {}, options: WorldOptions = {}): Opened {
  const copies = join(mkdtempSync(join(tmpdir(), 'replug-opened-')), 'opened');
  const world = new World(phone, { copyFolder: copies, ...options });
  t.after(async () => {
    await world.end();
    rmSync(dirname(copies), { recursive: true, force: true });
  });
  return Object.assign(world, { copies });
}
