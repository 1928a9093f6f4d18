import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { Phone } from '../../mtp/index.ts';
import { nodeDisk } from '../local/node-disk.ts';
import {
  agreedOffset,
  compareFiles,
  jointRanges,
  sampleRanges,
  sameBytes,
  trustedCheckpoints,
  type Readable,
} from './compare-bytes.ts';
import { digestOf } from './digest.ts';

const KiB = 1024;
const CHUNK = 10;

const pattern = (size: number): Buffer => Buffer.from(Array.from({ length: size }, (_, index) => (index * 7) % 251));
const never = (): boolean => false;

async function opened(t: TestContext, bytes: Uint8Array) {
  const folder = mkdtempSync(join(tmpdir(), 'replug-compare-'));
  writeFileSync(join(folder, 'file'), bytes);
  const file = await nodeDisk.open(join(folder, 'file'), 'read');
  t.after(async () => {
    await file.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return file;
}

/** A phone with one file; each answer brings at most seven bytes. `reads`: offset and length of each request. */
function phoneWith(bytes: Uint8Array, partialRead: 64 | 32 | 'none' = 64) {
  const reads: string[] = [];
  const phone = {
    capabilities: { partialRead },
    readChunk: (_: Readable, offset: number, length: number) => {
      reads.push(`${offset}+${length}`);
      return Promise.resolve([bytes.subarray(offset, offset + Math.min(7, length))]);
    },
    readWhole: async (_: Readable, onPiece: (piece: Uint8Array) => Promise<void>) => {
      for (let at = 0; at < bytes.length; at += 7) await onPiece(bytes.subarray(at, at + 7));
      return bytes.length;
    },
    giveBack: () => undefined,
  } as unknown as Phone;
  return { phone, reads, object: { handle: 1, size: bytes.length } as unknown as Readable };
}

const checkpointsOf = (bytes: Uint8Array, count = bytes.length / CHUNK) =>
  Array.from({ length: count }, (_, index) => {
    const offset = index * CHUNK;
    return { offset, length: CHUNK, digest: digestOf([bytes.subarray(offset, offset + CHUNK)]) };
  });
/** The last three bytes of each chunk. */
const tail = (_: unknown, end: number): number => end - 3;

test('samples: start, middle and end; all of it where they would meet', () => {
  assert.deepEqual(sampleRanges(0), []);
  assert.deepEqual(sampleRanges(192 * KiB), [{ offset: 0, length: 192 * KiB }]);
  const size = 192 * KiB + 2;
  const samples = sampleRanges(size);
  assert.deepEqual(
    samples.map(({ offset, length }) => [offset, offset + length]),
    [
      [0, 64 * KiB],
      [64 * KiB + 1, 128 * KiB + 1],
      [128 * KiB + 2, size],
    ],
  );
});

test('joints: around each chunk’s beginning but the first, within the file', () => {
  const at = (offset: number) => ({ offset, length: 1, digest: '' });
  assert.deepEqual(jointRanges([at(0), at(20 * KiB), at(100 * KiB)], 101 * KiB), [
    { offset: 4 * KiB, length: 32 * KiB },
    { offset: 84 * KiB, length: 17 * KiB },
  ]);
  assert.deepEqual(jointRanges([at(0), at(5)], 5), [], 'the end of the file is no joint');
});

test('pieces are the same only if they are so together, to the last byte', () => {
  const bytes = pattern(9);
  assert.ok(sameBytes([bytes.subarray(0, 4), bytes.subarray(4)], bytes));
  assert.ok(!sameBytes([bytes.subarray(0, 8)], bytes));
  assert.ok(!sameBytes([bytes, bytes.subarray(0, 1)], bytes));
  assert.ok(!sameBytes([bytes.subarray(1), bytes.subarray(0, 1)], bytes));
});

test('checkpoints are trusted up to the first that does not describe the file', async (t) => {
  const bytes = pattern(50);
  const all = checkpointsOf(bytes);
  const trusted = async (content: Uint8Array, checkpoints = all, stop = never) =>
    (await trustedCheckpoints(await opened(t, content), checkpoints, stop)).length;
  assert.equal(await trusted(bytes), 5);
  assert.equal(await trusted(bytes.subarray(0, 35)), 3, 'a lost tail');
  const edited = Buffer.from(bytes);
  edited[12] = 255;
  assert.equal(await trusted(edited), 1, 'what follows an edited chunk is not trusted');
  assert.equal(await trusted(bytes, all.slice(1)), 0, 'a chunk is missing before them');
  assert.equal(await trusted(bytes, [...all.slice(0, 2), ...all.slice(3)]), 2);
  let left = 2;
  assert.equal(await trusted(bytes, all, () => left-- <= 0), 2);
});

test('a resume goes on after the last chunk whose tail both sides have', async (t) => {
  const bytes = pattern(50);
  const file = await opened(t, bytes);
  const offset = async (theirs: Uint8Array) => {
    const { phone, object, reads } = phoneWith(theirs);
    return { offset: await agreedOffset(phone, object, file, checkpointsOf(bytes, 4), tail), reads };
  };
  assert.deepEqual(await offset(bytes), { offset: 40, reads: ['37+3'] });
  const torn = Buffer.from(bytes);
  torn.fill(0, 25);
  assert.deepEqual(await offset(torn), { offset: 20, reads: ['37+3', '27+3', '17+3'] });
  assert.equal((await offset(Buffer.alloc(50, 254))).offset, 0, 'nothing agrees: from the beginning');
});

test('whole files: same, different, stopped, or not to be read on this phone', async (t) => {
  const bytes = pattern(50);
  const other = Buffer.from(bytes);
  other[49] = 255;
  const file = await opened(t, bytes);
  const compared = (theirs: Uint8Array, partialRead: 64 | 32 | 'none', size = theirs.length, stop = never) => {
    const { phone, object } = phoneWith(theirs, partialRead);
    return compareFiles(phone, { ...object, size }, file, stop);
  };
  for (const partialRead of [64, 32, 'none'] as const) {
    assert.equal(await compared(bytes, partialRead), 'same');
    assert.equal(await compared(other, partialRead), 'different');
  }
  assert.equal(await compared(bytes.subarray(0, 49), 'none', 50), 'different', 'a byte too few came');
  assert.equal(await compared(bytes, 64, 50, () => true), 'stopped');
  assert.equal(await compared(bytes, 32, 2 ** 32 + 1), 'unreadable');
});
