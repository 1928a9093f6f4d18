import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { answer } from '../support/answer.ts';
import type { ConflictRule, LocalPath, TransferId, TransferOptions } from '../../shared/domain.ts';
import { isPhoneError } from '../../shared/errors.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { MemoryTransferStore } from '../../electron/store/index.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { until } from './until.ts';
import { begin, type World } from './world.ts';

/**
 * Anything may happen on the phone between deciding a conflict and publishing the upload. A file that appeared there is
 * never deleted: the conflict is decided again.
 */

const MIB = 1024 * 1024;
const NAME = 'film.bin';
const THEIRS = 'what somebody put there meanwhile';

const folderOf = (world: World): string => join(world.phoneFolder, 'Download');
/** The phone folder's contents, by the first bytes of each file; `folder` for a folder. */
function contents(world: World): Record<string, string> {
  const all: Record<string, string> = {};
  for (const name of readdirSync(folderOf(world))) {
    const path = join(folderOf(world), name);
    if (statSync(path).isDirectory()) all[name] = `folder of ${readdirSync(path).length}`;
    else if (statSync(path).size === 24 * MIB) all[name] = 'ours';
    else all[name] = readFileSync(path, 'latin1');
  }
  return all;
}

/** An upload of 24 MiB that has sent some of it. */
async function underWay(world: World, options: Partial<TransferOptions>): Promise<TransferId> {
  const source = world.local(NAME, 24 * MIB);
  mkdirSync(folderOf(world), { recursive: true });
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [source],
    to: world.place('/Download'),
    options: { onName: 'fail', ...options },
  });
  await until(() => world.engine.view(transfer).bytesConfirmed > 3 * MIB);
  return transfer;
}
/** Waits until it has ended or asks. */
async function end(world: World, transfer: TransferId): Promise<TransferView> {
  await until(() => {
    const { state, counts } = world.engine.view(transfer);
    return counts.asking > 0 || state === 'done' || state === 'failed';
  });
  return world.engine.view(transfer);
}
const slow = { rate: 30 * MIB };

const WAYS: Readonly<
  Record<string, (world: World, appear: () => Promise<void>, transfer: TransferId) => Promise<void>>
> = {
  'while it is sent': async (_, appear) => appear(),
  'while it is paused': async (world, appear, transfer) => {
    await world.engine.execute('pause', { transfer });
    await until(() => world.engine.view(transfer).state === 'paused');
    await appear();
    await world.engine.execute('resume', { transfer });
  },
  'while the phone is unplugged': async (world, appear) => {
    await world.phone.unplug();
    await appear();
    world.phone.plug();
  },
  'while the program does not run': async (world, appear) => {
    await world.restart();
    await appear();
    await world.start();
  },
};

for (const [when, happens] of Object.entries(WAYS))
  describe(`a file that appears ${when}`, () => {
    const outcomes: Readonly<Partial<Record<ConflictRule, (world: World, view: TransferView) => void>>> = {
      skip: (world, view) => {
        assert.equal(view.state, 'done');
        assert.deepEqual(contents(world), { [NAME]: THEIRS });
      },
      ask: (world, view) => {
        assert.equal(view.counts.asking, 1, JSON.stringify(view));
        assert.equal(contents(world)[NAME], THEIRS);
      },
      'keep-both': (world, view) => {
        assert.equal(view.state, 'done');
        assert.deepEqual(contents(world), { [NAME]: THEIRS, 'film (2).bin': 'ours' });
      },
      replace: (world, view) => {
        assert.equal(view.state, 'done');
        assert.deepEqual(contents(world), { [NAME]: 'ours' });
      },
      larger: (world) => {
        assert.deepEqual(contents(world), { [NAME]: 'ours' });
      },
    };
    for (const [rule, outcome] of Object.entries(outcomes))
      test(`is decided about by the rule: ${rule}`, async (t) => {
        const world = begin(t, slow);
        const transfer = await underWay(world, { onConflict: rule as ConflictRule });
        await happens(world, () => world.phone.touchFile(`/Download/${NAME}`, THEIRS), transfer);
        outcome(world, await end(world, transfer));
      });
    test('stays, whatever its spelling', async (t) => {
      const world = begin(t, slow);
      const transfer = await underWay(world, { onConflict: 'keep-both' });
      await happens(world, () => world.phone.touchFile('/Download/FILM.bin', THEIRS), transfer);
      assert.equal((await end(world, transfer)).state, 'done');
      assert.deepEqual(contents(world), { 'FILM.bin': THEIRS, 'film (2).bin': 'ours' });
    });
    test('takes the name that was chosen, too: the next number', async (t) => {
      const world = begin(t, slow);
      mkdirSync(folderOf(world), { recursive: true });
      writeFileSync(join(folderOf(world), NAME), THEIRS);
      const transfer = await underWay(world, { onConflict: 'keep-both' });
      await happens(world, () => world.phone.touchFile('/Download/film (2).bin', THEIRS), transfer);
      assert.equal((await end(world, transfer)).state, 'done');
      assert.deepEqual(contents(world), { [NAME]: THEIRS, 'film (2).bin': THEIRS, 'film (3).bin': 'ours' });
    });
    for (const rule of ['skip', 'ask', 'keep-both', 'replace', 'newer'] as const)
      test(`a folder stays, with all in it: ${rule}`, async (t) => {
        const world = begin(t, slow);
        const transfer = await underWay(world, { onConflict: rule });
        await happens(
          world,
          async () => {
            await world.phone.touchFolder(`/Download/${NAME}`);
            await world.phone.touchFile(`/Download/${NAME}/holiday.jpg`, THEIRS);
          },
          transfer,
        );
        await end(world, transfer);
        assert.equal(readFileSync(join(folderOf(world), NAME, 'holiday.jpg'), 'utf8'), THEIRS);
      });
  });

