import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { begin, type World } from './world.ts';

/** Two things that are asked for on one phone at the same time: what one of them has brought, the other one does not take away. */

const MOST_STEPS = 80;

/** Runs `first`, and `second` from the given step of the phone on; answers whether it came to that. */
async function together(
  world: World,
  step: number,
  first: () => Promise<unknown>,
  second: () => Promise<unknown>,
): Promise<boolean> {
  let left = step;
  let begun: Promise<unknown> | undefined;
  const stop = world.phone.onOperation(() => {
    left -= 1;
    if (left === 0) begun = second().catch(() => undefined);
  });
  await first().catch(() => undefined);
  stop();
  await begun;
  return begun !== undefined;
}

/** What all files of a folder of the phone hold. */
const contentsOf = (world: World, folder: string): readonly string[] =>
  existsSync(join(world.phoneFolder, folder))
    ? readdirSync(join(world.phoneFolder, folder)).map((name) =>
        readFileSync(join(world.phoneFolder, folder, name), 'latin1'),
      )
    : [];

for (const isUploadFirst of [true, false])
  test(`a file is moved to a name while a small one is sent to it in another spelling, ${isUploadFirst ? 'that first' : 'this first'}: it is not written over`, async (t) => {
    for (let step = 1, isMet = true; isMet; step += 1) {
      assert.ok(step < MOST_STEPS);
      const world = begin(t);
      world.onPhone('from/Photo.JPG', 300);
      world.onPhone('to/other.txt', 5);
      const source = world.local('photo.jpg', 3_000);
      await world.start();
      const moved = readFileSync(join(world.phoneFolder, 'from/Photo.JPG'), 'latin1');
      const [from, to] = [world.place('/from/Photo.JPG'), world.place('/to/Photo.JPG')];
      const push = (): Promise<unknown> => world.push([source], '/to');
      const move = (): Promise<unknown> => world.engine.files.move(from, to, 'nothing');
      isMet = await together(world, step, isUploadFirst ? push : move, isUploadFirst ? move : push);
      await world.engine.stop();
      const there = [...contentsOf(world, 'from'), ...contentsOf(world, 'to')];
      assert.ok(there.includes(moved), `step ${step}: ${readdirSync(join(world.phoneFolder, 'to')).join()}`);
    }
  });

for (const isDeletionFirst of [true, false])
  test(`a folder is deleted while a file is moved into it, ${isDeletionFirst ? 'that' : 'this'} begun first: the file stays`, async (t) => {
    for (let step = 1, isMet = true; isMet; step += 1) {
      assert.ok(step < MOST_STEPS);
      const world = begin(t);
      world.onPhone('from/a.jpg', 300);
      world.onPhone('old/b.jpg', 200);
      await world.start();
      const moved = readFileSync(join(world.phoneFolder, 'from/a.jpg'), 'latin1');
      const old = world.place('/old');
      const [from, to] = [world.place('/from/a.jpg'), world.place('/old/a.jpg')];
      const { agreement } = await world.engine.execute('measure', { sources: [old] });
      const remove = (): Promise<unknown> => world.engine.execute('delete', { sources: [old], agreement });
      const move = (): Promise<unknown> => world.engine.files.move(from, to, 'nothing');
      isMet = await together(world, step, isDeletionFirst ? remove : move, isDeletionFirst ? move : remove);
      await world.engine.stop();
      const there = [...contentsOf(world, 'from'), ...contentsOf(world, 'old')];
      assert.ok(there.includes(moved), `step ${step}`);
    }
  });
