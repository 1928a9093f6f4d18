import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import path from 'node:path';
import { Operation } from '../../../electron/mtp/wire/index.ts';
import { Desk } from '../desk.ts';
import { HR, type ServiceMode } from '../service.ts';
import type { Scenario } from './index.ts';

/** Just above what 32 bits count. */
const SIZE = 0x1_0000_0000 + 12_345;
const ANDROIDS: readonly number[] = [
  Operation.GetPartialObject64,
  Operation.SendPartialObject,
  Operation.TruncateObject,
  Operation.BeginEditObject,
  Operation.EndEditObject,
];

/** A file that takes no room but where it is marked: at its beginning, around 4 GiB, at its end. */
async function sparse(file: string): Promise<void> {
  const handle = await open(file, 'w');
  try {
    await handle.truncate(SIZE);
    for (const at of [0, 0xffff_ff00, 0x1_0000_0000, SIZE - 5]) await handle.write(`mark${at % 7}`, at);
    await handle.truncate(SIZE);
  } finally {
    await handle.close();
  }
}

async function digest(file: string): Promise<string> {
  assert.equal((await stat(file)).size, SIZE);
  const hash = createHash('sha1');
  for await (const piece of createReadStream(file, { highWaterMark: 1 << 20 })) hash.update(piece as Buffer);
  return hash.digest('hex');
}

const large = (name: string, what: string, mode: ServiceMode): Scenario => ({
  name: `large/${name}`,
  what,
  isLong: true,
  run: async (windows) => {
    const desk = await Desk.set(windows, mode);
    try {
      await sparse(path.join(desk.local, 'disk.img'));
      const content = await digest(path.join(desk.local, 'disk.img'));
      await desk.replug(['push', desk.windowsPath('disk.img'), '/Download'], 0, 900_000);
      assert.equal(await digest(path.join(desk.storage, 'Download/disk.img')), content);
      await desk.replug(['pull', '/Download/disk.img', desk.windowsPath('back')], 0, 900_000);
      assert.equal(await digest(path.join(desk.local, 'back/disk.img')), content);
      desk.assertClean();
    } finally {
      await desk.clear();
    }
  },
});

export const larges: readonly Scenario[] = [
  large('chunks', 'a file above 4 GiB there and back in chunks', {}),
  large('at-once', 'a file above 4 GiB there and back, each in one data phase', {
    refuse: (operation) => (ANDROIDS.includes(operation) ? HR.notSupported : undefined),
  }),
  large('whole', 'a file above 4 GiB through the content interface', { refuse: () => HR.notImplemented }),
];
