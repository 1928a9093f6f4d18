import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComObject } from './com.ts';
import { ContentStream } from './content-objects.ts';
import { attempt } from './content-responses.ts';
import { phoneErrorOf } from './hresults.ts';

/** A stream of the driver's that counts what it is told to, whatever it did. */
function streamThatCounts(count: number): ContentStream {
  const must = (_what: string, _self: unknown, _method: number, _kinds: unknown, ...args: readonly unknown[]): void => {
    (args.at(-1) as number[])[0] = count;
  };
  const stream: Pick<ComObject, 'pointer' | 'release'> & { readonly com: object } = {
    com: { must },
    pointer: 1n,
    release: () => undefined,
  };
  return new ContentStream(stream as unknown as ComObject, undefined);
}

void test('a stream that counts more bytes than it was asked for is not believed', () => {
  assert.equal(streamThatCounts(10).read(10).byteLength, 10);
  const { hresult } = attempt(() => ({ hresult: 0, bytes: streamThatCounts(11).read(10) }));
  assert.equal(phoneErrorOf(hresult, 'GetObject').kind, 'confused');
});

void test('a count of bytes written is passed on as it is: whoever sends them compares', () => {
  assert.equal(streamThatCounts(11).write(new Uint8Array(10)), 11);
});
