import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { BULK_IN, BULK_OUT, FakeAddon, fakeDevice, FakeTimers, turns } from '../../tests/support/fake-addon.ts';
import { READ_MIN } from './bulk-in.ts';
import { UsbTransport } from './transport.ts';
import { SharedTimers, Urbs } from './urbs.ts';

const LIMIT = { last: true, limitMs: 1_000 } as const;
const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

function setup() {
  const addon = new FakeAddon();
  const timers = new FakeTimers();
  const transport = new UsbTransport({
    addon,
    device: fakeDevice(),
    mtp: {
      number: 0,
      alternate: 0,
      chooseAlternate: false,
      configuration: 1,
      string: 0,
      certainty: 'still-image',
      bulkIn: BULK_IN,
      bulkOut: BULK_OUT,
      interruptIn: undefined,
      maxPacketSize: 512,
    },
    linkSpeed: 'high',
    timers,
    onClosed: () => undefined,
  });
  const reads = (): number[] => addon.flying(BULK_IN).map((read) => read.buffer.length);
  const writes = (): number[] => addon.flying(BULK_OUT).map((write) => write.buffer.length);
  return { addon, timers, transport, reads, writes };
}

void test('the reads of an answer are posted with its command: one for the response, or one for data and one for the response', async () => {
  const { addon, transport, reads, writes } = setup();
  const asked = transport.write([bytes(16, 1)], { ...LIMIT, reads: 'response' });
  assert.deepEqual([writes(), reads()], [[16], [READ_MIN]]);
  addon.flying(BULK_OUT)[0]?.take();
  addon.flying(BULK_IN)[0]?.bring(12);
  await asked;
  assert.equal((await transport.read(32, LIMIT)).bytes.length, 12);
  assert.deepEqual(reads(), [], 'nothing is asked of a phone that owes nothing');

  const withData = transport.write([bytes(28, 2)], { ...LIMIT, reads: 100_012 });
  assert.deepEqual(reads(), [100_352, READ_MIN], 'the data in whole packets, and the response');
  for (const read of addon.flying(BULK_IN)) read.bring(read.buffer.length === READ_MIN ? 12 : 100_012);
  addon.flying(BULK_OUT)[0]?.take();
  await withData;
  assert.equal((await transport.read(100_012, LIMIT)).bytes.length, 100_012);
  assert.equal((await transport.read(32, LIMIT)).bytes.length, 12);
  assert.deepEqual(reads(), []);
});

void test('more data than one read: as many reads as a caller would have, and none for the response before the end is covered', () => {
  const { transport, reads } = setup();
  void transport.write([bytes(28, 2)], { ...LIMIT, reads: 8 * 1024 * 1024 + 12 });
  assert.equal(reads().length, 3);
});

void test('no read is in flight while data goes to the phone: one that was left over is withdrawn first, and what it brought is kept', async () => {
  const { addon, transport, reads, writes } = setup();
  // a refusal is a response without data: the second read is left over
  const refused = transport.write([bytes(16, 1)], { ...LIMIT, reads: 100 });
  addon.flying(BULK_OUT)[0]?.take();
  addon.flying(BULK_IN)[0]?.bring(12);
  await refused;
  await transport.read(32, LIMIT);
  assert.deepEqual(reads(), [READ_MIN]);

  // the next answer is served by it
  const again = transport.write([bytes(16, 1)], { ...LIMIT, reads: 'response' });
  assert.deepEqual(reads(), [READ_MIN]);
  addon.flying(BULK_OUT)[0]?.take();
  await again;

  addon.cancelsAtOnce = false;
  const sending = transport.writeBehind(bytes(20, 3), [bytes(12, 4), bytes(500, 5)], LIMIT);
  assert.deepEqual(writes(), [], 'not before the read is back');
  addon.flying(BULK_IN)[0]?.bring(bytes(12, 9), 3);
  await turns();
  assert.deepEqual([reads(), writes()], [[], [20, 512, 0]], 'the command and the data, each ended, at once');
  for (const write of addon.flying(BULK_OUT)) write.take();
  await sending;
  assert.equal((await transport.read(32, LIMIT)).bytes[0], 9);
});

void test('a read that the system never gives back holds a write up for two seconds at most', async () => {
  const { addon, timers, transport, writes } = setup();
  void transport.write([bytes(16, 1)], { ...LIMIT, reads: 100 });
  addon.flying(BULK_OUT)[0]?.take();
  await turns();
  addon.cancelsAtOnce = false;
  void transport.write([bytes(16, 1)], { ...LIMIT, reads: 'none' });
  assert.deepEqual(writes(), []);
  timers.ring(2_000);
  await turns();
  assert.deepEqual(writes(), [16]);
});

void test('an unplug while a write waits for a read to come back rejects it', async () => {
  const { addon, transport } = setup();
  void transport.write([bytes(16, 1)], { ...LIMIT, reads: 100 });
  addon.flying(BULK_OUT)[0]?.take();
  await turns();
  addon.cancelsAtOnce = false;
  const waiting = transport.write([bytes(16, 1)], { ...LIMIT, reads: 'none' });
  addon.flying(BULK_IN)[0]?.end(5);
  await assert.rejects(waiting, { kind: 'disconnected' });
});

