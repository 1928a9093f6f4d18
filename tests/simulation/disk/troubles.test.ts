import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CASE_BLIND, DECOMPOSING, FAT } from './names.ts';
import { SimDisk, atOnce } from './sim-disk.ts';
import { LocalEndpoint } from '../../../electron/sync/local-endpoint.ts';
import { Tree } from './tree.ts';
import { FAT_LARGEST_FILE, FAT_LIKE, NTFS_LIKE, Volume, type VolumeOptions } from './volume.ts';

/** What real disks do to a program, as far as no test can bring a real disk to do it. */

const NOW = Date.UTC(2026, 1, 2, 3, 4, 5);

function begin(options: VolumeOptions = {}): { disk: SimDisk; tree: Tree; volume: Volume; stick: Volume } {
  const volume = new Volume({}, () => NOW);
  const tree = new Tree(volume);
  tree.mkdirs('/media/stick');
  const stick = new Volume(options, () => NOW);
  tree.mount('/media/stick', stick);
  return { disk: new SimDisk(tree, atOnce), tree, volume, stick };
}

async function write(disk: SimDisk, path: string, text: string, sync = false): Promise<void> {
  const file = await disk.open(path, 'continue');
  await file.writev([Buffer.from(text)], 0);
  if (sync) await file.datasync();
  await file.close();
}
async function read(disk: SimDisk, path: string): Promise<string> {
  const file = await disk.open(path, 'read');
  const { size } = await file.stat();
  const bytes = Buffer.alloc(size);
  await file.read(bytes, 0, size, 0);
  await file.close();
  return bytes.toString();
}
const rejects = (work: Promise<unknown>, code: string): Promise<void> => assert.rejects(work, { code });

test('an unmounted disk leaves an empty folder, and comes back under another device number', async () => {
  const { disk, tree, stick } = begin();
  await write(disk, '/media/stick/a', 'one');
  const { dev } = await disk.stat('/media/stick');
  assert.notEqual(dev, (await disk.stat('/media')).dev);
  tree.unmount('/media/stick');
  assert.deepEqual(await disk.readdir('/media/stick'), []);
  await write(disk, '/media/stick/below', 'two');
  tree.mount('/media/stick', stick);
  assert.deepEqual(await disk.readdir('/media/stick'), ['a']);
  assert.notEqual((await disk.stat('/media/stick')).dev, dev);
  await rejects(disk.rename('/media/stick/a', '/media/a'), 'EXDEV');
  await rejects(disk.link('/media/stick/a', '/media/a'), 'EXDEV');
});

test('a disk that was pulled out answers with EIO, open files too', async () => {
  const { disk, stick } = begin();
  const file = await disk.open('/media/stick/a', 'create');
  stick.isYanked = true;
  await rejects(file.writev([Buffer.from('x')], 0), 'EIO');
  await rejects(file.datasync(), 'EIO');
  await rejects(disk.stat('/media/stick/a'), 'EIO');
  await rejects(disk.readdir('/media/stick'), 'EIO');
  stick.isYanked = false;
  await disk.stat('/media/stick/a');
  await rejects(file.stat(), 'EIO');
  await file.close();
});

test('a full disk takes what fits, then nothing; deleting makes room, an open file keeps its own', async () => {
  const { disk, stick } = begin({ capacity: 10 });
  const file = await disk.open('/media/stick/a', 'create');
  assert.deepEqual(await file.writev([Buffer.alloc(6), Buffer.alloc(6)], 0), { bytesWritten: 10 });
  await rejects(file.writev([Buffer.alloc(1)], 10), 'ENOSPC');
  await disk.unlink('/media/stick/a');
  assert.equal(stick.free, 0);
  await file.close();
  assert.equal(stick.free, 10);
});

test('a read-only disk is read', async () => {
  const { disk, stick } = begin();
  await write(disk, '/media/stick/a', 'one');
  stick.readOnly = true;
  assert.equal(await read(disk, '/media/stick/a'), 'one');
  await rejects(disk.open('/media/stick/b', 'create'), 'EROFS');
  await rejects(disk.open('/media/stick/a', 'update'), 'EROFS');
  await rejects(disk.mkdir('/media/stick/c'), 'EROFS');
  await rejects(disk.unlink('/media/stick/a'), 'EROFS');
});

