import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { AttachedDevice, Transport } from '../../../electron/mtp/ports.ts';
import { createUsbBus, type UsbBus } from '../../../electron/usb/index.ts';
import { isPhoneError } from '../../../shared/errors.ts';
import { Hand, OPERATION } from '../guest/containers.ts';
import type { Lab, Scenario } from '../guest/lab.ts';
import { sleep, until } from '../guest/wait.ts';

/** `electron/usb` alone, with hand-made containers: a failure here is the transport's fault. */

const kindOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: unknown) => (isPhoneError(error) ? error.kind : String(error)),
  );
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

async function withBus<T>(work: (bus: UsbBus) => Promise<T>): Promise<T> {
  const bus = createUsbBus();
  try {
    return await work(bus);
  } finally {
    await bus.close();
  }
}

const phoneOn = (bus: UsbBus): Promise<AttachedDevice> =>
  until('the phone is on the bus', 10_000, async () => (await bus.current())[0]);

async function opened(bus: UsbBus): Promise<{ transport: Transport; hand: Hand; attached: AttachedDevice }> {
  const attached = await phoneOn(bus);
  const transport = await bus.open(attached);
  const hand = new Hand(transport);
  assert.equal((await hand.transact(OPERATION.openSession, [1])).code, 0x2001);
  return { transport, hand, attached };
}

/** SendObjectInfo's dataset for a file in the root. */
function objectInfo(name: string, size: number): Buffer {
  const fixed = Buffer.alloc(52);
  fixed.writeUInt16LE(0x3000, 4);
  fixed.writeUInt32LE(size, 8);
  const text = Buffer.from(`${name}\0`, 'utf16le');
  return Buffer.concat([fixed, Buffer.from([text.length / 2]), text, Buffer.from([0, 0, 0])]);
}

const firstStorage = async (hand: Hand): Promise<number> =>
  (await hand.transact(OPERATION.getStorageIds)).data?.readUInt32LE(4) ?? 0;

async function firstHandle(hand: Hand): Promise<number> {
  const storage = await firstStorage(hand);
  const handles = await hand.transact(OPERATION.getObjectHandles, [storage, 0, 0xffffffff]);
  assert.equal(handles.data?.readUInt32LE(0), 1);
  return handles.data.readUInt32LE(4);
}

async function identify(lab: Lab): Promise<string> {
  return withBus(async (bus) => {
    const attached = await phoneOn(bus);
    assert.equal(attached.vendorId, 0x1d6b);
    assert.equal(attached.serial, lab.gadget.serial);
    assert.equal(attached.product, 'Lab phone');
    const { transport, hand } = await opened(bus);
    assert.equal(transport.maxPacketSize, 512);
    assert.equal(transport.linkSpeed, 'high');
    const info = await hand.transact(OPERATION.getDeviceInfo);
    assert.equal(info.code, 0x2001);
    assert.ok((info.data?.length ?? 0) > 60);
    // Closed and opened again at once: the interface was released.
    await transport.close();
    const again = await bus.open(attached);
    assert.equal((await new Hand(again).transact(OPERATION.getDeviceInfo)).code, 0x2001);
    await again.close();
    return `${attached.product}, device info of ${info.data?.length ?? 0} bytes`;
  });
}

async function bulk(lab: Lab): Promise<string> {
  const MiB = 1024 * 1024;
  const content = randomBytes(100 * MiB);
  await writeFile(`${lab.gadget.internal}/big.bin`, content);
  return withBus(async (bus) => {
    const { hand } = await opened(bus);
    const handle = await firstHandle(hand);
    const started = performance.now();
    const hash = createHash('sha256');
    for (let offset = 0; offset < content.length; offset += 8 * MiB) {
      const length = Math.min(8 * MiB, content.length - offset);
      const chunk = await hand.transact(OPERATION.getPartialObject64, [handle, offset, 0, length]);
      assert.equal(chunk.data?.length, length);
      hash.update(chunk.data);
    }
    const down = content.length / MiB / ((performance.now() - started) / 1000);
    assert.equal(hash.digest('hex'), sha(content));
    await hand.transact(OPERATION.deleteObject, [handle, 0]);

    const sent = performance.now();
    const info = await hand.transact(
      OPERATION.sendObjectInfo,
      [await firstStorage(hand), 0xffffffff],
      objectInfo('up.bin', content.length),
    );
    assert.equal(info.code, 0x2001);
    assert.equal((await hand.transact(OPERATION.sendObject, [], content)).code, 0x2001);
    const up = content.length / MiB / ((performance.now() - sent) / 1000);
    assert.equal(sha(await readFile(`${lab.gadget.internal}/up.bin`)), sha(content));
    return `100 MiB: down ${down.toFixed(1)} MB/s in 8 MiB chunks, up ${up.toFixed(1)} MB/s whole`;
  });
}

