import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mediaTypeOf, playableOf } from './media-types.ts';

test('by the extension, whatever its case', () => {
  assert.deepEqual(playableOf('IMG_1.JPG'), { kind: 'picture', type: 'image/jpeg' });
  assert.deepEqual(playableOf('clip.webm'), { kind: 'video', type: 'video/webm' });
  assert.deepEqual(playableOf('a.b.WAV'), { kind: 'audio', type: 'audio/wav' });
  assert.equal(mediaTypeOf('a.pdf'), 'application/pdf');
  assert.equal(mediaTypeOf('notes.TXT'), 'text/plain');
});

test('what a browser would run is neither drawn nor played', () => {
  for (const name of [
    'a.svg',
    'a.html',
    'a.xhtml',
    'a.xml',
    'a.pdf',
    'a.heic',
    'a',
    'a.',
    'a.constructor',
    'a.__proto__',
  ])
    assert.equal(playableOf(name), undefined, name);
  assert.equal(mediaTypeOf('a.js'), 'application/octet-stream');
  assert.equal(mediaTypeOf('a.toString'), 'application/octet-stream');
});
