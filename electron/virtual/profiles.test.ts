import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Operation, Response, Writer, decodeDeviceInfo, decodeObjectInfo } from '../mtp/wire/index.ts';
import type { QuirkName } from './profiles.ts';
import { ROOT, SOON, TestHost, connect, makePhone, pattern } from '../../tests/support/test-initiator.ts';

const EDIT = [
  Operation.SendPartialObject,
  Operation.TruncateObject,
  Operation.BeginEditObject,
  Operation.EndEditObject,
];
const text = (value: string): Uint8Array => new Writer().string(value).done();
const operationsOf = async (host: TestHost): Promise<readonly number[]> =>
  decodeDeviceInfo((await host.ask(Operation.GetDeviceInfo)).data ?? new Uint8Array(0)).operations;

test('android-no-edit: not advertised, 2005, and the data phase meets the main loop', async (t) => {
  const { phone } = await makePhone(t, { profile: 'android-no-edit' });
  const host = await connect(phone);
  const operations = await operationsOf(host);
  assert.ok(EDIT.every((operation) => !operations.includes(operation)));
  assert.equal((await host.ask(Operation.BeginEditObject, [1])).code, Response.OperationNotSupported);
});

test('legacy-kernel: handles and storage ids stay the same', async (t) => {
  const { phone } = await makePhone(t, { profile: 'legacy-kernel', sd: true });
  await phone.touchFile('/a', 'x');
  await phone.touchFile('/b', 'x');
  const host = await connect(phone);
  const before = [await host.storages(), await host.handles()];
  await phone.unplug();
  phone.plug();
  const again = await connect(phone);
  assert.deepEqual([await again.storages(), await again.handles()], before);
  assert.ok(!(await operationsOf(again)).includes(Operation.MoveObject));
});

test('legacy-kernel: what is renamed keeps its handle, and what is made under its old name gets one of its own', async (t) => {
  const { phone } = await makePhone(t, { profile: 'legacy-kernel' });
  await phone.touchFile('/folder/deep/a', 'x');
  const host = await connect(phone);
  const [folder = 0] = await host.handles();
  const [deep = 0] = await host.handles(folder);
  const [a = 0] = await host.handles(deep);
  const rename = async (handle: number, name: string): Promise<void> => {
    const { code } = await host.give(Operation.SetObjectPropValue, [handle, 0xdc07], text(name));
    assert.equal(code, Response.OK);
  };
  await rename(a, 'b');
  await phone.touchFile('/folder/deep/a', 'another');
  const files = await host.handles(deep);
  assert.equal(new Set(files).size, 2);
  assert.ok(files.includes(a));
  await rename(folder, 'other');
  await phone.touchFile('/folder/c', 'x');
  const roots = await host.handles();
  assert.equal(new Set(roots).size, 2);
  await phone.unplug();
  phone.plug();
  const again = await connect(phone);
  const numbers = (handles: readonly number[]): readonly number[] => handles.toSorted((one, other) => one - other);
  assert.deepEqual(numbers(await again.handles()), numbers(roots));
  assert.deepEqual(await again.handles(folder), [deep]);
  assert.deepEqual(numbers(await again.handles(deep)), numbers(files));
});

test('samsung-old: allowed after a prompt, wide sizes, no root 0, a hang at an aligned end', async (t) => {
  const { phone, folder } = await makePhone(t, { profile: 'samsung-old' });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'a'), pattern(1000));
  const host = await connect(phone);
  assert.deepEqual(await host.storages(), []);
  phone.unlock();
  assert.equal((await host.storages()).length, 1);
  assert.equal((await host.ask(Operation.GetObjectHandles, [ROOT, 0, 0])).code, Response.InvalidObjectHandle);
  const [a = 0] = await host.handles();
  const info = (await host.ask(Operation.GetObjectInfo, [a])).data ?? new Uint8Array(0);
  assert.equal(decodeObjectInfo(info, 'yes').compressedSize, 1000);
  assert.equal((await host.ask(Operation.GetPartialObject, [a, 0, 500])).code, Response.OK, 'aligned, not at the end');
  assert.equal((await host.ask(Operation.GetPartialObject, [a, 500, 499])).code, Response.OK);
  assert.equal((await host.ask(Operation.GetPartialObject, [a, 999, 1])).code, Response.OK);
  await host.command(Operation.GetPartialObject, [a, 500, 500]);
  assert.equal(await TestHost.kindOf(host.container(SOON)), 'silent');
});

