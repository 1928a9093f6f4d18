import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Native } from '../../native/index.ts';
import { isPhoneError, type PhoneError } from '../../shared/errors.ts';
import type { AttachedDevice } from '../mtp/ports.ts';
import { speedInBos } from './best-speed.ts';
import { UsbBus } from './bus.ts';
import {
  BULK_IN,
  FakeAddon,
  fakeDevice,
  FakeTimers,
  INTERRUPT_IN,
  mtpConfiguration,
  turns,
  type FakeDevice,
} from '../../tests/support/fake-addon.ts';
import { candidatesOf, chooseInterface } from './identify.ts';
import { phoneErrorOf, statusError } from './problems.ts';
import { portName, wordsFromSysfs, type DeviceWords } from './strings.ts';

const words = (name: string): DeviceWords => ({
  manufacturer: 'Google',
  product: 'Pixel 9',
  serial: 'ABC',
  interfaces: new Map([[0, name]]),
  linkSpeed: 'high',
});

const takes = (program: string) => ({ kind: 'takes-phones', program, releasable: true }) as const;
const native = (holder?: { program: string; pid: number; releasable: boolean }): Native => ({
  holderOf: () => Promise.resolve(holder),
  forbiddenAdvice: () => ({ id: 'quit-phone-programs' }),
  release: () => Promise.resolve(false),
  checks: () => Promise.resolve(holder === undefined ? [] : [takes(holder.program)]),
  quitProgram: (program) => Promise.resolve(program === holder?.program),
  putBack: () => Promise.resolve(),
});

function setup(devices: FakeDevice[], name = 'MTP', holder?: { program: string; pid: number; releasable: boolean }) {
  const addon = new FakeAddon();
  addon.devices = devices;
  const timers = new FakeTimers();
  let loads = 0;
  const load = () => {
    loads += 1;
    return Promise.resolve(addon);
  };
  const bus = new UsbBus({ load, native: native(holder), timers, words: () => Promise.resolve(words(name)) });
  return { addon, timers, bus, loads: () => loads };
}

const problem = (promise: Promise<unknown>): Promise<PhoneError['problem']> =>
  promise.then(
    () => assert.fail('it resolved'),
    (error: unknown) => (isPhoneError(error) ? error.problem : assert.fail(String(error))),
  );
const only = (attached: readonly AttachedDevice[]): AttachedDevice => {
  assert.equal(attached.length, 1);
  return attached[0] ?? assert.fail();
};

void test('nothing is loaded before the bus is used', async () => {
  const { bus, loads } = setup([fakeDevice()]);
  assert.equal(loads(), 0);
  await bus.current();
  assert.equal(loads(), 1);
});

void test('what would keep phones from being opened is the system’s to say, and needs no USB library', async () => {
  const { bus, loads } = setup([], 'MTP', { program: 'Android File Transfer', pid: 7, releasable: true });
  assert.deepEqual(await bus.checks(), [takes('Android File Transfer')]);
  assert.deepEqual([await bus.quitProgram('Android File Transfer'), await bus.quitProgram('Photos')], [true, false]);
  assert.equal(loads(), 0);
});

void test('a missing rule is not told where a phone was opened, now or before', async () => {
  const noRule = { kind: 'no-rule', advice: { id: 'udev-rule', with: { file: '', rule: '', command: '' } } } as const;
  const others = takes('Android File Transfer');
  const addon = new FakeAddon();
  addon.devices = [fakeDevice()];
  let noted = 0;
  const busThat = (openedBefore: boolean): UsbBus =>
    new UsbBus({
      load: () => Promise.resolve(addon),
      native: { ...native(), checks: () => Promise.resolve([noRule, others]) },
      timers: new FakeTimers(),
      words: () => Promise.resolve(words('MTP')),
      openedBefore: { has: () => Promise.resolve(openedBefore), note: () => Promise.resolve(void (noted += 1)) },
    });
  assert.deepEqual(await busThat(true).checks(), [others]);
  const bus = busThat(false);
  assert.deepEqual(await bus.checks(), [noRule, others]);
  const transport = await bus.open(only(await bus.current()));
  await transport.close();
  assert.deepEqual(await bus.checks(), [others]);
  await (await bus.open(only(await bus.current()))).close();
  assert.equal(noted, 1, 'noted once');
});

void test('finding a phone opens nothing if the system has its strings', async () => {
  const phone = fakeDevice();
  const { bus } = setup([fakeDevice({ cls: 9 }), phone]);
  const attached = only(await bus.current());
  assert.deepEqual([attached.serial, attached.product, attached.vendorId], ['ABC', 'Pixel 9', 0x18d1]);
  assert.deepEqual(phone.calls, []);
  assert.equal(only(await bus.current()).id, attached.id, 'the same device keeps its id');
});

