import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { nodeDisk, type Disk } from '../../electron/engine/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { MemoryTransferStore } from '../../electron/store/index.ts';
import type { LocalPath } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { begin, digestFile, type World } from './world.ts';

/**
 * A move must never delete an original that was not copied, and never report a deletion that did not happen. A move
 * whose process dies is tested in `killed-between.test.ts`.
 */

const MIB = 1024 * 1024;
type Way = 'upload' | 'download';
const WAYS: readonly Way[] = ['upload', 'download'];
const NAME = 'film.bin';

/** One file of `size` bytes, and where it and its copy are. */
function oneFile(world: World, way: Way, size: number): { readonly original: string; readonly copy: string } {
  if (way === 'upload') {
    world.local(NAME, size);
    return { original: join(world.here, NAME), copy: join(world.phoneFolder, 'Download', NAME) };
  }
  world.onPhone(`DCIM/${NAME}`, size);
  return { original: join(world.phoneFolder, 'DCIM', NAME), copy: join(world.here, 'in', NAME) };
}
const move = (world: World, way: Way): Promise<TransferView> =>
  way === 'upload'
    ? world.push([join(world.here, NAME) as LocalPath], '/Download', { move: true })
    : world.pull([`/DCIM/${NAME}`], 'in', { move: true });

const detailOf = async (world: World, view: Pick<TransferView, 'id'>): Promise<string | undefined> =>
  (await world.engine.execute('report', { transfer: view.id, format: 'json' })).lines[0]?.detail;

for (const way of WAYS)
  describe(`a move by ${way}`, () => {
    test('deletes the original after its copy arrived, and reports it', async (t) => {
      const world = begin(t);
      const { original, copy } = oneFile(world, way, 3 * MIB);
      const digest = await digestFile(original);
      await world.start();
      const view = await move(world, way);
      assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
      await world.engine.stop();
      assert.ok(!existsSync(original));
      assert.equal(await digestFile(copy), digest);
      assert.equal(await detailOf(world, view), 'the original was deleted');
    });

    test('keeps an original modified after it was copied', async (t) => {
      let late: (() => void) | undefined;
      const store = new (class extends MemoryTransferStore {
        override updateItem(...given: Parameters<MemoryTransferStore['updateItem']>): void {
          super.updateItem(...given);
          if (given[1].state?.kind === 'done') late?.();
        }
      })();
      const world = begin(t, {}, {}, store);
      const { original, copy } = oneFile(world, way, 2 * MIB);
      const digest = await digestFile(original);
      late = () => {
        late = undefined;
        appendFileSync(original, 'one more line');
      };
      await world.start();
      const view = await move(world, way);
      assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
      await world.engine.stop();
      assert.match(readFileSync(original, 'latin1'), /one more line$/);
      assert.equal(await digestFile(copy), digest);
      assert.match((await detailOf(world, view)) ?? '', /^the original was not deleted: .*changed/);
    });
  });

test('the original of a skipped item stays', async (t) => {
  const world = begin(t);
  world.local('src/a', 100);
  world.local('src/b', 3 * MIB);
  world.onPhone('Download/src/b', 5);
  await world.start();
  const view = await world.push([join(world.here, 'src') as LocalPath], '/Download', { move: true });
  assert.equal(view.state, 'done');
  await world.engine.stop();
  assert.ok(!existsSync(join(world.here, 'src/a')));
  assert.equal(statSync(join(world.here, 'src/b')).size, 3 * MIB);
});

test('a doubled size reported by the phone is not a changed file', async (t) => {
  const world = begin(t, { quirks: [['doubled-sizes', 1]] });
  const { original, copy } = oneFile(world, 'download', 1000);
  const digest = await digestFile(original);
  await world.start();
  const view = await move(world, 'download');
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  await world.engine.stop();
  assert.equal(await digestFile(copy), digest);
  assert.equal(await detailOf(world, view), 'the original was deleted');
  assert.ok(!existsSync(original));
});