test('camera: stalls at what it does not know, busy after a cancel, one storage, no dates', async (t) => {
  const { phone, folder } = await makePhone(t, { profile: 'camera', sd: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'a'), new Uint8Array(8 * 1024 * 1024));
  const host = await connect(phone);
  assert.equal((await host.storages()).length, 1);
  await host.command(Operation.GetObjectPropList, [0, 0, 0xdc07, 0, 1]);
  assert.equal(await TestHost.kindOf(host.container()), 'stalled');
  await host.transport.clearHalt('in');
  await host.transport.clearHalt('out');
  const [a = 0] = await host.handles();
  assert.match(
    decodeObjectInfo((await host.ask(Operation.GetObjectInfo, [a])).data ?? new Uint8Array(0)).dateModified,
    /^20240043/,
  );
  await host.command(Operation.GetObject, [a]);
  await host.transport.read(1 << 20, { limitMs: 5000 });
  await host.transport.classRequestOut(0x64, new Uint8Array(6), { limitMs: 5000 });
  assert.equal((await host.ask(Operation.GetObjectInfo, [a])).code, Response.DeviceBusy);
  assert.equal((await host.ask(Operation.GetObjectInfo, [a])).code, Response.DeviceBusy);
  assert.equal((await host.ask(Operation.GetObjectInfo, [a])).code, Response.OK);
});

async function quirky(
  t: TestContext,
  quirk: QuirkName,
  value = 1,
): Promise<{ readonly host: TestHost; readonly a: number; readonly b: number }> {
  const { phone, folder } = await makePhone(t, { quirks: [[quirk, value]] });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'a'), pattern(1012));
  writeFileSync(join(folder, 'b'), pattern(100));
  const host = await connect(phone);
  const [a = 0, b = 0] = await host.handles();
  return { host, a, b };
}
const raw = async (host: TestHost, want: number): Promise<readonly [number, boolean]> => {
  const piece = await host.transport.read(want, { limitMs: 5000 });
  return [piece.bytes.byteLength, piece.short];
};

