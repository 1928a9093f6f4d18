import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { nodeDisk, type Disk } from '../../electron/engine/index.ts';
import { localPath, type LocalPath, type TransferId } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { beginPhotos, type PhotoWorld } from './photo-world.ts';
import { treeOf } from './world.ts';

/** An import into two places: the phone is read once, and neither place holds up the other. */

const DATE = Date.UTC(2024, 2, 3, 12, 5, 6);
const MiB = 1024 * 1024;

function fill(world: PhotoWorld, files = 24): number {
  let bytes = 0;
  for (let index = 0; index < files; index += 1) {
    const size = index % 8 === 3 ? 3 * MiB + index : 2_000 + 977 * index;
    world.onPhone(`DCIM/Camera/IMG_${index}.jpg`, size, DATE + index * 3_600_000);
    bytes += size;
  }
  return bytes;
}

const contents = (tree: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(tree)
    .filter(([name]) => !name.endsWith('/'))
    .map(([, content]) => content)
    .sort();

async function assertAll(world: PhotoWorld, ...folders: readonly string[]): Promise<void> {
  const phone = contents(await treeOf(world.phoneFolder));
  for (const folder of folders) {
    const tree = await treeOf(folder);
    assert.deepEqual(contents(tree), phone, folder);
    for (const name of Object.keys(tree)) assert.doesNotMatch(name, /replug/, folder);
  }
}

function second(world: PhotoWorld): LocalPath {
  const folder = world.folderHere('backup');
  mkdirSync(folder, { recursive: true });
  return folder;
}

interface Both {
  readonly transfer: TransferId;
  readonly secondTransfer: TransferId;
}

async function begin(world: PhotoWorld, also: LocalPath): Promise<Both> {
  const to = world.folderHere('photos');
  await world.look();
  const { transfer, secondTransfer } = await world.photos.import(world.device, { to, also });
  assert.ok(transfer !== undefined && secondTransfer !== undefined);
  return { transfer, secondTransfer };
}

const end = (world: PhotoWorld, id: TransferId, waitMs = 10_000): Promise<TransferView> =>
  world.engine.settled(id, { waitMs });

/** Bytes that the phone has sent of files, while `work` was done. */
async function readOf(world: PhotoWorld, work: () => Promise<unknown>): Promise<number> {
  const before = world.phone.bytesMoved;
  await work();
  return world.phone.bytesMoved - before;
}

function small(t: TestContext, size: string): string | undefined {
  const at = join('/tmp', `replug-second-${process.pid}-${Math.random().toString(36).slice(2)}`);
  mkdirSync(at);
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'replug-test', at], {
    encoding: 'utf8',
  });
  t.after(() => {
    spawnSync('umount', ['-l', at]);
    rmSync(at, { recursive: true, force: true });
  });
  if (status === 0) return at;
  t.skip(`NOT RUN: mount refused (${stderr.trim()}); remedy: run as root with CAP_SYS_ADMIN`);
  return undefined;
}

/** A disk that takes no dates for files below `folder`. */
const undatedBelow = (folder: string): Disk =>
  new Proxy(nodeDisk, {
    get: (disk, name) => {
      const value: unknown = Reflect.get(disk, name, disk);
      if (name === 'make' || name === 'load') return undefined;
      if (name !== 'open') return typeof value === 'function' ? value.bind(disk) : value;
      return async (path: string, ...how: Parameters<Disk['open']> extends [string, ...infer R] ? R : never) => {
        const file = await disk.open(path, ...how);
        if (!path.startsWith(folder)) return file;
        return new Proxy(file, {
          get: (open, method) => {
            if (method === 'utimes') return () => Promise.reject(Object.assign(new Error('EPERM'), { code: 'EPERM' }));
            const own: unknown = Reflect.get(open, method, open);
            return typeof own === 'function' ? own.bind(open) : own;
          },
        });
      };
    },
  });

