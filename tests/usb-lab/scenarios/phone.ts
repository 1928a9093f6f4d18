import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createUsbBus, type UsbBus } from '../../../electron/usb/index.ts';
import type { Lab, Scenario } from '../guest/lab.ts';
import { digestFile, makeFile, openFirst, sha256 } from '../guest/phones.ts';
import { sleep, until } from '../guest/wait.ts';

/** The protocol (`electron/mtp`) over the real transport: what a phone can do, without engine and CLI. */

const MiB = 1 << 20;
/** In the machine all of this is plain JavaScript. */
const HELPER = fileURLToPath(import.meta.resolve(`../guest/reader${path.extname(import.meta.url)}`));

async function withBus<T>(work: (bus: UsbBus) => Promise<T>): Promise<T> {
  const bus = createUsbBus();
  try {
    return await work(bus);
  } finally {
    await bus.close();
  }
}

async function everything(lab: Lab): Promise<string> {
  const root = lab.gadget.internal;
  await mkdir(path.join(root, 'DCIM/Camera'), { recursive: true });
  await writeFile(path.join(root, 'DCIM/Camera/one.jpg'), 'picture');
  return withBus(async (bus) => {
    const { phone, storage } = await openFirst(bus);
    assert.equal(phone.identity.serial, lab.gadget.serial);
    assert.equal(storage.description, 'Internal storage');
    const folder = (await phone.list(storage.id, 'root')).find((entry) => entry.name === 'DCIM');
    assert.ok(folder);
    assert.deepEqual(
      (await phone.list(storage.id, folder.handle)).map((entry) => [entry.name, entry.kind]),
      [['Camera', 'folder']],
    );
    const made = await phone.makeFolder(storage.id, 'root', 'made by Replug');
    const content = randomBytes(3 * MiB + 500);
    const whole = await phone.writeWhole(
      storage.id,
      made,
      { name: 'whole.bin', size: content.length, modified: undefined },
      [content.subarray(0, MiB), content.subarray(MiB, 2 * MiB), content.subarray(2 * MiB)],
    );
    assert.equal(await digestFile(path.join(root, 'made by Replug/whole.bin')), sha256(content));
    await phone.rename(whole, 'renamed.bin');
    assert.equal(await digestFile(path.join(root, 'made by Replug/renamed.bin')), sha256(content));
    const pieces = await phone.readChunk({ handle: whole, size: content.length }, MiB, 2 * MiB);
    assert.equal(sha256(pieces), sha256(content.subarray(MiB, 3 * MiB)));

    // In place, as a resumable upload does it.
    const empty = await phone.createEmpty(storage.id, made, { name: 'edited.bin', modified: undefined });
    assert.equal(await phone.beginEdit(empty), 0);
    for (let offset = 0; offset < content.length; offset += MiB)
      await phone.writeChunk(empty, offset, content.subarray(offset, Math.min(offset + MiB, content.length)));
    assert.equal(await phone.sizeOf(empty), content.length);
    await phone.endEdit(empty);
    assert.equal(await digestFile(path.join(root, 'made by Replug/edited.bin')), sha256(content));
    await phone.delete(made, () => true);
    assert.deepEqual(
      (await phone.list(storage.id, 'root')).map((entry) => entry.name),
      ['DCIM'],
    );
    const { propList, partialRead, edit, move } = phone.capabilities;
    await phone.close();
    return JSON.stringify({ propList, partialRead, edit, move });
  });
}

async function manyEntries(lab: Lab): Promise<string> {
  const folder = path.join(lab.gadget.internal, 'many');
  await mkdir(folder);
  for (let index = 0; index < 2000; index += 1) await writeFile(path.join(folder, `file ${index}.txt`), String(index));
  return withBus(async (bus) => {
    const { phone, storage } = await openFirst(bus);
    const many = (await phone.list(storage.id, 'root'))[0];
    assert.ok(many);
    const started = performance.now();
    const entries = await phone.list(storage.id, many.handle);
    const seconds = (performance.now() - started) / 1000;
    assert.equal(new Set(entries.map((entry) => entry.name)).size, 2000);
    await phone.close();
    return `2000 entries in ${seconds.toFixed(1)} s`;
  });
}

async function speed(lab: Lab): Promise<string> {
  const size = 64 * MiB;
  await makeFile(path.join(lab.gadget.internal, 'big.bin'), size);
  const content = await readFile(path.join(lab.gadget.internal, 'big.bin'));
  return withBus(async (bus) => {
    const { phone, storage } = await openFirst(bus);
    const object = (await phone.list(storage.id, 'root'))[0];
    assert.ok(object);
    const rate = (started: number) => (size / MiB / ((performance.now() - started) / 1000)).toFixed(1);
    const downStarted = performance.now();
    for (let offset = 0; offset < size;) {
      const pieces = await phone.readChunk(object, offset, 8 * MiB);
      for (const piece of pieces) offset += piece.length;
    }
    const down = rate(downStarted);
    const handle = await phone.createEmpty(storage.id, 'root', { name: 'up.bin', modified: undefined });
    await phone.beginEdit(handle);
    const upStarted = performance.now();
    for (let offset = 0; offset < size; offset += 8 * MiB)
      await phone.writeChunk(handle, offset, content.subarray(offset, offset + 8 * MiB));
    const up = rate(upStarted);
    await phone.endEdit(handle);
    assert.equal(await digestFile(path.join(lab.gadget.internal, 'up.bin')), sha256(content));
    await phone.close();
    return `down ${down}, up in place ${up} MB/s in chunks of 8 MiB`;
  });
}

/** A host that dies in the middle of a whole-file read leaves the responder blocked in its write. */
async function abandoned(lab: Lab): Promise<string> {
  const size = 48 * MiB;
  await makeFile(path.join(lab.gadget.internal, 'big.bin'), size);
  const reader = lab.start('reader', process.execPath, [HELPER]);
  await until('it is reading', 30_000, () => reader.output.includes('reading'));
  await reader.kill('SIGKILL');
  return withBus(async (bus) => {
    const started = performance.now();
    let tries = 0;
    for (;;) {
      tries += 1;
      try {
        const { phone, storage } = await openFirst(bus);
        const object = (await phone.list(storage.id, 'root'))[0];
        assert.equal(object?.size, size);
        const pieces = await phone.readChunk(object, size - MiB, MiB);
        const whole = await readFile(path.join(lab.gadget.internal, 'big.bin'));
        assert.equal(sha256(pieces), sha256(whole.subarray(size - MiB)));
        await phone.close();
        break;
      } catch (error) {
        lab.say(`         try ${tries}: ${String(error)}`);
        if (tries === 5) throw error;
        await sleep(1000);
      }
    }
    return `usable again after ${((performance.now() - started) / 1000).toFixed(1)} s and ${tries} tries`;
  });
}

export const phone: readonly Scenario[] = [
  {
    name: 'phone/everything',
    what: 'list, folder, whole and in-place write, rename, read, delete',
    limitMs: 60_000,
    phone: 'gadget',
    run: everything,
  },
  { name: 'phone/many', what: 'a folder of 2000 entries', limitMs: 90_000, phone: 'gadget', run: manyEntries },
  { name: 'phone/speed', what: '64 MiB in chunks of 8 MiB both ways', limitMs: 90_000, phone: 'gadget', run: speed },
  {
    name: 'phone/abandoned',
    what: 'a host died inside a whole-file read; the next one recovers without a replug',
    limitMs: 90_000,
    phone: 'gadget',
    run: abandoned,
  },
];
