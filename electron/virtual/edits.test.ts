import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Operation, Reader, Response, decodeObjectInfo, encodeDataHeader } from '../mtp/wire/index.ts';
import { SOON, TestHost, connect, makePhone, pattern } from '../../tests/support/test-initiator.ts';
import type { VirtualPhone } from './phone.ts';

const MIB = 1024 * 1024;

async function withFile(
  phone: VirtualPhone,
  size: number,
): Promise<{ readonly host: TestHost; readonly handle: number; readonly storage: number }> {
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const { handle } = await host.upload(storage, 'f', pattern(size));
  return { host, handle, storage };
}
const liveSize = async (host: TestHost, handle: number): Promise<number> =>
  Number(
    new Reader(
      (await host.ask(Operation.GetObjectPropValue, [handle, 0xdc04])).data ?? new Uint8Array(8),
      'size',
    ).u64(),
  );
const infoSize = async (host: TestHost, handle: number): Promise<number> =>
  decodeObjectInfo((await host.ask(Operation.GetObjectInfo, [handle])).data ?? new Uint8Array(0)).compressedSize;

test('what the edit operations refuse', async (t) => {
  const { phone } = await makePhone(t);
  const { host, handle, storage } = await withFile(phone, 100);
  const folder = (await host.announce(storage, 'd', 0, { folder: true })).params[2] ?? 0;
  const code = async (operation: number, ...params: number[]): Promise<number> =>
    (await host.ask(operation, params)).code;
  assert.equal(await code(Operation.BeginEditObject, 4711), Response.InvalidObjectHandle);
  assert.equal(await code(Operation.BeginEditObject, folder), Response.GeneralError);
  assert.equal(await code(Operation.EndEditObject, handle), Response.GeneralError);
  assert.equal(await code(Operation.TruncateObject, handle, 1, 0), Response.GeneralError);
  assert.equal(await code(Operation.BeginEditObject, handle), Response.OK);
  assert.equal(await code(Operation.BeginEditObject, handle), Response.GeneralError, 'twice');
  assert.equal(
    await code(Operation.SendPartialObject, handle, 101, 0, 1),
    Response.GeneralError,
    'beyond the end, unread',
  );
  assert.equal(await code(Operation.EndEditObject, handle), Response.OK);
});

test('chunks in place: append at the end, grow by truncation, the parameter that means nothing', async (t) => {
  const { phone, folder } = await makePhone(t);
  const { host, handle } = await withFile(phone, 100);
  await host.ask(Operation.BeginEditObject, [handle]);
  const small = await host.give(Operation.SendPartialObject, [handle, 100, 0, 50], pattern(50, 2));
  assert.deepEqual([small.code, small.params], [Response.OK, [0]]);
  const large = await host.give(Operation.SendPartialObject, [handle, 150, 0, 40_000], pattern(40_000, 3));
  assert.deepEqual([large.code, large.params], [Response.OK, [23_628]]);
  for (const size of [16372, 500, 5 * MIB]) {
    const end = await infoSize(host, handle);
    assert.equal(
      (await host.give(Operation.SendPartialObject, [handle, end, 0, size], pattern(size))).code,
      Response.OK,
    );
  }
  await host.ask(Operation.TruncateObject, [handle, 6 * MIB, 0]);
  assert.equal(await infoSize(host, handle), 6 * MIB);
  await host.ask(Operation.EndEditObject, [handle]);
  assert.equal(statSync(join(folder, 'f')).size, 6 * MIB);
  assert.deepEqual(new Uint8Array(readFileSync(join(folder, 'f'))).subarray(100, 150), pattern(50, 2));
});

test('after a cut chunk whole 2 MiB pieces are on disk while the edit keeps its size', async (t) => {
  const { phone } = await makePhone(t);
  const { host, handle } = await withFile(phone, 3_000_000);
  await host.ask(Operation.BeginEditObject, [handle]);
  await host.command(Operation.SendPartialObject, [handle, 3_000_000, 0, 8 * MIB]);
  const part = new Uint8Array(5 * MIB);
  part.set(encodeDataHeader(Operation.SendPartialObject, host.lastId, 8 * MIB));
  await host.transport.write([part], { last: false, limitMs: 5000 });
  // observed: cancelled in the middle, no answer
  await host.transport.classRequestOut(0x64, new Uint8Array(6), { limitMs: 5000 });
  assert.equal(await TestHost.kindOf(host.container(SOON)), 'silent');
  assert.equal(await liveSize(host, handle), 3_000_000 + 16372 + 2 * 2 * MIB);
  assert.equal(await liveSize(host, handle), 7_210_676);
  assert.equal(await infoSize(host, handle), 3_000_000);
  assert.equal((await host.ask(Operation.SendPartialObject, [handle, 7_210_676, 0, 10])).code, Response.GeneralError);
  assert.equal(
    (await host.give(Operation.SendPartialObject, [handle, 3_000_000, 0, 10], pattern(10))).code,
    Response.OK,
  );
  await host.ask(Operation.EndEditObject, [handle]);
  await host.ask(Operation.BeginEditObject, [handle]);
  assert.equal(await infoSize(host, handle), 7_210_676);
});

