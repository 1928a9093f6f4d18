import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { local, localError } from '../../electron/engine/local/local-files.ts';
import { describeProblem, isPhoneError, type PhoneErrorKind } from '../../shared/errors.ts';
import type { TransferId } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { fastClock, FastBus } from './fast.ts';
import { World, digestFile, treeOf } from './world.ts';

/** Faults of the computer's disk: each is a state with a remedy, and confirmed bytes are kept. */

const MiB = 1024 * 1024;
const LONG = 600_000;
const TOGETHER = { concurrency: 8 } as const;
const isRoot = process.platform === 'linux' && process.getuid?.() === 0;

async function stage(t: TestContext, phone: ConstructorParameters<typeof World>[0] = {}): Promise<World> {
  const world = new World(phone, { clock: fastClock, bus: (virtual) => new FastBus(virtual) });
  t.after(() => world.end());
  await world.engine.start();
  await world.engine.waitForDevice(undefined, LONG);
  return world;
}
const told = (world: World, view: TransferView): string =>
  JSON.stringify([view.state, view.waitingFor, view.problem, world.log.slice(-6)]);

async function down(world: World, path: string, to: string, waitMs = 5_000): Promise<[TransferId, TransferView]> {
  const { transfer } = await world.engine.enqueue({
    direction: 'download',
    sources: [world.place(path)],
    to: to as never,
    options: { onConflict: 'skip' },
  });
  return [transfer, await world.engine.settled(transfer, { waitMs })];
}

/** A small separate file system; fails loudly where none can be created. */
function disk(t: TestContext, options: string): string | undefined {
  if (!isRoot) {
    t.skip('NOT RUN: a file system can be mounted only as root on Linux; remedy: run the tests in a container as root');
    return undefined;
  }
  const at = join('/tmp', `replug-disk-${process.pid}-${Math.random().toString(36).slice(2)}`);
  mkdirSync(at);
  const { status, stderr } = spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'replug-test', at], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    rmSync(at, { recursive: true });
    t.skip(`NOT RUN: mount refused (${stderr.trim()}); remedy: allow mounts (CAP_SYS_ADMIN)`);
    return undefined;
  }
  t.after(() => {
    spawnSync('umount', ['-l', at]);
    rmSync(at, { recursive: true, force: true });
  });
  return at;
}

