import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { ask, type DavAnswer } from '../support/dav-client.ts';
import { STORAGE, driven, type Driven } from './driven.ts';
import { bytesFor, treeOf, type World } from './world.ts';

/** What a request to the drive may destroy: what it names, as it was shown, and nothing else. */

const WHEN = Date.UTC(2026, 4, 14);
const MIB = 1024 * 1024;
const LOCKINFO = '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>';

const furnished = (t: TestContext, options: ConstructorParameters<typeof World>[0] = {}): Promise<Driven> =>
  driven(t, options, (world) => {
    world.onPhone('a.bin', 3_000, WHEN);
    world.onPhone('folder/b.bin', 2_000, WHEN);
    world.onPhone('other/c.bin', 1_000, WHEN);
  });

const status = async (answer: Promise<DavAnswer>): Promise<number> => (await answer).status;

describe('COPY and MOVE', () => {
  test('to a name that lives in memory: a copy leaves the original, and a move is refused', async (t) => {
    const { world, call, to } = await furnished(t);
    const before = await treeOf(world.phoneFolder);
    for (const name of ['.DS_Store', '._a.bin', 'desktop.ini', 'folder/.hidden']) {
      assert.equal(await status(call('COPY', 'a.bin', { headers: { destination: to(name) } })), 201, name);
      assert.deepEqual((await call('GET', name)).body, bytesFor('a.bin', 3_000));
      assert.equal(await status(call('MOVE', 'a.bin', { headers: { destination: to(name) } })), 403, name);
    }
    assert.deepEqual(await treeOf(world.phoneFolder), before);
  });

  test('without Overwrite: what came quietly since the folder was listed stays', async (t) => {
    const { world, call, to, on } = await furnished(t);
    await call('PROPFIND', 'folder/', { headers: { depth: '1' } });
    await world.phone.touchFile('folder/quiet.bin', 'an app was here', { quietly: true });
    for (const method of ['COPY', 'MOVE'])
      for (const from of ['a.bin', 'other/']) {
        const headers = { destination: to('folder/quiet.bin'), overwrite: 'F' };
        assert.equal(await status(call(method, from, { headers })), 412, `${method} ${from}`);
      }
    assert.equal(readFileSync(on('folder/quiet.bin'), 'utf8'), 'an app was here');
    assert.ok(existsSync(on('a.bin')) && existsSync(on('other/c.bin')));
  });

  test('over what holds it, or over itself, in any spelling', async (t) => {
    const { world, call, to } = await furnished(t);
    const before = await treeOf(world.phoneFolder);
    for (const [method, from, target] of [
      ['COPY', 'folder/', 'Folder'],
      ['COPY', 'folder/', 'FOLDER/x'],
      ['COPY', 'folder/b.bin', 'Folder'],
      ['MOVE', 'folder/b.bin', 'FOLDER'],
      ['MOVE', 'folder/b.bin', 'folder'],
      ['MOVE', 'folder/', 'Folder/x'],
    ] as const)
      assert.ok(
        [403, 409].includes(await status(call(method, from, { headers: { destination: to(target) } }))),
        `${method} ${from} ${target}`,
      );
    assert.deepEqual(await treeOf(world.phoneFolder), before);
    assert.equal(
      await status(call('MOVE', 'folder/', { headers: { destination: to('FOLDER'), overwrite: 'F' } })),
      201,
    );
    assert.deepEqual(readdirSync(world.phoneFolder).sort(), ['FOLDER', 'a.bin', 'other']);
  });

  test('a folder in which a file is being written stays where it is', async (t) => {
    const { world, drive, call, to } = await furnished(t);
    const url = new URL(`${drive.url}${STORAGE}folder/new.bin`);
    const socket = net.connect(Number(url.port), '127.0.0.1');
    socket.write(`PUT ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-length: ${20 * MIB}\r\n\r\n`);
    socket.write(Buffer.alloc(9 * MIB, 1));
    const strays = (): number =>
      readdirSync(world.phoneFolder, { recursive: true, encoding: 'utf8' }).filter((one) => one.includes('.replug-'))
        .length;
    while (strays() === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await status(call('MOVE', 'folder/', { headers: { destination: to('moved') } })), 423);
    assert.equal(await status(call('MOVE', 'other/', { headers: { destination: to('folder') } })), 423);
    assert.equal(await status(call('DELETE', 'FOLDER/')), 423);
    assert.equal(await status(call('DELETE', 'folder/')), 423);
    socket.destroy();
    while (strays() > 0 || drive.writing.length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(await status(call('MOVE', 'folder/', { headers: { destination: to('moved') } })), 201);
  });
});

describe('PUT and DELETE', () => {
  test('a new name in another spelling of one that is there is refused', async (t) => {
    const { world, call } = await furnished(t);
    const before = await treeOf(world.phoneFolder);
    assert.equal(await status(call('PUT', 'A.bin', { body: 'x' })), 409);
    assert.equal(await status(call('DELETE', 'A.bin')), 409);
    assert.deepEqual(await treeOf(world.phoneFolder), before);
  });

  test('deleted only as it was shown', async (t) => {
    const { world, call, on } = await furnished(t);
    const { etag = '' } = (await call('HEAD', 'a.bin')).headers;
    await world.phone.touchFile('a.bin', 'edited by an app');
    assert.equal(await status(call('DELETE', 'a.bin', { headers: { 'if-match': etag } })), 412);
    assert.equal(readFileSync(on('a.bin'), 'utf8'), 'edited by an app');
  });

  test('a folder without its contents cannot be deleted, nor bytes stored in a coding', async (t) => {
    const { world, call } = await furnished(t);
    const before = await treeOf(world.phoneFolder);
    for (const depth of ['0', '1']) assert.equal(await status(call('DELETE', 'folder/', { headers: { depth } })), 400);
    assert.equal(await status(call('PUT', 'a.bin', { body: 'x', headers: { 'content-encoding': 'gzip' } })), 415);
    assert.deepEqual(await treeOf(world.phoneFolder), before);
  });

  test('an undated file has another tag after a replug', async (t) => {
    const { world, call, on } = await furnished(t, { quirks: [['no-dates', 1]] });
    const { etag = '' } = (await call('GET', 'a.bin')).headers;
    assert.equal((await call('HEAD', 'a.bin')).headers.etag, etag);
    await world.phone.unplug();
    writeFileSync(on('a.bin'), Buffer.alloc(3_000, 7));
    world.phone.plug();
    assert.equal(await status(call('PUT', 'a.bin', { body: 'x', headers: { 'if-match': etag } })), 412);
    assert.deepEqual(readFileSync(on('a.bin')), Buffer.alloc(3_000, 7));
  });
});

describe('locks', () => {
  const lock = async (call: Driven['call'], target: string, seconds = 600): Promise<string> => {
    const headers = { depth: '0', timeout: `Second-${seconds}` };
    return String((await call('LOCK', target, { body: LOCKINFO, headers })).headers['lock-token']);
  };

  test('hold in every spelling of a name', async (t) => {
    const { world, call, to } = await furnished(t);
    const before = await treeOf(world.phoneFolder);
    await lock(call, 'a.bin');
    assert.equal(await status(call('PUT', 'A.BIN', { body: 'x' })), 423);
    assert.equal(await status(call('DELETE', 'A.bin')), 423);
    assert.equal(await status(call('MOVE', 'other/c.bin', { headers: { destination: to('A.bin') } })), 423);
    assert.equal(await status(call('LOCK', 'A.bin', { body: LOCKINFO, headers: { depth: '0' } })), 423);
    assert.deepEqual(await treeOf(world.phoneFolder), before);
  });

  test('a file that was locked while another client wrote it is not replaced', async (t) => {
    const { drive, call, on } = await furnished(t);
    const url = new URL(`${drive.url}${STORAGE}a.bin`);
    const socket = net.connect(Number(url.port), '127.0.0.1');
    socket.write(`PUT ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\ncontent-length: 10\r\n\r\n12345`);
    while (drive.writing.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await lock(call, 'a.bin');
    const answer = new Promise<string>((resolve) => socket.once('data', (text) => resolve(text.toString())));
    socket.write('67890');
    assert.match(await answer, /^HTTP\/1\.1 423 /);
    socket.destroy();
    assert.deepEqual(readFileSync(on('a.bin')), bytesFor('a.bin', 3_000));
  });

  test('a name that was locked into being: what an app makes there meanwhile stays', async (t) => {
    const { world, call, on } = await furnished(t);
    for (const end of ['UNLOCK', 'PUT']) {
      const name = `${end}.txt`;
      const token = await lock(call, name);
      await world.phone.touchFile(name, 'made by an app');
      await call('PROPFIND', '', { headers: { depth: '1' } });
      if (end === 'PUT')
        assert.equal(await status(call('PUT', name, { body: 'x', headers: { if: `(${token})` } })), 409);
      else await call('UNLOCK', name, { headers: { 'lock-token': token } });
      assert.equal(readFileSync(on(name), 'utf8'), 'made by an app', end);
    }
    assert.equal((await call('GET', 'UNLOCK.txt')).body.toString(), 'made by an app');
  });

  test('a name that was locked into being and never written ends with its lock', async (t) => {
    const { call } = await furnished(t);
    await lock(call, 'new.txt', 1);
    assert.equal(await status(call('HEAD', 'new.txt')), 200);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    assert.equal(await status(call('HEAD', 'new.txt')), 404);
    assert.doesNotMatch((await call('PROPFIND', '', { headers: { depth: '1' } })).body.toString(), /new\.txt/);
  });
});

test('two cards of one name: one that is taken out keeps its name, and the other is not found under it', async (t) => {
  const cards = ['one', 'two'].map((name) => {
    const folder = mkdtempSync(join(tmpdir(), 'replug-card-'));
    t.after(() => {
      rmSync(folder, { recursive: true, force: true });
    });
    writeFileSync(join(folder, 'which.txt'), name);
    return folder;
  });
  const [first = '', second = ''] = cards;
  const { world, drive } = await furnished(t, {
    sdDirectory: first,
    sdName: 'Card',
    sdCapacity: 2_000 * MIB,
    storages: [{ directory: second, name: 'Card', removable: true, capacity: 4_000 * MIB }],
  });
  const get = (target: string, method = 'GET'): Promise<DavAnswer> => ask(`${drive.url}World%20phone/`, method, target);
  assert.equal((await get('Card/which.txt')).body.toString(), 'one');
  assert.equal((await get('Card%202/which.txt')).body.toString(), 'two');
  world.phone.removeStorage(1);
  while ((world.engine.devices[0]?.storages.length ?? 0) !== 2) await new Promise((resolve) => setTimeout(resolve, 5));
  const deleting = get('Card/which.txt', 'DELETE');
  const other = await get('Card%202/which.txt');
  assert.deepEqual([other.status, other.body.toString()], [200, 'two']);
  world.phone.insertStorage(1);
  assert.equal(await status(deleting), 204);
  assert.equal(existsSync(join(first, 'which.txt')), false);
  assert.equal(readFileSync(join(second, 'which.txt'), 'utf8'), 'two');
});
