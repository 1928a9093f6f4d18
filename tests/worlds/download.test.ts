import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { answer } from '../support/answer.ts';
import type { VirtualBus } from '../../electron/virtual/index.ts';
import { MemoryTransferStore } from '../../electron/store/index.ts';
import type { ItemRow } from '../../electron/engine/index.ts';
import { localPath, type ConflictRule, type TransferId, type TransferOptions } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { FastBus, fastClock } from './fast.ts';
import { begin, bytesFor, digestFile, type World } from './world.ts';

/** A download trusts no earlier listing or decision: only the state at the moment of use counts. */

const MIB = 1024 * 1024;
const PAST = Date.UTC(2020, 4, 5, 10);
/** Retry delays take no time. */
const QUICK = { clock: fastClock, bus: (virtual: VirtualBus) => new FastBus(virtual) };
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));
const told = (world: World, view: TransferView): string =>
  JSON.stringify([view.state, view.problem, view.waitingFor, world.log.slice(-8)]);
const rowOf = (world: World, id: TransferId): ItemRow => {
  const row = [...world.engine.itemRows(id)].find(({ kind }) => kind === 'file');
  assert.ok(row);
  return row;
};
const parts = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.replug-part')) : [];

/** Changes one byte of a file in place, or back; size and date stay. */
function spoil(path: string, at: number): void {
  const { atime, mtime } = statSync(path);
  const [byte = 0] = readFileSync(path).subarray(at, at + 1);
  const file = openSync(path, 'r+');
  writeSync(file, Uint8Array.of(byte ^ 0xff), 0, 1, at);
  closeSync(file);
  utimesSync(path, atime, mtime);
}

/** Waits for a question; a transfer that has ended has none. */
async function asked(world: World, id: TransferId): Promise<TransferView> {
  for (;;) {
    const view = world.engine.view(id);
    if (view.counts.asking > 0 || view.finishedAt !== undefined) return view;
    await turn();
  }
}

async function begun(
  world: World,
  source: string,
  options: Partial<TransferOptions>,
  bytes: number,
): Promise<TransferId> {
  const { transfer } = await world.engine.enqueue({
    direction: 'download',
    sources: [world.place(source)],
    to: localPath(join(world.here, 'in')),
    options: { onConflict: 'ask', onName: 'fail', ...options },
  });
  while (world.phone.bytesMoved < bytes) await turn();
  return transfer;
}

/** Writes `text` at `offset` of a file without changing its size; the date as it was, or another one. */
function overwrite(path: string, offset: number, text: string, modified?: number): void {
  const file = openSync(path, 'r+');
  writeSync(file, text, offset);
  closeSync(file);
  if (modified !== undefined) utimesSync(path, modified / 1000, modified / 1000);
}

describe('an older file under the name of the copy', { concurrency: 8 }, () => {
  for (const move of [false, true])
    for (const size of [24 * MIB, 700_000])
      test(`of the same size is not taken for the new one (${size} bytes, move ${move})`, async (t) => {
        const world = begin(t, { rate: 40_000_000 });
        const source = world.onPhone('DCIM/base.db', size);
        const now = await digestFile(source);
        const old = Buffer.from(readFileSync(source));
        // a page that no sample touches
        old.fill(0xee, Math.floor(size / 4), Math.floor(size / 4) + 4096);
        mkdirSync(join(world.here, 'in'));
        writeFileSync(join(world.here, 'in', 'base.db'), old);
        await world.start();
        const id = await begun(world, '/DCIM/base.db', { onConflict: 'replace', verify: 'full', move }, 100_000);
        await world.phone.unplug();
        await world.engine.settled(id, { waitMs: 100 });
        // a person deletes the older file
        for (const name of parts(join(world.here, 'in'))) rmSync(join(world.here, 'in', name));
        world.phone.plug();
        await world.engine.waitForDevice(undefined, 5_000);
        const view = await world.engine.settled(id, { waitMs: 20_000 });
        assert.equal(view.state, 'done', told(world, view));
        assert.equal(await digestFile(join(world.here, 'in', 'base.db')), now);
        await world.engine.stop();
        assert.equal(existsSync(source), !move);
      });
});

