import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { phonePath } from '../../../shared/domain.ts';
import { openPhone } from '../../mtp/index.ts';
import { VirtualPhone } from '../../virtual/index.ts';
import { PhoneTree } from './phone-tree.ts';

test('a name that is taken in one listing of a folder is taken in every other', async (t) => {
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
