import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { App, newFolder, type Heard } from './app.ts';

/** “Show as a drive” in the built program: what is asked of the system, and that quitting waits. Electron is not run. */

interface Shown {
  readonly app: App;
  readonly device: string;
  /** Command lines of the system's programs, in order. */
  readonly calls: () => readonly string[];
  readonly phone: string;
}

/** The program with a phone; `gio` and `xdg-open` only note how they were called. */
async function started(t: TestContext, isRefused = false): Promise<Shown> {
  const folder = newFolder();
  const phone = path.join(folder, 'phone');
  const bin = path.join(folder, 'bin');
  const log = path.join(folder, 'calls');
  for (const one of [phone, bin]) fs.mkdirSync(one);
  fs.writeFileSync(path.join(phone, 'a.txt'), 'a');
  for (const name of ['gio', 'xdg-open'])
    fs.writeFileSync(path.join(bin, name), `#!/bin/sh\necho "${name} $@" >> ${log}\nexit ${isRefused ? 2 : 0}\n`, {
      mode: 0o755,
    });
  const app = new App({
    folder,
    args: ['--virtual', `${phone},serial=APP,name=Test phone`],
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
  });
  t.after(() => {
    app.kill();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  await app.opened();
  await app.say({ kind: 'subscribe', id: 9000, name: 'devices' });
  const device = await app.until('the phone', (electron) => {
    const messages = electron.windows[0]?.contents.sent.map(({ message }) => message) as Heard[];
    const last = messages.findLast((one) => one?.kind === 'snapshot' && one.id === 9000);
    return last?.snapshot.devices.find((one) => one.state.kind === 'ready')?.key;
  });
  const calls = (): readonly string[] => (fs.existsSync(log) ? fs.readFileSync(log, 'utf8').trim().split('\n') : []);
  return { app, device: String(device), calls, phone };
}

test('mounted, and shown in the file manager; unmounted when the program ends', async (t) => {
  const { app, device, calls } = await started(t);
  const info = await app.command('hostInfo');
  assert.equal(info.canShowDrive, true);
  const { url, mounted } = await app.command('showDrive', { device });
  assert.equal(mounted, true);
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}\/Test%20phone\/$/);
  const dav = url.replace('http:', 'dav:');
  const all = dav.replace('Test%20phone/', '');
  while (calls().length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(calls(), [`gio mount ${all}`, `xdg-open ${dav}`]);
  // once more: it is mounted already
  await app.command('showDrive', { device });
  while (calls().length < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(calls().slice(2), [`xdg-open ${dav}`]);
  await app.quit();
  assert.equal(await app.exited, 0);
  assert.deepEqual(calls().slice(3), [`gio mount --unmount --force ${all}`]);
});

test('where the system mounts nothing, the address is told', async (t) => {
  const { app, device, calls } = await started(t, true);
  const { url, mounted } = await app.command('showDrive', { device });
  assert.equal(mounted, false);
  assert.equal((await fetch(`${url}Internal%20shared%20storage/a.txt`)).status, 200);
  assert.equal(calls().length, 1);
  await app.quit();
  assert.equal(await app.exited, 0);
  await assert.rejects(fetch(url));
});

test('it does not quit while another program writes a file, and says which', async (t) => {
  const { app, device, phone } = await started(t);
  const { url } = await app.command('showDrive', { device });
  const bytes = Buffer.alloc(12_000_000, 7);
  const request = http.request(`${url}Internal%20shared%20storage/film.bin`, {
    method: 'PUT',
    headers: { 'content-length': String(bytes.length) },
  });
  const answered = new Promise<number>((resolve, reject) => {
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
  });
  request.write(bytes.subarray(0, 6_000_000));
  while (fs.readdirSync(phone).length < 2) await new Promise((resolve) => setTimeout(resolve, 20));
  await app.quit();
  const box = await app.until(
    'the dialog',
    (electron) => electron.calls.find(({ name }) => name === 'dialog.showMessageBox')?.args[0],
  );
  assert.match(JSON.stringify(box), /film\.bin/);
  request.end(bytes.subarray(6_000_000));
  assert.equal(await answered, 201);
  assert.ok(fs.readFileSync(path.join(phone, 'film.bin')).equals(bytes));
  await app.quit();
  assert.equal(await app.exited, 0);
});
