import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  foldName,
  localPath,
  phonePath,
  type DeviceKey,
  type PhonePath,
  type StorageKey,
} from '../../../shared/domain.ts';
import type { PhoneObject, PhoneStorage } from '../../mtp/index.ts';
import { usualNames } from '../local/local-names.ts';
import { planDownload } from './plan-download.ts';
import { ListedFolder } from '../devices/listed-folder.ts';

/** Planning a download of a phone that lists whatever a test wants. */

const STORAGE = { key: 'internal' as StorageKey } as PhoneStorage;

async function plan(
  children: (path: PhonePath) => readonly (readonly [name: string, handle: number, kind: 'file' | 'folder'])[],
  insensitive: boolean,
) {
  const lister = {
    folder: (_: StorageKey, path: PhonePath) =>
      Promise.resolve(
        new ListedFolder(
          STORAGE,
          path,
          'root',
          children(path).map(([name, handle, kind]) => ({ name, handle, kind, size: 1 }) as unknown as PhoneObject),
        ),
      ),
  };
  const items = [];
  const source = { device: 'd' as DeviceKey, storage: STORAGE.key, path: phonePath('/') };
  for await (const batch of planDownload([source], localPath('/in'), lister, { ...usualNames('linux'), insensitive }))
    items.push(...batch);
  return items;
}

test('names that are one file where case and composition do not count get names of their own', async () => {
  const names = ['A.txt', 'a.txt', 'é', 'e\u0301', 'É', 'ﬁ', 'b'];
  const list = (path: PhonePath) =>
    path === '/' ? names.map((name, index) => [name, index + 1, 'file'] as const) : [];
  const given = (await plan(list, true)).filter(({ item }) => item.kind === 'file').map(({ item }) => item.local);
  assert.equal(new Set(given.map(foldName)).size, names.length);
  const kept = (await plan(list, false)).filter(({ item }) => item.kind === 'file');
  assert.deepEqual(
    kept.map(({ savedAs }) => savedAs).filter((name) => name !== undefined),
    [],
  );
});

test('a hundred thousand spellings of one name are planned in one pass', async () => {
  const names = Array.from({ length: 100_000 }, (_, index) =>
    [...'abcdefghijklmnopq'].map((letter, bit) => ((index >> bit) & 1 ? letter.toUpperCase() : letter)).join(''),
  );
  const list = (path: PhonePath) =>
    path === '/' ? names.map((name, index) => [name, index + 1, 'file'] as const) : [];
  const items = await plan(list, true);
  assert.equal(new Set(items.map(({ item }) => foldName(item.local))).size, 100_001);
});

test('a tree that branches without end stops at the handles it has shown already', async () => {
  // every folder lists the same three folders
  const list = () => [1, 2, 3].map((handle) => [`f${handle}`, handle, 'folder'] as const);
  const items = await plan(list, false);
  assert.equal(items.filter(({ problem }) => problem === undefined).length, 4);
  assert.ok(items.filter(({ problem }) => problem?.kind === 'confused').length >= 3);
});

test('a tree that grows downwards for ever stops at the greatest depth', async () => {
  let handle = 0;
  const items = await plan(() => [['deeper', (handle += 1), 'folder']], false);
  assert.equal(items.at(-1)?.problem?.kind, 'confused');
  assert.ok(items.length < 300);
});
