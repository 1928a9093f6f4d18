import assert from 'node:assert/strict';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { localPath, type DeviceKey, type ItemId, type TransferId, type TransferOptions } from '../../shared/domain.ts';
import type { EngineNotice } from '../../electron/engine/index.ts';
import { MemoryTransferStore, openTransferStore } from '../../electron/store/index.ts';
import { World, begin } from './world.ts';

/** A command for a whole transfer holds from that moment on: before planning, across restarts, for each item. */

const MIB = 1024 * 1024;

const arrived = (world: World): readonly string[] => {
  const folder = join(world.phoneFolder, 'Download');
  return existsSync(folder) ? readdirSync(folder) : [];
};

/** A download whose phone is away, so that its items are not known yet. */
async function unplannedDownload(world: World): Promise<TransferId> {
  world.onPhone('DCIM/a.jpg', 1_000);
  await world.start();
  const source = world.place('/DCIM');
  await world.phone.unplug();
  const { transfer } = await world.engine.enqueue({
    direction: 'download',
    sources: [source],
    to: localPath(join(world.here, 'back')),
    options: { onConflict: 'skip' },
  });
  return transfer;
}

test('a download cancelled before planning is reported as cancelled and stays so', async (t) => {
  const world = begin(t);
  const transfer = await unplannedDownload(world);
  const notices: EngineNotice[] = [];
  world.engine.onNotice((notice) => notices.push(notice));
  await world.engine.execute('cancel', { transfer });
  assert.equal(world.engine.view(transfer).state, 'cancelled');
  assert.equal(world.engine.queueState, 'idle');
  assert.deepEqual(
    notices.map((notice) => [notice.kind, 'transfer' in notice ? notice.transfer.state : undefined]),
    [['transfer-finished', 'cancelled']],
  );
  world.phone.plug();
  await world.engine.waitForDevice(undefined, 5_000);
  await sleep(100);
  assert.equal(world.engine.view(transfer).state, 'cancelled');
  assert.equal(existsSync(join(world.here, 'back')), false);
});

test('an upload cancelled during listing is reported as cancelled, with all items found so far', async (t) => {
  const world = begin(t);
  for (let index = 0; index < 2_500; index += 1) world.local(`src/f${index}`, 1);
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [localPath(join(world.here, 'src'))],
    to: world.place('/Download'),
  });
  await world.engine.execute('cancel', { transfer });
  await sleep(200);
  const { state, counts } = world.engine.view(transfer);
  assert.equal(state, 'cancelled');
  assert.equal(counts.cancelled, counts.total);
  assert.deepEqual(arrived(world), []);
});

test('a download paused before planning stays paused across a restart and continues when resumed', async (t) => {
  const world = new World();
  t.after(() => world.end());
  const transfer = await unplannedDownload(world);
  await world.engine.execute('pause', { transfer });
  assert.equal(world.engine.view(transfer).state, 'paused');
  await world.restart();
  await world.start();
  await sleep(100);
  assert.equal(world.engine.view(transfer).state, 'paused');
  assert.equal(existsSync(join(world.here, 'back')), false);
  await world.engine.execute('resume', { transfer });
  assert.equal((await world.engine.settled(transfer, { waitMs: 5_000 })).state, 'done');
  assert.ok(existsSync(join(world.here, 'back', 'DCIM', 'a.jpg')));
});

for (const intent of ['pause', 'cancel'] as const)
  test(`a program that dies right after ${intent} was said has ${intent === 'pause' ? 'paused' : 'cancelled'} all items after its next start`, async (t) => {
    const world = new World();
    t.after(() => world.end());
    for (let index = 0; index < 30; index += 1) world.local(`src/f${index}`, 10);
    await world.start();
    const to = world.place('/Download');
    await world.phone.unplug();
    const { transfer } = await world.engine.enqueue({
      direction: 'upload',
      sources: [localPath(join(world.here, 'src'))],
      to,
    });
    while (world.engine.view(transfer).state === 'planning') await sleep(2);
    await world.restart();
    // as the store is when the intent was stored, and no item followed
    world.store.updateTransfer(transfer, { intent });
    await world.start();
    const view = await world.engine.settled(transfer, { waitMs: 5_000 });
    assert.equal(view.state, intent === 'pause' ? 'paused' : 'cancelled');
    assert.equal(intent === 'pause' ? view.counts.paused : view.counts.cancelled, 31);
    assert.deepEqual(arrived(world), []);
  });

