import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { MemoryTransferStore } from '../../electron/store/index.ts';
import { fail } from '../../shared/errors.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { begin, bytesFor, digestFile, type World } from './world.ts';

/**
 * A move whose copy is complete but whose original stayed, since the program ended in between or something was away. It
 * is verified again and finished; if it can no longer be verified, the original stays.
 */

const MIB = 1024 * 1024;
const NAME = 'film.bin';
type Way = 'upload' | 'download';

/** Refuses the last commit before a deletion a given number of times. */
class StuckStore extends MemoryTransferStore {
  refusals = 1;
  commits = 0;
  override commitDurably(...given: Parameters<MemoryTransferStore['commitDurably']>): void {
    this.commits += 1;
    if (this.commits <= this.refusals) throw fail('store', 'commit', 'for now');
    super.commitDurably(...given);
  }
}

interface Left {
  readonly world: World;
  readonly store: StuckStore;
  readonly original: string;
  readonly copy: string;
  readonly digest: string;
  readonly view: TransferView;
}

/** A move with only its deletion left; `killed`: as if the program had died before storing why. */
async function left(t: TestContext, way: Way, size: number, end: 'killed' | 'refused' = 'killed'): Promise<Left> {
  const store = new StuckStore();
  const world = begin(t, {}, { limits: { wholeBelow: MIB } }, store);
  const [original, copy] =
    way === 'upload'
      ? [world.local(NAME, size, 1_700_000_000_000), join(world.phoneFolder, 'Download', NAME)]
      : [world.onPhone(`DCIM/${NAME}`, size, 1_700_000_000_000), join(world.here, 'in', NAME)];
  const digest = await digestFile(original);
  await world.start();
  const view =
    way === 'upload'
      ? await world.push([original as never], '/Download', { move: true })
      : await world.pull([`/DCIM/${NAME}`], 'in', { move: true });
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  assert.ok(existsSync(original));
  assert.equal(await digestFile(copy), digest);
  if (end === 'killed') {
    await world.restart();
    const [item] = store.itemsIn(view.id, ['done'], 1);
    assert.ok(item?.state.kind === 'done' && item.state.outcome.kind === 'moved');
    const outcome = { ...item.state.outcome, original: { deleted: false } };
    store.updateItem(item.id, { state: { kind: 'done', outcome } }, 1);
  }
  return { world, store, original, copy, digest, view };
}

async function after({ world, view }: Left): Promise<string> {
  const now = await world.engine.settled(view.id, { waitMs: 10_000 });
  assert.equal(now.state, 'done', JSON.stringify([now, world.log]));
  await world.engine.stop();
  return (await world.engine.execute('report', { transfer: view.id, format: 'json' })).lines[0]?.detail ?? '';
}

/** Other bytes of the same size and date. */
function rewrite(path: string): void {
  const { size, mtime } = statSync(path);
  writeFileSync(path, bytesFor('others', size));
  utimesSync(path, mtime, mtime);
}

for (const way of ['upload', 'download'] as const)
  describe(`a move by ${way} whose original stayed`, () => {
    for (const size of [0, 1000, 3 * MIB, 20 * MIB])
      test(`is ended at the next start: ${size} bytes`, async (t) => {
        const all = await left(t, way, size);
        await all.world.start();
        assert.equal(await after(all), 'the original was deleted');
        assert.ok(!existsSync(all.original));
        assert.equal(await digestFile(all.copy), all.digest);
      });

    test('is finished by resume, in the same process', async (t) => {
      const all = await left(t, way, 3 * MIB, 'refused');
      await all.world.engine.execute('resume', { transfer: all.view.id });
      assert.equal(await after(all), 'the original was deleted');
      assert.ok(!existsSync(all.original));
    });

    test('is finished at the third attempt', async (t) => {
      const all = await left(t, way, 3 * MIB);
      all.store.refusals = 2;
      await all.world.start();
      assert.match(await after(all), /^the original was not deleted/);
      assert.ok(existsSync(all.original));
      await all.world.restart();
      await all.world.start();
      assert.equal(await after(all), 'the original was deleted');
      assert.ok(!existsSync(all.original));
    });

    const MEDDLED: Readonly<Record<string, readonly [(all: Left) => void, RegExp]>> = {
      'the copy was rewritten with the same size and date': [({ copy }) => rewrite(copy), /copy of .* differs/],
      'the copy has grown': [({ copy }) => appendFileSync(copy, 'x'), /copy of .* differs/],
      'the copy was deleted': [({ copy }) => rmSync(copy), /copy of .* differs/],
      'the original was written to': [({ original }) => appendFileSync(original, 'x'), /changed/],
      'the original has another date': [({ original }) => utimesSync(original, 5000, 5123), /changed/],
      'the original was rewritten with the same size and date': [({ original }) => rewrite(original), /differs/],
    };
    for (const [what, [meddle, why]] of Object.entries(MEDDLED))
      test(`${what}: it stays, and the report says why`, async (t) => {
        const all = await left(t, way, 3 * MIB);
        meddle(all);
        const before = readFileSync(all.original);
        const copied = existsSync(all.copy) ? readFileSync(all.copy) : undefined;
        await all.world.start();
        const detail = await after(all);
        assert.match(detail, /^the original was not deleted: /);
        assert.match(detail, why);
        assert.ok(readFileSync(all.original).equals(before));
        if (copied !== undefined) assert.ok(readFileSync(all.copy).equals(copied), 'the copy is not touched');
        // reported once: nothing is left to finish
        assert.equal(all.store.transfer(all.view.id)?.finishedAt === undefined, false);
      });

    test('an original that was moved away is not called deleted', async (t) => {
      const all = await left(t, way, 1000);
      const [item] = all.store.itemsIn(all.view.id, ['done'], 1);
      assert.ok(item !== undefined);
      all.store.updateItem(item.id, { creation: 'created' }, 1);
      renameSync(all.original, join(all.world.folder, 'elsewhere'));
      await all.world.start();
      assert.match(await after(all), /^the original was not deleted: .*not where it was/);
      assert.equal(await digestFile(all.copy), all.digest);
    });

    test('an original that went after its deletion had been put off is not called deleted', async (t) => {
      const all = await left(t, way, 1000, 'refused');
      rmSync(all.original);
      await all.world.engine.execute('refresh', { place: all.world.place('/') });
      await all.world.engine.execute('resume', { transfer: all.view.id });
      assert.match(await after(all), /^the original was not deleted: .*not where it was/);
      assert.equal(await digestFile(all.copy), all.digest);
    });

    test('cancelled meanwhile: both stay', async (t) => {
      const all = await left(t, way, 1000);
      const { engine } = all.world;
      const starting = engine.start();
      await engine.execute('cancel', { transfer: all.view.id });
      await starting;
      await engine.stop();
      assert.equal(await digestFile(all.original), all.digest);
      assert.equal(await digestFile(all.copy), all.digest);
    });
  });
