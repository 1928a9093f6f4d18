import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openStores } from '../../electron/store/index.ts';
import { Sync, type SyncStore } from '../../electron/sync/index.ts';
import { localPath } from '../../shared/domain.ts';
import { ignoreTheDead, Mortal } from './mortal.ts';
import { treeOf, World } from './world.ts';

/** The program dies between two writes of a run that renames copies and deletes others; the next run deletes none too many. */

const DATE = Date.UTC(2024, 2, 3, 4, 5, 6);
const scratch = mkdtempSync(join(tmpdir(), 'replug-sync-renamed-'));
after(() => rmSync(scratch, { recursive: true, force: true }));
const SYNC_WRITES: ReadonlySet<keyof SyncStore> = new Set(['addRun', 'updateRun', 'putRows', 'dropRows']);

for (const layout of ['as-on-phone', 'year-month'] as const)
  test(`killed in a run that renames and mirrors (${layout})`, { timeout: 120_000 }, async () => {
    for (let life = 0; ; life += 1) {
      const hear = ignoreTheDead();
      const file = join(scratch, `${layout}-${life}.db`);
      const { transfers, sync: store } = await openStores(file);
      const world = new World({}, {}, transfers);
      for (const name of ['a', 'b', 'c', 'd', 'e', 'f'])
        world.onPhone(`Pair/one/${name}.bin`, 5_000 + name.charCodeAt(0), DATE);
      await world.start();
      const first = new Sync({ engine: world.engine, store });
      const pair = first.addPair({
        place: world.place('/Pair'),
        local: localPath(join(world.here, 'pair')),
        direction: 'to-computer',
        layout,
        deletions: 'mirror',
        deletionLimit: 1,
      });
      await first.run(pair.id, { waitMs: 5_000 });
      mkdirSync(join(world.phoneFolder, 'Pair/two'));
      for (const name of ['a', 'b'])
        renameSync(join(world.phoneFolder, `Pair/one/${name}.bin`), join(world.phoneFolder, `Pair/two/${name}.bin`));
      rmSync(join(world.phoneFolder, 'Pair/one/f.bin'));
      const mortal = new Mortal(life);
      const sync = new Sync({ engine: world.engine, store: mortal.over<SyncStore>(store, SYNC_WRITES) });
      const run = sync.run(pair.id, { waitMs: 5_000 });
      await Promise.race([run.catch(() => undefined), mortal.died]);
      await world.engine.stop();
      transfers.close();
      const again = await openStores(file);
      world.store = again.transfers;
      await world.restart();
      await world.start();
      const second = new Sync({ engine: world.engine, store: again.sync });
      const seen: string[] = [];
      const { run: ended } = await second.run(pair.id, {
        waitMs: 5_000,
        onPlan: (_, actions) => seen.push(...actions().map((one) => `${one.kind} ${one.path}`)),
      });
      const at = `killed before write ${life}: ${JSON.stringify([ended, seen])}`;
      const files = Object.keys(await treeOf(join(world.here, 'pair'))).filter((name) => !name.endsWith('/'));
      const isWhole = files.length === 5;
      await world.end();
      again.transfers.close();
      hear();
      assert.ok(isWhole, `${at} ${JSON.stringify(files)}`);
      if (!mortal.dead) break;
    }
  });
