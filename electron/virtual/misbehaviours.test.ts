import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  Event,
  Operation,
  Response,
  Writer,
  decodeObjectInfo,
  decodePropList,
  decodeStorageInfo,
} from '../mtp/wire/index.ts';
import { foldOnPhone } from './case-fold.ts';
import type { QuirkName } from './profiles.ts';
import { type TestHost, connect, makePhone, pattern } from '../../tests/support/test-initiator.ts';

/**
 * Misbehaviours reported from the field that Replug did not handle (see CONTRIBUTING.md, *Add a misbehaviour*), each
 * tested through the wire.
 */

const infoOf = async (host: TestHost, handle: number): Promise<ReturnType<typeof decodeObjectInfo>> =>
  decodeObjectInfo((await host.ask(Operation.GetObjectInfo, [handle])).data ?? new Uint8Array(0));
const text = (value: string): Uint8Array => new Writer().string(value).done();
const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(path));

test('quirk zero-sizes: reported as 0 everywhere, read in full', async (t) => {
  const { phone } = await makePhone(t, { quirks: [['zero-sizes', 1]] });
  await phone.touchFile('/a', pattern(1000));
  const host = await connect(phone);
  const [a = 0] = await host.handles();
  assert.equal((await infoOf(host, a)).compressedSize, 0);
  const list = await host.ask(Operation.GetObjectPropList, [a, 0, 0xdc04, 0, 0]);
  assert.deepEqual(
    decodePropList(list.data ?? new Uint8Array(4)).map(({ value }) => Number(value)),
    [0],
  );
  assert.deepEqual((await host.ask(Operation.GetObject, [a])).data, pattern(1000));
  assert.deepEqual((await host.ask(Operation.GetPartialObject64, [a, 100, 0, 2000])).data, pattern(1000).slice(100));
});

test('a file that grows, with ObjectInfoChanged and without', async (t) => {
  const { phone } = await makePhone(t);
  await phone.touchFile('/film', pattern(100));
  const host = await connect(phone);
  const heard: number[] = [];
  host.transport.onInterrupt((packet) => heard.push(new DataView(packet.buffer, packet.byteOffset).getUint16(6, true)));
  const [film = 0] = await host.handles();
  await phone.touchAppend('/film', pattern(50), { quietly: true });
  assert.equal((await infoOf(host, film)).compressedSize, 150);
  assert.deepEqual(heard, []);
  await phone.touchAppend('/film', pattern(50));
  assert.equal((await infoOf(host, film)).compressedSize, 200);
  assert.deepEqual(heard, [Event.ObjectInfoChanged]);
});

test('faults rewrite and grow: the file that is read changes under the reader', async (t) => {
  const { phone, folder } = await makePhone(t);
  await phone.touchFile('/a', pattern(1000), { modified: Date.now() });
  phone.behave('rewrite@op=GetPartialObject64:2', 'grow@op=GetObject:1');
  const host = await connect(phone);
  const [a = 0] = await host.handles();
  const before = await infoOf(host, a);
  const first = (await host.ask(Operation.GetPartialObject64, [a, 0, 0, 500])).data;
  const second = (await host.ask(Operation.GetPartialObject64, [a, 500, 0, 500])).data;
  const after = await infoOf(host, a);
  assert.deepEqual(first, pattern(1000).slice(0, 500));
  assert.deepEqual(second, bytesOf(join(folder, 'a')).slice(500));
  assert.notDeepEqual(second, pattern(1000).slice(500), 'the second half is of the other version');
  assert.equal(after.compressedSize, before.compressedSize);
  assert.notEqual(after.dateModified, before.dateModified);
  assert.equal((await host.ask(Operation.GetObject, [a])).data?.byteLength, 1500);
});

test('fault rewrite in the middle of one data phase', async (t) => {
  const { phone } = await makePhone(t, { rate: 40_000_000 });
  const size = 8 * 1024 * 1024;
  await phone.touchFile('/a', pattern(size));
  phone.behave('rewrite@op=GetObject:1:data');
  const host = await connect(phone);
  const [a = 0] = await host.handles();
  const got = (await host.ask(Operation.GetObject, [a])).data ?? new Uint8Array(0);
  assert.equal(got.byteLength, size);
  assert.deepEqual(got.slice(0, 1000), pattern(size).slice(0, 1000), 'it begins with the old version');
  assert.notDeepEqual(got.slice(-1000), pattern(size).slice(-1000), 'and ends with the new one');
});

test('the user overwrites, renames and removes, on either storage', async (t) => {
  const { phone, folder, sd } = await makePhone(t, { sd: true });
  await phone.touchFile('/a', pattern(10));
  await phone.touchFile('/b', 'on the card', { storage: 1 });
  await phone.touchOverwrite('/a', pattern(10, 2), { modified: 1_700_000_000_000 });
  assert.deepEqual(bytesOf(join(folder, 'a')), pattern(10, 2));
  const host = await connect(phone);
  const [internal = 0, card = 0] = await host.storages();
  const [a = 0] = await host.handles(undefined, internal);
  assert.notEqual((await infoOf(host, a)).dateModified, '');
  await phone.touchRename('/a', '/c');
  assert.equal((await host.ask(Operation.GetObjectInfo, [a])).code, Response.InvalidObjectHandle);
  const [c = 0] = await host.handles(undefined, internal);
  assert.equal((await infoOf(host, c)).filename, 'c');
  await phone.touchRemove('/b', { storage: 1 });
  assert.deepEqual([await host.handles(undefined, card), readdirSync(sd)], [[], []]);
});