describe('where a download goes', TOGETHER, () => {
  test('a full disk: the item waits, and resumes when there is space', async (t) => {
    const at = disk(t, 'size=3m');
    if (at === undefined) return;
    const world = await stage(t);
    world.onPhone('film.mp4', 2 * MiB);
    writeFileSync(join(at, 'ballast'), Buffer.alloc(2 * MiB));
    const [transfer, full] = await down(world, '/film.mp4', at);
    assert.deepEqual([full.state, full.waitingFor?.kind], ['waiting', 'space'], told(world, full));
    rmSync(join(at, 'ballast'));
    const view = await world.engine.settled(transfer, { waitMs: LONG });
    assert.equal(view.state, 'done', told(world, view));
    assert.equal(await digestFile(join(at, 'film.mp4')), await digestFile(join(world.phoneFolder, 'film.mp4')));
  });

  test('a disk that fills up during the transfer: the part file stays, and the item resumes from it', async (t) => {
    const at = disk(t, 'size=12m');
    if (at === undefined) return;
    const world = await stage(t, { rate: 30_000_000 });
    world.onPhone('film.mp4', 10 * MiB);
    const { transfer } = await world.engine.enqueue({
      direction: 'download',
      sources: [world.place('/film.mp4')],
      to: at as never,
      options: { onConflict: 'skip' },
    });
    while (world.phone.bytesMoved < 3 * MiB) await new Promise((resolve) => setTimeout(resolve, 1));
    // somebody else's file takes the room
    spawnSync('dd', ['if=/dev/zero', `of=${join(at, 'ballast')}`, 'bs=64k'], { stdio: 'ignore' });
    const full = await world.engine.settled(transfer, { waitMs: 5_000 });
    assert.deepEqual([full.state, full.waitingFor?.kind], ['waiting', 'space'], told(world, full));
    assert.ok(full.bytesConfirmed > 0);
    rmSync(join(at, 'ballast'));
    const view = await world.engine.settled(transfer, { waitMs: LONG });
    assert.equal(view.state, 'done', told(world, view));
    assert.equal(await digestFile(join(at, 'film.mp4')), await digestFile(join(world.phoneFolder, 'film.mp4')));
  });

  test('a disk that becomes read-only and then writable again', async (t) => {
    const at = disk(t, 'size=30m');
    if (at === undefined) return;
    const world = await stage(t);
    world.onPhone('a.bin', MiB);
    execFileSync('mount', ['-o', 'remount,ro', at]);
    const [transfer, view] = await down(world, '/a.bin', at);
    assert.deepEqual([view.state, view.problem?.kind], ['failed', 'local-read-only'], told(world, view));
    execFileSync('mount', ['-o', 'remount,rw', at]);
    await world.engine.execute('retry', { transfer });
    assert.equal((await world.engine.settled(transfer, { waitMs: LONG })).state, 'done');
  });

  for (const [what, isRoot] of [
    ['a folder in it vanishes on the way: it is made anew', false],
    ['it vanishes itself: it may be on a disk that is away, so it is waited for', true],
  ] as const)
    test(what, async (t) => {
      const world = await stage(t, { rate: 30_000_000 });
      world.onPhone('DCIM/film.mp4', 10 * MiB);
      const to = join(world.here, 'in');
      const { transfer } = await world.engine.enqueue({
        direction: 'download',
        sources: [world.place('/DCIM')],
        to: to as never,
        options: { onConflict: 'skip' },
      });
      while (world.phone.bytesMoved < 3 * MiB) await new Promise((resolve) => setTimeout(resolve, 1));
      renameSync(isRoot ? to : join(to, 'DCIM'), join(world.here, 'elsewhere'));
      if (isRoot) {
        const waiting = await world.engine.settled(transfer, { waitMs: 5_000 });
        assert.deepEqual([waiting.state, waiting.waitingFor?.kind], ['waiting', 'target'], told(world, waiting));
        assert.ok(!existsSync(to));
        mkdirSync(to);
      }
      const view = await world.engine.settled(transfer, { waitMs: LONG });
      assert.equal(view.state, 'done', told(world, view));
      const original = await digestFile(join(world.phoneFolder, 'DCIM/film.mp4'));
      assert.equal(await digestFile(join(to, 'DCIM/film.mp4')), original);
    });

  test('a disk that goes before its new folder was made on it is waited for', async (t) => {
    const at = disk(t, 'size=8m');
    if (at === undefined) return;
    // the limit for the disk's answer is one of the clock: a fast one would not wait for a busy machine
    const world = new World();
    t.after(() => world.end());
    await world.start();
    world.onPhone('a.bin', MiB);
    const sources = [world.place('/a.bin')];
    await world.phone.unplug();
    const to = join(at, 'new/folder');
    const { transfer } = await world.engine.enqueue({ direction: 'download', sources, to: to as never });
    mkdirSync(`${at}-away`);
    execFileSync('mount', ['--move', at, `${at}-away`]);
    t.after(() => {
      spawnSync('umount', ['-l', `${at}-away`]);
      rmSync(`${at}-away`, { recursive: true, force: true });
    });
    world.phone.plug();
    await world.engine.waitForDevice(undefined, LONG);
    const waiting = await world.engine.settled(transfer, { waitMs: 500 });
    assert.deepEqual([waiting.state, waiting.waitingFor?.kind], ['waiting', 'target'], told(world, waiting));
    assert.deepEqual(await treeOf(at), {}, 'it was made below the mount point');
    execFileSync('mount', ['--move', `${at}-away`, at]);
    const view = await world.engine.settled(transfer, { waitMs: LONG });
    assert.equal(view.state, 'done', told(world, view));
    assert.equal(await digestFile(join(to, 'a.bin')), await digestFile(join(world.phoneFolder, 'a.bin')));
  });

  test('a file where the folder should be', async (t) => {
    const world = await stage(t);
    world.onPhone('DCIM/a.bin', 10);
    writeFileSync(join(world.here, 'in'), 'mine');
    const [, view] = await down(world, '/DCIM', join(world.here, 'in'));
    assert.equal(view.state, 'failed');
    assert.ok(['local-exists', 'local-missing'].includes(view.problem?.kind ?? ''), told(world, view));
  });
});

