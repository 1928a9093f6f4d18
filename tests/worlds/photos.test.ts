import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { nodeDisk, type Disk, type FileStats } from '../../electron/engine/index.ts';
import { localPath } from '../../shared/domain.ts';
import { describeInEnglish } from '../../shared/errors.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { beginPhotos, type PhotoWorld } from './photo-world.ts';
import { treeOf, writeFile } from './world.ts';

const DATE = Date.UTC(2024, 2, 3, 12, 5, 6);
const DAY = 24 * 3_600_000;

const names = async (world: PhotoWorld, folder = 'photos'): Promise<readonly string[]> =>
  Object.keys(await treeOf(join(world.here, folder)))
    .filter((name) => !name.endsWith('/'))
    .sort();

test('what is new is imported once; whatever becomes of the copies, it is not offered again', async (t) => {
  const world = beginPhotos(t);
  world.onPhone('DCIM/Camera/a.jpg', 300_000, DATE);
  world.onPhone('DCIM/Camera/b.jpg', 300_000, DATE + 40 * DAY);
  world.onPhone('DCIM/Camera/c.jpg', 20_000, DATE + 40 * DAY);
  world.onPhone('Download/d.jpg', 20_000, DATE);
  await world.start();
  assert.equal(await world.lookAndImport(), 3);
  assert.deepEqual(await names(world), ['2024/03/a.jpg', '2024/04/b.jpg', '2024/04/c.jpg']);
  assert.deepEqual(
    readFileSync(join(world.here, 'photos/2024/03/a.jpg')),
    readFileSync(join(world.phoneFolder, 'DCIM/Camera/a.jpg')),
  );
  assert.equal(world.states()['/DCIM/Camera/a.jpg'], 'imported');
  // culled, moved, edited
  rmSync(join(world.here, 'photos/2024/03/a.jpg'));
  renameSync(join(world.here, 'photos/2024/04/b.jpg'), join(world.here, 'b elsewhere.jpg'));
  writeFileSync(join(world.here, 'photos/2024/04/c.jpg'), 'edited');
  assert.equal(await world.lookAndImport(), 0);
  await world.restart();
  await world.start();
  assert.equal(await world.lookAndImport(), 0);
  // renamed and moved on the phone: still known
  mkdirSync(join(world.phoneFolder, 'DCIM/Album'));
  renameSync(join(world.phoneFolder, 'DCIM/Camera/a.jpg'), join(world.phoneFolder, 'DCIM/Album/holiday.jpg'));
  utimesSync(join(world.phoneFolder, 'DCIM/Album/holiday.jpg'), DATE / 1000 + 99, DATE / 1000 + 99);
  assert.equal(await world.lookAndImport(), 0);
  // only if it is asked for
  assert.equal(await world.lookAndImport({ again: true }), 3);
});

test('what the library has under another name is known; a file of the same size with other bytes is new', async (t) => {
  const world = beginPhotos(t);
  world.onPhone('DCIM/known.jpg', 200_000, DATE);
  world.onPhone('DCIM/other.jpg', 200_000, DATE);
  mkdirSync(join(world.here, 'library/deep'), { recursive: true });
  copyFileSync(join(world.phoneFolder, 'DCIM/known.jpg'), join(world.here, 'library/deep/Holiday 1.jpg'));
  await world.start();
  const library = [world.folderHere('library')];
  assert.deepEqual(await world.look({ library }), { '/DCIM/known.jpg': 'in-library', '/DCIM/other.jpg': 'new' });
  // the file is gone from the library: it is as new as it was
  rmSync(join(world.here, 'library/deep/Holiday 1.jpg'));
  assert.equal((await world.look({ library }))['/DCIM/known.jpg'], 'new');
  writeFile(join(world.here, 'library/other.jpg'), 200_000);
  assert.equal((await world.look({ library }))['/DCIM/other.jpg'], 'in-library');
});