test('quirk edit-refused', async (t) => {
  const { host, a } = await quirky(t, 'edit-refused');
  assert.ok((await operationsOf(host)).includes(Operation.BeginEditObject));
  for (const operation of EDIT)
    assert.equal((await host.ask(operation, [a, 0, 0, 0])).code, Response.OperationNotSupported);
});
test('quirk no-partial-reads', async (t) => {
  const { host, a } = await quirky(t, 'no-partial-reads');
  const reads = [Operation.GetPartialObject, Operation.GetPartialObject64];
  const operations = await operationsOf(host);
  assert.ok(reads.every((operation) => !operations.includes(operation)));
  for (const operation of reads)
    assert.equal((await host.ask(operation, [a, 0, 10, 0])).code, Response.OperationNotSupported);
  assert.equal((await host.ask(Operation.GetObject, [a])).data?.byteLength, 1012);
});
test('quirk glued-response', async (t) => {
  const { host, b } = await quirky(t, 'glued-response');
  await host.command(Operation.GetObject, [b]);
  assert.deepEqual(await raw(host, 4096), [112 + 12, true]);
});
test('quirk no-zlp', async (t) => {
  const { host, a } = await quirky(t, 'no-zlp');
  await host.command(Operation.GetObject, [a]);
  assert.deepEqual(await raw(host, 4096), [1024 + 12, true], 'the response fills up what was asked for');
});
test('quirk extra-zlp', async (t) => {
  const { host, b } = await quirky(t, 'extra-zlp');
  await host.command(Operation.GetObject, [b]);
  assert.deepEqual(
    [await raw(host, 512), await raw(host, 512), await raw(host, 512)],
    [
      [112, true],
      [0, true],
      [12, true],
    ],
  );
});
test('quirk split-header', async (t) => {
  const { host, b } = await quirky(t, 'split-header');
  await host.command(Operation.GetObject, [b]);
  assert.deepEqual(
    [await raw(host, 512), await raw(host, 512)],
    [
      [12, true],
      [100, true],
    ],
  );
  assert.equal((await host.answer()).code, Response.OK);
  await host.command(Operation.GetStorageIDs);
  assert.deepEqual(
    [await raw(host, 512), await raw(host, 512)],
    [
      [12, true],
      [8, true],
    ],
  );
});
test('quirk junk-ids', async (t) => {
  const { host, b } = await quirky(t, 'junk-ids');
  const answer = await host.ask(Operation.GetObject, [b]);
  assert.notEqual(answer.id, host.lastId);
});
test('quirk stale-answer', async (t) => {
  const { phone } = await makePhone(t, { quirks: [['stale-answer', 1]] });
  const host = new TestHost(phone.open());
  await host.command(Operation.GetDeviceInfo);
  await host.container();
  assert.deepEqual([(await host.container()).id, (await host.container()).id], [host.lastId - 1, host.lastId]);
});
test('quirk open-refused', async (t) => {
  const { phone } = await makePhone(t, { quirks: [['open-refused', 2]] });
  const host = new TestHost(phone.open());
  const codes = [];
  for (let count = 0; count < 3; count += 1) codes.push((await host.ask(Operation.OpenSession, [1])).code);
  assert.deepEqual(codes, [Response.GeneralError, Response.GeneralError, Response.OK]);
});
test('quirk parent-is-storage', async (t) => {
  const { host, a } = await quirky(t, 'parent-is-storage');
  const info = decodeObjectInfo((await host.ask(Operation.GetObjectInfo, [a])).data ?? new Uint8Array(0));
  assert.equal(info.parent, info.storageId);
});
test('quirk root-is-zero', async (t) => {
  const { host } = await quirky(t, 'root-is-zero');
  assert.equal((await host.ask(Operation.GetObjectHandles, [ROOT, 0, ROOT])).code, Response.InvalidObjectHandle);
  assert.equal((await host.handles(0)).length, 2);
});
test('quirks one-undescribable and none-describable', async (t) => {
  const one = await quirky(t, 'one-undescribable');
  assert.equal((await one.host.ask(Operation.GetObjectInfo, [one.a])).code, Response.GeneralError);
  assert.equal((await one.host.ask(Operation.GetObjectInfo, [one.b])).code, Response.OK);
  const none = await quirky(t, 'none-describable');
  assert.equal((await none.host.ask(Operation.GetObjectInfo, [none.b])).code, Response.GeneralError);
});
test('quirk no-prop-list', async (t) => {
  const { host, a } = await quirky(t, 'no-prop-list');
  const list = await host.ask(Operation.GetObjectPropList, [a, 0, 0xdc07, 0, 1]);
  assert.equal(list.data?.[0], 1);
});
test('quirks of names, dates and sizes', async (t) => {
  const info = async (quirk: QuirkName): Promise<Uint8Array> => {
    const { host, b } = await quirky(t, quirk);
    return (await host.ask(Operation.GetObjectInfo, [b])).data ?? new Uint8Array(0);
  };
  assert.equal((await info('nul-padded'))[52], 1 + 4);
  assert.equal(decodeObjectInfo(await info('doubled-sizes')).compressedSize, 200);
  assert.match(decodeObjectInfo(await info('bad-dates')).dateModified, /T99/);
});
test('quirk doubled-sizes: reading past the real end stalls', async (t) => {
  const { host, b } = await quirky(t, 'doubled-sizes');
  assert.equal((await host.ask(Operation.GetObject, [b])).data?.byteLength, 100);
  await host.command(Operation.GetPartialObject64, [b, 50, 0, 100]);
  assert.equal(await TestHost.kindOf(host.container()), 'stalled');
});
test('quirks short-reads and zero-reads', async (t) => {
  const short = await quirky(t, 'short-reads');
  assert.deepEqual((await short.host.ask(Operation.GetPartialObject64, [short.b, 0, 0, 100])).params, [50]);
  const zero = await quirky(t, 'zero-reads');
  assert.deepEqual((await zero.host.ask(Operation.GetPartialObject64, [zero.b, 0, 0, 100])).params, [0]);
});
test('quirk event-flood', async (t) => {
  const { host } = await quirky(t, 'event-flood');
  let events = 0;
  host.transport.onInterrupt(() => (events += 1));
  await host.storages();
  assert.ok(events >= 50);
});
