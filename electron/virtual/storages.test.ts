import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import {
  Event,
  Operation,
  Response,
  decodeDeviceInfo,
  decodeStorageInfo,
  type StorageInfoDataset,
} from '../mtp/wire/index.ts';
import { VirtualBus } from './bus.ts';
import { VirtualPhone } from './phone.ts';
import { TestHost, connect, makePhone, pattern } from '../../tests/support/test-initiator.ts';

const infoOf = async (host: TestHost, id: number): Promise<StorageInfoDataset> =>
  decodeStorageInfo((await host.ask(Operation.GetStorageInfo, [id])).data ?? new Uint8Array(0));

/** The events received, as code and parameter. */
function events(host: TestHost): [number, number][] {
  const seen: [number, number][] = [];
  host.transport.onInterrupt((packet) => {
    const view = new DataView(packet.buffer, packet.byteOffset);
    seen.push([view.getUint16(6, true), view.getUint32(12, true)]);
  });
  return seen;
}

test('a card that is removed and returns has another id; old ids and handles are invalid', async (t) => {
  const { phone, sd } = await makePhone(t, { sd: true });
  await phone.ready();
  writeFileSync(join(sd, 'a'), pattern(100));
  const host = await connect(phone);
  const heard = events(host);
  const [internal = 0, card = 0] = await host.storages();
  const [a = 0] = await host.handles(undefined, card);
  phone.removeStorage(1);
  assert.deepEqual(await host.storages(), [internal]);
  assert.equal((await host.ask(Operation.GetStorageInfo, [card])).code, Response.InvalidStorageID);
  assert.equal((await host.ask(Operation.GetObjectHandles, [card, 0, 0])).code, Response.InvalidStorageID);
  assert.equal((await host.ask(Operation.GetObjectInfo, [a])).code, Response.InvalidObjectHandle);
  assert.equal((await host.announce(card, 'b', 1)).code, Response.InvalidStorageID);
  phone.insertStorage(1);
  const [, again = 0] = await host.storages();
  assert.notEqual(again, card);
  assert.equal((await host.ask(Operation.GetStorageInfo, [card])).code, Response.InvalidStorageID);
  const [b = 0] = await host.handles(undefined, again);
  assert.notEqual(b, a);
  assert.deepEqual((await host.ask(Operation.GetObject, [b])).data, pattern(100));
  assert.deepEqual(heard, [
    [Event.StoreRemoved, card],
    [Event.StoreAdded, again],
  ]);
});

test('a locked phone takes all of its storages away and gives them back under new ids', async (t) => {
  const { phone } = await makePhone(t, { sd: true });
  const host = await connect(phone);
  const before = await host.storages();
  phone.lock();
  assert.deepEqual(await host.storages(), []);
  phone.unlock();
  const after = await host.storages();
  assert.equal(after.length, 2);
  assert.ok(after.every((id) => !before.includes(id)));
});

test('a card that goes in the middle of an upload or an edit takes what was not finished with it', async (t) => {
  const { phone, sd } = await makePhone(t, { sd: true });
  const host = await connect(phone);
  const [, card = 0] = await host.storages();
  const edited = await host.upload(card, 'edited', pattern(10));
  await host.ask(Operation.BeginEditObject, [edited.handle]);
  await host.announce(card, 'whole', 1_000_000);
  await host.command(Operation.SendObject);
  phone.removeStorage(1);
  await host.payload(Operation.SendObject, pattern(1_000_000));
  assert.equal((await host.answer()).code, Response.GeneralError);
  phone.insertStorage(1);
  const [, again = 0] = await host.storages();
  const [left = 0, ...others] = await host.handles(undefined, again);
  assert.deepEqual(others, [], `only what was there before is in ${sd}`);
  assert.equal((await host.ask(Operation.EndEditObject, [left])).code, Response.GeneralError, 'no edit is open');
});

test('a card that is mounted some time after the session was opened, at each plug', async (t) => {
  const { phone } = await makePhone(t, { sd: true, sdAfterMs: 30 });
  for (let round = 0; round < 2; round += 1) {
    const host = new TestHost(phone.open());
    const heard = events(host);
    await host.open();
    assert.equal((await host.storages()).length, 1);
    while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const ids = await host.storages();
    assert.equal(ids.length, 2);
    assert.deepEqual(heard, [[Event.StoreAdded, ids[1]]]);
    await phone.unplug();
    phone.plug();
  }
});