describe('a file that appears under the name of the copy while it is fetched', () => {
  const appear = async (t: TestContext, onConflict: ConflictRule, make: (path: string) => void) => {
    const world = begin(t, { rate: 40_000_000 });
    const source = world.onPhone('DCIM/film.mkv', 6 * MIB);
    await world.start();
    const id = await begun(world, '/DCIM/film.mkv', { onConflict }, MIB);
    const target = join(world.here, 'in', 'film.mkv');
    make(target);
    const view = onConflict === 'ask' ? await asked(world, id) : await world.engine.settled(id, { waitMs: 10_000 });
    return { world, source, id, target, view };
  };
  const write = (path: string): void => {
    writeFileSync(path, 'mine');
  };

  test('is asked about and stays until the answer', async (t) => {
    const { world, source, id, target, view } = await appear(t, 'ask', write);
    assert.equal(view.counts.asking, 1, told(world, view));
    assert.equal(readFileSync(target, 'utf8'), 'mine');
    const [question] = view.questions;
    assert.ok(question);
    assert.equal(question.question?.kind === 'conflict' && question.question.existing.size, 4);
    // edited while the question stands: the answer was about another file, and is asked again
    writeFileSync(target, 'mine, edited');
    await answer(world.engine, question, 'replace');
    const again = await asked(world, id);
    assert.equal(again.counts.asking, 1, told(world, again));
    assert.equal(readFileSync(target, 'utf8'), 'mine, edited');
    assert.ok(again.questions[0]);
    await answer(world.engine, again.questions[0], 'replace');
    const done = await world.engine.settled(id, { waitMs: 10_000 });
    assert.equal(done.state, 'done', told(world, done));
    assert.equal(await digestFile(target), await digestFile(source));
    assert.deepEqual(readdirSync(dirname(target)), ['film.mkv']);
  });

  test('stays where the rule is to skip, and no part file does', async (t) => {
    const { world, target, view } = await appear(t, 'skip', write);
    assert.deepEqual([view.state, view.counts.skipped], ['done', 1], told(world, view));
    assert.equal(readFileSync(target, 'utf8'), 'mine');
    assert.deepEqual(readdirSync(dirname(target)), ['film.mkv']);
  });

  test('stays beside the copy where the rule is to keep both', async (t) => {
    const { world, source, target, view } = await appear(t, 'keep-both', write);
    assert.equal(view.state, 'done', told(world, view));
    assert.equal(readFileSync(target, 'utf8'), 'mine');
    assert.equal(await digestFile(join(dirname(target), 'film (2).mkv')), await digestFile(source));
  });

  test('is replaced where the rule is to replace', async (t) => {
    const { world, source, target, view } = await appear(t, 'replace', write);
    assert.equal(view.state, 'done', told(world, view));
    assert.equal(await digestFile(target), await digestFile(source));
    assert.deepEqual(readdirSync(dirname(target)), ['film.mkv']);
  });

  test('a folder stays, whatever the rule', async (t) => {
    const { world, target, view } = await appear(t, 'replace', (path) => {
      mkdirSync(path);
      writeFileSync(join(path, 'inside'), 'mine');
    });
    assert.deepEqual([view.state, view.problem?.kind], ['failed', 'local-exists'], told(world, view));
    assert.equal(readFileSync(join(target, 'inside'), 'utf8'), 'mine');
  });
});

