import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { EngineContext } from './context.ts';
import { Housekeeping } from './housekeeping.ts';
import type { TransferQueue } from './queue/transfer-queue.ts';
import type { SnapshotStreams } from './snapshots/snapshot-streams.ts';

const NOW = 1_700_000_000_000;
const TWO_YEARS = 2 * 365 * 24 * 60 * 60 * 1000;

/** A queue that moves or not, and what the housekeeping did. */
function stage(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const did: string[] = [];
  const world = { isMoving: false, hasOld: false, isBroken: false, looksAtTrials: 0 };
  const context = {
    guard: (_: string, look: () => void) => {
      try {
        look();
      } catch {
        did.push('error');
      }
    },
    saveTotals: () => {
      if (world.isBroken) throw new Error('disk full');
      did.push('save');
    },
    trials: {
      look: () => {
        world.looksAtTrials += 1;
      },
    },
    now: () => NOW,
    store: {
      compact: () => did.push('compact'),
      prune: (before: number, limit: number) => {
        did.push(`prune ${NOW - before} ${limit}`);
        return world.hasOld;
      },
    },
  } as unknown as EngineContext;
  const queue = { isMoving: () => world.isMoving } as TransferQueue;
  const streams = { changed: (what: string) => did.push(what) } as unknown as SnapshotStreams;
  const keeping = new Housekeeping(context, queue, streams, { lookAgain: () => undefined });
  keeping.start();
  t.after(() => {
    keeping.stop();
  });
  return {
    keeping,
    world,
    /** What it did in the next so many milliseconds. */
    after: (ms: number): readonly string[] => {
      did.length = 0;
      t.mock.timers.tick(ms);
      return [...did];
    },
    did,
  };
}
const PRUNE = `prune ${TWO_YEARS} 1000`;

test('every two seconds totals are saved, and while something moves what is shown is made anew', (t) => {
  const { after, world } = stage(t);
  assert.deepEqual(after(1_999), []);
  assert.deepEqual(after(1), ['save']);
  // and names that a disk was tried with are looked for
  assert.equal(world.looksAtTrials, 1);
  world.isMoving = true;
  assert.deepEqual(after(4_000), ['save', 'transfers', 'save', 'transfers']);
});

test('the store is compacted once after a transfer has finished, and not while another one moves', (t) => {
  const { after, world, keeping } = stage(t);
  world.isMoving = true;
  keeping.transferFinished();
  assert.deepEqual(after(2_000), ['save', 'transfers']);
  world.isMoving = false;
  assert.deepEqual(after(4_000), ['save', 'compact', PRUNE, 'save']);
});

test('a long history goes a piece at a time', (t) => {
  const { after, world, keeping } = stage(t);
  keeping.transferFinished();
  world.hasOld = true;
  assert.deepEqual(after(4_000), ['save', 'compact', PRUNE, 'save', 'compact', PRUNE]);
  world.hasOld = false;
  assert.deepEqual(after(4_000), ['save', 'compact', PRUNE, 'save']);
});

test('an error of the database does not end the housekeeping', (t) => {
  const { after, world } = stage(t);
  world.isBroken = true;
  assert.deepEqual(after(2_000), ['error']);
  world.isBroken = false;
  assert.deepEqual(after(2_000), ['save']);
});

test('at the end totals are saved and the store compacted; then nothing happens any more', (t) => {
  const { after, keeping, did } = stage(t);
  keeping.transferFinished();
  keeping.stop();
  keeping.finish();
  assert.deepEqual(did, ['save', 'compact', PRUNE]);
  assert.deepEqual(after(10_000), []);
});
