import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { localPath } from '../../shared/domain.ts';
import { begin, digestFile } from './world.ts';

/** Pause and immediate resume at every step: nothing may be lost, repeated or failed. */

const MIB = 1024 * 1024;
/** Reading back doubles what is moved: moments in the first half are while moving, later ones while verifying. */
const MOMENTS = [0, 0.6, 1.02, 1.3, 1.8];

for (const direction of ['upload', 'download'] as const)
  test(`${direction}: pause and immediate resume, while transferring and while verifying every byte`, async (t) => {
    const size = 20 * MIB;
    const world = begin(t, { rate: 60 * MIB });
    mkdirSync(join(world.phoneFolder, 'Download'));
    const names = MOMENTS.map((moment) => `film-${moment}.bin`);
    for (const name of names)
      if (direction === 'upload') world.local(name, size);
      else world.onPhone(`Download/${name}`, size);
    await world.start();
    for (const [index, moment] of MOMENTS.entries()) {
      const name = names[index] as string;
      const local = localPath(join(world.here, direction === 'upload' ? '' : 'back', name));
      const options = { onConflict: 'keep-both', verify: 'full' } as const;
      const until = world.phone.bytesMoved + moment * size;
      const { transfer } = await world.engine.enqueue(
        direction === 'upload'
          ? { direction, sources: [local], to: world.place('/Download'), options }
          : {
              direction,
              sources: [world.place(`/Download/${name}`)],
              to: localPath(join(world.here, 'back')),
              options,
            },
      );
      while (world.phone.bytesMoved < until && !['done', 'failed'].includes(world.engine.view(transfer).state))
        await sleep(1);
      for (let round = 0; round < 3; round += 1) {
        await world.engine.execute('pause', { transfer });
        if (round === 1) await sleep(3);
        await world.engine.execute('resume', { transfer });
      }
      const view = await world.engine.settled(transfer, { waitMs: 10_000 });
      assert.equal(view.state, 'done', `paused after ${moment} of it: ${JSON.stringify(view.problem)}`);
      assert.equal(await digestFile(join(world.phoneFolder, 'Download', name)), await digestFile(local));
    }
  });
