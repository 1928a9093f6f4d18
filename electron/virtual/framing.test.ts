import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Operation, Response, encodeCommand, encodeDataHeader, encodeHeader } from '../mtp/wire/index.ts';
import { ROOT, SOON, TestHost, connect, info, makePhone, pattern } from '../../tests/support/test-initiator.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));

test('golden: a session in bytes', async (t) => {
  const { phone } = await makePhone(t);
  const cable = phone.open();
  const say = (text: string): Promise<void> => cable.write([bytesOf(text)], { last: true, limitMs: 5000 });
  const hear = async (): Promise<string> => hex((await cable.read(512, { limitMs: 5000 })).bytes);

  await say('10000000 0100 0210 00000000 01000000');
  assert.equal(await hear(), '0c000000' + '0300' + '0120' + '00000000');
  await say('10000000 0100 0210 01000000 02000000');
  assert.equal(await hear(), '10000000' + '0300' + '1e20' + '01000000' + '01000000', 'already open, with its id');
  await say('0c000000 0100 0410 02000000');
  assert.equal(await hear(), '14000000' + '0200' + '0410' + '02000000' + '01000000' + '01000100');
  assert.equal(await hear(), '0c000000' + '0300' + '0120' + '02000000');
  await say('18000000 0100 0710 03000000 ffffffff 00000000 ffffffff');
  assert.equal(await hear(), '10000000' + '0200' + '0710' + '03000000' + '00000000', 'an empty root');
  assert.equal(await hear(), '0c000000' + '0300' + '0120' + '03000000');
  await say('0c000000 0100 9999 04000000');
  assert.equal(await hear(), '0c000000' + '0300' + '0520' + '04000000');
  await say('0c000000 0100 0310 05000000');
  assert.equal(await hear(), '0c000000' + '0300' + '0120' + '05000000');
});

test('golden: an upload in bytes', async (t) => {
  const { phone, folder } = await makePhone(t);
  const cable = (await connect(phone)).transport;
  const say = (text: string): Promise<void> => cable.write([bytesOf(text)], { last: true, limitMs: 5000 });
  const hear = async (): Promise<string> => hex((await cable.read(512, { limitMs: 5000 })).bytes);
  await say('14000000 0100 0c10 07000000 01000100 ffffffff');
  await say(
    '50000000 0200 0c10 07000000' +
      '00000000 0030 0000 03000000 0000 00000000 00000000 00000000 00000000 00000000 00000000 00000000' +
      '0000 00000000 00000000' +
      '02 6100 0000 00 00 00'.padEnd(18, ' '),
  );
  assert.equal(await hear(), '18000000' + '0300' + '0120' + '07000000' + '01000100' + '00000000' + '01000000');
  await say('0c000000 0100 0d10 08000000');
  await say('0f000000 0200 0d10 08000000 616263');
  assert.equal(await hear(), '0c000000' + '0300' + '0120' + '08000000');
  assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'abc');
});

for (const [what, bytes] of [
  ['an empty packet', new Uint8Array(0)],
  ['11 bytes', new Uint8Array(11)],
  ['13 bytes', new Uint8Array(13)],
  ['36 bytes', encodeCommand(Operation.GetDeviceInfo, 1, []).length === 12 ? new Uint8Array(36) : new Uint8Array(0)],
  ['a full packet', new Uint8Array(512)],
] as const)
  test(`${what} where a command is due ends the server until it is plugged in again`, async (t) => {
    const { phone } = await makePhone(t);
    const host = await connect(phone);
    await host.transport.write([bytes], { last: true, limitMs: SOON }).catch(() => undefined);
    assert.equal(await TestHost.kindOf(host.command(Operation.GetStorageIDs, [], SOON)), 'silent');
    assert.equal(await TestHost.kindOf(host.transport.classRequestIn(0x67, 32, { limitMs: SOON })), 'silent');
    assert.equal(phone.isServing, false);
    await phone.unplug();
    phone.plug();
    const again = await connect(phone);
    assert.equal((await again.storages()).length, 1);
  });

test('a bus reset starts another server, with other handles', async (t) => {
  const { phone } = await makePhone(t);
  await phone.touchFile('/a', 'x');
  const host = await connect(phone);
  const before = await host.handles();
  await host.transport.write([new Uint8Array(100)], { last: true, limitMs: 5000 });
  await host.transport.reset();
  assert.equal((await host.transport.closed).kind, 'disconnected');
  const again = await connect(phone);
  assert.notDeepEqual(await again.handles(), before);
});

