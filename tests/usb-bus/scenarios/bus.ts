import assert from 'node:assert/strict';
import path from 'node:path';
import { BULK, CONTROL, loadAddon, type AddonDevice, type AddonTransfer } from '../../../electron/usb/addon.ts';
import { OPERATION } from '../../usb-lab/guest/containers.ts';
import { openFirst } from '../../usb-lab/guest/phones.ts';
import type { Lab, Scenario } from '../../usb-lab/guest/lab.ts';
import type { Program } from '../../usb-lab/guest/process.ts';
import { sleep, until } from '../../usb-lab/guest/wait.ts';
import { createUsbBus } from '../../../electron/usb/index.ts';
import { NativeBus } from '../bus.ts';

/**
 * The bus itself, with both ends ours: an initiator on libusb or on usbfs (`ends/probe.c`), and a responder that sends back
 * what it gets (`ends/echo.c`).
 */

const IN = 0x81;
const OUT = 0x02;
/** Status of a libusb transfer. */
const COMPLETED = 0;
const CANCELLED = 3;
const STALL = 4;
const NO_DEVICE = 5;
const OVERFLOW = 6;

const ends = (): string => process.env['USB_BUS_ENDS'] ?? '';

/** The responder on a bus with the cable in, once it is attached. */
async function echo(lab: Lab, ...args: readonly string[]): Promise<Program> {
  const bus = NativeBus.around();
  const responder = lab.start('echo', path.join(ends(), 'echo'), args);
  await bus.plug();
  await until('the responder has its endpoints', 10_000, () => responder.output.includes('ready'));
  return responder;
}

interface Moved {
  readonly status: number;
  readonly bytes: Buffer;
}

type MakeTransfer = (endpoint: number, type: number, done: (moved: Moved) => void) => AddonTransfer;

/** A device on libusb, open and claimed. */
class Initiator {
  readonly device: AddonDevice;
  readonly #make: MakeTransfer;

  private constructor(device: AddonDevice, make: MakeTransfer) {
    this.device = device;
    this.#make = make;
  }

  static async open(): Promise<Initiator> {
    const addon = await loadAddon();
    const device = await until('the device is on the bus', 10_000, () =>
      addon
        .getDeviceList()
        .find(({ deviceDescriptor }) => deviceDescriptor.idVendor === 0x1d6b && deviceDescriptor.idProduct === 0x100),
    );
    device.open(false);
    device.__claimInterface(0);
    return new Initiator(
      device,
      (endpoint, type, done) =>
        new addon.Transfer(device, endpoint, type, 0, (error, buffer, actual) => {
          done({ status: error?.errno ?? COMPLETED, bytes: buffer.subarray(0, actual) });
        }),
    );
  }

  /** Queues a transfer of this many bytes, or with these. */
  post(endpoint: number, what: number | Buffer, type = BULK): { readonly moved: Promise<Moved>; cancel(): void } {
    let transfer: AddonTransfer | undefined;
    const moved = new Promise<Moved>((resolve) => {
      transfer = this.#make(endpoint, type, resolve);
      transfer.submit(typeof what === 'number' ? Buffer.alloc(what) : what);
    });
    return { moved, cancel: () => transfer?.cancel() };
  }

  move(endpoint: number, what: number | Buffer): Promise<Moved> {
    return this.post(endpoint, what).moved;
  }
}

const pattern = (length: number): Buffer => Buffer.from(Array.from({ length }, (_, index) => (index * 7) & 255));