void test('the response is asked for as soon as the last byte of the data is out, before whoever sent it goes on; not between two writes of it', async () => {
  const { addon, transport, reads, writes } = setup();
  const command = transport.writeBehind(bytes(12, 1), [bytes(512, 2)], { last: false, limitMs: 1_000 });
  for (const write of addon.flying(BULK_OUT)) write.take();
  assert.deepEqual(reads(), []);
  await command;
  const sending = transport.write([bytes(100, 3)], { ...LIMIT, endsData: true });
  assert.deepEqual([writes(), reads()], [[100], []]);
  addon.flying(BULK_OUT)[0]?.take();
  assert.deepEqual(reads(), [READ_MIN]);
  await sending;
});

void test('what was not taken has no response', async () => {
  const { addon, transport, reads } = setup();
  const sending = transport.write([bytes(100, 3)], { ...LIMIT, endsData: true });
  addon.flying(BULK_OUT)[0]?.end(4);
  await assert.rejects(sending, { kind: 'stalled' });
  assert.deepEqual(reads(), []);
});

void test('a header and a small payload are one transfer', async () => {
  const { addon, transport, writes } = setup();
  const sending = transport.writeBehind(bytes(12, 1), [bytes(12, 2), bytes(20_000, 3)], LIMIT);
  assert.deepEqual(writes(), [12, 20_012]);
  for (const write of addon.flying(BULK_OUT)) write.take();
  await sending;
});

void test('a transfer of the addon is used again once it is done; one whose submit threw never', () => {
  const addon = new FakeAddon();
  const urbs = new Urbs(addon, fakeDevice(), new FakeTimers());
  const results: number[] = [];
  const submit = (): unknown => urbs.submit(BULK_IN, 2, Buffer.alloc(512), ({ actual }) => void results.push(actual));
  submit();
  submit();
  assert.equal(addon.made, 2);
  addon.flying(BULK_IN)[1]?.bring(2);
  submit();
  assert.equal(addon.made, 2);
  addon.flying(BULK_IN)[1]?.bring(3);
  addon.flying(BULK_IN)[0]?.bring(1);
  assert.deepEqual(results, [2, 3, 1]);
  addon.refuse.push(-4);
  assert.throws(submit);
  submit();
  submit();
  assert.equal(addon.made, 3);
});

void test('a cancel that comes too late does not touch the transfer in its next use', () => {
  const addon = new FakeAddon();
  const urbs = new Urbs(addon, fakeDevice(), new FakeTimers());
  const first = urbs.submit(BULK_IN, 2, Buffer.alloc(512), () => undefined);
  addon.flying(BULK_IN)[0]?.bring(1);
  urbs.submit(BULK_IN, 2, Buffer.alloc(512), () => undefined);
  first.cancel();
  assert.equal(addon.flying(BULK_IN).length, 1);
});

void test('whoever waited for idle in vain is not kept: the next transfer that ends wakes nobody', async () => {
  const addon = new FakeAddon();
  let ring: (() => void) | undefined;
  let takenBack = 0;
  const urbs = new Urbs(addon, fakeDevice(), {
    after: (_ms, run) => {
      ring = run;
      return () => {
        takenBack += 1;
      };
    },
  });
  urbs.submit(BULK_IN, 2, Buffer.alloc(512), () => undefined);
  const waiting = urbs.idle(100);
  ring?.();
  assert.equal(await waiting, false);
  addon.flying(BULK_IN)[0]?.bring(1);
  assert.equal(takenBack, 0, 'it was woken after its limit');
  // one that is in time takes its limit back
  urbs.submit(BULK_IN, 2, Buffer.alloc(512), () => undefined);
  const inTime = urbs.idle(100);
  addon.flying(BULK_IN)[0]?.bring(1);
  assert.equal(await inTime, true);
  assert.equal(takenBack, 1);
});

void test('shared timers: each limit rings once, in its time, and one that was taken back never', (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => {
    mock.timers.reset();
  });
  const timers = new SharedTimers();
  const rang: string[] = [];
  const pass = (ms: number): void => {
    for (let step = 0; step < ms; step += 1) {
      now += 1;
      mock.timers.tick(1);
    }
  };
  timers.after(500, () => void rang.push(`500 at ${now}`));
  const stop = timers.after(200, () => void rang.push('never'));
  timers.after(100, () => {
    rang.push(`100 at ${now}`);
    timers.after(50, () => void rang.push(`50 more at ${now}`));
  });
  pass(99);
  assert.equal(rang.length, 0);
  pass(1);
  stop();
  pass(600);
  assert.deepEqual(
    rang.map((one) => one.replace(/\d+$/u, (at) => String(Math.round(Number(at) / 10) * 10))),
    ['100 at 100', '50 more at 150', '500 at 500'],
  );
});