describe('a copy that is to be replaced only while it is untouched', () => {
  const stage = async (t: TestContext, edit: (path: string) => void) => {
    const world = begin(t);
    const source = world.onPhone('DCIM/a.jpg', 5_000);
    const target = join(world.here, 'in', 'a.jpg');
    mkdirSync(dirname(target));
    writeFileSync(target, 'the older copy');
    utimesSync(target, PAST / 1000, PAST / 1000);
    const device = await world.start();
    const { storage, path } = world.place('/DCIM/a.jpg');
    edit(target);
    const id = await world.engine.enqueueItems({
      direction: 'download',
      device,
      storage,
      destination: join(world.here, 'in'),
      title: 'pair',
      origin: 'test',
      items: [
        {
          kind: 'file',
          name: 'a.jpg',
          local: localPath(target),
          storage,
          phone: path,
          size: 5_000,
          modified: undefined,
          expectation: { kind: 'file', size: 14, modified: PAST },
        },
      ],
      options: { onConflict: 'keep-both' },
    });
    const view = await world.engine.settled(id, { waitMs: 10_000 });
    assert.equal(view.state, 'done', told(world, view));
    return { target, digest: await digestFile(source) };
  };

  test('is replaced while it is', async (t) => {
    const { target, digest } = await stage(t, () => undefined);
    assert.equal(await digestFile(target), digest);
    assert.deepEqual(readdirSync(dirname(target)), ['a.jpg']);
  });
  test('is kept once it was edited, and the rule decides', async (t) => {
    const { target, digest } = await stage(t, (path) => {
      writeFileSync(path, 'edited by hand');
    });
    assert.equal(readFileSync(target, 'utf8'), 'edited by hand');
    assert.equal(await digestFile(join(dirname(target), 'a (2).jpg')), digest);
  });
});

describe('a listed size is a hint', { concurrency: 8 }, () => {
  for (const size of [300_000, 3 * MIB])
    for (const move of [false, true])
      test(`a file that grew since it was listed comes whole (${size} bytes, move ${move})`, async (t) => {
        const world = begin(t);
        const source = world.onPhone('DCIM/film.mp4', size);
        const other = world.onPhone('DCIM/other.mp4', 1_000);
        await world.start();
        // the folder is listed and kept
        await world.pull(['/DCIM/other.mp4'], 'in');
        assert.ok(existsSync(other));
        appendFileSync(source, bytesFor('the rest', 600_000));
        const digest = await digestFile(source);
        const view = await world.pull(['/DCIM/film.mp4'], 'in', { move }, 20_000);
        assert.equal(view.state, 'done', told(world, view));
        assert.equal(await digestFile(join(world.here, 'in', 'film.mp4')), digest);
        assert.equal(rowOf(world, view.id).size, size + 600_000);
        await world.engine.stop();
        assert.equal(existsSync(source), !move);
      });

  for (const size of [200_000, 3 * MIB])
    test(`a file that shrank since it was listed comes as it is (${size} bytes)`, async (t) => {
      const world = begin(t, {}, QUICK);
      const source = world.onPhone('DCIM/film.mp4', size);
      world.onPhone('DCIM/other.mp4', 1_000);
      await world.start();
      await world.pull(['/DCIM/other.mp4'], 'in');
      truncateSync(source, size / 2);
      const view = await world.pull(['/DCIM/film.mp4'], 'in', {}, 20_000);
      assert.equal(view.state, 'done', told(world, view));
      assert.equal(await digestFile(join(world.here, 'in', 'film.mp4')), await digestFile(source));
    });

  for (const move of [false, true])
    test(`phones that tell every size as 0: all bytes come (move ${move})`, async (t) => {
      const world = begin(t, { quirks: [['zero-sizes', 1]] }, QUICK);
      const sources = [
        world.onPhone('DCIM/empty', 0),
        world.onPhone('DCIM/small', 70_000),
        world.onPhone('DCIM/large', 3 * MIB),
      ];
      const digests = await Promise.all(sources.map(digestFile));
      await world.start();
      const view = await world.pull(['/DCIM'], 'in', { move }, 20_000);
      assert.equal(view.state, 'done', told(world, view));
      await world.engine.stop();
      const copies = ['empty', 'small', 'large'].map((name) => join(world.here, 'in/DCIM', name));
      assert.deepEqual(await Promise.all(copies.map(digestFile)), digests);
      for (const source of sources) assert.equal(existsSync(source), !move, source);
    });

  test('a file that keeps growing is not called complete, and its original stays', async (t) => {
    const world = begin(t, {}, QUICK);
    const source = world.onPhone('DCIM/recording.mp4', 2 * MIB);
    await world.start();
    let growing = true;
    t.after(() => {
      growing = false;
    });
    void (async () => {
      while (growing) {
        appendFileSync(source, Buffer.alloc(64 * 1024, 'x'));
        await turn();
      }
    })();
    const { transfer } = await world.engine.enqueue({
      direction: 'download',
      sources: [world.place('/DCIM/recording.mp4')],
      to: localPath(join(world.here, 'in')),
      options: { onConflict: 'skip', move: true },
    });
    const view = await world.engine.settled(transfer, { waitMs: 60_000 });
    assert.deepEqual([view.state, view.problem?.kind], ['failed', 'source-changed'], told(world, view));
    assert.ok(existsSync(source) && !existsSync(join(world.here, 'in', 'recording.mp4')));
    growing = false;
    await world.engine.execute('retry', { transfer });
    const again = await world.engine.settled(transfer, { waitMs: 60_000 });
    assert.equal(again.state, 'done', told(world, again));
    await world.engine.stop();
    assert.ok(statSync(join(world.here, 'in', 'recording.mp4')).size > 2 * MIB);
    assert.ok(!existsSync(source));
  });
});

