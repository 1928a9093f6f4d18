import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { answer } from '../support/answer.ts';
import type { LocalPath } from '../../shared/domain.ts';
import type { ItemView } from '../../shared/snapshots.ts';
import { localPath } from '../../shared/domain.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { begin, bytesFor, treeOf, type World } from './world.ts';

/** Names that a phone refuses only when a file is sent: its internal storage looks like one that takes them. */

const MIB = 1024 * 1024;
const FAT_NAMES = { quirks: [['fat-names', 1]] } as const;
/** Above it, files grow in place under a temporary name. */
const WHOLE_BELOW = MIB;
const LIMITS = { limits: { wholeBelow: WHOLE_BELOW } };

const inDownload = (world: World): readonly string[] => readdirSync(join(world.phoneFolder, 'Download')).sort();

for (const [kind, size, profile] of [
  ['small', 3000, 'android'],
  ['large', 3 * MIB, 'android'],
  ['empty', 0, 'android'],
  ['large, sent whole', 3 * MIB, 'android-no-edit'],
] as const) {
  test(`a name refused at SendObject: the legal one is used (${kind})`, async (t) => {
    const world = begin(t, { ...FAT_NAMES, profile }, LIMITS);
    const [odd, plain] = [world.local('what?.txt', size), world.local('plain.txt', size)];
    await world.start();
    const view = await world.push([odd, plain], '/Download', { onName: 'legal', verify: 'full' });
    assert.equal(view.state, 'done', JSON.stringify(view));
    assert.deepEqual(inDownload(world), ['plain.txt', 'what？.txt']);
    assert.deepEqual(readFileSync(join(world.phoneFolder, 'Download/what？.txt')), bytesFor('what?.txt', size));
    const rows = world.store.itemsIn(view.id, ['done'], 9);
    assert.deepEqual(rows.map(({ savedAs }) => savedAs).sort(), [undefined, 'what？.txt'].sort());
    assert.deepEqual([...world.store.leftovers(view.device)], []);
  });

  test(`where the rule is to fail it fails, and names what a person knows (${kind})`, async (t) => {
    const world = begin(t, { ...FAT_NAMES, profile }, LIMITS);
    const odd = world.local('what?.txt', size);
    await world.start();
    const view = await world.push([odd], '/Download', { onName: 'fail' });
    assert.equal(view.state, 'failed');
    const [row] = world.store.itemsIn(view.id, ['failed'], 1);
    assert.ok(row?.state.kind === 'failed');
    const { kind: why, subject, fix } = row.state.problem;
    assert.deepEqual([why, subject, fix], ['bad-name', 'what?.txt', 'what？.txt']);
    assert.deepEqual(inDownload(world), []);
  });

  for (const choice of ['use-legal-name', 'skip'] as const)
    test(`where a person is asked, the answer decides: ${choice} (${kind})`, async (t) => {
      const world = begin(t, { ...FAT_NAMES, profile }, LIMITS);
      const odd = world.local('what?.txt', size);
      await world.start();
      const asked = new Promise<ItemView>((resolve) =>
        world.engine.onNotice((notice) => {
          const [question] = notice.kind === 'question' ? notice.transfer.questions : [];
          if (question !== undefined) resolve(question);
        }),
      );
      const { transfer } = await world.engine.enqueue({
        direction: 'upload',
        sources: [odd],
        to: world.place('/Download'),
        options: { onConflict: 'skip', onName: 'ask' },
      });
      const item = await asked;
      assert.ok(item.question?.kind === 'name');
      assert.deepEqual([item.question.name, item.question.legal], ['what?.txt', 'what？.txt']);
      await answer(world.engine, item, choice);
      assert.equal((await world.engine.settled(transfer, { waitMs: 10_000 })).state, 'done');
      assert.deepEqual(inDownload(world), choice === 'skip' ? [] : ['what？.txt']);
    });
}

test('a storage that takes the name keeps it', async (t) => {
  const world = begin(t, {}, LIMITS);
  const sources = [world.local('what?.txt', 3000), world.local('large?.bin', 2 * MIB)];
  mkdirSync(join(world.here, 'who?'));
  world.local('who?/a.txt', 10);
  await world.start();
  const view = await world.push([...sources, localPath(join(world.here, 'who?'))], '/Download', { onName: 'legal' });
  assert.equal(view.state, 'done');
  assert.deepEqual(inDownload(world), ['large?.bin', 'what?.txt', 'who?']);
});

