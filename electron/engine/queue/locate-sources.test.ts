import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test, type TestContext } from 'node:test';
import { localPath } from '../../../shared/domain.ts';
import { newItem, transferRow } from '../../../tests/support/rows.ts';
import { MemoryTransferStore } from '../../store/index.ts';
import type { EngineContext } from '../context.ts';
import type { Disk } from '../local/disk.ts';
import { nodeDisk } from '../local/node-disk.ts';
import type { ItemRow } from '../model/transfer-store.ts';
import { fingerprintFile } from '../transfer/fingerprint.ts';
import { locateSources } from './locate-sources.ts';
import type { TransferControl } from './transfer-control.ts';

const DATE = 1_700_000_000_000;
const TRANSFER = transferRow('t');

/** Files of this computer, and items that miss theirs. */
class Stage {
  readonly store = new MemoryTransferStore();
  readonly folder = mkdtempSync(join(tmpdir(), 'replug-locate-'));
  /** What the control was told, by the item's name: the path below the folder. */
  readonly fed: Record<string, string> = {};
  /** Called with each file or folder that is looked at. */
  whenLooked: () => void = () => undefined;

  constructor(t: TestContext) {
    this.store.addTransfer(TRANSFER);
    t.after(() => {
      rmSync(this.folder, { recursive: true, force: true });
    });
  }

  put(name: string, content: string, modified = DATE): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    utimesSync(path, new Date(modified), new Date(modified));
    return path;
  }
  /** An item whose source was at `path`; with `content`, it has a fingerprint of that. */
  async miss(path: string, size: number, content?: string): Promise<ItemRow> {
    const local = localPath(`/old/${path}`);
    const [id] = this.store.addItems(TRANSFER.id, [newItem(path, size, { local, modified: DATE })], 1);
    assert.ok(id !== undefined);
    const state = { kind: 'waiting', for: { kind: 'source' }, since: 1 } as const;
    this.store.updateItem(id, { state }, 1);
    if (content !== undefined) {
      const sample = join(this.folder, '..', `sample-${process.pid}-${id}`);
      writeFileSync(sample, content);
      this.store.updateItem(id, { fingerprint: await fingerprintFile(nodeDisk, sample, TRANSFER.id) }, 1);
      rmSync(sample);
    }
    const row = this.store.item(id);
    assert.ok(row);
    return row;
  }

  locate(below = ''): ReturnType<typeof locateSources> {
    const disk: Disk = Object.create(nodeDisk, {
      stat: {
        value: (path: string) => {
          this.whenLooked();
          return nodeDisk.stat(path);
        },
      },
    }) as Disk;
    const context = { store: this.store, disk, touch: () => undefined } as unknown as EngineContext;
    const control = {
      feed: (row: ItemRow, _: unknown, input: { kind: string }, change: { local: string }) => {
        assert.equal(input.kind, 'located');
        this.fed[row.name] = relative(this.folder, change.local);
      },
    } as unknown as TransferControl;
    return locateSources(context, control, TRANSFER, localPath(join(this.folder, below)));
  }
}

test('a file is found by its content under any name, and another of the same size, date and name is not it', async (t) => {
  const stage = new Stage(t);
  await stage.miss('film.mkv', 8, 'abcdefgh');
  await stage.miss('song.mp3', 8, '12345678');
  stage.put('renamed.bin', 'abcdefgh', DATE + 60_000);
  stage.put('song.mp3', '1234567X');
  assert.deepEqual(await stage.locate(), { found: 1, missing: ['song.mp3'] });
  assert.deepEqual(stage.fed, { 'film.mkv': 'renamed.bin' });
});