async function packets(lab: Lab): Promise<string> {
  await echo(lab, 'sync');
  const initiator = await Initiator.open();
  for (const length of [1, 511, 512, 513, 1024, 4096, 16384]) {
    const wanted = pattern(length);
    const back = initiator.post(IN, 32768);
    assert.equal((await initiator.move(OUT, wanted)).status, COMPLETED);
    // the responder's read ends with a short packet or when it is full
    if (length % 512 === 0 && length < 16384) await initiator.move(OUT, 0);
    const { status, bytes } = await back.moved;
    assert.equal(status, COMPLETED);
    assert.ok(bytes.equals(wanted), `${length} bytes come back as ${bytes.length}`);
  }
  // several transfers make one read, and one write fills several transfers
  const parts = [initiator.post(IN, 512), initiator.post(IN, 512), initiator.post(IN, 512)];
  const wanted = pattern(1124);
  for (const [from, to] of [
    [0, 512],
    [512, 1024],
    [1024, 1124],
  ] as const)
    await initiator.move(OUT, wanted.subarray(from, to));
  const got = await Promise.all(parts.map(({ moved }) => moved));
  assert.deepEqual(
    got.map(({ bytes }) => bytes.length),
    [512, 512, 100],
  );
  assert.ok(Buffer.concat(got.map(({ bytes }) => bytes)).equals(wanted));
  // a packet that does not fit: told, and lost; the next goes on
  const small = initiator.post(IN, 100);
  await initiator.move(OUT, pattern(300));
  assert.equal((await small.moved).status, OVERFLOW);
  initiator.device.close();
  return 'short, whole and empty packets, joined and split, one too long';
}

async function cancelled(lab: Lab): Promise<string> {
  await echo(lab, 'sync');
  const initiator = await Initiator.open();
  const waiting = initiator.post(IN, 512);
  await sleep(20);
  waiting.cancel();
  assert.equal((await waiting.moved).status, CANCELLED);
  await initiator.move(OUT, pattern(40));
  assert.ok((await initiator.move(IN, 512)).bytes.equals(pattern(40)), 'nothing went into the cancelled one');
  initiator.device.close();
  return 'a cancelled transfer takes nothing with it';
}

async function halted(lab: Lab): Promise<string> {
  await echo(lab, 'sync');
  const initiator = await Initiator.open();
  const waiting = initiator.post(IN, 512);
  await initiator.move(OUT, Buffer.from('halt'));
  assert.equal((await waiting.moved).status, STALL);
  assert.equal((await initiator.move(IN, 512)).status, STALL, 'until it is cleared');
  await new Promise<void>((resolve, reject) => {
    initiator.device.__clearHalt(IN, (error) => {
      if (error === undefined) resolve();
      else reject(error);
    });
  });
  await initiator.move(OUT, pattern(9));
  assert.ok((await initiator.move(IN, 512)).bytes.equals(pattern(9)));
  initiator.device.close();
  return 'told to what waits and what comes, cleared by the initiator';
}

async function control(lab: Lab): Promise<string> {
  await echo(lab, 'sync');
  const initiator = await Initiator.open();
  const ask = (...setup: readonly number[]): Promise<Moved> =>
    initiator.post(0, Buffer.concat([Buffer.from(setup), Buffer.alloc(64)]), CONTROL).moved;
  // the device's own software answers: its first string descriptor is the language
  const language = await ask(0x80, 6, 0, 3, 0, 0, 64, 0);
  assert.equal(language.status, COMPLETED);
  // class requests are the responder's: one answered with its value, one refused
  await initiator.move(OUT, Buffer.from('setup'));
  const answered = ask(0xa1, 0x67, 0x34, 0x12, 0, 0, 64, 0);
  assert.equal((await answered).status, COMPLETED);
  const refused = await ask(0x21, 0x64, 0, 0, 0, 0, 0, 0);
  assert.equal(refused.status, STALL);
  initiator.device.close();
  return 'standard requests by the device, class requests by the responder';
}

