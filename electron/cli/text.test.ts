import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Device } from '../../shared/domain.ts';
import { parsePhonePath, placeOf } from './phone-path.ts';
import { clip, columns, dateText, printable, table } from './text.ts';

test('what steers a terminal or turns letters round is replaced', () => {
  assert.equal(printable('a\u001b[2Jb\u0007\u009bc\u202ed\n'), 'a\ufffd[2Jb\ufffd\ufffdc\ufffdd\ufffd');
  assert.equal(printable('日本語 ملف 😀 é'), '日本語 ملف 😀 é');
});

test('columns count wide letters twice and combining ones not at all', () => {
  assert.equal(columns('abc'), 3);
  assert.equal(columns('日本'), 4);
  assert.equal(columns('e\u0301'), 1);
  assert.equal(columns('😀'), 2);
});

test('a line is clipped to the terminal and never wider', () => {
  for (let most = 0; most < 30; most += 1) assert.ok(columns(clip('日本語のとても長い名前.txt', most)) <= most);
  assert.equal(clip('short', 10), 'short');
  assert.equal(clip('abcdefghij', 5), 'abcd…');
});

test('a table stands in columns', () => {
  assert.equal(
    table(
      [
        ['1', 'a', 'x'],
        ['10', '日本', 'y'],
      ],
      [0],
    ),
    ' 1  a     x\n10  日本  y\n',
  );
  assert.equal(table([]), '');
});

test('an impossible date is a dash', () => {
  assert.equal(dateText(undefined), '-');
  assert.equal(dateText(1e20), '-');
  assert.match(dateText(0), /^19(70|69)-/);
});

const device = {
  key: 'k',
  name: 'Pixel',
  storages: [
    { key: 'one', name: 'Internal shared storage' },
    { key: 'two', name: 'SD card' },
    { key: 'three', name: 'SD card 2' },
  ],
} as unknown as Device;

test('a storage is meant by its name or by a unique beginning of it, in any case', () => {
  const storage = (text: string) => placeOf(device, parsePhonePath(text)).storage;
  assert.equal(storage('/a'), 'one');
  assert.equal(storage('int:/a'), 'one');
  assert.equal(storage('sd CARD:/a'), 'two');
  assert.equal(storage('SD card 2:'), 'three');
  assert.throws(() => storage('sd:/'), /several/);
  assert.throws(() => storage('usb:/'), /no-storage.*usb/);
});

test('a typed path has one spelling; a colon further on belongs to a name', () => {
  assert.deepEqual(parsePhonePath('//a///b:c/'), { storage: undefined, path: '/a/b:c', text: '//a///b:c/' });
  assert.deepEqual(parsePhonePath('SD:'), { storage: 'SD', path: '/', text: 'SD:' });
  for (const bad of ['', 'a', 'a/b', ':', ':/a', 'a/b:/c', '/..', '/a/./b'])
    assert.throws(() => parsePhonePath(bad), RangeError, bad);
});
