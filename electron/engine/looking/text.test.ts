import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeText } from './text.ts';

const bytes = (text: string, encoding: BufferEncoding): Uint8Array => Uint8Array.from(Buffer.from(text, encoding));
const TEXT = 'Grüße, 你好 🎈\r\n\tEnde';

test('UTF-8, with and without a mark', () => {
  assert.deepEqual(decodeText(bytes(TEXT, 'utf8'), true), { text: TEXT, encoding: 'UTF-8' });
  assert.deepEqual(decodeText(bytes(`\ufeff${TEXT}`, 'utf8'), true), { text: TEXT, encoding: 'UTF-8' });
  assert.deepEqual(decodeText(new Uint8Array(0), true), { text: '', encoding: 'UTF-8' });
});

test('UTF-16 by its mark, and by its zeros', () => {
  const little = bytes(`\ufeff${TEXT}`, 'utf16le');
  assert.deepEqual(decodeText(little, true), { text: TEXT, encoding: 'UTF-16 LE' });
  const big = Uint8Array.from(Buffer.from(little).swap16());
  assert.deepEqual(decodeText(big, true), { text: TEXT, encoding: 'UTF-16 BE' });
  const plain = 'name;size\r\nholiday.jpg;12\r\n';
  assert.deepEqual(decodeText(bytes(plain, 'utf16le'), true), { text: plain, encoding: 'UTF-16 LE' });
  assert.deepEqual(decodeText(Uint8Array.from(Buffer.from(bytes(plain, 'utf16le')).swap16()), true), {
    text: plain,
    encoding: 'UTF-16 BE',
  });
});

test('what is not UTF-8 is Windows-1252', () => {
  assert.deepEqual(decodeText(Uint8Array.of(0x47, 0x72, 0xfc, 0xdf, 0x65), true), {
    text: 'Grüße',
    encoding: 'Windows-1252',
  });
});

test('a cut in the middle of a character makes no other text of it', () => {
  const whole = bytes('a🎈', 'utf8');
  for (let cut = 1; cut < whole.byteLength; cut += 1)
    assert.deepEqual(decodeText(whole.subarray(0, cut), false), { text: 'a', encoding: 'UTF-8' }, String(cut));
  assert.equal(decodeText(bytes('\ufeffab', 'utf16le').subarray(0, 5), false)?.text, 'a');
});

test('what has control characters is no text', () => {
  assert.equal(decodeText(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 8, 0), true), undefined);
  assert.equal(decodeText(Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0x10, 0x4a, 0x46), true), undefined);
  assert.equal(decodeText(new Uint8Array(4096), true), undefined);
});
