import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isPhoneError } from '../../shared/errors.ts';
import { Operation, Response } from '../mtp/wire/index.ts';
import { parseFault } from './faults.ts';
import type { VirtualPhone } from './phone.ts';
import { SOON, TestHost, connect, makePhone, pattern } from '../../tests/support/test-initiator.ts';

const MIB = 1024 * 1024;
const gone = async (phone: VirtualPhone): Promise<void> => {
  assert.equal(phone.isPlugged, false);
  await phone.settled();
  assert.equal(phone.trouble, undefined);
};

test('specifications of faults', () => {
  assert.deepEqual(parseFault('unplug@bytes=12'), { kind: 'unplug-after', bytes: 12 });
  assert.deepEqual(parseFault('unplug@op=sendobject:3'), {
    kind: 'unplug-in',
    operation: 0x100d,
    occurrence: 3,
    phase: 'before',
  });
  assert.deepEqual(parseFault('unplug@op=GetPartialObject64:1:data'), {
    kind: 'unplug-in',
    operation: 0x95c1,
    occurrence: 1,
    phase: 'data',
  });
  assert.deepEqual(parseFault('silence@op=OpenSession:1:response:reset'), {
    kind: 'silence',
    operation: 0x1002,
    occurrence: 1,
    phase: 'response',
    until: 'reset',
  });
  assert.deepEqual(parseFault('full@bytes=0'), { kind: 'full', bytes: 0 });
  assert.deepEqual(parseFault('locked@open'), { kind: 'locked', unlockAfterMs: undefined });
  assert.deepEqual(parseFault('locked@open:20'), { kind: 'locked', unlockAfterMs: 20 });
  assert.deepEqual(parseFault('held@open'), { kind: 'held', forMs: undefined });
  assert.deepEqual(parseFault('held@open:20'), { kind: 'held', forMs: 20 });
  assert.deepEqual(parseFault('replug@ms=7'), { kind: 'replug', afterMs: 7 });
  for (const bad of [
    '',
    'explode',
    'unplug',
    'unplug@bytes',
    'unplug@bytes=-1',
    'unplug@bytes=x',
    'held@open:x',
    'unplug@op=Nothing:1',
    'unplug@op=SendObject:0',
    'unplug@op=SendObject:1:after',
    'unplug@op=SendObject:1:quiet',
    'replug@ms=',
    'full@op=SendObject:1',
  ])
    assert.throws(
      () => parseFault(bad),
      (error) => isPhoneError(error) && error.kind === 'bad-request' && error.problem.detail.includes(bad),
      bad,
    );
  assert.throws(() => parseFault('unplug@op=Nothing:1'), /GetPartialObject64/);
});

for (const bytes of [0, 1, 11, 12, 500, 16372, 16384, 100_000, 3 * MIB, 5_000_000])
  test(`unplug after ${bytes} bytes of an upload and of a download, to the byte`, async (t) => {
    const { phone, folder, base } = await makePhone(t);
    const host = await connect(phone);
    const [storage = 0] = await host.storages();
    const { handle } = await host.upload(storage, 'there', pattern(5_000_000));
    await host.announce(storage, 'a', 6_000_000);
    phone.behave({ kind: 'unplug-after', bytes: phone.bytesMoved + bytes });
    assert.equal(await TestHost.kindOf(host.give(Operation.SendObject, [], new Uint8Array(6_000_000))), 'disconnected');
    assert.equal((await host.transport.closed).kind, 'disconnected');
    await gone(phone);
    assert.deepEqual(readdirSync(folder), ['there']);
    assert.deepEqual(readdirSync(base), ['phone']);

    phone.plug();
    const again = new TestHost(phone.open());
    await again.answer();
    await again.open();
    const [fresh = 0] = await again.handles();
    assert.notEqual(fresh, handle);
    const from = phone.bytesMoved;
    phone.behave({ kind: 'unplug-after', bytes: from + bytes });
    await again.command(Operation.GetObject, [fresh]).catch(() => undefined);
    let got = 0;
    for (;;) {
      const piece = await again.transport.read(512, { limitMs: 5000 }).catch(() => undefined);
      if (piece === undefined) break;
      got += piece.bytes.byteLength;
    }
    await gone(phone);
    assert.equal(phone.bytesMoved - from, bytes);
    // bytes that did not fill a whole packet were lost
    const whole = bytes === 5_000_000;
    assert.equal(got, bytes === 0 ? 0 : whole ? bytes + 12 : Math.floor((bytes + 12) / 512) * 512);
  });