describe('where an upload comes from', TOGETHER, () => {
  test('pipes, devices and sockets are reported and skipped; the rest is sent', async (t) => {
    if (process.platform === 'win32') return t.skip('NOT RUN: Windows has no such files');
    const world = await stage(t);
    mkdirSync(join(world.phoneFolder, 'Download'));
    world.local('src/a.txt', 100);
    execFileSync('mkfifo', [join(world.here, 'src/pipe')]);
    symlinkSync('/dev/zero', join(world.here, 'src/device'));
    symlinkSync(join(world.here, 'nowhere'), join(world.here, 'src/broken'));
    symlinkSync('..', join(world.here, 'src/loop'));
    const { createServer } = await import('node:net');
    const server = createServer().listen(join(world.here, 'src/socket'));
    t.after(() => server.close());
    const view = await world.push([join(world.here, 'src') as never], '/Download', {}, LONG);
    assert.equal(view.state, 'failed', told(world, view));
    assert.ok(view.counts.failed >= 4, JSON.stringify(view.counts));
    const rows = [...world.engine.itemRows(view.id)].flatMap((row) => (row.state.kind === 'failed' ? [row.state] : []));
    for (const { problem } of rows)
      assert.ok(['source-unreadable', 'source-missing'].includes(problem.kind), JSON.stringify(problem));
    assert.ok(existsSync(join(world.phoneFolder, 'Download/src/a.txt')));
  });

  test('a file generated while it is read, with a size of 0, is not called copied', async (t) => {
    if (process.platform !== 'linux') return t.skip('NOT RUN: only Linux has /proc');
    const world = await stage(t);
    symlinkSync('/proc/self/status', join(world.here, 'status'));
    const view = await world.push([join(world.here, 'status') as never, world.local('empty', 0)], '/Download');
    assert.deepEqual([view.counts.failed, view.counts.moved.files], [1, 1], told(world, view));
    assert.equal(view.problem?.kind, 'source-unreadable');
    assert.deepEqual(Object.keys(await treeOf(join(world.phoneFolder, 'Download'))), ['empty']);
  });

  test('an unreadable file fails alone, and is sent once it is readable', async (t) => {
    if (process.platform === 'win32') return t.skip('NOT RUN: Windows has other permissions');
    if (isRoot) {
      // root ignores permissions: inject the same errors where they would occur
      const refused = Object.assign(new Error('denied'), { code: 'EACCES' });
      await assert.rejects(
        local('source', 'open', '/x', () => Promise.reject(refused)),
        (error) => isPhoneError(error) && error.kind === 'source-unreadable',
      );
      return;
    }
    const world = await stage(t);
    const source = world.local('a.txt', 100);
    chmodSync(source, 0);
    const view = await world.push([source], '/', {}, LONG);
    assert.equal(view.problem?.kind, 'source-unreadable');
    chmodSync(source, 0o600);
    await world.engine.execute('retry', { transfer: view.id });
    assert.equal((await world.engine.settled(view.id, { waitMs: LONG })).state, 'done');
  });

  test('a source whose drive disappears: the item waits, and resumes when the drive is back', async (t) => {
    const world = await stage(t, { rate: 30_000_000 });
    const source = world.local('drive/film.mp4', 20 * MiB);
    const { transfer } = await world.engine.enqueue({
      direction: 'upload',
      sources: [source],
      to: world.place('/'),
      options: { onConflict: 'skip' },
    });
    // unplug the phone with the drive, so that the file has to be opened again
    while (world.phone.bytesMoved < 4 * MiB) await new Promise((resolve) => setTimeout(resolve, 1));
    renameSync(join(world.here, 'drive'), join(world.here, 'gone'));
    await world.phone.unplug();
    world.phone.plug();
    await world.engine.waitForDevice(undefined, LONG);
    const waiting = await world.engine.settled(transfer, { waitMs: 5_000 });
    assert.deepEqual([waiting.state, waiting.waitingFor?.kind], ['waiting', 'source'], told(world, waiting));
    renameSync(join(world.here, 'gone'), join(world.here, 'drive'));
    const view = await world.engine.settled(transfer, { waitMs: LONG });
    assert.equal(view.state, 'done', told(world, view));
    assert.equal(await digestFile(join(world.phoneFolder, 'film.mp4')), await digestFile(source));
    assert.deepEqual(Object.keys(await treeOf(world.phoneFolder)), ['film.mp4']);
  });
});