describe('a file that is overwritten in place with the same size', { concurrency: 8 }, () => {
  for (const move of [false, true])
    for (const at of ['where a sample looks', 'where none does'])
      test(`while it is fetched, ${at}: no mixture arrives (move ${move})`, async (t) => {
        const world = begin(t, { rate: 30_000_000 }, QUICK);
        const size = 12 * MIB;
        const source = world.onPhone('DCIM/base.db', size, PAST);
        await world.start();
        const id = await begun(world, '/DCIM/base.db', { onConflict: 'skip', move }, 5 * MIB);
        overwrite(source, at === 'where none does' ? 3 * MIB : 0, 'the new version', PAST + 3_600_000 + 60_000);
        overwrite(source, 11 * MIB, 'the new version', PAST + 3_600_000 + 60_000);
        const digest = await digestFile(source);
        const view = await world.engine.settled(id, { waitMs: 30_000 });
        assert.equal(view.state, 'done', told(world, view));
        assert.equal(await digestFile(join(world.here, 'in', 'base.db')), digest);
        await world.engine.stop();
        assert.equal(existsSync(source), !move);
      });

  test('within the second of its date: a difference is looked for everywhere', async (t) => {
    const world = begin(t, { rate: 30_000_000 }, QUICK);
    const source = world.onPhone('DCIM/base.db', 12 * MIB, PAST);
    await world.start();
    const id = await begun(world, '/DCIM/base.db', { onConflict: 'skip' }, 5 * MIB);
    overwrite(source, 0, 'the new version', PAST);
    overwrite(source, 3 * MIB, 'the new version', PAST);
    const view = await world.engine.settled(id, { waitMs: 30_000 });
    assert.equal(view.state, 'done', told(world, view));
    assert.equal(await digestFile(join(world.here, 'in', 'base.db')), await digestFile(source));
    const row = rowOf(world, id);
    // the digest in the report is that of the bytes that are there
    assert.equal(row.sha256, undefined);
    assert.equal(
      row.state.kind === 'done' && row.state.outcome.kind === 'moved' && row.state.outcome.verification.level,
      'full',
    );
  });

  test('after it was copied, its date set back: a small original stays, whichever page it was', async (t) => {
    let late: (() => void) | undefined;
    const store = new (class extends MemoryTransferStore {
      override updateItem(...given: Parameters<MemoryTransferStore['updateItem']>): void {
        super.updateItem(...given);
        if (given[1].state?.kind === 'done') late?.();
      }
    })();
    const world = begin(t, {}, {}, store);
    const source = world.onPhone('DCIM/notes.db', 900_000, PAST);
    late = () => {
      late = undefined;
      overwrite(source, 300_000, 'rewritten', PAST);
    };
    await world.start();
    await world.pull(['/DCIM/notes.db'], 'in', { move: true });
    await world.engine.stop();
    assert.ok(existsSync(source));
  });

  for (const size of [40_000, 3 * MIB])
    test(`after it was copied: its original stays (${size} bytes)`, async (t) => {
      let late: (() => void) | undefined;
      const store = new (class extends MemoryTransferStore {
        override updateItem(...given: Parameters<MemoryTransferStore['updateItem']>): void {
          super.updateItem(...given);
          if (given[1].state?.kind === 'done') late?.();
        }
      })();
      const world = begin(t, {}, {}, store);
      const source = world.onPhone('DCIM/notes.db', size, PAST);
      late = () => {
        late = undefined;
        overwrite(source, size / 2, 'rewritten', PAST + 90_000);
      };
      await world.start();
      const view = await world.pull(['/DCIM/notes.db'], 'in', { move: true });
      await world.engine.stop();
      assert.ok(existsSync(source));
      const { lines } = await world.engine.execute('report', { transfer: view.id, format: 'json' });
      assert.match(lines[0]?.detail ?? '', /^the original was not deleted: .*changed/);
    });

  test('after it was copied and within the second of its date: its first and last bytes tell', async (t) => {
    let late: (() => void) | undefined;
    const store = new (class extends MemoryTransferStore {
      override updateItem(...given: Parameters<MemoryTransferStore['updateItem']>): void {
        super.updateItem(...given);
        if (given[1].state?.kind === 'done') late?.();
      }
    })();
    const world = begin(t, {}, {}, store);
    const source = world.onPhone('DCIM/notes.db', 3 * MIB, PAST);
    late = () => {
      late = undefined;
      overwrite(source, 3 * MIB - 100, 'rewritten', PAST);
    };
    await world.start();
    await world.pull(['/DCIM/notes.db'], 'in', { move: true });
    await world.engine.stop();
    assert.ok(existsSync(source));
  });
});

