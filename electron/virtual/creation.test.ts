import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Operation, Response, Writer } from '../mtp/wire/index.ts';
import { ROOT, connect, makePhone, pattern } from '../../tests/support/test-initiator.ts';

const text = (value: string): Uint8Array => new Writer().string(value).done();

test('an existing name, file or folder, is refused', async (t) => {
  const { phone, folder } = await makePhone(t);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'file'), 'old');
  mkdirSync(join(folder, 'folder'));
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  assert.equal((await host.announce(storage, 'file', 1)).code, Response.GeneralError);
  assert.equal((await host.announce(storage, 'folder', 1)).code, Response.GeneralError);
  assert.equal((await host.announce(storage, 'folder', 0, { folder: true })).code, Response.GeneralError);
  // including one that appeared on the phone after the listing
  writeFileSync(join(folder, 'later'), 'new');
  assert.equal((await host.announce(storage, 'later', 1)).code, Response.GeneralError);
});

test('a name that differs in case alone overwrites silently', async (t) => {
  const { phone, folder } = await makePhone(t);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'Photo.JPG'), 'the old picture');
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const { result } = await host.upload(storage, 'photo.jpg', pattern(5));
  assert.equal(result.code, Response.OK);
  assert.deepEqual(readdirSync(folder), ['Photo.JPG']);
  assert.deepEqual(new Uint8Array(readFileSync(join(folder, 'Photo.JPG'))), pattern(5));
  assert.equal((await host.handles()).length, 2, 'two entries, one file');
});

test('SendObjectInfo without SendObject leaves a phantom until replug', async (t) => {
  const { phone, folder } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const announced = await host.announce(storage, 'ghost', 10);
  const handle = announced.params[2] ?? 0;
  assert.deepEqual(await host.handles(), [handle]);
  assert.equal((await host.ask(Operation.SendObject)).code, Response.NoValidObjectInfo, 'the expectation is gone');
  assert.equal((await host.ask(Operation.DeleteObject, [handle, 0])).code, Response.PartialDeletion);
  assert.equal((await host.ask(Operation.BeginEditObject, [handle])).code, Response.GeneralError);
  assert.equal(
    (await host.give(Operation.SetObjectPropValue, [handle, 0xdc07], text('x'))).code,
    Response.GeneralError,
  );
  assert.equal((await host.announce(storage, 'ghost', 10)).code, Response.GeneralError);
  assert.equal((await host.ask(Operation.GetObjectInfo, [handle])).code, Response.OK);
  assert.deepEqual(readdirSync(folder), []);
  await phone.unplug();
  phone.plug();
  const again = await connect(phone);
  assert.deepEqual(await again.handles(), []);
  assert.equal((await again.upload((await again.storages())[0] ?? 0, 'ghost', pattern(10))).result.code, Response.OK);
});

test('what AOSP refuses in SendObjectInfo', async (t) => {
  const { phone } = await makePhone(t, { capacity: 3 * 1024 ** 3, sd: true, sdCapacity: 2 ** 40 });
  const host = await connect(phone);
  const [internal = 0, card = 0] = await host.storages();
  await phone.touchFile('/file', 'x');
  const [file = 0] = await host.handles(ROOT, internal);
  const code = async (storage: number, name: string, size: number, parent = ROOT): Promise<number> =>
    (await host.announce(storage, name, size, { parent })).code;
  assert.equal(await code(internal, 'a', 1, 0), Response.InvalidObjectHandle, 'root is FFFFFFFF here');
  assert.equal(await code(internal, 'a', 1, file), Response.InvalidParentObject);
  assert.equal(await code(internal, 'a', 1, 4711), Response.InvalidObjectHandle);
  assert.equal(await code(0, 'a', 1), Response.GeneralError);
  assert.equal(await code(0x00990001, 'a', 1), Response.InvalidStorageID);
  for (const name of ['', '.', '..', 'a/b'])
    assert.equal(await code(internal, name, 1), Response.InvalidParameter, name);
  assert.equal(await code(internal, 'a', 0xffffffff), Response.StoreFull);
  assert.equal(await code(card, 'a', 0xffffffff), Response.ObjectTooLarge);
  assert.equal(await code(card, 'b', 0xfffffffe), Response.OK);
});

test('the card trims names and cannot hold FAT-illegal ones', async (t) => {
  const { phone, sd } = await makePhone(t, { sd: true });
  const host = await connect(phone);
  const card = (await host.storages())[1] ?? 0;
  assert.equal((await host.upload(card, '  a b ', pattern(3))).result.code, Response.OK);
  assert.deepEqual(readdirSync(sd), ['a b']);
  assert.equal((await host.upload(card, 'what?', pattern(3))).result.code, Response.GeneralError);
  assert.deepEqual(readdirSync(sd), ['a b']);
  assert.equal((await host.storages()).length, 2, 'a small one is read to its end');
  // of a larger object only the first 16 KiB are read; the rest is not a command
  await host.announce(card, 'why?', 50_000);
  await host.command(Operation.SendObject);
  const rest = host.payload(Operation.SendObject, pattern(50_000), 60).catch(() => undefined);
  assert.equal((await host.answer()).code, Response.GeneralError);
  await rest;
  assert.equal(phone.isServing, false);
});

