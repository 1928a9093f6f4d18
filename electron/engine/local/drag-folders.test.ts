import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { DRAG_PREFIX, DragFolders, isDragFolder, type DraggedFile } from './drag-folders.ts';
import { modifiedOf } from './local-files.ts';
import { nodeDisk } from './node-disk.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A process that has ended. */
const dead = (): number => spawnSync(process.execPath, ['-e', '0']).pid;

/** All files of a folder, as they are now. */
const asTheyAre = (folders: readonly string[]): ((folder: string) => readonly DraggedFile[]) => {
  const files = new Map(
    folders.map((at) => [
      at,
      readdirSync(at).map((name) => {
        const stats = statSync(join(at, name));
        return { path: join(at, name), size: stats.size, modified: modifiedOf(stats) };
      }),
    ]),
  );
  return (at) => files.get(at) ?? [];
};

function folder(t: TestContext, name: string): string {
  const path = join(tmpdir(), name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'photo.jpg'), 'x');
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('a folder is empty, known as one for a drag, and goes with the program', async () => {
  let fetched = (_folder: string): readonly DraggedFile[] => [];
  const drags = new DragFolders(nodeDisk, (at) => fetched(at));
  const [one, two] = [await drags.make(), await drags.make()];
  assert.notEqual(one, two);
  assert.deepEqual(readdirSync(one), []);
  assert.ok(isDragFolder(one));
  writeFileSync(join(one, 'photo.jpg'), 'x');
  fetched = asTheyAre([one]);
  mkdirSync(join(one, 'folder'));
  writeFileSync(join(one, 'folder/film.mp4.replug-part'), 'a beginning');
  await drags.removeAll();
  assert.deepEqual([existsSync(one), existsSync(two)], [false, false]);
});

test('a file that was saved there, or put there, stays with its folder', async (t) => {
  const drags = new DragFolders(nodeDisk, (at) => fetched(at));
  const folders = [await drags.make(), await drags.make(), await drags.make()];
  t.after(() => {
    for (const one of folders) rmSync(one, { recursive: true, force: true });
  });
  for (const one of folders) {
    writeFileSync(join(one, 'photo.jpg'), 'x');
    writeFileSync(join(one, 'notes.txt'), 'notes');
  }
  const fetched = asTheyAre(folders);
  const [edited = '', more = '', linked = ''] = folders;
  writeFileSync(join(edited, 'notes.txt'), 'other notes');
  mkdirSync(join(more, 'new'));
  writeFileSync(join(more, 'new/notes (2).txt'), 'more notes');
  rmSync(join(linked, 'notes.txt'));
  symlinkSync(join(edited, 'notes.txt'), join(linked, 'notes.txt'));
  await drags.removeAll();
  assert.deepEqual(
    folders.map((one) => readdirSync(one, { recursive: true }).sort()),
    [['notes.txt'], ['new', join('new', 'notes (2).txt')], ['notes.txt']],
  );
});

test('only a folder of the system’s temporary folder is one for a drag', () => {
  assert.equal(isDragFolder(join(tmpdir(), `${DRAG_PREFIX}1-abc`)), true);
  assert.equal(isDragFolder(join(tmpdir(), 'sub', `${DRAG_PREFIX}1-abc`)), false);
  assert.equal(isDragFolder(join(tmpdir(), 'photos')), false);
});

test('what a program left that died goes; what one that lives may still use stays', async (t) => {
  const gone = folder(t, `${DRAG_PREFIX}${dead()}-aaaaaa`);
  const used = folder(t, `${DRAG_PREFIX}${process.pid}-bbbbbb`);
  const fetched = asTheyAre([gone, used]);
  await new DragFolders(nodeDisk, fetched).removeOrphans(Date.now());
  assert.deepEqual([existsSync(gone), existsSync(used)], [false, true]);
});

test('one of an earlier version, without a process in its name, goes after a day', async (t) => {
  const now = Date.now();
  const old = folder(t, `${DRAG_PREFIX}cccccc`);
  const young = folder(t, `${DRAG_PREFIX}dddddd`);
  const fetched = asTheyAre([old, young]);
  utimesSync(old, (now - DAY_MS - 60_000) / 1000, (now - DAY_MS - 60_000) / 1000);
  utimesSync(young, (now - DAY_MS + 60_000) / 1000, (now - DAY_MS + 60_000) / 1000);
  await new DragFolders(nodeDisk, fetched).removeOrphans(now);
  assert.deepEqual([existsSync(old), existsSync(young)], [false, true]);
});

test('another name, a file and a link are nobody’s drag', async (t) => {
  const pid = dead();
  const other = folder(t, `${DRAG_PREFIX}${pid}-a-b`);
  const file = join(tmpdir(), `${DRAG_PREFIX}${pid}-eeeeee`);
  const link = join(tmpdir(), `${DRAG_PREFIX}${pid}-ffffff`);
  writeFileSync(file, 'x');
  symlinkSync(other, link);
  t.after(() => {
    rmSync(file, { force: true });
    rmSync(link, { force: true });
  });
  await new DragFolders(nodeDisk, asTheyAre([other])).removeOrphans(Date.now());
  assert.deepEqual(
    [other, file, link].map((path) => readdirSync(tmpdir()).includes(basename(path))),
    [true, true, true],
  );
  assert.ok(existsSync(join(other, 'photo.jpg')));
});

test('a temporary folder that cannot be listed stops nothing', async () => {
  const disk = Object.assign(Object.create(nodeDisk) as typeof nodeDisk, {
    readdir: () => Promise.reject(new Error('EIO')),
  });
  await new DragFolders(disk, () => []).removeOrphans(Date.now());
});