test('two transfers into one folder with a file in common: it arrives, and so does all the rest', async (t) => {
  const world = begin(t, { latencyMs: 2 });
  for (let index = 0; index < 3; index += 1) world.onPhone(`DCIM/a${index}.jpg`, 300_000);
  world.onPhone('DCIM/film.mkv', 5 * MIB);
  await world.start();
  const to = localPath(join(world.here, 'in'));
  const ids = [];
  for (const names of [
    ['a0.jpg', 'film.mkv'],
    ['a0.jpg', 'a1.jpg', 'film.mkv'],
    ['film.mkv', 'a0.jpg', 'a2.jpg'],
  ])
    ids.push(
      (
        await world.engine.enqueue({
          direction: 'download',
          sources: names.map((name) => world.place(`/DCIM/${name}`)),
          to,
          options: { onConflict: 'skip' },
        })
      ).transfer,
    );
  for (const id of ids) {
    const view = await world.engine.settled(id, { waitMs: 20_000 });
    assert.equal(view.state, 'done', told(world, view));
  }
  assert.deepEqual(readdirSync(to).sort(), ['a0.jpg', 'a1.jpg', 'a2.jpg', 'film.mkv']);
  for (const name of readdirSync(to))
    assert.equal(await digestFile(join(to, name)), await digestFile(join(world.phoneFolder, 'DCIM', name)));
});

/** Lets a call of every open file fail; each failure of one file system in one place. */
async function refusing(t: TestContext, call: 'utimes' | 'datasync' | 'sync', code: string): Promise<void> {
  const probe = await open('/dev/null', 'r');
  const prototype = Object.getPrototypeOf(probe) as Record<string, unknown>;
  await probe.close();
  const before = prototype[call];
  prototype[call] = () => Promise.reject(Object.assign(new Error(`${code}: ${call}`), { code }));
  t.after(() => {
    prototype[call] = before;
  });
}