test('dates: honoured on SendObject with Z or local, gone after an edit', async (t) => {
  const { phone, folder } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const { handle } = await host.upload(storage, 'utc', pattern(3), { date: '20200102T030405Z' });
  assert.equal(statSync(join(folder, 'utc')).mtimeMs, Date.UTC(2020, 0, 2, 3, 4, 5));
  await host.upload(storage, 'local', pattern(3), { date: '20200102T030405' });
  assert.equal(statSync(join(folder, 'local')).mtimeMs, new Date(2020, 0, 2, 3, 4, 5).getTime());
  await host.upload(storage, 'zone', pattern(3), { date: '20200102T030405+0500' });
  assert.equal(statSync(join(folder, 'zone')).mtimeMs, new Date(2020, 0, 2, 3, 4, 5).getTime(), 'an offset is ignored');
  await host.ask(Operation.BeginEditObject, [handle]);
  await host.give(Operation.SendPartialObject, [handle, 0, 0, 1], pattern(1));
  await host.ask(Operation.EndEditObject, [handle]);
  assert.ok(statSync(join(folder, 'utc')).mtimeMs > Date.UTC(2024, 0, 1));
});

test('folders are created at once; deletion is recursive', async (t) => {
  const { phone, folder } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const made = (await host.announce(storage, 'new', 0, { folder: true })).params[2] ?? 0;
  assert.ok(statSync(join(folder, 'new')).isDirectory());
  await host.upload(storage, 'a', pattern(3), { parent: made });
  assert.ok(existsSync(join(folder, 'new', 'a')));
  assert.equal((await host.ask(Operation.DeleteObject, [made, 0])).code, Response.OK);
  assert.equal(existsSync(join(folder, 'new')), false);
  assert.equal((await host.ask(Operation.DeleteObject, [made, 0])).code, Response.InvalidObjectHandle);
  assert.equal((await host.ask(Operation.DeleteObject, [ROOT, 0])).code, Response.InvalidObjectHandle);
});

test('move and copy: root is 0 here; conflicts', async (t) => {
  const { phone, folder, sd } = await makePhone(t, { sd: true });
  const host = await connect(phone);
  const [storage = 0, card = 0] = await host.storages();
  const into = (await host.announce(storage, 'into', 0, { folder: true })).params[2] ?? 0;
  const { handle } = await host.upload(storage, 'a', pattern(3));
  await host.upload(storage, 'a', pattern(10, 2), { parent: into });
  assert.equal((await host.ask(Operation.MoveObject, [handle, storage, ROOT])).code, Response.InvalidObjectHandle);
  assert.equal((await host.ask(Operation.CopyObject, [handle, storage, ROOT])).code, Response.InvalidObjectHandle);
  assert.equal((await host.ask(Operation.MoveObject, [handle, storage, into])).code, Response.GeneralError, 'conflict');
  const copied = await host.ask(Operation.CopyObject, [handle, storage, into]);
  assert.deepEqual([copied.code, copied.params[0]], [Response.OK, 0xffff]);
  const mixed = new Uint8Array(readFileSync(join(folder, 'into', 'a')));
  assert.deepEqual([...mixed.subarray(0, 3)], [...pattern(3)]);
  assert.deepEqual([...mixed.subarray(3)], [...pattern(10, 2).subarray(3)], 'the old tail stays');
  assert.equal((await host.ask(Operation.MoveObject, [handle, card, 0])).code, Response.OK);
  assert.deepEqual(new Uint8Array(readFileSync(join(sd, 'a'))), pattern(3));
});

test('rename: a taken name is refused, another case overwrites, bad names are refused', async (t) => {
  const { phone, folder } = await makePhone(t);
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const { handle } = await host.upload(storage, 'a', pattern(3));
  await host.upload(storage, 'B', pattern(4));
  const rename = async (name: string, prop = 0xdc07): Promise<number> =>
    (await host.give(Operation.SetObjectPropValue, [handle, prop], text(name))).code;
  assert.equal(await rename('B'), Response.GeneralError);
  assert.equal(await rename('x/y'), Response.GeneralError);
  assert.equal(await rename('z', 0xdc09), Response.ObjectPropNotSupported);
  assert.equal(await rename('c'), Response.OK);
  assert.equal(await rename('C'), Response.OK);
  assert.deepEqual(readdirSync(folder).sort(), ['B', 'C']);
  assert.equal(await rename('b'), Response.OK);
  assert.deepEqual(readdirSync(folder), ['b']);
  assert.deepEqual(new Uint8Array(readFileSync(join(folder, 'b'))), pattern(3));
});
