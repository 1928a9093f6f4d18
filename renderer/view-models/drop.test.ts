import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEEPEST, collect, dropWords, unreadableWords, type DropEntry } from './drop.ts';
import { freeName, nameComplaint } from './names.ts';

const file = (name: string): DropEntry => ({
  name,
  isFile: true,
  isDirectory: false,
  file: (found) => found(`<${name}>`),
});
const broken = (name: string): DropEntry => ({
  name,
  isFile: true,
  isDirectory: false,
  file: (_found, failed) => failed(new Error('NotFoundError')),
});
const folder = (name: string, children: () => readonly DropEntry[], batch = 2): DropEntry => ({
  name,
  isFile: false,
  isDirectory: true,
  createReader: () => {
    const all = children();
    let at = 0;
    return {
      readEntries: (found) => {
        found(all.slice(at, at + batch));
        at += batch;
      },
    };
  },
});
const locked = (name: string): DropEntry => ({
  name,
  isFile: false,
  isDirectory: true,
  createReader: () => ({ readEntries: (_found, failed) => failed(new Error('NotReadableError')) }),
});

describe('dropped things', () => {
  test('a tree becomes its files with their paths; browsers give folders in batches', async () => {
    const { files, unreadable } = await collect([
      folder('trip', () => [
        file('a'),
        file('b'),
        file('c'),
        folder('sub', () => [file('d')]),
        folder('empty', () => []),
      ]),
      file('alone'),
    ]);
    assert.deepEqual(
      files.map((one) => [one.path, one.file]),
      [
        ['trip/a', '<a>'],
        ['trip/b', '<b>'],
        ['trip/c', '<c>'],
        ['trip/sub/d', '<d>'],
        ['trip/empty', undefined],
        ['alone', '<alone>'],
      ],
    );
    assert.deepEqual(unreadable, []);
  });

  test('unreadable files are reported, the rest continues', async () => {
    const { files, unreadable } = await collect([
      folder('trip', () => [broken('gone'), locked('secret'), file('kept')]),
    ]);
    assert.deepEqual(
      files.map((one) => one.path),
      ['trip/kept'],
    );
    assert.deepEqual(unreadable, ['trip/gone', 'trip/secret']);
    assert.equal(unreadableWords(unreadable), '“trip/gone” and 1 more cannot be read and were left out.');
    assert.equal(unreadableWords(['x']), '“x” cannot be read and was left out.');
  });

  test('a link cycle ends', async () => {
    const circle: DropEntry = folder('round', () => [circle, file('inside')]);
    const { files, unreadable } = await collect([circle]);
    assert.equal(unreadable.length, 2);
    assert.equal(files.length, DEEPEST);
  });

  test('entries that are neither file nor folder are reported', async () => {
    const { unreadable } = await collect([{ name: 'pipe', isFile: false, isDirectory: false }]);
    assert.deepEqual(unreadable, ['pipe']);
  });

  test('the target says how many', () => {
    assert.equal(dropWords(1, 'Movies'), 'Copy 1 item to Movies');
    assert.equal(dropWords(12, 'Movies'), 'Copy 12 items to Movies');
    assert.equal(dropWords(0, 'Movies'), 'Copy to Movies');
  });
});

describe('a name being typed', () => {
  const free = () => false;
  test('names phones refuse are reported at once', () => {
    assert.equal(nameComplaint('Trip 2025', free), undefined);
    assert.match(nameComplaint('  ', free) ?? '', /empty/);
    assert.match(nameComplaint('..', free) ?? '', /reserved/);
    assert.equal(nameComplaint('a/b', free), 'A name cannot contain /');
    assert.equal(nameComplaint('what?', free), 'A name cannot contain ?');
    assert.match(nameComplaint('a\u0007b', free) ?? '', /invisible/);
    assert.match(nameComplaint('trip', () => true) ?? '', /already/);
  });
  test('300 letters are too long, and letters that need more bytes sooner', () => {
    assert.match(nameComplaint('x'.repeat(300), free) ?? '', /Too long by 45/);
    assert.match(nameComplaint('旅'.repeat(86), free) ?? '', /Too long by 3/);
    assert.equal(nameComplaint('旅'.repeat(85), free), undefined);
  });
  test('a free name gets a number', () => {
    const taken = new Set(['New folder', 'New folder 2']);
    assert.equal(
      freeName('New folder', (name) => taken.has(name)),
      'New folder 3',
    );
  });
});