describe('a disk that refuses metadata or syncing', { concurrency: false }, () => {
  for (const [call, code] of [
    ['utimes', 'EPERM'],
    ['utimes', 'ENOSYS'],
    ['datasync', 'EINVAL'],
  ] as const)
    test(`${call} is ${code}: the file arrives all the same`, async (t) => {
      await refusing(t, call, code);
      const world = begin(t, {}, QUICK);
      world.onPhone('DCIM/a.jpg', 2 * MIB, PAST);
      world.onPhone('DCIM/b.jpg', 2_000, PAST);
      await world.start();
      const view = await world.pull(['/DCIM'], 'in');
      assert.equal(view.state, 'done', told(world, view));
      assert.deepEqual(readdirSync(join(world.here, 'in/DCIM')).sort(), ['a.jpg', 'b.jpg']);
      const { lines } = await world.engine.execute('report', { transfer: view.id, format: 'json' });
      const details = lines.filter((line) => line.kind === 'file').map((line) => line.detail);
      const expected = call === 'utimes' ? 'its date could not be kept' : '';
      assert.deepEqual(details, [expected, expected]);
    });

  test('if a disk cannot sync the copy, the original stays', async (t) => {
    await refusing(t, 'sync', 'EINVAL');
    const world = begin(t);
    const source = world.onPhone('DCIM/a.jpg', 2_000);
    await world.start();
    const view = await world.pull(['/DCIM/a.jpg'], 'in', { move: true });
    assert.equal(view.state, 'done', told(world, view));
    await world.engine.stop();
    assert.ok(existsSync(source) && existsSync(join(world.here, 'in', 'a.jpg')));
  });

  test('an original goes after its copy, the folders of the copy and the store are on disk', async (t) => {
    if (process.platform !== 'linux') return t.skip('NOT RUN: the path of an open file is read from /proc');
    const happened: string[] = [];
    const probe = await open('/dev/null', 'r');
    const prototype = Object.getPrototypeOf(probe) as { sync: (this: { fd: number }) => Promise<void> };
    await probe.close();
    const sync = prototype.sync;
    prototype.sync = async function () {
      happened.push(readlinkSync(`/proc/self/fd/${this.fd}`));
      await sync.call(this);
    };
    t.after(() => {
      prototype.sync = sync;
    });
    let source = '';
    const store = new (class extends MemoryTransferStore {
      override commitDurably(): void {
        assert.ok(existsSync(source));
        happened.push('store');
      }
    })();
    const world = begin(t, {}, {}, store);
    source = world.onPhone('DCIM/a.jpg', 2_000);
    await world.start();
    const view = await world.pull(['/DCIM'], 'in', { move: true });
    assert.equal(view.state, 'done', told(world, view));
    await world.engine.stop();
    assert.ok(!existsSync(source));
    // the destination was made
    assert.equal(happened[0], world.here);
    assert.match(happened[1] ?? '', /a\.jpg\..*\.replug-part$/);
    assert.deepEqual(happened.slice(2), [join(world.here, 'in/DCIM'), join(world.here, 'in'), world.here, 'store']);
  });
});

for (const [what, quirks] of [
  ['with a date', []],
  ['without', [['no-dates', 1]]],
] as const)
  test(`written over at the same size while it was away, ${what}: nothing of before is in the copy`, async (t) => {
    const world = begin(t, { rate: 30_000_000, quirks: [...quirks] });
    const source = world.onPhone('DCIM/film.mkv', 12 * MIB, 1_700_000_000_000);
    await world.start();
    const id = await begun(world, '/DCIM/film.mkv', {}, 7 * MIB);
    await world.phone.unplug();
    await world.engine.settled(id, { waitMs: 100 });
    const bytes = readFileSync(source);
    // neither a sample nor a joint
    bytes.fill('new', Math.floor(2.5 * MIB), Math.floor(2.5 * MIB) + 4096);
    writeFileSync(source, bytes);
    world.phone.plug();
    const view = await world.engine.settled(id, { waitMs: 20_000 });
    assert.equal(view.state, 'done', told(world, view));
    assert.ok(readFileSync(join(world.here, 'in/film.mkv')).equals(bytes));
  });

test('a deleted source leaves its part file, which may be the only copy', async (t) => {
  const world = begin(t, { rate: 30_000_000 });
  const source = world.onPhone('DCIM/film.mkv', 12 * MIB);
  await world.start();
  const id = await begun(world, '/DCIM/film.mkv', {}, 5 * MIB);
  await world.phone.unplug();
  await world.engine.settled(id, { waitMs: 100 });
  rmSync(source);
  world.phone.plug();
  await world.engine.waitForDevice(undefined, 5_000);
  const view = await world.engine.settled(id, { waitMs: 20_000 });
  assert.deepEqual([view.state, view.problem?.kind], ['failed', 'missing'], told(world, view));
  const [part] = parts(join(world.here, 'in'));
  assert.ok(part !== undefined && statSync(join(world.here, 'in', part)).size > 0);
  assert.ok(view.problem?.advice?.id === 'part-kept' && /film\.mkv.*replug-part/.test(view.problem.advice.with.file));
});

