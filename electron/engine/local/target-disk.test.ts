import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Disk, FileStats } from './disk.ts';
import { diskFor, isMounted } from './target-disk.ts';

/** A stick at `/media/stick` with a folder `to`; `stat` answers by what the script says of each call in turn. */
function disk(script: readonly ('there' | 'away' | 'failing')[]): Pick<Disk, 'stat' | 'lstat'> {
  let calls = 0;
  const stat = (path: string): Promise<FileStats> => {
    const now = script[Math.min(calls, script.length - 1)];
    calls += 1;
    const error = (code: string): Error => Object.assign(new Error(code), { code });
    if (path.startsWith('/media/stick')) {
      if (now === 'failing') return Promise.reject(error('EIO'));
      if (now === 'away' && path !== '/media/stick') return Promise.reject(error('ENOENT'));
      return Promise.resolve({ dev: now === 'there' ? 2 : 1 } as FileStats);
    }
    return Promise.resolve({ dev: 1 } as FileStats);
  };
  return { stat, lstat: () => Promise.resolve({ dev: 1 } as FileStats) };
}

const found = (script: Parameters<typeof disk>[0]): Promise<string> =>
  diskFor(disk(script) as Disk, '/media/stick/to').catch(
    (error: unknown) => (error as NodeJS.ErrnoException).code ?? '',
  );

test('the mount point of a disk', async () => {
  assert.equal(await found(['there']), '/media/stick');
  assert.ok(await isMounted(disk(['there']) as Disk, '/media/stick'));
});

test('a disk that goes between two looks does not make its folders mount points', async () => {
  // the second look is at the folder below: /media/stick/to seemed to be the top of a disk
  assert.equal(await found(['there', 'away']), 'ENOENT');
  assert.equal(await found(['there', 'failing']), 'EIO');
  // back at once
  assert.equal(await found(['there', 'away', 'there']), '/media/stick');
});
