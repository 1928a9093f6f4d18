import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { WebSocket } from 'ws';
import { BridgeHost } from '../engine/bridge-host.ts';
import { startLoopbackHost, type LoopbackHost } from './loopback.ts';

/** Attacks on the loopback host, one per test. */

const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-web-'));
const pages = path.join(scratch, 'pages');
const spoolFolder = path.join(scratch, 'spool');
const secret = path.join(scratch, 'secret.txt');
const BATCH = '01234567-89ab-cdef-0123-456789abcdef';

let host: LoopbackHost;
let uses: { path: string; needed: boolean }[] = [];
let free = 1e15;
let watchers = 0;
const engine = {
  execute: async (name: string) => ({ did: name }),
  watch: (_name: string, _argument: unknown, listener: (snapshot: unknown) => void) => {
    watchers += 1;
    listener({ devices: [] });
    return () => (watchers -= 1);
  },
};
const start = (limits = {}) =>
  startLoopbackHost({
    bridge: new BridgeHost({ engine: engine as never, commands: {} as never }),
    pages,
    spool: { folder: spoolFolder, uses: () => uses, free: async () => free },
    limits,
  });

before(async () => {
  fs.mkdirSync(path.join(pages, 'assets'), { recursive: true });
  fs.writeFileSync(path.join(pages, 'index.html'), '<!doctype html><title>Replug</title>');
  fs.writeFileSync(path.join(pages, 'assets', 'main.js'), 'export {};');
  fs.writeFileSync(path.join(pages, '.hidden'), 'hidden');
  fs.writeFileSync(secret, 'secret');
  fs.symlinkSync(secret, path.join(pages, 'link.txt'));
  host = await start();
});
after(async () => {
  await host.close();
  fs.rmSync(scratch, { recursive: true, force: true });
});

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: http.IncomingHttpHeaders;
}
interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  readonly to?: LoopbackHost;
}

/** Not `fetch`, which would normalise paths and headers. */
function call(target: string, { method = 'GET', headers = {}, body, to = host }: Call = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port: to.port, path: target, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text, headers: response.headers }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

const origin = () => `http://127.0.0.1:${host.port}`;
const ours = () => ({ origin: origin(), 'x-replug-token': host.token });
const put = (name: string, body: string | Buffer, more: Call = {}) =>
  call(`/spool/${BATCH}?path=${encodeURIComponent(name)}`, { method: 'PUT', body, headers: ours(), ...more });

type Outcome = { readonly open: true; readonly socket: WebSocket } | { readonly open: false; readonly status: number };

