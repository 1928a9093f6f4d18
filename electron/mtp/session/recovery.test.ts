import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import fc from 'fast-check';
import { fail, isPhoneError } from '../../../shared/errors.ts';
import { VirtualPhone, type VirtualPhoneOptions } from '../../virtual/index.ts';
import { handleOf, storageIdOf } from '../phone/object-info.ts';
import { openPhone } from '../phone/phone.ts';
import type { Phone } from '../phone/phone-types.ts';
import type { Clock, Transport } from '../ports.ts';
import { Session } from './session.ts';
import { ScriptedTransport } from '../../../tests/support/scripted-transport.ts';
import {
  encodeCommand,
  encodeDataHeader,
  encodeDeviceInfo,
  encodeObjectInfo,
  encodeParameters,
  join,
} from '../wire/index.ts';

/** What an earlier program, or the phone itself, leaves behind, and how the next connection gets past it. */

const clock: Clock = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};
const MiB = 1024 * 1024;
const SECOND = { limitMs: 1000 };

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

/** Another program: opens a session and asks something, byte by byte; then it is gone and says nothing more. */
async function earlierProgram(device: VirtualPhone, work: (cable: Transport) => Promise<void>): Promise<void> {
  const cable = device.open();
  await cable.write([encodeCommand(0x1002, 0, [1])], { last: true, ...SECOND });
  await cable.read(32, SECOND);
  await work(cable);
  await cable.close();
}
const wellAgain = async (device: VirtualPhone, phone: Phone): Promise<void> => {
  const [storage] = await phone.storages();
  assert.ok(storage);
  const handle = await phone.makeFolder(storage.id, 'root', 'proof');
  await phone.delete(handle, () => true);
  assert.ok(device.isServing);
};
const objectInfo = (size: number): Uint8Array =>
  encodeObjectInfo({
    storageId: 0,
    format: 0x3000,
    protection: 0,
    compressedSize: size,
    thumbFormat: 0,
    thumbSize: 0,
    parent: 0xffffffff,
    associationType: 0,
    filename: 'half',
    dateCreated: '',
    dateModified: '',
  });

describe('a program that died', { concurrency: 8 }, () => {
  for (const profile of ['android', 'legacy-kernel'] as const) {
    test(`in the middle of an upload (${profile})`, async (context) => {
      const device = await deviceIn(context, { profile });
      await earlierProgram(device, async (cable) => {
        const ask = async (
          operation: number,
          id: number,
          parameters: readonly number[],
          data: Uint8Array,
        ): Promise<void> => {
          await cable.write([encodeCommand(operation, id, parameters)], { last: true, ...SECOND });
          await cable.write([encodeDataHeader(operation, id, data.byteLength), data], { last: true, ...SECOND });
          await cable.read(32, SECOND);
        };
        await cable.write([encodeCommand(0x1004, 1, [])], { last: true, ...SECOND });
        const ids = await cable.read(512, SECOND);
        const storage = new DataView(ids.bytes.buffer, ids.bytes.byteOffset).getUint32(16, true);
        await cable.read(32, SECOND);
        await ask(0x100c, 2, [storage, 0xffffffff], objectInfo(8 * MiB));
        await cable.write([encodeCommand(0x100d, 3, [])], { last: true, ...SECOND });
        await cable.write([encodeDataHeader(0x100d, 3, 8 * MiB), new Uint8Array(MiB - 12)], { last: false, ...SECOND });
      });
      const phone = await openPhone(device.open(), device.attached(), clock);
      context.after(() => phone.close());
      await wellAgain(device, phone);
      if (profile === 'android') assert.deepEqual(await readdir(device.internal), []);
    });

    test(`in the middle of a download (${profile})`, async (context) => {
      const device = await deviceIn(context, { profile });
      await writeFile(path.join(device.internal, 'film'), new Uint8Array(8 * MiB));
      await earlierProgram(device, async (cable) => {
        const asks = async (operation: number, id: number, parameters: readonly number[]): Promise<Uint8Array> => {
          await cable.write([encodeCommand(operation, id, parameters)], { last: true, ...SECOND });
          const { bytes } = await cable.read(4096, SECOND);
          await cable.read(32, SECOND);
          return bytes;
        };
        const word = (bytes: Uint8Array, index: number): number =>
          new DataView(bytes.buffer, bytes.byteOffset).getUint32(12 + index * 4, true);
        const storage = word(await asks(0x1004, 1, []), 1);
        const film = word(await asks(0x1007, 2, [storage, 0, 0xffffffff]), 1);
        await cable.write([encodeCommand(0x1009, 3, [film])], { last: true, ...SECOND });
        await cable.read(MiB, SECOND);
      });
      const phone = await openPhone(device.open(), device.attached(), clock);
      context.after(() => phone.close());
      await wellAgain(device, phone);
    });
  }

  test('in a download so large that draining it is no way out: "confused", then the ladder’s Cancel', async (context) => {
    const device = await deviceIn(context);
    const film = path.join(device.internal, 'film');
    await writeFile(film, '');
    await truncate(film, 300 * MiB);
    const first = device.open();
    const phone = await openPhone(first, device.attached(), clock);
    const [storage] = await phone.storages();
    assert.ok(storage);
    const [object] = await phone.list(storage.id, 'root');
    assert.ok(object);
    // The program dies after the first piece.
    const reading = phone.readWhole(object, () => first.close());
    await assert.rejects(reading);
    await assert.rejects(
      openPhone(device.open(), device.attached(), clock),
      (error) => isPhoneError(error) && error.kind === 'confused',
    );
    const again = await openPhone(device.open(), device.attached(), clock, { before: ['cancel'] });
    context.after(() => again.close());
    await wellAgain(device, again);
  });
});

