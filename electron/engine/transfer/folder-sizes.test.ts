import assert from 'node:assert/strict';
import { test } from 'node:test';
import { phonePath, storageKey, transferId } from '../../../shared/domain.ts';
import { fail } from '../../../shared/errors.ts';
import type { ObjectHandle } from '../../mtp/index.ts';
import type { Connection } from '../devices/device-connection.ts';
import type { ItemRun } from '../model/item-run.ts';
import { FolderSizes } from './folder-sizes.ts';

const FOLDER = 7 as ObjectHandle;

const run = (name: string): ItemRun =>
  ({
    row: {
      transfer: transferId('t'),
      storage: storageKey(4, 'Card', 64e9),
      phone: phonePath(`/Music/${name}`),
      size: 10,
    },
  }) as unknown as ItemRun;

function stage(sizeOf: (handle: number) => Promise<number>) {
  const asked: number[] = [];
  const connection = {
    phone: {
      sizeOf: (handle: number) => {
        asked.push(handle);
        return sizeOf(handle);
      },
    },
  } as unknown as Connection;
  return { sizes: new FolderSizes(connection), asked };
}

test('a file waits until its folder gets no more', async () => {
  const { sizes, asked } = stage(() => Promise.resolve(10));
  const one = run('a.mp3');
  const isOver = sizes.begin(one.row);
  const told = sizes.confirm(one, FOLDER, 1 as ObjectHandle);
  isOver();
  assert.deepEqual(asked, []);
  sizes.leave(undefined);
  assert.equal(await told, 10);
  assert.deepEqual(asked, [1]);
});

test('a file that comes when its connection was given up is not left waiting', { timeout: 5_000 }, async () => {
  const { sizes } = stage(() => Promise.reject(fail('disconnected', 'size')));
  const one = run('a.mp3');
  sizes.begin(one.row);
  await sizes.end();
  await assert.rejects(sizes.confirm(one, FOLDER, 1 as ObjectHandle), /disconnected/);
});
