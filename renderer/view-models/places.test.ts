import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deviceKey, phonePath, storageKey, type Device, type Entry } from '../../shared/domain.ts';
import { deviceNote, isSlow, lessonFor, noResumeWords } from './devices.ts';
import { breakable, extensionOf, kindName, stemLength } from './entry-kind.ts';
import { child, crumbs, deviceDropPlace, foldersToAsk, parent, quickPlaces } from './places.ts';
import { folderWords, selectionWords } from './status.ts';
import { nextTryWords } from './teach.ts';
import { ago } from './words.ts';

const device = (more: Partial<Device> = {}): Device => ({
  key: deviceKey('g', '1'),
  name: 'Pixel 8',
  maker: 'Google',
  model: 'Pixel 8',
  serial: '1',
  virtual: false,
  state: { kind: 'ready' },
  battery: 50,
  storages: [],
  resumableUpload: true,
  resumableDownload: true,
  linkSpeed: 'super',
  ...more,
});
const storage = {
  key: storageKey(3, 'I', 1),
  name: 'Internal',
  removable: false,
  readOnly: false,
  capacity: 1,
  free: 1,
};
const place = { device: device().key, storage: storage.key, path: phonePath('/DCIM/Camera') };
const folder = (name: string): Entry => ({ name, kind: 'folder', size: 0, modified: undefined });

describe('places', () => {
  test('breadcrumbs of a path', () => {
    assert.deepEqual(
      crumbs(place, storage).map((one) => one.name),
      ['Internal', 'DCIM', 'Camera'],
    );
    assert.equal(parent(place)?.path, '/DCIM');
    assert.equal(child(place, 'a/b').path, '/DCIM/Camera/a∕b', 'a hostile name stays one name');
  });

  test('quick places exist, appear once, and are requested only where they can be', () => {
    const known = new Map<string, readonly Entry[]>();
    assert.deepEqual(foldersToAsk(known), ['/']);
    known.set('/', ['DCIM', 'Pictures', 'Download'].map(folder));
    assert.deepEqual(foldersToAsk(known), ['/DCIM', '/Pictures'], 'no Android, so nothing is asked of it');
    known.set('/DCIM', ['Camera', 'Screenshots'].map(folder));
    known.set('/Pictures', [folder('Screenshots')]);
    assert.deepEqual(foldersToAsk(known), []);
    assert.deepEqual(
      quickPlaces(known).map((one) => one.path),
      ['/DCIM/Camera', '/Pictures/Screenshots', '/Download'],
    );
  });

  test('a drop on a phone goes to Download, and nowhere if everything is read-only', () => {
    assert.equal(deviceDropPlace(device({ storages: [storage] }))?.path, '/Download');
    assert.equal(deviceDropPlace(device({ storages: [{ ...storage, readOnly: true }] })), undefined);
  });
});

describe('phones', () => {
  test('a slow link is one below what the phone can do', () => {
    assert.ok(isSlow(device({ linkSpeed: 'high', bestLinkSpeed: 'super' })));
    assert.ok(!isSlow(device({ linkSpeed: 'high' })), 'not known to be able to do more');
    assert.ok(isSlow(device({ linkSpeed: 'full' })));
    assert.ok(!isSlow(device({ linkSpeed: undefined, bestLinkSpeed: 'super' })));
  });
  test('each state has its lesson; a ready phone needs none', () => {
    const host = { canTryVirtual: true };
    assert.equal(lessonFor([], undefined, host)?.kind, 'no-phone');
    assert.equal(lessonFor([device(), device()], undefined, host)?.kind, 'choose');
    assert.equal(lessonFor([device()], device(), host), undefined);
    const locked = device({ state: { kind: 'locked' } });
    assert.equal(lessonFor([locked], locked, host)?.kind, 'locked');
    assert.equal(deviceNote(locked)?.text, 'Locked');
  });
  test('the next try', () => {
    assert.equal(nextTryWords(undefined, 0), '');
    assert.equal(nextTryWords(4200, 1000), 'Replug keeps trying, next in 4 s.');
    assert.equal(nextTryWords(500, 1000), 'Replug is trying right now.');
  });
});

describe('words', () => {
  test('how long ago', () => {
    assert.equal(ago(0, 20_000), 'now');
    assert.equal(ago(0, 300_000), '5 min. ago');
    assert.equal(ago(0, 7_200_000), '2 hr. ago');
  });
  test('what starts over after an interruption', () => {
    const words = (resumableUpload: boolean, resumableDownload: boolean) =>
      noResumeWords(device({ resumableUpload, resumableDownload }));
    assert.equal(words(true, true), undefined);
    assert.match(words(false, true) ?? '', /copied to it: large files start over/);
    assert.match(words(true, false) ?? '', /copied from it: large files start over/);
    assert.match(words(false, false) ?? '', /start over after an interruption, in both directions/);
  });
  test('what a file is', () => {
    assert.equal(kindName({ name: 'a.JPG', kind: 'file' }), 'JPG picture');
    assert.equal(kindName({ name: '.hidden', kind: 'file' }), 'File');
    assert.equal(kindName({ name: 'a.jpg', kind: 'folder' }), 'Folder');
    assert.equal(extensionOf('archive.tar.gz'), 'gz');
    assert.equal(extensionOf('ends.'), '');
    assert.equal(stemLength({ name: 'a.jpg', kind: 'file' }), 1);
    assert.equal(stemLength({ name: 'a.b', kind: 'folder' }), 3);
  });
  test('where a long name may be broken', () => {
    assert.deepEqual(breakable('IMG_2026-a.jpg'), ['IMG_', '2026-', 'a.', 'jpg']);
    assert.deepEqual(breakable('旅行'), ['旅行']);
  });
  test('the line under a folder', () => {
    const words = (
      state: 'listing' | 'complete' | 'stopped',
      shown: number,
      all: number,
      expected?: number,
      filter = '',
    ) => folderWords({ shown, all, state, expected, filter });
    assert.equal(words('listing', 5, 5), 'Listing… 5');
    assert.equal(words('listing', 5, 5, 9), 'Listing… 5 of 9');
    assert.equal(words('complete', 5, 7), '5 items, 2 hidden');
    assert.equal(words('stopped', 1, 1), '1 item, not all listed');
    assert.equal(words('complete', 2, 9, undefined, 'x'), '2 of 9 items');
  });
  test('what is chosen', () => {
    const entries = new Map<string, Entry>([
      ['a', { name: 'a', kind: 'file', size: 2_000_000, modified: undefined }],
      ['b', folder('b')],
    ]);
    const listing = {
      indexOf: (name: string) => [...entries.keys()].indexOf(name),
      at: (position: number) => [...entries.values()][position],
    };
    assert.equal(selectionWords(new Set(['a']), listing), '1 selected, 2.00 MB');
    assert.equal(selectionWords(new Set(['b']), listing), '1 folder selected');
    assert.equal(selectionWords(new Set(['a', 'b']), listing), '2 selected, 2.00 MB and 1 folder');
  });
});