test('the phone is read once, and both places have verified copies with their dates', async (t) => {
  const world = beginPhotos(t);
  const bytes = fill(world);
  await world.start();
  const also = second(world);
  let both: Both | undefined;
  const read = await readOf(world, async () => {
    both = await begin(world, also);
    for (const id of [both.transfer, both.secondTransfer]) {
      const view = await end(world, id);
      assert.deepEqual([view.state, view.counts.moved.files], ['done', 24], JSON.stringify(view));
    }
  });
  assert.ok(read < bytes * 1.25, `${read} bytes were read of ${bytes}`);
  await assertAll(world, world.folderHere('photos'), also);
  const name = '2024/03/IMG_3.jpg';
  assert.equal(statSync(join(also, name)).mtimeMs, statSync(join(world.here, 'photos', name)).mtimeMs);
  // the report of each says where its files went
  const report = both === undefined ? [] : [...world.engine.itemRows(both.secondTransfer)];
  assert.equal(report.find(({ phone }) => phone === '/DCIM/Camera/IMG_3.jpg')?.local, join(also, name));
  const rows = report.map(({ state }) =>
    state.kind === 'done' && state.outcome.kind === 'moved' ? state.outcome : undefined,
  );
  assert.ok(rows.every((outcome) => outcome?.verification.sha256 !== undefined));
  assert.equal(await world.lookAndImport({ also }), 0);
});

test('the second disk is full in the middle, and later it is not', async (t) => {
  const at = small(t, '5m');
  if (at === undefined) return;
  const world = beginPhotos(t);
  fill(world);
  await world.start();
  const both = await begin(world, localPath(at));
  assert.equal((await end(world, both.transfer)).state, 'done');
  await assertAll(world, world.folderHere('photos'));
  const full = await end(world, both.secondTransfer, 500);
  assert.deepEqual([full.state, full.waitingFor?.kind], ['waiting', 'space']);
  spawnSync('mount', ['-o', 'remount,size=64m', at]);
  const read = await readOf(world, async () => {
    assert.equal((await end(world, both.secondTransfer, 60_000)).state, 'done');
  });
  assert.ok(read < MiB, `${read} bytes were read again`);
  await assertAll(world, at);
});

test('the first disk is full in the middle: the second has all, and the first is made up for from there', async (t) => {
  const at = small(t, '5m');
  if (at === undefined) return;
  const world = beginPhotos(t);
  fill(world);
  await world.start();
  const also = second(world);
  await world.look({ to: localPath(at) });
  const { transfer, secondTransfer } = await world.photos.import(world.device, { to: localPath(at), also });
  assert.ok(transfer !== undefined && secondTransfer !== undefined);
  assert.equal((await end(world, secondTransfer)).state, 'done');
  await assertAll(world, also);
  assert.equal((await end(world, transfer, 500)).state, 'waiting');
  spawnSync('mount', ['-o', 'remount,size=64m', at]);
  const read = await readOf(world, async () => {
    assert.equal((await end(world, transfer, 60_000)).state, 'done');
  });
  assert.ok(read < MiB, `${read} bytes were read again`);
  await assertAll(world, at);
});

for (const [which, folder] of [
  ['first', 'photos'],
  ['second', 'backup'],
] as const)
  test(`the ${which} disk refuses dates: both have all, and it is told`, async (t) => {
    const holder: { disk: Disk } = { disk: nodeDisk };
    const disk = new Proxy(nodeDisk, { get: (_, name) => Reflect.get(holder.disk, name, holder.disk) as unknown });
    const world = beginPhotos(t, {}, { disk });
    holder.disk = undatedBelow(join(world.here, folder));
    fill(world, 10);
    await world.start();
    const also = second(world);
    const both = await begin(world, also);
    const views = [await end(world, both.transfer), await end(world, both.secondTransfer)];
    assert.deepEqual(
      views.map(({ state }) => state),
      ['done', 'done'],
    );
    await assertAll(world, world.folderHere('photos'), also);
    const told = [both.transfer, both.secondTransfer].map((id) =>
      [...world.engine.itemRows(id)].some(
        ({ state }) =>
          state.kind === 'done' &&
          state.outcome.kind === 'moved' &&
          state.outcome.remarks?.includes('date-not-kept') === true,
      ),
    );
    assert.deepEqual(told, [which === 'first', which === 'second']);
  });

