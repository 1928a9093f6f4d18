import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeDisk } from '../../electron/engine/index.ts';
import type { Disk, OpenMode } from '../../electron/engine/local/disk.ts';
import { MemoryTransferStore } from '../../electron/store/index.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { begin, bytesFor, digestFile, type World } from './world.ts';

/** The last step of a move to the phone, and sources that have changed. */

const MIB = 1024 * 1024;
const NAME = 'film.bin';

const detailOf = async (world: World, view: Pick<TransferView, 'id'>): Promise<string> =>
  (await world.engine.execute('report', { transfer: view.id, format: 'json' })).lines[0]?.detail ?? '';

/** Changes one byte of a file in place. */
function spoil(path: string, at: number): void {
  const file = openSync(path, 'r+');
  const [byte = 0] = readFileSync(path).subarray(at, at + 1);
  writeSync(file, Uint8Array.of(byte ^ 0xff), 0, 1, at);
  closeSync(file);
}

/** A store that calls back once, when an item reaches a certain state. */
function storeWith(
  when: (change: Parameters<MemoryTransferStore['updateItem']>[1]) => boolean,
  happens: () => void,
): MemoryTransferStore {
  let isOver = false;
  return new (class extends MemoryTransferStore {
    override updateItem(...given: Parameters<MemoryTransferStore['updateItem']>): void {
      super.updateItem(...given);
      if (isOver || !when(given[1])) return;
      isOver = true;
      happens();
    }
  })();
}

describe('a move to the phone', () => {
  for (const size of [3 * MIB, 24 * MIB])
    test(`detects one bad byte anywhere in ${size / MIB} MiB, which samples would miss`, async (t) => {
      // corrupt what the phone has written so far
      let isSpoilt = false;
      const store = new (class extends MemoryTransferStore {
        override confirmChunk(...given: Parameters<MemoryTransferStore['confirmChunk']>): void {
          super.confirmChunk(...given);
          const [, { offset, length }] = given;
          if (isSpoilt || offset + length < 2 * MIB) return;
          isSpoilt = true;
          const [made] = readdirSync(folder);
          assert.ok(made);
          const path = join(folder, made);
          const { atime, mtime } = statSync(path);
          spoil(path, MIB + 12_345);
          // damage on the way leaves the date as it is
          utimesSync(path, atime, mtime);
        }
      })();
      const world = begin(t, {}, {}, store);
      const folder = join(world.phoneFolder, 'Download');
      const source = world.local(NAME, size);
      const digest = await digestFile(source);
      mkdirSync(folder);
      await world.start();
      const view = await world.push([source], '/Download', { move: true, verify: 'sampled' });
      assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
      await world.engine.stop();
      assert.ok(isSpoilt);
      assert.equal(await digestFile(join(folder, NAME)), digest);
      assert.ok(!existsSync(source));
    });

  for (const size of [100_000, 3 * MIB, 24 * MIB])
    test(`leaves an original of ${size} bytes that was rewritten with the same size and date`, async (t) => {
      const rewritten = bytesFor('another', size);
      const store = storeWith(
        ({ state }) => state?.kind === 'done',
        () => {
          const { mtime } = statSync(source);
          writeFileSync(source, rewritten);
          utimesSync(source, mtime, mtime);
        },
      );
      const world = begin(t, {}, {}, store);
      // a whole second, so that it can be set back exactly
      const source = world.local(NAME, size, 1_700_000_000_000);
      await world.start();
      const view = await world.push([source], '/Download', { move: true });
      assert.equal(view.state, 'done', JSON.stringify(view));
      await world.engine.stop();
      assert.ok(readFileSync(source).equals(rewritten));
      assert.match(await detailOf(world, view), /^the original was not deleted: .*changed/);
    });
});

for (const size of [200_000, 3 * MIB, 24 * MIB])
  test(`a move leaves an original of ${size} bytes of which one page was rewritten, its date set back`, async (t) => {
    let rewritten: string | undefined;
    const store = storeWith(
      ({ state }) => state?.kind === 'done',
      () => {
        spoil(source, Math.floor(size / 3));
        utimesSync(source, 1_700_000_000, 1_700_000_000);
        rewritten = readFileSync(source).toString('latin1');
      },
    );
    const world = begin(t, {}, {}, store);
    const source = world.local(NAME, size, 1_700_000_000_000);
    await world.start();
    const view = await world.push([source], '/Download', { move: true });
    await world.engine.stop();
    assert.equal(readFileSync(source).toString('latin1'), rewritten);
    assert.match(await detailOf(world, view), /^the original was not deleted: .*changed/);
  });

