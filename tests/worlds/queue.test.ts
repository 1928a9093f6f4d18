import assert from 'node:assert/strict';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { answer } from '../support/answer.ts';
import { systemClock } from '../../electron/engine/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { localPath, type ConflictRule, type Entry, type LocalPath, type TransferId } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { begin, digestFile, treeOf, type World } from './world.ts';

/** What the user decides: conflict rules, questions, pause, order, retry, move. */

const MIB = 1024 * 1024;
const DATE = Date.UTC(2024, 2, 3, 4, 5, 6);
const DAY = 86_400_000;

const until = (world: World, transfer: TransferId, when: (view: TransferView) => boolean): Promise<TransferView> =>
  new Promise((resolve) => {
    const stop = world.engine.watch('transfers', undefined, ({ transfers }) => {
      const view = transfers.find((one) => one.id === transfer);
      if (view === undefined || !when(view)) return;
      resolve(view);
      queueMicrotask(() => stop());
    });
  });

/** The folder as a window shows it, and how many entries were sent for that. */
const shownFolder = (
  world: World,
  path: string,
): Promise<{ readonly entries: readonly Entry[]; readonly told: number }> =>
  new Promise((resolve, reject) => {
    let entries: readonly Entry[] = [];
    let told = 0;
    const stop = world.engine.watch('folder', { place: world.place(path) }, (snapshot) => {
      entries = snapshot.reset ? snapshot.entries : [...entries, ...snapshot.entries];
      told += snapshot.entries.length;
      if (snapshot.state === 'listing') return;
      if (snapshot.problem !== undefined) reject(new Error(`${snapshot.problem.kind} ${snapshot.problem.detail}`));
      resolve({ entries, told });
      queueMicrotask(() => stop());
    });
  });

const CONFLICTS: readonly {
  readonly rule: ConflictRule;
  readonly there: { readonly size: number; readonly modified: number; readonly same?: true };
  readonly expect: 'kept' | 'replaced' | 'both' | 'asked';
}[] = [
  { rule: 'skip', there: { size: 50, modified: DATE }, expect: 'kept' },
  { rule: 'replace', there: { size: 50, modified: DATE + DAY }, expect: 'replaced' },
  { rule: 'keep-both', there: { size: 50, modified: DATE }, expect: 'both' },
  { rule: 'newer', there: { size: 50, modified: DATE - DAY }, expect: 'replaced' },
  { rule: 'newer', there: { size: 50, modified: DATE + DAY }, expect: 'kept' },
  { rule: 'newer', there: { size: 50, modified: DATE }, expect: 'kept' },
  { rule: 'larger', there: { size: 50, modified: DATE }, expect: 'replaced' },
  { rule: 'larger', there: { size: 500, modified: DATE }, expect: 'kept' },
  { rule: 'skip-identical', there: { size: 100, modified: DATE, same: true }, expect: 'kept' },
  { rule: 'skip-identical', there: { size: 100, modified: DATE }, expect: 'asked' },
  { rule: 'ask', there: { size: 50, modified: DATE }, expect: 'asked' },
];

