import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { ask, type DavAsk } from '../support/dav-client.ts';
import { hostileRequests } from '../support/hostile-requests.ts';
import { STORAGE, driven, type Driven } from './driven.ts';
import { bytesFor, type World } from './world.ts';

/** The drive over HTTP: what no client of others' sends, what an unplug does, and who is refused. Clients: `tests/dav`. */

const MIB = 1024 * 1024;
const WHEN = Date.UTC(2026, 4, 14);

const furnished = (t: TestContext, options: Partial<VirtualPhoneOptions> = {}): Promise<Driven> =>
  driven(t, options, (world) => {
    mkdirSync(join(world.phoneFolder, 'folder'));
    world.onPhone('old.bin', 3 * MIB, WHEN);
  });

/** `LONG=1`: 100 killed clients, and 100 unplugs each in a PUT and in a GET; figures in docs/drive.md. */
const isLong = process.env['LONG'] === '1';
const KILLED = isLong ? 100 : 30;
const UNPLUGS = isLong ? 100 : 10;

const strays = (world: World): readonly string[] =>
  readdirSync(world.phoneFolder, { recursive: true, encoding: 'utf8' }).filter((name) => name.includes('.replug-'));

const find = (names: readonly string[], depth = '0'): DavAsk => ({
  headers: { depth },
  body: `<propfind xmlns="DAV:"><prop>${names.map((name) => `<${name}/>`).join('')}</prop></propfind>`,
});

