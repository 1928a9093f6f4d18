import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { nodeDisk, systemClock, type Disk, type EngineClock } from '../../electron/engine/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { localPath, type LocalPath, type TransferOptions } from '../../shared/domain.ts';
import { begin, digestFile, writeFile, type World } from './world.ts';

/** A waiting item resumes when it can, blocks nothing else, and all that wait for one thing share one check. */

const KiB = 1024;
const MiB = 1024 * KiB;
const TOGETHER = { concurrency: 6 } as const;

async function until(holds: () => boolean, what: string): Promise<void> {
  const limit = AbortSignal.timeout(15_000);
  while (!holds()) {
    if (limit.aborted) throw new Error(`in vain: ${what}`);
    await new Promise((later) => setTimeout(later, 2));
  }
}
const some = (ms: number): Promise<void> => new Promise((later) => setTimeout(later, ms));

async function send(world: World, source: string, options: Partial<TransferOptions> = {}) {
  const request = { onConflict: 'skip', ...options } as const;
  const sources = [source as LocalPath];
  return (await world.engine.enqueue({ direction: 'upload', sources, to: world.place('/Download'), options: request }))
    .transfer;
}

/** A separate file system; fails loudly where none can be created. */
function mountedFolder(t: TestContext): string | undefined {
  const at = mkdtempSync(join(tmpdir(), 'replug-mount-'));
  t.after(() => {
    spawnSync('umount', ['-l', at]);
    rmSync(at, { recursive: true, force: true });
  });
  const { status } = spawnSync('mount', ['-t', 'tmpfs', 'replug-test', at]);
  if (status === 0) return at;
  t.skip('NOT RUN: no file system can be mounted; remedy: run the tests as root on Linux with CAP_SYS_ADMIN');
  return undefined;
}

/** Dates jump, durations do not. */
function jumpingClock(): EngineClock & { shift: number } {
  const clock = {
    shift: 0,
    now: (): number => Date.now() + clock.shift,
    monotonic: systemClock.monotonic,
    sleep: systemClock.sleep,
  };
  return clock;
}

describe('a command given while the lane is busy applies to the next file', TOGETHER, () => {
  for (const command of ['cancel', 'pause'] as const)
    test(command, async (t) => {
      const world = begin(t, { latencyMs: 20 });
      for (let i = 0; i < 8; i += 1) world.local(`src/a${i}`, 200_000);
      const last = world.local('src/z.bin', 24 * MiB);
      await world.start();
      const transfer = await send(world, join(world.here, 'src'), { move: true });
      // small files are sent together; the large one is already chosen and waits for them
      const counts = () => world.engine.view(transfer).counts;
      await until(() => counts().done >= 4, 'a few are done');
      await world.engine.execute(command, { transfer });
      const stopped = () => counts().done + counts().cancelled + counts().paused === counts().total;
      await until(stopped, 'it stops');
      await some(300);
      assert.ok(stopped());
      assert.ok(!existsSync(join(world.phoneFolder, 'Download/src/z.bin')), 'it is not sent');
      assert.ok(existsSync(last), 'its original is still there');
    });
});

describe('missing sources', TOGETHER, () => {
  test('a source that comes back is noticed behind a hundred missing ones', async (t) => {
    const world = begin(t);
    for (let i = 0; i < 120; i += 1) world.local(`src/a${String(i).padStart(3, '0')}`, 100);
    const last = world.local('src/z-last', 100);
    await world.start();
    const transfer = await send(world, join(world.here, 'src'));
    await until(() => world.engine.view(transfer).state !== 'planning', 'it is planned');
    rmSync(join(world.here, 'src'), { recursive: true });
    const counts = () => world.engine.view(transfer).counts;
    await until(() => counts().waiting + counts().done >= 121, 'all wait');
    const row = [...world.engine.itemRows(transfer)].at(-1);
    writeFile(last, 100, row?.modified);
    await until(() => [...world.engine.itemRows(transfer)].at(-1)?.state.kind === 'done', 'the last one is sent');
  });

  test('a share that never answers blocks neither other transfers nor other waiting items', async (t) => {
    let isSilent = false;
    let asked = 0;
    const disk: Disk = {
      ...nodeDisk,
      stat: (path) => {
        if (!isSilent || !path.startsWith(share)) return nodeDisk.stat(path);
        asked += 1;
        return new Promise(() => undefined);
      },
    };
    const world = begin(t, { latencyMs: 1 }, { disk });
    const share = join(world.here, 'share');
    for (let i = 0; i < 40; i += 1) world.local(`share/${i}/file`, 100);
    await world.start();
    const away = await send(world, share);
    await until(() => world.engine.view(away).state !== 'planning', 'it is planned');
    renameSync(share, join(world.here, 'gone'));
    await until(() => world.engine.view(away).counts.waiting === 40, 'all of it waits');
    // from here on no call on the share returns
    isSilent = true;
    await until(() => asked > 0, 'the share is asked');
    const source = world.local('other', 100);
    const other = await send(world, source);
    assert.equal((await world.engine.settled(other, { waitMs: 5_000 })).state, 'done');
    const [missing] = [world.local('missing', 100)];
    const waits = await send(world, missing);
    await until(() => world.engine.view(waits).state !== 'planning', 'it is planned');
    await world.engine.settled(waits, { waitMs: 5_000 });
    await some(200);
    assert.equal(asked, 1, 'one question is under way, not one for each file or each look');
  });
});

