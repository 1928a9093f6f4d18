import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_FILTERS, type SyncFilters } from '../../shared/sync.ts';
import { mediaKindOf } from '../../shared/media-kinds.ts';
import { filterOf } from './filters.ts';

const takes = (filters: Partial<SyncFilters>, path: string, size = 10, modified: number | undefined = 100): boolean =>
  filterOf({ ...NO_FILTERS, ...filters }).includes({ path, size, modified });

test('patterns: names, paths, folders with all below them', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['*.jpg', 'a/b/C.JPG', true],
    ['*.jpg', 'a.jpg/notes.txt', true],
    ['*.jpg', 'a.jpeg', false],
    ['.thumbnails', 'Camera/.thumbnails/1.jpg', true],
    ['Camera/*', 'Camera/a.jpg', true],
    ['Camera/*', 'Camera/deep/a.jpg', true],
    ['Camera/*', 'Other/Camera/a.jpg', false],
    ['/Camera/', 'Camera/a.jpg', true],
    ['**/raw/*.dng', 'a/b/raw/1.dng', true],
    ['**/raw/*.dng', 'raw/1.dng', true],
    ['?.txt', 'ab.txt', false],
    ['a+(b).txt', 'a+(b).txt', true],
    ['Ä.txt', 'A\u0308.TXT', true],
  ];
  for (const [pattern, path, expected] of rows) {
    assert.equal(takes({ include: [pattern] }, path), expected, `include ${pattern} ${path}`);
    assert.equal(takes({ exclude: [pattern] }, path), !expected, `exclude ${pattern} ${path}`);
  }
});

test('an excluded folder is not entered; one that is not included may hold what is', () => {
  const filter = filterOf({ ...NO_FILTERS, include: ['*.jpg'], exclude: ['.thumbnails', 'Screenshots/'] });
  assert.equal(filter.enters('Camera'), true);
  assert.equal(filter.enters('Camera/.thumbnails'), false);
  assert.equal(filter.enters('Screenshots'), false);
});

test('kinds, sizes, dates', () => {
  assert.deepEqual(['a.HEIC', 'b.mp4', 'c.opus', 'd', 'e.pdf', '.jpg'].map(mediaKindOf), [
    'photos',
    'videos',
    'music',
    undefined,
    undefined,
    'photos',
  ]);
  assert.equal(takes({ kinds: ['photos', 'videos'] }, 'a.mp3'), false);
  assert.equal(takes({ largerThan: 10 }, 'a', 10), false);
  assert.equal(takes({ largerThan: 10 }, 'a', 11), true);
  assert.equal(takes({ newerThan: 100 }, 'a', 1, 100), false);
  const undated = { path: 'a', size: 1, modified: undefined };
  assert.equal(filterOf({ ...NO_FILTERS, newerThan: 100 }).includes(undated), true);
});

test('kinds take what lies beside: covers and lyrics with music, sidecars with pictures, subtitles with films', () => {
  const music = ['a.m4b', 'a.lrc', 'a.wv', 'Cover.jpg', 'folder.png', 'AlbumArt_{1-2}_Large.jpg', 'AlbumArtSmall.jpg'];
  for (const name of music) assert.equal(takes({ kinds: ['music'] }, `Artist/Album/${name}`), true, name);
  const camera = ['a.insv', 'a.gpr', 'a.jxl', 'a.hif', 'a.JPG.xmp', 'a.srt', 'a.lrv', 'a.aae'];
  for (const name of camera) assert.equal(takes({ kinds: ['photos', 'videos'] }, `Camera/${name}`), true, name);
  for (const name of ['holiday.jpg', 'folderol.jpg', 'backyard.jpg', 'cover.pdf', 'a.mp4'])
    assert.equal(takes({ kinds: ['music'] }, name), false, name);
});

test('what is unfinished, thrown away or the system’s own is never taken, whatever the filters say', () => {
  for (const path of ['a/.pending-1700000000-IMG.jpg', '.trashed-1700000000-a.mp4', '._song.mp3', 'x/Thumbs.db'])
    assert.equal(takes({ include: ['*'] }, path), false, path);
  const filter = filterOf({ ...NO_FILTERS, include: ['**'] });
  assert.equal(filter.enters('card/$RECYCLE.BIN'), false);
  assert.equal(filter.enters('Music'), true);
});
