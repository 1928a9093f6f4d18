import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fail } from '../../../../shared/errors.ts';
import type { Phone } from '../../../mtp/index.ts';
import type { ItemRun } from '../../model/item-run.ts';
import type { Checkpoint, ItemRow } from '../../model/transfer-store.ts';
import { digestOf } from '../digest.ts';
import { UploadVerification, type UploadVerified } from './verify-upload.ts';

/** What a comparison says that a phone can be asked for only in part. */

const FOUR_GIB = 2 ** 32;
const MIB = 1024 * 1024;
const ZEROS = new Uint8Array(8 * MIB);
type Partial = Phone['capabilities']['partialRead'];

/** A phone with a file of zeros, which remembers what was read of it. */
function phoneWith(partialRead: Partial, content?: Uint8Array): { readonly phone: Phone; furthest: () => number } {
  let furthest = 0;
  const phone = {
    capabilities: { partialRead, edit: true },
    readChunk: (_: unknown, offset: number, length: number) => {
      if (partialRead === 'none' || (partialRead === 32 && offset + length > FOUR_GIB))
        return Promise.reject(fail('unsupported', 'GetPartialObject'));
      furthest = Math.max(furthest, offset + length);
      return Promise.resolve([content?.subarray(offset, offset + length) ?? ZEROS.subarray(0, length)]);
    },
    readWhole: async (_: unknown, onPiece: (bytes: Uint8Array) => Promise<void>) => {
      const all = content ?? new Uint8Array(0);
      for (let at = 0; at < all.byteLength; at += MIB) await onPiece(all.subarray(at, at + MIB));
      return all.byteLength;
    },
    giveBack: () => undefined,
  };
  return { phone: phone as unknown as Phone, furthest: () => furthest };
}
function check(
  phone: Phone,
  row: Pick<ItemRow, 'size' | 'mode'>,
  ours: Uint8Array | undefined,
  checkpoints: readonly Checkpoint[] = [],
): UploadVerification {
  const run = { row: { resumed: false, ...row }, stopRequested: false, checkpoints: () => checkpoints };
  // a source of zeros, of whatever size
  const file = {
    read: (bytes: Uint8Array, at: number, length: number) => (bytes.fill(0, at, at + length), { bytesRead: length }),
  };
  return new UploadVerification(
    phone,
    { handle: 1 as never, name: 'film.replug-a1', size: row.size },
    { file: file as never, sent: ours },
    run as unknown as ItemRun,
  );
}
const same = (result: UploadVerified): Extract<UploadVerified, { readonly kind: 'same' }> =>
  result.kind === 'same' ? result : assert.fail(JSON.stringify(result));

describe('a file beyond 4 GiB on a phone whose ranges end there', () => {
  const size = FOUR_GIB + 3 * MIB;
  for (const wanted of ['sampled', 'size'] as const)
    test(`${wanted}: is compared as far as it can be read`, async () => {
      const { phone, furthest } = phoneWith(32);
      const result = same(await check(phone, { size, mode: 'chunks' }, undefined).run(wanted));
      assert.equal(result.level, wanted);
      assert.ok(furthest() <= FOUR_GIB);
    });
  test('in full: is not called so', async () => {
    const { phone } = phoneWith(32);
    // of each chunk only its place counts here: the samples below stand for reading 4 GiB
    const checkpoints = [{ offset: 0, length: size, digest: '' }];
    const verification = check(phone, { size, mode: 'chunks' }, undefined, checkpoints);
    const result = same(await verification.run('full'));
    assert.notEqual(result.level, 'full');
    assert.equal(result.bytes, FOUR_GIB);
  });
});

describe('a phone that reads whole objects only', () => {
  const ours = Uint8Array.from({ length: 3 * MIB }, (_, at) => at % 251);
  const row = { size: ours.byteLength, mode: 'whole' } as const;
  test('is asked for all of a file where all of it is wanted', async () => {
    const result = same(await check(phoneWith('none', ours).phone, row, ours).run('full'));
    assert.deepEqual([result.level, result.bytes], ['full', ours.byteLength]);
  });
  test('shows a bad byte, a missing one and one too many', async () => {
    const bad = ours.slice();
    bad[2 * MIB + 7] = 1 + (bad[2 * MIB + 7] ?? 0);
    for (const theirs of [bad, ours.subarray(0, -1), new Uint8Array(0), Uint8Array.of(...ours.subarray(0, 9), 255)])
      assert.equal((await check(phoneWith('none', theirs).phone, row, ours).run('full')).kind, 'mismatch');
  });
  test('proves no more than the size otherwise', async () => {
    const result = same(await check(phoneWith('none', ours).phone, row, ours).run('sampled'));
    assert.equal(result.level, 'size');
  });
});

test('checkpoints that leave a gap prove nothing: everything is compared with the source', async () => {
  const zeros = new Uint8Array(3 * MIB);
  const theirs = zeros.slice();
  theirs[MIB + 5] = 1;
  const half = [{ offset: 0, length: MIB, digest: digestOf([zeros.subarray(0, MIB)]) }];
  const { phone } = phoneWith(64, theirs);
  const verification = check(
    new Proxy(phone, {
      get: (target, key) => (key === 'capabilities' ? { partialRead: 64, edit: false } : Reflect.get(target, key)),
    }),
    { size: zeros.byteLength, mode: 'chunks' },
    undefined,
    half,
  );
  assert.equal((await verification.run('full')).kind, 'mismatch');
});
