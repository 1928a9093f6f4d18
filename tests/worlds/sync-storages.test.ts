import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { VirtualPhone } from '../../electron/virtual/index.ts';
import { localPath, type StorageKey } from '../../shared/domain.ts';
import { beginSync, DATE, type SyncWorld } from './sync-world.ts';

/** Runs of a pair whose storage disappears for a moment, or no longer looks as it did when the pair was made. */

function furnish(world: SyncWorld): void {
  for (const folder of ['a', 'b', 'c'])
    for (const name of ['1', '2']) world.onPhone(`DCIM/${folder}/${name}.jpg`, 100, DATE);
}

/** Calls `what` at the nth operation of this kind from now on. */
function at(world: SyncWorld, operation: number, nth: number, what: () => void): void {
  const wanted = world.phone.timesSeen(operation) + nth;
  let isDone = false;
  world.phone.onOperation(() => {
    if (isDone || world.phone.timesSeen(operation) < wanted) return;
    isDone = true;
    what();
  });
}

const away: Readonly<Record<string, (world: SyncWorld) => void>> = {
  'the storage is back at once under another id': (world) => {
    world.phone.removeStorage(0);
    world.phone.insertStorage(0);
  },
  'the storage is away for a moment': (world) => {
    world.phone.removeStorage(0);
    setTimeout(() => world.phone.insertStorage(0), 600);
  },
  'the phone is locked for a moment': (world) => {
    world.phone.lock();
    setTimeout(() => world.phone.unlock(), 600);
  },
  'the cable is out for a moment': (world) => {
    void world.phone.unplug();
    setTimeout(() => world.phone.plug(), 600);
  },
};

for (const [what, goes] of Object.entries(away))
  for (const nth of [1, 3])
    test(`${what}, listing ${nth} of a scan: the run scans again`, async (t) => {
      const world = beginSync(t);
      furnish(world);
      await world.start();
      const pair = world.pair('/DCIM', 'photos', { deletions: 'mirror', deletionLimit: 1 });
      assert.equal(await world.figures(pair), 'moved 6 same 0 skipped 0 renamed 0 deleted 0');
      world.onPhone('DCIM/a/3.jpg', 100, DATE);
      at(world, Operation.GetObjectHandles, nth, () => goes(world));
      assert.equal(
        await world.figures(pair, { waitMs: 0, confirmDeletions: true }),
        'moved 1 same 6 skipped 0 renamed 0 deleted 0',
      );
    });

for (const [what, change] of [
  ['language', { storageName: 'Interner gemeinsamer Speicher', capacity: 64e9 }],
  ['size', { capacity: 60e9 }],
] as const)
  test(`after a change of the storage’s ${what} its pairs are still known`, async (t) => {
    const world = beginSync(t, { capacity: 64e9 });
    furnish(world);
    await world.start();
    const pair = world.pair('/DCIM', 'photos');
    const elsewhere = world.pair('/DCIM/a', 'elsewhere');
    await world.run(pair);
    const before = world.place('/DCIM/a');
    assert.equal(world.sync.backedUp(before).length, 2);
    await world.engine.stop();
    world.phone = new VirtualPhone({ directory: world.phoneFolder, serial: 'WORLD', name: 'World phone', ...change });
    world.usePhone();
    await world.engine.start();
    await world.engine.waitForDevice(undefined, 10_000);
    const now = world.place('/DCIM/a');
    assert.notEqual(now.storage, before.storage);
    // marks in the browser
    assert.equal(world.sync.backedUp(now).length, 2);
    // the same pair again, the way back, and a change that would make it so
    assert.throws(() => world.pair('/DCIM', 'photos'), { kind: 'bad-request' });
    assert.throws(() => world.pair('/DCIM', 'photos', { direction: 'to-phone' }), { kind: 'bad-request' });
    const back = world.pair('/DCIM/a', 'way-back', { direction: 'to-phone' });
    assert.throws(() => world.sync.changePair(back.id, { local: localPath(join(world.here, 'elsewhere')) }), {
      kind: 'bad-request',
    });
    assert.throws(() => world.sync.changePair(elsewhere.id, { local: back.local }), { kind: 'bad-request' });
  });

test('a pair on one storage does not claim the same folder on another', async (t) => {
  const world = beginSync(t, { capacity: 64e9 });
  furnish(world);
  await world.start();
  await world.run(world.pair('/DCIM', 'photos'));
  const card = { ...world.place('/DCIM/a'), storage: '4|SD card|32000000000' as StorageKey };
  assert.deepEqual(world.sync.backedUp(card), []);
});

for (const [what, goes, waits] of [
  ['a card is away for a moment', undefined, 'storage'],
  ['the only storage is away for a moment', away['the storage is away for a moment'], 'unlock'],
  ['the phone is locked for a moment', away['the phone is locked for a moment'], 'unlock'],
  ['the cable is out for a moment', away['the cable is out for a moment'], 'plug'],
] as const)
  test(`${what}: the run says what it waits for, and then that it looks again`, async (t) => {
    const card = mkdtempSync(join(tmpdir(), 'replug-card-'));
    t.after(() => {
      rmSync(card, { recursive: true, force: true });
    });
    const world = beginSync(t, goes === undefined ? { sdDirectory: card } : {});
    furnish(world);
    if (goes === undefined) cpSync(join(world.phoneFolder, 'DCIM'), join(card, 'DCIM'), { recursive: true });
    await world.start();
    const pair = world.pair('/DCIM', 'photos', { place: world.place('/DCIM', goes === undefined ? 1 : 0) });
    at(world, Operation.GetObjectHandles, 1, () => {
      if (goes !== undefined) {
        goes(world);
        return;
      }
      world.phone.removeStorage(1);
      setTimeout(() => world.phone.insertStorage(1), 600);
    });
    const told: string[] = [];
    const { run } = await world.run(pair, {
      onActivity: (activity) => {
        const words = activity.kind === 'waiting' ? `waiting: ${activity.for} ${activity.name}` : activity.kind;
        if (told.at(-1) !== words) told.push(words);
      },
    });
    assert.deepEqual([run.state, run.filesMoved], ['done', 6]);
    const name = waits === 'storage' ? pair.storageName : pair.deviceName;
    assert.ok(told.includes(`waiting: ${waits} ${name}`), JSON.stringify(told));
    assert.equal(
      told[told.findLastIndex((words) => words.startsWith('waiting')) + 1],
      'scanning',
      JSON.stringify(told),
    );
  });
