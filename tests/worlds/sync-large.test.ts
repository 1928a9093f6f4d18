import assert from 'node:assert/strict';
import fs from 'node:fs';
import { linkSync, mkdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { openStores, openSyncReader } from '../../electron/store/index.ts';
import { Sync } from '../../electron/sync/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { localPath } from '../../shared/domain.ts';
import { World } from './world.ts';

const FILES = 50_000;
const FOLDERS = 50;
const DATE = Date.UTC(2024, 0, 1);

/** Records the paths below `folder` that are opened, by any of Node's ways to open a file. */
function watchOpens(folder: string, opened: (path: string) => void): () => void {
  const told = (path: unknown): void => {
    if (typeof path === 'string' && path.startsWith(folder)) opened(path);
  };
  const { open, openSync, readFileSync, createReadStream } = fs;
  const { open: openLater, readFile } = fs.promises;
  Object.assign(fs, {
    open: (path: unknown, ...rest: unknown[]) => (told(path), (open as (...all: unknown[]) => unknown)(path, ...rest)),
    openSync: (path: unknown, ...rest: unknown[]) => (
      told(path),
      (openSync as (...all: unknown[]) => unknown)(path, ...rest)
    ),
    readFileSync: (path: unknown, ...rest: unknown[]) => (
      told(path),
      (readFileSync as (...all: unknown[]) => unknown)(path, ...rest)
    ),
    createReadStream: (path: unknown, ...rest: unknown[]) => (
      told(path),
      (createReadStream as (...all: unknown[]) => unknown)(path, ...rest)
    ),
  });
  Object.assign(fs.promises, {
    open: (path: unknown, ...rest: unknown[]) => (
      told(path),
      (openLater as (...all: unknown[]) => unknown)(path, ...rest)
    ),
    readFile: (path: unknown, ...rest: unknown[]) => (
      told(path),
      (readFile as (...all: unknown[]) => unknown)(path, ...rest)
    ),
  });
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs, { open, openSync, readFileSync, createReadStream });
    Object.assign(fs.promises, { open: openLater, readFile });
    syncBuiltinESMExports();
  };
}

test(
  '50,000 files unchanged cost four transactions a folder and no look into any file; ten changed go alone',
  { timeout: 300_000 },
  async (t) => {
    const world = new World();
    const { sync: store, transfers } = await openStores(join(world.folder, 'replug.db'));
    t.after(async () => {
      await world.end();
      transfers.close();
    });
    // the same files on both sides, as after a first run; hard links, since creating 100,000 files would take too long
    const onPhone = (folder: number, file: number): string => join(world.phoneFolder, `DCIM/${folder}/IMG_${file}.jpg`);
    const here = (folder: number, file: number): string => join(world.here, `photos/${folder}/IMG_${file}.jpg`);
    for (let folder = 0; folder < FOLDERS; folder += 1) {
      mkdirSync(join(world.phoneFolder, `DCIM/${folder}`), { recursive: true });
      mkdirSync(join(world.here, `photos/${folder}`), { recursive: true });
      // one per folder: a file can have at most 65,000 links
      const one = join(world.folder, `one-${folder}`);
      writeFileSync(one, 'x');
      utimesSync(one, DATE / 1000, DATE / 1000);
      for (let file = 0; file < FILES / FOLDERS; file += 1) {
        linkSync(one, onPhone(folder, file));
        linkSync(one, here(folder, file));
      }
    }
    await world.start();
    const sync = new Sync({ engine: world.engine, store });
    const pair = sync.addPair({
      place: world.place('/DCIM'),
      local: localPath(join(world.here, 'photos')),
      direction: 'to-computer',
      conflicts: 'replace',
    });
    const first = await sync.run(pair.id, { waitMs: 0 });
    assert.equal(first.run.state, 'done', JSON.stringify(first));
    assert.deepEqual([first.preview?.adopted, first.run.bytesMoved], [FILES, 0]);

    // the storages are looked at now and then whatever the run does: more often the slower the machine
    let looks = 0;
    const stopCounting = world.phone.onOperation((operation) => {
      if (operation === Operation.GetStorageIDs || operation === Operation.GetStorageInfo) looks += 1;
    });
    const opened: string[] = [];
    const stop = watchOpens(join(world.here, 'photos'), (path) => opened.push(path));
    const second = await sync.run(pair.id, { waitMs: 0 });
    stop();
    assert.equal(second.run.filesUnchanged, FILES);
    assert.equal(second.run.bytesMoved, 0);
    // what names the disk takes is tried with new files of our own at the top, a fixed few whatever lies there
    const trials = opened.filter((path) => /^\.replug-[0-9a-f]{8}-/.test(relative(join(world.here, 'photos'), path)));
    assert.deepEqual(
      opened.filter((path) => !trials.includes(path)),
      [],
    );
    assert.ok(trials.length <= 10, trials.join('\n'));
    // /DCIM holds nothing but folders, so that its sizes and dates pay for the names and kinds above it, all but one
    const transactions = second.run.transactions - looks;
    stopCounting();
    assert.ok(transactions <= 4 * (FOLDERS + 1) + 1, `${transactions} transactions`);
    t.diagnostic(`${transactions} transactions for ${FOLDERS + 1} folders and the way to them`);

    for (let folder = 0; folder < 10; folder += 1) {
      // a new file under the old name: the copy here must not change with it
      fs.rmSync(onPhone(folder, folder));
      writeFileSync(onPhone(folder, folder), 'changed');
    }
    const reader = await openSyncReader(join(world.folder, 'replug.db'));
    const running = sync.run(pair.id, {
      waitMs: 0,
      onActivity: ({ kind }) => {
        if (kind !== 'copying') return;
        const asked = performance.now();
        assert.equal(reader?.counts(pair.id).synced, FILES - 10);
        assert.equal(reader.runs(pair.id, { offset: 0, limit: 1 })[0]?.state, 'running');
        answeredMs = performance.now() - asked;
      },
    });
    let answeredMs = Infinity;
    const third = await running;
    reader?.close();
    // that it never waits for the writer is tested beside the store; this is its cost over so many files
    assert.notEqual(answeredMs, Infinity, 'nothing was asked while the run wrote');
    t.diagnostic(`status answered in ${answeredMs.toFixed(1)} ms while the run wrote`);
    assert.equal(third.run.filesMoved, 10, JSON.stringify(third.run));
    assert.equal(third.run.bytesMoved, 70);
    assert.equal(third.run.filesUnchanged, FILES - 10);
    for (let folder = 0; folder < 10; folder += 1) assert.equal(statSync(here(folder, folder)).size, 7);
  },
);
