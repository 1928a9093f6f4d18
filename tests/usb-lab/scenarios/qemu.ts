import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createUsbBus } from '../../../electron/usb/index.ts';
import type { Lab, Scenario } from '../guest/lab.ts';
import { digestFile, makeFile, openFirst, sha256 } from '../guest/phones.ts';
import { until } from '../guest/wait.ts';

/** QEMU's own MTP device: a second responder of other people, on an emulated EHCI port. */

const MiB = 1 << 20;

async function basics(lab: Lab): Promise<string> {
  const folder = lab.qemu.folder;
  await lab.qemu.unplug();
  await mkdir(path.join(folder, 'music'));
  await writeFile(path.join(folder, 'music/song.mp3'), 'la la la');
  await makeFile(path.join(folder, 'big.bin'), 5 * MiB + 3);
  await lab.qemu.plug();
  const bus = createUsbBus();
  try {
    const { phone, storage } = await openFirst(bus);
    const root = await phone.list(storage.id, 'root');
    assert.deepEqual(root.map((entry) => entry.name).sort(), ['big.bin', 'music']);
    const big = root.find((entry) => entry.name === 'big.bin');
    assert.ok(big);
    const pieces: Uint8Array[] = [];
    for (let offset = 0; offset < big.size; ) {
      const window = await phone.readWindow(big, offset, MiB);
      for (const piece of window) offset += piece.length;
      pieces.push(...window);
    }
    assert.equal(sha256(pieces), await digestFile(path.join(folder, 'big.bin')));
    const content = Buffer.alloc(2 * MiB + 7, 0x77);
    await phone.writeWhole(storage.id, 'root', { name: 'up.bin', size: content.length, modified: undefined }, [
      content,
    ]);
    assert.equal(await digestFile(path.join(folder, 'up.bin')), sha256(content));
    const waiting = phone.closed;
    await lab.qemu.unplug();
    assert.equal((await waiting).kind, 'disconnected');
    await until('the bus is empty', 5000, async () => (await bus.current()).length === 0);
    const { partialRead, edit, propList } = phone.capabilities;
    return JSON.stringify({ partialRead, edit, propList, model: phone.identity.model });
  } finally {
    await bus.close();
  }
}

export const qemu: readonly Scenario[] = [
  {
    name: 'qemu/basics',
    what: 'list, read with GetPartialObject, write, unplug through the monitor',
    limitMs: 60_000,
    phone: 'qemu',
    run: basics,
  },
];
