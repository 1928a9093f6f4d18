import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { deviceKey, storageKey } from '../../shared/domain.ts';
import type { CatalogueShelf, NewRow } from '../catalogue/catalogue-store.ts';
import { MemoryCatalogueShelf, openCatalogueShelf } from './index.ts';

/** Both implementations hold the same contract. */

const PHONE = { device: deviceKey('Replug', 'A1'), name: 'Ann’s phone' };
const KEY = storageKey(3, 'Internal storage', 1e9);
const folders: string[] = [];
const temporary = (): string => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'replug-catalogue-'));
  folders.push(folder);
  return folder;
};
after(() => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

const file = (name: string, size: number, handle = 0): NewRow => ({
  name,
  kind: 1,
  size,
  modified: 1000,
  handle,
  due: undefined,
});
const dir = (name: string, handle = 0, due: number | undefined = 5): NewRow => ({
  ...file(name, 0, handle),
  kind: 0,
  due,
});

for (const [kind, make] of [
  ['SQLite', () => openCatalogueShelf(temporary())],
  ['memory', () => Promise.resolve(new MemoryCatalogueShelf())],
] as const satisfies readonly (readonly [string, () => Promise<CatalogueShelf>])[])
  describe(`a catalogue in ${kind}`, () => {
    const begin = async () => {
      const shelf = await make();
      const store = shelf.open(PHONE);
      const session = store.beginSession(9);
      const { root } = store.addStorage(KEY, 'Internal', 0);
      return { shelf, store, session, root };
    };

    it('knows its phone and its storages', async () => {
      const { shelf, store, root } = await begin();
      assert.deepEqual(store.phone, PHONE);
      assert.deepEqual(store.storages(), [{ root, key: KEY, name: 'Internal' }]);
      assert.equal(store.addStorage(KEY, 'Phone', 0).root, root);
      assert.equal(store.storages()[0]?.name, 'Phone');
      store.close();
      assert.deepEqual(shelf.known(), [PHONE]);
      assert.equal(shelf.open({ ...PHONE, name: 'New' }).phone.name, 'New');
    });

    it('adds up what is in a folder with all below it', async () => {
      const { store, root, session } = await begin();
      store.write({
        folder: root,
        added: [dir('DCIM', 7), file('a', 10, 8)],
        changed: [],
        removed: [],
        listed: { at: 100, session },
      });
      const dcim = store.child(root, 'DCIM')?.id ?? 0;
      assert.equal(store.folder(root)?.unlisted, 1);
      store.write({
        folder: dcim,
        added: [file('b', 5, 9), file('lie', 2 ** 53 - 1, 10), dir('x', 11)],
        changed: [],
        removed: [],
        listed: { at: 101, session },
      });
      const all = store.folder(root);
      assert.deepEqual([all?.bytes, all?.files, all?.folders, all?.unlisted], [15, 3, 2, 1]);
      const b = store.child(dcim, 'b');
      store.write({
        folder: dcim,
        added: [],
        changed: [{ id: b?.id ?? 0, size: 50, modified: 2, handle: 12 }],
        removed: [],
      });
      assert.equal(store.folder(root)?.bytes, 60);
      assert.equal(store.row(b?.id ?? 0)?.modified, 2);
      store.write({ folder: root, added: [], changed: [], removed: [dcim] });
      const rest = store.folder(root);
      assert.deepEqual([rest?.bytes, rest?.files, rest?.folders, rest?.unlisted], [10, 1, 0, 0]);
      assert.equal(store.folder(dcim), undefined);
      assert.deepEqual(
        store.children(root).map(({ name }) => name),
        ['a'],
      );
      assert.equal(store.totals().bytes, 10);
    });

    it('ends what was below a folder that went, in pieces', async () => {
      const { store, root, session } = await begin();
      store.begin(root);
      store.write({ folder: root, added: [dir('d')], changed: [], removed: [], listed: { at: 1, session } });
      const d = store.child(root, 'd')?.id ?? 0;
      store.write({
        folder: d,
        added: [file('1', 1), file('2', 2), dir('e')],
        changed: [],
        removed: [],
        listed: { at: 1, session },
      });
      store.write({ folder: store.child(d, 'e')?.id ?? 0, added: [file('3', 3)], changed: [], removed: [] });
      store.write({ folder: root, added: [], changed: [], removed: [d] });
      let ended = 0;
      for (let now = store.purge(2); now > 0; now = store.purge(2)) ended += now;
      assert.equal(ended, 5);
      assert.deepEqual(
        store.rowsAfter(0, 100).map(({ id }) => id),
        [root],
      );
      assert.equal(store.nextDue(), undefined);
    });

    it('gives folders their turn: by rank, then those not seen for longest', async () => {
      const { store, root, session } = await begin();
      store.begin(root);
      store.write({
        folder: root,
        added: [dir('late', 1, 8), dir('soon', 2, 3), { ...dir('never', 3), due: undefined }],
        changed: [],
        removed: [],
        listed: { at: 1, session },
      });
      const id = (name: string): number => store.child(root, name)?.id ?? 0;
      assert.equal(store.nextDue()?.id, id('soon'));
      store.setDue([id('late')], 1);
      store.setDue([id('late')], 7);
      assert.equal(store.nextDue()?.id, id('late'));
      store.write({ folder: id('late'), added: [], changed: [], removed: [], listed: { at: 20, session } });
      store.giveUp(id('soon'));
      assert.equal(store.nextDue(), undefined);
      assert.equal(store.nextOld(session), undefined);
      assert.equal(store.totals().old, 0);
      const next = store.beginSession(9);
      // what could not be listed is tried again
      assert.deepEqual([store.nextDue()?.due, store.totals().old], [9, 2]);
      assert.equal(store.nextOld(next)?.id, root);
      store.setSeen(root, { at: 30, session: next });
      assert.equal(store.nextOld(next)?.id, id('late'));
      assert.equal(store.totals().oldest, 20);
    });

    it('keeps a turn that came while a folder was being listed', async () => {
      const { store, root, session } = await begin();
      const listed = { at: 1, session };
      store.setDue([root], 0);
      store.begin(root);
      store.write({ folder: root, added: [], changed: [], removed: [], listed });
      assert.equal(store.nextDue(), undefined);
      store.setDue([root], 0);
      store.write({ folder: root, added: [], changed: [], removed: [], listed });
      assert.equal(store.nextDue()?.id, root);
    });

    it('keeps a turn that came with a session that began while a folder was being looked at', async () => {
      const { store, root, session } = await begin();
      const listed = { at: 1, session };
      store.begin(root);
      store.write({ folder: root, added: [dir('d')], changed: [], removed: [], listed });
      const d = store.child(root, 'd')?.id ?? 0;
      store.write({ folder: d, added: [], changed: [], removed: [], listed });
      const again = store.beginSession(9);
      store.doubt(9);
      store.setSeen(root, listed);
      store.write({ folder: d, added: [], changed: [], removed: [], listed });
      assert.deepEqual([store.folder(root)?.due, store.folder(d)?.due], [9, 9]);
      store.setSeen(root, { at: 2, session: again });
      store.write({ folder: d, added: [], changed: [], removed: [], listed: { at: 2, session: again } });
      assert.equal(store.nextDue(), undefined);
    });

    it('keeps the turn of a listing that never ended', async () => {
      const { store, root, session } = await begin();
      const listed = { at: 1, session };
      store.write({ folder: root, added: [dir('d')], changed: [], removed: [], listed });
      store.begin(root);
      store.write({ folder: root, added: [], changed: [], removed: [], listed });
      const d = store.child(root, 'd')?.id ?? 0;
      store.write({ folder: d, added: [], changed: [], removed: [], listed });
      assert.equal(store.nextDue(), undefined);
      store.setDue([d], 0);
      store.begin(d);
      assert.equal(store.nextDue()?.id, d, 'an unplug may come now');
      store.setSeen(d, listed);
      assert.equal(store.nextDue(), undefined);
      store.begin(d);
      store.setDue([d], 0);
      store.setSeen(d, listed);
      assert.equal(store.nextDue()?.id, d, 'that came meanwhile');
    });

    it('gives what it doubts a turn: folders of earlier sessions alone', async () => {
      const { store, root, session } = await begin();
      store.begin(root);
      store.write({
        folder: root,
        added: [dir('seen', 1), { ...dir('new', 2), due: undefined }],
        changed: [],
        removed: [],
        listed: { at: 1, session },
      });
      const seen = store.child(root, 'seen')?.id ?? 0;
      store.write({ folder: seen, added: [], changed: [], removed: [], listed: { at: 1, session } });
      store.doubt(7);
      assert.equal(store.nextDue(), undefined);
      const next = store.beginSession(9);
      store.setSeen(root, { at: 2, session: next });
      store.doubt(7);
      assert.deepEqual([store.nextDue()?.id, store.nextDue()?.due], [seen, 7]);
      assert.equal(store.folder(root)?.due, undefined);
    });

    it('is gone with all others when the shelf is cleared', async () => {
      const { shelf, store } = await begin();
      const other = shelf.open({ device: deviceKey('Replug', 'B2'), name: 'Other' });
      store.close();
      other.close();
      shelf.clear();
      assert.deepEqual(shelf.known(), []);
    });

    it('finds objects by their handle, in the session it is of', async () => {
      const { store, root, session } = await begin();
      store.write({ folder: root, added: [file('a', 1, 77), file('b', 1, 76)], changed: [], removed: [] });
      store.write({ folder: root, added: [file('c', 1, 77)], changed: [], removed: [], listed: { at: 1, session } });
      const names = (handle: number, of: number): string[] => store.withHandle(handle, of).map(({ name }) => name);
      assert.deepEqual(names(77, session), ['a', 'c']);
      assert.deepEqual(names(77, store.beginSession(9)), []);
      assert.deepEqual(names(78, session), []);
    });

    it('is gone once its phone is forgotten', async () => {
      const { shelf, store } = await begin();
      store.close();
      shelf.forget(PHONE.device);
      assert.deepEqual(shelf.known(), []);
      assert.equal(shelf.read(PHONE.device), undefined);
      assert.deepEqual(shelf.open(PHONE).storages(), []);
    });

    it('forgets a storage with all on it', async () => {
      const { store, root, session } = await begin();
      store.write({ folder: root, added: [file('a', 1)], changed: [], removed: [], listed: { at: 1, session } });
      store.removeStorage(root);
      assert.deepEqual(store.storages(), []);
      assert.equal(store.totals().files, 0);
      assert.equal(store.purge(10) + store.purge(10), 2);
    });
  });

describe('a catalogue on the disk', () => {
  it('is read while another writes it, and written by one at a time', async () => {
    const shelf = await openCatalogueShelf(temporary());
    const store = shelf.open(PHONE);
    const { root } = store.addStorage(KEY, 'Internal', 0);
    const reader = shelf.read(PHONE.device);
    store.write({ folder: root, added: [file('a', 1)], changed: [], removed: [] });
    assert.equal(reader?.child(root, 'a')?.size, 1);
    assert.throws(() => shelf.open(PHONE), { kind: 'store' });
    reader?.close();
    store.close();
  });

  it('begins anew where its file is damaged', async () => {
    const folder = temporary();
    const shelf = await openCatalogueShelf(folder);
    const store = shelf.open(PHONE);
    store.addStorage(KEY, 'Internal', 0);
    store.close();
    const [name = ''] = fs.readdirSync(folder).filter((one) => one.endsWith('.db'));
    fs.writeFileSync(path.join(folder, name), 'not a database at all, but long enough to be looked at'.repeat(200));
    assert.deepEqual(shelf.known(), []);
    const again = shelf.open(PHONE);
    assert.deepEqual(again.storages(), []);
    again.close();
  });

  it('begins anew at the next start where damage in the midst of its file has shown, and hides no other phone', async () => {
    for (const from of [2, 12]) {
      const folder = temporary();
      const shelf = await openCatalogueShelf(folder);
      const other = { device: deviceKey('Replug', 'B2'), name: 'Other' };
      shelf.open(other).close();
      const [its = ''] = fs.readdirSync(folder).filter((one) => one.endsWith('.db'));
      const store = shelf.open(PHONE);
      const { root } = store.addStorage(KEY, 'Internal', 0);
      store.write({
        folder: root,
        added: Array.from({ length: 3_000 }, (_, at) => file(`photo ${at} of a long name.jpg`, at, at + 1)),
        changed: [],
        removed: [],
      });
      store.close();
      const [name = ''] = fs.readdirSync(folder).filter((one) => one.endsWith('.db') && one !== its);
      const bytes = fs.readFileSync(path.join(folder, name));
      bytes.fill(0xaa, from * 4096);
      fs.writeFileSync(path.join(folder, name), bytes);
      const lookAtAll = (): void => {
        const again = shelf.open(PHONE);
        try {
          const top = again.storages()[0]?.root ?? again.addStorage(KEY, 'Internal', 0).root;
          for (let at = 0; at < 3_000; at += 1) again.child(top, `photo ${at} of a long name.jpg`);
          again.write({ folder: top, added: [file('new', 1)], changed: [], removed: [] });
          assert.equal(again.child(top, 'new')?.size, 1);
        } finally {
          again.close();
        }
      };
      try {
        lookAtAll();
      } catch (error) {
        assert.equal((error as { readonly kind?: unknown }).kind, 'store', String(error));
      }
      assert.ok(shelf.known().some(({ device }) => device === other.device));
      lookAtAll();
      assert.deepEqual(shelf.known().length, 2);
      shelf.clear();
      assert.deepEqual(fs.readdirSync(folder), []);
    }
  });

  it('leaves nothing of its own behind when it is cleared, and nothing else goes', async () => {
    const folder = temporary();
    const shelf = await openCatalogueShelf(folder);
    shelf.open(PHONE).close();
    const [name = ''] = fs.readdirSync(folder).filter((one) => one.endsWith('.db'));
    // of a program that was killed, and of one that was damaged
    for (const tail of ['-wal', '-shm', '.lock']) fs.writeFileSync(path.join(folder, name + tail), 'x');
    fs.writeFileSync(path.join(folder, `${'0'.repeat(32)}.db`), 'x');
    fs.writeFileSync(path.join(folder, 'notes.txt'), 'x');
    shelf.clear();
    assert.deepEqual(fs.readdirSync(folder), ['notes.txt']);
  });

  it('takes at most 120 bytes a row beside the name', async () => {
    const folder = temporary();
    const shelf = await openCatalogueShelf(folder);
    const store = shelf.open(PHONE);
    const session = store.beginSession(9);
    const { root } = store.addStorage(KEY, 'Internal', 0);
    const count = 20_000;
    store.write({
      folder: root,
      added: Array.from({ length: 200 }, (_, at) => dir(`f${at}`, at)),
      changed: [],
      removed: [],
      listed: { at: Date.now(), session },
    });
    let names = 0;
    for (const parent of store.foldersIn(root)) {
      const added = Array.from({ length: count / 200 }, (_, at): NewRow => {
        const name = `IMG_20250101_${String(at).padStart(6, '0')}.jpg`;
        names += name.length;
        return { ...file(name, 4_000_000 + at, 100_000 + at), modified: 1_750_000_000_000 + at };
      });
      store.write({ folder: parent.id, added, changed: [], removed: [], listed: { at: Date.now(), session } });
    }
    store.close();
    const bytes = fs.readdirSync(folder).reduce((all, one) => all + fs.statSync(path.join(folder, one)).size, 0);
    assert.ok((bytes - names) / count <= 120, `${(bytes - names) / count} bytes a row`);
  });
});
