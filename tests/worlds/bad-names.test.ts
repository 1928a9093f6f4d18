import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { localPath } from '../../shared/domain.ts';
import { begin, digestFile } from './world.ts';

/** Names are bytes on Linux; on macOS and Windows they are always Unicode. */

const inBytes = (folder: string, ...name: readonly number[]): Buffer =>
  Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(name)]);
/** `a\xff.txt`: valid Latin-1, invalid UTF-8. */
const BROKEN = [0x61, 0xff, 0x2e, 0x74, 0x78, 0x74];
const SHOWN = 'a\ufffd.txt';

if (process.platform === 'linux')
  for (const move of [false, true])
    for (const twin of [false, true])
      test(`a local name that is not UTF-8 is reported with a remedy and affects nothing else${twin ? ', not even one that reads the same' : ''}${move ? ' (move)' : ''}`, async (t) => {
        const world = begin(t);
        const folder = join(world.here, 'src');
        const one = world.local('src/one.jpg', 3_000);
        const digest = await digestFile(one);
        writeFileSync(inBytes(folder, ...BROKEN), 'from an old disk');
        mkdirSync(inBytes(folder, 0xc3, 0x28));
        writeFileSync(Buffer.concat([inBytes(folder, 0xc3, 0x28), Buffer.from('/inside.jpg')]), 'inside');
        if (twin) writeFileSync(join(folder, SHOWN), 'a twin');
        await world.start();
        const view = await world.push([localPath(folder)], '/Download', { move });
        assert.equal(view.state, 'failed', JSON.stringify([view, world.log]));
        assert.deepEqual([view.counts.failed, view.counts.moved.files], [2, twin ? 2 : 1]);
        for (const { state } of world.store.itemsIn(view.id, ['failed'], 10)) {
          assert.ok(state.kind === 'failed');
          assert.equal(state.problem.kind, 'source-unreadable');
          assert.equal(state.problem.advice?.id, 'not-utf8');
        }
        await world.engine.stop();
        const there = readdirSync(join(world.phoneFolder, 'Download/src')).sort();
        assert.deepEqual(there, twin ? [SHOWN, 'one.jpg'].sort() : ['one.jpg']);
        assert.equal(await digestFile(join(world.phoneFolder, 'Download/src/one.jpg')), digest);
        assert.ok(existsSync(inBytes(folder, ...BROKEN)));
        assert.equal(existsSync(one), !move);
        if (twin) assert.equal(existsSync(join(folder, SHOWN)), !move);
      });