void test('the interface with the string MTP wins over one without, and vendor class alone is not enough', () => {
  const still = candidatesOf(fakeDevice());
  assert.equal(chooseInterface(still, () => undefined)?.certainty, 'still-image');
  const network = candidatesOf(fakeDevice({ configuration: mtpConfiguration({ cls: 0xff }) }));
  assert.equal(
    chooseInterface(network, () => 'Network'),
    undefined,
  );
  assert.equal(chooseInterface(network, () => 'MTP')?.certainty, 'vendor-class');
  const kindle = candidatesOf(fakeDevice({ vendorId: 0x1949, configuration: mtpConfiguration({ cls: 0xff }) }));
  assert.equal(chooseInterface(kindle, () => undefined)?.certainty, 'maker');
  assert.deepEqual(candidatesOf(fakeDevice({ configuration: mtpConfiguration({ endpoints: 2 }) })), [], 'ADB has two');
  assert.deepEqual(candidatesOf(fakeDevice({ cls: 9 })), []);
});

void test('the interface is claimed by its number, not by its position', async () => {
  const phone = fakeDevice({ configuration: mtpConfiguration({ before: 2, number: 5 }) });
  const { bus } = setup([phone]);
  const transport = await bus.open(only(await bus.current()));
  assert.deepEqual(phone.calls, ['open', 'claim 5']);
  assert.equal(transport.maxPacketSize, 512);
  assert.equal(transport.linkSpeed, 'high');
  await transport.close();
  await transport.close();
  assert.deepEqual(phone.calls, ['open', 'claim 5', 'release 5', 'close']);
  assert.equal((await transport.closed).kind, 'disconnected');
});

void test('busy is `held` with the holder, access denied is `forbidden` with the fix', async () => {
  const holder = { program: 'aft-mtp-cli', pid: 42, releasable: false };
  const busy = setup([fakeDevice({ claimError: -6 })], 'MTP', holder);
  const held = await problem(busy.bus.open(only(await busy.bus.current())));
  assert.deepEqual([held.kind, held.holder], ['held', holder]);
  const denied = setup([fakeDevice({ openError: -3 })]);
  const forbidden = await problem(denied.bus.open(only(await denied.bus.current())));
  assert.deepEqual([forbidden.kind, forbidden.advice?.id], ['forbidden', 'quit-phone-programs']);
  const gone = setup([fakeDevice({ openError: -4 })]);
  assert.equal((await problem(gone.bus.open(only(await gone.bus.current())))).kind, 'disconnected');
});

void test('a lost device ends everything with one cause, and the next open finds it gone', async () => {
  const phone = fakeDevice();
  const { bus, addon } = setup([phone]);
  const attached = only(await bus.current());
  const transport = await bus.open(attached);
  const reading = problem(transport.read(12, { limitMs: 1000 }));
  addon.flying(INTERRUPT_IN)[0]?.end(5);
  assert.equal((await reading).kind, 'disconnected');
  assert.equal((await transport.closed).kind, 'disconnected');
  assert.equal((await problem(transport.write([new Uint8Array(12)], { last: true, limitMs: 1 }))).kind, 'disconnected');
  assert.equal((await problem(transport.classRequestIn(0x67, 32, { limitMs: 1 }))).kind, 'disconnected');
  await turns();
  addon.devices = [];
  assert.equal((await problem(bus.open(attached))).kind, 'disconnected');
});

void test('events that arrive before there is a listener are kept for it', async () => {
  const { bus, addon } = setup([fakeDevice()]);
  const transport = await bus.open(only(await bus.current()));
  addon.flying(INTERRUPT_IN)[0]?.bring(new Uint8Array(16).fill(1));
  addon.flying(INTERRUPT_IN)[0]?.bring(new Uint8Array(16).fill(2));
  const seen: (number | undefined)[] = [];
  const stop = transport.onInterrupt((packet) => seen.push(packet[0]));
  addon.flying(INTERRUPT_IN)[0]?.bring(new Uint8Array(16).fill(3));
  assert.deepEqual(seen, [1, 2, 3]);
  assert.equal(addon.flying(INTERRUPT_IN).length, 1, 'a read is always posted');
  stop();
});

void test('clearing a halt cancels the reads first', async () => {
  const phone = fakeDevice();
  const { bus, addon, timers } = setup([phone]);
  const transport = await bus.open(only(await bus.current()));
  const late = problem(transport.read(12, { limitMs: 5 }));
  timers.ring(5);
  assert.equal((await late).kind, 'silent');
  assert.equal(addon.flying(BULK_IN).length, 1);
  await transport.clearHalt('in');
  assert.equal(addon.flying(BULK_IN).length, 0);
  assert.ok(phone.calls.includes('clear 81'));
});

