import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localPath, phonePath, type DeviceKey, type StorageKey } from '../../shared/domain.ts';
import { NO_FILTERS, pairId, type SyncPair } from '../../shared/sync.ts';
import { addArgument, changeArgument, draftOf, newDraft, problemsOf } from './pair-form.ts';

const STORAGE = 'maker|Internal' as StorageKey;
const DEVICE = 'maker#1' as DeviceKey;

const pair: SyncPair = {
  id: pairId('p'),
  name: 'Camera',
  device: DEVICE,
  deviceName: 'Pixel 8',
  storage: STORAGE,
  storageName: 'Internal storage',
  phone: phonePath('/DCIM'),
  local: localPath('/home/ann/Photos'),
  direction: 'to-computer',
  filters: {
    include: ['*.jpg', 'Trips/**'],
    exclude: ['.thumbnails'],
    kinds: ['photos'],
    newerThan: new Date(2024, 1, 29).getTime(),
    largerThan: 500_000,
  },
  deletions: 'mirror',
  deletionLimit: 0.3,
  conflicts: 'newer',
  removed: 'stay-away',
  verify: 'full',
  layout: 'year-month',
  automatic: true,
  createdAt: 1,
};

test('a pair that is opened and saved unchanged stays as it is', () => {
  const { pair: id, local, ...rest } = changeArgument(draftOf(pair), pair);
  assert.equal(id, pair.id);
  assert.equal(local, undefined);
  assert.deepEqual({ ...pair, ...rest }, pair);
  const bare = { ...pair, filters: NO_FILTERS };
  assert.deepEqual(changeArgument(draftOf(bare), bare).filters, NO_FILTERS);
  assert.deepEqual(problemsOf(draftOf(pair)), new Map());
});

test('a new pair reports missing fields, then becomes a command', () => {
  const empty = newDraft(STORAGE, undefined);
  assert.deepEqual([...problemsOf(empty).keys()], ['phone', 'local']);
  const draft = {
    ...empty,
    phone: '/DCIM/Camera/',
    local: ' /home/ann/My photos ',
    include: ' *.jpg \n\n*.heic',
    largerThan: '1.5',
    newerThan: '2024-02-29',
    layout: 'year-month' as const,
  };
  assert.deepEqual(problemsOf(draft), new Map());
  const argument = addArgument(draft, DEVICE);
  assert.deepEqual(argument?.place, { device: DEVICE, storage: STORAGE, path: '/DCIM/Camera' });
  assert.equal(argument?.local, '/home/ann/My photos');
  assert.equal(argument?.name, undefined);
  assert.deepEqual(argument?.filters, {
    kinds: [],
    include: ['*.jpg', '*.heic'],
    exclude: [],
    newerThan: new Date(2024, 1, 29).getTime(),
    largerThan: 1_500_000,
  });
  assert.equal(argument?.layout, 'year-month');
  // the layout applies to one direction only
  assert.equal(addArgument({ ...draft, direction: 'to-phone' }, DEVICE)?.layout, 'as-on-phone');
});

test('a problem is reported at its field', () => {
  const wrong = (change: Partial<ReturnType<typeof draftOf>>): readonly string[] => [
    ...problemsOf({ ...draftOf(pair), ...change }).keys(),
  ];
  assert.deepEqual(wrong({ phone: 'DCIM' }), ['phone']);
  assert.deepEqual(wrong({ phone: '/DCIM/../x' }), ['phone']);
  assert.deepEqual(wrong({ local: 'Photos' }), ['local']);
  assert.deepEqual(wrong({ local: 'C:\\Photos' }), []);
  assert.deepEqual(wrong({ largerThan: 'much' }), ['largerThan']);
  assert.deepEqual(wrong({ largerThan: '-1' }), ['largerThan']);
  assert.deepEqual(wrong({ newerThan: '31.1.2024' }), ['newerThan']);
  assert.deepEqual(wrong({ deletionLimit: '' }), ['deletionLimit']);
  assert.deepEqual(wrong({ deletionLimit: '101' }), ['deletionLimit']);
  assert.deepEqual(wrong({ name: 'x'.repeat(201) }), ['name']);
  // a new pair without a name is named automatically; an existing pair keeps its name
  assert.deepEqual(wrong({ name: ' ' }), []);
  assert.deepEqual([...problemsOf({ ...draftOf(pair), name: ' ' }, pair).keys()], ['name']);
});

test('a folder changed to another location is part of the change', () => {
  assert.equal(changeArgument({ ...draftOf(pair), local: '/media/disk/Photos' }, pair).local, '/media/disk/Photos');
});