test('a partly completed cancelled transfer is reported as cancelled, a completed one as done', async (t) => {
  const world = begin(t, { rate: 20 * MIB });
  world.local('small.txt', 10);
  world.local('large.bin', 12 * MIB);
  await world.start();
  const push = (name: string) =>
    world.engine.enqueue({
      direction: 'upload',
      sources: [
        localPath(join(world.here, name)),
        ...(name === 'small.txt' ? [localPath(join(world.here, 'large.bin'))] : []),
      ],
      to: world.place('/Download'),
      options: { onConflict: 'skip' },
    });
  const { transfer } = await push('small.txt');
  while (world.engine.view(transfer).counts.done < 1) await sleep(1);
  await world.engine.execute('cancel', { transfer });
  const cut = await world.engine.settled(transfer, { waitMs: 5_000 });
  assert.deepEqual([cut.state, cut.counts.done, cut.counts.cancelled], ['cancelled', 1, 1]);
  const whole = await world.push([localPath(join(world.here, 'large.bin'))], '/Download');
  await world.engine.execute('cancel', { transfer: whole.id });
  assert.equal(world.engine.view(whole.id).state, 'done');
});

test('retry repeats a failed listing', async (t) => {
  const world = begin(t);
  world.onPhone('DCIM/a.jpg', 1_000);
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'download',
    sources: [world.place('/Later')],
    to: localPath(join(world.here, 'back')),
    options: { onConflict: 'skip' },
  });
  const failed = await world.engine.settled(transfer, { waitMs: 5_000 });
  assert.deepEqual([failed.state, failed.counts.failed], ['failed', 1]);
  await world.phone.touchFolder('/Later', { quietly: true });
  await world.phone.touchFile('/Later/b.jpg', Buffer.alloc(2_000), { quietly: true });
  await world.engine.execute('retry', { transfer });
  const view = await world.engine.settled(transfer, { waitMs: 5_000 });
  assert.equal(view.state, 'done', JSON.stringify([view.problem, view.counts]));
  assert.ok(existsSync(join(world.here, 'back', 'Later', 'b.jpg')));
});

test('100,000 items are paused, resumed, cancelled and retried without blocking the thread', async (t) => {
  const folder = begin(t).folder;
  const store = await openTransferStore(join(folder, 'large.db'));
  const world = new World({}, { autoContinue: false }, store);
  t.after(async () => {
    await world.end();
    store.close();
  });
  await world.start();
  const place = world.place('/Download');
  await world.phone.unplug();
  const transfer = await world.engine.enqueueItems({
    direction: 'upload',
    device: place.device,
    storage: place.storage,
    destination: '/Download',
    title: 'many',
    origin: 'test',
    items: Array.from({ length: 100_000 }, (_, index) => ({
      kind: 'file' as const,
      name: `f${index}`,
      local: localPath(join(world.here, `f${index}`)),
      storage: place.storage,
      phone: `/Download/f${index}` as typeof place.path,
      size: 3,
      modified: 1,
      ...(index % 2 === 0 ? {} : { problem: { kind: 'refused', operation: 'x', detail: '' } as const }),
    })),
  });
  const counts = () => store.counts(transfer).byState;
  assert.deepEqual([counts().queued, counts().failed], [50_000, 50_000]);
  let turns = 0;
  let counting = true;
  const count = (): void => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  count();
  const said = async (name: 'pause' | 'resume' | 'retry' | 'cancel'): Promise<void> => {
    const before = turns;
    await world.engine.execute(name, { transfer });
    assert.ok(turns - before >= 50, `others had their turn while all followed ${name}: ${turns - before} times`);
  };
  await said('pause');
  assert.deepEqual([counts().queued, counts().paused, counts().failed], [0, 50_000, 50_000]);
  await said('resume');
  assert.equal(counts().queued, 50_000);
  await said('retry');
  assert.deepEqual([counts().queued, counts().failed], [100_000, 0]);
  await said('cancel');
  assert.equal(counts().cancelled, 100_000);
  counting = false;
});

