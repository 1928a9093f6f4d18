import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  Operation,
  Response,
  decodeDeviceInfo,
  decodeObjectInfo,
  decodePropList,
  decodeStorageInfo,
  decodeU32Array,
} from '../mtp/wire/index.ts';
import type { PropElement } from '../mtp/wire/index.ts';
import { ROOT, SOON, TestHost, connect, makePhone, pattern } from '../../tests/support/test-initiator.ts';
import type { Result } from '../../tests/support/test-initiator.ts';

const elements = (result: Result): PropElement[] => decodePropList(result.data ?? new Uint8Array(4));
const nameOf = async (host: TestHost, handle: number): Promise<string> =>
  decodeObjectInfo((await host.ask(Operation.GetObjectInfo, [handle])).data ?? new Uint8Array(0)).filename;

test('the tree: root children, whole storage, folders, formats', async (t) => {
  const { phone, folder } = await makePhone(t);
  mkdirSync(join(folder, 'DCIM', 'Camera'), { recursive: true });
  writeFileSync(join(folder, 'DCIM', 'Camera', 'a.jpg'), 'abc');
  writeFileSync(join(folder, 'b.txt'), 'abcd');
  symlinkSync('/etc', join(folder, 'link'));
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const root = await host.handles();
  assert.deepEqual(await Promise.all([nameOf(host, root[0] ?? 0)]), ['DCIM']);
  assert.equal(root.length, 2, 'links do not exist on a phone');
  const all = await host.handles(0);
  assert.equal(all.length, 4);
  const code = async (...params: number[]): Promise<number> =>
    (await host.ask(Operation.GetObjectHandles, params)).code;
  assert.equal(await code(0x00770001, 0, ROOT), Response.InvalidStorageID);
  assert.equal(await code(storage, 0, 999), Response.InvalidObjectHandle);
  assert.equal(await code(storage, 0, root[1] ?? 0), Response.InvalidObjectHandle, 'a file has no children');
  const count = await host.ask(Operation.GetNumObjects, [storage, 0x3001, 0]);
  assert.deepEqual(count.params, [2]);
  const info = decodeObjectInfo((await host.ask(Operation.GetObjectInfo, [root[1] ?? 0])).data ?? new Uint8Array(0));
  assert.deepEqual([info.parent, info.compressedSize, info.format, info.storageId], [0, 4, 0x3004, storage]);
  await host.ask(Operation.CloseSession);
  assert.equal(await code(storage, 0, ROOT), Response.SessionNotOpen);
  assert.equal(
    (await host.ask(Operation.GetObjectInfo, [root[1] ?? 0])).code,
    Response.OK,
    'most operations do not look',
  );
});

test('property lists: depth 1 includes the folder, 2 is A808 with an empty list, order is no order', async (t) => {
  const { phone, folder } = await makePhone(t);
  mkdirSync(join(folder, 'd'), { recursive: true });
  for (let index = 0; index < 20; index += 1) writeFileSync(join(folder, 'd', `f${index}.mp4`), 'x'.repeat(index));
  const host = await connect(phone);
  const [d = 0] = await host.handles();
  const ask = (handle: number, prop: number, depth: number, group = 0): Promise<Result> =>
    host.ask(Operation.GetObjectPropList, [handle, 0, prop, group, depth]);
  const names = elements(await ask(d, 0xdc07, 1));
  assert.equal(names.length, 21);
  assert.ok(names.some((element) => element.handle === d && element.value === 'd'));
  const sizes = elements(await ask(d, 0xdc04, 1));
  assert.notDeepEqual(
    names.map((element) => element.handle),
    sizes.map((element) => element.handle),
  );
  const bySize = new Map(sizes.map((element) => [element.handle, element.value]));
  for (const { handle, value } of names)
    if (handle !== d) assert.equal(bySize.get(handle), BigInt(Number(/\d+/.exec(value as string)?.[0])));
  assert.equal(elements(await ask(d, 0xdc07, 0)).length, 1);
  assert.equal(elements(await ask(0, 0xdc07, 0)).length, 1, 'handle 0: the roots of all storages');
  assert.equal(elements(await ask(ROOT, 0xdc07, 0)).length, 21, 'everything');
  assert.equal(elements(await ask(d, ROOT, 0)).length, 11);
  assert.equal(elements(await ask(d, 0xdc08, 0)).length, 0, 'type 0: no such property');
  for (const [prop, group, depth, handle, code] of [
    [0xdc07, 0, 2, d, Response.SpecificationByDepthUnsupported],
    [0, 0, 1, d, Response.ParameterNotSupported],
    [0, 1, 1, d, Response.SpecificationByGroupUnsupported],
    [0xdc07, 0, 1, 9999, Response.InvalidObjectHandle],
  ] as const) {
    const answer = await ask(handle, prop, depth, group);
    assert.equal(answer.code, code);
    assert.deepEqual(answer.data, new Uint8Array(4));
  }
});

