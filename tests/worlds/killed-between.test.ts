import assert from 'node:assert/strict';
import { join } from 'node:path';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import type { TransferStore } from '../../electron/engine/index.ts';
import { openTransferStore } from '../../electron/store/index.ts';
import { ignoreTheDead, Mortal, WRITES } from './mortal.ts';
import { World, digestFile, treeOf } from './world.ts';

/**
 * The process dies between any two statements that it gives to its database, in an upload and in a download: whatever
 * was stored by then resumes to a copy that is right, and leaves nothing else behind.
 */

const MIB = 1024 * 1024;
const scratch = mkdtempSync(join(tmpdir(), 'replug-killed-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

for (const direction of ['upload', 'download'] as const)
  test(`killed before each write of ${direction === 'upload' ? 'an upload' : 'a download'}`, async (t) => {
    let moments = 0;
    for (let life = 3; ; life += 1) {
      const real = await openTransferStore(join(scratch, `${direction}-${life}.db`));
      const mortal = new Mortal(life);
      const world = new World({}, { limits: { wholeBelow: MIB } }, mortal.over<TransferStore>(real, WRITES));
      const hear = ignoreTheDead();
      try {
        if (direction === 'upload') world.local('file.bin', 4 * MIB + 7);
        else world.onPhone('DCIM/file.bin', 4 * MIB + 7);
        await world.start();
        const first = (
          direction === 'upload'
            ? world.push([join(world.here, 'file.bin') as never], '/Download')
            : world.pull(['/DCIM/file.bin'], 'in')
        ).catch(() => undefined);
        await Promise.race([first, mortal.died]);
        const finished = !mortal.dead;
        if (!finished) {
          moments += 1;
          world.store = real;
          await world.restart();
          await world.start();
          const [transfer] = world.engine.transfers();
          assert.ok(transfer !== undefined, 'the transfer is known');
          const view = await world.engine.settled(transfer.id, { waitMs: 10_000 });
          assert.equal(view.state, 'done', `killed before write ${life}: ${JSON.stringify([view, world.log])}`);
        }
        const [from, to] =
          direction === 'upload'
            ? [world.here, join(world.phoneFolder, 'Download')]
            : [join(world.phoneFolder, 'DCIM'), join(world.here, 'in')];
        assert.deepEqual(
          await treeOf(to),
          { 'file.bin': `${4 * MIB + 7} ${await digestFile(join(from, 'file.bin'))}` },
          `killed before write ${life}`,
        );
        if (finished) break;
      } finally {
        await world.end();
        real.close();
        hear();
      }
    }
    t.diagnostic(`${moments} moments`);
    assert.ok(moments >= 8, `only ${moments} moments`);
  });