test('a file beyond 32-bit reads is fetched whole from the start', async (t) => {
  const world = begin(t, { quirks: [['reads-32-bit', 1]], rate: 50_000_000 });
  // sparse
  truncateSync(world.onPhone('DCIM/film.mkv', 0), 2 ** 32 + 5);
  world.onPhone('DCIM/small.mkv', 2 * MIB);
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'download',
    sources: [world.place('/DCIM/film.mkv')],
    to: localPath(join(world.here, 'in')),
    options: { onConflict: 'skip' },
  });
  let [row] = [...world.engine.itemRows(transfer)];
  while (row?.mode !== 'whole' && world.engine.view(transfer).finishedAt === undefined) {
    await turn();
    [row] = [...world.engine.itemRows(transfer)];
  }
  assert.deepEqual([row?.mode, row?.size], ['whole', 2 ** 32 + 5], told(world, world.engine.view(transfer)));
  assert.ok(world.phone.bytesMoved < 8 * MIB);
  // cancel does not drop the chunk on the wire
  await world.phone.unplug();
  await world.engine.execute('cancel', { transfer });
  assert.equal((await world.engine.settled(transfer, { waitMs: 10_000 })).state, 'cancelled');
});

test('dates before 1970 are kept', async (t) => {
  const world = begin(t);
  const before = new Date(Date.UTC(1958, 2, 1, 12));
  utimesSync(world.onPhone('DCIM/scan.jpg', 2_000), before, before);
  await world.start();
  const view = await world.pull(['/DCIM/scan.jpg'], 'in');
  assert.equal(view.state, 'done', told(world, view));
  assert.equal(statSync(join(world.here, 'in/scan.jpg')).mtimeMs, before.getTime());
});

for (const quirk of ['date-1601', 'date-1970', 'date-1980'] as const)
  test(`a phone that writes ${quirk} tells no date: none is kept, and the copy gets none`, async (t) => {
    const world = begin(t, { quirks: [[quirk, 1]] });
    world.onPhone('DCIM/a.jpg', 2_000);
    const started = Date.now();
    await world.start();
    const view = await world.pull(['/DCIM/a.jpg'], 'in');
    assert.equal(view.state, 'done', told(world, view));
    assert.equal(world.store.itemsIn(view.id, ['done'], 1)[0]?.modified, undefined);
    assert.ok(statSync(join(world.here, 'in/a.jpg')).mtimeMs >= started - 2_000);
    // and a move is not stopped by what is no content
    const moved = await world.pull(['/DCIM/a.jpg'], 'moved', { move: true });
    assert.equal(moved.state, 'done', told(world, moved));
    assert.ok(!existsSync(join(world.phoneFolder, 'DCIM/a.jpg')));
  });

for (const size of [1_000, 24 * 1024 * 1024])
  test(`a file of the computer dated 1970 goes to the phone: ${size} bytes, moved`, async (t) => {
    const world = begin(t);
    const source = world.local('a.bin', size, 0);
    const digest = await digestFile(source);
    await world.start();
    const view = await world.push([source], '/Download', { move: true });
    assert.equal(view.state, 'done', told(world, view));
    assert.ok(!existsSync(source));
    assert.equal(await digestFile(join(world.phoneFolder, 'Download/a.bin')), digest);
  });

test('files dragged out stay while the program runs, and are removed when it ends', async (t) => {
  const world = begin(t);
  world.onPhone('DCIM/a.jpg', 2_000);
  await world.start();
  const { paths } = await world.engine.execute('prepareDrag', { sources: [world.place('/DCIM/a.jpg')] });
  const [path = ''] = paths;
  assert.equal(await digestFile(path), await digestFile(join(world.phoneFolder, 'DCIM/a.jpg')));
  // one of a program that was killed, and one of a program that runs
  const { pid = 0 } = spawnSync(process.execPath, ['-e', '']);
  const orphan = mkdtempSync(join(tmpdir(), `replug-drag-${pid}-`));
  const other = mkdtempSync(join(tmpdir(), `replug-drag-${process.ppid}-`));
  t.after(() => {
    rmSync(other, { recursive: true });
  });
  await world.restart();
  assert.ok(!existsSync(dirname(path)));
  await world.start();
  assert.deepEqual([existsSync(orphan), existsSync(other)], [false, true]);
});

