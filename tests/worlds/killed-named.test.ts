import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { answer } from '../support/answer.ts';
import { systemClock, type TransferStore } from '../../electron/engine/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { MemoryTransferStore } from '../../electron/store/index.ts';
import type { QuirkName } from '../../electron/virtual/index.ts';
import { ignoreTheDead, Mortal } from './mortal.ts';
import { begin, treeOf, type World } from './world.ts';

/**
 * The process dies when a download has its name and that is not noted yet, and the phone is unplugged at any reading by which
 * the next one compares the copy. With `keep-both` a copy that is not known again would be made twice.
 */

const MIB = 1024 * 1024;
const WRITES: ReadonlySet<keyof TransferStore> = new Set([
  'updateItem',
  'updateItems',
  'confirmChunk',
  'dropCheckpoints',
]);
const READS: ReadonlySet<number> = new Set([
  Operation.GetObject,
  Operation.GetPartialObject,
  Operation.GetPartialObject64,
]);
const NEVER = 1_000;
const NAME = 'film.bin';

interface Case {
  readonly size: number;
  readonly move: boolean;
  /** A file of that name is there before, of another size. */
  readonly beside: boolean;
  /** That both are kept is no rule but what a person answered, for this file or for all. */
  readonly answered?: 'this' | 'all';
  readonly quirk?: QuirkName;
}

interface Killed {
  readonly world: World;
  readonly real: MemoryTransferStore;
  readonly target: string;
}

/** As it is after the process has died before write `life`; answers nothing where it lived to the end. */
async function killed(t: TestContext, one: Case, life: number): Promise<Killed | undefined> {
  const { size, move, beside, answered, quirk } = one;
  const real = new MemoryTransferStore();
  const mortal = new Mortal(life);
  const world = begin(
    t,
    quirk === undefined ? {} : { quirks: [[quirk, 1]] },
    {},
    mortal.over<TransferStore>(real, WRITES),
  );
  world.onPhone(`DCIM/${NAME}`, size, 1_700_000_000_000);
  if (beside) world.local(`in/${NAME}`, 77);
  await world.start();
  const onConflict = answered === undefined ? 'keep-both' : 'ask';
  const rest = world.pull([`/DCIM/${NAME}`], 'in', { move, onConflict }).catch(() => undefined);
  if (answered !== undefined) await answerOnceAsked(world, answered === 'all').catch(() => undefined);
  await Promise.race([rest, mortal.died]);
  const target = join(world.here, 'in', beside ? 'film (2).bin' : NAME);
  if (!mortal.dead) return undefined;
  world.store = real;
  await world.restart();
  return { world, real, target };
}

/** Answers once it is asked. Rejects where the process dies before. */
async function answerOnceAsked({ engine }: World, applyToAll: boolean): Promise<void> {
  for (;;) {
    const transfer = engine.transfers().find(({ counts }) => counts.asking > 0);
    const item = transfer?.questions?.[0];
    if (transfer !== undefined && item !== undefined) return answer(engine, item, 'keep-both', applyToAll);
    await systemClock.sleep(5);
  }
}

/** The first write before which it has its name. */
async function writesUntilNamed(t: TestContext, one: Case): Promise<number> {
  for (let life = 0; ; life += 1) {
    const dead = await killed(t, one, life);
    assert.ok(dead !== undefined, 'it is noted when it has its name');
    if (existsSync(dead.target)) return life;
  }
}

async function endsWithOne({ world, real }: Killed, one: Case, bytes: Buffer, at: string): Promise<void> {
  const [transfer] = real.transfers();
  assert.ok(transfer !== undefined);
  const view = await world.engine.settled(transfer.id, { waitMs: 20_000 });
  assert.equal(view.state, 'done', `${at}: ${JSON.stringify([view, world.log])}`);
  await world.engine.stop();
  const names = Object.keys(await treeOf(join(world.here, 'in'))).sort();
  assert.deepEqual(names, one.beside ? ['film (2).bin', NAME] : [NAME], at);
  assert.ok(readFileSync(join(world.here, 'in', names[0] ?? '')).equals(bytes), at);
  // that of a move stays, and is told, where the phone goes right before its deletion
  if (!one.move) assert.ok(existsSync(join(world.phoneFolder, 'DCIM', NAME)), at);
}

const CASES: readonly Case[] = [
  ...[0, 1_000, 3 * MIB].flatMap((size) =>
    [false, true].flatMap((move) => [false, true].map((beside) => ({ size, move, beside }))),
  ),
  ...[0, 1_000].flatMap((size) =>
    (['this', 'all'] as const).map((answered) => ({ size, move: false, beside: true, answered })),
  ),
  { size: 0, move: true, beside: true, answered: 'this' },
  ...[1_000, 3 * MIB].map((size) => ({ size, move: false, beside: true, quirk: 'zero-sizes' as const })),
  { size: 1_000, move: true, beside: true, quirk: 'no-partial-reads' },
];

for (const one of CASES) {
  const { size, move, beside, answered, quirk } = one;
  const more = `${answered === undefined ? '' : `, answered for ${answered}`}${quirk === undefined ? '' : `, ${quirk}`}`;
  const what = `${move ? 'moved' : 'copied'}, ${size} bytes${beside ? ', beside another file' : ''}${more}`;
  test(`a copy that has its name is known again: ${what}`, async (t) => {
    const hear = ignoreTheDead();
    t.after(hear);
    const life = await writesUntilNamed(t, one);
    for (let reads = 1; ; reads += 1) {
      const dead = await killed(t, one, life);
      assert.ok(dead !== undefined);
      const bytes = readFileSync(dead.target);
      let left = reads;
      const { phone } = dead.world;
      const stop = phone.onOperation((operation) => {
        if (!READS.has(operation)) return;
        left -= 1;
        // it ends once this operation has
        if (left === 0) void phone.unplug().then(() => phone.plug());
      });
      await dead.world.start();
      await endsWithOne(dead, one, bytes, `unplugged at read ${reads}`);
      stop();
      if (left > 0) break;
      assert.ok(reads < NEVER);
    }
  });
}
