import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ClassRequest, Operation, Response, encodeDataHeader } from '../mtp/wire/index.ts';
import { SOON, TestHost, connect, makePhone, pattern } from '../../tests/support/test-initiator.ts';

const MIB = 1024 * 1024;
const PATIENT = { limitMs: 5000 };

for (const request of [ClassRequest.Cancel, ClassRequest.Reset])
  test(`0x${request.toString(16)} in the middle of SendObject: the file goes, no answer, the session stays`, async (t) => {
    const { phone, folder, base } = await makePhone(t);
    const host = await connect(phone);
    const [storage = 0] = await host.storages();
    await host.announce(storage, 'a', 8 * MIB);
    await host.command(Operation.SendObject);
    const part = new Uint8Array(3 * MIB);
    part.set(encodeDataHeader(Operation.SendObject, host.lastId, 8 * MIB));
    await host.transport.write([part], { last: false, ...PATIENT });
    await host.transport.classRequestOut(request, new Uint8Array(6), PATIENT);
    assert.equal(await TestHost.kindOf(host.container(SOON)), 'silent');
    assert.deepEqual(await host.handles(), []);
    assert.equal(existsSync(join(folder, 'a')), false);
    await phone.unplug();
    assert.equal(existsSync(join(base, '.phone.replug-virtual')), false);
  });

test('in the middle of a large GetObject: it ends, no answer, the next command is fine', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const { handle } = await host.upload(storage, 'a', new Uint8Array(12 * MIB));
  await host.command(Operation.GetObject, [handle]);
  await host.transport.read(MIB, PATIENT);
  await host.transport.classRequestOut(ClassRequest.Cancel, new Uint8Array(6), PATIENT);
  assert.equal(await TestHost.kindOf(host.transport.read(MIB, { limitMs: SOON })), 'silent');
  assert.equal((await host.storages()).length, 1);
});

test('in the last 2 MiB of a read: truncated data, and still an OK', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const { handle } = await host.upload(storage, 'a', new Uint8Array(3 * MIB));
  await host.command(Operation.GetObject, [handle]);
  await host.transport.read(MIB, PATIENT);
  await host.transport.read(MIB, PATIENT);
  await host.transport.classRequestOut(ClassRequest.Cancel, new Uint8Array(6), PATIENT);
  const answer = await host.container();
  assert.deepEqual([answer.type, answer.code], [3, Response.OK]);
});

test('while idle: the next operation has no answer, the one after it gets the first one’s', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  await host.transport.classRequestOut(ClassRequest.Cancel, new Uint8Array(6), PATIENT);
  await host.command(Operation.GetStorageIDs);
  const first = host.lastId;
  assert.equal(await TestHost.kindOf(host.container(SOON)), 'silent');
  await host.command(Operation.CloseSession);
  assert.equal((await host.answer()).id, first);
  assert.equal((await host.storages()).length, 1, 'then it is well again');
});

test('before any data of an upload: a refusal, and the next transfer is swallowed', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  await host.announce(storage, 'a', 100);
  await host.command(Operation.SendObject);
  await host.transport.classRequestOut(ClassRequest.Cancel, new Uint8Array(6), PATIENT);
  assert.equal((await host.answer()).code, Response.GeneralError);
  await host.command(Operation.GetStorageIDs);
  assert.equal(await TestHost.kindOf(host.container(SOON)), 'silent');
  assert.equal((await host.storages()).length, 1);
});

test('a device status of 4 bytes ends the server; 8 are answered with 8', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  assert.equal((await host.transport.classRequestIn(ClassRequest.GetDeviceStatus, 8, PATIENT)).byteLength, 8);
  assert.equal((await host.storages()).length, 1);
  assert.equal(
    await TestHost.kindOf(host.transport.classRequestIn(ClassRequest.GetDeviceStatus, 4, { limitMs: SOON })),
    'silent',
  );
  assert.equal(await TestHost.kindOf(host.command(Operation.GetStorageIDs, [], SOON)), 'silent');
  assert.equal(phone.isServing, false);
});

test('f_mtp: four bytes of status, busy once after a cancel; reset stalls', async (t) => {
  const { phone } = await makePhone(t, { profile: 'legacy-kernel' });
  const host = await connect(phone);
  const status = async (): Promise<string> =>
    Buffer.from(await host.transport.classRequestIn(ClassRequest.GetDeviceStatus, 32, PATIENT)).toString('hex');
  assert.equal(await status(), '04000120');
  assert.equal(
    await TestHost.kindOf(host.transport.classRequestOut(ClassRequest.Reset, new Uint8Array(0), PATIENT)),
    'stalled',
  );
  await host.transport.classRequestOut(ClassRequest.Cancel, new Uint8Array(6), PATIENT);
  assert.equal(await status(), '04000120', 'idle: nothing to cancel');
  const [storage = 0] = await host.storages();
  const { handle } = await host.upload(storage, 'a', new Uint8Array(12 * MIB));
  await host.command(Operation.GetObject, [handle]);
  await host.transport.read(MIB, PATIENT);
  await host.transport.classRequestOut(ClassRequest.Cancel, new Uint8Array(6), PATIENT);
  assert.equal(await status(), '04001920');
  assert.equal(await status(), '04000120');
  assert.equal((await host.storages()).length, 1);
});

test('f_mtp: a short packet is the end of the data, with OK and a short file', async (t) => {
  const { phone } = await makePhone(t, { profile: 'legacy-kernel' });
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  await host.announce(storage, 'a', 100_000);
  const answer = await host.give(Operation.SendObject, [], pattern(60_000));
  assert.equal(answer.code, Response.OK);
  const [handle = 0] = await host.handles();
  const back = await host.ask(Operation.GetObject, [handle]);
  assert.equal(back.data?.byteLength, 60_000);
  // an empty packet that nothing asked for is thrown away, an aligned file goes up with or without one
  await host.transport.write([], { last: true, ...PATIENT });
  assert.equal((await host.upload(storage, 'b', pattern(16372 + 2048))).result.code, Response.OK);
  assert.equal((await host.storages()).length, 1);
});

test('the compatibility handle never answers class requests', async (t) => {
  const { phone } = await makePhone(t, { quirks: [['compat', 1]] });
  const host = await connect(phone);
  assert.equal(
    await TestHost.kindOf(host.transport.classRequestIn(ClassRequest.GetDeviceStatus, 32, { limitMs: SOON })),
    'silent',
  );
  assert.equal((await host.storages()).length, 1);
});
