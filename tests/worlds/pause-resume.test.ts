import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { QuirkName } from '../../electron/virtual/index.ts';
import { answer } from '../support/answer.ts';
import { nodeDisk, type Disk } from '../../electron/engine/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { localPath } from '../../shared/domain.ts';
import type { ItemView } from '../../shared/snapshots.ts';
import { begin, digestFile } from './world.ts';

/** Pause and immediate resume at every step: nothing may be lost, repeated or failed. */

const MIB = 1024 * 1024;
/** Reading back doubles what is moved: moments in the first half are while moving, later ones while verifying. */
const MOMENTS = [0, 0.6, 1.02, 1.3, 1.8];

for (const direction of ['upload', 'download'] as const)
  test(`${direction}: pause and immediate resume, while transferring and while verifying every byte`, async (t) => {
    const size = 20 * MIB;
    const world = begin(t, { rate: 60 * MIB });
    mkdirSync(join(world.phoneFolder, 'Download'));
    const names = MOMENTS.map((moment) => `film-${moment}.bin`);
    for (const name of names)
      if (direction === 'upload') world.local(name, size);
      else world.onPhone(`Download/${name}`, size);
    await world.start();
    for (const [index, moment] of MOMENTS.entries()) {
      const name = names[index] as string;
      const local = localPath(join(world.here, direction === 'upload' ? '' : 'back', name));
      const options = { onConflict: 'keep-both', verify: 'full' } as const;
      const until = world.phone.bytesMoved + moment * size;
      const { transfer } = await world.engine.enqueue(
        direction === 'upload'
          ? { direction, sources: [local], to: world.place('/Download'), options }
          : {
              direction,
              sources: [world.place(`/Download/${name}`)],
              to: localPath(join(world.here, 'back')),
              options,
            },
      );
      while (world.phone.bytesMoved < until && !['done', 'failed'].includes(world.engine.view(transfer).state))
        await sleep(1);
      for (let round = 0; round < 3; round += 1) {
        await world.engine.execute('pause', { transfer });
        if (round === 1) await sleep(3);
        await world.engine.execute('resume', { transfer });
      }
      const view = await world.engine.settled(transfer, { waitMs: 10_000 });
      assert.equal(view.state, 'done', `paused after ${moment} of it: ${JSON.stringify(view.problem)}`);
      assert.equal(await digestFile(join(world.phoneFolder, 'Download', name)), await digestFile(local));
    }
  });

/** What is at the target is looked at, and the person pauses before the question about it comes. */
test('a question that a pause came before is no answer: what is there stays, and the question comes again', async (t) => {
  for (const direction of ['download', 'upload'] as const) {
    let onLook = (): void => undefined;
    const disk: Disk = {
      ...nodeDisk,
      lstat: async (at) => {
        const found = await nodeDisk.lstat(at);
        if (direction === 'download' && at.endsWith('photo.jpg')) onLook();
        return found;
      },
    };
    const world = begin(t, {}, { disk });
    world.phone.onOperation((operation) => {
      if (direction === 'upload' && operation === Operation.GetObjectPropList) onLook();
    });
    const [source, target] =
      direction === 'upload'
        ? [world.local('photo.jpg', 5_000), world.onPhone('Download/photo.jpg', 900)]
        : [world.onPhone('Download/photo.jpg', 5_000), world.local('photo.jpg', 900)];
    const before = await digestFile(target);
    await world.start();
    const { transfer: id } = await world.engine.enqueue(
      direction === 'upload'
        ? { direction, sources: [localPath(source)], to: world.place('/Download'), options: { onConflict: 'ask' } }
        : {
            direction,
            sources: [world.place('/Download/photo.jpg')],
            to: localPath(world.here),
            options: { onConflict: 'ask' },
          },
    );
    let paused: Promise<unknown> | undefined;
    onLook = () => {
      paused ??= world.engine.execute('pause', { transfer: id });
    };
    while (paused === undefined && world.engine.view(id).questions.length === 0) await sleep(1);
    await paused;
    while (world.engine.view(id).state !== 'paused') await sleep(1);
    onLook = () => undefined;
    await world.engine.execute('resume', { transfer: id });
    while (world.engine.view(id).questions.length === 0 && world.engine.view(id).finishedAt === undefined)
      await sleep(1);
    assert.equal(await digestFile(target), before, direction);
    const [question] = world.engine.view(id).questions;
    assert.ok(question !== undefined, `${direction}: it asks`);
    await answer(world.engine, question, 'replace');
    assert.equal((await world.engine.settled(id, { waitMs: 10_000 })).state, 'done');
    assert.equal(await digestFile(target), await digestFile(source), 'once a person has said so');
  }
});

