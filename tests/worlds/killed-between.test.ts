import assert from 'node:assert/strict';
import { join } from 'node:path';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TransferStore } from '../../electron/engine/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { MemoryTransferStore, openTransferStore } from '../../electron/store/index.ts';
import { ignoreTheDead, Mortal } from './mortal.ts';
import { World, digestFile, treeOf } from './world.ts';

/**
 * The process dies between any two database statements of an upload or a download, copied or moved. What was stored by
 * then resumes to a correct copy and leaves nothing else behind. The original of a move is gone in the end.
 */

const MIB = 1024 * 1024;
const scratch = mkdtempSync(join(tmpdir(), 'replug-killed-'));
after(() => rmSync(scratch, { recursive: true, force: true }));

const WRITES: ReadonlySet<keyof TransferStore> = new Set([
  'addTransfer',
  'updateTransfer',
  'addItems',
  'updateItem',
  'confirmChunk',
  'dropCheckpoints',
  'addLeftover',
  'abandonItem',
]);

for (const direction of ['upload', 'download'] as const)
  for (const move of [false, true])
    test(`killed before each write of ${direction === 'upload' ? 'an upload' : 'a download'}${move ? ' that moves' : ''}`, async (t) => {
      let moments = 0;
      for (let life = 3; ; life += 1) {
        const real = await openTransferStore(join(scratch, `${direction}-${move}-${life}.db`));
        const mortal = new Mortal(life);
        const world = new World({}, { limits: { wholeBelow: MIB } }, mortal.over<TransferStore>(real, WRITES));
        const hear = ignoreTheDead();
        const [from, to] =
          direction === 'upload'
            ? [world.here, join(world.phoneFolder, 'Download')]
            : [join(world.phoneFolder, 'DCIM'), join(world.here, 'in')];
        const original = join(from, 'file.bin');
        try {
          if (direction === 'upload') world.local('file.bin', 4 * MIB + 7);
          else world.onPhone('DCIM/file.bin', 4 * MIB + 7);
          const digest = await digestFile(original);
          await world.start();
          const first = (
            direction === 'upload'
              ? world.push([original as never], '/Download', { move })
              : world.pull(['/DCIM/file.bin'], 'in', { move })
          ).catch(() => undefined);
          await Promise.race([first, mortal.died]);
          const finished = !mortal.dead;
          if (!finished) {
            moments += 1;
            world.store = real;
            await world.restart();
            await world.start();
          }
          const at = `killed before write ${life}`;
          const [transfer] = world.engine.transfers();
          assert.ok(transfer !== undefined, 'the transfer is known');
          const view = await world.engine.settled(transfer.id, { waitMs: 10_000 });
          assert.equal(view.state, 'done', `${at}: ${JSON.stringify([view, world.log])}`);
          await world.engine.stop();
          assert.deepEqual(await treeOf(to), { 'file.bin': `${4 * MIB + 7} ${digest}` }, at);
          const { lines } = await world.engine.execute('report', { transfer: view.id, format: 'json' });
          const isThere = existsSync(original);
          if (isThere) assert.notEqual(lines[0]?.detail, 'the original was deleted', at);
          assert.equal(isThere, !move, `${at}: ${JSON.stringify([lines, world.log])}`);
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

test('killed before each write of an upload that is cancelled while its last chunk is on the wire: nothing is left', async (t) => {
  let moments = 0;
  for (let life = 3; ; life += 1) {
    const real = new MemoryTransferStore();
    const mortal = new Mortal(life);
    const world = new World({}, { limits: { wholeBelow: MIB } }, mortal.over<TransferStore>(real, WRITES));
    const hear = ignoreTheDead();
    try {
      const source = world.local('file.bin', 2 * MIB);
      await world.start();
      let chunks = 0;
      let cancelled: Promise<unknown> | undefined;
      world.phone.onOperation((operation) => {
        if (operation === Operation.SendPartialObject) chunks += 1;
        const [transfer] = world.engine.transfers();
        if (chunks < 2 || transfer === undefined) return;
        cancelled ??= world.engine.execute('cancel', { transfer: transfer.id }).catch(() => undefined);
      });
      const first = world.push([source], '/Download').catch(() => undefined);
      await Promise.race([first, mortal.died]);
      await cancelled;
      const finished = !mortal.dead;
      if (!finished) {
        moments += 1;
        world.store = real;
        await world.restart();
        await world.start();
      }
      const [transfer] = world.engine.transfers();
      if (transfer !== undefined) await world.engine.settled(transfer.id, { waitMs: 10_000 });
      const [device] = world.engine.devices;
      const until = Date.now() + 10_000;
      while (device !== undefined && world.store.leftovers(device.key).length > 0 && Date.now() < until) await sleep(5);
      await world.engine.stop();
      const left = Object.keys(await treeOf(world.phoneFolder)).filter((path) => path.includes('.replug-'));
      assert.deepEqual(left, [], `killed before write ${life}`);
      if (finished) break;
    } finally {
      await world.end();
      hear();
    }
  }
  t.diagnostic(`${moments} moments`);
  assert.ok(moments >= 8, `only ${moments} moments`);
});
