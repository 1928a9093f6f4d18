import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localPath, transferId } from '../../../shared/domain.ts';
import type { TransferRow } from '../model/transfer-store.ts';
import type { Disk, FileStats } from './disk.ts';
import { TargetDisks, diskFor, isMounted } from './target-disk.ts';

const error = (code: string): Error => Object.assign(new Error(code), { code });
const stats = (dev: number): FileStats => ({ dev, isSymbolicLink: () => false }) as FileStats;

/** A stick at `/media/stick` with a folder `to`; each look is answered by what the script says of it in turn. */
function disk(script: readonly ('there' | 'away' | 'failing')[]): Pick<Disk, 'stat' | 'lstat' | 'readdir'> {
  let looks = 0;
  const look = (path: string): Promise<FileStats> => {
    const now = script[Math.min(looks, script.length - 1)];
    looks += 1;
    if (!path.startsWith('/media/stick')) return Promise.resolve(stats(1));
    if (now === 'failing') return Promise.reject(error('EIO'));
    if (now === 'away' && path !== '/media/stick') return Promise.reject(error('ENOENT'));
    return Promise.resolve(stats(now === 'there' ? 2 : 1));
  };
  return { stat: look, lstat: look, readdir: (path) => Promise.resolve(path === '/media/stick' ? [] : ['stick']) };
}

const found = (script: Parameters<typeof disk>[0], path = '/media/stick/to'): Promise<string> =>
  diskFor(disk(script) as Disk, path).catch((problem: unknown) => (problem as NodeJS.ErrnoException).code ?? '');

test('the mount point of a disk', async () => {
  assert.equal(await found(['there']), '/media/stick');
  assert.ok(await isMounted(disk(['there']) as Disk, '/media/stick'));
});

test('a disk that goes between two looks does not make its folders mount points, and is waited for where it was', async () => {
  // at /media/stick/to, and then at it once more
  assert.equal(await found(['there', 'away']), '/media/stick');
  assert.equal(await found(['there', 'failing']), '/media/stick');
  // and then at the folder above: /media/stick/to seems to be the top of a disk
  assert.equal(await found(['there', 'there', 'away']), '/media/stick');
  assert.equal(await found(['there', 'there', 'failing']), 'EIO');
  // back at once
  assert.equal(await found(['there', 'away', 'there']), '/media/stick');
});

test('a disk that goes between two looks at its top is not taken for the one below it', async () => {
  // the folder is not there yet: /media/stick is looked at with the second and the third look
  assert.equal(await found(['away', 'there', 'away'], '/media/stick/new'), '/media/stick');
  assert.equal(await found(['away', 'there', 'failing'], '/media/stick/new'), '/media/stick');
  assert.equal(await found(['away', 'there', 'there', 'there', 'away'], '/media/stick/new'), '/media/stick');
  // its folder has gone with it
  const gone = {
    ...disk(['there']),
    stat: (path: string) =>
      path.startsWith('/media/stick') ? Promise.reject(error('ENOENT')) : Promise.resolve(stats(1)),
  };
  assert.equal(await diskFor(gone as unknown as Disk, '/media/stick'), '/media/stick');
});

test('a folder at which a disk is mounted is on two disks on Windows, one as itself and one as what it leads to', async () => {
  const mounted = { ...disk(['there']), lstat: () => Promise.resolve(stats(1)) };
  assert.equal(await diskFor(mounted as unknown as Disk, '/media/stick'), '/media/stick');
});

test('a folder that was there before its disk went in the midst of looking is waited for', async () => {
  let looks = 0;
  const look = (path: string): Promise<FileStats> => {
    looks += 1;
    // gone before the second look: its empty mount point is left
    if (looks > 1 && path === '/media/stick/to') return Promise.reject(error('ENOENT'));
    return Promise.resolve(stats(looks <= 1 && path.startsWith('/media/stick') ? 2 : 1));
  };
  const going = { stat: look, lstat: look } as unknown as Disk;
  const store = { transfer: () => undefined, updateTransfer: () => undefined };
  assert.deepEqual(await new TargetDisks(going, store).find('/media/stick/to'), { mount: '/', seen: true });
});

/** A stick that was there when a download to a new folder of it began; `goes` with the making of that folder. */
function making({ goes, syncs = true }: { readonly goes: boolean; readonly syncs?: boolean }) {
  const told: string[] = [];
  const made = new Set<string>();
  let isThere = true;
  const look = (path: string): Promise<FileStats> => {
    if (path.startsWith('/media/stick/') && !made.has(path)) return Promise.reject(error('ENOENT'));
    return Promise.resolve({ ...stats(isThere && path.startsWith('/media/stick') ? 2 : 1), isDirectory: () => true });
  };
  const there: Partial<Record<keyof Disk, unknown>> = {
    stat: look,
    lstat: look,
    mkdir: (path: string) => {
      if (goes) isThere = false;
      for (const one of ['/media/stick/new', path]) made.add(one);
      return Promise.resolve('/media/stick/new');
    },
    rmdir: (path: string) => Promise.resolve(void (told.push(`rmdir ${path}`), made.delete(path))),
    open: (path: string) =>
      Promise.resolve({
        sync: () => (syncs ? Promise.resolve(void told.push(`sync ${path}`)) : Promise.reject(error('EIO'))),
        close: () => Promise.resolve(),
      }),
  };
  let kept: object | undefined;
  const targets = new TargetDisks(there as unknown as Disk, {
    transfer: () => ({ targetMount: '/media/stick', targetSeen: false }) as TransferRow,
    updateTransfer: (_, change) => {
      kept = change;
    },
  });
  const required = targets.require({ id: transferId('1'), destination: localPath('/media/stick/new/to') });
  return { told, required, kept: () => kept };
}

test('a folder made for a download is brought to its disk with those above it that were made', async () => {
  const { told, required, kept } = making({ goes: false });
  await required;
  assert.deepEqual(told, ['sync /media/stick/new', 'sync /media/stick']);
  assert.deepEqual(kept(), { targetMount: '/media/stick', targetSeen: true });
});

test('a disk that cannot bring a folder to itself is written to all the same', async () => {
  const { required, kept } = making({ goes: false, syncs: false });
  await required;
  assert.deepEqual(kept(), { targetMount: '/media/stick', targetSeen: true });
});

test('a folder that was made in the place of a disk that just went is taken back, and the disk waited for', async () => {
  const { told, required, kept } = making({ goes: true });
  await assert.rejects(required, /^PhoneError: local-missing/);
  assert.deepEqual(told, ['rmdir /media/stick/new/to', 'rmdir /media/stick/new']);
  assert.equal(kept(), undefined);
});
