import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { TransferStore } from '../../electron/engine/index.ts';
import { openStores, openSyncReader } from '../../electron/store/index.ts';
import { Sync, type SyncStore } from '../../electron/sync/index.ts';
import { localPath, type DeviceKey } from '../../shared/domain.ts';
import type { SyncDirection, SyncPair, SyncRun } from '../../shared/sync.ts';
import { ignoreTheDead, Mortal } from './mortal.ts';
import { treeOf, World } from './world.ts';

/**
 * The program dies during a run, between any two writes, and is restarted as the app is: the transfer resumes by
 * itself, the run ends with it and reports what was done, and the next run finds nothing to do.
 */

const MIB = 1024 * 1024;
const DATE = Date.UTC(2024, 2, 3, 4, 5, 6);
const FILES = { 'a/large.bin': 3 * MIB + 7, 'a/small.bin': 5_000, 'b/empty.bin': 0, 'top.bin': 70_000 };
const COUNT = Object.keys(FILES).length;

const scratch = mkdtempSync(join(tmpdir(), 'replug-sync-killed-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const TRANSFER_WRITES: ReadonlySet<keyof TransferStore> = new Set([
  'addTransfer',
  'updateTransfer',
  'addItems',
  'updateItem',
  'confirmChunk',
  'dropCheckpoints',
]);
const SYNC_WRITES: ReadonlySet<keyof SyncStore> = new Set(['addRun', 'updateRun', 'putRows', 'dropRows']);

interface Life {
  readonly world: World;
  readonly file: string;
  readonly pair: SyncPair;
  readonly mortal: Mortal;
}

/** Runs until it is killed before its write number `life`, or until the run has ended. */
async function live(direction: SyncDirection, life: number): Promise<Life> {
  const file = join(mkdtempSync(join(scratch, 'life-')), 'replug.db');
  const { transfers, sync: store } = await openStores(file);
  const mortal = new Mortal(life);
  const world = new World({}, { limits: { wholeBelow: MIB } }, mortal.over<TransferStore>(transfers, TRANSFER_WRITES));
  for (const [name, size] of Object.entries(FILES))
    if (direction === 'to-computer') world.onPhone(`Pair/${name}`, size, DATE);
    else world.local(`pair/${name}`, size, DATE);
  await world.start();
  const sync = new Sync({ engine: world.engine, store: mortal.over<SyncStore>(store, SYNC_WRITES) });
  const pair = sync.addPair({ place: world.place('/Pair'), local: localPath(join(world.here, 'pair')), direction });
  const run = sync.run(pair.id, { waitMs: Infinity });
  await Promise.race([run.catch(() => undefined), mortal.died]);
  await world.engine.stop();
  transfers.close();
  return { world, file, pair, mortal };
}

const PATIENCE_MS = 5_000;