async function unplugged(lab: Lab): Promise<string> {
  const bus = NativeBus.around();
  const responder = await echo(lab, 'sync');
  const addon = await loadAddon();
  const seen: string[] = [];
  const attach = ({ deviceAddress }: AddonDevice): void => void seen.push(`attach ${deviceAddress}`);
  const detach = ({ deviceAddress }: AddonDevice): void => void seen.push(`detach ${deviceAddress}`);
  const initiator = await Initiator.open();
  addon.on('attach', attach);
  addon.on('detach', detach);
  try {
    const before = (await bus.traffic()).device;
    const waiting = [initiator.post(IN, 512), initiator.post(IN, 512)];
    await bus.unplug();
    assert.deepEqual(
      (await Promise.all(waiting.map(({ moved }) => moved))).map(({ status }) => status),
      [NO_DEVICE, NO_DEVICE],
    );
    await assert.rejects(initiator.move(IN, 512), /NO_DEVICE/u);
    await until('the responder’s read fails', 5000, () => /^read: Cannot send after/mu.test(responder.output));
    await until('it hears why', 5000, () => responder.output.includes('event 3'));
    await until('libusb hears of it', 5000, () => seen.includes(`detach ${before}`));
    initiator.device.close();
    await bus.plug();
    await until('libusb hears of the plug', 5000, () => seen.includes(`attach ${before + 1}`));
    const again = await Initiator.open();
    await again.move(OUT, pattern(33));
    assert.ok((await again.move(IN, 512)).bytes.equals(pattern(33)));
    again.device.close();
  } finally {
    addon.off('attach', attach);
    addon.off('detach', detach);
  }
  return seen.join(', ');
}

/** The responder's process ends: that is a pull as well, once told. */
async function responderEnds(lab: Lab): Promise<string> {
  const bus = NativeBus.around();
  const responder = await echo(lab, 'sync');
  const initiator = await Initiator.open();
  const waiting = initiator.post(IN, 512);
  await responder.kill('SIGKILL');
  await bus.gone();
  assert.equal((await waiting.moved).status, NO_DEVICE);
  initiator.device.close();
  assert.equal((await bus.traffic()).attached, false);
  await echo(lab, 'sync');
  const again = await Initiator.open();
  await again.move(OUT, pattern(5));
  assert.ok((await again.move(IN, 512)).bytes.equals(pattern(5)));
  again.device.close();
  return 'another one takes its place';
}

/** What a killed initiator had asked for takes nothing of what comes later, and holds no claim. */
async function initiatorKilled(lab: Lab): Promise<string> {
  await echo(lab, 'sync');
  const other = lab.start('other', process.execPath, [
    '-e',
    `const { usb } = require(${JSON.stringify(`${process.cwd()}/node_modules/usb`)});
     const device = usb.getDeviceList().find((one) => one.deviceDescriptor.idVendor === 0x1d6b && one.deviceDescriptor.idProduct === 0x0100);
     device.open(false); device.__claimInterface(0);
     for (let count = 0; count < 3; count += 1) new usb.Transfer(device, 0x81, 2, 0, () => {}).submit(Buffer.alloc(4096));
     console.log('waiting'); setInterval(() => {}, 1000);`,
  ]);
  await until('it waits', 20_000, () => other.output.includes('waiting'));
  await other.kill('SIGKILL');
  const initiator = await Initiator.open();
  await initiator.move(OUT, pattern(77));
  assert.ok((await initiator.move(IN, 512)).bytes.equals(pattern(77)));
  initiator.device.close();
  return 'its reads are gone and its claim is free';
}

async function usbfs(lab: Lab): Promise<string> {
  const bus = NativeBus.around();
  const checks: number[] = [];
  for (const way of ['sync', 'aio']) {
    const responder = await echo(lab, ...(way === 'sync' ? ['sync'] : []));
    const { device } = await bus.traffic();
    const node = `/dev/bus/usb/001/${String(device).padStart(3, '0')}`;
    const { code, output } = await lab.start(`probe-${way}`, path.join(ends(), 'probe'), [node]).ended;
    assert.equal(code, 0, output);
    checks.push((output.match(/^ok /gmu) ?? []).length);
    await responder.kill();
    await bus.gone();
  }
  assert.equal(checks[0], checks[1]);
  return `${checks.join(' and ')} checks, with a responder on read and write, and one on Linux AIO`;
}

