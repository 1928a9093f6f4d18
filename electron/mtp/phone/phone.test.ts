import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { isPhoneError, type PhoneErrorKind } from '../../../shared/errors.ts';
import { VirtualPhone, type VirtualPhoneOptions } from '../../virtual/index.ts';
import type { ObjectHandle, Phone, PhoneObject, PhoneStorage } from './phone-types.ts';
import { openPhone } from './phone.ts';
import type { Clock } from '../ports.ts';
import { Operation } from '../wire/codes.ts';

/** The protocol against the virtual phone: real containers, Android's traps (field notes §10). */

const clock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

interface World {
  readonly device: VirtualPhone;
  readonly phone: Phone;
  readonly storage: PhoneStorage;
  /** The phone's internal storage on disk. */
  readonly folder: string;
}

async function deviceIn(context: TestContext, options: Partial<VirtualPhoneOptions> = {}): Promise<VirtualPhone> {
  const directory = await mkdtemp(path.join(tmpdir(), 'replug-mtp-'));
  const device = new VirtualPhone({ directory: path.join(directory, 'internal'), ...options });
  await mkdir(device.internal, { recursive: true });
  context.after(async () => {
    await device.dispose();
    await rm(directory, { recursive: true, force: true });
  });
  return device;
}
const open = (device: VirtualPhone): Promise<Phone> => openPhone(device.open(), device.attached(), clock);

async function world(
  context: TestContext,
  options: Partial<VirtualPhoneOptions> = {},
  prepare?: (folder: string) => Promise<void>,
): Promise<World> {
  const device = await deviceIn(context, options);
  await prepare?.(device.internal);
  const phone = await open(device);
  context.after(() => phone.close());
  // Somebody allows access, where the phone asks for it.
  device.unlock();
  const [storage] = await phone.storages();
  assert.ok(storage);
  return { device, phone, storage, folder: device.internal };
}

const rejectsWith = async (promise: Promise<unknown>, kind: PhoneErrorKind): Promise<void> => {
  await assert.rejects(promise, (error) => {
    assert.ok(isPhoneError(error), String(error));
    assert.equal(error.kind, kind, error.message);
    return true;
  });
};
const noise = (size: number, seed = 1): Uint8Array => {
  const bytes = new Uint8Array(size);
  let state = seed;
  for (let index = 0; index < size; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[index] = state >>> 24;
  }
  return bytes;
};
const MiB = 1024 * 1024;
function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += MiB) yield bytes.slice(at, at + MiB);
}
const named = (list: readonly PhoneObject[], name: string): PhoneObject => {
  const found = list.find((entry) => entry.name === name);
  assert.ok(found, `${name} among ${list.map((entry) => entry.name).join(', ')}`);
  return found;
};
const readAll = async (
  phone: Phone,
  object: { readonly handle: ObjectHandle; readonly size: number },
  chunk = MiB,
): Promise<Buffer> => {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < object.size;) {
    const chunk_ = await phone.readChunk(object, at, chunk);
    for (const part of chunk_) at += part.byteLength;
    parts.push(...chunk_);
  }
  return Buffer.concat(parts);
};
/** The phone still understands us: whatever happened before was brought back into step. */
const stillWell = async ({ phone, storage, device }: World): Promise<void> => {
  await phone.list(storage.id, 'root');
  assert.ok(device.isServing);
};

/** Sizes around every edge: packets, the first 16 KiB that the phone reads at once, pieces, chunks. */
const SIZES = [
  0,
  1,
  499,
  500,
  501,
  512,
  1012,
  16371,
  16372,
  16373,
  16384,
  MiB - 12,
  MiB - 1,
  MiB,
  MiB + 1,
  3 * MiB + 500,
];

