import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { describe, test } from 'node:test';
import { CliWorld, bytesOf, type Running } from './replug.ts';

/** `replug mount` as a process: the drive's address, a file in and out, mounting by the system, and how it ends. */

const PLACE = 'Test%20phone/Internal%20shared%20storage/';

/** The first line of this type, once it is there. */
const told = ({ child, ended }: Running, type: string): Promise<Record<string, unknown>> =>
  new Promise((resolve, reject) => {
    let text = '';
    void ended.then(({ out, err }) => {
      reject(new Error(`it ended at once: ${out}${err}`));
    });
    child.stdout?.on('data', (part: string) => {
      text += part;
      for (const line of text.split('\n').slice(0, -1)) {
        const event = JSON.parse(line) as Record<string, unknown>;
        if (event['type'] === type) resolve(event);
      }
    });
  });

const listening = async (running: Running): Promise<string> => String((await told(running, 'drive'))['url']);

/** A PUT whose second half is sent when the test says so. */
function slowPut(url: string, bytes: Buffer): { readonly answered: Promise<number>; finish(): void } {
  const request = http.request(url, { method: 'PUT', headers: { 'content-length': String(bytes.length) } });
  const answered = new Promise<number>((resolve) => {
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', () => {
      resolve(0);
    });
  });
  request.write(bytes.subarray(0, bytes.length / 2));
  return {
    answered,
    finish: () => {
      request.end(bytes.subarray(bytes.length / 2));
    },
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('replug mount', () => {
  test('tells the address; a file goes in and out; Ctrl-C ends it', async (t) => {
    const world = new CliWorld(t);
    const running = world.start('--json', 'mount', '--address-only');
    const url = await listening(running);
    const { hostname, pathname } = new URL(url);
    assert.equal(hostname, '127.0.0.1');
    assert.match(pathname, /^\/[0-9a-f]{32}\/$/);
    const bytes = bytesOf(1, 5_000_000);
    assert.equal((await fetch(`${url}${PLACE}new.bin`, { method: 'PUT', body: bytes })).status, 201);
    assert.ok(fs.readFileSync(path.join(world.phone, 'new.bin')).equals(bytes));
    const back = Buffer.from(await (await fetch(`${url}${PLACE}new.bin`)).arrayBuffer());
    assert.ok(back.equals(bytes));
    assert.equal((await fetch(new URL('/', url))).status, 404);
    running.child.kill('SIGINT');
    const { exit, result } = await running.ended;
    assert.equal(exit, 0);
    assert.equal(result['type'], 'result');
    await assert.rejects(fetch(url));
  });

  test('in words: the address, and that it is a key', async (t) => {
    const world = new CliWorld(t);
    const running = world.start('mount', '--address-only');
    let said = '';
    running.child.stdout?.on('data', (part: string) => (said += part));
    running.child.stderr?.on('data', (part: string) => (said += part));
    while (!/http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\//.test(said)) await sleep(20);
    assert.match(said, /key to the phone/);
    running.child.kill('SIGINT');
    assert.equal((await running.ended).exit, 0);
  });

  test('Ctrl-C waits for a file that is being written, and says which; a second one ends at once', async (t) => {
    const bytes = bytesOf(2, 12_000_000);
    for (const isSecond of [false, true]) {
      const world = new CliWorld(t);
      const running = world.start('mount', '--address-only');
      let said = '';
      running.child.stdout?.on('data', (part: string) => (said += part));
      running.child.stderr?.on('data', (part: string) => (said += part));
      const address = /http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\//;
      while (!address.test(said)) await sleep(20);
      const put = slowPut(`${address.exec(said)?.[0] ?? ''}${PLACE}film.bin`, bytes);
      while (fs.readdirSync(world.phone).length < 3) await sleep(20);
      running.child.kill('SIGINT');
      while (!said.includes('film.bin')) await sleep(20);
      if (isSecond) running.child.kill('SIGINT');
      else put.finish();
      assert.equal(await put.answered, isSecond ? 0 : 201);
      await running.ended;
      assert.equal(fs.existsSync(path.join(world.phone, 'film.bin')), !isSecond);
      if (!isSecond) continue;
      // what it left is removed by the next one
      const next = world.start('--json', 'mount', '--address-only');
      await listening(next);
      while (fs.readdirSync(world.phone).length > 2) await sleep(20);
      next.child.kill('SIGINT');
      await next.ended;
    }
  });

  test('a port that is taken is said, with what to do', async (t) => {
    const world = new CliWorld(t);
    const server = http.createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { port } = server.address() as { port: number };
    const { exit, err } = await world.run('mount', '--address-only', '--port', String(port));
    assert.notEqual(exit, 0);
    assert.match(err, new RegExp(String(port)));
  });

  for (const isRefused of [false, true])
    test(`on Linux it is mounted by gio${isRefused ? '; where that fails, the address is told' : ', and unmounted at the end'}`, async (t) => {
      const world = new CliWorld(t);
      const bin = path.join(world.root, 'bin');
      const calls = path.join(world.root, 'calls');
      fs.mkdirSync(bin);
      fs.writeFileSync(
        path.join(bin, 'gio'),
        `#!/bin/sh\necho "$@" >> ${calls}\n${isRefused ? 'echo "not supported" >&2; exit 2' : 'exit 0'}\n`,
        { mode: 0o755 },
      );
      const before = process.env['PATH'];
      process.env['PATH'] = `${bin}:${before ?? ''}`;
      const running = world.start('--json', 'mount');
      process.env['PATH'] = before;
      const { url, mounted } = await told(running, 'drive');
      const dav = String(url).replace('http:', 'dav:');
      assert.equal(mounted, isRefused ? null : dav);
      running.child.kill('SIGINT');
      assert.equal((await running.ended).exit, 0);
      assert.deepEqual(
        fs.readFileSync(calls, 'utf8').trim().split('\n'),
        isRefused ? [`mount ${dav}`] : [`mount ${dav}`, `mount --unmount --force ${dav}`],
      );
    });
});