/** An upload whose name is taken, and that asks what to do. */
async function asking(world: World, source: LocalPath): Promise<TransferView> {
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [source],
    to: world.place('/Download'),
    options: { onConflict: 'ask' },
  });
  return end(world, transfer);
}

/** A store that makes something happen on the phone right before an upload is published. */
function publishing(happens: () => void): MemoryTransferStore {
  let done = false;
  return new (class extends MemoryTransferStore {
    override updateItem(...given: Parameters<MemoryTransferStore['updateItem']>): void {
      super.updateItem(...given);
      if (given[1].creation !== 'renaming' || done) return;
      done = true;
      happens();
    }
  })();
}

describe('a file that was to be replaced', () => {
  const edited = 'edited in the last moment';
  for (const size of [3 * MIB, 24 * MIB])
    test(`stays when it was edited right before, of ${size / MIB} MiB, and the rule asks`, async (t) => {
      const store = publishing(() => {
        writeFileSync(join(folderOf(world), NAME), edited);
      });
      const world = begin(t, {}, {}, store);
      const source = world.local(NAME, size);
      world.onPhone(`Download/${NAME}`, 5);
      await world.start();
      const view = await asking(world, source);
      assert.equal(view.counts.asking, 1);
      const item = world.store.items(view.id, { offset: 0, limit: 1 }).items[0];
      assert.ok(item);
      await answer(world.engine, item, 'replace');
      const asked = await end(world, view.id);
      assert.equal(asked.counts.asking, 1, 'asked again, about what is there now');
      assert.equal(readFileSync(join(folderOf(world), NAME), 'utf8'), edited);
      await assert.rejects(
        answer(world.engine, item, 'replace'),
        (error: unknown) => isPhoneError(error) && error.problem.fault?.id === 'other-question',
      );
      assert.ok(asked.questions[0]);
      await answer(world.engine, asked.questions[0], 'replace');
      assert.equal((await end(world, view.id)).state, 'done');
      assert.equal(statSync(join(folderOf(world), NAME)).size, size);
      assert.deepEqual(readdirSync(folderOf(world)), [NAME], 'and no temporary is left');
    });

  test('an answer applies to the file that was shown, not to a newer one', async (t) => {
    const world = begin(t);
    const source = world.local(NAME, 3 * MIB);
    world.onPhone(`Download/${NAME}`, 5);
    await world.start();
    const view = await asking(world, source);
    await world.phone.touchFile(`/Download/${NAME}`, THEIRS);
    const item = world.store.items(view.id, { offset: 0, limit: 1 }).items[0];
    assert.ok(item);
    await answer(world.engine, item, 'replace');
    assert.equal((await end(world, view.id)).counts.asking, 1);
    assert.equal(readFileSync(join(folderOf(world), NAME), 'utf8'), THEIRS);
  });

  test('answering skip after the copy is complete leaves nothing behind', async (t) => {
    const world = begin(t, slow);
    const transfer = await underWay(world, { onConflict: 'ask' });
    await world.phone.touchFile(`/Download/${NAME}`, THEIRS);
    const view = await end(world, transfer);
    const item = world.store.items(view.id, { offset: 0, limit: 1 }).items[0];
    assert.ok(item);
    await answer(world.engine, item, 'skip');
    await until(() => readdirSync(folderOf(world)).length === 1);
    assert.deepEqual(contents(world), { [NAME]: THEIRS });
  });
});

