import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newItem, transferRow } from '../../../tests/support/rows.ts';
import { fail } from '../../../shared/errors.ts';
import { MemoryTransferStore } from '../../store/index.ts';
import { ItemRun } from './item-run.ts';
import { ItemWrites } from './item-writes.ts';
import type { TransferStore } from './transfer-store.ts';

/** Rows that are stored together, and nobody who goes on before his own is. */

const SMALL = 1000;

function setup(move = false) {
  const store = new MemoryTransferStore();
  const transfer = transferRow('t', { planned: true });
  const row = { ...transfer, options: { ...transfer.options, move } };
  store.addTransfer(row);
  const ids = store.addItems(
    row.id,
    ['a', 'b', 'c', 'd'].map((name) => newItem(name, name === 'd' ? 2 ** 30 : SMALL)),
    1,
  );
  const calls: number[] = [];
  let refuse: Error | undefined;
  const counting = new Proxy<TransferStore>(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        if (name === 'updateItems' || name === 'updateItem') {
          if (refuse !== undefined) throw refuse;
          calls.push(name === 'updateItem' ? 1 : (given[0] as readonly unknown[]).length);
        }
        return Reflect.apply(value as (...all: unknown[]) => unknown, target, given);
      };
    },
  });
  const sleeping: (() => void)[] = [];
  const writes = new ItemWrites(() => new Promise((resolve) => sleeping.push(resolve)));
  const listener = { changed: () => undefined, moved: () => undefined };
  const runs = ids.map((id) => {
    const run = ItemRun.reserve(id, row, counting, () => 2, listener, writes);
    assert.ok(run);
    run.apply({ kind: 'taken' });
    return run;
  });
  const stored = (): unknown[] => ids.map((id) => store.item(id)?.creation);
  return { store, ids, runs, writes, calls, sleeping, stored, refuse: (error?: Error) => (refuse = error) };
}

const CREATING = { creation: 'creating', temporary: 'x' } as const;
const SKIPPED = { kind: 'settled', outcome: { kind: 'skipped', why: 'there' } } as const;
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

test('what is announced together is stored in one transaction, before anybody goes on', async () => {
  const { runs, calls, stored } = setup();
  const [a, b, c] = runs;
  assert.ok(a && b && c);
  const went: unknown[] = [];
  const announced = [a, b, c].map((run) => run.announce(CREATING).then(() => went.push(stored())));
  assert.deepEqual(stored(), ['none', 'none', 'none', 'none']);
  await Promise.all(announced);
  assert.deepEqual(went[0], ['creating', 'creating', 'creating', 'none']);
  assert.deepEqual(calls, [3]);
});

test('a large file waits for no other: its announcement is stored when it is made', () => {
  const { runs, calls, stored } = setup();
  void runs[3]?.announce(CREATING);
  assert.deepEqual([stored()[3], calls], ['creating', [1]]);
});

test('what has ended waits for more, but not when none follow, and goes along with what is announced', async () => {
  const { runs, writes, calls, sleeping, store, ids } = setup();
  const [a, b, c] = runs;
  assert.ok(a && b && c);
  const state = (index: number): unknown => store.item(ids[index] ?? assert.fail())?.state.kind;
  writes.expectMore(true);
  a.apply(SKIPPED);
  const ended = a.end();
  await turns();
  assert.deepEqual([state(0), calls.length, sleeping.length], ['queued', 0, 1]);
  await b.announce(CREATING);
  await ended;
  assert.deepEqual([state(0), calls], ['done', [2]]);

  b.apply(SKIPPED);
  void b.end();
  c.apply(SKIPPED);
  void c.end();
  await turns();
  assert.equal(calls.length, 1);
  sleeping[0]?.();
  await turns();
  assert.deepEqual([state(1), state(2), calls], ['done', 'done', [2, 2]]);

  const { runs: others, writes: none, calls: made } = setup();
  none.expectMore(false);
  others[0]?.apply(SKIPPED);
  await others[0]?.end();
  assert.deepEqual(made, [1]);
});

test('that no more follow stores what waits', async () => {
  const { runs, writes, calls } = setup();
  writes.expectMore(true);
  runs[0]?.apply(SKIPPED);
  const ended = runs[0]?.end();
  await turns();
  assert.deepEqual(calls, []);
  writes.expectMore(false);
  await ended;
  assert.deepEqual(calls, [1]);
});

test('the end of a moved file is stored at once: its original goes next', () => {
  const { runs, calls } = setup(true);
  runs[0]?.apply(SKIPPED);
  assert.deepEqual(calls, [1]);
});

test('a store that refuses fails each of them, and nothing is taken for stored', async () => {
  const { runs, calls, stored, refuse } = setup();
  const [a, b] = runs;
  assert.ok(a && b);
  refuse(fail('store', 'updateItems', 'full'));
  const announced = await Promise.allSettled([a.announce(CREATING), b.announce(CREATING)]);
  assert.deepEqual(
    announced.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  refuse();
  a.flush();
  b.flush();
  assert.deepEqual(
    [stored().slice(0, 2), calls],
    [
      ['creating', 'creating'],
      [1, 1],
    ],
  );
});