test('quirk fat-names: a file is refused at SendObject, a folder at SendObjectInfo, a new name at once', async (t) => {
  const { phone, folder } = await makePhone(t, { quirks: [['fat-names', 1]] });
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  for (const name of ['a:b', 'why?', 'a*b']) {
    const file = await host.announce(storage, name, 3);
    assert.equal(file.code, Response.OK, `${name}: the announcement is taken`);
    assert.equal((await host.give(Operation.SendObject, [], pattern(3))).code, Response.GeneralError, name);
    assert.equal((await host.announce(storage, name, 0, { folder: true })).code, Response.GeneralError, name);
  }
  const { handle } = await host.upload(storage, 'plain', pattern(3));
  assert.equal(
    (await host.give(Operation.SetObjectPropValue, [handle, 0xdc07], text('a?'))).code,
    Response.GeneralError,
  );
  assert.deepEqual(readdirSync(folder), ['plain']);
  const { phone: other } = await makePhone(t);
  const plain = await connect(other);
  const [there = 0] = await plain.storages();
  assert.equal(
    (await plain.upload(there, 'why?', pattern(3))).result.code,
    Response.OK,
    'without the quirk it is taken',
  );
});

test('quirk only-empty-folders', async (t) => {
  const { phone, folder } = await makePhone(t, { quirks: [['only-empty-folders', 1]] });
  await phone.touchFile('/d/a', 'x');
  const host = await connect(phone);
  const [d = 0] = await host.handles();
  const [a = 0] = await host.handles(d);
  assert.equal((await host.ask(Operation.DeleteObject, [d, 0])).code, Response.PartialDeletion);
  assert.deepEqual(readdirSync(join(folder, 'd')), ['a'], 'nothing of it went');
  assert.equal((await host.ask(Operation.DeleteObject, [a, 0])).code, Response.OK);
  assert.equal((await host.ask(Operation.DeleteObject, [d, 0])).code, Response.OK);
});

test('quirks idle-delete, idle-move, idle-copy, idle-rename: OK, and nothing was done, from the Nth on', async (t) => {
  const quirks: QuirkName[] = ['idle-delete', 'idle-move', 'idle-copy', 'idle-rename'];
  for (const from of [1, 2]) {
    const { phone, folder } = await makePhone(t, { quirks: quirks.map((name) => [name, from] as const) });
    for (const name of ['a', 'b']) await phone.touchFile(`/${name}`, name);
    mkdirSync(join(folder, 'to'));
    const host = await connect(phone);
    const [storage = 0] = await host.storages();
    const handles = new Map<string, number>();
    for (const handle of await host.handles()) handles.set((await infoOf(host, handle)).filename, handle);
    const of = (name: string): number => handles.get(name) ?? 0;
    const all = async (name: string, renamed: string): Promise<void> => {
      const codes = [
        await host.ask(Operation.CopyObject, [of(name), storage, of('to')]),
        await host.give(Operation.SetObjectPropValue, [of(name), 0xdc07], text(renamed)),
        await host.ask(Operation.MoveObject, [of(name), storage, of('to')]),
        await host.ask(Operation.DeleteObject, [of(name), 0]),
      ].map(({ code }) => code);
      assert.deepEqual(codes, [Response.OK, Response.OK, Response.OK, Response.OK]);
    };
    if (from === 2) {
      await all('a', 'c');
      assert.deepEqual(readdirSync(folder).sort(), ['b', 'to'], 'the first of each is done');
      assert.deepEqual(readdirSync(join(folder, 'to')), ['a']);
    }
    const before = readdirSync(folder, { recursive: true });
    await all('b', 'd');
    assert.deepEqual(readdirSync(folder, { recursive: true }), before);
    assert.equal((await infoOf(host, of('b'))).filename, 'b');
  }
});

test('quirks of space: 0 or all ones, although there is space', async (t) => {
  const told = async (quirk: QuirkName): Promise<readonly [number, number]> => {
    const { phone } = await makePhone(t, { capacity: 1000, quirks: [[quirk, 1]] });
    const host = await connect(phone);
    const [storage = 0] = await host.storages();
    const info = decodeStorageInfo((await host.ask(Operation.GetStorageInfo, [storage])).data ?? new Uint8Array(0));
    assert.equal((await host.upload(storage, 'fits', pattern(500))).result.code, Response.OK);
    assert.equal((await host.announce(storage, 'does not', 501)).code, Response.StoreFull);
    return [info.maxCapacity, info.freeSpace];
  };
  assert.deepEqual(await told('capacity-zero'), [0, 1000]);
  assert.deepEqual(await told('capacity-unknown'), [Number.MAX_SAFE_INTEGER, 1000]);
  assert.deepEqual(await told('free-zero'), [1000, 0]);
  assert.deepEqual(await told('free-unknown'), [1000, Number.MAX_SAFE_INTEGER]);
});

