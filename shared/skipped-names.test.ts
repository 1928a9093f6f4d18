import assert from 'node:assert/strict';
import { test } from 'node:test';
import { skippedName } from './skipped-names.ts';

test('unfinished, trashed and system files are told apart from all others', () => {
  const expected: Readonly<Record<string, ReturnType<typeof skippedName>>> = {
    '.pending-1700000000-VID_1.mp4': 'unfinished',
    'film.mkv.replug-part': 'unfinished',
    'film.mkv.replug-aedbbd1': 'unfinished',
    '.replug-6fce2175-case': 'unfinished',
    '.replug-6fce2175-é': 'unfinished',
    '.replug-6fce2175-end.': 'unfinished',
    '.replug-6fce2175-\\x': 'unfinished',
    '.fuse_hidden0000000a00000001': 'unfinished',
    '.nfs0000000004d2a1b300000003': 'unfinished',
    '.trashed-1700000000-IMG_1.jpg': 'trashed',
    '.Trash-1000': 'trashed',
    '.Trashes': 'trashed',
    '$RECYCLE.BIN': 'trashed',
    '._song.mp3': 'system',
    '.DS_Store': 'system',
    'Thumbs.db': 'system',
    'THUMBS.DB': 'system',
    'desktop.ini': 'system',
    'System Volume Information': 'system',
    'LOST.DIR': 'system',
    '@eaDir': 'system',
    '.nomedia': undefined,
    '.pending': undefined,
    '.pending-note.txt': undefined,
    '.trashed-note.txt': undefined,
    '._': undefined,
    '..hidden': undefined,
    'my thumbs.db.txt': undefined,
    'replug-part': undefined,
    'a.replug': undefined,
    '.replug': undefined,
    '.thumbnails': undefined,
    Camera: undefined,
  };
  for (const [name, why] of Object.entries(expected)) assert.equal(skippedName(name, 'computer'), why, name);
  // a phone has no part files of Replug's: there it is a name like any other
  assert.equal(skippedName('film.mkv.replug-part', 'phone'), undefined);
  assert.equal(skippedName('film.mkv.replug-aedbbd1', 'phone'), 'unfinished');
});
