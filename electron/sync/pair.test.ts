import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localPath, phonePath, storageKey, type Device, type DeviceKey } from '../../shared/domain.ts';
import { pairId, type SyncPair } from '../../shared/sync.ts';
import { changeFor, pairFrom, type NewPair } from './pair.ts';

const STORAGE = storageKey(3, 'Internal storage', 64e9);
const DEVICE = {
  key: 'maker#1' as DeviceKey,
  name: 'Phone',
  state: { kind: 'ready' },
  storages: [{ key: STORAGE, name: 'Internal storage' }],
} as unknown as Device;

const made = (
  phone: string,
  local: string,
  direction: SyncPair['direction'] = 'to-computer',
  others: readonly SyncPair[] = [],
  change: Partial<NewPair> = {},
): SyncPair =>
  pairFrom(
    {
      place: { device: DEVICE.key, storage: STORAGE, path: phonePath(phone) },
      local: localPath(local),
      direction,
      ...change,
    },
    { id: pairId(`${phone} ${local} ${direction} ${others.length}`), now: 1, devices: [DEVICE], others },
  );
const refused = (kind: string) => (error: unknown) => (error as { readonly kind?: unknown }).kind === kind;

test('a pair needs its phone and storage, and is named by its folders', () => {
  assert.equal(made('/DCIM', '/home/me/Photos').name, '/DCIM → Photos');
  assert.equal(made('/Music', '/home/me/Songs', 'to-phone').name, '/Music ← Songs');
  const place = { device: DEVICE.key, storage: storageKey(4, 'SD card', 32e9), path: phonePath('/DCIM') };
  assert.throws(() => made('/', '/home/me/Photos', 'to-computer', [], { place }), refused('disconnected'));
  assert.throws(
    () => made('/', '/home/me/P', 'to-computer', [], { place: { ...place, device: 'maker#2' as DeviceKey } }),
    refused('disconnected'),
  );
});

test('the same folders in the same direction are refused; the same folder for two targets is not', () => {
  const others = [made('/DCIM', '/home/me/Photos')];
  assert.throws(() => made('/DCIM', '/home/me/Photos', 'to-computer', others), refused('bad-request'));
  made('/DCIM', '/home/me/Other', 'to-computer', others);
  made('/DCIM/Camera', '/home/me/Photos', 'to-computer', others);
});

test('a phone takes all spellings of a folder for one: pairs of it meet', () => {
  const others = [made('/Music', '/home/me/Music', 'to-phone')];
  assert.throws(() => made('/music', '/home/me/Music', 'to-phone', others), refused('bad-request'));
  assert.throws(() => made('/MUSIC/Rock', '/home/me/Music/Rock', 'to-computer', others), refused('bad-request'));
});

test('two directions between folders that lie in one another on both sides are refused', () => {
  const others = [made('/DCIM', '/home/me/Photos')];
  for (const [phone, local] of [
    ['/DCIM', '/home/me/Photos'],
    ['/DCIM/Camera', '/home/me/Photos/2024'],
    ['/', '/home/me'],
    ['/DCIM/Camera', '/home/me'],
  ] as const)
    assert.throws(() => made(phone, local, 'to-phone', others), refused('bad-request'), `${phone} ${local}`);
  made('/DCIM', '/home/me/Photos 2', 'to-phone', others);
  made('/DCIM2', '/home/me/Photos', 'to-phone', others);
  made('/DCIM', '/home/me/Photos', 'to-phone', [made('/DCIM', '/home/me/Photos 2')]);
});

test('a pair may be moved to another local folder, but not onto another pair', () => {
  const one = made('/DCIM', '/home/me/Photos');
  const two = made('/DCIM', '/home/me/Other');
  const parts = { devices: [DEVICE], others: [one, two] };
  assert.deepEqual(changeFor(two, { name: 'x' }, parts), { name: 'x' });
  assert.equal(changeFor(two, { local: localPath('/home/me/../me/New') }, parts).local, '/home/me/New');
  assert.equal(changeFor(two, { local: localPath('/home/me/Other') }, parts).local, '/home/me/Other');
  assert.throws(() => changeFor(two, { local: localPath('/home/me/Photos') }, parts), refused('bad-request'));
});