test('names: one of two spellings, decomposed, or as FAT has them', async () => {
  const blind = begin({ names: CASE_BLIND });
  await write(blind.disk, '/media/stick/Photo.JPG', 'one');
  await rejects(blind.disk.open('/media/stick/photo.jpg', 'create'), 'EEXIST');
  await blind.disk.rename('/media/stick/Photo.JPG', '/media/stick/photo.jpg');
  assert.deepEqual(await blind.disk.readdir('/media/stick'), ['photo.jpg']);

  const old = begin({ names: DECOMPOSING });
  await write(old.disk, '/media/stick/ä', 'one');
  assert.deepEqual(await old.disk.readdir('/media/stick'), ['a\u0308']);
  assert.equal(await read(old.disk, '/media/stick/ä'), 'one');

  const fat = begin(FAT_LIKE);
  for (const refused of ['12:30', 'end ', 'end .'])
    await rejects(fat.disk.open(`/media/stick/${refused}`, 'create'), 'EINVAL');
  await write(fat.disk, '/media/stick/end.', 'one');
  assert.deepEqual(await fat.disk.readdir('/media/stick'), ['end']);
  await rejects(fat.disk.link('/media/stick/end', '/media/stick/b'), 'EPERM');
  const file = await fat.disk.open('/media/stick/large', 'create');
  await rejects(file.writev([Buffer.alloc(1)], FAT_LARGEST_FILE), 'EFBIG');
  await file.close();
  // as Linux's does: nothing by case alone, and what takes the place of another file takes its spelling
  for (const other of ['END', 'end.', 'end']) await fat.disk.rename('/media/stick/end', `/media/stick/${other}`);
  await fat.disk.rename('/media/stick/large', '/media/stick/End');
  assert.deepEqual(await fat.disk.readdir('/media/stick'), ['end']);
  assert.equal(await read(fat.disk, '/media/stick/end'), '');
  // a folder is not moved into itself, under whatever name
  await fat.disk.mkdir('/media/stick/folder');
  await rejects(fat.disk.rename('/media/stick/folder', `/media/stick/folder/${'y'.repeat(256)}`), 'EINVAL');
  await rejects(fat.disk.rename('/media/stick/end', `/media/stick/${'y'.repeat(256)}`), 'ENAMETOOLONG');
});

test('dates: to two seconds, not before 1980, or refused; space that cannot be told', async () => {
  const fat = begin({ dateStep: 2_000, firstDate: Date.UTC(1980, 0, 1) });
  await write(fat.disk, '/media/stick/a', 'one');
  await fat.disk.utimes('/media/stick/a', new Date(0), new Date(1_700_000_001_999));
  assert.equal((await fat.disk.stat('/media/stick/a')).mtimeMs, 1_700_000_000_000);
  await fat.disk.utimes('/media/stick/a', new Date(0), new Date(0));
  assert.equal((await fat.disk.stat('/media/stick/a')).mtimeMs, Date.UTC(1980, 0, 1));

  const share = begin({ refusesDates: true, tellsNoSpace: true });
  await write(share.disk, '/media/stick/a', 'one');
  await rejects(share.disk.utimes('/media/stick/a', new Date(0), new Date(0)), 'EPERM');
  assert.equal((await share.disk.statfs('/media/stick')).blocks, 0);
});

test('a file that another program has locked is busy', async () => {
  const { disk, tree } = begin();
  await write(disk, '/media/stick/a', 'one');
  tree.stat('/media/stick/a').node.locked = true;
  await rejects(disk.open('/media/stick/a', 'read'), 'EBUSY');
  await rejects(disk.unlink('/media/stick/a'), 'EBUSY');
  await rejects(disk.rename('/media/stick/a', '/media/stick/b'), 'EBUSY');
});

/** Power cuts with all draws alike: nothing of what was not synced has reached the disk, or all of it. */
const NONE = (): number => 0;
const ALL = (): number => 0.999;

test('a power cut takes the content that was not synced, and leaves the names that were', async () => {
  const { disk, stick } = begin();
  await write(disk, '/media/stick/synced', 'one', true);
  await write(disk, '/media/stick/not', 'two');
  const folder = await disk.open('/media/stick', 'read');
  await folder.sync();
  stick.powerCut(NONE);
  assert.deepEqual(await disk.readdir('/media/stick'), ['synced', 'not']);
  assert.equal(await read(disk, '/media/stick/synced'), 'one');
  assert.equal(await read(disk, '/media/stick/not'), '');
});

test('a power cut takes the names that were not synced, whatever became of the content', async () => {
  const { disk, stick } = begin();
  await write(disk, '/media/stick/a.part', 'one', true);
  stick.syncAll();
  await write(disk, '/media/stick/a.part', 'new', true);
  await disk.rename('/media/stick/a.part', '/media/stick/a');
  await write(disk, '/media/stick/b', 'two', true);
  stick.powerCut(NONE);
  assert.deepEqual(await disk.readdir('/media/stick'), ['a.part']);
  assert.equal(await read(disk, '/media/stick/a.part'), 'new');
});

test('where the disk was quick, all of it is there after a power cut', async () => {
  const { disk, stick } = begin();
  await write(disk, '/media/stick/a.part', 'one');
  await disk.rename('/media/stick/a.part', '/media/stick/a');
  stick.powerCut(ALL);
  assert.deepEqual(await disk.readdir('/media/stick'), ['a']);
  assert.equal(await read(disk, '/media/stick/a'), 'one');
});