test('the parts of a shot are named as one', async (t) => {
  const world = beginPhotos(t);
  for (const folder of ['Camera', 'Other'])
    for (const name of ['IMG_1.JPG', 'IMG_1.DNG', 'IMG_1.MP4', 'IMG_1.JPG.xmp'])
      world.onPhone(`DCIM/${folder}/${name}`, 3_000 + name.length * (folder === 'Other' ? 7 : 1), DATE);
  world.onPhone('DCIM/Camera/alone.xmp', 100, DATE);
  await world.start();
  await world.look();
  assert.equal(world.photos.shots(world.device).length, 2);
  assert.equal((await world.import())?.counts.moved.files, 8);
  assert.deepEqual(await names(world), [
    '2024/03/IMG_1 (2).DNG',
    '2024/03/IMG_1 (2).JPG',
    '2024/03/IMG_1 (2).JPG.xmp',
    '2024/03/IMG_1 (2).MP4',
    '2024/03/IMG_1.DNG',
    '2024/03/IMG_1.JPG',
    '2024/03/IMG_1.JPG.xmp',
    '2024/03/IMG_1.MP4',
  ]);
});

test('a raw file that comes later stays with its picture, whatever name that got', async (t) => {
  const world = beginPhotos(t);
  world.onPhone('DCIM/Camera/IMG_1.JPG', 3_001, DATE);
  world.onPhone('DCIM/Other/IMG_1.JPG', 3_002, DATE);
  await world.start();
  assert.equal(await world.lookAndImport(), 2);
  for (const folder of ['Camera', 'Other'])
    for (const [name, size] of [
      ['IMG_1.DNG', 5_001],
      ['IMG_1.JPG.xmp', 601],
    ] as const)
      world.onPhone(`DCIM/${folder}/${name}`, size + folder.length, DATE);
  assert.equal(await world.lookAndImport(), 4);
  const all = await treeOf(join(world.here, 'photos/2024/03'));
  assert.deepEqual(Object.keys(all).sort(), [
    'IMG_1 (2).DNG',
    'IMG_1 (2).JPG',
    'IMG_1 (2).JPG.xmp',
    'IMG_1.DNG',
    'IMG_1.JPG',
    'IMG_1.JPG.xmp',
  ]);
  for (const [folder, number] of [
    ['Camera', all['IMG_1.JPG']?.startsWith('3001 ') === true ? '' : ' (2)'],
    ['Other', all['IMG_1.JPG']?.startsWith('3002 ') === true ? '' : ' (2)'],
  ] as const)
    assert.ok(all[`IMG_1${number}.DNG`]?.startsWith(`${5_001 + folder.length} `), folder);
  // a name that somebody else has taken is not taken from them
  world.onPhone('DCIM/Camera/IMG_7.JPG', 3_007, DATE);
  assert.equal(await world.lookAndImport(), 1);
  writeFileSync(join(world.here, 'photos/2024/03/IMG_7.DNG'), 'mine');
  world.onPhone('DCIM/Camera/IMG_7.DNG', 5_007, DATE);
  assert.equal(await world.lookAndImport(), 1);
  assert.equal(readFileSync(join(world.here, 'photos/2024/03/IMG_7.DNG'), 'utf8'), 'mine');
  assert.ok(existsSync(join(world.here, 'photos/2024/03/IMG_7 (2).DNG')));
});

test('trashed and pending files, thumbnails and folders with .nomedia are never offered', async (t) => {
  const world = beginPhotos(t);
  for (const name of [
    'DCIM/.thumbnails/1.jpg',
    'DCIM/Camera/.trashed-1700000000-a.jpg',
    'DCIM/Camera/.pending-1700000000-b.jpg',
    'DCIM/Hidden/c.jpg',
    'DCIM/Hidden/below/d.jpg',
    'Pictures/e.txt',
    'Music/cover.jpg',
    'WhatsApp/Media/WhatsApp Images/f.jpg',
    'Pictures/Screenshots/g.png',
    'MIUI/Screenshots/h.png',
    'Movies/i.mp4',
  ])
    world.onPhone(name, 1_000 + name.length, DATE);
  writeFileSync(join(world.phoneFolder, 'DCIM/Hidden/.nomedia'), '');
  await world.start();
  const plain = ['/MIUI/Screenshots/h.png', '/Movies/i.mp4', '/Pictures/Screenshots/g.png'];
  assert.deepEqual(Object.keys(await world.look()), plain);
  assert.deepEqual(Object.keys(await world.look({ messengers: true })), [
    ...plain,
    '/WhatsApp/Media/WhatsApp Images/f.jpg',
  ]);
  assert.deepEqual(Object.keys(world.states({ kinds: ['screenshot'] })), [plain[0], plain[2]]);
});

