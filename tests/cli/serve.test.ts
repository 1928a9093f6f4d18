import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { CliWorld, names, type Json } from './replug.ts';

/** `replug serve` as a process: the page, the bridge, a drop, and exiting. */

test('the window is served, a dropped file reaches the phone, and Ctrl-C ends it', async (t) => {
  const world = new CliWorld(t);
  const { child, ended } = world.start('--json', 'serve');
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    void ended.then(({ out, err }) => reject(new Error(`it ended at once: ${out}${err}`)));
    child.stdout?.on('data', (part: string) => {
      text += part;
      const [, found] = /"serving","url":"([^"]+)"/.exec(text) ?? [];
      if (found !== undefined) resolve(found);
    });
  });
  const { origin, hash } = new URL(url);
  const token = new URLSearchParams(hash.slice(1)).get('token') ?? '';
  const page = await (await fetch(origin)).text();
  const [, script = ''] = /src="\.?(\/assets\/[^"]+\.js)"/.exec(page) ?? [];
  assert.match((await fetch(origin + script)).headers.get('content-type') ?? '', /javascript/);

  const socket = new WebSocket(`${origin.replace('http', 'ws')}/bridge?token=${token}`, { headers: { origin } });
  const waiting: ((message: Json) => boolean)[] = [];
  socket.on('message', (data: Buffer) => {
    const message: unknown = JSON.parse(data.toString());
    for (const one of [...waiting]) if (one(message)) waiting.splice(waiting.indexOf(one), 1);
  });
  await new Promise((resolve) => socket.once('open', resolve));
  const until = (check: (message: Json) => boolean) =>
    new Promise<Json>((resolve) => waiting.push((message) => check(message) && (resolve(message), true)));
  const say = (message: object) => socket.send(JSON.stringify(message));

  const ready = until(
    ({ kind, id, snapshot }) => kind === 'snapshot' && id === 1 && snapshot.devices[0]?.state.kind === 'ready',
  );
  say({ kind: 'subscribe', id: 1, name: 'devices' });
  const device = (await ready).snapshot.devices[0];
  const info = until((message) => message.id === 2);
  say({ kind: 'command', id: 2, name: 'hostInfo' });
  assert.equal((await info).reply.value.drops, 'streams');

  const batch = '11111111-2222-3333-4444-555555555555';
  const headers = { 'x-replug-token': token, origin };
  const put = await fetch(`${origin}/spool/${batch}?path=${encodeURIComponent('Fotos/ü.txt')}`, {
    method: 'PUT',
    headers,
    body: 'dropped',
  });
  assert.equal(put.status, 204);
  const { roots } = (await (await fetch(`${origin}/spool/${batch}/done`, { method: 'POST', headers })).json()) as {
    roots: string[];
  };
  const finished = until(
    ({ kind, id, snapshot }) => kind === 'snapshot' && id === 3 && snapshot.transfers[0]?.state === 'done',
  );
  say({ kind: 'subscribe', id: 3, name: 'transfers' });
  say({
    kind: 'command',
    id: 4,
    name: 'upload',
    argument: { sources: roots, to: { device: device.key, storage: device.storages[0].key, path: '/Download' } },
  });
  await finished;
  assert.equal(fs.readFileSync(path.join(world.phone, 'Download/Fotos/ü.txt'), 'utf8'), 'dropped');
  while (fs.existsSync(path.join(world.root, 'spool', batch))) await new Promise((resolve) => setTimeout(resolve, 10));

  child.kill('SIGINT');
  const ran = await ended;
  assert.equal(ran.exit, 0, ran.out + ran.err);
  assert.deepEqual(names(path.join(world.phone, 'Download')), ['Fotos']);
  socket.terminate();
});

test('an occupied port is reported', async (t) => {
  const world = new CliWorld(t);
  const first = world.start('--json', 'serve');
  const [, port = ''] = await new Promise<RegExpExecArray>((resolve) => {
    let text = '';
    first.child.stdout?.on('data', (part: string) => {
      text += part;
      const found = /"port":(\d+)/.exec(text);
      if (found !== null) resolve(found);
    });
  });
  const second = await world.bare('--no-usb', '--db', `${world.db}2`, 'serve', '--port', port);
  assert.equal(second.exit, 2);
  assert.match(second.err, /is in use/);
  first.child.kill('SIGTERM');
  await first.ended;
});