describe('files', { concurrency: 8 }, () => {
  for (const maxPacketSize of [64, 512, 1024] as const)
    test(`written whole and read in chunks, at ${maxPacketSize} bytes a packet`, async (context) => {
      const it = await world(context, { maxPacketSize });
      for (const size of SIZES) {
        const bytes = noise(size, size + 1);
        const sent: number[] = [];
        const handle = await it.phone.writeWhole(
          it.storage.id,
          'root',
          { name: `f${size}`, size, modified: Date.UTC(2020, 1, 3, 4, 5, 6) },
          pieces(bytes),
          { onSent: (count) => sent.push(count) },
        );
        assert.equal(sent.at(-1) ?? 0, size);
        const file = path.join(it.folder, `f${size}`);
        assert.deepEqual(await readFile(file), Buffer.from(bytes), `on disk, ${size}`);
        assert.equal((await stat(file)).mtimeMs, Date.UTC(2020, 1, 3, 4, 5, 6));
        assert.equal(await it.phone.sizeOf(handle), size);
        assert.deepEqual(await readAll(it.phone, { handle, size }), Buffer.from(bytes), `read back, ${size}`);
      }
      await stillWell(it);
    });

  test('written in place, chunk by chunk', async (context) => {
    const it = await world(context);
    const bytes = noise(3 * MiB + 77);
    const handle = await it.phone.createEmpty(it.storage.id, 'root', { name: 'x.part', modified: undefined });
    assert.equal(await it.phone.beginEdit(handle), 0);
    for (let at = 0; at < bytes.byteLength; at += MiB)
      await it.phone.writeChunk(handle, at, bytes.subarray(at, at + MiB), { priority: 'bulk' });
    await it.phone.endEdit(handle);
    assert.equal(await it.phone.sizeOf(handle), bytes.byteLength);
    await it.phone.rename(handle, 'x.bin');
    assert.deepEqual(await readFile(path.join(it.folder, 'x.bin')), Buffer.from(bytes));
    assert.deepEqual((await it.phone.stat(handle)).name, 'x.bin');
  });

  test('every payload size up to two packets goes through SendPartialObject', async (context) => {
    const it = await world(context);
    const handle = await it.phone.createEmpty(it.storage.id, 'root', { name: 'x', modified: undefined });
    await it.phone.beginEdit(handle);
    const bytes = noise(1100);
    for (let size = 1; size <= 1100; size += 1) await it.phone.writeChunk(handle, 0, bytes.subarray(0, size));
    await it.phone.endEdit(handle);
    assert.deepEqual(await readFile(path.join(it.folder, 'x')), Buffer.from(bytes));
  });

  test('a whole read streams, each piece after the promise of the one before', async (context) => {
    const bytes = noise(5 * MiB + 3);
    const it = await world(context, {}, (folder) => writeFile(path.join(folder, 'film'), bytes));
    const film = named(await it.phone.list(it.storage.id, 'root'), 'film');
    const parts: Uint8Array[] = [];
    let inside = false;
    const count = await it.phone.readWhole(film, async (part) => {
      assert.equal(inside, false);
      inside = true;
      await clock.sleep(0);
      parts.push(part);
      inside = false;
    });
    assert.equal(count, bytes.byteLength);
    assert.deepEqual(Buffer.concat(parts), Buffer.from(bytes));
  });

  test('reading beyond the end, or nothing, is refused here and not on the phone', async (context) => {
    const it = await world(context, {}, (folder) => writeFile(path.join(folder, 'a'), 'abc'));
    const a = named(await it.phone.list(it.storage.id, 'root'), 'a');
    await rejectsWith(it.phone.readChunk(a, 3, 1), 'bad-request');
    await rejectsWith(it.phone.readChunk(a, 0, 0), 'bad-request');
    await rejectsWith(it.phone.readChunk(a, -1, 1), 'bad-request');
    const [chunk] = await it.phone.readChunk(a, 1, 1000);
    assert.equal(Buffer.from(chunk ?? []).toString(), 'bc');
  });
});

describe('a source that fails', { concurrency: 8 }, () => {
  const failing = [
    ['throws at once', () => [0], 'source-unreadable'],
    ['throws within the first packet', () => [100, 0], 'source-unreadable'],
    ['throws in the middle', () => [MiB, MiB, 0], 'source-unreadable'],
  ] as const;
  for (const profile of ['android', 'legacy-kernel'] as const) {
    for (const [name, sizes, kind] of failing)
      test(`${name} (${profile}): no file is left, and the phone stays well`, async (context) => {
        const it = await world(context, { profile });
        const source = (function* () {
          for (const size of sizes()) {
            if (size === 0) throw new Error('disk');
            yield new Uint8Array(size);
          }
        })();
        const object = { name: 'half', size: 5 * MiB, modified: undefined };
        await rejectsWith(it.phone.writeWhole(it.storage.id, 'root', object, source), kind);
        assert.deepEqual(await readdir(it.folder), []);
        await stillWell(it);
        await it.phone.writeWhole(it.storage.id, 'root', { ...object, size: 3 }, [new Uint8Array(3)]);
      });
    test(`ends early (${profile}): the same, as "source-changed"`, async (context) => {
      const it = await world(context, { profile });
      const object = { name: 'half', size: 5 * MiB, modified: undefined };
      await rejectsWith(it.phone.writeWhole(it.storage.id, 'root', object, [new Uint8Array(MiB)]), 'source-changed');
      assert.deepEqual(await readdir(it.folder), []);
      await stillWell(it);
    });
  }
  test('where class requests are not answered', async (context) => {
    const it = await world(context, { quirks: [['compat', 1]] });
    const object = { name: 'half', size: 5 * MiB, modified: undefined };
    await rejectsWith(it.phone.writeWhole(it.storage.id, 'root', object, [new Uint8Array(MiB)]), 'source-changed');
    assert.deepEqual(await readdir(it.folder), []);
    await stillWell(it);
  });
  test('a source that goes on too long', async (context) => {
    const it = await world(context);
    const object = { name: 'long', size: MiB, modified: undefined };
    await rejectsWith(
      it.phone.writeWhole(it.storage.id, 'root', object, [new Uint8Array(MiB), new Uint8Array(1)]),
      'source-changed',
    );
    assert.deepEqual(await readdir(it.folder), []);
    await stillWell(it);
  });
});