test('freed is what has an unchanged copy; anything else stays, and why is told', async (t) => {
  const world = beginPhotos(t);
  const all = ['fine', 'deleted', 'edited', 'truncated', 'replaced', 'phone', 'later'];
  for (const [index, name] of all.entries()) world.onPhone(`DCIM/${name}.jpg`, 200_000 + index, DATE);
  await world.start();
  await world.look();
  const later = world.photos.shots(world.device).find(({ parts }) => parts[0].path === '/DCIM/later.jpg');
  const others = world.photos.shots(world.device).filter((shot) => shot !== later);
  await world.import({ shots: others.map(({ id }) => id) });
  const copy = (name: string): string => join(world.here, `photos/2024/03/${name}.jpg`);
  rmSync(copy('deleted'));
  writeFileSync(copy('edited'), Buffer.alloc(200_002, 1));
  writeFileSync(copy('truncated'), readFileSync(copy('truncated')).subarray(0, 1000));
  // one byte in the middle, where no sample is; size and date as they were
  const { mtimeMs } = statSync(copy('replaced'));
  const bytes = readFileSync(copy('replaced'));
  bytes[60_000] = (bytes[60_000] ?? 0) ^ 1;
  writeFileSync(copy('replaced'), bytes);
  utimesSync(copy('replaced'), mtimeMs / 1000, mtimeMs / 1000);
  assert.equal(statSync(copy('replaced')).mtimeMs, mtimeMs);
  writeFileSync(join(world.phoneFolder, 'DCIM/phone.jpg'), Buffer.alloc(200_005, 2));
  const report = await world.photos.free(
    world.device,
    world.photos.shots(world.device).map(({ id }) => id),
  );
  assert.deepEqual(
    Object.fromEntries(report.shots.map(({ path, freed, why }) => [path.slice(6, -4), freed ? 'freed' : why])),
    {
      fine: 'freed',
      deleted: 'copy-missing',
      edited: 'copy-changed',
      truncated: 'copy-changed',
      replaced: 'copy-changed',
      phone: 'phone-changed',
      later: 'not-imported',
    },
  );
  assert.equal(report.freed.shots, 1);
  for (const name of all) assert.equal(existsSync(join(world.phoneFolder, `DCIM/${name}.jpg`)), name !== 'fine', name);
  assert.ok(existsSync(copy('fine')));
});

for (const how of ['changes', 'is lost with the phone'] as const)
  test(`of a shot of which one part went and the other ${how}, each is told as it is`, async (t) => {
    const world = beginPhotos(t);
    world.onPhone('DCIM/Camera/IMG_1.JPG', 3_001, DATE);
    world.onPhone('DCIM/Camera/IMG_1.DNG', 5_001, DATE);
    await world.start();
    assert.equal(await world.lookAndImport(), 2);
    const { device } = world;
    const raw = join(world.phoneFolder, 'DCIM/Camera/IMG_1.DNG');
    let after: number | undefined;
    world.phone.onOperation((operation) => {
      if (after !== undefined) after += 1;
      else if (operation === Operation.DeleteObject) after = 0;
      // the first part has gone and was seen to have, and the second is looked at again
      if (after !== 2) return;
      if (how === 'changes') writeFileSync(raw, Buffer.alloc(5_001, 7));
      else void world.phone.unplug();
    });
    const ids = world.photos.shots(device).map(({ id }) => id);
    const report = await world.photos.free(device, ids);
    assert.ok(!existsSync(join(world.phoneFolder, 'DCIM/Camera/IMG_1.JPG')));
    assert.ok(existsSync(raw));
    assert.deepEqual(
      [report.freed, report.kept],
      [
        { shots: 0, files: 1, bytes: 3_001 },
        { shots: 1, files: 1, bytes: 5_001 },
      ],
    );
    const [told] = report.shots;
    assert.deepEqual(
      [told?.freed, told?.path, told?.deleted.map(({ path }) => path), told?.gone],
      [false, '/DCIM/Camera/IMG_1.DNG', ['/DCIM/Camera/IMG_1.JPG'], []],
    );
    // what is left of the shot is shown without it
    const [left, ...more] = world.photos.shots(device);
    assert.deepEqual([left?.bytes, left?.parts.map(({ path }) => path), more], [5_001, ['/DCIM/Camera/IMG_1.DNG'], []]);
  });

