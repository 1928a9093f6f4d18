import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ROOT, phonePath, type StorageKey } from '../../../shared/domain.ts';
import { openPhone } from '../../mtp/index.ts';
import { VirtualPhone } from '../../virtual/index.ts';
import { PhoneTree } from './phone-tree.ts';

async function treeOf(t: TestContext): Promise<{ tree: PhoneTree; key: StorageKey }> {
  const directory = mkdtempSync(join(tmpdir(), 'replug-tree-'));
  const device = new VirtualPhone({ directory: join(directory, 'phone') });
  for (const name of ['Download', 'Music']) mkdirSync(join(device.internal, name), { recursive: true });
  const clock = { now: () => performance.now(), sleep: () => Promise.resolve() };
  const phone = await openPhone(device.open(), device.attached(), clock);
  t.after(async () => {
    await phone.close();
    await device.dispose();
    rmSync(directory, { recursive: true, force: true });
  });
  const tree = new PhoneTree(phone, await phone.storages());
  const key = tree.storages[0]?.key;
  assert.ok(key);
  return { tree, key };
}

test('a listing that was under way when it was forgotten is kept for nobody', async (t) => {
  const { tree, key } = await treeOf(t);
  const before = tree.folder(key, ROOT);
  await turn();
  tree.forget();
  const after = tree.folder(key, ROOT);
  assert.notEqual(await before, await after);
  assert.equal(tree.kept(key, ROOT), await after);
  const again = tree.folder(key, phonePath('/Music'));
  await turn();
  tree.forget(key, phonePath('/Download'));
  await again;
  assert.equal(tree.kept(key, phonePath('/Music')), undefined);
});

test('nor is one during which the storage went and came back', async (t) => {
  const { tree, key } = await treeOf(t);
  const { storages } = tree;
  const before = tree.folder(key, ROOT);
  await turn();
  tree.setStorages([]);
  tree.setStorages(storages);
  const after = tree.folder(key, ROOT);
  assert.notEqual(await before, await after);
  assert.equal(tree.kept(key, ROOT), await after);
});

test('a name that is taken in one listing of a folder is taken in every other', async (t) => {
  const { tree, key } = await treeOf(t);
  const first = await tree.folder(key, phonePath('/Download'));
  assert.ok(first.claim('Photo.JPG'));
  tree.forget();
  const second = await tree.folder(key, phonePath('/Download'));
  assert.notEqual(second, first);
  assert.ok(!second.claim('photo.jpg'), 'the other item is still making it');
  assert.ok((await tree.folder(key, phonePath('/Music'))).claim('photo.jpg'), 'another folder is another matter');
  first.release('Photo.JPG');
  assert.ok(second.claim('photo.jpg'));
});
