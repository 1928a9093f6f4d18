import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { transferId } from '../../../shared/domain.ts';
import type { TransferView } from '../../../shared/snapshots.ts';
import type { EngineContext } from '../context.ts';
import { awaitSettled } from './wait-for.ts';

/** A transfer of two files, looked at with a clock that stands still: a wait ends by what happens, or never. */
function stage() {
  const id = transferId('one');
  const listeners = new Set<(changed: typeof id) => void>();
  const byState = { done: 0, failed: 0, cancelled: 0 };
  let looks = 0;
  const context = {
    clock: {
      monotonic: () => 0,
      sleep: (_ms: number, signal?: AbortSignal) =>
        new Promise<void>((resolve) => {
          signal?.addEventListener('abort', () => {
            resolve();
          });
        }),
    },
    registry: { onChange: () => () => undefined, connection: () => undefined },
    store: { counts: () => ({ byState, total: 2 }), leftovers: () => [] },
    onTransferChange: (listener: (changed: typeof id) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as EngineContext;
  const view = (): TransferView => {
    looks += 1;
    return { state: byState.done === 2 ? 'done' : 'running' } as TransferView;
  };
  let settled: string | undefined;
  void awaitSettled(context, view, id, { waitMs: 0 }).then(({ state }) => (settled = state));
  const change = async (done: number): Promise<void> => {
    byState.done = done;
    for (const listener of listeners) listener(id);
    await turn();
  };
  return { change, looks: () => looks, settled: () => settled, listeners };
}

test('the end of a transfer is noticed at once; what comes before it is not worth a look each time', async () => {
  const { change, looks, settled, listeners } = stage();
  await turn();
  for (const done of [0, 1, 1]) await change(done);
  assert.equal(looks(), 1);
  assert.equal(settled(), undefined);
  await change(2);
  assert.equal(settled(), 'done');
  assert.equal(looks(), 2);
  assert.equal(listeners.size, 0);
});

test('the first change may be the end', async () => {
  const { change, settled } = stage();
  await change(2);
  assert.equal(settled(), 'done');
});