/** Sizes around every boundary: packet, responder's buffer, our joint, our largest transfer. */
const EDGES = [0, 1, 499, 500, 501, 512, 1012, 8180, 8192, 16372, 16373, 16384, 65524, 1048564, 1048576, 1048577];

async function edges(lab: Lab): Promise<string> {
  return withBus(async (bus) => {
    const { hand } = await opened(bus);
    const storage = await firstStorage(hand);
    for (const size of EDGES) {
      const content = randomBytes(size);
      const info = await hand.transact(OPERATION.sendObjectInfo, [storage, 0xffffffff], objectInfo(`e${size}`, size));
      assert.equal(info.code, 0x2001, `SendObjectInfo of ${size}`);
      assert.equal((await hand.transact(OPERATION.sendObject, [], content)).code, 0x2001, `SendObject of ${size}`);
      assert.equal(sha(await readFile(`${lab.gadget.internal}/e${size}`)), sha(content), `${size} bytes up`);
      const back = await hand.transact(OPERATION.getObject, [info.parameters[2] ?? 0]);
      assert.equal(sha(back.data ?? Buffer.alloc(0)), sha(content), `${size} bytes down`);
    }
    return `${EDGES.length} sizes both ways`;
  });
}

async function silence(): Promise<string> {
  return withBus(async (bus) => {
    const { transport, hand } = await opened(bus);
    assert.equal(await kindOf(transport.read(512, { limitMs: 200 })), 'silent');
    assert.equal(await kindOf(transport.read(512, { limitMs: 200 })), 'silent');
    // The abandoned read is still in flight and receives the answer.
    const answer = await hand.transact(OPERATION.getStorageIds);
    assert.equal(answer.code, 0x2001);
    assert.equal(answer.transaction, 1);
    return 'two limits ran out, no byte was lost';
  });
}

async function events(lab: Lab): Promise<string> {
  return withBus(async (bus) => {
    const { transport, hand } = await opened(bus);
    await hand.transact(OPERATION.getObjectHandles, [await firstStorage(hand), 0, 0xffffffff]);
    const seen: string[] = [];
    // The first event comes before anybody listens.
    await writeFile(`${lab.gadget.internal}/one.txt`, 'one');
    await sleep(1000);
    transport.onInterrupt((packet) => seen.push(Buffer.from(packet).readUInt16LE(6).toString(16)));
    await writeFile(`${lab.gadget.internal}/two.txt`, 'two');
    await until('both additions are told', 5000, () => seen.filter((code) => code === '4002').length >= 2);
    return seen.join(' ');
  });
}

async function cable(lab: Lab): Promise<string> {
  return withBus(async (bus) => {
    const lists: number[] = [];
    await phoneOn(bus);
    const stop = bus.onChange((attached) => lists.push(attached.length));
    const ids = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      const { transport, attached } = await opened(bus);
      ids.add(attached.id);
      // With a read waiting, without anything going on, and in the middle of a write.
      const waiting =
        round === 0
          ? kindOf(transport.read(512, { limitMs: 20_000 }))
          : round === 1
            ? Promise.resolve('disconnected')
            : kindOf(transport.write([new Uint8Array(64 << 20)], { last: true, limitMs: 20_000 }));
      await sleep(100);
      await lab.gadget.unplug();
      assert.equal(await waiting, 'disconnected');
      assert.equal((await transport.closed).kind, 'disconnected');
      await until('the bus tells that it is gone', 5000, () => lists.at(-1) === 0);
      assert.equal(await kindOf(bus.open(attached)), 'disconnected');
      await transport.close();
      await lab.gadget.plug();
      await until('the bus tells that it is back', 5000, () => lists.at(-1) === 1);
    }
    stop();
    assert.equal(ids.size, 3, 'a device that came back has a new id');
    return `three times, told as ${lists.join(' ')}`;
  });
}

