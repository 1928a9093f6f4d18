import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Connection } from '../devices/device-connection.ts';
import type { Disk } from '../local/disk.ts';
import { nodeDisk } from '../local/node-disk.ts';
import type { ItemRow } from '../model/transfer-store.ts';
import { fitting, isStorageThere, sourcesBack } from './wait-questions.ts';

const waiting = (id: number, needed: number): ItemRow =>
  ({ id, state: { kind: 'waiting', for: { kind: 'space', needed, where: 'phone' }, since: 1 } }) as unknown as ItemRow;

test('free space goes to those that come first, as far as it reaches for all of them together', () => {
  const rows = [waiting(1, 60), waiting(2, 60), waiting(3, 40)];
  assert.deepEqual(fitting(rows, 100), [1, 3]);
  assert.deepEqual(fitting(rows, 0), []);
  assert.deepEqual(fitting(rows, undefined), [1, 2, 3], 'without a figure each finds out');
  const other = { id: 4, state: { kind: 'waiting', for: { kind: 'source' }, since: 1 } } as unknown as ItemRow;
  assert.deepEqual(fitting([other], 100), []);
});

test('sources that are back, with one look at a folder of many and none below one that is away', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'replug-back-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, 'many'));
  mkdirSync(join(root, 'few'));
  for (const path of ['many/0', 'many/1', 'many/2', 'many/3', 'few/0']) writeFileSync(join(root, path), '');
  const paths = ['many/0', 'many/1', 'many/2', 'many/3', 'many/4', 'few/0', 'few/1', 'away/deep/0', 'away/deep/1'];
  const rows = paths.map((path, id) => ({ id, local: join(root, path) }) as unknown as ItemRow);
  const asked: string[] = [];
  const disk = {
    stat: (path: string) => {
      asked.push(path.slice(root.length + 1));
      return nodeDisk.stat(path);
    },
    readdir: (path: string) => nodeDisk.readdir(path),
  } as unknown as Disk;
  const back = await sourcesBack(disk, rows);
  assert.deepEqual(
    back.map((id) => paths[id as unknown as number]),
    ['many/0', 'many/1', 'many/2', 'many/3', 'few/0'],
  );
  const below = asked.filter((path) => path !== '' && !path.startsWith('/')).sort();
  assert.deepEqual(below, ['away', 'few', 'few/0', 'few/1', 'many']);
});

test('a storage is there when the phone shows it after another look', async () => {
  const shows = (keys: readonly string[]) => {
    const connection = {
      alive: true,
      tree: { has: (key: string) => keys.includes(key) },
      lookAgain: () => {
        connection.alive = keys.length > 0;
        return Promise.resolve();
      },
    };
    return connection as unknown as Connection;
  };
  const row = { storage: 'card' } as unknown as ItemRow;
  assert.deepEqual(
    await Promise.all([
      isStorageThere(shows(['card']), row),
      isStorageThere(shows(['internal']), row),
      isStorageThere(shows(['internal']), undefined),
      isStorageThere(shows([]), undefined),
    ]),
    [true, false, true, false],
  );
});
