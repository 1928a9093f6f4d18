import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TransferStore } from '../../electron/engine/index.ts';
import { MemoryTransferStore } from '../../electron/store/index.ts';
import { fail } from '../../shared/errors.ts';
import { localPath, type LocalPath } from '../../shared/domain.ts';
import { fastClock, FastBus } from './fast.ts';
import { begin, digestFile, type World } from './world.ts';

/** The database is unwritable for a while (full disk, lock of another program): no file fails because of it. */

const MiB = 1024 * 1024;
const TOGETHER = { concurrency: 6 } as const;
const WRITES: ReadonlySet<string> = new Set<keyof TransferStore>([
  'addItems',
  'updateItem',
  'confirmChunk',
  'dropCheckpoints',
  'abandonItem',
  'addLeftover',
  'removeLeftover',
  'updateTransfer',
  'changeStates',
]);

/** A store that refuses to write while `full`. */
function fullable(): { store: TransferStore; disk: { full: boolean; refused: number } } {
  const disk = { full: false, refused: 0 };
  const store = new Proxy<TransferStore>(new MemoryTransferStore(), {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        if (disk.full && WRITES.has(String(name))) {
          disk.refused += 1;
          throw fail('store', String(name), 'database or disk is full');
        }
        return Reflect.apply(value as (...given: unknown[]) => unknown, target, given);
      };
    },
  });
  return { store, disk };
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const limit = AbortSignal.timeout(20_000);
  while (!holds()) {
    if (limit.aborted) throw new Error(`in vain: ${what}`);
    await new Promise((later) => setTimeout(later, 2));
  }
}

const work = {
  upload: async (world: World) => {
    const large = world.local('film.bin', 40 * MiB);
    for (let i = 0; i < 12; i += 1) world.local(`more/m${i}`, 300_000);
    await world.start();
    const sources = [join(world.here, 'more') as LocalPath, large];
    return world.engine.enqueue({ direction: 'upload', sources, to: world.place('/Download') });
  },
  download: async (world: World) => {
    world.onPhone('DCIM/film.bin', 40 * MiB);
    for (let i = 0; i < 12; i += 1) world.onPhone(`DCIM/m${i}`, 300_000);
    await world.start();
    return world.engine.enqueue({
      direction: 'download',
      sources: [world.place('/DCIM')],
      to: localPath(join(world.here, 'in')),
    });
  },
} as const;

describe('the database is full for a while', TOGETHER, () => {
  for (const direction of ['upload', 'download'] as const)
    for (const [when, share] of [
      ['at the small files', 0.03],
      ['in a large file', 0.5],
      ['at the end', 0.98],
    ] as const)
      test(`${direction}, ${when}: nothing spins or fails, and it resumes by itself`, async (t) => {
        const { store, disk } = fullable();
        const given = {
          clock: fastClock,
          bus: (virtual: ConstructorParameters<typeof FastBus>[0]) => new FastBus(virtual),
        };
        const world = begin(t, { rate: 40_000_000, latencyMs: 2 }, given, store);
        const { transfer } = await work[direction](world);
        await until(() => {
          const view = world.engine.view(transfer);
          return view.bytesTotal > 0 && view.bytesConfirmed >= share * view.bytesTotal;
        }, 'it moves');
        const before = world.log.length;
        disk.full = true;
        // some ten minutes of the program's time
        await new Promise((later) => setTimeout(later, 1_200));
        assert.ok(disk.refused > 0, 'it was noticed');
        assert.ok(disk.refused < 150, `${disk.refused} attempts`);
        assert.ok(world.log.length - before < 40, `${world.log.length - before} lines`);
        assert.equal(world.engine.view(transfer).counts.failed, 0);
        disk.full = false;
        await world.engine.execute('resume', { transfer });
        const view = await world.engine.settled(transfer, { waitMs: 600_000 });
        assert.equal(view.state, 'done', JSON.stringify([view, world.log.slice(-4)]));
        assert.deepEqual(
          [...world.engine.itemRows(transfer)].filter((row) => row.state.kind !== 'done').map((row) => row.name),
          [],
        );
        const [one, other] =
          direction === 'upload'
            ? [join(world.here, 'film.bin'), join(world.phoneFolder, 'Download/film.bin')]
            : [join(world.phoneFolder, 'DCIM/film.bin'), join(world.here, 'in/DCIM/film.bin')];
        assert.ok(existsSync(other));
        assert.equal(await digestFile(one), await digestFile(other));
        const { counts } = world.engine.view(transfer);
        assert.equal(counts.done, counts.total);
      });

  test('quitting while the database is full takes effect at once; the transfer resumes at the next start', async (t) => {
    const { store, disk } = fullable();
    const world = begin(t, { rate: 40_000_000 }, {}, store);
    const { transfer } = await work.upload(world);
    await until(() => world.engine.view(transfer).bytesConfirmed > 10 * MiB, 'it moves');
    disk.full = true;
    await until(() => disk.refused > 2, 'it is noticed');
    await world.engine.stop(10_000);
    disk.full = false;
    await world.restart();
    await world.start();
    const view = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.equal(view.state, 'done', JSON.stringify([view, world.log.slice(-4)]));
  });
});
