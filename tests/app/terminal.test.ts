// Where Replug is installed with its window, `replug` is this program: a typed command runs, and no window opens.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { newFolder, ROOT, typed as start, type Typed } from './app.ts';

const typed = (packaged: boolean, ...args: readonly string[]): Promise<Typed> => start({ packaged }, ...args);

for (const packaged of [true, false])
  test(`${packaged ? 'packaged' : 'unpackaged'}: commands, help and exit statuses are the terminal program’s`, async (t) => {
    const folder = newFolder();
    t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
    const phone = path.join(folder, 'phone');
    fs.mkdirSync(path.join(phone, 'DCIM'), { recursive: true });
    fs.writeFileSync(path.join(folder, 'a.txt'), 'a');
    const common = ['--no-usb', '--virtual', `${phone},serial=V1`, '--db', path.join(folder, 'queue.db')];
    const pushed = await typed(packaged, ...common, '--quiet', 'push', path.join(folder, 'a.txt'), '/DCIM');
    assert.deepEqual(pushed, { exit: 0, out: '', err: '', second: undefined });
    assert.equal(fs.readFileSync(path.join(phone, 'DCIM/a.txt'), 'utf8'), 'a');
    const listed = await typed(packaged, '--no-sandbox', ...common, 'ls', '/DCIM');
    assert.deepEqual([listed.exit, listed.err, listed.second], [0, '', undefined]);
    assert.match(listed.out, /a\.txt/u);
    const offered = await typed(packaged, 'complete', ...common, '--', '/DC');
    assert.deepEqual([offered.exit, offered.out.trim()], [0, '/DCIM/']);
    assert.match((await typed(packaged, '--version')).out, /^replug \d/u);
    assert.match((await typed(packaged, 'help', 'push')).out, /--on-clash/u);
    const wrong = await typed(packaged, 'push', 'a.txt');
    assert.deepEqual([wrong.exit, wrong.second], [2, undefined]);
    assert.match(wrong.err, /push LOCAL/u);
    const alone = await typed(packaged, '--no-usb', '--db', path.join(folder, 'alone.db'), 'devices');
    assert.deepEqual([alone.exit, alone.second], [4, undefined]);
  });

test('without a command, and with files, the window is meant', async () => {
  const none = await typed(true, '--no-usb');
  assert.deepEqual([none.exit, none.out, none.second], [0, '', { paths: [] }]);
  const file = path.join(ROOT, 'README.md');
  const sent = await typed(true, '--no-usb', file);
  assert.deepEqual([sent.exit, sent.second], [0, { paths: [file] }]);
});
