import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { MemorySyncStore } from '../../electron/store/index.ts';
import { Sync } from '../../electron/sync/index.ts';
import { type VirtualBus, VirtualPhone, type VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { deviceKey, isAnonymous, localPath, phonePath, type Device, type DeviceKey } from '../../shared/domain.ts';
import { begin, digestFile, writeFile, type World } from './world.ts';

const MIB = 1024 * 1024;
const PLACEHOLDER = '0123456789ABCDEF';

/** A second phone's folder, with the folders that the tests send to. */
function otherFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'replug-other-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'Download'));
  return folder;
}

async function until(what: () => boolean, why: string): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.fail(why);
}

const ready = (world: World): readonly Device[] => world.engine.devices.filter(({ state }) => state.kind === 'ready');

/** A world whose bus more phones can be plugged into. */
function beginWithBus(
  t: TestContext,
  options: Partial<VirtualPhoneOptions>,
): { world: World; add: (other: VirtualPhone) => void } {
  let bus: VirtualBus | undefined;
  const world = begin(t, options, { bus: (given) => (bus = given) });
  return { world, add: (other) => bus?.add(other) };
}

/** An upload that is cut off after 10 of 24 MiB. */
async function interrupted(world: World): Promise<Awaited<ReturnType<World['engine']['enqueue']>>['transfer']> {
  mkdirSync(join(world.phoneFolder, 'Download'), { recursive: true });
  const path = world.local('film.bin', 24 * MIB);
  await world.start();
  world.faults(`unplug@bytes=${10 * MIB}`);
  const { transfer } = await world.engine.enqueue({
    direction: 'upload',
    sources: [path],
    to: world.place('/Download'),
    options: { onConflict: 'skip' },
  });
  await world.engine.settled(transfer, { waitMs: 200 });
  await until(() => ready(world).length === 0, 'it was not unplugged');
  return transfer;
}

for (const serial of ['', PLACEHOLDER, '00000000'])
  test(`a transfer to a phone of serial “${serial}” goes on only after a person has recognised it`, async (t) => {
    const { world, add } = beginWithBus(t, { serial, capacity: 64e9 });
    const transfer = await interrupted(world);
    const other = otherFolder(t);
    add(new VirtualPhone({ directory: other, serial, name: 'Somebody else’s', capacity: 64e9 }));
    await until(() => ready(world).length === 1, 'the other phone did not come');
    const [stranger] = ready(world);
    const [asked] = world.engine.identityQuestions;
    assert.equal(asked?.device, stranger?.key);
    assert.deepEqual(
      asked?.candidates.map(({ name, transfers, storages }) => ({ name, transfers, storages })),
      [{ name: 'World phone', transfers: ['film.bin'], storages: ['Internal shared storage'] }],
    );
    // another phone: nothing is sent to it, and nobody is asked again
    await world.engine.execute('identifyDevice', { device: stranger!.key, as: undefined });
    assert.equal(world.engine.identityQuestions.length, 0);
    const view = await world.engine.settled(transfer, { waitMs: 300 });
    assert.equal(view.state, 'waiting');
    assert.deepEqual(readdirSync(join(other, 'Download')), []);

    world.phone.plug();
    await until(() => ready(world).length === 2, 'the phone did not come back');
    const question = world.engine.identityQuestions.find(({ device }) => device !== stranger!.key);
    assert.ok(question !== undefined);
    await world.engine.execute('identifyDevice', { device: question.device, as: question.candidates[0]!.key });
    assert.equal((await world.engine.settled(transfer, { waitMs: 5_000 })).state, 'done', world.log.join('\n'));
    assert.deepEqual(readdirSync(join(other, 'Download')), []);
    assert.deepEqual(readdirSync(join(world.phoneFolder, 'Download')), ['film.bin']);
    assert.equal(
      await digestFile(join(world.phoneFolder, 'Download/film.bin')),
      await digestFile(join(world.here, 'film.bin')),
    );
    assert.equal(world.engine.identityQuestions.length, 0);
  });

test('after a restart too, another phone without a serial number gets nothing', async (t) => {
  const world = begin(t, { serial: '', capacity: 8e9 });
  const transfer = await interrupted(world);
  await world.restart();
  const other = otherFolder(t);
  world.phone = new VirtualPhone({ directory: other, serial: '', name: 'Somebody else’s', capacity: 8e9 });
  world.usePhone();
  await world.start();
  assert.equal((await world.engine.settled(transfer, { waitMs: 300 })).state, 'waiting');
  assert.deepEqual(readdirSync(join(other, 'Download')), []);
  assert.equal(world.engine.identityQuestions.length, 1);
});