test('a chunk shorter than announced: 2002, with our own bytes before it', async (t) => {
  const { phone } = await makePhone(t);
  const { host, handle } = await withFile(phone, 0);
  await host.ask(Operation.BeginEditObject, [handle]);
  const answer = await host.give(Operation.SendPartialObject, [handle, 0, 0, 60_000], pattern(50_000));
  assert.equal(answer.code, Response.GeneralError);
  assert.deepEqual(answer.data, pattern(50_000).subarray(0, 16372));
  assert.equal(await infoSize(host, handle), 0);
});

test('edits outlive the session and the host, not the connection; what was written stays', async (t) => {
  const { phone, folder } = await makePhone(t);
  const { host, handle } = await withFile(phone, 0);
  await host.ask(Operation.BeginEditObject, [handle]);
  await host.give(Operation.SendPartialObject, [handle, 0, 0, 10], pattern(10));
  await host.ask(Operation.CloseSession);
  await host.transport.close();
  const second = await connect(phone);
  assert.equal((await second.ask(Operation.BeginEditObject, [handle])).code, Response.GeneralError);
  await phone.unplug();
  assert.deepEqual(new Uint8Array(readFileSync(join(folder, 'f'))), pattern(10));
  phone.plug();
  const third = await connect(phone);
  const [fresh = 0] = await third.handles();
  assert.notEqual(fresh, handle);
  assert.equal((await third.ask(Operation.BeginEditObject, [fresh])).code, Response.OK);
});

test('a full disk inside a chunk stalls both endpoints; the status tells once; clearing both recovers', async (t) => {
  const { phone } = await makePhone(t);
  const { host, handle } = await withFile(phone, 0);
  phone.behave('full@bytes=3000000');
  await host.ask(Operation.BeginEditObject, [handle]);
  await host.command(Operation.SendPartialObject, [handle, 0, 0, 8 * MIB]);
  assert.equal(await TestHost.kindOf(host.payload(Operation.SendPartialObject, new Uint8Array(8 * MIB))), 'stalled');
  assert.equal(await TestHost.kindOf(host.transport.read(512, { limitMs: SOON })), 'stalled');
  const status = await host.transport.classRequestIn(0x67, 32, { limitMs: 5000 });
  assert.equal(Buffer.from(status).toString('hex'), '0c001f208100010000000000');
  const after = await host.transport.classRequestIn(0x67, 32, { limitMs: 5000 });
  assert.equal(Buffer.from(after).toString('hex'), '0800012000000000');
  await host.transport.clearHalt('in');
  await host.transport.clearHalt('out');
  assert.equal(await liveSize(host, handle), 3_000_000);
  assert.equal(await infoSize(host, handle), 0);
  phone.makeRoom();
  assert.equal(
    (await host.give(Operation.SendPartialObject, [handle, 0, 0, 4 * MIB], pattern(4 * MIB))).code,
    Response.OK,
  );
});

test('the card ends at 4 GiB - 1 also in partial writes', async (t) => {
  const { phone, sd } = await makePhone(t, { sd: true, sdCapacity: 2 ** 40 });
  const host = await connect(phone);
  const card = (await host.storages())[1] ?? 0;
  const { handle } = await host.upload(card, 'f', new Uint8Array(0));
  await host.ask(Operation.BeginEditObject, [handle]);
  assert.equal((await host.ask(Operation.TruncateObject, [handle, 0, 1])).code, Response.GeneralError);
  assert.equal((await host.ask(Operation.TruncateObject, [handle, 0xffffff00, 0])).code, Response.OK);
  await host.command(Operation.SendPartialObject, [handle, 0xffffff00, 0, 4 * MIB]);
  // the first bytes alone do not fit: a response, and the rest is read as a command
  const rest = TestHost.kindOf(host.payload(Operation.SendPartialObject, new Uint8Array(4 * MIB), SOON));
  assert.equal((await host.answer()).code, Response.GeneralError);
  assert.equal(await rest, 'silent');
  assert.equal(statSync(join(sd, 'f')).size, 0xffffffff);
});
