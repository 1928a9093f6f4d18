import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { DRAG_PREFIX } from './destroy-local.ts';
import { DragFolders, isDragFolder } from './drag-folders.ts';
import { nodeDisk } from './node-disk.ts';

const DAY_MS = 24 * 60 * 60_000;
/** A process that has ended. */
const dead = (): number => spawnSync(process.execPath, ['-e', '0']).pid;

function folder(t: TestContext, name: string): string {
  const path = join(tmpdir(), name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'photo.jpg'), 'x');
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('a folder is empty, known as one for a drag, and goes with the program', async () => {
  const drags = new DragFolders(nodeDisk);
  const [one, two] = [await drags.make(), await drags.make()];
  assert.notEqual(one, two);
  assert.deepEqual(readdirSync(one), []);
  assert.ok(isDragFolder(one));
  writeFileSync(join(one, 'photo.jpg'), 'x');
  await drags.removeAll();
  assert.deepEqual([existsSync(one), existsSync(two)], [false, false]);
});

test('only a folder of the system’s temporary folder is one for a drag', () => {
  assert.equal(isDragFolder(join(tmpdir(), `${DRAG_PREFIX}1-abc`)), true);
  assert.equal(isDragFolder(join(tmpdir(), 'sub', `${DRAG_PREFIX}1-abc`)), false);
  assert.equal(isDragFolder(join(tmpdir(), 'photos')), false);
});

test('what a program left that died goes; what one that lives may still use stays', async (t) => {
  const gone = folder(t, `${DRAG_PREFIX}${dead()}-aaaaaa`);
  const used = folder(t, `${DRAG_PREFIX}${process.pid}-bbbbbb`);
  await new DragFolders(nodeDisk).removeOrphans(Date.now());
  assert.deepEqual([existsSync(gone), existsSync(used)], [false, true]);
});

test('one of an earlier version, without a process in its name, goes after a day', async (t) => {
  const now = Date.now();
  const old = folder(t, `${DRAG_PREFIX}cccccc`);
  const young = folder(t, `${DRAG_PREFIX}dddddd`);
  utimesSync(old, (now - DAY_MS - 60_000) / 1000, (now - DAY_MS - 60_000) / 1000);
  utimesSync(young, (now - DAY_MS + 60_000) / 1000, (now - DAY_MS + 60_000) / 1000);
  await new DragFolders(nodeDisk).removeOrphans(now);
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
  await new DragFolders(nodeDisk).removeOrphans(Date.now());
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
  await new DragFolders(disk).removeOrphans(Date.now());
});