/** After any of the calls with which the last step of a move looks at its original, another program is done with it. */
for (const size of [100_000, 3 * MIB])
  for (const [what, rewrite] of [
    [
      'rewritten, its date set back',
      (path: string): void => {
        spoil(path, Math.floor(size / 3));
        utimesSync(path, 1_700_000_000, 1_700_000_000);
      },
    ],
    [
      'replaced',
      (path: string): void => {
        writeFileSync(`${path}~`, 'new');
        renameSync(`${path}~`, path);
      },
    ],
  ] as const)
    test(`a move leaves an original of ${size} bytes that is ${what} between two calls of its last step`, async (t) => {
      let calls = 0;
      for (let moment = 1; moment === 1 || calls >= moment - 1; moment += 1) {
        calls = 0;
        let isLast = false;
        let rewritten: string | undefined;
        const after = <T>(path: string, result: T): T => {
          if (!isLast || path !== source) return result;
          calls += 1;
          if (calls !== moment) return result;
          rewrite(path);
          rewritten = readFileSync(path).toString('latin1');
          return result;
        };
        const disk = Object.create(nodeDisk, {
          lstat: { value: async (path: string) => after(path, await nodeDisk.lstat(path)) },
          stat: { value: async (path: string) => after(path, await nodeDisk.stat(path)) },
          open: { value: async (path: string, how: OpenMode) => after(path, await nodeDisk.open(path, how)) },
        }) as Disk;
        const store = storeWith(
          ({ state }) => state?.kind === 'done',
          () => {
            isLast = true;
          },
        );
        const world = begin(t, {}, { disk }, store);
        const source = world.local(NAME, size, 1_700_000_000_000);
        await world.start();
        await world.push([source], '/Download', { move: true });
        await world.engine.stop();
        if (rewritten === undefined) assert.ok(!existsSync(source), `${calls} calls`);
        else assert.equal(readFileSync(source).toString('latin1'), rewritten, `after call ${moment}`);
      }
      assert.ok(calls >= 4, `${calls} calls`);
    });

test('a move deletes an original whose permissions changed but whose bytes did not', async (t) => {
  const store = storeWith(
    ({ state }) => state?.kind === 'done',
    () => {
      chmodSync(source, 0o600);
    },
  );
  const world = begin(t, {}, {}, store);
  const source = world.local(NAME, 3 * MIB, 1_700_000_000_000);
  await world.start();
  await world.push([source], '/Download', { move: true });
  await world.engine.stop();
  assert.ok(!existsSync(source));
});

for (const move of [false, true])
  test(`a source that is deleted once all of it was sent has arrived${move ? ', and nothing else is deleted' : ''}`, async (t) => {
    const store = new (class extends MemoryTransferStore {
      override confirmChunk(...given: Parameters<MemoryTransferStore['confirmChunk']>): void {
        super.confirmChunk(...given);
        if (given[1].offset + given[1].length === 3 * MIB) renameSync(source, join(world.here, 'elsewhere.bin'));
      }
    })();
    const world = begin(t, {}, {}, store);
    const source = world.local(NAME, 3 * MIB);
    const digest = await digestFile(source);
    await world.start();
    const view = await world.push([source], '/Download', { move }, 300);
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    await world.engine.stop();
    assert.equal(await digestFile(join(world.phoneFolder, 'Download', NAME)), digest);
    assert.equal(await digestFile(join(world.here, 'elsewhere.bin')), digest);
  });

describe('a source that has become something else', () => {
  const BECOMES: Readonly<Record<string, (path: string) => void>> = {
    'a pipe': (path) => void execFileSync('mkfifo', [path]),
    'a folder': (path) => void mkdirSync(path),
  };
  for (const [what, make] of Object.entries(BECOMES))
    test(`${what}: it fails with its name, and the others go on`, async (t: TestContext) => {
      const world = begin(t);
      const changed = world.local('src/a', 5000);
      world.local('src/b', 5000);
      world.local('src/c', 20 * MIB);
      await world.start();
      const to = world.place('/Download');
      await world.phone.unplug();
      const { transfer } = await world.engine.enqueue({
        direction: 'upload',
        sources: [join(world.here, 'src') as never],
        to,
        options: { onConflict: 'skip', move: true },
      });
      for (let looks = 0; world.engine.view(transfer).counts.total < 4; looks += 1) {
        assert.ok(looks < 1000);
        await sleep(2);
      }
      rmSync(changed);
      make(changed);
      world.phone.plug();
      const view = await world.engine.settled(transfer, { waitMs: 2000 });
      assert.equal(view.state, 'failed', JSON.stringify(view));
      assert.deepEqual([view.counts.failed, view.counts.moved.files], [1, 2]);
      assert.ok(existsSync(changed));
      await world.engine.stop();
    });
});

describe('names at the length limit of a phone', () => {
  const LONG: readonly string[] = [
    'x'.repeat(245),
    'x'.repeat(254),
    `${'x'.repeat(249)}.jpg`,
    `${'\u{1f600}'.repeat(62)}.mp4`,
    `${'\u00e9'.repeat(125)}.mov`,
  ];
  for (const [index, name] of LONG.entries())
    test(`${Buffer.byteLength(name)} bytes, ${name.length} units: made, replaced and kept beside`, async (t) => {
      const world = begin(t);
      const source = world.local(name, index === 0 ? 24 * MIB : 10_000);
      await world.start();
      assert.equal((await world.push([source], '/Download')).state, 'done', world.log.join('\n'));
      writeFileSync(source, bytesFor('changed', 12_000));
      const replaced = await world.push([source], '/Download', { onConflict: 'replace' });
      assert.equal(replaced.counts.moved.files, 1, world.log.join('\n'));
      writeFileSync(source, bytesFor('changed again', 13_000));
      const kept = await world.push([source], '/Download', { onConflict: 'keep-both' });
      assert.equal(kept.counts.moved.files, 1, world.log.join('\n'));
      await world.engine.stop();
      assert.equal(statSync(join(world.phoneFolder, 'Download', name)).size, 12_000);
    });
});