test('a name that is refused only when the copy gets it: what was sent is not sent again', async (t) => {
  const world = begin(t, FAT_NAMES, LIMITS);
  // its temporary name is cut before the question mark
  const name = `${'x'.repeat(245)}?.bin`;
  const odd = world.local(name, 3 * MIB);
  await world.start();
  const view = await world.push([odd], '/Download', { onName: 'legal', verify: 'full' });
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  assert.deepEqual(inDownload(world), [name.replace('?', '？')]);
  assert.equal(view.bytesResent, 0);
  assert.deepEqual(readFileSync(join(world.phoneFolder, 'Download', name.replace('?', '？'))), bytesFor(name, 3 * MIB));
});

test('a large object is not begun under a name that is refused, and what a storage takes is asked once', async (t) => {
  for (const quirks of [FAT_NAMES.quirks, []] as const) {
    const world = begin(t, { quirks });
    const sources = [1, 2, 3].map((number) => world.local(`${number}?.bin`, 2 * MIB));
    await world.start();
    const view = await world.push(sources, '/Download', { onName: 'legal' });
    assert.equal(view.state, 'done');
    const isTaken = quirks.length === 0;
    assert.deepEqual(inDownload(world), isTaken ? ['1?.bin', '2?.bin', '3?.bin'] : ['1？.bin', '2？.bin', '3？.bin']);
    assert.equal(world.phone.timesSeen(Operation.SendObject), 4, 'an empty one, then each once');
    assert.equal(view.bytesResent, 0);
  }
});

test('another program’s file of such a name is refused at once, and leaves nothing', async (t) => {
  for (const profile of ['android', 'android-no-edit'] as const) {
    const world = begin(t, { ...FAT_NAMES, profile });
    mkdirSync(join(world.phoneFolder, 'Download'));
    await world.start();
    for (const size of [3000, 3 * MIB, 9 * MIB]) {
      const file = await world.engine.files.write(world.place('/Download/what?.bin'), { size });
      const written = (async () => {
        for (let at = 0; at < size; at += MIB) await file.write(new Uint8Array(Math.min(MIB, size - at)));
        await file.finish();
      })();
      await assert.rejects(written, { kind: 'bad-name' });
      await file.abandon();
      assert.deepEqual(inDownload(world), []);
    }
  }
});

test('two names that come to the same are both there', async (t) => {
  const world = begin(t, FAT_NAMES, LIMITS);
  const sources = [world.local('a?.txt', 3000), world.local('a？.txt', 4000)];
  await world.start();
  const view = await world.push(sources, '/Download', { onName: 'legal' });
  assert.equal(view.state, 'done');
  const sizes = Object.values(await treeOf(join(world.phoneFolder, 'Download'))).map((line) => line.split(' ')[0]);
  assert.deepEqual(sizes.sort(), ['3000', '4000']);
});

/** Folders in folders, some of names that the phone refuses. */
function oddTree(world: World): LocalPath {
  for (const [name, size] of [
    ['trip/day: one/a.txt', 3000],
    ['trip/day: one/why?/b.txt', 2 * MIB],
    ['trip/day: one/why?/c*.txt', 100],
    ['trip/plain/d.txt', 100],
  ] as const)
    world.local(name, size);
  mkdirSync(join(world.here, 'trip/empty?'));
  return localPath(join(world.here, 'trip'));
}
const TREE = {
  'trip/': 'folder',
  'trip/day꞉ one/': 'folder',
  'trip/day꞉ one/a.txt': 3000,
  'trip/day꞉ one/why？/': 'folder',
  'trip/day꞉ one/why？/b.txt': 2 * MIB,
  'trip/day꞉ one/why？/c∗.txt': 100,
  'trip/empty？/': 'folder',
  'trip/plain/': 'folder',
  'trip/plain/d.txt': 100,
};
const sizesOf = async (world: World): Promise<Record<string, string | number>> =>
  Object.fromEntries(
    Object.entries(await treeOf(join(world.phoneFolder, 'Download'))).map(([name, line]) => [
      name,
      line === 'folder' ? line : Number(line.split(' ')[0]),
    ]),
  );