describe('traps', { concurrency: 8 }, () => {
  test('what the phone would refuse before reading is never sent', async (context) => {
    const it = await world(context);
    const handle = await it.phone.createEmpty(it.storage.id, 'root', { name: 'x', modified: undefined });
    await rejectsWith(it.phone.writeChunk(handle, 0, new Uint8Array(100_000)), 'bad-request');
    await it.phone.beginEdit(handle);
    await rejectsWith(it.phone.writeChunk(handle, 1, new Uint8Array(100_000)), 'bad-request');
    await it.phone.writeChunk(handle, 0, new Uint8Array(10));
    await it.phone.writeChunk(handle, 10, new Uint8Array(10));
    await it.phone.endEdit(handle);
    await it.phone.endEdit(handle);
    await rejectsWith(it.phone.truncate(handle, 0), 'bad-request');
    await stillWell(it);
  });

  test('an open edit is ended before its object is renamed or deleted', async (context) => {
    const it = await world(context);
    const handle = await it.phone.createEmpty(it.storage.id, 'root', { name: 'x', modified: undefined });
    await it.phone.beginEdit(handle);
    await it.phone.rename(handle, 'y');
    await rejectsWith(it.phone.writeChunk(handle, 0, new Uint8Array(1)), 'bad-request');
    await it.phone.beginEdit(handle);
    assert.ok(await it.phone.delete(handle, ({ name }) => name === 'y'));
    assert.deepEqual(await readdir(it.folder), []);
    await stillWell(it);
  });

  test('what is not what it should be is not deleted; a look and its deletion are one turn', async (context) => {
    const it = await world(context);
    const handle = await it.phone.createEmpty(it.storage.id, 'root', { name: 'x', modified: undefined });
    assert.equal(await it.phone.delete(handle, ({ size }) => size === 5), false);
    assert.deepEqual(await readdir(it.folder), ['x']);
    const seen: number[] = [];
    it.device.onOperation((operation) => {
      seen.push(operation);
    });
    // asked for while the look is under way, it would come in between
    let meanwhile: Promise<unknown> = Promise.resolve();
    await it.phone.delete(handle, () => {
      meanwhile = it.phone.freeSpace(it.storage.id, { priority: 'browse' });
      return true;
    });
    await meanwhile;
    const { GetObjectInfo, DeleteObject, GetStorageInfo } = Operation;
    assert.deepEqual(seen, [GetObjectInfo, DeleteObject, GetObjectInfo, GetStorageInfo]);
    assert.deepEqual(await readdir(it.folder), []);
    await rejectsWith(
      it.phone.delete(handle, () => true),
      'stale',
    );
    await stillWell(it);
  });

  test('a left-over edit is ended first', async (context) => {
    const it = await world(context);
    const handle = await it.phone.createEmpty(it.storage.id, 'root', { name: 'x', modified: undefined });
    await it.phone.beginEdit(handle);
    await it.phone.writeChunk(handle, 0, new Uint8Array(1000));
    assert.equal(await it.phone.beginEdit(handle), 1000);
    await it.phone.truncate(handle, 400);
    await it.phone.writeChunk(handle, 400, new Uint8Array(1));
    await rejectsWith(it.phone.writeChunk(handle, 402, new Uint8Array(1)), 'bad-request');
    await it.phone.endEdit(handle);
    assert.equal((await stat(path.join(it.folder, 'x'))).size, 401);
  });

  test('an edit that another program left open on the same connection', async (context) => {
    const device = await deviceIn(context);
    const cable = device.open();
    const first = await openPhone(cable, device.attached(), clock);
    const [storage] = await first.storages();
    assert.ok(storage);
    const handle = await first.createEmpty(storage.id, 'root', { name: 'x', modified: undefined });
    await first.beginEdit(handle);
    await first.writeChunk(handle, 0, new Uint8Array(1000));
    // The program dies: nothing is ended, nothing closed; the phone's cable stays in.
    await cable.close();
    const second = await open(device);
    context.after(() => second.close());
    const x = named(await second.list(storage.id, 'root'), 'x');
    assert.equal(await second.beginEdit(x.handle), 1000);
    await second.writeChunk(x.handle, 1000, new Uint8Array(1));
    await second.endEdit(x.handle);
    assert.equal(await second.sizeOf(x.handle), 1001);
  });

  test('a name that is taken', async (context) => {
    const it = await world(context, {}, (folder) => writeFile(path.join(folder, 'taken'), 'old'));
    await it.phone.list(it.storage.id, 'root');
    const object = { name: 'taken', size: 3, modified: undefined };
    await rejectsWith(it.phone.writeWhole(it.storage.id, 'root', object, [new Uint8Array(3)]), 'exists');
    await rejectsWith(it.phone.makeFolder(it.storage.id, 'root', 'taken'), 'exists');
    assert.equal(await readFile(path.join(it.folder, 'taken'), 'utf8'), 'old');
    await stillWell(it);
  });

  test('names that no phone can hold are refused here', async (context) => {
    const it = await world(context);
    for (const name of ['', '.', '..', 'a/b', 'x'.repeat(255), '語'.repeat(86), 'nul\0'])
      await rejectsWith(it.phone.createEmpty(it.storage.id, 'root', { name, modified: undefined }), 'bad-name');
    assert.deepEqual(await readdir(it.folder), []);
  });

  test('names in every script come back as they were', async (context) => {
    const it = await world(context);
    const names = ['日本語', 'مرحبا', '😀 smile.txt', 'a:b*c?', 'é', 'x'.repeat(254), '語'.repeat(85)];
    for (const name of names) await it.phone.createEmpty(it.storage.id, 'root', { name, modified: undefined });
    const listed = (await it.phone.list(it.storage.id, 'root')).map((entry) => entry.name);
    assert.deepEqual([...listed].sort(), [...names].sort());
  });

  test('the disk fills up while a chunk is written', async (context) => {
    const it = await world(context, { capacity: 3 * MiB });
    const handle = await it.phone.createEmpty(it.storage.id, 'root', { name: 'x', modified: undefined });
    await it.phone.beginEdit(handle);
    await it.phone.writeChunk(handle, 0, noise(MiB));
    await rejectsWith(it.phone.writeChunk(handle, MiB, new Uint8Array(4 * MiB)), 'full');
    // The open edit still counts the confirmed bytes only; another one sees what is on the disk.
    await it.phone.writeChunk(handle, MiB, noise(1000));
    assert.ok((await it.phone.beginEdit(handle)) >= MiB + 1000);
    await it.phone.truncate(handle, MiB + 1000);
    await it.phone.endEdit(handle);
    assert.equal(await it.phone.sizeOf(handle), MiB + 1000);
    await stillWell(it);
  });

  test('a disk that is full at the first bytes of a chunk: the answer is heard while the data still waits', async (context) => {
    const device = await deviceIn(context);
    const transport = device.open();
    const failedWrites: string[] = [];
    const write = transport.writeBehind?.bind(transport);
    assert.ok(write);
    transport.writeBehind = (command, parts, options) =>
      write(command, parts, options).catch((error: unknown) => {
        failedWrites.push(isPhoneError(error) ? error.problem.detail : String(error));
        throw error;
      });
    const phone = await openPhone(transport, device.attached(), clock);
    context.after(() => phone.close());
    device.unlock();
    const [storage] = await phone.storages();
    assert.ok(storage);
    const it: World = { device, phone, storage, folder: device.internal };
    const handle = await phone.createEmpty(storage.id, 'root', { name: 'x', modified: undefined });
    await phone.beginEdit(handle);
    device.behave(`full@bytes=${MiB}`);
    await phone.writeChunk(handle, 0, noise(MiB));
    await rejectsWith(phone.writeChunk(handle, MiB, noise(4 * MiB, 2)), 'refused');
    assert.deepEqual(failedWrites, ['the phone sends instead of taking'], 'not the 30 s of a phone that is silent');
    device.makeRoom();
    await phone.writeChunk(handle, MiB, noise(MiB, 3));
    await phone.endEdit(handle);
    const written = await readFile(path.join(it.folder, 'x'));
    assert.ok(written.equals(Buffer.concat([noise(MiB), noise(MiB, 3)])));
    await stillWell(it);
  });

  test('a file that does not fit is refused before its bytes', async (context) => {
    const it = await world(context, { capacity: 3 * MiB });
    const object = { name: 'x', size: 4 * MiB, modified: undefined };
    await rejectsWith(it.phone.writeWhole(it.storage.id, 'root', object, pieces(new Uint8Array(4 * MiB))), 'full');
    assert.deepEqual(await readdir(it.folder), []);
    await stillWell(it);
  });

  test('the disk fills up while a file is written whole', async (context) => {
    const it = await world(context);
    it.device.behave('full@bytes=100000');
    const object = { name: 'x', size: 4 * MiB, modified: undefined };
    const writing = it.phone.writeWhole(it.storage.id, 'root', object, pieces(new Uint8Array(4 * MiB)));
    await assert.rejects(writing, (error) => isPhoneError(error) && ['full', 'stalled'].includes(error.kind));
    await stillWell(it);
    assert.deepEqual(await readdir(it.folder), []);
  });

  test('edit operations that are advertised and refused', async (context) => {
    const it = await world(context, { quirks: [['edit-refused', 1]] });
    assert.equal(it.phone.capabilities.edit, true);
    const handle = await it.phone.createEmpty(it.storage.id, 'root', { name: 'x', modified: undefined });
    await rejectsWith(it.phone.beginEdit(handle), 'unsupported');
    assert.equal(it.phone.capabilities.edit, false);
    await rejectsWith(it.phone.beginEdit(handle), 'unsupported');
    await stillWell(it);
  });

  test('an unplug rejects what runs and what waits, once', async (context) => {
    const it = await world(context, {}, (folder) => writeFile(path.join(folder, 'film'), noise(4 * MiB)));
    const film = named(await it.phone.list(it.storage.id, 'root'), 'film');
    it.device.behave('unplug@bytes=2000000');
    const calls = [it.phone.readWhole(film, () => undefined), it.phone.stat(film.handle), it.phone.storages()];
    for (const result of await Promise.allSettled(calls)) {
      assert.equal(result.status, 'rejected');
      assert.ok(isPhoneError(result.reason));
      assert.equal(result.reason.kind, 'disconnected');
    }
    assert.equal((await it.phone.closed).kind, 'disconnected');
  });

  test('after a replug in the middle of an upload the phone is opened again', async (context) => {
    const device = await deviceIn(context);
    const first = await open(device);
    const [storage] = await first.storages();
    assert.ok(storage);
    device.behave('unplug@op=SendObject:1:data');
    const object = { name: 'x', size: 2 * MiB, modified: undefined };
    await rejectsWith(first.writeWhole(storage.id, 'root', object, pieces(new Uint8Array(2 * MiB))), 'disconnected');
    await first.close();
    await device.settled();
    device.plug();
    const second = await open(device);
    context.after(() => second.close());
    const [again] = await second.storages();
    assert.equal(again?.key, storage.key);
    assert.notEqual(again.id, storage.id);
    assert.deepEqual(await second.list(again.id, 'root'), []);
  });

  test('a host that died and comes back on the same connection', async (context) => {
    const device = await deviceIn(context);
    const dead = device.open();
    // A session is opened and a command left unanswered; then the program is gone.
    const command = (hexText: string): Uint8Array => new Uint8Array(Buffer.from(hexText.replaceAll(/\s/g, ''), 'hex'));
    await dead.write([command('10000000 0100 0210 00000000 01000000')], { last: true, limitMs: 1000 });
    await dead.read(32, { limitMs: 1000 });
    await dead.write([command('0c000000 0100 0410 01000000')], { last: true, limitMs: 1000 });
    await dead.close();
    const phone = await open(device);
    context.after(() => phone.close());
    assert.equal((await phone.storages()).length, 1);
  });

  test('a locked phone shows no storages, then says so', async (context) => {
    const device = await deviceIn(context);
    device.lock();
    const phone = await open(device);
    context.after(() => phone.close());
    assert.deepEqual(await phone.storages(), []);
    const told = new Promise((resolve) =>
      phone.onEvent((event) => event.kind === 'storages-changed' && resolve(event)),
    );
    device.unlock();
    await told;
    assert.equal((await phone.storages()).length, 1);
  });
});