describe('what the disk says', () => {
  const SAID: readonly (readonly [code: string, target: PhoneErrorKind, source: PhoneErrorKind])[] = [
    ['EFBIG', 'local-too-large', 'local-io'],
    ['ENOSPC', 'local-full', 'local-io'],
    ['EDQUOT', 'local-full', 'local-io'],
    ['EROFS', 'local-read-only', 'source-unreadable'],
    ['EACCES', 'local-read-only', 'source-unreadable'],
    ['EPERM', 'local-read-only', 'source-unreadable'],
    ['ENOENT', 'local-missing', 'source-missing'],
    ['ENOTDIR', 'local-missing', 'source-missing'],
    ['ENAMETOOLONG', 'local-bad-name', 'source-unreadable'],
    ['EILSEQ', 'local-bad-name', 'source-unreadable'],
    ['EINVAL', 'local-io', 'source-unreadable'],
    ['EISDIR', 'local-exists', 'source-unreadable'],
    ['ENXIO', 'local-io', 'source-missing'],
    ['ENODEV', 'local-missing', 'source-missing'],
    ['ESTALE', 'local-missing', 'source-missing'],
    ['EHOSTDOWN', 'local-missing', 'source-missing'],
    ['ETIMEDOUT', 'local-missing', 'source-missing'],
    ['EIO', 'local-io', 'local-io'],
    ['EBUSY', 'local-busy', 'local-busy'],
    ['EMFILE', 'local-busy', 'local-busy'],
  ];
  for (const [code, target, source] of SAID)
    test(`${code} is ${target} where we write, ${source} where we read, and each has its remedy`, () => {
      const error = Object.assign(new Error(code), { code });
      for (const [side, kind] of [
        ['target', target],
        ['source', source],
      ] as const) {
        const problem = localError(error, side, 'write', '/x').problem;
        assert.equal(problem.kind, kind);
        assert.ok(describeProblem(problem).remedy.length > 10);
      }
    });

  test('EINVAL is a refused name only where something gets a name that a disk may refuse', () => {
    const error = Object.assign(new Error('EINVAL'), { code: 'EINVAL' });
    const kindOf = (operation: string, name: string): string =>
      localError(error, 'target', operation, join('/some:where', name)).problem.kind;
    for (const operation of ['open', 'mkdir', 'rename'])
      for (const name of ['a:b.jpg', 'what?.txt', 'dots...', 'blank ', 'Größe.txt', 'NUL', 'com1.txt', 'x'.repeat(250)])
        assert.equal(kindOf(operation, name), 'local-bad-name', `${operation} ${name}`);
    for (const operation of ['write', 'sync', 'truncate', 'stat', 'date'])
      assert.equal(kindOf(operation, 'a:b.jpg'), 'local-io', operation);
    for (const name of ['IMG_0001.JPG', 'a', 'my film (2).mp4'.replace(/[()]/g, ''), 'console.log'])
      assert.equal(kindOf('open', name), 'local-io', name);
  });
});