async function aio(lab: Lab): Promise<string> {
  const bus = NativeBus.around();
  const responder = await echo(lab);
  const initiator = await Initiator.open();
  for (const length of [7, 512, 3000]) {
    const back = initiator.post(IN, 8192);
    await initiator.move(OUT, pattern(length));
    if (length % 512 === 0) await initiator.move(OUT, 0);
    assert.ok((await back.moved).bytes.equals(pattern(length)), `${length} bytes`);
  }
  await initiator.move(OUT, Buffer.from('cancel'));
  await until('a cancelled request is told', 5000, () => responder.output.includes('read: Connection reset by peer'));
  const back = initiator.post(IN, 512);
  await initiator.move(OUT, pattern(11));
  assert.ok((await back.moved).bytes.equals(pattern(11)), 'the others go on');
  await bus.unplug();
  await until('the rest fails with the cable', 5000, () => responder.output.includes('read: Cannot send after'));
  initiator.device.close();
  return 'several requests at once, one cancelled, all told of a pull';
}

/** The least time that a bus takes is kept; nothing is said about the most. */
async function time(lab: Lab): Promise<string> {
  const bus = NativeBus.around();
  await echo(lab, 'sync');
  const initiator = await Initiator.open();
  await bus.setTime('rate=100000 latency-us=20000');
  const started = performance.now();
  const back = initiator.post(IN, 16384);
  await initiator.move(OUT, pattern(10_000));
  await back.moved;
  const took = performance.now() - started;
  await bus.setTime('');
  initiator.device.close();
  assert.ok(took >= 240, `20 KB at 100 KB/s and two transfers of 20 ms took ${took} ms`);
  return `${Math.round(took)} ms`;
}

/** Transactions by operation, as an independent initiator makes them. */
async function counts(): Promise<string> {
  const bus = NativeBus.around();
  await bus.forget();
  const usb = createUsbBus();
  try {
    const { phone, storage } = await openFirst(usb);
    await bus.forget();
    await phone.makeFolder(storage.id, 'root', 'one');
    await phone.makeFolder(storage.id, 'root', 'two');
    await phone.close();
  } finally {
    await usb.close();
  }
  const { operations, refused } = await bus.traffic();
  const count = (code: number): number => operations.find((one) => one.code === code)?.count ?? 0;
  assert.equal(count(OPERATION.sendObjectInfo), 2);
  assert.equal(count(OPERATION.closeSession), 1);
  assert.equal(count(OPERATION.sendObject), 0);
  assert.equal(refused, 0);
  const sent = operations.find(({ code }) => code === OPERATION.sendObjectInfo)?.bytesOut ?? 0;
  assert.ok(sent >= 2 * 60, `${sent} bytes of datasets`);
  return `${operations.length} operations`;
}

const scenario = (name: string, what: string, run: Scenario['run'], phone: Scenario['phone'] = 'none'): Scenario => ({
  name: `bus/${name}`,
  what,
  limitMs: 60_000,
  phone,
  run: async (lab) => {
    try {
      return await run(lab);
    } finally {
      // an own responder goes with its scenario
      await lab.end();
      await NativeBus.around().gone();
    }
  },
});

export const bus: readonly Scenario[] = [
  scenario('packets', 'packets, short and empty ones, joins, splits and overflow', packets),
  scenario('cancelled', 'a cancelled transfer takes nothing with it', cancelled),
  scenario('halted', 'a halted endpoint, cleared', halted),
  scenario('control', 'control requests: the device’s and the responder’s', control),
  scenario('unplugged', 'the cable pulled and plugged in, as both ends hear of it', unplugged),
  scenario('responder-ends', 'the responder dies', responderEnds),
  scenario('initiator-killed', 'the initiator is killed with reads under way', initiatorKilled),
  scenario('usbfs', 'what libusb hides: poll, claims, flags, memory, limits', usbfs),
  scenario('aio', 'a responder on Linux AIO', aio),
  scenario('time', 'the bus takes its time', time),
  scenario('counts', 'transactions by operation', counts, 'gadget'),
];