test('the same request with other options continues with the new options', async (t) => {
  const world = begin(t, { rate: 12 * MIB });
  const path = world.local('film.bin', 20 * MIB);
  world.onPhone('Download/film.bin', 20);
  await world.start();
  const request = (options: Partial<TransferOptions>) =>
    world.engine.enqueue({ direction: 'upload', sources: [path], to: world.place('/Download'), options });
  const first = await request({ onConflict: 'replace', move: true });
  while (world.engine.view(first.transfer).bytesConfirmed < 4 * MIB) await sleep(2);
  const second = await request({ onConflict: 'skip' });
  assert.deepEqual(second, { transfer: first.transfer, continued: true });
  const view = await world.engine.settled(first.transfer, { waitMs: 10_000 });
  assert.deepEqual([view.state, view.counts.skipped, view.options.move], ['done', 1, false]);
  assert.ok(existsSync(path), 'moved no more');
  assert.equal(statSync(join(world.phoneFolder, 'Download', 'film.bin')).size, 20, 'replaced no more');
  assert.deepEqual(arrived(world), ['film.bin'], 'and nothing of it is left');
});

/** A planned upload of many files whose phone is away: more than are cancelled at once. */
async function manyFiles(world: World) {
  for (let number = 0; number < 900; number += 1) world.local(`src/${String(number).padStart(4, '0')}`, 1);
  await world.start();
  const to = world.place('/Download');
  await world.phone.unplug();
  const request = () =>
    world.engine.enqueue({ direction: 'upload', sources: [localPath(join(world.here, 'src'))], to, options: {} });
  const { transfer } = await request();
  while (world.store.transfer(transfer)?.planned !== true) await sleep(2);
  return { transfer, request };
}

for (const what of ['all', 'one'] as const)
  test(`what failed is tried again while the others are being cancelled (${what}): they stay cancelled`, async (t) => {
    const world = begin(t);
    const { transfer } = await manyFiles(world);
    const failed = world.store.itemsIn(transfer, ['queued'], 2_000).at(-1);
    assert.ok(failed !== undefined);
    const problem = { kind: 'refused', operation: 'SendObject', detail: '' } as const;
    world.store.updateItem(failed.id, { state: { kind: 'failed', problem } }, 1);
    const cancelled = world.engine.execute('cancel', { transfer });
    await world.engine.execute('retry', what === 'all' ? { transfer } : { transfer, item: failed.id });
    await cancelled;
    world.phone.plug();
    const view = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.deepEqual([view.counts.done, view.counts.cancelled], [1, 900], JSON.stringify(view));
    assert.deepEqual(arrived(world), ['src']);
    assert.deepEqual(readdirSync(join(world.phoneFolder, 'Download/src')), ['0899']);
  });

test('the same request made again while its transfer is being cancelled is another transfer', async (t) => {
  const world = begin(t);
  const { transfer, request } = await manyFiles(world);
  const cancelled = world.engine.execute('cancel', { transfer });
  const again = await request();
  await cancelled;
  assert.ok(!again.continued);
  assert.equal(world.engine.view(transfer).counts.cancelled, 901);
  while (world.store.transfer(again.transfer)?.planned !== true) await sleep(2);
  assert.equal(world.engine.view(again.transfer).counts.cancelled, 0);
});

test('what failed and was taken out of the list is in it again when it is tried again', async (t) => {
  const world = begin(t);
  const source = world.local('a.txt', 100);
  const inTheWay = world.onPhone('Download/a.txt/in the way', 1);
  await world.start();
  const { id, state } = await world.push([source], '/Download', { onConflict: 'replace' });
  assert.equal(state, 'failed');
  await world.engine.execute('remove', { transfer: id });
  await world.phone.touchRemove('/Download/a.txt');
  await world.engine.execute('retry', { transfer: id });
  const view = await world.engine.settled(id, { waitMs: 0, signal: AbortSignal.timeout(10_000) });
  assert.equal(view.state, 'done', JSON.stringify(view));
  assert.ok(!existsSync(inTheWay));
  assert.deepEqual(
    world.store.transfers().map((row) => row.id),
    [id],
  );
});

