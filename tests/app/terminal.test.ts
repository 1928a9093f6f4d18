// Where Replug is installed with its window, `replug` is this program: a typed command runs, and no window opens.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { newFolder, ROOT } from './app.ts';

interface Ran {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
  /** What was sent to an instance that runs already: `undefined` unless the way to the window was taken. */
  readonly second: unknown;
}

/** One start of the built main process with these words, while another instance holds the lock. */
async function typed(t: TestContext, packaged: boolean, ...args: readonly string[]): Promise<Ran> {
  const folder = newFolder();
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const child = fork(path.join(ROOT, 'out/main/main.js'), [...args], {
    execArgv: ['--import', path.join(import.meta.dirname, 'fake/register.ts')],
    // no display: a command needs none
    env: {
      PATH: process.env['PATH'] ?? '',
      LC_ALL: 'C.UTF-8',
      HOME: folder,
      FAKE_FOLDER: folder,
      FAKE_ROOT: ROOT,
      FAKE_SECOND: '1',
      FAKE_PACKAGED: packaged ? '1' : '0',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let [out, err] = ['', ''];
  let second: unknown;
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (err += text));
  child.on('message', (message: { kind: string; data?: unknown }) => {
    if (message.kind === 'second') second = message.data;
  });
  const [exit] = (await once(child, 'close')) as [number | null];
  return { exit, out, err, second };
}

for (const packaged of [true, false])
  test(`${packaged ? 'packaged' : 'unpackaged'}: commands, help and exit statuses are the terminal program’s`, async (t) => {
    const folder = newFolder();
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    const phone = path.join(folder, 'phone');
    fs.mkdirSync(path.join(phone, 'DCIM'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'a.txt'), 'a');
    const common = ['--no-usb', '--virtual', `${phone},serial=V1`, '--db', path.join(folder, 'queue.db')];
    const pushed = await typed(t, packaged, ...common, '--quiet', 'push', path.join(folder, 'a.txt'), '/DCIM');
    assert.deepEqual(pushed, { exit: 0, out: '', err: '', second: undefined });
    assert.equal(fs.readFileSync(path.join(phone, 'DCIM/a.txt'), 'utf8'), 'a');
    const listed = await typed(t, packaged, '--no-sandbox', ...common, 'ls', '/DCIM');
    assert.deepEqual([listed.exit, listed.err, listed.second], [0, '', undefined]);
    assert.match(listed.out, /a\.txt/u);
    const offered = await typed(t, packaged, 'complete', ...common, '--', '/DC');
    assert.deepEqual([offered.exit, offered.out.trim()], [0, '/DCIM/']);
    assert.match((await typed(t, packaged, '--version')).out, /^replug \d/u);
    assert.match((await typed(t, packaged, 'help', 'push')).out, /--on-clash/u);
    const wrong = await typed(t, packaged, 'push', 'a.txt');
    assert.deepEqual([wrong.exit, wrong.second], [2, undefined]);
    assert.match(wrong.err, /push LOCAL/u);
    const alone = await typed(t, packaged, '--no-usb', '--db', path.join(folder, 'alone.db'), 'devices');
    assert.deepEqual([alone.exit, alone.second], [4, undefined]);
  });

test('without a command, and with files, the window is meant', async (t) => {
  const none = await typed(t, true, '--no-usb');
  assert.deepEqual([none.exit, none.out, none.second], [0, '', { paths: [] }]);
  const file = path.join(ROOT, 'README.md');
  const sent = await typed(t, true, '--no-usb', file);
  assert.deepEqual([sent.exit, sent.second], [0, { paths: [file] }]);
});
