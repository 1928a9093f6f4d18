import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Disk, FileStats } from './disk.ts';
import { TargetDisks, diskFor, isMounted } from './target-disk.ts';

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

test('a folder that was there before its disk went in the midst of looking is waited for', async () => {
  let looks = 0;
  const look = (path: string): Promise<FileStats> => {
    looks += 1;
    // gone before the third look: its empty mount point is left
    if (looks > 3 && path === '/media/stick/to') return Promise.reject(Object.assign(new Error(), { code: 'ENOENT' }));
    return Promise.resolve({ dev: looks <= 3 && path.startsWith('/media/stick') ? 2 : 1 } as FileStats);
  };
  const going = { stat: look, lstat: look } as unknown as Disk;
  const store = { transfer: () => undefined, updateTransfer: () => undefined };
  assert.deepEqual(await new TargetDisks(going, store).find('/media/stick/to'), { mount: '/', seen: true });
});