test('forty files that wait for free space share one check', async (t) => {
  const world = begin(t, { capacity: 30 * MiB });
  for (let i = 0; i < 40; i += 1) world.local(`src/f${i}`, 2 * MiB);
  mkdirSync(join(world.phoneFolder, 'Download'));
  const ballast = join(world.phoneFolder, 'ballast');
  writeFile(ballast, 29 * MiB);
  await world.start();
  const transfer = await send(world, join(world.here, 'src'));
  await until(() => world.engine.view(transfer).counts.waiting === 40, 'all wait');
  const before = world.phone.timesSeen(Operation.GetStorageInfo);
  await some(400);
  // one per check, at most every 20 ms, and a few for display
  const looks = world.phone.timesSeen(Operation.GetStorageInfo) - before;
  assert.ok(looks <= 40, `${looks} looks`);
  rmSync(ballast);
  await until(() => world.engine.view(transfer).counts.done >= 12, 'those that fit are sent');
  await world.engine.execute('cancel', { transfer });
  await world.engine.settled(transfer, { waitMs: 5_000 });
});

describe('the clock is changed while an item waits', TOGETHER, () => {
  for (const [name, by] of [
    ['back an hour', -3_600_000],
    ['forward an hour', 3_600_000],
  ] as const) {
    test(`for its source: ${name}`, async (t) => {
      const clock = jumpingClock();
      const world = begin(t, {}, { clock });
      const source = world.local('drive/a', 100);
      await world.start();
      await world.phone.unplug();
      const transfer = (
        await world.engine.enqueue({
          direction: 'upload',
          sources: [source],
          to: { ...world.place('/') },
          options: { onConflict: 'skip' },
        })
      ).transfer;
      await until(() => world.engine.view(transfer).state !== 'planning', 'it is planned');
      renameSync(join(world.here, 'drive'), join(world.here, 'gone'));
      world.phone.plug();
      await until(() => world.engine.view(transfer).waitingFor?.kind === 'source', 'it waits');
      clock.shift = by;
      renameSync(join(world.here, 'gone'), join(world.here, 'drive'));
      await until(() => world.engine.view(transfer).state === 'done', 'it goes on');
    });

    test(`for its next try: ${name}`, async (t) => {
      const clock = jumpingClock();
      const world = begin(t, { latencyMs: 10 }, { clock });
      const source = world.local('a.txt', 100);
      mkdirSync(join(world.phoneFolder, 'Download'));
      await world.start();
      // after its folder was looked at: the name is refused once, then checked again
      const there = join(world.phoneFolder, 'Download/a.txt');
      const stop = world.phone.onOperation((operation) => {
        if (operation !== Operation.SendObjectInfo) return;
        stop();
        writeFile(there, 7);
      });
      const transfer = await send(world, source);
      await until(() => world.log.some((line) => line.includes('exists')), 'it is refused');
      clock.shift = by;
      rmSync(there);
      await until(() => world.engine.view(transfer).state === 'done', 'it is tried again');
    });
  }
});

describe('phones and disks that do not report their free space', TOGETHER, () => {
  for (const quirk of ['free-zero', 'free-unknown', 'capacity-zero', 'capacity-unknown'] as const)
    test(`${quirk}: everything is sent, and nothing waits for space`, async (t) => {
      const world = begin(t, { quirks: [[quirk, 1]] });
      for (let i = 0; i < 3; i += 1) world.local(`src/f${i}`, 2 * MiB);
      const large = world.local('large.bin', 20 * MiB);
      await world.start();
      const view = await world.push([join(world.here, 'src') as LocalPath, large], '/Download');
      assert.equal(view.state, 'done', JSON.stringify([view, world.log.slice(-4)]));
      assert.equal(await digestFile(join(world.phoneFolder, 'Download/large.bin')), await digestFile(large));
    });
});