describe('a consumer that fails', { concurrency: 8 }, () => {
  for (const [name, size] of [
    ['near the end: the rest is read for nothing', 5 * MiB],
    ['far from the end: the read is cancelled in its middle', 300 * MiB],
  ] as const)
    test(name, async (context) => {
      const device = await deviceIn(context);
      const film = path.join(device.internal, 'film');
      await writeFile(film, '');
      await truncate(film, size);
      const phone = await openPhone(device.open(), device.attached(), clock);
      context.after(() => phone.close());
      const [storage] = await phone.storages();
      assert.ok(storage);
      const [object] = await phone.list(storage.id, 'root');
      assert.ok(object);
      const before = device.bytesMoved;
      await assert.rejects(
        phone.readWhole(object, () => Promise.reject(fail('local-full', 'write', 'disk'))),
        (error) => isPhoneError(error) && error.kind === 'local-full',
      );
      assert.ok(device.bytesMoved - before <= 70 * MiB);
      await wellAgain(device, phone);
    });
});

describe('an answer before the data', { concurrency: 8 }, () => {
  const patience = { command: 1000, answer: 1000, data: 400 };
  for (const size of [5_000, 20_000, 4 * MiB])
    test(`${size} bytes for an edit that is not open: refused, read in time, and the phone stays`, async (context) => {
      const device = await deviceIn(context);
      await writeFile(path.join(device.internal, 'file'), 'abc');
      const session = new Session(device.open(), clock);
      context.after(() => session.close());
      await session.open();
      const handles = await session.transact({
        operation: 0x1004,
        data: { kind: 'in', most: 100, onPiece: () => undefined },
      });
      assert.equal(handles.code, 0x2001);
      const reply = await session.transact({
        operation: 0x95c2,
        parameters: [1, 0, 0, size],
        data: { kind: 'bytes', bytes: new Uint8Array(size) },
        limits: patience,
      });
      assert.ok(reply.code === 0x2002 || reply.code === 0x2009, reply.code.toString(16));
      assert.equal(reply.early, true);
      assert.equal(
        (await session.transact({ operation: 0x1006, parameters: [0xffffffff, 0, 0xffffffff] })).code,
        0x2001,
      );
      assert.ok(device.isServing);
    });
});

describe('class requests and resets', { concurrency: 8 }, () => {
  test('clearing halts before opening does no harm', async (context) => {
    const device = await deviceIn(context);
    const phone = await openPhone(device.open(), device.attached(), clock, { before: ['clear-halts'] });
    context.after(() => phone.close());
    await wellAgain(device, phone);
  });
  test('after a bus reset the phone opens again, with new storage ids', async (context) => {
    const device = await deviceIn(context);
    const cable = device.open();
    const phone = await openPhone(cable, device.attached(), clock);
    await cable.reset();
    assert.equal((await phone.closed).kind, 'disconnected');
    const again = await openPhone(device.open(), device.attached(), clock);
    context.after(() => again.close());
    await wellAgain(device, again);
  });
  test('a stale answer of the old connection waits after a replug', async (context) => {
    const device = await deviceIn(context);
    device.behave('unplug@op=GetStorageIDs:1:response');
    const phone = await openPhone(device.open(), device.attached(), clock);
    await assert.rejects(phone.storages());
    await phone.close();
    await device.settled();
    device.plug();
    const again = await openPhone(device.open(), device.attached(), clock);
    context.after(() => again.close());
    await wellAgain(device, again);
  });
});