describe('folders', { concurrency: 8 }, () => {
  const tree = async (folder: string): Promise<void> => {
    await mkdir(path.join(folder, 'DCIM', 'Camera'), { recursive: true });
    await mkdir(path.join(folder, 'Empty'));
    for (let index = 0; index < 150; index += 1)
      await writeFile(path.join(folder, 'DCIM', 'Camera', `${index}.jpg`), new Uint8Array(index));
    await writeFile(path.join(folder, 'at-root.txt'), 'x');
  };
  const profiles = ['android', 'android-no-edit', 'legacy-kernel', 'samsung-old', 'camera'] as const;
  for (const profile of profiles)
    test(`are listed (${profile})`, async (context) => {
      const it = await world(context, { profile }, tree);
      const root = await it.phone.list(it.storage.id, 'root');
      assert.deepEqual(root.map((entry) => entry.name).sort(), ['DCIM', 'Empty', 'at-root.txt']);
      assert.ok(root.every((entry) => entry.parent === 'root'));
      assert.equal(named(root, 'at-root.txt').size, 1);
      assert.deepEqual(await it.phone.list(it.storage.id, named(root, 'Empty').handle), []);
      const dcim = await it.phone.list(it.storage.id, named(root, 'DCIM').handle);
      assert.deepEqual(
        dcim.map((entry) => [entry.name, entry.kind]),
        [['Camera', 'folder']],
      );
      const seen: number[] = [];
      const camera = await it.phone.list(it.storage.id, named(dcim, 'Camera').handle, {
        onBatch: (entries, soFar) => seen.push(entries.length, soFar.expected ?? -1),
      });
      assert.equal(camera.length, 150);
      for (const entry of camera) assert.equal(`${entry.size}.jpg`, entry.name);
      assert.equal(
        seen.filter((_, index) => index % 2 === 0).reduce((sum, size) => sum + size, 0),
        150,
      );
      assert.deepEqual([...new Set(seen.filter((_, index) => index % 2 === 1))], [150]);
    });

  test('on two storages are kept apart', async (context) => {
    const directory = await mkdtemp(path.join(tmpdir(), 'replug-sd-'));
    context.after(() => rm(directory, { recursive: true, force: true }));
    await writeFile(path.join(directory, 'on-card'), 'x');
    const it = await world(context, { sdDirectory: directory }, (folder) =>
      writeFile(path.join(folder, 'inside'), 'x'),
    );
    const storages = await it.phone.storages();
    assert.deepEqual(
      storages.map((storage) => storage.removable),
      [false, true],
    );
    for (const [index, name] of ['inside', 'on-card'].entries()) {
      const storage = storages[index];
      assert.ok(storage);
      assert.deepEqual(
        (await it.phone.list(storage.id, 'root')).map((entry) => entry.name),
        [name],
      );
    }
  });

  test('the listing by properties proves itself first, and then takes four round trips', async (context) => {
    const it = await world(context, {}, tree);
    assert.equal(it.phone.capabilities.propList, 'unproven');
    await it.phone.list(it.storage.id, 'root');
    assert.equal(it.phone.capabilities.propList, 'trusted');
  });
  for (const [quirk, verdict] of [
    ['no-prop-list', 'no'],
    ['root-is-zero', 'unproven'],
    ['parent-is-storage', 'trusted'],
    ['one-undescribable', 'trusted'],
    ['no-all-props', 'trusted'],
    ['nul-padded', 'trusted'],
    ['bad-dates', 'trusted'],
    ['event-flood', 'trusted'],
    ['stale-answer', 'trusted'],
    ['glued-response', 'trusted'],
    ['extra-zlp', 'trusted'],
    ['no-zlp', 'trusted'],
    ['split-header', 'trusted'],
    ['compat', 'trusted'],
  ] as const)
    test(`are listed in spite of ${quirk}`, async (context) => {
      const it = await world(context, { quirks: [[quirk, 1]] }, tree);
      const root = await it.phone.list(it.storage.id, 'root');
      assert.deepEqual(root.map((entry) => entry.name).sort(), ['DCIM', 'Empty', 'at-root.txt']);
      assert.equal(it.phone.capabilities.propList, verdict);
      const dcim = await it.phone.list(it.storage.id, named(root, 'DCIM').handle);
      assert.equal((await it.phone.list(it.storage.id, named(dcim, 'Camera').handle)).length, 150);
      if (quirk === 'bad-dates') assert.ok(root.every((entry) => entry.modified === undefined));
    });

  for (const quirk of ['no-all-props', undefined] as const)
    test(`a compact listing tells the same ${quirk === undefined ? 'in two transactions' : `where ${quirk} is in the way`}`, async (context) => {
      const it = await world(context, quirk === undefined ? {} : { quirks: [[quirk, 1]] }, async (folder) => {
        await mkdir(path.join(folder, 'few'));
        for (let index = 0; index < 5; index += 1)
          await writeFile(path.join(folder, 'few', `${index}.jpg`), noise(index * 1000));
        await mkdir(path.join(folder, 'few', 'below'));
      });
      const few = named(await it.phone.list(it.storage.id, 'root'), 'few').handle;
      const plain = await it.phone.list(it.storage.id, few);
      const costs: number[] = [];
      for (let again = 0; again < 2; again += 1) {
        const before = it.phone.transactions;
        const listed = await it.phone.list(it.storage.id, few, { compact: true, folderDates: false });
        costs.push(it.phone.transactions - before);
        assert.deepEqual(
          listed.map(({ name, size, kind }) => [name, size, kind]).sort(),
          plain.map(({ name, size, kind }) => [name, size, kind]).sort(),
        );
        assert.ok(listed.every(({ kind, modified }) => kind === 'folder' || modified !== undefined));
      }
      // refused once, and not asked again
      assert.deepEqual(costs, quirk === undefined ? [2, 2] : [5, 4]);
    });

  for (const [how, options] of [
    ['property lists', {}],
    ['ObjectInfo', { quirks: [['no-prop-list', 1]] }],
  ] as const)
    test(`a folder of more entries than wanted is refused before they are described (${how})`, async (context) => {
      const it = await world(context, options, tree);
      const root = await it.phone.list(it.storage.id, 'root');
      const dcim = await it.phone.list(it.storage.id, named(root, 'DCIM').handle);
      const camera = named(dcim, 'Camera').handle;
      const before = it.phone.transactions;
      await rejectsWith(it.phone.list(it.storage.id, camera, { mostEntries: 149 }), 'refused');
      assert.ok(it.phone.transactions - before <= 2, `${it.phone.transactions - before} transactions`);
      assert.equal((await it.phone.list(it.storage.id, camera, { mostEntries: 150 })).length, 150);
    });

  test('an entry that cannot be described does not hide the others; all of them is an error', async (context) => {
    const some = await world(context, { quirks: [['one-undescribable', 1]], profile: 'camera' }, tree);
    assert.equal((await some.phone.list(some.storage.id, 'root')).length, 2);
    const none = await world(context, { quirks: [['none-describable', 1]], profile: 'camera' }, tree);
    await assert.rejects(none.phone.list(none.storage.id, 'root'));
  });

  test('a listing is stopped between transactions', async (context) => {
    const it = await world(context, { profile: 'camera' }, tree);
    const signal = { aborted: false };
    const root = await it.phone.list(it.storage.id, 'root');
    const dcim = await it.phone.list(it.storage.id, named(root, 'DCIM').handle);
    const listing = it.phone.list(it.storage.id, named(dcim, 'Camera').handle, {
      signal,
      onBatch: () => (signal.aborted = true),
    });
    await rejectsWith(listing, 'cancelled');
    await stillWell(it);
  });

  test('are made, renamed, moved, copied and deleted', async (context) => {
    const it = await world(context);
    const a = await it.phone.makeFolder(it.storage.id, 'root', 'a');
    const b = await it.phone.makeFolder(it.storage.id, a, 'b');
    const file = await it.phone.writeWhole(it.storage.id, b, { name: 'f', size: 3, modified: undefined }, [
      new Uint8Array(3),
    ]);
    await rejectsWith(it.phone.rename(b, 'x/y'), 'bad-name');
    await it.phone.rename(b, 'c');
    await it.phone.move(file, it.storage.id, 'root');
    await it.phone.copy(file, it.storage.id, a);
    assert.deepEqual((await readdir(it.folder, { recursive: true })).sort(), ['a', 'a/c', 'a/f', 'f']);
    await rejectsWith(it.phone.move(file, it.storage.id, a), 'exists');
    await it.phone.delete(a, () => true);
    assert.deepEqual(await readdir(it.folder), ['f']);
    await rejectsWith(it.phone.stat(a), 'stale');
    await rejectsWith(
      it.phone.delete(a, () => true),
      'stale',
    );
    await stillWell(it);
  });
});

