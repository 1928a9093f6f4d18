import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { localPath, phonePath, segmentOf, storageKey, transferId, type StorageKey } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import { DEVICE, newItem, transferRow } from '../../../tests/support/rows.ts';
import { openPhone } from '../../mtp/index.ts';
import { Operation } from '../../mtp/wire/codes.ts';
import { MemoryTransferStore } from '../../store/index.ts';
import { VirtualPhone } from '../../virtual/index.ts';
import { systemClock } from '../api.ts';
import { DEFAULT_LIMITS, EngineContext } from '../context.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { DeviceRegistry } from '../devices/device-registry.ts';
import { PhoneTree } from '../devices/phone-tree.ts';
import { nodeDisk } from '../local/node-disk.ts';
import type { ItemChange } from '../model/item-run.ts';
import type { ItemRow, Leftover, NewItem } from '../model/transfer-store.ts';
import { Leftovers } from './leftovers.ts';
import { abandonItem, leftoverOf } from './note-leftover.ts';

/** What Replug gave up goes only with a proof that it was Replug that made it. */

const TEMPORARY = 'film.mkv.replug-a1';
const DATE = 1_700_000_000_000;

const row = (change: Partial<ItemRow> = {}): ItemRow =>
  ({ ...newItem('film.mkv', 100), temporary: TEMPORARY, creation: 'created', ...change }) as ItemRow;
const proofOf = (change: Partial<ItemRow>, direction: 'upload' | 'download'): string | undefined =>
  leftoverOf(row(change), DEVICE, direction)?.proof?.kind;

test('of what was not begun nothing is left', () => {
  assert.equal(leftoverOf(row({ temporary: undefined }), DEVICE, 'upload'), undefined);
  assert.equal(leftoverOf(row({ creation: 'none' }), DEVICE, 'upload'), undefined);
});

test('an upload is proved by a name that only Replug gives, and by its content where others may use the name', () => {
  assert.equal(proofOf({}, 'upload'), 'exclusive-name');
  assert.equal(proofOf({ temporary: 'film.mkv' }, 'upload'), 'beginning-of');
  // somebody sends a file of such a name: then it is its own name
  assert.equal(proofOf({ savedAs: segmentOf(TEMPORARY) }, 'upload'), 'beginning-of');
  const { folder, name, proof } = leftoverOf(row({ temporary: 'film.mkv' }), DEVICE, 'upload') ?? {};
  assert.deepEqual(
    [folder, name, proof],
    ['/Download', 'film.mkv', { kind: 'beginning-of', source: '/home/me/film.mkv', size: 100, modified: 123.5 }],
  );
});

test('a part file is Replug’s own from when it is announced: its name has a sign that no other item has', () => {
  const temporary = '/home/me/film.mkv.a1.replug-part';
  assert.equal(proofOf({ temporary }, 'download'), 'exclusive-name');
  assert.equal(proofOf({ temporary, creation: 'creating' }, 'download'), 'exclusive-name');
});

interface Stage {
  readonly device: VirtualPhone;
  readonly store: MemoryTransferStore;
  readonly log: string[];
  readonly connection: Connection;
  readonly context: EngineContext;
  readonly leftovers: Leftovers;
  /** `Download` of the phone, on disk, and a folder of this computer. */
  readonly onPhone: string;
  readonly here: string;
  readonly storage: StorageKey;
  readonly noted: () => readonly string[];
  /** Adds an item with what was made of it; it is noted by `note`. */
  item(item: Partial<NewItem>, change: ItemChange): ItemRow;
  note(item: ItemRow, change?: Partial<Leftover>): void;
}

