import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { localPath, phonePath, transferId, type TransferId } from '../../shared/domain.ts';
import { pairId, type SyncRun } from '../../shared/sync.ts';
import { DATE, SyncSides } from '../../tests/support/sync-sides.ts';
import type { Engine, ItemRow } from '../engine/index.ts';
import { MemorySyncStore } from '../store/index.ts';
import { endRuns, interruptedTransfers, recordInterrupted, type InterruptedRunParts } from './interrupted-runs.ts';

type TransferRow = NonNullable<ReturnType<Engine['transferRow']>>;

function* itemsOf(rows: readonly ItemRow[]): Generator<ItemRow> {
  yield* rows;
}

/** A pair, its open runs and its transfers, as they are found after the program died. */
class World {
  readonly store = new MemorySyncStore();
  readonly transfers: TransferRow[] = [];
  readonly items = new Map<TransferId, ItemRow[]>();
  readonly parts: InterruptedRunParts;
  readonly #sides: SyncSides;

  constructor(t: TestContext) {
    this.#sides = new SyncSides(t);
    const pair = this.#sides.pair();
    this.store.addPair(pair);
    this.store.addPair({ ...pair, id: pairId('other') });
    this.parts = {
      pair,
      store: this.store,
      phone: this.#sides.phone,
      local: this.#sides.local,
      now: () => 999,
      engine: {
        transfersFrom: (origin) => (origin === 'sync:p' ? this.transfers : []),
        transferRow: (id) => this.transfers.find((row) => row.id === id),
        itemRows: (id) => itemsOf(this.items.get(id) ?? []),
      },
    };
  }