describe('an OK is not believed', () => {
  const file = { size: 3, modified: undefined };
  const made = (it: World, name: string) =>
    it.phone.writeWhole(it.storage.id, 'root', { ...file, name }, [new Uint8Array(3)]);

  test('a deletion is looked at, and what is still there was not deleted', async (context) => {
    const it = await world(context, { quirks: [['idle-delete', 2]] });
    const [a, b] = [await made(it, 'a'), await made(it, 'b')];
    const before = it.phone.transactions;
    assert.equal(await it.phone.delete(a, () => true), true);
    assert.equal(it.phone.transactions - before, 3);
    await rejectsWith(
      it.phone.delete(b, ({ name }) => name === 'b'),
      'refused',
    );
    assert.deepEqual(await readdir(it.folder), ['b']);
    await stillWell(it);
  });

  test('each rename is looked at', async (context) => {
    const it = await world(context);
    const a = await made(it, 'a');
    const cost = async (from: string, to: string): Promise<number> => {
      const before = it.phone.transactions;
      await it.phone.rename(a, to, { was: from });
      return it.phone.transactions - before;
    };
    assert.deepEqual([await cost('a', 'b'), await cost('b', 'c')], [2, 2]);
    assert.deepEqual(await readdir(it.folder), ['c']);
  });

  test('where the cable goes before the look, nobody knows', async (context) => {
    const it = await world(context, { quirks: [['idle-delete', 2]] });
    const [a, b] = [await made(it, 'a'), await made(it, 'b')];
    const cutAfter = (operation: number): void => {
      const stop = it.device.onOperation((seen) => {
        if (seen !== operation) return;
        stop();
        it.device.onOperation((next) => {
          if (next === Operation.GetObjectInfo) void it.device.unplug();
        });
      });
    };
    assert.ok(await it.phone.delete(a, () => true));
    cutAfter(Operation.DeleteObject);
    await rejectsWith(
      it.phone.delete(b, () => true),
      'disconnected',
    );
    assert.deepEqual(await readdir(it.folder), ['b']);
  });

  test('a phone that renames nothing is one that cannot', async (context) => {
    const it = await world(context, { quirks: [['idle-rename', 2]] });
    const a = await made(it, 'a');
    await it.phone.rename(a, 'b', { was: 'a' });
    assert.equal(it.phone.capabilities.rename, true);
    await rejectsWith(it.phone.rename(a, 'c', { was: 'b' }), 'unsupported');
    assert.equal(it.phone.capabilities.rename, false);
    const before = it.phone.transactions;
    await rejectsWith(it.phone.rename(a, 'c', { was: 'b' }), 'unsupported');
    assert.equal(it.phone.transactions, before, 'it is not asked again');
    assert.deepEqual(await readdir(it.folder), ['b']);
    await stillWell(it);
  });
});

