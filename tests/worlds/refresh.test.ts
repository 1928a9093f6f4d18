import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Operation } from '../../electron/mtp/wire/index.ts';
import type { FolderSnapshot } from '../../shared/snapshots.ts';
import { begin, type World } from './world.ts';

/** A folder that is shown and listed anew by hand: it alone, as long as the way to it is what it was. */

/** Operations that list a folder, or a part of one. */
const LISTING: ReadonlySet<number> = new Set([Operation.GetObjectHandles, Operation.GetObjectPropList]);
const HERE = '/DCIM/Camera/2024';

/** A deep folder that is shown, on a phone that has other files in the folders above. */
async function shown(t: TestContext) {
  const world = begin(t);
  for (const folder of ['', 'DCIM/', 'DCIM/Camera/', 'DCIM/Camera/2024/'])
    for (const name of ['a', 'b', 'c']) world.onPhone(`${folder}${name}.jpg`, 100);
  await world.start();
  const now: { names: readonly string[]; last: FolderSnapshot | undefined } = { names: [], last: undefined };
  const stop = world.engine.watch('folder', { place: world.place(HERE) }, (snapshot) => {
    now.names = [...(snapshot.reset ? [] : now.names), ...snapshot.entries.map(({ name }) => name)];
    now.last = snapshot;
  });
  t.after(stop);
  for (let turn = 0; now.last?.state !== 'complete'; turn += 1) {
    assert.ok(turn < 5_000, 'it is listed');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return { world, now };
}

/** How often the phone is asked for a listing, or a part of one, while a folder is refreshed, and how often for anything else. */
async function refreshed(world: World): Promise<{ readonly listings: number; readonly looks: number }> {
  let [listings, looks] = [0, 0];
  const stop = world.phone.onOperation((operation) => {
    if (LISTING.has(operation)) listings += 1;
    else looks += 1;
  });
  await world.engine.execute('refresh', { place: world.place(HERE) });
  stop();
  return { listings, looks };
}

test('only the folder that is shown is listed anew, with a look at each on the way to it', async (t) => {
  const { world, now } = await shown(t);
  world.onPhone(`${HERE.slice(1)}/new.jpg`, 100);
  const { listings, looks } = await refreshed(world);
  assert.deepEqual([...now.names].sort(), ['a.jpg', 'b.jpg', 'c.jpg', 'new.jpg']);
  // a folder of four files takes four on this phone; all four folders took seventeen
  assert.ok(listings <= 4 && looks <= 3, `${listings} listings, ${looks} looks`);
});

for (const [what, from, to] of [
  ['renamed', '/DCIM/Camera', '/DCIM/Old'],
  ['moved', '/DCIM/Camera', '/Old'],
] as const)
  test(`a folder on the way that was ${what} unseen is seen: what is shown is not at its place any more`, async (t) => {
    const { world, now } = await shown(t);
    await world.phone.touchRename(from, to, { quietly: true });
    await refreshed(world);
    assert.deepEqual([now.last?.state, now.last?.problem?.kind], ['failed', 'missing']);
  });
