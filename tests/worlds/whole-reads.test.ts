import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { TransferStore } from '../../electron/engine/index.ts';
import { MemoryTransferStore } from '../../electron/store/index.ts';
import type { QuirkName, VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { localPath } from '../../shared/domain.ts';
import { ignoreTheDead, Mortal, TRANSFER_WRITES } from './mortal.ts';
import { until } from './catalogue-world.ts';
import { begin, bytesFor } from './world.ts';

/**
 * Phones that read a file whole or not at all: what was copied before the program or the cable went is known again all the
 * same, so that it is neither made twice nor taken for somebody else's.
 */

const MIB = 1024 * 1024;
const DATE = 1_700_000_000_000;
const NAME = 'file.bin';

const that = (...names: readonly QuirkName[]): Pick<VirtualPhoneOptions, 'quirks'> => ({
  quirks: names.map((name) => [name, 1] as const),
});
const ONE_PIECE: Partial<VirtualPhoneOptions> = { profile: 'android-no-edit', ...that('no-partial-reads') };

async function killedBefore(
  t: TestContext,
  phone: Partial<VirtualPhoneOptions>,
  {
    direction,
    size,
    move,
  }: { readonly direction: 'upload' | 'download'; readonly size: number; readonly move: boolean },
  life: number,
): Promise<'alive' | 'died'> {
  const real = new MemoryTransferStore();
  const mortal = new Mortal(life);
  const world = begin(t, phone, { limits: { wholeBelow: MIB } }, mortal.over<TransferStore>(real, TRANSFER_WRITES));
  const isUpload = direction === 'upload';
  const from = isUpload ? world.here : join(world.phoneFolder, 'DCIM');
  const to = isUpload ? join(world.phoneFolder, 'Download') : join(world.here, 'in');
  if (isUpload) world.local(NAME, size, DATE);
  else world.onPhone(`DCIM/${NAME}`, size, DATE);
  if (isUpload) world.onPhone(`Download/${NAME}`, 77);
  else world.local(`in/${NAME}`, 77);
  await world.start();
  const options = { move, onConflict: 'keep-both' } as const;
  const first = (
    isUpload
      ? world.push([localPath(join(from, NAME))], '/Download', options)
      : world.pull([`/DCIM/${NAME}`], 'in', options)
  ).catch(() => undefined);
  await Promise.race([first, mortal.died]);
  if (mortal.dead) {
    world.store = real;
    await world.restart();
    await world.start();
  }
  const at = `killed before write ${life}`;
  const [transfer] = real.transfers();
  assert.ok(transfer !== undefined, at);
  const view = await world.engine.settled(transfer.id, { waitMs: 20_000 });
  assert.equal(view.state, 'done', `${at}: ${JSON.stringify([view, world.log])}`);
  await world.engine.stop();
  assert.deepEqual(readdirSync(to).sort(), ['file (2).bin', NAME], at);
  assert.ok(readFileSync(join(to, 'file (2).bin')).equals(bytesFor(NAME, size)), at);
  assert.ok(readFileSync(join(to, NAME)).equals(bytesFor(NAME, 77)), at);
  assert.equal(existsSync(join(from, NAME)), !move, at);
  return mortal.dead ? 'died' : 'alive';
}

const CASES: readonly (readonly [string, Partial<VirtualPhoneOptions>, 'upload' | 'download', number])[] = [
  ['no partial reads', ONE_PIECE, 'upload', 1_000],
  ['no partial reads', ONE_PIECE, 'upload', 2 * MIB + 5],
  ['no partial reads', ONE_PIECE, 'download', 1_000],
  ['no partial reads, but edits', that('no-partial-reads'), 'upload', 2 * MIB + 5],
];

for (const [what, phone, direction, size] of CASES)
  for (const move of [false, true])
    test(`${what}: ${size} bytes, killed before each write of ${direction === 'upload' ? 'an upload' : 'a download'}${move ? ' that moves' : ''}`, async (t) => {
      t.after(ignoreTheDead());
      let life = 3;
      while ((await killedBefore(t, phone, { direction, size, move }, life)) === 'died') life += 1;
      assert.ok(life >= 6, `only ${life} writes`);
    });

test('what a phone kept of a file that was cut off goes, and the file is sent once', async (t) => {
  const world = begin(t, ONE_PIECE);
  world.onPhone(`Download/${NAME}`, 77);
  const source = world.local(NAME, 2 * MIB, DATE);
  await world.start();
  world.faults('unplug@op=SendObject:1:data');
  const view = world.push([source], '/Download', { onConflict: 'keep-both' }, 20_000);
  const cut = join(world.phoneFolder, 'Download/file (2).bin');
  while (world.phone.isPlugged) await new Promise((resolve) => setTimeout(resolve, 5));
  // Android's own server deletes it
  writeFileSync(cut, bytesFor(NAME, 2 * MIB).subarray(0, MIB));
  world.phone.plug();
  assert.equal((await view).state, 'done', JSON.stringify([await view, world.log]));
  assert.deepEqual(readdirSync(join(world.phoneFolder, 'Download')).sort(), ['file (2).bin', NAME]);
  assert.ok(readFileSync(cut).equals(bytesFor(NAME, 2 * MIB)));
});

for (const direction of ['upload', 'download'] as const)
  test(`${direction}: what is there already is known by a reading of all of it`, async (t) => {
    const world = begin(t, ONE_PIECE);
    const pairs = [
      ['same.bin', 3 * MIB],
      ['small.bin', 1_000],
      ['other.bin', 1_000],
    ] as const;
    for (const [name, size] of pairs) {
      world.local(`here/${name}`, size, DATE);
      world.onPhone(`there/${name}`, size, DATE);
    }
    writeFileSync(join(world.phoneFolder, 'there/other.bin'), bytesFor('another.bin', 1_000));
    await world.start();
    const names = pairs.map(([name]) => name);
    const options = { onConflict: 'skip-identical', onName: 'fail' } as const;
    const { transfer } = await world.engine.enqueue(
      direction === 'upload'
        ? {
            direction,
            sources: names.map((name) => localPath(join(world.here, 'here', name))),
            to: world.place('/there'),
            options,
          }
        : {
            direction,
            sources: names.map((name) => world.place(`/there/${name}`)),
            to: localPath(join(world.here, 'here')),
            options,
          },
    );
    await until(() => world.engine.view(transfer).counts.asking > 0);
    await until(() => world.engine.view(transfer).counts.skipped === 2);
    assert.equal(world.engine.view(transfer).counts.asking, 1, JSON.stringify(world.log));
  });