test('a phone without a serial number is asked about too where only a cancelled transfer has left something on it', async (t) => {
  const world = begin(t, { serial: '' });
  const transfer = await interrupted(world);
  const there = (): readonly string[] => readdirSync(join(world.phoneFolder, 'Download'));
  await world.engine.execute('cancel', { transfer });
  assert.equal(there().length, 1);
  world.phone.plug();
  await until(() => ready(world).length === 1, 'the phone did not come back');
  const [question] = world.engine.identityQuestions;
  assert.ok(question !== undefined);
  assert.deepEqual(question.candidates[0]?.transfers, ['film.bin']);
  assert.equal(there().length, 1, 'nothing goes before somebody has said whose it is');
  await world.engine.execute('identifyDevice', { device: question.device, as: question.candidates[0]?.key });
  await until(() => there().length === 0, 'it is still there');
  assert.deepEqual(world.engine.identityQuestions, []);
});

test('transfers that an earlier version stored under a placeholder are asked about too', async (t) => {
  const world = begin(t, { serial: PLACEHOLDER });
  const transfer = await interrupted(world);
  const old = deviceKey('Replug', PLACEHOLDER);
  world.store.adoptDevice(world.store.transfer(transfer)!.device, old);
  await world.restart();
  const key = await world.start();
  assert.notEqual(key, old);
  assert.equal((await world.engine.settled(transfer, { waitMs: 200 })).state, 'waiting');
  await world.engine.execute('identifyDevice', { device: key, as: old });
  assert.equal((await world.engine.settled(transfer, { waitMs: 5_000 })).state, 'done');
});

for (const serial of [PLACEHOLDER, 'R58M1234567'])
  test(`two phones of serial ${serial} that are present are two: deleting on one never acts on the other`, async (t) => {
    const { world, add } = beginWithBus(t, { serial });
    world.onPhone('Download/a.txt', 10);
    await world.start();
    const other = otherFolder(t);
    writeFile(join(other, 'Download/a.txt'), 20);
    add(new VirtualPhone({ directory: other, serial, name: 'TabB' }));
    await until(() => ready(world).length === 2, 'the other phone did not come');
    const keys = new Set(ready(world).map(({ key }) => key));
    assert.equal(keys.size, 2);
    const device = await world.engine.waitForDevice('TabB', 1_000);
    const storage = ready(world).find(({ key }) => key === device)!.storages[0]!.key;
    await world.engine.execute('delete', { sources: [{ device, storage, path: phonePath('/Download/a.txt') }] });
    assert.equal(existsSync(join(other, 'Download/a.txt')), false);
    assert.equal(existsSync(join(world.phoneFolder, 'Download/a.txt')), true);
  });

test('a phone with a serial number of its own is never asked about and cannot be made another', async (t) => {
  const { world, add } = beginWithBus(t, { serial: '' });
  await interrupted(world);
  add(new VirtualPhone({ directory: otherFolder(t), serial: 'R58M1234567', name: 'Known' }));
  await until(() => ready(world).length === 1, 'the other phone did not come');
  assert.equal(world.engine.identityQuestions.length, 0);
  const waiting = world.engine.transfers()[0]!.device;
  await assert.rejects(world.engine.execute('identifyDevice', { device: ready(world)[0]!.key, as: waiting }), {
    kind: 'bad-request',
  });
});

test('unidentified phones that no transfer waits for are forgotten when unplugged', async (t) => {
  const world = begin(t, { serial: '' });
  await world.start();
  for (let plugs = 0; plugs < 3; plugs += 1) {
    await world.phone.unplug();
    assert.deepEqual(world.engine.devices, []);
    world.phone.plug();
    await until(() => ready(world).length === 1, 'it did not come back');
  }
  assert.equal(world.engine.devices.length, 1);
});