test('a file dragged out that a program has saved where it lay outlives the program, and the next one', async (t) => {
  const world = begin(t);
  world.onPhone('DCIM/a.txt', 2_000, PAST);
  world.onPhone('DCIM/b.txt', 2_000, PAST);
  await world.start();
  const sources = [world.place('/DCIM')];
  const { paths } = await world.engine.execute('prepareDrag', { sources });
  const [folder = ''] = paths;
  t.after(() => rmSync(dirname(folder), { recursive: true, force: true }));
  writeFileSync(join(folder, 'a.txt'), 'saved by an editor');
  await world.restart();
  await world.start();
  assert.deepEqual(readdirSync(folder), ['a.txt']);
  assert.equal(readFileSync(join(folder, 'a.txt'), 'utf8'), 'saved by an editor');
});

test('a chunk that is fetched again is told with its own digest, not with that of the bytes that were wrong', async (t) => {
  const digests = new Map<number, string>();
  const store = new (class extends MemoryTransferStore {
    override confirmChunk(...given: Parameters<MemoryTransferStore['confirmChunk']>): void {
      super.confirmChunk(...given);
      const [, { offset, digest }] = given;
      // what came first was wrong
      if (digests.size === 0) spoil(source, 12_345);
      digests.set(offset, digest);
    }
  })();
  const world = begin(t, {}, QUICK, store);
  const source = world.onPhone('DCIM/film.mp4', 24 * MIB, PAST);
  spoil(source, 12_345);
  await world.start();
  const view = await world.pull(['/DCIM/film.mp4'], 'in', { verify: 'full' }, 30_000);
  assert.equal(view.state, 'done', told(world, view));
  const { state, mismatches } = rowOf(world, view.id);
  assert.equal(mismatches, 1);
  assert.equal(await digestFile(join(world.here, 'in', 'film.mp4')), await digestFile(source));
  const bytes = readFileSync(source);
  const starts = [...digests.keys()].sort((a, b) => a - b);
  const hashes = starts.map((start, index) =>
    createHash('sha256')
      .update(bytes.subarray(start, starts[index + 1]))
      .digest(),
  );
  assert.ok(state.kind === 'done' && state.outcome.kind === 'moved');
  const { chunkDigest, sha256 } = state.outcome.verification;
  assert.equal(chunkDigest, createHash('sha256').update(Buffer.concat(hashes)).digest('hex'));
  assert.equal(sha256, undefined);
});

describe('apps on the phone write to the file at any moment', { concurrency: 16 }, () => {
  for (const kind of ['rewrite', 'grow'])
    for (const phase of ['before', 'data', 'response'])
      for (const occurrence of [1, 2])
        for (const size of [900, 300_000, 5 * MIB])
          for (const move of [false, true])
            test(`${kind} at read ${occurrence}, ${phase}, ${size} bytes, move ${move}: what arrives is what was there`, async (t) => {
              const world = begin(t, {}, QUICK);
              const source = world.onPhone('DCIM/base.db', size, PAST);
              const before = await digestFile(source);
              await world.start();
              world.faults(`${kind}@op=GetPartialObject64:${occurrence}:${phase}`);
              const view = await world.pull(['/DCIM/base.db'], 'in', { move }, 30_000);
              assert.equal(view.state, 'done', told(world, view));
              await world.engine.stop();
              const copy = await digestFile(join(world.here, 'in', 'base.db'));
              const now = existsSync(source) ? await digestFile(source) : undefined;
              // no mixture of both, and nothing of a moved file is lost
              if (now !== undefined) assert.ok(copy === before || copy === now);
              else assert.equal(rowOf(world, view.id).size, statSync(join(world.here, 'in', 'base.db')).size);
              if (!move) assert.notEqual(now, undefined);
              assert.deepEqual(readdirSync(join(world.here, 'in')), ['base.db']);
            });
});