void test('a reset closes the transport', async () => {
  const phone = fakeDevice();
  const { bus } = setup([phone]);
  const transport = await bus.open(only(await bus.current()));
  await transport.reset();
  assert.deepEqual(phone.calls.slice(2), ['reset', 'release 0', 'close']);
  assert.equal((await transport.closed).problem.operation, 'bus reset');
});

void test('plugging in is reported once, after the settling time; so is unplugging', async () => {
  const phone = fakeDevice();
  const { bus, addon, timers } = setup([]);
  const lists: number[] = [];
  const stop = bus.onChange((attached) => lists.push(attached.length));
  await turns();
  timers.ring(20);
  await turns();
  addon.devices = [phone];
  addon.emit('attach', phone);
  addon.emit('attach', phone);
  await turns();
  assert.deepEqual(lists, [], 'not before it has settled');
  timers.ring(400);
  await turns();
  addon.emit('attach', phone);
  timers.ring(400);
  await turns();
  assert.deepEqual(lists, [1], 'an event without a change says nothing');
  addon.devices = [];
  addon.emit('detach', phone);
  timers.ring(20);
  await turns();
  assert.deepEqual(lists, [1, 0]);
  stop();
  assert.equal(addon.listening, 0, 'nobody listens, nothing keeps the process');
});

void test('a listing that fails at the start is retried and does not stop the listener', async () => {
  const phone = fakeDevice();
  const { bus, addon, timers } = setup([]);
  const list = addon.getDeviceList.bind(addon);
  let failures = 2;
  addon.getDeviceList = () => {
    if (failures === 0) return list();
    failures -= 1;
    throw new Error('LIBUSB_ERROR_IO');
  };
  const lists: number[] = [];
  const stop = bus.onChange((attached) => lists.push(attached.length));
  await turns();
  assert.equal(addon.listening, 2);
  addon.devices = [phone];
  timers.ring(20);
  await turns();
  assert.deepEqual(lists, []);
  timers.ring(2000);
  await turns();
  assert.deepEqual(lists, [1]);
  addon.devices = [];
  addon.emit('detach', phone);
  failures = 1;
  timers.ring(20);
  await turns();
  timers.ring(2000);
  await turns();
  assert.deepEqual(lists, [1, 0], 'a listing that fails after an event is tried again');
  stop();
  assert.deepEqual(timers.pending, []);
});

void test('a USB library installed later is picked up', async () => {
  const addon = new FakeAddon();
  addon.devices = [fakeDevice()];
  const timers = new FakeTimers();
  let isThere = false;
  const load = () => (isThere ? Promise.resolve(addon) : Promise.reject(new Error('no library')));
  const bus = new UsbBus({ load, native: native(), timers, words: () => Promise.resolve(words('MTP')) });
  const stop = bus.onChange(() => undefined);
  await turns();
  isThere = true;
  timers.ring(30_000);
  await turns();
  assert.equal(addon.listening, 2);
  stop();
});

void test('the same device at the same port has another id in each process', async () => {
  const ids = await Promise.all(
    [setup([fakeDevice()]), setup([fakeDevice()])].map(async ({ bus }) => only(await bus.current()).id),
  );
  assert.notEqual(ids[0], ids[1]);
});

void test('strings come from sysfs only while the port still holds this device', async () => {
  const files: Readonly<Record<string, string>> = {
    '/sys/bus/usb/devices/3-1/devnum': '7\n',
    '/sys/bus/usb/devices/3-1/manufacturer': 'Google\n',
    '/sys/bus/usb/devices/3-1/product': 'Pixel 9\n',
    '/sys/bus/usb/devices/3-1/serial': 'ABC\n',
    '/sys/bus/usb/devices/3-1/speed': '5000\n',
    '/sys/bus/usb/devices/3-1/3-1:1.0/interface': 'MTP\n',
  };
  const read = (file: string) =>
    files[file] === undefined ? Promise.reject(new Error('ENOENT')) : Promise.resolve(files[file]);
  const phone = fakeDevice();
  assert.equal(portName(phone), '3-1');
  const found = await wordsFromSysfs(phone, candidatesOf(phone), read);
  assert.deepEqual(found, { ...words('MTP'), linkSpeed: 'super' });
  assert.equal(await wordsFromSysfs(fakeDevice({ address: 8 }), candidatesOf(phone), read), undefined);
});

