import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deviceKey, storageKey } from '../../../shared/domain.ts';
import { isPhoneError } from '../../../shared/errors.ts';
import { DEVICE, STORAGE, newItem } from '../../../tests/support/rows.ts';
import type { PhoneStorage } from '../../mtp/index.ts';
import type { Disk, DiskSpace } from '../local/disk.ts';
import type { ItemRow } from '../model/transfer-store.ts';
import type { Connection } from './device-connection.ts';
import type { DeviceRegistry } from './device-registry.ts';
import { FAT_LARGEST_FILE, FreeSpace } from './free-space.ts';

const MIB = 1024 * 1024;
const GIB = 1024 * MIB;
/** What a phone answers that does not know: all ones. */
const UNKNOWN = Number(0xffff_ffff_ffff_ffffn);
const FAT = 0x4d44;
const ITEM = newItem('film.mkv') as ItemRow;
const ON_PHONE = { kind: 'space', where: 'phone', needed: 5 } as const;
const HERE = { kind: 'space', where: 'computer', needed: 5 } as const;

/** A phone and a disk that say what a test tells them to, and how often they were asked. */
class Stage {
  now = 0;
  phoneFree: number | undefined = 0;
  phoneAsked = 0;
  disk: DiskSpace = { type: 0, bsize: 1, blocks: 100 * GIB, bavail: 0 };
  diskAsked = 0;
  looked = 0;
  /** As it is shown: the registry's figure. */
  readonly shown: { key: typeof STORAGE; free: number | undefined } = { key: STORAGE, free: undefined };
  readonly devices = [{ key: DEVICE, state: { kind: 'ready' }, storages: [this.shown] }];
  readonly changed: (() => void)[] = [];
  readonly storage = { id: 1, key: STORAGE, capacity: 64e9 } as PhoneStorage;
  readonly connection = this.connect();
  readonly space = new FreeSpace(
    {
      statfs: () => {
        this.diskAsked += 1;
        return Promise.resolve(this.disk);
      },
    } as unknown as Disk,
    {
      connection: () => this.connection,
      refresh: () => {
        this.looked += 1;
        return Promise.reject(new Error('gone'));
      },
      devices: this.devices,
      onChange: (listener: () => void) => this.changed.push(listener),
    } as unknown as DeviceRegistry,
    () => this.now,
  );

  connect(): Connection {
    const freeSpace = (): Promise<number | undefined> => {
      this.phoneAsked += 1;
      return Promise.resolve(this.phoneFree);
    };
    return { phone: { freeSpace } } as unknown as Connection;
  }
  requirePhone(needed: number, storage = this.storage): Promise<void> {
    return this.space.requireOnPhone(this.connection, storage, needed);
  }
}

test('what does not fit is refused before a byte goes, with what it needs', async () => {
  const stage = new Stage();
  stage.phoneFree = 99;
  await assert.rejects(
    stage.requirePhone(100),
    (error) => isPhoneError(error) && error.kind === 'full' && error.problem.needed === 100,
  );
  stage.phoneFree = 100;
  await stage.requirePhone(100);
});

test('files that begin together ask once', async () => {
  const stage = new Stage();
  stage.phoneFree = 100;
  const results = await Promise.allSettled([1, 100, 101].map((needed) => stage.requirePhone(needed)));
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected'],
  );
  assert.equal(stage.phoneAsked, 1);
  await stage.requirePhone(1);
  assert.equal(stage.phoneAsked, 2);
});

test('a figure that may not be one keeps nothing from going: 0, all ones, none', async () => {
  for (const told of [0, UNKNOWN, undefined]) {
    const stage = new Stage();
    stage.phoneFree = told;
    await stage.requirePhone(GIB);
  }
});

test('many small files ask once, until what was written or the margin makes the figure doubtful', async () => {
  const stage = new Stage();
  stage.phoneFree = GIB;
  for (let files = 0; files < 1000; files += 1) await stage.requirePhone(1000);
  assert.equal(stage.phoneAsked, 1);
  // 64 MiB would be left and no more
  await stage.requirePhone(GIB - 64 * MIB);
  assert.equal(stage.phoneAsked, 2);
  await stage.requirePhone(GIB - 64 * MIB - 1);
  assert.equal(stage.phoneAsked, 2);
  stage.space.usedOnPhone(stage.connection, STORAGE, 256 * MIB);
  await stage.requirePhone(1);
  assert.equal(stage.phoneAsked, 3);
});

test('what was written counts as used before the phone is asked again', async () => {
  const stage = new Stage();
  stage.phoneFree = GIB;
  await stage.requirePhone(1);
  stage.space.usedOnPhone(stage.connection, STORAGE, 200 * MIB);
  stage.phoneFree = 800 * MIB;
  await assert.rejects(stage.requirePhone(GIB - 100 * MIB), { kind: 'full' });
});

test('a phone that tells no figure is asked for it every two seconds at most', async () => {
  const stage = new Stage();
  stage.phoneFree = UNKNOWN;
  await stage.requirePhone(1);
  stage.now = 1_999;
  await stage.requirePhone(1);
  assert.equal(stage.phoneAsked, 1);
  stage.now = 2_000;
  await stage.requirePhone(1);
  assert.equal(stage.phoneAsked, 2);
});