test('a phone that tells every file as empty offers no photos, and why is told; an empty file alone is none', async (t) => {
  for (const [quirks, size, told] of [
    [[['zero-sizes', 1]], 20_000, ['sizes-untold']],
    [[], 0, []],
  ] as const) {
    const world = beginPhotos(t, { quirks });
    world.onPhone('DCIM/a.jpg', size, DATE);
    await world.start();
    assert.deepEqual(await world.look(), {});
    const [phone] = world.photos.snapshot().phones;
    assert.deepEqual(
      phone?.problems.map(({ fault }) => fault?.id),
      told,
    );
    for (const problem of phone?.problems ?? [])
      assert.match(describeInEnglish(problem).what, /every photo and video is empty/);
  }
});

for (const when of ['before it was looked at', 'right before it was to be deleted'] as const)
  test(`a photo that went ${when} was not freed by this`, async (t) => {
    const world = beginPhotos(t);
    for (const name of ['a', 'b']) world.onPhone(`DCIM/${name}.jpg`, 3_000 + name.charCodeAt(0), DATE);
    await world.start();
    assert.equal(await world.lookAndImport(), 2);
    const { device } = world;
    const shots = world.photos.shots(device).filter(({ parts }) => parts[0].path === '/DCIM/a.jpg');
    let sampled = false;
    if (when === 'before it was looked at') await world.phone.touchRemove('/DCIM/a.jpg');
    else
      world.phone.onOperation(async (operation) => {
        if (operation !== Operation.GetObjectInfo)
          sampled ||= operation === Operation.GetPartialObject || operation === Operation.GetPartialObject64;
        else if (sampled) await world.phone.touchRemove('/DCIM/a.jpg');
      });
    const report = await world.photos.free(
      device,
      shots.map(({ id }) => id),
    );
    const [told] = report.shots;
    assert.deepEqual(
      [report.freed, report.gone, report.kept],
      [
        { shots: 0, files: 0, bytes: 0 },
        { shots: 1, files: 1, bytes: 3_097 },
        { shots: 0, files: 0, bytes: 0 },
      ],
    );
    assert.deepEqual(
      [told?.freed, told?.why, told?.deleted, told?.gone.map(({ path }) => path)],
      [false, 'gone', [], ['/DCIM/a.jpg']],
    );
    assert.deepEqual(
      world.photos.shots(device).map(({ parts }) => parts[0].path),
      ['/DCIM/b.jpg'],
    );
  });

test('of a shot of which a part went by itself the others stay, and are counted so', async (t) => {
  const world = beginPhotos(t);
  world.onPhone('DCIM/Camera/IMG_1.JPG', 3_001, DATE);
  world.onPhone('DCIM/Camera/IMG_1.DNG', 5_001, DATE);
  await world.start();
  assert.equal(await world.lookAndImport(), 2);
  const { device } = world;
  const ids = world.photos.shots(device).map(({ id }) => id);
  await world.phone.touchRemove('/DCIM/Camera/IMG_1.JPG');
  const report = await world.photos.free(device, ids);
  assert.deepEqual(
    [report.freed, report.gone, report.kept],
    [
      { shots: 0, files: 0, bytes: 0 },
      { shots: 0, files: 1, bytes: 3_001 },
      { shots: 1, files: 1, bytes: 5_001 },
    ],
  );
  assert.ok(existsSync(join(world.phoneFolder, 'DCIM/Camera/IMG_1.DNG')));
});

for (const [what, where] of [
  ['itself', 'library'],
  ['above it', 'disk/library'],
  ['below it', 'library/disk'],
] as const)
  test(`a library whose disk is away leaves its photos known: a mount point ${what}`, async (t) => {
    const mounted = new MountedDisk();
    const world = beginPhotos(t, {}, { disk: mounted.disk });
    world.onPhone('DCIM/known.jpg', 200_000, DATE);
    const at = join(world.here, where);
    const folder = join(world.here, what === 'below it' ? 'library' : where);
    mkdirSync(at, { recursive: true });
    copyFileSync(join(world.phoneFolder, 'DCIM/known.jpg'), join(at, 'a.jpg'));
    const point = what === 'above it' ? join(world.here, 'disk') : at;
    mounted.mount(point);
    await world.start();
    const wish = { library: [localPath(folder)] };
    assert.equal((await world.look(wish))['/DCIM/known.jpg'], 'in-library');
    // away: the mount point is an empty folder of the computer's own disk
    mounted.unmount(point);
    renameSync(point, join(world.here, 'away'));
    mkdirSync(at, { recursive: true });
    for (const _ of [1, 2]) {
      assert.equal((await world.look(wish))['/DCIM/known.jpg'], 'in-library');
      assert.equal(world.photos.snapshot().phones[0]?.problems[0]?.kind, 'local-missing');
    }
    // back, and emptied by a person
    rmSync(point, { recursive: true });
    renameSync(join(world.here, 'away'), point);
    mounted.mount(point);
    assert.equal((await world.look(wish))['/DCIM/known.jpg'], 'in-library');
    assert.deepEqual(world.photos.snapshot().phones[0]?.problems, []);
    rmSync(join(at, 'a.jpg'));
    assert.equal((await world.look(wish))['/DCIM/known.jpg'], 'new');
  });