test('the second disk is away at the start, or goes and comes back: made up for from the first copy', async (t) => {
  const at = small(t, '64m');
  if (at === undefined) return;
  const world = beginPhotos(t);
  fill(world);
  await world.start();
  const folder = join(at, 'Photos');
  mkdirSync(folder);
  await world.photos.saveSecond(localPath(folder));
  mkdirSync(`${at}-away`);
  t.after(() => {
    spawnSync('umount', ['-l', `${at}-away`]);
    rmSync(`${at}-away`, { recursive: true, force: true });
  });
  spawnSync('mount', ['--move', at, `${at}-away`]);
  const both = await begin(world, localPath(folder));
  assert.equal((await end(world, both.transfer)).state, 'done');
  const away = await end(world, both.secondTransfer, 500);
  assert.deepEqual([away.state, away.waitingFor?.kind], ['waiting', 'target']);
  assert.equal(existsSync(folder), false, 'it was made below the mount point');
  assert.equal(world.states()['/DCIM/Camera/IMG_3.jpg'], 'imported');
  await world.photos.settled(world.device);
  await world.look();
  assert.equal(world.states()['/DCIM/Camera/IMG_3.jpg'], 'imported', 'the second copy keeps nobody waiting');
  // nor does a restart forget it
  await world.restart();
  await world.start();
  spawnSync('mount', ['--move', `${at}-away`, at]);
  const read = await readOf(world, async () => {
    const view = await end(world, both.secondTransfer, 60_000);
    assert.equal(view.state, 'done', JSON.stringify(view));
  });
  assert.ok(read < MiB, `${read} bytes were read again`);
  await assertAll(world, folder);
});

for (const isKilled of [false, true])
  test(
    `the second disk goes away in the middle and comes back${isKilled ? ' after a restart' : ''}`,
    { timeout: 120_000 },
    async (t) => {
      const at = small(t, '64m');
      if (at === undefined) return;
      const world = beginPhotos(t, { rate: 16_000_000 });
      const bytes = fill(world, 48);
      await world.start();
      const folder = join(at, 'Photos');
      mkdirSync(folder);
      await world.photos.saveSecond(localPath(folder));
      const away = `${at}-away`;
      mkdirSync(away);
      t.after(() => {
        spawnSync('umount', ['-l', away]);
        rmSync(away, { recursive: true, force: true });
      });
      let both: Both | undefined;
      const read = await readOf(world, async () => {
        both = await begin(world, localPath(folder));
        const { transfer, secondTransfer } = both;
        while (world.engine.view(secondTransfer).counts.moved.files < 4)
          await new Promise((resolve) => setTimeout(resolve, 2));
        assert.notEqual(world.engine.view(transfer).state, 'done', 'both are under way');
        spawnSync('mount', ['--move', at, away]);
        const view = await end(world, transfer, 60_000);
        assert.deepEqual([view.state, view.counts.moved.files], ['done', 48], JSON.stringify(view));
      });
      assert.ok(both !== undefined);
      const { secondTransfer } = both;
      await assertAll(world, world.folderHere('photos'));
      const waiting = await end(world, secondTransfer, 500);
      assert.deepEqual([waiting.state, waiting.waitingFor?.kind], ['waiting', 'target'], JSON.stringify(waiting));
      assert.ok(waiting.counts.moved.files >= 4 && waiting.counts.moved.files < 48, JSON.stringify(waiting.counts));
      assert.equal(existsSync(folder), false, 'it was made below the mount point');
      if (isKilled) {
        await world.restart();
        await world.start();
      }
      spawnSync('mount', ['--move', away, at]);
      const readAgain = await readOf(world, async () => {
        const view = await end(world, secondTransfer, 60_000);
        assert.deepEqual([view.state, view.counts.moved.files], ['done', 48], JSON.stringify(view));
      });
      assert.ok(read < bytes * 1.25, `${read} bytes were read of ${bytes}`);
      assert.ok(readAgain < MiB, `${readAgain} bytes were read again`);
      // each once in both, and no temporary
      await assertAll(world, world.folderHere('photos'), folder);
      assert.equal(await world.lookAndImport(), 0, 'and none is offered again');
    },
  );

