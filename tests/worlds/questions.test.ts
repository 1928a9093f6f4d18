import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { localPath, type TransferId } from '../../shared/domain.ts';
import { isPhoneError } from '../../shared/errors.ts';
import type { ItemView } from '../../shared/snapshots.ts';
import { answer } from '../support/answer.ts';
import { begin, type World } from './world.ts';

/** A question changes while people look at it, or two windows show it: an answer counts for what was shown, and nothing else. */

const isOther = (error: unknown): boolean => isPhoneError(error) && error.problem.fault?.id === 'other-question';

interface Asked {
  readonly world: World;
  readonly transfer: TransferId;
  readonly target: string;
  readonly notices: string[];
}

/** A download that asks, since a file has its name. */
async function asking(t: TestContext): Promise<Asked> {
  const world = begin(t);
  world.onPhone('Download/photo.jpg', 5_000);
  const target = world.local('photo.jpg', 900);
  await world.start();
  const notices: string[] = [];
  world.engine.onNotice(({ kind }) => void notices.push(kind));
  const { transfer } = await world.engine.enqueue({
    direction: 'download',
    sources: [world.place('/Download/photo.jpg')],
    to: localPath(world.here),
    options: { onConflict: 'ask' },
  });
  return { world, transfer, target, notices };
}

/** The question of the transfer, once it asks another one than `before`. */
async function question({ world, transfer }: Asked, before?: ItemView): Promise<ItemView> {
  for (;;) {
    const [first] = world.engine.view(transfer).questions;
    if (first?.question !== undefined && first.question.id !== before?.question?.id) return first;
    assert.equal(world.engine.view(transfer).finishedAt, undefined, 'it asks');
    await sleep(1);
  }
}

test('an answer of another window, which still shows the older question, replaces nothing', async (t) => {
  const asked = await asking(t);
  const { world, transfer, target } = asked;
  const shown = await question(asked);
  world.local('photo.jpg', 901);
  const edited = readFileSync(target);
  await answer(world.engine, shown, 'replace');
  const again = await question(asked, shown);
  await assert.rejects(answer(world.engine, shown, 'replace'), isOther);
  await assert.rejects(answer(world.engine, shown, 'keep-both', true), isOther);
  assert.equal(world.engine.view(transfer).counts.asking, 1, 'it still asks');
  assert.deepEqual(readFileSync(target), edited);
  assert.equal(world.store.transfer(transfer)?.conflictAnswer, undefined, 'and nothing is answered for all');
  await answer(world.engine, again, 'replace');
  assert.equal((await world.engine.settled(transfer, { waitMs: 10_000 })).state, 'done');
  assert.equal(statSync(target).size, 5_000);
});

test('a person is told again when the same file asks another question', async (t) => {
  const asked = await asking(t);
  const shown = await question(asked);
  asked.world.local('photo.jpg', 901);
  await answer(asked.world.engine, shown, 'replace');
  await question(asked, shown);
  while (asked.notices.filter((kind) => kind === 'question').length < 2) await sleep(1);
});

test('the same question stays the same over a restart', async (t) => {
  const asked = await asking(t);
  const shown = await question(asked);
  await asked.world.restart();
  await asked.world.start();
  assert.deepEqual((await question(asked)).question, shown.question);
  await answer(asked.world.engine, shown, 'skip');
  assert.equal((await asked.world.engine.settled(asked.transfer, { waitMs: 10_000 })).state, 'done');
});
