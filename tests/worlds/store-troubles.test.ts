import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadDriver } from '../../electron/store/driver.ts';
import { localPath } from '../../shared/domain.ts';
import { fail } from '../../shared/errors.ts';
import type { TransfersSnapshot } from '../../shared/snapshots.ts';
import { MemoryTransferStore, openTransferStore } from '../../electron/store/index.ts';
import type { TransferStore } from '../../electron/engine/index.ts';
import { World, begin, digestFile } from './world.ts';

/** A database that is unavailable for a while: the problem is shown, nothing fails or hangs, and counts stay right. */

const MIB = 1024 * 1024;

/** A store in which some calls fail while `broken`. */
function breakable(calls: readonly (keyof TransferStore)[]): { readonly store: TransferStore; broken: boolean } {
  const state = { broken: false, store: new MemoryTransferStore() as TransferStore };
  state.store = new Proxy(state.store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        if (state.broken && calls.includes(name as keyof TransferStore))
          throw fail('store', String(name), 'SQLITE_FULL: database or disk is full');
        return Reflect.apply(value as (...given: unknown[]) => unknown, target, given);
      };
    },
  });
  return state;
}

test('a database locked by another program is shown as such, and work resumes when it is free', async (t) => {
  const world = new World({ rate: 30 * MIB });
  const file = join(world.folder, 'queue.db');
  const store = await openTransferStore(file);
  world.store = store;
  world.usePhone();
  const Driver = await loadDriver();
  const other = new Driver(file);
  t.after(async () => {
    other.close();
    await world.end();
    store.close();
  });
  const large = world.local('film.bin', 24 * MIB);
  for (let index = 0; index < 20; index += 1) world.local(`more/m${index}`, 50_000);
  await world.start();
  const snapshots: TransfersSnapshot[] = [];
  world.engine.watch('transfers', undefined, (snapshot) => snapshots.push(snapshot));
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [large, localPath(join(world.here, 'more'))],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  });
  while (world.engine.view(transfer).bytesConfirmed < 6 * MIB) await sleep(2);
  other.exec('BEGIN IMMEDIATE');
  while (world.engine.storeProblem === undefined) await sleep(2);
  await sleep(600);
  const shown = snapshots.at(-1)?.problem;
  assert.equal(shown?.kind, 'store');
  assert.ok(shown?.advice?.id === 'db-held' && shown.advice.with.file.endsWith('queue.db'));
  assert.equal(world.engine.view(transfer).counts.failed, 0);
  const lines = world.log.length;
  await sleep(300);
  assert.ok(world.log.length - lines < 5, 'no flood of log lines');
  other.exec('ROLLBACK');
  const view = await world.engine.settled(transfer, { waitMs: 20_000 });
  assert.deepEqual([view.state, view.counts.done, view.counts.total], ['done', 22, 22]);
  assert.equal(await digestFile(join(world.phoneFolder, 'Download', 'film.bin')), await digestFile(large));
  assert.equal(world.engine.storeProblem, undefined);
  await sleep(150);
  assert.equal(snapshots.at(-1)?.problem, undefined);
  // counted incrementally, and recounted from the rows
  const counted = store.counts(transfer);
  await world.engine.stop();
  store.close();
  const again = await openTransferStore(file);
  assert.deepEqual(again.counts(transfer), counted);
  again.close();
});

for (const calls of [['transfers', 'counts'], ['items'], ['counts']] as const)
  test(`a database that cannot answer ${calls.join(' and ')} ends no stream: the last snapshot is shown with the problem`, async (t) => {
    const state = breakable(calls);
    const world = begin(t, {}, {}, state.store);
    const file = world.local('a.txt', 10);
    await world.start();
    const done = await world.push([file], '/Download');
    const snapshots: TransfersSnapshot[] = [];
    world.engine.watch('transfers', undefined, (snapshot) => snapshots.push(snapshot));
    world.engine.watch('items', { transfer: done.id, offset: 0, limit: 10 }, () => undefined);
    state.broken = true;
    // makes every stream refresh
    world.engine.foreground = false;
    await world.phone.unplug();
    await sleep(300);
    if (calls[0] !== 'items') {
      assert.equal(snapshots.at(-1)?.problem?.kind, 'store');
      assert.deepEqual(
        snapshots.at(-1)?.transfers.map(({ id }) => id),
        [done.id],
      );
      // new watchers see it too
      world.engine.watch('transfers', undefined, (snapshot) => snapshots.push(snapshot));
      assert.equal(snapshots.at(-1)?.transfers.length, 1);
    }
    state.broken = false;
    world.phone.plug();
    await world.engine.waitForDevice(undefined, 5_000);
    const more = await world.push([world.local('b.txt', 10)], '/Download');
    assert.equal(more.state, 'done');
  });

test('an upload that was paused, and could not be listed because the database was full, is listed once it is not', async (t) => {
  const state = breakable(['addItems']);
  const world = begin(t, {}, {}, state.store);
  world.local('more/a.jpg', 1_000);
  await world.start();
  const to = world.place('/Download');
  await world.phone.unplug();
  state.broken = true;
  const sources = [localPath(join(world.here, 'more'))];
  const { transfer } = await world.engine.enqueue({ direction: 'upload', sources, to });
  await world.engine.execute('pause', { transfer });
  while (world.engine.storeProblem === undefined) await sleep(2);
  state.broken = false;
  while (world.engine.view(transfer).state !== 'paused') await sleep(2);
  assert.equal(world.engine.view(transfer).counts.total, 2);
  assert.equal(world.engine.storeProblem, undefined);
});

test('a resume that neither stores nor reads anything rejects, and no other rejection goes unheard', async (t) => {
  const memory = new MemoryTransferStore();
  let isArmed = false;
  let isGone = false;
  const store = new Proxy(memory, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        isGone ||= isArmed && name === 'updateTransfer';
        if (isGone) throw fail('store', String(name), 'SQLITE_IOERR: disk I/O error');
        return Reflect.apply(value as (...given: unknown[]) => unknown, target, given);
      };
    },
  });
  const world = begin(t, {}, {}, store);
  await world.start();
  world.faults('unplug@bytes=20000000');
  const { id } = await world.push([world.local('film.bin', 40 * MIB)], '/', {}, 0);
  const unheard: unknown[] = [];
  const hear = (error: unknown): unknown => unheard.push(error);
  process.on('unhandledRejection', hear);
  isArmed = true;
  await assert.rejects(world.engine.execute('resume', { transfer: id }), { kind: 'store' });
  await sleep(20);
  [isArmed, isGone] = [false, false];
  process.off('unhandledRejection', hear);
  assert.deepEqual(unheard, []);
});
