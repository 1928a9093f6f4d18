import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fail, problemOf } from '../../../../shared/errors.ts';
import { nodeDisk } from '../../local/node-disk.ts';
import type { ItemTransferContext } from '../item-transfer.ts';
import type { DownloadTarget } from './download-target.ts';
import { PartFile } from './part-file.ts';

/** A part file on a disk that is away is neither gone nor forgotten. */

test('a part file that is to go while its disk is away stays noted, and goes when it is back', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'replug-part-'));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const path = join(disk, 'film.mp4.abc.replug-part');
  writeFileSync(path, 'half of it');
  let row = { temporary: path as string | undefined, creation: 'created', confirmed: 10 };
  let isReadOnly = false;
  const context = {
    disk: {
      ...nodeDisk,
      unlink: (gone: string) =>
        isReadOnly ? Promise.reject(Object.assign(new Error('EROFS'), { code: 'EROFS' })) : nodeDisk.unlink(gone),
    },
    folders: {
      forget: () => undefined,
      requireDisk: async () => {
        if (!existsSync(disk)) throw fail('local-missing', 'find target');
        return Promise.resolve();
      },
    },
    run: {
      get row() {
        return row;
      },
      transfer: {},
      update: (change: Partial<typeof row>) => (row = { ...row, ...change }),
      dropCheckpoints: () => undefined,
    },
  } as unknown as ItemTransferContext;
  const part = new PartFile(context, { path: join(disk, 'film.mp4') } as DownloadTarget);
  renameSync(disk, `${disk} away`);
  await assert.rejects(part.discard(), { kind: 'local-missing' });
  assert.equal(row.temporary, path);
  renameSync(`${disk} away`, disk);
  isReadOnly = true;
  // the message names the file that is fetched
  const refused = part.discard().catch((error: unknown) => problemOf(error));
  assert.deepEqual([(await refused)?.kind, (await refused)?.subject], ['local-read-only', join(disk, 'film.mp4')]);
  assert.equal(row.temporary, path);
  isReadOnly = false;
  await part.discard();
  assert.deepEqual([row.temporary, existsSync(path)], [undefined, false]);
});
