import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import type { DeviceBus, Transport } from '../../electron/mtp/index.ts';
import { Operation } from '../../electron/mtp/wire/index.ts';
import type { Planted, VirtualPhoneOptions } from '../../electron/virtual/index.ts';
import type { TransferId } from '../../shared/domain.ts';
import type { TransferView } from '../../shared/snapshots.ts';
import { FastBus, fastClock } from './fast.ts';
import { World, treeOf, type WorldOptions } from './world.ts';

/**
 * A hostile phone. It uses any names, claims any size, lists folders inside themselves and sends any bytes. Nothing is
 * written outside the chosen folder, nothing is hidden, nothing grows without end.
 */

const MiB = 1024 * 1024;
const LONG = 600_000;
const TOGETHER = { concurrency: 8 } as const;

async function hostile(
  t: TestContext,
  planted: readonly Planted[],
  phone: Partial<VirtualPhoneOptions> = {},
  options: WorldOptions = {},
): Promise<World> {
  const world = new World(phone, {
    clock: fastClock,
    ...options,
    bus: (virtual) => options.bus?.(virtual) ?? new FastBus(virtual),
  });
  t.after(() => world.end());
  for (const entry of planted) world.phone.plant(entry);
  await world.engine.start();
  await world.engine.waitForDevice(undefined, LONG);
  return world;
}

async function pull(
  world: World,
  path: string,
  more: object = {},
  waitMs = LONG,
): Promise<{ id: TransferId; view: TransferView }> {
  const { transfer } = await world.engine.enqueue({
    direction: 'download',
    sources: [world.place(path)],
    to: join(world.here, 'in') as never,
    options: { onConflict: 'skip', onName: 'legal', ...more },
  });
  return { id: transfer, view: await world.engine.settled(transfer, { waitMs }) };
}

const told = (world: World, view: TransferView): string =>
  JSON.stringify([view.state, view.waitingFor, view.problem, world.log.slice(-6)]);
const content = (text: string): Uint8Array => new TextEncoder().encode(text);

const NAMES = [
  ...['a/b', '/etc/passwd', '../../../../evil', '..\\..\\evil', '..', '.', 'a\0b', 'a\nb', '\u001b]0;x\u0007', '-rf'],
  ...['cod\u202egpj.exe', '\u2066x\u2069', 'CON', 'con.txt', 'NUL', 'COM1.jpg', 'LPT¹', 'dot.', 'dots...', 'blank '],
  ...['C:', 'C:\\x', 'x:stream', '<>|?*"', '~', '$HOME', '%2e%2e%2f', 'a∕b', 'a／b', '‛', 'b\u0000', ' lead'],
  ...['é', 'e\u0301', 'A.txt', 'a.txt', 'a‛(2).txt', '長'.repeat(250), `${'長'.repeat(250)}b`, 'x'.repeat(254)],
  ...['.replug-part', 'x.replug-part', '\ufeff', '\u200b', '__proto__', 'constructor', '\ud83d\ude00'],
];