for (const direction of ['upload', 'download'] as const)
  for (const { rule, there, expect } of CONFLICTS)
    test(`${direction}, ${rule}, ${there.size} bytes from ${new Date(there.modified).toISOString().slice(0, 10)} there: ${expect}`, async (t) => {
      const world = begin(t);
      const up = direction === 'upload';
      const source = up ? world.local('a.txt', 100, DATE) : world.onPhone('DCIM/a.txt', 100, DATE);
      const folder = up ? join(world.phoneFolder, 'Download') : join(world.here, 'in');
      const target = join(folder, 'a.txt');
      if (up) world.onPhone(there.same === true ? 'Download/a.txt' : 'Download/other', there.size, there.modified);
      else world.local(there.same === true ? 'in/a.txt' : 'in/other', there.size, there.modified);
      if (there.same !== true) renameSync(join(folder, 'other'), target);
      const old = await digestFile(target);
      const now = await digestFile(source);
      await world.start();
      const { transfer } = up
        ? await world.engine.enqueue({
            direction: 'upload',
            sources: [source as LocalPath],
            to: world.place('/Download'),
            options: { onConflict: rule },
          })
        : await world.engine.enqueue({
            direction: 'download',
            sources: [world.place('/DCIM/a.txt')],
            to: folder as LocalPath,
            options: { onConflict: rule },
          });
      if (expect === 'asked') {
        const view = await until(world, transfer, ({ questions }) => questions.length > 0);
        const [item] = view.questions;
        assert.equal(item?.question?.kind, 'conflict');
        assert.ok(item.question.kind === 'conflict' && item.question.existing.size === there.size);
        await answer(world.engine, item, 'keep-both');
      }
      const view = await world.engine.settled(transfer, { waitMs: 5_000 });
      assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
      const digests = await treeOf(folder);
      const names = Object.keys(digests).sort();
      switch (expect) {
        case 'kept':
          assert.deepEqual(names, ['a.txt']);
          assert.equal(await digestFile(target), old);
          assert.equal(view.counts.skipped, 1);
          break;
        case 'replaced':
          assert.deepEqual(names, ['a.txt']);
          assert.equal(await digestFile(target), now);
          break;
        case 'both':
        case 'asked':
          assert.deepEqual(names, ['a (2).txt', 'a.txt']);
          assert.equal(await digestFile(target), old);
          assert.equal(await digestFile(join(folder, 'a (2).txt')), now);
      }
    });

test('one answer for all, while the other files continue', async (t) => {
  const world = begin(t);
  for (const name of ['a', 'b', 'c']) {
    world.local(`src/${name}`, 10 + name.charCodeAt(0));
    world.onPhone(`Download/src/${name}`, 5);
  }
  world.local('src/new', 77);
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [join(world.here, 'src') as LocalPath],
    to: world.place('/Download'),
    options: { onConflict: 'ask' },
  });
  const view = await until(world, transfer, ({ counts }) => counts.asking === 3 && counts.done === 2);
  assert.ok(existsSync(join(world.phoneFolder, 'Download/src/new')));
  const [item] = view.questions;
  assert.ok(item !== undefined);
  await answer(world.engine, item, 'replace', true);
  const end = await world.engine.settled(transfer, { waitMs: 5_000 });
  assert.equal(end.state, 'done');
  assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download/src')), await treeOf(join(world.here, 'src')));
});

test('a name that the card cannot hold is asked about, and sent under its legal name', async (t) => {
  const card = mkdtempSync(join(tmpdir(), 'replug-card-'));
  t.after(() => rmSync(card, { recursive: true, force: true }));
  const second = begin(t, { sdDirectory: card });
  await second.start();
  const source = second.local('what: now?.txt', 10);
  const { transfer } = await second.engine.enqueue({
    direction: 'upload',
    sources: [source],
    to: second.place('/', 1),
    options: { onConflict: 'skip', onName: 'ask' },
  });
  const view = await until(second, transfer, ({ questions }) => questions.length > 0);
  const item = view.questions[0];
  assert.ok(item?.question?.kind === 'name');
  await answer(second.engine, item, 'use-legal-name');
  const end = await second.engine.settled(transfer, { waitMs: 5_000 });
  assert.equal(end.state, 'done', JSON.stringify([end, second.log]));
  assert.deepEqual(readdirSync(card), [item.question.legal]);
});