describe('the destination folder of a download', TOGETHER, () => {
  const pull = async (world: World, to: string) =>
    (
      await world.engine.enqueue({
        direction: 'download',
        sources: [world.place('/DCIM')],
        to: localPath(to),
        options: { onConflict: 'skip' },
      })
    ).transfer;

  for (const [what, size, count] of [
    ['large files', 12 * MiB, 2],
    ['small files', 400 * KiB, 60],
  ] as const)
    test(`disappears with its disk during the transfer: the item waits, and the folder is not recreated (${what})`, async (t) => {
      const world = begin(t, { rate: 30_000_000, latencyMs: 1 });
      for (let i = 0; i < count; i += 1) world.onPhone(`DCIM/f${i}`, size);
      mkdirSync(join(world.here, 'drive'));
      await world.start();
      const transfer = await pull(world, join(world.here, 'drive/in'));
      await until(() => world.engine.view(transfer).bytesConfirmed > 2 * MiB, 'it moves');
      renameSync(join(world.here, 'drive'), join(world.here, 'gone'));
      await until(() => world.engine.view(transfer).waitingFor?.kind === 'target', 'it waits');
      assert.ok(!existsSync(join(world.here, 'drive')));
      renameSync(join(world.here, 'gone'), join(world.here, 'drive'));
      const view = await world.engine.settled(transfer, { waitMs: 15_000 });
      assert.equal(view.state, 'done', JSON.stringify([view, world.log.slice(-4)]));
      assert.equal(readdirSync(join(world.here, 'drive/in/DCIM')).length, count, 'no part file is left behind');
      for (let i = 0; i < count; i += 1)
        assert.equal(
          await digestFile(join(world.here, `drive/in/DCIM/f${i}`)),
          await digestFile(join(world.phoneFolder, `DCIM/f${i}`)),
        );
    });

  test('is missing with its disk at the next start: the item waits, and the folder is not recreated', async (t) => {
    const world = begin(t, { rate: 30_000_000 });
    world.onPhone('DCIM/film.mp4', 12 * MiB);
    mkdirSync(join(world.here, 'drive'));
    await world.start();
    const transfer = await pull(world, join(world.here, 'drive/in'));
    await until(() => world.engine.view(transfer).bytesConfirmed > 2 * MiB, 'it moves');
    await world.engine.stop();
    renameSync(join(world.here, 'drive'), join(world.here, 'gone'));
    await world.restart();
    await world.start();
    await until(() => world.engine.view(transfer).waitingFor?.kind === 'target', 'it waits');
    assert.ok(!existsSync(join(world.here, 'drive')));
    renameSync(join(world.here, 'gone'), join(world.here, 'drive'));
    assert.equal((await world.engine.settled(transfer, { waitMs: 15_000 })).state, 'done');
  });

  test('is an empty mount point once its disk is unmounted: nothing is written into it', async (t) => {
    const at = mountedFolder(t);
    if (at === undefined) return;
    const world = begin(t, { rate: 30_000_000 });
    for (let i = 0; i < 6; i += 1) world.onPhone(`DCIM/f${i}`, 4 * MiB);
    await world.start();
    const transfer = await pull(world, at);
    await until(() => world.engine.view(transfer).counts.done >= 2, 'it moves');
    // lazy unmount: like a disk pulled out during a write
    execFileSync('umount', ['-l', at]);
    await until(() => world.engine.view(transfer).waitingFor?.kind === 'target', 'it waits');
    assert.deepEqual(readdirSync(at), []);
    execFileSync('mount', ['-t', 'tmpfs', 'replug-test', at]);
    assert.equal((await world.engine.settled(transfer, { waitMs: 15_000 })).state, 'done');
  });
});

describe('a storage of the phone', TOGETHER, () => {
  for (const direction of ['upload', 'download'] as const)
    test(`disappears during the ${direction} and returns under another id: the item waits`, async (t) => {
      const cardFolder = mkdtempSync(join(tmpdir(), 'replug-card-'));
      t.after(() => {
        rmSync(cardFolder, { recursive: true, force: true });
      });
      const world = begin(t, { rate: 30_000_000, sdDirectory: cardFolder });
      await world.start();
      const card = world.place('/', 1);
      const source = world.local('film.mp4', 24 * MiB);
      if (direction === 'download') {
        const first = await world.engine.enqueue({ direction: 'upload', sources: [source], to: card });
        assert.equal((await world.engine.settled(first.transfer, { waitMs: 10_000 })).state, 'done');
      }
      const before = world.phone.bytesMoved;
      const { transfer } = await world.engine.enqueue(
        direction === 'upload'
          ? { direction, sources: [source], to: card }
          : {
              direction,
              sources: [world.place('/film.mp4', 1)],
              to: localPath(join(world.here, 'in')),
              options: { onConflict: 'skip' },
            },
      );
      await until(() => world.phone.bytesMoved > before + 6 * MiB, 'it moves');
      world.phone.removeStorage(1);
      await until(() => world.engine.view(transfer).waitingFor?.kind === 'storage', 'it waits for the card');
      world.phone.insertStorage(1);
      const view = await world.engine.settled(transfer, { waitMs: 15_000 });
      assert.equal(view.state, 'done', JSON.stringify([view, world.log.slice(-6)]));
      const copy = direction === 'download' ? join(world.here, 'in/film.mp4') : join(cardFolder, 'film.mp4');
      assert.equal(await digestFile(copy), await digestFile(source));
    });
});