for (const serial of [PLACEHOLDER, ''])
  test(`a mirroring pair of a phone of serial “${serial}” runs on no other of that serial, and on its own once it is recognised`, async (t) => {
    const { world, add } = beginWithBus(t, { serial });
    const memory = new MemorySyncStore();
    const sync = new Sync({ engine: world.engine, store: memory });
    sync.onChange(world.engine.provideSync(() => sync.snapshot()));
    t.after(() => sync.stop());
    world.onPhone('DCIM/a.jpg', 100);
    await world.start();
    const pair = sync.addPair({
      place: world.place('/DCIM'),
      local: localPath(join(world.here, 'photos')),
      direction: 'to-computer',
      deletions: 'mirror',
    });
    assert.equal((await sync.run(pair.id, { waitMs: 5_000 })).run.state, 'done');
    await world.phone.unplug();
    const other = otherFolder(t);
    mkdirSync(join(other, 'DCIM'));
    add(new VirtualPhone({ directory: other, serial, name: 'TabB' }));
    await until(() => ready(world).length === 1, 'the other phone did not come');
    await sync.run(pair.id, { waitMs: 200, confirmDeletions: true }).catch(() => undefined);
    assert.deepEqual(readdirSync(join(world.here, 'photos')), ['a.jpg']);
    const question = world.engine.identityQuestions[0];
    assert.deepEqual(question?.candidates[0]?.pairs, [pair.name]);

    world.phone.plug();
    await until(() => ready(world).length === 2, 'the phone did not come back');
    const own: DeviceKey = ready(world).find(({ name }) => name === 'World phone')!.key;
    assert.ok(isAnonymous(own));
    await world.engine.execute('identifyDevice', { device: own, as: pair.device });
    assert.equal(sync.pairs()[0]?.device, own);
    world.onPhone('DCIM/b.jpg', 100);
    assert.equal((await sync.run(pair.id, { waitMs: 5_000 })).run.state, 'done');
    assert.deepEqual(readdirSync(join(world.here, 'photos')).sort(), ['a.jpg', 'b.jpg']);
  });

test('a phone that only its USB descriptor identifies resumes by itself under that, and is asked about under another', async (t) => {
  const { world, add } = beginWithBus(t, { serial: PLACEHOLDER, busSerial: '34617-port-1', capacity: 64e9 });
  const transfer = await interrupted(world);
  assert.equal(world.engine.identityQuestions.length, 0);
  const other = otherFolder(t);
  add(new VirtualPhone({ directory: other, serial: PLACEHOLDER, busSerial: '34617-port-2', capacity: 64e9 }));
  await until(() => ready(world).length === 1, 'the phone did not come to its other port');
  const [there] = ready(world);
  const [question] = world.engine.identityQuestions;
  assert.equal(question?.device, there?.key);
  assert.equal((await world.engine.settled(transfer, { waitMs: 300 })).state, 'waiting');
  assert.deepEqual(readdirSync(join(other, 'Download')), []);
  await world.engine.execute('identifyDevice', { device: there!.key, as: question!.candidates[0]!.key });
  assert.equal((await world.engine.settled(transfer, { waitMs: 20_000 })).state, 'done');
  assert.deepEqual(readdirSync(join(other, 'Download')), ['film.bin']);
});

test('a phone that only its USB descriptor identifies resumes by itself on the same port', async (t) => {
  const { world } = beginWithBus(t, { serial: PLACEHOLDER, busSerial: '34617-port-1', capacity: 64e9 });
  const transfer = await interrupted(world);
  world.phone.plug();
  assert.equal((await world.engine.settled(transfer, { waitMs: 20_000 })).state, 'done');
});

for (const [what, options, restarts] of [
  ['USB descriptor', { serial: PLACEHOLDER, busSerial: 'BOARD-77', capacity: 64e9 }, false],
  ['USB descriptor', { serial: PLACEHOLDER, busSerial: 'BOARD-77', capacity: 64e9 }, true],
  ['serial number', { serial: 'R58M1234567', capacity: 64e9 }, true],
] as const)
  test(`a ${what} that two phones had at once identifies neither of them any more${restarts ? ', after a restart too' : ''}`, async (t) => {
    const { world, add } = beginWithBus(t, options);
    await world.start();
    const folder = otherFolder(t);
    const other = new VirtualPhone({ directory: folder, ...options, name: 'TabB' });
    add(other);
    await until(() => ready(world).length === 2, 'the other phone did not come');
    const first = ready(world).find(({ name }) => name === 'World phone')!;
    world.faults(`unplug@bytes=${10 * MIB}`);
    const { transfer } = await world.engine.enqueue({
      direction: 'upload',
      sources: [world.local('film.bin', 24 * MIB)],
      to: { device: first.key, storage: first.storages[0]!.key, path: phonePath('/Download') },
      options: { onConflict: 'skip' },
    });
    await until(() => ready(world).length === 1, 'it was not unplugged');
    await other.unplug();
    await until(() => ready(world).length === 0, 'the other one was not unplugged');
    if (restarts) {
      await world.engine.stop();
      world.phone = new VirtualPhone({ directory: folder, ...options, name: 'TabB' });
      world.usePhone();
      await world.start();
    } else other.plug();
    await until(() => world.engine.identityQuestions.length === 1, 'it is not asked who that is');
    assert.equal((await world.engine.settled(transfer, { waitMs: 300 })).state, 'waiting');
    assert.deepEqual(readdirSync(join(folder, 'Download')), []);
  });