  /** A run that began at `startedAt` and never ended. */
  run(startedAt: number, change: Partial<SyncRun> = {}): number {
    return this.store.addRun({
      pair: this.parts.pair.id,
      startedAt,
      finishedAt: undefined,
      state: 'running',
      automatic: false,
      transfer: undefined,
      filesMoved: 0,
      bytesMoved: 0,
      filesFailed: 0,
      filesSkipped: 0,
      filesRenamed: 0,
      filesDeleted: 0,
      filesKept: 0,
      filesUnchanged: 0,
      transactions: 0,
      problem: undefined,
      ...change,
    });
  }
  transfer(id: string, createdAt: number, finishedAt?: number, items: readonly ItemRow[] = []): TransferId {
    const row = { id: transferId(id), createdAt, finishedAt } as TransferRow;
    this.transfers.push(row);
    this.items.set(row.id, [...items]);
    return row.id;
  }
  item(path: string, end: 'done' | 'failed' | 'cancelled' | 'queued', updatedAt = 150): ItemRow {
    const verification = { level: 'sampled', bytesCompared: 10, sha256: undefined, chunkDigest: undefined } as const;
    const states: Record<typeof end, ItemRow['state']> = {
      done: { kind: 'done', outcome: { kind: 'moved', verification } },
      failed: { kind: 'failed', problem: { kind: 'refused', operation: 'op', detail: '' } },
      cancelled: { kind: 'cancelled' },
      queued: { kind: 'queued' },
    };
    return {
      kind: 'file',
      name: path,
      phone: phonePath(`/${path}`),
      local: localPath(this.#sides.local.resolve(path)),
      size: 10,
      modified: DATE,
      updatedAt,
      state: states[end],
    } as ItemRow;
  }
  stored(id: number): SyncRun | undefined {
    return this.store.runs(this.parts.pair.id, { offset: 0, limit: 99 }).find((run) => run.id === id);
  }
}

test('a transfer is interrupted while it has not ended, or when nobody may have recorded its end', async (t) => {
  const world = new World(t);
  world.transfer('recorded', 50, 60);
  world.transfer('open', 40);
  const ended = world.transfer('ended', 100, 120);
  world.run(100, { transfer: ended });
  world.run(300, { transfer: transferId('forgotten') });
  assert.deepEqual(interruptedTransfers(world.parts), ['open', 'ended']);
});

test('what an ended run has recorded is not taken up again when the clock is set back', (t) => {
  const world = new World(t);
  const recorded = world.transfer('recorded', 100, 120);
  const lost = world.transfer('lost', 200, 220);
  world.run(90, { transfer: recorded, finishedAt: 130, state: 'done' });
  world.run(10);
  assert.deepEqual(interruptedTransfers(world.parts), [lost]);
});

test('where no run is open only transfers that have not ended count, and the runs of other pairs change nothing', async (t) => {
  const world = new World(t);
  world.transfer('ended', 100, 120);
  world.run(1, { pair: pairId('other') });
  assert.deepEqual(interruptedTransfers(world.parts), []);
  assert.deepEqual(await endRuns(world.parts), { last: undefined, moved: [] });
  assert.equal(world.store.openRuns().length, 1);
});

test('what was copied before the program died is in the record', async (t) => {
  const world = new World(t);
  world.run(100, { transfer: world.transfer('t', 100, undefined, [world.item('a.jpg', 'done')]) });
  await recordInterrupted(world.parts);
  assert.equal(world.store.row(world.parts.pair.id, 'a.jpg')?.status, 'synced');
});

test('a run that died while it scanned is interrupted: nothing had begun', async (t) => {
  const world = new World(t);
  const id = world.run(100);
  assert.equal((await endRuns(world.parts)).last?.state, 'interrupted');
  assert.deepEqual([world.stored(id)?.state, world.stored(id)?.finishedAt], ['interrupted', 999]);
  assert.deepEqual(world.store.openRuns(), []);
});

test('the newest run ends as its files have: failed before stopped before done', async (t) => {
  for (const [ends, state] of [
    [['done'], 'done'],
    [['done', 'cancelled'], 'stopped'],
    [['failed', 'cancelled'], 'failed'],
  ] as const) {
    const world = new World(t);
    const items = ends.map((end, number) => world.item(`${number}.jpg`, end));
    world.run(100, { transfer: world.transfer('t', 100, 200, items) });
    const { last } = await endRuns(world.parts);
    assert.equal(last?.state, state);
    assert.equal(last.filesFailed, state === 'failed' ? 1 : 0);
  }
});

test('each run gets the files that were copied in its own time; only the newest one ends as they have', async (t) => {
  const world = new World(t);
  const copied = [100, 199, 200].map((at) => world.item(`${at}.jpg`, 'done', at));
  world.transfer('t', 100, 300, [...copied, world.item('bad.jpg', 'failed', 250)]);
  const [first, second] = [world.run(100), world.run(200)];
  const { moved } = await endRuns(world.parts);
  assert.equal(moved.length, 3);
  const figures = [first, second].map((id) => world.stored(id));
  assert.deepEqual(
    figures.map((run) => [run?.state, run?.filesMoved, run?.bytesMoved, run?.filesFailed]),
    [
      ['interrupted', 2, 20, 0],
      ['failed', 1, 10, 1],
    ],
  );
});

test('parts of files that were moved stay counted', async (t) => {
  const world = new World(t);
  const id = world.run(100, { bytesMoved: 5_000 });
  await endRuns(world.parts);
  assert.equal(world.stored(id)?.bytesMoved, 5_000);
});

test('beside a run that is going on only those before it end, without what it has copied', async (t) => {
  const world = new World(t);
  const copied = [150, 250].map((at) => world.item(`${at}.jpg`, 'done', at));
  world.transfer('t', 100, undefined, copied);
  const before = world.run(100);
  const current = world.run(200);
  await endRuns(world.parts, { id: current, startedAt: 200 });
  assert.deepEqual([world.stored(before)?.state, world.stored(before)?.filesMoved], ['interrupted', 1]);
  assert.equal(world.stored(current)?.finishedAt, undefined);
});

test('a run that was stopped by hand stays so', async (t) => {
  const world = new World(t);
  const id = world.run(100, { state: 'stopped' });
  await endRuns(world.parts);
  assert.equal(world.stored(id)?.state, 'stopped');
});
