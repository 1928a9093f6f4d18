import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { beginSync, DATE, type SyncWorld } from './sync-world.ts';

/** Runs of a pair whose storage goes for a moment, or shows in another way than when the pair was made. */

function furnish(world: SyncWorld): void {
  for (const folder of ['a', 'b', 'c'])
    for (const name of ['1', '2']) world.onPhone(`DCIM/${folder}/${name}.jpg`, 100, DATE);
}

/** Does `what` at the so-manieth operation of this kind from now on. */
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
    test(`${what}, listing ${nth} of a scan: the run looks again`, async (t) => {
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
