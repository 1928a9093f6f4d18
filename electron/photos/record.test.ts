import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceKey, itemId, localPath, phonePath, storageKey, transferId } from '../../shared/domain.ts';
import { nodeDisk, type ItemRow, type TransferRow } from '../engine/index.ts';
import type { PhotoImport, PhotoStore } from './photo-store.ts';
import { recordImports, underWayOf, type RecordParts } from './record.ts';

const DEVICE = deviceKey('maker', 'serial');
const ID = transferId('one');

/** An import of one file that has this state, of a transfer that ended then. */
function parts(state: object, finishedAt: number | undefined): RecordParts {
  const imports: PhotoImport[] = [];
  const recorded = new Map<string, number>();
  const row = { id: ID, device: DEVICE, finishedAt, sources: { kind: 'items' } } as unknown as TransferRow;
  const item = {
    id: itemId(1),
    transfer: ID,
    kind: 'file',
    storage: storageKey(4, 'card', 1_000_000),
    phone: phonePath('/DCIM/a.jpg'),
    local: localPath('/nowhere/a.jpg'),
    size: 5,
    state,
    updatedAt: 1,
  } as unknown as ItemRow;
  const store = {
    imports: () => imports,
    recorded: (id: string) => recorded.get(id),
    putImports: (rows: readonly PhotoImport[], done?: { readonly transfer: string; readonly finishedAt: number }) => {
      imports.push(...rows);
      if (done !== undefined) recorded.set(done.transfer, done.finishedAt);
    },
  } as unknown as PhotoStore;
  function* rows(): Generator<ItemRow> {
    yield item;
  }
  return { engine: { disk: nodeDisk, devices: [], transfersFrom: () => [row], itemRows: rows }, store };
}
const keysOf = (of: RecordParts): number => underWayOf(of, DEVICE).keys.size;

const DONE = { kind: 'done', outcome: { kind: 'already-there' } };

for (const finishedAt of [undefined, 7])
  test(`a photo that is saved is under way until it is recorded, ${finishedAt === undefined ? 'while its import goes on' : 'after its end'}`, async () => {
    const world = parts(DONE, finishedAt);
    assert.equal(keysOf(world), 1);
    await recordImports(world, DEVICE);
    assert.equal(keysOf(world), 0);
  });

test('what was skipped, failed or cancelled is not under way, and what is to come is', () => {
  for (const state of [{ kind: 'done', outcome: { kind: 'skipped' } }, { kind: 'failed' }, { kind: 'cancelled' }])
    assert.equal(keysOf(parts(state, 7)), 0, state.kind);
  assert.equal(keysOf(parts({ kind: 'waiting' }, undefined)), 1);
});