for (const move of [false, true])
  test(`folders get legal names, and what is in them follows${move ? ' (move)' : ''}`, async (t) => {
    const world = begin(t, FAT_NAMES, LIMITS);
    const trip = oddTree(world);
    await world.start();
    const view = await world.push([trip], '/Download', { onName: 'legal', move });
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    assert.deepEqual(await sizesOf(world), TREE);
    const folders = world.store.itemsIn(view.id, ['done'], 99).filter(({ savedAs }) => savedAs !== undefined);
    assert.deepEqual(
      folders.map(({ name, savedAs }) => [name, savedAs]).sort(),
      [
        ['trip/day: one', 'day꞉ one'],
        ['trip/day: one/why?', 'why？'],
        ['trip/day: one/why?/c*.txt', 'c∗.txt'],
        ['trip/empty?', 'empty？'],
      ].sort(),
      'the report tells the names',
    );
    // once more: nothing is sent twice
    if (move) return;
    const again = await world.push([trip], '/Download', { onName: 'legal' });
    assert.equal(again.state, 'done');
    assert.equal(again.counts.moved.files, 0);
    assert.deepEqual(await sizesOf(world), TREE);
  });

for (const fault of [
  'unplug@op=SendObjectInfo:3:response',
  'unplug@op=SendObject:2:data',
  'unplug@op=SendObjectInfo:6',
])
  test(`unplugged while folders get legal names (${fault}): all is there in the end`, async (t) => {
    const world = begin(t, FAT_NAMES, LIMITS);
    const trip = oddTree(world);
    await world.start();
    world.faults(fault, 'replug@ms=50');
    const view = await world.push([trip], '/Download', { onName: 'legal' }, 20_000);
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    assert.deepEqual(await sizesOf(world), TREE);
  });

test('the program ends between: what was to go into such a folder goes there', async (t) => {
  const world = begin(t, FAT_NAMES, LIMITS);
  const trip = oddTree(world);
  await world.start();
  world.faults('unplug@op=SendPartialObject:1');
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [trip],
    to: world.place('/Download'),
    options: { onConflict: 'skip', onName: 'legal' },
  });
  await world.engine.settled(transfer, { waitMs: 300 });
  await world.restart();
  await world.start();
  const view = await world.engine.settled(transfer, { waitMs: 20_000 });
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  assert.deepEqual(await sizesOf(world), TREE);
});

/** Every folder as the phone lists it now. */
async function listedAnew(world: World): Promise<void> {
  for await (const folder of world.engine.scan(world.place('/'))) assert.ok(folder.path);
}

test('listed anew on the same connection, a folder that was refused counts as nothing, and what comes later goes where the rest is', async (t) => {
  const world = begin(t, FAT_NAMES, LIMITS);
  const trip = oddTree(world);
  world.onPhone('Download/dated.txt', 1);
  await world.start();
  // an earlier attempt that was given up: the phone lists what it has not made
  assert.equal((await world.push([trip], '/Download', { onName: 'fail' })).state, 'failed');
  await listedAnew(world);
  const view = await world.push([trip], '/Download', { onName: 'legal' });
  assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
  assert.deepEqual(await sizesOf(world), { ...TREE, 'dated.txt': 1 });
  assert.deepEqual(
    world.store
      .itemsIn(view.id, ['done'], 99)
      .flatMap(({ name, kind, state }) =>
        kind === 'folder' && state.kind === 'done' ? [[name, state.outcome.kind]] : [],
      )
      .sort(),
    [
      ['trip', 'already-there'],
      ['trip/day: one', 'moved'],
      ['trip/day: one/why?', 'moved'],
      ['trip/empty?', 'moved'],
      ['trip/plain', 'already-there'],
    ],
  );
  await listedAnew(world);
  world.local('trip/day: one/late.txt', 500);
  const again = await world.push([trip], '/Download', { onName: 'legal' });
  assert.equal(again.state, 'done', JSON.stringify([again, world.log]));
  assert.equal(again.counts.moved.files, 1);
  assert.deepEqual(await sizesOf(world), { ...TREE, 'dated.txt': 1, 'trip/day꞉ one/late.txt': 500 });
});

test('a folder that a person named is not renamed', async (t) => {
  const world = begin(t, FAT_NAMES, LIMITS);
  const source = world.local('a.txt', 100);
  await world.start();
  const view = await world.push([source], '/Download/mine?', { onName: 'legal' });
  assert.equal(view.state, 'failed');
  const [row] = world.store.itemsIn(view.id, ['failed'], 1);
  assert.ok(row?.state.kind === 'failed' && row.state.problem.kind === 'bad-name');
  assert.deepEqual(
    readdirSync(world.phoneFolder).filter((name) => name !== 'Download'),
    [],
  );
});
