import assert from 'node:assert/strict';
import { existsSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { MemoryTransferStore } from '../../electron/store/index.ts';
import { localPath, type TransferId } from '../../shared/domain.ts';
import { begin, type World } from './world.ts';

/** The disk of an upload's sources disappears before they are listed. */

interface Away {
  readonly world: World;
  readonly transfer: TransferId;
  readonly back: () => void;
}

/** The named source exists when it is named and is gone when it is listed. */
async function pulled(t: TestContext, what: 'a file' | 'a folder'): Promise<Away> {
  const store = new (class extends MemoryTransferStore {
    override addTransfer(...given: Parameters<MemoryTransferStore['addTransfer']>): void {
      super.addTransfer(...given);
      renameSync(disk, `${disk}.away`);
    }
  })();
  const world = begin(t, {}, {}, store);
  const disk = join(world.here, 'disk');
  for (const name of ['one.bin', 'two.bin']) world.local(`disk/set/${name}`, 3_000);
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [localPath(join(disk, what === 'a file' ? 'set/one.bin' : 'set'))],
    to: world.place('/Download'),
    options: { onConflict: 'skip', onName: 'fail' },
  });
  const view = await world.engine.settled(transfer, { waitMs: 50 });
  assert.deepEqual(
    [view.state, view.waitingFor?.kind, view.counts.failed],
    ['waiting', 'source', 0],
    world.log.join('\n'),
  );
  return { world, transfer, back: () => renameSync(`${disk}.away`, disk) };
}

for (const what of ['a file', 'a folder'] as const) {
  test(`${what} whose disk is away is waited for, and sent when it is back`, async (t) => {
    const { world, transfer, back } = await pulled(t, what);
    back();
    const view = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    assert.equal(view.counts.moved.files, what === 'a file' ? 1 : 2);
  });

  test(`${what} whose disk is away is waited for after a restart as well`, async (t) => {
    const { world, transfer, back } = await pulled(t, what);
    await world.restart();
    await world.start();
    const still = await world.engine.settled(transfer, { waitMs: 50 });
    assert.deepEqual([still.state, still.waitingFor?.kind], ['waiting', 'source']);
    back();
    const view = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  });

  test(`${what} whose disk is away: cancelled is cancelled`, async (t) => {
    const { world, transfer, back } = await pulled(t, what);
    await world.engine.execute('cancel', { transfer });
    back();
    const view = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.equal(view.state, 'cancelled', JSON.stringify([view, world.log]));
    await world.engine.stop();
    const folder = join(world.phoneFolder, 'Download');
    assert.deepEqual(existsSync(folder) ? readdirSync(folder) : [], []);
  });
}

test('a mistyped path fails at once', async (t) => {
  const world = begin(t);
  await world.start();
  const view = await world.push([localPath(join(world.here, 'typo.jpg'))], '/Download');
  assert.deepEqual([view.state, view.problem?.kind], ['failed', 'source-missing']);
});