for (const kind of ['file', 'folder'] as const)
  test(`a small upload never takes the place of a ${kind} that no event told of`, async (t: TestContext) => {
    const world = begin(t);
    const source = world.local('photo.jpg', 3 * MIB);
    mkdirSync(folderOf(world));
    await world.start();
    await world.engine.entries(world.place('/Download'));
    const path = join(folderOf(world), 'photo.jpg');
    if (kind === 'file') writeFileSync(path, THEIRS);
    else mkdirSync(path);
    const { transfer } = await world.engine.enqueue({
      direction: 'upload',
      sources: [source],
      to: world.place('/Download'),
      options: { onConflict: 'skip' },
    });
    assert.equal((await world.engine.settled(transfer, { waitMs: 500 })).counts.skipped, 1);
    await world.engine.stop();
    assert.ok(existsSync(path));
    if (kind === 'file') assert.equal(readFileSync(path, 'utf8'), THEIRS);
  });

for (const size of [3_000, 3 * MIB])
  test(`an app that writes to each copy as it comes: it keeps them, and the file is not sent for ever (${size} bytes)`, async (t) => {
    const world = begin(t);
    const source = world.local('photo.jpg', size);
    await world.start();
    const folder = join(world.phoneFolder, 'Download');
    const written = new Set<string>();
    world.phone.onOperation((operation) => {
      if (operation === Operation.SendObjectInfo || operation === Operation.SendObject || !existsSync(folder)) return;
      for (const name of readdirSync(folder)) {
        if (!written.has(name)) appendFileSync(join(folder, name), "the app's own");
        written.add(name);
      }
    });
    const view = await world.push([source], '/Download');
    assert.deepEqual([view.state, view.problem?.kind], ['failed', 'mismatch'], JSON.stringify([view, world.log]));
    assert.equal(readdirSync(folder).length, 3);
    for (const name of readdirSync(folder))
      assert.ok(readFileSync(join(folder, name), 'latin1').endsWith("the app's own"), name);
  });

test('a copy that got its name and was edited before the answer came is not written to', async (t) => {
  const world = begin(t);
  const source = world.local(NAME, 24 * MIB);
  mkdirSync(folderOf(world));
  await world.start();
  world.faults('unplug@op=SetObjectPropValue:1:response');
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [source],
    to: world.place('/Download'),
    options: { onConflict: 'skip', verify: 'full' },
  });
  await until(() => world.engine.devices.every(({ state }) => state.kind === 'gone'));
  const path = join(folderOf(world), NAME);
  const edited = readFileSync(path);
  edited.write('edited on the phone', 5 * MIB + 123);
  writeFileSync(path, edited);
  world.phone.plug();
  assert.equal((await end(world, transfer)).counts.skipped, 1);
  assert.ok(readFileSync(path).equals(edited));
  assert.deepEqual(readdirSync(folderOf(world)), [NAME]);
});

const HOUR_MS = 3_600_000;

/** Sends a small file that was written `hours` ago; once it is there its copy gets these bytes, and the date of the source. */
async function rewritten(t: TestContext, hours: number, bytes: Buffer): Promise<{ source: LocalPath; copy: string }> {
  const world = begin(t);
  const written = Math.floor(Date.now() / 1000) * 1000 - hours * HOUR_MS;
  const source = world.local('note.txt', bytes.byteLength, written);
  mkdirSync(join(world.phoneFolder, 'Download'));
  const copy = join(world.phoneFolder, 'Download/note.txt');
  await world.start();
  let isSent = false;
  let isRewritten = false;
  world.phone.onOperation((operation) => {
    if (isSent && !isRewritten) {
      isRewritten = true;
      writeFileSync(copy, bytes);
      utimesSync(copy, written / 1000, written / 1000);
    }
    isSent ||= operation === Operation.SendObject;
  });
  await world.push([source], '/Download', { verify: 'full' });
  assert.ok(isRewritten);
  return { source, copy };
}

for (const [what, hours] of [
  ['in the moment in which its source was', 0],
  ['on a phone whose clock is as many hours behind as its source is old', 13],
] as const)
  test(`a copy that is written to ${what}, before it is compared: what was written stays`, async (t) => {
    const theirs = Buffer.alloc(3_000, 'theirs ');
    const { copy } = await rewritten(t, hours, theirs);
    assert.ok(readFileSync(copy).equals(theirs));
  });

test('a copy of an old file that goes bad without a new date is sent again', async (t) => {
  const { source, copy } = await rewritten(t, 48, Buffer.alloc(3_000));
  assert.ok(readFileSync(copy).equals(readFileSync(source)));
});