/** Acts right before an original goes, when its copy is on disk. */
class Late extends MemoryTransferStore {
  late: (() => void) | undefined;
  override commitDurably(...given: Parameters<MemoryTransferStore['commitDurably']>): void {
    super.commitDurably(...given);
    this.late?.();
    this.late = undefined;
  }
}
const ELSEWHERE: Readonly<Record<string, readonly [(world: World) => Promise<unknown>, string]>> = {
  'renamed by Replug': [
    (world) => world.engine.execute('rename', { place: world.place(`/DCIM/${NAME}`), name: 'best.bin' }),
    'DCIM/best.bin',
  ],
  'moved by Replug': [
    (world) =>
      world.engine.execute('moveOnPhone', { sources: [world.place(`/DCIM/${NAME}`)], to: world.place('/Keep') }),
    `Keep/${NAME}`,
  ],
  'moved by an app': [(world) => world.phone.touchRename(`/DCIM/${NAME}`, `/Keep/${NAME}`), `Keep/${NAME}`],
};
for (const [how, [act, path]] of Object.entries(ELSEWHERE))
  test(`an original that was ${how} right before it was to go stays there, and is not called deleted`, async (t) => {
    const store = new Late();
    const world = begin(t, {}, {}, store);
    const { original, copy } = oneFile(world, 'download', 2 * MIB);
    const digest = await digestFile(original);
    mkdirSync(join(world.phoneFolder, 'Keep'));
    await world.start();
    let acted: Promise<unknown> | undefined;
    store.late = () => {
      acted = act(world);
    };
    const view = await move(world, 'download');
    await acted;
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    assert.match((await detailOf(world, view)) ?? '', /^the original was not deleted: /);
    await world.engine.stop();
    assert.equal(await digestFile(join(world.phoneFolder, path)), digest);
    assert.equal(await digestFile(copy), digest);
  });

test('unplugged at the deletion: the original stays, and goes when the phone is back', async (t) => {
  const world = begin(t);
  const { original, copy } = oneFile(world, 'download', 1000);
  const digest = await digestFile(original);
  await world.start();
  world.faults('unplug@op=DeleteObject:1:before');
  const moved = move(world, 'download');
  const states = (): readonly string[] => world.engine.transfers().map(({ state }) => state);
  while (world.phone.isPlugged || states()[0] !== 'waiting') await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(await digestFile(original), digest);
  world.phone.plug();
  const view = await moved;
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  await world.engine.stop();
  assert.equal(await digestFile(copy), digest);
  assert.ok(!existsSync(original));
  assert.match((await detailOf(world, view)) ?? '', /^the original was deleted/);
});

/** The first look at an original that is to be deleted, and the answer to its deletion. */
const CUT_AT = { 'before it could be deleted': 'GetObjectInfo', 'when it had been deleted': 'DeleteObject' } as const;
for (const [when, operation] of Object.entries(CUT_AT))
  test(`unplugged ${when}, and gone at the replug: the original is told as what is known of it`, async (t) => {
    const store = new Late();
    const world = begin(t, {}, {}, store);
    const { original, copy } = oneFile(world, 'download', 1000);
    const digest = await digestFile(original);
    await world.start();
    store.late = () => {
      world.faults(`unplug@op=${operation}:${world.phone.timesSeen(Operation[operation]) + 1}:response`);
    };
    const moved = move(world, 'download');
    const states = (): readonly string[] => world.engine.transfers().map(({ state }) => state);
    while (world.phone.isPlugged || states()[0] !== 'waiting') await new Promise((resolve) => setTimeout(resolve, 5));
    rmSync(original, { force: true });
    world.phone.plug();
    const view = await moved;
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    const detail = (await detailOf(world, view)) ?? '';
    assert.match(
      detail,
      operation === 'DeleteObject' ? /^the original was deleted/ : /^the original was not deleted: .*not where it was/,
    );
    await world.engine.stop();
    assert.equal(await digestFile(copy), digest);
  });

for (const size of [1000, 3 * MIB])
  test(`a move of ${size} bytes is made anew whose disk was pulled out, and came back, before it had its folder`, async (t) => {
    let lose = (): void => undefined;
    const disk: Disk = {
      ...nodeDisk,
      open: (at, ...how) => {
        if (at === join(world.here, 'in')) lose();
        return nodeDisk.open(at, ...how);
      },
    };
    const world = begin(t, {}, { disk, limits: { wholeBelow: MIB } });
    const original = world.onPhone(`DCIM/${NAME}`, size);
    const copy = join(world.here, 'in/DCIM', NAME);
    const digest = await digestFile(original);
    let times = 0;
    lose = () => {
      if (times > 0 || !existsSync(copy)) return;
      times += 1;
      rmSync(join(world.here, 'in/DCIM'), { recursive: true });
    };
    await world.start();
    const view = await world.pull(['/DCIM'], 'in', { move: true });
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    await world.engine.stop();
    assert.equal(times, 1);
    assert.equal(await digestFile(copy), digest);
    assert.ok(!existsSync(original));
  });
