import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isPhoneError } from '../../shared/errors.ts';
import { Operation, Response } from '../mtp/wire/index.ts';
import { VirtualBus } from './bus.ts';
import { thumbnailOf } from './exif.ts';
import { ANDROID_FOLDERS } from './options.ts';
import { VirtualPhone } from './phone.ts';
import { parseVirtualSpec } from './spec.ts';
import { SOON, TestHost, connect, makePhone, pattern } from '../../tests/support/test-initiator.ts';

test('specifications of phones', () => {
  assert.deepEqual(parseVirtualSpec('/a/b'), { directory: '/a/b' });
  assert.deepEqual(
    parseVirtualSpec(
      '/a,b/c,profile=camera,serial=S 1,name=My, phone,sd=/x,capacity=10,sd-capacity=20,rate=30,latency=4,speed=super,furnish,quirk=no-zlp,quirk=open-refused:3',
    ),
    {
      directory: '/a,b/c',
      profile: 'camera',
      serial: 'S 1',
      name: 'My, phone',
      sdDirectory: '/x',
      capacity: 10,
      sdCapacity: 20,
      rate: 30,
      latencyMs: 4,
      maxPacketSize: 1024,
      createDefaultFolders: true,
      quirks: [
        ['no-zlp', 1],
        ['open-refused', 3],
      ],
    },
  );
  assert.deepEqual(
    parseVirtualSpec('/a,capacity=10,sd=/b,sd-name=SD-Karte, neu,sd-after=3000,storage-name=Speicher,twin=/c,twin=/d'),
    {
      directory: '/a',
      capacity: 10,
      sdDirectory: '/b',
      sdName: 'SD-Karte, neu',
      sdAfterMs: 3000,
      storageName: 'Speicher',
      storages: [
        { directory: '/c', capacity: 10 },
        { directory: '/d', capacity: 10 },
      ],
    },
    'storages',
  );
  for (const bad of [
    '',
    ',name=x',
    '/a,profile=x',
    '/a,colour=red',
    '/a,capacity=x',
    '/a,name=',
    '/a,quirk=x',
    '/a,speed=1',
  ])
    assert.throws(
      () => parseVirtualSpec(bad),
      (error) => isPhoneError(error) && error.kind === 'bad-request' && error.problem.detail !== '',
      bad,
    );
});

test('the bus reports plugs and unplugs; a phone keeps its serial, not its address', async (t) => {
  const { phone, folder } = await makePhone(t);
  const bus = new VirtualBus([phone]);
  const seen: number[] = [];
  const stop = bus.onChange((attached) => seen.push(attached.length));
  const [first] = await bus.current();
  assert.ok(first);
  assert.deepEqual(
    [first.manufacturer, first.product, first.serial, first.virtual],
    ['Replug', 'Virtual phone', phone.serial, true],
  );
  const cable = await bus.open(first);
  await phone.unplug();
  assert.equal((await cable.closed).kind, 'disconnected');
  assert.equal(await TestHost.kindOf(bus.open(first)), 'disconnected');
  phone.plug();
  assert.equal(await TestHost.kindOf(bus.open(first)), 'disconnected', 'what was attached then is gone');
  const [second] = await bus.current();
  assert.ok(second && second.id !== first.id && second.serial === first.serial);
  await bus.open(second);
  assert.equal(await TestHost.kindOf(bus.open(second)), 'held');
  assert.deepEqual(seen, [0, 1]);
  assert.equal(new VirtualPhone({ directory: folder, plugged: false }).serial, phone.serial);
  await bus.remove(phone);
  stop();
  assert.deepEqual(await bus.current(), []);
});

test('samples: pictures with a date and a thumbnail, in a folder that is new only', async (t) => {
  const { phone, folder } = await makePhone(t, { samples: true });
  await phone.ready();
  const camera = join(folder, 'DCIM/Camera');
  const names = await readdir(camera);
  assert.ok(names.length >= 6);
  for (const name of names) {
    const bytes = await readFile(join(camera, name));
    const small = thumbnailOf(bytes);
    assert.ok(small !== undefined && small.byteLength > 1000 && small.byteLength < bytes.byteLength / 2);
    for (const jpeg of [bytes, small])
      assert.deepEqual([jpeg.at(0), jpeg.at(1), jpeg.at(-2), jpeg.at(-1)], [0xff, 0xd8, 0xff, 0xd9]);
    const [, day = '', time = ''] = /^IMG_(\d{8})_(\d{6})\.jpg$/.exec(name) ?? [];
    const taken = /(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)\0/.exec(bytes.toString('latin1'));
    assert.equal(taken?.slice(1, 7).join(''), day + time);
  }

  await writeFile(join(folder, 'Documents/mine.txt'), 'mine');
  await rm(camera, { recursive: true });
  const again = new VirtualPhone({ directory: folder, samples: true, plugged: true });
  t.after(() => again.dispose());
  await again.ready();
  await assert.rejects(readdir(camera), { code: 'ENOENT' }, 'what was deleted stays deleted');
});