test('a first copy that was edited, truncated or replaced is no source: the phone is read again', async (t) => {
  const world = beginPhotos(t);
  for (const name of ['edited', 'short', 'swapped', 'gone', 'large', 'fine'])
    world.onPhone(`DCIM/${name}.jpg`, name === 'large' ? 3 * MiB : 200_000, DATE);
  await world.start();
  const also = second(world);
  await world.photos.saveSecond(also);
  renameSync(also, `${also}-away`);
  const both = await begin(world, also);
  assert.equal((await end(world, both.transfer)).state, 'done');
  const copy = (name: string): string => join(world.here, `photos/2024/03/${name}.jpg`);
  writeFileSync(copy('edited'), Buffer.alloc(200_000, 1));
  writeFileSync(copy('short'), readFileSync(copy('short')).subarray(0, 1000));
  rmSync(copy('gone'));
  for (const name of ['swapped', 'large']) {
    const { mtimeMs, size } = statSync(copy(name));
    const bytes = readFileSync(copy(name));
    bytes[size - 70_000] = (bytes[size - 70_000] ?? 0) ^ 1;
    writeFileSync(copy(name), bytes);
    utimesSync(copy(name), mtimeMs / 1000, mtimeMs / 1000);
    assert.equal(statSync(copy(name)).mtimeMs, mtimeMs);
  }
  renameSync(`${also}-away`, also);
  assert.equal((await end(world, both.secondTransfer, 60_000)).state, 'done');
  await assertAll(world, also);
});

test('one is cancelled: the other has all; nothing is left of the cancelled one', async (t) => {
  for (const which of ['transfer', 'secondTransfer'] as const) {
    const world = beginPhotos(t, { rate: 40_000_000 });
    fill(world, 16);
    await world.start();
    const also = second(world);
    const both = await begin(world, also);
    await world.engine.execute('cancel', { transfer: both[which] });
    const other = which === 'transfer' ? both.secondTransfer : both.transfer;
    assert.equal((await end(world, other)).state, 'done');
    await assertAll(world, which === 'transfer' ? also : world.folderHere('photos'));
    await end(world, both[which]);
    const rest = await treeOf(which === 'transfer' ? world.folderHere('photos') : also).catch(() => ({}));
    for (const name of Object.keys(rest)) assert.doesNotMatch(name, /replug/);
  }
});

test('shots stay together in the second place, whose names may be taken', async (t) => {
  const world = beginPhotos(t);
  for (const name of ['IMG_1.JPG', 'IMG_1.DNG']) world.onPhone(`DCIM/Camera/${name}`, 3_000 + name.length, DATE);
  await world.start();
  const also = second(world);
  mkdirSync(join(also, '2024/03'), { recursive: true });
  writeFileSync(join(also, '2024/03/IMG_1.JPG'), 'mine');
  const both = await begin(world, also);
  for (const id of [both.transfer, both.secondTransfer]) assert.equal((await end(world, id)).state, 'done');
  const names = Object.keys(await treeOf(join(also, '2024/03'))).sort();
  assert.deepEqual(names, ['IMG_1 (2).DNG', 'IMG_1 (2).JPG', 'IMG_1.JPG']);
  assert.equal(readFileSync(join(also, '2024/03/IMG_1.JPG'), 'utf8'), 'mine');
});

