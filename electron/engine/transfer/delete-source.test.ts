import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VerifyLevel } from '../../../shared/domain.ts';
import type { ItemRun } from '../model/item-run.ts';
import type { ItemState } from '../model/item-state.ts';
import { deleteOriginal } from './delete-source.ts';
import type { ItemTransfer } from './item-transfer.ts';

for (const level of ['size', 'sampled', 'full'] as const satisfies readonly VerifyLevel[])
  test(`the original of a copy that was verified by ${level} ${level === 'full' ? 'goes, once the copy is durable' : 'stays, and it is told why'}`, async () => {
    const done: string[] = [];
    const verification = { level, bytesCompared: 0, sha256: undefined, chunkDigest: undefined };
    const run = {
      row: { state: { kind: 'done', outcome: { kind: 'moved', verification, original: { deleted: false } } } },
      commitDurably: () => done.push('stored'),
      update: ({ state }: { readonly state: ItemState }) => (run.row = { state } as typeof run.row),
      flush: () => undefined,
    };
    const transfer = {
      deleteOriginal: () => {
        done.push('deleted');
        return Promise.resolve();
      },
    };
    await deleteOriginal(run as unknown as ItemRun, transfer as unknown as ItemTransfer);
    const original = run.row.state.outcome.original as { readonly deleted: boolean; readonly problem?: object };
    assert.deepEqual(done, level === 'full' ? ['stored', 'deleted'] : []);
    assert.equal(original.deleted, level === 'full');
    assert.equal(original.problem === undefined, level === 'full');
  });