function connect(query: string, headers: Record<string, string> = { origin: origin() }, to = host): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${to.port}${query}`, { headers });
    socket.on('error', () => undefined);
    socket.on('open', () => resolve({ open: true, socket }));
    socket.on('unexpected-response', (_request, response) =>
      resolve({ open: false, status: response.statusCode ?? 0 }),
    );
  });
}

describe('pages', () => {
  test('the window is served, with every protecting header', async () => {
    const { status, text, headers } = await call('/');
    assert.equal(status, 200);
    assert.match(text, /Replug/);
    assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/);
    assert.doesNotMatch(String(headers['content-security-policy']), /script-src[^;]*(unsafe|\*|http)/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['x-frame-options'], 'DENY');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    assert.equal(headers['access-control-allow-origin'], undefined);
    assert.match((await call('/assets/main.js')).headers['content-type'] ?? '', /javascript/);
    assert.equal((await call('/', { method: 'HEAD' })).text, '');
  });

  test('refusals carry the headers too', async () => {
    const { headers } = await call('/nowhere');
    assert.match(String(headers['content-security-policy']), /default-src 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
  });

  for (const address of [
    '/../secret.txt',
    '/assets/../../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/..\\secret.txt',
    '/%2e%2e%5csecret.txt',
    '//etc/passwd',
    '/assets/%00',
    '/link.txt',
    '/.hidden',
    '/assets/',
    '/assets',
    '/%',
    '/index.html/',
    `/${'a'.repeat(8000)}`,
  ])
    test(`nothing outside the folder and no listing: ${address.slice(0, 40)}`, async () => {
      const { status, text } = await call(address);
      assert.equal(status, 404);
      assert.doesNotMatch(text, /secret|hidden|main\.js/);
    });

  test('an absolute URL as the request target leads nowhere else', async () => {
    assert.equal((await call('http://evil.example/secret.txt')).status, 404);
  });

  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'TRACE'])
    test(`${method} on a page is refused`, async () => {
      const { status, headers } = await call('/', { method, headers: { origin: origin() } });
      assert.equal(status, 405);
      assert.equal(headers['access-control-allow-methods'], undefined);
    });
});

describe('other pages of the browser', () => {
  for (const name of [
    'evil.example',
    'evil.example:80',
    '127.0.0.1',
    '127.0.0.1:1',
    '[::1]:80',
    '0.0.0.0',
    'localhost.evil.example',
  ])
    test(`called by the name ${name} (DNS rebinding): refused`, async () => {
      assert.equal((await call('/', { headers: { host: name } })).status, 421);
      const outcome = await connect(`/bridge?token=${host.token}`, { host: name, origin: `http://${name}` });
      assert.deepEqual(outcome, { open: false, status: 421 });
    });

  for (const foreign of ['https://evil.example', 'http://127.0.0.1', 'http://127.0.0.1:1', 'null', 'file://'])
    test(`from the origin ${foreign}: refused, even with the token`, async () => {
      const headers = { ...ours(), origin: foreign };
      assert.equal((await call('/', { headers })).status, 403);
      assert.equal((await put('a', 'b', { headers })).status, 403);
      assert.deepEqual(await connect(`/bridge?token=${host.token}`, { origin: foreign }), { open: false, status: 403 });
    });

  test('without an origin, uploads and sockets are refused', async () => {
    assert.equal((await put('a', 'b', { headers: { 'x-replug-token': host.token } })).status, 403);
    assert.deepEqual(await connect(`/bridge?token=${host.token}`, {}), { open: false, status: 403 });
  });

  test('a script or picture that another site asks for is refused; a link to the page is followed', async () => {
    const asked = (mode: string) => call('/', { headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': mode } });
    assert.equal((await asked('no-cors')).status, 403);
    assert.equal((await asked('navigate')).status, 200);
  });

  test('it listens on 127.0.0.1 only', async () => {
    const others = Object.values(os.networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter((one) => one.address !== '127.0.0.1');
    for (const { address, scopeid } of others) {
      if (scopeid !== undefined && scopeid !== 0) continue;
      const reached = await new Promise<boolean>((resolve) => {
        const socket = net.connect({ host: address, port: host.port, timeout: 1000 });
        socket.on('connect', () => resolve(true));
        socket.on('error', () => resolve(false));
        socket.on('timeout', () => resolve(false));
      });
      assert.equal(reached, false, address);
    }
  });
});

describe('the bridge', () => {
  for (const query of ['/bridge', '/bridge?token=', '/bridge?token=wrong', '/bridge?Token=x', '/', '/other'])
    test(`${query} without the right token does not open`, async () => {
      assert.deepEqual(await connect(query), { open: false, status: 403 });
    });

  test('every run has its own token of 256 bits', async () => {
    const other = await start();
    assert.notEqual(other.token, host.token);
    assert.equal(Buffer.from(other.token, 'base64url').length, 32);
    assert.equal(other.url, `http://127.0.0.1:${other.port}/#token=${other.token}`);
    await other.close();
  });

  test('commands are answered, unknown ones refused, and nonsense ends the connection', async () => {
    const outcome = await connect(`/bridge?token=${host.token}`);
    assert.ok(outcome.open);
    const { socket } = outcome;
    const ask = (message: string) =>
      new Promise<unknown>((resolve) => {
        socket.once('message', (data: Buffer) => resolve(JSON.parse(data.toString())));
        socket.send(message);
      });
    assert.deepEqual(await ask('{"kind":"command","id":1,"name":"pauseAll"}'), {
      kind: 'reply',
      id: 1,
      reply: { ok: true, value: { did: 'pauseAll' } },
    });
    assert.match(JSON.stringify(await ask('{"kind":"command","id":2,"name":"__proto__"}')), /bad-request/);
    const closed = new Promise<number>((resolve) => socket.once('close', resolve));
    socket.send('{');
    assert.equal(await closed, 1003);
  });

  test('a closed window is no longer watched for', async () => {
    const outcome = await connect(`/bridge?token=${host.token}`);
    assert.ok(outcome.open);
    const first = new Promise((resolve) => outcome.socket.once('message', resolve));
    outcome.socket.send('{"kind":"subscribe","id":1,"name":"devices"}');
    await first;
    assert.equal(watchers, 1);
    outcome.socket.terminate();
    while (watchers > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('a message larger than the limit ends the connection', async () => {
    const small = await start({ messageBytes: 1000 });
    const outcome = await connect(`/bridge?token=${small.token}`, { origin: `http://127.0.0.1:${small.port}` }, small);
    assert.ok(outcome.open);
    const closed = new Promise<number>((resolve) => outcome.socket.once('close', resolve));
    outcome.socket.send('x'.repeat(2000));
    assert.equal(await closed, 1009);
    await small.close();
  });

  test('the number of windows is limited; one that answers no ping is disconnected', async () => {
    const small = await start({ sockets: 1, pingMs: 40 });
    const here = { origin: `http://127.0.0.1:${small.port}` };
    const query = `/bridge?token=${small.token}`;
    const outcome = await connect(query, here, small);
    assert.ok(outcome.open);
    assert.deepEqual(await connect(query, here, small), { open: false, status: 503 });
    // half open: the other end still exists but no longer reads
    (outcome.socket as unknown as { _socket: net.Socket })._socket.pause();
    (outcome.socket as unknown as { _socket: net.Socket })._socket.on('error', () => undefined);
    let second = await connect(query, here, small);
    while (!second.open) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      second = await connect(query, here, small);
    }
    await small.close();
  });
});

test('a ticket leads to the page with its token once', async () => {
  const { pathname, search } = new URL(host.ticket());
  assert.equal((await call('/open?ticket=')).status, 403);
  assert.equal((await call(`${pathname}${search}x`)).status, 403);
  assert.equal((await call(pathname + search, { headers: { host: 'evil.example' } })).status, 421);
  const { status, headers } = await call(pathname + search);
  assert.equal(status, 302);
  assert.equal(headers.location, `/#token=${host.token}`);
  assert.equal((await call(pathname + search)).status, 403);
});

describe('drops', () => {
  test('files keep their relative paths, and the roots are returned', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index & 255));
    const sent = await put('Fotos/日本 😀/a b.bin', bytes, {
      headers: { ...ours(), 'x-replug-modified': '1600000000123' },
    });
    assert.equal(sent.status, 204);
    assert.equal((await put('Fotos/empty', '')).status, 204);
    assert.equal((await put('Fotos/nothing in it/', '')).status, 204);
    assert.equal((await put('single.txt', 'x')).status, 204);
    const done = await call(`/spool/${BATCH}/done`, { method: 'POST', headers: ours() });
    const folder = path.join(spoolFolder, BATCH);
    assert.deepEqual(JSON.parse(done.text), { roots: [path.join(folder, 'Fotos'), path.join(folder, 'single.txt')] });
    assert.deepEqual(fs.readFileSync(path.join(folder, 'Fotos/日本 😀/a b.bin')), bytes);
    assert.equal(fs.statSync(path.join(folder, 'Fotos/日本 😀/a b.bin')).mtimeMs, 1600000000123);
    assert.equal(fs.statSync(path.join(folder, 'Fotos/empty')).size, 0);
    assert.ok(fs.statSync(path.join(folder, 'Fotos/nothing in it')).isDirectory());
    if (process.platform !== 'win32') assert.equal(fs.statSync(folder).mode & 0o077, 0);
  });

  test('without the token nothing is stored', async () => {
    for (const token of ['', 'wrong', `${host.token}x`])
      assert.equal((await put('stolen', 'x', { headers: { ...ours(), 'x-replug-token': token } })).status, 403);
    assert.ok(!fs.existsSync(path.join(spoolFolder, BATCH, 'stolen')));
  });

  for (const name of [
    '',
    '/',
    '../x',
    'a/../../x',
    '/etc/x',
    'a//b',
    './a',
    'a/.',
    '..',
    'a\\b',
    'a\0b',
    'a\nb',
    'é'.repeat(200),
    'd/'.repeat(70) + 'x',
  ])
    test(`a path that is none is refused: ${JSON.stringify(name.slice(0, 20))}`, async () => {
      const { status } = await put(name, 'x');
      assert.equal(status, 400);
    });

  for (const batch of ['..', '%2e%2e', 'x', `${BATCH}x`, BATCH.toUpperCase()])
    test(`a batch that is none is refused: ${batch.slice(0, 8)}`, async () => {
      const { status } = await call(`/spool/${batch}?path=x`, { method: 'PUT', headers: ours(), body: 'x' });
      assert.ok(status === 400 || status === 405, String(status));
      assert.ok(!fs.existsSync(path.join(scratch, 'x')));
    });

  test('a file is never overwritten, and a symbolic link in its path is not followed', async () => {
    assert.equal((await put('twice', 'one')).status, 204);
    assert.equal((await put('twice', 'two')).status, 409);
    assert.equal(fs.readFileSync(path.join(spoolFolder, BATCH, 'twice'), 'utf8'), 'one');
    fs.symlinkSync(secret, path.join(spoolFolder, BATCH, 'planted'));
    assert.equal((await put('planted', 'x')).status, 409);
    assert.equal(fs.readFileSync(secret, 'utf8'), 'secret');
  });

  test('a disk that would be full is not filled', async () => {
    free = 128 * 1024 * 1024 + 10;
    const { status, text } = await put('large', 'x'.repeat(11));
    free = 1e15;
    assert.equal(status, 507);
    assert.match(text, /full|room/i);
    assert.ok(!fs.existsSync(path.join(spoolFolder, BATCH, 'large')));
  });

  test('an aborted upload leaves nothing behind', async () => {
    const file = path.join(spoolFolder, BATCH, 'broken');
    const socket = net.connect(host.port, '127.0.0.1');
    socket.write(
      `PUT /spool/${BATCH}?path=broken HTTP/1.1\r\nHost: 127.0.0.1:${host.port}\r\nOrigin: ${origin()}\r\nx-replug-token: ${host.token}\r\nContent-Length: 1000\r\n\r\nhalf`,
    );
    while (!fs.existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.destroy();
    while (fs.existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test('files no transfer needs are deleted: all at startup, later only those that were used', async () => {
    const folder = path.join(spoolFolder, BATCH);
    uses = [{ path: path.join(folder, 'Fotos'), needed: true }];
    await host.sweep();
    assert.ok(fs.existsSync(folder));
    uses = [{ path: path.join(folder, 'Fotos'), needed: false }];
    await host.sweep();
    assert.ok(!fs.existsSync(folder));
    uses = [];
    await put('fresh', 'x');
    await host.sweep();
    assert.ok(fs.existsSync(folder), 'not used by a transfer yet');
    await (await start()).close();
    assert.ok(!fs.existsSync(folder), 'left by a run before');
  });
});

describe('slow and half-open clients', () => {
  const patient = (to: LoopbackHost, text: string) =>
    new Promise<void>((resolve) => {
      const socket = net.connect(to.port, '127.0.0.1', () => socket.write(text));
      socket.on('error', () => undefined);
      socket.resume().on('close', () => resolve());
    });

  test('an endless head, a stalled body and an idle connection are closed', async () => {
    const strict = await start({ headMs: 150, bodyPauseMs: 150 });
    const head = `Host: 127.0.0.1:${strict.port}\r\nOrigin: http://127.0.0.1:${strict.port}\r\nx-replug-token: ${strict.token}\r\n`;
    await Promise.all([
      patient(strict, 'GET / HTTP/1.1\r\nHost: '),
      patient(strict, `PUT /spool/${BATCH}?path=slow HTTP/1.1\r\n${head}Content-Length: 1000\r\n\r\nhalf`),
      patient(strict, ''),
    ]);
    // the incomplete file is deleted shortly after the connection closes
    while (fs.existsSync(path.join(spoolFolder, BATCH, 'slow'))) await new Promise((resolve) => setTimeout(resolve, 5));
    await strict.close();
  });

  test('an endless head is refused by its size', async () => {
    await patient(host, `GET / HTTP/1.1\r\nx: ${'y'.repeat(40_000)}`);
  });

  test('more connections than the limit are dropped', async () => {
    const strict = await start({ connections: 2 });
    const held = [net.connect(strict.port, '127.0.0.1'), net.connect(strict.port, '127.0.0.1')];
    await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    await patient(strict, 'GET / HTTP/1.1\r\n\r\n');
    for (const socket of held) socket.destroy();
    await strict.close();
  });
});

describe('raw bytes', () => {
  const raw = (lines: readonly string[]) =>
    new Promise<string>((resolve) => {
      let answer = '';
      const socket = net.connect(host.port, '127.0.0.1', () => socket.end(lines.join('\r\n')));
      socket.setTimeout(5000, () => socket.destroy());
      socket.on('error', () => undefined);
      socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
      socket.on('close', () => resolve(answer));
    });
  const status = (answer: string) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
  const self = () => `Host: 127.0.0.1:${host.port}`;
  const stillServes = async () => assert.equal((await call('/')).status, 200);

  for (const target of ['//', '//:0', 'http://', '///x', '/\\', '*', 'http://[', '\u00ff'])
    test(`the target ${target} brings nothing down, plain or as a socket`, async () => {
      const plain = await raw([`GET ${target} HTTP/1.1`, self(), 'Connection: close', '', '']);
      assert.notEqual(status(plain), 200);
      const upgrade = await raw([
        `GET ${target} HTTP/1.1`,
        self(),
        `Origin: ${origin()}`,
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        '',
        '',
      ]);
      assert.notEqual(status(upgrade), 101);
      await stillServes();
    });

  test('request smuggling is refused (length with chunked encoding, two lengths)', async () => {
    const inner = `GET / HTTP/1.1\r\n${self()}\r\n\r\n`;
    const head = [`PUT /spool/${BATCH}?path=smuggled HTTP/1.1`, self(), `Origin: ${origin()}`];
    const token = `x-replug-token: ${host.token}`;
    for (const framing of [
      ['Content-Length: 5', 'Transfer-Encoding: chunked'],
      ['Content-Length: 5', 'Content-Length: 6'],
      ['Transfer-Encoding: chunked, identity'],
      ['Transfer-Encoding : chunked'],
    ]) {
      const answer = await raw([...head, token, ...framing, '', `0\r\n\r\n${inner}`]);
      assert.doesNotMatch(answer, /<!doctype html>/i);
    }
    assert.ok(!fs.existsSync(path.join(spoolFolder, BATCH, 'smuggled')));
    await stillServes();
  });

  test('two Host headers, or none, are refused', async () => {
    assert.notEqual(
      status(await raw(['GET / HTTP/1.1', self(), 'Host: evil.example', 'Connection: close', '', ''])),
      200,
    );
    assert.notEqual(status(await raw(['GET / HTTP/1.0', '', ''])), 200);
  });

  test('no response to a stranger contains the token', async () => {
    for (const target of ['/', '/index.html', '/assets/main.js', '/nowhere', '/open', '/open?ticket=x', '/bridge'])
      assert.ok(!(await raw([`GET ${target} HTTP/1.1`, self(), 'Connection: close', '', ''])).includes(host.token));
  });

  test('a form on another site cannot send anything', async () => {
    const form = { origin: 'https://evil.example', 'content-type': 'text/plain', 'sec-fetch-site': 'cross-site' };
    for (const target of ['/', '/bridge', `/spool/${BATCH}/done`, `/spool/${BATCH}?path=x`])
      assert.equal((await call(target, { method: 'POST', headers: form, body: 'x' })).status, 403);
  });
});

describe('a window that turns against its host', () => {
  const open = async () => {
    const outcome = await connect(`/bridge?token=${host.token}`);
    assert.ok(outcome.open);
    return outcome.socket;
  };

  test('compressed frames are not accepted, so that nothing small becomes large', async () => {
    const socket = await open();
    assert.equal(socket.extensions, '');
    socket.terminate();
  });

  test('binary frames close the connection; deeply nested or odd JSON is only refused', async () => {
    const binary = await open();
    const closed = new Promise<number>((resolve) => binary.once('close', resolve));
    binary.send(Buffer.from('{"kind":"command","id":1,"name":"pauseAll"}'));
    assert.equal(await closed, 1003);
    const socket = await open();
    const answers: string[] = [];
    socket.on('message', (data: Buffer) => answers.push(data.toString()));
    const odd = [
      `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
      '{"__proto__":{"kind":"command"},"id":1,"name":"pauseAll"}',
      '{"kind":"command","id":1e400,"name":"pauseAll"}',
      '{"kind":"command","id":2,"name":"delete","argument":{"sources":[]}}',
      '{"kind":"command","id":3,"name":"upload","argument":{"sources":["a"],"to":{"device":"d","storage":"s","path":"/../x"}}}',
      '{"kind":"command","id":4,"name":"setSettings","argument":{"__proto__":{},"downloadFolder":7}}',
      'null',
      '0',
    ];
    for (const message of odd) socket.send(message);
    while (answers.length < odd.length) await new Promise((resolve) => setTimeout(resolve, 2));
    for (const answer of answers) assert.match(answer, /bad-request/);
    socket.terminate();
    assert.equal((await call('/')).status, 200);
  });

  test('a flooding window is answered no faster than the engine can work', async () => {
    const socket = await open();
    let answers = 0;
    socket.on('message', () => (answers += 1));
    for (let id = 0; id < 5_000; id += 1) socket.send(`{"kind":"command","id":${id},"name":"pauseAll"}`);
    while (answers < 5_000) await new Promise((resolve) => setTimeout(resolve, 5));
    socket.terminate();
  });
});