test('pause stops at a chunk boundary and keeps confirmed bytes; resume continues from there', async (t) => {
  const world = begin(t, { rate: 40_000_000 });
  await world.start();
  const source = world.local('big.bin', 40 * MIB);
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [source],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  });
  await until(world, transfer, ({ bytesConfirmed }) => bytesConfirmed > 4 * MIB);
  await world.engine.execute('pause', { transfer });
  const paused = await world.engine.settled(transfer, { waitMs: 5_000 });
  assert.equal(paused.state, 'paused');
  assert.ok(paused.bytesConfirmed > 4 * MIB && paused.bytesConfirmed < 40 * MIB);
  await world.engine.execute('resume', { transfer });
  const end = await world.engine.settled(transfer, { waitMs: 5_000 });
  assert.equal(end.state, 'done', JSON.stringify([end, world.log]));
  assert.equal(end.run.bytesMoved, 40 * MIB);
  assert.equal(end.run.bytesResent, 0);
  assert.equal(await digestFile(join(world.phoneFolder, 'Download/big.bin')), await digestFile(source));
});

test('a transfer moved to the top goes first', async (t) => {
  const world = begin(t, { rate: 30_000_000 });
  await world.start();
  const enqueue = async (name: string, size: number): Promise<TransferId> =>
    (
      await world.engine.enqueue({
        direction: 'upload',
        sources: [world.local(name, size)],
        to: world.place('/Download'),
        options: { onConflict: 'skip' },
      })
    ).transfer;
  const first = await enqueue('first', 12 * MIB);
  const second = await enqueue('second', 3 * MIB);
  const third = await enqueue('third', 3 * MIB);
  await world.engine.execute('reorder', { transfer: third, before: first });
  assert.deepEqual(
    world.engine.transfers().map((view) => view.title),
    ['third', 'first', 'second'],
  );
  await world.engine.settled(second, { waitMs: 5_000 });
  const end = (id: TransferId): number => world.engine.view(id).finishedAt ?? 0;
  assert.ok(end(third) < end(second), 'the third ended before the second');
});

test('one bad file never stops the batch; it is reported, and retried on demand', async (t) => {
  const world = begin(t);
  world.local('src/good', 100);
  world.local('src/bad', 100);
  world.onPhone('Download/src/bad/inside', 1);
  await world.start();
  const view = await world.push([join(world.here, 'src') as LocalPath], '/Download', { onConflict: 'replace' });
  assert.equal(view.state, 'failed');
  assert.equal(view.counts.failed, 1);
  assert.ok(existsSync(join(world.phoneFolder, 'Download/src/good')));
  assert.ok(existsSync(join(world.phoneFolder, 'Download/src/bad/inside')), 'a folder is never replaced by a file');
  const { text, lines } = await world.engine.execute('report', { transfer: view.id, format: 'csv' });
  assert.equal(lines.filter((line) => line.result === 'failed').length, 1);
  assert.match(text, /^name,kind,bytes,result/);
  assert.deepEqual(
    lines.filter((line) => line.kind === 'folder').map((line) => line.name),
    ['src'],
  );
  await world.engine.execute('delete', { sources: [world.place('/Download/src/bad')] });
  await world.engine.execute('retry', { transfer: view.id });
  const again = await world.engine.settled(view.id, { waitMs: 5_000 });
  assert.equal(again.state, 'done', JSON.stringify([again, world.log]));
  assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download/src')), await treeOf(join(world.here, 'src')));
  const found = await world.engine.execute('history', { search: 'BAD' });
  assert.equal(found.total, 1);
});

test('a file sent before is not asked about, even from another folder; a different file is', async (t) => {
  const world = begin(t);
  const first = world.local('one/a.bin', 3_000_000);
  await world.start();
  await world.push([first], '/Download');
  const elsewhere = join(world.here, 'two/a.bin');
  mkdirSync(join(world.here, 'two'));
  copyFileSync(first, elsewhere);
  const { mtime } = statSync(first);
  utimesSync(elsewhere, mtime, mtime);
  const again = await world.push([elsewhere as LocalPath], '/Download', { onConflict: 'ask' });
  assert.deepEqual([again.state, again.counts.alreadyThere.files], ['done', 1]);
  assert.equal(again.run.bytesMoved, 0);
  // same name, size and date, but not what was sent
  const bytes = readFileSync(elsewhere);
  bytes.fill(1, 0, 1000);
  writeFileSync(elsewhere, bytes);
  utimesSync(elsewhere, mtime, mtime);
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [elsewhere as LocalPath],
    to: world.place('/Download'),
    options: { onConflict: 'ask' },
  });
  await until(world, transfer, ({ counts }) => counts.asking === 1);
});