test('a container of legal size and another type is ignored', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  const stray = encodeHeader({ length: 12, type: 3, code: Response.OK, transactionId: 9 });
  await host.transport.write([stray], { last: true, limitMs: 5000 });
  assert.equal((await host.storages()).length, 1);
});

test('the number of parameters comes from the transfer, and too few are 201D', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  assert.equal((await host.ask(Operation.GetObjectHandles, [ROOT, 0])).code, Response.InvalidParameter);
  assert.equal((await host.ask(Operation.GetObjectPropList, [1, 0, 0xdc07, 0])).code, Response.InvalidParameter);
  assert.equal((await host.ask(Operation.SendPartialObject, [1, 0, 0])).code, Response.InvalidParameter);
});

test('SendPartialObject without an edit is answered before its data is read', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const { handle } = await host.upload(storage, 'a', pattern(100));

  await host.command(Operation.SendPartialObject, [handle, 0, 0, 20]);
  assert.equal(
    await TestHost.kindOf(host.payload(Operation.SendPartialObject, pattern(20), SOON)),
    'silent',
    'OUT waits',
  );
  assert.equal((await host.answer()).code, Response.GeneralError);
  assert.equal((await host.storages()).length, 1, 'a host that reads first stays in sync');

  await host.command(Operation.SendPartialObject, [handle, 0, 0, 20]);
  const early = host.payload(Operation.SendPartialObject, pattern(20));
  assert.equal((await host.answer()).code, Response.GeneralError);
  await early;
  assert.equal((await host.storages()).length, 1, '32 bytes look like a container of another type');

  await host.command(Operation.SendPartialObject, [handle, 0, 0, 5000]);
  const late = host.payload(Operation.SendPartialObject, pattern(5000), SOON);
  assert.equal((await host.answer()).code, Response.GeneralError);
  assert.equal(await TestHost.kindOf(late), 'silent', 'the server is gone in the middle of it');
  assert.equal(phone.isServing, false);
});

test('SendObject without SendObjectInfo: 2015, data unread', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  assert.equal((await host.ask(Operation.SendObject)).code, Response.NoValidObjectInfo);
  assert.equal((await host.storages()).length, 1);
});

for (const size of [500, 16372 + 1024, 16372, 3 * 1024 * 1024 + 500])
  test(`without the empty packet after ${size} bytes the next command is swallowed as data`, async (t) => {
    const { phone, folder } = await makePhone(t);
    const host = await connect(phone);
    const [storage = 0] = await host.storages();
    await host.announce(storage, 'a', size);
    await host.command(Operation.SendObject);
    const sendId = host.lastId;
    const whole = new Uint8Array(12 + size);
    whole.set(encodeDataHeader(Operation.SendObject, sendId, size));
    assert.equal(whole.byteLength % 512, 0);
    await host.transport.write([whole], { last: false, limitMs: 5000 });
    assert.equal(await TestHost.kindOf(host.container(SOON)), 'silent', 'the phone waits for more');
    await host.command(Operation.GetStorageIDs);
    // a short object swallows one more command before the server notices
    if (size === 500) await host.command(Operation.GetStorageIDs);
    const answer = await host.answer();
    assert.equal(answer.code, Response.GeneralError);
    assert.equal(answer.id, sendId);
    assert.equal(existsSync(join(folder, 'a')), false);
    assert.equal((await host.storages()).length, 1);
  });

test('a short packet before the declared size: 2002, nothing left', async (t) => {
  const { phone, folder } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  await host.announce(storage, 'a', 50_000);
  assert.equal((await host.give(Operation.SendObject, [], pattern(40_000))).code, Response.GeneralError);
  assert.equal(existsSync(join(folder, 'a')), false);
  assert.deepEqual(await host.handles(), []);
});

test('more data than declared hangs the phone', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  await host.announce(storage, 'a', 20_000);
  await host.command(Operation.SendObject);
  assert.equal(await TestHost.kindOf(host.payload(Operation.SendObject, pattern(30_000), SOON)), 'silent');
});

test('a split SendObjectInfo is parsed as it came, its rest ends the server', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const dataset = info('name', 1);
  await host.command(Operation.SendObjectInfo, [storage, ROOT]);
  await host.transport.write([encodeDataHeader(Operation.SendObjectInfo, host.lastId, dataset.length)], {
    last: true,
    limitMs: 5000,
  });
  const rest = host.transport.write([dataset], { last: true, limitMs: 5000 });
  assert.equal((await host.answer()).code, Response.InvalidParameter);
  await rest;
  assert.equal(await TestHost.kindOf(host.command(Operation.GetStorageIDs, [], SOON)), 'silent');
});