for (const phase of ['before', 'data', 'response'] as const)
  for (const operation of [
    'OpenSession',
    'GetStorageIDs',
    'SendObjectInfo',
    'SendObject',
    'BeginEditObject',
    'SendPartialObject',
    'EndEditObject',
    'SetObjectPropValue',
    'GetPartialObject64',
    'DeleteObject',
  ] as const)
    test(`unplug in ${operation}, ${phase}; plugged in again all is well`, async (t) => {
      const { phone, folder } = await makePhone(t);
      phone.behave(`unplug@op=${operation}:1:${phase}`, 'replug@ms=1');
      const work = async (): Promise<void> => {
        const host = await connect(phone);
        const [storage = 0] = await host.storages();
        const { handle } = await host.upload(storage, 'a', pattern(30_000));
        await host.ask(Operation.BeginEditObject, [handle]);
        await host.give(Operation.SendPartialObject, [handle, 30_000, 0, 20_000], pattern(20_000));
        await host.ask(Operation.EndEditObject, [handle]);
        await host.give(Operation.SetObjectPropValue, [handle, 0xdc07], new Uint8Array([2, 98, 0, 0, 0]));
        await host.ask(Operation.GetPartialObject64, [handle, 0, 0, 1000]);
        await host.ask(Operation.DeleteObject, [handle, 0]);
      };
      assert.equal(await TestHost.kindOf(work()), 'disconnected');
      const done =
        phase === 'response' ||
        (phase === 'data' && ['OpenSession', 'BeginEditObject', 'EndEditObject', 'DeleteObject'].includes(operation));
      if (operation === 'SendObject' || operation === 'SendObjectInfo')
        assert.equal(existsSync(join(folder, 'a')), operation === 'SendObject' && done);
      if (operation === 'SetObjectPropValue') assert.equal(existsSync(join(folder, 'b')), done);
      if (operation === 'DeleteObject') assert.equal(existsSync(join(folder, 'b')), !done);
      if (operation === 'SendPartialObject')
        assert.equal(statSync(join(folder, 'a')).size, { before: 30_000, data: 30_000, response: 50_000 }[phase]);
      while (!phone.isPlugged) await new Promise((resolve) => setTimeout(resolve, 1));
      const again = new TestHost(phone.open());
      while (
        await again.transport.read(512, { limitMs: SOON }).then(
          () => true,
          () => false,
        )
      );
      const opened = await again.ask(Operation.OpenSession, [1]);
      assert.ok(opened.code === Response.OK || opened.code === Response.SessionAlreadyOpen);
      assert.equal((await again.storages()).length, 1);
    });

test('after an unplug in the middle of an operation an answer of the old connection waits, and its session is open', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  await host.announce(storage, 'a', 6_000_000);
  phone.behave('unplug@op=SendObject:1:data');
  await host.give(Operation.SendObject, [], new Uint8Array(6_000_000)).catch(() => undefined);
  const old = host.lastId;
  phone.plug();
  const hasty = new TestHost(phone.open());
  assert.equal(
    await TestHost.kindOf(hasty.command(Operation.OpenSession, [1], SOON)),
    'silent',
    'who writes first times out',
  );
  const stale = await hasty.answer();
  assert.deepEqual([stale.code, stale.id], [Response.GeneralError, old]);
  assert.equal((await hasty.ask(Operation.OpenSession, [1])).code, Response.SessionAlreadyOpen);
  assert.equal((await hasty.ask(Operation.CloseSession)).code, Response.OK);
  assert.notEqual((await hasty.open().then((it) => it.storages()))[0], storage, 'storage ids are new');
});

test('each replug answers one unplug; without one the phone stays away; a late one still counts', async (t) => {
  const { phone } = await makePhone(t);
  phone.behave('unplug@op=OpenSession:1', 'replug@ms=0', 'unplug@op=OpenSession:2');
  const plugged: boolean[] = [];
  phone.onChange(() => plugged.push(phone.isPlugged));
  await connect(phone).catch(() => undefined);
  while (!phone.isPlugged) await new Promise((resolve) => setTimeout(resolve, 1));
  await connect(phone).catch(() => undefined);
  assert.deepEqual(plugged, [false, true, false]);
  phone.behave('replug@ms=0');
  while (!phone.isPlugged) await new Promise((resolve) => setTimeout(resolve, 1));
  assert.equal((await (await connect(phone)).storages()).length, 1);
});