const CHUNK_OPERATIONS: readonly number[] = [Operation.SendPartialObject, Operation.GetPartialObject64];

for (const direction of ['upload', 'download'] as const)
  for (const lists of ['property lists', 'one question an entry'] as const)
    test(`a folder opened in a large ${direction} waits for the chunk on the wire only: ${lists}`, async (t) => {
      const world = begin(
        t,
        { rate: 60_000_000, quirks: lists === 'property lists' ? [] : [['no-prop-list', 1]] },
        // after a second of standing back a transfer goes on for a moment: never here, however busy the machine is
        { clock: { ...systemClock, monotonic: () => performance.now() / 100 } },
      );
      for (const folder of ['DCIM', 'Pictures'])
        for (let index = 0; index < 100; index += 1) world.onPhone(`${folder}/${index}.jpg`, 10);
      world.onPhone('film.mp4', 60 * MIB);
      await world.start();
      await shownFolder(world, '/');
      const { transfer } = await world.engine.enqueue(
        direction === 'upload'
          ? {
              direction,
              sources: [world.local('big.bin', 60 * MIB)],
              to: world.place('/Download'),
              options: { onConflict: 'skip' },
            }
          : {
              direction,
              sources: [world.place('/film.mp4')],
              to: localPath(join(world.here, 'in')),
              options: { onConflict: 'skip' },
            },
      );
      await until(world, transfer, ({ bytesConfirmed }) => bytesConfirmed > MIB);
      let chunks = 0;
      world.phone.onOperation((operation) => {
        if (CHUNK_OPERATIONS.includes(operation)) chunks += 1;
      });
      assert.equal((await shownFolder(world, '/Pictures')).entries.length, 100);
      const went = chunks;
      assert.notEqual(world.engine.view(transfer).state, 'done', 'it came before the transfer was through');
      assert.ok(went <= 1, `${went} chunks began before the folder was there`);
      await world.engine.execute('cancel', { transfer });
      await world.engine.settled(transfer, { waitMs: 5_000 });
    });

test('a folder is sent once, in batches; one that is cached or has a duplicate name, as a whole', async (t) => {
  const world = begin(t);
  for (let index = 0; index < 2500; index += 1) world.onPhone(`DCIM/${index}.jpg`, 0);
  // two names with one spelling in a path: the later one gets another, so what was told by then is told anew
  world.phone.plant({ folder: '/Music', name: 'a/b', size: 1 });
  world.phone.plant({ folder: '/Music', name: 'a\u2215b', size: 2 });
  world.onPhone('Music/c', 1);
  await world.start();
  const first = await shownFolder(world, '/DCIM');
  assert.equal(first.entries.length, 2500);
  assert.equal(first.told, 2500, 'each entry went to the window once');
  const again = await shownFolder(world, '/DCIM');
  assert.equal(again.entries.length, 2500);
  assert.equal(again.told, 2500, 'from the kept listing');

  const doubled = await shownFolder(world, '/Music');
  assert.equal(new Set(doubled.entries.map((entry) => entry.name)).size, 3);
  assert.equal(doubled.told, 6);
});

test('repeating a request continues its transfer', async (t) => {
  const world = begin(t);
  await world.start();
  const source = world.local('big.bin', 30 * MIB);
  world.faults('unplug@bytes=10000000');
  const cut = await world.push([source], '/Download', {}, 0);
  world.phone.plug();
  const again = await world.engine.enqueue({
    direction: 'upload',
    sources: [source],
    to: { device: cut.device, storage: cut.storage, path: cut.destination as never },
    options: {},
  });
  assert.deepEqual(again, { transfer: cut.id, continued: true });
  const end = await world.engine.settled(cut.id, { waitMs: 5_000 });
  assert.equal(end.state, 'done');
  const third = await world.push([source], '/Download', { onConflict: 'ask' });
  assert.equal(third.state, 'done', 'already complete: answered at once, not asked');
  assert.equal(third.run.bytesMoved, 0);
  writeFileSync(source, 'changed');
});