test('dual apps: two storages of one name, kind and size', async (t) => {
  const { phone, base } = await makePhone(t, { capacity: 1_000_000 });
  await phone.dispose();
  const twins = new VirtualPhone({
    directory: join(base, 'one'),
    capacity: 1_000_000,
    storages: [
      { directory: join(base, 'two'), capacity: 1_000_000 },
      { directory: join(base, 'three'), removable: true, absent: true },
    ],
  });
  t.after(() => twins.dispose());
  const host = await connect(twins);
  const [one = 0, two = 0, ...more] = await host.storages();
  assert.deepEqual(more, [], 'the third is not there yet');
  assert.notEqual(one, two);
  assert.deepEqual(await infoOf(host, one), await infoOf(host, two));
  await host.upload(two, 'a', pattern(10));
  assert.equal((await host.handles(undefined, one)).length, 0);
  twins.insertStorage(2);
  assert.equal((await host.storages()).length, 3);
});

test('another language and another capacity', async (t) => {
  const { phone } = await makePhone(t, { capacity: 1_000_000, sd: true, sdName: 'SD-Karte' });
  const host = await connect(phone);
  const [id = 0, card = 0] = await host.storages();
  phone.describeStorage(0, { name: 'Interner gemeinsamer Speicher', capacity: 2_000_000 });
  const info = await infoOf(host, id);
  assert.deepEqual(
    [info.description, info.maxCapacity, info.freeSpace],
    ['Interner gemeinsamer Speicher', 2_000_000, 2_000_000],
  );
  assert.equal((await infoOf(host, card)).description, 'SD-Karte');
});

test("apps' own data fills a storage while something is sent, and goes again", async (t) => {
  const { phone } = await makePhone(t, { capacity: 1_000_000 });
  const host = await connect(phone);
  const [id = 0] = await host.storages();
  await host.upload(id, 'a', pattern(1_000));
  phone.fillStorage(0, 300);
  assert.equal((await infoOf(host, id)).freeSpace, 300);
  assert.equal((await host.announce(id, 'b', 301)).code, Response.StoreFull);
  await host.upload(id, 'b', pattern(300));
  assert.equal((await infoOf(host, id)).freeSpace, 0);
  phone.fillStorage(0, undefined);
  assert.equal((await infoOf(host, id)).freeSpace, 998_700);
});

test('a phone that has fallen silent says what it waits for', async (t) => {
  const { phone } = await makePhone(t);
  const host = await connect(phone);
  assert.equal(phone.silentUntil, undefined);
  phone.behave('silence@op=GetStorageIDs:1');
  void host.ask(Operation.GetStorageIDs).catch(() => undefined);
  while (phone.silentUntil === undefined) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(phone.silentUntil, 'replug');
  await phone.unplug();
  phone.plug();
  assert.equal(phone.silentUntil, undefined);
});

async function serialOn(t: TestContext, phone: VirtualPhone): Promise<readonly string[]> {
  t.after(() => phone.dispose());
  const device = decodeDeviceInfo(
    (await (await connect(phone)).ask(Operation.GetDeviceInfo)).data ?? new Uint8Array(0),
  );
  return [phone.attached().serial, device.serial];
}

test('no serial number, and a placeholder', async (t) => {
  const { base } = await makePhone(t);
  const directory = join(base, 'tab');
  mkdirSync(directory);
  assert.deepEqual(await serialOn(t, new VirtualPhone({ directory, quirks: [['no-serial', 1]] })), ['', '']);
  assert.deepEqual(await serialOn(t, new VirtualPhone({ directory, serial: '' })), ['', '']);
  const placeholder = '0123456789ABCDEF';
  assert.deepEqual(await serialOn(t, new VirtualPhone({ directory, quirks: [['placeholder-serial', 1]] })), [
    placeholder,
    placeholder,
  ]);
});

test('two phones of one serial are two on the bus, and each opens its own', async (t) => {
  const { base } = await makePhone(t);
  const phones = ['a', 'b'].map(
    (name) => new VirtualPhone({ directory: join(base, name), name, quirks: [['placeholder-serial', 1]] }),
  );
  const bus = new VirtualBus(phones);
  t.after(() => bus.close());
  const attached = await bus.current();
  assert.equal(new Set(attached.map((one) => one.id)).size, 2);
  assert.equal(new Set(attached.map((one) => one.serial)).size, 1);
  for (const one of attached) {
    const host = await new TestHost(await bus.open(one)).open();
    const [storage = 0] = await host.storages();
    await host.upload(storage, `from ${one.product}`, pattern(3));
  }
  for (const phone of phones) assert.equal((await listed(phone)).join(), `from ${phone.name}`);
});

async function listed(phone: VirtualPhone): Promise<string[]> {
  const { readdir } = await import('node:fs/promises');
  return await readdir(phone.internal);
}