describe('a bare GeneralError is explained by a look', () => {
  const file = { size: 3, modified: undefined };
  const fixOf = (promise: Promise<unknown>): Promise<string | undefined> =>
    promise.then(
      () => assert.fail('it was taken'),
      (error: unknown) =>
        isPhoneError(error) && error.kind === 'bad-name' ? error.problem.fix : assert.fail(String(error)),
    );

  test('a name that the storage does not hold is a bad name, with the legal one; nothing is said to be there', async (context) => {
    const it = await world(context, { quirks: [['fat-names', 1]] });
    const write = (name: string) => it.phone.writeWhole(it.storage.id, 'root', { ...file, name }, [new Uint8Array(3)]);
    assert.equal(await fixOf(write('a:b.txt')), 'a\ua789b.txt');
    assert.equal(await fixOf(it.phone.makeFolder(it.storage.id, 'root', 'what?')), 'what\uff1f');
    const handle = await write('good.txt');
    assert.equal(await fixOf(it.phone.rename(handle, 'go*d.txt')), 'go\u2217d.txt');
    assert.deepEqual(await readdir(it.folder), ['good.txt']);
    await stillWell(it);
  });

  test('what is to go into a folder that is listed and was never made is refused for that folder’s name', async (context) => {
    const it = await world(context, { quirks: [['fat-names', 1]] });
    const real = await it.phone.makeFolder(it.storage.id, 'root', 'real');
    assert.equal(await fixOf(it.phone.makeFolder(it.storage.id, real, 'what?')), 'what\uff1f');
    const unmade = named(await it.phone.list(it.storage.id, real), 'what?').handle;
    const write = (folder: typeof real, name: string) =>
      it.phone.writeWhole(it.storage.id, folder, { ...file, name }, [new Uint8Array(3)]);
    assert.equal(await fixOf(write(unmade, 'a.txt')), 'what\uff1f');
    assert.equal(await fixOf(it.phone.makeFolder(it.storage.id, unmade, 'sub')), 'what\uff1f');
    await write(real, 'a.txt');
    assert.deepEqual(await readdir(path.join(it.folder, 'real')), ['a.txt']);
    await stillWell(it);
  });

  test('a name that is taken exists, in other letters too; one that only looks doubtful does as well', async (context) => {
    const it = await world(context);
    await it.phone.makeFolder(it.storage.id, 'root', 'Stra\u00dfe');
    const handle = await it.phone.writeWhole(it.storage.id, 'root', { ...file, name: 'x?' }, [new Uint8Array(3)]);
    await rejectsWith(it.phone.makeFolder(it.storage.id, 'root', 'STRASSE'), 'exists');
    await rejectsWith(it.phone.makeFolder(it.storage.id, 'root', 'X?'), 'exists');
    await rejectsWith(it.phone.rename(handle, 'strasse'), 'exists');
    await stillWell(it);
  });
});