test('partial reads: clamped at the end, empty there, refused beyond; 64 bits', async (t) => {
  const { phone, folder } = await makePhone(t);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'big'), 'start');
  truncateSync(join(folder, 'big'), 2 ** 32 + 5);
  writeFileSync(join(folder, 'small'), pattern(1000));
  const host = await connect(phone);
  const [big = 0, small = 0] = await host.handles();
  const read = (operation: number, ...params: number[]): Promise<Result> => host.ask(operation, params);
  const tail = await read(Operation.GetPartialObject64, big, 0, 1, 100);
  assert.deepEqual([tail.code, tail.params, tail.data?.byteLength], [Response.OK, [5], 5]);
  const at = await read(Operation.GetPartialObject64, big, 5, 1, 100);
  assert.deepEqual([at.code, at.params, at.data?.byteLength], [Response.OK, [0], 0]);
  const beyond = await read(Operation.GetPartialObject64, big, 6, 1, 100);
  assert.deepEqual([beyond.code, beyond.data], [Response.GeneralError, undefined]);
  const part = await read(Operation.GetPartialObject, small, 10, 500);
  assert.deepEqual(part.data, pattern(1000).subarray(10, 510));
  const info = decodeObjectInfo((await read(Operation.GetObjectInfo, big)).data ?? new Uint8Array(0));
  assert.equal(info.compressedSize, 0xffffffff);
  await host.command(Operation.GetObject, [big]);
  const piece = await host.transport.read(512, { limitMs: 5000 });
  assert.equal(Buffer.from(piece.bytes.subarray(0, 4)).toString('hex'), 'ffffffff');
  assert.equal((await read(Operation.GetObject, 4242).catch(() => ({ code: 0 }))).code === Response.OK, false);
});

test('a file that vanishes is forgotten, one that shrinks while it is read stalls the pipes', async (t) => {
  const { phone, folder } = await makePhone(t);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'film'), new Uint8Array(16 * 1024 * 1024));
  const host = await connect(phone);
  const [film = 0] = await host.handles();
  await host.command(Operation.GetObject, [film]);
  await host.transport.read(1 << 20, { limitMs: 5000 });
  truncateSync(join(folder, 'film'), 1 << 20);
  let kind = 'fine';
  while (kind === 'fine') kind = await TestHost.kindOf(host.transport.read(1 << 20, { limitMs: 5000 }));
  assert.equal(kind, 'stalled');
  await host.transport.clearHalt('in');
  await host.transport.clearHalt('out');
  assert.equal((await host.storages()).length, 1);
  await phone.touchRemove('/film');
  assert.equal((await host.ask(Operation.GetObjectInfo, [film])).code, Response.InvalidObjectHandle);
});

test('events: only in an open session, for folders already listed; kept until somebody reads', async (t) => {
  const { phone } = await makePhone(t);
  await phone.touchFile('/before', 'x');
  const host = await connect(phone);
  await phone.touchFile('/unseen', 'x');
  assert.equal((await host.handles()).length, 2);
  await phone.touchFile('/new', 'x');
  await phone.touchFile('/new', 'xy');
  await phone.touchRemove('/new');
  phone.touchBattery(50);
  const [storage = 0] = await host.storages();
  const { handle } = await host.upload(storage, 'mine', pattern(10));
  const seen: string[] = [];
  const stop = host.transport.onInterrupt((packet) => {
    const view = new DataView(packet.buffer, packet.byteOffset);
    seen.push(`${view.getUint16(6, true).toString(16)}:${view.getUint32(12, true)}`);
  });
  assert.deepEqual(seen, ['4002:3', '4007:3', '4003:3', `4006:${0x5001}`, `4007:${handle}`]);
  await host.ask(Operation.DeleteObject, [handle, 0]);
  await host.announce(storage, 'd', 0, { folder: true });
  assert.equal(seen.length, 5, 'our own delete and mkdir say nothing');
  stop();
  await host.ask(Operation.CloseSession);
  phone.touchBattery(49);
  host.transport.onInterrupt(() => assert.fail('the session is closed'));
});