test('quirks of dates: the zeros of Windows, Unix and FAT, and none', async (t) => {
  const told = async (quirk: QuirkName): Promise<string> => {
    const { phone } = await makePhone(t, { quirks: [[quirk, 1]] });
    await phone.touchFile('/a', 'x');
    const host = await connect(phone);
    const [a = 0] = await host.handles();
    return (await infoOf(host, a)).dateModified;
  };
  assert.equal(await told('date-1601'), '16010101T000000');
  assert.equal(await told('date-1970'), '19700101T000000');
  assert.equal(await told('date-1980'), '19800101T000000');
  assert.equal(await told('no-dates'), '');
});

test('names are one file as casefold sees them, and the second silently overwrites the first', async (t) => {
  const { phone, folder } = await makePhone(t);
  const pairs = [
    ['Straße.txt', 'STRASSE.txt'],
    ['\uFB01le', 'file'],
    ['caf\u00E9', 'cafe\u0301'],
    ['ΟΔΟΣ', 'οδος'],
    ['a\u200Db', 'ab'],
  ] as const;
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  for (const [first, second] of pairs) {
    assert.equal((await host.upload(storage, first, pattern(10))).result.code, Response.OK);
    assert.equal((await host.upload(storage, second, pattern(20, 2))).result.code, Response.OK, second);
    assert.deepEqual(bytesOf(join(folder, first)), pattern(20, 2), second);
  }
  assert.equal(readdirSync(folder).length, pairs.length);
  for (const [one, other] of [
    ['ı', 'i'],
    ['ss', 's'],
    ['é', 'e'],
  ] as const)
    assert.notEqual(foldOnPhone(one), foldOnPhone(other));
});

test('option phantoms: what a killed program announced lists with 0 bytes, cannot go, and blocks its name until a replug', async (t) => {
  const { phone, folder } = await makePhone(t, { phantoms: ['/Download/a'] });
  mkdirSync(join(folder, 'Download'), { recursive: true });
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const [download = 0] = await host.handles();
  const [a = 0] = await host.handles(download);
  assert.deepEqual([(await infoOf(host, a)).filename, (await infoOf(host, a)).compressedSize], ['a', 0]);
  assert.equal((await host.ask(Operation.DeleteObject, [a, 0])).code, Response.PartialDeletion);
  assert.equal((await host.announce(storage, 'a', 3, { parent: download })).code, Response.GeneralError);
  await phone.unplug();
  phone.plug();
  const again = await connect(phone);
  assert.deepEqual(await again.handles((await again.handles())[0]), []);
});

test('MoveObject of a folder into itself ends the server and is reported', async (t) => {
  const { phone, folder } = await makePhone(t);
  await phone.touchFile('/d/e/a', 'x');
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const [d = 0] = await host.handles();
  const [e = 0] = await host.handles(d);
  assert.equal((await host.ask(Operation.CopyObject, [d, storage, e])).code, Response.GeneralError);
  assert.deepEqual(phone.harms, []);
  await host.command(Operation.MoveObject, [d, storage, e]);
  while (phone.isServing) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(phone.harms, ['MoveObject of /d into /d/e']);
  assert.deepEqual(readdirSync(folder), ['d']);
});

test('MoveObject to a card that fills: 2002, the beginning stays there and the original here', async (t) => {
  const { phone, folder, sd } = await makePhone(t, { sd: true, sdCapacity: 600 });
  await phone.touchFile('/one.bin', pattern(1000));
  const host = await connect(phone);
  const [internal = 0, card = 0] = await host.storages();
  const [one = 0] = await host.handles(undefined, internal);
  assert.equal((await host.ask(Operation.MoveObject, [one, card, 0])).code, Response.GeneralError);
  assert.deepEqual(bytesOf(join(sd, 'one.bin')), pattern(1000).slice(0, 600));
  assert.deepEqual(bytesOf(join(folder, 'one.bin')), pattern(1000));
  const [left = 0] = await host.handles(undefined, card);
  assert.equal((await infoOf(host, left)).compressedSize, 600);
});

test('whoever listens stands between two operations, and the phone waits', async (t) => {
  const { phone, folder } = await makePhone(t);
  await phone.touchFile('/a', pattern(3));
  const seen: (readonly [number, number])[] = [];
  const stop = phone.onOperation(async (operation, count) => {
    seen.push([operation, count]);
    if (operation === Operation.GetObject) await phone.touchOverwrite('/a', pattern(4, 9));
  });
  const host = await connect(phone);
  const [a = 0] = await host.handles();
  assert.deepEqual((await host.ask(Operation.GetObject, [a])).data, pattern(4, 9));
  assert.deepEqual(seen, [
    [Operation.OpenSession, 1],
    [Operation.GetObjectHandles, 1],
    [Operation.GetObject, 1],
  ]);
  stop();
  await host.storages();
  assert.equal(seen.length, 3, `nobody listens in ${folder} any more`);
});