describe('reading in spite of', { concurrency: 8 }, () => {
  const bytes = noise(2 * MiB + 500);
  const withFilm = (folder: string): Promise<void> => writeFile(path.join(folder, 'film'), bytes);
  for (const quirk of [
    'short-reads',
    'split-header',
    'glued-response',
    'extra-zlp',
    'no-zlp',
    'compat',
    'stale-answer',
    'event-flood',
  ] as const)
    test(quirk, async (context) => {
      const it = await world(context, { quirks: [[quirk, 1]] }, withFilm);
      const film = named(await it.phone.list(it.storage.id, 'root'), 'film');
      assert.deepEqual(await readAll(it.phone, film, 300_000), Buffer.from(bytes));
    });
  test('sizes that are twice the truth: an error beyond the end, and the phone stays well', async (context) => {
    const it = await world(context, { quirks: [['doubled-sizes', 1]] }, withFilm);
    const film = named(await it.phone.list(it.storage.id, 'root'), 'film');
    assert.equal(film.size, 2 * bytes.byteLength);
    const first = await it.phone.readChunk(film, 0, MiB);
    assert.deepEqual(Buffer.concat(first), Buffer.from(bytes.subarray(0, MiB)));
    await assert.rejects(it.phone.readChunk(film, bytes.byteLength + 1000, MiB), isPhoneError);
    await stillWell(it);
    // The whole object ends where it ends.
    let count = 0;
    await it.phone.readWhole(film, (part) => void (count += part.byteLength));
    assert.equal(count, bytes.byteLength);
  });
  test('junk transaction ids', async (context) => {
    const it = await world(context, { maker: 'Aricent', quirks: [['junk-ids', 1]] }, withFilm);
    assert.deepEqual(it.phone.quirks, ['junk-transaction-ids']);
    const film = named(await it.phone.list(it.storage.id, 'root'), 'film');
    assert.deepEqual(await readAll(it.phone, film), Buffer.from(bytes));
  });
  test('OpenSession refused at first', async (context) => {
    const it = await world(context, { quirks: [['open-refused', 1]] }, withFilm);
    await stillWell(it);
  });
  test('no partial reads of 64 bits', async (context) => {
    const it = await world(context, { profile: 'camera' }, withFilm);
    assert.equal(it.phone.capabilities.partialRead, 32);
    const film = named(await it.phone.list(it.storage.id, 'root'), 'film');
    assert.deepEqual(await readAll(it.phone, film), Buffer.from(bytes));
  });
  test('nothing before the end: an error, not an endless loop', async (context) => {
    const it = await world(context, { quirks: [['zero-reads', 1]] }, withFilm);
    const film = named(await it.phone.list(it.storage.id, 'root'), 'film');
    await rejectsWith(it.phone.readChunk(film, 0, MiB), 'refused');
    await stillWell(it);
  });
  test('the hang at the end of a file with a full last packet', async (context) => {
    const it = await world(context, { profile: 'samsung-old' }, withFilm);
    assert.deepEqual(it.phone.quirks, ['samsung-end-of-file']);
    const film = named(await it.phone.list(it.storage.id, 'root'), 'film');
    const [last] = await it.phone.readChunk(film, 2 * MiB, MiB);
    assert.equal(last?.byteLength, 499);
    assert.deepEqual(await readAll(it.phone, film), Buffer.from(bytes));
  });
});

