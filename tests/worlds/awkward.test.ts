import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { openPhone } from '../../electron/mtp/index.ts';
import { ClassRequest, Operation } from '../../electron/mtp/wire/index.ts';
import { systemClock } from '../../electron/engine/index.ts';
import { PROFILE_NAMES, QUIRK_NAMES, type QuirkName, type VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import { localPath, type LocalPath, type RecoveryStep } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { FastBus, fastClock } from './fast.ts';
import { World, begin, digestFile, treeOf, type WorldOptions } from './world.ts';

/**
 * Awkward phones, each through the engine. Whatever a phone does differently, files arrive whole in both directions or
 * the item says what is wrong; no other file is touched; an idle phone gets no Cancel and no short status request.
 */

/** Ten minutes of the fast clock, more than enough for anything that ends. */
const LONG = 600_000;
const KiB = 1024;
const MiB = KiB * KiB;
const DATE = Date.UTC(2024, 2, 3, 4, 5, 6);
/** Sizes around packets, chunks and the threshold between whole and chunked uploads. */
const SIZES = [0, 1, 500, 512, 1012, 64 * KiB - 12, 300 * KiB, MiB - 12, MiB, 2 * MiB - 12, 3 * MiB + 7];

interface Stage {
  readonly world: World;
  readonly bus: FastBus;
}

async function stage(
  t: TestContext,
  phone: Partial<VirtualPhoneOptions> = {},
  options: WorldOptions = {},
  ready = true,
): Promise<Stage> {
  let bus: FastBus | undefined;
  const world = new World(phone, {
    clock: fastClock,
    limits: { wholeBelow: 256 * KiB },
    ...options,
    bus: (virtual) => (bus = new FastBus(options.bus?.(virtual) ?? virtual)),
  });
  t.after(() => world.end());
  mkdirSync(join(world.phoneFolder, 'Download'), { recursive: true });
  await world.engine.start();
  if (ready) await world.engine.waitForDevice(undefined, LONG);
  assert.ok(bus !== undefined);
  return { world, bus };
}

const quirks = (...names: readonly QuirkName[]): Partial<VirtualPhoneOptions> => ({
  quirks: names.map((name) => [name, 1] as const),
});

function sources(world: World): LocalPath {
  for (const size of SIZES) world.local(`src/${size}.bin`, size, DATE);
  world.local('src/日本/写真 😀.jpg', 1000, DATE);
  return localPath(join(world.here, 'src'));
}

const told = (world: World, view: TransferView): string =>
  JSON.stringify([view.state, view.waitingFor, view.problem, world.engine.devices[0]?.state, world.log.slice(-8)]);

async function thereAndBack({ world }: Stage): Promise<void> {
  const up = await world.push([sources(world)], '/Download');
  assert.equal(up.state, 'done', told(world, up));
  const mine = await treeOf(join(world.here, 'src'));
  assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download/src')), mine);
  const down = await world.pull(['/Download/src'], 'back');
  assert.equal(down.state, 'done', told(world, down));
  assert.deepEqual(await treeOf(join(world.here, 'back/src')), mine);
}

/** A Cancel breaks an idle phone, and a status request of fewer than 8 bytes ends Android's server. */
function wellBehaved({ world, bus }: Stage): void {
  assert.deepEqual(
    bus.requests.filter(({ request }) => request === ClassRequest.Cancel || request === ClassRequest.Reset),
    [],
  );
  assert.deepEqual(
    bus.requests.filter(({ direction, length }) => direction === 'in' && length < 8),
    [],
  );
  assert.equal(world.phone.trouble, undefined);
}

interface Scenario {
  readonly name: string;
  readonly phone: Partial<VirtualPhoneOptions>;
  readonly faults?: readonly string[];
  /** What else must hold afterwards. */
  readonly holds?: (stage: Stage) => void | Promise<void>;
}

const device = (world: World) => world.engine.devices[0];

const UNHARMED: readonly Scenario[] = [
  { name: 'an Android phone as it should be', phone: {} },
  {
    name: 'edit operations are advertised and refused (Sony of Android 4.4 and 5)',
    phone: quirks('edit-refused'),
    holds: ({ world }) => assert.equal(device(world)?.resumableUpload, false),
  },
  { name: 'partial reads have 32 bits only (QEMU)', phone: quirks('reads-32-bit') },
  {
    name: 'partial reads are missing (DBI and Sphaira on the Nintendo Switch)',
    phone: quirks('no-partial-reads'),
    holds: ({ world }) => assert.equal(device(world)?.resumableDownload, false),
  },
  {
    name: 'edit operations are missing',
    phone: { profile: 'android-no-edit' },
    holds: ({ world }) => assert.equal(device(world)?.resumableUpload, false),
  },
  { name: 'f_mtp of Android 8 and older', phone: { profile: 'legacy-kernel' } },
  {
    name: '64-bit sizes in ObjectInfo, a hang at the end of file, root parent 0 refused, a prompt (old Samsung)',
    phone: { profile: 'samsung-old' },
  },
  { name: 'a camera: stalls for what it does not know, chunks of 1 MiB, bad dates', phone: { profile: 'camera' } },
  { name: 'a header in a transfer of its own', phone: quirks('split-header') },
  { name: 'no empty packet where one is due', phone: quirks('no-zlp') },
  { name: 'an empty packet too many', phone: quirks('extra-zlp') },
  { name: 'the response glued to the data', phone: quirks('glued-response') },
  { name: 'an answer of an earlier transaction before each', phone: quirks('stale-answer') },
  { name: 'class requests unanswered (MediaTek)', phone: quirks('compat') },
  { name: 'junk transaction ids (Aricent)', phone: { ...quirks('junk-ids'), maker: 'Aricent' } },
  { name: 'OpenSession refused twice', phone: { quirks: [['open-refused', 2]] } },
  { name: 'the root listed with parent 0 only', phone: quirks('root-is-zero') },
  { name: 'root objects name the storage as their parent', phone: quirks('parent-is-storage', 'root-is-zero') },
  { name: 'property lists that answer for one object only (uMTP)', phone: quirks('no-prop-list') },
  { name: 'names padded with NULs', phone: quirks('nul-padded') },
  { name: 'impossible dates', phone: quirks('bad-dates') },
  { name: 'partial reads bring half of what was asked', phone: quirks('short-reads') },
  { name: 'a flood of battery events', phone: quirks('event-flood') },
  { name: 'USB 3 packets', phone: { maxPacketSize: 1024 } },
  { name: 'USB 1 packets', phone: { maxPacketSize: 64 } },
  {
    name: 'no storages until it is unlocked',
    phone: {},
    faults: ['locked@open:60'],
  },
  {
    name: 'everything at once that is only a matter of framing',
    phone: quirks('extra-zlp', 'stale-answer', 'nul-padded', 'event-flood', 'short-reads', 'no-prop-list'),
  },
];

/**
 * Quirks that the wire cannot handle: ids depend on the device (quirks.ts); what a phone says of its files, its space
 * and itself is checked by the engine, and tested in other worlds.
 */
const NOT_OF_THE_WIRE: ReadonlySet<QuirkName> = new Set<QuirkName>([
  'junk-ids',
  'no-serial',
  'placeholder-serial',
  'zero-sizes',
  'only-empty-folders',
  'capacity-zero',
  'capacity-unknown',
  'free-zero',
  'free-unknown',
  'date-1601',
  'date-1970',
  'date-1980',
  'no-dates',
]);

const ROOT = join(import.meta.dirname, '../..');

/** The table of docs/awkward-phones.md. */
function readTreatments(): { awkwardness: string; where: string; shownBy: readonly string[] }[] {
  const lines = readFileSync(join(ROOT, 'docs/awkward-phones.md'), 'utf8').split('\n');
  return lines
    .filter((line) => line.startsWith('| ') && line.includes('`'))
    .map((line) => {
      const [awkwardness = '', , where = '', , shownBy = ''] = line.slice(2, -2).split(' | ');
      return {
        awkwardness,
        where: where.replaceAll('`', ''),
        shownBy: [...shownBy.matchAll(/`([^`]+)`/gu)].map((one) => one[1] ?? ''),
      };
    });
}

/** They mostly wait, so several run at once. */
const TOGETHER = { concurrency: 16 } as const;

test('the virtual phone can show every awkwardness of the table', () => {
  const faults = ['locked', 'full', 'silence', 'unplug-in', 'unplug-after'];
  const known: ReadonlySet<string> = new Set([...QUIRK_NAMES, ...PROFILE_NAMES, ...faults]);
  const treatments = readTreatments();
  assert.ok(treatments.length > 20, 'the table was found');
  for (const { awkwardness, where, shownBy } of treatments) {
    assert.ok(shownBy.length > 0, awkwardness);
    for (const name of shownBy) assert.ok(known.has(name), `${awkwardness}: ${name}`);
    assert.ok(existsSync(join(ROOT, where)), `${awkwardness}: ${where}`);
  }
  const shown = new Set(treatments.flatMap(({ shownBy }) => shownBy));
  for (const name of QUIRK_NAMES) assert.ok(shown.has(name) || NOT_OF_THE_WIRE.has(name), `nothing is said of ${name}`);
});

describe('phones that differ', TOGETHER, () => {
  for (const { name, phone, faults, holds } of UNHARMED)
    test(`${name}: files go and come back byte for byte`, async (t) => {
      let after: Stage | undefined;
      if (faults === undefined) after = await stage(t, phone);
      else {
        after = await stage(t, { ...phone, plugged: false }, {}, false);
        after.world.faults(...faults);
        after.world.phone.plug();
        await after.world.engine.waitForDevice(undefined, LONG);
      }
      await thereAndBack(after);
      wellBehaved(after);
      await holds?.(after);
    });

  test('a phone not known for junk transaction ids is not trusted when it sends them', async (t) => {
    const { world } = await stage(t, quirks('junk-ids'), {}, false);
    const seen = new Set<string>();
    const stop = world.engine.watch('devices', undefined, ({ devices }) => seen.add(devices[0]?.state.kind ?? 'none'));
    while (!seen.has('recovering')) await new Promise((resolve) => setTimeout(resolve, 5));
    stop();
    assert.ok(!seen.has('ready'));
  });

  test('one entry without ObjectInfo does not hide the others', async (t) => {
    const { world } = await stage(t, quirks('one-undescribable', 'no-prop-list'));
    mkdirSync(join(world.phoneFolder, 'Alarms'));
    for (const name of ['a', 'b', 'c']) world.onPhone(`Download/${name}.jpg`, 1000);
    const { entries } = await world.engine.entries(world.place('/Download'));
    assert.deepEqual(entries.map((entry) => entry.name).sort(), ['b.jpg', 'c.jpg']);
  });

  test('a folder in which no entry has ObjectInfo is an error, not empty', async (t) => {
    const { world } = await stage(t, quirks('none-describable', 'no-prop-list'));
    world.onPhone('DCIM/a.jpg', 1000);
    await assert.rejects(world.engine.entries(world.place('/')), { name: 'PhoneError' });
    const view = await world.pull(['/DCIM'], 'in');
    assert.equal(view.state, 'failed');
    assert.notEqual(view.problem?.kind, 'internal');
  });

  test('doubled sizes (transcoding): exactly the real file is fetched', async (t) => {
    const { world } = await stage(t, quirks('doubled-sizes'));
    for (const size of [1, 70 * KiB, 3 * MiB + 5]) world.onPhone(`DCIM/${size}.mp4`, size);
    const view = await world.pull(['/DCIM'], 'in', {}, LONG);
    assert.equal(view.state, 'done', told(world, view));
    assert.deepEqual(await treeOf(join(world.here, 'in/DCIM')), await treeOf(join(world.phoneFolder, 'DCIM')));
  });

  test('partial reads that return no data and OK: the file is fetched whole', async (t) => {
    const { world } = await stage(t, quirks('zero-reads'));
    world.onPhone('DCIM/a.mp4', 3 * MiB);
    const view = await world.pull(['/DCIM'], 'in', {}, LONG);
    assert.equal(view.state, 'done', told(world, view));
    assert.deepEqual(await treeOf(join(world.here, 'in/DCIM')), await treeOf(join(world.phoneFolder, 'DCIM')));
  });

  test('handles forgotten between listing and reading are looked up again', async (t) => {
    const { world } = await stage(t);
    for (let index = 0; index < 4; index += 1) world.onPhone(`DCIM/${index}.jpg`, 2 * MiB);
    await world.engine.entries(world.place('/DCIM'));
    // deleted and recreated on the phone, which gives new handles
    await world.phone.touchRemove('/DCIM/2.jpg');
    world.onPhone('DCIM/2.jpg', 2 * MiB);
    const view = await world.pull(['/DCIM'], 'in');
    assert.equal(view.state, 'done', told(world, view));
    assert.deepEqual(await treeOf(join(world.here, 'in/DCIM')), await treeOf(join(world.phoneFolder, 'DCIM')));
  });

  test('a name that the card would trim is refused, or sent under a legal one and reported', async (t) => {
    const card = mkdtempSync(join(tmpdir(), 'replug-card-'));
    t.after(() => rmSync(card, { recursive: true, force: true }));
    const { world } = await stage(t, { sdDirectory: card });
    const source = world.local('ends in a blank ', 100);
    const request = (onName: 'fail' | 'legal') =>
      world.engine.enqueue({
        direction: 'upload',
        sources: [source],
        to: world.place('/', 1),
        options: { onConflict: 'skip', onName },
      });
    const refused = await world.engine.settled((await request('fail')).transfer, { waitMs: 0 });
    assert.equal(refused.problem?.kind, 'bad-name');
    const { transfer } = await request('legal');
    const legal = await world.engine.settled(transfer, { waitMs: 0 });
    assert.equal(legal.state, 'done', told(world, legal));
    assert.equal([...world.engine.itemRows(transfer)][0]?.savedAs, 'ends in a blank');
  });

  for (const profile of ['android', 'legacy-kernel', 'android-no-edit'] as const)
    test(`a source modified while it is sent is not called copied (${profile})`, async (t) => {
      const { world } = await stage(t, { profile, rate: 20_000_000 });
      const source = world.local('growing.bin', 4 * MiB);
      const { transfer } = await world.engine.enqueue({
        direction: 'upload',
        sources: [source],
        to: world.place('/Download'),
        options: { onConflict: 'skip' },
      });
      while (world.phone.bytesMoved < MiB) await new Promise((resolve) => setTimeout(resolve, 1));
      truncateSync(source, 2 * MiB);
      const cut = await world.engine.settled(transfer, { waitMs: 0 });
      assert.equal(cut.problem?.kind, 'source-changed', told(world, cut));
      while (world.store.leftovers(cut.device).length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.deepEqual(await treeOf(join(world.phoneFolder, 'Download')), {});
      // a retry sends the current content
      await world.engine.execute('retry', { transfer });
      const again = await world.engine.settled(transfer, { waitMs: 0 });
      assert.equal(again.state, 'done', told(world, again));
      assert.equal(await digestFile(join(world.phoneFolder, 'Download/growing.bin')), await digestFile(source));
    });

  for (const profile of ['android', 'legacy-kernel', 'android-no-edit', 'samsung-old'] as const)
    test(`a phone that fills up: the item waits, and resumes when there is space (${profile})`, async (t) => {
      const { world } = await stage(t, { profile });
      world.onPhone('Download/own.txt', 100);
      const source = world.local('big.bin', 5 * MiB);
      world.faults(`full@bytes=${2 * MiB}`);
      const { transfer } = await world.engine.enqueue({
        direction: 'upload',
        sources: [source],
        to: world.place('/Download'),
        options: { onConflict: 'skip' },
      });
      const full = await world.engine.settled(transfer, { waitMs: 5_000 });
      assert.deepEqual([full.state, full.waitingFor?.kind], ['waiting', 'space'], told(world, full));
      world.phone.makeRoom();
      const view = await world.engine.settled(transfer, { waitMs: LONG });
      assert.equal(view.state, 'done', told(world, view));
      assert.equal(await digestFile(join(world.phoneFolder, 'Download/big.bin')), await digestFile(source));
      assert.deepEqual(Object.keys(await treeOf(join(world.phoneFolder, 'Download'))).sort(), ['big.bin', 'own.txt']);
    });
});

describe('time', TOGETHER, () => {
  test('a slow phone is waited for, a silent one is not', async (t) => {
    const { world, bus } = await stage(t, { rate: 300_000 });
    world.onPhone('DCIM/slow.mp4', 700 * KiB);
    const view = await world.pull(['/DCIM/slow.mp4'], 'in', {}, LONG);
    assert.equal(view.state, 'done', told(world, view));
    assert.equal(bus.opened, 1, 'it was never taken for wedged');
  });

  test('each recovery step is shown, and the transfer resumes afterwards', async (t) => {
    const { world, bus } = await stage(t);
    const source = world.local('a.bin', 3 * MiB);
    const steps: string[] = [];
    world.engine.watch('devices', undefined, ({ devices }) => {
      const state = devices[0]?.state;
      if (state?.kind === 'recovering' && steps.at(-1) !== state.step) steps.push(state.step);
    });
    world.faults('silence@op=SendPartialObject:2:data:reset');
    const view = await world.push([source], '/Download', {}, LONG);
    assert.equal(view.state, 'done', told(world, view));
    assert.equal(await digestFile(join(world.phoneFolder, 'Download/a.bin')), await digestFile(source));
    assert.deepEqual(steps.slice(0, 2), ['wait', 'open']);
    assert.ok(bus.opened > 1);
  });

  test('recovery goes as far as the reset, which helps; or to its last step, which waits for the user', async (t) => {
    const { world, bus } = await stage(t);
    const steps = new Set<RecoveryStep>();
    world.engine.watch('devices', undefined, ({ devices }) => {
      const state = devices[0]?.state;
      if (state?.kind === 'recovering') steps.add(state.step);
    });
    world.faults('silence@op=SendPartialObject:1:data:reset');
    const source = world.local('a.bin', 2 * MiB);
    const view = await world.push([source], '/Download', {}, LONG);
    assert.equal(view.state, 'done', told(world, view));
    assert.ok(bus.resets > 0);

    world.faults('silence@op=SendPartialObject:5:data');
    const { transfer } = await world.engine.enqueue({
      direction: 'upload',
      sources: [world.local('b.bin', 4 * MiB)],
      to: world.place('/Download'),
      options: { onConflict: 'skip' },
    });
    while (!steps.has('ask')) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(world.engine.view(transfer).state, 'waiting');
    await world.phone.unplug();
    world.phone.plug();
    const after = await world.engine.settled(transfer, { waitMs: LONG });
    assert.equal(after.state, 'done', told(world, after));
  });

  test('a phone that still sends what a dead program asked for is told to stop, at once and only once', async (t) => {
    let bus: FastBus | undefined;
    const world = begin(t, {}, { clock: fastClock, bus: (virtual) => (bus = new FastBus(virtual)) });
    const film = world.onPhone('film.mp4', 1);
    truncateSync(film, 1024 * MiB);
    const cable = world.phone.open();
    const phone = await openPhone(cable, world.phone.attached(), systemClock);
    const [storage] = await phone.storages();
    assert.ok(storage);
    const object = (await phone.list(storage.id, 'root')).find(({ name }) => name === 'film.mp4');
    assert.ok(object);
    await assert.rejects(phone.readWhole(object, () => cable.close()));
    const steps = new Set<RecoveryStep>();
    world.engine.watch('devices', undefined, ({ devices }) => {
      const state = devices[0]?.state;
      if (state?.kind === 'recovering') steps.add(state.step);
    });
    await world.engine.start();
    await world.engine.waitForDevice(undefined, LONG);
    assert.deepEqual([...steps], ['stop'], 'no step that reads more of the same');
    assert.equal(bus?.requests.filter(({ request }) => request === ClassRequest.Cancel).length, 1);
    const view = await world.push([world.local('a.bin', 2 * MiB)], '/Download', {}, LONG);
    assert.equal(view.state, 'done', told(world, view));
    assert.equal(statSync(film).size, 1024 * MiB);
  });

  test('recovery can be stopped: nothing more is tried until the user asks for it', async (t) => {
    const { world, bus } = await stage(t);
    world.faults('silence@op=SendPartialObject:1:data');
    const source = world.local('a.bin', 2 * MiB);
    const { transfer } = await world.engine.enqueue({
      direction: 'upload',
      sources: [source],
      to: world.place('/Download'),
      options: { onConflict: 'skip' },
    });
    while (device(world)?.state.kind !== 'recovering') await new Promise((resolve) => setTimeout(resolve, 5));
    const key = device(world)?.key;
    assert.ok(key !== undefined);
    await world.engine.execute('restDevice', { device: key });
    const resting = (): boolean => {
      const state = device(world)?.state;
      return state?.kind === 'recovering' && state.nextTryAt === undefined;
    };
    while (!resting()) await new Promise((resolve) => setTimeout(resolve, 5));
    const opened = bus.opened;
    await fastClock.sleep(60_000);
    assert.equal(bus.opened, opened);
    await world.engine.execute('retryDevice', { device: key });
    while (bus.opened === opened) await new Promise((resolve) => setTimeout(resolve, 5));
    await world.phone.unplug();
    world.phone.plug();
    const view = await world.engine.settled(transfer, { waitMs: LONG });
    assert.equal(view.state, 'done', told(world, view));
  });

  for (const operation of [
    'GetStorageIDs',
    'GetObjectHandles',
    'GetObjectInfo',
    'SendObjectInfo',
    'DeleteObject',
  ] as const)
    test(`silence in ${operation} times out, and the next transfer completes`, async (t) => {
      const { world } = await stage(t, quirks('no-prop-list'));
      world.onPhone('Download/a.bin', 10);
      const seen = world.phone.timesSeen(Operation[operation]);
      world.faults(`silence@op=${operation}:${seen + 1}:before:reset`);
      const source = world.local('a.bin', 5_000);
      if (operation === 'GetStorageIDs') {
        await world.phone.unplug();
        world.phone.plug();
      }
      const view = await world.push([source], '/Download', { onConflict: 'replace' }, LONG);
      assert.equal(view.state, 'done', told(world, view));
      assert.deepEqual(readFileSync(join(world.phoneFolder, 'Download/a.bin')), readFileSync(source));
      assert.deepEqual(Object.keys(await treeOf(join(world.phoneFolder, 'Download'))), ['a.bin']);
    });

  test('silence while nothing is copied is noticed, and the ladder brings the phone back', async (t) => {
    const { world, bus } = await stage(t);
    world.onPhone('Download/a.bin', 10);
    world.faults(`silence@op=GetObjectHandles:${world.phone.timesSeen(Operation.GetObjectHandles) + 1}:before:reset`);
    await assert.rejects(world.engine.entries(world.place('/Download')), { kind: 'silent' });
    for (let seconds = 0; seconds < 300 && bus.resets === 0; seconds += 1) await fastClock.sleep(1_000);
    assert.equal(bus.resets, 1);
    await world.engine.waitForDevice(undefined, LONG);
    await world.engine.entries(world.place('/Download'));
  });

  test('no dates are invented for a phone that has none', async (t) => {
    const { world } = await stage(t, quirks('bad-dates'));
    world.onPhone('DCIM/a.jpg', 10, DATE);
    const began = Date.now();
    const view = await world.pull(['/DCIM/a.jpg'], 'in');
    assert.equal(view.state, 'done');
    assert.ok(statSync(join(world.here, 'in/a.jpg')).mtimeMs >= began - 2_000);
  });
});

for (const verify of ['size', 'sampled', 'full'] as const)
  for (const move of [false, true])
    test(`a phone that tells every file as empty takes uploads, and their bytes are read back (${verify}, move ${move})`, async (t) => {
      const world = begin(t, { quirks: [['zero-sizes', 1]] });
      for (let number = 0; number < 8; number += 1) world.local(`src/${number}`, 3_000 + number);
      for (const [name, size] of Object.entries({ whole: 3 * MiB, chunks: 20 * MiB, empty: 0 }))
        world.local(`src/${name}`, size);
      const before = await treeOf(join(world.here, 'src'));
      await world.start();
      const view = await world.push([localPath(join(world.here, 'src'))], '/', { verify, move });
      assert.equal(view.state, 'done', JSON.stringify([view, world.log]));
      assert.deepEqual(await treeOf(join(world.phoneFolder, 'src')), before);
      assert.equal(view.counts.verified?.size, move || verify === 'full' ? 0 : 1, 'all but the empty one were read');
      assert.deepEqual(readdirSync(join(world.here, 'src')).length, move ? 0 : 11);
    });