for (const [what, isTaken, isAway] of [
  ['', false, false],
  [' under the number that its picture has there', true, false],
  [', and while the folder is away', true, true],
] as const)
  test(`a raw file that comes later stays beside its picture in the second place too${what}`, async (t) => {
    const world = beginPhotos(t);
    world.onPhone('DCIM/Camera/IMG_1.JPG', 3_000, DATE);
    await world.start();
    const also = second(world);
    const month = join(also, '2024/03');
    if (isTaken) {
      mkdirSync(month, { recursive: true });
      writeFileSync(join(month, 'IMG_1.JPG'), 'mine');
    }
    await world.photos.saveSecond(also);
    const ended = async (): Promise<void> => {
      const both = await begin(world, also);
      assert.equal((await end(world, both.transfer)).state, 'done');
      if (isAway) {
        await end(world, both.secondTransfer, 500);
        if (existsSync(`${also}-away`)) renameSync(`${also}-away`, also);
      }
      assert.equal((await end(world, both.secondTransfer, 60_000)).state, 'done');
      await world.photos.settled(world.device);
    };
    await ended();
    if (isAway) renameSync(also, `${also}-away`);
    world.onPhone('DCIM/Camera/IMG_1.DNG', 9_000, DATE);
    // another one's, which has the same name
    world.onPhone('DCIM/Other/IMG_1.DNG', 9_001, DATE);
    await ended();
    const names = async (folder: string): Promise<readonly string[]> =>
      Object.keys(await treeOf(folder))
        .filter((name) => name.includes('IMG_1'))
        .sort();
    assert.deepEqual(await names(world.folderHere('photos')), [
      '2024/03/IMG_1 (2).DNG',
      '2024/03/IMG_1.DNG',
      '2024/03/IMG_1.JPG',
    ]);
    const there = await names(also);
    const mine = isTaken ? 'IMG_1 (2)' : 'IMG_1';
    for (const name of [`2024/03/${mine}.JPG`, `2024/03/${mine}.DNG`]) assert.ok(there.includes(name), there.join());
    assert.equal(statSync(join(month, `${mine}.DNG`)).size, 9_000);
    assert.equal(there.length, isTaken ? 4 : 3, there.join());
  });

test('a picture that was deleted in the second place holds no place for its raw file', async (t) => {
  const world = beginPhotos(t);
  world.onPhone('DCIM/Camera/IMG_1.JPG', 3_000, DATE);
  await world.start();
  const also = second(world);
  mkdirSync(join(also, '2024/03'), { recursive: true });
  writeFileSync(join(also, '2024/03/IMG_1.JPG'), 'mine');
  const importBoth = async (): Promise<void> => {
    const both = await begin(world, also);
    for (const id of [both.transfer, both.secondTransfer]) assert.equal((await end(world, id)).state, 'done');
    await world.photos.settled(world.device);
  };
  await importBoth();
  rmSync(join(also, '2024/03/IMG_1 (2).JPG'));
  rmSync(join(also, '2024/03/IMG_1.JPG'));
  world.onPhone('DCIM/Camera/IMG_1.DNG', 9_000, DATE);
  await importBoth();
  assert.deepEqual(Object.keys(await treeOf(join(also, '2024/03'))), ['IMG_1.DNG']);
});

test('a proof in either place frees the phone; without one nothing goes', async (t) => {
  const world = beginPhotos(t);
  for (const name of ['both', 'first', 'second', 'none']) world.onPhone(`DCIM/${name}.jpg`, 30_000 + name.length, DATE);
  await world.start();
  const also = second(world);
  const both = await begin(world, also);
  for (const id of [both.transfer, both.secondTransfer]) assert.equal((await end(world, id)).state, 'done');
  await world.photos.settled(world.device);
  const at = (folder: string, name: string): string => join(folder, `2024/03/${name}.jpg`);
  for (const name of ['second', 'none']) rmSync(at(world.folderHere('photos'), name));
  for (const name of ['first', 'none']) rmSync(at(also, name));
  await world.look();
  assert.equal((await world.photos.freeable(world.device, {})).length, 3);
  const report = await world.photos.free(
    world.device,
    world.photos.shots(world.device).map(({ id }) => id),
  );
  assert.deepEqual(Object.fromEntries(report.shots.map(({ path, freed, why }) => [path, freed ? 'freed' : why])), {
    '/DCIM/both.jpg': 'freed',
    '/DCIM/first.jpg': 'freed',
    '/DCIM/second.jpg': 'freed',
    '/DCIM/none.jpg': 'copy-missing',
  });
});

test('a second place has to be there when it is chosen, and be another one', async (t) => {
  const world = beginPhotos(t);
  world.onPhone('DCIM/a.jpg', 1_000, DATE);
  await world.start();
  await world.look();
  await assert.rejects(world.photos.saveSecond(world.folderHere('nowhere')), { kind: 'local-missing' });
  await assert.rejects(world.photos.saveSecond(localPath('photos')), { kind: 'bad-request' });
  const to = second(world);
  await assert.rejects(world.photos.import(world.device, { to, also: to }), { kind: 'bad-request' });
  assert.deepEqual(world.photos.unfinished(world.device), []);
});