test('an answer is about the file that was shown: another one under its name is asked about again', async (t) => {
  const world = begin(t);
  world.onPhone('Download/photo.jpg', 5_000);
  const target = world.local('photo.jpg', 900);
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'download',
    sources: [world.place('/Download/photo.jpg')],
    to: localPath(world.here),
    options: { onConflict: 'ask' },
  });
  const question = async (): Promise<ItemView> => {
    for (;;) {
      const [first] = world.engine.view(transfer).questions;
      if (first !== undefined) return first;
      assert.equal(world.engine.view(transfer).finishedAt, undefined, 'it asks');
      await sleep(1);
    }
  };
  const item = await question();
  world.local('photo.jpg', 901);
  const other = await digestFile(target);
  await answer(world.engine, item, 'replace');
  await sleep(1);
  await question();
  assert.equal(await digestFile(target), other);
});

test('a card that goes when an upload to it is taken up again: it goes on from what is there', async (t) => {
  const sd = mkdtempSync(join(tmpdir(), 'replug-sd-'));
  t.after(() => rmSync(sd, { recursive: true, force: true }));
  mkdirSync(join(sd, 'Films'));
  const world = begin(t, { rate: 40 * MIB, sdDirectory: sd, capacity: 64e9, sdCapacity: 32e9 });
  const source = world.local('film.bin', 40 * MIB);
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [source],
    to: world.place('/Films', 1),
    options: { onConflict: 'skip' },
  });
  const view = (): ReturnType<typeof world.engine.view> => world.engine.view(transfer);
  while (view().bytesConfirmed < 16 * MIB) await sleep(1);
  await world.engine.execute('pause', { transfer });
  while (view().counts.paused === 0) await sleep(1);
  let isOut = false;
  world.phone.onOperation((operation) => {
    if (operation !== Operation.BeginEditObject || isOut) return;
    isOut = true;
    world.phone.removeStorage(1);
  });
  await world.engine.execute('resume', { transfer });
  while (view().waitingFor?.kind !== 'storage') await sleep(1);
  world.phone.insertStorage(1);
  assert.equal((await world.engine.settled(transfer, { waitMs: 20_000 })).state, 'done', world.log.join('\n'));
  assert.equal(view().bytesResent, 0);
  assert.deepEqual(readdirSync(join(sd, 'Films')), ['film.bin']);
});

test('what was sent of an upload and cannot be deleted when that begins anew goes at a later plug', async (t) => {
  // as they are at each plug
  const quirks: [QuirkName, number][] = [];
  const world = begin(t, { rate: 40 * MIB, quirks });
  mkdirSync(join(world.phoneFolder, 'Download'));
  const source = world.local('film.bin', 40 * MIB);
  await world.start();
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [source],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  });
  const view = (): ReturnType<typeof world.engine.view> => world.engine.view(transfer);
  while (view().bytesConfirmed < 16 * MIB) await sleep(1);
  await world.engine.execute('pause', { transfer });
  while (view().counts.paused === 0) await sleep(1);
  const there = (): readonly string[] => readdirSync(join(world.phoneFolder, 'Download')).sort();
  const [begun = ''] = there();
  await world.phone.unplug();
  quirks.push(['edit-refused', 1], ['idle-delete', 1]);
  world.phone.plug();
  await world.engine.execute('resume', { transfer });
  assert.equal((await world.engine.settled(transfer, { waitMs: 20_000 })).state, 'done', world.log.join('\n'));
  assert.deepEqual(there(), ['film.bin', begun]);
  await world.phone.unplug();
  quirks.length = 0;
  world.phone.plug();
  const limit = AbortSignal.timeout(20_000);
  while (there().length > 1 && !limit.aborted) await sleep(20);
  assert.deepEqual(there(), ['film.bin']);
});