test('silence ends with a replug; a bus reset helps only if the fault says so', async (t) => {
  const { phone } = await makePhone(t);
  phone.behave(
    'silence@op=GetStorageIDs:1',
    'silence@op=GetStorageIDs:3:response:reset',
    'silence@op=GetObject:1:data',
  );
  const host = await connect(phone);
  await host.command(Operation.GetStorageIDs);
  assert.equal(await TestHost.kindOf(host.answer(SOON)), 'silent');
  await host.transport.reset();
  const second = new TestHost(phone.open());
  await second.command(Operation.OpenSession, [1], SOON).catch(() => undefined);
  assert.equal(await TestHost.kindOf(second.answer(SOON)), 'silent');
  await phone.unplug();
  phone.plug();

  const third = new TestHost(phone.open());
  while (
    await third.transport.read(512, { limitMs: SOON }).then(
      () => true,
      () => false,
    )
  );
  await third.open();
  assert.equal((await third.storages()).length, 1);
  await third.command(Operation.GetStorageIDs);
  assert.equal((await third.container()).type, 2);
  assert.equal(await TestHost.kindOf(third.answer(SOON)), 'silent');
  await third.transport.reset();
  const fourth = await connect(phone);
  const [storage = 0] = await fourth.storages();
  const { handle } = await fourth.upload(storage, 'a', pattern(100_000));
  await fourth.command(Operation.GetObject, [handle]);
  assert.equal(await TestHost.kindOf(fourth.container(SOON)), 'silent');
});

test('silence until quiet: the server comes back by itself', async (t) => {
  const { phone } = await makePhone(t);
  phone.behave('silence@op=GetStorageIDs:1:quiet');
  const host = await connect(phone);
  assert.equal((await host.storages()).length, 1);
});

test('held: it cannot be opened until the other program releases it or the phone is replugged', async (t) => {
  const { phone } = await makePhone(t);
  const holder = { program: 'other-program', pid: process.pid, releasable: false };
  const isHeld = (error: unknown): boolean => {
    assert.ok(isPhoneError(error));
    assert.equal(error.problem.kind, 'held');
    assert.deepEqual(error.problem.holder, holder);
    return true;
  };
  phone.behave('held@open:20');
  assert.throws(() => phone.open(), isHeld);
  for (let given = false; !given;) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    try {
      await phone.open().close();
      given = true;
    } catch (error) {
      isHeld(error);
    }
  }
  phone.behave('held@open');
  assert.throws(() => phone.open(), isHeld);
  await phone.unplug();
  phone.plug();
  assert.equal((await (await connect(phone)).storages()).length, 1);
});

test('locked: no storages until unlocked, then an event', async (t) => {
  const { phone } = await makePhone(t);
  phone.behave('locked@open');
  const host = await connect(phone);
  assert.deepEqual(await host.storages(), []);
  assert.equal(
    (await host.ask(Operation.GetObjectHandles, [0xffffffff, 0, 0xffffffff])).code,
    Response.InvalidStorageID,
  );
  assert.equal((await host.ask(Operation.GetObjectInfo, [1])).code, Response.InvalidObjectHandle);
  assert.equal((await host.ask(Operation.BeginEditObject, [1])).code, Response.GeneralError);
  const events: string[] = [];
  host.transport.onInterrupt((packet) => events.push(Buffer.from(packet).toString('hex', 4, 8)));
  phone.unlock();
  assert.deepEqual(events, ['04000440']);
  assert.equal((await host.storages()).length, 1);
});

test('full: nothing more until there is space', async (t) => {
  const { phone, folder } = await makePhone(t);
  phone.behave('full@bytes=10000');
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  assert.equal((await host.upload(storage, 'a', pattern(8000))).result.code, Response.OK);
  assert.equal((await host.upload(storage, 'b', pattern(8000))).result.code, Response.GeneralError);
  assert.deepEqual(readdirSync(folder), ['a']);
  assert.equal((await host.announce(storage, 'b', 8000)).code, Response.StoreFull);
  phone.makeRoom();
  assert.equal((await host.upload(storage, 'b', pattern(8000))).result.code, Response.OK);
  assert.deepEqual(new Uint8Array(readFileSync(join(folder, 'b'))), pattern(8000));
});