for (const direction of ['upload', 'download'] as const)
  for (const rule of ['skip', 'replace', 'keep-both'] as const)
    test(`what a ${direction} has asked is decided by the rule of the same request made again: ${rule}`, async (t) => {
      const world = begin(t);
      const isUpload = direction === 'upload';
      const [source, target] = isUpload
        ? [world.local('a.txt', 100), world.onPhone('Download/a.txt', 50)]
        : [world.onPhone('DCIM/a.txt', 100), world.local('in/a.txt', 50)];
      await world.start();
      const request = (options: Partial<TransferOptions>) =>
        isUpload
          ? world.engine.enqueue({ direction, sources: [localPath(source)], to: world.place('/Download'), options })
          : world.engine.enqueue({
              direction,
              sources: [world.place('/DCIM/a.txt')],
              to: localPath(join(world.here, 'in')),
              options,
            });
      const { transfer } = await request({ onConflict: 'ask' });
      while (world.engine.view(transfer).counts.asking === 0) await sleep(2);
      assert.deepEqual(await request({ onConflict: rule }), { transfer, continued: true });
      const view = await world.engine.settled(transfer, { waitMs: 0, signal: AbortSignal.timeout(10_000) });
      assert.deepEqual([view.state, view.counts.asking], ['done', 0], JSON.stringify(view));
      assert.equal(statSync(target).size, rule === 'replace' ? 100 : 50);
      assert.equal(existsSync(target.replace('a.txt', 'a (2).txt')), rule === 'keep-both');
    });

test('a name that was asked about is made legal where the same request is made again with that rule', async (t) => {
  const world = begin(t, { quirks: [['fat-names', 1]] });
  const source = world.local('what?.txt', 100);
  await world.start();
  const request = (onName: TransferOptions['onName']) =>
    world.engine.enqueue({ direction: 'upload', sources: [source], to: world.place('/Download'), options: { onName } });
  const { transfer } = await request('ask');
  while (world.engine.view(transfer).counts.asking === 0) await sleep(2);
  await request('legal');
  const view = await world.engine.settled(transfer, { waitMs: 0, signal: AbortSignal.timeout(10_000) });
  assert.deepEqual([view.state, view.counts.asking], ['done', 0], JSON.stringify(view));
  assert.equal(arrived(world).length, 1);
});

test('the same request with the same options continues the transfer', async (t) => {
  const world = begin(t, { rate: 20 * MIB });
  const path = world.local('film.bin', 20 * MIB);
  await world.start();
  const request = () =>
    world.engine.enqueue({
      direction: 'upload',
      sources: [path],
      to: world.place('/Download'),
      options: { onConflict: 'skip' },
    });
  const { transfer } = await request();
  while (world.engine.view(transfer).bytesConfirmed < 4 * MIB) await sleep(2);
  await request();
  const view = await world.engine.settled(transfer, { waitMs: 10_000 });
  assert.deepEqual([view.state, view.run.bytesResent], ['done', 0]);
});