test('a rename between two folders is kept or undone as one, and so are links and deletions', async () => {
  for (const random of [NONE, ALL]) {
    const { disk, stick } = begin();
    await disk.mkdir('/media/stick/one');
    await disk.mkdir('/media/stick/two');
    await write(disk, '/media/stick/one/a', 'text', true);
    stick.syncAll();
    await disk.rename('/media/stick/one/a', '/media/stick/two/a');
    if (random === NONE) {
      const folder = await disk.open('/media/stick/two', 'read');
      await folder.sync();
    }
    stick.powerCut(random);
    assert.deepEqual(await disk.readdir('/media/stick/one'), []);
    assert.equal(await read(disk, '/media/stick/two/a'), 'text');
  }
  const { disk, stick } = begin();
  await write(disk, '/media/stick/a', 'text', true);
  stick.syncAll();
  await disk.link('/media/stick/a', '/media/stick/b');
  await disk.unlink('/media/stick/a');
  stick.powerCut(NONE);
  assert.deepEqual(await disk.readdir('/media/stick'), ['a']);
  assert.equal((await disk.stat('/media/stick/a')).nlink, 1);
});

test('a file that was replaced is whole again where the power cut undoes that', async () => {
  const { disk, stick } = begin();
  await write(disk, '/media/stick/a', 'first', true);
  stick.syncAll();
  await write(disk, '/media/stick/b', 'second', true);
  await disk.rename('/media/stick/b', '/media/stick/a');
  stick.powerCut(NONE);
  assert.deepEqual(await disk.readdir('/media/stick'), ['a']);
  assert.equal(await read(disk, '/media/stick/a'), 'first');
});

test('what is overwritten in place is lost in a power cut up to the last sync only', async () => {
  const { disk, stick } = begin();
  await write(disk, '/media/stick/a', 'first', true);
  stick.syncAll();
  await write(disk, '/media/stick/a', 'other');
  stick.powerCut(NONE);
  assert.equal(await read(disk, '/media/stick/a'), 'first');
  await write(disk, '/media/stick/a', 'other');
  stick.powerCut(() => 0.7);
  assert.equal(await read(disk, '/media/stick/a'), 'first');
});

test('a pair learns that a FAT stick takes two spellings for one file, on whichever system, and that another disk does not', async () => {
  const { disk } = begin({ names: FAT, hardLinks: false, largestFile: FAT_LARGEST_FILE });
  for (const folder of ['/media/stick', '/media'])
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const isStick = folder === '/media/stick';
      const endpoint = new LocalEndpoint(disk, folder);
      // an empty folder: tried with files of its own, which go again
      const { insensitive } = (await endpoint.names(platform)).names;
      assert.equal(insensitive, isStick, `${folder} on ${platform}`);
      assert.equal(await endpoint.foldsCase(insensitive, []), isStick);
      // a folder with a copy in it: that one is asked, whatever the trial said
      await write(disk, `${folder}/IMG_1.jpg`, 'x');
      for (const tried of [true, false]) assert.equal(await endpoint.foldsCase(tried, ['IMG_1.jpg']), isStick);
      await disk.unlink(`${folder}/IMG_1.jpg`);
    }
});

test('a copy that is to get another spelling has it, or is told to have its old one', async () => {
  const any = (): boolean => true;
  for (const [options, at] of [
    [FAT_LIKE, 'Song.mp3'],
    [{ names: CASE_BLIND }, 'SONG.mp3'],
    [{ names: CASE_BLIND, hardLinks: false }, 'SONG.mp3'],
    [{ names: DECOMPOSING }, 'SONG.mp3'],
    [NTFS_LIKE, 'SONG.mp3'],
  ] as const) {
    const { disk } = begin(options);
    await write(disk, '/media/stick/Song.mp3', 'one');
    const endpoint = new LocalEndpoint(disk, '/media/stick');
    assert.deepEqual(await endpoint.rename('Song.mp3', 'SONG.mp3', any), { at });
    assert.deepEqual(await disk.readdir('/media/stick'), [at]);
    // another name is another name everywhere
    assert.deepEqual(await endpoint.rename(at, 'Lied.mp3', any), { at: 'Lied.mp3' });
    assert.equal(await read(disk, '/media/stick/Lied.mp3'), 'one');
  }
});

test('a copy that has a second name elsewhere keeps both when it gets another spelling', async () => {
  const { disk } = begin({ names: CASE_BLIND });
  await write(disk, '/media/stick/Song.mp3', 'one');
  await disk.link('/media/stick/Song.mp3', '/media/stick/second');
  await disk.mkdir('/media/stick/Album');
  const endpoint = new LocalEndpoint(disk, '/media/stick');
  const any = (): boolean => true;
  assert.deepEqual(await endpoint.rename('Song.mp3', 'SONG.mp3', any), { at: 'SONG.mp3' });
  assert.deepEqual((await disk.readdir('/media/stick')).sort(), ['Album', 'SONG.mp3', 'second']);
  assert.deepEqual(await endpoint.rename('SONG.mp3', 'Album/a.mp3', any), { at: 'Album/a.mp3' });
  // its folder is asked for in another spelling
  assert.deepEqual(await endpoint.rename('Album/a.mp3', 'ALBUM/a.mp3', any), { at: 'ALBUM/a.mp3' });
  assert.deepEqual(await disk.readdir('/media/stick/Album'), ['a.mp3']);
});