async function held(lab: Lab): Promise<string> {
  const other = lab.start('other', process.execPath, [
    '-e',
    `const { usb } = require(${JSON.stringify(`${process.cwd()}/node_modules/usb`)});
     const device = usb.getDeviceList().find((one) => one.deviceDescriptor.idVendor === 0x1d6b && one.deviceDescriptor.idProduct === 0x0100);
     device.open(); device.interfaces[0].claim(); console.log('claimed'); setInterval(() => {}, 1000);`,
  ]);
  await until('the other program has the phone', 20_000, () => other.output.includes('claimed'));
  return withBus(async (bus) => {
    const attached = await phoneOn(bus);
    const problem = await bus.open(attached).then(
      () => assert.fail('it could be opened'),
      (error: unknown) => (isPhoneError(error) ? error.problem : assert.fail(String(error))),
    );
    assert.equal(problem.kind, 'held');
    assert.equal(problem.holder?.pid, other.pid);
    await other.kill();
    await opened(bus);
    return `named ${problem.holder?.program ?? '?'} and its process id`;
  });
}

async function reset(lab: Lab): Promise<undefined> {
  return withBus(async (bus) => {
    const { transport, attached } = await opened(bus);
    await transport.reset();
    assert.equal((await transport.closed).problem.operation, 'bus reset');
    const back = await until('the phone can be opened after the reset', 15_000, async () => {
      const now = (await bus.current())[0];
      return now === undefined ? undefined : await bus.open(now).catch(() => undefined);
    });
    // uMTP-Responder answers nothing but OpenSession before a session, not even GetDeviceInfo.
    assert.equal((await new Hand(back).transact(OPERATION.openSession, [1])).code & 0xffe0, 0x2000);
    lab.say(`         reset: ${attached.id} came back`);
    return undefined;
  });
}

async function udevRule(): Promise<string> {
  const tagged = await until('a device carries the tag', 5000, async () => {
    const names = await readdir('/run/udev/tags/uaccess');
    return names.length > 0 && names;
  });
  return `tagged: ${tagged.join(' ')}`;
}

export const transport: readonly Scenario[] = [
  {
    name: 'transport/identify',
    what: 'finds the phone, opens, closes and opens it again',
    limitMs: 30_000,
    phone: 'gadget',
    run: identify,
  },
  { name: 'transport/bulk', what: '100 MiB both ways, SHA-256 compared', limitMs: 90_000, phone: 'gadget', run: bulk },
  {
    name: 'transport/edges',
    what: 'sizes around every packet and buffer boundary, both ways',
    limitMs: 60_000,
    phone: 'gadget',
    run: edges,
  },
  {
    name: 'transport/silence',
    what: 'limits run out and lose no byte',
    limitMs: 30_000,
    phone: 'gadget',
    run: silence,
  },
  {
    name: 'transport/events',
    what: 'events, also those before there was a listener',
    limitMs: 30_000,
    phone: 'gadget',
    run: events,
  },
  {
    name: 'transport/cable',
    what: 'unplug while reading, idle and writing; hotplug tells',
    limitMs: 60_000,
    phone: 'gadget',
    run: cable,
  },
  {
    name: 'transport/held',
    what: 'another program has the interface: named, then taken over',
    limitMs: 60_000,
    phone: 'gadget',
    run: held,
  },
  {
    name: 'transport/reset',
    what: 'a bus reset closes; the phone can be opened again',
    limitMs: 60_000,
    phone: 'gadget',
    run: reset,
  },
  {
    name: 'transport/udev-rule',
    what: 'the product’s udev rule tags the phone for the user',
    limitMs: 10_000,
    phone: 'gadget',
    needs: 'udev',
    run: udevRule,
  },
];
