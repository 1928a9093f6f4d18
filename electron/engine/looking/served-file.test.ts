import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerFor, type ServedFile } from './served-file.ts';

const CONTENT = Uint8Array.from({ length: 100 }, (_, index) => index);
const asked: (readonly [number, number])[] = [];
const file = (more: Partial<ServedFile> = {}): ServedFile => ({
  name: 'a.mp4',
  type: 'video/mp4',
  size: CONTENT.byteLength,
  inline: true,
  stream: async function* (offset, length) {
    asked.push([offset, length]);
    yield CONTENT.subarray(offset, offset + length);
  },
  ...more,
});
async function bodyOf(body: AsyncIterable<Uint8Array> | undefined): Promise<readonly number[]> {
  const bytes: number[] = [];
  for await (const piece of body ?? []) bytes.push(...piece);
  return bytes;
}

test('whole, and in one range', async () => {
  const whole = answerFor(file(), 'GET', undefined);
  assert.equal(whole.status, 200);
  assert.equal(whole.headers['content-length'], '100');
  assert.deepEqual(await bodyOf(whole.body), [...CONTENT]);
  for (const [range, from, to] of [
    ['bytes=0-', 0, 99],
    ['bytes=10-19', 10, 19],
    ['bytes=90-1000', 90, 99],
    ['bytes=-5', 95, 99],
    ['bytes=-500', 0, 99],
    ['bytes=99-99', 99, 99],
  ] as const) {
    const part = answerFor(file(), 'GET', range);
    assert.equal(part.status, 206, range);
    assert.equal(part.headers['content-range'], `bytes ${from}-${to}/100`);
    assert.equal(part.headers['content-length'], String(to - from + 1));
    assert.deepEqual(await bodyOf(part.body), [...CONTENT.subarray(from, to + 1)]);
  }
});

test('a range beyond the end is refused, one that is not understood is ignored', () => {
  for (const range of ['bytes=100-', 'bytes=200-300', 'bytes=-0']) {
    const { status, headers, body } = answerFor(file(), 'GET', range);
    assert.deepEqual([status, headers['content-range'], body], [416, 'bytes */100', undefined], range);
  }
  for (const range of ['bytes=9-3', 'bytes=0-1,5-6', 'lines=1-2', 'bytes=', 'bytes=-', 'bytes=a-b'])
    assert.equal(answerFor(file(), 'GET', range).status, 200, range);
  assert.equal(answerFor(file({ size: 0 }), 'GET', 'bytes=0-').status, 416);
});

test('HEAD reads nothing; other methods are refused', () => {
  asked.length = 0;
  const head = answerFor(file(), 'HEAD', 'bytes=0-9');
  assert.deepEqual([head.status, head.headers['content-length'], head.body], [206, '10', undefined]);
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'get'])
    assert.equal(answerFor(file(), method, undefined).status, 405, method);
  assert.deepEqual(asked, []);
});

test('nothing from a phone runs in Replug’s origin', () => {
  const html = answerFor(file({ name: 'a.html', type: 'text/html' }), 'GET', undefined).headers;
  const svg = answerFor(file({ name: 'a.svg', type: 'image/svg+xml' }), 'GET', undefined).headers;
  for (const headers of [html, svg]) {
    const policy = headers['content-security-policy'] ?? '';
    assert.match(policy, /^sandbox; default-src 'none'/);
    assert.doesNotMatch(policy, /allow-|script|unsafe-eval/);
  }
  for (const type of ['video/mp4', 'image/png', 'audio/wav', 'application/pdf', 'application/octet-stream']) {
    const { headers } = answerFor(file({ type }), 'GET', undefined);
    assert.match(headers['content-security-policy'] ?? '', /default-src 'none'|script-src 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['content-type'], type);
  }
});

test('names are told as RFC 8187 has it, and cannot break the header', () => {
  const { headers } = answerFor(
    file({ name: 'a"\r\nset-cookie: x; ü’(1).txt\ud800', inline: false }),
    'GET',
    undefined,
  );
  assert.equal(
    headers['content-disposition'],
    "attachment; filename*=UTF-8''a%22%0D%0Aset-cookie%3A%20x%3B%20%C3%BC%E2%80%99%281%29.txt%EF%BF%BD",
  );
});