async function stage(t: TestContext, direction: 'upload' | 'download'): Promise<Stage> {
  const directory = mkdtempSync(join(tmpdir(), 'replug-leftovers-'));
  const device = new VirtualPhone({ directory: join(directory, 'phone') });
  const onPhone = join(device.internal, 'Download');
  const here = join(directory, 'here');
  for (const folder of [onPhone, here]) mkdirSync(folder, { recursive: true });
  const phone = await openPhone(device.open(), device.attached(), {
    now: () => performance.now(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  });
  t.after(async () => {
    await phone.close();
    await device.dispose();
    rmSync(directory, { recursive: true, force: true });
  });
  const tree = new PhoneTree(phone, await phone.storages());
  const storage = tree.storages[0]?.key;
  assert.ok(storage !== undefined);
  const connection: Connection = { key: DEVICE, phone, tree, alive: true, lookAgain: () => Promise.resolve() };
  const store = new MemoryTransferStore();
  const log: string[] = [];
  const context = new EngineContext({
    store,
    disk: nodeDisk,
    clock: systemClock,
    registry: { connection: () => connection } as unknown as DeviceRegistry,
    limits: DEFAULT_LIMITS,
    platform: 'linux',
    log: (line) => log.push(line),
    seed: 's',
    random: () => 0.5,
  });
  const transfer = transferRow('t', { direction, storage });
  store.addTransfer(transfer);
  return {
    device,
    store,
    log,
    connection,
    context,
    leftovers: new Leftovers(DEVICE, context),
    onPhone,
    here,
    storage,
    noted: () => store.leftovers(DEVICE).map(({ name }) => name),
    item(item, change) {
      const [id] = store.addItems(transfer.id, [newItem('film.mkv', 10, { storage, ...item })], 1);
      assert.ok(id !== undefined);
      store.updateItem(id, { state: { kind: 'cancelled' }, ...change }, 1);
      const added = store.item(id);
      assert.ok(added);
      return added;
    },
    note(item, change = {}) {
      const leftover = leftoverOf(item, DEVICE, direction);
      assert.ok(leftover);
      store.addLeftover({ ...leftover, ...change });
    },
  };
}

test('a temporary on the phone goes, and what has gone already is forgotten', async (t) => {
  const { item, note, onPhone, leftovers, connection, noted } = await stage(t, 'upload');
  writeFileSync(join(onPhone, TEMPORARY), 'half');
  note(item({}, { temporary: TEMPORARY, creation: 'created' }));
  note(item({}, { temporary: 'b.replug-b2', creation: 'created' }));
  note(item({ phone: phonePath('/Gone/film.mkv') }, { temporary: 'c.replug-c3', creation: 'created' }));
  await leftovers.sweep(connection);
  assert.equal(existsSync(join(onPhone, TEMPORARY)), false);
  assert.deepEqual(noted(), []);
});

test('what is in a folder that was made anew without a word goes by a new listing', async (t) => {
  const { item, note, onPhone, leftovers, connection, device, storage, noted, log } = await stage(t, 'upload');
  await connection.tree.folder(storage, phonePath('/Download'));
  await device.touchRemove('/Download', { quietly: true });
  await device.touchFile(`/Download/${TEMPORARY}`, 'half', { quietly: true });
  note(item({}, { temporary: TEMPORARY, creation: 'created' }));
  await leftovers.sweep(connection);
  assert.deepEqual([readdirSync(onPhone), noted(), log], [[], [], []]);
});

test('on the phone nothing goes without a proof, and the log says why', async (t) => {
  const { item, note, onPhone, leftovers, connection, noted, log } = await stage(t, 'upload');
  for (const name of ['old.jpg', 'holiday.jpg']) writeFileSync(join(onPhone, name), 'mine');
  note(item({}, { temporary: 'old.jpg', creation: 'created' }), { proof: undefined });
  note(item({}, { temporary: 'holiday.jpg', creation: 'created' }), { proof: { kind: 'exclusive-name' } });
  await leftovers.sweep(connection);
  assert.deepEqual(
    ['old.jpg', 'holiday.jpg'].map((name) => existsSync(join(onPhone, name))),
    [true, true],
  );
  assert.deepEqual(log, [
    'not removed: old.jpg: nothing proves whose it is',
    'not removed: holiday.jpg: others may use this name',
  ]);
  assert.deepEqual(noted(), [], 'it is not looked at again');
});

test('under its own name a file goes while it is a beginning of its source, and stays when it is whole or another', async (t) => {
  const { item, note, onPhone, here, leftovers, connection, log } = await stage(t, 'upload');
  for (const [name, content] of [
    ['part', 'abcd'],
    ['other', 'abXd'],
    ['whole', 'abcdefgh'],
  ] as const) {
    // prettier-ignore
    const local = localPath(join(here, name));
    writeFileSync(local, 'abcdefgh');
    writeFileSync(join(onPhone, name), content);
    const modified = Math.round(statSync(local).mtimeMs);
    note(
      item(
        { local, phone: phonePath(`/Download/${name}`), size: 8, modified },
        { temporary: name, creation: 'created' },
      ),
    );
  }
  await leftovers.sweep(connection);
  assert.deepEqual(
    ['part', 'other', 'whole'].map((name) => existsSync(join(onPhone, name))),
    [false, true, true],
  );
  assert.deepEqual(log, [
    'not removed: other: it is another file',
    'not removed: whole: it is complete, or another file',
  ]);
});

for (const ending of ['cancelled', 'failed'] as const)
  test(`what is whole under its own name waits until its item is stopped, and ${ending === 'failed' ? 'stays' : 'goes'} when it is ${ending}`, async (t) => {
    for (const content of ['abcdefgh', '']) {
      const { item, note, onPhone, here, leftovers, connection, store, storage, noted } = await stage(t, 'upload');
      const local = localPath(join(here, 'photo.jpg'));
      writeFileSync(local, content);
      const { mtimeMs } = statSync(local);
      const [size, modified] = [content.length, Math.round(mtimeMs)];
      writeFileSync(join(onPhone, 'photo.jpg'), content);
      const [made] = (await connection.tree.folder(storage, phonePath('/Download'))).objects;
      assert.ok(made);
      connection.tree.own(made.handle, transferId('t'));
      const whole = item(
        { name: 'photo.jpg', local, phone: phonePath('/Download/photo.jpg'), size, modified },
        { state: { kind: 'moving' }, temporary: 'photo.jpg', creation: 'created' },
      );
      note(whole);
      // given up, and its end waits for the next write
      store.updateItem(whole.id, { temporary: undefined, creation: 'none' }, 1);
      await leftovers.sweep(connection);
      assert.deepEqual([existsSync(join(onPhone, 'photo.jpg')), noted().length], [true, 1]);
      assert.equal(leftovers.isSwept(connection), true);
      store.updateItem(
        whole.id,
        {
          state:
            ending === 'failed'
              ? { kind: 'failed', problem: fail('refused', 'send', '').problem }
              : { kind: 'cancelled' },
        },
        1,
      );
      assert.equal(leftovers.isSwept(connection), false, 'looked at again');
      await leftovers.sweep(connection);
      assert.deepEqual([existsSync(join(onPhone, 'photo.jpg')), noted()], [ending === 'failed', []]);
    }
  });

test('without its source, or its card, a leftover is looked at another time', async (t) => {
  const { item, note, onPhone, here, leftovers, connection, noted, log } = await stage(t, 'upload');
  const local = localPath(join(here, 'away'));
  writeFileSync(join(onPhone, 'away'), 'ab');
  note(item({ local, phone: phonePath('/Download/away'), size: 8 }, { temporary: 'away', creation: 'created' }));
  note(item({ storage: storageKey(4, 'SD card', 32e9) }, { temporary: TEMPORARY, creation: 'created' }));
  await leftovers.sweep(connection);
  assert.deepEqual(noted(), ['away', TEMPORARY]);
  assert.deepEqual(log, []);
});

test('what went with its storage, while it was looked at, is noted until the storage is back', async (t) => {
  const { item, note, onPhone, here, leftovers, connection, device, noted } = await stage(t, 'upload');
  const local = localPath(join(here, 'whole'));
  writeFileSync(local, 'abcdefgh');
  writeFileSync(join(onPhone, 'small'), 'ab');
  writeFileSync(join(onPhone, TEMPORARY), 'ab');
  note(item({}, { temporary: TEMPORARY, creation: 'created' }));
  note(item({ local, phone: phonePath('/Download/small'), size: 8 }, { temporary: 'small', creation: 'created' }));
  let looks = 0;
  connection.lookAgain = () => {
    looks += 1;
    connection.tree.setStorages([]);
    return Promise.resolve();
  };
  const stop = device.onOperation((operation) => {
    if (operation === Operation.GetObjectInfo) device.removeStorage(0);
  });
  await leftovers.sweep(connection);
  stop();
  assert.deepEqual(noted(), [TEMPORARY, 'small']);
  assert.ok(looks > 0);
});

test('a source that was changed proves nothing', async (t) => {
  const { item, note, onPhone, here, leftovers, connection, log } = await stage(t, 'upload');
  const local = localPath(join(here, 'edited'));
  writeFileSync(local, 'abcdefgh');
  writeFileSync(join(onPhone, 'edited'), 'ab');
  note(
    item(
      { local, phone: phonePath('/Download/edited'), size: 8, modified: DATE },
      { temporary: 'edited', creation: 'created' },
    ),
  );
  await leftovers.sweep(connection);
  assert.equal(existsSync(join(onPhone, 'edited')), true);
  assert.deepEqual(log, ['not removed: edited: its source has changed']);
});

test('what a phone that was cut off took for content goes though its source is gone, or another; nothing else does', async (t) => {
  const { item, note, onPhone, here, leftovers, connection, noted, log } = await stage(t, 'upload');
  const opening = Buffer.from('10000000010002100000000001000000', 'hex');
  const taken = Buffer.concat([opening.subarray(12), opening]);
  const theirs = Buffer.alloc(taken.byteLength, 1);
  const files = {
    'gone.jpg': taken,
    'edited.jpg': taken,
    'small.txt': taken.subarray(0, 10),
    'theirs.jpg': theirs,
    'theirs.txt': theirs.subarray(0, 10),
  };
  for (const [name, content] of Object.entries(files)) {
    const local = localPath(join(here, name));
    if (name === 'edited.jpg') writeFileSync(local, 'another one');
    writeFileSync(join(onPhone, name), content);
    const size = name.endsWith('.txt') ? 10 : 100;
    note(item({ local, phone: phonePath(`/Download/${name}`), size }, { temporary: name, creation: 'created' }));
  }
  await leftovers.sweep(connection);
  assert.deepEqual(readdirSync(onPhone).sort(), ['theirs.jpg', 'theirs.txt']);
  assert.deepEqual(noted(), ['theirs.jpg']);
  assert.deepEqual(log, ['not removed: theirs.txt: it is complete, or another file']);
});

test('a part file goes while its source is on the phone; else it may be all there is', async (t) => {
  const { item, note, onPhone, here, leftovers, connection, noted, log } = await stage(t, 'download');
  writeFileSync(join(onPhone, 'film.mkv'), 'abcdefgh');
  const parts = ['film.mkv', 'lost.mkv', 'lost and empty.mkv'].map((name) => {
    const temporary = join(here, `${name}.replug-part`);
    writeFileSync(temporary, name.includes('empty') ? '' : 'abcd');
    note(item({ phone: phonePath(`/Download/${name}`), name }, { temporary, creation: 'created' }));
    return temporary;
  });
  await leftovers.sweep(connection);
  assert.deepEqual(parts.map((path) => existsSync(path)), [false, true, false]); // prettier-ignore
  assert.deepEqual(noted(), []);
  assert.deepEqual(log, [`not removed: ${parts[1] ?? ''}: its source is not on the phone any more`]);
});

test('a part file whose making was not confirmed goes, whatever is in it by now', async (t) => {
  const { item, note, onPhone, here, leftovers, connection, log } = await stage(t, 'download');
  const contents = { begun: 'abcd', empty: '', 'of an earlier version': 'abXd', longer: 'abcdefghi' };
  const parts = Object.entries(contents).map(([name, content]) => {
    writeFileSync(join(onPhone, name), 'abcdefgh');
    const temporary = join(here, `${name}.a1.replug-part`);
    writeFileSync(temporary, content);
    note(item({ phone: phonePath(`/Download/${name}`), name }, { temporary, creation: 'creating' }));
    return temporary;
  });
  await leftovers.sweep(connection);
  assert.deepEqual(parts.filter((path) => existsSync(path)), []); // prettier-ignore
  assert.deepEqual(log, []);
});

test('a part file that another item goes on with stays', async (t) => {
  const { item, note, onPhone, here, leftovers, connection, log } = await stage(t, 'download');
  writeFileSync(join(onPhone, 'film.mkv'), 'abcdefgh');
  const temporary = join(here, 'film.mkv.replug-part');
  writeFileSync(temporary, 'abcd');
  const given = { temporary, creation: 'created' } as const;
  note(item({}, given));
  item({}, { ...given, state: { kind: 'queued' } });
  await leftovers.sweep(connection);
  assert.equal(existsSync(temporary), true);
  assert.match(log[0] ?? '', /another file is being fetched into it/);
});

test('an error of one leftover is logged and keeps no other from going; the end of the connection ends the sweep', async (t) => {
  const { item, note, onPhone, leftovers, connection, noted, log } = await stage(t, 'upload');
  writeFileSync(join(onPhone, TEMPORARY), 'half');
  note(item({ phone: phonePath('/Broken/film.mkv') }, { temporary: 'a.replug-a9', creation: 'created' }));
  note(item({}, { temporary: TEMPORARY, creation: 'created' }));
  const { tree } = connection;
  const folder = tree.folder.bind(tree);
  let kind: 'busy' | 'disconnected' = 'busy';
  tree.folder = (storage, path, options) =>
    path === '/Broken' ? Promise.reject(fail(kind, 'list')) : folder(storage, path, options);
  await leftovers.sweep(connection);
  assert.deepEqual(noted(), ['a.replug-a9']);
  assert.match(log[0] ?? '', /^a leftover stays for now: a\.replug-a9/);
  kind = 'disconnected';
  await assert.rejects(leftovers.sweep(connection), { kind: 'disconnected' });
  assert.deepEqual(noted(), ['a.replug-a9']);
});

for (const comesBack of [false, true])
  test(`a card that goes while what lies on it is looked for is looked at again, ${comesBack ? 'at once where it is back' : 'once it is back'}`, async (t) => {
    const { item, note, onPhone, leftovers, connection, noted } = await stage(t, 'upload');
    writeFileSync(join(onPhone, TEMPORARY), 'half');
    note(item({}, { temporary: TEMPORARY, creation: 'created' }));
    const { tree } = connection;
    const folder = tree.folder.bind(tree);
    const [storage] = tree.storages;
    assert.ok(storage);
    tree.folder = () => Promise.reject(fail('stale', 'list', 'InvalidStorageID 0x2008'));
    connection.lookAgain = () => {
      tree.setStorages(comesBack ? [{ ...storage, id: (storage.id + 1) as typeof storage.id }] : []);
      return Promise.resolve();
    };
    await leftovers.sweep(connection);
    assert.deepEqual(noted(), [TEMPORARY]);
    leftovers.lookForReturned(connection);
    assert.equal(leftovers.isSwept(connection), !comesBack);
    tree.setStorages([storage]);
    tree.folder = folder;
    leftovers.lookForReturned(connection);
    assert.equal(leftovers.isSwept(connection), false);
    await leftovers.sweep(connection);
    assert.deepEqual(noted(), []);
    assert.equal(existsSync(join(onPhone, TEMPORARY)), false);
  });

test('a connection is swept once, and again when something was noted since', async (t) => {
  const { leftovers, connection } = await stage(t, 'upload');
  assert.equal(leftovers.isSwept(connection), false);
  await leftovers.sweep(connection);
  assert.equal(leftovers.isSwept(connection), true);
  assert.equal(leftovers.isSwept({ ...connection }), false, 'a new connection');
  leftovers.noted();
  assert.equal(leftovers.isSwept(connection), false);
});

test('an item that nobody works on is given up in one step: its end, and what is left of it', async (t) => {
  const { item, store, context, noted } = await stage(t, 'upload');
  const given = item({}, { temporary: TEMPORARY, creation: 'created', confirmed: 4, state: { kind: 'paused' } });
  abandonItem(context, given, DEVICE, 'upload', { kind: 'cancel' });
  const { state, temporary, creation, confirmed } = store.item(given.id) ?? {};
  assert.deepEqual([state?.kind, temporary, creation, confirmed], ['cancelled', undefined, 'none', 0]);
  assert.deepEqual(noted(), [TEMPORARY]);
});