for (const direction of ['upload', 'download'] as const)
  test(`paused while the ${direction} looks at what is there: nothing that was confirmed is thrown away`, async (t) => {
    const world = begin(t);
    const up = direction === 'upload';
    if (up) world.local('big.bin', 40 * MIB);
    else world.onPhone('DCIM/big.bin', 40 * MIB);
    await world.start();
    world.faults('unplug@bytes=30000000');
    const cut = up
      ? await world.push([join(world.here, 'big.bin') as LocalPath], '/Download', {}, 0)
      : await world.pull(['/DCIM/big.bin'], 'in', {}, 0);
    const item = world.store.itemsIn(cut.id, ['waiting'], 1)[0];
    assert.ok(item !== undefined && item.confirmed > 8 * MIB);
    const confirmed = world.store.checkpoints(item.id);
    world.phone.plug();
    // the first moment at which the lane has the item again
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (world.engine.view(cut.id).currentItem === undefined) setImmediate(look);
        else resolve();
      };
      look();
    });
    await world.engine.execute('pause', { transfer: cut.id });
    const paused = await world.engine.settled(cut.id, { waitMs: 5_000 });
    assert.equal(paused.state, 'paused', JSON.stringify([paused, world.log]));
    const kept = world.store.checkpoints(item.id);
    assert.ok(kept.length >= confirmed.length, `${kept.length} of ${confirmed.length} chunks kept`);
    await world.engine.execute('resume', { transfer: cut.id });
    const end = await world.engine.settled(cut.id, { waitMs: 5_000 });
    assert.equal(end.state, 'done', JSON.stringify([end, world.log]));
    assert.ok(end.run.bytesResent <= 8 * MIB);
  });

test('checkpoints of finished files are freed when nothing is being transferred', async (t) => {
  const world = begin(t);
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [world.local('big.bin', 20 * MIB)],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  });
  // while it runs: they may be freed as soon as it is done
  let kept = 0;
  world.phone.onOperation(() => {
    for (const running of world.store.itemsIn(transfer, ['moving'], 1))
      kept = Math.max(kept, world.store.checkpoints(running.id).length);
  });
  await world.engine.settled(transfer, { waitMs: 5_000 });
  const [item] = world.store.itemsIn(transfer, ['done'], 1);
  assert.ok(item !== undefined && kept > 1, `${kept} checkpoints`);
  await world.engine.stop();
  assert.deepEqual(world.store.checkpoints(item.id), []);
  assert.ok(world.store.item(item.id)?.chunkDigest !== undefined, 'its digest stays');
});

test('a transfer paused during listing sends nothing before it is resumed', async (t) => {
  const world = begin(t);
  for (let index = 0; index < 2500; index += 1) world.local(`src/f${index}`, 1);
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [join(world.here, 'src') as LocalPath],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  });
  assert.equal(world.engine.view(transfer).state, 'planning');
  await world.engine.execute('pause', { transfer });
  const paused = await world.engine.settled(transfer, { waitMs: 5_000 });
  assert.equal(paused.state, 'paused');
  assert.equal(paused.counts.paused, 2501);
  await world.engine.execute('cancel', { transfer });
});

test('files are prepared for dragging out under the names they got here', async (t) => {
  const world = begin(t);
  world.onPhone('DCIM/a.jpg', 10);
  world.onPhone('DCIM/b/c.jpg', 10);
  await world.start();
  const { paths } = await world.engine.execute('prepareDrag', {
    sources: [world.place('/DCIM/a.jpg'), world.place('/DCIM/b')],
  });
  assert.deepEqual(paths.map((path) => path.split('/').at(-1)).sort(), ['a.jpg', 'b']);
  assert.ok(paths.every((path) => existsSync(path)));
});