test('an import that is killed while it tries names has noted its folder before', async (t) => {
  let world: PhotoWorld | undefined = undefined as PhotoWorld | undefined;
  const noted: boolean[] = [];
  const disk: Disk = {
    ...nodeDisk,
    open: (path, how, permissions) => {
      if (how === 'create' && path.includes('.replug-'))
        noted.push(world?.memory.folders().some((folder) => folder.path === world?.folderHere('first')) === true);
      return nodeDisk.open(path, how, permissions);
    },
  };
  world = beginPhotos(t, {}, { disk });
  world.onPhone('DCIM/a.jpg', 3_000, DATE);
  await world.start();
  await world.look();
  await world.photos.plan(world.device, { to: world.folderHere('first') });
  assert.ok(noted.length > 0 && noted.every((isNoted) => isNoted), JSON.stringify(noted));
  // what such an import has left goes at the next start
  const left = join(world.here, '.replug-0a1b2c3d-case');
  writeFileSync(left, '');
  await world.restart();
  const gone = async (): Promise<void> => {
    if (!existsSync(left)) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
    return gone();
  };
  await gone();
});

/** The computer's disk, on which folders count as mounted disks: they and what lies in them have another device number. */
class MountedDisk {
  readonly #mounts = new Set<string>();
  readonly disk: Disk = {
    ...nodeDisk,
    stat: async (path) => this.#on(path, await nodeDisk.stat(path)),
    lstat: async (path) => this.#on(path, await nodeDisk.lstat(path)),
  };
  mount(path: string): void {
    this.#mounts.add(path);
  }
  unmount(path: string): void {
    this.#mounts.delete(path);
  }
  #on(path: string, stats: FileStats): FileStats {
    const isOn = [...this.#mounts].some((mount) => path === mount || path.startsWith(`${mount}/`));
    return isOn ? Object.defineProperty(stats, 'dev', { value: stats.dev + 1_000_000 }) : stats;
  }
}

test('dates that an import asks for while they are being read are read once', async (t) => {
  const world = beginPhotos(t);
  for (let index = 0; index < 12; index += 1) world.onPhone(`DCIM/${index}.jpg`, 20_000 + index, DATE);
  const device = await world.start();
  await world.look();
  const before = world.phone.timesSeen(Operation.GetPartialObject64);
  world.photos.date(device);
  const plan = await world.photos.plan(device, { to: world.folderHere('photos') });
  assert.deepEqual([plan.counts.files, world.phone.timesSeen(Operation.GetPartialObject64) - before], [12, 12]);
});

test('dates are not read while files move', async (t) => {
  const world = beginPhotos(t, { rate: 10_000_000 });
  for (let index = 0; index < 12; index += 1) world.onPhone(`DCIM/${index}.jpg`, 20_000 + index, DATE);
  const device = await world.start();
  const reads = (): number => world.phone.timesSeen(Operation.GetPartialObject64);
  await world.look();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [world.local('big.bin', 60 * 1024 * 1024)],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  });
  const confirmed = async (bytes: number): Promise<void> => {
    while (world.engine.view(transfer).bytesConfirmed < bytes) {
      assert.notEqual(world.engine.view(transfer).state, 'done');
      await new Promise((later) => setTimeout(later, 5));
    }
  };
  await confirmed(1);
  const before = reads();
  world.photos.date(device);
  await confirmed(world.engine.view(transfer).bytesConfirmed + 4 * 1024 * 1024);
  assert.equal(world.engine.view(transfer).state, 'running');
  assert.equal(reads(), before);
  await world.engine.execute('cancel', { transfer });
  await world.engine.settled(transfer, { waitMs: 5_000 });
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (world.photos.snapshot().phones[0]?.look.kind === 'ready') resolve();
    };
    world.photos.onChange(look);
    look();
  });
  assert.equal(reads() - before, 12);
});