describe('names', TOGETHER, () => {
  for (const platform of ['linux', 'win32', 'darwin'] as const)
    test(`every name is saved under a plain, distinct one below the folder, which is told (${platform})`, async (t) => {
      const planted = NAMES.map((name, index) => ({
        folder: '/DCIM',
        name,
        size: content(`file ${index}`).byteLength,
        content: content(`file ${index}`),
      }));
      const world = await hostile(t, planted, {}, { platform });
      mkdirSync(join(world.phoneFolder, 'DCIM'));
      writeFileSync(join(world.folder, 'evil'), 'untouched');
      const { id, view } = await pull(world, '/DCIM');
      assert.equal(view.state, 'done', told(world, view));
      const folder = join(world.here, 'in/DCIM');
      const rows = [...world.engine.itemRows(id)].filter((row) => row.kind === 'file');
      assert.equal(rows.length, NAMES.length);
      for (const row of rows) {
        const saved = row.local.slice(folder.length + 1);
        const was = NAMES[Number(readFileSync(row.local, 'utf8').slice('file '.length))] ?? '';
        assert.doesNotMatch(saved, /[/\0-\x1f\x7f\u202a-\u202e\u2066-\u2069]/u);
        if (platform === 'win32') assert.doesNotMatch(saved, /[\\:*?"<>|]|[. ]$|^(con|nul|com1|lpt¹)(\.|$)/iu);
        // a second object of one name is listed with a number, and called so
        if (row.name.endsWith(`/${saved}`)) continue;
        if (saved !== was.replace(/\0.*$/su, '')) assert.equal(row.savedAs, saved, 'the mapping is told');
      }
      const names = readdirSync(folder);
      assert.equal(names.length, NAMES.length);
      assert.deepEqual(readdirSync(world.here), ['in']);
      assert.deepEqual(readdirSync(world.folder).sort(), ['evil', 'here', 'phone']);
      assert.equal(readFileSync(join(world.folder, 'evil'), 'utf8'), 'untouched');
    });

  test('folders with such names keep their contents', async (t) => {
    const folders = ['..', 'a/b', 'CON', 'x:'];
    const planted = folders.map((name) => ({ folder: '/DCIM', name, size: 0, directory: true }));
    const world = await hostile(t, planted, {}, { platform: 'win32' });
    mkdirSync(join(world.phoneFolder, 'DCIM'));
    const { view } = await pull(world, '/DCIM');
    assert.equal(view.state, 'done', told(world, view));
    assert.deepEqual(Object.keys(await treeOf(join(world.here, 'in'))).sort(), [
      'DCIM/',
      'DCIM/a／b/',
      'DCIM/x：/',
      'DCIM/‛CON/',
      'DCIM/．．/',
    ]);
  });
});

describe('links in the download folder', TOGETHER, () => {
  const plantLink = (world: World, at: string): void => {
    mkdirSync(join(world.folder, 'victim'));
    writeFileSync(join(world.folder, 'victim/a.txt'), 'mine');
    mkdirSync(join(world.here, 'in'), { recursive: true });
    symlinkSync(join(world.folder, 'victim', at === 'DCIM' ? '' : 'a.txt'), join(world.here, 'in', at));
  };
  for (const onConflict of ['replace', 'keep-both', 'skip'] as const)
    test(`a link in place of a folder is not followed (${onConflict})`, async (t) => {
      const world = await hostile(t, []);
      world.onPhone('DCIM/a.txt', 500);
      plantLink(world, 'DCIM');
      const { view } = await pull(world, '/DCIM', { onConflict });
      assert.notEqual(view.state, 'done');
      assert.equal(view.problem?.kind, 'local-exists', told(world, view));
      assert.deepEqual(readdirSync(join(world.folder, 'victim')), ['a.txt']);
      assert.equal(readFileSync(join(world.folder, 'victim/a.txt'), 'utf8'), 'mine');
    });
  for (const onConflict of ['replace', 'keep-both', 'skip', 'newer', 'larger'] as const)
    for (const name of ['a.txt', 'a.txt.replug-part'])
      test(`a link named ${name} in the place of a file is not written through (${onConflict})`, async (t) => {
        const world = await hostile(t, []);
        world.onPhone('a.txt', 500);
        plantLink(world, name);
        await pull(world, '/a.txt', { onConflict });
        assert.equal(readFileSync(join(world.folder, 'victim/a.txt'), 'utf8'), 'mine');
        assert.ok(statSync(join(world.here, 'in', name)).isFile());
      });
});

describe('sizes and trees', TOGETHER, () => {
  test('a claimed terabyte waits for space, creates nothing, and does not block the others', async (t) => {
    const world = await hostile(t, [{ folder: '/DCIM', name: 'huge.mp4', size: 2 ** 50 }]);
    world.onPhone('DCIM/a.jpg', 1000);
    const { id, view } = await pull(world, '/DCIM', {}, 5_000);
    assert.deepEqual([view.state, view.waitingFor?.kind], ['waiting', 'space'], told(world, view));
    assert.deepEqual(Object.keys(await treeOf(join(world.here, 'in'))), ['DCIM/', 'DCIM/a.jpg']);
    await world.engine.execute('cancel', { transfer: id });
    assert.equal(world.engine.view(id).counts.cancelled, 1);
  });

  test('an impossible size fails only that entry', async (t) => {
    const world = await hostile(t, [{ folder: '/DCIM', name: 'odd', size: 2n ** 64n - 2n }]);
    world.onPhone('DCIM/a.jpg', 1000);
    const { view } = await pull(world, '/DCIM');
    assert.deepEqual([view.state, view.problem?.kind], ['failed', 'unsupported'], told(world, view));
    assert.deepEqual(Object.keys(await treeOf(join(world.here, 'in'))), ['DCIM/', 'DCIM/a.jpg']);
  });

  for (const realSize of [300 * MiB, 5 * 2 ** 30])
    test(`a file that goes on beyond its size is stopped there (${realSize})`, async (t) => {
      const planted = [{ folder: '/DCIM', name: 'endless', size: 1000, realSize }];
      const world = await hostile(t, planted, { quirks: [['zero-reads', 1]] });
      mkdirSync(join(world.phoneFolder, 'DCIM'));
      world.onPhone('DCIM/own.jpg', 70_000);
      const { view } = await pull(world, '/DCIM');
      assert.equal(view.problem?.kind, 'source-changed', told(world, view));
      assert.deepEqual(Object.keys(await treeOf(join(world.here, 'in/DCIM'))), ['own.jpg']);
      assert.ok(world.phone.bytesMoved < 200 * MiB, String(world.phone.bytesMoved));
    });

  test('a file shorter than its size is fetched as it is, and reported', async (t) => {
    const world = await hostile(t, [{ folder: '/DCIM', name: 'short', size: 90_000, content: content('only this') }]);
    mkdirSync(join(world.phoneFolder, 'DCIM'));
    const { id, view } = await pull(world, '/DCIM');
    assert.equal(view.state, 'done', told(world, view));
    assert.equal(readFileSync(join(world.here, 'in/DCIM/short'), 'utf8'), 'only this');
    assert.equal([...world.engine.itemRows(id)].find((row) => row.kind === 'file')?.size, 9);
  });

  test('folders that list themselves or their parents are cut off and reported; measuring and scanning them ends', async (t) => {
    const planted = ['one', 'two', 'three'].map((name) => ({
      folder: '/DCIM',
      name,
      size: 0,
      directory: true,
      cyclic: true,
    }));
    const world = await hostile(t, planted);
    world.onPhone('DCIM/a.jpg', 1000);
    const { id, view } = await pull(world, '/DCIM');
    assert.equal(view.state, 'failed', told(world, view));
    assert.equal(view.problem?.kind, 'confused');
    assert.ok(view.counts.total < 50, String(view.counts.total));
    assert.ok(existsSync(join(world.here, 'in/DCIM/a.jpg')));
    assert.ok(world.engine.view(id).finishedAt !== undefined);
    const sum = await world.engine.execute('measure', { sources: [world.place('/DCIM')] });
    assert.ok(sum.files >= 1 && sum.folders < 50);
    let folders = 0;
    for await (const _ of world.engine.scan(world.place('/'))) folders += 1;
    assert.ok(folders < 50);
  });

  test('a transfer that is cancelled while its tree is read stays cancelled', async (t) => {
    const world = await hostile(t, [], { latencyMs: 4 });
    for (let index = 0; index < 30; index += 1) world.onPhone(`DCIM/${index}/a.jpg`, 100);
    const { transfer } = await world.engine.enqueue({
      direction: 'download',
      sources: [world.place('/DCIM')],
      to: join(world.here, 'in') as never,
      options: { onConflict: 'skip' },
    });
    const seen = world.phone.timesSeen(Operation.GetObjectPropList);
    while (world.phone.timesSeen(Operation.GetObjectPropList) < seen + 5)
      await new Promise((resolve) => setTimeout(resolve, 1));
    await world.engine.execute('cancel', { transfer });
    // whatever comes after it in the queue is done when the planning has ended
    const own = await world.push([world.local('own.txt', 100)], '/', {}, LONG);
    assert.equal(own.state, 'done', told(world, own));
    assert.ok(!existsSync(join(world.here, 'in')));
    assert.ok(world.engine.view(transfer).finishedAt !== undefined);
  });

  test('two objects with one name are both listed and fetched', async (t) => {
    const world = await hostile(t, [
      { folder: '/DCIM', name: 'a/b', size: 3, content: content('one') },
      { folder: '/DCIM', name: 'a∕b', size: 3, content: content('two') },
    ]);
    mkdirSync(join(world.phoneFolder, 'DCIM'));
    const { view } = await pull(world, '/DCIM');
    assert.equal(view.state, 'done', told(world, view));
    const folder = join(world.here, 'in/DCIM');
    const texts = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
    assert.deepEqual(texts.sort(), ['one', 'two']);
  });
});

/** Puts other bytes in the place of the data of one operation's answers. */
class LyingBus extends FastBus {
  constructor(bus: DeviceBus, operation: number, lie: (payload: Uint8Array) => Uint8Array) {
    super(bus, (transport) => lying(transport, operation, lie));
  }
}

function lying(transport: Transport, operation: number, lie: (payload: Uint8Array) => Uint8Array): Transport {
  let asked = false;
  const changed: Partial<Transport> = {
    write: async (parts, options) => {
      const first = parts[0];
      if (first?.[4] === 1 && first.byteLength <= 32)
        asked = new DataView(first.buffer, first.byteOffset).getUint16(6, true) === operation;
      await transport.write(parts, options);
    },
    read: async (want, options) => {
      const piece = await transport.read(want, options);
      if (!asked || piece.bytes[4] !== 2) return piece;
      asked = false;
      const payload = lie(piece.bytes.subarray(12));
      const bytes = new Uint8Array(12 + payload.byteLength);
      bytes.set(piece.bytes.subarray(0, 12));
      bytes.set(payload, 12);
      new DataView(bytes.buffer).setUint32(0, bytes.byteLength, true);
      return { bytes, short: true };
    },
  };
  return new Proxy(transport, {
    get: (target, name) => {
      const own = changed[name as keyof Transport];
      if (own !== undefined) return own;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

const claims = (count: number, bytes: number): Uint8Array => {
  const payload = new Uint8Array(4 + bytes);
  new DataView(payload.buffer).setUint32(0, count, true);
  return payload;
};

describe('datasets', TOGETHER, () => {
  const lists: readonly (readonly [string, () => Uint8Array])[] = [
    ['a million handles in four bytes', () => claims(1_000_000, 0)],
    ['four thousand million handles', () => claims(0xffffffff, 64)],
    ['nothing at all', () => new Uint8Array(0)],
    ['half a count', () => new Uint8Array(3)],
    ['a million and one handles, really', () => claims(1_000_001, 4_000_004)],
    ['the same handle a hundred thousand times', () => claims(100_000, 400_000)],
  ];
  for (const [name, lie] of lists)
    for (const operation of ['GetObjectHandles', 'GetObjectPropList', 'GetStorageIDs'] as const)
      test(`${operation} answers ${name}: a problem or nothing to show, and the program lives`, async (t) => {
        const quiet = { quirks: operation === 'GetObjectHandles' ? [['no-prop-list', 1] as const] : [] };
        const world = new World(quiet, {
          clock: fastClock,
          bus: (virtual) => new LyingBus(virtual, Operation[operation], lie),
        });
        t.after(() => world.end());
        world.onPhone('DCIM/a.jpg', 1000);
        await world.engine.start();
        const ready = await world.engine.waitForDevice(undefined, 20_000).then(
          () => true,
          (error: { readonly name: string }) => {
            assert.equal(error.name, 'PhoneError');
            return false;
          },
        );
        if (!ready || world.engine.devices[0]?.storages.length === 0) return;
        await world.engine
          .entries(world.place('/'))
          .catch((error: { readonly name: string; readonly kind: string }) => {
            assert.equal(error.name, 'PhoneError');
            assert.notEqual(error.kind, 'internal');
          });
      });
});
