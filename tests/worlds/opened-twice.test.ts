import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { Operation } from '../../electron/mtp/wire/index.ts';
import type { CopyId } from '../../shared/opening.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { begin, edited, write } from './opened-world.ts';
import { until } from './until.ts';
import type { World } from './world.ts';

/** One file that is opened, or saved back, twice at once: one copy, and saves that follow one another without a question. */

const WHEN = Date.UTC(2024, 1, 2);
const FOLLOWED_MS = 10_000;

const look = (world: World): Promise<void> => world.engine.opening.edited.look();
/** A world with one file, `there`, and a copy of it that can be edited. */
async function begun(t: TestContext) {
  const world = begin(t);
  const there = world.onPhone('a.txt', 2_000, WHEN);
  await world.start();
  return { world, there, ...(await edited(world, '/a.txt')) };
}
/** Another save follows the first one, without a question, and brings the second edit. */
async function follows(world: World, first: string, there: string): Promise<void> {
  await look(world);
  // one who has looked at the start may be at it
  const others = (): readonly TransferView[] => world.engine.transfers().filter(({ id }) => id !== first);
  await until(() => others().length > 0, 'it follows');
  const [next] = others();
  assert.ok(next !== undefined);
  const view = await world.engine.settled(next.id, { waitMs: FOLLOWED_MS });
  assert.deepEqual([view.state, view.questions], ['done', []]);
  assert.equal(readFileSync(there, 'utf8'), 'second, longer edit');
}
const saveBack = async (world: World, copy: CopyId) => (await world.engine.execute('saveBack', { copy })).transfer;

test('a file that is opened twice at once has one copy', async (t) => {
  const world = begin(t);
  world.onPhone('a.txt', 2_000, WHEN);
  await world.start();
  const [one, other] = await Promise.all([edited(world, '/a.txt'), edited(world, '/a.txt')]);
  assert.equal(one.copy, other.copy);
  assert.equal(readdirSync(world.copies).length, 1);
});

test('a save that is asked for twice at once is one transfer', async (t) => {
  const { world, there, copy, path } = await begun(t);
  write(path, 'edited');
  const [one, other] = await Promise.all([saveBack(world, copy), saveBack(world, copy)]);
  assert.equal(one, other);
  const view = await world.engine.settled(one, { waitMs: FOLLOWED_MS });
  assert.deepEqual([view.state, view.questions], ['done', []]);
  await look(world);
  assert.equal(world.engine.transfers().length, 1);
  assert.equal(readFileSync(there, 'utf8'), 'edited');
});

test('a save right after one has ended, and before anybody has noted its end, replaces what that one has made', async (t) => {
  const { world, there, copy, path } = await begun(t);
  for (const text of ['first edit', 'second, longer edit']) {
    write(path, text);
    const view = await world.engine.settled(await saveBack(world, copy), { waitMs: FOLLOWED_MS });
    assert.deepEqual([view.state, view.questions], ['done', []]);
    assert.equal(readFileSync(there, 'utf8'), text);
  }
});

/** Saves, edits and saves again while the first copy gets its name on the phone; answers both transfers. */
async function savedMeanwhile(world: World, copy: CopyId, path: string): Promise<readonly [string, string]> {
  let second: Promise<string> | undefined;
  world.phone.onOperation(async (operation) => {
    // the name of the new file: what was sent was compared before that
    if (operation !== Operation.SetObjectPropValue || second !== undefined) return;
    write(path, 'second, longer edit');
    second = saveBack(world, copy);
    await second;
  });
  write(path, 'first edit');
  const first = await saveBack(world, copy);
  assert.equal((await world.engine.settled(first, { waitMs: FOLLOWED_MS })).state, 'done');
  assert.ok(second !== undefined, 'it was named');
  return [first, await second];
}

test('what is saved while a save is under way follows it, without a question', async (t) => {
  const { world, there, copy, path } = await begun(t);
  const [first, second] = await savedMeanwhile(world, copy, path);
  assert.equal(second, first, 'the one under way');
  assert.equal(readFileSync(there, 'utf8'), 'first edit');
  await follows(world, first, there);
  assert.deepEqual(readdirSync(world.phoneFolder), ['a.txt']);
  await look(world);
  await look(world);
  assert.equal(world.engine.transfers().length, 2, 'nothing is left to follow');
});

test('what was to follow a save follows it after a restart, too', async (t) => {
  const { world, there, copy, path } = await begun(t);
  const [first] = await savedMeanwhile(world, copy, path);
  await world.restart();
  await world.start();
  world.engine.opening.edited.close();
  await follows(world, first, there);
});

test('a save that follows another asks where somebody has changed the phone’s file in between', async (t) => {
  const { world, there, copy, path } = await begun(t);
  const [first] = await savedMeanwhile(world, copy, path);
  write(there, 'somebody’s');
  await world.engine.execute('refresh', { place: world.place('/') });
  const asked = new Promise<TransferView>((resolve) => {
    world.engine.onNotice((notice) => notice.kind === 'question' && resolve(notice.transfer));
  });
  await look(world);
  const { id, questions } = await asked;
  assert.notEqual(id, first);
  assert.equal(questions[0]?.question?.kind, 'conflict');
  assert.equal(readFileSync(there, 'utf8'), 'somebody’s');
});

test('nothing follows a save that a person has cancelled', async (t) => {
  const { world, copy, path } = await begun(t);
  write(path, 'first edit');
  await world.phone.unplug();
  const transfer = await saveBack(world, copy);
  write(path, 'second, longer edit');
  assert.equal(await saveBack(world, copy), transfer);
  await world.engine.execute('cancel', { transfer });
  await world.engine.settled(transfer, { waitMs: FOLLOWED_MS });
  await look(world);
  await look(world);
  assert.equal(world.engine.transfers().length, 1);
  assert.ok(existsSync(path));
  assert.equal(world.engine.opening.snapshot().copies[0]?.changed, true, 'it is offered again');
});