/** The answer of Android's kernel at high speed (drivers/usb/gadget/composite.c): USB 2.0 extension, SuperSpeed. */
const bosOf = (...capabilities: readonly (readonly number[])[]): Buffer => {
  const all = capabilities.flat();
  return Buffer.from([5, 0x0f, (5 + all.length) & 0xff, (5 + all.length) >> 8, capabilities.length, ...all]);
};
const EXTENSION = [7, 0x10, 2, 6, 0, 0, 0];
const SUPER_SPEED = [10, 0x10, 3, 0, 0x0e, 0, 1, 10, 0xff, 7];
const plusOf = (gigabits: number) => [16, 0x10, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x30, 0, gigabits, 0];

void test('a phone on a slow cable reports its best speed', async () => {
  const phone = fakeDevice({ bcdUSB: 0x0210 });
  const { bus, addon } = setup([phone]);
  const opening = bus.open(only(await bus.current()));
  const bos = bosOf(EXTENSION, SUPER_SPEED);
  await turns();
  const [head] = addon.flying(0);
  assert.deepEqual([...(head?.buffer.subarray(0, 8) ?? [])], [0x80, 6, 0, 0x0f, 0, 0, 5, 0]);
  head?.bring(Buffer.concat([Buffer.alloc(8), bos.subarray(0, 5)]), 0);
  await turns();
  const [all] = addon.flying(0);
  assert.deepEqual([...(all?.buffer.subarray(0, 8) ?? [])], [0x80, 6, 0, 0x0f, 0, 0, bos.length, 0]);
  all?.bring(Buffer.concat([Buffer.alloc(8), bos]), 0);
  const transport = await opening;
  assert.deepEqual([transport.linkSpeed, transport.bestLinkSpeed], ['high', 'super']);
  await transport.close();
});

void test('a phone that stalls the request or has an older USB version reports no best speed', async () => {
  const stalling = setup([fakeDevice({ bcdUSB: 0x0210 })]);
  const opening = stalling.bus.open(only(await stalling.bus.current()));
  await turns();
  stalling.addon.flying(0)[0]?.end(4);
  const transport = await opening;
  assert.equal(transport.bestLinkSpeed, undefined);
  await transport.close();

  const older = setup([fakeDevice({ bcdUSB: 0x0200 })]);
  const silent = await older.bus.open(only(await older.bus.current()));
  assert.equal(older.addon.submitted.filter((one) => one.endpoint === 0).length, 0, 'it was not asked');
  await silent.close();
});

void test('closing the bus while a phone is queried leaves nothing open', async () => {
  const phone = fakeDevice({ bcdUSB: 0x0210 });
  const { bus, addon } = setup([phone]);
  const opening = problem(bus.open(only(await bus.current())));
  await turns();
  await bus.close();
  addon.flying(0)[0]?.end(4);
  assert.equal((await opening).kind, 'disconnected');
  assert.equal(phone.calls.at(-1), 'close');
});

void test('the best speed in a BOS descriptor, for any bytes', () => {
  assert.equal(speedInBos(bosOf(EXTENSION)), undefined);
  assert.equal(speedInBos(bosOf(EXTENSION, SUPER_SPEED)), 'super');
  assert.equal(speedInBos(bosOf(plusOf(10), SUPER_SPEED)), 'super-plus');
  assert.equal(speedInBos(bosOf(SUPER_SPEED, plusOf(5))), 'super');
  assert.equal(speedInBos(bosOf([10, 0x10, 3, 0, 0x06, 0, 1, 10, 0xff, 7])), undefined, 'high speed at most');
  const whole = bosOf(EXTENSION, SUPER_SPEED, plusOf(10));
  for (let length = 0; length < whole.length; length += 1)
    for (const value of [0, 1, 255])
      for (let at = 0; at < length; at += 1) {
        const bytes = Buffer.from(whole.subarray(0, length));
        bytes[at] = value;
        const best = speedInBos(bytes);
        assert.ok(best === undefined || best === 'super' || best === 'super-plus');
      }
});

void test('every libusb number has its kind', () => {
  const thrown = (errno: number) => phoneErrorOf(Object.assign(new Error('x'), { errno }), 'test').kind;
  assert.deepEqual([-1, -3, -4, -5, -6, -7, -8, -9, -12].map(thrown), [
    'disconnected',
    'forbidden',
    'disconnected',
    'disconnected',
    'held',
    'silent',
    'confused',
    'stalled',
    'held',
  ]);
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6].map((status) => statusError(status, 'test').kind),
    ['disconnected', 'silent', 'disconnected', 'stalled', 'disconnected', 'confused'],
  );
});