describe('files through the drive', () => {
  test('ranges, conditions and tags', async (t) => {
    const { call } = await furnished(t);
    const bytes = bytesFor('old.bin', 3 * MIB);
    const whole = await call('GET', 'old.bin');
    assert.equal(whole.status, 200);
    assert.ok(whole.body.equals(bytes));
    const { etag = '', 'last-modified': modified = '' } = whole.headers;
    assert.match(etag, /^"[^"]+"$/);
    assert.equal(Date.parse(modified), WHEN);
    const range = async (value: string, more: Record<string, string> = {}): Promise<[number, Buffer]> => {
      const { status, body } = await call('GET', 'old.bin', { headers: { range: value, ...more } });
      return [status, body];
    };
    const is = (actual: [number, Buffer], status: number, expected: Buffer): void => {
      assert.equal(actual[0], status);
      assert.ok(actual[1].equals(expected), `${actual[1].length} bytes`);
    };
    is(await range('bytes=5-9'), 206, bytes.subarray(5, 10));
    is(await range('bytes=3000000-'), 206, bytes.subarray(3_000_000));
    is(await range('bytes=-7'), 206, bytes.subarray(-7));
    is(await range('bytes=0-99999999'), 206, bytes);
    is(await range('bytes=1-2,5-6'), 200, bytes);
    is(await range('lines=1-2'), 200, bytes);
    is(await range('bytes=5-9', { 'if-range': etag }), 206, bytes.subarray(5, 10));
    is(await range('bytes=5-9', { 'if-range': '"other"' }), 200, bytes);
    const beyond = await call('GET', 'old.bin', { headers: { range: `bytes=${3 * MIB}-` } });
    assert.equal(beyond.status, 416);
    assert.equal(beyond.headers['content-range'], `bytes */${3 * MIB}`);
    assert.equal((await call('GET', 'old.bin', { headers: { 'if-none-match': etag } })).status, 304);
    assert.equal((await call('PUT', 'old.bin', { headers: { 'if-none-match': '*' }, body: 'x' })).status, 412);
    assert.equal((await call('PUT', 'old.bin', { headers: { 'if-match': '"other"' }, body: 'x' })).status, 412);
    assert.equal((await call('PUT', 'old.bin', { headers: { 'if-match': etag }, body: 'x' })).status, 204);
    assert.notEqual((await call('HEAD', 'old.bin')).headers.etag, etag);
    const head = await call('HEAD', 'old.bin');
    assert.equal(head.headers['content-length'], '1');
    assert.equal(head.body.length, 0);
  });

  test('written with and without a length, with a date, replaced, and given back', async (t) => {
    const { call, on, world } = await furnished(t);
    const bytes = bytesFor('x', 9 * MIB + 1);
    assert.equal((await call('PUT', 'new.bin', { body: bytes })).status, 201);
    assert.equal((await call('PUT', 'chunked.bin', { body: bytes, chunked: true })).status, 201);
    const announced = { 'x-expected-entity-length': String(bytes.length) };
    assert.equal((await call('PUT', 'mac.bin', { body: bytes, chunked: true, headers: announced })).status, 201);
    assert.equal((await call('PUT', 'old.bin', { body: bytes })).status, 204);
    for (const name of ['new.bin', 'chunked.bin', 'mac.bin', 'old.bin'])
      assert.ok(readFileSync(on(name)).equals(bytes));
    const dated = await call('PUT', 'dated.txt', { body: 'x', headers: { 'x-oc-mtime': String(WHEN / 1000) } });
    assert.equal(dated.headers['x-oc-mtime'], 'accepted');
    assert.equal(statSync(on('dated.txt')).mtimeMs, WHEN);
    assert.equal((await call('PUT', 'none/new.bin', { body: 'x' })).status, 409);
    assert.equal((await call('PUT', 'folder', { body: 'x' })).status, 405);
    assert.deepEqual(strays(world), []);
  });

  test('names of every kind', async (t) => {
    const { call, on } = await furnished(t);
    for (const name of ['ä 日本.txt', 'a%b#c?d&e.txt', "it's (1) [2].txt", '😀.txt']) {
      assert.equal((await call('PUT', encodeURIComponent(name), { body: name })).status, 201, name);
      assert.equal(readFileSync(on(name), 'utf8'), name);
      const { body } = await call('PROPFIND', '', find(['displayname'], '1'));
      assert.ok(body.toString().includes(encodeURIComponent(name)), name);
    }
  });

  test('what systems leave everywhere stays in memory', async (t) => {
    const { call, on } = await furnished(t);
    for (const name of ['._old.bin', '.DS_Store', 'desktop.ini', 'Thumbs.db', '.hidden']) {
      assert.equal((await call('PUT', name, { body: name })).status, 201);
      assert.equal((await call('GET', name)).body.toString(), name);
      assert.equal(existsSync(on(name)), false, name);
    }
    assert.equal((await call('MKCOL', '.Trashes')).status, 201);
    assert.equal((await call('PUT', '.Trashes/501', { body: 'x' })).status, 201);
    assert.match((await call('PROPFIND', '', find(['displayname'], '1'))).body.toString(), /\.DS_Store/);
    assert.equal((await call('DELETE', '.DS_Store')).status, 204);
    assert.equal((await call('GET', '.DS_Store')).status, 404);
    assert.deepEqual(readdirSync(on('')).sort(), ['folder', 'old.bin']);
  });

  test('the drive, its phones and their storages are folders, and stay', async (t) => {
    const { call, drive } = await furnished(t);
    for (const target of ['', 'World%20phone/', STORAGE]) {
      assert.equal((await ask(drive.url, 'DELETE', target)).status, 403, target);
      assert.equal((await ask(drive.url, 'GET', target)).status, 405, target);
    }
    assert.equal((await ask(drive.url, 'PUT', 'x', { body: 'x' })).status, 403);
    assert.equal((await ask(drive.url, 'MKCOL', 'World%20phone/x')).status, 403);
    const root = (await ask(drive.url, 'PROPFIND', '', find(['resourcetype'], '1'))).body.toString();
    assert.match(root, /World%20phone\//);
    const room = (await call('PROPFIND', '', find(['quota-available-bytes', 'quota-used-bytes']))).body.toString();
    assert.match(room, /<D:quota-available-bytes>\d+</);
    assert.equal((await call('PROPFIND', '', find(['resourcetype'], 'infinity'))).status, 403);
  });

  test('locked: only with the token, and it ends', async (t) => {
    const { call } = await furnished(t);
    const lockinfo =
      '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype><owner>me</owner></lockinfo>';
    const locked = await call('LOCK', 'old.bin', { body: lockinfo, headers: { timeout: 'Second-1', depth: '0' } });
    assert.equal(locked.status, 200);
    const token = locked.headers['lock-token'];
    assert.equal(typeof token, 'string');
    assert.equal((await call('PUT', 'old.bin', { body: 'x' })).status, 423);
    assert.equal((await call('DELETE', 'old.bin')).status, 423);
    const moving = { destination: `${STORAGE}new.bin` };
    assert.equal((await call('MOVE', 'old.bin', { headers: { ...moving, destination: '/x' } })).status, 403);
    assert.equal((await call('PUT', 'old.bin', { body: 'y', headers: { if: `(${String(token)})` } })).status, 204);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    assert.equal((await call('PUT', 'old.bin', { body: 'x' })).status, 204);
  });

  test('a name that is locked into being exists, and is made when nothing is written', async (t) => {
    const { call, on } = await furnished(t);
    const lockinfo =
      '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>';
    const locked = await call('LOCK', 'empty.txt', { body: lockinfo, headers: { depth: '0' } });
    assert.equal(locked.status, 201);
    assert.equal((await call('HEAD', 'empty.txt')).status, 200);
    assert.equal(existsSync(on('empty.txt')), false);
    const token = String(locked.headers['lock-token']);
    assert.equal((await call('UNLOCK', 'empty.txt', { headers: { 'lock-token': token } })).status, 204);
    assert.equal(statSync(on('empty.txt')).size, 0);
  });

  test('a phone that takes nothing is read-only', async (t) => {
    const { call } = await furnished(t, { profile: 'camera' });
    assert.equal((await call('PUT', 'x', { body: 'x' })).status, 403);
    assert.equal((await call('GET', 'old.bin')).status, 200);
  });
});

describe('clients that die', () => {
  test('in the middle of a PUT: nothing is left, and the old file stays', async (t) => {
    const { drive, world, on, call } = await furnished(t);
    const old = readFileSync(on('old.bin'));
    const url = new URL(`${drive.url}${STORAGE}old.bin`);
    for (let round = 0; round < KILLED; round += 1) {
      const size = 12 * MIB;
      const socket = net.connect(Number(url.port), '127.0.0.1');
      const length = round % 2 === 0 ? `content-length: ${size}` : 'transfer-encoding: chunked';
      socket.write(`PUT ${url.pathname} HTTP/1.1\r\nhost: ${url.host}\r\n${length}\r\n\r\n`);
      let left = Math.floor(((round + 0.5) / KILLED) * size);
      while (left > 0) {
        const piece = Buffer.alloc(Math.min(left, 256 * 1024), round);
        const chunk =
          round % 2 === 0
            ? piece
            : Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
        if (!socket.write(chunk)) await new Promise((resolve) => socket.once('drain', resolve));
        left -= piece.length;
      }
      const shown = (await call('PROPFIND', '', find(['displayname'], '1'))).body.toString();
      assert.doesNotMatch(shown, /\.replug-/);
      socket.destroy();
    }
    const until = Date.now() + (isLong ? 60_000 : 10_000);
    while ((drive.writing.length > 0 || strays(world).length > 0) && Date.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(drive.writing, []);
    assert.deepEqual(strays(world), []);
    assert.ok(readFileSync(on('old.bin')).equals(old));
  });

  test('in the middle of a GET: the file is closed', async (t) => {
    const { drive, world } = await furnished(t);
    world.onPhone('large.bin', 64 * MIB, WHEN);
    await new Promise<void>((resolve, reject) => {
      const request = http.get(`${drive.url}${STORAGE}large.bin`, (response) => {
        response.once('data', () => {
          request.destroy();
          resolve();
        });
      });
      request.on('error', reject);
    }).catch(() => undefined);
    const until = Date.now() + 5_000;
    while (world.engine.openFiles > 0 && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(world.engine.openFiles, 0);
  });
});

describe('the phone is unplugged', () => {
  test('what is read and written goes on when it is back', async (t) => {
    const { call, world, on } = await furnished(t);
    const bytes = bytesFor('x', 14 * MIB);
    for (let round = 0; round < UNPLUGS; round += 1) {
      world.faults(`unplug@bytes=${Math.floor(((round + 0.5) / UNPLUGS) * bytes.length)}`, 'replug@ms=20');
      const name = `${round % 10}.bin`;
      const put = await call('PUT', name, { body: bytes, chunked: round % 2 === 0 });
      assert.equal(put.status, round < 10 ? 201 : 204);
      world.faults(`unplug@bytes=${Math.floor(((round + 0.5) / UNPLUGS) * bytes.length)}`, 'replug@ms=20');
      const got = await call('GET', name);
      assert.ok(got.status === 200 && got.body.equals(bytes), name);
      assert.ok(readFileSync(on(name)).equals(bytes));
    }
    assert.deepEqual(strays(world), []);
  });

  test('listings come from memory; a file that is asked for is waited for; a tag stays', async (t) => {
    const { call, world } = await furnished(t);
    const before = await call('GET', 'old.bin');
    assert.match((await call('PROPFIND', '', find(['getetag'], '1'))).body.toString(), /old\.bin/);
    await world.phone.unplug();
    const away = await call('PROPFIND', '', find(['getetag'], '1'));
    assert.equal(away.status, 207);
    assert.match(away.body.toString(), /old\.bin/);
    const reading = call('GET', 'old.bin');
    setTimeout(() => {
      world.phone.plug();
    }, 200);
    const after = await reading;
    assert.equal(after.status, 200);
    assert.equal(after.headers.etag, before.headers.etag);
    const written = await call('PUT', 'old.bin', { body: 'x', headers: { 'if-match': String(before.headers.etag) } });
    assert.equal(written.status, 204);
  });

  test('after ten seconds that is said, with a time to try again', async (t) => {
    const { call, world } = await furnished(t);
    await world.phone.unplug();
    const [reading, writing] = await Promise.all([call('GET', 'old.bin'), call('PUT', 'x', { body: 'x' })]);
    for (const { status, headers } of [reading, writing]) {
      assert.equal(status, 503);
      assert.equal(headers['retry-after'], '10');
    }
  });
});

describe('strangers', () => {
  test('are refused, and the drive goes on', async (t) => {
    const { drive, call } = await furnished(t);
    const { host, pathname } = new URL(drive.url);
    const secret = pathname.slice(1, -1);
    const base = drive.url;
    const refused = hostileRequests({ secret, host, port: drive.port, storage: STORAGE, file: 'old.bin' });
    assert.ok(refused.length >= 64, String(refused.length));
    for (const [method, target, how, ...statuses] of refused) {
      const { status } = await ask(base, method, target, how);
      assert.equal((await call('HEAD', 'old.bin')).status, 200);
      assert.ok(
        statuses.includes(status),
        `${method} ${target.slice(0, 80)} ${JSON.stringify(how).slice(0, 80)}: ${status}`,
      );
    }
    assert.equal((await call('GET', 'old.bin')).body.length, 3 * MIB);
  });

  test('who sends headers without end is cut off', async (t) => {
    const { drive, call } = await furnished(t);
    const socket = net.connect(drive.port, '127.0.0.1');
    socket.on('error', () => undefined);
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.write('GET / HTTP/1.1\r\n');
    let sent = 0;
    const timer = setInterval(() => {
      if (sent < 10 * MIB && socket.writable) socket.write(`x-${String(sent)}: ${'x'.repeat(60_000)}\r\n`);
      sent += 60_000;
    }, 1);
    socket.resume();
    await ended;
    clearInterval(timer);
    assert.ok(sent < 10 * MIB);
    assert.equal((await call('HEAD', 'old.bin')).status, 200);
  });

  test('locks without end come to one', async (t) => {
    const { call } = await furnished(t);
    const body = '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope><locktype><write/></locktype></lockinfo>';
    const statuses = new Map<number, number>();
    for (let number = 0; number < 1_100; number += 1) {
      const { status } = await call('LOCK', `._${number}`, { body, headers: { depth: '0', timeout: 'Infinite' } });
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    assert.deepEqual(
      [...statuses],
      [
        [201, 1_000],
        [507, 100],
      ],
    );
    assert.equal((await call('HEAD', 'old.bin')).status, 200);
  });
});