test('0 is full, unless it was written to all the same or the storage tells no capacity either', async () => {
  const stage = new Stage();
  const free = (storage = stage.storage): Promise<number | undefined> => stage.space.onPhone(stage.connection, storage);
  assert.equal(await free(), 0);
  stage.space.usedOnPhone(stage.connection, STORAGE, 1);
  assert.equal(await free(), undefined);
  assert.equal(await free({ ...stage.storage, key: storageKey(4, 'Card', 0), capacity: 0 }), undefined);
});

test('a new connection, and one whose figures are to be forgotten, begins with none', async () => {
  const stage = new Stage();
  stage.phoneFree = GIB;
  await stage.requirePhone(1);
  await stage.space.requireOnPhone(stage.connect(), stage.storage, 1);
  assert.equal(stage.phoneAsked, 2);
  stage.space.forget();
  await stage.requirePhone(1);
  assert.equal(stage.phoneAsked, 3);
});

test('on the computer what was promised to others is not promised again', async () => {
  const stage = new Stage();
  stage.disk = { ...stage.disk, bavail: GIB };
  await stage.space.requireOnComputer('/to', 500 * MIB);
  await stage.space.requireOnComputer('/to', 400 * MIB);
  assert.equal(stage.diskAsked, 1);
  stage.disk = { ...stage.disk, bavail: 100 * MIB };
  await assert.rejects(stage.space.requireOnComputer('/to', 101 * MIB), { kind: 'local-full' });
  await stage.space.requireOnComputer('/to', 100 * MIB);
});

test('a figure of a disk holds for less than a second', async () => {
  const stage = new Stage();
  stage.disk = { ...stage.disk, bavail: GIB };
  await stage.space.requireOnComputer('/to', 1);
  stage.now = 999;
  await stage.space.requireOnComputer('/to', 1);
  assert.equal(stage.diskAsked, 1);
  stage.now = 1_000;
  await stage.space.requireOnComputer('/to', 1);
  assert.equal(stage.diskAsked, 2);
});

test('a disk that tells no size keeps nothing from being saved', async () => {
  const stage = new Stage();
  stage.disk = { ...stage.disk, blocks: 0 };
  await stage.space.requireOnComputer('/to', GIB);
  assert.equal(await stage.space.onComputer('/to'), undefined);
});

test('only a FAT disk holds no file of 4 GiB', async () => {
  const stage = new Stage();
  const file = { path: '/to/film.mkv', size: FAT_LARGEST_FILE + 1 };
  await stage.space.requireFits('/to', file);
  stage.disk = { ...stage.disk, type: FAT };
  await stage.space.requireFits('/to', { ...file, size: FAT_LARGEST_FILE });
  await assert.rejects(stage.space.requireFits('/to', file), { kind: 'local-too-large' });
});

test('the largest file is known for the one storage of the one phone', () => {
  const { space } = new Stage();
  space.noteLargest(DEVICE, STORAGE, 7);
  assert.equal(space.largest(DEVICE, STORAGE), 7);
  assert.equal(space.largest(DEVICE, storageKey(4, 'Card', 1)), undefined);
  assert.equal(space.largest(deviceKey('Maker', 'S2'), STORAGE), undefined);
});

for (const how of ['taken out', 'unplugged'] as const)
  test(`the largest file of a card is forgotten when it is ${how}, since another one may come`, () => {
    const { space, devices, shown, changed } = new Stage();
    const [device] = devices;
    assert.ok(device !== undefined);
    const tell = (): void => {
      for (const listener of changed) listener();
    };
    space.noteLargest(DEVICE, STORAGE, 7);
    tell();
    assert.equal(space.largest(DEVICE, STORAGE), 7);
    if (how === 'unplugged') device.state.kind = 'gone';
    else device.storages.length = 0;
    tell();
    device.state.kind = 'ready';
    device.storages[0] = shown;
    tell();
    assert.equal(space.largest(DEVICE, STORAGE), undefined);
  });

test('what is shown of a phone is what the registry has, looked up every two seconds at most', () => {
  const stage = new Stage();
  stage.shown.free = 3;
  const known = (): unknown => stage.space.known(ON_PHONE, ITEM, DEVICE);
  assert.deepEqual(known(), { ...ON_PHONE, free: 3 });
  stage.now = 2_000;
  known();
  assert.equal(stage.looked, 1);
  stage.now = 2_001;
  known();
  assert.equal(stage.looked, 2);
  stage.shown.free = UNKNOWN;
  assert.deepEqual(known(), { ...ON_PHONE, free: undefined });
  assert.deepEqual(stage.space.known({ kind: 'unlock' }, ITEM, DEVICE), { kind: 'unlock' });
});

test('what is shown of a disk comes a moment later, with a call when it is news', async () => {
  const stage = new Stage();
  let calls = 0;
  stage.space.onChange(() => (calls += 1));
  const look = async (): Promise<unknown> => {
    const known = stage.space.known(HERE, ITEM, DEVICE);
    for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    return known;
  };
  stage.disk = { ...stage.disk, bavail: 3 };
  assert.deepEqual(await look(), { ...HERE, free: undefined });
  assert.equal(calls, 1);
  assert.deepEqual(await look(), { ...HERE, free: 3 });
  stage.now = 2_001;
  await look();
  assert.equal(calls, 1, 'the same figure again');
  assert.equal(stage.diskAsked, 2);
});