/** A phone that answers rightly until it is told to answer with what the generator made. */
describe('a hostile phone', () => {
  const info = encodeDeviceInfo({
    standardVersion: 100,
    vendorExtensionId: 6,
    vendorExtensionVersion: 100,
    vendorExtensions: 'android.com: 1.0;',
    functionalMode: 0,
    operations: [
      0x1007, 0x1008, 0x1009, 0x100a, 0x100b, 0x100c, 0x100d, 0x1015, 0x1019, 0x101a, 0x101b, 0x9803, 0x9804, 0x9805,
      0x95c1, 0x95c2, 0x95c3, 0x95c4, 0x95c5,
    ],
    events: [],
    deviceProps: [0x5001],
    captureFormats: [],
    playbackFormats: [],
    manufacturer: 'x',
    model: 'y',
    deviceVersion: '1',
    serial: '1',
  });
  const file = handleOf(0x2a);
  const storage = storageIdOf(0x10001);
  const calls: Readonly<Record<string, (phone: Phone) => Promise<unknown>>> = {
    storages: (phone) => phone.storages(),
    battery: (phone) => phone.battery(),
    list: (phone) => phone.list(storage, 'root'),
    'list of a folder': (phone) => phone.list(storage, file),
    stat: (phone) => phone.stat(file),
    sizeOf: (phone) => phone.sizeOf(file),
    readChunk: (phone) => phone.readChunk({ handle: file, size: 100 }, 0, 100),
    readWhole: (phone) => phone.readWhole({ handle: file, size: 100 }, () => undefined),
    writeWhole: (phone) => phone.writeWhole(storage, 'root', { name: 'a', size: 3, modified: 0 }, [new Uint8Array(3)]),
    beginEdit: (phone) => phone.beginEdit(file),
    makeFolder: (phone) => phone.makeFolder(storage, 'root', 'a'),
    delete: (phone) => phone.delete(file, () => true),
    rename: (phone) => phone.rename(file, 'b'),
    thumbnail: (phone) => phone.thumbnail(file),
  };

  type Answer =
    | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly short: boolean }
    | { readonly kind: 'data'; readonly payload: Uint8Array; readonly length: number | undefined }
    | { readonly kind: 'response'; readonly code: number; readonly parameters: readonly number[] }
    | { readonly kind: 'stall' }
    | { readonly kind: 'unplug' };
  const small = fc.oneof(fc.constantFrom(0, 1, 2, 3, 4, 6, 8, 12, 0x2a, 255), fc.integer({ min: 0, max: 255 }));
  const someBytes = fc.array(small, { maxLength: 120 }).map((list) => new Uint8Array(list));
  const answer: fc.Arbitrary<Answer> = fc.oneof(
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('bytes' as const), bytes: someBytes, short: fc.boolean() }) },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('data' as const),
        payload: someBytes,
        length: fc.option(fc.constantFrom(12, 13, 100, 0x7fffffff, 0xffffffff), { nil: undefined }),
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('response' as const),
        code: fc.constantFrom(0x2001, 0x2001, 0x2001, 0x2002, 0x2005, 0x2009, 0x2019, 0x201e, 0xa80a),
        parameters: fc.array(fc.constantFrom(0, 1, 0x2a, 0xffffffff), { maxLength: 5 }),
      }),
    },
    { weight: 1, arbitrary: fc.constant<Answer>({ kind: 'stall' }) },
    { weight: 1, arbitrary: fc.constant<Answer>({ kind: 'unplug' }) },
  );

  const give = (cable: ScriptedTransport, each: Answer, operation: number, id: number): void => {
    switch (each.kind) {
      case 'bytes':
        cable.send(each.bytes, each.short);
        break;
      case 'data': {
        const header = encodeDataHeader(operation, id, each.payload.byteLength);
        if (each.length !== undefined) new DataView(header.buffer).setUint32(0, each.length, true);
        cable.send(join([header, each.payload]));
        break;
      }
      case 'response':
        cable.send(encodeParameters(3, each.code, id, each.parameters));
        break;
      case 'stall':
        cable.sendError(fail('stalled', 'read'));
        break;
      case 'unplug':
        cable.unplug();
        break;
    }
  };

  test('whatever it answers: a value or a PhoneError, in the end always', async () => {
    const scripts = fc.array(fc.array(answer, { maxLength: 4 }), { minLength: 1, maxLength: 12 });
    const names = fc.array(fc.constantFrom(...Object.keys(calls)), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(scripts, names, async (script, wanted) => {
        let hostile = false;
        let next = 0;
        let last = { operation: 0, id: 0 };
        const cable = new ScriptedTransport((written, self) => {
          const view = new DataView(written.buffer, written.byteOffset, written.byteLength);
          if (written.byteLength < 12 || view.getUint16(4, true) !== 1) return;
          last = { operation: view.getUint16(6, true), id: view.getUint32(8, true) };
          if (!hostile) {
            if (last.operation === 0x1001) self.send(join([encodeDataHeader(0x1001, last.id, info.byteLength), info]));
            self.send(encodeParameters(3, 0x2001, last.id, []));
            return;
          }
          for (const each of script[next % script.length] ?? []) give(self, each, last.operation, last.id);
          next += 1;
        });
        cable.onControl = () => new Uint8Array([4, 0, 1, 0x20]);
        const device = { id: '1', vendorId: 1, productId: 1, manufacturer: '', product: '', serial: '', virtual: true };
        const phone = await openPhone(cable, device, cable);
        hostile = true;
        for (const name of wanted) {
          try {
            await calls[name]?.(phone);
          } catch (error) {
            assert.ok(isPhoneError(error), `${name}: ${String(error)}`);
            assert.notEqual(error.kind, 'internal', `${name}: ${error.message}`);
          }
        }
        await phone.close();
      }),
      { numRuns: 1500 },
    );
  });
});