for (const direction of ['upload', 'download'] as const)
  test(`a cancel that comes while the lane is letting go of an unplugged ${direction} leaves nothing behind`, async (t) => {
    const atWaiting: { cancel?: () => void } = {};
    // right after it was stored that the item waits, before its lane has let go of it
    const store = new Proxy(new MemoryTransferStore(), {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]): unknown => {
          const answer: unknown = Reflect.apply(value as (...given: unknown[]) => unknown, target, given);
          const change = given[1] as { readonly state?: { readonly kind: string } } | undefined;
          if (name === 'updateItem' && change?.state?.kind === 'waiting') atWaiting.cancel?.();
          return answer;
        };
      },
    });
    const world = begin(t, { rate: 20 * MIB }, {}, store);
    const isUpload = direction === 'upload';
    const local = world.local('film.bin', 20 * MIB);
    world.onPhone('DCIM/film.bin', 20 * MIB);
    await world.start();
    const options = { onConflict: 'replace' } as const;
    const { transfer } = await world.engine.enqueue(
      isUpload
        ? { direction: 'upload', sources: [local], to: world.place('/Download'), options }
        : {
            direction: 'download',
            sources: [world.place('/DCIM/film.bin')],
            to: localPath(join(world.here, 'back')),
            options,
          },
    );
    let cancelled: Promise<void> | undefined;
    atWaiting.cancel = () => {
      cancelled ??= world.engine.execute('cancel', { transfer });
    };
    while (world.engine.view(transfer).bytesConfirmed < 4 * MIB) await sleep(2);
    await world.phone.unplug();
    while (cancelled === undefined) await sleep(2);
    await cancelled;
    assert.equal((await world.engine.settled(transfer, { waitMs: 0 })).state, 'cancelled');
    world.phone.plug();
    const device = await world.engine.waitForDevice(undefined, 5_000);
    while (world.store.leftovers(device).length > 0) await sleep(2);
    assert.deepEqual(isUpload ? arrived(world) : readdirSync(join(world.here, 'back')), []);
  });

test('a storage that disappears during listing and returns under another id is waited for', async (t) => {
  const world = begin(t);
  world.onPhone('DCIM/a.jpg', 1_000);
  await world.start();
  const source = world.place('/DCIM');
  world.phone.removeStorage(0);
  const { transfer } = await world.engine.enqueue({
    direction: 'download',
    sources: [source],
    to: localPath(join(world.here, 'back')),
    options: { onConflict: 'skip' },
  });
  await sleep(150);
  assert.equal(world.engine.view(transfer).counts.failed, 0);
  world.phone.insertStorage(0);
  const view = await world.engine.settled(transfer, { waitMs: 10_000 });
  assert.equal(view.state, 'done', JSON.stringify(view.problem));
});

test('a transfer that ended with a partial upload: resume retries it, cancel removes the part', async (t) => {
  const world = begin(t, { rate: 30 * MIB });
  const local = world.local('film.bin', 20 * MIB);
  await world.start();
  const device = world.engine.devices[0]?.key as DeviceKey;
  const request = {
    direction: 'upload',
    sources: [local],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  } as const;
  const { transfer } = await world.engine.enqueue(request);
  while (world.engine.view(transfer).bytesConfirmed < 4 * MIB) await sleep(2);
  await world.engine.execute('pause', { transfer });
  await world.engine.settled(transfer, { waitMs: 0, signal: AbortSignal.timeout(10_000) });
  // as it is after too many refusals: failed, with a part that is worth keeping
  const [item] = world.store.items(transfer, { offset: 0, limit: 1 }).items;
  const problem = { kind: 'refused', operation: 'x', detail: '' } as const;
  world.store.updateItem(item?.id as ItemId, { state: { kind: 'failed', problem } }, 1);
  world.store.updateTransfer(transfer, { finishedAt: 1, intent: 'run' });
  assert.notEqual(world.store.withTemporary(transfer).length, 0);
  const before = world.phone.bytesMoved;
  await world.engine.execute('resume', { transfer });
  while (world.phone.bytesMoved < before + 4 * MIB) await sleep(2);
  await world.engine.execute('pause', { transfer });
  await world.engine.settled(transfer, { waitMs: 0, signal: AbortSignal.timeout(10_000) });
  assert.equal(world.engine.view(transfer).state, 'paused', 'it went on');
  world.store.updateItem(item?.id as ItemId, { state: { kind: 'failed', problem } }, 2);
  world.store.updateTransfer(transfer, { finishedAt: 2, intent: 'run' });
  await world.engine.execute('cancel', { transfer });
  while (world.store.leftovers(device).length > 0) await sleep(2);
  assert.deepEqual(world.store.withTemporary(transfer), []);
  assert.deepEqual(arrived(world), []);
});