test('the header of an object may come alone', async (t) => {
  const { phone, folder } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  await host.announce(storage, 'a', 5000);
  await host.command(Operation.SendObject);
  await host.transport.write([encodeDataHeader(Operation.SendObject, host.lastId, 5000)], {
    last: true,
    limitMs: 5000,
  });
  await host.transport.write([pattern(5000)], { last: true, limitMs: 5000 });
  assert.equal((await host.answer()).code, Response.OK);
  assert.equal(statSync(join(folder, 'a')).size, 5000);
});

test('0xFFFFFFFF reads until a short packet: nothing but a header and an empty packet is an empty file', async (t) => {
  const { phone, folder } = await makePhone(t, { capacity: 2 ** 40 });
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  for (const [name, size] of [
    ['empty', 0],
    ['aligned', 512 * 100],
    ['ragged', 3 * 1024 * 1024 + 17],
  ] as const) {
    assert.equal((await host.announce(storage, name, 0xffffffff)).code, Response.OK);
    await host.command(Operation.SendObject);
    await host.transport.write(
      [encodeHeader({ length: 0xffffffff, type: 2, code: Operation.SendObject, transactionId: 1 })],
      { last: true, limitMs: 5000 },
    );
    await host.transport.write([pattern(size)], { last: true, limitMs: 5000 });
    assert.equal((await host.answer()).code, Response.OK);
    assert.equal(statSync(join(folder, name)).size, size);
  }
});

test('a read with nothing pending waits, and what comes later is not lost', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  assert.equal(await TestHost.kindOf(host.transport.read(64, { limitMs: SOON })), 'silent');
  await host.command(Operation.GetStorageIDs);
  assert.equal((await host.container()).type, 2);
  assert.equal((await host.container()).code, Response.OK);
});

test('an aligned data phase ends in an empty packet, a ragged one does not', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const { handle } = await host.upload(storage, 'a', pattern(1012));
  await host.command(Operation.GetObject, [handle]);
  const whole = await host.transport.read(1024, { limitMs: 5000 });
  assert.deepEqual([whole.bytes.byteLength, whole.short], [1024, false]);
  const empty = await host.transport.read(512, { limitMs: 5000 });
  assert.deepEqual([empty.bytes.byteLength, empty.short], [0, true]);
  assert.equal((await host.answer()).code, Response.OK);
  await host.command(Operation.GetObject, [handle]);
  const wide = await host.transport.read(4096, { limitMs: 5000 });
  assert.deepEqual([wide.bytes.byteLength, wide.short], [1024, true], 'a larger read takes the empty packet along');
  assert.equal((await host.answer()).code, Response.OK);
});

test('one program at a time; a host that dies leaves the phone in the middle of what it did', async (t) => {
  const { phone, folder } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  assert.throws(() => phone.open(), { kind: 'held' });

  // stuck receiving: the next command is a short packet, and the response has the old id
  await host.announce(storage, 'a', 100_000);
  await host.command(Operation.SendObject);
  const sendId = host.lastId;
  await host.transport.write([encodeDataHeader(Operation.SendObject, sendId, 100_000), new Uint8Array(32768 - 12)], {
    last: false,
    limitMs: 5000,
  });
  await host.transport.close();
  const second = new TestHost(phone.open());
  await second.command(Operation.OpenSession, [1]);
  const stale = await second.answer();
  assert.deepEqual([stale.code, stale.id], [Response.GeneralError, sendId]);
  assert.equal((await second.ask(Operation.OpenSession, [1])).code, Response.SessionAlreadyOpen);
  assert.equal(existsSync(join(folder, 'a')), false);

  // stuck sending: the rest is still in bulk-IN
  const { handle } = await second.upload(storage, 'b', pattern(5_000_000));
  await second.command(Operation.GetObject, [handle]);
  await second.transport.read(4096, { limitMs: 5000 });
  await second.transport.close();
  const third = new TestHost(phone.open());
  assert.equal(
    await TestHost.kindOf(third.command(Operation.OpenSession, [1], SOON)),
    'silent',
    'who writes first waits',
  );
  for (;;) if ((await third.transport.read(1 << 20, { limitMs: 5000 })).short) break;
  assert.equal((await third.answer()).code, Response.OK);
  assert.equal((await third.storages()).length, 1);
});
