import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { answer } from '../support/answer.ts';
import { localPath, type NameRule, type TransferId } from '../../shared/domain.ts';
import type { AnswerChoice } from '../../shared/snapshots.ts';
import { begin, digestFile, type World } from './world.ts';

/** Names that the computer’s disk cannot hold, under each rule; tested with the rules of Windows. */

const NAME = 'a:b?.jpg';
const LEGAL = 'a：b？.jpg';

async function pull(
  t: TestContext,
  onName: NameRule,
  names: readonly string[] = [NAME, 'fine.jpg'],
): Promise<{ world: World; transfer: TransferId }> {
  const world = begin(t, {}, { platform: 'win32' });
  for (const name of names) world.onPhone(`DCIM/${name}`, 1000);
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'download',
    sources: [world.place('/DCIM')],
    to: localPath(join(world.here, 'in')),
    options: { onConflict: 'skip', onName },
  });
  return { world, transfer };
}

const saved = (world: World): readonly string[] => readdirSync(join(world.here, 'in', 'DCIM')).sort();

async function questions(world: World, transfer: TransferId, count: number) {
  for (let looks = 0; looks < 2000; looks += 1) {
    const { questions: all } = world.engine.view(transfer);
    if (all.length === count) return all;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return assert.fail(JSON.stringify([world.engine.view(transfer), world.log]));
}

describe('a name that the disk cannot hold', () => {
  test('legal: it is saved under the nearest legal name, which is reported', async (t) => {
    const { world, transfer } = await pull(t, 'legal');
    const view = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    assert.deepEqual(saved(world), [LEGAL, 'fine.jpg'].sort());
  });

  test('fail: it fails with the legal name as the remedy, and the others continue', async (t) => {
    const { world, transfer } = await pull(t, 'fail');
    const view = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.deepEqual([view.counts.failed, view.counts.moved.files], [1, 1], JSON.stringify([view, world.log]));
    const failed = world.store.itemsIn(transfer, ['failed'], 10);
    assert.equal(failed.length, 1);
    const [item] = failed;
    assert.ok(item?.state.kind === 'failed');
    assert.deepEqual(
      [item.state.problem.kind, item.state.problem.subject, item.state.problem.fix],
      ['local-bad-name', NAME, LEGAL],
    );
    assert.deepEqual(saved(world), ['fine.jpg']);
  });

  const ANSWERS: readonly (readonly [AnswerChoice, readonly string[]])[] = [
    ['use-legal-name', [LEGAL, 'fine.jpg']],
    ['skip', ['fine.jpg']],
    ['cancel', ['fine.jpg']],
  ];
  for (const [choice, names] of ANSWERS)
    test(`ask: the question blocks nothing else; “${choice}” is carried out`, async (t) => {
      const { world, transfer } = await pull(t, 'ask');
      const [item] = await questions(world, transfer, 1);
      assert.ok(item?.question?.kind === 'name');
      assert.deepEqual([item.question.name, item.question.legal], [NAME, LEGAL]);
      await answer(world.engine, item, choice);
      await world.engine.settled(transfer, { waitMs: 10_000 });
      assert.deepEqual(saved(world), [...names].sort());
      if (choice === 'use-legal-name')
        assert.equal(
          await digestFile(join(world.here, 'in/DCIM', LEGAL)),
          await digestFile(join(world.phoneFolder, 'DCIM', NAME)),
        );
    });

  test('ask: one answer for all, also after a restart', async (t) => {
    const { world, transfer } = await pull(t, 'ask', ['1:.jpg', '2:.jpg', '3:.jpg']);
    await questions(world, transfer, 3);
    await world.restart();
    await world.start();
    const [item] = await questions(world, transfer, 3);
    assert.ok(item !== undefined);
    await answer(world.engine, item, 'use-legal-name', true);
    const view = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    assert.deepEqual(saved(world), ['1：.jpg', '2：.jpg', '3：.jpg']);
  });

  test('ask: the legal name is taken: the conflict is asked about next, the name not again', async (t) => {
    const world = begin(t, {}, { platform: 'win32' });
    world.onPhone(`DCIM/${NAME}`, 1000);
    world.local(`in/${LEGAL}`, 7);
    await world.start();
    const { transfer } = await world.engine.enqueue({
      direction: 'download',
      sources: [world.place(`/DCIM/${NAME}`)],
      to: localPath(join(world.here, 'in')),
      options: { onConflict: 'ask', onName: 'ask' },
    });
    const [name] = await questions(world, transfer, 1);
    assert.equal(name?.question?.kind, 'name');
    await answer(world.engine, name, 'use-legal-name');
    for (;;) {
      const [conflict] = await questions(world, transfer, 1);
      if (conflict?.question?.kind !== 'conflict') continue;
      await answer(world.engine, conflict, 'keep-both');
      break;
    }
    const view = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    assert.ok(existsSync(join(world.here, 'in', 'a：b？ (2).jpg')));
  });

  test('names that collide on the disk are numbered without a question', async (t) => {
    const { world, transfer } = await pull(t, 'fail', ['x.jpg', 'X.jpg']);
    const view = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.equal(view.counts.moved.files, 2, JSON.stringify([view, world.log]));
  });

  test('a folder is saved under the nearest legal name', async (t) => {
    const { world, transfer } = await pull(t, 'fail', ['d:1/x.jpg']);
    const view = await world.engine.settled(transfer, { waitMs: 10_000 });
    assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
    assert.deepEqual(saved(world), ['d：1']);
  });
});