test('default folders only on request; the folder is created; a failure is reported', async (t) => {
  const { phone, folder } = await makePhone(t, { createDefaultFolders: true });
  await phone.ready();
  assert.deepEqual(
    (await readdir(folder)).sort(),
    [...new Set(ANDROID_FOLDERS.map((path) => path.split('/')[0]))].sort(),
  );
  const base = await mkdtemp(join(tmpdir(), 'replug-virtual-'));
  t.after(() => rm(base, { recursive: true, force: true }));
  await writeFile(join(base, 'file'), 'x');
  const broken = new VirtualPhone({ directory: join(base, 'file', 'phone') });
  await assert.rejects(broken.ready(), (error) => isPhoneError(error) && error.kind === 'bad-request');
  await broken.settled();
  assert.equal(broken.isPlugged, false);
});

test('leftovers of a killed program beside the folder are removed', async (t) => {
  const base = await mkdtemp(join(tmpdir(), 'replug-virtual-'));
  t.after(() => rm(base, { recursive: true, force: true }));
  const { mkdirSync, writeFileSync } = await import('node:fs');
  mkdirSync(join(base, '.phone.replug-virtual'));
  writeFileSync(join(base, '.phone.replug-virtual', '999999999-x'), 'half a film');
  const phone = new VirtualPhone({ directory: join(base, 'phone') });
  await phone.ready();
  assert.deepEqual(await readdir(base), ['phone']);
  await phone.dispose();
});

for (const maxPacketSize of [64, 512, 1024] as const)
  test(`packets of ${maxPacketSize}`, async (t) => {
    const { phone } = await makePhone(t, { maxPacketSize });
    const host = await connect(phone);
    assert.equal(host.transport.maxPacketSize, maxPacketSize);
    const [storage = 0] = await host.storages();
    for (const size of [0, maxPacketSize - 12, maxPacketSize, 16384 - 12, 100_000]) {
      const { handle } = await host.upload(storage, `f${size}`, pattern(size));
      assert.deepEqual((await host.ask(Operation.GetObject, [handle])).data, pattern(size));
    }
  });

test('pace and latency change when, not what', async (t) => {
  const { phone } = await makePhone(t, { rate: 20_000_000, latencyMs: 1 });
  const host = await connect(phone);
  const [storage = 0] = await host.storages();
  const { handle, result } = await host.upload(storage, 'a', pattern(1_000_000));
  assert.equal(result.code, Response.OK);
  assert.deepEqual((await host.ask(Operation.GetObject, [handle])).data, pattern(1_000_000));
});

test('an unplug between two operations leaves a clean connection', async (t) => {
  const { phone } = await makePhone(t);
  await connect(phone);
  await phone.unplug();
  phone.plug();
  const host = new TestHost(phone.open());
  assert.equal(await TestHost.kindOf(host.transport.read(64, { limitMs: SOON })), 'silent');
  await phone.unplug();
  phone.plug();
  assert.equal((await (await connect(phone)).storages()).length, 1);
});

test('a program killed in the middle of an upload leaves nothing visible, and the next one clears the rest', async (t) => {
  const base = await mkdtemp(join(tmpdir(), 'replug-virtual-'));
  t.after(() => rm(base, { recursive: true, force: true }));
  const script = `
    import { VirtualPhone } from ${JSON.stringify(new URL('./phone.ts', import.meta.url).href)};
    import { connect } from ${JSON.stringify(new URL('../../tests/support/test-initiator.ts', import.meta.url).href)};
    const host = await connect(new VirtualPhone({ directory: ${JSON.stringify(join(base, 'phone'))} }));
    const [storage] = await host.storages();
    await host.announce(storage, 'film', 50_000_000);
    await host.command(${Operation.SendObject});
    await host.transport.write([new Uint8Array(8 * 1024 * 1024)], { last: false, limitMs: 5000 });
    console.log('now');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.deepEqual((await readdir(base)).sort(), ['.phone.replug-virtual', 'phone']);
  assert.deepEqual(await readdir(join(base, 'phone')), []);
  const phone = new VirtualPhone({ directory: join(base, 'phone') });
  await phone.ready();
  assert.deepEqual(await readdir(base), ['phone']);
  await phone.dispose();
});
