import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import type { CopyId } from '../../shared/opening.ts';
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

/** A copy of a file that can be edited, and where it is. Nothing looks at it unasked from now on. */
export async function edited(world: World, path: string): Promise<{ readonly copy: CopyId; readonly path: string }> {
  const { copy } = await world.engine.execute('fetchCopy', { place: world.place(path), edit: true });
  world.engine.opening.edited.close();
  return { copy, path: world.engine.opening.openable(copy).path };
}

/** When the first version that `write` makes was written, in seconds since 1970. */
const FIRST = Date.UTC(2024, 1, 2) / 1000 + 1_000_000;
let versions = 0;

/** Another version of a file, whose date differs from all before it. */
export function write(path: string, content: string | Buffer): void {
  versions += 1;
  writeFileSync(path, content);
  utimesSync(path, FIRST + versions * 100, FIRST + versions * 100);
}
