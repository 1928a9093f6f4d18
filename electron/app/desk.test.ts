import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { diagnosticsWithLog, withoutHome } from './diagnostics-text.ts';
import { pathsOf, readInvocation } from './invocation.ts';
import { LogFile } from './log.ts';
import { isOwnAddress } from './pages.ts';
import { KeptState, placeFor } from './window-state.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-desk-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

test('log: rotated by size, a limited number of files, never throws', () => {
  const place = path.join(folder, 'logs');
  const log = new LogFile(place, { bytes: 200, files: 3 }, () => new Date(0));
  for (let line = 0; line < 40; line += 1) log.write(`line ${line}`);
  const names = fs.readdirSync(place).sort();
  assert.deepEqual(names, ['replug.1.log', 'replug.2.log', 'replug.log']);
  for (const name of names) assert.ok(fs.statSync(path.join(place, name)).size <= 200, name);
  assert.match(fs.readFileSync(log.file, 'utf8'), /^1970-01-01T00:00:00.000Z line \d+\n/);
  assert.match(log.tail(100), /line 39\n$/);
  assert.match(log.tail(60), /^1970/, 'the tail begins with a whole line');
  // a later start appends to the same file
  new LogFile(place, { bytes: 200, files: 3 }).write('again\nwith a second line');
  assert.match(log.tail(200), /again\n {2}with a second line\n$/);
  const blocked = path.join(folder, 'file');
  fs.writeFileSync(blocked, '');
  new LogFile(path.join(blocked, 'below')).write('nowhere');
  assert.equal(new LogFile(path.join(folder, 'none')).tail(10), '');
});

test('invocation: paths and file URLs, our options, and switches added by systems', () => {
  const read = (...args: readonly string[]) => readInvocation(args, folder);
  assert.deepEqual(read('a.txt', '/b').paths, [path.join(folder, 'a.txt'), path.resolve('/b')]);
  assert.deepEqual(read('file:///tmp/with%20space').paths, [path.resolve('/tmp/with space')]);
  assert.deepEqual(read('--no-sandbox', '--lang=de', '-psn_0_123', '--inspect=0').paths, []);
  const { virtual, faults, usb, db } = read('--virtual', 'x', '--virtual=y', '--fault', 'f', '--no-usb', '--db', 'd');
  assert.deepEqual([virtual, faults, usb, db], [['x', 'y'], ['f'], false, path.join(folder, 'd')]);
  assert.deepEqual(read(), { paths: [], db: undefined, virtual: [], faults: [], usb: true, language: undefined });
  assert.deepEqual(read('--virtual').virtual, []);
});

test('arguments of a second start: absolute paths; everything else is dropped', () => {
  assert.deepEqual(pathsOf({ paths: ['/a', 'b', 7, null] }), ['/a']);
  for (const odd of [undefined, null, 5, 'text', [], {}, { paths: 'x' }]) assert.deepEqual(pathsOf(odd), []);
});

test('own address: the scheme and the host, and no look-alikes', () => {
  assert.ok(isOwnAddress('app://replug/index.html'));
  for (const other of [
    'app://replug.evil/',
    'app://evil/replug',
    'https://replug/',
    'app://a@replug/',
    'app:replug',
    '',
    'replug',
  ])
    assert.ok(!isOwnAddress(other), other);
});

test('the window’s position: restored only where there is a screen', () => {
  const screen = { x: 0, y: 0, width: 1920, height: 1040 };
  const second = { x: 1920, y: 0, width: 1280, height: 1000 };
  const bounds = { x: 2000, y: 100, width: 900, height: 700 };
  assert.deepEqual(placeFor(bounds, [screen, second]), bounds);
  assert.deepEqual(placeFor(bounds, [screen]), { width: 1080, height: 720 }, 'the second screen is gone');
  assert.deepEqual(placeFor({ ...bounds, x: -100, width: 99_999 }, [screen]), {
    x: -100,
    y: 100,
    width: 1920,
    height: 700,
  });
  assert.deepEqual(
    placeFor({ ...bounds, x: 0, y: -30 }, [screen]),
    { width: 1080, height: 720 },
    'the title bar is out of reach',
  );
  assert.deepEqual(placeFor(undefined, [{ x: 0, y: 0, width: 800, height: 500 }]), { width: 800, height: 500 });
  assert.deepEqual(placeFor(undefined, []), { width: 1080, height: 720 });
});

test('window state: survives a restart, and invalid files', () => {
  const file = path.join(folder, 'below', 'window.json');
  const state = new KeptState(file);
  assert.deepEqual(state.kept, { bounds: undefined, maximized: false, saidBackground: false });
  state.change({ bounds: { x: 1, y: 2, width: 3, height: 4 } });
  state.change({ saidBackground: true });
  const again = new KeptState(file);
  assert.deepEqual(again.kept, { bounds: { x: 1, y: 2, width: 3, height: 4 }, maximized: false, saidBackground: true });
  for (const odd of ['', 'null', '[]', '{"bounds":{"x":"1"}}', '{"bounds":{"x":1.5,"y":0,"width":1,"height":1}}']) {
    fs.writeFileSync(file, odd);
    assert.deepEqual(new KeptState(file).kept, { bounds: undefined, maximized: false, saidBackground: false }, odd);
  }
});

test('diagnostics: do not contain the home folder', () => {
  assert.equal(withoutHome('in /home/anna/x and /home/anna', '/home/anna'), 'in ~/x and ~');
  assert.equal(withoutHome('a/b', '/'), 'a/b');
  assert.equal(diagnosticsWithLog('found\n', ''), 'found\n\nLog, its end:\n(empty)\n');
});
