import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { MemorySyncStore } from '../../electron/store/index.ts';
import { Sync } from '../../electron/sync/index.ts';
import { VirtualPhone, type VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import { localPath, phonePath, type PhonePlace } from '../../shared/domain.ts';
import { spaceOf, usedShare } from '../../shared/storages.ts';
import { begin, digestFile, writeFile, type World } from './world.ts';

const MIB = 1024 * 1024;

async function until(what: () => boolean, why: string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(why);
}

const storages = (world: World): readonly string[] => world.engine.devices[0]?.storages.map(({ name }) => name) ?? [];

/** A world whose phone has a second storage at `sd`. */
function withCard(
  t: TestContext,
  options: Partial<VirtualPhoneOptions> = {},
): { world: World; sd: string; phone: (more?: Partial<VirtualPhoneOptions>) => VirtualPhone } {
  const world = begin(t, { capacity: 64e9 });
  const sd = join(world.folder, 'sd');
  mkdirSync(join(sd, 'Films'), { recursive: true });
  const phone = (more: Partial<VirtualPhoneOptions> = {}): VirtualPhone =>
    new VirtualPhone({
      directory: world.phoneFolder,
      sdDirectory: sd,
      capacity: 64e9,
      sdCapacity: 32e9,
      serial: 'WORLD1',
      name: 'World phone',
      ...options,
      ...more,
    });
  world.phone = phone();
  world.usePhone();
  return { world, sd, phone };
}

async function replaced(world: World, phone: VirtualPhone): Promise<void> {
  await world.engine.stop();
  world.phone = phone;
  world.usePhone();
  await world.engine.start();
}

async function upload(world: World, to: PhonePlace, ...sizes: readonly number[]) {
  const sources = sizes.map((size, index) => world.local(`film${index}.bin`, size));
  return (await world.engine.enqueue({ direction: 'upload', sources, to, options: { onConflict: 'skip' } })).transfer;
}

async function assertSame(world: World, folder: string, ...names: readonly string[]): Promise<void> {
  assert.deepEqual(readdirSync(folder).sort(), names);
  for (const name of names)
    assert.equal(await digestFile(join(folder, name)), await digestFile(join(world.here, name)), name);
}

/** Does `what` once some of the upload has been confirmed. */
function midway(world: World, bytes: number, what: () => void): void {
  let isDone = false;
  world.phone.onOperation(() => {
    if (isDone || world.phone.bytesMoved < bytes) return;
    isDone = true;
    what();
  });
}

test('a transfer resumes when its card returns under another id', async (t) => {
  const { world, sd } = withCard(t);
  await world.start();
  const place = world.place('/Films', 1);
  midway(world, 20 * MIB, () => {
    world.phone.removeStorage(1);
    setTimeout(() => world.phone.insertStorage(1), 700);
  });
  const transfer = await upload(world, place, 40 * MIB, 1000, 2000);
  assert.equal((await world.engine.settled(transfer, { waitMs: 10_000 })).state, 'done', world.log.join('\n'));
  await assertSame(world, join(sd, 'Films'), 'film0.bin', 'film1.bin', 'film2.bin');
  assert.equal(existsSync(join(world.phoneFolder, 'Films')), false);
});

test('after a short lock the transfer resumes and the phone can be browsed', async (t) => {
  const { world, sd } = withCard(t);
  await world.start();
  const place = world.place('/Films', 1);
  midway(world, 20 * MIB, () => {
    world.phone.lock();
    setTimeout(() => world.phone.unlock(), 3000);
  });
  const transfer = await upload(world, place, 40 * MIB, ...Array.from({ length: 20 }, (_, index) => 1000 + index));
  await until(() => world.engine.devices[0]?.state.kind === 'locked', 'it is not shown as locked');
  assert.deepEqual(storages(world), []);
  const view = await world.engine.settled(transfer, { waitMs: 10_000 });
  assert.equal(view.state, 'done', world.log.join('\n'));
  assert.equal(readdirSync(join(sd, 'Films')).length, 21);
  const { entries } = await world.engine.entries(place);
  assert.equal(entries.length, 21);
});

test('a download resumes when its card returns; one planned without the card waits', async (t) => {
  const { world, sd } = withCard(t);
  const film = writeFile(join(sd, 'Films/film.bin'), 40 * MIB);
  await world.start();
  const place = world.place('/Films/film.bin', 1);
  midway(world, 20 * MIB, () => {
    world.phone.removeStorage(1);
    setTimeout(() => world.phone.insertStorage(1), 700);
  });
  const download = (to: string) =>
    world.engine.enqueue({
      direction: 'download',
      sources: [place],
      to: localPath(join(world.here, to)),
      options: { onConflict: 'skip' },
    });
  const { transfer } = await download('one');
  assert.equal((await world.engine.settled(transfer, { waitMs: 10_000 })).state, 'done', world.log.join('\n'));
  assert.equal(await digestFile(join(world.here, 'one/film.bin')), await digestFile(film));

  world.phone.removeStorage(1);
  await until(() => storages(world).length === 1, 'the card is still shown');
  const { transfer: second } = await download('two');
  const waiting = await world.engine.settled(second, { waitMs: 300 });
  assert.equal(waiting.state, 'waiting');
  assert.deepEqual(waiting.waitingFor, { kind: 'storage', name: 'SD card' });
  world.phone.insertStorage(1);
  assert.equal((await world.engine.settled(second, { waitMs: 10_000 })).state, 'done', world.log.join('\n'));
});

test('a card that mounts late after the phone restarts is waited for', async (t) => {
  const { world, sd, phone } = withCard(t);
  await world.start();
  const place = world.place('/Films', 1);
  world.faults(`unplug@bytes=${20 * MIB}`);
  const transfer = await upload(world, place, 40 * MIB, 1000);
  await world.engine.settled(transfer, { waitMs: 300 });
  await replaced(world, phone({ sdAfterMs: 1500 }));
  await until(() => world.engine.devices[0]?.state.kind === 'ready', 'it did not come back');
  await until(() => world.engine.view(transfer).waitingFor?.kind === 'storage', 'it does not wait for the card');
  assert.deepEqual(storages(world), ['Internal shared storage']);
  assert.equal((await world.engine.settled(transfer, { waitMs: 10_000 })).state, 'done', world.log.join('\n'));
  await assertSame(world, join(sd, 'Films'), 'film0.bin', 'film1.bin');
  assert.deepEqual(storages(world), ['Internal shared storage', 'SD card']);
});

test('a card inserted during a session appears, and a removed one disappears', async (t) => {
  const { world } = withCard(t);
  await world.start();
  world.phone.removeStorage(1);
  await until(() => storages(world).length === 1, 'the card is still shown');
  world.phone.insertStorage(1);
  await until(() => storages(world).length === 2, 'the card does not show');
  assert.equal((await world.engine.entries(world.place('/Films', 1))).kind, 'folder');
});

for (const [what, change] of [
  ['language', { storageName: 'Interner gemeinsamer Speicher', sdName: 'SD-Karte' }],
  ['size', { capacity: 60e9 }],
  ['language and size', { storageName: 'Interner gemeinsamer Speicher', capacity: 60e9 }],
] as const)
  test(`a storage whose ${what} has changed is the same: transfers and pairs go on`, async (t) => {
    const { world, phone } = withCard(t);
    mkdirSync(join(world.phoneFolder, 'Films'));
    world.onPhone('DCIM/a.jpg', 100);
    await world.start();
    const memory = new MemorySyncStore();
    const first = new Sync({ engine: world.engine, store: memory });
    const pair = first.addPair({
      place: world.place('/DCIM'),
      local: localPath(join(world.here, 'photos')),
      direction: 'to-computer',
    });
    assert.equal((await first.run(pair.id, { waitMs: 5_000 })).run.filesMoved, 1);
    await first.stop();
    world.faults(`unplug@bytes=${20 * MIB}`);
    const transfer = await upload(world, world.place('/Films'), 40 * MIB);
    await world.engine.settled(transfer, { waitMs: 300 });
    await replaced(world, phone(change));
    assert.equal((await world.engine.settled(transfer, { waitMs: 10_000 })).state, 'done', world.log.join('\n'));
    await assertSame(world, join(world.phoneFolder, 'Films'), 'film0.bin');
    world.onPhone('DCIM/b.jpg', 100);
    const sync = new Sync({ engine: world.engine, store: memory });
    t.after(() => sync.stop());
    const { run } = await sync.run(pair.id, { waitMs: 5_000 });
    assert.deepEqual([run.state, run.filesMoved, run.filesUnchanged], ['done', 1, 1]);
  });

test('another card in the slot is another storage: nothing meant for the first reaches it', async (t) => {
  const { world, phone } = withCard(t);
  await world.start();
  const transfer = await upload(world, world.place('/Films', 1), 40 * MIB);
  world.faults(`unplug@bytes=${20 * MIB}`);
  await world.engine.settled(transfer, { waitMs: 300 });
  const other = join(world.folder, 'other-card');
  mkdirSync(join(other, 'Films'), { recursive: true });
  await replaced(world, phone({ sdDirectory: other, sdCapacity: 64e9 }));
  const view = await world.engine.settled(transfer, { waitMs: 500 });
  assert.deepEqual(view.waitingFor, { kind: 'storage', name: 'SD card' });
  assert.deepEqual(readdirSync(join(other, 'Films')), []);
});

test('two storages alike are two: each file goes where it was meant to, also when one of them goes and comes', async (t) => {
  const { world, phone } = withCard(t);
  const twin = join(world.folder, 'twin');
  for (const folder of [world.phoneFolder, twin]) writeFile(join(folder, 'Download/a.txt'), 10);
  await replaced(world, phone({ storages: [{ directory: twin, capacity: 64e9 }] }));
  await until(() => storages(world).length === 3, 'not all storages show');
  assert.deepEqual(storages(world), ['Internal shared storage', 'SD card', 'Internal shared storage 2']);
  const keys = world.engine.devices[0]!.storages.map(({ key }) => key);
  assert.equal(new Set(keys).size, 3);
  const place = world.place('/Download', 2);
  const transfer = await upload(world, place, 1000);
  assert.equal((await world.engine.settled(transfer, { waitMs: 5_000 })).state, 'done');
  await world.engine.execute('delete', { sources: [{ ...place, path: phonePath('/Download/a.txt') }] });
  assert.deepEqual(readdirSync(join(twin, 'Download')), ['film0.bin']);
  assert.deepEqual(readdirSync(join(world.phoneFolder, 'Download')), ['a.txt']);

  // the first goes: the second stays who it is, and so it does when the first is back, as the last of the list
  world.phone.removeStorage(0);
  await until(() => storages(world).length === 2, 'the storage is still shown');
  assert.deepEqual(
    world.engine.devices[0]!.storages.map(({ key }) => key),
    [keys[1], keys[2]],
  );
  world.phone.insertStorage(0);
  await until(() => storages(world).length === 3, 'the storage does not show');
  assert.deepEqual(new Set(world.engine.devices[0]!.storages.map(({ key }) => key)), new Set(keys));
  assert.deepEqual(
    (await world.engine.entries({ ...place, path: phonePath('/Download') })).entries.map(({ name }) => name),
    ['film0.bin'],
  );
});

test('of two equal cards one alone is neither of them: what is meant for one does not reach the other', async (t) => {
  const { world, sd, phone } = withCard(t);
  const twin = join(world.folder, 'twin');
  mkdirSync(join(twin, 'Films'), { recursive: true });
  const second = { directory: twin, name: 'SD card', removable: true, capacity: 32e9 };
  await replaced(world, phone({ storages: [second] }));
  await until(() => storages(world).length === 3, 'not all storages show');
  world.faults(`unplug@bytes=${20 * MIB}`);
  const transfer = await upload(world, world.place('/Films', 2), 40 * MIB);
  await world.engine.settled(transfer, { waitMs: 300 });
  // the second card was removed meanwhile
  await replaced(world, phone());
  await until(() => storages(world).length === 2, 'the phone did not come back');
  const waiting = await world.engine.settled(transfer, { waitMs: 500 });
  assert.deepEqual(waiting.waitingFor, { kind: 'storage', name: 'SD card' });
  assert.deepEqual(readdirSync(join(sd, 'Films')), []);
  await replaced(world, phone({ storages: [second] }));
  assert.equal((await world.engine.settled(transfer, { waitMs: 10_000 })).state, 'done', world.log.join('\n'));
  await assertSame(world, join(twin, 'Films'), 'film0.bin');
  assert.deepEqual(readdirSync(join(sd, 'Films')), []);
});

/** Folder sync of a world, as the program joins the two. */
function syncOf(world: World, store: MemorySyncStore): Sync {
  const sync = new Sync({ engine: world.engine, store });
  world.engine.provideSync(
    () => sync.snapshot(),
    (device, storage) => sync.knownOn(device, storage),
  );
  return sync;
}

/** A phone with two cards alike in size and name; `phone(true)` lists them the other way round. */
async function withTwins(
  t: TestContext,
): Promise<{ world: World; cards: readonly [string, string]; phone: (reversed: boolean) => VirtualPhone }> {
  const { world, sd, phone } = withCard(t);
  const twin = join(world.folder, 'twin');
  mkdirSync(join(twin, 'Films'), { recursive: true });
  const twins = (reversed: boolean): VirtualPhone =>
    phone({
      sdDirectory: reversed ? twin : sd,
      storages: [{ directory: reversed ? sd : twin, name: 'SD card', removable: true, capacity: 32e9 }],
    });
  await replaced(world, twins(false));
  await until(() => storages(world).length === 3, 'not all storages show');
  return { world, cards: [sd, twin], phone: twins };
}

for (const reversed of [true, false])
  for (const card of [0, 1] as const) {
    const how = `the ${card === 0 ? 'first' : 'second'} of two equal cards, listed ${reversed ? 'the other way round' : 'as before'}`;

    for (const [what, sizes] of [
      ['a large file', [40 * MIB]],
      ['small files', Array.from({ length: 30 }, (_, index) => 400_000 + index)],
    ] as const)
      test(`an upload of ${what} goes on, on ${how}`, async (t) => {
        const { world, cards, phone } = await withTwins(t);
        world.faults('unplug@bytes=8000000');
        const transfer = await upload(world, world.place('/Films', card + 1), ...sizes);
        await until(() => world.engine.devices[0]?.state.kind !== 'ready', 'it is not unplugged');
        await replaced(world, phone(reversed));
        const view = await world.engine.settled(transfer, { waitMs: 10_000 });
        assert.equal(view.state, 'done', JSON.stringify([view.waitingFor, world.log]));
        assert.equal(readdirSync(join(cards[card], 'Films')).length, sizes.length);
        assert.deepEqual(readdirSync(join(cards[1 - card] ?? '', 'Films')), []);
      });

    test(`a download takes its file from ${how}`, async (t) => {
      const { world, cards, phone } = await withTwins(t);
      const film = writeFile(join(cards[card], 'Films/film.bin'), 40 * MIB);
      writeFile(join(cards[1 - card] ?? '', 'Films/film.bin'), 40 * MIB - 1);
      world.faults(`unplug@bytes=${20 * MIB}`);
      const { transfer } = await world.engine.enqueue({
        direction: 'download',
        sources: [world.place('/Films/film.bin', card + 1)],
        to: localPath(join(world.here, 'in')),
        options: { onConflict: 'skip' },
      });
      await until(() => world.engine.devices[0]?.state.kind !== 'ready', 'it is not unplugged');
      await replaced(world, phone(reversed));
      assert.equal((await world.engine.settled(transfer, { waitMs: 10_000 })).state, 'done', world.log.join('\n'));
      assert.equal(await digestFile(join(world.here, 'in/film.bin')), await digestFile(film));
    });

    test(`a pair keeps to ${how}`, async (t) => {
      const { world, cards, phone } = await withTwins(t);
      const store = new MemorySyncStore();
      const make = (): Sync => syncOf(world, store);
      const first = make();
      for (const name of ['a', 'b']) world.local(`docs/${name}.txt`, 1000);
      const pair = first.addPair({
        place: world.place('/Films', card + 1),
        local: localPath(join(world.here, 'docs')),
        direction: 'to-phone',
        deletions: 'mirror',
      });
      await first.run(pair.id, { waitMs: 5_000 });
      // nothing but the pair remembers
      for (const { id } of world.engine.transfers()) await world.engine.execute('remove', { transfer: id });
      await first.stop();
      await world.engine.stop();
      world.phone = phone(reversed);
      world.usePhone();
      const second = make();
      await world.engine.start();
      await until(() => storages(world).length === 3, 'not all storages show');
      world.local('docs/c.txt', 1000);
      const { run } = await second.run(pair.id, { waitMs: 5_000 });
      assert.deepEqual([run.state, run.filesMoved], ['done', 1], JSON.stringify(run));
      assert.deepEqual(readdirSync(join(cards[card], 'Films')).sort(), ['a.txt', 'b.txt', 'c.txt']);
      assert.deepEqual(readdirSync(join(cards[1 - card] ?? '', 'Films')), []);
      await second.stop();
    });
  }

test('two equal cards of which nothing tells which one is meant get nothing of it', async (t) => {
  const { world, cards, phone } = await withTwins(t);
  world.phone.removeStorage(2);
  await until(() => storages(world).length === 2, 'the card still shows');
  world.phone.insertStorage(2);
  await until(() => storages(world).length === 3, 'the card does not show');
  const place = world.place('/Films', 2);
  await world.engine.stop();
  world.phone = phone(true);
  world.usePhone();
  const transfer = await upload(world, place, 1000);
  await world.engine.start();
  await until(() => storages(world).length === 3, 'not all storages show');
  const { waitingFor } = await world.engine.settled(transfer, { waitMs: 500 });
  assert.deepEqual(waitingFor, { kind: 'storage', name: 'SD card' });
  for (const card of cards) assert.deepEqual(readdirSync(join(card, 'Films')), []);
});

/** Two equal cards, listed the other way round than when an upload to the second was asked for: nothing tells which is which. */
async function withUnknownTwins(
  t: TestContext,
): Promise<Awaited<ReturnType<typeof withTwins>> & { transfer: Awaited<ReturnType<typeof upload>> }> {
  const twins = await withTwins(t);
  const { world, phone } = twins;
  const place = world.place('/Films', 2);
  await world.engine.stop();
  world.phone = phone(true);
  world.usePhone();
  const transfer = await upload(world, place, 1000);
  await world.engine.start();
  await until(() => storages(world).length === 3, 'not all storages show');
  return { ...twins, transfer };
}

for (const card of [0, 1] as const)
  test(`which of two equal cards is meant is asked, and the answer goes there and nowhere else (${card})`, async (t) => {
    const { world, cards, phone, transfer } = await withUnknownTwins(t);
    assert.equal((await world.engine.settled(transfer, { waitMs: 200 })).waitingFor?.kind, 'storage');
    const [question, ...others] = world.engine.storageQuestions;
    assert.ok(question !== undefined);
    assert.deepEqual(others, []);
    assert.deepEqual([question.storageName, question.transfers], ['SD card', ['film0.bin']]);
    // listed the other way round: the first of them is the second card
    assert.deepEqual(question.candidates.map(({ name }) => name), ['SD card', 'SD card 2']); // prettier-ignore
    const { device, storage } = question;
    await world.engine.execute('identifyStorage', { device, storage, as: question.candidates[1 - card]?.key });
    assert.equal((await world.engine.settled(transfer, { waitMs: 10_000 })).state, 'done', world.log.join('\n'));
    assert.deepEqual(
      cards.map((folder) => readdirSync(join(folder, 'Films'))),
      card === 0 ? [['film0.bin'], []] : [[], ['film0.bin']],
    );
    assert.deepEqual(world.engine.storageQuestions, []);
    // remembered: what is on it tells, in whichever order they are listed next
    for (const reversed of [false, true]) {
      await replaced(world, phone(reversed));
      await until(() => storages(world).length === 3, 'not all storages show');
      const key = world.engine.devices[0]?.storages[(card === 0) !== reversed ? 1 : 2]?.key;
      assert.equal(key, world.engine.transferRow(transfer)?.storage);
      assert.deepEqual(world.engine.storageQuestions, []);
    }
  });

test('a card that is said not to be the one gets nothing, and is not asked about again until it is plugged in anew', async (t) => {
  const { world, cards, phone, transfer } = await withUnknownTwins(t);
  const [question] = world.engine.storageQuestions;
  assert.ok(question !== undefined);
  const { device, storage } = question;
  await world.engine.execute('identifyStorage', { device, storage, as: undefined });
  assert.deepEqual(world.engine.storageQuestions, []);
  assert.equal((await world.engine.settled(transfer, { waitMs: 300 })).waitingFor?.kind, 'storage');
  await replaced(world, phone(false));
  await until(() => storages(world).length === 3, 'not all storages show');
  assert.equal(world.engine.storageQuestions.length, 1);
  for (const folder of cards) assert.deepEqual(readdirSync(join(folder, 'Films')), []);
});

test('what was begun on a card of which nobody knew which it is does not reach another that is alone later', async (t) => {
  const { world, cards, phone } = await withUnknownTwins(t);
  // the phone lists the second card first: a person picks that one
  world.faults(`unplug@bytes=${20 * MIB}`);
  const transfer = await upload(world, world.place('/Films', 1), 40 * MIB);
  await until(() => world.engine.devices[0]?.state.kind !== 'ready', 'it is not unplugged');
  const [first] = cards;
  await replaced(world, phone(false));
  world.phone.removeStorage(2);
  await until(() => storages(world).length === 2, 'the card still shows');
  await world.engine.settled(transfer, { waitMs: 500 });
  assert.deepEqual(readdirSync(join(first, 'Films')), []);
});

test('a pair waits for the answer as transfers do, and goes on with the card that was named', async (t) => {
  const { world, cards, phone } = await withTwins(t);
  const store = new MemorySyncStore();
  const make = (): Sync => syncOf(world, store);
  const first = make();
  world.local('docs/a.txt', 1000);
  const pair = first.addPair({
    place: world.place('/Films', 2),
    local: localPath(join(world.here, 'docs')),
    direction: 'to-phone',
  });
  await first.stop();
  await world.engine.stop();
  world.phone = phone(true);
  world.usePhone();
  const second = make();
  await world.engine.start();
  await until(() => storages(world).length === 3, 'not all storages show');
  const [question] = world.engine.storageQuestions;
  assert.deepEqual(question?.pairs, [pair.name]);
  const { device, storage } = question;
  await world.engine.execute('identifyStorage', { device, storage, as: question.candidates[0]?.key });
  const { run } = await second.run(pair.id, { waitMs: 5_000 });
  assert.deepEqual([run.state, run.filesMoved], ['done', 1], JSON.stringify(run));
  assert.deepEqual(
    cards.map((folder) => readdirSync(join(folder, 'Films'))),
    [[], ['a.txt']],
  );
  await second.stop();
});

test('what another app does elsewhere on the phone costs no listing again; where it does something, one', async (t) => {
  const { world } = withCard(t);
  for (const folder of ['here', 'there']) mkdirSync(join(world.phoneFolder, folder));
  for (let number = 0; number < 20; number += 1) world.onPhone(`here/${number}.txt`, 10);
  await world.start();
  const names = async (path: string): Promise<number> => {
    const { agreement: _, files } = await world.engine.execute('measure', { sources: [world.place(path)] });
    return files;
  };
  assert.deepEqual([await names('/here'), await names('/there')], [20, 0]);
  const listings = (): number => world.phone.timesSeen(Operation.GetObjectHandles);
  const before = listings();
  await world.phone.touchFile('/there/new.txt', 'x');
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(await names('/here'), 20);
  assert.equal(listings(), before, 'a folder that nothing happened in was listed again');
  assert.equal(await names('/there'), 1);
  await world.phone.touchRemove('/there/new.txt');
  await world.phone.touchFile('/here/20.txt', 'x');
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.deepEqual([await names('/here'), await names('/there')], [21, 0]);
});

test('unknown free space is not shown as a number', () => {
  const all = Number.MAX_SAFE_INTEGER;
  assert.equal(spaceOf({ free: 5, capacity: 10 }), '5 bytes free of 10 bytes');
  assert.equal(spaceOf({ free: 5, capacity: 0 }), '5 bytes free');
  assert.equal(spaceOf({ free: 5, capacity: all }), '5 bytes free');
  assert.equal(spaceOf({ free: all, capacity: 10 }), 'free space unknown, of 10 bytes');
  assert.equal(spaceOf({ free: 0, capacity: 0 }), 'free space unknown');
  assert.equal(spaceOf({ free: 20, capacity: 10 }), 'free space unknown, of 10 bytes');
  assert.equal(spaceOf({ free: 0, capacity: all }), 'free space unknown');
  // a phone that is full says just this
  assert.equal(spaceOf({ free: 0, capacity: 10 }), '0 bytes free of 10 bytes');
  assert.equal(usedShare({ free: 0, capacity: 10 }), 1);
  assert.equal(usedShare({ free: 5, capacity: 10 }), 0.5);
  for (const space of [
    { free: all, capacity: 10 },
    { free: 5, capacity: 0 },
    { free: 0, capacity: all },
  ])
    assert.equal(usedShare(space), undefined);
});