describe('what the phone says by itself', { concurrency: 8 }, () => {
  test('files that appear, change and go; the battery', async (context) => {
    const it = await world(context);
    await it.phone.list(it.storage.id, 'root');
    const seen: string[] = [];
    const waiting = Promise.withResolvers<void>();
    const stop = it.phone.onEvent((event) => {
      seen.push(event.kind);
      if (event.kind === 'battery-changed') waiting.resolve();
    });
    await it.device.touchFile('/new.txt', 'a');
    await it.device.touchFile('/new.txt', 'ab');
    await it.device.touchRemove('/new.txt');
    it.device.touchBattery(41);
    await waiting.promise;
    stop();
    assert.deepEqual(seen, ['object-added', 'object-changed', 'object-removed', 'battery-changed']);
    assert.equal(await it.phone.battery(), 41);
  });
  test('its name, its free space, no thumbnail of a text', async (context) => {
    const it = await world(context, { name: 'My phone', capacity: 10 * MiB }, (folder) =>
      writeFile(path.join(folder, 'a.txt'), 'abc'),
    );
    assert.equal(it.phone.identity.model, 'My phone');
    assert.equal(it.storage.capacity, 10 * MiB);
    assert.ok((await it.phone.freeSpace(it.storage.id)) < 10 * MiB);
    const text = named(await it.phone.list(it.storage.id, 'root'), 'a.txt');
    assert.equal(await it.phone.thumbnail(text.handle), undefined);
    await stillWell(it);
  });
});

describe('beyond 4 GiB', { concurrency: 8 }, () => {
  test('sizes and offsets are whole', async (context) => {
    const it = await world(context, {}, async (folder) => {
      const file = path.join(folder, 'film');
      await writeFile(file, '');
      const { truncate } = await import('node:fs/promises');
      await truncate(file, 2 ** 32 + 5);
    });
    const film = named(await it.phone.list(it.storage.id, 'root'), 'film');
    assert.equal(film.size, 2 ** 32 + 5);
    assert.equal((await it.phone.stat(film.handle)).size, 2 ** 32 + 5);
    const chunk = await it.phone.readChunk(film, 2 ** 32 - 2, 100);
    assert.equal(Buffer.concat(chunk).byteLength, 7);
    assert.equal(await it.phone.beginEdit(film.handle), 2 ** 32 + 5);
    await it.phone.writeChunk(film.handle, 2 ** 32 + 5, new Uint8Array([1, 2, 3]));
    await it.phone.endEdit(film.handle);
    assert.equal(await it.phone.sizeOf(film.handle), 2 ** 32 + 8);
    const tail = await it.phone.readChunk({ ...film, size: 2 ** 32 + 8 }, 2 ** 32 + 4, 100);
    assert.deepEqual([...Buffer.concat(tail)], [0, 1, 2, 3]);
  });
});

describe('an object of which only the beginning is sent at once', () => {
  const MIB = 1024 * 1024;
  test('is announced in full, and goes on in place', async (t) => {
    const { phone, storage, folder } = await world(t);
    const begin = Buffer.alloc(MIB, 1);
    const object = { name: 'film.mkv', size: MIB, announced: 5 * 1024 * MIB, modified: undefined };
    const handle = await phone.writeWhole(storage.id, 'root', object, [begin]);
    assert.equal(await phone.sizeOf(handle), MIB);
    await phone.beginEdit(handle);
    await phone.writeChunk(handle, MIB, Buffer.alloc(10, 2));
    await phone.endEdit(handle);
    const written = await readFile(path.join(folder, 'film.mkv'));
    assert.ok(written.equals(Buffer.concat([begin, Buffer.alloc(10, 2)])));
  });
  test('is never announced with a size that the phone would wait for', async (t) => {
    const { phone, storage } = await world(t);
    const object = { name: 'a', size: 10, announced: 20, modified: undefined };
    await rejectsWith(phone.writeWhole(storage.id, 'root', object, [Buffer.alloc(10)]), 'bad-request');
  });
});
