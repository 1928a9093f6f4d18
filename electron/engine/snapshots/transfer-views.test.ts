import assert from 'node:assert/strict';
import { test } from 'node:test';
import { transferRow } from '../../../tests/support/rows.ts';
import { fail } from '../../../shared/errors.ts';
import { MemoryTransferStore } from '../../store/index.ts';
import { systemClock } from '../api.ts';
import type { EngineContext } from '../context.ts';
import { SpeedMeter } from '../model/speed-meter.ts';
import { StoreHealth } from '../model/store-health.ts';
import type { TransferQueue } from '../queue/transfer-queue.ts';
import { TransferViews } from './transfer-views.ts';

/** Views of three transfers, and how often the store was asked for what. */
function stage() {
  const store = new MemoryTransferStore();
  for (const id of ['a', 'b', 'c']) store.addTransfer(transferRow(id, { planned: true }));
  const asked: Record<string, number> = {};
  const broken = { now: false };
  const counting = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        if (broken.now) throw fail('store', String(name), 'locked');
        asked[String(name)] = (asked[String(name)] ?? 0) + 1;
        return Reflect.apply(value as (...given: unknown[]) => unknown, target, given);
      };
    },
  });
  const nothing = { bytesMoved: 0, bytesResent: 0 };
  const context = {
    store: counting,
    clock: systemClock,
    speed: new SpeedMeter(),
    speedOf: () => new SpeedMeter(),
    totals: () => nothing,
    unsaved: () => nothing,
    space: { known: (what: unknown) => what },
    health: new StoreHealth(),
    registry: { devices: [] },
  } as unknown as EngineContext;
  const queue = { inFlight: () => ({ bytes: 0, current: undefined }) } as unknown as TransferQueue;
  return { views: new TransferViews(context, queue), asked, broken };
}

test('a snapshot looks at each transfer once, for the list and for the state of the queue together', () => {
  const { views, asked } = stage();
  const { transfers, state } = views.snapshot();
  assert.deepEqual([transfers.length, state], [3, 'completed']);
  assert.deepEqual([asked['transfers'], asked['counts']], [1, 3]);
});

test('while the database cannot be read, what was last seen is shown', () => {
  const { views, broken } = stage();
  const { transfers } = views.snapshot();
  broken.now = true;
  const { transfers: again, problem } = views.snapshot();
  assert.deepEqual([again, problem?.kind], [transfers, 'store']);
  broken.now = false;
  assert.equal(views.snapshot().problem, undefined);
});