test('two storages, their facts, device properties', async (t) => {
  const { phone } = await makePhone(t, { sd: true, capacity: 1_000_000, sdCapacity: 2_000_000, name: 'My phone' });
  const host = await connect(phone);
  const ids = await host.storages();
  assert.deepEqual(ids, [0x00010001, 0x00020001]);
  const facts = async (id: number): Promise<unknown[]> => {
    const info = decodeStorageInfo((await host.ask(Operation.GetStorageInfo, [id])).data ?? new Uint8Array(0));
    return [info.storageType, info.maxCapacity, info.freeSpace, info.description, info.volumeIdentifier];
  };
  assert.deepEqual(await facts(0x00010001), [3, 1_000_000, 1_000_000, 'Internal shared storage', '']);
  const { handle } = await host.upload(0x00010001, 'a', pattern(1000));
  assert.equal((await facts(0x00010001))[2], 999_000);
  await host.ask(Operation.DeleteObject, [handle, 0]);
  assert.equal((await facts(0x00010001))[2], 1_000_000);
  assert.deepEqual(await facts(0x00020001), [4, 2_000_000, 2_000_000, 'SD card', '']);
  assert.equal((await host.ask(Operation.GetStorageInfo, [0x00030001])).code, Response.InvalidStorageID);
  const device = decodeDeviceInfo((await host.ask(Operation.GetDeviceInfo)).data ?? new Uint8Array(0));
  assert.deepEqual([device.manufacturer, device.model, device.serial], ['Replug', 'My phone', phone.serial]);
  const text = async (prop: number): Promise<Uint8Array | undefined> =>
    (await host.ask(Operation.GetDevicePropValue, [prop])).data;
  assert.deepEqual(await text(0x5001), new Uint8Array([77]));
  assert.equal((await text(0xd402))?.[0], 'My phone'.length + 1);
  assert.equal((await host.ask(Operation.GetDevicePropValue, [0x5011])).code, Response.DevicePropNotSupported);
  assert.equal((await host.ask(0x1017, [0xd402])).code, Response.DevicePropNotSupported);
  assert.equal((await host.ask(0x9806)).code, Response.OperationNotSupported);
});

test('a planted entry may be anything', async (t) => {
  const { phone } = await makePhone(t);
  const nasty = ['../../evil', 'a/b', 'nul\0in it', '\u202Egnp.exe', 'x'.repeat(254), ''];
  for (const name of nasty) phone.plant({ folder: '/', name, size: 2 ** 50 });
  phone.plant({ folder: '/', name: 'loop', size: 0, directory: true, cyclic: true });
  phone.plant({ folder: '/', name: 'liar', size: 10, content: pattern(20) });
  const host = await connect(phone);
  const handles = await host.handles();
  assert.equal(handles.length, 8);
  const loop = handles[6] ?? 0;
  const inside = decodeU32Array(
    (await host.ask(Operation.GetObjectHandles, [ROOT, 0, loop])).data ?? new Uint8Array(4),
    'loop',
  );
  assert.ok(inside.includes(loop));
  assert.equal((await host.ask(Operation.GetObject, [handles[7] ?? 0])).data?.byteLength, 20);
  assert.equal((await host.ask(Operation.GetPartialObject, [handles[0] ?? 0, 0, 100])).data?.byteLength, 100);
  assert.equal(await TestHost.kindOf(host.transport.read(64, { limitMs: SOON })), 'silent');
});

test('the thumbnail inside a JPEG; without one 2002', async (t) => {
  const { phone } = await makePhone(t);
  const thumbnail = [0xff, 0xd8, 1, 2, 3, 0xff, 0xd9];
  const tiff = [
    ...[0x49, 0x49, 42, 0, 8, 0, 0, 0],
    ...[0, 0, 14, 0, 0, 0],
    ...[2, 0],
    ...[0x01, 0x02, 4, 0, 1, 0, 0, 0, 44, 0, 0, 0],
    ...[0x02, 0x02, 4, 0, 1, 0, 0, 0, thumbnail.length, 0, 0, 0],
    ...[0, 0, 0, 0],
    ...thumbnail,
  ];
  const exif = [0x45, 0x78, 0x69, 0x66, 0, 0, ...tiff];
  const size = exif.length + 2;
  await phone.touchFile(
    '/a.jpg',
    new Uint8Array([0xff, 0xd8, 0xff, 0xe1, size >> 8, size & 0xff, ...exif, 0xff, 0xd9]),
  );
  await phone.touchFile('/b.jpg', new Uint8Array([0xff, 0xd8, 0xff, 0xe1, 0xff]));
  const host = await connect(phone);
  const [a = 0, b = 0] = await host.handles();
  assert.deepEqual([...((await host.ask(Operation.GetThumb, [a])).data ?? [])], thumbnail);
  assert.equal((await host.ask(Operation.GetThumb, [b])).code, Response.GeneralError);
});
