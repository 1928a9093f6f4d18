import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withOtherDisk } from './other-disk.ts';
import { beginPhotos } from './photo-world.ts';
import { treeOf } from './world.ts';

const DATE = Date.UTC(2024, 2, 3, 12, 5, 6);

test('what would go to a disk below the destination that is away stays new until it is back', async (t) => {
  let isMounted = true;
  let year = '';
  const disk = withOtherDisk(() => (isMounted ? year : undefined));
  const world = beginPhotos(t, {}, { disk });
  year = join(world.here, 'photos/2024');
  mkdirSync(year, { recursive: true });
  world.onPhone('DCIM/a.jpg', 2_000, DATE);
  await world.start();
  const saved = async (): Promise<readonly string[]> =>
    Object.keys(await treeOf(join(world.here, 'photos'))).filter((name) => !name.endsWith('/'));
  assert.equal(await world.lookAndImport(), 1);
  // its copy is seen on that disk
  await world.look();
  isMounted = false;
  renameSync(year, join(world.folder, 'away'));
  mkdirSync(year);
  world.onPhone('DCIM/b.jpg', 3_000, DATE + 60_000);
  world.onPhone('DCIM/c.jpg', 4_000, Date.UTC(2025, 2, 3, 12, 5, 6));
  assert.equal(await world.lookAndImport(), 1);
  assert.deepEqual(await saved(), ['2025/03/c.jpg']);
  const [{ problems } = { problems: [] }] = world.photos.snapshot().phones;
  assert.deepEqual(
    problems.map(({ kind, subject }) => [kind, subject]),
    [['local-missing', year]],
  );
  assert.equal((await world.look())['/DCIM/b.jpg'], 'new');
  rmSync(year, { recursive: true });
  renameSync(join(world.folder, 'away'), year);
  isMounted = true;
  assert.equal(await world.lookAndImport(), 1);
  assert.deepEqual(await saved(), ['2024/03/a.jpg', '2024/03/b.jpg', '2025/03/c.jpg']);
});