/** Waits until `done`; fails with `what` instead of waiting for ever. */
async function until(done: () => boolean, what: () => string): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!done()) {
    if (performance.now() > end) assert.fail(`it never came: ${what()}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

for (const direction of ['to-computer', 'to-phone'] as const)
  test(`killed before each write of a run ${direction}, then started again`, { timeout: 120_000 }, async (t) => {
    let goneOn = 0;
    let begunAnew = 0;
    for (let life = 0; ; life += 1) {
      const hear = ignoreTheDead();
      const { world, file, pair, mortal } = await live(direction, life);
      const at = `killed before write ${life}`;
      // no process is alive, so no run is reported as running
      const reader = await openSyncReader(file);
      for (const run of reader?.runs(pair.id, { offset: 0, limit: 9 }) ?? []) assert.notEqual(run.state, 'running', at);
      reader?.close();

      const { transfers, sync: store } = await openStores(file);
      try {
        world.store = transfers;
        await world.restart();
        const sync = new Sync({ engine: world.engine, store, log: (line) => world.log.push(line) });
        const news: SyncRun[] = [];
        sync.onNotice((notice) => {
          if (notice.kind === 'finished') news.push(notice.run);
        });
        sync.start();
        await world.start();
        await until(
          () => store.openRuns().length === 0 && sync.snapshot().pairs[0]?.activity.kind === 'idle',
          () => JSON.stringify([at, sync.snapshot().pairs, store.openRuns(), world.engine.transfers(), world.log]),
        );
        const last = (): SyncRun | undefined => store.runs(pair.id, { offset: 0, limit: 1 })[0];
        const [transfer] = world.engine.transfersFrom(`sync:${pair.id}`);
        const first = last();
        if (transfer === undefined || transfer.removed) {
          // it died before the list of files was stored
          if (first !== undefined) assert.equal(first.state, 'interrupted', at);
          begunAnew += 1;
        } else {
          assert.deepEqual([first?.state, first?.filesMoved, first?.filesFailed], ['done', COUNT, 0], at);
          assert.deepEqual(store.counts(pair.id), { pending: 0, synced: COUNT, failed: 0, skipped: 0 }, at);
          const dead = mortal.dead ? 1 : 0;
          assert.equal(news.length <= dead, true, `${at}: told ${news.length} times`);
          goneOn += 1;
        }
        const second = (await sync.run(pair.id, { waitMs: 10_000 })).run;
        assert.equal(second.state, 'done', `${at}: ${JSON.stringify([second, world.log])}`);
        assert.equal((first?.filesMoved ?? 0) + second.filesMoved, COUNT, at);
        const [from, to] = [join(world.phoneFolder, 'Pair'), join(world.here, 'pair')];
        assert.deepEqual(await treeOf(from), await treeOf(to), at);
        const third = (await sync.run(pair.id, { waitMs: 10_000 })).run;
        assert.deepEqual([third.filesMoved, third.bytesMoved, third.filesUnchanged], [0, 0, COUNT], at);
        await sync.stop();
        if (!mortal.dead) break;
      } finally {
        await world.end();
        transfers.close();
        hear();
      }
    }
    t.diagnostic(`${goneOn} times it went on by itself, ${begunAnew} times there was nothing yet to go on with`);
    assert.ok(goneOn >= 12, `only ${goneOn} deaths in the middle of the copying`);
    assert.ok(begunAnew >= 2);
  });

test('killed again, before each write of a run to its record while it goes on: each file counts for one run', async (t) => {
  let counted = 0;
  for (let life = 0; ; life += 1) {
    const at = `killed again before write ${life}`;
    const hear = ignoreTheDead();
    const { world, file, pair } = await live('to-computer', 14);
    try {
      const mortal = new Mortal(life);
      const second = await openStores(file);
      world.store = second.transfers;
      await world.restart();
      const again = new Sync({ engine: world.engine, store: mortal.over<SyncStore>(second.sync, SYNC_WRITES) });
      await world.start();
      const run = again.run(pair.id, { waitMs: Infinity });
      await Promise.race([run.catch(() => undefined), mortal.died]);
      await world.engine.stop();
      second.transfers.close();

      const third = await openStores(file);
      world.store = third.transfers;
      await world.restart();
      const sync = new Sync({ engine: world.engine, store: third.sync });
      await world.start();
      const last = (await sync.run(pair.id, { waitMs: 10_000 })).run;
      assert.equal(last.state, 'done', `${at}: ${JSON.stringify([last, world.log])}`);
      const runs = third.sync.runs(pair.id, { offset: 0, limit: 9 });
      assert.equal(
        runs.reduce((sum, { filesMoved }) => sum + filesMoved, 0),
        COUNT,
        `${at}: ${JSON.stringify(runs)}`,
      );
      counted += 1;
      await sync.stop();
      third.transfers.close();
      if (!mortal.dead) break;
    } finally {
      await world.end();
      hear();
    }
  }
  t.diagnostic(`${counted} times`);
  assert.ok(counted >= 5, `${counted} times`);
});

test('an automatic pair whose run was interrupted resumes with its phone, and scans again', async (t) => {
  const hear = ignoreTheDead();
  // in the middle of the large file
  const { world, file, pair, mortal } = await live('to-computer', 14);
  assert.equal(mortal.dead, true);
  const { transfers, sync: store } = await openStores(file);
  t.after(async () => {
    await world.end();
    transfers.close();
    hear();
  });
  store.changePair(pair.id, { automatic: true });
  world.onPhone('Pair/new.bin', 100, DATE);
  world.store = transfers;
  await world.restart();
  const sync = new Sync({ engine: world.engine, store, noticeMs: 1 });
  sync.start();
  const finished = new Promise<SyncRun>((resolve) =>
    sync.onNotice((notice) => notice.kind === 'finished' && notice.run.automatic && resolve(notice.run)),
  );
  const key: DeviceKey = await world.start();
  assert.equal(key, pair.device);
  const run = await finished;
  assert.equal(run.state, 'done');
  assert.deepEqual(await treeOf(join(world.here, 'pair')), await treeOf(join(world.phoneFolder, 'Pair')));
  assert.deepEqual(store.openRuns(), []);
  assert.deepEqual(store.counts(pair.id), { pending: 0, synced: COUNT + 1, failed: 0, skipped: 0 });
  await sync.stop();
});
