import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { deviceKey, localPath, phonePath, storageKey, transferId } from '../../shared/domain.ts';
import type { PhotoStore } from '../photos/photo-store.ts';
import { MemoryPhotoStore, openStores } from './index.ts';

const [ann, bob] = [deviceKey('a', 'ANN1'), deviceKey('b', 'BOB2')];
const [inner, card] = [storageKey(1, 'Internal', 1), storageKey(2, 'Card', 2)];
const file = { storage: inner, path: phonePath('/DCIM/a.jpg'), size: 10, modified: undefined };
const row = {
  ...file,
  device: ann,
  taken: 5,
  sample: 'aa',
  sha256: undefined,
  transfer: transferId('t'),
  item: 1,
  importedAt: 9,
  copies: [{ path: localPath('/x/a.jpg'), modified: 4, verified: 'sampled' as const }],
};

/** What a store tells after the same calls; both kinds must tell the same. */
function told(store: PhotoStore): unknown {
  store.saveSettings({ folders: '{year}', to: localPath('/x') });
  store.saveSettings({ to: undefined, messengers: true });
  store.putImports([row, { ...row, item: 2, path: phonePath('/DCIM/b.jpg') }]);
  store.putImports([{ ...row, sample: 'bb' }], { transfer: row.transfer, finishedAt: 7 });
  store.putSeen(ann, [{ ...file, sample: 'aa' }]);
  store.putSeen(ann, [{ ...file, size: 11, sample: 'cc' }]);
  const photo = (path: string, size: number) => ({ path: localPath(path), size, modified: 3, sample: undefined });
  store.putLibrary([photo('/lib/a.jpg', 10), photo('/lib/deep/b.jpg', 10), photo('/library/c.jpg', 12)]);
  store.putLibrary([{ ...photo('/lib/a.jpg', 12), sample: 'dd' }]);
  store.dropLibrary([localPath('/lib/deep/b.jpg')]);
  store.putFolder({ path: localPath('/lib'), disk: undefined });
  store.putFolder({ path: localPath('/lib'), disk: { root: '1:2', mount: '/', mounts: [localPath('/lib/a')] } });
  store.putFolder({ path: localPath('/to'), disk: undefined });
  const before = [store.recorded(row.transfer), store.recorded(transferId('u')), store.seen(ann)];
  store.adoptStorage(ann, inner, card);
  store.adoptDevice(ann, bob);
  const byPath = (rows: readonly { readonly path: string }[]) =>
    [...rows].sort((one, other) => (one.path < other.path ? -1 : 1));
  return [
    store.settings(),
    byPath(store.folders()),
    before,
    byPath(store.imports(ann)),
    byPath(store.imports(bob)),
    store.seen(ann),
    store.seen(bob),
    [...store.librarySizes()].sort((one, other) => one - other),
    byPath(store.libraryOfSize(10)),
    byPath(store.libraryOfSize(12)),
    byPath(store.libraryBelow(localPath('/lib'))),
  ];
}

test('both stores of photos keep the same', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'replug-photo-store-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const name = join(folder, 'queue.db');
  const opened = await openStores(name);
  const memory = new MemoryPhotoStore();
  const wanted = told(memory);
  assert.deepEqual(told(opened.photos), wanted);
  assert.equal(memory.imports(bob)[0]?.storage, card);
  opened.transfers.close();
  const again = await openStores(name);
  assert.equal(again.photos.imports(bob).length, 2);
  again.transfers.close();
});