test('without a fingerprint size, date and name must all agree', async (t) => {
  const stage = new Stage(t);
  for (const name of ['good.txt', 'longer.txt', 'later.txt', 'renamed.txt']) await stage.miss(name, 4);
  stage.put('a/good.txt', 'abcd');
  stage.put('a/longer.txt', 'abcde');
  stage.put('a/later.txt', 'abcd', DATE + 1_000);
  stage.put('a/other.txt', 'abcd');
  const { found, missing } = await stage.locate();
  assert.deepEqual([found, missing], [1, ['longer.txt', 'later.txt', 'renamed.txt']]);
  assert.deepEqual(stage.fed, { 'good.txt': 'a/good.txt' });
});

test('of several alike the one whose folders agree the furthest is taken, and none where that leaves a choice', async (t) => {
  const stage = new Stage(t);
  await stage.miss('2023/a/1.jpg', 4);
  await stage.miss('2024/a/1.jpg', 4);
  stage.put('disk/2023/a/1.jpg', 'abcd');
  stage.put('disk/2024/a/1.jpg', 'efgh');
  assert.equal((await stage.locate()).found, 2);
  assert.deepEqual(stage.fed, { '2023/a/1.jpg': 'disk/2023/a/1.jpg', '2024/a/1.jpg': 'disk/2024/a/1.jpg' });

  const doubt = new Stage(t);
  await doubt.miss('here/1.jpg', 4);
  doubt.put('x/1.jpg', 'abcd');
  doubt.put('y/1.jpg', 'efgh');
  assert.equal((await doubt.locate()).found, 0);
});

test('one file is not taken for two items', async (t) => {
  const stage = new Stage(t);
  await stage.miss('a/1.jpg', 4, 'abcd');
  await stage.miss('b/1.jpg', 4, 'abcd');
  stage.put('a/1.jpg', 'abcd');
  assert.deepEqual(await stage.locate(), { found: 1, missing: ['b/1.jpg'] });
  assert.deepEqual(stage.fed, { 'a/1.jpg': 'a/1.jpg' });
});

test('a file that a person chose for the only one missing is it, whatever its name, if size and date agree', async (t) => {
  const stage = new Stage(t);
  await stage.miss('film.mkv', 4);
  stage.put('renamed.mkv', 'abcd');
  stage.put('other.mkv', 'abcde');
  await assert.rejects(stage.locate('other.mkv'), { kind: 'bad-request' });
  assert.deepEqual(await stage.locate('renamed.mkv'), { found: 1, missing: [] });
});

test('a chosen file that could be several is refused: their folder tells them apart', async (t) => {
  const stage = new Stage(t);
  await stage.miss('a/1.jpg', 4);
  await stage.miss('b/1.jpg', 4);
  stage.put('1.jpg', 'abcd');
  await assert.rejects(stage.locate('1.jpg'), { kind: 'bad-request', message: /several-alike/ });
  assert.deepEqual(stage.fed, {});
});

test('a place where nothing is rejects as a source that is not there', async (t) => {
  const stage = new Stage(t);
  await stage.miss('film.mkv', 4);
  await assert.rejects(stage.locate('nowhere'), { kind: 'source-missing' });
});

test('what was cancelled or paused while the folder was read stays so; what waits for something else is not looked for', async (t) => {
  const stage = new Stage(t);
  const { id } = await stage.miss('film.mkv', 4);
  const other = await stage.miss('song.mp3', 4);
  stage.store.updateItem(other.id, { state: { kind: 'waiting', for: { kind: 'phone' }, since: 1 } }, 2);
  for (const name of ['film.mkv', 'song.mp3']) stage.put(name, 'abcd');
  stage.whenLooked = () => {
    stage.store.updateItem(id, { state: { kind: 'paused' } }, 2);
  };
  assert.deepEqual(await stage.locate(), { found: 0, missing: ['film.mkv'] });
  assert.deepEqual(stage.fed, {});
});

test('more missing files than are read at once are all looked for', async (t) => {
  const stage = new Stage(t);
  for (let number = 0; number < 501; number += 1) await stage.miss(`${number}.jpg`, 4 + number);
  stage.put('500.jpg', 'x'.repeat(504));
  assert.equal((await stage.locate()).found, 1);
});
